/*
 * failure.c - what fails as told: requests over the throttle, and those that the sequence of random numbers picks.
 */
#include "sim.h"

/* SplitMix64: the same seed and the same sequence of operations fail in the same places. */
static uint64_t draw(uint64_t seed, uint64_t index)
{
    uint64_t z = seed * UINT64_C(0xd1342543de82ef95) + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* "node.create" before "create" before "any". */
static int64_t failure_rate(const sim_config *config, const char *name)
{
    const char *verb = strchr(name, '.') + 1;
    const char *const names[] = {name, verb, "any"};
    for (size_t i = 0; i < NEPH_COUNT(names); i++)
        for (uint32_t j = 0; j < config->failure_count; j++)
            if (!strcmp(config->failures[j].name, names[i]))
                return config->failures[j].rate;
    return 0;
}

int sim_failure_is_told(const sim_work *work)
{
    const sim_config *config = sim_config_of(work->call);
    return config->throttle > 0 || failure_rate(config, work->operation->name) > 0;
}

static int32_t throttle(sim_work *work, int64_t most)
{
    int64_t second = work->now_ns / NEPH_NANO;
    if (work->state.window != second) {
        work->state.window = second;
        work->state.asked = 0;
    }
    if (work->state.asked >= most)
        return neph_fail(work->call, NEPH_THROTTLED,
                         "more than %lld requests in a second: the simulated cloud throttles",
                         (long long)most);
    work->state.asked++;
    work->is_dirty = 1;
    return 0;
}

int32_t sim_failure_draw(sim_work *work)
{
    const sim_config *config = sim_config_of(work->call);
    int64_t rate = failure_rate(config, work->operation->name);
    uint64_t number;
    int32_t rc = config->throttle > 0 ? throttle(work, config->throttle) : 0;
    if (rc || rate <= 0)
        return rc;
    number = draw((uint64_t)config->seed, (uint64_t)work->state.draws++);
    work->is_dirty = 1;
    if ((int64_t)((number >> 11) % (uint64_t)NEPH_NANO) >= rate)
        return 0;
    return neph_fail(work->call, NEPH_UNAVAILABLE, "the simulated cloud fails here, as told");
}
