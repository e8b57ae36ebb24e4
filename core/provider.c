/*
 * core/provider.c - holds a provider's tables against neph/plugin.h and compiles its replies. What the tables mean is the
 * business of those who read them (setting.c, engine.c).
 */
#include "core/provider.h"

#include "core/filter.h"
#include "core/host.h"
#include "core/info.h"
#include "core/manifest.h"
#include "core/many.h"
#include "core/model.h"
#include "core/rule.h"
#include "core/text.h"
#include "core/watch.h"

#include <stdlib.h>
#include <string.h>

#define SETTINGS_MAX 256
#define ORIGINS_MAX 32
#define ACTIONS_MAX 1024
#define REPLIES_MAX 64
#define TAKES_MAX 256
#define FAULTS_MAX 4096
#define SETTING_FLAGS_ALL                                                                          \
    (NEPH_SETTING_SECRET | NEPH_SETTING_REQUIRED | NEPH_SETTING_ENDPOINT | NEPH_SETTING_GROUP)

/* What is being looked at, for messages. */
typedef struct checking {
    const neph_provider *provider;
    nephi_error *error;
} checking;

static int refuse(const checking *c, const char *what, const char *which, const char *why)
{
    return nephi_fail_rule(c->error, NEPHI_RULE_PROVIDER_TABLE, NEPH_PLUGIN,
                           "provider \"%s\": %s%s%s%s %s", c->provider->id, what,
                           which ? " \"" : "", which ? which : "", which ? "\"" : "", why);
}

/* An array that crossed: while the ABI is 0 its elements have the host's own size. */
static int check_array(const checking *c, const char *what, const void *array, uint32_t count,
                       uint32_t max)
{
    if (count > max)
        return refuse(c, what, NULL, "are too many");
    if (count && !array)
        return refuse(c, what, NULL, "are counted but not there");
    return 0;
}

static int check_element_size(const checking *c, const char *what, uint32_t count, uint32_t size,
                              size_t own)
{
    return count && size != own
               ? refuse(c, what, NULL,
                        "have elements of another size: build it with this neph's headers")
               : 0;
}

/* ---- settings */

static int check_fallback(const checking *c, const neph_setting *setting)
{
    const char *value = setting->fallback;
    size_t size = value ? strlen(value) : 0;
    int64_t number;
    if (!value)
        return 0;
    if (setting->flags & NEPH_SETTING_SECRET)
        return refuse(c, "setting", setting->name, "is secret and has a default");
    if ((setting->type == NEPH_TYPE_INTEGER && !nephi_read_integer(value, size, &number)) ||
        (setting->type == NEPH_TYPE_BOOLEAN && !nephi_read_boolean(value, size, &number)) ||
        (setting->choices && !nephi_is_choice(setting->choices, value)))
        return refuse(c, "setting", setting->name, "has a default that is no value of it");
    return 0;
}

static int check_origins(const checking *c, const neph_setting *setting)
{
    int rc = check_array(c, "origins", setting->origins, setting->origin_count, ORIGINS_MAX);
    if (!rc)
        rc = check_element_size(c, "origins", setting->origin_count, setting->origin_size,
                                sizeof(neph_origin));
    for (uint32_t i = 0; i < setting->origin_count && !rc; i++)
        if (!setting->origins[i].key || !setting->origins[i].key[0])
            rc = refuse(c, "setting", setting->name, "has an origin without a key");
    return rc;
}

static int check_setting(const checking *c, const neph_setting *settings, uint32_t index)
{
    const neph_setting *setting = &settings[index];
    int rc;
    if (!setting->name || !nephi_is_setting_name(setting->name))
        return refuse(c, "setting", setting->name, "has no usable name");
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(settings[i].name, setting->name) == 0)
            return refuse(c, "setting", setting->name, "is declared twice");
    if (setting->flags & ~(uint32_t)SETTING_FLAGS_ALL)
        return nephi_fail_rule(
            c->error, NEPHI_RULE_SETTING_FLAG, NEPH_PLUGIN,
            "provider \"%s\": setting \"%s\" has a flag that this neph does not know: update neph",
            c->provider->id, setting->name);
    if (setting->type != NEPH_TYPE_STRING && setting->type != NEPH_TYPE_INTEGER &&
        setting->type != NEPH_TYPE_BOOLEAN)
        return refuse(c, "setting", setting->name, "is of a type that settings do not have");
    rc = check_origins(c, setting);
    return rc ? rc : check_fallback(c, setting);
}

