/*
 * core/scrub.c - finding secrets in texts. Each secret has its forms (as it is, base64 at three offsets, hex), and a form
 * is looked for through the escapes of URLs, JSON and XML. What is secret by its name alone (header lines, query
 * parameters) is found at the ':', '=' or '>' behind the name. Does not know where secrets come from.
 */
#include "core/scrub.h"
#include "core/escape.h"
#include "core/text.h"

#include <stdint.h>
#include <string.h>

#define SHORT_SECRET 4      /* less is replaced only as a whole value */
#define ENCODED_MAX 65536   /* longer secrets are looked for as they are */
#define BASE64_STABLE_MIN 4 /* characters that do not depend on what stands around */
#define NAME_MAX_SIZE 64

typedef struct form {
    struct form *next; /* with the same first byte */
    const char *text;
    size_t size;
    int is_base64;
    int is_short;
} form;

enum { FORMS_MAX = 9 };

typedef struct secret {
    struct secret *next;
    size_t owners;
    char *text;
    size_t size;
    form forms[FORMS_MAX];
    size_t form_count; /* 0: not worked out yet */
    char *encoded;     /* the memory of the forms but the first */
    size_t encoded_size;
} secret;

typedef struct declared {
    struct declared *next;
    char name[];
} declared;

struct nephi_scrub {
    const nephi_memory *memory;
    secret *secrets;
    declared *names;
    form *heads[256]; /* by first byte */
    int is_ready;     /* heads agrees with secrets */
};

/* ---- the set */

int nephi_scrub_new(nephi_scrub **out, const nephi_memory *memory)
{
    *out = nephi_alloc(memory, sizeof **out);
    if (!*out)
        return NEPH_NO_MEMORY;
    (*out)->memory = memory;
    return 0;
}

static void secret_free(const nephi_memory *memory, secret *one)
{
    nephi_free_secret(memory, one->encoded, one->encoded_size);
    nephi_free_secret(memory, one->text, one->size);
    nephi_free_secret(memory, one, sizeof *one);
}

void nephi_scrub_free(nephi_scrub *scrub)
{
    if (!scrub)
        return;
    while (scrub->secrets) {
        secret *next = scrub->secrets->next;
        secret_free(scrub->memory, scrub->secrets);
        scrub->secrets = next;
    }
    while (scrub->names) {
        declared *next = scrub->names->next;
        nephi_free(scrub->memory, scrub->names);
        scrub->names = next;
    }
    nephi_free(scrub->memory, scrub);
}

static secret **secret_find(nephi_scrub *scrub, const char *text)
{
    secret **at = &scrub->secrets;
    while (*at && strcmp((*at)->text, text) != 0)
        at = &(*at)->next;
    return at;
}

int nephi_scrub_add(nephi_scrub *scrub, const char *text)
{
    secret *one;
    if (!*text)
        return 0;
    one = *secret_find(scrub, text);
    if (one) {
        one->owners++;
        return 0;
    }
    one = nephi_alloc(scrub->memory, sizeof *one);
    if (!one)
        return NEPH_NO_MEMORY;
    one->size = strlen(text);
    one->text = nephi_strndup(scrub->memory, text, one->size);
    if (!one->text) {
        nephi_free(scrub->memory, one);
        return NEPH_NO_MEMORY;
    }
    one->owners = 1;
    one->next = scrub->secrets;
    scrub->secrets = one;
    scrub->is_ready = 0;
    return 0;
}

void nephi_scrub_remove(nephi_scrub *scrub, const char *text)
{
    secret **at = secret_find(scrub, text), *one = *at;
    if (!one || --one->owners > 0)
        return;
    *at = one->next;
    secret_free(scrub->memory, one);
    scrub->is_ready = 0;
}

int nephi_scrub_declare(nephi_scrub *scrub, const char *name)
{
    size_t size = strlen(name);
    declared *one =
        size < NAME_MAX_SIZE ? nephi_alloc(scrub->memory, sizeof *one + size + 1) : NULL;
    if (!one)
        return NEPH_NO_MEMORY;
    memcpy(one->name, name, size + 1);
    one->next = scrub->names;
    scrub->names = one;
    return 0;
}

/* ---- forms of a secret */

static void form_add(secret *one, const char *text, size_t size, int is_base64)
{
    form *added = &one->forms[one->form_count++];
    added->text = text;
    added->size = size;
    added->is_base64 = is_base64;
    added->is_short = one->size < SHORT_SECRET;
}

/* The characters of base64 that the secret alone decides when `offset` bytes stand before it. Returns where free room
 * goes on. */
