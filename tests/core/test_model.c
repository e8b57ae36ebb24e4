/*
 * The model table: every member of every kind leads from its number to its place and back;
 * operations know their arguments.
 */
#include "core/model.h"
#include "core/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t kinds[] = {
    NEPH_KIND_NODE,     NEPH_KIND_IMAGE,         NEPH_KIND_SIZE,     NEPH_KIND_LOCATION,
    NEPH_KIND_KEY,      NEPH_KIND_VOLUME,        NEPH_KIND_SNAPSHOT, NEPH_KIND_ADDRESS,
    NEPH_KIND_FIREWALL, NEPH_KIND_FIREWALL_RULE, NEPH_KIND_NETWORK,  NEPH_KIND_SUBNET,
    NEPH_KIND_BUCKET,   NEPH_KIND_OBJECT,        NEPH_KIND_PREFIX,   NEPH_KIND_URL,
    NEPH_KIND_TAG,      NEPH_KIND_CONSOLE,       NEPH_KIND_PRICE};

static int is_list(uint32_t type)
{
    return type == NEPH_TYPE_STRINGS || type == NEPH_TYPE_PAIRS;
}

/* Bytes that a member of a type takes in its struct. */
static size_t width(uint32_t type)
{
    if (type == NEPH_TYPE_ENUM)
        return sizeof(int32_t);
    if (type == NEPH_TYPE_STRING || is_list(type))
        return sizeof(void *);
    return sizeof(int64_t);
}

static void test_model__leads_from_numbers_to_members_and_back(void **state)
{
    size_t i, j;
    (void)state;
    for (i = 0; i < NEPH_COUNT(kinds); i++) {
        const neph_kind_info *info = neph_kind_find(kinds[i]);
        assert_non_null(info);
        assert_int_equal(info->size, sizeof *info);
        assert_int_equal(info->kind, kinds[i]);
        assert_true(info->member_count > 0);
        for (j = 0; j < info->member_count; j++) {
            const neph_member_info *shown = &info->members[j];
            const nephi_member *member = nephi_member_find(shown->member);
            assert_non_null(member);
            assert_memory_equal(&member->info, shown, sizeof *shown);
            assert_int_equal(shown->size, sizeof *shown);
            assert_int_equal(shown->member >> 16, kinds[i]);
            assert_in_range(member->offset, sizeof(neph_result),
                            nephi_kind_size(kinds[i]) - width(shown->type));
            assert_int_equal(member->count_offset != member->offset, is_list(shown->type));
            assert_int_equal(member->names != NULL, shown->type == NEPH_TYPE_ENUM);
            assert_true(shown->summary[0]);
            assert_null(strchr(shown->summary, '\n'));
        }
    }
}

static void test_model__gives_no_place_and_no_name_twice(void **state)
{
    size_t i, a, b;
    (void)state;
    for (i = 0; i < NEPH_COUNT(kinds); i++) {
        const neph_kind_info *info = neph_kind_find(kinds[i]);
        for (a = 0; a < info->member_count; a++) {
            for (b = a + 1; b < info->member_count; b++) {
                const neph_member_info *x = &info->members[a], *y = &info->members[b];
                assert_string_not_equal(x->name, y->name);
                assert_int_not_equal(x->member, y->member);
                assert_int_not_equal(nephi_member_find(x->member)->offset,
                                     nephi_member_find(y->member)->offset);
            }
        }
    }
}

/* What stands in model.h behind the head, and nothing else, is covered: the members fill the
 * struct. */
static void test_model__forgets_no_member_of_a_struct(void **state)
{
    size_t i, j;
    (void)state;
    for (i = 0; i < NEPH_COUNT(kinds); i++) {
        const neph_kind_info *info = neph_kind_find(kinds[i]);
        size_t bytes = sizeof(neph_result);
        for (j = 0; j < info->member_count; j++) {
            bytes += width(info->members[j].type);
            bytes += is_list(info->members[j].type) ? sizeof(size_t) : 0;
        }
        bytes += bytes % sizeof(int64_t); /* reserved, behind an odd enumeration */
        if (sizeof(void *) == 8)
            assert_int_equal(bytes, nephi_kind_size(kinds[i]));
    }
}

