/*
 * core/wire/xml.c - nephi_parser_class over libxml2's SAX1 push interface. Refuses document types and everything that
 * is not plain elements, attributes and text. The only user of libxml2, and a module of its own: libxml2 brings ten
 * libraries along, and who reads no XML does without them.
 */
#include "core/wire/parts.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#define PIECE 65536
#define DICTIONARY_MAX                                                                             \
    (256u << 10) /* bytes of names that a parser keeps from document to document */

#if LIBXML_VERSION < 21200
typedef xmlError found_error;
#else
typedef const xmlError found_error;
#endif

/* An element's name and what it is without its prefix. libxml2 has each name once, for as long as its dictionary is. */
typedef struct known_name {
    const xmlChar *name;
    const char *local;
    size_t size;
} known_name;

#define NAMES 64

struct nephi_parser {
    const nephi_memory *memory;
    xmlParserCtxtPtr context;
    const nephi_events *events;
    void *user;
    nephi_error *error;
    int status; /* first failure; no more events */
    int has_no_memory;
    int mark_size; /* bytes of a byte order mark that came */
    int depth, has_root;
    char head[16]; /* how the document begins, for messages */
    size_t head_size;
    size_t text_size;
    int64_t skipped;    /* white space before the document */
    int64_t offset;     /* bytes given to libxml2 */
    int64_t last_event; /* offset then */
    int64_t broken_at;  /* where libxml2 found something wrong; -1: nowhere */
    int64_t stopped_at;
    known_name names[NAMES]; /* by address */
};

static pthread_once_t initialised = PTHREAD_ONCE_INIT;

static void initialise(void)
{
    xmlInitParser();
}

/* ---- failures */

static int64_t position(const nephi_parser *parser)
{
    long consumed = xmlByteConsumed(parser->context);
    return parser->skipped + (consumed < 0 ? parser->offset : consumed);
}

static int64_t xml_offset(const nephi_parser *parser)
{
    return parser->status ? parser->stopped_at : position(parser);
}

/* libxml2 forgets where it was when it is stopped, or stops by itself. */
static void stop(nephi_parser *parser, int status)
{
    parser->stopped_at = parser->broken_at < 0 ? position(parser) : parser->broken_at;
    parser->status = status;
    xmlStopParser(parser->context);
}

static void refuse(nephi_parser *parser, const char *what)
{
    stop(parser, nephi_fail(parser->error, NEPH_PROTOCOL, "%s at byte %lld of the reply", what,
                            (long long)xml_offset(parser)));
}

/* No more comes. */
static void refuse_end(nephi_parser *parser, const char *what)
{
    parser->broken_at = parser->skipped + parser->offset;
    stop(parser, nephi_fail(parser->error, NEPH_PROTOCOL, "%s at byte %lld of the reply", what,
                            (long long)parser->broken_at));
}

static void refuse_html(nephi_parser *parser)
{
    stop(parser,
         nephi_fail(parser->error, NEPH_PROTOCOL,
                    "the reply is HTML, not XML: is there a proxy, or is the endpoint wrong?"));
}

static void on_error(void *user, found_error *found)
{
    nephi_parser *parser = user;
    if (!found)
        return;
    if (found->code == XML_ERR_NO_MEMORY)
        parser->has_no_memory = 1;
    if (found->level == XML_ERR_FATAL && parser->broken_at < 0)
        parser->broken_at = position(parser);
}

/* What libxml2 found wrong, in words of one line. */
static int failed(nephi_parser *parser)
{
    const xmlError *found = xmlCtxtGetLastError(parser->context);
    const char *what = found && found->message ? found->message : "the document is broken";
    if (parser->status)
        return parser->status;
    if (parser->has_no_memory || parser->context->errNo == XML_ERR_NO_MEMORY)
        stop(parser, nephi_fail_memory(parser->error));
    else if (parser->head_size >= 14 && strncasecmp(parser->head, "<!doctype html", 14) == 0)
        refuse_html(parser);
    else if (parser->head[0] != '<')
        stop(parser,
             nephi_fail(parser->error, NEPH_PROTOCOL,
                        "the reply is not XML: is there a proxy, or is the endpoint wrong?"));
    else
        stop(parser,
             nephi_fail(parser->error, NEPH_PROTOCOL,
                        "malformed XML: %.*s at byte %lld of the reply", (int)strcspn(what, "\n"),
                        what,
                        (long long)(parser->broken_at < 0 ? position(parser) : parser->broken_at)));
    return parser->status;
}

/* ---- libxml2's callbacks */

static const char *local_name(const xmlChar *name)
{
    const char *colon = strchr((const char *)name, ':');
    return colon ? colon + 1 : (const char *)name;
}

__attribute__((noinline)) static const known_name *name_learn(nephi_parser *parser,
                                                              const xmlChar *name, known_name *at)
{
    at->local = local_name(name);
    at->size = strlen(at->local);
    at->name = xmlDictOwns(parser->context->dict, name) == 1 ? name : NULL;
    return at;
}

