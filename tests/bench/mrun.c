/*
 * mrun - runs one command and measures it: mrun OUT SECONDS COMMAND...
 *
 * Appends "wall user system maxrss_kb status" to OUT; ends the command's process group after SECONDS. It is
 * a program of its own, and small, because a child begins with its parent's resident size. The command's
 * output goes to /dev/null unless MRUN_SHOW is set.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void on_alarm(int sig)
{
    (void)sig;
    kill(-child, SIGKILL);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(char **command)
{
    setpgid(0, 0);
    if (!getenv("MRUN_SHOW")) {
        int null = open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; fd++)
            dup2(null, fd);
    }
    execvp(command[0], command);
    _exit(127);
}

int main(int argc, char **argv)
{
    struct timespec from, to;
    struct rusage used;
    int status;
    if (argc < 4)
        return 2;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (!(child = fork()))
        run(argv + 3);
    signal(SIGALRM, on_alarm);
    alarm((unsigned)strtoul(argv[2], NULL, 10));
    while (wait4(child, &status, 0, &used) < 0)
        continue;
    clock_gettime(CLOCK_MONOTONIC, &to);
    FILE *out = fopen(argv[1], "a");
    if (!out)
        return 1;
    fprintf(out, "%.6f %.6f %.6f %ld %d\n",
            (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
            seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return fclose(out) != 0;
}
