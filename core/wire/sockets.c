/*
 * core/wire/sockets.c - descriptors waited for with epoll. A kept connection alternates between "wanted" and "not" at
 * every request; it stays registered meanwhile, and is taken out only when it reports something nobody wants (the
 * server closed it) or is closed. Knows nothing of what is read from them.
 */
#include "core/wire/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 64

int nephi_sockets_init(nephi_sockets *sockets, const nephi_memory *memory)
{
    memset(sockets, 0, sizeof *sockets);
    sockets->memory = memory;
    sockets->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (sockets->poll_fd >= 0)
        return 0;
    return errno == ENOMEM ? NEPH_NO_MEMORY : NEPH_NETWORK;
}

void nephi_sockets_fini(nephi_sockets *sockets)
{
    if (sockets->poll_fd >= 0)
        close(sockets->poll_fd);
    sockets->poll_fd = -1;
    nephi_free(sockets->memory, sockets->records);
    sockets->records = NULL;
    sockets->capacity = 0;
}

static nephi_socket_record *record_get(nephi_sockets *sockets, int fd)
{
    size_t needed = (size_t)fd + 1, capacity = sockets->capacity ? sockets->capacity : 64;
    nephi_socket_record *records;
    if (needed <= sockets->capacity)
        return &sockets->records[fd];
    while (capacity < needed)
        capacity *= 2;
    records = nephi_realloc(sockets->memory, sockets->records, capacity * sizeof *records);
    if (!records)
        return NULL;
    memset(records + sockets->capacity, 0, (capacity - sockets->capacity) * sizeof *records);
    sockets->records = records;
    sockets->capacity = capacity;
    return &records[fd];
}

static int control(nephi_sockets *sockets, int operation, int fd, int wanted)
{
    struct epoll_event event = {.events = 0, .data.fd = fd};
    if (wanted & NEPHI_READABLE)
        event.events |= EPOLLIN;
    if (wanted & NEPHI_WRITABLE)
        event.events |= EPOLLOUT;
    return epoll_ctl(sockets->poll_fd, operation, fd, &event);
}

static void unregister(nephi_sockets *sockets, nephi_socket_record *record, int fd)
{
    if (record->registered)
        (void)control(sockets, EPOLL_CTL_DEL, fd, 0);
    record->registered = 0;
}

int nephi_sockets_want(nephi_sockets *sockets, int fd, int wanted)
{
    nephi_socket_record *record = record_get(sockets, fd);
    int operation, rc;
    if (!record)
        return NEPH_NO_MEMORY;
    record->wanted = (unsigned char)wanted;
    if (wanted == 0) {
        /* One that writes would report for ever. */
        if (!record->is_own || (record->registered & NEPHI_WRITABLE))
            unregister(sockets, record, fd);
        return 0;
    }
    if (record->registered == wanted)
        return 0;
    operation = record->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    rc = control(sockets, operation, fd, wanted);
    /* A descriptor that was closed behind our back and came again, or is known already. */
    if (rc && errno == ENOENT)
        rc = control(sockets, EPOLL_CTL_ADD, fd, wanted);
    else if (rc && errno == EEXIST)
        rc = control(sockets, EPOLL_CTL_MOD, fd, wanted);
    if (rc)
        return errno == ENOMEM || errno == ENOSPC ? NEPH_NO_MEMORY : NEPH_NETWORK;
    record->registered = (unsigned char)wanted;
    return 0;
}

void nephi_sockets_adopt(nephi_sockets *sockets, int fd)
{
    nephi_socket_record *record = record_get(sockets, fd);
    if (record) {
        memset(record, 0, sizeof *record);
        record->is_own = 1;
    }
}

void nephi_sockets_forget(nephi_sockets *sockets, int fd)
{
    nephi_socket_record *record;
    if (fd < 0 || (size_t)fd >= sockets->capacity)
        return;
    record = &sockets->records[fd];
    unregister(sockets, record, fd);
    memset(record, 0, sizeof *record);
}

static int event_read(const struct epoll_event *event)
{
    int ready = 0;
    if (event->events & EPOLLIN)
        ready |= NEPHI_READABLE;
    if (event->events & EPOLLOUT)
        ready |= NEPHI_WRITABLE;
    if (event->events & (EPOLLERR | EPOLLHUP))
        ready |= NEPHI_BROKEN;
    return ready;
}

int nephi_sockets_ready(nephi_sockets *sockets, nephi_socket_event *events, int capacity)
{
    struct epoll_event batch[BATCH];
    int used = 0;
    int count = epoll_wait(sockets->poll_fd, batch, capacity < BATCH ? capacity : BATCH, 0);
    for (int i = 0; i < count; i++) {
        int fd = batch[i].data.fd;
        nephi_socket_record *record = &sockets->records[fd];
        if (!record->wanted) {
            unregister(sockets, record, fd);
            continue;
        }
        events[used].fd = fd;
        events[used].ready = event_read(&batch[i]);
        used++;
    }
    return used;
}
