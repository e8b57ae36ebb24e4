/*
 * test_local_upload.c - the local provider under a real host: objects in parts, conditions, checksums, many at once. How keys
 * become files is test_local.c's.
 */
#include <neph/neph.h>
#include <neph/plugin.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUCKET "box"

extern const neph_plugin local_LTX_neph_plugin_v0;

static char root[256];
static neph_host *host;
static neph_cloud *cloud;

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

/* Runs a call to its end; it is freed. */
static int end(neph_call *call)
{
    int rc = neph_wait(call);
    neph_call_free(call);
    return rc;
}

static int setup(void **state)
{
    const char *directory = getenv("TMPDIR");
    neph_setting_value settings[] = {{"root", root}};
    int rc;
    (void)state;
    snprintf(root, sizeof root, "%s/neph-upload-XXXXXX", directory ? directory : "/tmp");
    assert_non_null(mkdtemp(root));
    assert_int_equal(neph_host_new(NULL, &host), 0);
    rc = neph_host_register(host, &local_LTX_neph_plugin_v0);
    assert_true(rc == 0 || rc == NEPH_EXISTS); /* a static libneph brings it along */
    assert_int_equal(neph_cloud_open(host, "local", settings, 1, &cloud), 0);
    return end(neph_bucket_create(cloud, BUCKET));
}

