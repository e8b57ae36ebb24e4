/*
 * Reply tables: what each kind of path, flag and rule makes of a document, results that wait, failures and their words,
 * and what is wrong with a table. Every document is fed whole, byte by byte and in pieces.
 */
#include "tests/support/allocator.h"
#include "tests/wire/tape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
    test_allocator allocator;
    nephi_memory memory;
    tape tape;
    nephi_parser *xml, *json;
    nephi_reader *reader;
    const char *const *headers; /* name, value, … NULL; given before the body */
    int url_decode;             /* said after begin */
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->memory = test_allocator_memory(&f->allocator);
    tape_init(&f->tape, &f->memory);
    assert_int_equal(nephi_xml_class.create(&f->xml, &f->memory), 0);
    assert_int_equal(nephi_json_class.create(&f->json, &f->memory), 0);
    assert_int_equal(nephi_reader_create(&f->reader, &f->memory), 0);
    f->tape.reader = f->reader;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    nephi_reader_destroy(f->reader);
    nephi_reader_destroy(NULL);
    nephi_xml_class.destroy(f->xml);
    nephi_json_class.destroy(f->json);
    tape_fini(&f->tape);
    assert_int_equal(f->allocator.live, 0);
    free(f);
    return 0;
}

static int feed(void *user, const void *data, size_t size)
{
    return nephi_reader_feed(user, data, size);
}

static int begin(fixture *f, const nephi_reply *reply)
{
    uint32_t format = nephi_reply_format(reply);
    nephi_parser *parser = format == NEPH_REPLY_XML    ? f->xml
                           : format == NEPH_REPLY_JSON ? f->json
                                                       : NULL;
    const nephi_parser_class *class =
        format == NEPH_REPLY_XML ? &nephi_xml_class : &nephi_json_class;
    int rc;
    tape_clear(&f->tape);
    rc = nephi_reader_begin(f->reader, reply, parser, class, &tape_sink, &f->tape, &f->tape.error);
    if (!rc)
        rc = nephi_reader_url_decode(f->reader, f->url_decode);
    for (const char *const *at = f->headers; at && *at && !rc; at += 2)
        rc = nephi_reader_header(f->reader, at[0], at[1]);
    return rc;
}

static int read_reply(fixture *f, const nephi_reply *reply, const char *document, int way)
{
    int rc = begin(f, reply);
    if (!rc)
        rc = tape_feed(feed, f->reader, document, strlen(document), way);
    if (!rc)
        rc = nephi_reader_end(f->reader);
    nephi_reader_reset(f->reader);
    assert_int_equal(f->tape.alive, 0);
    return rc;
}

static nephi_reply *compile(fixture *f, const neph_reply *table)
{
    nephi_reply *reply = NULL;
    uint32_t dropped = 99;
    int rc;
    nephi_error_clear(&f->tape.error);
    rc = nephi_reply_compile(&reply, &f->memory, table, &dropped, &f->tape.error);
    if (rc || dropped)
        fail_msg("%d %s, %u dropped", rc, f->tape.error.message, (unsigned)dropped);
    return reply;
}

static void expect(fixture *f, const neph_reply *table, const char *document, const char *results)
{
    nephi_reply *reply = compile(f, table);
    for (int way = 0; way < TAPE_WAYS; way++) {
        int rc = read_reply(f, reply, document, way);
        if (rc)
            fail_msg("%s, way %d: %d %s", document, way, rc, f->tape.error.message);
        assert_string_equal(tape_text(&f->tape), results);
    }
    nephi_reply_free(reply);
}

/* What was emitted stays; the same reader, parsers and table read on afterwards. */
static void refuse(fixture *f, const neph_reply *table, const char *document, const char *results,
                   const char *words)
{
    nephi_reply *reply = compile(f, table);
    for (int way = 0; way < TAPE_WAYS; way++) {
        int rc = read_reply(f, reply, document, way);
        if (rc != NEPH_PROTOCOL || !strstr(f->tape.error.message, words))
            fail_msg("%s, way %d: %d \"%s\", not \"%s\"", document, way, rc, f->tape.error.message,
                     words);
        assert_string_equal(tape_text(&f->tape), results);
    }
    assert_int_equal(read_reply(f, reply, "", 0), 0);
    nephi_reply_free(reply);
}

#define XML(rules) &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_XML, rules)
#define JSON(rules) &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_JSON, rules)

/* ---- a listing of S3 */

