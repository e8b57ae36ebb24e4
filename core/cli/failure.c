/*
 * core/cli/failure.c - what went wrong, in one line on stderr that says what to do, and the exit status that belongs to
 * it. No other file writes messages.
 */
#include "core/cli/cli.h"
#include "core/cli/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_MAX 4096

/* text holds what vsnprintf made; longer messages were cut. */
static void put_line(const char *text, const char *tail)
{
    char data[4 * MESSAGE_MAX];
    nephc_output out;

    nephc_output_init(&out, 2, data, sizeof data);
    nephc_output_text(&out, "neph: ");
    nephc_put_plain(&out, text, strlen(text));
    nephc_put_plain(&out, tail, strlen(tail));
    nephc_output_byte(&out, '\n');
    (void)nephc_output_flush(&out);
}

int nephc_fail(int status, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put_line(text, "");
    return status;
}

int nephc_fail_nearest(int status, const nephc_nearest *nearest, const char *format, ...)
{
    char text[MESSAGE_MAX], tail[128] = "";
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (nearest->best)
        (void)snprintf(tail, sizeof tail, " - did you mean \"%s\"?", nearest->best);
    put_line(text, tail);
    return status;
}

int nephc_fail_memory(void)
{
    put_line("out of memory", "");
    return NEPHC_FAILED;
}

void nephc_note(const nephc *cli, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list list;

    if (cli->options.quiet)
        return;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    put_line(text, "");
}

int nephc_status_of(int32_t status, int is_remote)
{
    switch (status) {
    case NEPH_OK: return NEPHC_DONE;
    case NEPH_INVALID: return is_remote ? NEPHC_FAILED : NEPHC_USAGE;
    case NEPH_NOT_FOUND: return NEPHC_NOT_FOUND;
    case NEPH_AUTH:
    case NEPH_PERMISSION: return NEPHC_DENIED;
    case NEPH_UNSUPPORTED: return NEPHC_UNSUPPORTED;
    default: return NEPHC_FAILED;
    }
}

/* What helps where the library cannot know that it is this command that asks; the cloud stands between the two. */
typedef struct advice {
    int32_t status;
    const char *before;
    const char *behind;
} advice;

static const advice advices[] = {
    {NEPH_AUTH, "; \"neph cloud show ", "\" tells where its credentials come from"},
    {NEPH_UNSUPPORTED, "; \"neph cloud show ",
     "\" names its provider, \"neph provider show\" what that can do"},
};

static void advise(char *out, size_t capacity, const char *cloud, int32_t status)
{
    size_t i, used = strlen(out);

    for (i = 0; cloud && i < sizeof advices / sizeof advices[0]; i++)
        if (advices[i].status == status && used < capacity)
            (void)snprintf(out + used, capacity - used, "%s%s%s", advices[i].before, cloud,
                           advices[i].behind);
}

/* " (NoSuchBucket, request id 7)" of what the message does not say itself. */
static void describe(char *out, size_t capacity, const neph_error *error)
{
    int has_code = error->code && !strstr(error->message, error->code);
    int has_id = error->request_id && !strstr(error->message, error->request_id);

    out[0] = '\0';
    if (!has_code && !has_id)
        return;
    (void)snprintf(out, capacity, " (%s%s%s%s)", has_code ? error->code : "",
                   has_code && has_id ? ", " : "", has_id ? "request id " : "",
                   has_id ? error->request_id : "");
}

int nephc_fail_error(const char *what, const char *cloud, const neph_error *error)
{
    char tail[1024];
    size_t i;

    describe(tail, sizeof tail, error);
    advise(tail, sizeof tail, cloud, error->status);
    (void)nephc_fail(0, "%s: %s%s", what, error->message, tail);
    for (i = 0; i < error->created_count; i++) {
        const neph_kind_info *kind = neph_kind_find(error->created[i].kind);

        (void)nephc_fail(0, "%s: created: %s %s", what, kind ? kind->name : "something",
                         error->created[i].id);
    }
    return nephc_status_of(error->status, error->sent);
}

int nephc_check_output(nephc *cli)
{
    int error = nephc_output_flush(&cli->out);

    if (error == 0)
        return NEPHC_DONE;
    if (error == EPIPE)
        return NEPHC_PIPE; /* nobody reads any more: nothing to say */
    return nephc_fail(NEPHC_FAILED, "cannot write the output: %s", strerror(error));
}
