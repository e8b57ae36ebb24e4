/*
 * Real modules that misbehave, and files that are none: each is refused with its rule, before any of its code runs
 * where that can be, and never takes the process down.
 */
#include "core/elf.h"
#include "core/loader.h"
#include "core/rule.h"
#include "tests/support/sandbox.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- modules */

typedef struct bytes {
    char *data;
    size_t size;
} bytes;

/* What the build made of one variant. */
static bytes module_read(const char *variant)
{
    const char *build = getenv("NEPH_BUILDDIR");
    char path[1024];
    struct stat info;
    bytes b;
    int fd;
    snprintf(path, sizeof path, "%s/tests/hostile/%s.so", build ? build : ".", variant);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info))
        fail_msg("%s is not built", path);
    b.size = (size_t)info.st_size;
    b.data = malloc(b.size);
    assert_non_null(b.data);
    assert_int_equal(read(fd, b.data, b.size), b.size);
    close(fd);
    return b;
}

static void manifest_write(sandbox *box, const char *dir, const char *name)
{
    char path[256], text[1024];
    snprintf(path, sizeof path, "%s/%s.json", dir, name);
    snprintf(
        text, sizeof text,
        "{\"format\": 1, \"name\": \"%s\", \"version\": \"1.0\", \"abi\": \"%d.%d\", \"file\": \"%s.so\",\n"
        " \"providers\": [{\"id\": \"hostile\", \"title\": \"Hostile\", \"settings\": [{\"name\": \"word\", \"type\": "
        "\"string\", \"summary\": \"any\", \"default\": \"x\"}], \"operations\": {\"bucket.list\": []}}]}",
        name, NEPH_ABI_MAJOR, NEPH_ABI_MINOR, name);
    sandbox_write(box, path, text, 0644);
}

/* A directory "a" with one variant, and a host that knows it. */
static void install(sandbox *box, const char *variant)
{
    char path[256];
    bytes b = module_read(variant);
    snprintf(path, sizeof path, "a/%s.so", variant);
    sandbox_write_data(box, path, b.data, b.size, 0755);
    free(b.data);
    manifest_write(box, "a", variant);
    sandbox_host(box, "a");
    unsetenv("NEPH_HOSTILE_RAN");
}

static int use(sandbox *box, nephi_error *error)
{
    const nephi_provider *provider;
    nephi_error_clear(error);
    return nephi_registry_provider(box->host->registry, "hostile", NULL, &provider, error);
}

/* ---- */

static void test_loader__loads_a_good_one(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    install(box, "good");
    assert_null(getenv("NEPH_HOSTILE_RAN"));
    if (use(box, &error))
        fail_msg("%s", error.message);
    assert_string_equal(getenv("NEPH_HOSTILE_RAN"), "good");
    assert_int_equal(sandbox_plugin(box, "good")->state, NEPH_PLUGIN_LOADED);
    assert_int_equal(neph_plugin_check(box->host, "good"), 0);
    assert_int_equal(box->line_count, 0);
}

