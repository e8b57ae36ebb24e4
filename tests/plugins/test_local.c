/*
 * test_local.c - the local provider by itself: how keys become files, order, what keeps it inside its root. What it has
 * in common with other storage is tested by the conformance suite.
 */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUCKET "box"
#define MIB ((size_t)1 << 20)

extern const neph_plugin local_LTX_neph_plugin_v0;

static char root[256];
static stage host;

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static int setup(void **state)
{
    const char *directory = getenv("TMPDIR");
    (void)state;
    snprintf(root, sizeof root, "%s/neph-local-XXXXXX", directory ? directory : "/tmp");
    assert_non_null(mkdtemp(root));
    stage_init(&host, &local_LTX_neph_plugin_v0, root);
    stage_text(&host, NEPH_BUCKET_NAME, BUCKET);
    assert_int_equal(stage_run(&host, NEPH_OP_BUCKET_CREATE), 0);
    stage_clear(&host);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_fini(&host);
    return nftw(root, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *on_disk(const char *name)
{
    static char path[8192];
    snprintf(path, sizeof path, "%s/" BUCKET "/%s", root, name);
    return path;
}

static int exists(const char *name)
{
    struct stat info;
    return !lstat(on_disk(name), &info);
}

static int32_t put(const char *key, const char *text)
{
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_OBJECT_KEY, key);
    host.source = text;
    host.source_size = strlen(text);
    return stage_run(&host, NEPH_OP_OBJECT_PUT);
}

static int32_t on_object(uint32_t op, const char *key)
{
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_OBJECT_KEY, key);
    return stage_run(&host, op);
}

static int32_t list(const char *prefix, const char *delimiter, const char *start_after)
{
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_LIST_PREFIX, prefix);
    stage_text(&host, NEPH_LIST_DELIMITER, delimiter);
    stage_text(&host, NEPH_LIST_START_AFTER, start_after);
    return stage_run(&host, NEPH_OP_OBJECT_LIST);
}

static const char *listed(size_t index)
{
    int is_prefix = host.records[index].kind == NEPH_KIND_PREFIX;
    return stage_get(&host, index, is_prefix ? NEPH_PREFIX_NAME : NEPH_OBJECT_KEY);
}

/* All that was listed, joined by blanks. */
static const char *listing(void)
{
    static char text[4096];
    text[0] = '\0';
    for (size_t i = 0; i < host.record_count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "", listed(i));
    return text;
}

static void file_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_local__keeps_every_key_apart(void **state)
{
    static const char *const keys[] = {
        "/",
        "//",
        "a",
        "a%",
        "a/",
        "a//b",
        "a/b",
        "a/b/",
        "a/./b",
        "a/../b",
        "..",
        ".",
        "../../etc/passwd",
        "/a",
        ".neph",
        ".neph/new",
        "%00",
        "%2E",
        "a b+c%d",
        "\xc3\xa4\xe2\x82\xac",
        "line\nbreak\t\x01",
        "a%%",
        "%",
        "%~",
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(keys); i++)
        assert_int_equal(put(keys[i], keys[i]), 0);
    for (size_t i = 0; i < NEPH_COUNT(keys); i++) {
        assert_int_equal(on_object(NEPH_OP_OBJECT_GET, keys[i]), 0);
        assert_string_equal(host.sink, keys[i]);
    }
    assert_int_equal(list(NULL, NULL, NULL), 0);
    assert_int_equal(host.record_count, NEPH_COUNT(keys));
    for (size_t i = 1; i < host.record_count; i++)
        assert_true(strcmp(listed(i - 1), listed(i)) < 0);
    for (size_t i = 0; i < NEPH_COUNT(keys); i++)
        assert_int_equal(on_object(NEPH_OP_OBJECT_DELETE, keys[i]), 0);
    assert_int_equal(list(NULL, NULL, NULL), 0);
    assert_int_equal(host.record_count, 0);
}

