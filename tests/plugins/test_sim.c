/*
 * test_sim.c - the simulated cloud by itself: what every operation does and refuses, and the time it takes. Failures to
 * order are test_sim_orders.c's, the state file is test_sim_state.c's.
 */
#include "simulation.h"

#include "core/model.h"
#include "plugins/sim/sim.h"

#include <unistd.h>

static const char *volume_make(void)
{
    assert_done(volume_ask(10 * GIB, "sim-1a"));
    return told(NEPH_VOLUME_ID);
}

static int32_t volume_resize(const char *id, int64_t size)
{
    stage_clear(&host);
    stage_text(&host, NEPH_VOLUME_ID, id);
    stage_number(&host, NEPH_VOLUME_SIZE_BYTES, size);
    return stage_run(&host, NEPH_OP_VOLUME_RESIZE);
}

static int32_t attach(const char *volume, const char *node)
{
    return ask(NEPH_OP_VOLUME_ATTACH, NEPH_VOLUME_ID, volume, NEPH_VOLUME_NODE, node, 0);
}

static int64_t volume_state(const char *id)
{
    assert_done(ask(NEPH_OP_VOLUME_SHOW, NEPH_VOLUME_ID, id, 0));
    return told_number(NEPH_VOLUME_STATE);
}

/* ---- what there is to begin with */

static void test_sim__can_do_all_that_a_compute_cloud_can(void **state)
{
    const neph_provider *provider = host.provider;
    const neph_op_info *info;
    uint32_t count = 0;
    (void)state;
    for (size_t i = 0; (info = neph_op_at(i)) != NULL && info->op < NEPH_OP_BUCKET_LIST; i++) {
        assert_true(count < provider->action_count && count < sim_operation_count);
        assert_int_equal(provider->actions[count].op, info->op);
        assert_int_equal(sim_operations[count].op, info->op);
        assert_string_equal(sim_operations[count].name, info->name);
        count++;
    }
    assert_int_equal(provider->action_count, count);
    assert_int_equal(sim_operation_count, count);
}

static void test_sim__begins_with_a_catalogue(void **state)
{
    (void)state;
    assert_int_equal(listed(NEPH_OP_LOCATION_LIST), 2);
    assert_string_equal(stage_get(&host, 0, NEPH_LOCATION_ID), "sim-1a");
    assert_string_equal(stage_get(&host, 1, NEPH_LOCATION_ID), "sim-1b");
    assert_int_equal(listed(NEPH_OP_SIZE_LIST), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(stage_get_number(&host, i, NEPH_SIZE_PRICE) > 0);
        assert_string_equal(stage_get(&host, i, NEPH_SIZE_CURRENCY), "USD");
        assert_string_equal(stage_get(&host, i, NEPH_SIZE_ARCHITECTURES), "x86_64 arm64");
    }
    assert_int_equal(listed(NEPH_OP_IMAGE_LIST), 4);
    assert_int_equal(listed(NEPH_OP_NETWORK_LIST), 2);
    assert_string_equal(stage_get(&host, 0, NEPH_NETWORK_CIDRS), "10.0.0.0/16");
    assert_int_equal(listed(NEPH_OP_SUBNET_LIST), 4);
    assert_int_equal(told_number(NEPH_SUBNET_FREE_ADDRESSES), 4091);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 0);
    assert_int_equal(access(state_path, F_OK), -1); /* looking makes no file */
}

static void test_sim__keeps_what_is_the_clouds_own(void **state)
{
    (void)state;
    assert_refused(ask(NEPH_OP_IMAGE_DELETE, NEPH_IMAGE_ID, "debian-12", 0), NEPH_PERMISSION,
                   "belongs to the cloud");
    assert_refused(ask(NEPH_OP_TAG_SET, NEPH_TAG_RESOURCE, "debian-12", NEPH_TAG_NAME, "a",
                       NEPH_TAG_VALUE, "b", 0),
                   NEPH_PERMISSION, "belongs to the cloud");
    assert_done(ask(NEPH_OP_IMAGE_SHOW, NEPH_IMAGE_ID, "debian-12", 0));
    assert_string_equal(told(NEPH_IMAGE_ARCHITECTURE), "x86_64");
}

/* ---- nodes */

static void test_sim__creates_a_node_with_all_it_was_given(void **state)
{
    static const char *const tags[] = {"env", "prod=1", "a=b", "", NULL};
    const char *walls[2] = {NULL, NULL};
    (void)state;
    assert_done(ask(NEPH_OP_KEY_CREATE, NEPH_KEY_NAME, "mine", 0));
    assert_done(ask(NEPH_OP_FIREWALL_CREATE, NEPH_FIREWALL_NAME, "wall", 0));
    walls[0] = told(NEPH_FIREWALL_ID);
    stage_clear(&host);
    stage_text(&host, NEPH_NODE_NAME, "w\xc3\xa4sp 100%");
    stage_text(&host, NEPH_NODE_IMAGE, "debian-12");
    stage_text(&host, NEPH_NODE_SIZE, "medium");
    stage_text(&host, NEPH_NODE_NETWORK, "net-lab");
    stage_text(&host, NEPH_NODE_LOCATION, "sim-1b");
    stage_text(&host, NEPH_NODE_KEY, "mine");
    stage_text(&host, NEPH_LOGIN_NAME, "admin");
    stage_strings(&host, NEPH_NODE_FIREWALLS, walls);
    stage_pairs(&host, NEPH_NODE_TAGS, tags);
    assert_done(stage_run(&host, NEPH_OP_NODE_CREATE));
    assert_int_equal(told_number(NEPH_NODE_STATE), NEPH_NODE_RUNNING);
    assert_done(ask(NEPH_OP_NODE_SHOW, NEPH_NODE_ID, told(NEPH_NODE_ID), 0));
    assert_string_equal(told(NEPH_NODE_NAME), "w\xc3\xa4sp 100%");
    assert_string_equal(told(NEPH_NODE_SUBNET), "subnet-lab-1b");
    assert_string_equal(told(NEPH_NODE_KEY), "mine");
    assert_string_equal(told(NEPH_NODE_FIREWALLS), walls[0]);
    assert_string_equal(told(NEPH_NODE_PRIVATE_IPS), "10.1.1.4");
    assert_string_equal(host.records[0].pairs[0][0], "env");
    assert_string_equal(host.records[0].pairs[0][1], "prod=1");
    assert_string_equal(host.records[0].pairs[1][0], "a=b");
    assert_string_equal(host.records[0].pairs[1][1], "");
    assert_int_equal(told_number(NEPH_NODE_CPUS), 2 * NEPH_NANO);
    assert_int_equal(told_number(NEPH_NODE_RAM_BYTES), 4 * GIB);
    assert_int_equal(told_number(NEPH_NODE_CREATED), host.now_ns);
}

