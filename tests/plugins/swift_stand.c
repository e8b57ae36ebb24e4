/*
 * swift_stand.c - see swift_stand.h.
 */
#include "tests/plugins/swift_stand.h"

extern const neph_plugin swift_LTX_neph_plugin_v0;

void swift_open_as(stand *at, const char *provider, const neph_setting_value *settings,
                   size_t count)
{
    int rc;
    mock_use(&at->mock);
    assert_int_equal(neph_host_new(&at->config, &at->host), 0);
    rc = neph_host_register(at->host, &swift_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    if (neph_cloud_open(at->host, provider, settings, count, &at->cloud))
        fail_msg("%s", neph_host_error(at->host)->message);
}

void open_direct(stand *at)
{
    const neph_setting_value settings[] = {{"endpoint", STORE}, {"token", "tok"}};
    OPEN(at, "swift", settings);
}

int run_free(neph_call *call)
{
    int rc = stand_run(call);
    neph_call_free(call);
    return rc;
}

int has(const char *text, const char *part)
{
    return text && strstr(text, part) != NULL;
}

neph_source memory_source(const char *text)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = text;
    source.data_size = strlen(text);
    return source;
}

void asked(stand *at, size_t index, const char *method, const char *path)
{
    const mock_request *request = &at->mock.requests[index];
    const char *url = strstr(request->url, "/v1/AUTH_test");
    if (index >= at->mock.request_count || strcmp(request->method, method) != 0 || !url ||
        strcmp(url + strlen("/v1/AUTH_test"), path) != 0)
        fail_msg("request %zu: %s %s, not %s %s", index, request->method, request->url, method,
                 path);
}
