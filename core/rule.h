/*
 * core/rule.h - the obligations of plugins, manifests and their directories, each with a number that never changes. A
 * thing that is skipped or refused is logged with the number of the rule it broke; documents print the same table.
 */
#ifndef NEPHI_RULE_H
#define NEPHI_RULE_H

#include "core/error.h"

enum {
    NEPHI_RULE_DIRECTORY = 1,
    NEPHI_RULE_DIRECTORY_OWNER = 2,
    NEPHI_RULE_ENVIRONMENT = 3,
    NEPHI_RULE_MANIFEST_FILE = 4,
    NEPHI_RULE_MANIFEST_OWNER = 5,
    NEPHI_RULE_MANIFEST_JSON = 6,
    NEPHI_RULE_MANIFEST_FORMAT = 7,
    NEPHI_RULE_MANIFEST_MEMBER = 8,
    NEPHI_RULE_MANIFEST_NAME = 9,
    NEPHI_RULE_MANIFEST_PATH = 10,
    NEPHI_RULE_MASKED = 11,
    NEPHI_RULE_FILTERED = 12,
    NEPHI_RULE_PROVIDER_TAKEN = 13,
    NEPHI_RULE_PLUGIN_FILE = 14,
    NEPHI_RULE_PLUGIN_OWNER = 15,
    NEPHI_RULE_PLUGIN_ELF = 16,
    NEPHI_RULE_PLUGIN_WHOLE = 17,
    NEPHI_RULE_PLUGIN_NOTE = 18,
    NEPHI_RULE_PLUGIN_ABI = 19,
    NEPHI_RULE_PLUGIN_LINK = 20,
    NEPHI_RULE_PLUGIN_SYMBOL = 21,
    NEPHI_RULE_PLUGIN_MAGIC = 22,
    NEPHI_RULE_PLUGIN_NAME = 23,
    NEPHI_RULE_PLUGIN_SAME = 24,
    NEPHI_RULE_PROVIDER_TABLE = 25,
    NEPHI_RULE_SETTING_FLAG = 26,
    NEPHI_RULE_ACTION_TRAIT = 27,
    NEPHI_RULE_FIELD_FLAG = 28,
    NEPHI_RULE_ORIGIN = 29,
    NEPHI_RULE_COUNT = 29
};

typedef struct nephi_obligation {
    int32_t number;
    const char *name;     /* "manifest-name" */
    const char *sentence; /* what must hold */
} nephi_obligation;

/* In order of number; NULL behind the last. */
const nephi_obligation *nephi_rule_at(size_t index);
/* nephi_fail() that also says which rule was broken; the first failure stands, as there. */
int nephi_fail_rule(nephi_error *error, int32_t rule, int status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
