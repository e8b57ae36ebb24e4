/*
 * core/transfer/unfinished.c - what is unfinished in a directory of journals, for whoever looks:
 * listed, taken up.
 */
#include "core/cloud.h"
#include "core/transfer/journal.h"
#include "core/transfer/transfer.h"
#include "core/transfer/ways.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define JOURNALS_MAX 100000

typedef struct listed {
    char id[NEPHI_JOURNAL_ID];
    int64_t touched_ns;
} listed;

struct neph_journal {
    neph_host *host;
    char *dir;
    listed *list;
    size_t count, capacity, at;
    nephi_entry entry; /* of the one that was told last */
    char damage[512];
    neph_unfinished told;
};

/* ---- listed */

/* The id in the name of a file; 0: it is no journal. */
static int id_of(const char *name, char *id)
{
    size_t size = strspn(name, "0123456789abcdef");
    if (size != NEPHI_JOURNAL_ID - 1 || strcmp(name + size, NEPHI_JOURNAL_SUFFIX) != 0)
        return 0;
    memcpy(id, name, size);
    id[size] = '\0';
    return 1;
}

static int list_add(neph_journal *journal, const char *id, const struct stat *info)
{
    const nephi_memory *memory = &journal->host->memory;
    if (journal->count == journal->capacity) {
        size_t capacity = journal->capacity ? 2 * journal->capacity : 16;
        listed *list = nephi_realloc(memory, journal->list, capacity * sizeof *list);
        if (!list)
            return nephi_fail_memory(&journal->host->error);
        journal->list = list;
        journal->capacity = capacity;
    }
    memcpy(journal->list[journal->count].id, id, NEPHI_JOURNAL_ID);
    journal->list[journal->count++].touched_ns =
        (int64_t)info->st_mtim.tv_sec * NEPH_NANO + info->st_mtim.tv_nsec;
    return 0;
}

static int by_age(const void *a, const void *b)
{
    const listed *one = a, *other = b;
    if (one->touched_ns != other->touched_ns)
        return one->touched_ns < other->touched_ns ? -1 : 1;
    return strcmp(one->id, other->id);
}

static int directory_read(neph_journal *journal)
{
    nephi_error *error = &journal->host->error;
    DIR *dir = opendir(journal->dir);
    const struct dirent *entry;
    char id[NEPHI_JOURNAL_ID];
    struct stat info;
    int rc = 0;
    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return nephi_fail(error, NEPH_FILE, "the directory for journals, %s, cannot be read: %s",
                          journal->dir, strerror(errno));
    while (!rc && (entry = readdir(dir)) != NULL && journal->count < JOURNALS_MAX)
        if (id_of(entry->d_name, id) &&
            fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
            rc = list_add(journal, id, &info);
    closedir(dir);
    if (journal->count)
        qsort(journal->list, journal->count, sizeof *journal->list, by_age);
    return rc;
}

int neph_journal_open(neph_host *host, const char *dir, neph_journal **out)
{
    neph_journal *journal;
    int rc;
    *out = NULL;
    nephi_error_clear(&host->error);
    journal = nephi_alloc(&host->memory, sizeof *journal);
    if (!journal)
        return nephi_fail_memory(&host->error);
    journal->host = host;
    journal->dir = nephi_strdup(&host->memory, dir);
    nephi_arena_init(&journal->entry.arena, &host->memory, 0);
    rc = journal->dir ? directory_read(journal) : nephi_fail_memory(&host->error);
    if (rc)
        neph_journal_close(journal);
    else
        *out = journal;
    return rc;
}

void neph_journal_close(neph_journal *journal)
{
    const nephi_memory *memory;
    if (!journal)
        return;
    memory = &journal->host->memory;
    nephi_entry_fini(&journal->entry);
    nephi_free(memory, journal->list);
    nephi_free(memory, journal->dir);
    nephi_free(memory, journal);
}

/* Does a process have it? */
static int is_running(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), is_taken;
    if (fd < 0)
        return 0;
    is_taken = flock(fd, LOCK_SH | LOCK_NB) != 0;
    close(fd);
    return is_taken;
}

