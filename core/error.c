/*
 * core/error.c - one failure, its words made fit for a terminal and a log. Does not decide what a
 * reply's failure means (that is the provider's fault table) nor whether to ask again.
 */
#include "core/error.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RAW_MAX 2048 /* bytes of a message before its characters are escaped and it is cut */

void nephi_error_forget(nephi_error *error)
{
    error->status = 0;
    error->retry = 0;
    error->http_status = 0;
    error->sent = 0;
    error->rule = 0;
    error->message[0] = '\0';
    error->code[0] = '\0';
    error->request_id[0] = '\0';
    memset(&error->view, 0, sizeof error->view);
}

void nephi_error_clear(nephi_error *error)
{
    nephi_error_forget(error);
    error->created_count = 0;
}

void nephi_error_copy(nephi_error *error, const nephi_error *from)
{
    error->status = from->status;
    error->retry = from->retry;
    error->http_status = from->http_status;
    error->sent = from->sent;
    error->rule = from->rule;
    memcpy(error->message, from->message, sizeof error->message);
    memcpy(error->code, from->code, sizeof error->code);
    memcpy(error->request_id, from->request_id, sizeof error->request_id);
}

/* C0, DEL, and C1 (a terminal takes U+009B for the beginning of an escape sequence). */
static int is_control(const char *text, size_t length)
{
    unsigned char first = (unsigned char)text[0];
    return length == 1 ? first < 0x20 || first == 0x7f
                       : first == 0xc2 && (unsigned char)text[1] < 0xa0;
}

/* Writes length bytes as \xNN each. */
static size_t escape(char *out, const char *text, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;
    for (i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        *out++ = '\\';
        *out++ = 'x';
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    return 4 * length;
}

void nephi_error_text(char *field, size_t capacity, const char *text, size_t size)
{
    size_t at = 0, used = 0;
    if (capacity == 0)
        return;
    while (at < size) {
        char piece[16];
        size_t length = nephi_utf8_length(text + at, size - at);
        size_t piece_size = length ? length : 1;
        if (length == 0 || is_control(text + at, length))
            piece_size = escape(piece, text + at, piece_size);
        else
            memcpy(piece, text + at, length);
        if (piece_size >= capacity - used)
            break;
        memcpy(field + used, piece, piece_size);
        used += piece_size;
        at += length ? length : 1;
    }
    field[used] = '\0';
}

/* Where a text that was cut after size bytes ends with a whole character. */
static size_t whole(const char *text, size_t size)
{
    size_t start = size;
    while (start > 0 && size - start < 4 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0 || (unsigned char)text[start - 1] < 0xc0)
        return size;
    return nephi_utf8_length(text + start - 1, size - start + 1) ? size : start - 1;
}

int nephi_error_created(nephi_error *error, uint32_t kind, const char *id)
{
    uint32_t place = error->created_count;
    char text[sizeof error->created_ids[0]];
    nephi_error_text(text, sizeof text, id, strlen(id));
    for (uint32_t i = 0; i < error->created_count; i++)
        if (error->created[i].kind == kind && strcmp(error->created_ids[i], text) == 0)
            return 0;
    if (place == NEPHI_CREATED_MAX)
        return NEPH_LIMIT;
    memcpy(error->created_ids[place], text, sizeof text);
    error->created[place] = (neph_created){kind, 0, error->created_ids[place]};
    error->created_count++;
    return 0;
}

int nephi_fail(nephi_error *error, int status, const char *format, ...)
{
    char raw[RAW_MAX];
    va_list list;
    int size;
    if (!error)
        return status;
    if (error->status)
        return error->status;
    va_start(list, format);
    size = vsnprintf(raw, sizeof raw, format, list);
    va_end(list);
    error->status = status;
    if (size < 0)
        size = 0;
    if ((size_t)size >= sizeof raw)
        size = (int)whole(raw, sizeof raw - 1);
    nephi_error_text(error->message, sizeof error->message, raw, (size_t)size);
    return status;
}

int nephi_fail_memory(nephi_error *error)
{
    return nephi_fail(error, NEPH_NO_MEMORY, "out of memory");
}

const char *nephi_status_name(int32_t status)
{
    static const char *const names[] = {
        [-NEPH_OK] = "no error",
        [-NEPH_INVALID] = "invalid argument or setting",
        [-NEPH_AUTH] = "authentication failed",
        [-NEPH_PERMISSION] = "permission denied",
        [-NEPH_NOT_FOUND] = "not found",
        [-NEPH_EXISTS] = "exists already",
        [-NEPH_CONFLICT] = "conflict",
        [-NEPH_LIMIT] = "limit exceeded",
        [-NEPH_THROTTLED] = "too many requests",
        [-NEPH_QUOTA] = "quota used up",
        [-NEPH_UNAVAILABLE] = "service unavailable",
        [-NEPH_TIMEOUT] = "timed out",
        [-NEPH_NETWORK] = "network failure",
        [-NEPH_PROTOCOL] = "malformed reply",
        [-NEPH_INTEGRITY] = "checksum mismatch",
        [-NEPH_UNSUPPORTED] = "not supported",
        [-NEPH_PLUGIN] = "plugin failure",
        [-NEPH_CANCELLED] = "cancelled",
        [-NEPH_NO_MEMORY] = "out of memory",
        [-NEPH_FILE] = "file error",
        [-NEPH_BUSY] = "busy",
        [-NEPH_AGAIN] = "nothing yet",
        [-NEPH_INTERNAL] = "internal error",
    };
    int64_t index = -(int64_t)status;
    if (index < 0 || index >= (int64_t)(sizeof names / sizeof *names))
        return "unknown status";
    return names[index];
}

void nephi_error_take(nephi_error *error, const char *item, const neph_error *from)
{
    nephi_fail(error, from->status, "%s%s%s", item, *item ? ": " : "", from->message);
    error->retry = from->retry;
    error->http_status = from->http_status;
    error->sent = from->sent;
    if (from->code)
        nephi_error_text(error->code, sizeof error->code, from->code, strlen(from->code));
    if (from->request_id)
        nephi_error_text(error->request_id, sizeof error->request_id, from->request_id,
                         strlen(from->request_id));
}

const neph_error *nephi_error_view(nephi_error *error)
{
    neph_error *view = &error->view;
    view->size = sizeof *view;
    view->status = error->status;
    view->retry = error->retry;
    view->message = error->message;
    if (error->status && !error->message[0])
        view->message = nephi_status_name(error->status);
    view->code = error->code[0] ? error->code : NULL;
    view->request_id = error->request_id[0] ? error->request_id : NULL;
    view->http_status = error->http_status;
    view->sent = error->sent;
    view->created = error->created_count ? error->created : NULL;
    view->created_count = error->created_count;
    return view;
}