static int check_settings(const checking *c)
{
    const neph_provider *table = c->provider;
    int rc = check_array(c, "settings", table->settings, table->setting_count, SETTINGS_MAX);
    if (!rc)
        rc = check_element_size(c, "settings", table->setting_count, table->setting_size,
                                sizeof(neph_setting));
    for (uint32_t i = 0; i < table->setting_count && !rc; i++)
        rc = check_setting(c, table->settings, i);
    return rc;
}

/* ---- actions */

static int is_method(const char *method)
{
    size_t size = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return size > 0 && size <= 16 && !method[size];
}

/* A path as it goes out: nothing is encoded in it any more. */
static int is_fixed_path(const char *path)
{
    if (path[0] != '/' || strstr(path, "/../") || strstr(path, "/./"))
        return 0;
    for (const char *at = path; *at; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f || *at == '?' || *at == '#')
            return 0;
    return 1;
}

/* Something that a next page can begin after: of an extension one of its texts. */
static int has_page_member(const neph_action *action, const neph_extension *extension)
{
    uint32_t column = (uint32_t)action->page_member - (uint32_t)NEPH_ROW_VALUE;
    if (extension && column < extension->column_count)
        return extension->columns[column].type == NEPH_TYPE_STRING;
    return nephi_member_find(action->page_member) != NULL;
}

static const char *page_fault(const neph_action *action, const neph_extension *extension)
{
    int needs_name = action->page >= NEPH_PAGE_BY_QUERY && action->page <= NEPH_PAGE_BY_OFFSET;
    if (action->page > NEPH_PAGE_BY_ASK)
        return "asks for its next page in a way that this neph does not know";
    if (needs_name && (!action->page_name || !action->page_name[0]))
        return "does not name the parameter of its next page";
    if (action->page == NEPH_PAGE_BY_LAST && !has_page_member(action, extension))
        return "does not say which member its next page begins after";
    if (action->page == NEPH_PAGE_BY_ASK && !action->ask)
        return "leaves its next page to an ask that it has not";
    return NULL;
}

/* Whether the provider has the list is looked at with all its actions. */
static const char *find_fault(const neph_action *action)
{
    const neph_op_info *op = neph_op_find(action->op);
    if (action->find > NEPH_FIND_BY_NAME)
        return "looks for what it made in a way that this neph does not know: update neph";
    if (!op || !nephi_op_creates(op) || !op->kind)
        return "looks for what it made, but makes nothing";
    if (action->page)
        return "makes something in pages";
    if (action->find == NEPH_FIND_BY_TAG && !nephi_kind_role(op->kind, NEPHI_ROLE_TAGS))
        return "looks for a tag of what has none";
    if (action->find == NEPH_FIND_BY_NAME && !nephi_kind_role(op->kind, NEPHI_ROLE_NAME))
        return "looks for the name of what has none";
    return NULL;
}

/* What the host does itself needs nothing more. */
static const char *each_fault(const neph_action *action)
{
    if (action->op != NEPH_OP_OBJECT_DELETE_MANY)
        return "cannot be done one by one";
    if (action->ask || action->path || action->perform || action->finish || action->then ||
        action->each || action->reply_count || action->take_count || action->page)
        return "says how it is done, and leaves it to the host";
    return NULL;
}

