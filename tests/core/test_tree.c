/*
 * Strings of a JSON document: what each byte means must not depend on where in the string, and how far from the end of
 * the document, it stands. Strings are read eight bytes at a time.
 */
#include "core/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH_MAX 26

typedef struct byte_row {
    const char *sentence;
    const char *text;    /* as it stands in the document */
    const char *read;    /* what it means; NULL: it is refused */
    const char *message; /* part of why */
} byte_row;

static const byte_row byte_rows[] = {
    {"a letter", "x", "x", NULL},
    {"a space", " ", " ", NULL},
    {"the character before the quote", "!", "!", NULL},
    {"the character behind the quote", "#", "#", NULL},
    {"the character before the backslash", "[", "[", NULL},
    {"the character behind the backslash", "]", "]", NULL},
    {"the last character of ASCII", "\x7f", "\x7f", NULL},
    {"an escaped quote", "\\\"", "\"", NULL},
    {"an escaped backslash", "\\\\", "\\", NULL},
    {"an escaped line break", "\\n", "\n", NULL},
    {"a character in hexadecimal", "\\u00e9", "\xc3\xa9", NULL},
    {"two bytes of UTF-8", "\xc3\xa9", "\xc3\xa9", NULL},
    {"four bytes of UTF-8", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", NULL},
    {"half a character", "\xc3", NULL, "no UTF-8"},
    {"a control character", "\x01", NULL, "a control character"},
    {"the last control character", "\x1f", NULL, "a control character"},
    {"a line break", "\n", NULL, "a control character"},
    {"no such escape", "\\x", NULL, "no such escape"},
};

static void fill(char *out, const char *before, const char *middle, size_t left, size_t right,
                 const char *after)
{
    snprintf(out, 256, "%s%.*s%s%.*s%s", before, (int)left, "abcdefghijklmnopqrstuvwxyz", middle,
             (int)right, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", after);
}

/* Reads a copy that ends where the document does, so that a sanitizer sees a step too far. */
static int read_copy(nephi_arena *arena, const char *document, nephi_tree **root,
                     nephi_error *error)
{
    size_t size = strlen(document);
    char *copy = malloc(size);
    int rc;
    assert_non_null(copy);
    memcpy(copy, document, size);
    rc = nephi_tree_read(root, arena, arena, copy, size, error);
    free(copy);
    return rc;
}

static void check_byte(const nephi_memory *memory, const byte_row *row, size_t left, size_t right)
{
    char document[256], wanted[256];
    nephi_error error;
    nephi_arena arena;
    nephi_tree *root = NULL;
    int rc;
    nephi_arena_init(&arena, memory, 0);
    nephi_error_clear(&error);
    fill(document, "[\"", row->text, left, right, "\"]");
    rc = read_copy(&arena, document, &root, &error);
    if (row->read) {
        fill(wanted, "", row->read, left, right, "");
        if (rc || strcmp(root->first->text, wanted) != 0 ||
            root->first->text_size != strlen(wanted))
            fail_msg("%s behind %zu and before %zu others: %s", row->sentence, left, right,
                     rc ? error.message : root->first->text);
    } else if (rc != NEPH_INVALID || !strstr(error.message, row->message)) {
        fail_msg("%s behind %zu and before %zu others is taken, or refused as: %s", row->sentence,
                 left, right, error.message);
    }
    nephi_arena_fini(&arena, 0);
}

static void each_byte_means_the_same_wherever_it_stands(void **state)
{
    nephi_memory memory;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t i = 0; i < sizeof byte_rows / sizeof *byte_rows; i++)
        for (size_t left = 0; left < LENGTH_MAX; left++)
            for (size_t right = 0; right < 10; right++)
                check_byte(&memory, &byte_rows[i], left, right);
}

static void a_string_that_does_not_end_is_refused(void **state)
{
    nephi_memory memory;
    (void)state;
    nephi_memory_init(&memory, NULL);
    for (size_t left = 0; left < LENGTH_MAX; left++) {
        static const char *const last[] = {"", "\\", "\\\"", "\xc3\xa9"};
        for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
            char document[256];
            nephi_error error;
            nephi_arena arena;
            nephi_tree *root = NULL;
            nephi_arena_init(&arena, &memory, 0);
            nephi_error_clear(&error);
            fill(document, "\"", last[i], left, 0, "");
            assert_int_equal(read_copy(&arena, document, &root, &error), NEPH_INVALID);
            assert_non_null(strstr(error.message, "it ends too early"));
            nephi_arena_fini(&arena, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_means_the_same_wherever_it_stands),
        cmocka_unit_test(a_string_that_does_not_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
