/*
 * Uses every macro of the public headers once; compiled by headers.sh as C99 and C++11, never run.
 * The macros that make a provider's tables are designated initialisers, which C++11 does not have.
 */
#include <neph/neph.h>
#include <neph/plugin.h>
#include <neph/sync.h>

NEPH_API int macros_version(void);
int macros_version(void)
{
    return NEPH_VERSION_MAJOR * 10000 + NEPH_VERSION_MINOR * 100 + NEPH_VERSION_PATCH;
}

NEPH_API int macros_initialisers(void);
int macros_initialisers(void)
{
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    neph_source source = NEPH_SOURCE_INIT;
    neph_sink sink = NEPH_SINK_INIT;
    neph_list_options list = NEPH_LIST_OPTIONS_INIT;
    neph_node_options node = NEPH_NODE_OPTIONS_INIT;
    neph_wait_options wait = NEPH_WAIT_OPTIONS_INIT;
    neph_volume_options volume = NEPH_VOLUME_OPTIONS_INIT;
    neph_label_options label = NEPH_LABEL_OPTIONS_INIT;
    neph_rule_options rule = NEPH_RULE_OPTIONS_INIT;
    neph_get_options get = NEPH_GET_OPTIONS_INIT;
    neph_put_options put = NEPH_PUT_OPTIONS_INIT;
    neph_price_options price = NEPH_PRICE_OPTIONS_INIT;
    neph_price_import_options imported = NEPH_PRICE_IMPORT_OPTIONS_INIT;
    neph_end end = NEPH_END_INIT;
    neph_transfer_options transfer = NEPH_TRANSFER_OPTIONS_INIT;
    neph_sync_options sync = NEPH_SYNC_OPTIONS_INIT;
    return end.fd == -1 && transfer.size == sizeof transfer && sync.max_delete == -1 &&
           source.offset == -1 && sink.offset == -1 && config.size == sizeof config &&
           source.size == sizeof source && source.fd == -1 && source.length == -1 &&
           sink.size == sizeof sink && sink.fd == -1 && list.size == sizeof list &&
           node.size == sizeof node && get.size == sizeof get && put.size == sizeof put &&
           wait.size == sizeof wait && volume.size == sizeof volume && label.size == sizeof label &&
           rule.size == sizeof rule && rule.port_to == NEPH_UNKNOWN && price.size == sizeof price &&
           imported.size == sizeof imported;
}

NEPH_API int64_t macros_numbers(int32_t member);
int64_t macros_numbers(int32_t member)
{
    static const char magic[] = NEPH_PLUGIN_MAGIC NEPH_NOTE_OWNER NEPH_PLUGIN_SYMBOL NEPH_TOKEN_TAG;
    unsigned char digest[NEPH_DIGEST_MAX];
    char hex[NEPH_DIGEST_HEX_MAX], checksum[NEPH_CHECKSUM_MAX];
    int64_t sum = NEPH_NANO + NEPH_ABI_MAJOR + NEPH_ABI_MINOR + NEPH_NOTE_TYPE + NEPH_DROP;
    if (member == NEPH_MEMBER(1, 1) || member == NEPH_SCRATCH + NEPH_SCRATCH_COUNT ||
        member == NEPH_PARAMETER + NEPH_PARAMETER_COUNT ||
        member == NEPH_ROW_VALUE + NEPH_ROW_VALUE_COUNT)
        return NEPH_UNKNOWN;
    return sum + (int64_t)(sizeof magic + sizeof digest + sizeof hex + sizeof checksum) +
           (int64_t)NEPH_COUNT(digest);
}

#ifdef __cplusplus
static const neph_provider macros_provider = neph_provider();
#else
static int32_t ask(neph_call *call, neph_request *request)
{
    (void)call;
    return neph_request_path(request, "/{}", "a");
}

static const neph_origin origins[] = {{NEPH_FROM_ENVIRONMENT, 0, "MACROS"}};
static const neph_setting settings[] = {
    {.name = "setting", .type = NEPH_TYPE_STRING, NEPH_ORIGINS(origins)},
};
static const neph_field fields[] = {{.path = "id", .member = NEPH_NODE_ID}};
static const neph_rule rules[] = {{.path = "[]", .kind = NEPH_KIND_NODE, NEPH_FIELDS(fields)}};
static const neph_reply reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, rules);
static const neph_reply *const replies[] = {&reply};
static const int32_t takes[] = {NEPH_LIST_LIMIT};
static const neph_action actions[] = {
    {.op = NEPH_OP_NODE_LIST, .ask = ask, NEPH_REPLIES(replies), NEPH_TAKES(takes)},
};
static const neph_parameter parameters[] = {
    {.name = "p", .summary = "a parameter", .type = NEPH_TYPE_STRING},
};
static const neph_column columns[] = {
    {.name = "c", .summary = "a column", .type = NEPH_TYPE_STRING},
};
static const neph_extension extensions[] = {
    {.name = "x",
     .summary = "an extension",
     .op = NEPH_OP_EXTENSION,
     NEPH_PARAMETERS(parameters),
     NEPH_COLUMNS(columns)},
};
static const neph_fault faults[] = {{.http_status = 404, .status = NEPH_NOT_FOUND}};
static const neph_provider macros_provider = {
    .size = sizeof(neph_provider),
    .id = "macros",
    NEPH_SETTINGS(settings),
    NEPH_ACTIONS(actions),
    NEPH_FAULTS(faults),
    NEPH_EXTENSIONS(extensions),
};
#endif

static const neph_provider *const providers[] = {&macros_provider};
NEPH_PLUGIN(macros, "1", "neph-macros", providers);