static void test_sim__refuses_a_node_of_what_is_not_there(void **state)
{
    static const struct {
        int32_t member;
        const char *text;
        int32_t status;
        const char *words;
    } cases[] = {
        {NEPH_NODE_IMAGE, "nope", NEPH_NOT_FOUND, "no image \"nope\""},
        {NEPH_NODE_SIZE, "nope", NEPH_NOT_FOUND, "no size \"nope\""},
        {NEPH_NODE_LOCATION, "nope", NEPH_NOT_FOUND, "no location \"nope\""},
        {NEPH_NODE_NETWORK, "nope", NEPH_NOT_FOUND, "no network \"nope\""},
        {NEPH_NODE_SUBNET, "nope", NEPH_NOT_FOUND, "no subnet \"nope\""},
        {NEPH_NODE_KEY, "nope", NEPH_NOT_FOUND, "no key \"nope\""},
        {NEPH_NODE_NAME, "", NEPH_INVALID, "name is empty"},
        {NEPH_NODE_NAME, "a\nb", NEPH_INVALID, "control character"},
        {NEPH_NODE_NAME, "\xc3(", NEPH_INVALID, "no UTF-8"},
        {NEPH_NODE_NAME, "\xed\xa0\x80", NEPH_INVALID, "no UTF-8"},
        {NEPH_USER_DATA_BASE64, "a?b=", NEPH_INVALID, "no base64"},
        {NEPH_USER_DATA_BASE64, "abc", NEPH_INVALID, "no base64"},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(cases); i++) {
        stage_clear(&host);
        stage_text(&host, NEPH_NODE_NAME, "web");
        stage_text(&host, NEPH_NODE_IMAGE, "debian-12");
        stage_text(&host, NEPH_NODE_SIZE, "small");
        stage_text(&host, cases[i].member, cases[i].text);
        assert_refused(stage_run(&host, NEPH_OP_NODE_CREATE), cases[i].status, cases[i].words);
    }
    assert_refused(ask(NEPH_OP_NODE_CREATE, NEPH_NODE_NAME, "web", NEPH_NODE_IMAGE, "debian-12",
                       NEPH_NODE_SIZE, "small", NEPH_NODE_LOCATION, "sim-1b", NEPH_NODE_SUBNET,
                       "subnet-main-1a", 0),
                   NEPH_INVALID, "not in that location");
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 0);
    assert_int_equal(access(state_path, F_OK), -1);
}

static void test_sim__refuses_tags_that_are_none(void **state)
{
    static const char *const twice[] = {"a", "1", "a", "2", NULL};
    static const char *const empty[] = {"", "1", NULL};
    const char *many[2 * 51 + 1] = {NULL};
    char names[51][8];
    (void)state;
    for (int i = 0; i < 51; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        many[2 * i] = names[i];
        many[2 * i + 1] = "x";
    }
#define ALLOCATE_WITH(list)                                                                        \
    (stage_clear(&host), stage_pairs(&host, NEPH_ADDRESS_TAGS, list),                              \
     stage_run(&host, NEPH_OP_ADDRESS_ALLOCATE))
    assert_refused(ALLOCATE_WITH(twice), NEPH_INVALID, "given twice");
    assert_refused(ALLOCATE_WITH(empty), NEPH_INVALID, "is empty");
    assert_refused(ALLOCATE_WITH(many), NEPH_LIMIT, "at most 50");
    assert_int_equal(listed(NEPH_OP_ADDRESS_LIST), 0);
}

static void test_sim__limits_user_data_to_16_KiB(void **state)
{
    static char raw[16386];
    static char encoded[21853];
    (void)state;
    memset(raw, 'x', 16384);
    memset(encoded, 'A', sizeof encoded - 1);
    encoded[21846] = encoded[21847] = '=';
    encoded[21848] = '\0'; /* 16384 bytes */
#define CREATE_WITH(member, text)                                                                  \
    ask(NEPH_OP_NODE_CREATE, NEPH_NODE_NAME, "web", NEPH_NODE_IMAGE, "debian-12", NEPH_NODE_SIZE,  \
        "small", member, text, 0)
    assert_done(CREATE_WITH(NEPH_USER_DATA, raw));
    assert_done(ask(NEPH_OP_NODE_CONSOLE, NEPH_NODE_ID, told(NEPH_NODE_ID), 0));
    assert_non_null(strstr(told(NEPH_CONSOLE_OUTPUT), "user data: 16384 bytes"));
    assert_non_null(strstr(told(NEPH_CONSOLE_OUTPUT), "login: "));
    assert_done(CREATE_WITH(NEPH_USER_DATA_BASE64, encoded));
    raw[16384] = 'x';
    assert_refused(CREATE_WITH(NEPH_USER_DATA, raw), NEPH_LIMIT, "16384");
    encoded[21847] = 'A';
    encoded[21846] = 'A';
    assert_refused(CREATE_WITH(NEPH_USER_DATA_BASE64, encoded), NEPH_LIMIT, "16384");
    assert_refused(ask(NEPH_OP_NODE_CREATE, NEPH_NODE_NAME, "web", NEPH_NODE_IMAGE, "debian-12",
                       NEPH_NODE_SIZE, "small", NEPH_USER_DATA, "a", NEPH_USER_DATA_BASE64,
                       "YQ==", 0),
                   NEPH_INVALID, "not both");
}

