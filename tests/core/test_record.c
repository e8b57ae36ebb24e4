/*
 * Records: members by number, conversion, growth, pooling, secrets, failed allocations.
 */
#include "core/record.h"
#include "tests/support/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct fixture {
    test_allocator allocator;
    nephi_memory memory;
    nephi_pool pool;
} fixture;

static const neph_services services;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->memory = test_allocator_memory(&f->allocator);
    nephi_pool_init(&f->pool, &f->memory, &services);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    nephi_pool_fini(&f->pool);
    assert_int_equal(f->allocator.live, 0);
    free(f);
    return 0;
}

static int set(neph_record *record, int32_t member, const char *text)
{
    return nephi_record_set_text(record, nephi_member_find(member), text, strlen(text));
}

static int add(neph_record *record, int32_t member, const char *text)
{
    return nephi_record_add_text(record, nephi_member_find(member), text, strlen(text));
}

static int pair(neph_record *record, int32_t member, const char *name, const char *value)
{
    return nephi_record_add_pair(record, member, name, strlen(name), value, strlen(value));
}

/* How this machine aligns a result. */
typedef struct aligned {
    char before;
    neph_object object;
} aligned;

static void test_record__begins_unknown_and_belongs_to_its_result(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_OBJECT);
    const neph_object *object = (const neph_object *)record->result;
    assert_ptr_equal(record->services, &services);
    assert_ptr_equal(nephi_record_of(record->result), record);
    assert_int_equal(object->result.kind, NEPH_KIND_OBJECT);
    assert_int_equal(object->result.size, sizeof *object);
    assert_null(object->key);
    assert_int_equal(object->size_bytes, NEPH_UNKNOWN);
    assert_int_equal((uintptr_t)object % offsetof(aligned, object), 0);
    nephi_record_free(&f->pool, record);
    nephi_record_free(&f->pool, NULL);
}

static void test_record__exists_only_of_kinds_that_are_results(void **state)
{
    fixture *f = *state;
    assert_null(nephi_record_new(&f->pool, NEPH_KIND_NONE));
    assert_null(nephi_record_new(&f->pool, NEPH_KIND_OPTION));
    assert_null(nephi_record_new(&f->pool, 13));
    assert_null(nephi_record_new(&f->pool, UINT32_MAX));
    f->allocator.fail_at = 1;
    assert_null(nephi_record_new(&f->pool, NEPH_KIND_NODE));
}

static void test_record__converts_texts_to_the_type_of_the_member(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_OBJECT);
    neph_record *size = nephi_record_new(&f->pool, NEPH_KIND_SIZE);
    neph_record *image = nephi_record_new(&f->pool, NEPH_KIND_IMAGE);
    const neph_object *object = (const neph_object *)record->result;
    char key[] = "a key";
    assert_int_equal(set(record, NEPH_OBJECT_KEY, key), 0);
    assert_int_equal(set(record, NEPH_OBJECT_SIZE_BYTES, "5242881"), 0);
    assert_int_equal(set(record, NEPH_OBJECT_MODIFIED, "2024-05-01T12:34:56.000Z"), 0);
    assert_int_equal(set(size, NEPH_SIZE_PRICE, "0.15"), 0);
    assert_int_equal(set(image, NEPH_IMAGE_PUBLIC, "true"), 0);
    key[0] = 'X'; /* it was copied */
    assert_string_equal(object->key, "a key");
    assert_int_equal(object->size_bytes, 5242881);
    assert_int_equal(object->modified_ns, INT64_C(1714566896000000000));
    assert_int_equal(((const neph_size *)size->result)->price_nano, 150000000);
    assert_int_equal(((const neph_image *)image->result)->is_public, 1);
    assert_string_equal(nephi_record_text(record, nephi_member_find(NEPH_OBJECT_KEY)), "a key");
    assert_int_equal(nephi_record_number(record, nephi_member_find(NEPH_OBJECT_SIZE_BYTES)),
                     5242881);
    nephi_record_free(&f->pool, record);
    nephi_record_free(&f->pool, size);
    nephi_record_free(&f->pool, image);
}

