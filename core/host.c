/*
 * core/host.c - making, running and ending a host: its configuration, its turn of the loop, its log. What plugins there
 * are is registry.c's business, what a call does is engine.c's.
 */
#include "core/host.h"

#include "core/call.h"
#include "core/cloud.h"
#include "core/loader.h"
#include "core/place.h"
#include "core/price/price.h"
#include "core/services.h"
#include "core/sync/sync.h"
#include "core/transfer/transfer.h"
#include "core/wire/recorder.h"
#include "core/wire/replay.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

/* Counted in the child: what a host has outside its process is the parent's. Asking for the process id instead is a
 * system call, and a busy program asks twice a request. */
static atomic_uint forks;

static void fork_count(void)
{
    atomic_fetch_add(&forks, 1);
}

/* Two threads that make the first host at once have each fork count twice, which is as good. */
static int forks_watch(void)
{
    static atomic_int is_watching;
    if (!atomic_load(&is_watching) && pthread_atfork(NULL, NULL, fork_count))
        return NEPH_NO_MEMORY;
    atomic_store(&is_watching, 1);
    return 0;
}

/* The strings of a configuration that the host keeps copies of. */
static const size_t config_strings[] = {
    offsetof(neph_host_config, plugin_path),
    offsetof(neph_host_config, clouds_file),
    offsetof(neph_host_config, temporary_dir),
    offsetof(neph_host_config, ca_file),
    offsetof(neph_host_config, client_certificate),
    offsetof(neph_host_config, client_key),
    offsetof(neph_host_config, proxy),
    offsetof(neph_host_config, user_agent),
    offsetof(neph_host_config, record_dir),
    offsetof(neph_host_config, replay_dir),
    offsetof(neph_host_config, module_dir),
};

static const char **config_string(neph_host_config *config, size_t index)
{
    return (const char **)((char *)config + config_strings[index]);
}

/* What is shorter would have no allocator. */
#define CONFIG_LEAST offsetof(neph_host_config, plugin_path)
#define CONFIG_STRINGS (sizeof config_strings / sizeof *config_strings)

static void config_forget(neph_host *host)
{
    for (size_t i = 0; i < CONFIG_STRINGS; i++)
        nephi_free(&host->memory, (void *)(uintptr_t)*config_string(&host->config, i));
}

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value > 0 ? value : fallback;
}

static void config_defaults(neph_host_config *config)
{
    config->max_requests_per_cloud = (uint32_t)or_default(config->max_requests_per_cloud, 64);
    config->max_connections = or_default(config->max_connections, 1024);
    config->connect_timeout_ms = or_default(config->connect_timeout_ms, 10000);
    config->stall_timeout_ms = or_default(config->stall_timeout_ms, 60000);
    config->max_attempts = (int32_t)or_default(config->max_attempts, 5);
    config->max_bytes_per_second = or_default(config->max_bytes_per_second, 0);
}

static int config_copy(neph_host *host, const neph_host_config *given)
{
    int rc = 0;
    if (given)
        memcpy(&host->config, given,
               given->size < sizeof host->config ? given->size : sizeof host->config);
    host->config.size = sizeof host->config;
    for (size_t i = 0; i < CONFIG_STRINGS; i++) {
        const char **text = config_string(&host->config, i);
        if (!*text)
            continue;
        *text = rc ? NULL : nephi_strdup(&host->memory, *text);
        if (!*text)
            rc = NEPH_NO_MEMORY;
    }
    config_defaults(&host->config);
    return rc;
}

int neph_host_new(const neph_host_config *config, neph_host **out)
{
    nephi_memory memory;
    neph_host *host;
    int rc;
    *out = NULL;
    if (config && (config->size < CONFIG_LEAST || config->size > 65536))
        return NEPH_INVALID;
    nephi_memory_init(&memory, config ? &config->allocator : NULL);
    host = nephi_alloc(&memory, sizeof *host);
    if (!host)
        return NEPH_NO_MEMORY;
    host->memory = memory;
    host->services = &nephi_services;
    host->failure = &host->error;
    host->forks = atomic_load(&forks);
    host->is_privileged = getauxval(AT_SECURE) != 0 || geteuid() == 0;
    host->loop.poll_fd = host->loop.wake_fd = -1;
    nephi_pool_init(&host->pool, &host->memory, &nephi_services);
    rc = config_copy(host, config);
    nephi_rate_init(&host->rate, host->config.max_bytes_per_second, nephi_loop_now_ms());
    if (!rc)
        rc = forks_watch();
    if (!rc)
        rc = nephi_loop_init(&host->loop, &host->memory);
    if (!rc)
        rc = nephi_scrub_new(&host->scrub, &host->memory);
    if (!rc)
        rc = nephi_registry_new(&host->registry, host);
    if (rc) {
        neph_host_free(host);
        return rc;
    }
    *out = host;
    return 0;
}