static void test_sim__takes_time_to_start_and_to_end_a_node(void **state)
{
    const char *id;
    (void)state;
    set("delay_ms", "1000");
    id = node_make("sim-1a");
    assert_int_equal(told_number(NEPH_NODE_STATE), NEPH_NODE_PENDING);
    assert_null(stage_get(&host, 0, NEPH_NODE_PUBLIC_IPS));
    wait_ms(999);
    assert_int_equal(node_state(id), NEPH_NODE_PENDING);
    wait_ms(1);
    assert_int_equal(node_state(id), NEPH_NODE_RUNNING);
    assert_non_null(stage_get(&host, 0, NEPH_NODE_PUBLIC_IPS));
    assert_done(ask(NEPH_OP_NODE_REBOOT, NEPH_NODE_ID, id, 0));
    assert_int_equal(node_state(id), NEPH_NODE_REBOOTING);
    wait_ms(1000);
    assert_done(ask(NEPH_OP_NODE_STOP, NEPH_NODE_ID, id, 0));
    assert_int_equal(node_state(id), NEPH_NODE_STOPPING);
    wait_ms(1000);
    assert_int_equal(node_state(id), NEPH_NODE_STOPPED);
    assert_null(stage_get(&host, 0, NEPH_NODE_PUBLIC_IPS));
    assert_done(ask(NEPH_OP_NODE_START, NEPH_NODE_ID, id, 0));
    assert_int_equal(node_state(id), NEPH_NODE_PENDING);
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id, 0));
    assert_int_equal(node_state(id), NEPH_NODE_STOPPING);
    wait_ms(1000);
    assert_int_equal(node_state(id), NEPH_NODE_TERMINATED);
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id, 0));
    wait_ms(29999);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 1);
    wait_ms(1);
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 0);
    assert_refused(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id, 0), NEPH_NOT_FOUND, id);
}

static void test_sim__takes_no_time_where_none_is_asked(void **state)
{
    const char *id = node_make("sim-1a");
    (void)state;
    assert_int_equal(told_number(NEPH_NODE_STATE), NEPH_NODE_RUNNING);
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id, 0));
    assert_int_equal(listed(NEPH_OP_NODE_LIST), 0);
}

static void test_sim__turns_a_node_only_where_its_state_allows(void **state)
{
    const char *id;
    (void)state;
    set("delay_ms", "1000");
    id = node_make("sim-1a");
    assert_refused(ask(NEPH_OP_NODE_STOP, NEPH_NODE_ID, id, 0), NEPH_CONFLICT, "is pending");
    assert_refused(ask(NEPH_OP_NODE_REBOOT, NEPH_NODE_ID, id, 0), NEPH_CONFLICT, "is pending");
    assert_done(ask(NEPH_OP_NODE_START, NEPH_NODE_ID, id, 0));
    stage_clear(&host);
    stage_text(&host, NEPH_NODE_ID, id);
    stage_number(&host, NEPH_FORCE, 1);
    assert_done(stage_run(&host, NEPH_OP_NODE_STOP));
    assert_int_equal(node_state(id), NEPH_NODE_STOPPED);
    assert_done(ask(NEPH_OP_NODE_STOP, NEPH_NODE_ID, id, 0));
    assert_refused(ask(NEPH_OP_NODE_REBOOT, NEPH_NODE_ID, id, 0), NEPH_CONFLICT, "is stopped");
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, id, 0));
    assert_refused(ask(NEPH_OP_NODE_START, NEPH_NODE_ID, id, 0), NEPH_CONFLICT, "is stopping");
    assert_refused(ask(NEPH_OP_NODE_RENAME, NEPH_NODE_ID, id, NEPH_NODE_NAME, "x", 0),
                   NEPH_CONFLICT, "is stopping");
}

static void test_sim__renames_and_resizes_a_node(void **state)
{
    const char *id = node_make("sim-1a");
    (void)state;
    assert_done(ask(NEPH_OP_NODE_RENAME, NEPH_NODE_ID, id, NEPH_NODE_NAME, "db", 0));
    assert_refused(ask(NEPH_OP_NODE_RENAME, NEPH_NODE_ID, id, NEPH_NODE_NAME, "", 0), NEPH_INVALID,
                   "empty");
    assert_refused(ask(NEPH_OP_NODE_RESIZE, NEPH_NODE_ID, id, NEPH_NODE_SIZE, "large", 0),
                   NEPH_CONFLICT, "stop it");
    assert_done(ask(NEPH_OP_NODE_STOP, NEPH_NODE_ID, id, 0));
    assert_refused(ask(NEPH_OP_NODE_RESIZE, NEPH_NODE_ID, id, NEPH_NODE_SIZE, "huge", 0),
                   NEPH_NOT_FOUND, "huge");
    assert_done(ask(NEPH_OP_NODE_RESIZE, NEPH_NODE_ID, id, NEPH_NODE_SIZE, "large", 0));
    assert_int_equal(node_state(id), NEPH_NODE_STOPPED);
    assert_string_equal(told(NEPH_NODE_NAME), "db");
    assert_string_equal(told(NEPH_NODE_SIZE), "large");
    assert_int_equal(told_number(NEPH_NODE_RAM_BYTES), 8 * GIB);
}

static void test_sim__gives_every_node_addresses_of_its_own(void **state)
{
    char first[64];
    (void)state;
    assert_done(node_ask("a"));
    snprintf(first, sizeof first, "%s", told(NEPH_NODE_PUBLIC_IPS));
    assert_string_equal(told(NEPH_NODE_PRIVATE_IPS), "10.0.0.4");
    assert_done(node_ask("b"));
    assert_string_equal(told(NEPH_NODE_PRIVATE_IPS), "10.0.0.5");
    assert_string_not_equal(told(NEPH_NODE_PUBLIC_IPS), first);
    assert_int_equal(listed(NEPH_OP_SUBNET_LIST), 4);
    assert_int_equal(told_number(NEPH_SUBNET_FREE_ADDRESSES), 4089);
}

