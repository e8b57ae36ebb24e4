/*
 * s3_stand.c - see s3_stand.h.
 */
#include "tests/plugins/s3_stand.h"

extern const neph_plugin s3_LTX_neph_plugin_v0;

static int open_cloud(stand *at, const neph_setting_value *settings, size_t count)
{
    neph_setting_value given[8];
    size_t number = 0;
    int rc;
    for (size_t i = 0; i < count; i++)
        if (settings[i].value)
            given[number++] = settings[i];
    mock_use(&at->mock);
    assert_int_equal(neph_host_new(&at->config, &at->host), 0);
    rc = neph_host_register(at->host, &s3_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    return neph_cloud_open(at->host, "s3", given, number, &at->cloud);
}

void s3_open_with(stand *at, const char *endpoint, const char *region, const char *token,
                  const char *quirks)
{
    const neph_setting_value settings[] = {
        {"access_key", "AKIAIOSFODNN7EXAMPLE"},
        {"secret_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        {"region", region},
        {"endpoint", endpoint},
        {"session_token", token},
        {"quirks", quirks},
    };
    if (open_cloud(at, settings, NEPH_COUNT(settings)))
        fail_msg("%s", neph_host_error(at->host)->message);
}

void s3_open_recorded(stand *at, const char *recordings)
{
    const char *source = getenv("NEPH_SRCDIR");
    static char folder[1024];
    snprintf(folder, sizeof folder, "%s/plugins/s3/tests/%s", source ? source : ".", recordings);
    at->config.transport = NULL;
    at->config.replay_dir = folder;
    s3_open_with(at, LOCAL, NULL, NULL, NULL);
}

int s3_open_fails(stand *at, const char *quirks)
{
    const neph_setting_value settings[] = {
        {"access_key", "AKIAIOSFODNN7EXAMPLE"},
        {"secret_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        {"quirks", quirks},
    };
    int rc = open_cloud(at, settings, NEPH_COUNT(settings));
    if (!rc)
        neph_cloud_close(at->cloud);
    at->cloud = NULL;
    neph_host_free(at->host);
    at->host = NULL;
    return rc;
}

int s3_run(neph_call *call)
{
    int rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

neph_source s3_source(const char *text)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = text;
    source.data_size = strlen(text);
    return source;
}

neph_sink s3_sink(void)
{
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_MEMORY;
    return sink;
}

int has(const char *text, const char *part)
{
    return text && strstr(text, part) != NULL;
}
