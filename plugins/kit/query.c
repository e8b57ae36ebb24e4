/*
 * query.c - numbered parameters of AWS-like query interfaces (see neph/kit/query.h). Neither signs nor encodes: the
 * host encodes what is added.
 */
#include <neph/kit/query.h>
#include <neph/kit/text.h>

int32_t neph_query_key(char *key, const char *pattern, uint32_t first, uint32_t second)
{
    neph_text out;
    uint32_t number = first;
    neph_text_init(&out, key, NEPH_QUERY_KEY_MAX);
    for (; *pattern; pattern++) {
        if (*pattern != '#') {
            neph_text_add_char(&out, *pattern);
            continue;
        }
        neph_text_add_integer(&out, number);
        number = second;
    }
    return out.status;
}

void neph_query_begin(neph_query *query, neph_request *request, int32_t where, const char *action,
                      const char *version)
{
    query->request = request;
    query->where = where;
    query->status = 0;
    neph_query_add(query, "Action", action);
    neph_query_add(query, "Version", version);
}

void neph_query_add(neph_query *query, const char *key, const char *value)
{
    if (query->status || !value)
        return;
    if (query->where == NEPH_QUERY_FORM)
        query->status = neph_request_form(query->request, key, value);
    else
        query->status = neph_request_query(query->request, key, value);
}

void neph_query_add_integer(neph_query *query, const char *key, int64_t value)
{
    char digits[24];
    neph_text text;
    if (value == NEPH_UNKNOWN)
        return;
    neph_text_init(&text, digits, sizeof digits);
    neph_text_add_integer(&text, value);
    neph_query_add(query, key, digits);
}

void neph_query_add_at(neph_query *query, const char *pattern, uint32_t first, uint32_t second,
                       const char *value)
{
    char key[NEPH_QUERY_KEY_MAX];
    if (query->status || !value)
        return;
    if (neph_query_key(key, pattern, first, second))
        query->status = neph_fail(query->request, NEPH_LIMIT,
                                  "the parameter name \"%.64s\" is too long", pattern);
    else
        neph_query_add(query, key, value);
}

void neph_query_add_strings(neph_query *query, const char *pattern, const neph_call *call,
                            int32_t member)
{
    const char *name;
    const char *value;
    for (uint32_t i = 0; !query->status && neph_argument_pair(call, member, i, &name, &value); i++)
        neph_query_add_at(query, pattern, i + 1, 0, value);
}

void neph_query_add_pairs(neph_query *query, const char *name_pattern, const char *value_pattern,
                          const neph_call *call, int32_t member)
{
    const char *name;
    const char *value;
    for (uint32_t i = 0; !query->status && neph_argument_pair(call, member, i, &name, &value);
         i++) {
        neph_query_add_at(query, name_pattern, i + 1, 0, name);
        neph_query_add_at(query, value_pattern, i + 1, 0, value);
    }
}