/* ---- images */

static void test_sim__makes_an_image_of_a_node(void **state)
{
    const char *node = node_make("sim-1a");
    const char *image;
    (void)state;
    set("delay_ms", "1000");
    assert_done(ask(NEPH_OP_IMAGE_CREATE, NEPH_NODE_ID, node, NEPH_IMAGE_NAME, "golden",
                    NEPH_IMAGE_DESCRIPTION, "with everything", 0));
    image = told(NEPH_IMAGE_ID);
    assert_int_equal(told_number(NEPH_IMAGE_STATE), NEPH_IMAGE_PENDING);
    assert_int_equal(told_number(NEPH_IMAGE_PUBLIC), 0);
    assert_string_equal(told(NEPH_IMAGE_OWNER), "self");
    assert_refused(ask(NEPH_OP_NODE_CREATE, NEPH_NODE_NAME, "b", NEPH_NODE_IMAGE, image,
                       NEPH_NODE_SIZE, "small", 0),
                   NEPH_CONFLICT, "is pending");
    wait_ms(2000);
    assert_done(ask(NEPH_OP_NODE_CREATE, NEPH_NODE_NAME, "b", NEPH_NODE_IMAGE, image,
                    NEPH_NODE_SIZE, "small", 0));
    assert_done(ask(NEPH_OP_IMAGE_LIST, NEPH_LIST_OWNER, "self", 0));
    assert_int_equal(host.record_count, 1);
    assert_string_equal(told(NEPH_IMAGE_ID), image);
    assert_done(ask(NEPH_OP_IMAGE_LIST, NEPH_LIST_OWNER, "sim", 0));
    assert_int_equal(host.record_count, 4);
    assert_done(ask(NEPH_OP_IMAGE_DELETE, NEPH_IMAGE_ID, image, 0));
    assert_refused(ask(NEPH_OP_IMAGE_SHOW, NEPH_IMAGE_ID, image, 0), NEPH_NOT_FOUND, image);
    assert_refused(
        ask(NEPH_OP_IMAGE_CREATE, NEPH_NODE_ID, "node-none", NEPH_IMAGE_NAME, "golden", 0),
        NEPH_NOT_FOUND, "node-none");
}

/* ---- keys */

