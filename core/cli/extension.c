/*
 * core/cli/extension.c - "neph call PROVIDER.NAME KEY=VALUE ...": operations that one provider alone has. What there is to
 * call and with what is read from manifests; a plugin is loaded when its operation is called.
 */
#include "core/cli/cli.h"
#include "core/cli/help.h"

#include <stdio.h>
#include <string.h>

/* What one command line calls. */
typedef struct calling {
    nephc *cli;
    const char *name; /* "ec2.spot_price_history" */
    const neph_provider_info *provider;
    const neph_extension_info *info;
    char what[160]; /* for messages: "call ec2.spot_price_history" */
} calling;

/* ---- finding */

static int no_such_extension(const calling *this, const char *name)
{
    nephc_nearest nearest;
    uint32_t i;

    nephc_nearest_begin(&nearest, name);
    for (i = 0; i < this->provider->extension_count; i++)
        nephc_nearest_try(&nearest, this->provider->extensions[i].name);
    return nephc_fail_nearest(
        NEPHC_UNSUPPORTED, &nearest,
        "provider %s has no operation \"%s\" of its own, see neph provider show %s",
        this->provider->id, name, this->provider->id);
}

static int find(calling *this, nephc *cli, const char *name)
{
    const char *dot = strchr(name, '.');
    char id[80];
    int rc = nephc_host_open(cli);

    memset(this, 0, sizeof *this);
    this->cli = cli;
    this->name = name;
    (void)snprintf(this->what, sizeof this->what, "call %s", name);
    if (rc)
        return rc;
    if (!dot || dot == name)
        return nephc_fail(NEPHC_USAGE, "call: \"%s\": write PROVIDER.NAME, see neph call --help",
                          name);
    (void)snprintf(id, sizeof id, "%.*s", (int)(dot - name), name);
    rc = nephc_provider_find(cli, id, &this->provider);
    if (rc)
        return rc;
    this->info = neph_extension_find(cli->host, name);
    return this->info ? 0 : no_such_extension(this, dot + 1);
}

/* ---- parameters, before a cloud is opened */

static int no_such_parameter(const calling *this, const char *name)
{
    nephc_nearest nearest;
    uint32_t i;

    nephc_nearest_begin(&nearest, name);
    for (i = 0; i < this->info->parameter_count; i++)
        nephc_nearest_try(&nearest, this->info->parameters[i].name);
    return nephc_fail_nearest(NEPHC_USAGE, &nearest, "%s: no parameter \"%s\", see neph %s --help",
                              this->what, name, this->what);
}

/* The parameter that a word is for, and its value as written. */
static int parse(const calling *this, const char *word, const neph_member_info **out,
                 const char **value)
{
    const char *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word) : 0;
    char name[80];
    uint32_t i;

    if (!size)
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\": write KEY=VALUE, see neph %s --help",
                          this->what, word, this->what);
    (void)snprintf(name, sizeof name, "%.*s", (int)size, word);
    *value = equals + 1;
    for (i = 0; i < this->info->parameter_count; i++) {
        *out = &this->info->parameters[i];
        if (strlen((*out)->name) == size && memcmp(word, (*out)->name, size) == 0)
            return 0;
    }
    return no_such_parameter(this, name);
}

static int check_word(const calling *this, const char *word, int *given)
{
    const neph_member_info *parameter = NULL;
    const char *value = NULL;
    int rc = parse(this, word, &parameter, &value);

    if (rc)
        return rc;
    if ((parameter->flags & NEPH_INFO_SECRET) && value[0] != '@')
        return nephc_fail(
            NEPHC_USAGE,
            "%s: a secret in the command line can be read by everybody on this machine; write "
            "%s=@FILE, or =@- for standard input",
            this->what, parameter->name);
    if (given[parameter - this->info->parameters]++ && parameter->type != NEPH_TYPE_STRINGS)
        return nephc_fail(NEPHC_USAGE, "%s: %s is given twice", this->what, parameter->name);
    return 0;
}

static int check_words(const calling *this, const char *const *words, size_t count)
{
    int given[NEPH_PARAMETER_COUNT] = {0};
    uint32_t i;
    size_t j;
    int rc = 0;

    for (j = 0; j < count && rc == 0; j++)
        rc = check_word(this, words[j], given);
    for (i = 0; i < this->info->parameter_count && rc == 0; i++) {
        const neph_member_info *parameter = &this->info->parameters[i];

        if ((parameter->flags & NEPH_INFO_REQUIRED) && !given[i])
            rc = nephc_fail(NEPHC_USAGE, "%s: %s (%s) is missing, see neph %s --help", this->what,
                            parameter->name, parameter->summary, this->what);
    }
    return rc;
}

