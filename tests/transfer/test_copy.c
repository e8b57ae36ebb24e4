/*
 * Objects to objects: copied by their cloud, in one go or in parts, or streamed from one cloud to
 * another.
 */
#include "tests/transfer/ground.h"

static void test_copy__the_cloud_copies(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 20 * MIB);
    vaults[0].checksum = "crc32c";
    assert_int_equal(ground_copy(g, g->one, "k", g->one, "c", &result), 0);
    assert_true(ground_is_object(&vaults[0], "c", 20 * MIB));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_COPY), 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 0);
    assert_int_equal(result.is_verified, 1);
    assert_int_equal(result.size_bytes, 20 * MIB);
}

static void test_copy__above_what_it_copies_at_once_in_parts(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 20 * MIB + 1);
    vaults[0].copy_bytes = 10 * MIB;
    g->options.part_bytes = 4 * MIB;
    assert_int_equal(ground_copy(g, g->one, "k", g->one, "c", &result), 0);
    assert_true(ground_is_object(&vaults[0], "c", 20 * MIB + 1));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_COPY), 6);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 0);
    assert_int_equal(result.part_count, 6);
}

static void test_copy__what_its_cloud_cannot_copy_is_streamed(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 20 * MIB + 1);
    vaults[0].checksum = "crc32c";
    vaults[0].fault =
        (vault_fault){.op = NEPH_OP_OBJECT_COPY, .status = NEPH_UNSUPPORTED, .times = 1};
    g->options.part_bytes = 4 * MIB;
    assert_int_equal(ground_copy(g, g->one, "k", g->one, "c", &result), 0);
    assert_true(ground_is_object(&vaults[0], "c", 20 * MIB + 1));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_COPY), 1);
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_UPLOAD_PART), 6);
    assert_int_equal(result.is_verified, 1);
}

static void test_copy__to_another_cloud_is_streamed(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 5 * MIB);
    snprintf(vault_find(&vaults[0], "k")->content_type, 64, "text/x-test");
    vaults[0].checksum = vaults[1].checksum = "crc32c";
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", &result), 0);
    assert_true(ground_is_object(&vaults[1], "c", 5 * MIB));
    assert_string_equal(vault_find(&vaults[1], "c")->content_type, "text/x-test");
    assert_int_equal(vault_count(&vaults[1], NEPH_OP_OBJECT_PUT), 1);
    assert_int_equal(result.is_verified, 1);
}

static void test_copy__to_another_cloud_in_parts(void **state)
{
    ground *g = *state;
    neph_transfer_result result;
    ground_object(&vaults[0], "k", 20 * MIB + 1);
    vaults[0].checksum = vaults[1].checksum = "crc32c";
    g->options.part_bytes = 2 * MIB;
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", &result), 0);
    assert_true(ground_is_object(&vaults[1], "c", 20 * MIB + 1));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 11);
    assert_int_equal(vault_count(&vaults[1], NEPH_OP_UPLOAD_PART), 11);
    assert_int_equal(result.is_verified, 1);
}

static void test_copy__an_empty_object_is_streamed_too(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 0);
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", NULL), 0);
    assert_true(ground_is_object(&vaults[1], "c", 0));
}

static void test_copy__a_part_whose_source_breaks_is_streamed_again(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 20 * MIB);
    vaults[0].fault = (vault_fault){NEPH_OP_OBJECT_GET, 0, NEPH_NETWORK, 2, 1, 3};
    g->options.part_bytes = 2 * MIB;
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", NULL), 0);
    assert_true(ground_is_object(&vaults[1], "c", 20 * MIB));
    assert_int_equal(vault_count(&vaults[0], NEPH_OP_OBJECT_GET), 12);
}

static void test_copy__the_source_changes(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 20 * MIB);
    vaults[0].changes = "k";
    g->options.part_bytes = 2 * MIB;
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", NULL), NEPH_INTEGRITY);
    assert_null(vault_find(&vaults[1], "c"));
}

static void test_copy__corrupted_on_its_way(void **state)
{
    ground *g = *state;
    ground_object(&vaults[0], "k", 20 * MIB);
    vaults[0].checksum = vaults[1].checksum = "crc32c";
    vaults[0].is_corrupt = 1;
    g->options.part_bytes = 2 * MIB;
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", NULL), NEPH_INTEGRITY);
    assert_null(vault_find(&vaults[1], "c"));
}

static void test_copy__no_such_object(void **state)
{
    ground *g = *state;
    assert_int_equal(ground_copy(g, g->one, "k", g->two, "c", NULL), NEPH_NOT_FOUND);
    assert_int_equal(ground_copy(g, g->one, "k", g->one, "c", NULL), NEPH_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUND_TEST(test_copy__the_cloud_copies),
        GROUND_TEST(test_copy__above_what_it_copies_at_once_in_parts),
        GROUND_TEST(test_copy__what_its_cloud_cannot_copy_is_streamed),
        GROUND_TEST(test_copy__to_another_cloud_is_streamed),
        GROUND_TEST(test_copy__to_another_cloud_in_parts),
        GROUND_TEST(test_copy__an_empty_object_is_streamed_too),
        GROUND_TEST(test_copy__a_part_whose_source_breaks_is_streamed_again),
        GROUND_TEST(test_copy__the_source_changes),
        GROUND_TEST(test_copy__corrupted_on_its_way),
        GROUND_TEST(test_copy__no_such_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