/* Segments of every length, and of what must not be cut or taken for something else. */
static void test_local__holds_keys_of_1024_bytes(void **state)
{
    char key[1025];
    (void)state;
    for (size_t size = 240; size <= 1024; size += size < 260 ? 1 : 191) {
        memset(key, 'a', size);
        key[size] = '\0';
        assert_int_equal(put(key, key), 0);
        key[size - 2] = key[size - 1] = '.';
        assert_int_equal(put(key, key), 0);
        key[size - 1] = '%';
        assert_int_equal(put(key, key), 0);
        assert_int_equal(on_object(NEPH_OP_OBJECT_GET, key), 0);
        assert_string_equal(host.sink, key);
        key[100] = '/';
        assert_int_equal(put(key, key), 0);
    }
    memset(key, '/', 1024);
    key[1024] = '\0';
    assert_int_equal(put(key, "slashes"), 0);
    assert_int_equal(list(NULL, NULL, NULL), 0);
    assert_string_equal(listed(0), key);
    assert_int_equal(on_object(NEPH_OP_OBJECT_DELETE, key), 0);
    memset(key, '%', 1024);
    assert_int_equal(put(key, "percents"), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, key), 0);
    assert_string_equal(host.sink, "percents");
    assert_int_equal(list(NULL, NULL, NULL), 0);
    assert_int_equal(host.record_count, 4 * 25 + 1);
    for (size_t i = 1; i < host.record_count; i++)
        assert_true(strcmp(listed(i - 1), listed(i)) < 0);
}

static void test_local__refuses_keys_beyond_its_limits(void **state)
{
    char key[1026];
    (void)state;
    memset(key, 'a', 1025);
    key[1025] = '\0';
    assert_int_equal(put(key, ""), NEPH_LIMIT);
    assert_int_equal(put("", ""), NEPH_INVALID);
}

static void test_local__lists_in_byte_order_of_keys(void **state)
{
    static const char *const keys[] = {"a/b", "a", "a-b", "a.b", "a/b-c", "a/b/c", "a0", "A", "a!"};
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(keys); i++)
        assert_int_equal(put(keys[i], "x"), 0);
    assert_int_equal(list(NULL, NULL, NULL), 0);
    assert_string_equal(listing(), "A a a! a-b a.b a/b a/b-c a/b/c a0");
    assert_int_equal(list("a/", NULL, NULL), 0);
    assert_string_equal(listing(), "a/b a/b-c a/b/c");
    assert_int_equal(list(NULL, "/", NULL), 0);
    assert_string_equal(listing(), "A a a! a-b a.b a/ a0");
    assert_int_equal(list("a/", "/", NULL), 0);
    assert_string_equal(listing(), "a/b a/b-c a/b/");
    assert_int_equal(list("a", "b", NULL), 0);
    assert_string_equal(listing(), "a a! a-b a.b a/b a0");
    assert_int_equal(list(NULL, NULL, "a/b"), 0);
    assert_string_equal(listing(), "a/b-c a/b/c a0");
    assert_int_equal(list(NULL, "/", "a/b"), 0);
    assert_string_equal(listing(), "a/ a0");
    assert_int_equal(list(NULL, "/", "a/b/c"), 0);
    assert_string_equal(listing(), "a0");
    assert_int_equal(list("a/b", NULL, "a/b"), 0);
    assert_string_equal(listing(), "a/b-c a/b/c");
    assert_int_equal(list("zzz", NULL, NULL), 0);
    assert_string_equal(listing(), "");
}

static void test_local__lists_when_the_program_is_behind(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char key[16];
        snprintf(key, sizeof key, "d%d/k", i);
        assert_int_equal(put(key, "x"), 0);
    }
    host.is_behind = 1;
    assert_int_equal(list(NULL, NULL, NULL), 0);
    host.is_behind = 0;
    assert_int_equal(host.record_count, 5);
    assert_true(host.slices >= 5);
}

