/*
 * core/wire/xml.c - nephi_parser_class over libxml2's SAX1 push interface. Refuses document types and everything that
 * is not plain elements, attributes and text. The only user of libxml2.
 */
#include "core/wire/parts.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <pthread.h>
#include <string.h>

struct nephi_parser {
    const nephi_memory *memory;
    xmlParserCtxtPtr context;
    const nephi_events *events;
    void *user;
    nephi_error *error;
    int status; /* first failure; no more events */
    int depth;
    int has_begun; /* the first byte that is no white space came */
    size_t text_size;
    int64_t offset;
};

static pthread_once_t initialised = PTHREAD_ONCE_INIT;

static void initialise(void)
{
    xmlInitParser();
}

static void stop(nephi_parser *parser, int status)
{
    if (!parser->status)
        parser->status = status;
    xmlStopParser(parser->context);
}

static void refuse(nephi_parser *parser, const char *what)
{
    if (parser->status)
        return;
    stop(parser, nephi_fail(parser->error, NEPH_PROTOCOL, "%s at byte %lld of the reply", what,
                            (long long)parser->offset));
}

static const char *local_name(const xmlChar *name)
{
    const char *colon = strchr((const char *)name, ':');
    return colon ? colon + 1 : (const char *)name;
}

static int attributes(nephi_parser *parser, const xmlChar **list)
{
    int rc = 0;
    for (; list && *list && !rc; list += 2) {
        const char *value = list[1] ? (const char *)list[1] : "";
        if (parser->events->attribute)
            rc = parser->events->attribute(parser->user, local_name(list[0]), value, strlen(value));
    }
    return rc;
}

static void on_start(void *user, const xmlChar *name, const xmlChar **list)
{
    nephi_parser *parser = user;
    const char *local = local_name(name);
    size_t size = strlen(local);
    int rc;
    if (parser->status)
        return;
    if (++parser->depth > NEPHI_DEPTH_MAX || size > NEPHI_NAME_MAX) {
        refuse(parser, size > NEPHI_NAME_MAX ? "a name longer than 1 KiB" : "more than 64 levels");
        return;
    }
    parser->text_size = 0;
    rc = parser->events->open(parser->user, local, size);
    if (!rc && list)
        rc = attributes(parser, list);
    if (rc)
        stop(parser, rc);
}

static void on_end(void *user, const xmlChar *name)
{
    nephi_parser *parser = user;
    int rc;
    (void)name;
    if (parser->status)
        return;
    parser->depth--;
    parser->text_size = 0;
    rc = parser->events->close(parser->user);
    if (rc)
        stop(parser, rc);
}

static void on_text(void *user, const xmlChar *text, int size)
{
    nephi_parser *parser = user;
    int rc;
    if (parser->status)
        return;
    parser->text_size += (size_t)size;
    if (parser->text_size > NEPHI_TEXT_MAX) {
        refuse(parser, "a text longer than 1 MiB");
        return;
    }
    rc = parser->events->text(parser->user, (const char *)text, (size_t)size, NEPHI_TEXT_XML);
    if (rc)
        stop(parser, rc);
}

static void on_subset(void *user, const xmlChar *name, const xmlChar *public_id,
                      const xmlChar *system_id)
{
    (void)name, (void)public_id, (void)system_id;
    refuse(user, "a DOCTYPE, which no cloud sends,");
}

/* The five of XML; libxml2 asks for them too. */
static xmlEntityPtr on_entity(void *user, const xmlChar *name)
{
    (void)user;
    return xmlGetPredefinedEntity(name);
}

static void on_error(void *user, const char *format, ...)
{
    (void)user, (void)format;
}

static const xmlSAXHandler handler = {
    .internalSubset = on_subset,
    .externalSubset = on_subset,
    .getEntity = on_entity,
    .startElement = on_start,
    .endElement = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
    .warning = on_error,
    .error = on_error,
    .fatalError = on_error,
};

