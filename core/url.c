/*
 * core/url.c - URLs of endpoints and those that servers send. Takes them apart and refuses what
 * neph never sends; whether an origin may see credentials is decided elsewhere (endpoint set).
 */
#include "core/url.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 200 /* bytes of a URL in a message */
#define HOST_MAX 253
#define UNIX_PATH_MAX 107 /* of sun_path, without its NUL */

static const struct scheme {
    const char *name;
    int32_t port;
    int32_t is_secure;
} schemes[] = {{"http", 80, 0}, {"https", 443, 1}, {"unix", 0, 0}};

/* A stretch of the text being parsed. */
typedef struct span {
    const char *at;
    size_t size;
} span;

/* The parts before they are copied. */
typedef struct parts {
    const struct scheme *scheme;
    span host, path, query;
    int32_t port;
} parts;

/* Writes what a message may show: neither user info nor a query, which may be a signature. */
static void show(char *out, size_t capacity, const char *text)
{
    size_t size = strcspn(text, "?#");
    size_t begin = strcspn(text, ":/@?#");
    size_t secret_end = size;
    while (secret_end > 0 && text[secret_end - 1] != '@')
        secret_end--;
    begin += strspn(text + begin, ":/");
    if (secret_end > begin)
        snprintf(out, capacity, "%.*s[redacted]@%.*s", (int)begin, text, (int)(size - secret_end),
                 text + secret_end);
    else
        snprintf(out, capacity, "%.*s", (int)size, text);
}

static int refuse(nephi_error *error, const char *text, const char *why)
{
    char shown[SHOWN_MAX];
    show(shown, sizeof shown, text);
    return nephi_fail(error, NEPH_INVALID, "URL \"%s\" %s", shown, why);
}

/* Length of "scheme" if the text begins with "scheme:", else 0. RFC 3986 section 3.1. */
static size_t scheme_length(const char *text)
{
    size_t size = 0;
    for (;; size++) {
        char c = text[size];
        int is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        int is_other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (!is_letter && (size == 0 || !is_other))
            return c == ':' ? size : 0;
    }
}

static const struct scheme *scheme_find(const char *text, size_t size)
{
    char name[8];
    size_t i;
    if (size == 0 || size >= sizeof name)
        return NULL;
    memcpy(name, text, size);
    name[size] = '\0';
    for (i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (nephi_same_name(schemes[i].name, name))
            return &schemes[i];
    return NULL;
}

static int has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            return 1;
    return 0;
}

