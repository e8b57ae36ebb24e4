/*
 * list.c - objects of a bucket in byte order of their keys: one directory at a time is read and sorted, so that memory
 * is bounded by the largest directory, not by the bucket.
 *
 * In a sorted directory an object is its segment and a directory its segment with "/": "a" < "a-b" < "a/b", as keys
 * are. Directories that a long segment goes on in are read along with the one they stand in.
 */
#include "local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP_ENTRIES 64 /* names read in one step */
#define SLICE_STEPS 256 /* steps before the host gets its turn: results, or names read */

/* Texts one behind the other, each with its NUL. */
typedef struct heap {
    char *data;
    size_t size;
    size_t capacity;
} heap;

/* One directory on the way down. */
typedef struct level {
    heap names; /* segments; directories with "/" behind */
    heap parts; /* paths below this directory that long segments go on in, yet to be read */
    size_t part_at;
    const char **sorted;
    size_t count;
    size_t at;
    size_t key_size; /* bytes of walk.key that lead here */
    int is_read;
} level;

typedef struct walk {
    int32_t is_open;
    local_fd bucket;
    local_fd directory;     /* of the level that results come from */
    size_t directory_depth; /* which that is, plus one; 0: none */
    DIR *stream;            /* being read, for the deepest level */
    char part
        [LOCAL_PATH_MAX]; /* the path below the level that stream reads; "" is the level itself */
    level *levels;
    size_t depth;
    size_t capacity;
    int64_t delivered;
    char key[LOCAL_KEY_MAX + LOCAL_NAME_MAX + 2];
    char prefix_done[LOCAL_KEY_MAX + LOCAL_NAME_MAX + 2]; /* the last one delivered */
    char path[LOCAL_PATH_MAX];
    char meta[LOCAL_META_MAX];
} walk;

/* What the call asks for; "" for what it does not. */
typedef struct wish {
    const char *prefix;
    const char *delimiter;
    const char *start_after;
    int64_t limit;
} wish;

static const char *text_of(const neph_call *call, int32_t member)
{
    const char *text = neph_argument(call, member);
    return text ? text : "";
}

static wish wish_of(const neph_call *call)
{
    wish wanted = {
        .prefix = text_of(call, NEPH_LIST_PREFIX),
        .delimiter = text_of(call, NEPH_LIST_DELIMITER),
        .start_after = text_of(call, NEPH_LIST_START_AFTER),
        .limit = neph_argument_integer(call, NEPH_LIST_LIMIT),
    };
    return wanted;
}

/* ---- memory */

static int heap_add(heap *texts, const char *text, size_t size)
{
    if (texts->capacity - texts->size < size + 1) {
        size_t capacity = (texts->capacity + size) * 2 + 1024;
        char *data = realloc(texts->data, capacity);
        if (!data)
            return ENOMEM;
        texts->data = data;
        texts->capacity = capacity;
    }
    memcpy(texts->data + texts->size, text, size);
    texts->data[texts->size + size] = '\0';
    texts->size += size + 1;
    return 0;
}

static void level_free(level *old)
{
    free(old->names.data);
    free(old->parts.data);
    free(old->sorted);
    memset(old, 0, sizeof *old);
}

static int level_push(walk *down, size_t key_size)
{
    if (down->depth == down->capacity) {
        size_t capacity = down->capacity ? down->capacity * 2 : 8;
        level *levels = realloc(down->levels, capacity * sizeof *levels);
        if (!levels)
            return ENOMEM;
        down->levels = levels;
        down->capacity = capacity;
    }
    memset(&down->levels[down->depth], 0, sizeof *down->levels);
    down->levels[down->depth].key_size = key_size;
    down->depth++;
    return 0;
}

void local_object_list_finish(neph_call *call)
{
    walk *down = neph_call_memory(call, sizeof *down);
    if (!down)
        return;
    while (down->depth)
        level_free(&down->levels[--down->depth]);
    free(down->levels);
    if (down->stream)
        closedir(down->stream);
    local_fd_close(&down->directory);
    local_fd_close(&down->bucket);
    memset(down, 0, sizeof *down);
}

/* ---- reading a directory */

/* The path of the level: of its key without the slash at the end. */
static size_t level_path(walk *down, const level *here)
{
    neph_text path;
    neph_text_init(&path, down->path, sizeof down->path);
    if (here->key_size)
        local_path_write(&path, down->key, here->key_size - 1);
    return path.size;
}

static int stream_open(walk *down, const level *here)
{
    local_fd directory = {0};
    size_t size = level_path(down, here);
    int error;
    if (down->part[0])
        size += (size_t)snprintf(down->path + size, sizeof down->path - size, "%s%s",
                                 size ? "/" : "", down->part);
    if (size >= sizeof down->path)
        return ENAMETOOLONG;
    error = local_directory_open(local_fd_get(&down->bucket), down->path, size, 0, &directory);
    if (error)
        return error;
    down->stream = fdopendir(local_fd_get(&directory));
    if (down->stream)
        return 0;
    error = errno;
    local_fd_close(&directory);
    return error;
}

