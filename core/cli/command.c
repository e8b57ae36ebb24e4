/*
 * core/cli/command.c - nouns and verbs as data: those of the model are read from the library, the command's own stand
 * here. Finding, help, man pages and completion all go through this table.
 */
#include "core/cli/storage.h"

#include <string.h>

static const nephc_option ls_options[] = {
    {'r', "recursive", NULL, "all keys, not parted at the delimiter"},
    {0, "delimiter", "TEXT", "keys alike up to the next one are shown as one prefix [/]"},
    {0, "limit", "COUNT", "at most so many"},
};

static const nephc_option url_options[] = {
    {0, "method", "METHOD", "GET, PUT or DELETE [GET]"},
    {0, "seconds", "COUNT", "how long it is good [3600]"},
};

#define OPTION(letter, name, value, summary)                                                       \
    {                                                                                              \
        letter, name, value, summary                                                               \
    }

/* Of what moves bytes. */
#define OBJECT_OPTIONS                                                                             \
    OPTION(0, "content_type", "TEXT", "media type of what goes to a cloud [by the extension]"),    \
        OPTION(0, "storage_class", "TEXT", "storage class of what goes to a cloud"),               \
        OPTION(0, "metadata", "NAME=VALUE", "kept with what goes to a cloud; may be given again")
#define PARALLEL_OPTION OPTION(0, "parallel", "COUNT", "parts of an object at a time [8]")
#define PROGRESS_OPTIONS                                                                           \
    OPTION(0, "bandwidth", "RATE", "at most so many bytes a second, all together, as in 10M"),     \
        OPTION(0, "progress", NULL, "tell how far it is where standard error is no terminal, too")
#define TRANSFER_OPTIONS                                                                           \
    OPTION(0, "verify", "WORD", "auto, off or required [auto]"),                                   \
        OPTION(0, "checksum", "TEXT", "verify by this one: crc32c, crc64nvme, sha256, md5 ..."),   \
        OPTION(0, "part_size", "SIZE", "size of the parts of large objects, as in 16MiB"),         \
        PARALLEL_OPTION, PROGRESS_OPTIONS,                                                         \
        OPTION(0, "no_resume", NULL, "keep nothing of what is interrupted")
#define TREE_OPTIONS                                                                               \
    OPTION(0, "include", "PATTERN", "with -r: take part, unless an earlier pattern decides"),      \
        OPTION(0, "exclude", "PATTERN",                                                            \
               "with -r: take no part, unless an earlier pattern decides"),                        \
        OPTION(0, "jobs", "COUNT", "with -r: objects at a time [16]")

static const nephc_option cp_options[] = {
    {'r', "recursive", NULL, "directories, and all that is below a key"},
    {'n', "dry_run", NULL, "show what would be done"},
    {0, "if_match", "TEXT", "only over the object with this entity tag"},
    {0, "if_none_match", "TEXT", "\"*\": only if there is no such object"},
    OBJECT_OPTIONS,
    TRANSFER_OPTIONS,
    TREE_OPTIONS,
};

static const nephc_option rm_options[] = {
    {'r', "recursive", NULL, "all that is below a key, and what is called so; of a bucket: all"},
    {'n', "dry_run", NULL, "show what would be deleted"},
    {0, "max_delete", "COUNT", "with -r: delete nothing if it were more"},
    TREE_OPTIONS,
};

static const nephc_option sync_options[] = {
    {'n', "dry_run", NULL, "show what would be done"},
    {0, "delete", NULL, "delete what the source has not"},
    {0, "max_delete", "COUNT", "delete nothing if it were more"},
    {0, "compare", "WORD", "auto, size, checksum, none or absent [auto]"},
    {0, "include", "PATTERN", "take part, unless an earlier pattern decides"},
    {0, "exclude", "PATTERN", "take no part, unless an earlier pattern decides"},
    {0, "jobs", "COUNT", "objects at a time [16]"},
    OBJECT_OPTIONS,
    TRANSFER_OPTIONS,
};

static const nephc_option resume_options[] = {PARALLEL_OPTION, PROGRESS_OPTIONS};

static const nephc_option abort_options[] = {
    {0, "forget", NULL, "do not ask the cloud; what it holds stays there"},
};

static const nephc_option clean_options[] = {
    {0, "stale", "AGE", "abort uploads older than that, as in 12h or 7d, that the journal has not"},
    {'n', "dry_run", NULL, "show what would be done"},
};

