/*
 * core/price/import.c - a price list from elsewhere becomes the user's own price files. The list is read whole and all files
 * are made in memory before the first is replaced.
 */
#include "core/price/libcloud.h"
#include "core/price/price.h"

#include "core/manifest.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRIVERS_MAX 4096u
#define ALIASES_MAX 4096u

typedef struct importing {
    neph_host *host;
    const neph_price_import_options *options;
    const char *path;
    nephi_error *error;
    nephi_arena arena; /* names of drivers */
    nephi_libcloud libcloud;
    nephi_price_driver *drivers;
    size_t driver_count;
    nephi_price_alias *aliases;
    size_t alias_count;
    const char *provider; /* whose price file is looked at for drivers */
} importing;

/* ---- which tables are whose */

static int driver_add(importing *i, const char *name, const char *provider, const char *region)
{
    nephi_price_driver *driver = &i->drivers[i->driver_count];
    if (i->driver_count == DRIVERS_MAX)
        return nephi_fail(i->error, NEPH_LIMIT, "more drivers than neph can hold");
    driver->name = nephi_arena_text(&i->arena, name, strlen(name));
    driver->provider = nephi_arena_text(&i->arena, provider, strlen(provider));
    driver->region = nephi_arena_text(&i->arena, region, strlen(region));
    driver->is_seen = 0;
    if (!driver->name || !driver->provider || !driver->region)
        return nephi_fail_memory(i->error);
    i->driver_count++;
    return 0;
}

static int on_driver(void *user, const char *name, const char *region)
{
    importing *i = user;
    return driver_add(i, name, i->provider, region);
}

static int on_item(void *user, const char *name, const char *id)
{
    importing *i = user;
    nephi_price_alias *alias = &i->aliases[i->alias_count];
    if (i->alias_count == ALIASES_MAX)
        return nephi_fail(i->error, NEPH_LIMIT, "more items than neph can hold");
    alias->provider = nephi_arena_text(&i->arena, i->provider, strlen(i->provider));
    alias->name = nephi_arena_text(&i->arena, name, strlen(name));
    alias->id = nephi_arena_text(&i->arena, id, strlen(id));
    if (!alias->provider || !alias->name || !alias->id)
        return nephi_fail_memory(i->error);
    i->alias_count++;
    return 0;
}

/* What the price file that came with the provider says. One that is bad says nothing. */
static int drivers_from_file(importing *i, const char *provider)
{
    static const nephi_price_events events = {.driver = on_driver, .item = on_item};
    nephi_price_reader reader;
    nephi_price_file file;
    nephi_error error;
    int rc;
    nephi_error_clear(&error);
    i->provider = provider;
    rc = nephi_price_file_open(&file, i->host, provider, NEPHI_PRICE_PACKAGED_ONLY, &error);
    if (!rc) {
        nephi_price_reader_init(&reader, &i->host->memory, provider, &events, i);
        rc = nephi_price_document_file(&reader.document, file.fd, file.path, &error);
    }
    nephi_price_file_close(&file);
    if (i->error->status) /* set by the events: there is no room for more */
        return i->error->status;
    if (rc && rc != NEPH_NO_MEMORY && rc != NEPH_NOT_FOUND)
        nephi_log(i->host, NEPH_LOG_WARNING, 0, "%s", error.message);
    return rc == NEPH_NO_MEMORY ? nephi_fail_memory(i->error) : 0;
}

static int drivers_from_all(importing *i)
{
    const char **names = NULL;
    size_t count = 0;
    int rc = nephi_price_file_names(i->host, &i->arena, &names, &count);
    if (rc)
        return nephi_fail_memory(i->error);
    for (size_t at = 0; at < count && !rc; at++)
        rc = drivers_from_file(i, names[at]);
    return rc;
}

/* A driver is called as its provider is, but for '_'. */
static int driver_of_own_name(importing *i, const char *provider)
{
    char name[NEPHI_NAME_LENGTH_MAX + 1];
    int rc = driver_add(i, provider, provider, "");
    memcpy(name, provider, strlen(provider) + 1);
    for (char *at = name; *at; at++)
        *at = (char)(*at == '-' ? '_' : *at);
    return rc || strcmp(name, provider) == 0 ? rc : driver_add(i, name, provider, "");
}