static void test_model__begins_with_everything_unknown(void **state)
{
    union {
        neph_result result;
        char bytes[512];
    } any;
    size_t i, j;
    (void)state;
    for (i = 0; i < NEPH_COUNT(kinds); i++) {
        const neph_kind_info *info = neph_kind_find(kinds[i]);
        memset(&any, 0xa5, sizeof any);
        nephi_kind_clear(&any.result, kinds[i]);
        assert_int_equal(any.result.size, nephi_kind_size(kinds[i]));
        assert_int_equal(any.result.kind, kinds[i]);
        assert_null(any.result.error);
        for (j = 0; j < info->member_count; j++) {
            neph_value value;
            assert_int_equal(neph_result_get(&any.result, info->members[j].member, &value), 0);
            assert_int_equal(value.type, NEPH_TYPE_NONE);
            assert_null(value.text && info->members[j].type == NEPH_TYPE_STRING ? value.text
                                                                                : NULL);
            assert_int_equal(value.count, 0);
        }
    }
}

static void test_model__refuses_numbers_that_are_none(void **state)
{
    static const int32_t wrong[] = {0,
                                    -1,
                                    INT32_MIN,
                                    INT32_MAX,
                                    NEPH_MEMBER(0, 4),
                                    NEPH_MEMBER(1, 0),
                                    NEPH_MEMBER(1, 19),
                                    NEPH_MEMBER(13, 1),
                                    NEPH_MEMBER(64, 1),
                                    NEPH_MEMBER(127, 11),
                                    NEPH_MEMBER(127, 63),
                                    NEPH_SCRATCH + NEPH_SCRATCH_COUNT,
                                    NEPH_MEMBER(128, 1)};
    size_t i;
    (void)state;
    for (i = 0; i < NEPH_COUNT(wrong); i++)
        assert_null(nephi_member_find(wrong[i]));
    assert_null(neph_kind_find(NEPH_KIND_NONE));
    assert_null(neph_kind_find(13));
    assert_null(neph_kind_find(NEPH_KIND_ENDPOINT)); /* never reaches a program */
    assert_null(neph_kind_find(NEPH_KIND_OPTION));
    assert_null(neph_kind_find(NEPH_KIND_CALL));
    assert_null(neph_kind_find(128));
    assert_null(neph_kind_find(UINT32_MAX));
    assert_int_equal(nephi_kind_size(NEPH_KIND_OPTION), 0);
    assert_int_equal(nephi_kind_size(UINT32_MAX), 0);
    assert_int_equal(nephi_kind_size(NEPH_KIND_ENDPOINT), sizeof(nephi_endpoint_result));
}

static void test_model__knows_what_no_struct_holds(void **state)
{
    int32_t number;
    (void)state;
    assert_int_equal(nephi_member_find(NEPH_OBJECT_BUCKET)->offset, NEPHI_NO_OFFSET);
    assert_int_equal(nephi_member_find(NEPH_EXTRA)->info.type, NEPH_TYPE_PAIRS);
    assert_int_equal(nephi_member_find(NEPH_EXTRA)->offset, offsetof(neph_result, extra));
    for (number = NEPH_RESULT_ERROR_CODE; number <= NEPH_RESULT_ERROR_MESSAGE; number++)
        assert_int_equal(nephi_member_find(number)->info.member, number);
    for (number = NEPH_LIST_LIMIT; number <= NEPH_REASSOCIATE; number++) {
        assert_int_equal(nephi_member_find(number)->info.member, number);
        assert_int_equal(nephi_member_find(number)->offset, NEPHI_NO_OFFSET);
    }
    for (number = NEPH_PAGE_TOKEN; number <= NEPH_SESSION_SECRET; number++)
        assert_int_equal(nephi_member_find(number)->info.member, number);
    for (number = NEPH_SCRATCH; number < NEPH_SCRATCH + NEPH_SCRATCH_COUNT; number++) {
        assert_int_equal(nephi_member_find(number)->info.member, number);
        assert_int_equal(nephi_member_find(number)->info.type, NEPH_TYPE_STRING);
    }
    for (number = NEPH_ENDPOINT_SERVICE; number <= NEPH_ENDPOINT_INTERFACE; number++)
        assert_int_equal(nephi_member_find(number)->info.member, number);
}

static void test_model__marks_secrets(void **state)
{
    (void)state;
    assert_true(nephi_member_find(NEPH_NODE_PASSWORD)->info.flags & NEPH_INFO_SECRET);
    assert_true(nephi_member_find(NEPH_KEY_PRIVATE_KEY)->info.flags & NEPH_INFO_SECRET);
    assert_true(nephi_member_find(NEPH_CONSOLE_URL)->info.flags & NEPH_INFO_SECRET);
    assert_true(nephi_member_find(NEPH_SESSION_TOKEN)->info.flags & NEPH_INFO_SECRET);
    assert_false(nephi_member_find(NEPH_NODE_ID)->info.flags & NEPH_INFO_SECRET);
}

