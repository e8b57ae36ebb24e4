/*
 * core/transfer/journal.c - a transfer's journal on disk: found, locked, added to, synced, removed.
 */
#include "core/transfer/journal.h"

#include "core/cloud.h"
#include "core/file.h"
#include "core/transfer/ways.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define SYNC_MS 1000
#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define LINES_MAX ((size_t)16 << 20)

/* ---- files */

char *nephi_journal_path(const nephi_memory *memory, const char *dir, const char *id)
{
    nephi_buffer path;
    int rc;
    nephi_buffer_init(&path, memory, 8192);
    rc = nephi_buffer_format(&path, "%s/%s" NEPHI_JOURNAL_SUFFIX, dir, id);
    return rc ? (nephi_buffer_fini(&path), NULL) : nephi_buffer_take(&path);
}

void nephi_boot_id(char *out, size_t size)
{
    int fd = open(BOOT_FILE, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? 0 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[count > 0 ? count : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

static int cannot(nephi_error *error, const char *path, const char *what)
{
    return nephi_fail(error, NEPH_FILE, "the journal %s cannot be %s: %s", path, what,
                      strerror(errno));
}

/* One that was removed while the lock was waited for is none any more. */
static int is_still_there(int fd, const char *path)
{
    struct stat here, there;
    return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

int nephi_journal_lock(const char *path, int is_made, int *out, nephi_error *error)
{
    *out = -1;
    for (int tries = 0; tries < 100; tries++) {
        int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (is_made ? O_CREAT : 0), 0600);
        if (fd < 0 && errno == ENOENT && !is_made)
            return NEPH_NOT_FOUND;
        if (fd < 0)
            return cannot(error, path, "opened");
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            int is_taken = errno == EWOULDBLOCK;
            close(fd);
            return is_taken ? nephi_fail(error, NEPH_BUSY,
                                         "this transfer is under way already, in this process or "
                                         "another: it has the journal %s",
                                         path)
                            : cannot(error, path, "locked");
        }
        if (is_still_there(fd, path)) {
            *out = fd;
            return 0;
        }
        close(fd);
    }
    return nephi_fail(error, NEPH_BUSY, "the journal %s comes and goes: another process has it",
                      path);
}

int nephi_journal_read(const nephi_memory *memory, const char *path, nephi_entry *entry,
                       const char **why, nephi_error *error)
{
    nephi_buffer text;
    struct stat info;
    int rc;
    memset(entry, 0, sizeof *entry);
    nephi_arena_init(&entry->arena, memory, 0);
    nephi_buffer_init(&text, memory, NEPHI_JOURNAL_MAX);
    rc = nephi_file_read(path, &text, &info, error);
    *why = NULL;
    if (!rc && info.st_uid != geteuid())
        *why = "it belongs to somebody else";
    else if (!rc)
        rc = nephi_entry_parse(entry, memory, nephi_buffer_string(&text), text.size, why);
    nephi_buffer_fini(&text);
    return *why ? NEPH_INVALID : rc == NEPH_NO_MEMORY ? nephi_fail_memory(error) : rc;
}

/* ---- lines */

static int append(neph_transfer *transfer, nephi_buffer *lines, int is_synced)
{
    nephi_journal *journal = transfer->journal;
    const char *at = lines->data;
    size_t left = lines->size;
    int rc = 0;
    while (!rc && left) {
        ssize_t count = write(journal->fd, at, left);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            rc = cannot(&transfer->error, journal->path, "written");
        at += count > 0 ? count : 0;
        left -= count > 0 ? (size_t)count : 0;
    }
    if (!rc && is_synced && fdatasync(journal->fd))
        rc = cannot(&transfer->error, journal->path, "written");
    return rc;
}

/* Adds the lines that write() makes. */
static int added(neph_transfer *transfer, int rc, nephi_buffer *lines, int is_synced)
{
    rc = rc ? nephi_fail_memory(&transfer->error) : append(transfer, lines, is_synced);
    nephi_buffer_fini(lines);
    return rc;
}

#define T(value) NEPHI_TEXT(value)
#define N(value) NEPHI_NUMBER(value)
#define LINE(out, word, ...)                                                                       \
    nephi_line_write(out, word, (const nephi_line_value[]){__VA_ARGS__},                           \
                     sizeof((const nephi_line_value[]){__VA_ARGS__}) / sizeof(nephi_line_value))

/* ---- the ends, which the name of a journal is made of */

static const char *absolute(nephi_buffer *out, const char *path)
{
    char here[4096];
    if (!path || *path == '/')
        return path;
    if (!getcwd(here, sizeof here) || nephi_buffer_format(out, "%s/%s", here, path))
        return NULL;
    return out->data;
}

/* How the cloud was opened: what it was given, without secrets. */
static int cloud_write(nephi_buffer *out, const nephi_end *end, int is_from)
{
    const neph_cloud *cloud = end->cloud;
    const nephi_endpoint *endpoint = nephi_cloud_endpoint(cloud, NULL);
    const char *word = is_from ? "from-setting" : "to-setting";
    const char *name, *value, *origin;
    int rc = LINE(out, is_from ? "from-cloud" : "to-cloud", T(cloud->name),
                  T(neph_cloud_provider(cloud)), T(endpoint ? endpoint->url.text : NULL));
    for (size_t i = 0; !rc && neph_cloud_setting_at(cloud, i, &name, &value, &origin); i++)
        if (value && origin && strcmp(origin, "given") == 0)
            rc = LINE(out, word, T(name), T(value));
    return rc;
}

static int end_write(nephi_buffer *out, const nephi_end *end, const nephi_memory *memory,
                     int is_from)
{
    nephi_buffer path;
    const char *key = end->key;
    int rc = 0;
    nephi_buffer_init(&path, memory, 8192);
    if (end->cloud)
        rc = cloud_write(out, end, is_from);
    else if ((key = absolute(&path, end->path)) == NULL && end->path)
        rc = NEPH_NO_MEMORY;
    if (!rc)
        rc = LINE(out, is_from ? "from" : "to", T(end->bucket), T(key), T(end->version));
    nephi_buffer_fini(&path);
    return rc;
}

static int ends_write(nephi_buffer *out, const nephi_end *from, const nephi_end *to,
                      const nephi_memory *memory)
{
    int rc = end_write(out, from, memory, 1);
    return rc ? rc : end_write(out, to, memory, 0);
}

int nephi_journal_id(const nephi_memory *memory, const nephi_end *from, const nephi_end *to,
                     char id[NEPHI_JOURNAL_ID])
{
    nephi_buffer ends;
    int rc;
    nephi_buffer_init(&ends, memory, LINES_MAX);
    rc = ends_write(&ends, from, to, memory);
    if (!rc)
        snprintf(id, NEPHI_JOURNAL_ID, "%016llx",
                 (unsigned long long)nephi_line_sum(NEPHI_LINE_SUM, ends.data, ends.size));
    nephi_buffer_fini(&ends);
    return rc ? NEPH_NO_MEMORY : 0;
}

/* ---- opened */

static int directory_make(const neph_transfer *transfer, const char *dir, nephi_error *error)
{
    char path[4096];
    (void)transfer;
    if ((size_t)snprintf(path, sizeof path, "%s", dir) >= sizeof path)
        return nephi_fail(error, NEPH_INVALID,
                          "the name of the directory for journals is too long");
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
    if (mkdir(path, 0700) && errno != EEXIST)
        return nephi_fail(error, NEPH_FILE, "the directory for journals, %s, cannot be made: %s",
                          dir, strerror(errno));
    return 0;
}

static int path_make(neph_transfer *transfer, nephi_journal *journal)
{
    const nephi_memory *memory = &transfer->host->memory;
    char id[NEPHI_JOURNAL_ID];
    if (nephi_journal_id(memory, &transfer->from, &transfer->to, id) == 0)
        journal->path = nephi_journal_path(memory, transfer->options.journal_dir, id);
    return journal->path ? 0 : nephi_fail_memory(&transfer->error);
}

static void journal_free(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    nephi_timer_clear(&transfer->host->loop, &journal->timer);
    if (journal->fd >= 0)
        close(journal->fd);
    nephi_entry_fini(&journal->old);
    nephi_free(&transfer->host->memory, journal->held);
    nephi_free(&transfer->host->memory, journal->noted);
    nephi_free(&transfer->host->memory, journal->path);
    nephi_free(&transfer->host->memory, journal);
    transfer->journal = NULL;
}

static void sync_fired(nephi_timer *timer);

static int old_read(neph_transfer *transfer, nephi_journal *journal)
{
    const char *why;
    struct stat info;
    int rc;
    if (fstat(journal->fd, &info) || info.st_size == 0)
        return 0;
    rc = nephi_journal_read(&transfer->host->memory, journal->path, &journal->old, &why,
                            &transfer->error);
    journal->has_old = !rc;
    if (rc != NEPH_INVALID)
        return rc;
    nephi_log(transfer->host, NEPH_LOG_WARNING, 0,
              "the journal %s is not heeded, and the transfer begins anew: %s", journal->path, why);
    return 0;
}

int nephi_journal_open(neph_transfer *transfer)
{
    nephi_journal *journal;
    int rc;
    if (!transfer->options.journal_dir || transfer->journal)
        return 0;
    journal = nephi_alloc(&transfer->host->memory, sizeof *journal);
    if (!journal)
        return nephi_fail_memory(&transfer->error);
    journal->fd = -1;
    journal->timer = (nephi_timer){.fn = sync_fired, .user = transfer};
    transfer->journal = journal;
    rc = directory_make(transfer, transfer->options.journal_dir, &transfer->error);
    if (!rc)
        rc = path_make(transfer, journal);
    if (!rc)
        rc = nephi_journal_lock(journal->path, 1, &journal->fd, &transfer->error);
    if (!rc)
        rc = old_read(transfer, journal);
    if (rc)
        journal_free(transfer);
    return rc;
}

/* ---- begun */

static int source_write(nephi_buffer *out, const neph_transfer *transfer)
{
    const nephi_end *from = &transfer->from;
    const nephi_identity *file = &from->identity;
    if (from->kind == NEPHI_END_FILE)
        return LINE(out, "file", N(file->device), N(file->inode), N(file->size_bytes),
                    N(file->modified_ns));
    return from->kind == NEPHI_END_OBJECT ? LINE(out, "object", T(from->etag), N(from->size_bytes))
                                          : 0;
}

static int plan_write(nephi_buffer *out, const neph_transfer *transfer)
{
    const neph_transfer_options *options = &transfer->options;
    int rc = LINE(out, "plan", N(transfer->total_bytes), N(transfer->parts.part_bytes),
                  T(transfer->checksum), N(options->verify), N(options->keep_times));
    if (!rc)
        rc = LINE(out, "facts", T(options->content_type), T(options->storage_class),
                  T(options->if_match), T(options->if_none_match));
    for (size_t i = 0; !rc && i < options->metadata_count; i++)
        rc = LINE(out, "metadata", T(options->metadata[i].name), T(options->metadata[i].value));
    return rc;
}

static int place_write(nephi_buffer *out, const neph_transfer *transfer)
{
    char boot[64];
    int rc;
    nephi_buffer path;
    if (!transfer->temporary)
        return 0;
    nephi_boot_id(boot, sizeof boot);
    nephi_buffer_init(&path, &transfer->host->memory, 8192);
    rc = LINE(out, "temporary", T(absolute(&path, transfer->temporary)));
    nephi_buffer_fini(&path);
    return rc ? rc : LINE(out, "boot", T(boot));
}

static void directory_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

int nephi_journal_begin(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    nephi_buffer lines;
    int rc;
    if (!journal)
        return 0;
    if (ftruncate(journal->fd, 0) || lseek(journal->fd, 0, SEEK_SET) != 0)
        return cannot(&transfer->error, journal->path, "written");
    nephi_buffer_init(&lines, &transfer->host->memory, LINES_MAX);
    rc = LINE(&lines, "neph-journal", N(NEPHI_JOURNAL_VERSION));
    if (!rc)
        rc = LINE(&lines, "begun", N(nephi_host_now(transfer->host)));
    if (!rc)
        rc = ends_write(&lines, &transfer->from, &transfer->to, &transfer->host->memory);
    if (!rc)
        rc = source_write(&lines, transfer);
    if (!rc)
        rc = plan_write(&lines, transfer);
    if (!rc)
        rc = place_write(&lines, transfer);
    rc = added(transfer, rc, &lines, 1);
    directory_sync(transfer->options.journal_dir);
    journal->is_begun = !rc;
    return rc;
}

int nephi_journal_continue(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    off_t end = (off_t)journal->old.good_bytes;
    char boot[64];
    nephi_buffer lines;
    if (ftruncate(journal->fd, end) || lseek(journal->fd, end, SEEK_SET) != end)
        return cannot(&transfer->error, journal->path, "written");
    journal->is_begun = 1;
    if (!transfer->temporary)
        return 0;
    nephi_boot_id(boot, sizeof boot);
    nephi_buffer_init(&lines, &transfer->host->memory, LINES_MAX);
    return added(transfer, LINE(&lines, "boot", T(boot)), &lines, 1);
}

int nephi_journal_upload(neph_transfer *transfer)
{
    nephi_buffer lines;
    if (!transfer->journal)
        return 0;
    nephi_buffer_init(&lines, &transfer->host->memory, LINES_MAX);
    return added(transfer, LINE(&lines, "upload", T(transfer->upload)), &lines, 1);
}

/* ---- parts */

/* What is written here is safe before the journal says so. */
static int journal_sync(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    nephi_buffer lines;
    journal->is_dirty = 0;
    if (transfer->temporary && fdatasync(transfer->to.fd))
        return nephi_fail(&transfer->error, NEPH_FILE, "%s cannot be written: %s",
                          transfer->to.path, strerror(errno));
    nephi_buffer_init(&lines, &transfer->host->memory, LINES_MAX);
    return added(transfer, nephi_line_write(&lines, "synced", NULL, 0), &lines, 1);
}

static void sync_fired(nephi_timer *timer)
{
    neph_transfer *transfer = timer->user;
    if (journal_sync(transfer))
        nephi_transfer_fail(transfer);
}

int nephi_journal_part(neph_transfer *transfer, size_t index)
{
    nephi_journal *journal = transfer->journal;
    const nephi_part *part = &transfer->parts.list[index];
    nephi_buffer lines;
    int rc;
    if (!journal)
        return 0;
    nephi_buffer_init(&lines, &transfer->host->memory, LINES_MAX);
    rc = LINE(&lines, "part", N((int64_t)index + 1), N(part->size_bytes), T(part->etag),
              T(part->checksum));
    rc = added(transfer, rc, &lines, 0);
    if (!rc && !journal->is_dirty &&
        nephi_timer_set(&transfer->host->loop, &journal->timer, SYNC_MS))
        rc = nephi_fail_memory(&transfer->error);
    journal->is_dirty = 1;
    return rc;
}

int nephi_journal_completing(neph_transfer *transfer)
{
    nephi_buffer lines;
    int rc;
    if (!transfer->journal)
        return 0;
    nephi_timer_clear(&transfer->host->loop, &transfer->journal->timer);
    transfer->journal->is_dirty = 0;
    nephi_buffer_init(&lines, &transfer->host->memory, LINES_MAX);
    rc =
        LINE(&lines, "completing", N(nephi_host_now(transfer->host)), T(transfer->result.checksum));
    return added(transfer, rc, &lines, 1);
}

/* ---- left */

/* An upload was asked for, and it is not known whether it was begun. */
static int is_in_doubt(const nephi_error *error)
{
    static const int32_t refusals[] = {
        NEPH_AUTH,    NEPH_PERMISSION, NEPH_NOT_FOUND, NEPH_EXISTS, NEPH_CONFLICT,
        NEPH_INVALID, NEPH_LIMIT,      NEPH_THROTTLED, NEPH_QUOTA,  NEPH_UNSUPPORTED};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (error->status == refusals[i])
            return 0;
    return error->sent;
}

/* Is there something to go on with? */
static int has_begun(const neph_transfer *transfer)
{
    if (transfer->temporary)
        return transfer->parts.done_count > 0;
    return transfer->upload || is_in_doubt(&transfer->error);
}

int nephi_journal_keeps(const neph_transfer *transfer)
{
    const nephi_journal *journal = transfer->journal;
    if (!journal || (!journal->is_begun && !journal->has_old))
        return 0;
    return !journal->is_begun || /* nothing was found out of what an earlier run left */
           (!transfer->is_spoilt && !transfer->is_made &&
            transfer->error.status != NEPH_CONFLICT && /* a condition did not hold */
            has_begun(transfer));
}

/* Its temporary file stays for who goes on; without a word of what was not synced, which then
 * does not count. */
void nephi_journal_leave(neph_transfer *transfer)
{
    nephi_error kept;
    if (!transfer->journal)
        return;
    if (nephi_journal_keeps(transfer)) {
        nephi_error_clear(&kept);
        nephi_error_copy(&kept, &transfer->error);
        if (transfer->journal->is_dirty)
            (void)journal_sync(transfer);
        nephi_error_copy(&transfer->error, &kept);
        transfer->temporary = NULL;
    }
    journal_free(transfer);
}

void nephi_journal_forget(neph_transfer *transfer)
{
    nephi_journal *journal = transfer->journal;
    if (!journal)
        return;
    if (nephi_host_is_own(transfer->host) && unlink(journal->path) == 0)
        directory_sync(transfer->options.journal_dir);
    journal_free(transfer);
}