static int xml_create(nephi_parser **out, const nephi_memory *memory)
{
    nephi_parser *parser = nephi_alloc(memory, sizeof *parser);
    *out = NULL;
    pthread_once(&initialised, initialise);
    if (!parser)
        return NEPH_NO_MEMORY;
    parser->memory = memory;
    parser->context = xmlCreatePushParserCtxt((xmlSAXHandlerPtr)&handler, parser, NULL, 0, NULL);
    if (!parser->context) {
        nephi_free(memory, parser);
        return NEPH_NO_MEMORY;
    }
    *out = parser;
    return 0;
}

static int xml_begin(nephi_parser *parser, const nephi_events *events, void *user,
                     nephi_error *error)
{
    parser->events = events;
    parser->user = user;
    parser->error = error;
    parser->status = parser->depth = parser->has_begun = 0;
    parser->text_size = 0;
    parser->offset = 0;
    if (xmlCtxtResetPush(parser->context, NULL, 0, NULL, NULL) != 0)
        return nephi_fail_memory(error);
    xmlCtxtUseOptions(parser->context, XML_PARSE_NONET | XML_PARSE_NOENT);
    return 0;
}

/* What libxml2 found wrong, in words of one line. */
static int failed(nephi_parser *parser)
{
    const xmlError *found = xmlCtxtGetLastError(parser->context);
    char what[200] = "the document is broken";
    size_t size;
    if (parser->status)
        return parser->status;
    if (found && found->code == XML_ERR_NO_MEMORY)
        return parser->status = nephi_fail_memory(parser->error);
    if (found && found->message) {
        size = strcspn(found->message, "\n");
        if (size >= sizeof what)
            size = sizeof what - 1;
        memcpy(what, found->message, size);
        what[size] = 0;
    }
    return parser->status = nephi_fail(parser->error, NEPH_PROTOCOL,
                                       "malformed XML: %s at byte %lld of the reply", what,
                                       (long long)parser->offset);
}

/* White space before the declaration is what S3 sends to keep a connection alive. */
static size_t leading_space(nephi_parser *parser, const char *data, size_t size)
{
    size_t at = 0;
    while (!parser->has_begun && at < size && strchr(" \t\r\n", data[at]) && data[at])
        at++;
    if (at < size)
        parser->has_begun = 1;
    return at;
}

static int looks_like_html(const char *data, size_t size)
{
    return size > 5 && (strncasecmp(data, "<html", 5) == 0 ||
                        (size > 14 && strncasecmp(data, "<!doctype html", 14) == 0));
}

static int xml_feed(nephi_parser *parser, const void *data, size_t size)
{
    const char *bytes = data;
    size_t skipped = leading_space(parser, bytes, size);
    bytes += skipped;
    size -= skipped;
    parser->offset += (int64_t)skipped;
    if (parser->offset == (int64_t)skipped && looks_like_html(bytes, size))
        return parser->status = nephi_fail(
                   parser->error, NEPH_PROTOCOL,
                   "the reply is HTML, not XML: is there a proxy, or is the endpoint wrong?");
    while (size && !parser->status) {
        int piece = size > 65536 ? 65536 : (int)size;
        int code = xmlParseChunk(parser->context, bytes, piece, 0);
        if (code && !parser->status)
            return failed(parser);
        parser->offset += piece;
        bytes += piece;
        size -= (size_t)piece;
    }
    return parser->status;
}

static int xml_end(nephi_parser *parser)
{
    if (parser->status)
        return parser->status;
    if (xmlParseChunk(parser->context, NULL, 0, 1) || !parser->context->wellFormed)
        return failed(parser);
    return parser->status;
}

static void xml_destroy(nephi_parser *parser)
{
    if (!parser)
        return;
    xmlFreeParserCtxt(parser->context);
    nephi_free(parser->memory, parser);
}

static int64_t xml_offset(const nephi_parser *parser)
{
    return parser->offset;
}

const nephi_parser_class nephi_xml_class = {.create = xml_create,
                                            .begin = xml_begin,
                                            .feed = xml_feed,
                                            .end = xml_end,
                                            .destroy = xml_destroy,
                                            .offset = xml_offset};
