/*
 * core/suggest.c - edit distance between short names. Longer ones are not compared.
 */
#include "core/suggest.h"

#include <stddef.h>
#include <string.h>

#define LENGTH_MAX 64

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned less = a < b ? a : b;
    return less < c ? less : c;
}

/* Insertions, deletions and replacements that make one of the other. */
static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    unsigned row[LENGTH_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a_size; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_size];
}

void nephi_suggest_init(nephi_suggest *suggest, const char *wanted)
{
    size_t size = strlen(wanted);
    suggest->wanted = wanted;
    suggest->found = NULL;
    /* One mistake in a short name, two in a longer one. */
    suggest->distance = (size < 2 ? 0u : size < 6 ? 1u : 2u) + 1;
}

void nephi_suggest_try(nephi_suggest *suggest, const char *name)
{
    size_t wanted = strlen(suggest->wanted), size = strlen(name);
    unsigned d;
    if (wanted > LENGTH_MAX || size > LENGTH_MAX)
        return;
    d = distance(suggest->wanted, wanted, name, size);
    if (d < suggest->distance) {
        suggest->distance = d;
        suggest->found = name;
    }
}