/* Can a key that begins with `full` (an object: that is it) be wanted? */
static int is_wanted(const wish *wanted, const char *full, size_t size, int is_directory)
{
    size_t prefix_size = strlen(wanted->prefix);
    size_t common = size < prefix_size ? size : prefix_size;
    if (memcmp(full, wanted->prefix, common) || (!is_directory && size < prefix_size))
        return 0;
    if (!is_directory)
        return strcmp(full, wanted->start_after) > 0 || !wanted->start_after[0];
    return strncmp(full, wanted->start_after, size) >= 0;
}

/* Keeps a segment if it leads to wanted keys. The key up to it is in down->key. */
static int segment_keep(walk *down, level *here, const wish *wanted, size_t size, int is_directory)
{
    if (is_directory)
        down->key[size++] = '/';
    down->key[size] = '\0';
    if (!size || size > LOCAL_KEY_MAX || !is_wanted(wanted, down->key, size, is_directory))
        return 0;
    here->count++;
    return heap_add(&here->names, down->key + here->key_size, size - here->key_size);
}

/* What stands before the name in its segment: the parts above, decoded. Returns the key's size with it. */
static size_t part_read(walk *down, const level *here)
{
    const char *at = down->part;
    size_t size = here->key_size;
    while (*at) {
        size_t count = strcspn(at, "/");
        char name[LOCAL_NAME_MAX + 1];
        char segment[LOCAL_NAME_MAX + 1];
        int is_more;
        int got;
        if (count > LOCAL_NAME_MAX)
            return LOCAL_KEY_MAX + 1;
        memcpy(name, at, count);
        name[count] = '\0';
        got = local_name_read(name, segment, &is_more);
        if (got < 0 || size + (size_t)got > LOCAL_KEY_MAX)
            return LOCAL_KEY_MAX + 1;
        memcpy(down->key + size, segment, (size_t)got);
        size += (size_t)got;
        at += count + (at[count] == '/');
    }
    return size;
}

static int part_keep(walk *down, level *here, const char *name)
{
    char path[LOCAL_PATH_MAX];
    int size = snprintf(path, sizeof path, "%s%s%s", down->part, down->part[0] ? "/" : "", name);
    return size < 0 || (size_t)size >= sizeof path ? 0 : heap_add(&here->parts, path, (size_t)size);
}

/* Is it a directory (1), a regular file (0) or nothing of ours (-1)? */
static int entry_type(DIR *stream, const struct dirent *entry)
{
    struct stat info;
    if (entry->d_type == DT_DIR || entry->d_type == DT_REG)
        return entry->d_type == DT_DIR;
    if (entry->d_type != DT_UNKNOWN ||
        fstatat(dirfd(stream), entry->d_name, &info, AT_SYMLINK_NOFOLLOW))
        return -1;
    return S_ISDIR(info.st_mode) ? 1 : S_ISREG(info.st_mode) ? 0 : -1;
}

