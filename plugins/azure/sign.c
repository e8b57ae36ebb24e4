/*
 * sign.c - SharedKey: what is signed of a request, and the Authorization header ("Authorize with Shared Key", Azure Storage
 * Services REST API reference). A SAS token in place of a key goes out as it is.
 */
#include "azure.h"

#define TEXT_MAX 20480 /* of what is signed: metadata of 8 KiB, a key of 3 KiB encoded, a marker */
#define PARAMETERS_MAX 32
#define PARAMETERS_BYTES 8192
#define HEADERS_MAX 64

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ---- the headers that have a line of their own */

static int is_same(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return *a == *b;
}

static const char *header_of(const neph_request_view *view, const char *name)
{
    for (uint32_t i = 0; i < view->header_count; i++)
        if (is_same(view->header_names[i], name))
            return view->header_values[i];
    return "";
}

/* No body has no length here, since version 2015-02-21. x-ms-date stands for Date. */
static void lines_add(neph_text *text, const neph_request_view *view)
{
    static const char *const names[] = {
        "Content-Encoding",
        "Content-Language",
        NULL,
        "Content-MD5",
        "Content-Type",
        "",
        "If-Modified-Since",
        "If-Match",
        "If-None-Match",
        "If-Unmodified-Since",
        "Range",
    };
    neph_text_add(text, view->method);
    neph_text_add_char(text, '\n');
    for (size_t i = 0; i < NEPH_COUNT(names); i++) {
        if (names[i])
            neph_text_add(text, header_of(view, names[i]));
        else if (view->body_size > 0)
            neph_text_add_integer(text, view->body_size);
        neph_text_add_char(text, '\n');
    }
}

/* ---- those of the service: x-ms-* */

static int is_own(const char *name)
{
    static const char prefix[] = "x-ms-";
    for (size_t i = 0; prefix[i]; i++)
        if (lower(name[i]) != prefix[i])
            return 0;
    return 1;
}

/* The service sorts as people do: "_" stands before the digits. */
static int rank(char c)
{
    return c == '_' ? '.' : (unsigned char)lower(c);
}

static int is_before(const char *a, const char *b)
{
    while (*a && rank(*a) == rank(*b))
        a++, b++;
    return rank(*a) < rank(*b);
}

static void own_headers_add(neph_text *text, const neph_request_view *view)
{
    uint32_t order[HEADERS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->header_count; i++) {
        uint32_t at = count;
        if (!is_own(view->header_names[i]))
            continue;
        if (count == HEADERS_MAX) {
            text->status = NEPH_LIMIT;
            return;
        }
        for (; at && is_before(view->header_names[i], view->header_names[order[at - 1]]); at--)
            order[at] = order[at - 1];
        order[at] = i;
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        for (const char *name = view->header_names[order[i]]; *name; name++)
            neph_text_add_char(text, lower(*name));
        neph_text_add_char(text, ':');
        neph_text_add(text, view->header_values[order[i]]);
        neph_text_add_char(text, '\n');
    }
}

/* ---- the resource: account, path, query */

/* "/ACCOUNT-secondary/..." is signed as the account's own. */
static void path_add(neph_text *text, const azure_account *account, const char *path)
{
    static const char secondary[] = "-secondary";
    size_t size = strlen(account->name);
    neph_text_add_char(text, '/');
    neph_text_add(text, account->name);
    if (*path == '/' && !strncmp(path + 1, account->name, size) &&
        !strncmp(path + 1 + size, secondary, sizeof secondary - 1)) {
        neph_text_add_bytes(text, path, size + 1);
        path += size + sizeof secondary;
    }
    neph_text_add(text, path);
}

/* One of the query, decoded. */
typedef struct parameter {
    const char *name;
    size_t name_size;
    const char *value;
    size_t value_size;
} parameter;

typedef struct parameters {
    parameter list[PARAMETERS_MAX];
    size_t count;
    size_t used;
    char data[PARAMETERS_BYTES];
} parameters;

static int bytes_compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

static int parameter_compare(const parameter *a, const parameter *b)
{
    int order = bytes_compare(a->name, a->name_size, b->name, b->name_size);
    return order ? order : bytes_compare(a->value, a->value_size, b->value, b->value_size);
}

