/*
 * stage.c - see stage.h.
 */
#include "stage.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <assert.h>
#include <stdlib.h>

static stage *stage_of(const void *handle)
{
    return (stage *)(uintptr_t)handle;
}

static int32_t fail(const void *handle, int32_t status, const char *message)
{
    stage *made = stage_of(handle);
    snprintf(made->message, sizeof made->message, "%s", message);
    return status;
}

static int32_t digest(const void *handle, int32_t algorithm, const void *data, size_t size,
                      unsigned char *out)
{
    unsigned int count = 0;
    (void)handle;
    assert(algorithm == NEPH_DIGEST_SHA256);
    return EVP_Digest(data, size, out, &count, EVP_sha256(), NULL) ? (int32_t)count : NEPH_INTERNAL;
}

static int32_t random_bytes(const void *handle, void *out, size_t size)
{
    (void)handle;
    return RAND_bytes(out, (int)size) == 1 ? 0 : NEPH_INTERNAL;
}

static const char *setting(const neph_cloud *cloud, const char *name)
{
    const stage *made = stage_of(cloud);
    const neph_provider *provider = made->provider;
    for (size_t i = 0; i < STAGE_SETTINGS && made->settings[2 * i]; i++)
        if (!strcmp(made->settings[2 * i], name) && made->settings[2 * i + 1])
            return made->settings[2 * i + 1];
    if (!strcmp(name, "root"))
        return made->root;
    for (uint32_t i = 0; i < provider->setting_count; i++)
        if (!strcmp(provider->settings[i].name, name))
            return provider->settings[i].fallback;
    return NULL;
}

static int64_t setting_integer(const neph_cloud *cloud, const char *name)
{
    const char *text = setting(cloud, name);
    return text ? strtoll(text, NULL, 10) : NEPH_UNKNOWN;
}

static void *cloud_memory(neph_cloud *cloud, size_t size)
{
    stage *made = stage_of(cloud);
    if (!made->cloud_memory)
        made->cloud_memory = calloc(1, size);
    return made->cloud_memory;
}

static neph_cloud *call_cloud(const neph_call *call)
{
    return (neph_cloud *)(void *)stage_of(call);
}

static void *call_memory(neph_call *call, size_t size)
{
    stage *made = stage_of(call);
    if (!made->memory) {
        made->memory = calloc(1, size);
        made->memory_size = size;
    }
    assert(made->memory_size == size);
    return made->memory;
}

static size_t argument_place(const stage *made, int32_t member)
{
    size_t at = 0;
    while (at < made->argument_count && made->arguments[at].member != member)
        at++;
    return at;
}

static const char *argument_string(const neph_call *call, int32_t member)
{
    const stage *made = stage_of(call);
    size_t at = argument_place(made, member);
    return at < made->argument_count ? made->arguments[at].text : NULL;
}

static int64_t argument_integer(const neph_call *call, int32_t member)
{
    const stage *made = stage_of(call);
    size_t at = argument_place(made, member);
    return at < made->argument_count ? made->arguments[at].number : NEPH_UNKNOWN;
}

static int32_t argument_pair(const neph_call *call, int32_t member, uint32_t index,
                             const char **name, const char **value)
{
    const stage *made = stage_of(call);
    size_t at = argument_place(made, member);
    const char *const *list = at < made->argument_count ? made->arguments[at].list : made->metadata;
    uint32_t step = at < made->argument_count && !made->arguments[at].is_pairs ? 1 : 2;
    for (uint32_t i = 0; i <= index; i++)
        if (!list || !list[step * i])
            return 0;
    *name = step == 1 ? NULL : list[step * index];
    *value = list[step * index + step - 1];
    return 1;
}

static uint32_t call_op(const neph_call *call)
{
    return stage_of(call)->op;
}

static int64_t call_now(const neph_call *call)
{
    return stage_of(call)->now_ns;
}

static const char *call_token(neph_call *call)
{
    stage *made = stage_of(call);
    return made->token ? made->token : made->token_made;
}