static void test_sim__tells_a_private_key_once_and_stores_none(void **state)
{
    char line[4096];
    FILE *file;
    (void)state;
    assert_done(ask(NEPH_OP_KEY_CREATE, NEPH_KEY_NAME, "mine", 0));
    assert_non_null(strstr(told(NEPH_KEY_PRIVATE_KEY), "PRIVATE KEY"));
    assert_non_null(strstr(told(NEPH_KEY_PUBLIC_KEY), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"));
    assert_int_equal(listed(NEPH_OP_KEY_LIST), 1);
    assert_null(stage_get(&host, 0, NEPH_KEY_PRIVATE_KEY));
    file = fopen(state_path, "r");
    while (fgets(line, sizeof line, file))
        assert_null(strstr(line, "PRIVATE"));
    fclose(file);
    assert_refused(ask(NEPH_OP_KEY_CREATE, NEPH_KEY_NAME, "mine", 0), NEPH_EXISTS, "mine");
    assert_done(ask(NEPH_OP_KEY_DELETE, NEPH_KEY_NAME, "mine", 0));
    assert_refused(ask(NEPH_OP_KEY_DELETE, NEPH_KEY_NAME, "mine", 0), NEPH_NOT_FOUND, "mine");
}

static void test_sim__imports_public_keys_and_nothing_else(void **state)
{
    static const char *const wrong[] = {
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519 AAAA",
        "nothing",
        "ssh-rsa ?",
        "-----BEGIN PRIVATE KEY-----",
        "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIKkXZbtmsMzZ21EyEltU3Omovv17oUR/P1vpRFo7EHpB",
    };
    (void)state;
    assert_done(
        ask(NEPH_OP_KEY_IMPORT, NEPH_KEY_NAME, "a", NEPH_KEY_PUBLIC_KEY,
            "ssh-ed25519 "
            "AAAAC3NzaC1lZDI1NTE5AAAAIKkXZbtmsMzZ21EyEltU3Omovv17oUR/P1vpRFo7EHpB root@vm\n",
            0));
    assert_string_equal(told(NEPH_KEY_FINGERPRINT),
                        "SHA256:YgdTZo/u0vaaYn3CuetJU5sGNe19IW9jWK4d+OjGGUQ"); /* ssh-keygen -l */
    assert_null(stage_get(&host, 0, NEPH_KEY_PRIVATE_KEY));
    for (size_t i = 0; i < NEPH_COUNT(wrong); i++)
        assert_refused(
            ask(NEPH_OP_KEY_IMPORT, NEPH_KEY_NAME, "b", NEPH_KEY_PUBLIC_KEY, wrong[i], 0),
            NEPH_INVALID, "public_key");
}

/* ---- volumes */

static void test_sim__creates_volumes_of_whole_GiB(void **state)
{
    static const int64_t wrong[] = {1, GIB - 1, GIB + 1, 16385 * GIB, -GIB};
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(wrong); i++)
        assert_refused(volume_ask(wrong[i], "sim-1a"), NEPH_INVALID, "whole number of GiB");
    assert_refused(volume_ask(0, "sim-1a"), NEPH_INVALID, "size");
    assert_refused(volume_ask(GIB, "mars"), NEPH_NOT_FOUND, "mars");
    assert_done(volume_ask(16384 * GIB, NULL));
    assert_string_equal(told(NEPH_VOLUME_LOCATION), "sim-1a");
    assert_string_equal(told(NEPH_VOLUME_TYPE), "standard");
}

static int32_t volume_of_type(const char *type, int64_t iops)
{
    stage_clear(&host);
    stage_text(&host, NEPH_VOLUME_NAME, "v");
    stage_number(&host, NEPH_VOLUME_SIZE_BYTES, GIB);
    stage_number(&host, NEPH_VOLUME_ENCRYPTED, 1);
    stage_text(&host, NEPH_VOLUME_TYPE, type);
    if (iops)
        stage_number(&host, NEPH_VOLUME_IOPS, iops);
    return stage_run(&host, NEPH_OP_VOLUME_CREATE);
}

static void test_sim__knows_types_of_volumes(void **state)
{
    (void)state;
    assert_done(volume_of_type("fast", 0));
    assert_int_equal(told_number(NEPH_VOLUME_IOPS), 3000);
    assert_int_equal(told_number(NEPH_VOLUME_ENCRYPTED), 1);
    assert_done(volume_of_type("fast", 5000));
    assert_int_equal(told_number(NEPH_VOLUME_IOPS), 5000);
    assert_refused(volume_of_type("fast", 99), NEPH_INVALID, "100 to 64000");
    assert_refused(volume_of_type("standard", 5000), NEPH_INVALID, "fast");
    assert_refused(volume_of_type("slow", 0), NEPH_INVALID, "no type");
}

static void test_sim__attaches_and_detaches_in_time(void **state)
{
    const char *node = node_make("sim-1a");
    const char *volume = volume_make();
    (void)state;
    set("delay_ms", "1000");
    assert_done(attach(volume, node));
    assert_int_equal(volume_state(volume), NEPH_VOLUME_ATTACHING);
    assert_int_equal(told_number(NEPH_VOLUME_ATTACHMENT_STATE), NEPH_ATTACHMENT_ATTACHING);
    assert_string_equal(told(NEPH_VOLUME_DEVICE), "/dev/vdb");
    assert_refused(ask(NEPH_OP_VOLUME_DETACH, NEPH_VOLUME_ID, volume, 0), NEPH_CONFLICT,
                   "attaching");
    wait_ms(1000);
    assert_int_equal(volume_state(volume), NEPH_VOLUME_IN_USE);
    assert_string_equal(told(NEPH_VOLUME_NODE), node);
    assert_refused(ask(NEPH_OP_VOLUME_DELETE, NEPH_VOLUME_ID, volume, 0), NEPH_CONFLICT, node);
    assert_done(volume_resize(volume, 20 * GIB));
    assert_int_equal(volume_state(volume), NEPH_VOLUME_RESIZING);
    wait_ms(1000);
    assert_int_equal(volume_state(volume), NEPH_VOLUME_IN_USE);
    assert_done(ask(NEPH_OP_VOLUME_DETACH, NEPH_VOLUME_ID, volume, 0));
    assert_int_equal(volume_state(volume), NEPH_VOLUME_DETACHING);
    assert_done(ask(NEPH_OP_VOLUME_DETACH, NEPH_VOLUME_ID, volume, 0));
    wait_ms(1000);
    assert_int_equal(volume_state(volume), NEPH_VOLUME_AVAILABLE);
    assert_null(stage_get(&host, 0, NEPH_VOLUME_NODE));
    assert_null(stage_get(&host, 0, NEPH_VOLUME_DEVICE));
    assert_done(ask(NEPH_OP_VOLUME_DELETE, NEPH_VOLUME_ID, volume, 0));
    assert_int_equal(volume_state(volume), NEPH_VOLUME_DELETING);
    wait_ms(1000);
    assert_int_equal(listed(NEPH_OP_VOLUME_LIST), 0);
}

static void test_sim__refuses_what_cannot_be_attached_or_detached(void **state)
{
    const char *here = node_make("sim-1a");
    const char *there = node_make("sim-1b");
    const char *volume = volume_make();
    const char *other = volume_make();
    (void)state;
    assert_refused(attach(volume, there), NEPH_INVALID, "in location sim-1a");
    assert_refused(attach(volume, "node-none"), NEPH_NOT_FOUND, "node-none");
    assert_refused(attach("vol-none", here), NEPH_NOT_FOUND, "vol-none");
    assert_refused(ask(NEPH_OP_VOLUME_DETACH, NEPH_VOLUME_ID, volume, 0), NEPH_CONFLICT,
                   "no node has it");
    assert_done(attach(volume, here));
    assert_refused(attach(volume, here), NEPH_CONFLICT, "has it");
    assert_refused(ask(NEPH_OP_VOLUME_DETACH, NEPH_VOLUME_ID, volume, NEPH_VOLUME_NODE, there, 0),
                   NEPH_CONFLICT, here);
    assert_refused(ask(NEPH_OP_VOLUME_ATTACH, NEPH_VOLUME_ID, other, NEPH_VOLUME_NODE, here,
                       NEPH_VOLUME_DEVICE, "/dev/vdb", 0),
                   NEPH_CONFLICT, "/dev/vdb");
    assert_refused(ask(NEPH_OP_VOLUME_ATTACH, NEPH_VOLUME_ID, other, NEPH_VOLUME_NODE, here,
                       NEPH_VOLUME_DEVICE, "c:", 0),
                   NEPH_INVALID, "/dev/");
    assert_done(ask(NEPH_OP_VOLUME_ATTACH, NEPH_VOLUME_ID, other, NEPH_VOLUME_NODE, here,
                    NEPH_VOLUME_DEVICE, "/dev/sdx", 0));
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, here, 0));
    assert_int_equal(volume_state(volume), NEPH_VOLUME_AVAILABLE);
    assert_int_equal(volume_state(other), NEPH_VOLUME_AVAILABLE);
}

static void test_sim__has_devices_for_25_volumes(void **state)
{
    char node[64];
    (void)state;
    snprintf(node, sizeof node, "%s", node_make("sim-1a"));
    for (int i = 0; i < 25; i++)
        assert_done(attach(volume_make(), node));
    assert_refused(attach(volume_make(), node), NEPH_LIMIT, "no device left");
}