/* extension: that it carries out; NULL: it is an operation that all know. */
static const char *action_fault(const neph_action *action, const neph_extension *extension)
{
    int has_request = action->ask || action->path;
    if (action->traits & NEPH_EACH)
        return each_fault(action);
    if (action->method && !is_method(action->method))
        return "has a method that is none";
    if (action->path && !is_fixed_path(action->path))
        return "has a path that is none";
    if (action->perform ? has_request || action->reply_count : !has_request)
        return "must have either perform, or an ask or a path";
    if (action->finish && !action->perform)
        return "has finish without perform";
    if (!action->perform && !action->reply_count && !(action->traits & NEPH_PRESIGN))
        return "reads no reply";
    if (action->reply_count > REPLIES_MAX || (action->reply_count && !action->replies))
        return "has replies that are not there, or too many";
    for (uint32_t i = 0; i < action->reply_count; i++)
        if (!action->replies[i] || action->replies[i]->size != sizeof(neph_reply))
            return "has a reply that is not there or of another size";
    if (action->take_count > TAKES_MAX || (action->take_count && !action->takes))
        return "takes arguments that are not there, or too many";
    return action->find ? find_fault(action) : page_fault(action, extension);
}

/* Op and traits of the action are known. */
static int is_known(const neph_provider *table, const neph_action *action)
{
    return (neph_op_find(action->op) || nephi_extension_declared(table, action->op)) &&
           !(action->traits & ~(uint32_t)NEPH_TRAITS_ALL);
}

static const char *op_name(const neph_provider *table, const neph_action *action)
{
    const neph_op_info *info = neph_op_find(action->op);
    const neph_extension *extension = nephi_extension_declared(table, action->op);
    return info                          ? info->name
           : extension                   ? extension->name
           : action->op == NEPH_OP_LOGIN ? "login"
                                         : "?";
}

static int check_action_array(const checking *c)
{
    const neph_provider *table = c->provider;
    int rc = check_array(c, "actions", table->actions, table->action_count, ACTIONS_MAX);
    return rc ? rc
              : check_element_size(c, "actions", table->action_count, table->action_size,
                                   sizeof(neph_action));
}

static int has_action(const neph_provider *table, uint32_t op)
{
    for (uint32_t i = 0; i < table->action_count; i++)
        if (table->actions[i].op == op)
            return 1;
    return 0;
}

static int check_extensions(const checking *c)
{
    const neph_provider *table = c->provider;
    int rc = check_array(c, "extensions", table->extensions, table->extension_count,
                         NEPHI_EXTENSIONS_MAX);
    if (!rc)
        rc = check_element_size(c, "extensions", table->extension_count, table->extension_size,
                                sizeof(neph_extension));
    if (!rc)
        rc = nephi_extensions_check(table->extensions, table->extension_count, table->id,
                                    NEPHI_RULE_PROVIDER_TABLE, c->error);
    for (uint32_t i = 0; i < table->extension_count && !rc; i++)
        if (!has_action(table, table->extensions[i].op))
            rc = refuse(c, "extension", table->extensions[i].name, "has no action");
    return rc;
}

/* Only an extension makes an operation of a number in its range. */
static int is_undeclared(const neph_provider *table, const neph_action *action)
{
    return action->op >= NEPH_OP_EXTENSION && action->op <= NEPHI_OP_LAST &&
           !nephi_extension_declared(table, action->op);
}

/* What it made is looked for with the list of the same noun. */
static int can_find(const neph_provider *table, const neph_action *action)
{
    const neph_op_info *list = nephi_op_sibling(neph_op_find(action->op), "list");
    for (uint32_t i = 0; list && i < table->action_count; i++)
        if (table->actions[i].op == list->op)
            return 1;
    return 0;
}

static int check_actions(const checking *c)
{
    const neph_provider *table = c->provider;
    int rc = 0;
    for (uint32_t i = 0; i < table->action_count && !rc; i++) {
        const neph_action *action = &table->actions[i];
        const neph_extension *extension = nephi_extension_declared(table, action->op);
        const char *fault = is_known(table, action) ? action_fault(action, extension) : NULL;
        if (is_undeclared(table, action))
            fault = "has the number of an extension, and none declares it";
        if (!fault && is_known(table, action) && action->find && !can_find(table, action))
            fault = "looks for what it made, and the provider has no list of it";
        if (!fault && (action->traits & NEPH_EACH) && !has_action(table, NEPH_OP_OBJECT_DELETE))
            fault = "is to be done one by one, and the provider cannot delete one";
        if (fault)
            rc = refuse(c, "operation", op_name(table, action), fault);
        for (uint32_t j = 0; j < i && !rc; j++)
            if (table->actions[j].op == action->op)
                rc = refuse(c, "operation", op_name(table, action), "is there twice");
    }
    return rc;
}

