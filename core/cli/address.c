/*
 * core/cli/address.c - CLOUD:BUCKET/KEY. A colon before the first slash makes an address; what follows the bucket's
 * slash is the key, byte for byte.
 */
#include "core/cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void nephc_address_free(nephc_address *address)
{
    free(address->cloud);
    free(address->bucket);
    memset(address, 0, sizeof *address);
}

int nephc_address_parse(const char *text, nephc_address *out)
{
    size_t before = strcspn(text, ":/"), size;
    const char *bucket = text + before + 1;

    memset(out, 0, sizeof *out);
    out->text = text;
    if (text[before] != ':')
        return 0;
    out->cloud = strndup(text, before);
    if (!out->cloud)
        return nephc_fail_memory();
    size = strcspn(bucket, "/");
    if (bucket[size] == '/')
        out->key = bucket + size + 1;
    if (size == 0)
        return 0;
    out->bucket = strndup(bucket, size);
    if (out->bucket)
        return 0;
    nephc_address_free(out);
    return nephc_fail_memory();
}

int nephc_address_open(nephc *cli, const nephc_address *address, neph_cloud **out)
{
    return nephc_cloud_open(cli, *address->cloud ? address->cloud : NULL, out);
}

int nephc_address_is_object(const char *what, const nephc_address *address)
{
    if (!address->cloud)
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\" is a file; write CLOUD:BUCKET/KEY", what,
                          address->text);
    if (!address->bucket || !address->key || !*address->key)
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\" names no object; write CLOUD:BUCKET/KEY", what,
                          address->text);
    return 0;
}

const char *nephc_address_cloud(const nephc *cli, const nephc_address *address)
{
    return address->cloud && !*address->cloud ? nephc_cloud_default(cli) : address->cloud;
}

int nephc_address_is_standard(const nephc_address *address)
{
    return !address->cloud && strcmp(address->text, "-") == 0;
}

int nephc_path_is_directory(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}