static void test_local__does_not_follow_links_out_of_its_root(void **state)
{
    char outside[300];
    (void)state;
    snprintf(outside, sizeof outside, "%s/outside", root);
    assert_int_equal(mkdir(outside, 0777), 0);
    snprintf(outside, sizeof outside, "%s/outside/secret", root);
    file_write(outside, "secret");
    assert_int_equal(symlink("../outside", on_disk("way")), 0);
    assert_int_equal(symlink("../outside/secret", on_disk("file")), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "file"), NEPH_NOT_FOUND);
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "way/secret"), NEPH_NOT_FOUND);
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "../outside/secret"), NEPH_NOT_FOUND);
    assert_int_equal(put("way/new", "x"), NEPH_CONFLICT);
    assert_int_equal(on_object(NEPH_OP_OBJECT_DELETE, "way/secret"), 0);
    assert_int_equal(list(NULL, NULL, NULL), 0);
    assert_int_equal(host.record_count, 0);
    /* An upload takes the link's place and leaves what it points to alone. */
    assert_int_equal(put("file", "mine"), 0);
    assert_int_equal(access(outside, R_OK), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "file"), 0);
    assert_string_equal(host.sink, "mine");
}

static void test_local__refuses_a_bucket_that_is_a_link_or_a_path(void **state)
{
    char path[300];
    (void)state;
    snprintf(path, sizeof path, "%s/link", root);
    assert_int_equal(symlink(BUCKET, path), 0);
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, "link");
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_LIST), NEPH_NOT_FOUND);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET "/..");
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_LIST), NEPH_INVALID);
    stage_text(&host, NEPH_OBJECT_BUCKET, "..");
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_LIST), NEPH_INVALID);
    stage_text(&host, NEPH_OBJECT_BUCKET, "none");
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_LIST), NEPH_NOT_FOUND);
}

static void test_local__gives_way_to_a_directory_and_back(void **state)
{
    (void)state;
    assert_int_equal(put("a", "object"), 0);
    assert_int_equal(put("a/b", "below"), 0);
    assert_true(exists("a%"));
    assert_true(exists("a/b"));
    assert_int_equal(put("a", "again"), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_DELETE, "a/b"), 0);
    assert_false(exists("a"));
    assert_int_equal(put("a", "third"), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "a"), 0);
    assert_string_equal(host.sink, "third");
    assert_int_equal(on_object(NEPH_OP_OBJECT_DELETE, "a"), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_HEAD, "a"), NEPH_NOT_FOUND);
}

static void test_local__keeps_type_metadata_and_etag(void **state)
{
    static const char *const pairs[] = {"owner", "J\xc3\xb6rg = 100 %", "note", "", NULL};
    (void)state;
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_OBJECT_KEY, "k");
    stage_text(&host, NEPH_OBJECT_CONTENT_TYPE, "text/plain; charset=utf-8");
    host.metadata = pairs;
    host.source = "hello";
    host.source_size = 5;
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_PUT), 0);
    stage_clear(&host);
    stage_text(&host, NEPH_COPY_BUCKET, BUCKET);
    stage_text(&host, NEPH_COPY_KEY, "k");
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_OBJECT_KEY, "copy/of/k");
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_COPY), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_HEAD, "copy/of/k"), 0);
    assert_string_equal(stage_get(&host, 0, NEPH_OBJECT_ETAG), "5d41402abc4b2a76b9719d911017c592");
    assert_string_equal(stage_get(&host, 0, NEPH_OBJECT_CONTENT_TYPE), "text/plain; charset=utf-8");
    assert_int_equal(stage_get_number(&host, 0, NEPH_OBJECT_SIZE_BYTES), 5);
    assert_int_equal(host.records[0].pair_count, 2);
    assert_string_equal(host.records[0].pairs[0][1], pairs[1]);
    assert_string_equal(host.records[0].pairs[1][0], "note");
    assert_string_equal(host.records[0].pairs[1][1], "");
    /* Somebody else writes the file: its ETag is no longer known. */
    file_write(on_disk("copy/of/k"), "changed");
    assert_int_equal(on_object(NEPH_OP_OBJECT_HEAD, "copy/of/k"), 0);
    assert_null(stage_get(&host, 0, NEPH_OBJECT_ETAG));
}