/* Scripts rely on the columns of tsv. */
static void check_columns(uint32_t kind, const char *expected)
{
    const neph_kind_info *info = neph_kind_find(kind);
    char columns[256] = "";
    size_t i, used = 0;
    for (i = 0; i < info->member_count; i++) {
        const neph_member_info *member = &info->members[i];
        int is_column = (member->flags & NEPH_INFO_COLUMN) != 0;
        assert_int_not_equal(is_column, (member->flags & NEPH_INFO_WIDE) != 0);
        if (!is_column)
            continue;
        memcpy(columns + used, member->name, strlen(member->name));
        used += strlen(member->name);
        columns[used++] = ' ';
    }
    columns[used] = '\0';
    assert_string_equal(columns, expected);
}

static void test_model__keeps_the_columns_of_tables(void **state)
{
    (void)state;
    check_columns(NEPH_KIND_NODE, "id name state public_ips private_ips size_id ");
    check_columns(NEPH_KIND_IMAGE, "id name is_public created ");
    check_columns(NEPH_KIND_SIZE,
                  "id name cpus ram_bytes disk_bytes price currency price_age_days ");
    check_columns(NEPH_KIND_LOCATION, "id name country ");
    check_columns(NEPH_KIND_KEY, "name fingerprint ");
    check_columns(NEPH_KIND_VOLUME, "id name state size_bytes node_id device location_id ");
    check_columns(NEPH_KIND_SNAPSHOT,
                  "id name state volume_id size_bytes progress_percent created ");
    check_columns(NEPH_KIND_ADDRESS, "id ip name node_id ");
    check_columns(NEPH_KIND_FIREWALL, "id name description network_id ");
    check_columns(NEPH_KIND_FIREWALL_RULE, "id direction protocol port_from port_to cidr peer_id ");
    check_columns(NEPH_KIND_NETWORK, "id name cidrs is_default ");
    check_columns(NEPH_KIND_SUBNET, "id name cidr network_id location_id ");
    check_columns(NEPH_KIND_TAG, "name value ");
    check_columns(NEPH_KIND_CONSOLE, "node_id updated output ");
    check_columns(NEPH_KIND_PRICE,
                  "provider service region item price currency unit as_of age_days ");
    check_columns(NEPH_KIND_BUCKET, "name created region ");
    check_columns(NEPH_KIND_OBJECT, "key size_bytes modified etag storage_class ");
    check_columns(NEPH_KIND_PREFIX, "name ");
    check_columns(NEPH_KIND_URL, "url method expires ");
}

static void check_arguments(const neph_op_info *op)
{
    int is_behind_optional = 0;
    uint32_t i, j;
    for (i = 0; i < op->argument_count; i++) {
        const neph_member_info *argument = &op->arguments[i];
        const nephi_member *member = nephi_member_find(argument->member);
        assert_non_null(member);
        assert_int_equal(argument->size, sizeof *argument);
        assert_int_equal(argument->type, member->info.type);
        assert_string_equal(argument->name, member->info.name);
        assert_int_equal(argument->flags & NEPH_INFO_SECRET, member->info.flags & NEPH_INFO_SECRET);
        assert_true(argument->summary[0]);
        assert_null(strchr(argument->summary, '\n'));
        if (argument->flags & NEPH_INFO_REQUIRED)
            assert_false(is_behind_optional);
        else
            is_behind_optional = 1;
        for (j = i + 1; j < op->argument_count; j++)
            assert_string_not_equal(argument->name, op->arguments[j].name);
    }
}

static void test_op__knows_its_arguments_required_ones_first(void **state)
{
    const neph_op_info *op;
    size_t i, dot;
    (void)state;
    for (i = 0; (op = neph_op_at(i)); i++) {
        assert_int_equal(op->size, sizeof *op);
        assert_ptr_equal(neph_op_find(op->op), op);
        dot = strlen(op->noun);
        assert_memory_equal(op->name, op->noun, dot);
        assert_int_equal(op->name[dot], '.');
        assert_string_equal(op->name + dot + 1, op->verb);
        assert_true(op->kind == NEPH_KIND_NONE || neph_kind_find(op->kind));
        assert_true(op->summary[0]);
        assert_null(strchr(op->summary, '\n'));
        check_arguments(op);
    }
    assert_int_equal(i, 67);
    assert_null(neph_op_at(SIZE_MAX));
}