static void test_loader__refuses_each_with_its_rule(void **state)
{
    static const struct {
        const char *variant;
        int rule;
        int may_run;
        const char *says;
    } rows[] = {
        {"nosymbol", NEPHI_RULE_PLUGIN_SYMBOL, 1, "does not export neph_plugin_v0"},
        {"smallsymbol", NEPHI_RULE_PLUGIN_SYMBOL, 1, "too small"},
        {"wrongmagic", NEPHI_RULE_PLUGIN_MAGIC, 1, "magic"},
        {"wrongsize", NEPHI_RULE_PLUGIN_MAGIC, 1, "another size"},
        {"noname", NEPHI_RULE_PLUGIN_MAGIC, 1, "name"},
        {"noproviders", NEPHI_RULE_PLUGIN_MAGIC, 1, "lists no providers"},
        {"nullprovider", NEPHI_RULE_PLUGIN_MAGIC, 1, "not there"},
        {"wrongmajor", NEPHI_RULE_PLUGIN_ABI, 0, "needs plugin ABI 7."},
        {"newerminor", NEPHI_RULE_PLUGIN_ABI, 0, "update neph"},
        {"lyingmajor", NEPHI_RULE_PLUGIN_ABI, 1, "7"},
        {"nonote", NEPHI_RULE_PLUGIN_NOTE, 0, "NEPH_PLUGIN()"},
        {"undefined", NEPHI_RULE_PLUGIN_LINK, 0, "neph_hostile_not_there"},
        {"wrongname", NEPHI_RULE_PLUGIN_NAME, 1, "somebody"},
        {"spoilt", NEPHI_RULE_PROVIDER_TABLE, 1, "method"},
    };
    sandbox *box = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        nephi_error error;
        char log_path[128];
        int rc;
        install(box, rows[i].variant);
        rc = use(box, &error);
        if (rc != NEPH_PLUGIN || error.rule != rows[i].rule || !strstr(error.message, rows[i].says))
            fail_msg("%s: %d, rule %d: %s", rows[i].variant, rc, error.rule, error.message);
        if (!rows[i].may_run && getenv("NEPH_HOSTILE_RAN"))
            fail_msg("%s: its code has run", rows[i].variant);
        snprintf(log_path, sizeof log_path, "%s.so", rows[i].variant);
        assert_true(error.rule == NEPHI_RULE_PROVIDER_TABLE ||
                    sandbox_logged(box, rows[i].rule, log_path));
        neph_host_free(box->host);
        box->host = NULL;
        unlink(sandbox_path(box, log_path));
        snprintf(log_path, sizeof log_path, "a/%s.json", rows[i].variant);
        unlink(sandbox_path(box, log_path));
    }
}

static void test_loader__one_bad_plugin_harms_no_other(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    bytes b = module_read("good");
    sandbox_write_data(box, "a/good.so", b.data, b.size, 0755);
    sandbox_write_data(box, "b/bad.so", b.data, b.size / 2, 0755);
    free(b.data);
    manifest_write(box, "a", "good");
    sandbox_manifest(box, "b", "bad", NULL);
    sandbox_host(box, "b:a");
    assert_int_equal(neph_plugin_check(box->host, "bad"), NEPH_PLUGIN);
    assert_int_equal(use(box, &error), 0);
}

/* ---- files that are no plugins */

/* Loads a/NAME.so by itself. */
static int load(sandbox *box, const char *name, const neph_plugin **plugin, nephi_error *error)
{
    char path[256];
    snprintf(path, sizeof path, "a/%s.so", name);
    nephi_error_clear(error);
    return nephi_loader_plugin(box->host, sandbox_path(box, path), "good", plugin, error);
}

static void test_loader__refuses_what_is_no_file_of_that_kind(void **state)
{
    static const struct {
        const char *name;
        int rule;
        const char *says;
    } rows[] = {
        {"text", NEPHI_RULE_PLUGIN_ELF, "no ELF"},
        {"empty", NEPHI_RULE_PLUGIN_ELF, "too short"},
        {"dir", NEPHI_RULE_PLUGIN_FILE, "regular file"},
        {"fifo", NEPHI_RULE_PLUGIN_FILE, "regular file"},
        {"link", NEPHI_RULE_PLUGIN_FILE, "symbolic"},
        {"gone", NEPHI_RULE_PLUGIN_FILE, "is not there"},
        {"null", NEPHI_RULE_PLUGIN_FILE, "symbolic"},
    };
    sandbox *box = *state;
    install(box, "good");
    sandbox_write(box, "a/text.so", "#!/bin/sh\nexit 0\n", 0755);
    sandbox_write(box, "a/empty.so", "", 0755);
    assert_int_equal(mkdir(sandbox_path(box, "a/dir.so"), 0755), 0);
    assert_int_equal(mkfifo(sandbox_path(box, "a/fifo.so"), 0644), 0);
    assert_int_equal(symlink("good.so", sandbox_path(box, "a/link.so")), 0);
    assert_int_equal(symlink("/dev/null", sandbox_path(box, "a/null.so")), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const neph_plugin *plugin;
        nephi_error error;
        if (load(box, rows[i].name, &plugin, &error) != NEPH_PLUGIN || plugin ||
            error.rule != rows[i].rule || !strstr(error.message, rows[i].says))
            fail_msg("%s: rule %d: %s", rows[i].name, error.rule, error.message);
    }
}