/* Calls freed inside callbacks go now, but those that a function on the stack still looks at. */
static void graveyard_empty(neph_host *host)
{
    neph_call **at = &host->graveyard;
    neph_call *call;
    while (!host->callback_depth && (call = *at) != NULL) {
        if (call->in_hook || call->in_wait) {
            at = &call->next_dead;
            continue;
        }
        *at = call->next_dead;
        nephi_call_destroy(call);
    }
}

void neph_host_free(neph_host *host)
{
    nephi_memory memory;
    if (!host)
        return;
    memory = host->memory;
    nephi_syncs_free(host);
    nephi_transfers_free(host);
    while (host->clouds)
        neph_cloud_close(host->clouds);
    host->callback_depth = 0;
    graveyard_empty(host);
    while (host->orphans)
        nephi_call_destroy(host->orphans);
    if (host->transport_state && nephi_host_is_own(host))
        host->transport->close(host->transport_state);
    nephi_leases_free(host);
    nephi_price_found_free(host);
    nephi_registry_free(host->registry);
    nephi_pool_fini(&host->pool);
    nephi_scrub_free(host->scrub);
    nephi_loop_fini(&host->loop);
    config_forget(host);
    nephi_free(&memory, host);
}

const neph_error *neph_host_error(const neph_host *host)
{
    return nephi_error_view((nephi_error *)&host->error);
}

int nephi_host_is_own(const neph_host *host)
{
    return host->forks == atomic_load_explicit(&forks, memory_order_relaxed);
}

int nephi_host_check(neph_host *host, nephi_error *error)
{
    if (nephi_host_is_own(host))
        return 0;
    return nephi_fail(error, NEPH_INVALID,
                      "this host was made before fork(): the child must make its own");
}

/* ---- the loop's turn */

static int transport_turn(neph_host *host)
{
    return host->transport_state ? host->transport->dispatch(host->transport_state) : 0;
}

int64_t neph_host_timeout_ms(neph_host *host)
{
    int64_t timeout = nephi_loop_timeout_ms(&host->loop);
    int64_t other = host->transport_state ? host->transport->timeout_ms(host->transport_state) : -1;
    return timeout < 0 || (other >= 0 && other < timeout) ? other : timeout;
}

int neph_host_fd(neph_host *host)
{
    return host->loop.poll_fd;
}

int neph_host_dispatch(neph_host *host, int64_t timeout_ms)
{
    int64_t own;
    if (host->callback_depth)
        return NEPH_BUSY;
    if (!nephi_host_is_own(host))
        return NEPH_INVALID;
    own = neph_host_timeout_ms(host);
    if (own >= 0 && (timeout_ms < 0 || own < timeout_ms))
        timeout_ms = own;
    nephi_loop_wait(&host->loop, timeout_ms);
    transport_turn(host);
    nephi_loop_run(&host->loop);
    graveyard_empty(host);
    return 0;
}

void neph_host_wakeup(neph_host *host)
{
    nephi_loop_wakeup(&host->loop);
}

/* ---- what core's other files ask */

void nephi_log(neph_host *host, int32_t level, int32_t rule, const char *format, ...)
{
    char line[1024];
    nephi_buffer clean;
    va_list list;
    if (!host->config.log)
        return;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    nephi_buffer_init(&clean, &host->memory, 8192);
    if (!host->scrub || nephi_scrub_write(host->scrub, &clean, line, strlen(line)) == 0)
        host->config.log(level, rule, host->scrub ? nephi_buffer_string(&clean) : line,
                         host->config.log_user);
    nephi_buffer_fini(&clean);
}

int nephi_host_allows(const neph_host *host, uint32_t source)
{
    return (host->config.sources & source) == source;
}

const char *nephi_host_environment(const neph_host *host, const char *name)
{
    const char *value =
        nephi_host_allows(host, NEPH_SOURCE_ENVIRONMENT) ? secure_getenv(name) : NULL;
    return value && *value ? value : NULL;
}

const char *nephi_host_temporary_dir(const neph_host *host)
{
    const char *dir = host->config.temporary_dir;
    if (!dir)
        dir = nephi_host_environment(host, "TMPDIR");
    return dir ? dir : "/tmp";
}

int64_t nephi_host_now(const neph_host *host)
{
    struct timespec now;
    if (host->config.clock)
        return host->config.clock(host->config.clock_user);
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NEPH_NANO + now.tv_nsec;
}

#ifdef NEPHI_STATIC
#define MODULE(name) #name, sizeof(nephi_##name), &nephi_##name##_table.module
#else
#define MODULE(name) #name, sizeof(nephi_##name), NULL
#endif

/* A module of libneph's own: the file neph-NAME.so with the table nephi_NAME_table. */
typedef struct module {
    const char *name;
    size_t size;
    const nephi_module *built_in; /* NULL: to be loaded */
} module;

