/*
 * simulation.c - see simulation.h.
 */
#include "simulation.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

extern const neph_plugin sim_LTX_neph_plugin_v0;

static char root[256];

char state_path[300];
stage host;

static int entry_remove(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

int simulation_setup(void **state)
{
    const char *directory = getenv("TMPDIR");
    (void)state;
    snprintf(root, sizeof root, "%s/neph-sim-XXXXXX", directory ? directory : "/tmp");
    assert_non_null(mkdtemp(root));
    snprintf(state_path, sizeof state_path, "%s/state", root);
    stage_init(&host, &sim_LTX_neph_plugin_v0, NULL);
    stage_set(&host, "state", state_path);
    stage_set(&host, "delay_ms", "0");
    host.now_ns = INT64_C(1800000000) * NEPH_NANO;
    assert_int_equal(stage_open(&host), 0);
    return 0;
}

int simulation_teardown(void **state)
{
    (void)state;
    stage_fini(&host);
    return nftw(root, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

void set(const char *name, const char *value)
{
    stage_set(&host, name, value);
    assert_int_equal(stage_open(&host), 0);
}

int32_t ask(uint32_t op, ...)
{
    va_list list;
    int32_t member;
    stage_clear(&host);
    va_start(list, op);
    while ((member = va_arg(list, int32_t)) != 0)
        stage_text(&host, member, va_arg(list, const char *));
    va_end(list);
    return stage_run(&host, op);
}

const char *told(int32_t member)
{
    static char texts[16][600];
    static size_t turn;
    const char *text = stage_get(&host, 0, member);
    turn = (turn + 1) % 16;
    assert_non_null(text);
    snprintf(texts[turn], sizeof texts[turn], "%s", text);
    return texts[turn];
}

int64_t told_number(int32_t member)
{
    return stage_get_number(&host, 0, member);
}

int32_t node_ask(const char *name)
{
    return ask(NEPH_OP_NODE_CREATE, NEPH_NODE_NAME, name, NEPH_NODE_IMAGE, "debian-12",
               NEPH_NODE_SIZE, "small", 0);
}

const char *node_make(const char *location)
{
    assert_done(ask(NEPH_OP_NODE_CREATE, NEPH_NODE_NAME, "web", NEPH_NODE_IMAGE, "debian-12",
                    NEPH_NODE_SIZE, "small", NEPH_NODE_LOCATION, location, 0));
    return told(NEPH_NODE_ID);
}

int32_t volume_ask(int64_t size, const char *location)
{
    stage_clear(&host);
    stage_text(&host, NEPH_VOLUME_NAME, "data");
    stage_text(&host, NEPH_VOLUME_LOCATION, location);
    if (size)
        stage_number(&host, NEPH_VOLUME_SIZE_BYTES, size);
    return stage_run(&host, NEPH_OP_VOLUME_CREATE);
}

int64_t node_state(const char *id)
{
    assert_done(ask(NEPH_OP_NODE_SHOW, NEPH_NODE_ID, id, 0));
    return told_number(NEPH_NODE_STATE);
}

size_t listed(uint32_t op)
{
    assert_done(ask(op, 0));
    return host.record_count;
}

void wait_ms(int64_t ms)
{
    host.now_ns += ms * (NEPH_NANO / 1000);
}