/* What the command adds to operations of the model. */
static const nephc_option create_options[] = {
    {0, "count", "COUNT", "make so many at once, called NAME-1, NAME-2 ..."},
    {0, "min_cpu", "NUMBER", "take the cheapest size with so many CPUs, in place of SIZE_ID"},
    {0, "min_ram", "SIZE", "the same with so much memory, as in 4GiB"},
    {0, "min_disk", "SIZE", "the same with so large a disk"},
    {0, "max_price", "NUMBER", "the same at this price an hour at most; what has no price is none"},
    {0, "image_name", "PATTERN", "take the newest image called like this, in place of IMAGE_ID"},
};

static const struct {
    uint32_t op;
    const nephc_option *options;
    size_t count;
} added_options[] = {
    {NEPH_OP_NODE_CREATE, create_options, sizeof create_options / sizeof create_options[0]},
};

static const nephc_option price_options[] = {
    {0, "service", "TEXT", "compute, volumes, storage, addresses or balancers"},
    {0, "region", "TEXT", "those that hold in this region"},
};

static const nephc_option import_options[] = {
    {0, "provider", "PROVIDER", "whose prices they are [as the tables' names say]"},
    {0, "driver", "TABLE[=REGION]", "a table of the file, and its region; may be given again"},
    {0, "region", "TEXT", "region of what the file says none of [all]"},
    {0, "as_of", "DATE", "day on which the prices were so [as the file says]"},
    {0, "currency", "TEXT", "currency of the prices [USD]"},
};

#define OPTIONS(array) array, sizeof array / sizeof array[0]
#define NO_OPTIONS NULL, 0

#define WORDS_MANY 1000000 /* as many as a shell makes of "*" */

#define VERIFY_TEXT                                                                                                       \
    "What both ends have a checksum of is compared, and differing bytes are an error; where nothing could be compared a " \
    "note says unverified. --verify=required makes that an error, --verify=off compares nothing. "
#define RESUME_TEXT                                                                                                      \
    "What was interrupted goes on where it stopped when the same command is given again, unless the source has changed " \
    "meanwhile; see neph-transfer(1). "
#define PATTERN_TEXT                                                                                                   \
    "Of --include and --exclude the first that matches decides; what none matches takes part, unless an --include is " \
    "among them. * and ? match within a name, ** across slashes; a pattern without a slash is matched with the last name. "

#define PERMISSION_TEXT                                                                                                  \
    "A file that is written over keeps its permissions; a new one, or a new directory, has those of the one that it is " \
    "copied from, as far as the umask lets. Of a file's owner, time, access lists and extended attributes nothing is "   \
    "brought over. "

#define ADDRESS_TEXT                                                                                                  \
    "An address is CLOUD:BUCKET/KEY, where CLOUD is a provider or a name from clouds.json. A colon before the first " \
    "slash makes it an address: ./s3:file is a file. What follows BUCKET/ is the key as it is, never normalised. "

#define JOURNAL_TEXT                                                                                                   \
    "What cp, mv and sync move in many parts is kept in a journal, a file for each in ~/.local/state/neph/transfers, " \
    "until it is finished. "

#define PRICE_TEXT                                                                                                         \
    "Prices come from files, not from the clouds: your own, ~/.local/share/neph/prices/PROVIDER.json, or "                 \
    "the one that came with the plugin. age_days tells how old they are; after 180 days expect them to be wrong. What is " \
    "not known has no row. A price file is JSON: {\"format\": 1, \"provider\": ID, \"lists\": [{\"service\": ..., "        \
    "\"region\": ..., \"unit\": ..., \"currency\": \"USD\", \"as_of\": \"2011-05-21\", \"source\": ..., \"prices\": "      \
    "{ITEM: PRICE, ...}}, ...]}. The service is compute, volumes, storage, addresses or balancers, the unit hour, month, " \
    "GB-month or request. Without a region a list holds in all; as_of and source may be left out; a price is a decimal, "  \
    "kept exactly to 0.000000001, null where it is unknown, and 0 where it costs nothing."