static const known_name *name_find(nephi_parser *parser, const xmlChar *name)
{
    known_name *at = &parser->names[(uintptr_t)name / 4 % NAMES];
    return at->name == name ? at : name_learn(parser, name, at);
}

/* Declarations of namespaces are none. */
static int is_declaration(const char *name)
{
    return strncmp(name, "xmlns", 5) == 0 && (!name[5] || name[5] == ':');
}

static int attribute(nephi_parser *parser, const char *name, const char *value)
{
    size_t size = strlen(value);
    if (strlen(name) > NEPHI_NAME_MAX)
        refuse(parser, "a name longer than 1 KiB");
    else if (size > NEPHI_TEXT_MAX)
        refuse(parser, "a text longer than 1 MiB");
    else
        return parser->events->attribute(parser->user, name, value, size);
    return parser->status;
}

static int attributes(nephi_parser *parser, const xmlChar **list)
{
    int rc = 0;
    for (; parser->events->attribute && *list && !rc; list += 2)
        if (!is_declaration((const char *)list[0]))
            rc = attribute(parser, local_name(list[0]), list[1] ? (const char *)list[1] : "");
    return rc;
}

/* SAX1 is a tenth faster. libxml2 takes a handler with structured errors for one of SAX2, until here. */
static void on_document(void *user)
{
    nephi_parser *parser = user;
    parser->context->sax2 = 0;
}

/* What must be seen to at the root and when a limit is met. */
static int start_check(nephi_parser *parser, const known_name *known)
{
    parser->has_root = 1;
    if (parser->depth > NEPHI_DEPTH_MAX)
        refuse(parser, "more than 64 levels");
    else if (known->size > NEPHI_NAME_MAX)
        refuse(parser, "a name longer than 1 KiB");
    else if (parser->depth == 1 && strcasecmp(known->local, "html") == 0)
        refuse_html(parser);
    return parser->status;
}

/* rc: of the element itself. */
__attribute__((noinline)) static void start_rest(nephi_parser *parser, const xmlChar **list, int rc)
{
    if (list && !rc)
        rc = attributes(parser, list);
    if (rc && !parser->status)
        stop(parser, rc);
}

/* Written for speed, like the other callbacks here: they run for every element. */
static void on_start(void *user, const xmlChar *name, const xmlChar **list)
{
    nephi_parser *parser = user;
    const known_name *known;
    int rc;
    if (parser->status)
        return;
    known = name_find(parser, name);
    parser->last_event = parser->offset;
    parser->text_size = 0;
    parser->depth++;
    if ((unsigned)parser->depth - 2 > NEPHI_DEPTH_MAX - 2 || known->size > NEPHI_NAME_MAX)
        if (start_check(parser, known))
            return;
    rc = parser->events->open(parser->user, known->local, known->size);
    if (rc || list)
        start_rest(parser, list, rc);
}

static void on_end(void *user, const xmlChar *name)
{
    nephi_parser *parser = user;
    int rc;
    (void)name;
    if (parser->status)
        return;
    parser->last_event = parser->offset;
    parser->text_size = 0;
    parser->depth--;
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
    nephi_parser *parser = user;
    (void)public_id, (void)system_id;
    if (parser->status)
        return;
    if (name && strcasecmp((const char *)name, "html") == 0)
        refuse_html(parser);
    else
        refuse(parser, "a DOCTYPE, which no cloud sends,");
}

/* The five of XML; libxml2 asks for them too. */
static xmlEntityPtr on_entity(void *user, const xmlChar *name)
{
    (void)user;
    return xmlGetPredefinedEntity(name);
}

/* Marked as SAX2 so that errors come to on_error alone, never to what the program may have set for libxml2 as a whole. */
static const xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = on_subset,
    .externalSubset = on_subset,
    .getEntity = on_entity,
    .startDocument = on_document,
    .startElement = on_start,
    .endElement = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
    .serror = on_error,
};

/* ---- the class */

/* Where there is no parser yet, libxml2 gives what it has to say (that there is no memory) to the thread's own handler, and
 * prints it if there is none. So that one is put aside while libxml2 runs. */
typedef struct aside {
    xmlStructuredErrorFunc handler;
    void *user;
} aside;

static void quiet(void *user, found_error *found)
{
    (void)user, (void)found;
}

static aside handler_take(void)
{
    aside taken = {xmlStructuredError, xmlStructuredErrorContext};
    xmlSetStructuredErrorFunc(NULL, quiet);
    return taken;
}

static void handler_give_back(const aside *taken)
{
    xmlSetStructuredErrorFunc(taken->user, taken->handler);
}

static int chunk_parse(nephi_parser *parser, const char *data, int size, int is_last)
{
    aside taken = handler_take();
    int code = xmlParseChunk(parser->context, data, size, is_last);
    handler_give_back(&taken);
    return code;
}

