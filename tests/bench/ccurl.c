/*
 * ccurl - the floor of a transfer: the least that a libcurl client can do.
 *
 *   ccurl [-c CONCURRENCY] [-n COUNT] [-H LINE]... [-T FILE [-h]] [-s BYTES -r BYTES] [-o FILE] [-d DIRECTORY] URL
 *
 * One thread, one curl_multi, no signing; bodies are dropped. URL may hold %ld: the request's number. -H sends a header
 * line with each request (not with -h). -T uploads FILE, -h takes the SHA-256 of it before each request and sends it
 * along, as a signed upload over plain HTTP must. -s -r cuts so many bytes into ranges (or, with -T, parts of an upload)
 * of so many; -o writes them to FILE with pwrite, -d each object to a file of its own, made anew. $SSL_CERT_FILE says
 * whom to trust.
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
    int out;        /* the file of this request */
    off_t at, left; /* in the file that is read or written */
    off_t first;    /* of the part */
};

static struct {
    CURLM *multi;
    char *url;
    long count, started, failed;
    int file, hashed, out, directory;
    off_t size;        /* of the file that is sent */
    off_t total, part; /* what is cut, into what */
    const void *map;
    struct curl_slist *lines; /* of -H */
} all = {.count = 1, .file = -1, .out = -1, .directory = -1};

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    struct job *j = user;
    if (j->out < 0)
        return size * count;
    ssize_t n = pwrite(j->out, data, size * count, j->at);
    if (n > 0)
        j->at += n;
    return n < 0 ? 0 : (size_t)n;
}

static size_t on_read(char *data, size_t size, size_t count, void *user)
{
    struct job *j = user;
    size_t wanted = (off_t)(size * count) < j->left ? size * count : (size_t)j->left;
    ssize_t n = pread(all.file, data, wanted, j->at);
    if (n < 0)
        return CURL_READFUNC_ABORT;
    j->at += n;
    j->left -= n;
    return (size_t)n;
}

static int on_seek(void *user, curl_off_t to, int from)
{
    struct job *j = user;
    (void)from;
    j->left += j->at - j->first - to;
    j->at = j->first + to;
    return CURL_SEEKFUNC_OK;
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

/* The request is for a part of the whole. */
static void cut(struct job *j, char *url, size_t size, long number)
{
    char range[64];
    size_t length = strlen(url);
    j->first = j->at = number * all.part;
    j->left = all.total - j->at < all.part ? all.total - j->at : all.part;
    if (all.file >= 0) {
        snprintf(url + length, size - length, "%spartNumber=%ld&uploadId=VXBsb2FkSUQ",
                 strchr(url, '?') ? "&" : "?", number + 1);
        return;
    }
    snprintf(range, sizeof range, "%lld-%lld", (long long)j->at, (long long)(j->at + j->left - 1));
    curl_easy_setopt(j->curl, CURLOPT_RANGE, range);
}

/* Starts the next request; 0 if there is none. */
static int start(struct job *j)
{
    char url[2048], name[32];
    long number = all.started;
    if (all.started == all.count)
        return 0;
    fill(url, sizeof url, all.url, all.started++);
    j->first = j->at = 0;
    j->left = all.size;
    j->out = all.out;
    if (all.part)
        cut(j, url, sizeof url, number);
    if (all.directory >= 0) {
        snprintf(name, sizeof name, "%ld", number);
        j->out = openat(all.directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    }
    curl_easy_setopt(j->curl, CURLOPT_URL, url);
    if (all.file >= 0)
        curl_easy_setopt(j->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)j->left);
    if (all.hashed)
        hash(j);
    curl_multi_add_handle(all.multi, j->curl);
    return 1;
}

static void prepare(struct job *j)
{
    long buffer = all.count == 1 || all.part ? 65536 : 16384;
    j->curl = curl_easy_init();
    j->fields = curl_slist_append(NULL, "Expect:");
    for (const struct curl_slist *line = all.lines; line; line = line->next)
        j->fields = curl_slist_append(j->fields, line->data);
    curl_easy_setopt(j->curl, CURLOPT_PRIVATE, j);
    curl_easy_setopt(j->curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(j->curl, CURLOPT_WRITEDATA, j);
    curl_easy_setopt(j->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(j->curl, CURLOPT_HTTPHEADER, j->fields);
    curl_easy_setopt(j->curl, CURLOPT_BUFFERSIZE, buffer);
    if (getenv("SSL_CERT_FILE"))
        curl_easy_setopt(j->curl, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
    if (all.file < 0)
        return;
    curl_easy_setopt(j->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(j->curl, CURLOPT_UPLOAD_BUFFERSIZE, buffer);
    curl_easy_setopt(j->curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(j->curl, CURLOPT_READDATA, j);
    curl_easy_setopt(j->curl, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(j->curl, CURLOPT_SEEKDATA, j);
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
        if (all.directory >= 0)
            close(j->out);
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
    while ((option = getopt(argc, argv, "c:n:H:T:hs:r:o:d:")) != -1) {
        switch (option) {
        case 'c': concurrency = strtol(optarg, NULL, 10); break;
        case 'n': all.count = strtol(optarg, NULL, 10); break;
        case 'H': all.lines = curl_slist_append(all.lines, optarg); break;
        case 'h': all.hashed = 1; break;
        case 's': all.total = strtoll(optarg, NULL, 10); break;
        case 'r': all.part = strtoll(optarg, NULL, 10); break;
        case 'o': all.out = open(optarg, O_WRONLY | O_CREAT | O_CLOEXEC, 0644); break;
        case 'd': all.directory = open(optarg, O_DIRECTORY | O_RDONLY | O_CLOEXEC); break;
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
    if (all.part)
        all.count = (all.total + all.part - 1) / all.part;
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