static void test_sim__makes_volumes_only_larger(void **state)
{
    const char *volume = volume_make();
    (void)state;
    assert_refused(volume_resize(volume, 10 * GIB), NEPH_INVALID, "only be made larger");
    assert_refused(volume_resize(volume, 9 * GIB), NEPH_INVALID, "only be made larger");
    assert_refused(volume_resize(volume, 11 * GIB + 1), NEPH_INVALID, "whole number");
    assert_done(volume_resize(volume, 11 * GIB));
    assert_int_equal(volume_state(volume), NEPH_VOLUME_AVAILABLE);
    assert_int_equal(told_number(NEPH_VOLUME_SIZE_BYTES), 11 * GIB);
    set("delay_ms", "1000");
    assert_done(volume_resize(volume, 12 * GIB));
    assert_refused(volume_resize(volume, 13 * GIB), NEPH_CONFLICT, "resizing");
}

/* ---- snapshots */

static int32_t volume_from(const char *snapshot, int64_t size)
{
    stage_clear(&host);
    stage_text(&host, NEPH_VOLUME_NAME, "copy");
    stage_text(&host, NEPH_VOLUME_SNAPSHOT, snapshot);
    if (size)
        stage_number(&host, NEPH_VOLUME_SIZE_BYTES, size);
    return stage_run(&host, NEPH_OP_VOLUME_CREATE);
}

static void test_sim__takes_snapshots_with_progress(void **state)
{
    const char *volume = volume_make();
    const char *snapshot;
    (void)state;
    set("delay_ms", "1000");
    assert_done(ask(NEPH_OP_SNAPSHOT_CREATE, NEPH_SNAPSHOT_VOLUME, volume, NEPH_SNAPSHOT_NAME,
                    "before", 0));
    snapshot = told(NEPH_SNAPSHOT_ID);
    assert_int_equal(told_number(NEPH_SNAPSHOT_STATE), NEPH_SNAPSHOT_PENDING);
    assert_int_equal(told_number(NEPH_SNAPSHOT_PROGRESS), 0);
    assert_int_equal(told_number(NEPH_SNAPSHOT_SIZE_BYTES), 10 * GIB);
    assert_refused(volume_from(snapshot, 0), NEPH_CONFLICT, "is pending");
    wait_ms(1000);
    assert_done(ask(NEPH_OP_SNAPSHOT_SHOW, NEPH_SNAPSHOT_ID, snapshot, 0));
    assert_int_equal(told_number(NEPH_SNAPSHOT_PROGRESS), 25);
    wait_ms(3000);
    assert_int_equal(listed(NEPH_OP_SNAPSHOT_LIST), 1);
    assert_int_equal(told_number(NEPH_SNAPSHOT_PROGRESS), 100);
    assert_int_equal(told_number(NEPH_SNAPSHOT_STATE), NEPH_SNAPSHOT_COMPLETED);
    assert_done(volume_from(snapshot, 0));
    assert_int_equal(told_number(NEPH_VOLUME_SIZE_BYTES), 10 * GIB);
    assert_string_equal(told(NEPH_VOLUME_SNAPSHOT), snapshot);
    assert_refused(volume_from(snapshot, 9 * GIB), NEPH_INVALID, "needs 10 GiB");
    assert_done(volume_from(snapshot, 11 * GIB));
    assert_refused(volume_from("snap-none", 0), NEPH_NOT_FOUND, "snap-none");
    assert_done(ask(NEPH_OP_SNAPSHOT_DELETE, NEPH_SNAPSHOT_ID, snapshot, 0));
    assert_int_equal(listed(NEPH_OP_SNAPSHOT_LIST), 0);
    assert_refused(
        ask(NEPH_OP_SNAPSHOT_CREATE, NEPH_SNAPSHOT_VOLUME, "vol-none", NEPH_SNAPSHOT_NAME, "x", 0),
        NEPH_NOT_FOUND, "vol-none");
}

/* ---- addresses */

static int32_t associate(const char *address, const char *node, int is_taking)
{
    stage_clear(&host);
    stage_text(&host, NEPH_ADDRESS_ID, address);
    stage_text(&host, NEPH_ADDRESS_NODE, node);
    if (is_taking)
        stage_number(&host, NEPH_REASSOCIATE, 1);
    return stage_run(&host, NEPH_OP_ADDRESS_ASSOCIATE);
}

static void test_sim__takes_no_address_that_is_in_use_unless_told(void **state)
{
    const char *one = node_make("sim-1a");
    const char *two = node_make("sim-1a");
    const char *address, *ip;
    (void)state;
    assert_done(ask(NEPH_OP_ADDRESS_ALLOCATE, NEPH_ADDRESS_NAME, "front", 0));
    address = told(NEPH_ADDRESS_ID);
    ip = told(NEPH_ADDRESS_IP);
    assert_done(associate(address, one, 0));
    assert_done(associate(address, one, 0));
    assert_int_equal(node_state(one), NEPH_NODE_RUNNING);
    assert_string_equal(told(NEPH_NODE_PUBLIC_IPS), ip);
    assert_refused(associate(address, two, 0), NEPH_CONFLICT, one);
    assert_refused(associate(address, "node-none", 1), NEPH_NOT_FOUND, "node-none");
    assert_done(associate(address, two, 1));
    assert_int_equal(listed(NEPH_OP_ADDRESS_LIST), 1);
    assert_string_equal(told(NEPH_ADDRESS_NODE), two);
    assert_string_equal(told(NEPH_ADDRESS_PRIVATE_IP), "10.0.0.5");
    assert_non_null(stage_get(&host, 0, NEPH_ADDRESS_ASSOCIATION));
    assert_int_equal(node_state(one), NEPH_NODE_RUNNING);
    assert_string_not_equal(told(NEPH_NODE_PUBLIC_IPS), ip);
}

