/*
 * core/cli/command.c - nouns and verbs as data: those of the model are read from the library, the command's own stand
 * here. Finding, help, man pages and completion all go through this table.
 */
#include "core/cli/cli.h"

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

static const nephc_option cp_options[] = {
    {0, "content_type", "TEXT", "media type of what is uploaded"},
    {0, "storage_class", "TEXT", "storage class of what is uploaded"},
    {0, "metadata", "NAME=VALUE", "kept with what is uploaded; may be given again"},
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

#define ADDRESS_TEXT                                                                                                  \
    "An address is CLOUD:BUCKET/KEY, where CLOUD is a provider or a name from clouds.json. A colon before the first " \
    "slash makes it an address: ./s3:file is a file. What follows BUCKET/ is the key as it is, never normalised. "

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
     "pass through this machine. A file appears at its destination when it is whole, or not at all.",
     OPTIONS(cp_options), 2, 256, nephc_cp, NULL, NEPH_KIND_NONE},
    {"cat", NULL, "CLOUD:BUCKET/KEY...", "write objects to standard output", ADDRESS_TEXT,
     NO_OPTIONS, 1, 256, nephc_cat, NULL, NEPH_KIND_NONE},
    {"rm", NULL, "CLOUD:BUCKET/KEY...", "delete objects", ADDRESS_TEXT, NO_OPTIONS, 1, 256,
     nephc_rm, NULL, NEPH_KIND_NONE},
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
static const size_t shorthand_count = 5;

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
