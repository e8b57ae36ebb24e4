/*
 * core/clouds_yaml.h - OpenStack's clouds.yaml and secure.yaml: what one cloud's entry says. The files are found and looked
 * at here, read by the module neph-yaml, which is loaded when a cloud is named and not before.
 */
#ifndef NEPHI_CLOUDS_YAML_H
#define NEPHI_CLOUDS_YAML_H

#include "core/buffer.h"
#include "core/error.h"

#include <neph/plugin.h>

#define NEPHI_CLOUDS_YAML_FILE_MAX (1u << 20)

enum { NEPHI_YAML_CLOUDS = 0, NEPHI_YAML_SECURE = 1, NEPHI_YAML_FILES = 2 };

typedef struct nephi_clouds_yaml {
    neph_host *host;
    const char *name;                      /* of the cloud; borrowed */
    nephi_buffer values[NEPHI_YAML_FILES]; /* key NUL value NUL …, keys as "auth.username" */
    char paths[NEPHI_YAML_FILES][4096];    /* "": there is no such file */
    int is_found;                          /* the cloud is in one of them */
    int is_read;
} nephi_clouds_yaml;

void nephi_clouds_yaml_init(nephi_clouds_yaml *clouds, neph_host *host);
/* Wipes what was read. */
void nephi_clouds_yaml_fini(nephi_clouds_yaml *clouds);
/* The value of a key in the cloud's entry, and the file it stands in (NULL: not wanted). secure.yaml beats clouds.yaml.
 * Returns 1, 0 (it is not there), or a failure: no such cloud, a file that is no YAML or that anybody may write. */
int nephi_clouds_yaml_find(nephi_clouds_yaml *clouds, const char *key, const char **value,
                           const char **path, nephi_error *error);
/* Of a text that was read already: adds what the entry of clouds->name says to clouds->values[which]. */
int nephi_clouds_yaml_take(nephi_clouds_yaml *clouds, int which, const char *text, size_t size,
                           nephi_error *error);

#endif