static void test_record__refuses_texts_that_do_not_fit(void **state)
{
    static const struct {
        const char *sentence;
        int32_t member;
        const char *text;
    } rows[] = {
        {"no integer", NEPH_NODE_RAM_BYTES, "much"},
        {"no size", NEPH_NODE_RAM_BYTES, "-1"},
        {"no decimal", NEPH_NODE_CPUS, "two"},
        {"no time", NEPH_NODE_CREATED, "yesterday"},
        {"an enumeration is set by number", NEPH_NODE_STATE, "running"},
        {"a list is added to", NEPH_NODE_PUBLIC_IPS, "192.0.2.1"},
        {"another kind's member", NEPH_OBJECT_KEY, "k"},
        {"an argument", NEPH_LIST_PREFIX, "p"},
        {"an error", NEPH_RESULT_ERROR_CODE, "e"},
        {"no member", 12345678, "x"},
    };
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_NODE);
    const neph_node *node = (const neph_node *)record->result;
    size_t i;
    for (i = 0; i < NEPH_COUNT(rows); i++)
        if (set(record, rows[i].member, rows[i].text) != NEPH_INVALID)
            fail_msg("%s", rows[i].sentence);
    assert_int_equal(nephi_record_set_text(record, nephi_member_find(NEPH_NODE_ID), "a\0b", 3),
                     NEPH_INVALID);
    assert_null(node->id);
    assert_int_equal(node->ram_bytes, NEPH_UNKNOWN);
    assert_int_equal(node->cpus_nano, NEPH_UNKNOWN);
    assert_int_equal(node->created_ns, NEPH_UNKNOWN);
    nephi_record_free(&f->pool, record);
}

static void test_record__takes_numbers(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_NODE);
    neph_record *image = nephi_record_new(&f->pool, NEPH_KIND_IMAGE);
    const nephi_member *state_member = nephi_member_find(NEPH_NODE_STATE);
    const nephi_member *is_public = nephi_member_find(NEPH_IMAGE_PUBLIC);
    const nephi_member *ram = nephi_member_find(NEPH_NODE_RAM_BYTES);
    assert_int_equal(nephi_record_set_number(record, state_member, NEPH_NODE_RUNNING), 0);
    assert_int_equal(nephi_record_number(record, state_member), NEPH_NODE_RUNNING);
    assert_string_equal(nephi_record_text(record, state_member), "running");
    assert_int_equal(nephi_record_set_number(record, state_member, INT64_C(1) << 33), 0);
    assert_int_equal(nephi_record_number(record, state_member), NEPH_NODE_STATE_UNKNOWN);
    assert_null(nephi_record_text(record, state_member));
    assert_int_equal(nephi_record_set_number(record, ram, 0), 0);
    assert_int_equal(nephi_record_set_number(record, ram, -1), NEPH_INVALID);
    assert_int_equal(nephi_record_number(record, ram), 0);
    assert_int_equal(nephi_record_set_number(record, ram, NEPH_UNKNOWN), 0);
    assert_int_equal(nephi_record_set_number(image, is_public, 2), NEPH_INVALID);
    assert_int_equal(nephi_record_number(image, is_public), NEPH_UNKNOWN);
    assert_int_equal(nephi_record_set_number(image, is_public, 0), 0);
    assert_int_equal(nephi_record_set_number(image, is_public, NEPH_UNKNOWN), 0);
    assert_int_equal(nephi_record_set_number(image, ram, 1), NEPH_INVALID);
    assert_int_equal(nephi_record_set_number(image, nephi_member_find(NEPH_IMAGE_ID), 1),
                     NEPH_INVALID);
    assert_int_equal(nephi_record_set_number(image, NULL, 1), NEPH_INVALID);
    assert_int_equal(nephi_record_number(image, ram), NEPH_UNKNOWN);
    assert_int_equal(nephi_record_number(image, nephi_member_find(NEPH_IMAGE_ID)), NEPH_UNKNOWN);
    assert_int_equal(nephi_record_number(image, NULL), NEPH_UNKNOWN);
    assert_null(nephi_record_text(image, NULL));
    assert_null(nephi_record_text(image, ram));
    nephi_record_free(&f->pool, record);
    nephi_record_free(&f->pool, image);
}

static void test_record__grows_lists(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_NODE);
    const neph_node *node = (const neph_node *)record->result;
    char text[16];
    int i;
    for (i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(add(record, NEPH_NODE_PUBLIC_IPS, text), 0);
        assert_int_equal(pair(record, NEPH_EXTRA, text, "value"), 0);
    }
    assert_int_equal(node->public_ip_count, 1000);
    assert_int_equal(node->result.extra_count, 1000);
    assert_int_equal(node->private_ip_count, 0);
    for (i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_string_equal(node->public_ips[i], text);
        assert_string_equal(node->result.extra[i].name, text);
        assert_string_equal(node->result.extra[i].value, "value");
    }
    nephi_record_free(&f->pool, record);
}

