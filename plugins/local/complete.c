/*
 * complete.c - the object of its parts. They are put together in a new file of the hidden directory, which then takes the
 * object's place at once; only then does the upload go. A process that ends in between leaves the upload as it was, or an
 * object and an upload that can be completed again.
 */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct completion {
    local_transfer move; /* first: local_transfer_finish() takes it for its own */
    local_fd directory;  /* of the upload */
    local_parts parts;
    uint32_t at;       /* the part under way, among those that the call lists */
    int32_t is_placed; /* the object is there */
    neph_md5 etags;    /* of the parts, one behind the other */
    char about[LOCAL_META_MAX];
} completion;

void local_upload_complete_finish(neph_call *call)
{
    completion *done = neph_call_memory(call, sizeof *done);
    if (!done)
        return;
    local_parts_free(&done->parts);
    local_fd_close(&done->directory);
    local_transfer_finish(call);
}

/* ---- what the call lists */

static int listed(const neph_call *call, uint32_t index, const char **number, const char **etag)
{
    return neph_argument_pair(call, NEPH_UPLOAD_LISTED, index, number, etag);
}

static int64_t number_of(const char *text)
{
    int64_t number = 0;
    while (*text >= '0' && *text <= '9' && number <= LOCAL_PART_MAX)
        number = number * 10 + (*text++ - '0');
    return *text ? 0 : number;
}

/* All of them must be there before one byte is moved. */
static int32_t list_check(neph_call *call, const completion *done)
{
    const char *number, *etag;
    int64_t before = 0;
    uint32_t i = 0;
    for (; listed(call, i, &number, &etag); i++) {
        int64_t now = number_of(number);
        if (now <= before)
            return neph_fail(call, NEPH_INVALID,
                             "\"%.20s\" is no number of a part, or not greater than the one before",
                             number);
        if (!local_parts_find(&done->parts, number, etag))
            return neph_fail(call, NEPH_INVALID, "there is no part %.20s with the entity tag %.80s",
                             number, etag);
        before = now;
    }
    return i ? 0 : neph_fail(call, NEPH_INVALID, "an object has one part at least");
}

static int32_t completion_open(neph_call *call, completion *done)
{
    local_transfer *move = &done->move;
    int error = 0;
    int32_t rc = local_target_open(call, move);
    if (!rc)
        rc = local_upload_open(call, &move->hidden, &done->directory, done->about);
    if (!rc)
        error = local_parts_read(local_fd_get(&done->directory), &done->parts);
    if (error)
        return local_fail(call, error, "read parts of", neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc)
        rc = list_check(call, done);
    if (!rc)
        rc = local_condition_target(call, local_fd_get(&move->bucket), move->path);
    neph_md5_init(&done->etags);
    return rc;
}

/* ---- one part after the other */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

static void etag_add(completion *done, const char *etag)
{
    unsigned char bytes[LOCAL_ETAG_MAX / 2];
    size_t count = 0;
    for (; etag[0] && etag[1]; etag += 2)
        bytes[count++] = (unsigned char)(digit(etag[0]) << 4 | digit(etag[1]));
    neph_md5_update(&done->etags, bytes, count);
}

/* The checksum of the whole so far; "" once it cannot be told. */
static void sum_add(neph_call *call, completion *done, const local_part *part, int64_t size)
{
    char *sum = done->move.sum;
    if (!done->at)
        local_sum_set(&done->move, part->sum);
    else if (!sum[0] || !part->sum[0] || neph_checksum_combine(call, sum, part->sum, size))
        sum[0] = '\0';
}