static void test_local__keeps_large_metadata_beside_the_file(void **state)
{
    static char value[6001];
    const char *const pairs[] = {"large", value, NULL};
    (void)state;
    memset(value, 'v', sizeof value - 1);
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_OBJECT_KEY, "k");
    host.metadata = pairs;
    host.source = "hello";
    host.source_size = 5;
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_PUT), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_HEAD, "k"), 0);
    assert_string_equal(host.records[0].pairs[0][1], value);
    assert_string_equal(stage_get(&host, 0, NEPH_OBJECT_ETAG), "5d41402abc4b2a76b9719d911017c592");
    assert_int_equal(put("k", "plain"), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_HEAD, "k"), 0);
    assert_int_equal(host.records[0].pair_count, 0);
    memset(value, '%', sizeof value - 1);
    host.metadata = pairs;
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_PUT), NEPH_LIMIT);
}

static void range_check(int64_t offset, int64_t length, int32_t status, const char *bytes)
{
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_OBJECT_KEY, "k");
    stage_number(&host, NEPH_RANGE_OFFSET, offset);
    stage_number(&host, NEPH_RANGE_LENGTH, length);
    assert_int_equal(stage_run(&host, NEPH_OP_OBJECT_GET), status);
    if (!status)
        assert_string_equal(host.sink, bytes);
}

static void test_local__reads_ranges_as_s3_does(void **state)
{
    (void)state;
    assert_int_equal(put("k", "0123456789"), 0);
    range_check(2, 3, 0, "234");
    range_check(7, 100, 0, "789");
    range_check(7, 0, 0, "789");
    range_check(NEPH_UNKNOWN, 2, 0, "01");
    range_check(-3, NEPH_UNKNOWN, 0, "789");
    range_check(-30, 0, 0, "0123456789");
    range_check(10, 0, NEPH_INVALID, NULL);
    range_check(-3, 2, NEPH_INVALID, NULL);
    range_check(2, -1, NEPH_INVALID, NULL);
}

static void test_local__moves_large_bodies_in_slices(void **state)
{
    size_t size = 5 * MIB + 1;
    char *bytes = malloc(size + 1);
    (void)state;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)('a' + i % 23);
    bytes[size] = '\0';
    assert_int_equal(put("large", bytes), 0);
    assert_true(host.slices > 5);
    host.sink_is_stubborn = 1;
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "large"), 0);
    host.sink_is_stubborn = 0;
    assert_int_equal(host.sink_size, size);
    assert_memory_equal(host.sink, bytes, size);
    free(bytes);
}

static void test_local__leaves_nothing_of_a_cancelled_upload(void **state)
{
    static char bytes[4 << 20];
    (void)state;
    assert_int_equal(put("k", "old"), 0);
    stage_clear(&host);
    stage_text(&host, NEPH_OBJECT_BUCKET, BUCKET);
    stage_text(&host, NEPH_OBJECT_KEY, "k");
    host.source = bytes;
    host.source_size = sizeof bytes;
    assert_int_equal(stage_run_some(&host, NEPH_OP_OBJECT_PUT, 2), NEPH_AGAIN);
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "k"), 0);
    assert_string_equal(host.sink, "old");
    assert_int_equal(rmdir(on_disk(".neph")), 0);
}

