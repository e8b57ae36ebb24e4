/*
 * price - how long it takes to look up one price in a large file, beside the floor: the same file read and parsed by
 * yajl and nothing else.
 *
 *   price DIRECTORY PROVIDER ITEM REGION [ROUNDS]      DIRECTORY/prices/PROVIDER.json is the file
 *   price neph|floor DIRECTORY PROVIDER ITEM REGION    one of the two, once: for callgrind
 *
 * In one process, warm, in turn; prints "neph_us floor_us ratio bytes": medians of processor time.
 */
#include <neph/neph.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

enum { ROUNDS_MAX = 1000, PIECE = 1 << 16 };

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The floor: how many bytes the file has; -1 if it is none. */
static long floor_round(const char *directory, const char *provider)
{
    static unsigned char piece[PIECE];
    static const yajl_callbacks nothing;
    yajl_handle parser = yajl_alloc(&nothing, NULL, NULL);
    char path[4096];
    ssize_t got = 0;
    long total = 0;
    int fd, ok;

    snprintf(path, sizeof path, "%s/prices/%s.json", directory, provider);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ok = parser && fd >= 0;
    while (ok && (got = read(fd, piece, sizeof piece)) > 0) {
        ok = yajl_parse(parser, piece, (size_t)got) == yajl_status_ok;
        total += got;
    }
    ok = ok && got == 0 && yajl_complete_parse(parser) == yajl_status_ok;
    if (fd >= 0)
        close(fd);
    if (parser)
        yajl_free(parser);
    return ok ? total : -1;
}

/* neph: 0 if it knows the price. The host is made before; it reads no price. */
static int neph_round(neph_host *host, char **words)
{
    const neph_price *price;

    return neph_price_find(host, words[1], "compute", words[2], words[3], &price);
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

static int compare(neph_host *host, char **words, long rounds)
{
    static double hosts[ROUNDS_MAX], floors[ROUNDS_MAX];
    long size = 0;
    int rc = 0;

    for (long i = -3; i < rounds && rc == 0 && size >= 0; i++) { /* three to warm up */
        double begin = now_us(), middle;

        size = floor_round(words[0], words[1]);
        middle = now_us();
        rc = neph_round(host, words);
        if (i < 0)
            continue;
        floors[i] = middle - begin;
        hosts[i] = now_us() - middle;
    }
    if (rc || size <= 0) {
        fprintf(stderr, "price: %s\n", rc ? neph_host_error(host)->message : "no such file");
        return 1;
    }
    printf("%.1f %.1f %.3f %ld\n", median(hosts, (size_t)rounds), median(floors, (size_t)rounds),
           median(hosts, (size_t)rounds) / median(floors, (size_t)rounds), size);
    return 0;
}

int main(int argc, char **argv)
{
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    int is_floor = argc > 1 && strcmp(argv[1], "floor") == 0;
    int is_once = is_floor || (argc > 1 && strcmp(argv[1], "neph") == 0);
    long rounds = argc > 5 ? strtol(argv[5], NULL, 10) : 41;
    char **words = argv + 1 + is_once;
    neph_host *host = NULL;
    int status;

    if (argc < 5 + is_once || (!is_once && (rounds < 1 || rounds > ROUNDS_MAX)))
        return 2;
    config.plugin_path = words[0];
    if (neph_host_new(&config, &host))
        return 1;
    if (is_once)
        status = is_floor ? floor_round(words[0], words[1]) < 0 : neph_round(host, words) != 0;
    else
        status = compare(host, words, rounds);
    neph_host_free(host);
    return status;
}
