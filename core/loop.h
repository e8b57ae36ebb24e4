/*
 * core/loop.h - what a host waits for: the transport's descriptor, timers, work that is ready, and a wake-up.
 */
#ifndef NEPHI_LOOP_H
#define NEPHI_LOOP_H

#include "core/memory.h"

struct nephi_loop;

typedef struct nephi_timer {
    int64_t due_ms; /* monotonic */
    size_t place;   /* in the heap, from 1; 0: not set */
    void (*fn)(struct nephi_timer *timer);
    void *user;
} nephi_timer;

/* Something to do at the next turn. */
typedef struct nephi_task {
    struct nephi_task *next, *previous;
    int is_queued;
    uint32_t turn; /* in which it was queued */
    void (*fn)(struct nephi_task *task);
    void *user;
} nephi_task;

typedef struct nephi_loop {
    const nephi_memory *memory;
    int poll_fd; /* epoll; -1 before the first need */
    int wake_fd;
    nephi_timer **heap; /* heap[1] is due first */
    size_t timer_count, timer_capacity;
    nephi_task tasks; /* ring */
    uint32_t turn;
} nephi_loop;

int nephi_loop_init(nephi_loop *loop, const nephi_memory *memory);
void nephi_loop_fini(nephi_loop *loop);
int64_t nephi_loop_now_ms(void);
/* So long from now; what is too far off for a number is as far as one reaches. */
int64_t nephi_loop_then_ms(int64_t delay_ms);
/* 0 or NEPH_NO_MEMORY. A timer that is set moves. */
int nephi_timer_set(nephi_loop *loop, nephi_timer *timer, int64_t delay_ms);
void nephi_timer_clear(nephi_loop *loop, nephi_timer *timer);
void nephi_task_queue(nephi_loop *loop, nephi_task *task);
void nephi_task_cancel(nephi_task *task);
/* Adds a descriptor whose readability ends the waiting. */
int nephi_loop_watch(nephi_loop *loop, int fd);
void nephi_loop_unwatch(nephi_loop *loop, int fd);
/* -1: no timer. 0: a task is ready. */
int64_t nephi_loop_timeout_ms(const nephi_loop *loop);
/* Blocks until a descriptor, the wake-up or timeout_ms. */
void nephi_loop_wait(nephi_loop *loop, int64_t timeout_ms);
/* Runs the timers that are due and the tasks that are queued now. Returns how many. */
int nephi_loop_run(nephi_loop *loop);
/* Async-signal-safe. */
void nephi_loop_wakeup(nephi_loop *loop);

#endif
