/*
 * core/wire/replay.h - a transport that sends nothing and answers from recordings, in their order, strictly.
 */
#ifndef NEPHI_REPLAY_H
#define NEPHI_REPLAY_H

#include "core/error.h"
#include "core/memory.h"

#include <neph/transport.h>

extern const neph_transport nephi_replay_transport;

/* NEPH_NOT_FOUND if dir holds no recording (*.http), NEPH_FILE if it cannot be read. memory outlives it. */
int nephi_replay_create(void **state, const char *dir, const nephi_memory *memory,
                        nephi_error *error);

#endif
