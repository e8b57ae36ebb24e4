/*
 * registry - how long a host takes to learn which plugins are installed, beside the floor: the same files read
 * and parsed and nothing else.
 *
 *   registry DIRECTORY [ROUNDS]      DIRECTORY holds the manifests
 *
 * In one process, warm, in turn; prints "neph_us floor_us ratio plugins", medians.
 */
#include <neph/neph.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

enum { ROUNDS_MAX = 1000, MANIFEST_MAX = 1 << 16 };

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Parses one file with yajl and looks at nothing. */
static int parse(int directory, const char *name)
{
    static unsigned char text[MANIFEST_MAX];
    static const yajl_callbacks nothing;
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC), ok;
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text);
    yajl_handle parser = yajl_alloc(&nothing, NULL, NULL);

    if (fd >= 0)
        close(fd);
    ok = parser && size > 0 && yajl_parse(parser, text, (size_t)size) == yajl_status_ok &&
         yajl_complete_parse(parser) == yajl_status_ok;
    if (parser)
        yajl_free(parser);
    return ok ? 0 : -1;
}

/* The floor: how many manifests there are; -1 if one cannot be read. */
static long floor_round(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    long count = 0;

    while (directory && count >= 0 && (entry = readdir(directory))) {
        size_t size = strlen(entry->d_name);

        if (size > 5 && !strcmp(entry->d_name + size - 5, ".json"))
            count = parse(dirfd(directory), entry->d_name) ? -1 : count + 1;
    }
    if (directory)
        closedir(directory);
    return count;
}

/* The host: how many plugins it found and did not skip. */
static long host_round(const char *path)
{
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    const neph_plugin_info *plugin;
    neph_host *host = NULL;
    long count = 0;
    size_t i;

    config.plugin_path = path;
    if (neph_host_new(&config, &host))
        return -1;
    for (i = 0; (plugin = neph_plugin_at(host, i)); i++)
        count += plugin->state == NEPH_PLUGIN_FOUND;
    neph_host_free(host);
    return count;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    static double hosts[ROUNDS_MAX], floors[ROUNDS_MAX];
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 300, found = 0, files = 0;

    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX)
        return 2;
    for (long i = -3; i < rounds; i++) { /* three to warm up */
        double begin = now_us(), middle;

        files = floor_round(argv[1]);
        middle = now_us();
        found = host_round(argv[1]);
        if (i < 0)
            continue;
        floors[i] = middle - begin;
        hosts[i] = now_us() - middle;
    }
    if (found != files || files <= 0) {
        fprintf(stderr, "registry: %ld manifests, %ld plugins found\n", files, found);
        return 1;
    }
    printf("%.1f %.1f %.3f %ld\n", median(hosts, (size_t)rounds), median(floors, (size_t)rounds),
           median(hosts, (size_t)rounds) / median(floors, (size_t)rounds), found);
    return 0;
}
