/*
 * core/renewal.c - settings that expire: when an open cloud asks their source again, what is done if it has none, and how
 * long the scrubber remembers what was replaced. How the source is asked is setting.c's business.
 */
#include "core/cloud.h"

#include "core/text.h"

#define BEFORE_NS (300 * NEPH_NANO) /* renewed so long before they expire */
#define PAUSE_NS (10 * NEPH_NANO)   /* between two tries: a command may take its time to fail */

/* "credential_process of profile default" */
static const char *origin_of(const nephi_settings *settings)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        const nephi_setting_slot *slot = &settings->slots[i];
        if (slot->value && (slot->setting->flags & NEPH_SETTING_GROUP))
            return slot->origin;
    }
    return "their source";
}

static int renew(neph_cloud *cloud, nephi_error *error)
{
    neph_host *host = cloud->host;
    nephi_renewal *renewal = &cloud->renewal;
    nephi_settings fresh;
    char until[40];
    int rc = nephi_settings_renew(&fresh, &cloud->settings, host, cloud->provider, error);
    if (rc)
        return rc;
    if (nephi_settings_hide(&fresh, host->scrub)) {
        nephi_settings_unhide(&fresh, host->scrub);
        nephi_settings_fini(&fresh, &host->memory);
        return nephi_fail_memory(error);
    }
    nephi_renewal_end(cloud);
    nephi_settings_swap(&cloud->settings, &fresh);
    renewal->old = fresh;
    if (cloud->in_flight <= 1) /* the call that asks for it */
        nephi_renewal_end(cloud);
    if (cloud->settings.expires_ns == NEPH_UNKNOWN)
        return 0;
    nephi_write_time(until, sizeof until, cloud->settings.expires_ns);
    nephi_log(host, NEPH_LOG_INFO, 0, "%s: %s: renewed, good until %s", cloud->provider->table.id,
              origin_of(&cloud->settings), until);
    return 0;
}

/* May it be tried again? A clock that was set back says nothing, and what has expired is of no use. */
static int is_due(const nephi_renewal *renewal, int64_t now_ns, int64_t expires_ns)
{
    int is_rested =
        !renewal->tried_ns || now_ns < renewal->tried_ns || now_ns - renewal->tried_ns >= PAUSE_NS;
    return is_rested || (now_ns >= expires_ns && !renewal->has_failed);
}

static int fail_expired(const neph_cloud *cloud, const char *why, nephi_error *error)
{
    return nephi_fail(error, NEPH_AUTH,
                      "the keys from %s have expired, and it gave no new ones: %s",
                      origin_of(&cloud->settings), why);
}

int nephi_renewal_ensure(neph_cloud *cloud, nephi_error *error)
{
    int64_t expires_ns = cloud->settings.expires_ns, now_ns;
    nephi_error inner;
    int rc;
    if (expires_ns == NEPH_UNKNOWN)
        return 0;
    now_ns = nephi_host_now(cloud->host);
    if (nephi_time_between(now_ns, expires_ns) > BEFORE_NS)
        return 0;
    if (!is_due(&cloud->renewal, now_ns, expires_ns))
        return now_ns < expires_ns ? 0 : fail_expired(cloud, "it was asked a moment ago", error);
    nephi_error_clear(&inner);
    rc = renew(cloud, &inner);
    cloud->renewal.tried_ns = now_ns;
    cloud->renewal.has_failed = rc != 0;
    if (!rc)
        return 0;
    if (now_ns >= expires_ns)
        return rc == NEPH_NO_MEMORY ? nephi_fail_memory(error)
                                    : fail_expired(cloud, inner.message, error);
    nephi_log(cloud->host, NEPH_LOG_WARNING, 0,
              "%s: %s: could not be renewed, and expires in %lld s: %s", cloud->provider->table.id,
              origin_of(&cloud->settings), (long long)((expires_ns - now_ns) / NEPH_NANO),
              inner.message);
    return 0;
}

void nephi_renewal_end(neph_cloud *cloud)
{
    nephi_settings_unhide(&cloud->renewal.old, cloud->host->scrub);
    nephi_settings_fini(&cloud->renewal.old, &cloud->host->memory);
}
