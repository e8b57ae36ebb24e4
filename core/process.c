/*
 * core/process.c - a child process that prints something and ends. What it prints is the caller's business.
 */
#include "core/process.h"

#include "core/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Descriptors and signals of the child: nothing of the host's but the pipe. */
static int child_prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                         int output)
{
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    if (posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO) ||
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
        posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0))
        return ENOMEM;
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &usual);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int child_start(char *const argv[], int output, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int why;
    if (posix_spawn_file_actions_init(&actions))
        return ENOMEM;
    if (posix_spawnattr_init(&attributes)) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    why = child_prepare(&actions, &attributes, output);
    if (!why)
        why = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return why;
}

static int fail_late(const char *name, int64_t timeout_ms, nephi_error *error)
{
    return nephi_fail(error, NEPH_TIMEOUT, "%s did not end within %lld s and was stopped", name,
                      (long long)(timeout_ms / 1000));
}

/* Reads until the child closes its end. */
static int output_read(int fd, const char *name, int64_t end_ms, int64_t timeout_ms,
                       nephi_buffer *out, nephi_error *error)
{
    char chunk[4096];
    int rc = 0;
    for (;;) {
        struct pollfd wait = {fd, POLLIN, 0};
        int64_t left = end_ms - nephi_loop_now_ms();
        int ready = left > 0 ? poll(&wait, 1, (int)left) : 0;
        ssize_t got;
        if (ready == 0) {
            rc = fail_late(name, timeout_ms, error);
            break;
        }
        if (ready < 0)
            continue;
        got = read(fd, chunk, sizeof chunk);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            break;
        rc = nephi_buffer_add(out, chunk, (size_t)got);
        if (rc) {
            rc = rc == NEPH_NO_MEMORY
                     ? nephi_fail_memory(error)
                     : nephi_fail(error, NEPH_LIMIT, "%s prints more than %zu bytes", name,
                                  out->limit);
            break;
        }
    }
    nephi_wipe(chunk, sizeof chunk);
    return rc;
}

/* Waits until end_ms, then kills. Returns 1 if it ended by itself. */
static int child_reap(pid_t pid, int64_t end_ms, int *status)
{
    struct timespec pause = {0, 1000000};
    pid_t done;
    while ((done = waitpid(pid, status, WNOHANG)) == 0 || (done < 0 && errno == EINTR)) {
        if (nephi_loop_now_ms() >= end_ms) {
            kill(pid, SIGKILL);
            while (waitpid(pid, status, 0) < 0 && errno == EINTR)
                ;
            return 0;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 16000000)
            pause.tv_nsec *= 2;
    }
    /* The program ignores SIGCHLD, so the system has forgotten the status: what was printed must do. */
    if (done < 0)
        *status = 0;
    return 1;
}

static int check_status(const char *name, int status, nephi_error *error)
{
    if (WIFSIGNALED(status))
        return nephi_fail(error, NEPH_AUTH, "%s was ended by signal %d", name, WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return nephi_fail(error, NEPH_AUTH, "%s failed with status %d: run it by hand to see why",
                          name, WEXITSTATUS(status));
    return 0;
}

int nephi_process_run(char *const argv[], int64_t timeout_ms, nephi_buffer *out, nephi_error *error)
{
    int64_t end_ms = nephi_loop_now_ms() + timeout_ms;
    int status = 0, ended, why, rc;
    int ends[2];
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC))
        return nephi_fail(error, NEPH_NO_MEMORY, "%s cannot be started: %s", argv[0],
                          strerror(errno));
    why = child_start(argv, ends[1], &pid);
    close(ends[1]);
    if (why) {
        close(ends[0]);
        if (why == ENOMEM || why == EAGAIN)
            return nephi_fail(error, NEPH_NO_MEMORY, "%s cannot be started: %s", argv[0],
                              strerror(why));
        return nephi_fail(error, NEPH_AUTH, "%s cannot be started: %s", argv[0], strerror(why));
    }
    rc = output_read(ends[0], argv[0], end_ms, timeout_ms, out, error);
    close(ends[0]);
    ended = child_reap(pid, rc ? 0 : end_ms, &status);
    if (!rc && !ended)
        rc = fail_late(argv[0], timeout_ms, error);
    return rc ? rc : check_status(argv[0], status, error);
}
