/*
 * core/verb/verb.c - what the verbs have in common. What an option leaves NULL or 0 is not given.
 */
#include "core/verb/verb.h"

neph_call *nephi_verb_start(neph_call *call)
{
    neph_call_start(call);
    return call;
}

neph_call *nephi_verb_about(neph_cloud *cloud, uint32_t op, int32_t member, const char *id)
{
    neph_call *call = neph_call_new(cloud, op);
    neph_call_set_string(call, member, id);
    return call;
}

/* A list that is empty is not given. */
void nephi_verb_strings(neph_call *call, int32_t member, const char *const *values, size_t count)
{
    if (count)
        neph_call_set_strings(call, member, values, count);
}

void nephi_verb_pairs(neph_call *call, int32_t member, const neph_pair *pairs, size_t count)
{
    if (count)
        neph_call_set_pairs(call, member, pairs, count);
}

void nephi_verb_positive(neph_call *call, int32_t member, int64_t number)
{
    if (number > 0)
        neph_call_set_integer(call, member, number);
}

neph_call *nephi_verb_list(neph_call *call, const neph_list_options *options)
{
    if (options) {
        nephi_verb_positive(call, NEPH_LIST_LIMIT, options->limit);
        neph_call_set_string(call, NEPH_LIST_PREFIX, options->prefix);
        neph_call_set_string(call, NEPH_LIST_DELIMITER, options->delimiter);
        neph_call_set_string(call, NEPH_LIST_START_AFTER, options->start_after);
        nephi_verb_strings(call, NEPH_LIST_ID, options->ids, options->id_count);
        neph_call_set_string(call, NEPH_LIST_NAME, options->name);
        nephi_verb_pairs(call, NEPH_LIST_TAG, options->tags, options->tag_count);
        neph_call_set_string(call, NEPH_LIST_STATE, options->state);
        neph_call_set_string(call, NEPH_LIST_LOCATION, options->location_id);
        neph_call_set_string(call, NEPH_LIST_OWNER, options->owner);
    }
    return nephi_verb_start(call);
}

void nephi_verb_wait(neph_call *call, const neph_wait_options *wait)
{
    if (!wait)
        return;
    if (wait->wait)
        neph_call_set_integer(call, NEPH_WAIT, 1);
    nephi_verb_positive(call, NEPH_WAIT_SECONDS, wait->wait_seconds);
}

neph_call *nephi_verb_start_waiting(neph_call *call, const neph_wait_options *wait)
{
    nephi_verb_wait(call, wait);
    return nephi_verb_start(call);
}

/* What image, snapshot, address and firewall have in common; description and tags are members of the kind. */
void nephi_verb_label(neph_call *call, int32_t description, int32_t tags,
                      const neph_label_options *options)
{
    if (!options)
        return;
    if (description)
        neph_call_set_string(call, description, options->description);
    nephi_verb_pairs(call, tags, options->tags, options->tag_count);
    neph_call_set_string(call, NEPH_TOKEN, options->token);
    neph_call_set_string(call, NEPH_FIREWALL_NETWORK, options->network_id);
    nephi_verb_wait(call, options->wait);
}
