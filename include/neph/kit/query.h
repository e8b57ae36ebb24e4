/*
 * neph/kit/query.h - the dotted, numbered parameters of AWS-like query interfaces ("Filter.1.Value.2"). Included by
 * providers; linked from libneph-kit.a.
 *
 * Calls chain: after a failure the rest does nothing, and neph_query.status says what it was. In a key pattern each #
 * stands for a number that counts from 1. Everything here is since 0.1.
 */
#ifndef NEPH_KIT_QUERY_H
#define NEPH_KIT_QUERY_H

#include <neph/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NEPH_QUERY_KEY_MAX 256 /* bytes of a key with its numbers, and NUL */

/* Where the parameters go. */
enum {
    NEPH_QUERY_URL = 1, /* the query of the URL */
    NEPH_QUERY_FORM = 2 /* a form body */
};

typedef struct neph_query {
    neph_request *request;
    int32_t where;
    int32_t status; /* 0 or why something could not be added; the message is set */
} neph_query;

/* Begins with "Action" and "Version". where: NEPH_QUERY_URL or NEPH_QUERY_FORM. */
void neph_query_begin(neph_query *query, neph_request *request, int32_t where, const char *action,
                      const char *version);

/* Adds one parameter; value NULL: none. */
void neph_query_add(neph_query *query, const char *key, const char *value);

/* Adds a number; NEPH_UNKNOWN: none. */
void neph_query_add_integer(neph_query *query, const char *key, int64_t value);

/* Adds one parameter whose key has one or two # for these numbers (second: 0 if there is one). */
void neph_query_add_at(neph_query *query, const char *pattern, uint32_t first, uint32_t second,
                       const char *value);

/* Adds every entry of a STRINGS argument of the call: "InstanceId.#". */
void neph_query_add_strings(neph_query *query, const char *pattern, const neph_call *call,
                            int32_t member);

/* Adds every entry of a PAIRS argument: "Tag.#.Key", "Tag.#.Value". */
void neph_query_add_pairs(neph_query *query, const char *name_pattern, const char *value_pattern,
                          const neph_call *call, int32_t member);

/* Writes the key of a pattern to key, which holds NEPH_QUERY_KEY_MAX. Returns 0 or NEPH_LIMIT. */
int32_t neph_query_key(char *key, const char *pattern, uint32_t first, uint32_t second);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_QUERY_H */
