/*
 * many - a program on libneph that keeps many calls in flight from one thread, for the figures beside ccurl.
 *
 *   many get     ENDPOINT COUNT CONCURRENCY     GET of bucket/z4096-<number>, bodies dropped
 *   many buckets ENDPOINT COUNT CONCURRENCY     a bucket list
 *   many nodes   ENDPOINT COUNT CONCURRENCY     a node list of each of CONCURRENCY clouds
 *
 * Every call is started from the callback of the one that ended. Prints what failed, or nothing.
 */
#include <neph/neph.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOUDS_MAX 256

static struct {
    neph_host *host;
    neph_cloud *clouds[CLOUDS_MAX];
    long cloud_count;
    neph_call *(*start)(neph_cloud *cloud, long number);
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

static neph_call *start_get(neph_cloud *cloud, long number)
{
    neph_sink sink = NEPH_SINK_INIT;
    char key[32];

    snprintf(key, sizeof key, "z4096-%ld", number);
    sink.to = NEPH_BODY_CALLBACK;
    sink.write = drop;
    return neph_object_get(cloud, "bucket", key, &sink, NULL);
}

static neph_call *start_buckets(neph_cloud *cloud, long number)
{
    (void)number;
    return neph_bucket_list(cloud, NULL);
}

static neph_call *start_nodes(neph_cloud *cloud, long number)
{
    (void)number;
    return neph_node_list(cloud, NULL);
}

static void next(void)
{
    neph_call *call;

    if (all.started == all.count)
        return;
    call = all.start(all.clouds[all.started % all.cloud_count], all.started);
    all.started++;
    neph_on_done(call, on_done, NULL);
}

static int open_cloud(const char *provider, const char *endpoint)
{
    const neph_setting_value settings[] = {
        {"endpoint", endpoint},        {"region", "us-east-1"},
        {"access_key", "AKIDEXAMPLE"}, {"secret_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
        {"addressing", "path"},
    };
    size_t count = sizeof settings / sizeof settings[0];

    if (strcmp(provider, "s3") != 0)
        count--;
    if (!neph_cloud_open(all.host, provider, settings, count, &all.clouds[all.cloud_count])) {
        all.cloud_count++;
        return 0;
    }
    fprintf(stderr, "many: %s\n", neph_host_error(all.host)->message);
    return -1;
}

static int open_clouds(const char *what, const char *endpoint, long concurrency)
{
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    int is_nodes = !strcmp(what, "nodes");

    config.max_requests_per_cloud = (uint32_t)concurrency;
    if (concurrency > CLOUDS_MAX && is_nodes)
        return -1;
    if (neph_host_new(&config, &all.host))
        return -1;
    all.start = is_nodes ? start_nodes : !strcmp(what, "get") ? start_get : start_buckets;
    for (long i = 0; i < (is_nodes ? concurrency : 1); i++)
        if (open_cloud(is_nodes ? "ec2" : "s3", endpoint))
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    long concurrency;

    if (argc < 5)
        return 2;
    all.count = strtol(argv[3], NULL, 10);
    concurrency = strtol(argv[4], NULL, 10);
    if (concurrency < 1 || open_clouds(argv[1], argv[2], concurrency))
        return 1;
    for (long i = 0; i < concurrency; i++)
        next();
    while (all.done < all.count)
        neph_host_dispatch(all.host, -1);
    while (all.cloud_count > 0)
        neph_cloud_close(all.clouds[--all.cloud_count]);
    neph_host_free(all.host);
    return all.failed != 0;
}