static void test_local__deletes_a_bucket_only_when_it_has_no_objects(void **state)
{
    (void)state;
    assert_int_equal(put("a/b/c", "x"), 0);
    assert_int_equal(mkdir(on_disk("empty"), 0777), 0);
    assert_int_equal(mkdir(on_disk("empty/too"), 0777), 0);
    stage_text(&host, NEPH_BUCKET_NAME, BUCKET);
    assert_int_equal(stage_run(&host, NEPH_OP_BUCKET_DELETE), NEPH_CONFLICT);
    assert_true(exists("a/b/c"));
    assert_int_equal(on_object(NEPH_OP_OBJECT_DELETE, "a/b/c"), 0);
    assert_int_equal(on_object(NEPH_OP_OBJECT_DELETE, "a/b/c"), 0);
    assert_false(exists("a"));
    assert_int_equal(mkdir(on_disk("more"), 0777), 0);
    stage_text(&host, NEPH_BUCKET_NAME, BUCKET);
    assert_int_equal(stage_run(&host, NEPH_OP_BUCKET_DELETE), 0);
    assert_false(exists(""));
    assert_int_equal(stage_run(&host, NEPH_OP_BUCKET_DELETE), NEPH_NOT_FOUND);
}

static void test_local__lists_buckets_in_order(void **state)
{
    char path[300];
    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(path, sizeof path, "%s/b%03d", root, (i * 7) % 300);
        assert_int_equal(mkdir(path, 0777), 0);
    }
    snprintf(path, sizeof path, "%s/.hidden", root);
    assert_int_equal(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/file", root);
    file_write(path, "x");
    stage_clear(&host);
    assert_int_equal(stage_run(&host, NEPH_OP_BUCKET_LIST), 0);
    assert_int_equal(host.record_count, 301);
    assert_string_equal(stage_get(&host, 0, NEPH_BUCKET_NAME), "b000");
    assert_string_equal(stage_get(&host, 299, NEPH_BUCKET_NAME), "b299");
    assert_string_equal(stage_get(&host, 300, NEPH_BUCKET_NAME), BUCKET);
    stage_text(&host, NEPH_BUCKET_NAME, BUCKET);
    assert_int_equal(stage_run(&host, NEPH_OP_BUCKET_CREATE), NEPH_EXISTS);
}

static void test_local__shows_files_of_other_programs(void **state)
{
    (void)state;
    file_write(on_disk("report 2026+1.txt"), "x");
    file_write(on_disk("100%.txt"), "no key has this name");
    assert_int_equal(mkfifo(on_disk("pipe"), 0666), 0);
    assert_int_equal(list(NULL, NULL, NULL), 0);
    assert_string_equal(listing(), "report 2026+1.txt");
    assert_null(stage_get(&host, 0, NEPH_OBJECT_ETAG));
    assert_int_equal(on_object(NEPH_OP_OBJECT_GET, "pipe"), NEPH_NOT_FOUND);
}

#define LOCAL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOCAL_TEST(test_local__keeps_every_key_apart),
        LOCAL_TEST(test_local__holds_keys_of_1024_bytes),
        LOCAL_TEST(test_local__refuses_keys_beyond_its_limits),
        LOCAL_TEST(test_local__lists_in_byte_order_of_keys),
        LOCAL_TEST(test_local__lists_when_the_program_is_behind),
        LOCAL_TEST(test_local__does_not_follow_links_out_of_its_root),
        LOCAL_TEST(test_local__refuses_a_bucket_that_is_a_link_or_a_path),
        LOCAL_TEST(test_local__gives_way_to_a_directory_and_back),
        LOCAL_TEST(test_local__keeps_type_metadata_and_etag),
        LOCAL_TEST(test_local__keeps_large_metadata_beside_the_file),
        LOCAL_TEST(test_local__reads_ranges_as_s3_does),
        LOCAL_TEST(test_local__moves_large_bodies_in_slices),
        LOCAL_TEST(test_local__leaves_nothing_of_a_cancelled_upload),
        LOCAL_TEST(test_local__deletes_a_bucket_only_when_it_has_no_objects),
        LOCAL_TEST(test_local__lists_buckets_in_order),
        LOCAL_TEST(test_local__shows_files_of_other_programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