static const neph_field object_fields[] = {
    {"Key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
    {"Size", .member = NEPH_OBJECT_SIZE_BYTES},
    {"LastModified", .member = NEPH_OBJECT_MODIFIED},
    {"ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"Owner/ID", .member = NEPH_EXTRA},
    {"Owner/DisplayName", "owner", .member = NEPH_EXTRA},
};
static const neph_field prefix_fields[] = {
    {"Prefix", .member = NEPH_PREFIX_NAME, .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_REQUIRED},
};
static const neph_field page_fields[] = {
    {"NextContinuationToken", .member = NEPH_PAGE_TOKEN},
    {"IsTruncated", .member = NEPH_PAGE_MORE},
    {"EncodingType", .member = NEPH_SCRATCH + 31},
};
static const neph_field fault_fields[] = {
    {"Code", .member = NEPH_ERROR_CODE},
    {"Message", .member = NEPH_ERROR_MESSAGE},
};
static const neph_rule list_rules[] = {
    {"Contents", NEPH_FIELDS(object_fields), .kind = NEPH_KIND_OBJECT, .root = "ListBucketResult"},
    {"CommonPrefixes", NEPH_FIELDS(prefix_fields), .kind = NEPH_KIND_PREFIX,
     .root = "ListBucketResult"},
    {".", NEPH_FIELDS(page_fields), .root = "ListBucketResult"},
    {".", NEPH_FIELDS(fault_fields), .flags = NEPH_RULE_ERROR, .root = "Error"},
};

static void test_reply__reads_interleaved_rules_of_a_listing(void **state)
{
    expect(
        *state, XML(list_rules),
        "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
        " <Name>b</Name><IsTruncated>true</IsTruncated>"
        "<Contents><Key>a</Key><Size>5</Size><ETag>&quot;x&quot;</ETag>"
        "<LastModified>1970-01-01T00:00:01.000Z</LastModified></Contents>"
        "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>"
        "<Contents><Owner><ID>7</ID><More><Key>no</Key></More><DisplayName>o</DisplayName></Owner>"
        "<Key>b &lt;</Key><Size/></Contents>"
        "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>",
        "more=true;object{key=a,size_bytes=5,modified=1000000000,etag=x}prefix{name=p/}"
        "object{key=b <,extra=[ID:7|owner:o]}token=t;");
}

static void test_reply__heeds_the_root_element(void **state)
{
    expect(*state, XML(list_rules),
           "<Other><Contents><Key>a</Key></Contents><Code>c</Code></Other>", "");
    expect(*state, XML(list_rules),
           "<Error><Code>Slow</Code><Message>m</Message><Contents><Key>a</Key></Contents></Error>",
           "code=Slow;message=m;error!");
}

static void test_reply__waits_for_what_says_whether_texts_are_encoded(void **state)
{
    static const char late[] =
        "<ListBucketResult><Contents><Key>a+b%2Bc%</Key></Contents><EncodingType>url</EncodingType>"
        "<CommonPrefixes><Prefix>%70/</Prefix></CommonPrefixes></ListBucketResult>";
    static const char never[] =
        "<ListBucketResult><Contents><Key>a+b%2Bc</Key></Contents></ListBucketResult>";
    fixture *f = *state;
    f->url_decode = -1;
    expect(f, XML(list_rules), late, "scratch31=url;object{key=a b+c%}prefix{name=p/}");
    expect(f, XML(list_rules), never, "object{key=a+b%2Bc}");
    expect(f, XML(list_rules),
           "<ListBucketResult><Contents><Key>a+b</Key></Contents><EncodingType>none</EncodingType>"
           "</ListBucketResult>",
           "scratch31=none;object{key=a+b}");
    refuse(f, XML(list_rules),
           "<ListBucketResult><Contents><Key>a%00</Key></Contents><EncodingType>url</EncodingType>"
           "</ListBucketResult>",
           "scratch31=url;", "a NUL in a text");
    refuse(f, XML(list_rules), "<ListBucketResult><Contents><Key>a</Key></Contents>", "",
           "too early");
    f->url_decode = 1;
    expect(f, XML(list_rules), never, "object{key=a b+c}");
    f->url_decode = 0;
    expect(f, XML(list_rules), never, "object{key=a+b%2Bc}");
}

static void test_reply__keeps_what_was_emitted_before_a_failure(void **state)
{
    static const char document[] = "<ListBucketResult><Contents><Key>a</Key></Contents>";
    refuse(*state, XML(list_rules), document, "object{key=a}", "too early");
    refuse(*state, XML(list_rules), document, "object{key=a}", "in ListBucketResult");
    refuse(*state, XML(list_rules),
           "<ListBucketResult><Contents><Key>a</Key></Contents><Contents><Key>b</Size>",
           "object{key=a}", "in ListBucketResult/Contents/Key");
    refuse(*state, XML(list_rules),
           "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult><x/>",
           "object{key=a}", "malformed XML");
    refuse(*state, XML(list_rules), "<html><body/></html>", "", "is HTML, not XML");
}

static void test_reply__names_the_path_of_what_cannot_be_read(void **state)
{
    refuse(
        *state, XML(list_rules),
        "<ListBucketResult><Contents><Key>a</Key><Size>much</Size></Contents></ListBucketResult>",
        "",
        "not the number, time or truth value that it should be: \"much\" "
        "(ListBucketResult/Contents/Size, byte ");
    refuse(*state, XML(list_rules),
           "<ListBucketResult><Contents><Key>a</Key><LastModified>today</LastModified></Contents>",
           "", "ListBucketResult/Contents/LastModified");
    refuse(*state, XML(list_rules), "<ListBucketResult><Contents><Size>1</Size></Contents>", "",
           "a required element is missing or empty (ListBucketResult/Contents/Key");
    refuse(*state, XML(list_rules), "<ListBucketResult><Contents><Key/></Contents>", "",
           "a required element is missing or empty");
}

static void test_reply__reads_nothing_out_of_an_empty_body(void **state)
{
    fixture *f = *state;
    nephi_reply *reply = compile(f, XML(list_rules));
    assert_int_equal(begin(f, reply), 0);
    assert_int_equal(nephi_reader_is_empty(f->reader), 1);
    assert_int_equal(nephi_reader_end(f->reader), 0);
    assert_string_equal(tape_text(&f->tape), "");
    assert_int_equal(begin(f, reply), 0);
    assert_int_equal(nephi_reader_feed(f->reader, "<ListBucketResult/>", 19), 0);
    assert_int_equal(nephi_reader_is_empty(f->reader), 0);
    assert_int_equal(nephi_reader_end(f->reader), 0);
    nephi_reader_reset(f->reader);
    nephi_reply_free(reply);
}

static void test_reply__ends_with_what_the_sink_returns(void **state)
{
    static const char document[] =
        "<ListBucketResult><Contents><Key>a</Key></Contents><NextContinuationToken>t"
        "</NextContinuationToken><Contents><Key>b</Key></Contents></ListBucketResult>";
    fixture *f = *state;
    nephi_reply *reply = compile(f, XML(list_rules));
    for (int at = 1; at <= 4; at++)
        for (int way = 0; way < TAPE_WAYS; way++) {
            f->tape.stop_at = at;
            f->tape.stop_with = NEPH_LIMIT;
            assert_int_equal(read_reply(f, reply, document, way), at < 4 ? NEPH_LIMIT : 0);
            if (at < 4)
                assert_string_equal(f->tape.error.message, "stopped");
        }
    nephi_reply_free(reply);
}

/* What waits goes back when the sink wants no more. */
static void test_reply__drops_what_waits_when_the_sink_fails(void **state)
{
    static const char document[] =
        "<ListBucketResult><Contents><Key>a</Key></Contents><Contents><Key>b</Key></Contents>"
        "<Contents><Key>c</Key></Contents></ListBucketResult>";
    fixture *f = *state;
    nephi_reply *reply = compile(f, XML(list_rules));
    f->url_decode = -1;
    f->tape.stop_at = 2;
    f->tape.stop_with = NEPH_CANCELLED;
    for (int way = 0; way < TAPE_WAYS; way++) {
        assert_int_equal(read_reply(f, reply, document, way), NEPH_CANCELLED);
        assert_string_equal(tape_text(&f->tape), "object{key=a}");
    }
    nephi_reply_free(reply);
}

/* ---- instances of EC2: nesting, lists, filters, climbing */

static const neph_map states[] = {
    {"running", NEPH_NODE_RUNNING}, {"stopped", NEPH_NODE_STOPPED}, {NULL, 0}};
static const neph_field node_fields[] = {
    {"instanceId", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"tagSet/item[key=Name]/value", .member = NEPH_NODE_NAME},
    {"state/name", .map = states, .member = NEPH_NODE_STATE},
    {"ips/ip", .member = NEPH_NODE_PUBLIC_IPS},
    {"cpus/@count", .member = NEPH_NODE_CPUS},
    {"ramGiB", .scale = INT64_C(1) << 30, .member = NEPH_NODE_RAM_BYTES},
    {"launchTime", .member = NEPH_NODE_CREATED},
    {"../../ownerId", "owner", .member = NEPH_EXTRA},
    {"../kind", "kind", .member = NEPH_EXTRA},
    {"reason/code", .member = NEPH_RESULT_ERROR_CODE},
    {"reason/text", .member = NEPH_RESULT_ERROR_MESSAGE},
};
static const neph_rule node_rules[] = {
    {"reservationSet/item/instancesSet/item", NEPH_FIELDS(node_fields), .kind = NEPH_KIND_NODE},
};

#define RESERVATION(inside) "<R><reservationSet>" inside "</reservationSet></R>"

static void test_reply__goes_down_nested_sets(void **state)
{
    expect(
        *state, XML(node_rules),
        RESERVATION(
            "<item><instancesSet><item><instanceId>i1</instanceId></item>"
            "<item><instanceId>i2</instanceId></item></instancesSet></item>"
            "<item><instancesSet/></item>"
            "<item><instancesSet><item><instanceId>i3</instanceId></item></instancesSet></item>"),
        "node{id=i1}node{id=i2}node{id=i3}");
}

static void test_reply__takes_a_value_by_its_sibling(void **state)
{
    static const char *const tags[] = {
        "<item><key>Name</key><value>n</value></item>",
        "<item><value>n</value><key>Name</key></item>",
        ("<item><key>x</key><value>y</value></item><item><value>n</value><key>Name</key></item>"
         "<item><value>z</value><key>w</key></item>"),
        "<item><key>Name</key><value>n</value></item><item><value>z</value></item>",
    };
    static const char *const none[] = {
        "<item><key>name</key><value>n</value></item>",
        "<item><key>Name</key></item><item><value>n</value></item>",
        "<item><key>Names</key><value>n</value></item>",
        "<key>Name</key><value>n</value>",
    };
    char document[1000];
    for (size_t i = 0; i < NEPH_COUNT(tags); i++) {
        snprintf(
            document, sizeof document,
            RESERVATION("<item><instancesSet><item><instanceId>i</instanceId><tagSet>%s</tagSet>"
                        "</item></instancesSet></item>"),
            tags[i]);
        expect(*state, XML(node_rules), document, "node{id=i,name=n}");
        snprintf(
            document, sizeof document,
            RESERVATION("<item><instancesSet><item><instanceId>i</instanceId><tagSet>%s</tagSet>"
                        "</item></instancesSet></item>"),
            none[i]);
        expect(*state, XML(node_rules), document, "node{id=i}");
    }
}

static void test_reply__names_pairs_by_their_siblings(void **state)
{
    static const neph_field fields[] = {
        {"id", .member = NEPH_NODE_ID},
        {"tagSet/item[key=Name]/value", .member = NEPH_NODE_NAME},
        {"tagSet/item[key]/value", .member = NEPH_NODE_TAGS},
    };
    static const neph_rule rules[] = {{"node", NEPH_FIELDS(fields), .kind = NEPH_KIND_NODE}};
    expect(
        *state, XML(rules),
        "<R><node><tagSet><item><key>a</key><value>1</value></item><item><value>n</value>"
        "<key>Name</key></item><item><key>empty</key><value/></item><item><key>alone</key></item>"
        "<item><value>nameless</value></item></tagSet><id>i</id></node>"
        "<node><id>j</id><tagSet/></node></R>",
        "node{id=i,name=n,tags=[a:1|Name:n|empty:|alone:]}node{id=j}");
}

static void test_reply__names_pairs_of_json(void **state)
{
    static const neph_field fields[] = {{"tags[key]/value", .member = NEPH_NODE_TAGS}};
    static const neph_rule rules[] = {{"[]", NEPH_FIELDS(fields), .kind = NEPH_KIND_NODE}};
    expect(*state, JSON(rules),
           "[{\"tags\":[{\"key\":\"a\",\"value\":1},{\"value\":\"\",\"key\":\"b\"}]}]",
           "node{tags=[a:1|b:]}");
}

static void test_reply__has_a_number_for_every_other_text(void **state)
{
    static const neph_map others[] = {{"stopped", NEPH_NODE_STOPPED}, {NULL, NEPH_NODE_RUNNING}};
    static const neph_field fields[] = {{"s", .member = NEPH_NODE_STATE, .map = others}};
    static const neph_rule rules[] = {{"n", NEPH_FIELDS(fields), .kind = NEPH_KIND_NODE}};
    expect(*state, XML(rules), "<R><n><s>stopped</s></n><n><s>odd</s></n><n><s/></n></R>",
           "node{state=stopped}node{state=running}node{}");
}

static void test_reply__reads_percentages(void **state)
{
    static const neph_field fields[] = {
        {"p", .member = NEPH_SNAPSHOT_PROGRESS, .flags = NEPH_FIELD_PERCENT},
    };
    static const neph_rule rules[] = {{"s", NEPH_FIELDS(fields), .kind = NEPH_KIND_SNAPSHOT}};
    expect(*state, XML(rules),
           "<R><s><p>42%</p></s><s><p>100</p></s><s><p/></s><s><p> 7% </p></s></R>",
           "snapshot{progress_percent=42}snapshot{progress_percent=100}snapshot{}"
           "snapshot{progress_percent=7}");
    refuse(
        *state, XML(rules), "<R><s><p>%</p></s></R>", "",
        "not the number, time or truth value that it should be: \"%\" (R/s/p, byte 14 of the reply)");
}

static void test_reply__gives_fields_of_outer_elements_to_what_stands_in_them(void **state)
{
    expect(
        *state, XML(node_rules),
        RESERVATION(
            "<item><ownerId>o1</ownerId><instancesSet><kind>k</kind><item><instanceId>i1"
            "</instanceId></item><item><instanceId>i2</instanceId></item></instancesSet></item>"
            "<item><instancesSet><item><instanceId>i3</instanceId></item></instancesSet>"
            "<ownerId>o2</ownerId></item>"
            "<item><instancesSet><item><instanceId>i4</instanceId></item></instancesSet></item>"),
        "node{id=i1,extra=[kind:k|owner:o1]}node{id=i2,extra=[kind:k|owner:o1]}"
        "node{id=i3,extra=[owner:o2]}node{id=i4}");
    expect(*state, XML(node_rules),
           RESERVATION(
               "<item><instancesSet><item><instanceId>i1</instanceId></item><kind>a</kind>"
               "</instancesSet><instancesSet><kind>b</kind><item><instanceId>i2</instanceId></item>"
               "</instancesSet><ownerId>o</ownerId></item>"),
           "node{id=i1,extra=[kind:a|owner:o]}node{id=i2,extra=[kind:b|owner:o]}");
}

static void test_reply__does_not_emit_what_still_waits_when_the_reply_breaks(void **state)
{
    refuse(
        *state, XML(node_rules),
        "<R><reservationSet><item><instancesSet><item><instanceId>i</instanceId></item></instancesSet>",
        "", "too early");
    refuse(
        *state, XML(node_rules),
        "<R><reservationSet><item><instancesSet><item><instanceId>i</instanceId></item></instancesSet>"
        "</item><item><instancesSet><item></item>",
        "node{id=i}", "R/reservationSet/item/instancesSet/item/instanceId");
}

#define NODE(inside)                                                                               \
    RESERVATION("<item><instancesSet><item>" inside "</item></instancesSet></item>")

static void test_reply__converts_texts(void **state)
{
    expect(
        *state, XML(node_rules),
        NODE(
            "<instanceId>i</instanceId><state><name>running</name></state><ips><ip>1</ip><ip>2</ip></ips>"
            "<ramGiB>2</ramGiB><cpus count=\"1.5\"/><launchTime>2024-05-01T12:34:56Z</launchTime>"),
        "node{id=i,state=running,public_ips=[1|2],cpus=1500000000,ram_bytes=2147483648,"
        "created=1714566896000000000}");
    expect(*state, XML(node_rules),
           NODE("<instanceId>i</instanceId><state><name>melting</name></state><ramGiB>0.5</ramGiB>"
                "<cpus count=\"\"/><ips/><launchTime/>"),
           "node{id=i,ram_bytes=536870912}");
    expect(*state, XML(node_rules), NODE("<instanceId>i</instanceId><ramGiB>\n 3 </ramGiB>"),
           "node{id=i,ram_bytes=3221225472}");
    refuse(*state, XML(node_rules), NODE("<instanceId>i</instanceId><ramGiB>9000000000</ramGiB>"),
           "", "item/ramGiB");
    refuse(*state, XML(node_rules),
           NODE("<instanceId>i</instanceId><ramGiB>-9223372036854775808</ramGiB>"), "",
           "item/ramGiB");
    refuse(*state, XML(node_rules), NODE("<instanceId>i</instanceId><cpus count='two'/>"), "",
           "item/cpus/@count");
}

static void test_reply__marks_results_that_are_failures(void **state)
{
    expect(*state, XML(node_rules),
           NODE("<instanceId>i</instanceId><reason><code>Full</code><text>no room</text></reason>"),
           "node{id=i,error=Full:no room}");
}

/* ---- JSON */

static const neph_map truths[] = {{"open", 1}, {"closed", 0}, {NULL, 0}};
static const neph_field image_fields[] = {
    {"id", .member = NEPH_IMAGE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"name", .member = NEPH_IMAGE_NAME},
    {"public", .member = NEPH_IMAGE_PUBLIC},
    {"access", .map = truths, .member = NEPH_IMAGE_PUBLIC},
    {"created", .member = NEPH_IMAGE_CREATED, .flags = NEPH_FIELD_EPOCH},
    {"created_ms", .member = NEPH_IMAGE_CREATED, .flags = NEPH_FIELD_EPOCH_MS},
    {"tags[]", "tag", .member = NEPH_EXTRA},
    {"@odata.id", .member = NEPH_EXTRA}, /* no attribute: JSON has none */
};
static const neph_field link_fields[] = {
    {"links[rel=next]/href", .member = NEPH_PAGE_URL},
    {"marker", .member = NEPH_PAGE_TOKEN},
    {"until", .member = NEPH_SESSION_EXPIRES, .flags = NEPH_FIELD_EPOCH},
    {"secret", .member = NEPH_SESSION_TOKEN, .flags = NEPH_FIELD_SECRET},
};
static const neph_rule image_rules[] = {
    {"images[]", NEPH_FIELDS(image_fields), .kind = NEPH_KIND_IMAGE},
    {".", NEPH_FIELDS(link_fields)},
};

static void test_reply__reads_arrays_of_objects(void **state)
{
    expect(
        *state, JSON(image_rules),
        "{\"images\": [{\"id\": 12, \"name\": \"a\", \"public\": true, \"tags\": [\"x\", \"y\"], "
        "\"more\": {\"id\": 1, \"deep\": [[{}]]}},\n"
        "{\"public\": \"no\", \"id\": \"z\"}, {\"id\": \"\"}], \"marker\": \"m\"}",
        "image{id=12,name=a,is_public=1,extra=[tag:x|tag:y]}image{id=z,is_public=0}image{id=}token=m;");
    expect(*state, JSON(image_rules), "{\"images\": [{\"id\": 1, \"access\": \"closed\"}]}",
           "image{id=1,is_public=0}");
    expect(*state, JSON(image_rules), "{\"images\": [{\"id\": 1, \"@odata.id\": \"o\"}]}",
           "image{id=1,extra=[@odata.id:o]}");
    expect(*state, JSON(image_rules), "{\"images\": []}", "");
    expect(*state, JSON(image_rules), "[1, {\"images\": [{}]}]", "");
}

static void test_reply__reads_epochs(void **state)
{
    expect(*state, JSON(image_rules),
           "{\"images\": [{\"id\": 1, \"created\": 1.5}, "
           "{\"id\": 2, \"created_ms\": 1714566896123}], \"until\": \"1714566896\"}",
           "image{id=1,created=1500000000}image{id=2,created=1714566896123000000}"
           "expires=2024-05-01T12:34:56Z;");
    refuse(*state, JSON(image_rules), "{\"images\": [{\"id\": 1, \"created\": \"soon\"}]}", "",
           "images[]/created");
    refuse(*state, JSON(image_rules), "{\"images\": [{\"id\": 1, \"created\": 99999999999999}]}",
           "", "images[]/created");
}

static void test_reply__takes_null_for_absent(void **state)
{
    expect(
        *state, JSON(image_rules),
        "{\"images\": [null, {\"id\": 1, \"name\": null, \"tags\": [null, \"x\"]}], \"marker\": null}",
        "image{id=1,extra=[tag:x]}");
    expect(*state, JSON(image_rules), "null", "");
    expect(*state, JSON(image_rules), "{\"images\": null}", "");
    refuse(*state, JSON(image_rules), "{\"images\": [{\"id\": null}]}", "",
           "a required element is missing or empty (images[]/id");
}

static void test_reply__takes_objects_for_absent_where_a_text_should_be(void **state)
{
    expect(*state, JSON(image_rules),
           "{\"images\": [{\"id\": 1, \"name\": {\"first\": \"n\"}, \"public\": []}]}",
           "image{id=1}");
}

static void test_reply__takes_an_item_by_its_sibling(void **state)
{
    expect(
        *state, JSON(image_rules),
        "{\"links\": [{\"rel\": \"self\", \"href\": \"s\"}, {\"rel\": \"next\", \"href\": \"n\"}]}",
        "next=n;");
    expect(*state, JSON(image_rules), "{\"links\": [{\"href\": \"n\", \"rel\": \"next\"}]}",
           "next=n;");
    expect(
        *state, JSON(image_rules),
        "{\"links\": [{\"rel\": \"next\"}, {\"href\": \"n\"}, {\"rel\": \"next\", \"href\": null}]}",
        "");
}

static void test_reply__marks_secrets(void **state)
{
    fixture *f = *state;
    f->allocator.secret = "OnlyForTheTest";
    expect(f, JSON(image_rules), "{\"secret\": \"OnlyForTheTest\", \"images\": [{\"id\": 1}]}",
           "session=(secret)OnlyForTheTest;image{id=1}");
    nephi_reader_destroy(f->reader);
    nephi_json_class.destroy(f->json);
    f->reader = NULL;
    f->json = NULL;
    assert_int_equal(f->allocator.leaked, 0);
}

static void test_reply__says_where_json_is_broken(void **state)
{
    refuse(*state, JSON(image_rules), "{\"images\": [{\"id\": 1},\n {\"id\" 2}]}", "image{id=1}",
           "at line 2, column ");
    refuse(*state, JSON(image_rules), "{\"images\": [{\"id\": 1},\n {\"id\": ", "image{id=1}",
           "the JSON ends too early, at line 2, column 8 (byte 31), in images[]/id");
    refuse(*state, JSON(image_rules), "<html></html>", "", "is HTML or XML, not JSON");
    refuse(*state, JSON(image_rules), "{\"images\": [{\"id\": 1}]} x", "image{id=1}",
           "trailing garbage");
}

static const neph_field item_fields[] = {
    {".", .member = NEPH_LOCATION_ID},
    {"../../country", .member = NEPH_LOCATION_COUNTRY, .flags = NEPH_FIELD_REQUIRED},
};
static const neph_rule item_rules[] = {
    {"[]/zones[]", NEPH_FIELDS(item_fields), .kind = NEPH_KIND_LOCATION},
};

static void test_reply__reads_texts_that_are_the_result(void **state)
{
    expect(
        *state, JSON(item_rules),
        "[{\"country\": \"DE\", \"zones\": [\"a\", \"b\"]}, {\"zones\": [\"c\"], \"country\": \"FR\"}]",
        "location{id=a,country=DE}location{id=b,country=DE}location{id=c,country=FR}");
    expect(*state, JSON(item_rules), "[{\"zones\": []}, {}]", "");
    refuse(*state, JSON(item_rules),
           "[{\"country\": \"DE\", \"zones\": [\"a\"]}, {\"zones\": [\"c\"]}]",
           "location{id=a,country=DE}", "a required element is missing or empty ([]/country");
}

static const neph_field root_fields[] = {
    {".", .member = NEPH_BUCKET_REGION},
    {"@name", .member = NEPH_BUCKET_NAME},
};
static const neph_rule root_rules[] = {{".", NEPH_FIELDS(root_fields), .kind = NEPH_KIND_BUCKET}};
static const neph_rule text_rules[] = {{".", .fields = root_fields, .field_count = 1,
                                        .field_size = sizeof(neph_field),
                                        .kind = NEPH_KIND_BUCKET}};

static void test_reply__reads_the_document_itself(void **state)
{
    expect(*state, XML(root_rules), "<LocationConstraint name='b'>eu</LocationConstraint>",
           "bucket{name=b,region=eu}");
    expect(*state, XML(root_rules), "<LocationConstraint/>", "bucket{}");
    expect(*state, XML(root_rules), "<L>text<x>of two</x>parts</L>", "bucket{}");
    expect(*state, JSON(text_rules), "\"eu\"", "bucket{region=eu}");
    expect(*state, JSON(text_rules), "{}", "bucket{}");
    expect(*state, JSON(text_rules), "null", "");
}

/* ---- flags of texts */

static const neph_field coded_fields[] = {
    {"tag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE},
    {"base64", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_BASE64},
    {"url", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL},
    {"both", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL | NEPH_FIELD_BASE64},
    {"meta", "m", .member = NEPH_OBJECT_METADATA},
};
static const neph_rule coded_rules[] = {
    {"[]", NEPH_FIELDS(coded_fields), .kind = NEPH_KIND_OBJECT}};

static void test_reply__decodes_texts(void **state)
{
    static const char *const rows[][2] = {
        {"\"tag\": \"\\\"x\\\"\"", "object{etag=x}"},
        {"\"tag\": \"W/\\\"x\\\"\"", "object{etag=x}"},
        {"\"tag\": \"x\\\"\"", "object{etag=x\"}"},
        {"\"tag\": \"\\\"\"", "object{etag=\"}"},
        {"\"tag\": \"\\\"\\\"\"", "object{etag=}"},
        {"\"base64\": \"YWI=\"", "object{key=ab}"},
        {"\"base64\": \"\"", "object{key=}"},
        {"\"url\": \"a%20b+c%zz\"", "object{key=a b+c%zz}"},
        {"\"both\": \"YWI%3D\"", "object{key=ab}"},
        {"\"meta\": \"v\", \"meta\": \"w\"", "object{metadata=[m:v|m:w]}"},
    };
    char document[100];
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        snprintf(document, sizeof document, "[{%s}]", rows[i][0]);
        expect(*state, JSON(coded_rules), document, rows[i][1]);
    }
    refuse(*state, JSON(coded_rules), "[{\"base64\": \"*\"}]", "",
           "not the base64 that it should be: \"*\" ([]/base64");
    refuse(*state, JSON(coded_rules), "[{\"base64\": \"YQBi\"}]", "", "a NUL in a text");
    refuse(*state, JSON(coded_rules), "[{\"url\": \"a%00\"}]", "", "a NUL in a text");
}

/* What no parser has seen must be UTF-8, unless the member is one that clouds keep as bytes. */
static const neph_field byte_fields[] = {
    {"key", .member = NEPH_OBJECT_KEY, .flags = NEPH_FIELD_URL},
    {"etag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_BASE64},
    {"more", .member = NEPH_EXTRA, .flags = NEPH_FIELD_BASE64},
    {"class", .member = NEPH_OBJECT_CLASS, .flags = NEPH_FIELD_URL_IF},
    {"version", .member = NEPH_OBJECT_VERSION, .flags = NEPH_FIELD_BASE64},
    {"on", .member = NEPH_SCRATCH + 2, .flags = NEPH_FIELD_URL},
};
static const neph_rule byte_rules[] = {{".", NEPH_FIELDS(byte_fields), .kind = NEPH_KIND_OBJECT}};

static void test_reply__decoded_texts_are_utf8_but_for_those_kept_as_bytes(void **state)
{
    fixture *f = *state;
    f->url_decode = 1;
    expect(f, JSON(byte_rules), "{\"key\": \"a%ff\"}", "object{key=a\xff}");
    expect(f, JSON(byte_rules), "{\"etag\": \"/w==\"}", "object{etag=\xff}");
    expect(f, JSON(byte_rules), "{\"more\": \"/w==\"}", "object{extra=[more:\xff]}");
    expect(f, JSON(byte_rules), "{\"on\": \"%ff\"}", "scratch2=\xff;object{}");
    expect(f, JSON(byte_rules), "{\"class\": \"%c3%a9\"}", "object{storage_class=\xc3\xa9}");
    expect(f, JSON(byte_rules), "{\"version\": \"w6k=\"}", "object{version=\xc3\xa9}");
    refuse(f, JSON(byte_rules), "{\"class\": \"%c3\"}", "", "a text that is no UTF-8 (class");
    refuse(f, JSON(byte_rules), "{\"version\": \"/w==\"}", "", "no UTF-8 (version");
}

/* ---- headers */

static const neph_field header_fields[] = {
    {"header:ETag", .member = NEPH_OBJECT_ETAG, .flags = NEPH_FIELD_UNQUOTE | NEPH_FIELD_REQUIRED},
    {"header:Content-Length", .member = NEPH_OBJECT_SIZE_BYTES},
    {"header:Last-Modified", .member = NEPH_OBJECT_MODIFIED},
    {"header:x-amz-meta-*", .member = NEPH_OBJECT_METADATA, .flags = NEPH_FIELD_PREFIX},
    {"header:X-Other", .member = NEPH_EXTRA},
    {"header:X-Version", .member = NEPH_OBJECT_VERSION},
};
static const neph_field call_header_fields[] = {
    {"header:X-Request-Id", .member = NEPH_ERROR_REQUEST_ID},
};
static const neph_rule header_rules[] = {
    {".", NEPH_FIELDS(header_fields), .kind = NEPH_KIND_OBJECT},
    {".", NEPH_FIELDS(call_header_fields)},
};

static void test_reply__reads_headers(void **state)
{
    static const char *const headers[] = {"etag",
                                          "\"x\"",
                                          "CONTENT-LENGTH",
                                          "5",
                                          "X-Amz-Meta-Color",
                                          "red",
                                          "x-amz-meta",
                                          "no",
                                          "x-amz-meta-a",
                                          "",
                                          "last-modified",
                                          "Thu, 01 Jan 1970 00:00:01 GMT",
                                          "x-other",
                                          "o",
                                          "x-request-id",
                                          "r",
                                          "x-else",
                                          "e",
                                          NULL};
    static const char results[] = "request=r;object{size_bytes=5,modified=1000000000,etag=x,"
                                  "metadata=[Color:red|a:],extra=[X-Other:o]}";
    fixture *f = *state;
    f->headers = headers;
    expect(f, &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_NONE, header_rules), "", results);
    expect(f, &(const neph_reply)NEPH_REPLY_OF(NEPH_REPLY_BODY, header_rules), "bytes", results);
    expect(f, XML(header_rules), "", results);
    expect(f, XML(header_rules), "<a/>", results);
}

static void test_reply__headers_are_utf8_but_for_those_kept_as_bytes(void **state)
{
    static const char *const latin[] = {"etag", "\xe9", "x-amz-meta-a", "\xff", NULL};
    static const char *const version[] = {"etag", "e", "X-Version", "caf\xe9", NULL};
    const neph_reply table = NEPH_REPLY_OF(NEPH_REPLY_NONE, header_rules);
    fixture *f = *state;
    nephi_reply *reply = compile(f, &table);
    f->headers = latin;
    expect(f, &table, "", "object{etag=\xe9,metadata=[a:\xff]}");
    f->headers = version;
    assert_int_equal(read_reply(f, reply, "", 0), NEPH_PROTOCOL);
    assert_non_null(strstr(f->tape.error.message, "a text that is no UTF-8 (X-Version"));
    nephi_reply_free(reply);
}

static void test_reply__refuses_headers_that_are_missing_or_wrong(void **state)
{
    static const char *const none[] = {NULL};
    static const char *const wrong[] = {"Content-Length", "many", NULL};
    const neph_reply table = NEPH_REPLY_OF(NEPH_REPLY_NONE, header_rules);
    fixture *f = *state;
    nephi_reply *reply = compile(f, &table);
    f->headers = none;
    assert_int_equal(read_reply(f, reply, "", 0), NEPH_PROTOCOL);
    assert_non_null(strstr(f->tape.error.message, "missing"));
    assert_non_null(strstr(f->tape.error.message, "header:ETag"));
    f->headers = wrong;
    assert_int_equal(read_reply(f, reply, "", 0), NEPH_PROTOCOL);
    assert_non_null(strstr(f->tape.error.message, "Content-Length"));
    nephi_reply_free(reply);
}

/* ---- limits of what waits */

static void test_reply__limits_what_waits(void **state)
{
    fixture *f = *state;
    nephi_reply *reply = compile(f, XML(node_rules));
    int rc = begin(f, reply);
    int count = 0;
    static const char before[] = "<R><reservationSet><item><instancesSet>";
    static const char item[] = "<item><instanceId>i</instanceId></item>";
    if (!rc)
        rc = nephi_reader_feed(f->reader, before, sizeof before - 1);
    while (!rc && count++ < 10001)
        rc = nephi_reader_feed(f->reader, item, sizeof item - 1);
    assert_int_equal(rc, NEPH_PROTOCOL);
    assert_int_equal(count, 10001);
    assert_non_null(strstr(f->tape.error.message, "too many results wait"));
    nephi_reader_reset(f->reader);
    assert_int_equal(f->tape.alive, 0);
    nephi_reply_free(reply);
}

static void test_reply__limits_a_result(void **state)
{
    fixture *f = *state;
    nephi_reply *reply = compile(f, JSON(coded_rules));
    size_t size = (1 << 20) + 20;
    char *item = malloc(size + 1);
    int rc, count = 0;
    memcpy(item, "\"meta\": \"", 9);
    memset(item + 9, 'x', 1 << 20);
    memcpy(item + 9 + (1 << 20), "\",", 3);
    rc = begin(f, reply);
    if (!rc)
        rc = nephi_reader_feed(f->reader, "[{", 2);
    while (!rc && count++ < 9)
        rc = nephi_reader_feed(f->reader, item, strlen(item));
    assert_int_equal(rc, NEPH_PROTOCOL);
    assert_in_range(count, 2, 5);
    assert_non_null(strstr(f->tape.error.message, "larger than 4 MiB"));
    nephi_reader_reset(f->reader);
    free(item);
    nephi_reply_free(reply);
}

static void test_reply__can_begin_anew_in_the_middle(void **state)
{
    fixture *f = *state;
    nephi_reply *nodes = compile(f, XML(node_rules)), *list = compile(f, XML(list_rules));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(begin(f, nodes), 0);
        assert_int_equal(
            nephi_reader_feed(f->reader, "<R><reservationSet><item><instancesSet><item>", 45), 0);
        assert_int_equal(
            nephi_reader_feed(f->reader, "<instanceId>i</instanceId></item><item>", 39), 0);
        assert_int_equal(read_reply(f, list,
                                    "<ListBucketResult><Contents><Key>k</Key></Contents>"
                                    "</ListBucketResult>",
                                    0),
                         0);
        assert_string_equal(tape_text(&f->tape), "object{key=k}");
    }
    nephi_reply_free(nodes);
    nephi_reply_free(list);
}

/* ---- tables that are wrong */

static void wrong(fixture *f, const neph_reply *table, const char *words)
{
    nephi_reply *reply = (nephi_reply *)f;
    uint32_t dropped;
    int rc;
    nephi_error_clear(&f->tape.error);
    rc = nephi_reply_compile(&reply, &f->memory, table, &dropped, &f->tape.error);
    if (rc != NEPH_PLUGIN || !strstr(f->tape.error.message, words))
        fail_msg("%d \"%s\", not \"%s\"", rc, f->tape.error.message, words);
    assert_null(reply);
}

/* A table of one rule with one field. */
static void wrong_field(fixture *f, uint32_t format, neph_rule rule, neph_field field,
                        const char *words)
{
    neph_reply table = {sizeof table, format, &rule, 1, sizeof rule};
    if (!rule.path)
        rule.path = "a";
    if (!rule.kind && !rule.flags)
        rule.kind = NEPH_KIND_NODE;
    rule.fields = &field;
    rule.field_count = 1;
    rule.field_size = sizeof field;
    if (!field.path)
        field.path = "p";
    if (!field.member)
        field.member = NEPH_NODE_ID;
    wrong(f, &table, words);
    assert_non_null(strstr(f->tape.error.message, rule.path));
}

static void test_reply__refuses_fields_that_are_wrong_and_names_them(void **state)
{
    static const struct {
        neph_field field;
        const char *words;
    } rows[] = {
        {{.path = "a//b"}, "\"a//b\": is no path"},
        {{.path = "/a"}, "is no path"},
        {{.path = "a/"}, "is no path"},
        {{.path = "a[b"}, "is no path"},
        {{.path = "a[b]"}, "only pairs of the result itself are named"},
        {{"a[b]c", .member = NEPH_EXTRA}, "is no path"},
        {{"../a[b]/c", .member = NEPH_EXTRA}, "only pairs of the result itself are named"},
        {{.path = "a[=b]"}, "is no path"},
        {{.path = "a[b=]"}, "is no path"},
        {{.path = "a[b=c]d"}, "is no path"},
        {{.path = "a[]"}, "is no path"},
        {{.path = "@"}, "is no path"},
        {{.path = "@a/b"}, "is no path"},
        {{.path = "./a"}, "is no path"},
        {{.path = "a/.."}, "is no path"},
        {{.path = "a[b=c]/d[e=f]/g"}, "can have one [name=value]"},
        {{.path = "../../a"}, "climbs out of the document"},
        {{"../a", .member = NEPH_PAGE_TOKEN}, "only a member of a result can stand outside"},
        {{.path = "header:A"}, "header fields belong to a rule at \".\""},
        {{"p", .member = NEPH_OBJECT_KEY}, "its member is none of the rule's kind"},
        {{"p", .member = 0x7fffffff}, "its member is none"},
        {{"p", .member = -1}, "its member is none"},
        {{"p", .member = NEPH_BODY_SINK}, "its member is none"},
        {{"p", .member = NEPH_NODE_STATE}, "an enumeration needs a map"},
        {{"p", .map = states}, "a map makes numbers"},
        {{"p", .flags = NEPH_FIELD_EPOCH}, "an epoch makes a time"},
        {{"p", .member = NEPH_NODE_CREATED, .flags = NEPH_FIELD_EPOCH | NEPH_FIELD_EPOCH_MS},
         "of seconds or of milliseconds"},
        {{"p", .scale = 2}, "only numbers have a scale"},
        {{"p", .flags = NEPH_FIELD_PERCENT}, "a percentage makes a number"},
        {{"p", .member = NEPH_EXTRA, .flags = NEPH_FIELD_PREFIX}, "a header's prefix fills pairs"},
        {{"p", .flags = NEPH_FIELD_URL_IF | NEPH_FIELD_URL}, "URL_IF stands alone"},
        {{"p", .member = NEPH_NODE_PUBLIC_IPS, .flags = NEPH_FIELD_URL_IF}, "can be URL_IF"},
    };
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a"}, rows[i].field, rows[i].words);
}

static void test_reply__refuses_rules_that_are_wrong_and_names_them(void **state)
{
    static const neph_rule rows[] = {
        {.path = "a//b"},
        {.path = "a[b=c]"},
        {.path = "@a"},
        {.path = "a[]"},
        {.path = "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q"},
    };
    static const neph_field empty = {.path = NULL};
    static const neph_field coded[] = {{"p", .member = NEPH_NODE_ID, .flags = NEPH_FIELD_URL_IF},
                                       {"../q", .member = NEPH_NODE_NAME}};
    const neph_field none = {.path = NULL};
    neph_rule rule = {.path = NULL};
    neph_reply table = {sizeof table, NEPH_REPLY_XML, &rule, 1, sizeof rule};
    for (size_t i = 0; i < NEPH_COUNT(rows); i++)
        wrong_field(*state, NEPH_REPLY_XML, rows[i], none, "its path is none");
    wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a", .kind = 99}, none, "unknown kind");
    wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a", .flags = 2}, none,
                "flags that this version");
    wrong_field(*state, NEPH_REPLY_XML,
                (neph_rule){.path = "a", .kind = NEPH_KIND_NODE, .flags = 1}, none,
                "an error is no result");
    wrong_field(*state, NEPH_REPLY_XML, (neph_rule){.path = "a", .flags = NEPH_RULE_ERROR}, none,
                "a rule without a kind fills no result");
    wrong_field(*state, NEPH_REPLY_JSON, (neph_rule){.path = "a", .root = "R"}, none,
                "only XML has a root");
    wrong_field(*state, NEPH_REPLY_NONE, (neph_rule){.path = "a"}, none, "rules at \".\" alone");
    wrong_field(*state, NEPH_REPLY_BODY, (neph_rule){.path = "."}, none, "has header fields alone");
    wrong_field(*state, NEPH_REPLY_NONE, (neph_rule){.path = "."}, (neph_field){.path = "header:"},
                "a header's name");
    wrong_field(*state, NEPH_REPLY_NONE, (neph_rule){.path = "."},
                (neph_field){.path = "header:a*"}, "a header's name");
    wrong(*state, &table, "rule 0 has no path");
    rule.path = "";
    wrong(*state, &table, "rule 0 has no path");
    rule.path = "a";
    rule.field_count = 1;
    wrong(*state, &table, "not 0 to 64 fields");
    rule.fields = &empty;
    rule.field_count = 65;
    wrong(*state, &table, "not 0 to 64 fields");
    rule.field_count = 1;
    rule.field_size = sizeof empty;
    wrong(*state, &table, "has no path");
    rule = (neph_rule){"a/b", NEPH_FIELDS(coded), .kind = NEPH_KIND_NODE};
    wrong(*state, &table, "both URL_IF and \"../\"");
    table.format = NEPH_REPLY_TEXT + 1;
    wrong(*state, &table, "unknown format");
    table.format = NEPH_REPLY_XML;
    table.rule_count = 33;
    wrong(*state, &table, "more than 32 rules");
    table.rule_count = 1;
    table.rules = NULL;
    wrong(*state, &table, "unknown format, or");
}