static char *base64_add(secret *one, char *room, unsigned char *plain, size_t offset)
{
    size_t length, first, last;
    memset(plain, 0, offset);
    memcpy(plain + offset, one->text, one->size);
    length = nephi_base64_encode(room, plain, offset + one->size);
    first = (offset * 8 + 5) / 6;
    last = (offset + one->size) * 8 / 6;
    if (last < first + BASE64_STABLE_MIN)
        return room;
    form_add(one, room + first, last - first, 1);
    return room + length + 1;
}

static char *base64url_add(secret *one, char *room, const form *from)
{
    int is_other = 0;
    for (size_t i = 0; i < from->size; i++) {
        char c = from->text[i];
        room[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
        is_other |= room[i] != c;
    }
    if (!is_other)
        return room;
    form_add(one, room, from->size, 1);
    return room + from->size;
}

static char *hex_add(secret *one, char *room, int is_upper)
{
    size_t size = nephi_hex(room, (const unsigned char *)one->text, one->size);
    for (size_t i = 0; i < size && is_upper; i++)
        if (room[i] >= 'a')
            room[i] = (char)(room[i] - 'a' + 'A');
    form_add(one, room, size, 0);
    return room + size + 1;
}

static int forms_make(const nephi_memory *memory, secret *one)
{
    size_t base64 = 4 * ((one->size + 4) / 3) + 1;
    char *room;
    unsigned char *plain;
    if (one->form_count)
        return 0;
    if (one->size >= SHORT_SECRET && one->size <= ENCODED_MAX) {
        one->encoded_size = 6 * base64 + 2 * (2 * one->size + 1) + one->size + 2;
        one->encoded = nephi_alloc(memory, one->encoded_size);
        if (!one->encoded)
            return NEPH_NO_MEMORY;
    }
    form_add(one, one->text, one->size, 0);
    if (!one->encoded)
        return 0;
    plain = (unsigned char *)one->encoded;
    room = one->encoded + one->size + 2;
    for (size_t offset = 0; offset < 3; offset++)
        room = base64_add(one, room, plain, offset);
    for (size_t i = 1, count = one->form_count; i < count; i++)
        room = base64url_add(one, room, &one->forms[i]);
    room = hex_add(one, room, 0);
    hex_add(one, room, 1);
    return 0;
}

static int scrub_ready(nephi_scrub *scrub)
{
    if (scrub->is_ready)
        return 0;
    memset(scrub->heads, 0, sizeof scrub->heads);
    for (secret *one = scrub->secrets; one; one = one->next) {
        int rc = forms_make(scrub->memory, one);
        if (rc)
            return rc;
        for (size_t i = 0; i < one->form_count; i++) {
            form **head = &scrub->heads[(unsigned char)one->forms[i].text[0]];
            one->forms[i].next = *head;
            *head = &one->forms[i];
        }
    }
    scrub->is_ready = 1;
    return 0;
}

/* ---- where a secret begins */

/* A text, and how much of it was dealt with. */
typedef struct place {
    const char *text;
    size_t size, at;
    size_t done; /* written, or replaced */
} place;

/* How many bytes of text are the form, read through these kinds of escapes; 0: they are not. */
static size_t form_match(const form *what, const char *text, size_t size, int kinds)
{
    size_t at = 0, i = 0;
    while (i < what->size) {
        char bytes[4];
        size_t count = 1, length;
        if (at >= size)
            return 0;
        length = nephi_escape_read(text + at, size - at, kinds, bytes, &count);
        if (!length || (text[at] == '+' && what->text[i] == '+')) {
            bytes[0] = text[at];
            count = length = 1;
        }
        if (count > what->size - i || memcmp(what->text + i, bytes, count) != 0)
            return 0;
        i += count;
        at += length;
    }
    return at;
}

/* The longest of all readings: a text may be escaped in several ways, one inside the other. */
static size_t form_longest(const form *what, const char *text, size_t size)
{
    size_t longest = 0;
    int is_plain = what->size > 1 && size > 1 && !nephi_escape_begins(text[0]) &&
                   !nephi_escape_begins(text[1]);
    if (is_plain && text[1] != what->text[1])
        return 0;
    for (int kinds = 0; kinds <= NEPHI_ESCAPE_ALL; kinds++) {
        size_t length = form_match(what, text, size, kinds);
        if (length > longest)
            longest = length;
    }
    return longest;
}

static int is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80 || c == '_' || c == '-' || c == '.';
}

static int is_whole_value(const place *from, size_t length)
{
    size_t end = from->at + length;
    return (from->at == 0 || !is_word(from->text[from->at - 1])) &&
           (end >= from->size || !is_word(from->text[end]));
}