static void test_sim__releases_no_address_that_is_in_use(void **state)
{
    const char *node = node_make("sim-1a");
    const char *address;
    (void)state;
    assert_done(ask(NEPH_OP_ADDRESS_ALLOCATE, 0));
    address = told(NEPH_ADDRESS_ID);
    assert_done(associate(address, node, 0));
    assert_refused(ask(NEPH_OP_ADDRESS_RELEASE, NEPH_ADDRESS_ID, address, 0), NEPH_CONFLICT, node);
    assert_done(ask(NEPH_OP_ADDRESS_DISASSOCIATE, NEPH_ADDRESS_ID, address, 0));
    assert_done(ask(NEPH_OP_ADDRESS_DISASSOCIATE, NEPH_ADDRESS_ID, address, 0));
    assert_done(associate(address, node, 0));
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, node, 0));
    assert_done(ask(NEPH_OP_ADDRESS_RELEASE, NEPH_ADDRESS_ID, address, 0));
    assert_int_equal(listed(NEPH_OP_ADDRESS_LIST), 0);
    assert_refused(ask(NEPH_OP_ADDRESS_RELEASE, NEPH_ADDRESS_ID, address, 0), NEPH_NOT_FOUND,
                   address);
}

/* ---- firewalls */

static const char *wall_make(const char *name)
{
    assert_done(ask(NEPH_OP_FIREWALL_CREATE, NEPH_FIREWALL_NAME, name, NEPH_FIREWALL_NETWORK,
                    "net-main", 0));
    return told(NEPH_FIREWALL_ID);
}

static int32_t rule(uint32_t op, const char *wall, const char *protocol, int64_t from, int64_t to,
                    const char *cidr)
{
    stage_clear(&host);
    stage_text(&host, NEPH_FIREWALL_RULE_FIREWALL, wall);
    stage_text(&host, NEPH_FIREWALL_RULE_PROTOCOL, protocol);
    stage_text(&host, NEPH_FIREWALL_RULE_CIDR, cidr);
    if (from != NEPH_UNKNOWN)
        stage_number(&host, NEPH_FIREWALL_RULE_PORT_FROM, from);
    if (to != NEPH_UNKNOWN)
        stage_number(&host, NEPH_FIREWALL_RULE_PORT_TO, to);
    return stage_run(&host, op);
}

static void test_sim__adds_a_rule_once_and_removes_it_by_its_words(void **state)
{
    const char *wall = wall_make("w");
    (void)state;
    assert_done(rule(NEPH_OP_RULE_ADD, wall, NULL, 22, NEPH_UNKNOWN, "0.0.0.0/0"));
    assert_int_equal(host.record_count, 0);
    assert_refused(rule(NEPH_OP_RULE_ADD, wall, "tcp", 22, 22, "0.0.0.0/0"), NEPH_EXISTS,
                   "already");
    assert_done(rule(NEPH_OP_RULE_ADD, wall, "udp", 22, 22, "0.0.0.0/0"));
    assert_done(rule(NEPH_OP_RULE_ADD, wall, "icmp", 8, NEPH_UNKNOWN, "::/0"));
    assert_done(rule(NEPH_OP_RULE_ADD, wall, "any", NEPH_UNKNOWN, NEPH_UNKNOWN, "10.0.0.0/8"));
    assert_done(ask(NEPH_OP_RULE_LIST, NEPH_FIREWALL_RULE_FIREWALL, wall, 0));
    assert_int_equal(host.record_count, 4);
    assert_string_equal(told(NEPH_FIREWALL_RULE_PROTOCOL), "tcp");
    assert_int_equal(told_number(NEPH_FIREWALL_RULE_DIRECTION), NEPH_DIRECTION_INGRESS);
    assert_int_equal(told_number(NEPH_FIREWALL_RULE_PORT_TO), 22);
    assert_int_equal(stage_get_number(&host, 2, NEPH_FIREWALL_RULE_PORT_TO), -1);
    assert_done(rule(NEPH_OP_RULE_REMOVE, wall, "tcp", 22, NEPH_UNKNOWN, "0.0.0.0/0"));
    assert_refused(rule(NEPH_OP_RULE_REMOVE, wall, "tcp", 22, NEPH_UNKNOWN, "0.0.0.0/0"),
                   NEPH_NOT_FOUND, "no such rule");
    assert_done(ask(NEPH_OP_RULE_LIST, NEPH_FIREWALL_RULE_FIREWALL, wall, 0));
    assert_int_equal(host.record_count, 3);
    assert_refused(ask(NEPH_OP_RULE_LIST, NEPH_FIREWALL_RULE_FIREWALL, "fw-none", 0),
                   NEPH_NOT_FOUND, "fw-none");
}

static void test_sim__refuses_rules_that_mean_nothing(void **state)
{
    static const struct {
        const char *protocol;
        int64_t from;
        int64_t to;
        const char *cidr;
        const char *words;
    } cases[] = {
        {"tcp", 22, 22, NULL, "other end"},
        {"tcp", 22, 22, "10.0.0.0", "no cidr"},
        {"tcp", 22, 22, "10.0.0.0/33", "no cidr"},
        {"tcp", 22, 22, "10.0.0/8", "no cidr"},
        {"tcp", 22, 22, "::/129", "no cidr"},
        {"tcp", 22, 22, "everywhere/0", "no cidr"},
        {"tcp", 80, 22, "::/0", "ports of tcp"},
        {"tcp", -1, -1, "::/0", "ports of tcp"},
        {"udp", 1, 65536, "::/0", "ports of udp"},
        {"icmp", 256, 0, "::/0", "ports of icmp"},
        {"tcp", NEPH_UNKNOWN, 22, "::/0", "port_from"},
        {"any", 1, 2, "::/0", "have ports"},
        {"47", 1, 2, "::/0", "have ports"},
        {"256", NEPH_UNKNOWN, NEPH_UNKNOWN, "::/0", "no protocol"},
        {"tpc", 22, 22, "::/0", "no protocol"},
    };
    const char *wall = wall_make("w");
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(cases); i++)
        assert_refused(rule(NEPH_OP_RULE_ADD, wall, cases[i].protocol, cases[i].from, cases[i].to,
                            cases[i].cidr),
                       NEPH_INVALID, cases[i].words);
    assert_refused(rule(NEPH_OP_RULE_ADD, "fw-none", "tcp", 1, 1, "::/0"), NEPH_NOT_FOUND, "fw-");
    assert_done(rule(NEPH_OP_RULE_ADD, wall, "47", NEPH_UNKNOWN, NEPH_UNKNOWN, "::/0"));
}

