/*
 * s3d - the server of the benchmarks: answers just enough of S3 from memory, faster than any client asks.
 *
 *   s3d -p PORT [-d DELAY_MS] [-k KEYS] [-z BYTES] [-e FILE] [-s FILE]
 *
 *   GET, HEAD /BUCKET/z<SIZE>[anything]   SIZE bytes, ranges honoured, sent with sendfile()
 *   PUT       /BUCKET/KEY                 the body is dropped in the kernel (MSG_TRUNC)
 *   GET       /BUCKET?list-type=2         pages of 1,000 out of KEYS keys
 *   GET       /                           one bucket
 *   POST      /BUCKET/KEY?uploads, ?uploadId=  an object sent in parts is begun, completed; PUT takes its parts
 *   POST      /                           FILE, as DescribeInstances of EC2 answers
 *
 * -d delays every answer. -z lists objects that are there, of so many bytes each. -s FILE: over TLS, with the certificate
 * and key in FILE. One thread, one epoll loop, 127.0.0.1 alone. It checks no signature and is no
 * model of how S3 behaves: tests/servers is for that.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { KEYS_PER_PAGE = 1000, KEY_BYTES = 400, BLOB_BYTES = 1 << 30 };

struct conn {
    int fd;
    SSL *ssl; /* NULL: plain */
    char in[16384];
    size_t in_size;
    char method[8];
    char path[2048];
    bool asked; /* a whole head was read; its body may not be */
    bool expects;
    bool close;
    bool has_range;
    int64_t first, last; /* of the range */
    int64_t body;        /* bytes of it still to come */
    char head[1024];     /* of the answer */
    size_t head_size, head_sent;
    char *page; /* of a listing, owned */
    const char *memory;
    size_t memory_size, memory_sent;
    off_t blob_at;
    size_t blob_left;
    double due; /* when a delayed answer goes out */
    struct conn *next;
};

static struct {
    int epoll, listener, blob;
    double delay;
    long keys;
    long object_bytes; /* of all objects that are listed; 0: of each its own */
    SSL_CTX *tls;
    const char *bytes;         /* of the blob */
    struct conn *first, *last; /* delayed answers, oldest first */
    char *posted;              /* what a POST is answered with */
    size_t posted_size;
    char *page;
    size_t page_size;
    size_t digits[KEYS_PER_PAGE]; /* where in it the page's number stands */
} server;

