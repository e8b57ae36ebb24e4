/*
 * Reply tables. Input: a byte that chooses the table, one that says how the document is cut into pieces (and from 192
 * on, which of the first events fails), the document.
 * The last table is made from the input itself: a line with the rule's path, lines of a member, flags and a path for
 * each field, an empty line, the document. In pieces a document must come to the same as whole.
 */
#include "tests/wire/tape.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

/* ---- tables */

static const neph_map states[] = {
    {"running", NEPH_NODE_RUNNING}, {"0", NEPH_NODE_STOPPED}, {NULL, 0}};
static const neph_field object_fields[] = {
    {"Key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
    {"Size", .member = NEPH_OBJECT_SIZE_BYTES},
    {"LastModified", .member = NEPH_OBJECT_MODIFIED},
    {"ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"Owner/ID", .member = NEPH_EXTRA},
};
static const neph_field prefix_fields[] = {
    {"Prefix", .member = NEPH_PREFIX_NAME, .flags = NEPH_FIELD_URL_IF},
};
static const neph_field page_fields[] = {
    {"Token", .member = NEPH_PAGE_TOKEN},
    {"EncodingType", .member = NEPH_SCRATCH + 31},
    {"header:X-Request-Id", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_field fault_fields[] = {
    {"Code", .member = NEPH_ERROR_CODE},
};
static const neph_rule list_rules[] = {
    {"Contents", NEPH_FIELDS(object_fields), .kind = NEPH_KIND_OBJECT, .root = "R"},
    {"CommonPrefixes", NEPH_FIELDS(prefix_fields), .kind = NEPH_KIND_PREFIX, .root = "R"},
    {".", NEPH_FIELDS(page_fields), .root = "R"},
    {".", NEPH_FIELDS(fault_fields), .flags = NEPH_RULE_ERROR, .root = "Error"},
};
static const neph_field node_fields[] = {
    {"id", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tags[key=Name]/value", .member = NEPH_NODE_NAME},
    {"tags[key]/value", .member = NEPH_NODE_TAGS},
    {"state", .map = states, .member = NEPH_NODE_STATE},
    {"ips/ip", .member = NEPH_NODE_PUBLIC_IPS},
    {"cpus", .member = NEPH_NODE_CPUS},
    {"ram", .scale = INT64_C(1) << 30, .member = NEPH_NODE_RAM_BYTES},
    {"time", .member = NEPH_NODE_CREATED, .flags = NEPH_FIELD_EPOCH},
    {"../kind", .member = NEPH_NODE_SIZE, .flags = NEPH_FIELD_URL},
    {"../../owner", .member = NEPH_EXTRA, .flags = NEPH_FIELD_REQUIRED},
    {"image", .member = NEPH_NODE_IMAGE, .flags = NEPH_FIELD_BASE64},
    {"@password", .member = NEPH_NODE_PASSWORD},
    {"code", .member = NEPH_RESULT_ERROR_CODE},
    {"text", .member = NEPH_RESULT_ERROR_MESSAGE},
};
static const neph_rule node_rules[] = {
    {"a/b/c", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
};
static const neph_field item_fields[] = {
    {"id", .member = NEPH_IMAGE_ID},
    {"name", .member = NEPH_IMAGE_NAME, .flags = NEPH_FIELD_URL_IF},
    {"public", .member = NEPH_IMAGE_PUBLIC},
    {"time", .member = NEPH_IMAGE_CREATED, .flags = NEPH_FIELD_EPOCH_MS},
};
static const neph_field zone_fields[] = {
    {".", .member = NEPH_LOCATION_ID},
    {"../../country", .member = NEPH_LOCATION_COUNTRY, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_field link_fields[] = {
    {"links[rel=next]/href", .member = NEPH_PAGE_URL},
    {"until", .member = NEPH_SESSION_EXPIRES, .flags = NEPH_FIELD_EPOCH},
    {"more", .map = states, .member = NEPH_PAGE_MORE},
    {"coding", .member = NEPH_SCRATCH + 31},
};
static const neph_rule item_rules[] = {
    {"items[]", NEPH_FIELDS(item_fields), .kind = NEPH_KIND_IMAGE},
    {"places[]/zones[]", NEPH_FIELDS(zone_fields), .kind = NEPH_KIND_LOCATION},
    {".", NEPH_FIELDS(link_fields)},
};
static const neph_field header_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:x-meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
};
static const neph_rule header_rules[] = {
    {".", NEPH_FIELDS(header_fields), .kind = NEPH_KIND_OBJECT}};

static const neph_reply tables[] = {
    NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules),   NEPH_REPLY_OF(NEPH_REPLY_XML, node_rules),
    NEPH_REPLY_OF(NEPH_REPLY_JSON, node_rules),  NEPH_REPLY_OF(NEPH_REPLY_JSON, item_rules),
    NEPH_REPLY_OF(NEPH_REPLY_XML, header_rules),
};

/* ---- a table from the input */

#define FIELDS 8

typedef struct made {
    neph_field fields[FIELDS];
    neph_rule rule;
    neph_reply table;
    char text[512]; /* of the paths */
} made;

static const int32_t members[] = {NEPH_NODE_ID,           NEPH_NODE_STATE,   NEPH_NODE_PUBLIC_IPS,
                                  NEPH_NODE_CPUS,         NEPH_EXTRA,        NEPH_PAGE_TOKEN,
                                  NEPH_RESULT_ERROR_CODE, NEPH_NODE_CREATED, NEPH_NODE_SIZE,
                                  NEPH_OBJECT_KEY,        NEPH_LIST_PREFIX,  NEPH_NODE_RAM_BYTES};

/* A letter for each flag or two. */
static uint32_t flags_of(char c)
{
    static const uint32_t flags[] = {0,
                                     NEPH_FIELD_REQUIRED,
                                     NEPH_FIELD_URL,
                                     NEPH_FIELD_URL_IF,
                                     NEPH_FIELD_PREFIX,
                                     NEPH_FIELD_EPOCH,
                                     NEPH_FIELD_BASE64,
                                     NEPH_FIELD_ALL + 1,
                                     NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS};
    return flags[(unsigned char)c % NEPH_COUNT(flags)];
}

static void field_make(neph_field *field, const char *line)
{
    memset(field, 0, sizeof *field);
    field->member = members[(unsigned char)line[0] % NEPH_COUNT(members)];
    if (!line[0] || !line[1])
        return;
    field->flags = flags_of(line[1]);
    field->map = line[0] & 16 ? states : NULL;
    field->scale = line[1] & 16 ? 1000 : 0;
    field->path = line + 2;
}

/* Takes lines off the input up to an empty one; returns how much that was. */
static size_t table_make(made *m, uint32_t format, const char *text, size_t size)
{
    size_t kept = size < sizeof m->text - 1 ? size : sizeof m->text - 1;
    char *at = m->text, *end;
    memset(m, 0, sizeof *m);
    memcpy(m->text, text, kept);
    m->table = (neph_reply){sizeof m->table, format, &m->rule, 1, sizeof m->rule};
    m->rule = (neph_rule){.fields = m->fields, .field_size = sizeof *m->fields};
    for (int i = 0; i <= FIELDS && *at && *at != '\n'; i++) {
        end = at + strcspn(at, "\n");
        if (i == 0)
            m->rule.path = at + 1;
        else
            field_make(&m->fields[m->rule.field_count++], at);
        if (i == 0)
            m->rule.kind = *at % 3 == 0 ? NEPH_KIND_NONE : *at % 3 == 1 ? NEPH_KIND_NODE : 99;
        at = *end ? end + 1 : end;
        *end = 0;
    }
    return (size_t)(at - m->text) + (*at == '\n');
}

/* ---- reading */

typedef struct reading {
    const nephi_reply *reply;
    nephi_parser *parser;
    const nephi_parser_class *class;
    nephi_reader *reader;
    tape tape;
} reading;

static int feed(void *user, const void *data, size_t size)
{
    return nephi_reader_feed(user, data, size);
}

/* The beginning of the document serves as the headers' value. */
static int headers_give(reading *r, const char *text, size_t size)
{
    static const char *const names[] = {"etag", "content-length", "x-meta-a", "x-meta-",
                                        "x-request-id"};
    char value[9] = "";
    int rc = 0;
    for (size_t i = 0; i < size && i < 8 && text[i] > ' '; i++)
        value[i] = text[i];
    for (size_t i = 0; i < NEPH_COUNT(names) && !rc; i++)
        rc = nephi_reader_header(r->reader, names[i], value);
    return rc;
}

static int document_read(reading *r, const char *text, size_t size, int way, int decode)
{
    int rc;
    tape_clear(&r->tape);
    rc = nephi_reader_begin(r->reader, r->reply, r->parser, r->class, &tape_sink, &r->tape,
                            &r->tape.error);
    if (!rc)
        rc = nephi_reader_url_decode(r->reader, decode);
    if (!rc)
        rc = headers_give(r, text, size);
    if (!rc)
        rc = tape_feed(feed, r->reader, text, size, way);
    if (!rc)
        rc = nephi_reader_end(r->reader);
    nephi_reader_reset(r->reader);
    demand(r->tape.alive == 0);
    demand(rc == 0 || rc == NEPH_PROTOCOL);
    demand(rc == r->tape.error.status && (r->tape.error.message[0] != 0) == (rc != 0));
    return rc;
}

static void both_ways(reading *r, const char *text, size_t size, int way, int decode)
{
    int rc = document_read(r, text, size, 0, decode);
    char *whole = strdup(tape_text(&r->tape));
    demand(whole != NULL);
    demand(document_read(r, text, size, way, decode) == rc);
    demand(strcmp(whole, tape_text(&r->tape)) == 0);
    free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    reading r = {.class = NULL};
    nephi_memory memory;
    nephi_reply *reply = NULL;
    nephi_error error;
    made m;
    const neph_reply *table;
    const char *text = (const char *)data + 2;
    uint32_t choice, dropped;
    size_t skipped = 0;
    if (size < 2)
        return 0;
    size -= 2;
    choice = data[0] % (NEPH_COUNT(tables) + 3);
    table = choice < NEPH_COUNT(tables) ? &tables[choice] : &m.table;
    if (table == &m.table)
        skipped = table_make(&m, choice - NEPH_COUNT(tables), text, size);
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    if (nephi_reply_compile(&reply, &memory, table, &dropped, &error) != 0) {
        demand(table == &m.table && error.status == NEPH_PLUGIN && error.message[0]);
        return 0;
    }
    r.reply = reply;
    r.class = nephi_reply_format(reply) == NEPH_REPLY_XML ? &nephi_xml_class : &nephi_json_class;
    demand(r.class->create(&r.parser, &memory) == 0);
    demand(nephi_reader_create(&r.reader, &memory) == 0);
    tape_init(&r.tape, &memory);
    r.tape.reader = r.reader;
    r.tape.stop_at = data[1] >= 192 ? data[1] & 7 : 0;
    r.tape.stop_with = NEPH_PROTOCOL;
    if (nephi_reply_format(reply) == NEPH_REPLY_NONE) {
        r.class->destroy(r.parser);
        r.parser = NULL;
    }
    both_ways(&r, text + skipped, size - skipped, 1 + data[1], data[0] / 16 % 3 - 1);
    nephi_reader_destroy(r.reader);
    r.class->destroy(r.parser);
    nephi_reply_free(reply);
    tape_fini(&r.tape);
    return 0;
}
