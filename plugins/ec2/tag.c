/*
 * tag.c - tags of EC2: list, set, remove, and those that something gets when it is created.
 */
#include "ec2.h"

#define TOKEN_MAX 64 /* "Ensuring idempotency", EC2 API Reference */

const neph_reply *const ec2_done_replies[1] = {&neph_ec2_done_reply};

/* ---- at creation */

static const char *token_of(neph_query *query, neph_call *call)
{
    const char *token = query->status ? NULL : neph_call_token(call);
    if (!query->status && !token)
        query->status = NEPH_NO_MEMORY;
    else if (token && strlen(token) > TOKEN_MAX)
        query->status = neph_fail(call, NEPH_LIMIT, "token has more than %d characters", TOKEN_MAX);
    return token;
}

void ec2_token_add(neph_query *query, neph_call *call)
{
    neph_query_add(query, "ClientToken", token_of(query, call));
}

static void tag_add(neph_query *query, uint32_t *count, const char *name, const char *value)
{
    if (!value)
        return;
    ++*count;
    neph_query_add_at(query, "TagSpecification.1.Tag.#.Key", *count, 0, name);
    neph_query_add_at(query, "TagSpecification.1.Tag.#.Value", *count, 0, value);
}

void ec2_tags_add(neph_query *query, neph_call *call, const char *type, int32_t name_member,
                  int32_t tags_member, int32_t is_marked)
{
    const char *name;
    const char *value;
    uint32_t count = 0;
    tag_add(query, &count, "Name", name_member ? neph_argument(call, name_member) : NULL);
    for (uint32_t i = 0; neph_argument_pair(call, tags_member, i, &name, &value); i++)
        tag_add(query, &count, name, value);
    if (is_marked)
        tag_add(query, &count, NEPH_TOKEN_TAG, token_of(query, call));
    if (count)
        neph_query_add(query, "TagSpecification.1.ResourceType", type);
}

/* ---- list: DescribeTags */

static const neph_field tag_fields[] = {
    {"key", .member = NEPH_TAG_NAME, .flags = NEPH_FIELD_REQUIRED},
    {"value", .member = NEPH_TAG_VALUE},
    {"resourceId", .member = NEPH_TAG_RESOURCE},
};
static const neph_field page_fields[] = {{"nextToken", .member = NEPH_PAGE_TOKEN}};
static const neph_rule list_rules[] = {
    {.path = "tagSet/item", NEPH_FIELDS(tag_fields), .kind = NEPH_KIND_TAG},
    {.path = ".", NEPH_FIELDS(page_fields)},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_XML, list_rules);
const neph_reply *const ec2_tag_list_replies[1] = {&list_reply};

int32_t ec2_tag_list(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DescribeTags");
    neph_query_add(&query, "Filter.1.Name", "resource-id");
    neph_query_add(&query, "Filter.1.Value.1", neph_argument(call, NEPH_TAG_RESOURCE));
    neph_query_add(&query, "MaxResults", "1000");
    return query.status;
}

/* An empty value is one. */
int32_t ec2_tag_list_each(neph_call *call, neph_record *record)
{
    (void)call;
    return neph_record_get(record, NEPH_TAG_VALUE) ? 0
                                                   : neph_record_set(record, NEPH_TAG_VALUE, "");
}

/* ---- set: CreateTags; remove: DeleteTags */

int32_t ec2_tag_set(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "CreateTags");
    neph_query_add(&query, "ResourceId.1", neph_argument(call, NEPH_TAG_RESOURCE));
    neph_query_add(&query, "Tag.1.Key", neph_argument(call, NEPH_TAG_NAME));
    neph_query_add(&query, "Tag.1.Value", neph_argument(call, NEPH_TAG_VALUE));
    return query.status;
}

/* Without a value the tag goes whatever its value is. */
int32_t ec2_tag_remove(neph_call *call, neph_request *request)
{
    neph_query query;
    ec2_begin(&query, request, "DeleteTags");
    neph_query_add(&query, "ResourceId.1", neph_argument(call, NEPH_TAG_RESOURCE));
    neph_query_add(&query, "Tag.1.Key", neph_argument(call, NEPH_TAG_NAME));
    return query.status;
}
