/*
 * Media types by extension, from tables that may hold anything.
 */
#include "core/cli/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A table with this text, read on top of what is there. */
static void read_text(nephc_mime *mime, const char *text, size_t size)
{
    char path[] = "/tmp/neph-mime.XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, size), (ssize_t)size);
    close(fd);
    nephc_mime_read(mime, path);
    unlink(path);
}

static void expect(const nephc_mime *mime, const char *name, const char *type)
{
    const char *found = nephc_mime_find(mime, name);

    if (!type)
        assert_null(found);
    else if (!found)
        fail_msg("%s: no type", name);
    else
        assert_string_equal(found, type);
}

static void test_mime__the_last_extension_decides(void **state)
{
    static const char text[] = "# a comment\n"
                               "image/jpeg\tjpeg jpg  JPE\r\n"
                               "application/gzip gz\n"
                               "text/plain txt # and more\n"
                               "application/x-none\n";
    static const struct {
        const char *name;
        const char *type;
    } rows[] = {
        {"a.jpg", "image/jpeg"},
        {"photos/2026/a b.JPG", "image/jpeg"},
        {"a.jpe", "image/jpeg"},
        {"backup.tar.gz", "application/gzip"},
        {"a.txt", "text/plain"},
        {"a.jpgx", NULL},
        {"a.jp", NULL},
        {"jpg", NULL},
        {".jpg", NULL},
        {"dir.jpg/file", NULL},
        {"a.", NULL},
        {"", NULL},
        {"a.more", NULL},
    };
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};
    size_t i;

    (void)state;
    read_text(&mime, text, sizeof text - 1);
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(&mime, rows[i].name, rows[i].type);
    nephc_mime_free(&mime);
}

static void test_mime__what_is_read_first_counts(void **state)
{
    static const char own[] = "text/x-mine md\n", usual[] = "text/markdown md\ntext/html md html\n";
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};

    (void)state;
    read_text(&mime, own, sizeof own - 1);
    read_text(&mime, usual, sizeof usual - 1);
    expect(&mime, "a.md", "text/x-mine");
    expect(&mime, "a.html", "text/html");
    nephc_mime_free(&mime);
}

/* What would end up in a header field is a token, a slash and a token. */
static void test_mime__what_is_no_type_is_passed_over(void **state)
{
    static const char text[] = "text a\n/plain b\ntext/ c\ntext/pl\033ain d\ntext/a/b e\n"
                               "t\xc3\xa9xt/plain f\ntext/plain\x7f g\ntext/fine h";
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};
    const char *name;

    (void)state;
    read_text(&mime, text, sizeof text - 1);
    for (name = "abcdefg"; *name; name++) {
        char file[] = "x.?";

        file[2] = *name;
        expect(&mime, file, NULL);
    }
    expect(&mime, "x.h", "text/fine");
    nephc_mime_free(&mime);
}

static void test_mime__types_and_extensions_have_a_length(void **state)
{
    char text[400], name[80];
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "text/", 5);
    memcpy(text + 128, " long\ntext/fine ", 16); /* a type of 128 */
    memcpy(text + 144 + 33, " e\n", 3);          /* an extension of 33 */
    read_text(&mime, text, 144 + 36);
    expect(&mime, "a.long", NULL);
    expect(&mime, "a.e", "text/fine");
    memset(name, 'x', sizeof name);
    name[0] = 'a';
    name[1] = '.';
    name[2 + 33] = '\0';
    expect(&mime, name, NULL);
    nephc_mime_free(&mime);
}

static void test_mime__a_file_that_is_too_large_is_passed_over(void **state)
{
    size_t size = (1u << 20) + 1;
    char *text = malloc(size);
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};

    (void)state;
    assert_non_null(text);
    memset(text, '\n', size);
    memcpy(text, "text/plain txt", 14);
    read_text(&mime, text, size);
    expect(&mime, "a.txt", NULL);
    read_text(&mime, text, size - 1);
    expect(&mime, "a.txt", "text/plain");
    free(text);
    nephc_mime_free(&mime);
}

static void test_mime__the_number_of_extensions_is_bounded(void **state)
{
    size_t room = 400000, used, i;
    char *text = malloc(room);
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};

    (void)state;
    assert_non_null(text);
    used = (size_t)snprintf(text, room, "text/many");
    for (i = 0; i < 20001; i++)
        used += (size_t)snprintf(text + used, room - used, " e%zu", i);
    used += (size_t)snprintf(text + used, room - used, "\ntext/plain txt\n");
    read_text(&mime, text, used);
    expect(&mime, "a.e0", "text/many");
    expect(&mime, "a.e19999", "text/many");
    expect(&mime, "a.e20000", NULL);
    expect(&mime, "a.txt", NULL);
    free(text);
    nephc_mime_free(&mime);
}

static void test_mime__a_zero_byte_ends_the_table(void **state)
{
    static const char text[] = "text/a a\n\0text/b b\n";
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};

    (void)state;
    read_text(&mime, text, sizeof text - 1);
    expect(&mime, "x.a", "text/a");
    expect(&mime, "x.b", NULL);
    nephc_mime_free(&mime);
}

static void test_mime__what_cannot_be_read_is_no_failure(void **state)
{
    nephc_mime mime = {NULL, 0, 0, {NULL, NULL}, 0};

    (void)state;
    nephc_mime_read(&mime, "/nonexistent/mime.types");
    nephc_mime_read(&mime, "/");
    expect(&mime, "a.txt", NULL);
    nephc_mime_free(&mime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mime__the_last_extension_decides),
        cmocka_unit_test(test_mime__what_is_read_first_counts),
        cmocka_unit_test(test_mime__what_is_no_type_is_passed_over),
        cmocka_unit_test(test_mime__types_and_extensions_have_a_length),
        cmocka_unit_test(test_mime__a_file_that_is_too_large_is_passed_over),
        cmocka_unit_test(test_mime__the_number_of_extensions_is_bounded),
        cmocka_unit_test(test_mime__a_zero_byte_ends_the_table),
        cmocka_unit_test(test_mime__what_cannot_be_read_is_no_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