/* With drivers given, those of the file do not count. */
static int drivers_given(importing *i)
{
    const neph_price_import_options *o = i->options;
    int rc = drivers_from_file(i, o->provider);
    i->driver_count = 0;
    for (size_t at = 0; at < o->driver_count && !rc; at++)
        rc = driver_add(i, o->drivers[at].name, o->provider,
                        o->drivers[at].value ? o->drivers[at].value : "");
    return rc;
}

static int drivers_gather(importing *i)
{
    const neph_price_import_options *o = i->options;
    int rc;
    i->drivers = nephi_arena_alloc(&i->arena, DRIVERS_MAX * sizeof *i->drivers);
    i->aliases = nephi_arena_alloc(&i->arena, ALIASES_MAX * sizeof *i->aliases);
    if (!i->drivers || !i->aliases)
        return nephi_fail_memory(i->error);
    if (o->driver_count)
        return drivers_given(i);
    if (!o->provider)
        return drivers_from_all(i);
    rc = drivers_from_file(i, o->provider);
    return rc || i->driver_count ? rc : driver_of_own_name(i, o->provider);
}

/* ---- options */

static int copy_option(importing *i, char *out, size_t capacity, const char *text, const char *what)
{
    if (strlen(text) >= capacity)
        return nephi_fail(i->error, NEPH_INVALID, "the %s is too long", what);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int is_currency(const char *text)
{
    return strlen(text) == 3 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

static int options_take(importing *i)
{
    const neph_price_import_options *o = i->options;
    nephi_price_list *common = &i->libcloud.common;
    const char *currency = o->currency ? o->currency : "USD";
    const char *slash = strrchr(i->path, '/');
    int rc;
    if (o->provider && !nephi_is_provider_id(o->provider))
        return nephi_fail(i->error, NEPH_INVALID, "\"%s\" is no provider's id", o->provider);
    if (o->driver_count && !o->provider)
        return nephi_fail(i->error, NEPH_INVALID, "whose drivers? name the provider too");
    if (!is_currency(currency))
        return nephi_fail(i->error, NEPH_INVALID, "\"%s\" is no currency, as in USD", currency);
    if (o->as_of && !nephi_price_date(o->as_of, strlen(o->as_of), &common->as_of_ns))
        return nephi_fail(i->error, NEPH_INVALID, "\"%s\" is no day, as in 2011-05-21", o->as_of);
    rc = copy_option(i, common->currency, sizeof common->currency, currency, "currency");
    if (!rc && o->region)
        rc = copy_option(i, common->region, sizeof common->region, o->region, "region");
    for (size_t at = 0; at < o->driver_count && !rc; at++)
        if (o->drivers[at].value && strlen(o->drivers[at].value) > NEPHI_PRICE_REGION_MAX)
            rc = nephi_fail(i->error, NEPH_INVALID, "the region of a driver is too long");
    return rc ? rc
              : copy_option(i, common->source, sizeof common->source, slash ? slash + 1 : i->path,
                            "name of the file");
}

/* ---- reading */

static int check_result(const importing *i)
{
    const neph_price_import_options *o = i->options;
    const nephi_libcloud *l = &i->libcloud;
    for (size_t at = 0; at < o->driver_count; at++)
        if (!i->drivers[at].is_seen)
            return nephi_fail(i->error, NEPH_NOT_FOUND, "%s has no table \"%s\"", i->path,
                              i->drivers[at].name);
    if (o->provider && !l->table_count)
        return nephi_fail(i->error, NEPH_NOT_FOUND,
                          "%s has no table that is known as provider \"%s\": name its drivers",
                          i->path, o->provider);
    return l->price_count
               ? 0
               : nephi_fail(i->error, NEPH_INVALID, "%s: there is no price in it", i->path);
}

/* One of neph's own goes into the place of the tables. */
static int read_own(importing *i, int fd)
{
    nephi_libcloud *l = &i->libcloud;
    const nephi_memory *memory = &i->host->memory;
    int rc;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return nephi_fail(i->error, NEPH_FILE, "%s cannot be read twice", i->path);
    nephi_libcloud_fini(l);
    l->tables = nephi_alloc(memory, sizeof *l->tables);
    if (!l->tables)
        return nephi_fail_memory(i->error);
    l->table_count = 1;
    nephi_price_table_init(l->tables, memory);
    rc = nephi_price_table_load(l->tables, i->options->provider, NULL, fd, i->path, i->error);
    if (rc)
        return rc;
    l->price_count = l->tables->row_count;
    if (l->tables->list_count)
        l->common.as_of_ns = l->tables->lists->as_of_ns;
    return l->price_count
               ? 0
               : nephi_fail(i->error, NEPH_INVALID, "%s: there is no price in it", i->path);
}

static int read_list(importing *i)
{
    nephi_price_file file;
    struct stat info;
    int rc = nephi_price_file_open_path(&file, i->path, &info, i->error);
    if (rc == NEPH_NOT_FOUND)
        return nephi_fail(i->error, rc, "%s is not there", i->path);
    if (rc)
        return rc;
    i->libcloud.drivers = i->drivers;
    i->libcloud.driver_count = i->driver_count;
    i->libcloud.aliases = i->aliases;
    i->libcloud.alias_count = i->alias_count;
    i->libcloud.takes_all = !i->options->provider;
    rc = nephi_price_document_file(&i->libcloud.document, file.fd, file.path, i->error);
    if (rc && i->libcloud.is_own)
        rc = read_own(i, file.fd);
    else if (!rc)
        rc = check_result(i);
    nephi_price_file_close(&file);
    return rc;
}

/* ---- writing */

static int write_table(importing *i, nephi_price_table *table, nephi_buffer *out)
{
    int rc = nephi_price_write(table, out);
    if (rc == NEPH_LIMIT)
        return nephi_fail(i->error, rc, "the prices of \"%s\" are more than 64 MiB",
                          table->provider);
    return rc ? nephi_fail_memory(i->error) : 0;
}

static int write_files(importing *i, const char *directory, int64_t *written)
{
    nephi_libcloud *l = &i->libcloud;
    nephi_buffer *texts = nephi_alloc_array(&i->host->memory, l->table_count, sizeof *texts);
    int rc = texts ? 0 : nephi_fail_memory(i->error);
    for (size_t at = 0; at < l->table_count && !rc; at++) {
        nephi_buffer_init(&texts[at], &i->host->memory, NEPHI_PRICE_FILE_MAX);
        if (l->tables[at].row_count)
            rc = write_table(i, &l->tables[at], &texts[at]);
    }
    for (size_t at = 0; at < l->table_count && !rc; at++) {
        if (!texts[at].size)
            continue;
        rc = nephi_price_file_replace(directory, l->tables[at].provider, texts[at].data,
                                      texts[at].size, i->error);
        *written += !rc;
    }
    for (size_t at = 0; texts && at < l->table_count; at++)
        if (texts[at].memory)
            nephi_buffer_fini(&texts[at]);
    nephi_free(&i->host->memory, texts);
    return rc;
}

static void result_fill(const importing *i, int64_t written, neph_price_import_result *out)
{
    const nephi_libcloud *l = &i->libcloud;
    neph_price_import_result made = {sizeof made,
                                     written,
                                     (int64_t)l->price_count,
                                     (int64_t)l->zero_count,
                                     (int64_t)l->double_count,
                                     (int64_t)l->other_count,
                                     l->common.as_of_ns};
    size_t size = out->size < sizeof made ? out->size : sizeof made;
    made.size = out->size;
    memcpy(out, &made, size);
}

int neph_price_import(neph_host *host, const char *path, const neph_price_import_options *options,
                      neph_price_import_result *result)
{
    static const neph_price_import_options none = NEPH_PRICE_IMPORT_OPTIONS_INIT;
    importing i = {
        .host = host, .options = options ? options : &none, .path = path, .error = &host->error};
    char directory[4096];
    int64_t written = 0;
    int rc;
    nephi_error_clear(i.error);
    rc = nephi_host_check(host, i.error);
    if (rc)
        return rc;
    if (!nephi_price_file_user(host, directory, sizeof directory))
        return nephi_fail(
            i.error, NEPH_PERMISSION,
            "there is no place for prices: this program may not use the user's files");
    nephi_arena_init(&i.arena, &host->memory, 0);
    nephi_libcloud_init(&i.libcloud, &host->memory);
    rc = options_take(&i);
    if (!rc)
        rc = drivers_gather(&i);
    if (!rc)
        rc = read_list(&i);
    if (!rc)
        rc = write_files(&i, directory, &written);
    if (!rc && result)
        result_fill(&i, written, result);
    nephi_libcloud_fini(&i.libcloud);
    nephi_arena_fini(&i.arena, 0);
    return rc;
}