static void test_loader__refuses_a_file_cut_anywhere(void **state)
{
    sandbox *box = *state;
    bytes b = module_read("good");
    size_t step = b.size / 300 + 1;
    install(box, "good");
    for (size_t size = 0; size < b.size; size += size < 200 ? 1 : step) {
        const neph_plugin *plugin;
        nephi_error error;
        sandbox_write_data(box, "a/cut.so", b.data, size, 0755);
        if (load(box, "cut", &plugin, &error) != NEPH_PLUGIN ||
            (error.rule != NEPHI_RULE_PLUGIN_WHOLE && error.rule != NEPHI_RULE_PLUGIN_ELF))
            fail_msg("%zu of %zu bytes: rule %d: %s", size, b.size, error.rule, error.message);
    }
    assert_null(getenv("NEPH_HOSTILE_RAN"));
    free(b.data);
}

/* Without section headers nothing stands at the end that must be there; what is loaded still must be. */
static void test_loader__survives_a_cut_file_without_sections(void **state)
{
    sandbox *box = *state;
    bytes b = module_read("good");
    ElfW(Ehdr) *header = (void *)b.data;
    const ElfW(Phdr) *segments = (void *)(b.data + header->e_phoff);
    size_t needed = 0, refused = 0, count = 0;
    header->e_shoff = 0;
    header->e_shnum = header->e_shstrndx = 0;
    for (size_t i = 0; i < header->e_phnum; i++)
        if (segments[i].p_offset + segments[i].p_filesz > needed)
            needed = segments[i].p_offset + segments[i].p_filesz;
    install(box, "good");
    for (size_t size = 64; size < b.size; size += b.size / 40 + 1) {
        const neph_plugin *plugin;
        nephi_error error;
        unlink(sandbox_path(box, "a/cut.so"));
        sandbox_write_data(box, "a/cut.so", b.data, size, 0755);
        count++;
        refused += load(box, "cut", &plugin, &error) != 0;
        assert_int_equal(plugin == NULL, size < needed);
    }
    assert_true(refused > 0 && refused < count + 1);
    free(b.data);
}

/* ---- headers */

#define HEADER(name, statement)                                                                    \
    static void header_##name(ElfW(Ehdr) * h, ElfW(Phdr) * p)                                      \
    {                                                                                              \
        (void)p;                                                                                   \
        statement;                                                                                 \
    }

static ElfW(Phdr) * segment_of(const ElfW(Ehdr) * h, ElfW(Phdr) * p, uint32_t type)
{
    for (size_t i = 0; i < h->e_phnum; i++)
        if (p[i].p_type == type)
            return &p[i];
    fail_msg("no segment of type %u", type);
    return NULL;
}

HEADER(class, h->e_ident[EI_CLASS] ^= 3)
HEADER(order, h->e_ident[EI_DATA] ^= 3)
HEADER(ident_version, h->e_ident[EI_VERSION] = 9)
HEADER(version, h->e_version = 9)
HEADER(machine, h->e_machine ^= 0x55)
HEADER(program, h->e_type = ET_EXEC)
HEADER(object, h->e_type = ET_REL)
HEADER(entry_size, h->e_phentsize = 8)
HEADER(none, h->e_phnum = 0)
HEADER(many, h->e_phnum = 65535)
HEADER(far, h->e_phoff = (size_t)-64)
HEADER(sections, h->e_shoff = (size_t)-64)
HEADER(load_far, segment_of(h, p, PT_LOAD)->p_offset = (size_t)-4096)
HEADER(load_size, segment_of(h, p, PT_LOAD)->p_filesz = (size_t)-1)
HEADER(load_memory, segment_of(h, p, PT_LOAD)->p_memsz = 1)
HEADER(dynamic_far, segment_of(h, p, PT_DYNAMIC)->p_vaddr = (size_t)-4096)
HEADER(dynamic_none, segment_of(h, p, PT_DYNAMIC)->p_type = PT_NULL)
HEADER(note_far, segment_of(h, p, PT_NOTE)->p_offset = (size_t)-8)