static void test_op__is_found_by_number_alone(void **state)
{
    static const uint32_t wrong[] = {0,         0x00ff, 0x010a, 0x0204,        0x0983,
                                     0x1003,    0x1109, 0x1207, NEPH_OP_LOGIN, NEPH_OP_EXTENSION,
                                     UINT32_MAX};
    size_t i;
    (void)state;
    for (i = 0; i < NEPH_COUNT(wrong); i++)
        assert_null(neph_op_find(wrong[i]));
    assert_string_equal(neph_op_find(NEPH_OP_OBJECT_COPY)->name, "object.copy");
    for (i = 0; neph_op_at(i + 1); i++)
        assert_true(neph_op_at(i)->op < neph_op_at(i + 1)->op);
}

/* The order of a command line is a promise as well. */
static void test_op__takes_its_arguments_in_this_order(void **state)
{
    static const struct {
        uint32_t op, required;
        const char *names[20];
    } rows[] = {
        {NEPH_OP_NODE_CREATE,
         3,
         {"name", "image_id", "size_id", "location_id", "key_name", "firewall_ids", "network_id",
          "subnet_id", "user_data", "user_data_base64", "tags", "username", "password",
          "public_key", "token", "wait", "wait_seconds", NULL}},
        {NEPH_OP_NODE_REBOOT, 1, {"id", "wait", "wait_seconds", NULL}},
        {NEPH_OP_NODE_LIST, 0, {"id", "name", "tag", "state", "location", "limit", NULL}},
        {NEPH_OP_VOLUME_ATTACH, 2, {"id", "node_id", "device", "wait", "wait_seconds", NULL}},
        {NEPH_OP_ADDRESS_ASSOCIATE, 2, {"id", "node_id", "reassociate", NULL}},
        {NEPH_OP_RULE_ADD,
         1,
         {"firewall_id", "direction", "protocol", "port_from", "port_to", "cidr", "peer_id",
          "description", NULL}},
        {NEPH_OP_TAG_SET, 3, {"resource_id", "name", "value", NULL}},
        {NEPH_OP_BUCKET_CREATE, 1, {"name", NULL}},
        {NEPH_OP_OBJECT_LIST, 1, {"bucket", "prefix", "delimiter", "start_after", "limit", NULL}},
        {NEPH_OP_OBJECT_GET,
         3,
         {"bucket", "key", "sink", "offset", "length", "version", "if_match", "if_none_match",
          "checksum_algorithm", NULL}},
        {NEPH_OP_OBJECT_PUT,
         3,
         {"bucket", "key", "source", "content_type", "storage_class", "metadata", "local_modified",
          "if_match", "if_none_match", "checksum_algorithm", NULL}},
        {NEPH_OP_OBJECT_COPY,
         4,
         {"from_bucket", "from_key", "bucket", "key", "from_version", "from_if_match",
          "content_type", "storage_class", "metadata", "local_modified", "if_match",
          "if_none_match", NULL}},
        {NEPH_OP_OBJECT_PRESIGN, 2, {"bucket", "key", "method", "seconds", NULL}},
    };
    size_t i, j;
    (void)state;
    for (i = 0; i < NEPH_COUNT(rows); i++) {
        const neph_op_info *op = neph_op_find(rows[i].op);
        for (j = 0; rows[i].names[j]; j++) {
            assert_true(j < op->argument_count);
            assert_string_equal(op->arguments[j].name, rows[i].names[j]);
            assert_int_equal((op->arguments[j].flags & NEPH_INFO_REQUIRED) != 0,
                             j < rows[i].required);
        }
        assert_int_equal(op->argument_count, j);
    }
}

static void test_model__names_node_states(void **state)
{
    int32_t a, b;
    (void)state;
    assert_string_equal(neph_node_state_name(NEPH_NODE_RUNNING), "running");
    assert_string_equal(neph_node_state_name(NEPH_NODE_STATE_UNKNOWN), "unknown");
    assert_string_equal(neph_node_state_name(NEPH_NODE_FAILED + 1), "unknown");
    assert_string_equal(neph_node_state_name(-1), "unknown");
    for (a = 0; a <= NEPH_NODE_FAILED; a++)
        for (b = a + 1; b <= NEPH_NODE_FAILED; b++)
            assert_string_not_equal(neph_node_state_name(a), neph_node_state_name(b));
}