static int32_t step_next(neph_call *call, uint32_t step, int64_t delay_ms)
{
    (void)step;
    stage_of(call)->delay_ms = delay_ms;
    return 0;
}

static neph_record *record_new(neph_call *call, int32_t kind)
{
    stage *made = stage_of(call);
    neph_record *record;
    made->records = realloc(made->records, (made->record_count + 1) * sizeof *made->records);
    assert(made->records);
    record = &made->records[made->record_count++];
    memset(record, 0, sizeof *record);
    record->services = made->services;
    record->stage = made;
    record->kind = kind;
    for (size_t i = 0; i < STAGE_TEXTS; i++)
        record->numbers[i] = NEPH_UNKNOWN;
    return record;
}

static int32_t record_emit(neph_call *call, neph_record *record)
{
    record->is_emitted = 1;
    return stage_of(call)->is_behind ? NEPH_AGAIN : 0;
}

static int32_t record_set_string(neph_record *record, int32_t member, const char *value)
{
    size_t at = (size_t)member % 0x10000;
    assert(member / 0x10000 == record->kind && at < STAGE_TEXTS);
    free(record->texts[at]);
    record->texts[at] = value ? strdup(value) : NULL;
    return 0;
}

static int32_t record_set_integer(neph_record *record, int32_t member, int64_t value)
{
    assert(member / 0x10000 == record->kind && member % 0x10000 < STAGE_TEXTS);
    record->numbers[member % 0x10000] = value;
    return 0;
}

static int32_t record_add_string(neph_record *record, int32_t member, const char *value)
{
    const char *before = record->texts[member % 0x10000];
    char text[1024];
    snprintf(text, sizeof text, "%s%s%s", before ? before : "", before ? " " : "", value);
    return record_set_string(record, member, text);
}

static int32_t record_add_pair(neph_record *record, int32_t member, const char *name,
                               const char *value)
{
    (void)member;
    assert(record->pair_count < STAGE_PAIRS);
    record->pairs[record->pair_count][0] = strdup(name);
    record->pairs[record->pair_count++][1] = strdup(value);
    return 0;
}

static int64_t source_size(const neph_call *call)
{
    return (int64_t)stage_of(call)->source_size;
}

static int64_t source_read(neph_call *call, void *data, size_t size)
{
    stage *made = stage_of(call);
    size_t left = made->source_size - made->source_at;
    size = size < left ? size : left;
    size = made->source_piece && made->source_piece < size ? made->source_piece : size;
    memcpy(data, made->source + made->source_at, size);
    made->source_at += size;
    return (int64_t)size;
}

static int64_t sink_write(neph_call *call, const void *data, size_t size)
{
    stage *made = stage_of(call);
    if (made->sink_is_stubborn && made->sink_turn++ % 2 == 0)
        return NEPH_AGAIN;
    made->sink = realloc(made->sink, made->sink_size + size + 1);
    assert(made->sink);
    memcpy(made->sink + made->sink_size, data, size);
    made->sink_size += size;
    made->sink[made->sink_size] = '\0';
    return 0;
}

static const char *body_checksum(neph_call *call)
{
    return stage_of(call)->checksum;
}

static const neph_services services = {
    .size = sizeof(neph_services),
    .fail = fail,
    .digest = digest,
    .random = random_bytes,
    .setting = setting,
    .setting_integer = setting_integer,
    .cloud_memory = cloud_memory,
    .call_cloud = call_cloud,
    .call_memory = call_memory,
    .call_op = call_op,
    .call_now = call_now,
    .call_token = call_token,
    .step_next = step_next,
    .argument_string = argument_string,
    .argument_integer = argument_integer,
    .argument_pair = argument_pair,
    .record_new = record_new,
    .record_emit = record_emit,
    .record_set_string = record_set_string,
    .record_set_integer = record_set_integer,
    .record_add_string = record_add_string,
    .record_add_pair = record_add_pair,
    .source_size = source_size,
    .source_read = source_read,
    .sink_write = sink_write,
    .body_checksum = body_checksum,
};