static int32_t part_open(neph_call *call, completion *done)
{
    local_transfer *move = &done->move;
    const char *number = "", *etag = "", *name;
    local_part part;
    int fd;
    (void)listed(call, done->at, &number, &etag);
    name = local_parts_find(&done->parts, number, etag);
    if (!name || !local_part_read(name, &part))
        return neph_fail(call, NEPH_INVALID, "there is no part %.20s", number);
    fd = openat(local_fd_get(&done->directory), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return local_fail(call, errno, "read part of", neph_argument(call, NEPH_OBJECT_KEY));
    local_fd_set(&move->from.fd, fd);
    if (fstat(fd, &move->from.info))
        return local_fail(call, errno, "read part of", neph_argument(call, NEPH_OBJECT_KEY));
    move->at = 0;
    move->end = move->from.info.st_size;
    etag_add(done, part.etag);
    sum_add(call, done, &part, move->end);
    return 0;
}

static void part_end(completion *done)
{
    local_fd_close(&done->move.from.fd);
    done->at++;
}

/* A single part need not be copied: its file gets a second name. 1: it has. */
static int part_link(neph_call *call, completion *done)
{
    local_transfer *move = &done->move;
    const char *number, *etag, *name;
    int hidden = local_fd_get(&move->hidden);
    if (listed(call, 1, &number, &etag) || !listed(call, 0, &number, &etag))
        return 0;
    name = local_parts_find(&done->parts, number, etag);
    if (!name || unlinkat(hidden, move->new_name, 0))
        return 0;
    return !linkat(local_fd_get(&done->directory), name, hidden, move->new_name, 0);
}

/* The file that the link leads to. Where there was none, the new file is made again. */
static int32_t single_take(neph_call *call, completion *done)
{
    local_transfer *move = &done->move;
    int hidden = local_fd_get(&move->hidden), fd;
    int is_linked = part_link(call, done);
    int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (is_linked ? 0 : O_CREAT | O_TRUNC);
    fd = openat(hidden, move->new_name, flags, 0666);
    if (fd < 0)
        return local_fail(call, errno, "write object", neph_argument(call, NEPH_OBJECT_KEY));
    local_fd_close(&move->target);
    local_fd_set(&move->target, fd);
    if (is_linked)
        move->at = move->end;
    return 0;
}

/* One slice of the part under way. */
static int32_t part_step(neph_call *call, completion *done)
{
    local_transfer *move = &done->move;
    int32_t rc = 0;
    if (!move->from.fd.plus_one) {
        rc = part_open(call, done);
        if (!rc && !done->at)
            rc = single_take(call, done);
    }
    if (!rc && move->at < move->end)
        rc = local_target_copy(call, move, neph_argument(call, NEPH_OBJECT_KEY));
    if (!rc && move->at >= move->end)
        part_end(done);
    return rc;
}

/* ---- the end */

/* Of several parts an MD5 is not known: as S3 does, that of their ETags, and how many they are. */
static void etag_set(completion *done)
{
    local_transfer *move = &done->move;
    unsigned char bytes[16];
    neph_text etag;
    neph_md5_final(&done->etags, bytes);
    neph_text_init(&etag, move->etag, sizeof move->etag);
    neph_text_add_hex(&etag, bytes, sizeof bytes);
    neph_text_add_char(&etag, '-');
    neph_text_add_integer(&etag, done->at);
}

/* What the program says of the whole object must be what its parts say. */
static int32_t sum_check(neph_call *call, completion *done)
{
    const char *given = neph_argument(call, NEPH_OBJECT_CHECKSUM);
    const char *ours = done->move.sum;
    size_t name = given ? strcspn(given, ":") : 0;
    if (!given)
        return 0;
    if (ours[0] && !strncmp(given, ours, name + 1) && strcmp(given, ours) != 0)
        return neph_fail(call, NEPH_INTEGRITY, "the parts make an object with %s, not %.160s", ours,
                         given);
    local_sum_set(&done->move, given);
    return 0;
}

static int32_t object_place(neph_call *call, completion *done)
{
    local_transfer *move = &done->move;
    int32_t rc = move->closing ? 0 : local_meta_facts(call, done->about, 0, move->meta);
    return rc ? rc : local_target_close(call, move, move->meta);
}

/* The upload goes, file by file. */
static int32_t upload_drop(neph_call *call, completion *done)
{
    char name[LOCAL_UPLOAD_NAME];
    int32_t rc = local_upload_name(call, name);
    if (rc)
        return rc;
    return local_upload_remove(local_fd_get(&done->move.hidden), name) == EAGAIN ? NEPH_AGAIN : 0;
}

int32_t local_upload_complete(neph_call *call)
{
    completion *done = neph_call_memory(call, sizeof *done);
    const char *number, *etag;
    int32_t rc = done ? 0 : neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    if (!rc && !done->move.is_open)
        rc = completion_open(call, done);
    if (rc)
        return rc;
    if (listed(call, done->at, &number, &etag)) {
        rc = part_step(call, done);
        return rc ? rc : NEPH_AGAIN;
    }
    if (!done->move.is_whole) {
        etag_set(done);
        rc = sum_check(call, done);
        done->move.is_whole = 1;
    }
    if (!rc && !done->is_placed) {
        rc = object_place(call, done);
        done->is_placed = !rc;
    }
    return rc ? rc : upload_drop(call, done);
}
