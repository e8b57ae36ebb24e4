/*
 * test_sim_state.c - the state file of the simulated cloud: what is wrong with it is said and never overwritten, and no
 * process that is killed leaves half a file.
 */
#include "simulation.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char beside_path[320];

static const char *beside(const char *ending)
{
    snprintf(beside_path, sizeof beside_path, "%s%s", state_path, ending);
    return beside_path;
}

static size_t file_read(char *out, size_t capacity)
{
    FILE *file = fopen(state_path, "r");
    size_t size;
    assert_non_null(file);
    size = fread(out, 1, capacity, file);
    fclose(file);
    return size;
}

static void file_write(const char *text, size_t size)
{
    FILE *file = fopen(state_path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
}

/* Some of everything that a state can hold. */
static void state_fill(void)
{
    static const char *const tags[] = {"a=b", "100%\xc3\xa4", NULL};
    stage_clear(&host);
    stage_text(&host, NEPH_NODE_NAME, "web");
    stage_text(&host, NEPH_NODE_IMAGE, "debian-12");
    stage_text(&host, NEPH_NODE_SIZE, "small");
    stage_text(&host, NEPH_USER_DATA, "#!/bin/sh\n");
    stage_pairs(&host, NEPH_NODE_TAGS, tags);
    assert_int_equal(stage_run(&host, NEPH_OP_NODE_CREATE), 0);
    stage_clear(&host);
    assert_int_equal(stage_run(&host, NEPH_OP_ADDRESS_ALLOCATE), 0);
}

static void test_sim_state__refuses_a_file_cut_short_at_any_byte(void **state)
{
    char whole[4096], after[4096];
    size_t size;
    (void)state;
    state_fill();
    size = file_read(whole, sizeof whole);
    assert_in_range(size, 100, sizeof whole - 1);
    for (size_t cut = 0; cut < size; cut++) {
        file_write(whole, cut);
        assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_FILE);
        assert_non_null(strstr(host.message, state_path));
        assert_non_null(strstr(host.message, ", line "));
        assert_null(strchr(host.message, '\n'));
        assert_int_equal(node_ask("web"), NEPH_FILE);
        assert_int_equal(file_read(after, sizeof after), cut);
        assert_memory_equal(whole, after, cut);
    }
    file_write(whole, size);
    assert_int_equal(node_ask("web"), 0);
}

static void test_sim_state__says_what_is_wrong_and_where(void **state)
{
#define NODE(more)                                                                                 \
    "neph-sim 1\n[node]\nid n\nname w\nstate running\nchanged 1\npace 0\nimage i\nsize s\n"        \
    "location l\n" more
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        {"", "line 1: the file is cut short"},
        {"{}\n", "line 1: it does not begin with"},
        {"neph-sim 2\nend 0\n", "line 1: it does not begin with"},
        {"neph-sim 1\nend 1\n", "line 2: the file ends with \"end 1\", and there are 0 things"},
        {"neph-sim 1\nend 0\n\n", "line 3: something stands behind"},
        {"neph-sim 1\nend\n", "line 2: \"end\" has no value"},
        {"neph-sim 1\nnext 0\nend 0\n", "line 2: \"0\" cannot be the number of next"},
        {"neph-sim 1\nnext 1099511627777\nend 0\n", "cannot be the number of next"},
        {"neph-sim 1\nnext 99999999999999999999\nend 0\n", "cannot be the number of next"},
        {"neph-sim 1\ndraws -1\nend 0\n", "cannot be the number of draws"},
        {"neph-sim 1\nmagic 1\nend 0\n", "\"magic\" is not known here"},
        {"neph-sim 1\n[ufo]\nend 1\n", "is no kind of thing"},
        {"neph-sim 1\n[\nend 1\n", "is no kind of thing"},
        {"neph-sim 1\n[node]\nend 1\n", "line 3: the node above has no id"},
        {"neph-sim 1\n[key]\nname a\nid k\nprivate_key x\nend 1\n", "a key has no \"private_key\""},
        {NODE("end 2\n"), "there are 1 things"},
        {NODE("wings 2\nend 1\n"), "line 11: a node has no \"wings\""},
        {NODE("name x\nend 1\n"), "line 11: name stands twice"},
        {NODE("tag x\nend 1\n"), "tag has no \"=\""},
        {NODE("key %\nend 1\n"), "the text of key is none"},
        {NODE("key %0\nend 1\n"), "the text of key is none"},
        {NODE("key %00\nend 1\n"), "the text of key is none"},
        {NODE("key %4x\nend 1\n"), "the text of key is none"},
        {NODE("key \xff\nend 1\n"), "the text of key is none"},
        {NODE("key \xc3\nend 1\n"), "the text of key is none"},
        {NODE("key a\tb\nend 1\n"), "line 11: there is a control character"},
        {NODE("created -1\nend 1\n"), "cannot be the number of created"},
        {NODE("created 1.5\nend 1\n"), "cannot be the number of created"},
        {NODE("created -\nend 1\n"), "cannot be the number of created"},
        {"neph-sim 1\n[node]\nid n\nstate flying\nend 1\n", "line 4: \"flying\" is no state"},
        {"neph-sim 1\n[image]\npublic 2\nend 1\n", "cannot be the number of public"},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(cases); i++) {
        file_write(cases[i].text, strlen(cases[i].text));
        assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_FILE);
        if (!strstr(host.message, cases[i].words))
            fail_msg("\"%s\" does not say \"%s\"", host.message, cases[i].words);
    }
}