static const char NAMESPACE[] = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
static const char BUCKETS[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListAllMyBucketsResult "
    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>0</ID></Owner><Buckets><Bucket>"
    "<Name>bucket</Name><CreationDate>2024-05-01T12:34:56.000Z</CreationDate></Bucket></Buckets>"
    "</ListAllMyBucketsResult>";
static const char BEGUN[] =
    "<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>bucket</Bucket>"
    "<Key>key</Key><UploadId>VXBsb2FkSUQ</UploadId></InitiateMultipartUploadResult>";
static const char COMPLETED[] =
    "<CompleteMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>bucket</Bucket>"
    "<Key>key</Key><ETag>&quot;d41d8cd98f00b204e980099800000000-1&quot;</ETag></CompleteMultipartUploadResult>";
static const char NO_KEY[] = "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>";
static const char ETAG[] = "ETag: \"d41d8cd98f00b204e980099800000000-1\"\r\n";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Appends to a buffer that was made large enough. */
__attribute__((format(printf, 3, 4))) static void add(char *buffer, size_t *size, const char *form,
                                                      ...)
{
    va_list args;
    va_start(args, form);
    int n = vsnprintf(buffer + *size, KEY_BYTES, form, args);
    va_end(args);
    if (n < 0 || n >= KEY_BYTES)
        abort();
    *size += (size_t)n;
}

/* The body of every page; only four digits of each key differ. */
static int make_page(void)
{
    if (!(server.page = malloc((size_t)KEYS_PER_PAGE * KEY_BYTES)))
        return -1;
    for (unsigned i = 0; i < KEYS_PER_PAGE; i++) {
        if (server.object_bytes)
            add(server.page, &server.page_size, "<Contents><Key>z%ld-", server.object_bytes);
        else
            add(server.page, &server.page_size, "<Contents><Key>part-2024-05-");
        server.digits[i] = server.page_size;
        add(server.page, &server.page_size,
            "0000%03u-0a1b2c3d4e5f6071.parquet</Key><LastModified>2024-05-%02uT12:%02u:56.000Z</LastModified>"
            "<ETag>&quot;d41d8cd98f00b204e9800998%08x-1&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>"
            "<ChecksumType>FULL_OBJECT</ChecksumType><Size>%ld</Size><StorageClass>STANDARD</StorageClass></Contents>",
            i, 1 + i % 28, i % 60, server.object_bytes ? 0 : i * 2654435761U,
            server.object_bytes ? server.object_bytes : 1000 + i * 7919L);
    }
    return 0;
}

static const char *reason(int status)
{
    return status == 200   ? "OK"
           : status == 206 ? "Partial Content"
           : status == 204 ? "No Content"
                           : "Error";
}

/* Queues an answer: its head, and a body in memory that stays where it is. */
static void answer(struct conn *c, int status, const char *fields, const char *memory, size_t size)
{
    static char date[40];
    static time_t at;
    time_t t = time(NULL);
    if (t != at) {
        struct tm tm;
        at = t;
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&t, &tm));
    }
    int n = snprintf(
        c->head, sizeof c->head,
        "HTTP/1.1 %d %s\r\nServer: s3d\r\nx-amz-request-id: 0123456789ABCDEF\r\nDate: %s\r\n%s"
        "Content-Type: application/xml\r\nContent-Length: %zu\r\n%s\r\n",
        status, reason(status), date, fields, size, c->close ? "Connection: close\r\n" : "");
    c->head_size = (size_t)n;
    c->head_sent = 0;
    c->memory = memory;
    c->memory_sent = 0;
    c->memory_size = memory && strcmp(c->method, "HEAD") ? size : 0;
}

static void answer_listing(struct conn *c)
{
    const char *token = strstr(c->path, "continuation-token=");
    long page = token ? strtol(token + 19, NULL, 10) : 0, pages = server.keys / KEYS_PER_PAGE;
    size_t size = 0;
    const char *prefix = strstr(c->path, "prefix=");
    bool is_elsewhere = prefix && prefix[7] && prefix[7] != '&'; /* all keys are at the top */
    bool more = page + 1 < pages && !is_elsewhere;
    if (!(c->page = malloc(server.page_size + (size_t)2 * KEY_BYTES)))
        abort();
    add(c->page, &size,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult %s><Name>bucket</Name><Prefix></Prefix>"
        "<MaxKeys>1000</MaxKeys><IsTruncated>%s</IsTruncated><KeyCount>1000</KeyCount>",
        NAMESPACE, more ? "true" : "false");
    if (more)
        add(c->page, &size, "<NextContinuationToken>%ld</NextContinuationToken>", page + 1);
    if (page >= 0 && page < pages && !is_elsewhere) {
        char digits[24];
        snprintf(digits, sizeof digits, "%04ld", page % 10000);
        memcpy(c->page + size, server.page, server.page_size);
        for (size_t i = 0; i < KEYS_PER_PAGE; i++)
            memcpy(c->page + size + server.digits[i], digits, 4);
        size += server.page_size;
    }
    add(c->page, &size, "</ListBucketResult>");
    answer(c, 200, "", c->page, size);
}

