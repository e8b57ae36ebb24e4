/*
 * core/cli/option.h - a command line taken apart: options that every command has, options that only some have, words.
 */
#ifndef NEPHC_OPTION_H
#define NEPHC_OPTION_H

#include <stddef.h>
#include <stdint.h>

typedef struct nephc_option {
    char letter;       /* 0: none */
    const char *name;  /* "recursive", without dashes; '_' is written as '-' */
    const char *value; /* what stands for its value in a usage; NULL: it takes none */
    const char *summary;
} nephc_option;

/* An option that is not global, as given. */
typedef struct nephc_given {
    const char *name; /* without dashes, borrowed, name_size bytes */
    size_t name_size;
    const char *value; /* NULL: none was given */
} nephc_given;

typedef struct nephc_options {
    const char *cloud;
    const char *format_name;
    int format;
    int verbose;
    int quiet;
    int trace;
    int insecure;
    int help;
    int version;
    const char *timeout;
    const char *retries;
    int64_t timeout_ms;  /* 0: not given */
    int64_t retries_max; /* -1: not given */
    const char *clouds_file;
    const char *plugin_path;
    const char *ca_file;
    const char *proxy;
    const char *record;
    const char *replay;
    int generate;
    /* Each as long as argv, malloc'ed; what they point to is argv's. */
    const char **sets;
    size_t set_count;
    const char **words;
    size_t word_count;
    nephc_given *given;
    size_t given_count;
} nephc_options;

/* Global options by index; NULL behind the last visible one. */
const nephc_option *nephc_option_at(size_t index);

/* Takes argv apart. Returns 0, or says what is wrong: a status. */
int nephc_options_parse(nephc_options *options, int argc, char **argv);
void nephc_options_free(nephc_options *options);
/* The last one given of this name, NULL if none was. */
const nephc_given *nephc_options_find(const nephc_options *options, const char *name);
/* Is the name as written ("ram-bytes", "ram_bytes") that of the table ("ram_bytes")? */
int nephc_option_is(const char *written, size_t size, const char *name);

#endif