static void test_record__adds_only_to_lists(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_OBJECT);
    const neph_object *object = (const neph_object *)record->result;
    assert_int_equal(pair(record, NEPH_OBJECT_METADATA, "owner", ""), 0);
    assert_int_equal(object->metadata_count, 1);
    assert_string_equal(object->metadata[0].value, "");
    assert_int_equal(pair(record, NEPH_OBJECT_KEY, "a", "b"), NEPH_INVALID);
    assert_int_equal(pair(record, 12345678, "a", "b"), NEPH_INVALID);
    assert_int_equal(add(record, NEPH_OBJECT_KEY, "a"), NEPH_INVALID);
    assert_int_equal(add(record, NEPH_OBJECT_METADATA, "a"), NEPH_INVALID);
    assert_int_equal(nephi_record_add_text(record, NULL, "a", 1), NEPH_INVALID);
    assert_int_equal(nephi_record_add_pair(record, NEPH_EXTRA, "a\0", 2, "b", 1), NEPH_INVALID);
    assert_int_equal(nephi_record_add_pair(record, NEPH_EXTRA, "a", 1, "b\0", 2), NEPH_INVALID);
    assert_int_equal(object->result.extra_count, 0);
    nephi_record_free(&f->pool, record);
}

static void test_record__stops_at_its_limit(void **state)
{
    static char large[NEPHI_RECORD_LIMIT + 1];
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_NODE);
    const nephi_member *id = nephi_member_find(NEPH_NODE_ID);
    const neph_node *node = (const neph_node *)record->result;
    int i;
    memset(large, 'a', sizeof large);
    assert_int_equal(nephi_record_set_text(record, id, large, sizeof large), NEPH_LIMIT);
    assert_int_equal(nephi_record_set_text(record, id, large, NEPHI_RECORD_LIMIT), NEPH_LIMIT);
    assert_int_equal(nephi_record_set_text(record, id, large, NEPHI_RECORD_LIMIT - 4096), 0);
    assert_int_equal(strlen(node->id), NEPHI_RECORD_LIMIT - 4096);
    for (i = 0; i < 100000; i++)
        if (add(record, NEPH_NODE_PUBLIC_IPS, "192.0.2.1"))
            break;
    assert_int_equal(add(record, NEPH_NODE_PUBLIC_IPS, "192.0.2.100"), NEPH_LIMIT);
    assert_int_equal(node->public_ip_count, i);
    assert_in_range(i, 50, 1000);
    nephi_record_free(&f->pool, record);
    assert_int_equal(f->allocator.live, 1); /* nothing but the record is kept */
}

static void test_record__is_used_again_for_any_kind(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_NODE), *again;
    long calls = f->allocator.calls;
    int i;
    assert_int_equal(set(record, NEPH_NODE_ID, "n1"), 0);
    assert_int_equal(pair(record, NEPH_EXTRA, "a", "b"), 0);
    assert_int_equal(nephi_record_set_error(record, NEPH_RESULT_ERROR_CODE, "E", 1), 0);
    record->is_kept = 1;
    record->call = (neph_call *)(void *)record;
    nephi_record_free(&f->pool, record);
    again = nephi_record_new(&f->pool, NEPH_KIND_PREFIX);
    assert_ptr_equal(again, record);
    assert_int_equal(again->kind, NEPH_KIND_PREFIX);
    assert_null(again->call);
    assert_null(again->error);
    assert_int_equal(again->is_kept, 0);
    assert_null(again->result->error);
    assert_int_equal(again->result->extra_count, 0);
    assert_null(((const neph_prefix *)again->result)->name);
    nephi_record_free(&f->pool, again);
    calls = f->allocator.calls;
    for (i = 0; i < 10000; i++) {
        record = nephi_record_new(&f->pool, NEPH_KIND_OBJECT);
        assert_int_equal(set(record, NEPH_OBJECT_KEY, "some/key/of/usual/length.txt"), 0);
        assert_int_equal(set(record, NEPH_OBJECT_ETAG, "d41d8cd98f00b204e9800998ecf8427e"), 0);
        nephi_record_free(&f->pool, record);
    }
    assert_int_equal(f->allocator.calls, calls); /* a million results, not one allocation */
}