static void test_loader__refuses_headers_that_lie(void **state)
{
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, header_##name                                                                       \
    }
    static const struct {
        const char *name;
        void (*edit)(ElfW(Ehdr) * h, ElfW(Phdr) * p);
    } rows[] = {
        ROW(class),       ROW(order),        ROW(ident_version), ROW(version),   ROW(machine),
        ROW(program),     ROW(object),       ROW(entry_size),    ROW(none),      ROW(many),
        ROW(far),         ROW(sections),     ROW(load_far),      ROW(load_size), ROW(load_memory),
        ROW(dynamic_far), ROW(dynamic_none), ROW(note_far),
    };
    sandbox *box = *state;
    bytes b = module_read("good");
    install(box, "good");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const neph_plugin *plugin;
        nephi_error error;
        char *copy = malloc(b.size);
        ElfW(Ehdr) *header = (void *)copy;
        memcpy(copy, b.data, b.size);
        rows[i].edit(header, (void *)(copy + header->e_phoff));
        sandbox_write_data(box, "a/odd.so", copy, b.size, 0755);
        free(copy);
        if (load(box, "odd", &plugin, &error) != NEPH_PLUGIN ||
            (error.rule != NEPHI_RULE_PLUGIN_WHOLE && error.rule != NEPHI_RULE_PLUGIN_ELF))
            fail_msg("%s: rule %d: %s", rows[i].name, error.rule, error.message);
    }
    assert_null(getenv("NEPH_HOSTILE_RAN"));
    free(b.data);
}

