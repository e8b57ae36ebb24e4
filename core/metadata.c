/*
 * core/metadata.c - does this machine have a metadata service that lends it keys? The firmware's tables name the machine's
 * maker; which maker means what is the provider's to say. Asks no server: that is the provider's login.
 */
#include "core/metadata.h"

#include "core/file.h"
#include "core/host.h"

#include <string.h>

#define MAKER_MAX 256

static int is_maker(neph_host *host, const char *path, const char *maker)
{
    nephi_buffer text;
    nephi_error error;
    struct stat info;
    size_t size;
    int is_same = 0;
    nephi_error_clear(&error);
    nephi_buffer_init(&text, &host->memory, MAKER_MAX);
    if (!nephi_file_read(path, &text, &info, &error)) {
        size = strcspn(nephi_buffer_string(&text), "\n");
        is_same = size == strlen(maker) && memcmp(text.data, maker, size) == 0;
    }
    nephi_buffer_fini(&text);
    return is_same;
}

int nephi_metadata_is_there(neph_host *host, const char *maker)
{
    static const char *const paths[] = {"/sys/class/dmi/id/sys_vendor",
                                        "/sys/class/dmi/id/chassis_asset_tag"};
    if (!nephi_host_allows(host, NEPH_SOURCE_METADATA))
        return 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (is_maker(host, paths[i], maker))
            return 1;
    return 0;
}
