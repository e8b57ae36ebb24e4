/*
 * core/wire/recorder.h - a transport around another one that writes each exchange to a file, secrets scrubbed.
 */
#ifndef NEPHI_RECORDER_H
#define NEPHI_RECORDER_H

#include "core/error.h"
#include "core/scrub.h"

#include <neph/transport.h>

extern const neph_transport nephi_recorder_transport;

/* Makes dir if need be; NEPH_EXISTS if it holds recordings already, NEPH_FILE if it cannot be written. inner is closed with the
 * recorder, and stays the caller's on failure. scrub and memory outlive it. */
int nephi_recorder_create(void **state, const neph_transport *inner, void *inner_state,
                          const char *dir, nephi_scrub *scrub, const nephi_memory *memory,
                          nephi_error *error);

#endif
