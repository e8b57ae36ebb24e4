/*
 * URLs from settings and servers. Input: a URL, a newline, a reference to it. What is accepted must
 * read back as the same URL and hold nothing that could break a request line.
 */
#include "core/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check(const nephi_url *url, const nephi_memory *memory)
{
    const char *at;
    nephi_url again;
    for (at = url->text; *at; at++)
        demand((unsigned char)*at > ' ' && *at != 0x7f && *at != '#');
    demand(url->path[0] == '\0' || url->path[0] == '/');
    demand(!strpbrk(url->authority, "/?#@\\"));
    demand(strncmp(url->authority, url->host, strlen(url->host)) == 0);
    demand(nephi_url_parse(&again, memory, url->text, NULL) == 0);
    demand(strcmp(again.text, url->text) == 0);
    demand(strcmp(again.path, url->path) == 0 && strcmp(again.query, url->query) == 0);
    demand(again.port == url->port && again.is_secure == url->is_secure);
    demand(nephi_url_same_origin(&again, url));
    nephi_url_fini(&again, memory);
}

/* The message of a refusal is one line and shows nothing behind the question mark. */
static void check_error(const nephi_error *error, int rc)
{
    const char *at;
    demand(rc == NEPH_INVALID || rc == NEPH_LIMIT);
    demand(error->status == rc && error->message[0]);
    for (at = error->message; *at; at++)
        demand((unsigned char)*at >= ' ');
}

static void resolve(const nephi_memory *memory, const nephi_url *base, const char *reference)
{
    nephi_error error;
    nephi_url url;
    int rc;
    nephi_error_clear(&error);
    rc = nephi_url_resolve(&url, memory, base, reference, &error);
    if (rc) {
        check_error(&error, rc);
        return;
    }
    demand(url.port != 0); /* never a socket */
    check(&url, memory);
    nephi_url_fini(&url, memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nephi_memory memory;
    nephi_error error;
    nephi_url url;
    char *text = malloc(size + 1), *reference;
    int rc;
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    reference = strchr(text, '\n');
    if (reference)
        *reference++ = '\0';
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    rc = nephi_url_parse(&url, &memory, text, &error);
    if (rc)
        check_error(&error, rc);
    else
        check(&url, &memory);
    if (!rc && reference)
        resolve(&memory, &url, reference);
    nephi_url_fini(&url, &memory);
    free(text);
    return 0;
}
