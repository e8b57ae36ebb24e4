/*
 * clouds.yaml. Input: the file. What is accepted can be found by its keys; what is refused is said in one line, with its
 * place.
 */
#include "core/clouds_yaml.h"
#include "core/host.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check(nephi_clouds_yaml *clouds)
{
    const nephi_buffer *values = &clouds->values[NEPHI_YAML_CLOUDS];
    const char *at = values->data;
    nephi_error error;
    nephi_error_clear(&error);
    clouds->is_read = 1;
    while (at && at < values->data + values->size) {
        const char *value = at + strlen(at) + 1, *found;
        demand(value < values->data + values->size);
        demand(nephi_clouds_yaml_find(clouds, at, &found, NULL, &error) == 1);
        demand(found >= value);
        at = value + strlen(value) + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static neph_host host;
    nephi_clouds_yaml clouds;
    nephi_error error;
    int rc;
    if (size > NEPHI_CLOUDS_YAML_FILE_MAX)
        return 0;
    nephi_memory_init(&host.memory, NULL);
    nephi_error_clear(&error);
    nephi_clouds_yaml_init(&clouds, &host);
    clouds.name = "dev";
    rc = nephi_clouds_yaml_take(&clouds, NEPHI_YAML_CLOUDS, (const char *)data, size, &error);
    demand(!rc || rc == NEPH_INVALID || rc == NEPH_UNSUPPORTED || rc == NEPH_LIMIT);
    demand(!rc == !error.message[0]);
    for (const char *at = error.message; *at; at++)
        demand((unsigned char)*at >= ' ');
    if (!rc)
        check(&clouds);
    nephi_clouds_yaml_fini(&clouds);
    return 0;
}