static int check_login(const checking *c)
{
    const neph_action *login = c->provider->login;
    const char *fault = login ? action_fault(login, NULL) : NULL;
    if (login && !fault && (login->op != NEPH_OP_LOGIN || login->perform || !login->reply_count))
        fault = "is no login";
    if (login && !fault && (login->traits & ~(uint32_t)NEPH_TRAITS_ALL))
        fault = "has a trait that this neph does not know: update neph";
    return fault ? refuse(c, "login", NULL, fault) : 0;
}

/* ---- faults */

static int check_faults(const checking *c)
{
    const neph_provider *table = c->provider;
    int rc = check_array(c, "faults", table->faults, table->fault_count, FAULTS_MAX);
    if (!rc)
        rc = check_element_size(c, "faults", table->fault_count, table->fault_size,
                                sizeof(neph_fault));
    for (uint32_t i = 0; i < table->fault_count && !rc; i++) {
        const neph_fault *fault = &table->faults[i];
        if (fault->status >= 0 || fault->status < NEPH_INTERNAL ||
            (!fault->code && !fault->http_status) || fault->retry < NEPH_RETRY_UNKNOWN ||
            fault->retry > NEPH_RETRY_PERSISTENT)
            rc = refuse(c, "fault", fault->code, "means nothing");
    }
    if (!rc && table->error && table->error->size != sizeof(neph_reply))
        rc = refuse(c, "error reply", NULL, "is of another size");
    return rc;
}

int nephi_provider_check(const neph_provider *table, nephi_error *error)
{
    checking c = {table, error};
    int rc;
    if (table->size != sizeof *table)
        return nephi_fail_rule(
            error, NEPHI_RULE_PROVIDER_TABLE, NEPH_PLUGIN,
            "a provider's table has another size: build the plugin with this neph's headers");
    if (!table->id || !nephi_is_provider_id(table->id))
        return nephi_fail_rule(error, NEPHI_RULE_PROVIDER_TABLE, NEPH_PLUGIN,
                               "a provider has no id of lower-case letters, digits and '-'");
    if (!table->title || !table->title[0])
        return refuse(&c, "it", NULL, "has no title");
    if (table->flags)
        return refuse(&c, "it", NULL, "has a flag that this neph does not know: update neph");
    if (!(rc = check_settings(&c)) && !(rc = check_action_array(&c)) &&
        !(rc = check_extensions(&c)) && !(rc = check_actions(&c)) && !(rc = check_login(&c)))
        rc = check_faults(&c);
    return rc;
}

/* ---- copying and compiling */

typedef struct making {
    neph_host *host;
    const nephi_memory *memory;
    nephi_provider *provider;
    nephi_error *error;
} making;

/* A copy, which is NULL for an empty array. */
static int copy_array(const making *m, void **out, const void *array, uint32_t count, size_t size)
{
    *out = NULL;
    if (!count)
        return 0;
    *out = nephi_alloc_array(m->memory, count, size);
    if (!*out)
        return nephi_fail_memory(m->error);
    memcpy(*out, array, count * size);
    return 0;
}

/* extension: whose rows it may make; NULL: none's. */
static int compile_reply(const making *m, nephi_reply **out, const neph_reply *table,
                         const nephi_extension *extension, const char *what)
{
    uint32_t dropped = 0;
    int rc =
        nephi_reply_compile_rows(out, m->memory, table, extension ? extension->columns : NULL,
                                 extension ? extension->info.column_count : 0, &dropped, m->error);
    if (!rc && dropped)
        nephi_log(
            m->host, NEPH_LOG_WARNING, NEPHI_RULE_FIELD_FLAG,
            "provider \"%s\": %s: %u fields have flags that this neph does not know and are left out: update neph",
            m->provider->table.id, what, dropped);
    if (rc == NEPH_PLUGIN && m->error && !m->error->rule)
        m->error->rule = NEPHI_RULE_PROVIDER_TABLE;
    return rc;
}