static const nephc_command commands[] = {
    {"ls", NULL, "[CLOUD:[BUCKET[/PREFIX]]]", "list buckets, or the objects of a bucket",
     ADDRESS_TEXT
     "Keys are parted at \"/\"; what they share up to there is shown once, in the first column.",
     OPTIONS(ls_options), 0, 1, nephc_ls, NULL, NEPH_KIND_OBJECT},
    {"cp", NULL, "SOURCE... DESTINATION",
     "copy files to a cloud, from one, inside one and between two",
     ADDRESS_TEXT
     "A destination that ends in a slash, that is a bucket alone, or that is a directory, means into it "
     "under the source's last name. \"-\" is standard input or output. Between two clouds the bytes "
     "pass through this machine. A file appears at its destination when it is whole, or not at all; so does an object, "
     "unless its file is written to while it is sent in one request: that is an error, and the command is to be given again. " PERMISSION_TEXT
     "With -r a source may be a directory, or all that is below a key: it becomes the destination, or goes "
     "into it under its last name, a bucket under its own. What is called . or .. goes in without a name. Rows are then "
     "items, as those of neph-sync(1). " VERIFY_TEXT RESUME_TEXT PATTERN_TEXT
     "Media types of files come from ~/.mime.types and /etc/mime.types, by the extension of the key; what they do not know is "
     "left to the cloud.",
     OPTIONS(cp_options), 2, WORDS_MANY, nephc_cp, &nephc_copy_shape, 0},
    {"mv", NULL, "SOURCE... DESTINATION",
     "move files and objects: copy them, then delete the source",
     ADDRESS_TEXT
     "As neph-cp(1), and what was copied is deleted from the source, unless it has changed meanwhile: then it is "
     "kept and named. With -r what fails stays at the source, the rest is moved. ",
     OPTIONS(cp_options), 2, WORDS_MANY, nephc_mv, &nephc_copy_shape, 0},
    {"cat", NULL, "CLOUD:BUCKET/KEY...", "write objects to standard output",
     ADDRESS_TEXT
     "As cp to \"-\": what both ends have a checksum of is compared; if the bytes differ the status is 1, though they are "
     "written by then. ",
     NO_OPTIONS, 1, WORDS_MANY, nephc_cat, NULL, NEPH_KIND_NONE},
    {"rm", NULL, "CLOUD:BUCKET/KEY...", "delete objects",
     ADDRESS_TEXT
     "Many are deleted in batches where the cloud takes them. Each that fails is named, the rest goes on; the status is "
     "then that of all if all failed alike, else 1. " PATTERN_TEXT,
     OPTIONS(rm_options), 1, WORDS_MANY, nephc_rm, &nephc_item_shape, 0},
    {"sync", NULL, "SOURCE DESTINATION", "make a directory or what is below a key like another",
     ADDRESS_TEXT
     "Source and destination are each a directory or CLOUD:BUCKET/PREFIX; PREFIX is taken as a directory. What is not at "
     "the destination, or differs there, is copied; with --delete what the source has not is deleted there, but nothing if "
     "either side could not be listed wholly. " PERMISSION_TEXT
     "--compare says what is taken for the same: "
     "auto, of the same size and checksum, or, where one has no checksum, not newer at the source; size, of the same size; "
     "checksum, of the same size and checksum, which is taken of files; none, nothing; absent, whatever is there. Each "
     "item that fails is named, the rest goes on, the status is then 1. A summary goes to standard error; json has each "
     "item and at last the summary. " VERIFY_TEXT RESUME_TEXT PATTERN_TEXT,
     OPTIONS(sync_options), 2, 2, nephc_sync, &nephc_item_shape, 0},
    {"url", NULL, "CLOUD:BUCKET/KEY", "make a URL that does one thing for whoever holds it",
     ADDRESS_TEXT
     "The URL is made without asking the cloud: it is not told whether the object exists.",
     OPTIONS(url_options), 1, 1, nephc_url, NULL, NEPH_KIND_URL},
    {"cloud", "list", "", "list the clouds named in clouds.json", NULL, NO_OPTIONS, 0, 0,
     nephc_cloud_list, &nephc_cloud_shape, 0},
    {"cloud", "show", "[CLOUD]", "show a cloud's settings and where each came from", NULL,
     NO_OPTIONS, 0, 1, nephc_cloud_show, &nephc_origin_shape, 0},
    {"plugin", "list", "", "list installed plugins", NULL, NO_OPTIONS, 0, 0, nephc_plugin_list,
     &nephc_plugin_shape, 0},
    {"plugin", "info", "PLUGIN", "show one plugin as its manifest describes it", NULL, NO_OPTIONS,
     1, 1, nephc_plugin_info, &nephc_plugin_shape, 0},
    {"plugin", "doctor", "[PLUGIN]...", "load plugins and compare them with their manifests", NULL,
     NO_OPTIONS, 0, 256, nephc_plugin_doctor, &nephc_doctor_shape, 0},
    {"price", "list", "[PROVIDER]", "list prices of one provider, or of all", PRICE_TEXT,
     OPTIONS(price_options), 0, 1, nephc_price_list, NULL, NEPH_KIND_PRICE},
    {"price", "show", "PROVIDER ITEM", "show what one thing costs, in each region",
     "ITEM is the id of a size, the type of a volume: as the provider calls it. With --region it is the price there.",
     OPTIONS(price_options), 2, 2, nephc_price_show, NULL, NEPH_KIND_PRICE},
    {"price", "import", "FILE", "make the price list of another program your own price files",
     "FILE is a pricing.json of Apache Libcloud, of 2011 or later, or a price file of neph's own. Each "
     "provider's file is replaced at once, and none unless the whole list could be read. Tables belong to "
     "the provider whose installed price file names them, else to a provider of their name; --provider and --driver say "
     "otherwise. A price of 0 in Libcloud's lists is unknown and left out. Compute is taken as priced by the "
     "hour, storage by the GB-month.",
     OPTIONS(import_options), 1, 1, nephc_price_import, &nephc_import_shape, 0},
    {"transfer", "list", "", "list what was begun and is not finished", JOURNAL_TEXT, NO_OPTIONS, 0,
     0, nephc_transfer_list, &nephc_unfinished_shape, 0},
    {"transfer", "resume", "[ID]...", "go on with what is unfinished: all of it, or these",
     JOURNAL_TEXT
     "The same command that began it does so too. Secrets are not in the journal: they come from where they came from, "
     "or from --set.",
     OPTIONS(resume_options), 0, WORDS_MANY, nephc_transfer_resume, NULL, NEPH_KIND_NONE},
    {"transfer", "abort", "ID...", "give it up: here, and at the cloud",
     JOURNAL_TEXT
     "What the cloud holds of it is dropped, and half-written files are removed. An object that the cloud was asked to "
     "complete stays if it is there; it is looked for until a minute after that.",
     OPTIONS(abort_options), 1, WORDS_MANY, nephc_transfer_abort, NULL, NEPH_KIND_NONE},
    {"transfer", "clean", "[CLOUD:BUCKET/PREFIX]...",
     "forget what cannot be gone on with, and abort uploads that nobody knows of",
     JOURNAL_TEXT
     "What is damaged or of another version, whose source has changed, or whose upload the cloud has no more, is "
     "forgotten. With --stale the uploads of a bucket that are older than that are aborted, unless the journal has them: "
     "other machines may be at work on younger ones.",
     OPTIONS(clean_options), 0, WORDS_MANY, nephc_transfer_clean, NULL, NEPH_KIND_NONE},
    {"provider", "list", "", "list the providers of installed plugins", NULL, NO_OPTIONS, 0, 0,
     nephc_provider_list, &nephc_provider_shape, 0},
    {"provider", "show", "PROVIDER", "show a provider's settings and operations", NULL, NO_OPTIONS,
     1, 1, nephc_provider_show, &nephc_setting_shape, 0},
    {"call", NULL, "PROVIDER.NAME [KEY=VALUE]...", "call an operation that only one provider has",
     "\"neph provider show PROVIDER\" lists what there is to call, \"neph call PROVIDER.NAME --help\" tells its "
     "parameters and the columns of its answer. The cloud is that of -c, or the provider with its settings from "
     "the environment and files. KEY=@FILE reads a value from a file, KEY=@- from standard input; a value that "
     "begins with @ itself is written with two. Secret parameters are refused in the command line. A parameter "
     "that is a list is given once for each of its values.",
     NO_OPTIONS, 1, 256, nephc_extension_call, NULL, NEPH_KIND_NONE},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static const nephc_text_row noun_summaries[] = {
    {"node", "machines: list, make, start, stop and end them"},
    {"image", "what nodes are made from"},
    {"size", "how large nodes can be, and what they cost"},
    {"location", "places where nodes can be"},
    {"key", "SSH keys that open nodes"},
    {"volume", "disks that nodes are given, and that outlive them"},
    {"snapshot", "what a volume held at one moment"},
    {"address", "public addresses, moved from node to node"},
    {"firewall", "sets of rules that nodes stand behind"},
    {"rule", "what a firewall lets through"},
    {"network", "networks that nodes are in"},
    {"subnet", "parts of networks"},
    {"tag", "names and values that anything can bear"},
    {"bucket", "what holds objects"},
    {"object", "objects by bucket and key"},
    {"upload", "objects on their way in parts"},
    {"storage", "what holds for all objects of a cloud"},
    {"transfer", "copies that were begun and are not finished"},
    {"plugin", "installed plugins"},
    {"price", "what things cost, and since when that is known"},
    {"provider", "kinds of cloud that the plugins bring"},
    {"cloud", "accounts by name, and where their settings come from"},
};

const nephc_command *nephc_command_at(size_t index)
{
    return index < COMMAND_COUNT ? &commands[index] : NULL;
}

/* Storage first, then the model, then the rest: as people look for them. */
static const size_t shorthand_count = 7;

int nephc_target_at(size_t index, nephc_target *out)
{
    size_t op_count = 0;

    memset(out, 0, sizeof *out);
    if (index < shorthand_count) {
        out->command = &commands[index];
        return 1;
    }
    index -= shorthand_count;
    while (neph_op_at(op_count) && op_count <= index)
        op_count++;
    if (op_count > index) {
        out->op = neph_op_at(index);
        return 1;
    }
    out->command = nephc_command_at(index - op_count + shorthand_count);
    return out->command != NULL;
}

const char *nephc_target_noun(const nephc_target *target)
{
    return target->op ? target->op->noun : target->command->noun;
}

const char *nephc_target_verb(const nephc_target *target)
{
    return target->op ? target->op->verb : target->command->verb;
}

const char *nephc_target_summary(const nephc_target *target)
{
    return target->op ? target->op->summary : target->command->summary;
}

const char *nephc_noun_at(size_t index)
{
    const char *last = NULL;
    nephc_target target;
    size_t i, found = 0;

    for (i = 0; nephc_target_at(i, &target); i++) {
        const char *noun = nephc_target_noun(&target);

        if (last && strcmp(noun, last) == 0)
            continue;
        if (found++ == index)
            return noun;
        last = noun;
    }
    return NULL;
}

const char *nephc_noun_summary(const char *noun)
{
    size_t i;

    for (i = 0; i < COMMAND_COUNT; i++)
        if (!commands[i].verb && strcmp(commands[i].noun, noun) == 0)
            return commands[i].summary;
    for (i = 0; i < sizeof noun_summaries / sizeof noun_summaries[0]; i++)
        if (strcmp(noun_summaries[i].term, noun) == 0)
            return noun_summaries[i].text;
    return "";
}

int nephc_noun_is_verb(const char *noun)
{
    size_t i;

    for (i = 0; i < COMMAND_COUNT; i++)
        if (!commands[i].verb && strcmp(commands[i].noun, noun) == 0)
            return 1;
    return 0;
}

int nephc_noun_takes_addresses(const char *noun)
{
    size_t i;

    for (i = 0; i < shorthand_count; i++)
        if (strcmp(commands[i].noun, noun) == 0)
            return 1;
    return 0;
}

static int no_such_noun(const char *word)
{
    nephc_nearest nearest;
    const char *noun;
    size_t i;

    nephc_nearest_begin(&nearest, word);
    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++)
        nephc_nearest_try(&nearest, noun);
    return nephc_fail_nearest(NEPHC_USAGE, &nearest, "unknown noun \"%s\", see neph --help", word);
}

