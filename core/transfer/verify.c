/*
 * core/transfer/verify.c - checksums: which one is taken, what those of parts make of the whole,
 * and what a file has. Bytes on their way are the calls' business: they take a part's checksum and
 * have the cloud compare it. An entity tag is never taken for a checksum.
 */
#include "core/transfer/transfer.h"

#include "core/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (128u << 10)
#define SLICE_CHUNKS 64 /* 8 MiB a turn: some milliseconds */

/* ---- "ALGORITHM:HEX" */

static size_t algorithm_size(const char *checksum)
{
    return strcspn(checksum, ":");
}

int nephi_verify_compare(const char *one, const char *other, int *equal)
{
    *equal = 0;
    if (!one || !other || !nephi_checksum_is_alike(one, other))
        return 0;
    *equal = nephi_same_letters(one, other);
    return 1;
}

static void whole_write(neph_transfer *transfer, const char *algorithm, const unsigned char *digest,
                        int size)
{
    char hex[NEPH_DIGEST_HEX_MAX];
    nephi_hex(hex, digest, (size_t)size);
    snprintf(transfer->whole, sizeof transfer->whole, "%s:%s", algorithm, hex);
}

/* ---- which one is taken */

static int algorithm_check(neph_transfer *transfer, const char *name)
{
    if (!name || (nephi_checksum_algorithm(name) && !strchr(name, ':')))
        return 0;
    return nephi_fail(&transfer->error, NEPH_INVALID, "there is no checksum \"%s\"", name);
}

static int nothing_to_compare(neph_transfer *transfer)
{
    return nephi_fail(
        &transfer->error, NEPH_UNSUPPORTED,
        "%s cannot be verified: the cloud has no checksum of it to compare with",
        nephi_end_name(transfer->to.kind == NEPHI_END_OBJECT ? &transfer->to : &transfer->from));
}

int nephi_verify_required(neph_transfer *transfer)
{
    return transfer->options.verify == NEPH_VERIFY_REQUIRED ? nothing_to_compare(transfer) : 0;
}

int nephi_verify_plan_up(neph_transfer *transfer)
{
    const neph_transfer_options *options = &transfer->options;
    const char *cloud = transfer->limits ? transfer->limits->checksum : "";
    const char *name = options->checksum ? options->checksum : *cloud ? cloud : NULL;
    int rc = algorithm_check(transfer, options->checksum);
    if (rc || options->verify == NEPH_VERIFY_OFF)
        return rc;
    transfer->checksum = name;
    transfer->is_checked = transfer->checksum && strcmp(transfer->checksum, cloud) == 0;
    if (options->verify == NEPH_VERIFY_REQUIRED && !transfer->is_checked)
        return nothing_to_compare(transfer);
    return 0;
}

/* By what the cloud told of the object; where it was not asked, by what it has of others. */
int nephi_verify_plan_down(neph_transfer *transfer)
{
    const neph_transfer_options *options = &transfer->options;
    const char *told = transfer->from.checksum;
    const char *name = options->checksum;
    char *copy;
    int rc = algorithm_check(transfer, name);
    if (rc || options->verify == NEPH_VERIFY_OFF)
        return rc;
    if (!name && told) {
        copy = nephi_arena_text(&transfer->arena, told, algorithm_size(told));
        name = copy && nephi_checksum_algorithm(copy) ? copy : NULL;
    } else if (!name && transfer->limits && transfer->limits->checksum[0]) {
        name = transfer->limits->checksum;
    }
    transfer->checksum = name;
    return 0;
}

/* What is read here is compared with what was written here: any will do. */
int nephi_verify_plan_file(neph_transfer *transfer)
{
    const neph_transfer_options *options = &transfer->options;
    int rc = algorithm_check(transfer, options->checksum);
    if (!rc && options->verify != NEPH_VERIFY_OFF)
        transfer->checksum = options->checksum ? options->checksum : NEPHI_CHECKSUM_OF_FILES;
    return rc;
}

/* ---- of the whole */

const char *nephi_verify_whole(neph_transfer *transfer)
{
    const nephi_parts *parts = &transfer->parts;
    int rc = 0;
    if (!transfer->checksum || !parts->count || !parts->list[0].checksum)
        return NULL;
    snprintf(transfer->whole, sizeof transfer->whole, "%s", parts->list[0].checksum);
    for (size_t i = 1; !rc && i < parts->count; i++)
        rc = parts->list[i].checksum
                 ? nephi_checksum_combine(transfer->host, transfer->whole, parts->list[i].checksum,
                                          parts->list[i].size_bytes)
                 : NEPH_UNSUPPORTED;
    return rc ? NULL : transfer->whole;
}

/* ---- of a file, in slices */

typedef struct nephi_hashing {
    const nephi_digest_class *class;
    nephi_digest *digest;
    char *data;
    const char *algorithm;
    int fd;
    int64_t at, end;
    void (*then)(neph_transfer *transfer);
} nephi_hashing;

