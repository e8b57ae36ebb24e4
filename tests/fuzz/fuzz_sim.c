/*
 * State files of the simulated cloud. Input: the file. What is accepted stays readable as time passes, and is written the
 * same way twice; what is refused is said in one line.
 */
#include "plugins/sim/sim.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

/* The state is read from a copy of the text, with room for one byte more. */
static int text_read(sim_state *state, const char *text, size_t size, sim_fault *fault)
{
    char *copy = sim_text(state, text, size);
    demand(copy != NULL);
    return sim_format_read(state, copy, size, 0, fault);
}

static char *text_write(const sim_state *state, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    demand(out != NULL);
    sim_format_write(state, out);
    demand(fclose(out) == 0);
    return text;
}

static void check_fault(const sim_fault *fault, int rc)
{
    demand(rc == NEPH_FILE && fault->status == rc && fault->line >= 1 && fault->message[0]);
    for (const char *at = fault->message; *at; at++)
        demand((unsigned char)*at >= ' ' && *at != 127);
}

static void check_things(const sim_state *state)
{
    for (size_t i = 0; i < state->count; i++) {
        const sim_thing *thing = state->things[i];
        demand(thing->count <= SIM_VALUES_MAX && sim_get(thing, thing->kind->id) != NULL);
        if (thing->kind->kind == NEPH_KIND_SNAPSHOT) {
            int64_t progress = sim_life_progress(thing, INT64_C(1) << 60);
            demand(progress >= 0 && progress <= 100);
        }
        for (uint32_t j = 0; j < thing->count; j++)
            demand(!thing->values[j].text || sim_is_utf8(thing->values[j].text));
    }
}

static void check_state(sim_state *state)
{
    sim_state again = {0};
    sim_fault fault = {0};
    size_t size, size_again;
    char *text, *text_again;
    check_things(state);
    demand(sim_life_settle(state, INT64_C(1) << 60) == 0);
    text = text_write(state, &size);
    demand(text_read(&again, text, size, &fault) == 0);
    text_again = text_write(&again, &size_again);
    demand(size == size_again && !memcmp(text, text_again, size));
    sim_state_free(&again);
    free(text);
    free(text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sim_state state = {0};
    sim_fault fault = {0};
    int rc = text_read(&state, (const char *)data, size, &fault);
    if (rc)
        check_fault(&fault, rc);
    else
        check_state(&state);
    sim_state_free(&state);
    return 0;
}