static int no_such_verb(const char *noun, const char *word)
{
    nephc_nearest nearest;
    nephc_target target;
    size_t i;

    nephc_nearest_begin(&nearest, word);
    for (i = 0; nephc_target_at(i, &target); i++)
        if (strcmp(nephc_target_noun(&target), noun) == 0)
            nephc_nearest_try(&nearest, nephc_target_verb(&target));
    return nephc_fail_nearest(NEPHC_USAGE, &nearest,
                              "unknown verb \"%s\" of %s, see neph %s --help", word, noun, noun);
}

int nephc_target_find(const nephc *cli, nephc_target *out, size_t *used)
{
    const nephc_options *options = &cli->options;
    const char *noun = options->words[0],
               *verb = options->word_count > 1 ? options->words[1] : NULL;
    int is_noun = 0;
    size_t i;

    for (i = 0; nephc_target_at(i, out); i++) {
        if (strcmp(nephc_target_noun(out), noun) != 0)
            continue;
        is_noun = 1;
        *used = nephc_target_verb(out) ? 2 : 1;
        if (*used == 1 || (verb && strcmp(nephc_target_verb(out), verb) == 0))
            return 0;
    }
    if (!is_noun)
        return no_such_noun(noun);
    if (!verb)
        return nephc_fail(NEPHC_USAGE, "%s: a verb is missing, see neph %s --help", noun, noun);
    return no_such_verb(noun, verb);
}

