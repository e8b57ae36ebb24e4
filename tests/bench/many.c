/*
 * many - a program on libneph that keeps many calls in flight from one thread, for the figures beside ccurl.
 *
 *   many get     ENDPOINT COUNT CONCURRENCY     GET of bucket/z4096-<number>, bodies dropped
 *   many buckets ENDPOINT COUNT CONCURRENCY     a bucket list
 *
 * Every call is started from the callback of the one that ended. Prints what failed, or nothing.
 */
#include <neph/neph.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    neph_host *host;
    neph_cloud *cloud;
    int gets;
    long count, started, done, failed;
} all;

static int drop(const void *data, size_t size, void *user)
{
    (void)data;
    (void)size;
    (void)user;
    return 0;
}

static void next(void);

static void on_done(neph_call *call, int status, void *user)
{
    (void)user;
    all.done++;
    if (status && !all.failed++)
        fprintf(stderr, "many: %s\n", neph_call_error(call)->message);
    neph_call_free(call);
    next();
}

static void next(void)
{
    neph_call *call;
    char key[32];

    if (all.started == all.count)
        return;
    snprintf(key, sizeof key, "z4096-%ld", all.started++);
    if (all.gets) {
        neph_sink sink = NEPH_SINK_INIT;

        sink.to = NEPH_BODY_CALLBACK;
        sink.write = drop;
        call = neph_object_get(all.cloud, "bucket", key, &sink, NULL);
    } else {
        call = neph_bucket_list(all.cloud, NULL);
    }
    neph_on_done(call, on_done, NULL);
}

static int open_cloud(const char *endpoint, long concurrency)
{
    const neph_setting_value settings[] = {
        {"endpoint", endpoint},
        {"addressing", "path"},
        {"region", "us-east-1"},
        {"access_key", "AKIDEXAMPLE"},
        {"secret_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
    };
    neph_host_config config = NEPH_HOST_CONFIG_INIT;

    config.max_requests_per_cloud = (uint32_t)concurrency;
    if (neph_host_new(&config, &all.host))
        return -1;
    if (!neph_cloud_open(all.host, "s3", settings, sizeof settings / sizeof settings[0],
                         &all.cloud))
        return 0;
    fprintf(stderr, "many: %s\n", neph_host_error(all.host)->message);
    return -1;
}

int main(int argc, char **argv)
{
    long concurrency;

    if (argc < 5)
        return 2;
    all.gets = !strcmp(argv[1], "get");
    all.count = strtol(argv[3], NULL, 10);
    concurrency = strtol(argv[4], NULL, 10);
    if (open_cloud(argv[2], concurrency))
        return 1;
    for (long i = 0; i < concurrency; i++)
        next();
    while (all.done < all.count)
        neph_host_dispatch(all.host, -1);
    neph_cloud_close(all.cloud);
    neph_host_free(all.host);
    return all.failed != 0;
}