static int action_make(const making *m, nephi_action *action, const neph_action *table)
{
    int rc = 0;
    action->table = *table;
    if (table->traits & NEPH_EACH) {
        action->table.perform = nephi_many_perform;
        action->table.finish = nephi_many_finish;
    }
    action->extension = nephi_provider_extension(m->provider, table->op);
    if (!table->reply_count)
        return 0;
    action->replies = nephi_alloc_array(m->memory, table->reply_count, sizeof(nephi_reply *));
    if (!action->replies)
        return nephi_fail_memory(m->error);
    for (uint32_t i = 0; i < table->reply_count && !rc; i++) {
        rc = compile_reply(m, &action->replies[i], table->replies[i], action->extension,
                           op_name(&m->provider->table, table));
        action->reply_count += !rc;
    }
    return rc;
}

static int make_extensions(const making *m, const neph_provider *table)
{
    nephi_provider *provider = m->provider;
    int rc = 0;
    if (!table->extension_count)
        return 0;
    provider->extensions =
        nephi_alloc_array(m->memory, table->extension_count, sizeof(nephi_extension));
    if (!provider->extensions)
        return nephi_fail_memory(m->error);
    provider->extension_count = table->extension_count;
    for (uint32_t i = 0; i < table->extension_count && !rc; i++)
        rc = nephi_extension_make(&provider->extensions[i], &provider->arena, table->id,
                                  &table->extensions[i]);
    return rc ? nephi_fail_memory(m->error) : 0;
}

static int compare_actions(const void *a, const void *b)
{
    uint32_t x = ((const nephi_action *)a)->table.op, y = ((const nephi_action *)b)->table.op;
    return (x > y) - (x < y);
}

static int make_actions(const making *m, const neph_provider *table)
{
    nephi_provider *provider = m->provider;
    int rc = 0;
    if (!table->action_count)
        return 0;
    provider->actions = nephi_alloc_array(m->memory, table->action_count, sizeof(nephi_action));
    if (!provider->actions)
        return nephi_fail_memory(m->error);
    for (uint32_t i = 0; i < table->action_count && !rc; i++) {
        const neph_action *action = &table->actions[i];
        if (is_known(table, action))
            rc = action_make(m, &provider->actions[provider->action_count++], action);
        else
            nephi_log(
                m->host, NEPH_LOG_WARNING, NEPHI_RULE_ACTION_TRAIT,
                "provider \"%s\": operation %s (0x%04x) needs a newer neph and is left out: update neph",
                table->id, op_name(table, action), action->op);
    }
    if (!rc)
        qsort(provider->actions, provider->action_count, sizeof(nephi_action), compare_actions);
    return rc;
}

static int make_login(const making *m, const neph_provider *table)
{
    if (!table->login)
        return 0;
    m->provider->login = nephi_alloc(m->memory, sizeof(nephi_action));
    if (!m->provider->login)
        return nephi_fail_memory(m->error);
    return action_make(m, m->provider->login, table->login);
}

static void log_origins(const making *m)
{
    for (uint32_t i = 0; i < m->provider->setting_count; i++) {
        const neph_setting *setting = &m->provider->settings[i];
        for (uint32_t j = 0; j < setting->origin_count; j++)
            if (!nephi_origin_word(setting->origins[j].from))
                nephi_log(
                    m->host, NEPH_LOG_WARNING, NEPHI_RULE_ORIGIN,
                    "provider \"%s\": setting \"%s\" names a source that this neph does not know: it is left out",
                    m->provider->table.id, setting->name);
    }
}

static int make_all(const making *m, const neph_provider *table)
{
    nephi_provider *provider = m->provider;
    void *copy;
    int rc;
    provider->table = *table;
    rc = copy_array(m, &copy, table->settings, table->setting_count, sizeof(neph_setting));
    if (rc)
        return rc;
    provider->settings = copy;
    provider->setting_count = table->setting_count;
    rc = copy_array(m, &copy, table->faults, table->fault_count, sizeof(neph_fault));
    if (rc)
        return rc;
    provider->faults = copy;
    provider->fault_count = table->fault_count;
    if (!(rc = make_extensions(m, table)) && !(rc = make_actions(m, table)) &&
        !(rc = make_login(m, table)) && table->error)
        rc = compile_reply(m, &provider->error, table->error, NULL, "its error reply");
    if (!rc)
        log_origins(m);
    return rc;
}

