/*
 * core/cli/choose.c - "node create" by constraints: the newest image of a name and the cheapest size that fits and
 * runs it. What an unknown value means is decided here: it is never 0, and never enough.
 */
#include "core/cli/choose.h"
#include "core/cli/text.h"

#include <stdio.h>
#include <string.h>

/* ---- choosing */

static int is_enough(int64_t value, int64_t wanted)
{
    return wanted == NEPH_UNKNOWN || (value != NEPH_UNKNOWN && value >= wanted);
}

int nephc_size_fits(const nephc_wish *wish, const neph_size *size)
{
    if (wish->price_nano != NEPH_UNKNOWN &&
        (size->price_nano == NEPH_UNKNOWN || size->price_nano > wish->price_nano))
        return 0;
    return size->id && is_enough(size->cpus_nano, wish->cpus_nano) &&
           is_enough(size->ram_bytes, wish->ram_bytes) &&
           is_enough(size->disk_bytes, wish->disk_bytes);
}

int nephc_size_runs(const char *architecture, const neph_size *size)
{
    size_t i;

    for (i = 0; architecture && i < size->architecture_count; i++)
        if (strcmp(size->architectures[i], architecture) == 0)
            return 1;
    return !architecture || size->architecture_count == 0;
}

/* Below 0: a comes first. What is unknown comes last. */
static int compare(int64_t a, int64_t b)
{
    if (a == b)
        return 0;
    if (a == NEPH_UNKNOWN || b == NEPH_UNKNOWN)
        return a == NEPH_UNKNOWN ? 1 : -1;
    return a < b ? -1 : 1;
}

int nephc_size_is_better(const neph_size *size, const neph_size *best)
{
    int order;

    if (!best)
        return 1;
    order = compare(size->price_nano, best->price_nano);
    if (order == 0)
        order = compare(size->cpus_nano, best->cpus_nano);
    if (order == 0)
        order = compare(size->ram_bytes, best->ram_bytes);
    if (order == 0)
        order = compare(size->disk_bytes, best->disk_bytes);
    return order < 0 || (order == 0 && strcmp(size->id, best->id) < 0);
}

