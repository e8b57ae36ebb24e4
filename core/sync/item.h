/*
 * core/sync/item.h - one name of a tree and what is known of it; how it is kept in memory and in files of our own.
 */
#ifndef NEPHI_SYNC_ITEM_H
#define NEPHI_SYNC_ITEM_H

#include "core/memory.h"

enum {
    NEPHI_ITEM_FILE = 0,  /* a regular file, an object */
    NEPHI_ITEM_DIRECTORY, /* inside directory.c alone */
    NEPHI_ITEM_LINK,
    NEPHI_ITEM_SPECIAL, /* neither file, directory nor link */
    NEPHI_ITEM_BROKEN   /* a directory that cannot be read, "NAME/": side->error says why */
};

/* The strings are borrowed from whoever gave it, until the next one is taken. */
typedef struct nephi_item {
    const char *name; /* relative to its tree, with '/' */
    size_t name_size;
    int32_t kind;
    int64_t size_bytes; /* these three: NEPH_UNKNOWN if they are */
    int64_t modified_ns;
    int64_t local_ns;     /* when the file that it is or came from was written last */
    const char *etag;     /* NULL: not known */
    const char *checksum; /* "ALGORITHM:HEX"; NULL: not known */
} nephi_item;

/* An item of which nothing but its name and kind is known. */
void nephi_item_name(nephi_item *item, const char *name, size_t size, int32_t kind);
/* In byte order of the names. */
int nephi_item_compare(const nephi_item *a, const nephi_item *b);

/* Bytes of the item when it is packed. */
size_t nephi_item_size(const nephi_item *item);
/* out holds nephi_item_size() bytes, aligned or not. */
void nephi_item_pack(const nephi_item *item, char *out);
/* The strings point into data. Returns the bytes it took. */
size_t nephi_item_unpack(nephi_item *item, const char *data);
/* Bytes of the packed item that begins here; needs NEPHI_ITEM_PEEK of them. */
#define NEPHI_ITEM_PEEK sizeof(uint32_t)
size_t nephi_item_peek(const char *data);

#endif
