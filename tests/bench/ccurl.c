/*
 * ccurl - the floor of a transfer: the least that a libcurl client can do.
 *
 *   ccurl [-c CONCURRENCY] [-n COUNT] [-T FILE [-h]] URL      URL may hold %ld: the request's number
 *
 * One thread, one curl_multi, no signing; bodies are dropped. -T uploads FILE, -h takes the SHA-256 of
 * it before each request and sends it along, as a signed upload over plain HTTP must.
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct job {
    CURL *curl;
    struct curl_slist *fields;
    off_t at;
};

static struct {
    CURLM *multi;
    char *url;
    long count, started, failed;
    int file, hashed;
    off_t size;
    const void *map;
} all = {.count = 1, .file = -1};

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

static size_t on_read(char *data, size_t size, size_t count, void *user)
{
    struct job *j = user;
    ssize_t n = pread(all.file, data, size * count, j->at);
    if (n < 0)
        return CURL_READFUNC_ABORT;
    j->at += n;
    return (size_t)n;
}

/* url with %ld replaced by number. */
static void fill(char *out, size_t size, const char *url, long number)
{
    const char *mark = strstr(url, "%ld");
    if (mark)
        snprintf(out, size, "%.*s%ld%s", (int)(mark - url), url, number, mark + 3);
    else
        snprintf(out, size, "%s", url);
}

static void hash(struct job *j)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[32];
    char field[96] = "x-amz-content-sha256: ";
    size_t at = strlen(field);
    EVP_Digest(all.map, (size_t)all.size, digest, NULL, EVP_sha256(), NULL);
    for (size_t i = 0; i < sizeof digest; i++) {
        field[at++] = hex[digest[i] >> 4];
        field[at++] = hex[digest[i] & 15];
    }
    curl_slist_free_all(j->fields);
    j->fields = curl_slist_append(curl_slist_append(NULL, "Expect:"), field);
    curl_easy_setopt(j->curl, CURLOPT_HTTPHEADER, j->fields);
}

/* Starts the next request; 0 if there is none. */
static int start(struct job *j)
{
    char url[2048];
    if (all.started == all.count)
        return 0;
    fill(url, sizeof url, all.url, all.started++);
    curl_easy_setopt(j->curl, CURLOPT_URL, url);
    j->at = 0;
    if (all.hashed)
        hash(j);
    curl_multi_add_handle(all.multi, j->curl);
    return 1;
}

static void prepare(struct job *j)
{
    long buffer = all.count == 1 ? 65536 : 16384;
    j->curl = curl_easy_init();
    j->fields = curl_slist_append(NULL, "Expect:");
    curl_easy_setopt(j->curl, CURLOPT_PRIVATE, j);
    curl_easy_setopt(j->curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(j->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(j->curl, CURLOPT_HTTPHEADER, j->fields);
    curl_easy_setopt(j->curl, CURLOPT_BUFFERSIZE, buffer);
    if (all.file < 0)
        return;
    curl_easy_setopt(j->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(j->curl, CURLOPT_UPLOAD_BUFFERSIZE, buffer);
    curl_easy_setopt(j->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)all.size);
    curl_easy_setopt(j->curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(j->curl, CURLOPT_READDATA, j);
}

/* Takes what is finished and starts as many; returns how many fewer are in flight. */
static int finish(void)
{
    int left, ended = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(all.multi, &left))) {
        struct job *j = NULL;
        long status = 0;
        CURLcode rc = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&j);
        curl_easy_getinfo(j->curl, CURLINFO_RESPONSE_CODE, &status);
        if ((rc || status / 100 != 2) && !all.failed++)
            fprintf(stderr, "ccurl: %s, status %ld\n", curl_easy_strerror(rc), status);
        curl_multi_remove_handle(all.multi, j->curl);
        ended += !start(j);
    }
    return ended;
}

static int open_file(const char *path)
{
    struct stat s;
    all.file = open(path, O_RDONLY | O_CLOEXEC);
    if (all.file < 0 || fstat(all.file, &s))
        return -1;
    all.size = s.st_size;
    all.map = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_SHARED, all.file, 0);
    return all.map == MAP_FAILED ? -1 : 0;
}

int main(int argc, char **argv)
{
    int option, flying = 0, running;
    long concurrency = 1;
    while ((option = getopt(argc, argv, "c:n:T:h")) != -1) {
        switch (option) {
        case 'c': concurrency = strtol(optarg, NULL, 10); break;
        case 'n': all.count = strtol(optarg, NULL, 10); break;
        case 'h': all.hashed = 1; break;
        case 'T':
            if (open_file(optarg)) {
                perror(optarg);
                return 1;
            }
            break;
        default: return 2;
        }
    }
    if (optind >= argc || concurrency < 1)
        return 2;
    all.url = argv[optind];
    curl_global_init(CURL_GLOBAL_ALL);
    all.multi = curl_multi_init();
    curl_multi_setopt(all.multi, CURLMOPT_MAXCONNECTS, concurrency + 8);
    struct job *jobs = calloc((size_t)concurrency, sizeof *jobs);
    for (long i = 0; jobs && i < concurrency; i++) {
        prepare(&jobs[i]);
        flying += start(&jobs[i]);
    }
    while (flying) {
        curl_multi_perform(all.multi, &running);
        flying -= finish();
        if (flying)
            curl_multi_poll(all.multi, NULL, 0, 1000, NULL);
    }
    return all.failed != 0;
}