static int entry_read(walk *down, level *here, const wish *wanted, const struct dirent *entry)
{
    const char *name = entry->d_name;
    char segment[LOCAL_NAME_MAX + 1];
    int is_directory = entry_type(down->stream, entry);
    int is_more;
    int size;
    size_t key_size;
    size_t length = strlen(name);
    if (is_directory < 0 || !strcmp(name, ".") || !strcmp(name, "..") ||
        !strcmp(name, LOCAL_HIDDEN))
        return 0;
    size = local_name_read(name, segment, &is_more);
    if (size < 0 || (is_more && !is_directory) ||
        (is_directory && !is_more && name[length - 1] == '%'))
        return 0;
    if (is_more)
        return part_keep(down, here, name);
    key_size = part_read(down, here);
    if (key_size + (size_t)size > LOCAL_KEY_MAX)
        return 0;
    memcpy(down->key + key_size, segment, (size_t)size);
    return segment_keep(down, here, wanted, key_size + (size_t)size, is_directory);
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int level_sort(level *here)
{
    const char *at = here->names.data;
    if (here->count) {
        here->sorted = malloc(here->count * sizeof *here->sorted);
        if (!here->sorted)
            return ENOMEM;
    }
    for (size_t i = 0; i < here->count; i++) {
        here->sorted[i] = at;
        at += strlen(at) + 1;
    }
    if (here->count)
        qsort(here->sorted, here->count, sizeof *here->sorted, name_compare);
    here->is_read = 1;
    return 0;
}

/* The next directory that belongs to the level, or the end of reading it. */
static int stream_next(walk *down, level *here)
{
    if (down->stream)
        closedir(down->stream);
    down->stream = NULL;
    if (here->part_at >= here->parts.size) {
        down->part[0] = '\0';
        return level_sort(here);
    }
    snprintf(down->part, sizeof down->part, "%s", here->parts.data + here->part_at);
    here->part_at += strlen(here->parts.data + here->part_at) + 1;
    return 0;
}

/* Reads on, one step. A directory that is gone has nothing in it. */
static int level_read(walk *down, const wish *wanted)
{
    level *here = &down->levels[down->depth - 1];
    int error = down->stream ? 0 : stream_open(down, here);
    if (error)
        return error == ENOENT || error == ENOTDIR || error == ELOOP ? stream_next(down, here)
                                                                     : error;
    for (int i = 0; !error && i < STEP_ENTRIES; i++) {
        const struct dirent *entry;
        errno = 0;
        entry = readdir(down->stream);
        if (!entry)
            return errno ? errno : stream_next(down, here);
        error = entry_read(down, here, wanted, entry);
    }
    return error;
}

/* ---- delivering */

static int32_t prefix_emit(neph_call *call, walk *down, size_t size)
{
    neph_record *record;
    int32_t rc;
    if (!strncmp(down->prefix_done, down->key, size) && down->prefix_done[size] == '\0')
        return 0;
    memcpy(down->prefix_done, down->key, size);
    down->prefix_done[size] = '\0';
    record = neph_record_new(call, NEPH_KIND_PREFIX);
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    down->delivered++;
    rc = neph_record_set(record, NEPH_PREFIX_NAME, down->prefix_done);
    return rc ? rc : neph_record_emit(call, record);
}

/* Opens the object of down->key, whose segment begins at key_size of the level. */
static int object_open(walk *down, const level *here, local_object *found)
{
    neph_text path;
    int error = 0;
    if (down->directory_depth != down->depth) {
        size_t size = level_path(down, here);
        local_fd_close(&down->directory);
        error = local_directory_open(local_fd_get(&down->bucket), down->path, size, 0,
                                     &down->directory);
        down->directory_depth = error ? 0 : down->depth;
    }
    if (error)
        return error;
    neph_text_init(&path, down->path, sizeof down->path);
    local_path_write(&path, down->key + here->key_size, strlen(down->key + here->key_size));
    return local_object_find(local_fd_get(&down->directory), down->path, found);
}

/* One that is gone meanwhile, or that cannot be read, is left out. */
static int32_t object_emit(neph_call *call, walk *down, const level *here)
{
    local_object found = {0};
    int32_t rc = 0;
    if (object_open(down, here, &found))
        return 0;
    local_meta_read(call, local_fd_get(&down->bucket), down->key, &found, down->meta);
    down->delivered++;
    rc = local_meta_emit(call, down->key, &found.info, down->meta, 1);
    local_fd_close(&found.fd);
    return rc;
}

/* Takes the next name of the deepest level: delivers it, or goes down. */
static int32_t level_step(neph_call *call, walk *down, const wish *wanted)
{
    level *here = &down->levels[down->depth - 1];
    const char *segment = here->sorted[here->at++];
    size_t size = here->key_size + strlen(segment);
    size_t prefix_size = strlen(wanted->prefix);
    const char *cut = NULL;
    int is_inside;
    memcpy(down->key + here->key_size, segment, size - here->key_size + 1);
    if (wanted->delimiter[0] && size > prefix_size)
        cut = strstr(down->key + prefix_size, wanted->delimiter);
    /* Below a directory that the listing starts inside of there may be nothing left. */
    is_inside = wanted->start_after[0] && !strncmp(down->key, wanted->start_after, size);
    if (cut && (!is_inside || down->key[size - 1] != '/'))
        return prefix_emit(call, down, (size_t)(cut - down->key) + strlen(wanted->delimiter));
    if (*segment && segment[strlen(segment) - 1] == '/')
        return level_push(down, size) ? neph_fail(call, NEPH_NO_MEMORY, "out of memory") : 0;
    return object_emit(call, down, here);
}

static void level_pop(walk *down)
{
    level_free(&down->levels[--down->depth]);
    if (down->directory_depth > down->depth) {
        local_fd_close(&down->directory);
        down->directory_depth = 0;
    }
}

static int32_t walk_open(neph_call *call, walk *down)
{
    int32_t rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &down->bucket);
    if (!rc && level_push(down, 0))
        rc = neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    down->is_open = !rc;
    return rc;
}

static int32_t list_read(neph_call *call, walk *down, const wish *wanted)
{
    int error = level_read(down, wanted);
    if (!error)
        return 0;
    return local_fail(call, error, "list bucket", neph_argument(call, NEPH_OBJECT_BUCKET));
}

int32_t local_object_list(neph_call *call)
{
    walk *down = neph_call_memory(call, sizeof *down);
    wish wanted = wish_of(call);
    int32_t rc = down ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (!rc && !down->is_open)
        rc = walk_open(call, down);
    for (int i = 0; !rc && down->depth && i < SLICE_STEPS; i++) {
        const level *here = &down->levels[down->depth - 1];
        if (wanted.limit > 0 && down->delivered >= wanted.limit)
            return 0;
        if (!here->is_read)
            rc = list_read(call, down, &wanted);
        else if (here->at < here->count)
            rc = level_step(call, down, &wanted);
        else
            level_pop(down);
    }
    return rc ? rc : down->depth ? NEPH_AGAIN : 0;
}
