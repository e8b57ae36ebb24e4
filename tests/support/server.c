/*
 * tests/support/server.c - the small server. Blocking and simple; not fast.
 */
#include "tests/support/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BODY_MAX (64u << 20)

/* ---- bytes */

static ssize_t bytes_read(test_connection *c, void *data, size_t size)
{
    int count;
    if (c->rest_size) {
        size_t used = c->rest_size < size ? c->rest_size : size;
        memcpy(data, c->rest, used);
        memmove(c->rest, c->rest + used, c->rest_size - used);
        c->rest_size -= used;
        return (ssize_t)used;
    }
    if (!c->tls)
        return recv(c->fd, data, size, 0);
    count = SSL_read(c->tls, data, size > 65536 ? 65536 : (int)size);
    return count > 0 ? count : 0;
}

int test_write(test_connection *c, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = c->tls ? SSL_write(c->tls, data, size > 65536 ? 65536 : (int)size)
                               : send(c->fd, data, size, MSG_NOSIGNAL);
        if (count <= 0)
            return 0;
        data += count;
        size -= (size_t)count;
    }
    return 1;
}

int test_write_text(test_connection *c, const char *text)
{
    return test_write(c, text, strlen(text));
}

int test_has_input(test_connection *c, int timeout_ms)
{
    struct pollfd ready = {c->fd, POLLIN, 0};
    if (c->rest_size || (c->tls && SSL_pending(c->tls)))
        return 1;
    return poll(&ready, 1, timeout_ms) == 1;
}

/* ---- requests */

int test_read_head(test_connection *c)
{
    size_t used = 0;
    for (;;) {
        char *end;
        ssize_t count;
        if (used == sizeof c->head - 1)
            return 0;
        count = bytes_read(c, c->head + used, sizeof c->head - 1 - used);
        if (count <= 0)
            return 0;
        used += (size_t)count;
        c->head[used] = '\0';
        end = strstr(c->head, "\r\n\r\n");
        if (!end)
            continue;
        c->rest_size = used - (size_t)(end + 4 - c->head);
        memcpy(c->rest, end + 4, c->rest_size);
        end[4] = '\0';
        break;
    }
    pthread_mutex_lock(&c->server->lock);
    c->server->requests++;
    pthread_mutex_unlock(&c->server->lock);
    c->requests++;
    free(c->body);
    c->body = calloc(1, 1);
    c->body_size = 0;
    return c->body != NULL;
}

static int body_take(test_connection *c, size_t size)
{
    char *body;
    if (size > BODY_MAX - c->body_size)
        return 0;
    body = realloc(c->body, c->body_size + size + 1);
    if (!body)
        return 0;
    c->body = body;
    while (size > 0) {
        ssize_t count = bytes_read(c, c->body + c->body_size, size);
        if (count <= 0)
            return 0;
        c->body_size += (size_t)count;
        size -= (size_t)count;
    }
    c->body[c->body_size] = '\0';
    return 1;
}

static int line_take(test_connection *c, char *line, size_t capacity)
{
    size_t used = 0;
    while (used + 1 < capacity && bytes_read(c, line + used, 1) == 1)
        if (line[used++] == '\n') {
            line[used] = '\0';
            return 1;
        }
    return 0;
}

static int chunks_take(test_connection *c)
{
    char line[256];
    for (;;) {
        unsigned long size;
        if (!line_take(c, line, sizeof line))
            return 0;
        size = strtoul(line, NULL, 16);
        if (size && !body_take(c, size))
            return 0;
        if (!line_take(c, line, sizeof line))
            return 0;
        if (!size)
            return 1;
    }
}

int test_read_body(test_connection *c)
{
    const char *length = strcasestr(c->head, "\r\nContent-Length:");
    if (strcasestr(c->head, "\r\nTransfer-Encoding: chunked"))
        return chunks_take(c);
    return length ? body_take(c, strtoul(length + 17, NULL, 10)) : 1;
}

int test_is(const test_connection *c, const char *begin)
{
    return strncmp(c->head, begin, strlen(begin)) == 0;
}

int test_answer(test_connection *c, const char *status, const char *body)
{
    char head[1024];
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status, strlen(body));
    return test_write_text(c, head) && test_write_text(c, body);
}