static void test_sim_state__limits_lines_texts_values_and_things(void **state)
{
    static char text[2 << 20];
    size_t size;
    (void)state;
    size = (size_t)snprintf(text, sizeof text, NODE("key "));
    memset(text + size, 'x', 256);
    snprintf(text + size + 256, 100, "\nend 1\n");
    file_write(text, strlen(text));
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_FILE);
    assert_non_null(strstr(host.message, "longer than 255 bytes"));
    memset(text + size, 'x', 200000);
    snprintf(text + size + 200000, 100, "\nend 1\n");
    file_write(text, strlen(text));
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_FILE);
    assert_non_null(strstr(host.message, "line is longer"));
    for (int i = 0; i < 256; i++)
        size += (size_t)snprintf(text + size, 100, "tag t%d=x\n", i);
    snprintf(text + size, 100, "end 1\n");
    file_write(text, strlen(text));
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_FILE);
    assert_non_null(strstr(host.message, "more than 256 values"));
    size = (size_t)snprintf(text, sizeof text, "neph-sim 1\n");
    for (int i = 0; i < 50001; i++)
        size += (size_t)snprintf(text + size, 100, "[size]\nid a\nname a\n");
    snprintf(text + size, 100, "end 50001\n");
    file_write(text, strlen(text));
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_FILE);
    assert_non_null(strstr(host.message, "more than 50000 things"));
    assert_int_equal(truncate(state_path, (16 << 20) + 1), 0);
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_LIMIT);
}

/* A hand has been at it: what it refers to is not there. */
static void test_sim_state__lives_with_references_that_lead_nowhere(void **state)
{
    static const char text[] = NODE(
        "key gone\nfirewall gone\nsubnet gone\nnetwork gone\n[volume]\nid v\nname v\n"
        "state in-use\nchanged 9223372036854775807\npace 9223372036854775807\nsize -1\n"
        "location nowhere\nnode gone\ndevice x\n[snapshot]\nid s\nname s\nstate pending\n"
        "changed 0\npace -1\nvolume gone\nsize 1\n[address]\nid a\nip any\nnode gone\nend 4\n");
    static const uint32_t lists[] = {NEPH_OP_NODE_LIST, NEPH_OP_VOLUME_LIST, NEPH_OP_SNAPSHOT_LIST,
                                     NEPH_OP_ADDRESS_LIST};
    (void)state;
    file_write(text, strlen(text));
    for (size_t i = 0; i < NEPH_COUNT(lists); i++) {
        stage_clear(&host);
        assert_int_equal(stage_run(&host, lists[i]), 0);
        assert_int_equal(host.record_count, 1);
    }
    assert_int_equal(node_ask("web"), 0);
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), 0);
    assert_int_equal(host.record_count, 2);
}

static void test_sim_state__brings_back_every_text_as_it_was(void **state)
{
    (void)state;
    state_fill();
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), 0);
    assert_string_equal(host.records[0].pairs[0][0], "a=b");
    assert_string_equal(host.records[0].pairs[0][1], "100%\xc3\xa4");
}

