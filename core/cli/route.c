/*
 * core/cli/route.c - SOURCE... DESTINATION of cp and mv: where each source goes and under which name it arrives there.
 */
#include "core/cli/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All routes of one command. */
typedef struct routing {
    nephc *cli;
    const char *what;
    nephc_address to;
    neph_cloud *to_cloud;
    int is_into; /* the destination is a place, not a name */
    int is_recursive;
    nephc_route_fn fn;
    void *user;
} routing;

static int ends_in_slash(const char *text)
{
    size_t length = strlen(text);

    return length > 0 && text[length - 1] == '/';
}

/* ---- names */

/* The last name of a source: a file's or an object's as it is, a tree's without the slashes behind it. What a tree is
 * called by "." and the like is no name: then its content goes where the tree would. */
static const char *last_name(const nephc_route *route, size_t *size)
{
    const nephc_address *from = &route->from;
    const char *path = !from->cloud                     ? from->text
                       : from->key && *from->key        ? from->key
                       : route->is_tree && from->bucket ? from->bucket
                                                        : "";
    size_t end = strlen(path), begin;

    while (route->is_tree && end > 0 && path[end - 1] == '/')
        end--;
    for (begin = end; begin > 0 && path[begin - 1] != '/'; begin--)
        ;
    *size = end - begin;
    return path + begin;
}

static int is_no_name(const char *name, size_t size)
{
    return size == 0 || (size == 1 && name[0] == '.') ||
           (size == 2 && name[0] == '.' && name[1] == '.');
}

static int set_name(const routing *this, nephc_route *route)
{
    const char *place = this->to.cloud ? (this->to.key ? this->to.key : "") : this->to.text;
    size_t size = 0, room;
    const char *name = this->is_into ? last_name(route, &size) : "", *slash;
    int is_nameless =
        this->is_into && (nephc_address_is_standard(&route->from) || is_no_name(name, size));

    if (is_nameless && !route->is_tree)
        return nephc_fail(
            NEPHC_USAGE, "%s: \"%s\" ends in no name of a file; write out the destination's%s",
            this->what, route->from.text, route->from.cloud ? ", or -r for what is below it" : "");
    size = is_nameless ? 0 : size;
    slash = size > 0 && !this->to.cloud && !ends_in_slash(place) ? "/" : "";
    room = strlen(place) + size + 2;
    route->name = malloc(room);
    if (!route->name)
        return nephc_fail_memory();
    (void)snprintf(route->name, room, "%s%s%.*s", place, slash, (int)size, name);
    return 0;
}

char *nephc_route_target(const nephc_route *route)
{
    const nephc_address *to = &route->to;
    size_t room =
        (to->cloud ? strlen(to->cloud) + strlen(to->bucket) : 0) + strlen(route->name) + 3;
    char *text = malloc(room);

    if (text && to->cloud)
        (void)snprintf(text, room, "%s:%s/%s", to->cloud, to->bucket, route->name);
    else if (text)
        (void)snprintf(text, room, "%s", route->name);
    return text;
}

static void set_end(const nephc_address *address, neph_cloud *cloud, const char *name,
                    neph_end *out)
{
    *out = (neph_end)NEPH_END_INIT;
    out->cloud = cloud;
    if (cloud) {
        out->bucket = address->bucket;
        out->key = name ? name : "";
    } else if (!nephc_address_is_standard(address)) {
        out->path = name;
    }
}

void nephc_route_ends(const nephc_route *route, neph_end *from, neph_end *to)
{
    set_end(&route->from, route->from_cloud, route->from.cloud ? route->from.key : route->from.text,
            from);
    if (!route->from.cloud && !from->path)
        from->fd = 0;
    set_end(&route->to, route->to_cloud, route->name, to);
    if (!route->to.cloud && !to->path)
        to->fd = 1;
}

/* ---- what can be said before anything is moved */