int nephc_is_like(const char *pattern, const char *text)
{
    const char *star = NULL, *mark = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            mark = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) { /* the star takes one byte more */
            pattern = star;
            text = ++mark;
        } else {
            return 0;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

int nephc_image_fits(const char *pattern, const neph_image *image)
{
    int is_usable =
        image->state == NEPH_IMAGE_STATE_UNKNOWN || image->state == NEPH_IMAGE_AVAILABLE;

    return image->id && image->name && is_usable && nephc_is_like(pattern, image->name);
}

int nephc_image_is_better(const neph_image *image, const neph_image *best)
{
    int is_older;

    if (!best)
        return 1;
    is_older = image->created_ns < best->created_ns; /* unknown is less than any time */
    return image->created_ns > best->created_ns || (!is_older && strcmp(image->id, best->id) < 0);
}

/* ---- what the command line wishes */

static const char *const size_options[] = {"min_cpu", "min_ram", "min_disk", "max_price", NULL};
static const char *const image_options[] = {"image_name", NULL};

const char *nephc_choice_option(const nephc *cli, int32_t member)
{
    const char *const *names = member == NEPH_NODE_SIZE    ? size_options
                               : member == NEPH_NODE_IMAGE ? image_options
                                                           : NULL;

    for (; names && *names; names++)
        if (nephc_options_find(&cli->options, *names))
            return *names;
    return NULL;
}

static int read_wish(const nephc *cli, const char *name,
                     int (*read)(const char *text, int64_t *out), int64_t *out)
{
    const nephc_given *given = nephc_options_find(&cli->options, name);

    *out = NEPH_UNKNOWN;
    if (!given || (read(given->value, out) && *out >= 0))
        return 0;
    return nephc_fail(NEPHC_USAGE, "node create: --%.3s-%s: \"%s\" is no %s", name, name + 4,
                      given->value, read == nephc_read_size ? "size, write 8GiB" : "number");
}

int nephc_wish_read(const nephc *cli, nephc_wish *out)
{
    int rc = read_wish(cli, "min_cpu", nephc_read_decimal, &out->cpus_nano);

    if (rc == 0)
        rc = read_wish(cli, "min_ram", nephc_read_size, &out->ram_bytes);
    if (rc == 0)
        rc = read_wish(cli, "min_disk", nephc_read_size, &out->disk_bytes);
    if (rc == 0)
        rc = read_wish(cli, "max_price", nephc_read_decimal, &out->price_nano);
    return rc;
}

/* ---- asking the cloud */

typedef struct choosing {
    neph_call *call;
    const nephc_wish *wish;
    const char *architecture; /* of the image; NULL: unknown */
    const char *pattern;
    const neph_size *size;
    const neph_image *image;
} choosing;

static void on_size(neph_call *call, const neph_result *result, void *user)
{
    const neph_size *size = (const neph_size *)result;
    choosing *state = user;

    if (result->kind == NEPH_KIND_SIZE && nephc_size_fits(state->wish, size) &&
        nephc_size_runs(state->architecture, size) && nephc_size_is_better(size, state->size) &&
        neph_keep(call, result) == 0)
        state->size = size;
}

static void on_image(neph_call *call, const neph_result *result, void *user)
{
    const neph_image *image = (const neph_image *)result;
    choosing *state = user;

    if (result->kind == NEPH_KIND_IMAGE && nephc_image_fits(state->pattern, image) &&
        nephc_image_is_better(image, state->image) && neph_keep(call, result) == 0)
        state->image = image;
}

static void on_given_image(neph_call *call, const neph_result *result, void *user)
{
    choosing *state = user;

    if (result->kind == NEPH_KIND_IMAGE && neph_keep(call, result) == 0)
        state->image = (const neph_image *)result;
}

static int ask(nephc *cli, neph_call *call, const char *what)
{
    nephc_run run = {.what = what, .cloud = nephc_cloud_default(cli)};

    return nephc_call_wait(cli, call, &run) == 0 ? 0 : nephc_call_fail(cli, call, &run);
}

/* ", 200 days old"; "": the cloud told it. */
static void write_age(char *out, size_t capacity, int64_t days)
{
    out[0] = '\0';
    if (days != NEPH_UNKNOWN)
        (void)snprintf(out, capacity, ", %lld day%s old", (long long)days, days == 1 ? "" : "s");
}

/* "1 CPU, 1 GiB, 0.01 USD an hour, 200 days old" */
static void tell_size(const nephc *cli, const nephc_wish *wish, const neph_size *size)
{
    char cpus[NEPHC_NUMBER_SIZE + 8] = "", ram[NEPHC_NUMBER_SIZE + 8] = "";
    char disk[NEPHC_NUMBER_SIZE + 16] = "", price[NEPHC_NUMBER_SIZE + 32] = "price unknown";
    char age[NEPHC_NUMBER_SIZE], number[NEPHC_NUMBER_SIZE];
    int length;

    write_age(age, sizeof age, size->price_age_days);
    if (size->cpus_nano != NEPH_UNKNOWN) {
        length = (int)nephc_write_decimal(number, size->cpus_nano);
        (void)snprintf(cpus, sizeof cpus, "%.*s CPU, ", length, number);
    }
    if (size->ram_bytes != NEPH_UNKNOWN) {
        length = (int)nephc_write_bytes(number, size->ram_bytes);
        (void)snprintf(ram, sizeof ram, "%.*s, ", length, number);
    }
    if (wish->disk_bytes != NEPH_UNKNOWN && size->disk_bytes != NEPH_UNKNOWN) {
        length = (int)nephc_write_bytes(number, size->disk_bytes);
        (void)snprintf(disk, sizeof disk, "%.*s disk, ", length, number);
    }
    if (size->price_nano != NEPH_UNKNOWN) {
        length = (int)nephc_write_decimal(number, size->price_nano);
        (void)snprintf(price, sizeof price, "%.*s %.16s an hour", length, number,
                       size->currency ? size->currency : "of an unknown currency");
    }
    nephc_note(cli, "size %s: %s%s%s%s%s", size->id, cpus, ram, disk, price, age);
}

static int choose_size(nephc *cli, neph_cloud *cloud, const nephc_wish *wish, nephc_choice *out)
{
    choosing state = {.wish = wish, .architecture = out->architecture};
    int rc;

    out->size_call = neph_call_new(cloud, NEPH_OP_SIZE_LIST);
    neph_on_result(out->size_call, on_size, &state);
    rc = ask(cli, out->size_call, "node create: choosing a size");
    neph_on_result(out->size_call, NULL, NULL);
    if (rc)
        return rc;
    if (!state.size)
        return nephc_fail(
            NEPHC_NOT_FOUND,
            "node create: no size of %s fits%s%s; nothing was created, see neph size list",
            nephc_cloud_default(cli), out->architecture ? " an image for " : "",
            out->architecture ? out->architecture : "");
    tell_size(cli, wish, state.size);
    out->size_id = state.size->id;
    return 0;
}

static int choose_image(nephc *cli, neph_cloud *cloud, nephc_choice *out)
{
    choosing state = {.pattern = nephc_options_find(&cli->options, "image_name")->value};
    int rc;

    out->image_call = neph_call_new(cloud, NEPH_OP_IMAGE_LIST);
    if (neph_cloud_takes(cloud, NEPH_OP_IMAGE_LIST, NEPH_LIST_NAME)) /* it need not tell all */
        (void)neph_call_set_string(out->image_call, NEPH_LIST_NAME, state.pattern);
    neph_on_result(out->image_call, on_image, &state);
    rc = ask(cli, out->image_call, "node create: choosing an image");
    neph_on_result(out->image_call, NULL, NULL);
    if (rc)
        return rc;
    if (!state.image)
        return nephc_fail(NEPHC_NOT_FOUND,
                          "node create: no image of %s is called like \"%s\"; nothing was created",
                          nephc_cloud_default(cli), state.pattern);
    nephc_note(cli, "image %s: %s", state.image->id, state.image->name);
    out->image_id = state.image->id;
    out->architecture = state.image->architecture;
    return 0;
}

/* Of an image that was given by its id; where a cloud cannot tell, it stays unknown. */
static int learn_architecture(nephc *cli, neph_cloud *cloud, const char *image_id,
                              nephc_choice *out)
{
    choosing state = {.image = NULL};
    int rc;

    if (!image_id || !neph_cloud_can(cloud, NEPH_OP_IMAGE_SHOW))
        return 0;
    out->image_call = neph_call_new(cloud, NEPH_OP_IMAGE_SHOW);
    (void)neph_call_set_string(out->image_call, NEPH_IMAGE_ID, image_id);
    neph_on_result(out->image_call, on_given_image, &state);
    rc = ask(cli, out->image_call, "node create: looking at the image");
    neph_on_result(out->image_call, NULL, NULL);
    out->architecture = state.image ? state.image->architecture : NULL;
    return rc;
}

/* The image comes first: it says on which sizes it runs. */
int nephc_choice_make(nephc *cli, neph_cloud *cloud, const char *image_id, nephc_choice *out)
{
    int is_size_chosen = nephc_choice_option(cli, NEPH_NODE_SIZE) != NULL;
    nephc_wish wish;
    int rc = nephc_wish_read(cli, &wish);

    if (rc == 0 && nephc_choice_option(cli, NEPH_NODE_IMAGE))
        rc = choose_image(cli, cloud, out);
    else if (rc == 0 && is_size_chosen)
        rc = learn_architecture(cli, cloud, image_id, out);
    if (rc == 0 && is_size_chosen)
        rc = choose_size(cli, cloud, &wish, out);
    return rc;
}

void nephc_choice_free(nephc_choice *choice)
{
    neph_call_free(choice->size_call);
    neph_call_free(choice->image_call);
    choice->size_call = choice->image_call = NULL;
}