/* A file that is not what it was cannot be gone on with. */
static void source_look(neph_journal *journal)
{
    const nephi_entry *entry = &journal->entry;
    nephi_identity now;
    struct stat info;
    if (entry->from.cloud || journal->told.damage)
        return;
    if (!entry->from.key) {
        journal->told.damage = "its source was a pipe, and is gone";
        return;
    }
    if (stat(entry->from.key, &info)) {
        snprintf(journal->damage, sizeof journal->damage, "its source is gone: %s",
                 strerror(errno));
        journal->told.damage = journal->damage;
        return;
    }
    nephi_identity_take(&now, &info);
    if (memcmp(&now, &entry->identity, sizeof now) != 0)
        journal->told.damage = "its source was written to since";
}

static void entry_tell(neph_journal *journal)
{
    const nephi_entry *entry = &journal->entry;
    neph_unfinished *told = &journal->told;
    told->from_cloud = entry->from.cloud;
    told->from_bucket = entry->from.bucket;
    told->from = entry->from.key;
    told->to_cloud = entry->to.cloud;
    told->to_bucket = entry->to.bucket;
    told->to = entry->to.key;
    told->to_settings = entry->to.settings;
    told->to_setting_count = entry->to.setting_count;
    told->from_settings = entry->from.settings;
    told->from_setting_count = entry->from.setting_count;
    told->upload = entry->upload;
    told->total_bytes = entry->total_bytes;
    told->done_bytes = nephi_entry_done_bytes(entry);
    told->begun_ns = entry->begun_ns;
    source_look(journal);
}

const neph_unfinished *neph_journal_next(neph_journal *journal)
{
    const nephi_memory *memory = &journal->host->memory;
    const listed *next;
    const char *why;
    nephi_error error;
    char *path;
    int rc;
    if (journal->at >= journal->count)
        return NULL;
    next = &journal->list[journal->at];
    path = nephi_journal_path(memory, journal->dir, next->id);
    if (!path)
        return NULL;
    journal->at++;
    nephi_entry_fini(&journal->entry);
    memset(&journal->told, 0, sizeof journal->told);
    journal->told.size = sizeof journal->told;
    journal->told.id = next->id;
    journal->told.touched_ns = next->touched_ns;
    journal->told.total_bytes = -1;
    journal->told.is_running = is_running(path);
    nephi_error_clear(&error);
    rc = nephi_journal_read(memory, path, &journal->entry, &why, &error);
    nephi_free(memory, path);
    if (rc == NEPH_NOT_FOUND)
        return neph_journal_next(journal); /* it was done meanwhile */
    snprintf(journal->damage, sizeof journal->damage, "%s", why ? why : error.message);
    if (rc)
        journal->told.damage = journal->damage;
    else
        entry_tell(journal);
    return &journal->told;
}

const nephi_entry *nephi_journal_entry(const neph_journal *journal)
{
    return &journal->entry;
}

/* ---- taken up, or given up */

/* Was the cloud given what it was given when the transfer was begun? */
static int has_same_settings(const nephi_entry_end *entry, const neph_cloud *cloud)
{
    const char *name, *value, *origin;
    size_t count = 0;
    for (size_t i = 0; neph_cloud_setting_at(cloud, i, &name, &value, &origin); i++) {
        if (!value || !origin || strcmp(origin, "given") != 0)
            continue;
        if (count == entry->setting_count || strcmp(entry->settings[count].name, name) != 0 ||
            strcmp(entry->settings[count].value, value) != 0)
            return 0;
        count++;
    }
    return count == entry->setting_count;
}

/* NULL, or why the opened cloud is not the one that this end was in. */
static const char *cloud_check(const nephi_entry_end *entry, const neph_cloud *cloud)
{
    const nephi_endpoint *endpoint = cloud ? nephi_cloud_endpoint(cloud, NULL) : NULL;
    if (!entry->cloud)
        return NULL;
    if (!cloud || !entry->provider || strcmp(neph_cloud_provider(cloud), entry->provider) != 0)
        return "is of another cloud";
    if (endpoint && entry->endpoint && strcmp(endpoint->url.text, entry->endpoint) != 0)
        return "was begun at another endpoint of its cloud: name that one, or begin anew";
    if (!has_same_settings(entry, cloud))
        return "was begun with other settings of its cloud: give those, or begin anew";
    return NULL;
}

