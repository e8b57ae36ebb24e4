/*
 * core/cloud.c - opening and closing a cloud, its endpoint set and what it remembers. No input or output.
 */
#include "core/cloud.h"

#include "core/call.h"
#include "core/price/price.h"
#include "core/services.h"
#include "core/sync/sync.h"
#include "core/text.h"
#include "core/transfer/transfer.h"

#include <string.h>

const nephi_endpoint *nephi_cloud_endpoint(const neph_cloud *cloud, const char *service)
{
    for (const nephi_endpoint *at = cloud->endpoints; at; at = at->next)
        if (service ? at->service && strcmp(at->service, service) == 0 : !at->service)
            return at;
    return NULL;
}

static void endpoint_free(neph_cloud *cloud, nephi_endpoint *endpoint)
{
    nephi_url_fini(&endpoint->url, &cloud->host->memory);
    nephi_free(&cloud->host->memory, endpoint->service);
    nephi_free(&cloud->host->memory, endpoint);
}

/* A provider may name an endpoint again: the new URL stands. */
static void endpoint_drop(neph_cloud *cloud, const char *service)
{
    for (nephi_endpoint **at = &cloud->endpoints; *at; at = &(*at)->next) {
        nephi_endpoint *endpoint = *at;
        if (service ? !endpoint->service || strcmp(endpoint->service, service) != 0
                    : endpoint->service != NULL)
            continue;
        *at = endpoint->next;
        endpoint_free(cloud, endpoint);
        return;
    }
}

int nephi_cloud_add_endpoint(neph_cloud *cloud, const char *service, const char *url,
                             int from_login, nephi_error *error)
{
    const nephi_memory *memory = &cloud->host->memory;
    nephi_endpoint *endpoint = nephi_alloc(memory, sizeof *endpoint);
    int rc = NEPH_NO_MEMORY;
    if (!endpoint)
        return nephi_fail_memory(error);
    endpoint->from_login = from_login;
    if (service && !(endpoint->service = nephi_strdup(memory, service)))
        goto out;
    rc = nephi_url_parse(&endpoint->url, memory, url, error);
out:
    if (rc) {
        endpoint_free(cloud, endpoint);
        return rc == NEPH_NO_MEMORY ? nephi_fail_memory(error) : rc;
    }
    endpoint_drop(cloud, service);
    endpoint->next = cloud->endpoints;
    cloud->endpoints = endpoint;
    return 0;
}

void nephi_cloud_forget_login(neph_cloud *cloud)
{
    nephi_endpoint **at = &cloud->endpoints;
    while (*at) {
        nephi_endpoint *endpoint = *at;
        if (!endpoint->from_login) {
            at = &endpoint->next;
            continue;
        }
        *at = endpoint->next;
        endpoint_free(cloud, endpoint);
    }
    cloud->session.is_ready = 0;
    nephi_login_forget(cloud);
    cloud->session.expires_ns = NEPH_UNKNOWN;
}

/* A whole origin, or one whose host begins with a star, as in https://(star).example.com; `size` bytes of it. */
static int host_pattern_matches(const char *pattern, size_t size, const nephi_url *url)
{
    const char *star = memchr(pattern, '*', size);
    size_t scheme = strlen(url->scheme);
    size_t tail, host;
    if (size < scheme + 3 || memcmp(pattern, url->scheme, scheme) != 0 ||
        memcmp(pattern + scheme, "://", 3) != 0)
        return 0;
    if (!star)
        return size - scheme - 3 == strlen(url->authority) &&
               memcmp(pattern + scheme + 3, url->authority, size - scheme - 3) == 0;
    tail = size - (size_t)(star + 1 - pattern);
    host = strlen(url->authority);
    return host > tail && memcmp(url->authority + host - tail, star + 1, tail) == 0;
}

/* A label before the endpoint's host (virtual-host style) is the same place. */
static int is_below(const nephi_url *url, const nephi_url *endpoint)
{
    size_t host = strlen(url->authority), tail = strlen(endpoint->authority);
    if (strcmp(url->scheme, endpoint->scheme) != 0 || host <= tail + 1)
        return 0;
    return strcmp(url->authority + host - tail, endpoint->authority) == 0 &&
           url->authority[host - tail - 1] == '.';
}