static int teardown(void **state)
{
    (void)state;
    neph_host_free(host);
    host = NULL;
    return nftw(root, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- one-liners */

static neph_source source_of(const char *text)
{
    neph_source source = NEPH_SOURCE_INIT;
    source.from = NEPH_BODY_MEMORY;
    source.data = text;
    source.data_size = strlen(text);
    return source;
}

static neph_call *put(const char *key, const char *text, const neph_put_options *options)
{
    neph_source source = source_of(text);
    return neph_object_put(cloud, BUCKET, key, &source, options);
}

/* The object's bytes; "(ERROR)" if there are none. */
static const char *content(const char *key)
{
    static char text[4096];
    neph_sink sink = NEPH_SINK_INIT;
    neph_call *call;
    const void *data;
    size_t size;
    sink.to = NEPH_BODY_MEMORY;
    call = neph_object_get(cloud, BUCKET, key, &sink, NULL);
    if (neph_wait(call))
        snprintf(text, sizeof text, "(%s)", neph_status_name(neph_call_error(call)->status));
    else {
        data = neph_call_data(call, &size);
        assert_true(size < sizeof text);
        memcpy(text, data ? data : "", size);
        text[size] = '\0';
    }
    neph_call_free(call);
    return text;
}

/* A member of the object as head tells it; "(none)". */
static const char *told(const char *key, int32_t member)
{
    static char text[512];
    neph_call *call = neph_object_head(cloud, BUCKET, key);
    neph_value value;
    assert_int_equal(neph_wait(call), 0);
    assert_int_equal(neph_result_get(neph_call_result(call), member, &value), 0);
    if (value.text)
        snprintf(text, sizeof text, "%s", value.text);
    else if (value.type == NEPH_TYPE_NONE)
        snprintf(text, sizeof text, "(none)");
    else
        snprintf(text, sizeof text, "%lld", (long long)value.number);
    neph_call_free(call);
    return text;
}

static const char *begin(const char *key, const neph_put_options *options)
{
    static char ids[8][64];
    static int at;
    neph_call *call = neph_upload_begin(cloud, BUCKET, key, options);
    const neph_upload *upload;
    char *id = ids[at++ % 8];
    if (neph_wait(call))
        fail_msg("%s", neph_call_error(call)->message);
    upload = (const neph_upload *)neph_call_result(call);
    assert_string_equal(upload->key, key);
    assert_true(upload->created_ns > 0);
    snprintf(id, 64, "%s", upload->id);
    neph_call_free(call);
    return id;
}

/* Sends a part; its ETag. */
static const char *part(const char *key, const char *upload, int64_t number, const char *text,
                        const char *checksum)
{
    static char etags[8][64];
    static int at;
    neph_source source = source_of(text);
    neph_call *call = neph_upload_part(cloud, BUCKET, key, upload, number, &source, checksum);
    const neph_part *sent;
    char *etag = etags[at++ % 8];
    if (neph_wait(call))
        fail_msg("%s", neph_call_error(call)->message);
    sent = (const neph_part *)neph_call_result(call);
    assert_int_equal(sent->number, number);
    assert_int_equal(sent->size_bytes, strlen(text));
    if (checksum)
        assert_string_equal(sent->checksum, sent->body_checksum);
    snprintf(etag, 64, "%s", sent->etag);
    neph_call_free(call);
    return etag;
}

/* The call's status; its message must hold `message`. */
static int fails(neph_call *call, const char *message)
{
    int rc = neph_wait(call);
    if (!rc || !strstr(neph_call_error(call)->message, message))
        fail_msg("%d: %s", rc, neph_call_error(call)->message);
    neph_call_free(call);
    return rc;
}

/* Numbers and sizes of the parts that the cloud has. */
static const char *parts(const char *key, const char *upload)
{
    static char text[512];
    neph_call *call = neph_upload_parts(cloud, BUCKET, key, upload);
    const neph_part *one;
    text[0] = '\0';
    while ((one = neph_next_part(call)) != NULL)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%lld:%lld ",
                 (long long)one->number, (long long)one->size_bytes);
    if (neph_wait(call))
        snprintf(text, sizeof text, "(%s)", neph_status_name(neph_call_error(call)->status));
    neph_call_free(call);
    return text;
}

/* Keys of all uploads under a prefix. */
static const char *uploads(const char *prefix)
{
    static char text[512];
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_upload *one;
    neph_call *call;
    options.prefix = prefix;
    call = neph_upload_list(cloud, BUCKET, &options);
    text[0] = '\0';
    while ((one = neph_next_upload(call)) != NULL)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", one->key);
    assert_int_equal(end(call), 0);
    return text;
}

static const char *listing(void)
{
    static char text[512];
    neph_call *call = neph_object_list(cloud, BUCKET, NULL);
    const neph_object *one;
    text[0] = '\0';
    while ((one = neph_next_object(call)) != NULL)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", one->key);
    assert_int_equal(end(call), 0);
    return text;
}

static const char *on_disk(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/" BUCKET "/%s", root, name);
    return path;
}

/* Entries of a directory of the bucket. */
static int entries(const char *name)
{
    DIR *directory = opendir(on_disk(name));
    int count = -2;
    if (!directory)
        return -1;
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

/* ---- parts */

static void test_upload__makes_an_object_of_parts_of_any_size(void **state)
{
    static const neph_pair metadata[] = {{"color", "blue"}};
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_pair listed[3] = {{"1", NULL}, {"2", NULL}, {"10000", NULL}};
    const char *id;
    (void)state;
    options.content_type = "text/x-parts";
    options.metadata = metadata;
    options.metadata_count = 1;
    options.local_modified_ns = INT64_C(1700000000123456789);
    options.checksum = "crc64nvme";
    id = begin("a/b", &options);
    listed[2].value = part("a/b", id, 10000, "789", "crc64nvme");
    listed[0].value = part("a/b", id, 1, "1", "crc64nvme");
    listed[1].value = part("a/b", id, 2, "23456", "crc64nvme");
    assert_string_equal(parts("a/b", id), "1:1 2:5 10000:3 ");
    assert_string_equal(listing(), "");
    assert_int_equal(end(neph_upload_complete(cloud, BUCKET, "a/b", id, listed, 3, NULL, NULL)), 0);
    assert_string_equal(content("a/b"), "123456789");
    assert_string_equal(told("a/b", NEPH_OBJECT_CHECKSUM), "crc64nvme:ae8b14860a799888");
    assert_string_equal(told("a/b", NEPH_OBJECT_CONTENT_TYPE), "text/x-parts");
    assert_string_equal(told("a/b", NEPH_OBJECT_LOCAL_MODIFIED), "1700000000123456789");
    assert_non_null(strstr(told("a/b", NEPH_OBJECT_ETAG), "-3"));
    assert_string_equal(uploads(NULL), "");
    assert_int_equal(entries(".neph"), 0);
}

static void test_upload__of_one_part_is_that_part(void **state)
{
    neph_pair listed[] = {{"7", NULL}};
    const char *id = begin("k", NULL);
    (void)state;
    listed[0].value = part("k", id, 7, "all of it", "sha256");
    assert_int_equal(end(neph_upload_complete(cloud, BUCKET, "k", id, listed, 1, NULL, NULL)), 0);
    assert_string_equal(content("k"), "all of it");
    assert_non_null(strstr(told("k", NEPH_OBJECT_ETAG), "-1"));
    assert_non_null(strstr(told("k", NEPH_OBJECT_CHECKSUM), "sha256:"));
    assert_string_equal(parts("k", id), "(not found)");
    assert_int_equal(entries(".neph"), 0);
}

static void test_upload__takes_the_part_that_is_meant(void **state)
{
    neph_pair listed[] = {{"1", NULL}};
    const char *id = begin("k", NULL), *older = part("k", id, 1, "older", NULL);
    (void)state;
    usleep(20000); /* times of files are not finer everywhere */
    part("k", id, 1, "newer one", NULL);
    assert_string_equal(parts("k", id), "1:9 ");
    listed[0].value = older;
    assert_int_equal(end(neph_upload_complete(cloud, BUCKET, "k", id, listed, 1, NULL, NULL)), 0);
    assert_string_equal(content("k"), "older");
}

static void test_upload__is_whole_before_anything_is_made_of_it(void **state)
{
    const char *id = begin("k", NULL);
    const char *one = part("k", id, 1, "one", NULL), *two = part("k", id, 2, "two", NULL);
    const neph_pair rows[][2] = {{{"1", one}, {"3", two}},  {{"2", two}, {"1", one}},
                                 {{"1", one}, {"1", one}},  {{"1", one}, {"2", one}},
                                 {{"1", one}, {"2x", two}}, {{"0", one}, {"2", two}},
                                 {{"1", one}, {"", two}},   {{"1", one}, {"100001", two}}};
    const neph_pair good[] = {{"1", one}, {"2", two}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            fails(neph_upload_complete(cloud, BUCKET, "k", id, rows[i], 2, NULL, NULL), "part"),
            NEPH_INVALID);
    assert_int_equal(
        fails(neph_upload_complete(cloud, BUCKET, "k", id, good, 0, NULL, NULL), "one part"),
        NEPH_INVALID);
    assert_string_equal(listing(), "");
    assert_string_equal(parts("k", id), "1:3 2:3 ");
    assert_int_equal(end(neph_upload_complete(cloud, BUCKET, "k", id, good, 2, NULL, NULL)), 0);
    assert_string_equal(content("k"), "onetwo");
}

static void test_upload__must_have_the_checksum_that_is_said(void **state)
{
    const char *id = begin("k", NULL);
    const neph_pair listed[] = {{"1", part("k", id, 1, "12345", "crc32c")},
                                {"2", part("k", id, 2, "6789", "crc32c")}};
    (void)state;
    assert_int_equal(
        fails(neph_upload_complete(cloud, BUCKET, "k", id, listed, 2, "crc32c:00000000", NULL),
              "crc32c:e3069283"),
        NEPH_INTEGRITY);
    assert_string_equal(listing(), "");
    assert_int_equal(
        end(neph_upload_complete(cloud, BUCKET, "k", id, listed, 2, "crc32c:e3069283", NULL)), 0);
    assert_string_equal(told("k", NEPH_OBJECT_CHECKSUM), "crc32c:e3069283");
}

static void test_upload__that_is_given_up_leaves_nothing(void **state)
{
    const char *id = begin("k", NULL), *other = begin("other", NULL);
    const neph_pair listed[] = {{"1", "00000000000000000000000000000000"}};
    neph_source source = source_of("x");
    (void)state;
    for (int i = 1; i <= 300; i++)
        part("k", id, i, "x", NULL);
    assert_int_equal(end(neph_upload_abort(cloud, BUCKET, "k", id)), 0);
    assert_int_equal(end(neph_upload_abort(cloud, BUCKET, "k", id)), 0);
    assert_int_equal(entries(".neph"), 1);
    assert_string_equal(uploads(NULL), "other ");
    assert_string_equal(parts("k", id), "(not found)");
    assert_string_equal(parts("k", other), "(not found)");
    assert_string_equal(parts("other", "../../etc"), "(not found)");
    assert_int_equal(fails(neph_upload_part(cloud, BUCKET, "k", id, 1, &source, NULL), "no upload"),
                     NEPH_NOT_FOUND);
    assert_int_equal(
        fails(neph_upload_complete(cloud, BUCKET, "k", id, listed, 1, NULL, NULL), "no upload"),
        NEPH_NOT_FOUND);
    assert_int_equal(end(neph_upload_abort(cloud, BUCKET, "k", "no/id")), 0);
}

static void test_upload__lists_are_in_order_of_keys(void **state)
{
    (void)state;
    begin("b/2", NULL);
    begin("a", NULL);
    begin("b", NULL);
    begin("b/1\n", NULL);
    assert_string_equal(uploads(NULL), "a b b/1\n b/2 ");
    assert_string_equal(uploads("b/"), "b/1\n b/2 ");
    assert_int_equal(end(neph_bucket_delete(cloud, BUCKET)), 0);
}

static void test_upload__parts_have_numbers_of_their_own(void **state)
{
    static const int64_t numbers[] = {0, -1, 10001, INT64_MAX};
    const char *id = begin("k", NULL);
    neph_source source = source_of("x");
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_int_equal(
            fails(neph_upload_part(cloud, BUCKET, "k", id, numbers[i], &source, NULL), "10000"),
            NEPH_INVALID);
    assert_string_equal(parts("k", id), "");
}

static int64_t give_slowly(void *data, size_t size, void *user)
{
    int *calls = user;
    memset(data, 'x', size);
    return (*calls)++ ? NEPH_AGAIN : (int64_t)size;
}

static void test_upload__part_that_is_cancelled_is_none(void **state)
{
    const char *id = begin("k", NULL);
    neph_source source = NEPH_SOURCE_INIT;
    neph_call *call;
    char directory[128];
    int calls = 0;
    (void)state;
    source.from = NEPH_BODY_CALLBACK;
    source.read = give_slowly;
    source.user = &calls;
    source.length = INT64_C(1) << 30;
    call = neph_upload_part(cloud, BUCKET, "k", id, 1, &source, NULL);
    assert_int_equal(neph_wait_for(call, 20), NEPH_AGAIN);
    snprintf(directory, sizeof directory, ".neph/up-%s", id);
    assert_int_equal(entries(directory), 2);
    neph_call_free(call);
    assert_int_equal(entries(directory), 1);
    assert_string_equal(parts("k", id), "");
}

/* Copies bytes of another object into a part. */
static neph_call *part_copy(const char *id, int64_t number, int64_t offset, int64_t length,
                            const char *match)
{
    neph_call *call = neph_call_new(cloud, NEPH_OP_UPLOAD_COPY);
    neph_call_set_string(call, NEPH_COPY_BUCKET, BUCKET);
    neph_call_set_string(call, NEPH_COPY_KEY, "from");
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, BUCKET);
    neph_call_set_string(call, NEPH_OBJECT_KEY, "to");
    neph_call_set_string(call, NEPH_UPLOAD_ID, id);
    neph_call_set_integer(call, NEPH_PART_NUMBER, number);
    neph_call_set_integer(call, NEPH_RANGE_OFFSET, offset);
    neph_call_set_integer(call, NEPH_RANGE_LENGTH, length);
    neph_call_set_string(call, NEPH_COPY_IF_MATCH, match);
    neph_call_start(call);
    return call;
}

static void test_upload__copies_parts_of_other_objects(void **state)
{
    const char *id = begin("to", NULL);
    neph_call *one, *two;
    (void)state;
    assert_int_equal(end(put("from", "0123456789", NULL)), 0);
    one = part_copy(id, 1, 4, 3, told("from", NEPH_OBJECT_ETAG));
    two = part_copy(id, 2, 8, 0, NULL);
    assert_int_equal(neph_wait(one), 0);
    assert_int_equal(neph_wait(two), 0);
    {
        const neph_pair listed[] = {{"1", ((const neph_part *)neph_call_result(one))->etag},
                                    {"2", ((const neph_part *)neph_call_result(two))->etag}};
        assert_int_equal(end(neph_upload_complete(cloud, BUCKET, "to", id, listed, 2, NULL, NULL)),
                         0);
    }
    neph_call_free(one);
    neph_call_free(two);
    assert_string_equal(content("to"), "45689");
    id = begin("to", NULL);
    assert_int_equal(fails(part_copy(id, 1, 0, 3, "another"), "entity tag"), NEPH_CONFLICT);
    assert_int_equal(fails(part_copy(id, 1, 10, 3, NULL), "end"), NEPH_INVALID);
}

/* ---- conditions */

static void test_condition__of_put_guards_what_is_there(void **state)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    char etag[64];
    (void)state;
    options.if_match = "*";
    assert_int_equal(fails(put("k", "one", &options), "no object"), NEPH_CONFLICT);
    options.if_match = NULL;
    options.if_none_match = "*";
    assert_int_equal(end(put("k", "one", &options)), 0);
    assert_int_equal(fails(put("k", "two", &options), "there is an object"), NEPH_CONFLICT);
    snprintf(etag, sizeof etag, "%s", told("k", NEPH_OBJECT_ETAG));
    options.if_none_match = etag;
    assert_int_equal(fails(put("k", "two", &options), etag), NEPH_CONFLICT);
    options.if_none_match = NULL;
    options.if_match = "another";
    assert_int_equal(fails(put("k", "two", &options), "another"), NEPH_CONFLICT);
    assert_string_equal(content("k"), "one");
    options.if_match = etag;
    assert_int_equal(end(put("k", "two", &options)), 0);
    assert_string_equal(content("k"), "two");
    assert_int_equal(entries(".neph"), 0);
}

