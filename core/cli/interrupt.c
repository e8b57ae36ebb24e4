/*
 * core/cli/interrupt.c - Ctrl-C and its like: a flag and a wake-up, so that the wait loop cancels what runs and nothing
 * stays half-written. The second one ends the process at once, and so does the first where nothing runs.
 */
#include "core/cli/cli.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t caught, is_idle;
static _Atomic(neph_host *) woken;

static void on_signal(int number)
{
    neph_host *host = atomic_load(&woken);

    if (is_idle)
        _exit(128 + number);
    caught = number;
    if (host)
        neph_host_wakeup(host);
}

void nephc_interrupt_begin(neph_host *host)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action, before;
    size_t i;

    atomic_store(&woken, host);
    if (!host)
        return;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i] != SIGHUP || sigaction(SIGHUP, NULL, &before) != 0 ||
            before.sa_handler != SIG_IGN)
            (void)sigaction(numbers[i], &action, NULL); /* nohup is respected */
}

void nephc_interrupt_idle(int is_on)
{
    is_idle = is_on;
}

int nephc_interrupted(void)
{
    return caught;
}