static void test_pool__keeps_no_more_than_it_needs(void **state)
{
    static neph_record *records[1000];
    fixture *f = *state;
    int i;
    for (i = 0; i < 1000; i++)
        records[i] = nephi_record_new(&f->pool, NEPH_KIND_OBJECT);
    assert_int_equal(f->allocator.live, 1000);
    for (i = 0; i < 1000; i++)
        nephi_record_free(&f->pool, records[i]);
    assert_int_equal(f->allocator.live, f->pool.free_count);
    assert_in_range(f->pool.free_count, 1, 256);
}

static void test_record__wipes_secrets(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_NODE);
    char filler[2000];
    int i;
    f->allocator.secret = "hunter2";
    memset(filler, 'a', sizeof filler);
    assert_int_equal(set(record, NEPH_NODE_ID, "n1"), 0);
    assert_int_equal(record->is_secret, 0);
    for (i = 0; i < 3; i++) { /* in the first chunk and in later ones */
        assert_int_equal(set(record, NEPH_NODE_PASSWORD, "hunter2"), 0);
        nephi_record_set_text(record, nephi_member_find(NEPH_NODE_NAME), filler, sizeof filler);
    }
    assert_int_equal(record->is_secret, 1);
    nephi_record_free(&f->pool, record);
    assert_int_equal(record->is_secret, 0);
    nephi_pool_fini(&f->pool);
    assert_int_equal(f->allocator.leaked, 0);
}

static void test_record__may_be_a_failure(void **state)
{
    fixture *f = *state;
    neph_record *record = nephi_record_new(&f->pool, NEPH_KIND_OBJECT);
    assert_int_equal(nephi_record_set_error(record, NEPH_OBJECT_KEY, "k", 1), NEPH_INVALID);
    assert_null(record->result->error);
    assert_int_equal(nephi_record_set_error(record, NEPH_RESULT_ERROR_CODE, "AccessDenied", 12), 0);
    assert_int_equal(nephi_record_set_error(record, NEPH_RESULT_ERROR_MESSAGE, "no\nway", 6), 0);
    assert_int_equal(record->result->error->status, NEPH_UNAVAILABLE);
    assert_string_equal(record->result->error->code, "AccessDenied");
    assert_string_equal(record->result->error->message, "no\\x0away");
    nephi_record_free(&f->pool, record);
}

static int fill(const nephi_memory *memory)
{
    char large[1500];
    neph_record *record;
    nephi_pool pool;
    int rc, i;
    memset(large, 'a', sizeof large);
    nephi_pool_init(&pool, memory, &services);
    record = nephi_record_new(&pool, NEPH_KIND_NODE);
    rc = record ? 0 : NEPH_NO_MEMORY;
    if (!rc)
        rc = nephi_record_set_text(record, nephi_member_find(NEPH_NODE_ID), large, sizeof large);
    for (i = 0; i < 200 && !rc; i++)
        rc = add(record, NEPH_NODE_PUBLIC_IPS, "192.0.2.1");
    for (i = 0; i < 200 && !rc; i++)
        rc = pair(record, NEPH_EXTRA, "name", "value");
    if (!rc)
        rc = nephi_record_set_error(record, NEPH_RESULT_ERROR_CODE, "E", 1);
    nephi_record_free(&pool, record);
    nephi_pool_fini(&pool);
    return rc;
}

static void test_record__survives_every_failed_allocation(void **state)
{
    (void)state;
    test_every_allocation_fails(fill);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_record__begins_unknown_and_belongs_to_its_result),
        TEST(test_record__exists_only_of_kinds_that_are_results),
        TEST(test_record__converts_texts_to_the_type_of_the_member),
        TEST(test_record__refuses_texts_that_do_not_fit),
        TEST(test_record__takes_numbers),
        TEST(test_record__grows_lists),
        TEST(test_record__adds_only_to_lists),
        TEST(test_record__stops_at_its_limit),
        TEST(test_record__is_used_again_for_any_kind),
        TEST(test_pool__keeps_no_more_than_it_needs),
        TEST(test_record__wipes_secrets),
        TEST(test_record__may_be_a_failure),
        cmocka_unit_test(test_record__survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
