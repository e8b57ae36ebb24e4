/*
 * core/cli/clean.c - transfer clean: forgets what cannot be gone on with, and with --stale gives up uploads at a cloud that
 * nobody knows of any more. Their parts are billed until then.
 */
#include "core/cli/text.h"
#include "core/cli/unfinished.h"

#include <string.h>

/* ---- entries of the journal */

/* Does the cloud know its upload no more? */
static int is_gone(nephc_unfinished *this, const neph_unfinished *entry, neph_cloud *to)
{
    nephc_run run = {.what = this->what, .subject = entry->id, .cloud = entry->to_cloud};
    neph_call *call;
    int rc;

    if (!to || !entry->upload || !neph_cloud_can(to, NEPH_OP_UPLOAD_PARTS))
        return 0;
    call = neph_upload_parts(to, entry->to_bucket, entry->to, entry->upload);
    rc = nephc_call_wait(this->cli, call, &run);
    neph_call_free(call);
    return rc == NEPH_NOT_FOUND;
}

/* As far as can be known without doing it. */
static int would_forget(nephc_unfinished *this, const neph_unfinished *entry, const neph_cloud *to)
{
    nephc_run run = {.what = this->what, .subject = entry->id, .cloud = entry->to_cloud};

    if (neph_journal_check(this->journal, to) == 0)
        return 0;
    return nephc_run_fail(this->cli, neph_host_error(this->cli->host), &run);
}

static int forget(nephc_unfinished *this, const neph_unfinished *entry, neph_cloud *to,
                  const char *why)
{
    int rc = this->is_dry ? would_forget(this, entry, to) : nephc_unfinished_abort(this, entry, to);

    if (rc == 0)
        nephc_note(this->cli, "%s %s: %s", this->is_dry ? "would forget" : "forgot", entry->id,
                   why);
    return rc;
}

/* What is damaged may name no cloud, or one that is gone itself: then it is forgotten here alone. */
static int clean_entry(nephc_unfinished *this, const neph_unfinished *entry)
{
    neph_cloud *to = NULL;
    int rc = 0;

    if (entry->is_running)
        return 0;
    if (entry->upload)
        rc = nephc_unfinished_open_to(this, entry, &to);
    if (entry->damage)
        rc = forget(this, entry, to, entry->damage);
    else if (rc == 0 && is_gone(this, entry, to))
        rc = forget(this, entry, to, "the cloud has no such upload any more");
    neph_cloud_close(to);
    return rc;
}

/* ---- uploads at a cloud */

/* One address of --stale. */
typedef struct stale {
    nephc_unfinished *this;
    const nephc_address *address;
    neph_cloud *cloud;
    const char *cloud_name;
    int64_t before_ns; /* what was begun since then is left alone */
} stale;

static int is_known(nephc_unfinished *this, const char *upload)
{
    const neph_unfinished *entry = NULL;
    neph_journal *journal = NULL;

    if (nephc_unfinished_journal(this, &journal) != 0)
        return 1; /* rather leave one than stop what somebody goes on with */
    while (journal && (entry = neph_journal_next(journal)) != NULL)
        if (entry->upload && strcmp(entry->upload, upload) == 0)
            break;
    neph_journal_close(journal);
    return entry != NULL;
}

static int abort_upload(const stale *one, const neph_upload *upload)
{
    nephc_unfinished *this = one->this;
    nephc_run run = {.what = this->what, .subject = upload->key, .cloud = one->cloud_name};
    char begun[NEPHC_NUMBER_SIZE];
    neph_call *call;
    int rc = 0;

    if (!upload->id || !upload->key || upload->created_ns == NEPH_UNKNOWN ||
        upload->created_ns > one->before_ns || is_known(this, upload->id))
        return 0;
    if (!this->is_dry) {
        call = neph_upload_abort(one->cloud, one->address->bucket, upload->key, upload->id);
        rc = nephc_call_run(this->cli, call, &run);
        neph_call_free(call);
    }
    begun[nephc_write_time(begun, upload->created_ns)] = '\0';
    if (rc == 0)
        nephc_note(this->cli, "%s the upload of %s:%s/%s, begun %s",
                   this->is_dry ? "would abort" : "aborted", one->cloud_name, one->address->bucket,
                   upload->key, begun);
    return rc;
}

static int abort_all(const stale *one)
{
    nephc_unfinished *this = one->this;
    nephc_run run = {.what = this->what, .subject = one->address->text, .cloud = one->cloud_name};
    neph_list_options options = NEPH_LIST_OPTIONS_INIT;
    const neph_upload *upload;
    neph_call *call;
    int rc = 0;

    options.prefix = one->address->key && *one->address->key ? one->address->key : NULL;
    call = neph_upload_list(one->cloud, one->address->bucket, &options);
    while (!nephc_interrupted() && (upload = neph_next_upload(call)) != NULL)
        nephc_unfinished_count(this, abort_upload(one, upload));
    if (nephc_interrupted())
        neph_call_cancel(call);
    if (neph_wait(call) != 0)
        rc = nephc_call_fail(this->cli, call, &run);
    neph_call_free(call);
    return rc;
}

static int clean_address(nephc_unfinished *this, const char *word, int64_t age_ns)
{
    nephc_address address;
    stale one = {.this = this, .address = &address};
    int rc = nephc_address_parse(word, &address);

    if (rc)
        return rc;
    if (!address.cloud || !address.bucket)
        rc = nephc_fail(NEPHC_USAGE, "%s: \"%s\": write CLOUD:BUCKET/PREFIX", this->what, word);
    if (rc == 0)
        rc = nephc_address_open(this->cli, &address, &one.cloud);
    one.cloud_name = nephc_address_cloud(this->cli, &address);
    one.before_ns = nephc_journal_now_ns() - age_ns;
    if (rc == 0)
        rc = abort_all(&one);
    nephc_address_free(&address);
    return rc;
}

/* ---- the command */

static int read_age(const nephc *cli, size_t words, int64_t *out)
{
    const char *age = nephc_option_value(cli, "stale");

    if (!age && words > 0)
        return nephc_fail(NEPHC_USAGE,
                          "transfer clean: how old uploads must be is missing, as in --stale=7d");
    if (age && words == 0)
        return nephc_fail(NEPHC_USAGE, "transfer clean: --stale: of which CLOUD:BUCKET/PREFIX?");
    if (age && !nephc_read_age(age, out))
        return nephc_fail(NEPHC_USAGE, "--stale: \"%s\" is no age, as in 12h or 7d", age);
    return 0;
}

int nephc_transfer_clean(nephc *cli, const char *const *words, size_t count)
{
    int64_t age_ns = 0;
    nephc_unfinished this;
    size_t i;
    int rc = read_age(cli, count, &age_ns);

    if (rc)
        return rc;
    this.status = nephc_unfinished_begin(&this, cli, "transfer clean");
    if (this.status == NEPHC_DONE)
        nephc_unfinished_all(&this, clean_entry);
    for (i = 0; i < count && !nephc_interrupted(); i++)
        nephc_unfinished_count(&this, clean_address(&this, words[i], age_ns));
    return nephc_unfinished_end(&this);
}
