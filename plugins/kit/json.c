/*
 * json.c - JSON bodies (see neph/kit/json.h).
 */
#include <neph/kit/json.h>

static int32_t raw_add(neph_request *request, const char *text, size_t size)
{
    return size ? neph_request_body(request, NULL, text, size) : 0;
}

/* RFC 8259, section 7: quotes, backslashes and control characters are escaped. */
static int32_t string_add(neph_request *request, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    int32_t rc = raw_add(request, "\"", 1);
    while (!rc && *text) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= ' ' && text[plain] != '"' && text[plain] != '\\')
            plain++;
        rc = raw_add(request, text, plain);
        text += plain;
        if (!rc && *text) {
            char escape[] = {'\\', 'u', '0', '0', digits[*text >> 4 & 15], digits[*text & 15]};
            rc = raw_add(request, escape, sizeof escape);
            text++;
        }
    }
    return rc ? rc : raw_add(request, "\"", 1);
}

int32_t neph_json_add(neph_request *request, const char *template_text, ...)
{
    const char *at = template_text;
    int32_t rc = neph_request_body(request, "application/json", at, 0);
    va_list values;
    va_start(values, template_text);
    while (!rc && *at) {
        size_t plain = strcspn(at, "%");
        rc = raw_add(request, at, plain);
        at += plain;
        if (!rc && *at) {
            rc = string_add(request, va_arg(values, const char *));
            at++;
        }
    }
    va_end(values);
    return rc;
}
