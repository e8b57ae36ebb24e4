/*
 * core/sync/item.c - items packed one behind the other: a head of fixed size, then the strings with their NULs.
 */
#include "core/sync/item.h"

#include <string.h>

typedef struct head {
    uint32_t size; /* of all of it: what nephi_item_peek() reads */
    uint32_t name_size;
    uint32_t etag_size; /* these two with their NUL; 0: not known */
    uint32_t checksum_size;
    int64_t kind;
    int64_t size_bytes;
    int64_t modified_ns;
    int64_t local_ns;
} head;

void nephi_item_name(nephi_item *item, const char *name, size_t size, int32_t kind)
{
    *item = (nephi_item){.name = name,
                         .name_size = size,
                         .kind = kind,
                         .size_bytes = NEPH_UNKNOWN,
                         .modified_ns = NEPH_UNKNOWN,
                         .local_ns = NEPH_UNKNOWN};
}

int nephi_item_compare(const nephi_item *a, const nephi_item *b)
{
    size_t common = a->name_size < b->name_size ? a->name_size : b->name_size;
    int order = memcmp(a->name, b->name, common);
    return order ? order : (a->name_size > b->name_size) - (a->name_size < b->name_size);
}

static size_t text_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

size_t nephi_item_size(const nephi_item *item)
{
    return sizeof(head) + item->name_size + 1 + text_size(item->etag) + text_size(item->checksum);
}

static char *text_put(char *out, const char *text, size_t size)
{
    if (size)
        memcpy(out, text, size);
    return out + size;
}

void nephi_item_pack(const nephi_item *item, char *out)
{
    head front = {.size = (uint32_t)nephi_item_size(item),
                  .name_size = (uint32_t)item->name_size,
                  .etag_size = (uint32_t)text_size(item->etag),
                  .checksum_size = (uint32_t)text_size(item->checksum),
                  .kind = item->kind,
                  .size_bytes = item->size_bytes,
                  .modified_ns = item->modified_ns,
                  .local_ns = item->local_ns};
    out = text_put(out, (const char *)&front, sizeof front);
    out = text_put(out, item->name, item->name_size);
    *out++ = '\0';
    out = text_put(out, item->etag, front.etag_size);
    text_put(out, item->checksum, front.checksum_size);
}

size_t nephi_item_unpack(nephi_item *item, const char *data)
{
    head front;
    const char *etag;
    memcpy(&front, data, sizeof front);
    data += sizeof front;
    etag = data + front.name_size + 1;
    *item = (nephi_item){.name = data,
                         .name_size = front.name_size,
                         .kind = (int32_t)front.kind,
                         .size_bytes = front.size_bytes,
                         .modified_ns = front.modified_ns,
                         .local_ns = front.local_ns,
                         .etag = front.etag_size ? etag : NULL,
                         .checksum = front.checksum_size ? etag + front.etag_size : NULL};
    return front.size;
}

size_t nephi_item_peek(const char *data)
{
    uint32_t size;
    memcpy(&size, data, sizeof size);
    return size;
}