void test_reset(test_connection *c)
{
    static const struct linger hard = {1, 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/* ---- connections */

static void *connection_run(void *user)
{
    test_connection *c = user;
    int is_ready = 1;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    if (c->server->tls) {
        c->tls = SSL_new(c->server->tls);
        is_ready = c->tls && SSL_set_fd(c->tls, c->fd) == 1 && SSL_accept(c->tls) == 1;
    }
    if (is_ready)
        c->server->serve(c);
    if (c->tls && is_ready)
        SSL_shutdown(c->tls);
    pthread_mutex_lock(&c->server->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&c->server->lock);
    return NULL;
}

static void connection_new(test_server *server, int fd)
{
    test_connection *c = calloc(1, sizeof *c);
    pthread_attr_t attributes;
    if (!c) {
        close(fd);
        return;
    }
    c->server = server;
    c->fd = fd;
    pthread_mutex_lock(&server->lock);
    c->number = ++server->connections;
    c->next = server->all;
    server->all = c;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    if (pthread_create(&c->thread, &attributes, connection_run, c) != 0)
        abort();
    pthread_attr_destroy(&attributes);
    pthread_mutex_unlock(&server->lock);
}

static void *server_run(void *user)
{
    test_server *server = user;
    for (;;) {
        int fd = accept(server->fd, NULL, NULL);
        if (fd >= 0)
            connection_new(server, fd);
        else if (errno != EINTR && errno != ECONNABORTED)
            return NULL;
    }
}

/* ---- a certificate of its own for 127.0.0.1 */

static int extension_add(X509 *certificate, int number, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    int is_added;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, number, value);
    is_added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static X509 *certificate_make(EVP_PKEY *key, int is_expired)
{
    X509 *certificate = X509_new();
    X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;
    if (!certificate)
        return NULL;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), is_expired ? -60 : 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"neph test", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    if (extension_add(certificate, NID_subject_alt_name, "IP:127.0.0.1") &&
        extension_add(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
        X509_sign(certificate, key, EVP_sha256()))
        return certificate;
    X509_free(certificate);
    return NULL;
}

static int certificate_write(const X509 *certificate, char *path)
{
    int fd = mkstemp(path), is_written;
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file)
        return 0;
    is_written = PEM_write_X509(file, certificate) == 1;
    return fclose(file) == 0 && is_written;
}

static int tls_make(test_server *server, int kind)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? certificate_make(key, kind == TEST_SERVER_EXPIRED) : NULL;
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    int is_made;
    strcpy(server->ca_file, "/tmp/neph-test-ca-XXXXXX");
    is_made = certificate && tls && SSL_CTX_use_certificate(tls, certificate) == 1 &&
              SSL_CTX_use_PrivateKey(tls, key) == 1 &&
              certificate_write(certificate, server->ca_file);
    if (is_made && kind == TEST_SERVER_OLD_TLS) {
        SSL_CTX_set_security_level(tls, 0);
        SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION);
    }
    server->tls = tls;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return is_made;
}

/* ---- the server */

static int listen_unix(test_server *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char dir[] = "/tmp/neph-test-XXXXXX";
    if (!mkdtemp(dir))
        return -1;
    snprintf(server->path, sizeof server->path, "%s/s", dir);
    memcpy(address.sun_path, server->path, sizeof address.sun_path);
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return bind(server->fd, (const struct sockaddr *)&address, sizeof address);
}

static int listen_tcp(test_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(server->fd, (struct sockaddr *)&address, &size) != 0)
        return -1;
    server->port = ntohs(address.sin_port);
    return 0;
}

int test_server_start(test_server *server, int kind, test_serve_fn serve)
{
    memset(server, 0, sizeof *server);
    server->serve = serve;
    pthread_mutex_init(&server->lock, NULL);
    if (kind >= TEST_SERVER_TLS && !tls_make(server, kind))
        return -1;
    if ((kind == TEST_SERVER_UNIX ? listen_unix(server) : listen_tcp(server)) != 0)
        return -1;
    if (listen(server->fd, 4096) != 0)
        return -1;
    return pthread_create(&server->thread, NULL, server_run, server) ? -1 : 0;
}

void test_server_stop(test_server *server)
{
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);
    pthread_mutex_lock(&server->lock);
    for (const test_connection *c = server->all; c; c = c->next)
        if (c->fd >= 0)
            shutdown(c->fd, SHUT_RDWR);
    pthread_mutex_unlock(&server->lock);
    while (server->all) {
        test_connection *c = server->all;
        server->all = c->next;
        pthread_join(c->thread, NULL);
        SSL_free(c->tls);
        free(c->body);
        free(c);
    }
    SSL_CTX_free(server->tls);
    if (server->ca_file[0])
        unlink(server->ca_file);
    if (server->path[0]) {
        unlink(server->path);
        *strrchr(server->path, '/') = '\0';
        rmdir(server->path);
    }
    pthread_mutex_destroy(&server->lock);
}
