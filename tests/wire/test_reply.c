/*
 * tests/wire/test_reply.c - reply tables: what each kind of path and rule makes of a document of
 * XML or JSON, results that wait, failures and their words.
 */
#include "tests/wire/reply_stand.h"

#include <stdio.h>
#include <string.h>

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

int main(void)
{
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
        TEST(test_reply__limits_what_waits),
        TEST(test_reply__can_begin_anew_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
