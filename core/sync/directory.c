/*
 * core/sync/directory.c - the files of a directory and of all below it, in byte order of their names relative to it. A
 * directory is read whole and sorted as if the names of directories ended in '/': what is below "a" then comes where
 * "a/" stands, behind "a-b" and "a.b" and before "a0", as it does in a listing of keys.
 *
 * Directories above the one that is read are sorted already and closed: neither descriptors nor memory grow with depth.
 */
#include "core/sync/side.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLICE_ENTRIES 4096 /* read before the host gets its turn */
#define SORT_BYTES ((size_t)8 << 20)
#define SORT_BYTES_MIN ((size_t)64 << 10)
#define PATH_BYTES_MAX 4096

typedef struct level {
    nephi_order order;
    size_t path_size; /* of the way to it, with a '/' behind */
} level;

typedef struct directory {
    nephi_side side;
    int root;
    size_t sort_limit;
    DIR *stream; /* the last level is being read; NULL: it is read */
    level *levels;
    size_t depth, capacity;
    nephi_buffer path; /* of the item given last */
} directory;

/* ---- going down and up */

/* Half as much for each level: all of them together take no more than twice the first. */
static size_t sort_limit(const directory *walk)
{
    size_t limit = walk->depth < 16 ? walk->sort_limit >> walk->depth : 0;
    return limit < SORT_BYTES_MIN && walk->sort_limit > SORT_BYTES_MIN ? SORT_BYTES_MIN : limit;
}

static int level_push(directory *walk)
{
    nephi_side *side = &walk->side;
    if (walk->depth == walk->capacity) {
        size_t capacity = walk->capacity ? walk->capacity * 2 : 8;
        level *levels = nephi_realloc(&side->host->memory, walk->levels, capacity * sizeof *levels);
        if (!levels)
            return nephi_fail_memory(&side->error);
        walk->levels = levels;
        walk->capacity = capacity;
    }
    walk->levels[walk->depth].path_size = walk->path.size;
    nephi_order_init(&walk->levels[walk->depth].order, &side->host->memory, side->dir,
                     sort_limit(walk));
    walk->depth++;
    return 0;
}

static void level_pop(directory *walk)
{
    nephi_order_fini(&walk->levels[--walk->depth].order);
}

/* The directory whose way stands in walk->path; "": the root. */
static int stream_open(directory *walk)
{
    const char *path = walk->path.size ? walk->path.data : ".";
    int fd = openat(walk->root, path,
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK |
                        (walk->path.size ? O_NOFOLLOW : 0));
    int keep;
    walk->stream = fd < 0 ? NULL : fdopendir(fd);
    if (walk->stream)
        return 0;
    keep = errno;
    if (fd >= 0)
        close(fd);
    return keep;
}

/* The root that cannot be read is a listing that failed; any other directory is an item. */
static int broken(directory *walk, int reason, nephi_item *item)
{
    nephi_error *error = &walk->side.error;
    nephi_error_clear(error);
    nephi_fail(error, NEPH_FILE, "the directory cannot be read: %s", strerror(reason));
    if (!walk->path.size)
        return error->status;
    nephi_item_name(item, walk->path.data, walk->path.size, NEPHI_ITEM_BROKEN);
    return 1;
}

/* ---- reading a directory */

static int32_t kind_of_mode(mode_t mode)
{
    return S_ISREG(mode)   ? NEPHI_ITEM_FILE
           : S_ISDIR(mode) ? NEPHI_ITEM_DIRECTORY
           : S_ISLNK(mode) ? NEPHI_ITEM_LINK
                           : NEPHI_ITEM_SPECIAL;
}