static const char *decoded(parameters *all, const char *data, size_t size, size_t *decoded_size)
{
    char *at = all->data + all->used;
    *decoded_size = neph_percent_decode(at, data, size);
    all->used += *decoded_size;
    return at;
}

/* Returns 0 if there is no room for it. */
static int parameter_put(parameters *all, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    size_t name_size = equals ? (size_t)(equals - text) : size;
    parameter added = {NULL, 0, "", 0};
    size_t at = all->count;
    if (all->count == PARAMETERS_MAX || size > sizeof all->data - all->used)
        return 0;
    added.name = decoded(all, text, name_size, &added.name_size);
    for (size_t i = 0; i < added.name_size; i++)
        all->data[(size_t)(added.name - all->data) + i] = lower(added.name[i]);
    if (equals)
        added.value = decoded(all, equals + 1, size - name_size - 1, &added.value_size);
    for (; at && parameter_compare(&added, &all->list[at - 1]) < 0; at--)
        all->list[at] = all->list[at - 1];
    all->list[at] = added;
    all->count++;
    return 1;
}

static void query_add(neph_text *text, const char *query)
{
    parameters all = {.count = 0};
    while (*query) {
        size_t size = strcspn(query, "&");
        if (size && !parameter_put(&all, query, size)) {
            text->status = NEPH_LIMIT;
            return;
        }
        query += size + (query[size] == '&');
    }
    for (size_t i = 0; i < all.count; i++) {
        const parameter *one = &all.list[i];
        const parameter *before = i ? one - 1 : NULL;
        if (before && !bytes_compare(before->name, before->name_size, one->name, one->name_size)) {
            neph_text_add_char(text, ',');
        } else {
            neph_text_add_char(text, '\n');
            neph_text_add_bytes(text, one->name, one->name_size);
            neph_text_add_char(text, ':');
        }
        neph_text_add_bytes(text, one->value, one->value_size);
    }
}

void azure_sign_text(neph_text *text, const azure_account *account, const neph_request_view *view)
{
    lines_add(text, view);
    own_headers_add(text, view);
    path_add(text, account, view->path);
    query_add(text, view->query);
}

/* ---- the signature */

int32_t azure_sign_hash(const void *handle, const azure_account *account, const neph_text *text,
                        neph_text *signature)
{
    unsigned char bytes[NEPH_DIGEST_MAX];
    int32_t count = neph_hmac(handle, NEPH_DIGEST_SHA256, account->key, account->key_size,
                              text->data, text->size, bytes);
    if (count < 0)
        return count;
    neph_text_add_base64(signature, bytes, (size_t)count);
    return signature->status;
}

static int32_t key_sign(neph_call *call, neph_request *request, const azure_account *account,
                        int64_t now_ns)
{
    char data[TEXT_MAX];
    char value[160];
    neph_request_view view;
    neph_text text;
    neph_text header;
    int32_t rc;
    neph_text_init(&header, value, sizeof value);
    neph_text_add_date(&header, now_ns);
    rc = neph_request_header(request, "x-ms-date", value);
    if (!rc)
        rc = neph_request_look(request, &view);
    if (rc)
        return rc;
    neph_text_init(&text, data, sizeof data);
    azure_sign_text(&text, account, &view);
    if (text.status)
        return neph_fail(
            call, NEPH_LIMIT,
            "the request is too large to be signed: shorten the key, the metadata or the query");
    neph_text_init(&header, value, sizeof value);
    neph_text_add(&header, "SharedKey ");
    neph_text_add(&header, account->name);
    neph_text_add_char(&header, ':');
    rc = azure_sign_hash(call, account, &text, &header);
    return rc ? rc : neph_request_header(request, "Authorization", value);
}

int32_t azure_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    const azure_account *account = azure_account_of(neph_cloud_of(call));
    neph_request_view view;
    int32_t rc = neph_request_look(request, &view);
    if (rc)
        return rc;
    if (view.presign_seconds > 0)
        return azure_sas_sign(call, request, now_ns);
    if (!account->key_size)
        return neph_request_query_raw(request, account->sas);
    return key_sign(call, request, account, now_ns);
}
