/*
 * core/origin.h - the sources that a provider's settings may come from besides the program and clouds.json: variables,
 * AWS files, OpenStack's clouds.yaml. A provider names a source and a key, never a path or a command; the program decides which are allowed.
 */
#ifndef NEPHI_ORIGIN_H
#define NEPHI_ORIGIN_H

#include "core/aws_process.h"
#include "core/buffer.h"
#include "core/clouds_yaml.h"
#include "core/error.h"

#include <neph/plugin.h>

#define NEPHI_ORIGIN_TEXT_MAX 512

/* What was read while one cloud's settings are gathered; secrets in it are wiped. */
typedef struct nephi_origins {
    neph_host *host;
    const char *profile;  /* borrowed; NULL: "default" */
    int is_profile_asked; /* somebody said it, so it must exist */
    int are_files_read;
    int is_process_run;
    int is_profile_found;
    nephi_buffer files[2]; /* credentials, config */
    char paths[2][4096];
    nephi_aws_keys keys;
    nephi_clouds_yaml yaml; /* its name NULL: no cloud of it was asked for */
} nephi_origins;

typedef struct nephi_found {
    const char *text; /* borrowed from the origins; no NUL behind it */
    size_t size;
    char origin[NEPHI_ORIGIN_TEXT_MAX]; /* "environment AWS_REGION" */
    int64_t expires_ns;                 /* NEPH_UNKNOWN: never */
} nephi_found;

void nephi_origins_init(nephi_origins *origins, neph_host *host);
void nephi_origins_fini(nephi_origins *origins);
/* How many places a source has that are asked one after the other (the AWS files: three); 0: it is not known, or the
 * program does not allow it. */
uint32_t nephi_origin_places(const nephi_origins *origins, uint32_t from);
/* Returns 1 and the value, 0, or a failure. */
int nephi_origin_find(nephi_origins *origins, const neph_origin *origin, uint32_t place,
                      nephi_found *found, nephi_error *error);
/* How a person would set it there, for messages: "set AWS_REGION", "put region into ~/.aws/config". Returns 0 if that
 * source is not known or not allowed. */
int nephi_origin_hint(const nephi_origins *origins, const neph_origin *origin, char *out,
                      size_t capacity);

#endif