static int is_host_char(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* Labels of letters, digits, '-' and '_' between dots; one dot may end it. */
static int is_name(span host)
{
    size_t i, label = 0;
    for (i = 0; i < host.size; i++) {
        int is_dot = host.at[i] == '.';
        if (is_dot ? label == 0 : !is_host_char(host.at[i]))
            return 0;
        label = is_dot ? 0 : label + 1;
    }
    return host.size > 0 && host.size <= HOST_MAX;
}

/* "[::1]": only that nothing else stands in it; the resolver knows the rest. */
static int is_address(span host)
{
    size_t i, colons = 0;
    if (host.size < 4 || host.size > 48 || host.at[host.size - 1] != ']')
        return 0;
    for (i = 1; i + 1 < host.size; i++) {
        char c = host.at[i];
        int is_hex = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
        if (!is_hex && c != ':' && c != '.')
            return 0;
        colons += c == ':';
    }
    return colons >= 2;
}

static int is_port(const char *text, size_t size, int32_t *out)
{
    int64_t value;
    if (size > 5 || !nephi_read_integer(text, size, &value) || value < 1 || value > 65535)
        return 0;
    *out = (int32_t)value;
    return 1;
}

/* "host", "host:port", "[::1]:port". Returns NULL, or what is wrong. */
static const char *read_authority(parts *out, span all)
{
    size_t bracket = 0;
    const char *colon;
    if (all.size == 0)
        return "has no host";
    if (memchr(all.at, '@', all.size))
        return "has a user name or password in it: leave it out, and set the credentials";
    if (all.at[0] == '[')
        while (bracket + 1 < all.size && all.at[bracket] != ']')
            bracket++;
    out->host = all;
    colon = memchr(all.at + bracket, ':', all.size - bracket);
    if (colon) {
        out->host.size = (size_t)(colon - all.at);
        if (!is_port(colon + 1, all.size - out->host.size - 1, &out->port))
            return "has no valid port: a number from 1 to 65535 stands behind the colon";
    }
    if (all.at[0] == '[' ? !is_address(out->host) : !is_name(out->host))
        return "has no valid host: use ASCII letters, digits, '-', '_' and dots, or [IPv6]";
    return NULL;
}

static const char *read_unix(parts *out, const char *text)
{
    static const char host[] = "localhost";
    out->host = (span){host, sizeof host - 1};
    out->path = (span){text, strlen(text)};
    if (text[0] != '/' || text[1] == '\0' || text[1] == '/')
        return "names no socket: write unix:/path";
    if (strchr(text, '?'))
        return "has a query, which a socket cannot have";
    if (out->path.size > UNIX_PATH_MAX)
        return "has too long a path for a socket";
    return NULL;
}

/* Takes the text apart. Returns NULL, or what is wrong. */
static const char *read_parts(parts *out, const char *text)
{
    size_t scheme_size = scheme_length(text);
    span authority;
    memset(out, 0, sizeof *out);
    if (has_control(text))
        return "has a blank or control character in it";
    out->scheme = scheme_find(text, scheme_size);
    if (!out->scheme)
        return "does not begin with http://, https:// or unix:/";
    if (strchr(text, '#'))
        return "has a fragment (#)";
    out->port = out->scheme->port;
    text += scheme_size + 1;
    if (out->port == 0)
        return read_unix(out, text);
    if (strncmp(text, "//", 2) != 0)
        return "has no host: write two slashes after the colon";
    text += 2;
    authority = (span){text, strcspn(text, "/?")};
    text += authority.size;
    out->path = (span){text, strcspn(text, "?")};
    text += out->path.size;
    if (*text == '?')
        out->query = (span){text + 1, strlen(text + 1)};
    return read_authority(out, authority);
}

/* ---- the copy: "whole text", scheme, host, authority, path and query, one behind the other */

static char *put(char *out, const char *text, size_t size)
{
    if (size > 0)
        memcpy(out, text, size);
    return out + size;
}

static char *put_text(char *out, const char *text)
{
    return put(out, text, strlen(text));
}

/* Appends a part with its NUL. */
static char *part(char **out, const char *text, size_t size)
{
    char *start = *out;
    *out = put(start, text, size);
    *(*out)++ = '\0';
    return start;
}

static void lower(char *text)
{
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text |= 0x20;
}

static char *put_whole(char *out, const nephi_url *url)
{
    out = put_text(out, url->scheme);
    out = put_text(out, url->port ? "://" : ":");
    if (url->port)
        out = put_text(out, url->authority);
    out = put_text(out, url->path);
    if (*url->query)
        *out++ = '?';
    out = put_text(out, url->query);
    *out = '\0';
    return out;
}

static int copy_parts(nephi_url *out, const nephi_memory *memory, const parts *in)
{
    /* Twice all parts and the host once more; ports, slashes and NULs are in the 64. */
    size_t size = 3 * in->host.size + 2 * (in->path.size + in->query.size) + 64;
    size_t whole = in->host.size + in->path.size + in->query.size + 20;
    nephi_url url = {0};
    char port[16], *at;
    url.text = nephi_alloc(memory, size);
    if (!url.text)
        return NEPH_NO_MEMORY;
    at = url.text + whole;
    url.port = in->port;
    url.is_secure = in->scheme->is_secure;
    url.scheme = part(&at, in->scheme->name, strlen(in->scheme->name));
    url.host = part(&at, in->host.at, in->host.size);
    lower((char *)(uintptr_t)url.host);
    url.authority = part(&at, url.host, in->host.size);
    if (in->port != in->scheme->port) {
        snprintf(port, sizeof port, ":%d", (int)in->port);
        at = put_text(at - 1, port) + 1; /* zeroed memory: the NUL is there */
    }
    url.path = part(&at, in->path.at, in->path.size);
    url.query = part(&at, in->query.at, in->query.size);
    put_whole(url.text, &url);
    *out = url;
    return 0;
}

int nephi_url_parse(nephi_url *url, const nephi_memory *memory, const char *text,
                    nephi_error *error)
{
    const char *wrong;
    parts found;
    memset(url, 0, sizeof *url);
    if (strlen(text) > NEPHI_URL_MAX)
        return nephi_fail(error, NEPH_LIMIT, "URL of more than %d bytes", NEPHI_URL_MAX);
    wrong = read_parts(&found, text);
    if (wrong)
        return refuse(error, text, wrong);
    if (copy_parts(url, memory, &found))
        return nephi_fail_memory(error);
    return 0;
}

void nephi_url_fini(nephi_url *url, const nephi_memory *memory)
{
    size_t size = url->text ? (size_t)(url->query - url->text) + strlen(url->query) : 0;
    nephi_free_secret(memory, url->text, size); /* a query may be a signature */
    memset(url, 0, sizeof *url);
}

int nephi_url_same_origin(const nephi_url *a, const nephi_url *b)
{
    if (strcmp(a->scheme, b->scheme) != 0)
        return 0;
    if (a->port == 0)
        return strcmp(a->path, b->path) == 0;
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* ---- references, RFC 3986 section 5.2, but dots inside a path stay: keys may hold them */

/* Where the path of base ends to which a relative reference is appended; leading "./" and "../"
 * are consumed. */
static size_t base_folder(const char *path, const char **reference)
{
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) + 1 : 0;
    while ((*reference)[0] == '.') {
        if ((*reference)[1] == '/') {
            *reference += 2;
        } else if (strncmp(*reference, "../", 3) == 0) {
            *reference += 3;
            for (size -= size > 1; size > 0 && path[size - 1] != '/'; size--)
                ;
        } else {
            break;
        }
    }
    return size;
}

/* The absolute form of a reference without scheme. base is no socket. */
static void write_absolute(char *out, const nephi_url *base, const char *reference)
{
    int is_host = strncmp(reference, "//", 2) == 0;
    int is_query = *reference == '?' || *reference == '\0';
    size_t folder;
    out = put_text(out, base->scheme);
    out = put_text(out, is_host ? ":" : "://");
    if (!is_host)
        out = put_text(out, base->authority);
    if (is_query) {
        out = put_text(out, base->path);
        if (*reference == '\0' && *base->query)
            *out++ = '?';
        if (*reference == '\0')
            out = put_text(out, base->query);
    } else if (*reference != '/') {
        folder = base_folder(base->path, &reference);
        out = put(out, folder ? base->path : "/", folder ? folder : 1);
    }
    out = put_text(out, reference);
    *out = '\0';
}

/* Servers send fragments; they are for browsers. */
static char *without_fragment(const nephi_memory *memory, const char *reference)
{
    return nephi_strndup(memory, reference, strcspn(reference, "#"));
}

int nephi_url_resolve(nephi_url *url, const nephi_memory *memory, const nephi_url *base,
                      const char *reference, nephi_error *error)
{
    char *own = NULL, *absolute = NULL;
    int rc;
    memset(url, 0, sizeof *url);
    if (strlen(reference) > NEPHI_URL_MAX)
        return nephi_fail(error, NEPH_LIMIT, "URL of more than %d bytes", NEPHI_URL_MAX);
    own = without_fragment(memory, reference);
    if (!own)
        return nephi_fail_memory(error);
    if (scheme_find(own, scheme_length(own)) == &schemes[2] || base->port == 0) {
        rc = refuse(error, own, "comes from a server and names a socket, or came through one");
        goto out;
    }
    if (scheme_length(own)) {
        rc = nephi_url_parse(url, memory, own, error);
        goto out;
    }
    absolute = nephi_alloc(memory, strlen(base->text) + strlen(own) + 8);
    if (!absolute) {
        rc = nephi_fail_memory(error);
        goto out;
    }
    write_absolute(absolute, base, own);
    rc = nephi_url_parse(url, memory, absolute, error);
out:
    nephi_free_secret_string(memory, absolute);
    nephi_free_secret_string(memory, own);
    return rc;
}

int nephi_url_is_link_local(const nephi_url *url)
{
    const char *host = url->host;
    if (strncmp(host, "169.254.", 8) == 0)
        return host[strspn(host, "0123456789.")] == '\0';
    return strncmp(host, "[fe80:", 6) == 0 || strcmp(host, "[fd00:ec2::254]") == 0;
}
