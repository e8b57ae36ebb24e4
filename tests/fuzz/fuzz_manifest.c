/*
 * Manifests. Input: a manifest whose file is called x.json. What is accepted must keep to the format's limits; what is
 * refused names a rule in one line.
 */
#include "core/info.h"
#include "core/manifest.h"
#include "core/rule.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check_setting(const neph_setting_info *setting)
{
    demand(nephi_is_setting_name(setting->name));
    demand(setting->summary && strlen(setting->summary) <= 2048);
    demand(setting->type >= NEPH_TYPE_STRING && setting->type <= NEPH_TYPE_BOOLEAN);
    demand(!(setting->flags & ~(uint32_t)(NEPH_INFO_SECRET | NEPH_INFO_REQUIRED)));
    demand(!setting->choices || setting->choices[0]);
    demand(!setting->origins || setting->origins[0]);
}

static void check_members(const neph_member_info *members, uint32_t count, int32_t first)
{
    demand(count <= 48);
    for (uint32_t i = 0; i < count; i++) {
        demand(nephi_is_setting_name(members[i].name) && members[i].summary[0]);
        demand(members[i].member == first + (int32_t)i);
        for (uint32_t j = 0; j < i; j++)
            demand(strcmp(members[i].name, members[j].name) != 0);
    }
}

static void check_extension(const neph_extension_info *extension)
{
    demand(nephi_is_setting_name(extension->name) && extension->summary[0]);
    demand(extension->op >= NEPH_OP_EXTENSION && extension->op <= 0xffff);
    check_members(extension->parameters, extension->parameter_count, NEPH_PARAMETER);
    check_members(extension->columns, extension->column_count, NEPH_ROW_VALUE);
    for (uint32_t i = 0; i < extension->parameter_count; i++)
        demand(!(extension->parameters[i].flags & NEPH_INFO_SECRET) || !extension->choices[i]);
}

static void check_provider(const neph_provider_info *provider, const nephi_manifest *manifest)
{
    demand(nephi_is_provider_id(provider->id) && provider->title);
    demand(provider->plugin == manifest->name);
    for (uint32_t i = 0; i < provider->setting_count; i++)
        check_setting(&provider->settings[i]);
    for (uint32_t i = 0; i < provider->op_count; i++)
        demand(neph_op_find(provider->ops[i]) != NULL);
    for (uint32_t i = 0; i < provider->extension_count; i++)
        check_extension(&provider->extensions[i]);
}

static void check(const nephi_manifest *manifest)
{
    demand(strcmp(manifest->name, "x") == 0 && manifest->version);
    demand(manifest->file[0] == '/' ? !strstr(manifest->file, "/../")
                                    : !strchr(manifest->file, '/'));
    demand(manifest->provider_count >= 1 && manifest->provider_count <= 64);
    for (uint32_t i = 0; i < manifest->provider_count; i++) {
        check_provider(&manifest->providers[i], manifest);
        for (uint32_t j = 0; j < i; j++)
            demand(strcmp(manifest->providers[i].id, manifest->providers[j].id) != 0);
    }
    demand(nephi_info_compare(manifest->providers, manifest->provider_count, manifest->providers,
                              manifest->provider_count, "x", NULL) == 0);
}

static void check_error(const nephi_error *error, int rc)
{
    demand(rc == NEPH_PLUGIN && error->status == rc && error->message[0]);
    demand(error->rule >= NEPHI_RULE_MANIFEST_JSON && error->rule <= NEPHI_RULE_MANIFEST_PATH);
    for (const char *at = error->message; *at; at++)
        demand((unsigned char)*at >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nephi_memory memory;
    nephi_arena keep, scratch;
    nephi_manifest manifest;
    nephi_error error;
    int rc;
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    nephi_arena_init(&keep, &memory, 0);
    nephi_arena_init(&scratch, &memory, 0);
    rc = nephi_manifest_read(&manifest, &keep, &scratch, "x", data, size, &error);
    if (rc)
        check_error(&error, rc);
    else
        check(&manifest);
    nephi_arena_fini(&keep, 0);
    nephi_arena_fini(&scratch, 0);
    return 0;
}