int nephi_cloud_trusts(const neph_cloud *cloud, const nephi_url *url)
{
    const char *at = cloud->provider->table.hosts;
    for (const nephi_endpoint *endpoint = cloud->endpoints; endpoint; endpoint = endpoint->next)
        if (nephi_url_same_origin(url, &endpoint->url) || is_below(url, &endpoint->url))
            return 1;
    while (at && *at) {
        size_t size = strcspn(at, " ");
        if (host_pattern_matches(at, size, url))
            return 1;
        at += size + strspn(at + size, " ");
    }
    return 0;
}

/* ---- memos: a list in order of use */

static nephi_memo **memo_find(neph_cloud *cloud, const char *name)
{
    nephi_memo **at = &cloud->memos;
    while (*at && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

static void memo_drop(neph_cloud *cloud, nephi_memo **at)
{
    nephi_memo *memo = *at;
    *at = memo->next;
    cloud->memo_count--;
    nephi_free(&cloud->host->memory, memo);
}

int nephi_cloud_remember(neph_cloud *cloud, const char *name, const char *value)
{
    size_t name_size = strlen(name) + 1, value_size = strlen(value) + 1;
    nephi_memo *memo = nephi_alloc(&cloud->host->memory, sizeof *memo + name_size + value_size);
    nephi_memo **at = memo_find(cloud, name);
    if (!memo)
        return nephi_fail_memory(cloud->failure);
    if (*at)
        memo_drop(cloud, at);
    memcpy(memo->name, name, name_size);
    memo->value = memo->name + name_size;
    memcpy(memo->value, value, value_size);
    memo->next = cloud->memos;
    cloud->memos = memo;
    if (++cloud->memo_count > NEPHI_MEMO_MAX) {
        at = &cloud->memos;
        while ((*at)->next)
            at = &(*at)->next;
        memo_drop(cloud, at);
    }
    return 0;
}

const char *nephi_cloud_recall(const neph_cloud *cloud, const char *name)
{
    nephi_memo *memo = *memo_find((neph_cloud *)cloud, name);
    return memo ? memo->value : NULL;
}

/* ---- secrets that the provider found in others */

int nephi_cloud_hide(neph_cloud *cloud, const char *text, nephi_error *error)
{
    nephi_scrub *scrub = cloud->host->scrub;
    char *kept;
    for (uint32_t i = 0; i < cloud->secret_count; i++)
        if (strcmp(cloud->secrets[i], text) == 0)
            return 0;
    if (cloud->secret_count == NEPHI_SECRETS_MAX)
        return nephi_fail(error, NEPH_LIMIT, "the provider has more than %d secrets",
                          NEPHI_SECRETS_MAX);
    kept = nephi_strdup(&cloud->host->memory, text);
    if (!kept)
        return nephi_fail_memory(error);
    if (nephi_scrub_add(scrub, kept)) {
        nephi_free_secret_string(&cloud->host->memory, kept);
        return nephi_fail_memory(error);
    }
    cloud->secrets[cloud->secret_count++] = kept;
    return 0;
}

static void secrets_forget(neph_cloud *cloud)
{
    while (cloud->secret_count) {
        char *text = cloud->secrets[--cloud->secret_count];
        nephi_scrub_remove(cloud->host->scrub, text);
        nephi_free_secret_string(&cloud->host->memory, text);
    }
}

int64_t nephi_cloud_now(const neph_cloud *cloud)
{
    return nephi_host_now(cloud->host) + cloud->clock_offset_ns;
}

/* ---- opening and closing */

static int endpoints_from_settings(neph_cloud *cloud, nephi_error *error)
{
    int rc = 0;
    for (uint32_t i = 0; i < cloud->settings.count && !rc; i++) {
        const nephi_setting_slot *slot = &cloud->settings.slots[i];
        if (slot->value && (slot->setting->flags & NEPH_SETTING_ENDPOINT))
            rc = nephi_cloud_add_endpoint(cloud, NULL, slot->value, 0, error);
    }
    return rc;
}

static int provider_open(neph_cloud *cloud, nephi_error *error)
{
    int rc;
    if (!cloud->provider->table.open)
        return 0;
    cloud->failure = error;
    rc = cloud->provider->table.open(cloud);
    cloud->failure = &cloud->host->error;
    if (rc < 0)
        return nephi_fail(error, rc, "provider \"%s\" cannot be opened with these settings",
                          cloud->provider->table.id);
    return 0;
}

int neph_cloud_open(neph_host *host, const char *name, const neph_setting_value *settings,
                    size_t count, neph_cloud **out)
{
    nephi_error *error = &host->error;
    neph_cloud *cloud;
    int rc;
    *out = NULL;
    nephi_error_clear(error);
    rc = nephi_host_check(host, error);
    if (rc)
        return rc;
    cloud = nephi_alloc(&host->memory, sizeof *cloud);
    if (!cloud)
        return nephi_fail_memory(error);
    cloud->services = &nephi_services;
    cloud->failure = error;
    cloud->host = host;
    cloud->session.expires_ns = NEPH_UNKNOWN;
    cloud->next = host->clouds;
    host->clouds = cloud;
    cloud->name = nephi_strdup(&host->memory, name);
    rc = cloud->name ? 0 : nephi_fail_memory(error);
    if (!rc)
        rc = nephi_settings_resolve(&cloud->settings, host, name, settings, count, &cloud->provider,
                                    error);
    if (!rc)
        rc = nephi_settings_hide(&cloud->settings, host->scrub) ? nephi_fail_memory(error) : 0;
    if (!rc)
        rc = endpoints_from_settings(cloud, error);
    if (!rc)
        rc = provider_open(cloud, error);
    if (rc) {
        neph_cloud_close(cloud);
        return rc;
    }
    *out = cloud;
    return 0;
}

static void cloud_unlink(neph_cloud *cloud)
{
    neph_cloud **at = &cloud->host->clouds;
    while (*at && *at != cloud)
        at = &(*at)->next;
    if (*at)
        *at = cloud->next;
}

void neph_cloud_close(neph_cloud *cloud)
{
    const nephi_memory *memory;
    if (!cloud)
        return;
    memory = &cloud->host->memory;
    nephi_syncs_end(cloud->host, cloud);
    nephi_transfers_end(cloud->host, cloud);
    nephi_limits_forget(cloud);
    nephi_calls_orphan(cloud);
    nephi_renewal_end(cloud);
    nephi_settings_unhide(&cloud->settings, cloud->host->scrub);
    secrets_forget(cloud);
    nephi_cloud_forget_login(cloud);
    while (cloud->endpoints) {
        nephi_endpoint *next = cloud->endpoints->next;
        endpoint_free(cloud, cloud->endpoints);
        cloud->endpoints = next;
    }
    while (cloud->memos)
        memo_drop(cloud, &cloud->memos);
    nephi_price_forget(cloud);
    nephi_free_secret(memory, cloud->memory, cloud->memory_size);
    nephi_settings_fini(&cloud->settings, memory);
    cloud_unlink(cloud);
    nephi_free(memory, cloud->name);
    nephi_free(memory, cloud);
}

int neph_cloud_can(const neph_cloud *cloud, uint32_t op)
{
    return nephi_provider_action(cloud->provider, op) != NULL;
}

int neph_cloud_takes(const neph_cloud *cloud, uint32_t op, int32_t member)
{
    const nephi_action *action = nephi_provider_action(cloud->provider, op);
    return action && nephi_provider_takes(cloud->provider, action, member);
}

const neph_extension_info *neph_cloud_extension(const neph_cloud *cloud, const char *name)
{
    const nephi_provider *provider = cloud->provider;
    for (uint32_t i = 0; i < provider->extension_count; i++)
        if (strcmp(provider->extensions[i].info.name, name) == 0 ||
            strcmp(provider->extensions[i].op.name, name) == 0)
            return &provider->extensions[i].info;
    return NULL;
}

int neph_cloud_setting_at(const neph_cloud *cloud, size_t index, const char **name,
                          const char **value, const char **origin)
{
    const nephi_setting_slot *slot;
    if (index >= cloud->settings.count)
        return 0;
    slot = &cloud->settings.slots[index];
    *name = slot->setting->name;
    *value = slot->setting->flags & NEPH_SETTING_SECRET ? NULL : slot->value;
    *origin = slot->value ? slot->origin : NULL;
    return 1;
}

const char *neph_cloud_provider(const neph_cloud *cloud)
{
    return cloud->provider->table.id;
}