void stage_init(stage *made, const neph_plugin *plugin, const char *root)
{
    memset(made, 0, sizeof *made);
    made->services = &services;
    made->provider = plugin->providers[0];
    made->root = root;
}

void stage_clear(stage *made)
{
    for (size_t i = 0; i < made->record_count; i++) {
        for (size_t j = 0; j < STAGE_TEXTS; j++)
            free(made->records[i].texts[j]);
        for (size_t j = 0; j < made->records[i].pair_count; j++) {
            free(made->records[i].pairs[j][0]);
            free(made->records[i].pairs[j][1]);
        }
    }
    free(made->records);
    free(made->sink);
    made->records = NULL;
    made->sink = NULL;
    made->record_count = made->sink_size = made->argument_count = 0;
    made->metadata = NULL;
    made->source_at = 0;
}

void stage_fini(stage *made)
{
    stage_clear(made);
    free(made->cloud_memory);
    made->cloud_memory = NULL;
}

void stage_set(stage *made, const char *name, const char *value)
{
    size_t at = 0;
    while (made->settings[2 * at] && strcmp(made->settings[2 * at], name) != 0)
        at++;
    assert(at < STAGE_SETTINGS);
    made->settings[2 * at] = name;
    made->settings[2 * at + 1] = value;
}

int32_t stage_open(stage *made)
{
    free(made->cloud_memory);
    made->cloud_memory = NULL;
    made->message[0] = '\0';
    return made->provider->open((neph_cloud *)(void *)made);
}

void stage_text(stage *made, int32_t member, const char *text)
{
    size_t at = argument_place(made, member);
    assert(at < NEPH_COUNT(made->arguments));
    made->arguments[at].member = member;
    made->arguments[at].text = text;
    made->arguments[at].number = NEPH_UNKNOWN;
    made->arguments[at].list = NULL;
    made->argument_count += at == made->argument_count;
}

void stage_number(stage *made, int32_t member, int64_t number)
{
    size_t at = argument_place(made, member);
    stage_text(made, member, NULL);
    made->arguments[at].number = number;
}

void stage_strings(stage *made, int32_t member, const char *const *list)
{
    size_t at = argument_place(made, member);
    stage_text(made, member, NULL);
    made->arguments[at].list = list;
    made->arguments[at].is_pairs = 0;
}

void stage_pairs(stage *made, int32_t member, const char *const *list)
{
    size_t at = argument_place(made, member);
    stage_strings(made, member, list);
    made->arguments[at].is_pairs = 1;
}

int32_t stage_run_some(stage *made, uint32_t op, uint32_t slices)
{
    const neph_action *action = made->provider->actions;
    neph_call *call = (neph_call *)(void *)made;
    int32_t rc = NEPH_AGAIN;
    while (action->op != op)
        action++;
    made->message[0] = '\0';
    made->op = op;
    made->delay_ms = -1;
    random_bytes(made, made->token_made, sizeof made->token_made - 1);
    for (size_t i = 0; i < sizeof made->token_made - 1; i++)
        made->token_made[i] = (char)('a' + (made->token_made[i] & 15));
    for (made->slices = 0; rc == NEPH_AGAIN && made->slices < slices; made->slices++)
        rc = action->perform(call);
    if (action->finish)
        action->finish(call);
    free(made->memory);
    made->memory = NULL;
    return rc;
}

int32_t stage_run(stage *made, uint32_t op)
{
    return stage_run_some(made, op, 1000000);
}

const char *stage_get(const stage *made, size_t index, int32_t member)
{
    assert(index < made->record_count);
    return made->records[index].texts[member % 0x10000];
}

int64_t stage_get_number(const stage *made, size_t index, int32_t member)
{
    assert(index < made->record_count);
    return made->records[index].numbers[member % 0x10000];
}
