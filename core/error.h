/*
 * core/error.h - one failure on its way from where it is found to the program. Fixed size:
 * reporting never allocates.
 */
#ifndef NEPHI_ERROR_H
#define NEPHI_ERROR_H

#include <neph/neph.h>

#define NEPHI_CREATED_MAX 8

typedef struct nephi_error {
    int32_t status; /* 0: none */
    int32_t retry;
    int32_t http_status;
    int32_t sent;
    int32_t rule; /* of the loader; 0: none */
    char message[512];
    char code[128];
    char request_id[160];
    uint32_t created_count;
    neph_created created[NEPHI_CREATED_MAX];
    char created_ids[NEPHI_CREATED_MAX][128];
    neph_error view; /* what the program sees; see nephi_error_view() */
} nephi_error;

/* That of what there was no memory for: static, and never written to. */
#define NEPHI_ERROR_NO_MEMORY                                                                      \
    {                                                                                              \
        .status = NEPH_NO_MEMORY, .retry = NEPH_RETRY_TRANSIENT, .message = "out of memory",       \
        .view = {.size = sizeof(neph_error),                                                       \
                 .status = NEPH_NO_MEMORY,                                                         \
                 .retry = NEPH_RETRY_TRANSIENT,                                                    \
                 .message = "out of memory"},                                                      \
    }

void nephi_error_clear(nephi_error *error);
/* The same, but what was created stays: for a failure tried again or replaced by another. */
void nephi_error_forget(nephi_error *error);
/* Takes over everything but what was created. */
void nephi_error_copy(nephi_error *error, const nephi_error *from);
/* Fails as a call did, about an item ("": about none), with all that the cloud said. As nephi_fail(), a message that is there
 * already stands. */
void nephi_error_take(nephi_error *error, const char *item, const neph_error *from);
/* Notes what was created, once. 0, or NEPH_LIMIT: it has no room for more. */
int nephi_error_created(nephi_error *error, uint32_t kind, const char *id);
/* Sets status and message (control characters escaped, cut at a character), keeps code, request
 * id, created. Returns status. The first message stands: with a status set already nothing
 * changes, and that one is returned. error NULL: only returns status. */
int nephi_fail(nephi_error *error, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* nephi_fail() with "out of memory". */
int nephi_fail_memory(nephi_error *error);
/* Copies text into a fixed field: control characters escaped, cut at a UTF-8 boundary. */
void nephi_error_text(char *field, size_t capacity, const char *text, size_t size);
/* Fills error->view from the rest and returns it; code and request_id NULL where empty. Again
 * after every change. */
const neph_error *nephi_error_view(nephi_error *error);
/* What neph_status_name() returns. */
const char *nephi_status_name(int32_t status);

#endif