static int module_find(neph_host *host, const module *what, const void **table, nephi_error *error)
{
    char directory[4000], symbol[32], path[4096];
    if (what->built_in) {
        *table = what->built_in;
        return 0;
    }
    snprintf(symbol, sizeof symbol, "nephi_%s_table", what->name);
    if (host->config.module_dir)
        snprintf(directory, sizeof directory, "%s", host->config.module_dir);
    else if (!nephi_place_beside(directory, sizeof directory, "neph"))
        snprintf(directory, sizeof directory, "%s", NEPHI_PKGLIBDIR);
    snprintf(path, sizeof path, "%s/neph-%s.so", directory, what->name);
    return nephi_loader_module(host, path, symbol, table, error);
}

static int module_take(neph_host *host, const module *what, const void **out, nephi_error *error)
{
    const void *table = NULL;
    const nephi_module *head;
    int rc = module_find(host, what, &table, error);
    if (rc)
        return rc;
    head = table;
    if (head->size != what->size || strcmp(head->version, PACKAGE_VERSION) != 0)
        return nephi_fail(error, NEPH_PLUGIN,
                          "neph-%s is of another version than libneph %s: install them together",
                          what->name, PACKAGE_VERSION);
    *out = table;
    return 0;
}

int nephi_host_wire(neph_host *host, nephi_error *error)
{
    static const module wire = {MODULE(wire)};
    const void *table = host->wire;
    int rc = table ? 0 : module_take(host, &wire, &table, error);
    host->wire = table;
    return rc;
}

int nephi_host_xml(neph_host *host, nephi_error *error)
{
    static const module xml = {MODULE(xml)};
    const void *table = host->xml;
    int rc = table ? 0 : module_take(host, &xml, &table, error);
    host->xml = table;
    return rc;
}

int nephi_host_yaml(neph_host *host, nephi_error *error)
{
    static const module yaml = {MODULE(yaml)};
    const void *table = host->yaml;
    int rc = table ? 0 : module_take(host, &yaml, &table, error);
    host->yaml = table;
    return rc;
}

static void transport_config(const neph_host *host, neph_transport_config *config)
{
    memset(config, 0, sizeof *config);
    config->size = sizeof *config;
    config->ca_file = host->config.ca_file;
    config->client_certificate = host->config.client_certificate;
    config->client_key = host->config.client_key;
    config->proxy = host->config.proxy;
    config->user_agent = host->config.user_agent;
    config->max_connections = host->config.max_connections;
    config->connect_timeout_ms = host->config.connect_timeout_ms;
    config->stall_timeout_ms = host->config.stall_timeout_ms;
    config->use_environment = nephi_host_allows(host, NEPH_SOURCE_ENVIRONMENT);
    config->insecure = host->config.insecure;
}

static int transport_open(neph_host *host, const neph_transport **transport, void **state,
                          nephi_error *error)
{
    neph_transport_config config;
    int rc;
    *transport = host->config.transport ? host->config.transport : host->wire->transport;
    transport_config(host, &config);
    rc = (*transport)->open(&config, state);
    if (rc)
        return nephi_fail(error, rc, "the transport \"%s\" cannot be opened: %s",
                          (*transport)->name, neph_status_name(rc));
    return 0;
}

static int recorder_wrap(neph_host *host, const neph_transport **transport, void **state,
                         nephi_error *error)
{
    void *inner = *state;
    int rc = nephi_recorder_create(state, *transport, inner, host->config.record_dir, host->scrub,
                                   &host->memory, error);
    if (rc)
        (*transport)->close(inner);
    else
        *transport = &nephi_recorder_transport;
    return rc;
}

int nephi_host_transport(neph_host *host, nephi_error *error)
{
    const neph_transport *transport = NULL;
    void *state = NULL;
    int fd;
    int rc;
    if (host->transport_state)
        return 0;
    rc = nephi_host_wire(host, error);
    if (rc)
        return rc;
    if (host->config.replay_dir) {
        transport = &nephi_replay_transport;
        rc =
            nephi_replay_create(&state, host->config.replay_dir, host->scrub, &host->memory, error);
    } else {
        rc = transport_open(host, &transport, &state, error);
        if (!rc && host->config.record_dir)
            rc = recorder_wrap(host, &transport, &state, error);
    }
    if (rc)
        return rc;
    fd = transport->fd(state);
    if (fd >= 0 && nephi_loop_watch(&host->loop, fd)) {
        transport->close(state);
        return nephi_fail_memory(error);
    }
    host->transport = transport;
    host->transport_state = state;
    return 0;
}

int nephi_host_run(neph_host *host, const int *is_done, int64_t timeout_ms)
{
    int64_t end_ms = timeout_ms < 0 ? -1 : nephi_loop_then_ms(timeout_ms);
    int rc = 0;
    while (!*is_done && !rc) {
        int64_t left = end_ms < 0 ? -1 : end_ms - nephi_loop_now_ms();
        rc = neph_host_dispatch(host, end_ms >= 0 && left < 0 ? 0 : left);
        if (!rc && !*is_done && end_ms >= 0 && nephi_loop_now_ms() >= end_ms)
            rc = NEPH_AGAIN;
    }
    return rc;
}
