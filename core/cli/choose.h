/*
 * core/cli/choose.h - what "node create" takes when it was told what it needs instead of an id.
 */
#ifndef NEPHC_CHOOSE_H
#define NEPHC_CHOOSE_H

#include "core/cli/cli.h"

/* At least, and at most (price); NEPH_UNKNOWN: no matter. */
typedef struct nephc_wish {
    int64_t cpus_nano;
    int64_t ram_bytes;
    int64_t disk_bytes;
    int64_t price_nano;
} nephc_wish;

/* What the options say. Returns 0 or a status that was explained. */
int nephc_wish_read(const nephc *cli, nephc_wish *out);
/* What is unknown of a size is not enough, nor cheap enough. */
int nephc_size_fits(const nephc_wish *wish, const neph_size *size);
/* Images of this architecture run on it, as far as is known: NULL, and a size that names none, rule nothing out. */
int nephc_size_runs(const char *architecture, const neph_size *size);
/* The cheaper of two that fit; any price is better than an unknown one; then the smaller; then by id. best NULL: it is. */
int nephc_size_is_better(const neph_size *size, const neph_size *best);
/* A pattern with * and ?, which stands for one byte. */
int nephc_is_like(const char *pattern, const char *text);
/* Called like this, and to be had. */
int nephc_image_fits(const char *pattern, const neph_image *image);
/* The newer of two; any time is better than an unknown one; then by id. */
int nephc_image_is_better(const neph_image *image, const neph_image *best);

/* What was chosen; its texts live until it is freed. All zero: nothing. */
typedef struct nephc_choice {
    const char *size_id;
    const char *image_id;
    const char *architecture; /* of the image, chosen or given; NULL: unknown */
    neph_call *size_call;
    neph_call *image_call;
} nephc_choice;

/* The option by which this argument is chosen rather than given; NULL: it is not. */
const char *nephc_choice_option(const nephc *cli, int32_t member);
/* Asks the cloud for what the options want chosen, and says on stderr what it takes. image_id: what was given, NULL if
 * it is chosen. Returns 0 or a status that was explained. */
int nephc_choice_make(nephc *cli, neph_cloud *cloud, const char *image_id, nephc_choice *out);
void nephc_choice_free(nephc_choice *choice);

#endif
