/*
 * part.c - the parts of an upload: send, copy, list. A part is a file "NUMBER-ETAG-CHECKSUM" in the upload's directory, the
 * number with five digits, the checksum "" where none was asked for. It gets that name when its bytes are on the disk. One
 * that is sent again stands beside the older one: the newer one counts in listings, and the completion names the one it means.
 */
#include "local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define NUMBER_SIZE 5
#define SLICE_PARTS 256 /* looked at before the host gets its turn */

/* ---- names */

static void name_write(neph_text *out, int64_t number, const char *etag, const char *sum)
{
    char digits[24];
    neph_text text;
    neph_text_init(&text, digits, sizeof digits);
    neph_text_add_integer(&text, number);
    for (size_t i = text.size; i < NUMBER_SIZE; i++)
        neph_text_add_char(out, '0');
    neph_text_add(out, digits);
    neph_text_add_char(out, '-');
    neph_text_add(out, etag);
    neph_text_add_char(out, '-');
    neph_text_add(out, sum);
}

int local_part_read(const char *name, local_part *out)
{
    const char *etag = name + NUMBER_SIZE + 1, *sum;
    neph_text text;
    if (strspn(name, "0123456789") != NUMBER_SIZE || name[NUMBER_SIZE] != '-' ||
        (sum = strchr(etag, '-')) == NULL)
        return 0;
    out->number = 0;
    for (int i = 0; i < NUMBER_SIZE; i++)
        out->number = out->number * 10 + (name[i] - '0');
    neph_text_init(&text, out->etag, sizeof out->etag);
    neph_text_add_bytes(&text, etag, (size_t)(sum - etag));
    if (text.status)
        return 0;
    neph_text_init(&text, out->sum, sizeof out->sum);
    neph_text_add(&text, sum + 1);
    return !text.status;
}

/* ---- all of them */

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int name_keep(local_parts *list, const char *name)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        char **names = realloc(list->names, capacity * sizeof *names);
        if (!names)
            return ENOMEM;
        list->names = names;
        list->capacity = capacity;
    }
    list->names[list->count] = strdup(name);
    return list->names[list->count] ? (list->count++, 0) : ENOMEM;
}

int local_parts_read(int directory, local_parts *list)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    local_part part;
    int error = stream ? 0 : errno;
    while (!error && (errno = 0, entry = readdir(stream)) != NULL)
        if (local_part_read(entry->d_name, &part))
            error = name_keep(list, entry->d_name);
    error = error ? error : stream ? errno : error;
    if (stream)
        closedir(stream);
    else if (fd >= 0)
        close(fd);
    if (list->count)
        qsort(list->names, list->count, sizeof *list->names, name_compare);
    return error;
}

void local_parts_free(local_parts *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    memset(list, 0, sizeof *list);
}

/* The digits of a number without zeros before it, as they stand in a name; NULL: it is none. */
static const char *number_pad(const char *number, char *out)
{
    size_t size = strlen(number);
    if (!size || size > NUMBER_SIZE || strspn(number, "0123456789") != size)
        return NULL;
    memset(out, '0', NUMBER_SIZE);
    memcpy(out + NUMBER_SIZE - size, number, size + 1);
    return out;
}

const char *local_parts_find(const local_parts *list, const char *number, const char *etag)
{
    char padded[NUMBER_SIZE + 1], data[LOCAL_NAME_MAX + 1];
    size_t low = 0, high = list->count;
    neph_text wanted;
    if (!number_pad(number, padded))
        return NULL;
    neph_text_init(&wanted, data, sizeof data);
    neph_text_add(&wanted, padded);
    neph_text_add_char(&wanted, '-');
    neph_text_add(&wanted, etag);
    neph_text_add_char(&wanted, '-');
    if (wanted.status)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list->names[middle], data) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->count && !strncmp(list->names[low], data, wanted.size) ? list->names[low]
                                                                              : NULL;
}

/* ---- one is made */

/* The new file will be in the upload's directory. */
static int32_t part_open(neph_call *call, local_transfer *move)
{
    int64_t number = neph_argument_integer(call, NEPH_PART_NUMBER);
    local_fd hidden = {0};
    int error = 0;
    int32_t rc = 0;
    if (number < 1 || number > LOCAL_PART_MAX)
        rc = neph_fail(call, NEPH_INVALID, "parts have numbers from 1 to %d, not %lld",
                       LOCAL_PART_MAX, (long long)number);
    if (!rc)
        rc = local_bucket_open(call, neph_argument(call, NEPH_OBJECT_BUCKET), &move->bucket);
    if (!rc)
        error = local_hidden_open(local_fd_get(&move->bucket), &hidden);
    if (error)
        rc = local_fail(call, error, "write part of", neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc)
        rc = local_upload_open(call, &hidden, &move->hidden, move->meta);
    local_fd_close(&hidden);
    if (!rc)
        rc = local_temporary_open(call, local_fd_get(&move->hidden), move->new_name, &move->target);
    local_target_begin(move);
    return rc;
}

static int32_t part_emit(neph_call *call, const local_part *part, const struct stat *info)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_PART);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set_integer(record, NEPH_PART_NUMBER, part->number);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_PART_SIZE_BYTES, info->st_size);
    if (!rc)
        rc = neph_record_set(record, NEPH_PART_ETAG, part->etag);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_PART_MODIFIED,
                                     (int64_t)info->st_mtim.tv_sec * NEPH_NANO +
                                         info->st_mtim.tv_nsec);
    if (!rc && part->sum[0])
        rc = neph_record_set(record, NEPH_PART_CHECKSUM, part->sum);
    return rc ? rc : neph_record_emit(call, record);
}