static size_t bucket_longest(const form *head, const place *from, int *is_base64)
{
    size_t longest = 0;
    for (const form *what = head; what; what = what->next) {
        size_t length = form_longest(what, from->text + from->at, from->size - from->at);
        if (length <= longest || (what->is_short && !is_whole_value(from, length)))
            continue;
        longest = length;
        *is_base64 = what->is_base64;
    }
    return longest;
}

/* Bytes of the longest secret that begins here; 0: none. */
static size_t secret_here(const nephi_scrub *scrub, const place *from, int *is_base64)
{
    const char *text = from->text + from->at;
    size_t longest = bucket_longest(scrub->heads[(unsigned char)*text], from, is_base64);
    if (!nephi_escape_begins(*text))
        return longest;
    for (int kind = 1; kind <= NEPHI_ESCAPE_ALL; kind *= 2) {
        char bytes[4];
        size_t count, length;
        int is_encoded = 0;
        if (!nephi_escape_read(text, from->size - from->at, kind, bytes, &count))
            continue;
        length = bucket_longest(scrub->heads[(unsigned char)bytes[0]], from, &is_encoded);
        if (length <= longest)
            continue;
        longest = length;
        *is_base64 = is_encoded;
    }
    return longest;
}

/* The base64 characters at both ends hold some bits of the secret too. */
static void base64_widen(const place *from, size_t *start, size_t *end)
{
    const char *text = from->text;
    if (*start >= from->done + 3 && text[*start - 3] == '%')
        *start -= 3;
    else if (*start > from->done && (is_word(text[*start - 1]) || text[*start - 1] == '/'))
        *start -= 1;
    if (*end + 3 <= from->size && text[*end] == '%')
        *end += 3;
    else if (*end < from->size && (is_word(text[*end]) || strchr("+/=", text[*end])))
        *end += 1;
    while (*end < from->size && text[*end] == '=')
        *end += 1;
}

/* ---- what is secret by its name */

enum { HEADER = 1, QUERY = 2 };

typedef struct known_name {
    const char *name;
    int where;
} known_name;

static const known_name known_names[] = {
    {"authorization", HEADER},
    {"proxy-authorization", HEADER},
    {"x-auth-token", HEADER},
    {"x-auth-key", HEADER},
    {"x-subject-token", HEADER},
    {"x-storage-token", HEADER},
    {"x-amz-security-token", HEADER | QUERY},
    {"x-aws-ec2-metadata-token", HEADER},
    {"cookie", HEADER},
    {"set-cookie", HEADER},
    {"x-amz-signature", QUERY},
    {"signature", QUERY},
    {"sig", QUERY},
    {"temp_url_sig", QUERY},
};

static int name_is(const char *known, const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if (known[i] != c)
            return 0;
    }
    return known[size] == '\0';
}

static int is_known(const char *name, size_t size, int where)
{
    for (size_t i = 0; i < sizeof known_names / sizeof *known_names; i++)
        if ((known_names[i].where & where) && name_is(known_names[i].name, name, size))
            return 1;
    return 0;
}

static int is_declared(const nephi_scrub *scrub, const char *name, size_t size)
{
    for (const declared *one = scrub->names; one; one = one->next)
        if (strlen(one->name) == size && memcmp(one->name, name, size) == 0)
            return 1;
    return 0;
}

static int is_name_char(char c)
{
    return is_word(c) && (unsigned char)c < 0x80 && c != '.';
}

/* Size of the name that ends at `end`; what was escaped before it ("%26", "\u0026") is not part of it. */
static size_t name_before(const char *text, size_t end)
{
    size_t start = end;
    while (start > 0 && end - start < NAME_MAX_SIZE && is_name_char(text[start - 1]))
        start--;
    if (start > 0 && text[start - 1] == '%' && end - start > 2)
        start += 2;
    else if (start > 0 && text[start - 1] == '\\' && end - start > 5 && text[start] == 'u')
        start += 5;
    return end - start;
}

static size_t line_end(const place *from, size_t at)
{
    while (at < from->size && from->text[at] != '\n' && from->text[at] != '\r')
        at++;
    return at;
}

static size_t skip_blanks(const place *from, size_t at)
{
    while (at < from->size && (from->text[at] == ' ' || from->text[at] == '\t'))
        at++;
    return at;
}

/* The inside of a JSON string that begins at `at`. */
static size_t string_end(const place *from, size_t at)
{
    while (at < from->size && from->text[at] != '"')
        at += from->text[at] == '\\' ? 2 : 1;
    return at < from->size ? at : from->size;
}

