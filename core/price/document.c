/*
 * core/price/document.c - feeds a price list to the JSON parser, a piece at a time.
 */
#include "core/price/document.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64u << 10)

static int begin(nephi_price_document *document)
{
    int rc = nephi_json_class.create(&document->parser, document->memory);
    nephi_error_clear(&document->error);
    if (!rc)
        rc = nephi_json_class.begin(document->parser, document->events, document->user,
                                    &document->error);
    return rc;
}

/* rc: of the last piece. The path comes before what the parser said. */
static int end(nephi_price_document *document, int rc, const char *path, nephi_error *error)
{
    if (!rc)
        rc = nephi_json_class.end(document->parser);
    if (!rc && document->ended)
        rc = document->ended(document->user);
    nephi_json_class.destroy(document->parser);
    document->parser = NULL;
    if (!rc)
        return 0;
    if (rc == NEPH_NO_MEMORY)
        return nephi_fail_memory(error);
    if (rc == NEPH_PROTOCOL)
        rc = NEPH_INVALID;
    return document->error.status ? nephi_fail(error, rc, "%s: %s", path, document->error.message)
                                  : rc;
}

static int feed_file(nephi_price_document *document, int fd, char *piece)
{
    size_t total = 0;
    int rc = 0;
    while (!rc) {
        ssize_t got = read(fd, piece, PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nephi_fail(&document->error, NEPH_FILE, "cannot be read: %s", strerror(errno));
        if (got == 0)
            break;
        total += (size_t)got;
        if (total > NEPHI_PRICE_FILE_MAX)
            return nephi_fail(&document->error, NEPH_LIMIT, "is larger than 64 MiB");
        rc = nephi_json_class.feed(document->parser, piece, (size_t)got);
    }
    return rc;
}

int nephi_price_document_file(nephi_price_document *document, int fd, const char *path,
                              nephi_error *error)
{
    char *piece = nephi_realloc(document->memory, NULL, PIECE);
    int rc;
    if (!piece)
        return nephi_fail_memory(error);
    rc = begin(document);
    if (!rc)
        rc = feed_file(document, fd, piece);
    rc = end(document, rc, path, error);
    nephi_free(document->memory, piece);
    return rc;
}

int nephi_price_document_memory(nephi_price_document *document, const void *data, size_t size,
                                const char *path, nephi_error *error)
{
    int rc = begin(document);
    if (!rc)
        rc = nephi_json_class.feed(document->parser, data, size);
    return end(document, rc, path, error);
}

int nephi_price_refuse(nephi_price_document *document, const char *what)
{
    return nephi_json_refuse(document->parser, NEPH_INVALID, what);
}
