/*
 * core/loop.c - timers in a heap, a ring of tasks, one epoll descriptor and one eventfd. Knows nothing of calls. The
 * only file that knows epoll on the host's side.
 */
#include "core/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define TASKS_A_TURN 16

int64_t nephi_loop_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t nephi_loop_then_ms(int64_t delay_ms)
{
    int64_t then;
    return __builtin_add_overflow(nephi_loop_now_ms(), delay_ms, &then) ? INT64_MAX : then;
}

int nephi_loop_init(nephi_loop *loop, const nephi_memory *memory)
{
    memset(loop, 0, sizeof *loop);
    loop->memory = memory;
    loop->tasks.next = loop->tasks.previous = &loop->tasks;
    loop->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->poll_fd < 0 || loop->wake_fd < 0)
        return NEPH_LIMIT;
    return nephi_loop_watch(loop, loop->wake_fd);
}

void nephi_loop_fini(nephi_loop *loop)
{
    nephi_free(loop->memory, loop->heap);
    loop->heap = NULL;
    if (loop->poll_fd >= 0)
        close(loop->poll_fd);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    loop->poll_fd = loop->wake_fd = -1;
}

/* ---- timers: a binary heap whose entries know their place */

static void timer_put(nephi_loop *loop, size_t place, nephi_timer *timer)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void timer_rise(nephi_loop *loop, size_t place)
{
    nephi_timer *timer = loop->heap[place];
    while (place > 1 && loop->heap[place / 2]->due_ms > timer->due_ms) {
        timer_put(loop, place, loop->heap[place / 2]);
        place /= 2;
    }
    timer_put(loop, place, timer);
}

static void timer_sink(nephi_loop *loop, size_t place)
{
    nephi_timer *timer = loop->heap[place];
    size_t child;
    while ((child = place * 2) <= loop->timer_count) {
        if (child < loop->timer_count && loop->heap[child + 1]->due_ms < loop->heap[child]->due_ms)
            child++;
        if (loop->heap[child]->due_ms >= timer->due_ms)
            break;
        timer_put(loop, place, loop->heap[child]);
        place = child;
    }
    timer_put(loop, place, timer);
}

static int heap_grow(nephi_loop *loop)
{
    size_t capacity = loop->timer_capacity ? loop->timer_capacity * 2 : 16;
    nephi_timer **heap = nephi_realloc(loop->memory, loop->heap, (capacity + 1) * sizeof *heap);
    if (!heap)
        return NEPH_NO_MEMORY;
    loop->heap = heap;
    loop->timer_capacity = capacity;
    return 0;
}

int nephi_timer_set(nephi_loop *loop, nephi_timer *timer, int64_t delay_ms)
{
    nephi_timer_clear(loop, timer);
    if (loop->timer_count == loop->timer_capacity && heap_grow(loop))
        return NEPH_NO_MEMORY;
    timer->due_ms = nephi_loop_then_ms(delay_ms > 0 ? delay_ms : 0);
    timer_put(loop, ++loop->timer_count, timer);
    timer_rise(loop, loop->timer_count);
    return 0;
}

void nephi_timer_clear(nephi_loop *loop, nephi_timer *timer)
{
    size_t place = timer->place;
    nephi_timer *last;
    if (!place)
        return;
    timer->place = 0;
    last = loop->heap[loop->timer_count--];
    if (last == timer)
        return;
    timer_put(loop, place, last);
    timer_sink(loop, place);
    timer_rise(loop, last->place);
}

/* ---- tasks: a ring, first in, first out */

void nephi_task_queue(nephi_loop *loop, nephi_task *task)
{
    if (task->is_queued)
        return;
    task->is_queued = 1;
    task->turn = loop->turn;
    task->previous = loop->tasks.previous;
    task->next = &loop->tasks;
    task->previous->next = task;
    loop->tasks.previous = task;
}

void nephi_task_cancel(nephi_task *task)
{
    if (!task->is_queued)
        return;
    task->previous->next = task->next;
    task->next->previous = task->previous;
    task->is_queued = 0;
}

/* ---- descriptors */

int nephi_loop_watch(nephi_loop *loop, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(loop->poll_fd, EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST)
        return 0;
    return errno == EPERM ? NEPH_UNSUPPORTED : NEPH_NO_MEMORY;
}

void nephi_loop_unwatch(nephi_loop *loop, int fd)
{
    struct epoll_event event = {.events = 0};
    (void)epoll_ctl(loop->poll_fd, EPOLL_CTL_DEL, fd, &event);
}

int64_t nephi_loop_timeout_ms(const nephi_loop *loop)
{
    int64_t left;
    if (loop->tasks.next != &loop->tasks)
        return 0;
    if (!loop->timer_count)
        return -1;
    left = loop->heap[1]->due_ms - nephi_loop_now_ms();
    return left > 0 ? left : 0;
}

void nephi_loop_wait(nephi_loop *loop, int64_t timeout_ms)
{
    struct epoll_event events[4];
    uint64_t count;
    int ready =
        epoll_wait(loop->poll_fd, events, 4, timeout_ms > 86400000 ? 86400000 : (int)timeout_ms);
    for (int i = 0; i < ready; i++)
        if (events[i].data.fd == loop->wake_fd)
            while (read(loop->wake_fd, &count, sizeof count) > 0)
                ;
}

int nephi_loop_run(nephi_loop *loop)
{
    int count = 0;
    while (loop->timer_count && loop->heap[1]->due_ms <= nephi_loop_now_ms()) {
        nephi_timer *timer = loop->heap[1];
        nephi_timer_clear(loop, timer);
        timer->fn(timer);
        count++;
    }
    /* A few at a time: what one task has sent is on its way while the next one is made. What tasks queue runs at the next
     * turn, or one that works in slices would take all of this one. */
    loop->turn++;
    for (int i = 0; i < TASKS_A_TURN && loop->tasks.next != &loop->tasks; i++, count++) {
        nephi_task *task = loop->tasks.next;
        if (task->turn == loop->turn)
            break;
        nephi_task_cancel(task);
        task->fn(task);
    }
    return count;
}

void nephi_loop_wakeup(nephi_loop *loop)
{
    uint64_t one = 1;
    int keep = errno;
    while (write(loop->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
    errno = keep;
}