static int refused(nephi_error *error, int status, const char *id, const char *why)
{
    return nephi_fail(error, status, "the unfinished transfer %s %s", id, why);
}

int nephi_entry_undo_check(const nephi_entry *entry, const char *id, const neph_cloud *to,
                           nephi_error *error)
{
    const char *why = to ? cloud_check(&entry->to, to) : NULL;
    return why ? refused(error, NEPH_INVALID, id, why) : 0;
}

/* What cannot be read is given up without the cloud. */
int neph_journal_check(neph_journal *journal, const neph_cloud *to)
{
    nephi_error *error = &journal->host->error;
    nephi_error_clear(error);
    return journal->told.to ? nephi_entry_undo_check(&journal->entry, journal->told.id, to, error)
                            : 0;
}

static neph_transfer *failed(neph_host *host, int status, const char *id, const char *why)
{
    neph_transfer *transfer = nephi_transfer_create(host, NULL);
    if (!transfer)
        return &nephi_transfer_no_memory;
    refused(&transfer->error, status, id, why);
    nephi_transfer_go(transfer);
    return transfer;
}

static neph_end end_of(const nephi_entry_end *entry, neph_cloud *cloud)
{
    neph_end end = NEPH_END_INIT;
    end.cloud = entry->cloud ? cloud : NULL;
    end.bucket = entry->bucket;
    end.key = entry->cloud ? entry->key : NULL;
    end.path = entry->cloud ? NULL : entry->key;
    end.version = entry->version;
    return end;
}

static neph_transfer *entry_resume(neph_host *host, const char *dir, const char *id,
                                   const nephi_entry *entry, neph_cloud *from_cloud,
                                   neph_cloud *to_cloud, const neph_transfer_options *given)
{
    neph_transfer_options options = NEPH_TRANSFER_OPTIONS_INIT;
    neph_end from = end_of(&entry->from, from_cloud), to = end_of(&entry->to, to_cloud);
    const char *why = cloud_check(&entry->from, from_cloud);
    if (!why)
        why = cloud_check(&entry->to, to_cloud);
    if (why)
        return failed(host, NEPH_INVALID, id, why);
    if (!entry->from.key)
        return failed(host, NEPH_INVALID, id, "cannot be taken up: its source was a pipe");
    if (given && given->size >= sizeof *given) {
        options.parallel = given->parallel;
        options.progress = given->progress;
        options.progress_user = given->progress_user;
    }
    options.verify = (int32_t)entry->verify;
    options.checksum = entry->checksum;
    options.content_type = entry->content_type;
    options.storage_class = entry->storage_class;
    options.metadata = entry->metadata;
    options.metadata_count = entry->metadata_count;
    options.if_match = entry->if_match;
    options.if_none_match = entry->if_none_match;
    options.keep_times = (int32_t)entry->keep_times;
    options.part_bytes = entry->part_bytes;
    options.journal_dir = dir;
    return neph_transfer_new(host, &from, &to, &options);
}

neph_transfer *neph_transfer_resume(neph_host *host, const char *dir, const char *id,
                                    neph_cloud *from, neph_cloud *to,
                                    const neph_transfer_options *options)
{
    char *path = nephi_journal_path(&host->memory, dir, id);
    neph_transfer *transfer;
    nephi_entry entry;
    nephi_error error;
    const char *why;
    int rc;
    if (!path)
        return &nephi_transfer_no_memory;
    nephi_error_clear(&error);
    rc = nephi_journal_read(&host->memory, path, &entry, &why, &error);
    if (!rc)
        transfer = entry_resume(host, dir, id, &entry, from, to, options);
    else if (rc == NEPH_NOT_FOUND)
        transfer = failed(host, rc, id, "is not there (any more)");
    else
        transfer = failed(host, rc == NEPH_INVALID ? NEPH_FILE : rc, id, why ? why : error.message);
    nephi_entry_fini(&entry);
    nephi_free(&host->memory, path);
    return transfer;
}
