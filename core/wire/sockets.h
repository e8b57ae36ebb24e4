/*
 * core/wire/sockets.h - the descriptors that a transport waits for, behind one that the host polls. The only place of
 * the wire that knows epoll.
 */
#ifndef NEPHI_SOCKETS_H
#define NEPHI_SOCKETS_H

#include "core/memory.h"

enum { NEPHI_READABLE = 1, NEPHI_WRITABLE = 2, NEPHI_BROKEN = 4 };

typedef struct nephi_socket_event {
    int fd;
    int ready; /* NEPHI_READABLE … */
} nephi_socket_event;

/* What is known of one descriptor; indexed by its number. */
typedef struct nephi_socket_record {
    unsigned char wanted, registered;
    unsigned char is_own; /* its closing is announced by nephi_sockets_forget() */
} nephi_socket_record;

typedef struct nephi_sockets {
    const nephi_memory *memory;
    int poll_fd;
    nephi_socket_record *records;
    size_t capacity;
} nephi_sockets;

/* 0, NEPH_NO_MEMORY or NEPH_NETWORK (no descriptors left). */
int nephi_sockets_init(nephi_sockets *sockets, const nephi_memory *memory);
void nephi_sockets_fini(nephi_sockets *sockets);
/* wanted 0: no longer. An own socket stays registered then: the next exchange on it costs no system call. */
int nephi_sockets_want(nephi_sockets *sockets, int fd, int wanted);
/* After the socket was opened, and before it is closed. */
void nephi_sockets_adopt(nephi_sockets *sockets, int fd);
void nephi_sockets_forget(nephi_sockets *sockets, int fd);
/* Does not block. Returns how many events were written. */
int nephi_sockets_ready(nephi_sockets *sockets, nephi_socket_event *events, int capacity);

#endif