static void test_loader__reads_any_header_without_harm(void **state)
{
    sandbox *box = *state;
    bytes b = module_read("good");
    size_t headers = sizeof(ElfW(Ehdr)) + 16 * sizeof(ElfW(Phdr));
    uint32_t seed = 1;
    install(box, "good");
    for (int round = 0; round < 3000; round++) {
        nephi_elf_note note;
        nephi_error error = {0};
        char *copy = malloc(b.size);
        int fd;
        memcpy(copy, b.data, b.size);
        for (int i = 0; i < 1 + round % 4; i++) {
            seed = seed * 1664525u + 1013904223u;
            copy[(seed >> 8) % headers] = (char)(seed >> 3);
        }
        sandbox_write_data(box, "a/odd.so", copy, b.size, 0755);
        fd = open(sandbox_path(box, "a/odd.so"), O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        nephi_elf_read(fd, (int64_t)b.size, "odd", &note, &error);
        close(fd);
        free(copy);
    }
    free(b.data);
}

/* ---- libltdl's habits */

static void test_loader__follows_no_la_file(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    const neph_plugin *plugin;
    bytes evil = module_read("wrongname");
    install(box, "good");
    sandbox_write_data(box, "a/evil.so", evil.data, evil.size, 0755);
    sandbox_write_data(box, "b/good.so", evil.data, evil.size, 0755);
    sandbox_write(
        box, "a/good.la",
        "dlname='evil.so'\nlibrary_names='evil.so'\nold_library=''\ndependency_libs=''\ninstalled=no\nlibdir='a'\n",
        0755);
    sandbox_setenv("LTDL_LIBRARY_PATH", sandbox_path(box, "b"));
    assert_int_equal(load(box, "good", &plugin, &error), 0);
    assert_string_equal(plugin->name, "good");
    free(evil.data);
}

static void test_loader__takes_no_two_files_for_one(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    const neph_plugin *first, *again, *second;
    bytes b = module_read("good");
    install(box, "good");
    sandbox_write_data(box, "a/copy.so", b.data, b.size, 0755);
    assert_int_equal(load(box, "good", &first, &error), 0);
    assert_int_equal(load(box, "copy", &second, &error), 0); /* with the same descriptor number */
    assert_int_equal(load(box, "good", &again, &error), 0);
    assert_ptr_equal(first, again);
    assert_ptr_not_equal(first, second);
    free(b.data);
}

static void test_loader__notices_a_file_overwritten_in_place(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    const neph_plugin *plugin, *newer;
    bytes b = module_read("good");
    install(box, "good");
    assert_int_equal(load(box, "good", &plugin, &error), 0);
    /* A new file of the same name, as package managers make it, is fine. */
    sandbox_write_data(box, "a/new.so", b.data, b.size, 0755);
    {
        char from[1024];
        snprintf(from, sizeof from, "%s", sandbox_path(box, "a/new.so"));
        assert_int_equal(rename(from, sandbox_path(box, "a/good.so")), 0);
    }
    assert_int_equal(load(box, "good", &newer, &error), 0);
    assert_ptr_not_equal(plugin, newer);
    {
        struct timespec times[2] = {{1, 0}, {1, 0}};
        assert_int_equal(utimensat(AT_FDCWD, sandbox_path(box, "a/good.so"), times, 0), 0);
    }
    assert_int_equal(load(box, "good", &plugin, &error), NEPH_PLUGIN);
    assert_non_null(strstr(error.message, "overwritten"));
    free(b.data);
}

/* ---- privileged */

static void test_loader__a_privileged_process_loads_what_is_roots(void **state)
{
    sandbox *box = *state;
    nephi_error error;
    const neph_plugin *plugin;
    if (geteuid() != 0)
        skip();
    install(box, "good");
    box->host->is_privileged = 1;
    assert_int_equal(load(box, "good", &plugin, &error), 0);
    assert_int_equal(chmod(sandbox_path(box, "a/good.so"), 0666), 0);
    assert_int_equal(load(box, "good", &plugin, &error), NEPH_PLUGIN);
    assert_int_equal(error.rule, NEPHI_RULE_PLUGIN_OWNER);
    assert_int_equal(chmod(sandbox_path(box, "a/good.so"), 0755), 0);
    assert_int_equal(chown(sandbox_path(box, "a/good.so"), 1, 1), 0);
    assert_int_equal(load(box, "good", &plugin, &error), NEPH_PLUGIN);
    assert_int_equal(error.rule, NEPHI_RULE_PLUGIN_OWNER);
    assert_int_equal(chown(sandbox_path(box, "a/good.so"), 0, 0), 0);
    assert_int_equal(chmod(sandbox_path(box, "a"), 0777), 0);
    assert_int_equal(load(box, "good", &plugin, &error), NEPH_PLUGIN);
    assert_non_null(strstr(error.message, "chmod go-w"));
}

/* ---- two hosts in two threads */

typedef struct worker {
    const neph_host_config *config;
    int failures;
} worker;

static void *work(void *user)
{
    worker *w = user;
    for (int i = 0; i < 50; i++) {
        neph_host *host = NULL;
        neph_cloud *cloud = NULL;
        if (neph_host_new(w->config, &host) || neph_plugin_check(host, "good") ||
            neph_cloud_open(host, "hostile", NULL, 0, &cloud) ||
            !neph_cloud_can(cloud, NEPH_OP_BUCKET_LIST))
            w->failures++;
        neph_cloud_close(cloud);
        neph_host_free(host);
    }
    return NULL;
}

static void test_loader__two_hosts_in_two_threads(void **state)
{
    sandbox *box = *state;
    neph_host_config config = NEPH_HOST_CONFIG_INIT;
    worker workers[2] = {{&config, 0}, {&config, 0}};
    pthread_t threads[2];
    install(box, "good");
    config.plugin_path = sandbox_path(box, "a");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(workers[0].failures + workers[1].failures, 0);
}

/* ---- modules of libneph itself */

static void test_loader__modules_need_no_note(void **state)
{
    sandbox *box = *state;
    nephi_error error = {0};
    const void *symbol;
    install(box, "nonote");
    assert_int_equal(nephi_loader_module(box->host, sandbox_path(box, "a/nonote.so"),
                                         "neph_plugin_v0", &symbol, &error),
                     0);
    assert_non_null(symbol);
    assert_int_equal(nephi_loader_module(box->host, sandbox_path(box, "a/nonote.so"), "nothing",
                                         &symbol, &error),
                     NEPH_PLUGIN);
    assert_null(symbol);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_loader__loads_a_good_one),
        TEST(test_loader__refuses_each_with_its_rule),
        TEST(test_loader__one_bad_plugin_harms_no_other),
        TEST(test_loader__refuses_what_is_no_file_of_that_kind),
        TEST(test_loader__refuses_a_file_cut_anywhere),
        TEST(test_loader__survives_a_cut_file_without_sections),
        TEST(test_loader__refuses_headers_that_lie),
        TEST(test_loader__reads_any_header_without_harm),
        TEST(test_loader__follows_no_la_file),
        TEST(test_loader__takes_no_two_files_for_one),
        TEST(test_loader__notices_a_file_overwritten_in_place),
        TEST(test_loader__a_privileged_process_loads_what_is_roots),
        TEST(test_loader__two_hosts_in_two_threads),
        TEST(test_loader__modules_need_no_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