static neph_call *get_if(const char *match, const char *none_match)
{
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_MEMORY;
    options.if_match = match;
    options.if_none_match = none_match;
    return neph_object_get(cloud, BUCKET, "k", &sink, &options);
}

static neph_call *delete_if(const char *match)
{
    neph_call *call = neph_call_new(cloud, NEPH_OP_OBJECT_DELETE);
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, BUCKET);
    neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    neph_call_set_string(call, NEPH_IF_MATCH, match);
    neph_call_start(call);
    return call;
}

static void test_condition__of_get_and_delete_names_the_object(void **state)
{
    char etag[64];
    (void)state;
    assert_int_equal(end(put("k", "one", NULL)), 0);
    snprintf(etag, sizeof etag, "%s", told("k", NEPH_OBJECT_ETAG));
    assert_int_equal(end(get_if(etag, NULL)), 0);
    assert_int_equal(end(get_if("*", "another")), 0);
    assert_int_equal(fails(get_if("another", NULL), "another"), NEPH_CONFLICT);
    assert_int_equal(fails(get_if(NULL, etag), etag), NEPH_CONFLICT);
    assert_int_equal(fails(delete_if("another"), "another"), NEPH_CONFLICT);
    assert_string_equal(content("k"), "one");
    assert_int_equal(end(delete_if(etag)), 0);
    assert_int_equal(fails(delete_if(etag), "no object"), NEPH_CONFLICT);
}

