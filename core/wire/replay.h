/*
 * core/wire/replay.h - a transport that sends nothing and answers from recordings, in their order, strictly.
 */
#ifndef NEPHI_REPLAY_H
#define NEPHI_REPLAY_H

#include "core/error.h"
#include "core/memory.h"
#include "core/scrub.h"

#include <neph/transport.h>

extern const neph_transport nephi_replay_transport;

/* NEPH_NOT_FOUND if dir holds no recording (*.http), NEPH_FILE if it cannot be read. scrub takes secrets
 * out of messages; it and memory outlive it. */
int nephi_replay_create(void **state, const char *dir, nephi_scrub *scrub,
                        const nephi_memory *memory, nephi_error *error);

#endif