/* Behind a ':': a header line's value to its end, or a JSON member's string. */
static size_t colon_value(const nephi_scrub *scrub, const place *from, size_t *start)
{
    size_t end = from->at, at = skip_blanks(from, from->at + 1), name;
    int is_quoted;
    while (end > 0 && from->text[end - 1] == ' ')
        end--;
    is_quoted = end > 0 && from->text[end - 1] == '"';
    if (is_quoted)
        end--;
    name = name_before(from->text, end);
    if (name == 0)
        return 0;
    if (is_known(from->text + end - name, name, HEADER) && !is_quoted) {
        *start = at;
        return line_end(from, at);
    }
    if (!is_quoted || at >= from->size || from->text[at] != '"')
        return 0;
    if (!is_known(from->text + end - name, name, HEADER | QUERY) &&
        !is_declared(scrub, from->text + end - name, name))
        return 0;
    *start = at + 1;
    return string_end(from, at + 1);
}

/* Behind a '=' or "%3D": a query parameter or form field. */
static size_t equals_value(const nephi_scrub *scrub, const place *from, size_t *start)
{
    int is_encoded = from->text[from->at] == '%';
    size_t at = from->at + (is_encoded ? 3 : 1), name = name_before(from->text, from->at);
    const char *begin = from->text + from->at - name;
    if (name == 0 || (!is_known(begin, name, QUERY) && !is_declared(scrub, begin, name)))
        return 0;
    *start = at;
    while (at < from->size && !strchr("&\"'<>#; \t\r\n\\,)", from->text[at])) {
        if (is_encoded && from->size - at >= 3 && memcmp(from->text + at, "%26", 3) == 0)
            break;
        at++;
    }
    return at;
}

/* Behind a '>': the text of an element. */
static size_t element_value(const nephi_scrub *scrub, const place *from, size_t *start)
{
    size_t name = name_before(from->text, from->at), at = from->at + 1;
    const char *begin = from->text + from->at - name;
    if (name == 0 || (size_t)(begin - from->text) == 0 || begin[-1] != '<' ||
        !is_declared(scrub, begin, name))
        return 0;
    *start = at;
    while (at < from->size && from->text[at] != '<')
        at++;
    return at;
}

static int is_encoded_equals(const place *from)
{
    const char *text = from->text + from->at;
    return from->size - from->at >= 3 && text[1] == '3' && (text[2] | 0x20) == 'd';
}

/* Where the value ends that is secret by the name before this place, and where it starts; 0: none. */
static size_t named_value(const nephi_scrub *scrub, const place *from, size_t *start)
{
    size_t end = 0;
    switch (from->text[from->at]) {
    case ':': end = colon_value(scrub, from, start); break;
    case '=': end = equals_value(scrub, from, start); break;
    case '>': end = element_value(scrub, from, start); break;
    case '%': end = is_encoded_equals(from) ? equals_value(scrub, from, start) : 0; break;
    default: break;
    }
    return end && end > *start ? end : 0;
}

/* ---- writing */

static int replace(place *from, nephi_buffer *out, size_t start, size_t end)
{
    int rc = nephi_buffer_add(out, from->text + from->done, start - from->done);
    if (!rc)
        rc = nephi_buffer_text(out, NEPHI_REDACTED);
    from->done = from->at = end;
    return rc;
}

static int next_replace(const nephi_scrub *scrub, place *from, nephi_buffer *out)
{
    int is_base64 = 0;
    size_t start = from->at, length = secret_here(scrub, from, &is_base64), end;
    if (length) {
        end = start + length;
        if (is_base64)
            base64_widen(from, &start, &end);
        return replace(from, out, start, end);
    }
    end = named_value(scrub, from, &start);
    if (end)
        return replace(from, out, start, end);
    from->at++;
    return 0;
}

static int is_interesting(const nephi_scrub *scrub, char c)
{
    return scrub->heads[(unsigned char)c] || c == ':' || c == '=' || c == '>' ||
           nephi_escape_begins(c);
}

int nephi_scrub_write(nephi_scrub *scrub, nephi_buffer *out, const char *text, size_t size)
{
    place from = {text, size, 0, 0};
    size_t before = out->size;
    int rc = scrub_ready(scrub);
    while (!rc && from.at < size) {
        if (is_interesting(scrub, text[from.at]))
            rc = next_replace(scrub, &from, out);
        else
            from.at++;
    }
    if (!rc)
        rc = nephi_buffer_add(out, text + from.done, size - from.done);
    if (rc && out->data) {
        nephi_wipe(out->data + before, out->size - before);
        out->size = before;
        out->data[before] = '\0';
    }
    return rc;
}