static int context_make(nephi_parser *parser)
{
    aside taken = handler_take();
    xmlFreeParserCtxt(parser->context);
    memset(parser->names, 0, sizeof parser->names);
    parser->context = xmlCreatePushParserCtxt((xmlSAXHandlerPtr)&handler, parser, NULL, 0, NULL);
    handler_give_back(&taken);
    return parser->context ? 0 : NEPH_NO_MEMORY;
}

static int xml_create(nephi_parser **out, const nephi_memory *memory)
{
    nephi_parser *parser = nephi_alloc(memory, sizeof *parser);
    *out = NULL;
    pthread_once(&initialised, initialise);
    if (!parser)
        return NEPH_NO_MEMORY;
    parser->memory = memory;
    if (context_make(parser)) {
        nephi_free(memory, parser);
        return NEPH_NO_MEMORY;
    }
    *out = parser;
    return 0;
}

/* libxml2 keeps every name it has ever seen: a parser that lives long must not grow with what servers send. */
static int context_reset(nephi_parser *parser)
{
    aside taken;
    int code;
    if (!parser->context || xmlDictGetUsage(parser->context->dict) > DICTIONARY_MAX)
        return context_make(parser);
    taken = handler_take();
    code = xmlCtxtResetPush(parser->context, NULL, 0, NULL, NULL);
    handler_give_back(&taken);
    if (code)
        return NEPH_NO_MEMORY;
#if LIBXML_VERSION < 21200
    /* else a byte order mark is looked for in the first document alone */
    parser->context->charset = XML_CHAR_ENCODING_NONE;
#endif
    return 0;
}

static int xml_begin(nephi_parser *parser, const nephi_events *events, void *user,
                     nephi_error *error)
{
    parser->events = events;
    parser->user = user;
    parser->error = error;
    parser->status = parser->has_no_memory = parser->mark_size = parser->depth = parser->has_root =
        0;
    memset(parser->head, 0, sizeof parser->head);
    parser->head_size = parser->text_size = 0;
    parser->skipped = parser->offset = parser->last_event = parser->stopped_at = 0;
    parser->broken_at = -1;
    if (context_reset(parser))
        return parser->status = nephi_fail_memory(error);
    xmlCtxtUseOptions(parser->context, XML_PARSE_NONET | XML_PARSE_NOENT);
    return 0;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Bytes that come before the document: a byte order mark, which libxml2 takes only in one piece, and the white space with
 * which S3 keeps a connection alive. */
static size_t leading_skip(nephi_parser *parser, const char *data, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t at = 0;
    while (at < size && parser->skipped + (int64_t)at == parser->mark_size &&
           parser->mark_size < 3 && data[at] == mark[parser->mark_size]) {
        parser->mark_size++;
        at++;
    }
    while (at < size && is_blank(data[at]))
        at++;
    parser->skipped += (int64_t)at;
    return at;
}

static void head_keep(nephi_parser *parser, const char *data, size_t size)
{
    size_t room = sizeof parser->head - parser->head_size;
    if (size > room)
        size = room;
    if (size)
        memcpy(parser->head + parser->head_size, data, size);
    parser->head_size += size;
}

static int xml_feed(nephi_parser *parser, const void *data, size_t size)
{
    const char *at = data, *end = at + size;
    if (!parser->head_size && !parser->status)
        at += leading_skip(parser, at, size);
    if (parser->head_size < sizeof parser->head)
        head_keep(parser, at, (size_t)(end - at));
    if (at < end && parser->mark_size % 3)
        return failed(parser);
    while (at < end && !parser->status) {
        int piece = end - at > PIECE ? PIECE : (int)(end - at);
        int code = chunk_parse(parser, at, piece, 0);
        if (code || parser->has_no_memory)
            return failed(parser);
        parser->offset += piece;
        at += piece;
        if (parser->offset - parser->last_event > (int64_t)NEPHI_TEXT_MAX + PIECE)
            refuse(parser, "more than 1 MiB without an element");
    }
    return parser->status;
}

static int xml_end(nephi_parser *parser)
{
    if (parser->status)
        return parser->status;
    if (!parser->head_size)
        refuse_end(parser, "nothing but white space");
    else if (!chunk_parse(parser, NULL, 0, 1) && parser->context->wellFormed &&
             !parser->has_no_memory)
        return parser->status;
    else if (parser->head[0] == '<' && !parser->has_no_memory && !parser->status &&
             (parser->depth || !parser->has_root))
        refuse_end(parser, "the reply ends too early,");
    return failed(parser);
}

static void xml_destroy(nephi_parser *parser)
{
    if (!parser)
        return;
    xmlFreeParserCtxt(parser->context);
    nephi_free(parser->memory, parser);
}

const nephi_parser_class nephi_xml_class = {.create = xml_create,
                                            .begin = xml_begin,
                                            .feed = xml_feed,
                                            .end = xml_end,
                                            .destroy = xml_destroy,
                                            .offset = xml_offset};

NEPHI_EXPORT const nephi_xml nephi_xml_table = {
    .module = {.size = sizeof(nephi_xml), .version = PACKAGE_VERSION},
    .parser = &nephi_xml_class,
};