static int check_source(const routing *this, nephc_route *route)
{
    const nephc_address *from = &route->from;
    int is_directory = !from->cloud && nephc_path_is_directory(from->text);

    route->is_tree = this->is_recursive && (is_directory || from->cloud);
    if (!from->cloud && !this->to.cloud)
        return nephc_fail(
            NEPHC_USAGE,
            "%s: \"%s\" and \"%s\" are both files; one must be CLOUD:BUCKET/KEY, or write "
            "sync for directories",
            this->what, from->text, this->to.text);
    if (is_directory && !this->is_recursive)
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\" is a directory; add -r for all that is in it",
                          this->what, from->text);
    if (route->is_tree && from->cloud && !from->bucket)
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\": the bucket is missing; write CLOUD:BUCKET/KEY",
                          this->what, from->text);
    if (route->is_tree && nephc_address_is_standard(&this->to))
        return nephc_fail(NEPHC_USAGE, "%s: a tree does not fit into standard output; leave out -r",
                          this->what);
    if (!route->is_tree && from->cloud && from->bucket && (!from->key || !*from->key))
        return nephc_fail(
            NEPHC_USAGE,
            "%s: \"%s\" names no object; write CLOUD:BUCKET/KEY, or -r for all that is "
            "in the bucket",
            this->what, from->text);
    return from->cloud && !route->is_tree ? nephc_address_is_object(this->what, from) : 0;
}

static int check_destination(routing *this, size_t sources)
{
    const nephc_address *to = &this->to;
    int is_directory = !to->cloud && nephc_path_is_directory(to->text);

    if (to->cloud && !to->bucket)
        return nephc_fail(NEPHC_USAGE, "%s: \"%s\": the bucket is missing; write CLOUD:BUCKET/KEY",
                          this->what, to->text);
    this->is_into = to->cloud ? !to->key || !*to->key || ends_in_slash(to->key)
                              : is_directory || ends_in_slash(to->text);
    if (this->is_into && !to->cloud && !is_directory) {
        if (!this->is_recursive || sources > 1)
            return nephc_fail(NEPHC_FAILED, "%s: \"%s\" is no directory; make it first", this->what,
                              to->text);
        this->is_into = 0; /* as cp does: it is made, and is the tree */
    }
    if (sources > 1 && !this->is_into)
        return nephc_fail(
            NEPHC_USAGE, "%s: several files go into a place: end the destination \"%s\" in a slash",
            this->what, to->text);
    return 0;
}

/* ---- all of them */

static int run_one(routing *this, const char *word, int is_run)
{
    nephc_route route = {.to = this->to};
    int rc = nephc_address_parse(word, &route.from);

    if (rc)
        return rc;
    rc = check_source(this, &route);
    if (rc == 0)
        rc = set_name(this, &route);
    if (rc == 0 && route.from.cloud)
        rc = nephc_address_open(this->cli, &route.from, &route.from_cloud);
    if (rc == 0 && this->to.cloud && !this->to_cloud)
        rc = nephc_address_open(this->cli, &this->to, &this->to_cloud);
    route.to_cloud = this->to_cloud;
    if (rc == 0 && is_run)
        rc = this->fn(this->cli, &route, this->user);
    free(route.name);
    nephc_address_free(&route.from);
    return rc;
}

static int run_all(routing *this, const char *const *words, size_t count)
{
    int status = check_destination(this, count);
    size_t i;

    for (i = 0; i < count && status == NEPHC_DONE; i++)
        status = run_one(this, words[i], 0);
    if (status)
        return status;
    for (i = 0; i < count && !nephc_interrupted() && !this->cli->out.error; i++) {
        int rc = run_one(this, words[i], 1);

        if (status == NEPHC_DONE)
            status = rc;
    }
    return nephc_interrupted() ? 128 + nephc_interrupted() : status;
}

int nephc_routes_run(nephc *cli, const char *what, const char *const *words, size_t count,
                     nephc_route_fn fn, void *user)
{
    routing this = {.cli = cli, .what = what, .fn = fn, .user = user};
    int rc = nephc_address_parse(words[count - 1], &this.to);

    this.is_recursive = nephc_options_find(&cli->options, "recursive") != NULL;
    if (rc == 0)
        rc = nephc_terms_check(cli, what, &this.to);
    if (rc == 0)
        rc = run_all(&this, words, count - 1);
    nephc_address_free(&this.to);
    return rc;
}