/* ---- options of one target */

static const char *value_word(const neph_member_info *argument)
{
    switch (argument->type) {
    case NEPH_TYPE_BOOLEAN: return NULL;
    case NEPH_TYPE_INTEGER: return argument->flags & NEPH_INFO_SIZE ? "SIZE" : "COUNT";
    case NEPH_TYPE_DECIMAL: return "NUMBER";
    case NEPH_TYPE_PAIRS: return "NAME=VALUE";
    case NEPH_TYPE_SOURCE:
    case NEPH_TYPE_SINK: return "FILE";
    default: return argument->flags & NEPH_INFO_SECRET ? "@FILE" : "TEXT";
    }
}

static int added_option(const neph_op_info *op, size_t index, nephc_option *out)
{
    size_t i;

    for (i = 0; i < sizeof added_options / sizeof added_options[0]; i++)
        if (added_options[i].op == op->op && index < added_options[i].count) {
            *out = added_options[i].options[index];
            return 1;
        }
    return 0;
}

int nephc_target_option(const nephc_target *target, size_t index, nephc_option *out)
{
    if (target->op) {
        const neph_member_info *argument;

        if (index >= target->op->argument_count)
            return added_option(target->op, index - target->op->argument_count, out);
        argument = &target->op->arguments[index];
        *out = (nephc_option){0, argument->name, value_word(argument), argument->summary};
        return 1;
    }
    if (index >= target->command->option_count)
        return 0;
    *out = target->command->options[index];
    return 1;
}

