/*
 * core/fresh.h - ids of what a cloud made a moment ago: not all of it knows them yet.
 */
#ifndef NEPHI_FRESH_H
#define NEPHI_FRESH_H

#include <stddef.h>
#include <stdint.h>

#define NEPHI_FRESH_MAX 64   /* ids; the oldest goes first */
#define NEPHI_FRESH_SIZE 128 /* of one with its NUL; longer ones are not remembered */

/* A ring. All zero is an empty one. */
typedef struct nephi_fresh {
    struct {
        int64_t since_ms;
        char id[NEPHI_FRESH_SIZE];
    } ids[NEPHI_FRESH_MAX];
    uint32_t next;
} nephi_fresh;

void nephi_fresh_add(nephi_fresh *fresh, const char *id, int64_t now_ms);
/* It ended: not to be found is what it shall be. */
void nephi_fresh_drop(nephi_fresh *fresh, const char *id);
/* When the id was made; -1: it is none of these. */
int64_t nephi_fresh_since_ms(const nephi_fresh *fresh, const char *id);

#endif
