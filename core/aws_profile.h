/*
 * core/aws_profile.h - the AWS credentials and config files: sections, keys, nested keys. Reads text; opens nothing.
 */
#ifndef NEPHI_AWS_PROFILE_H
#define NEPHI_AWS_PROFILE_H

#include "core/error.h"

#define NEPHI_AWS_FILE_MAX (1u << 20)

enum { NEPHI_AWS_CREDENTIALS = 0, NEPHI_AWS_CONFIG = 1 };
enum { NEPHI_AWS_NO_PROFILE = 0, NEPHI_AWS_NO_KEY = 1, NEPHI_AWS_FOUND = 2 };

typedef struct nephi_aws_value {
    const char *text; /* in the file's text, no NUL behind it */
    size_t size;
} nephi_aws_value;

/* Is every line one that such a file can have? NEPH_INVALID names path, line and what is wrong; never shows the line,
 * which may be a secret. */
int nephi_aws_profile_check(const char *text, size_t size, const char *path, nephi_error *error);
/* The value of a key ("region"; "s3.addressing_style" of a nested one) in a profile; the last one counts. which: the
 * kind of file, since they name their sections differently. Returns NEPHI_AWS_…. */
int nephi_aws_profile_find(const char *text, size_t size, int which, const char *profile,
                           const char *key, nephi_aws_value *value);

#endif
