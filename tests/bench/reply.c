/*
 * reply - what the reply tables cost over the parser alone: a page of a listing with 1,000 keys, read over and over.
 *
 *   reply [bare|table [PAGES]]     without arguments: both, 1,000 pages each, and how they compare
 *
 * "bare" is libxml2 with handlers that do nothing; "table" makes, fills and drops a result for each key. Under
 * valgrind --tool=callgrind the two give the instructions of each.
 */
#include "core/wire/parts.h"
#include "core/wire/reply.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEYS 1000
#define CHUNK 16384 /* as libcurl hands it over */

static char page[KEYS * 512 + 1024];
static size_t page_size;

static void page_make(void)
{
    int size = snprintf(page, sizeof page,
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                        "<Name>b</Name><KeyCount>1000</KeyCount><MaxKeys>1000</MaxKeys>"
                        "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
                        "<NextContinuationToken>1k</NextContinuationToken>");
    for (unsigned i = 0; i < KEYS; i++)
        size += snprintf(page + size, sizeof page - (size_t)size,
                         "<Contents><Key>part-2024-05-0000%03u-0a1b2c3d4e5f6071.parquet</Key>"
                         "<LastModified>2024-05-%02uT12:%02u:56.000Z</LastModified>"
                         "<ETag>&quot;d41d8cd98f00b204e9800998%08x&quot;</ETag>"
                         "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>"
                         "<ChecksumType>FULL_OBJECT</ChecksumType><Size>%u</Size>"
                         "<StorageClass>STANDARD</StorageClass></Contents>",
                         i, 1 + i % 28, i % 60, i * 2654435761U, 1000 + i * 7919);
    size += snprintf(page + size, sizeof page - (size_t)size, "</ListBucketResult>");
    page_size = (size_t)size;
}

/* ---- libxml2 alone */

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    (void)user, (void)name, (void)attributes;
}

static void on_end(void *user, const xmlChar *name)
{
    ++*(long *)user;
    (void)name;
}

static void on_text(void *user, const xmlChar *text, int size)
{
    (void)user, (void)text, (void)size;
}

static long bare(long pages)
{
    static xmlSAXHandler sax = {
        .startElement = on_start, .endElement = on_end, .characters = on_text};
    long elements = 0;
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, &elements, NULL, 0, NULL);
    for (long i = 0; parser && i < pages; i++) {
        xmlCtxtResetPush(parser, NULL, 0, NULL, NULL);
        for (size_t at = 0; at < page_size; at += CHUNK)
            if (xmlParseChunk(parser, page + at,
                              (int)(page_size - at < CHUNK ? page_size - at : CHUNK),
                              at + CHUNK >= page_size))
                return -1;
    }
    xmlFreeParserCtxt(parser);
    return elements;
}

/* ---- through a reply table: the one of S3 */

static const neph_field object_fields[] = {
    {"Key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
    {"Size", .member = NEPH_OBJECT_SIZE_BYTES},
    {"LastModified", .member = NEPH_OBJECT_MODIFIED},
    {"ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"StorageClass", .member = NEPH_OBJECT_CLASS},
};
static const neph_field prefix_fields[] = {
    {"Prefix", .member = NEPH_PREFIX_NAME, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
};
static const neph_field page_fields[] = {
    {"NextContinuationToken", .member = NEPH_PAGE_TOKEN},
    {"IsTruncated", .member = NEPH_PAGE_MORE},
};
static const neph_rule list_rules[] = {
    {"Contents", NEPH_FIELDS(object_fields), .kind = NEPH_KIND_OBJECT, .root = "ListBucketResult"},
    {"CommonPrefixes", NEPH_FIELDS(prefix_fields), .kind = NEPH_KIND_PREFIX,
     .root = "ListBucketResult"},
    {".", NEPH_FIELDS(page_fields), .root = "ListBucketResult"},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);

typedef struct sink {
    nephi_pool pool;
    long count;
} sink;

static neph_record *sink_make(void *user, uint32_t kind)
{
    sink *s = user;
    return nephi_record_new(&s->pool, kind);
}

static int sink_emit(void *user, neph_record *record)
{
    sink *s = user;
    s->count++;
    nephi_record_free(&s->pool, record);
    return 0;
}

static int sink_value(void *user, int32_t member, const char *text, size_t size, uint32_t flags)
{
    (void)user, (void)member, (void)text, (void)size, (void)flags;
    return 0;
}

static int sink_error(void *user)
{
    (void)user;
    return 0;
}

static void sink_discard(void *user, neph_record *record)
{
    sink *s = user;
    nephi_record_free(&s->pool, record);
}

static const nephi_reader_sink functions = {.make = sink_make,
                                            .emit = sink_emit,
                                            .value = sink_value,
                                            .error_rule = sink_error,
                                            .discard = sink_discard};

static int page_read(nephi_reader *reader)
{
    int rc = nephi_reader_url_decode(reader, 1);
    for (size_t at = 0; !rc && at < page_size; at += CHUNK)
        rc = nephi_reader_feed(reader, page + at, page_size - at < CHUNK ? page_size - at : CHUNK);
    return rc ? rc : nephi_reader_end(reader);
}

static long table(long pages)
{
    nephi_memory memory;
    nephi_reply *reply = NULL;
    nephi_parser *parser = NULL;
    nephi_reader *reader = NULL;
    nephi_error error;
    sink s = {.count = 0};
    uint32_t dropped;
    int rc;
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    nephi_pool_init(&s.pool, &memory, NULL);
    rc = nephi_reply_compile(&reply, &memory, &list_reply, &dropped, &error);
    if (!rc)
        rc = nephi_xml_class.create(&parser, &memory);
    if (!rc)
        rc = nephi_reader_create(&reader, &memory);
    for (long i = 0; i < pages && !rc; i++) {
        rc = nephi_reader_begin(reader, reply, parser, &nephi_xml_class, &functions, &s, &error);
        if (!rc)
            rc = page_read(reader);
        nephi_reader_reset(reader);
    }
    nephi_reader_destroy(reader);
    nephi_xml_class.destroy(parser);
    nephi_reply_free(reply);
    nephi_pool_fini(&s.pool);
    if (rc)
        fprintf(stderr, "reply: %s\n", error.message);
    return rc ? -1 : s.count;
}

static double timed(long (*run)(long), long pages)
{
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    if (run(pages) < pages * KEYS)
        exit(1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

int main(int argc, char **argv)
{
    long pages = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    double floor, own;
    page_make();
    if (argc > 1)
        return (strcmp(argv[1], "bare") == 0 ? bare(pages) : table(pages)) < pages * KEYS;
    floor = timed(bare, pages);
    own = timed(table, pages);
    printf("libxml2 alone %.3f s, with a reply table %.3f s: %.2f times, for %ld keys\n", floor,
           own, own / floor, pages * KEYS);
    return 0;
}
