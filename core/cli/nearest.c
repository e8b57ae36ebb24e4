/*
 * core/cli/nearest.c - which known word was meant by an unknown one: the fewest letters changed, added, left out or
 * swapped.
 */
#include "core/cli/cli.h"

#include <string.h>

#define WORD_MAX 40

void nephc_nearest_begin(nephc_nearest *nearest, const char *word)
{
    size_t length = strlen(word);

    nearest->word = word;
    nearest->best = NULL;
    /* Worse than this is not like it: a third of the word, at least one letter. */
    nearest->distance = length < 3 ? 2 : length / 3 + 2;
}

static char folded(char byte)
{
    return (char)(byte == '_' ? '-' : byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Damerau's distance with adjacent swaps, row by row. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t a_size = strlen(a), b_size = strlen(b), i, j;

    if (a_size > WORD_MAX || b_size > WORD_MAX)
        return WORD_MAX;
    for (j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];

        row[0] = i;
        for (j = 1; j <= b_size; j++) {
            int is_same = folded(a[i - 1]) == folded(b[j - 1]);

            row[j] = least(least(row[j - 1], before[j]) + 1, before[j - 1] + !is_same);
            if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
                folded(a[i - 2]) == folded(b[j - 1]))
                row[j] = least(row[j], earlier[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

void nephc_nearest_try(nephc_nearest *nearest, const char *candidate)
{
    size_t far = distance(nearest->word, candidate), length = strlen(nearest->word);

    /* The beginning of a word is like it, but a whole word that is closer wins. */
    if (length >= 2 && far > 1 && strncmp(candidate, nearest->word, length) == 0)
        far = 1;
    if (far < nearest->distance) {
        nearest->distance = far;
        nearest->best = candidate;
    }
}