static void test_model__names_the_numbers_of_enumerations(void **state)
{
    int64_t number = 0;
    (void)state;
    assert_string_equal(neph_enum_name(NEPH_VOLUME_STATE, NEPH_VOLUME_IN_USE), "in-use");
    assert_string_equal(neph_enum_name(NEPH_VOLUME_ATTACHMENT_STATE, NEPH_ATTACHMENT_BUSY), "busy");
    assert_string_equal(neph_enum_name(NEPH_SNAPSHOT_STATE, NEPH_SNAPSHOT_PENDING), "pending");
    assert_string_equal(neph_enum_name(NEPH_IMAGE_STATE, NEPH_IMAGE_AVAILABLE), "available");
    assert_null(neph_enum_name(NEPH_VOLUME_STATE, NEPH_VOLUME_FAILED + 1));
    assert_null(neph_enum_name(NEPH_VOLUME_ID, 1));
    assert_null(neph_enum_name(-1, 1));
    assert_true(
        nephi_enum_number(nephi_member_find(NEPH_FIREWALL_RULE_DIRECTION), "egress", &number));
    assert_int_equal(number, NEPH_DIRECTION_EGRESS);
    assert_false(
        nephi_enum_number(nephi_member_find(NEPH_FIREWALL_RULE_DIRECTION), "unknown", &number));
    assert_false(nephi_enum_number(nephi_member_find(NEPH_NODE_ID), "egress", &number));
}

static void test_model__reads_members_by_number(void **state)
{
    static const char *const ips[] = {"192.0.2.1", "192.0.2.2"};
    static const neph_pair extra[] = {{"cpu", "0.5"}};
    neph_value value;
    neph_node node;
    (void)state;
    nephi_kind_clear(&node.result, NEPH_KIND_NODE);
    node.id = "n1";
    node.state = NEPH_NODE_RUNNING;
    node.public_ips = ips;
    node.public_ip_count = 2;
    node.ram_bytes = 0;
    node.result.extra = extra;
    node.result.extra_count = 1;
    assert_int_equal(neph_result_get(&node.result, NEPH_NODE_ID, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_STRING);
    assert_string_equal(value.text, "n1");
    assert_int_equal(neph_result_get(&node.result, NEPH_NODE_STATE, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_ENUM);
    assert_int_equal(value.number, NEPH_NODE_RUNNING);
    assert_string_equal(value.text, "running");
    assert_int_equal(neph_result_get(&node.result, NEPH_NODE_PUBLIC_IPS, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_STRINGS);
    assert_int_equal(value.count, 2);
    assert_string_equal(value.strings[1], "192.0.2.2");
    assert_int_equal(neph_result_get(&node.result, NEPH_NODE_RAM_BYTES, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_INTEGER);
    assert_int_equal(value.number, 0);
    assert_int_equal(neph_result_get(&node.result, NEPH_EXTRA, &value), 0);
    assert_int_equal(value.type, NEPH_TYPE_PAIRS);
    assert_string_equal(value.pairs[0].value, "0.5");
}

static void test_model__reads_no_member_of_another_kind(void **state)
{
    neph_value value;
    neph_object object;
    (void)state;
    nephi_kind_clear(&object.result, NEPH_KIND_OBJECT);
    assert_int_equal(neph_result_get(&object.result, NEPH_NODE_ID, &value), NEPH_INVALID);
    assert_int_equal(neph_result_get(&object.result, NEPH_OBJECT_BUCKET, &value), NEPH_INVALID);
    assert_int_equal(neph_result_get(&object.result, NEPH_RESULT_ERROR_CODE, &value), NEPH_INVALID);
    assert_int_equal(neph_result_get(&object.result, 0, &value), NEPH_INVALID);
    assert_int_equal(value.type, NEPH_TYPE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model__leads_from_numbers_to_members_and_back),
        cmocka_unit_test(test_model__gives_no_place_and_no_name_twice),
        cmocka_unit_test(test_model__forgets_no_member_of_a_struct),
        cmocka_unit_test(test_model__begins_with_everything_unknown),
        cmocka_unit_test(test_model__refuses_numbers_that_are_none),
        cmocka_unit_test(test_model__knows_what_no_struct_holds),
        cmocka_unit_test(test_model__marks_secrets),
        cmocka_unit_test(test_model__keeps_the_columns_of_tables),
        cmocka_unit_test(test_op__knows_its_arguments_required_ones_first),
        cmocka_unit_test(test_op__is_found_by_number_alone),
        cmocka_unit_test(test_op__takes_its_arguments_in_this_order),
        cmocka_unit_test(test_model__names_node_states),
        cmocka_unit_test(test_model__names_the_numbers_of_enumerations),
        cmocka_unit_test(test_model__reads_members_by_number),
        cmocka_unit_test(test_model__reads_no_member_of_another_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