/* The file gets its name. */
static int32_t part_close(neph_call *call, local_transfer *move)
{
    int directory = local_fd_get(&move->hidden), file = local_fd_get(&move->target);
    char data[LOCAL_NAME_MAX + 1];
    struct stat info;
    neph_text name;
    local_part part;
    int32_t rc;
    local_target_digest(move);
    local_sum_set(move, neph_body_checksum(call));
    neph_text_init(&name, data, sizeof data);
    name_write(&name, neph_argument_integer(call, NEPH_PART_NUMBER), move->etag, move->sum);
    if (name.status || !local_part_read(data, &part))
        return neph_fail(call, NEPH_INTERNAL, "the name of a part is too long");
    if (fsync(file) || fstat(file, &info) || renameat(directory, move->new_name, directory, data) ||
        fsync(directory))
        return local_fail(call, errno, "write part of", neph_argument(call, NEPH_OBJECT_KEY));
    move->new_name[0] = '\0';
    rc = part_emit(call, &part, &info);
    return rc == NEPH_AGAIN ? 0 : rc;
}

int32_t local_upload_part(neph_call *call)
{
    local_transfer *move;
    int32_t rc = local_transfer_get(call, &move);
    if (!rc && !move->is_open)
        rc = part_open(call, move);
    if (!rc)
        rc = local_source_write(call, move);
    return rc ? rc : part_close(call, move);
}

static int32_t copy_open(neph_call *call, local_transfer *move)
{
    int32_t rc = local_source_open(call, move, neph_argument(call, NEPH_COPY_BUCKET),
                                   neph_argument(call, NEPH_COPY_KEY));
    if (!rc)
        rc = local_condition_source(call, move);
    if (!rc)
        rc = local_source_range(call, move);
    return rc ? rc : part_open(call, move);
}

int32_t local_upload_copy(neph_call *call)
{
    local_transfer *move;
    int32_t rc = local_transfer_get(call, &move);
    if (!rc && !move->is_open)
        rc = copy_open(call, move);
    for (int done = 0; !rc && move->at < move->end; done += LOCAL_BUFFER) {
        if (done >= LOCAL_SLICE)
            return NEPH_AGAIN;
        rc = local_source_read(call, move, neph_argument(call, NEPH_COPY_KEY));
        if (!rc)
            rc = local_target_write(call, move, move->held);
    }
    return rc ? rc : part_close(call, move);
}

/* ---- list */

typedef struct part_list {
    int32_t is_open;
    local_fd directory;
    local_parts parts;
    size_t at;
    char about[LOCAL_META_MAX];
} part_list;

void local_upload_parts_finish(neph_call *call)
{
    part_list *list = neph_call_memory(call, sizeof *list);
    if (!list)
        return;
    local_parts_free(&list->parts);
    local_fd_close(&list->directory);
}

static int32_t list_open(neph_call *call, part_list *list)
{
    const char *bucket_name = neph_argument(call, NEPH_OBJECT_BUCKET);
    local_fd bucket = {0}, hidden = {0};
    int error = 0;
    int32_t rc = local_bucket_open(call, bucket_name, &bucket);
    if (!rc)
        error = local_hidden_open(local_fd_get(&bucket), &hidden);
    if (!rc && !error)
        rc = local_upload_open(call, &hidden, &list->directory, list->about);
    if (!rc && !error)
        error = local_parts_read(local_fd_get(&list->directory), &list->parts);
    local_fd_close(&hidden);
    local_fd_close(&bucket);
    list->is_open = 1;
    return error ? local_fail(call, error, "list parts of", neph_argument(call, NEPH_OBJECT_KEY))
                 : rc;
}

static int is_newer(const struct stat *info, const struct stat *than)
{
    if (info->st_mtim.tv_sec != than->st_mtim.tv_sec)
        return info->st_mtim.tv_sec > than->st_mtim.tv_sec;
    return info->st_mtim.tv_nsec > than->st_mtim.tv_nsec;
}

/* The next number: of all that were sent under it the newest. */
static int32_t number_emit(neph_call *call, part_list *list)
{
    struct stat info, newest = {0};
    local_part part, best = {.number = -1};
    for (; list->at < list->parts.count; list->at++) {
        const char *name = list->parts.names[list->at];
        if (!local_part_read(name, &part) || (best.number >= 0 && part.number != best.number))
            break;
        if (fstatat(local_fd_get(&list->directory), name, &info, AT_SYMLINK_NOFOLLOW) ||
            !S_ISREG(info.st_mode) || (best.number >= 0 && !is_newer(&info, &newest)))
            continue;
        best = part;
        newest = info;
    }
    return best.number < 0 ? 0 : part_emit(call, &best, &newest);
}

int32_t local_upload_parts(neph_call *call)
{
    part_list *list = neph_call_memory(call, sizeof *list);
    int32_t rc = list ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (!rc && !list->is_open)
        rc = list_open(call, list);
    for (int i = 0; !rc && list->at < list->parts.count; i++) {
        if (i == SLICE_PARTS)
            return NEPH_AGAIN;
        rc = number_emit(call, list);
    }
    return rc;
}
