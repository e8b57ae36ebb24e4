/*
 * ec2_stand.c - see ec2_stand.h.
 */
#include "tests/plugins/ec2_stand.h"

#define LOCAL "http://cloud.test:8773"

extern const neph_plugin ec2_LTX_neph_plugin_v0;

void ec2_open_with(stand *at, const char *endpoint, const char *region, const char *token)
{
    const neph_setting_value settings[] = {
        {"access_key", "AKIAIOSFODNN7EXAMPLE"},
        {"secret_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        {"region", region},
        {"endpoint", endpoint},
        {"session_token", token},
    };
    neph_setting_value given[NEPH_COUNT(settings)];
    size_t count = 0;
    int rc;
    for (size_t i = 0; i < NEPH_COUNT(settings); i++)
        if (settings[i].value)
            given[count++] = settings[i];
    mock_use(&at->mock);
    assert_int_equal(neph_host_new(&at->config, &at->host), 0);
    rc = neph_host_register(at->host, &ec2_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    if (neph_cloud_open(at->host, "ec2", given, count, &at->cloud))
        fail_msg("%s", neph_host_error(at->host)->message);
}

void ec2_open(stand *at, const mock_reply *replies, size_t count)
{
    mock_script(&at->mock, replies, count);
    ec2_open_with(at, LOCAL, NULL, NULL);
}

void ec2_open_recorded(stand *at, const char *recordings)
{
    const char *source = getenv("NEPH_SRCDIR");
    static char folder[1024];
    snprintf(folder, sizeof folder, "%s/plugins/ec2/tests/%s", source ? source : ".", recordings);
    at->config.transport = NULL;
    at->config.replay_dir = folder;
    ec2_open_with(at, LOCAL, NULL, NULL);
}

void ec2_done(neph_call *call)
{
    int rc = stand_run(call);
    if (rc)
        fail_msg("%s", neph_call_error(call)->message);
    neph_call_free(call);
}

void ec2_assert_form(const stand *at, size_t index, const char *form)
{
    assert_true(index < at->mock.request_count);
    assert_string_equal(at->mock.requests[index].body, form);
}

int ec2_has_form(const stand *at, size_t index, const char *part)
{
    return index < at->mock.request_count && strstr(at->mock.requests[index].body, part) != NULL;
}

void ec2_fails(neph_call *call, int status, const char *words)
{
    assert_int_equal(stand_run(call), status);
    if (!strstr(neph_call_error(call)->message, words))
        fail_msg("\"%s\" does not say \"%s\"", neph_call_error(call)->message, words);
    neph_call_free(call);
}
