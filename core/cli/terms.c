/*
 * core/cli/terms.c - on which terms bytes are moved: the options that cp, mv and sync share, as the library takes them.
 */
#include "core/cli/storage.h"
#include "core/cli/text.h"

#include <stdlib.h>
#include <string.h>

#define PARALLEL_MAX 1000

/* Each as the library numbers it. */
static const char *const verify_words[] = {"auto", "off", "required", NULL};
static const char *const compare_words[] = {"auto", "size", "checksum", "none", "absent", NULL};

static int read_size(const nephc *cli, const char *name, int64_t *out)
{
    const char *text = nephc_option_value(cli, name);

    if (!text || (nephc_read_size(text, out) && *out > 0))
        return 0;
    return nephc_fail(NEPHC_USAGE, "--%s: \"%s\" is no size, as in 16MiB", name, text);
}

/* ---- of one object */

static int read_numbers(const nephc *cli, neph_transfer_options *out)
{
    int64_t parallel = 0;
    int verify = NEPH_VERIFY_AUTO;
    int rc = read_size(cli, "part-size", &out->part_bytes);

    if (rc == 0)
        rc = nephc_option_count(cli, "parallel", 1, PARALLEL_MAX, &parallel);
    if (rc == 0)
        rc = nephc_option_choice(cli, "verify", verify_words, &verify);
    out->parallel = (int32_t)parallel;
    out->verify = verify;
    return rc;
}

static void read_texts(const nephc *cli, neph_transfer_options *out)
{
    out->checksum = nephc_option_value(cli, "checksum");
    out->content_type = nephc_option_value(cli, "content-type");
    out->storage_class = nephc_option_value(cli, "storage-class");
    out->if_match = nephc_option_value(cli, "if-match");
    out->if_none_match = nephc_option_value(cli, "if-none-match");
}

static int check_sense(const neph_transfer_options *terms, int is_tree)
{
    if (terms->verify == NEPH_VERIFY_OFF && terms->checksum)
        return nephc_fail(NEPHC_USAGE, "--checksum: --verify=off takes none; write one of the two");
    if (is_tree && terms->if_match)
        return nephc_fail(NEPHC_USAGE,
                          "--if-match: an entity tag is that of one object; leave out -r");
    return 0;
}

/* ---- of a tree */

/* In the order of the command line: the first that matches decides. */
static int read_patterns(const nephc *cli, nephc_terms *this)
{
    const nephc_options *options = &cli->options;
    size_t i;

    this->patterns = calloc(options->given_count + 1, sizeof *this->patterns);
    if (!this->patterns)
        return nephc_fail_memory();
    for (i = 0; i < options->given_count; i++) {
        const nephc_given *given = &options->given[i];
        int is_exclude = nephc_option_is(given->name, given->name_size, "exclude");

        if (is_exclude || nephc_option_is(given->name, given->name_size, "include"))
            this->patterns[this->tree.pattern_count++] =
                (neph_sync_pattern){given->value, is_exclude, 0};
    }
    this->tree.patterns = this->patterns;
    return 0;
}

static int read_tree(const nephc *cli, nephc_terms *this)
{
    int64_t jobs = 0;
    int compare = NEPH_COMPARE_AUTO;
    int rc = nephc_option_count(cli, "jobs", 1, PARALLEL_MAX, &jobs);

    if (rc == 0)
        rc = nephc_option_choice(cli, "compare", compare_words, &compare);
    if (rc == 0)
        rc = nephc_option_count(cli, "max-delete", 0, INT64_MAX, &this->tree.max_delete);
    if (rc == 0)
        rc = read_patterns(cli, this);
    this->tree.jobs = (int32_t)jobs;
    this->tree.compare = compare;
    this->tree.deletes = nephc_options_find(&cli->options, "delete") != NULL;
    this->tree.dry_run = nephc_options_find(&cli->options, "dry_run") != NULL;
    return rc;
}

/* ---- all of them */

int nephc_terms_read(nephc *cli, nephc_terms *out)
{
    neph_transfer_options *transfer = &out->transfer;
    int rc;

    memset(out, 0, sizeof *out);
    *transfer = (neph_transfer_options)NEPH_TRANSFER_OPTIONS_INIT;
    out->tree = (neph_sync_options)NEPH_SYNC_OPTIONS_INIT;
    out->tree.transfer = transfer;
    read_texts(cli, transfer);
    out->is_typed = transfer->content_type != NULL;
    rc = read_numbers(cli, transfer);
    if (rc == 0)
        rc = check_sense(transfer, nephc_options_find(&cli->options, "recursive") != NULL);
    if (rc == 0)
        rc = nephc_pairs_read(cli, "metadata", &out->metadata, &transfer->metadata_count);
    if (rc == 0)
        rc = read_tree(cli, out);
    if (rc == 0 && !nephc_options_find(&cli->options, "no_resume"))
        rc = nephc_journal_dir(cli, &out->journal_dir);
    transfer->metadata = out->metadata;
    transfer->journal_dir = out->journal_dir;
    return rc;
}

void nephc_terms_free(nephc_terms *terms)
{
    nephc_pairs_free(terms->metadata, terms->transfer.metadata_count);
    free(terms->patterns);
    free(terms->journal_dir);
    nephc_mime_free(&terms->mime);
}

int nephc_terms_check(const nephc *cli, const char *what, const nephc_address *to)
{
    static const char *const names[] = {"content-type", "storage-class", "metadata", "if-match",
                                        "if-none-match"};
    size_t i;

    for (i = 0; !to->cloud && i < sizeof names / sizeof names[0]; i++)
        if (nephc_options_find(&cli->options, names[i]))
            return nephc_fail(NEPHC_USAGE,
                              "%s: --%s holds for what goes to a cloud, and \"%s\" is a file", what,
                              names[i], to->text);
    return 0;
}

/* ---- media types */

/* Looks the tables up once, and only if somebody wants to know. */
static int can_type(nephc_terms *terms, const neph_cloud *to)
{
    if (terms->is_typed || !to ||
        !neph_cloud_takes(to, NEPH_OP_OBJECT_PUT, NEPH_OBJECT_CONTENT_TYPE))
        return 0;
    if (!terms->has_mime)
        nephc_mime_read_usual(&terms->mime);
    terms->has_mime = 1;
    return 1;
}

void nephc_terms_set_type(nephc_terms *terms, const neph_cloud *to, const char *name)
{
    if (can_type(terms, to))
        terms->transfer.content_type = nephc_mime_find(&terms->mime, name);
}

static const char *type_of_item(const char *name, void *user)
{
    return nephc_mime_find(user, name);
}

void nephc_terms_set_types(nephc_terms *terms, const neph_cloud *to)
{
    int is_wanted = can_type(terms, to);

    terms->transfer.content_type = terms->is_typed ? terms->transfer.content_type : NULL;
    terms->tree.content_type = is_wanted ? type_of_item : NULL;
    terms->tree.content_type_user = &terms->mime;
}
