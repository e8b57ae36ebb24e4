/*
 * core/rule.c - the table of numbered rules that plugins are held against. The checks stand where the facts are: in
 * manifest.c, registry.c, loader.c, elf.c and provider.c.
 */
#include "core/rule.h"

#include <stdarg.h>
#include <stdio.h>

static const nephi_obligation obligations[] = {
    {NEPHI_RULE_DIRECTORY, "directory",
     "A plugin directory can be opened and read; one that is not there is no fault."},
    {NEPHI_RULE_DIRECTORY_OWNER, "directory-owner",
     "For a privileged process a plugin directory and all above it belong to root and nobody else may write there."},
    {NEPHI_RULE_ENVIRONMENT, "environment",
     "A privileged process takes no plugin directory from the environment."},
    {NEPHI_RULE_MANIFEST_FILE, "manifest-file",
     "A manifest is a regular file of at most 256 KiB, no symbolic link, and can be read."},
    {NEPHI_RULE_MANIFEST_OWNER, "manifest-owner",
     "For a privileged process a manifest belongs to root and nobody else may write it."},
    {NEPHI_RULE_MANIFEST_JSON, "manifest-json",
     "A manifest is one JSON object in UTF-8 in which no object has the same key twice; unknown keys are ignored."},
    {NEPHI_RULE_MANIFEST_FORMAT, "manifest-format", "A manifest says \"format\": 1."},
    {NEPHI_RULE_MANIFEST_MEMBER, "manifest-member",
     "A manifest has the members of its format, each of its type and within its limits."},
    {NEPHI_RULE_MANIFEST_NAME, "manifest-name",
     "The name in a manifest is its file's without \".json\": lower-case letters, digits, '_' and '-', 63 at most."},
    {NEPHI_RULE_MANIFEST_PATH, "manifest-path",
     "The file in a manifest is a bare name beside it; an absolute path only in a manifest below /etc."},
    {NEPHI_RULE_MASKED, "masked",
     "A manifest of the same name in an earlier directory, a link to /dev/null or a built-in plugin masks a manifest."},
    {NEPHI_RULE_FILTERED, "filtered",
     "NEPH_PLUGINS, where it is set, names the plugins that may be used."},
    {NEPHI_RULE_PROVIDER_TAKEN, "provider-taken",
     "A provider's id belongs to the first plugin that has it."},
    {NEPHI_RULE_PLUGIN_FILE, "plugin-file",
     "A plugin is a regular file, no symbolic link, and can be read."},
    {NEPHI_RULE_PLUGIN_OWNER, "plugin-owner",
     "For a privileged process a plugin belongs to root and nobody else may write it."},
    {NEPHI_RULE_PLUGIN_ELF, "plugin-elf",
     "A plugin is an ELF shared object for the machine that the host runs on."},
    {NEPHI_RULE_PLUGIN_WHOLE, "plugin-whole",
     "A plugin's file holds all that its headers speak of."},
    {NEPHI_RULE_PLUGIN_NOTE, "plugin-note", "A plugin has the ELF note that NEPH_PLUGIN() makes."},
    {NEPHI_RULE_PLUGIN_ABI, "plugin-abi",
     "A plugin's ABI major is one that the host supports, and it needs no newer minor than the host's."},
    {NEPHI_RULE_PLUGIN_LINK, "plugin-link",
     "A plugin's libraries and all its symbols are found when it is loaded."},
    {NEPHI_RULE_PLUGIN_SYMBOL, "plugin-symbol",
     "A plugin exports its neph_plugin under the name of its ABI major."},
    {NEPHI_RULE_PLUGIN_MAGIC, "plugin-magic",
     "A plugin's neph_plugin has its magic, size, counts and pointers right."},
    {NEPHI_RULE_PLUGIN_NAME, "plugin-name", "A plugin's name is that of its manifest."},
    {NEPHI_RULE_PLUGIN_SAME, "plugin-same", "A manifest says what the tables of its plugin say."},
    {NEPHI_RULE_PROVIDER_TABLE, "provider-table", "A provider's tables keep to neph/plugin.h."},
    {NEPHI_RULE_SETTING_FLAG, "setting-flag", "A setting has no flag that the host does not know."},
    {NEPHI_RULE_ACTION_TRAIT, "action-trait",
     "An action has no operation and no trait that the host does not know."},
    {NEPHI_RULE_FIELD_FLAG, "field-flag",
     "A field of a reply has no flag that the host does not know."},
    {NEPHI_RULE_ORIGIN, "origin", "A setting comes from sources that the host knows."},
};

_Static_assert(sizeof obligations / sizeof *obligations == NEPHI_RULE_COUNT,
               "one line for each rule");

const nephi_obligation *nephi_rule_at(size_t index)
{
    return index < NEPHI_RULE_COUNT ? &obligations[index] : NULL;
}

int nephi_fail_rule(nephi_error *error, int32_t rule, int status, const char *format, ...)
{
    char message[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    if (error && !error->status)
        error->rule = rule;
    return nephi_fail(error, status, "%s", message);
}