static void test_reply__drops_fields_with_flags_that_it_does_not_know(void **state)
{
    static const neph_field fields[] = {
        {"id", .member = NEPH_IMAGE_ID, .flags = 1u << 30},
        {"id", .member = NEPH_IMAGE_NAME},
    };
    static const neph_rule rules[] = {{"[]", NEPH_FIELDS(fields), .kind = NEPH_KIND_IMAGE}};
    fixture *f = *state;
    nephi_reply *reply = NULL;
    uint32_t dropped = 99;
    assert_int_equal(nephi_reply_compile(&reply, &f->memory, JSON(rules), &dropped, &f->tape.error),
                     0);
    assert_int_equal(dropped, 1);
    assert_int_equal(read_reply(f, reply, "[{\"id\": 1}]", 0), 0);
    assert_string_equal(tape_text(&f->tape), "image{name=1}");
    nephi_reply_free(reply);
    nephi_reply_free(NULL);
}

/* A plugin built with longer structs than this library's. */
static void test_reply__steps_by_the_sizes_that_the_table_says(void **state)
{
    static const struct {
        neph_field field;
        int64_t more;
    } fields[] = {{{"id", .member = NEPH_IMAGE_ID}, 1}, {{"name", .member = NEPH_IMAGE_NAME}, 2}};
    static const struct {
        neph_rule rule;
        int64_t more;
    } rules[] = {{{"a[]", &fields[0].field, 2, sizeof fields[0], .kind = NEPH_KIND_IMAGE}, 1},
                 {{"b[]", &fields[0].field, 1, sizeof fields[0], .kind = NEPH_KIND_IMAGE}, 2}};
    const neph_reply table = {sizeof table, NEPH_REPLY_JSON, &rules[0].rule, 2, sizeof rules[0]};
    expect(*state, &table, "{\"a\": [{\"id\": 1, \"name\": 2}], \"b\": [{\"name\": 3, \"id\": 4}]}",
           "image{id=1,name=2}image{id=4}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_reply__reads_interleaved_rules_of_a_listing),
        TEST(test_reply__heeds_the_root_element),
        TEST(test_reply__waits_for_what_says_whether_texts_are_encoded),
        TEST(test_reply__keeps_what_was_emitted_before_a_failure),
        TEST(test_reply__names_the_path_of_what_cannot_be_read),
        TEST(test_reply__reads_nothing_out_of_an_empty_body),
        TEST(test_reply__ends_with_what_the_sink_returns),
        TEST(test_reply__drops_what_waits_when_the_sink_fails),
        TEST(test_reply__goes_down_nested_sets),
        TEST(test_reply__takes_a_value_by_its_sibling),
        TEST(test_reply__names_pairs_by_their_siblings),
        TEST(test_reply__names_pairs_of_json),
        TEST(test_reply__has_a_number_for_every_other_text),
        TEST(test_reply__reads_percentages),
        TEST(test_reply__gives_fields_of_outer_elements_to_what_stands_in_them),
        TEST(test_reply__does_not_emit_what_still_waits_when_the_reply_breaks),
        TEST(test_reply__converts_texts),
        TEST(test_reply__marks_results_that_are_failures),
        TEST(test_reply__reads_arrays_of_objects),
        TEST(test_reply__reads_epochs),
        TEST(test_reply__takes_null_for_absent),
        TEST(test_reply__takes_objects_for_absent_where_a_text_should_be),
        TEST(test_reply__takes_an_item_by_its_sibling),
        TEST(test_reply__marks_secrets),
        TEST(test_reply__says_where_json_is_broken),
        TEST(test_reply__reads_texts_that_are_the_result),
        TEST(test_reply__reads_the_document_itself),
        TEST(test_reply__decodes_texts),
        TEST(test_reply__decoded_texts_are_utf8_but_for_those_kept_as_bytes),
        TEST(test_reply__reads_headers),
        TEST(test_reply__headers_are_utf8_but_for_those_kept_as_bytes),
        TEST(test_reply__refuses_headers_that_are_missing_or_wrong),
        TEST(test_reply__limits_what_waits),
        TEST(test_reply__limits_a_result),
        TEST(test_reply__can_begin_anew_in_the_middle),
        TEST(test_reply__refuses_fields_that_are_wrong_and_names_them),
        TEST(test_reply__refuses_rules_that_are_wrong_and_names_them),
        TEST(test_reply__drops_fields_with_flags_that_it_does_not_know),
        TEST(test_reply__steps_by_the_sizes_that_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