int nephi_provider_new(nephi_provider **out, neph_host *host, const neph_provider *table,
                       nephi_error *error)
{
    making m = {host, &host->memory, NULL, error};
    int rc = nephi_provider_check(table, error);
    *out = NULL;
    if (rc)
        return rc;
    m.provider = nephi_alloc(m.memory, sizeof *m.provider);
    if (!m.provider)
        return nephi_fail_memory(error);
    nephi_arena_init(&m.provider->arena, m.memory, 0);
    rc = make_all(&m, table);
    if (rc) {
        nephi_provider_free(m.provider, m.memory);
        return rc;
    }
    *out = m.provider;
    return 0;
}

static void action_fini(nephi_action *action, const nephi_memory *memory)
{
    for (uint32_t i = 0; i < action->reply_count; i++)
        nephi_reply_free(action->replies[i]);
    nephi_free(memory, action->replies);
}

void nephi_provider_free(nephi_provider *provider, const nephi_memory *memory)
{
    if (!provider)
        return;
    for (uint32_t i = 0; i < provider->action_count; i++)
        action_fini(&provider->actions[i], memory);
    if (provider->login)
        action_fini(provider->login, memory);
    if (provider->error)
        nephi_reply_free(provider->error);
    nephi_arena_fini(&provider->arena, 0);
    nephi_free(memory, provider->extensions);
    nephi_free(memory, provider->login);
    nephi_free(memory, provider->actions);
    nephi_free(memory, provider->faults);
    nephi_free(memory, provider->settings);
    nephi_free(memory, provider);
}

/* ---- asking */

static int compare_op(const void *key, const void *element)
{
    uint32_t op = *(const uint32_t *)key, other = ((const nephi_action *)element)->table.op;
    return (op > other) - (op < other);
}

const nephi_action *nephi_provider_action(const nephi_provider *provider, uint32_t op)
{
    if (!provider->action_count)
        return NULL;
    return bsearch(&op, provider->actions, provider->action_count, sizeof(nephi_action),
                   compare_op);
}

const nephi_extension *nephi_provider_extension(const nephi_provider *provider, uint32_t op)
{
    for (uint32_t i = 0; i < provider->extension_count; i++)
        if (provider->extensions[i].info.op == op)
            return &provider->extensions[i];
    return NULL;
}

int nephi_action_takes(const nephi_action *action, int32_t member)
{
    const neph_op_info *info = neph_op_find(action->table.op);
    if (action->extension)
        return nephi_extension_member(action->extension, member) != NULL;
    for (uint32_t i = 0; i < action->table.take_count; i++)
        if (action->table.takes[i] == member)
            return 1;
    for (uint32_t i = 0; info && i < info->argument_count; i++)
        if (info->arguments[i].member == member && (info->arguments[i].flags & NEPH_INFO_REQUIRED))
            return 1;
    return 0;
}

/* Limit and filters of a list, waiting, checksums, and the token of an action that uses the call's. */
static int is_hosts(const nephi_provider *provider, const nephi_action *action, int32_t member)
{
    switch (member) {
    case NEPH_LIST_LIMIT:
    case NEPH_CHECKSUM: return 1;
    case NEPH_WAIT:
    case NEPH_WAIT_SECONDS: return nephi_watch_can(provider, action->table.op);
    case NEPH_TOKEN:
        return (action->table.traits & NEPH_ONCE) || action->table.find == NEPH_FIND_BY_TAG;
    default: return nephi_filter_is_own(member);
    }
}

int nephi_provider_takes(const nephi_provider *provider, const nephi_action *action, int32_t member)
{
    const neph_op_info *info = neph_op_find(action->table.op);
    return nephi_action_takes(action, member) ||
           (info && nephi_op_argument(info, member) && is_hosts(provider, action, member));
}
