/*
 * core/wire/recording.h - one recorded exchange: what recorder.c writes, replay.c answers from. The format of the files
 * is described at the top of recording.c.
 */
#ifndef NEPHI_RECORDING_H
#define NEPHI_RECORDING_H

#include "core/buffer.h"
#include "core/error.h"
#include "core/scrub.h"

#define NEPHI_RECORDING_SEPARATOR "---"
#define NEPHI_RECORDING_BODY "Neph-Body"
#define NEPHI_RECORDING_FAILURE "Neph-Failure"
#define NEPHI_RECORDING_PERMANENT 2 /* added to its second number */
#define NEPHI_RECORDING_ANY "[any]"
#define NEPHI_RECORDING_BODY_MAX (64u << 20)
#define NEPHI_RECORDING_FILE_MAX (256u << 20)

enum { NEPHI_BODY_UNCHECKED = 0, NEPHI_BODY_KNOWN, NEPHI_BODY_OMITTED };

typedef struct nephi_recorded_body {
    int what;         /* NEPHI_BODY_UNCHECKED: the section ended with its headers */
    const char *data; /* of KNOWN */
    size_t size;      /* of KNOWN and OMITTED */
} nephi_recorded_body;

typedef struct nephi_recording {
    nephi_arena arena; /* all below */
    const char *method;
    const char *target; /* "/path?query", without scheme and host */
    neph_header *request_headers, *reply_headers;
    size_t request_header_count, reply_header_count;
    nephi_recorded_body request_body, reply_body;
    int32_t http_status; /* 0: the exchange failed before there was one */
    int32_t failure;     /* 0, or what on_done was told */
    int32_t sent, is_permanent;
    const char *message;
} nephi_recording;

/* Reads dir/name. On failure the recording is empty. NEPH_PROTOCOL for what is no recording. */
int nephi_recording_read(nephi_recording *recording, const nephi_memory *memory, const char *dir,
                         const char *name, nephi_error *error);
void nephi_recording_fini(nephi_recording *recording);
/* Does the request agree? 0, or NEPH_PROTOCOL with the first difference, name in front, secrets redacted. */
int nephi_recording_compare(const nephi_recording *recording, const char *name,
                            const neph_exchange *exchange, const nephi_buffer *body,
                            nephi_scrub *scrub, nephi_error *error);
/* The part of a URL behind its host, "/" if there is none. */
const char *nephi_recording_target(const char *url);

#endif