static void test_condition__of_complete_and_copy_guards_the_new_key(void **state)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    const char *id = begin("k", NULL);
    const neph_pair listed[] = {{"1", part("k", id, 1, "parts", NULL)}};
    neph_call *call;
    (void)state;
    options.if_none_match = "*";
    assert_int_equal(end(put("k", "one", NULL)), 0);
    assert_int_equal(end(put("from", "copy", NULL)), 0);
    assert_int_equal(
        fails(neph_upload_complete(cloud, BUCKET, "k", id, listed, 1, NULL, &options), "there is"),
        NEPH_CONFLICT);
    call = neph_call_new(cloud, NEPH_OP_OBJECT_COPY);
    neph_call_set_string(call, NEPH_COPY_BUCKET, BUCKET);
    neph_call_set_string(call, NEPH_COPY_KEY, "from");
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, BUCKET);
    neph_call_set_string(call, NEPH_OBJECT_KEY, "k");
    neph_call_set_string(call, NEPH_IF_NONE_MATCH, "*");
    neph_call_start(call);
    assert_int_equal(fails(call, "there is"), NEPH_CONFLICT);
    assert_string_equal(content("k"), "one");
    assert_string_equal(parts("k", id), "1:5 ");
}

/* Somebody else replaces an object of this bucket: the put waits until that is done. */
static void test_condition__holds_against_other_processes(void **state)
{
    neph_call *call;
    int lock;
    (void)state;
    assert_int_equal(end(put("k", "one", NULL)), 0);
    lock = open(on_disk(".neph"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    call = put("k", "two", NULL);
    assert_int_equal(neph_wait_for(call, 30), NEPH_AGAIN);
    assert_string_equal(content("k"), "one");
    close(lock);
    assert_int_equal(end(call), 0);
    assert_string_equal(content("k"), "two");
}

/* ---- checksums, facts, copies */

/* Other bytes of the same size under the same time. */
static void file_corrupt(const char *name)
{
    struct stat info;
    struct timespec times[2];
    int fd = open(on_disk(name), O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(pwrite(fd, "X", 1, 0), 1);
    times[0] = info.st_atim;
    times[1] = info.st_mtim;
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static neph_call *get_to(const char *path, const char *checksum, int64_t length)
{
    neph_get_options options = NEPH_GET_OPTIONS_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    sink.to = NEPH_BODY_FILE;
    sink.path = path;
    options.checksum = checksum;
    options.length = length;
    return neph_object_get(cloud, BUCKET, "k", &sink, &options);
}

static void test_checksum__finds_bytes_that_the_disk_has_changed(void **state)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    char path[300];
    (void)state;
    snprintf(path, sizeof path, "%s/out", root);
    options.checksum = "crc32c";
    assert_int_equal(end(put("k", "123456789", &options)), 0);
    assert_string_equal(told("k", NEPH_OBJECT_CHECKSUM), "crc32c:e3069283");
    assert_int_equal(end(get_to(path, "crc32c", 0)), 0);
    assert_int_equal(end(get_to(path, "md5", 0)), 0);
    assert_int_equal(unlink(path), 0);
    file_corrupt("k");
    assert_int_equal(fails(get_to(path, "crc32c", 0), "crc32c:e3069283"), NEPH_INTEGRITY);
    assert_int_equal(fails(get_to(path, "md5", 0), "25f9e794323b453885f5181f1b624d0b"),
                     NEPH_INTEGRITY);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(end(get_to(path, "crc32c", 9)), 0);
}

static void test_copy__keeps_what_is_known_of_the_bytes(void **state)
{
    neph_put_options options = NEPH_PUT_OPTIONS_INIT;
    neph_call *call;
    char etag[64];
    (void)state;
    options.checksum = "crc64nvme";
    options.content_type = "text/one";
    options.local_modified_ns = 5;
    assert_int_equal(end(put("k", "123456789", &options)), 0);
    snprintf(etag, sizeof etag, "%s", told("k", NEPH_OBJECT_ETAG));
    call = neph_call_new(cloud, NEPH_OP_OBJECT_COPY);
    neph_call_set_string(call, NEPH_COPY_BUCKET, BUCKET);
    neph_call_set_string(call, NEPH_COPY_KEY, "k");
    neph_call_set_string(call, NEPH_OBJECT_BUCKET, BUCKET);
    neph_call_set_string(call, NEPH_OBJECT_KEY, "l");
    neph_call_set_string(call, NEPH_OBJECT_CONTENT_TYPE, "text/two");
    neph_call_start(call);
    assert_int_equal(end(call), 0);
    assert_string_equal(content("l"), "123456789");
    assert_string_equal(told("l", NEPH_OBJECT_ETAG), etag);
    assert_string_equal(told("l", NEPH_OBJECT_CHECKSUM), "crc64nvme:ae8b14860a799888");
    assert_string_equal(told("l", NEPH_OBJECT_CONTENT_TYPE), "text/two");
    assert_string_equal(told("l", NEPH_OBJECT_LOCAL_MODIFIED), "5");
}

static void test_copy__takes_the_etag_of_bytes_that_nothing_is_known_of(void **state)
{
    FILE *file = fopen(on_disk("k"), "w");
    (void)state;
    fputs("123456789", file);
    fclose(file);
    assert_string_equal(told("k", NEPH_OBJECT_ETAG), "(none)");
    assert_int_equal(end(neph_object_copy(cloud, BUCKET, "k", BUCKET, "l")), 0);
    assert_string_equal(told("l", NEPH_OBJECT_ETAG), "25f9e794323b453885f5181f1b624d0b");
    assert_string_equal(content("l"), "123456789");
}

/* ---- many at once, limits */

static void test_delete_many__tells_of_those_that_could_not_be(void **state)
{
    static char long_key[1026];
    const char *keys[] = {"a", "not there", long_key, "d/e", ""};
    const neph_object *one;
    neph_call *call;
    (void)state;
    memset(long_key, 'k', sizeof long_key - 1);
    assert_int_equal(end(put("a", "1", NULL)), 0);
    assert_int_equal(end(put("b", "1", NULL)), 0);
    assert_int_equal(end(put("d/e", "1", NULL)), 0);
    call = neph_object_delete_many(cloud, BUCKET, keys, 5);
    one = neph_next_object(call);
    assert_string_equal(one->key, long_key);
    assert_int_equal(one->result.error->status, NEPH_LIMIT);
    assert_string_equal(one->result.error->code, "ENAMETOOLONG");
    one = neph_next_object(call);
    assert_string_equal(one->key, "");
    assert_int_equal(one->result.error->status, NEPH_INVALID);
    assert_null(neph_next_object(call));
    assert_int_equal(end(call), 0);
    assert_string_equal(listing(), "b ");
}

static void test_delete_many__has_a_limit(void **state)
{
    static const char *keys[1001];
    (void)state;
    for (size_t i = 0; i < 1001; i++)
        keys[i] = "k";
    assert_int_equal(end(put("k", "1", NULL)), 0);
    assert_int_equal(fails(neph_object_delete_many(cloud, BUCKET, keys, 1001), "1000"), NEPH_LIMIT);
    assert_string_equal(listing(), "k ");
    assert_int_equal(end(neph_object_delete_many(cloud, BUCKET, keys, 1000)), 0);
    assert_string_equal(listing(), "");
}

static void test_limits__are_told(void **state)
{
    neph_call *call = neph_storage_limits(cloud);
    const neph_limits *limits;
    (void)state;
    assert_int_equal(neph_wait(call), 0);
    limits = (const neph_limits *)neph_call_result(call);
    assert_int_equal(limits->part_count, 10000);
    assert_int_equal(limits->has_equal_parts, 0);
    assert_int_equal(limits->delete_count, 1000);
    assert_int_equal(limits->object_bytes, NEPH_UNKNOWN);
    assert_string_equal(limits->checksum, "crc64nvme");
    neph_call_free(call);
}

#define LOCAL_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOCAL_TEST(test_upload__makes_an_object_of_parts_of_any_size),
        LOCAL_TEST(test_upload__of_one_part_is_that_part),
        LOCAL_TEST(test_upload__takes_the_part_that_is_meant),
        LOCAL_TEST(test_upload__is_whole_before_anything_is_made_of_it),
        LOCAL_TEST(test_upload__must_have_the_checksum_that_is_said),
        LOCAL_TEST(test_upload__that_is_given_up_leaves_nothing),
        LOCAL_TEST(test_upload__lists_are_in_order_of_keys),
        LOCAL_TEST(test_upload__parts_have_numbers_of_their_own),
        LOCAL_TEST(test_upload__part_that_is_cancelled_is_none),
        LOCAL_TEST(test_upload__copies_parts_of_other_objects),
        LOCAL_TEST(test_condition__of_put_guards_what_is_there),
        LOCAL_TEST(test_condition__of_get_and_delete_names_the_object),
        LOCAL_TEST(test_condition__of_complete_and_copy_guards_the_new_key),
        LOCAL_TEST(test_condition__holds_against_other_processes),
        LOCAL_TEST(test_checksum__finds_bytes_that_the_disk_has_changed),
        LOCAL_TEST(test_copy__keeps_what_is_known_of_the_bytes),
        LOCAL_TEST(test_copy__takes_the_etag_of_bytes_that_nothing_is_known_of),
        LOCAL_TEST(test_delete_many__tells_of_those_that_could_not_be),
        LOCAL_TEST(test_delete_many__has_a_limit),
        LOCAL_TEST(test_limits__are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