void nephi_verify_abandon(neph_transfer *transfer)
{
    nephi_hashing *hashing = transfer->hashing;
    if (transfer->digest)
        transfer->host->wire->digest->destroy(transfer->digest);
    transfer->digest = NULL;
    if (!hashing)
        return;
    if (hashing->digest)
        hashing->class->destroy(hashing->digest);
    nephi_free_secret(&transfer->host->memory, hashing->data, CHUNK);
    nephi_free(&transfer->host->memory, hashing);
    transfer->hashing = NULL;
}

/* 0: all of it was read. NEPH_AGAIN: not yet. */
static int slice_read(neph_transfer *transfer, nephi_hashing *hashing)
{
    for (int i = 0; i < SLICE_CHUNKS && hashing->at < hashing->end; i++) {
        int64_t left = hashing->end - hashing->at;
        ssize_t count = pread(hashing->fd, hashing->data, left < CHUNK ? (size_t)left : CHUNK,
                              (off_t)hashing->at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return nephi_fail(&transfer->error, NEPH_FILE, "what was written cannot be read: %s",
                              count ? strerror(errno) : "the file ends too soon");
        if (hashing->class->update(hashing->digest, hashing->data, (size_t)count))
            return nephi_fail_memory(&transfer->error);
        hashing->at += count;
    }
    return hashing->at < hashing->end ? NEPH_AGAIN : 0;
}

static void slice_run(nephi_task *task)
{
    neph_transfer *transfer = task->user;
    nephi_hashing *hashing = transfer->hashing;
    void (*then)(neph_transfer *) = hashing->then;
    unsigned char digest[NEPH_DIGEST_MAX];
    int size, rc = slice_read(transfer, hashing);
    if (rc == NEPH_AGAIN) {
        nephi_task_queue(&transfer->host->loop, task);
        return;
    }
    size = rc ? 0 : hashing->class->finish(hashing->digest, digest);
    if (size > 0)
        whole_write(transfer, hashing->algorithm, digest, size);
    else if (!rc)
        nephi_fail_memory(&transfer->error);
    nephi_verify_abandon(transfer);
    if (transfer->error.status)
        nephi_transfer_fail(transfer);
    else
        then(transfer);
}

/* A checksum of another day: nothing can be compared. */
static int unknown_algorithm(neph_transfer *transfer)
{
    nephi_verify_abandon(transfer);
    return NEPH_UNSUPPORTED;
}

int nephi_verify_file(neph_transfer *transfer, int fd, int64_t offset, int64_t size_bytes,
                      const char *like, void (*then)(neph_transfer *transfer))
{
    const nephi_memory *memory = &transfer->host->memory;
    nephi_hashing *hashing = nephi_alloc(memory, sizeof *hashing);
    int rc = hashing ? nephi_host_wire(transfer->host, &transfer->error) : NEPH_NO_MEMORY;
    transfer->hashing = hashing;
    if (rc)
        return rc == NEPH_NO_MEMORY ? nephi_fail_memory(&transfer->error) : rc;
    hashing->class = transfer->host->wire->digest;
    hashing->fd = fd;
    hashing->at = offset;
    hashing->end = offset + size_bytes;
    hashing->then = then;
    hashing->algorithm = nephi_arena_text(&transfer->arena, like, algorithm_size(like));
    hashing->data = nephi_alloc(memory, CHUNK);
    if (!hashing->algorithm || !hashing->data)
        return nephi_fail_memory(&transfer->error);
    if (!nephi_checksum_algorithm(hashing->algorithm))
        return unknown_algorithm(transfer);
    if (hashing->class->create(&hashing->digest, memory,
                               nephi_checksum_algorithm(hashing->algorithm)))
        return nephi_fail_memory(&transfer->error);
    transfer->task = (nephi_task){.fn = slice_run, .user = transfer};
    nephi_task_queue(&transfer->host->loop, &transfer->task);
    return 0;
}

/* ---- of bytes as they come */

int nephi_verify_begin(neph_transfer *transfer, const char *algorithm)
{
    int rc = nephi_host_wire(transfer->host, &transfer->error);
    if (!rc && transfer->host->wire->digest->create(&transfer->digest, &transfer->host->memory,
                                                    nephi_checksum_algorithm(algorithm)))
        rc = nephi_fail_memory(&transfer->error);
    return rc;
}

int nephi_verify_add(neph_transfer *transfer, const void *data, size_t size)
{
    if (transfer->digest && transfer->host->wire->digest->update(transfer->digest, data, size))
        return nephi_fail_memory(&transfer->error);
    return 0;
}

int nephi_verify_end(neph_transfer *transfer)
{
    unsigned char digest[NEPH_DIGEST_MAX];
    int size;
    if (!transfer->digest)
        return 0;
    size = transfer->host->wire->digest->finish(transfer->digest, digest);
    if (size <= 0)
        return nephi_fail_memory(&transfer->error);
    whole_write(transfer, transfer->checksum, digest, size);
    transfer->result.checksum = transfer->whole;
    return 0;
}
