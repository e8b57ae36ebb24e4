/*
 * services.h - a host that is only a services table: digests by OpenSSL, a request that remembers what was done to
 * it, a call that has arguments and a reply, a record that keeps its last members. For the tests of the kit.
 */
#ifndef TESTS_KIT_SERVICES_H
#define TESTS_KIT_SERVICES_H

#include <neph/plugin.h>

#define FAKE_MAX 64

typedef struct fake_pair {
    char name[256];
    char value[4096];
} fake_pair;

typedef struct fake_argument {
    int32_t member;
    int64_t number; /* NEPH_UNKNOWN: it is a text */
    const char *text;
} fake_argument;

/* A request, a call or a record; the handle that the kit sees. */
typedef struct fake {
    const neph_services *services; /* first: the ABI */
    neph_request_view view;
    const char *names[FAKE_MAX]; /* of view's headers */
    const char *values[FAKE_MAX];
    fake_pair headers[FAKE_MAX]; /* set by the kit */
    size_t header_count;
    fake_pair parameters[FAKE_MAX]; /* query or form parameters added by the kit */
    size_t parameter_count;
    char query[16384];
    char shown[16384];            /* the query of the last view; gone once the request is changed */
    char message[512];            /* of neph_fail() */
    int32_t hmac_count;           /* HMACs made so far */
    const char *const *arguments; /* name, value, name, value ..., NULL */
    const fake_argument *given;   /* the other arguments; NULL: none */
    size_t given_count;
    int32_t status;           /* of the reply */
    const char *const *reply; /* its headers: name, value ..., NULL */
    const char *body;         /* of the request */
    char text[256];           /* what the record's text was set to last */
    int64_t number;           /* and its number */
} fake;

void fake_init(fake *made, const char *method, const char *host, const char *path,
               const char *query);
void fake_header(fake *made, const char *name, const char *value);
neph_request *fake_request(fake *made);
neph_call *fake_call(fake *made);
neph_record *fake_record(fake *made);
/* The header that the kit set; NULL: none. */
const char *fake_header_get(const fake *made, const char *name);
/* The parameter that the kit added; NULL: none. */
const char *fake_parameter_get(const fake *made, const char *name);

#endif /* TESTS_KIT_SERVICES_H */