static void test_sim__deletes_a_firewall_that_nothing_uses(void **state)
{
    const char *walls[2] = {NULL, NULL};
    const char *other = wall_make("other");
    const char *node;
    (void)state;
    walls[0] = wall_make("w");
    assert_refused(ask(NEPH_OP_FIREWALL_CREATE, NEPH_FIREWALL_NAME, "w", 0), NEPH_EXISTS, "w");
    stage_clear(&host);
    stage_text(&host, NEPH_NODE_NAME, "web");
    stage_text(&host, NEPH_NODE_IMAGE, "debian-12");
    stage_text(&host, NEPH_NODE_SIZE, "small");
    stage_strings(&host, NEPH_NODE_FIREWALLS, walls);
    assert_done(stage_run(&host, NEPH_OP_NODE_CREATE));
    node = told(NEPH_NODE_ID);
    assert_refused(ask(NEPH_OP_FIREWALL_DELETE, NEPH_FIREWALL_ID, walls[0], 0), NEPH_CONFLICT,
                   node);
    assert_done(ask(NEPH_OP_NODE_DESTROY, NEPH_NODE_ID, node, 0));
    assert_done(ask(NEPH_OP_RULE_ADD, NEPH_FIREWALL_RULE_FIREWALL, other, NEPH_FIREWALL_RULE_PEER,
                    walls[0], 0));
    assert_refused(ask(NEPH_OP_FIREWALL_DELETE, NEPH_FIREWALL_ID, walls[0], 0), NEPH_CONFLICT,
                   other);
    assert_done(ask(NEPH_OP_FIREWALL_DELETE, NEPH_FIREWALL_ID, other, 0));
    assert_done(ask(NEPH_OP_FIREWALL_DELETE, NEPH_FIREWALL_ID, walls[0], 0));
    assert_int_equal(listed(NEPH_OP_FIREWALL_LIST), 0);
}

/* ---- tags */

static void test_sim__tags_whatever_bears_tags(void **state)
{
    const char *node = node_make("sim-1a");
    (void)state;
#define TAG(op, ...) ask(op, NEPH_TAG_RESOURCE, node, __VA_ARGS__, 0)
    assert_done(TAG(NEPH_OP_TAG_SET, NEPH_TAG_NAME, "env", NEPH_TAG_VALUE, "test"));
    assert_done(TAG(NEPH_OP_TAG_SET, NEPH_TAG_NAME, "env", NEPH_TAG_VALUE, "prod"));
    assert_done(TAG(NEPH_OP_TAG_SET, NEPH_TAG_NAME, "team", NEPH_TAG_VALUE, ""));
    assert_done(ask(NEPH_OP_TAG_LIST, NEPH_TAG_RESOURCE, node, 0));
    assert_int_equal(host.record_count, 2);
    assert_string_equal(told(NEPH_TAG_VALUE), "prod");
    assert_string_equal(told(NEPH_TAG_RESOURCE), node);
    assert_done(TAG(NEPH_OP_TAG_REMOVE, NEPH_TAG_NAME, "env"));
    assert_done(TAG(NEPH_OP_TAG_REMOVE, NEPH_TAG_NAME, "env"));
    assert_refused(TAG(NEPH_OP_TAG_SET, NEPH_TAG_NAME, "", NEPH_TAG_VALUE, "x"), NEPH_INVALID,
                   "empty");
    assert_done(ask(NEPH_OP_TAG_LIST, NEPH_TAG_RESOURCE, node, 0));
    assert_int_equal(host.record_count, 1);
    assert_refused(ask(NEPH_OP_TAG_LIST, NEPH_TAG_RESOURCE, "none", 0), NEPH_NOT_FOUND, "none");
    for (int i = 1; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%d", i);
        assert_done(TAG(NEPH_OP_TAG_SET, NEPH_TAG_NAME, name, NEPH_TAG_VALUE, "x"));
    }
    assert_refused(TAG(NEPH_OP_TAG_SET, NEPH_TAG_NAME, "t50", NEPH_TAG_VALUE, "x"), NEPH_LIMIT,
                   "50");
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_sim__##name, simulation_setup, simulation_teardown)
    const struct CMUnitTest tests[] = {
        TEST(can_do_all_that_a_compute_cloud_can),
        TEST(begins_with_a_catalogue),
        TEST(keeps_what_is_the_clouds_own),
        TEST(creates_a_node_with_all_it_was_given),
        TEST(refuses_a_node_of_what_is_not_there),
        TEST(refuses_tags_that_are_none),
        TEST(limits_user_data_to_16_KiB),
        TEST(takes_time_to_start_and_to_end_a_node),
        TEST(takes_no_time_where_none_is_asked),
        TEST(turns_a_node_only_where_its_state_allows),
        TEST(renames_and_resizes_a_node),
        TEST(gives_every_node_addresses_of_its_own),
        TEST(makes_an_image_of_a_node),
        TEST(tells_a_private_key_once_and_stores_none),
        TEST(imports_public_keys_and_nothing_else),
        TEST(creates_volumes_of_whole_GiB),
        TEST(knows_types_of_volumes),
        TEST(attaches_and_detaches_in_time),
        TEST(refuses_what_cannot_be_attached_or_detached),
        TEST(has_devices_for_25_volumes),
        TEST(makes_volumes_only_larger),
        TEST(takes_snapshots_with_progress),
        TEST(takes_no_address_that_is_in_use_unless_told),
        TEST(releases_no_address_that_is_in_use),
        TEST(adds_a_rule_once_and_removes_it_by_its_words),
        TEST(refuses_rules_that_mean_nothing),
        TEST(deletes_a_firewall_that_nothing_uses),
        TEST(tags_whatever_bears_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
