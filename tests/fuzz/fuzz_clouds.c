/*
 * clouds.json. Input: the file. What is accepted names clouds that can be found again, each with a provider and flat
 * settings; what is refused is said in one line.
 */
#include "core/clouds.h"
#include "core/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check(const nephi_clouds *clouds)
{
    for (const nephi_tree *cloud = clouds->root->first; cloud; cloud = cloud->next) {
        demand(nephi_clouds_find(clouds, cloud->name) == cloud);
        demand(cloud->name[0] && strlen(cloud->name) <= NEPHI_NAME_LENGTH_MAX);
        demand(!strpbrk(cloud->name, ":/ \t\r\n"));
        demand(nephi_is_provider_id(nephi_tree_find(cloud, "provider")->text));
        for (const nephi_tree *member = cloud->first; member; member = member->next) {
            demand(!member->first && member->text);
            demand(nephi_tree_find(cloud, member->name) == member);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static nephi_clouds clouds;
    nephi_memory memory;
    nephi_error error;
    int rc;
    nephi_memory_init(&memory, NULL);
    nephi_error_clear(&error);
    clouds.root = NULL;
    snprintf(clouds.path, sizeof clouds.path, "clouds.json");
    nephi_arena_init(&clouds.arena, &memory, 0);
    rc = nephi_clouds_parse(&clouds, data, size, &error);
    demand(rc == 0 ? clouds.root != NULL : rc == NEPH_INVALID && !clouds.root);
    if (!rc)
        check(&clouds);
    for (const char *at = error.message; *at; at++)
        demand((unsigned char)*at >= ' ');
    demand(!rc || strncmp(error.message, "clouds.json: ", 13) == 0);
    nephi_clouds_fini(&clouds);
    return 0;
}