static void test_sim_state__is_read_by_its_owner_alone(void **state)
{
    struct stat info;
    mode_t before = umask(0);
    (void)state;
    assert_int_equal(node_ask("web"), 0);
    umask(before);
    assert_int_equal(stat(state_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(access(beside(".new"), F_OK), -1);
}

static void test_sim_state__is_a_regular_file_in_a_directory(void **state)
{
    (void)state;
    assert_int_equal(mkdir(state_path, 0700), 0);
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_INVALID);
    assert_non_null(strstr(host.message, "is a directory"));
    assert_int_equal(node_ask("web"), NEPH_INVALID);
    assert_int_equal(rmdir(state_path), 0);
    assert_int_equal(mkfifo(state_path, 0600), 0);
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), NEPH_INVALID);
    assert_non_null(strstr(host.message, "no regular file"));
    assert_int_equal(unlink(state_path), 0);
    stage_set(&host, "state", "/nonexistent/neph/state");
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), 0); /* nothing there yet */
    assert_int_equal(node_ask("web"), NEPH_FILE);
    assert_non_null(strstr(host.message, "directory does not exist"));
}

static void test_sim_state__waits_for_the_lock_without_blocking(void **state)
{
    int fd;
    (void)state;
    assert_int_equal(node_ask("web"), 0);
    fd = open(beside(".lock"), O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    stage_clear(&host);
    stage_text(&host, NEPH_NODE_NAME, "web");
    stage_text(&host, NEPH_NODE_IMAGE, "debian-12");
    stage_text(&host, NEPH_NODE_SIZE, "small");
    assert_int_equal(stage_run_some(&host, NEPH_OP_NODE_CREATE, 3), NEPH_AGAIN);
    assert_true(host.delay_ms > 0);
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), 0); /* reading takes no lock */
    close(fd);
    assert_int_equal(node_ask("web"), 0);
}

static int ids_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void test_sim_state__is_shared_by_processes(void **state)
{
    enum { PROCESSES = 4, NODES = 5 };
    pid_t children[PROCESSES];
    const char *ids[PROCESSES * NODES];
    int status;
    (void)state;
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (!children[i]) {
            for (int j = 0; j < NODES; j++)
                if (node_ask("web"))
                    _exit(1);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), 0);
    assert_int_equal(host.record_count, PROCESSES * NODES);
    for (size_t i = 0; i < PROCESSES * NODES; i++)
        ids[i] = stage_get(&host, i, NEPH_NODE_ID);
    qsort(ids, PROCESSES * NODES, sizeof *ids, ids_compare);
    for (size_t i = 1; i < PROCESSES * NODES; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
}

/* The child says each node that is done; what it said must be there, and one more at most. */
static void kill_once(size_t before, int delay_us)
{
    struct timespec delay = {0, delay_us * 1000L};
    char done[4096];
    ssize_t count = 0, got;
    int ends[2];
    pid_t child;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (!child) {
        for (int i = 0; i < 1000 && !node_ask("web"); i++)
            if (write(ends[1], "x", 1) != 1)
                break;
        _exit(0);
    }
    close(ends[1]);
    nanosleep(&delay, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while ((got = read(ends[0], done, sizeof done)) > 0)
        count += got;
    close(ends[0]);
    assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), 0);
    assert_in_range(host.record_count, before + (size_t)count, before + (size_t)count + 1);
}

static void test_sim_state__survives_kill_at_any_moment(void **state)
{
    (void)state;
    assert_int_equal(node_ask("web"), 0);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(ask(NEPH_OP_NODE_LIST, 0), 0);
        kill_once(host.record_count, 300 + i * 397);
    }
    assert_int_equal(node_ask("web"), 0); /* whatever stands beside it */
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_sim_state__##name, simulation_setup, simulation_teardown)
    const struct CMUnitTest tests[] = {
        TEST(refuses_a_file_cut_short_at_any_byte),
        TEST(says_what_is_wrong_and_where),
        TEST(limits_lines_texts_values_and_things),
        TEST(lives_with_references_that_lead_nowhere),
        TEST(brings_back_every_text_as_it_was),
        TEST(is_read_by_its_owner_alone),
        TEST(is_a_regular_file_in_a_directory),
        TEST(waits_for_the_lock_without_blocking),
        TEST(is_shared_by_processes),
        TEST(survives_kill_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