int nephc_option_is_word(const nephc_target *target, size_t index)
{
    return target->op && index < target->op->argument_count &&
           nephc_argument_is_word(&target->op->arguments[index]);
}

static int find_option(const nephc_target *target, const char *name, size_t size, nephc_option *out)
{
    size_t i;

    for (i = 0; nephc_target_option(target, i, out); i++)
        if (nephc_option_is(name, size, out->name))
            return 1;
    return 0;
}

int nephc_option_known(const char *name, size_t size)
{
    nephc_target target;
    nephc_option option;
    size_t i;

    for (i = 0; nephc_target_at(i, &target); i++)
        if (find_option(&target, name, size, &option))
            return option.value != NULL;
    return -1;
}

const nephc_option *nephc_option_by_letter(char letter)
{
    size_t i, j;

    for (i = 0; i < COMMAND_COUNT; i++)
        for (j = 0; j < commands[i].option_count; j++)
            if (commands[i].options[j].letter == letter)
                return &commands[i].options[j];
    return NULL;
}

/* "--ram-bytes" of "ram_bytes" */
static void write_dashed(char *out, size_t capacity, const char *name)
{
    size_t used = 2;

    memcpy(out, "--", 3);
    for (; *name && used + 1 < capacity; name++)
        out[used++] = (char)(*name == '_' ? '-' : *name);
    out[used] = '\0';
}

static int no_such_option(const nephc_target *target, const nephc_given *given)
{
    const char *verb = nephc_target_verb(target);
    nephc_nearest nearest;
    nephc_option option;
    char name[64], best[64];
    size_t i;

    (void)memset(name, 0, sizeof name);
    (void)memcpy(name, given->name,
                 given->name_size < sizeof name ? given->name_size : sizeof name - 1);
    nephc_nearest_begin(&nearest, name);
    for (i = 0; nephc_target_option(target, i, &option); i++)
        nephc_nearest_try(&nearest, option.name);
    for (i = 0; nephc_option_at(i); i++)
        nephc_nearest_try(&nearest, nephc_option_at(i)->name);
    if (nearest.best) {
        write_dashed(best, sizeof best, nearest.best);
        nearest.best = best;
    }
    return nephc_fail_nearest(NEPHC_USAGE, &nearest, "unknown option --%s, see neph %s%s%s --help",
                              name, nephc_target_noun(target), verb ? " " : "", verb ? verb : "");
}

int nephc_target_check_options(const nephc *cli, const nephc_target *target)
{
    size_t i;

    for (i = 0; i < cli->options.given_count; i++) {
        const nephc_given *given = &cli->options.given[i];
        nephc_option option;

        if (!find_option(target, given->name, given->name_size, &option))
            return no_such_option(target, given);
        if (option.value && !given->value)
            return nephc_fail(NEPHC_USAGE, "option --%.*s needs a value", (int)given->name_size,
                              given->name);
        if (!option.value && given->value)
            return nephc_fail(NEPHC_USAGE, "option --%.*s takes no value", (int)given->name_size,
                              given->name);
    }
    return 0;
}