static void answer_object(struct conn *c, const char *key)
{
    char fields[400];
    int64_t size = strtoll(key + 1, NULL, 10), first = 0, last = size - 1;
    if (*key != 'z') {
        answer(c, 404, "", NO_KEY, sizeof NO_KEY - 1);
        return;
    }
    int n = snprintf(fields, sizeof fields,
                     "%sLast-Modified: Wed, 01 May 2024 12:34:56 GMT\r\nAccept-Ranges: bytes\r\n",
                     ETAG);
    if (c->has_range) {
        first = c->first;
        if (c->last >= 0 && c->last < last)
            last = c->last;
        snprintf(fields + n, sizeof fields - (size_t)n, "Content-Range: bytes %lld-%lld/%lld\r\n",
                 (long long)first, (long long)last, (long long)size);
    }
    size = last - first + 1;
    answer(c, c->has_range ? 206 : 200, fields, NULL, (size_t)size);
    c->blob_left = strcmp(c->method, "HEAD") ? (size_t)size : 0;
    c->blob_at = first + size > BLOB_BYTES ? 0 : first;
}

static void handle(struct conn *c)
{
    size_t length = strcspn(c->path, "?");
    const char *key = length > 1 ? memchr(c->path + 1, '/', length - 1) : NULL;
    if (!strcmp(c->method, "PUT"))
        answer(c, 200, ETAG, "", 0);
    else if (!strcmp(c->method, "DELETE"))
        answer(c, 204, "", "", 0);
    else if (!strcmp(c->method, "POST") && strstr(c->path, "?uploads"))
        answer(c, 200, "", BEGUN, sizeof BEGUN - 1);
    else if (!strcmp(c->method, "POST") && strstr(c->path, "uploadId="))
        answer(c, 200, "", COMPLETED, sizeof COMPLETED - 1);
    else if (key && key + 1 < c->path + length)
        answer_object(c, key + 1);
    else if (!strcmp(c->method, "POST"))
        answer(c, 200, "", server.posted, server.posted_size);
    else if (length <= 1)
        answer(c, 200, "", BUCKETS, sizeof BUCKETS - 1);
    else if (!strcmp(c->method, "HEAD"))
        answer(c, 200, "x-amz-bucket-region: us-east-1\r\n", "", 0);
    else
        answer_listing(c);
}

static void read_field(struct conn *c, const char *line)
{
    if (!strncasecmp(line, "content-length:", 15)) {
        c->body = strtoll(line + 15, NULL, 10);
    } else if (!strncasecmp(line, "range: bytes=", 13)) {
        char *end;
        c->has_range = true;
        c->first = strtoll(line + 13, &end, 10);
        c->last = *end == '-' && end[1] >= '0' && end[1] <= '9' ? strtoll(end + 1, NULL, 10) : -1;
    } else if (!strncasecmp(line, "expect:", 7)) {
        c->expects = true;
    } else if (!strncasecmp(line, "connection: close", 17)) {
        c->close = true;
    }
}