static int32_t kind_of_entry(const directory *walk, const struct dirent *entry)
{
    struct stat info;
    switch (entry->d_type) {
    case DT_REG: return NEPHI_ITEM_FILE;
    case DT_DIR: return NEPHI_ITEM_DIRECTORY;
    case DT_LNK: return NEPHI_ITEM_LINK;
    case DT_UNKNOWN: break;
    default: return NEPHI_ITEM_SPECIAL;
    }
    if (fstatat(dirfd(walk->stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW))
        return NEPHI_ITEM_SPECIAL;
    return kind_of_mode(info.st_mode);
}

/* Itself, the one above, and files that are being written: see core/sink.c. */
static int is_no_entry(const char *name)
{
    static const char half[] = ".neph-";
    size_t begin = sizeof half - 1;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 1;
    return strncmp(name, half, begin) == 0 && strlen(name) == begin + 16 &&
           strspn(name + begin, "0123456789abcdef") == 16;
}

static int entry_keep(directory *walk, struct dirent *entry)
{
    char name[sizeof entry->d_name + 1];
    size_t size = strlen(entry->d_name);
    nephi_item item;
    if (is_no_entry(entry->d_name))
        return 0;
    memcpy(name, entry->d_name, size + 1);
    nephi_item_name(&item, name, size, kind_of_entry(walk, entry));
    if (item.kind == NEPHI_ITEM_DIRECTORY) {
        name[item.name_size++] = '/';
        name[item.name_size] = '\0';
    }
    return nephi_order_add(&walk->levels[walk->depth - 1].order, &item, &walk->side.error);
}

/* 0: the directory is read. *reason: it could not be read to its end. */
static int slice_read(directory *walk, int *reason)
{
    struct dirent *entry = NULL;
    int rc = 0;
    *reason = 0;
    for (int i = 0; !rc && i < SLICE_ENTRIES && (errno = 0, entry = readdir(walk->stream)); i++)
        rc = entry_keep(walk, entry);
    if (rc)
        return rc;
    if (entry) {
        nephi_task_queue(&walk->side.host->loop, walk->side.task);
        return NEPH_AGAIN;
    }
    *reason = errno;
    closedir(walk->stream);
    walk->stream = NULL;
    return nephi_order_end(&walk->levels[walk->depth - 1].order, &walk->side.error);
}

/* ---- the stream */

static int path_set(directory *walk, const nephi_item *entry)
{
    nephi_buffer *path = &walk->path;
    size_t way = walk->levels[walk->depth - 1].path_size;
    path->size = way;
    if (way + entry->name_size >= PATH_BYTES_MAX)
        return nephi_fail(&walk->side.error, NEPH_LIMIT,
                          "a path below the directory is longer than %d bytes", PATH_BYTES_MAX);
    return nephi_buffer_add(path, entry->name, entry->name_size)
               ? nephi_fail_memory(&walk->side.error)
               : 0;
}

/* 0: some more of the directory is read. 1: it cannot be, which is the item. */
static int read_on(directory *walk, nephi_item *item)
{
    int reason;
    int rc = slice_read(walk, &reason);
    if (rc || !reason)
        return rc;
    walk->path.size = walk->levels[walk->depth - 1].path_size;
    level_pop(walk);
    return broken(walk, reason, item);
}

/* 0: the next entry was a directory, or there is none. 1: it is the item. */
static int entry_take(directory *walk, nephi_item *item)
{
    nephi_item entry;
    int reason;
    int rc = nephi_order_next(&walk->levels[walk->depth - 1].order, &entry, &walk->side.error);
    if (rc == 0)
        level_pop(walk);
    if (rc != 1)
        return rc;
    rc = path_set(walk, &entry);
    if (rc)
        return rc;
    if (entry.kind == NEPHI_ITEM_DIRECTORY) {
        reason = stream_open(walk);
        return reason ? broken(walk, reason, item) : level_push(walk);
    }
    nephi_item_name(item, walk->path.data, walk->path.size, entry.kind);
    return 1;
}

static int directory_next(nephi_side *side, nephi_item *item)
{
    directory *walk = (directory *)side;
    int rc = 0;
    while (!rc && walk->depth)
        rc = walk->stream ? read_on(walk, item) : entry_take(walk, item);
    return rc;
}

static int directory_examine(nephi_side *side, nephi_item *item)
{
    directory *walk = (directory *)side;
    struct stat info;
    if (item->size_bytes != NEPH_UNKNOWN)
        return 0;
    if (fstatat(walk->root, item->name, &info, AT_SYMLINK_NOFOLLOW)) {
        nephi_error_clear(&side->error);
        return nephi_fail(&side->error, NEPH_FILE, "it cannot be looked at: %s", strerror(errno));
    }
    item->kind = kind_of_mode(info.st_mode);
    if (item->kind == NEPHI_ITEM_DIRECTORY)
        item->kind = NEPHI_ITEM_SPECIAL;
    item->size_bytes = info.st_size;
    item->modified_ns = (int64_t)info.st_mtim.tv_sec * NEPH_NANO + info.st_mtim.tv_nsec;
    item->local_ns = item->modified_ns;
    return 0;
}

static void directory_free(nephi_side *side)
{
    directory *walk = (directory *)side;
    const nephi_memory *memory = &side->host->memory;
    while (walk->depth)
        level_pop(walk);
    nephi_free(memory, walk->levels);
    if (walk->stream)
        closedir(walk->stream);
    if (walk->root >= 0)
        close(walk->root);
    nephi_buffer_fini(&walk->path);
    nephi_free(memory, walk);
}

static int root_open(directory *walk, const char *path, nephi_error *error)
{
    int reason;
    walk->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    reason = walk->root < 0 ? errno : stream_open(walk);
    if (!reason)
        return 0;
    return nephi_fail(error, reason == ENOENT ? NEPH_NOT_FOUND : NEPH_FILE, "%s: %s", path,
                      reason == ENOENT    ? "there is no such directory"
                      : reason == ENOTDIR ? "it is no directory"
                                          : strerror(reason));
}

int nephi_directory_new(nephi_side **out, neph_host *host, const nephi_side_options *options,
                        nephi_error *error)
{
    static const nephi_side_class class = {
        .next = directory_next, .examine = directory_examine, .free = directory_free};
    directory *walk = nephi_alloc(&host->memory, sizeof *walk);
    int rc;
    if (!walk)
        return nephi_fail_memory(error);
    walk->side.class = &class;
    walk->side.host = host;
    walk->side.dir = options->dir;
    walk->sort_limit = options->sort_limit ? options->sort_limit : SORT_BYTES;
    walk->root = -1;
    nephi_buffer_init(&walk->path, &host->memory, 2 * PATH_BYTES_MAX);
    rc = root_open(walk, options->end->path, error);
    if (!rc && level_push(walk))
        rc = nephi_fail_memory(error);
    if (rc)
        directory_free(&walk->side);
    else
        *out = &walk->side;
    return rc;
}