/* A value that the library refuses makes the call fail when it starts, and is reported there. */
static int set_words(const calling *this, neph_call *call, const char *const *words, size_t count)
{
    size_t i;
    int rc = 0;

    for (i = 0; i < count && rc == 0; i++) {
        const neph_member_info *parameter = NULL;
        const char *text = NULL;
        char *value = NULL;

        rc = parse(this, words[i], &parameter, &text);
        if (rc == 0)
            rc = nephc_value_read(parameter->name, text, &value);
        if (rc == 0)
            (void)neph_call_set_parameter(call, parameter->name, value);
        nephc_value_free(value);
    }
    return rc;
}

/* ---- calling */

/* A cloud of that provider, and what its plugin says of the operation. */
static int open_cloud(calling *this, neph_cloud **out)
{
    const char *name = this->cli->options.cloud ? this->cli->options.cloud : this->provider->id;
    const neph_extension_info *found;
    int rc;

    this->cli->options.cloud = name; /* from here on it is as if -c had been written */
    rc = nephc_cloud_open(this->cli, name, out);
    if (rc)
        return rc;
    if (strcmp(neph_cloud_provider(*out), this->provider->id) != 0)
        return nephc_fail(NEPHC_UNSUPPORTED, "%s: cloud %s is one of provider %s", this->what, name,
                          neph_cloud_provider(*out));
    found = neph_cloud_extension(*out, this->name);
    if (!found)
        return nephc_fail(NEPHC_FAILED,
                          "%s: the plugin does not have what its manifest says, see neph plugin "
                          "doctor %s",
                          this->what, this->provider->plugin);
    this->info = found;
    return 0;
}

static nephc_shape shape_of(const neph_extension_info *info)
{
    nephc_shape shape = {info->columns, info->column_count, NEPH_KIND_ROW, 0, 1};

    return shape;
}

int nephc_extension_call(nephc *cli, const char *const *words, size_t count)
{
    calling this;
    neph_cloud *cloud = NULL;
    neph_call *call;
    nephc_run run = {0};
    nephc_shape shape;
    int rc = find(&this, cli, words[0]);

    if (rc == 0)
        rc = check_words(&this, words + 1, count - 1);
    if (rc == 0)
        rc = open_cloud(&this, &cloud);
    if (rc)
        return rc;
    shape = shape_of(this.info);
    run.what = this.what;
    run.cloud = nephc_cloud_default(cli);
    call = neph_call_new(cloud, this.info->op);
    rc = set_words(&this, call, words + 1, count - 1);
    if (rc == 0)
        rc = nephc_call_print(cli, call, &run, &shape);
    neph_call_free(call);
    return rc;
}

/* ---- what is told of it */

int nephc_extension_help(nephc *cli, const char *name)
{
    calling this;
    nephc_shape shape;
    int rc = find(&this, cli, name);

    if (rc)
        return rc;
    shape = shape_of(this.info);
    nephc_help_extension(&cli->out, name, this.info, &shape);
    return NEPHC_DONE;
}

static void put_names(nephc_output *out, const neph_provider_info *provider)
{
    uint32_t i;

    for (i = 0; i < provider->extension_count; i++) {
        nephc_output_text(out, provider->id);
        nephc_output_byte(out, '.');
        nephc_output_text(out, provider->extensions[i].name);
        nephc_output_byte(out, '\n');
    }
}

int nephc_generate_extensions(nephc *cli, const char *name)
{
    const neph_provider_info *provider;
    const neph_extension_info *info;
    uint32_t i;
    size_t j;
    int rc = nephc_host_open(cli);

    if (rc)
        return rc;
    info = name ? neph_extension_find(cli->host, name) : NULL;
    for (i = 0; info && i < info->parameter_count; i++) {
        nephc_output_text(&cli->out, info->parameters[i].name);
        nephc_output_text(&cli->out, "=\n");
    }
    for (j = 0; !name && (provider = neph_provider_at(cli->host, j)) != NULL; j++)
        put_names(&cli->out, provider);
    return NEPHC_DONE;
}