/* 1: a whole head was taken from c->in, 0: more is needed, -1: it cannot be one. */
static int read_head(struct conn *c)
{
    char *end = memmem(c->in, c->in_size, "\r\n\r\n", 4);
    if (!end)
        return c->in_size == sizeof c->in ? -1 : 0;
    *end = 0;
    if (sscanf(c->in, "%7s %2047s", c->method, c->path) != 2)
        return -1;
    c->body = 0;
    c->has_range = c->close = c->expects = false;
    for (char *line = strstr(c->in, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        read_field(c, line + 2);
    size_t used = (size_t)(end + 4 - c->in);
    memmove(c->in, c->in + used, c->in_size - used);
    c->in_size -= used;
    c->asked = true;
    return 1;
}

/* recv() and send(), over TLS where it is spoken. */
static ssize_t tls_result(struct conn *c, int n)
{
    int why;
    if (n > 0)
        return n;
    why = SSL_get_error(c->ssl, n);
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
    return -1;
}

static ssize_t receive(struct conn *c, void *to, size_t size)
{
    return c->ssl ? tls_result(c, SSL_read(c->ssl, to, (int)size)) : recv(c->fd, to, size, 0);
}

static ssize_t give(struct conn *c, const void *from, size_t size, bool more)
{
    if (c->ssl)
        return tls_result(c, SSL_write(c->ssl, from, size > 1 << 20 ? 1 << 20 : (int)size));
    return send(c->fd, from, size, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
}

/* A piece of the blob. */
static ssize_t give_blob(struct conn *c)
{
    ssize_t n;
    if (!c->ssl)
        return sendfile(c->fd, server.blob, &c->blob_at, c->blob_left);
    n = give(c, server.bytes + c->blob_at, c->blob_left, false);
    if (n > 0)
        c->blob_at += n;
    return n;
}

/* 1: sent, 0: would block, -1: the connection is over. */
static int send_answer(struct conn *c)
{
    ssize_t n;
    while (c->head_sent < c->head_size) {
        n = give(c, c->head + c->head_sent, c->head_size - c->head_sent,
                 c->memory_size || c->blob_left);
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        c->head_sent += (size_t)n;
    }
    while (c->memory_sent < c->memory_size) {
        n = give(c, c->memory + c->memory_sent, c->memory_size - c->memory_sent, false);
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        c->memory_sent += (size_t)n;
    }
    while (c->blob_left) {
        n = give_blob(c);
        if (n <= 0)
            return n < 0 && errno == EAGAIN ? 0 : -1;
        c->blob_left -= (size_t)n;
    }
    c->head_size = 0;
    c->asked = false;
    free(c->page);
    c->page = NULL;
    return c->close ? -1 : 1;
}

/* Takes bytes of a body without looking at them. */
static ssize_t drop(struct conn *c, size_t size)
{
    static char sink[1 << 18];
    if (c->ssl)
        return receive(c, sink, size < sizeof sink ? size : sizeof sink);
    return recv(c->fd, NULL, size < 1 << 24 ? size : 1 << 24, MSG_TRUNC);
}

/* Drops the body of a request. 1: all of it, 0: would block, -1: over. */
static int drop_body(struct conn *c)
{
    size_t here = (int64_t)c->in_size < c->body ? c->in_size : (size_t)c->body;
    memmove(c->in, c->in + here, c->in_size - here);
    c->in_size -= here;
    c->body -= (int64_t)here;
    while (c->body > 0) {
        ssize_t n = drop(c, (size_t)c->body);
        if (n <= 0)
            return n < 0 && errno == EAGAIN ? 0 : -1;
        c->body -= n;
    }
    return 1;
}

/* Reads until there is a whole head. 1: there is, 0: would block, -1: over. */
static int receive_head(struct conn *c)
{
    int rc;
    while (!(rc = read_head(c))) {
        ssize_t n = receive(c, c->in + c->in_size, sizeof c->in - c->in_size);
        if (n <= 0)
            return n < 0 && errno == EAGAIN ? 0 : -1;
        c->in_size += (size_t)n;
    }
    if (rc > 0 && c->expects && c->body > 0 && !c->in_size)
        (void)!give(c, "HTTP/1.1 100 Continue\r\n\r\n", 25, false);
    return rc;
}

static void put_off(struct conn *c)
{
    c->due = now() + server.delay;
    c->next = NULL;
    if (server.last)
        server.last->next = c;
    else
        server.first = c;
    server.last = c;
}

/* Goes on with a connection as far as it can. 0: wait for it, -1: over. */
static int advance(struct conn *c)
{
    int rc = 1;
    while (rc > 0 && c->due == 0) {
        if (c->head_size) {
            rc = send_answer(c);
        } else if (!c->asked) {
            rc = receive_head(c);
        } else if ((rc = drop_body(c)) > 0) {
            handle(c);
            if (server.delay > 0)
                put_off(c);
        }
    }
    return rc < 0 ? -1 : 0;
}

static void step(struct conn *c)
{
    if (advance(c) == 0)
        return;
    SSL_free(c->ssl);
    close(c->fd);
    free(c->page);
    free(c);
}

static void accept_all(void)
{
    int fd, one = 1;
    while ((fd = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct conn *c = calloc(1, sizeof *c);
        if (!c)
            abort();
        c->fd = fd;
        if (server.tls && (c->ssl = SSL_new(server.tls)) != NULL) {
            SSL_set_fd(c->ssl, fd);
            SSL_set_accept_state(c->ssl);
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP, .data.ptr = c};
        epoll_ctl(server.epoll, EPOLL_CTL_ADD, fd, &e);
    }
}

static void run_due(void)
{
    double t = now();
    while (server.first && server.first->due <= t) {
        struct conn *c = server.first;
        server.first = c->next;
        if (!server.first)
            server.last = NULL;
        c->due = 0;
        step(c);
    }
}

static void serve(void)
{
    struct epoll_event events[256];
    for (;;) {
        double wait = server.first ? (server.first->due - now()) * 1000 + 0.999 : -1;
        int n = epoll_wait(server.epoll, events, 256, server.first && wait < 0 ? 0 : (int)wait);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr)
                step(events[i].data.ptr);
            else
                accept_all();
        }
        run_due();
    }
}

static int open_listener(int port)
{
    int one = 1;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(server.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server.listener, (struct sockaddr *)&at, sizeof at) || listen(server.listener, 4096))
        return -1;
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    return epoll_ctl(server.epoll, EPOLL_CTL_ADD, server.listener, &e);
}

/* What objects are made of: bytes that do not compress, the same in each run. */
static int make_blob(void)
{
    uint64_t x = UINT64_C(88172645463325252), *words;
    server.blob = memfd_create("blob", MFD_CLOEXEC);
    if (server.blob < 0 || ftruncate(server.blob, BLOB_BYTES))
        return -1;
    words = mmap(NULL, BLOB_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, server.blob, 0);
    if (words == MAP_FAILED)
        return -1;
    server.bytes = (const char *)words;
    for (size_t i = 0; i < BLOB_BYTES / sizeof *words; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        words[i] = x;
    }
    return 0;
}

/* TLS with the certificate and key in a file. */
static int open_tls(const char *path)
{
    if (!path)
        return 0;
    server.tls = SSL_CTX_new(TLS_server_method());
    if (!server.tls || SSL_CTX_use_certificate_chain_file(server.tls, path) != 1 ||
        SSL_CTX_use_PrivateKey_file(server.tls, path, SSL_FILETYPE_PEM) != 1)
        return -1;
    SSL_CTX_set_mode(server.tls,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return 0;
}

static int read_posted(const char *path)
{
    FILE *file = path ? fopen(path, "r") : NULL;
    long size;
    int rc = -1;
    if (!path)
        return 0;
    if (file && !fseek(file, 0, SEEK_END) && (size = ftell(file)) >= 0 &&
        !fseek(file, 0, SEEK_SET) && (server.posted = malloc((size_t)size + 1)) != NULL &&
        fread(server.posted, 1, (size_t)size, file) == (size_t)size) {
        server.posted_size = (size_t)size;
        rc = 0;
    }
    if (file)
        fclose(file);
    return rc;
}

int main(int argc, char **argv)
{
    const char *posted = NULL, *certificate = NULL;
    int port = 9000, option;
    server.keys = 1000000;
    while ((option = getopt(argc, argv, "p:d:k:z:e:s:")) != -1) {
        switch (option) {
        case 'p': port = (int)strtol(optarg, NULL, 10); break;
        case 'd': server.delay = strtod(optarg, NULL) / 1000; break;
        case 'e': posted = optarg; break;
        case 's': certificate = optarg; break;
        case 'z': server.object_bytes = strtol(optarg, NULL, 10); break;
        case 'k': server.keys = strtol(optarg, NULL, 10); break;
        default: return 2;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    if (make_blob() || make_page() || read_posted(posted) || open_tls(certificate) ||
        open_listener(port)) {
        perror("s3d");
        return 1;
    }
    serve();
}
