/*
 * list.c - how every list of EC2 is asked for: one page after another, and of the portable filters those that the service
 * has. The others, and these once more, are applied by the host.
 */
#include "ec2.h"

#define API_VERSION "2016-11-15"
#define PAGE_MIN 5
#define VALUES_MAX 200   /* of one filter: "Filter", EC2 API Reference */
#define FILTER_TEXT 4096 /* bytes of a name or value; a tag's are 128 and 256 characters */

/* The request and its last filter. */
typedef struct filters {
    neph_query *query;
    neph_call *call;
    uint32_t count;
} filters;

void ec2_begin(neph_query *query, neph_request *request, const char *action)
{
    neph_query_begin(query, request, NEPH_QUERY_FORM, action, API_VERSION);
}

/* ---- filters */

static void filter_begin(filters *to, const char *name)
{
    neph_query_add_at(to->query, "Filter.#.Name", ++to->count, 0, name);
}

static void value_add(filters *to, uint32_t number, const char *value)
{
    neph_query_add_at(to->query, "Filter.#.Value.#", to->count, number, value);
}

/* A value in which the characters of `special` mean themselves. */
static void value_add_escaped(filters *to, const char *value, const char *special)
{
    char data[FILTER_TEXT];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    for (; *value; value++) {
        if (strchr(special, *value))
            neph_text_add_char(&text, '\\');
        neph_text_add_char(&text, *value);
    }
    if (text.status && !to->query->status)
        to->query->status = neph_fail(to->call, NEPH_LIMIT, "a filter is too long for EC2");
    value_add(to, 1, data);
}

/* More ids than a filter can have values are left to the host. */
static void ids_add(filters *to, const char *filter)
{
    const char *name;
    const char *value;
    if (!filter || !neph_argument_pair(to->call, NEPH_LIST_ID, 0, &name, &value) ||
        neph_argument_pair(to->call, NEPH_LIST_ID, VALUES_MAX, &name, &value))
        return;
    filter_begin(to, filter);
    for (uint32_t i = 0; neph_argument_pair(to->call, NEPH_LIST_ID, i, &name, &value); i++)
        value_add(to, i + 1, value);
}

static void tag_add(filters *to, const char *name, const char *value)
{
    char data[FILTER_TEXT];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    neph_text_add(&text, "tag:");
    neph_text_add(&text, name);
    filter_begin(to, data);
    value_add_escaped(to, value, strcmp(value, "*") ? "*?\\" : "");
}

static void tags_add(filters *to)
{
    const char *name;
    const char *value;
    for (uint32_t i = 0; neph_argument_pair(to->call, NEPH_LIST_TAG, i, &name, &value); i++)
        tag_add(to, name, value);
}

/* A state that the service has no word for is left to the host, which finds nothing in it. */
static void state_add(filters *to, const char *filter, const ec2_state *states)
{
    const char *wanted = neph_argument(to->call, NEPH_LIST_STATE);
    uint32_t count = 0;
    for (; wanted && states && states->name; states++) {
        if (strcmp(wanted, states->name))
            continue;
        if (!count)
            filter_begin(to, filter);
        value_add(to, ++count, states->value);
    }
}

static void filters_add(filters *to, const ec2_list *list)
{
    const char *name = neph_argument(to->call, NEPH_LIST_NAME);
    const char *location = neph_argument(to->call, NEPH_LIST_LOCATION);
    ids_add(to, list->id);
    if (list->has_tags)
        tags_add(to);
    state_add(to, list->state, list->states);
    if (name && list->name) {
        filter_begin(to, list->name);
        value_add_escaped(to, name, "\\");
    }
    if (location && list->location) {
        filter_begin(to, list->location);
        value_add_escaped(to, location, "*?\\");
    }
}

/* ---- pages */

/* Without filters a page need not hold more than what is wanted. */
static int64_t page_size(const filters *of, const ec2_list *list)
{
    int64_t limit = neph_argument_integer(of->call, NEPH_LIST_LIMIT);
    if (limit == NEPH_UNKNOWN || limit <= 0 || of->count || limit > list->page_max)
        return list->page_max;
    return limit < PAGE_MIN ? PAGE_MIN : limit;
}

void ec2_list_begin(neph_query *query, neph_call *call, neph_request *request, const ec2_list *list)
{
    filters to = {.query = query, .call = call};
    ec2_begin(query, request, list->action);
    filters_add(&to, list);
    if (list->page_max)
        neph_query_add_integer(query, "MaxResults", page_size(&to, list));
}

int32_t ec2_list_ask(neph_call *call, neph_request *request, const ec2_list *list)
{
    neph_query query;
    ec2_list_begin(&query, call, request, list);
    return query.status;
}
