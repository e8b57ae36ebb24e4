/*
 * connection.c - a connection string taken apart: NAME=VALUE;NAME=VALUE, as the portal and the tools of Azure write it
 * ("Configure Azure Storage connection strings", Azure Storage documentation). Names of other services are passed over.
 */
#include "azure.h"

#include <stddef.h>

static const struct {
    const char *name; /* lower case */
    size_t at;
} names[] = {
    {"accountname", offsetof(azure_connection, account)},
    {"accountkey", offsetof(azure_connection, key)},
    {"sharedaccesssignature", offsetof(azure_connection, sas)},
    {"blobendpoint", offsetof(azure_connection, endpoint)},
    {"endpointsuffix", offsetof(azure_connection, suffix)},
    {"defaultendpointsprotocol", offsetof(azure_connection, protocol)},
    {"usedevelopmentstorage", offsetof(azure_connection, development)},
};

/* Is the text this word, in any case? */
static int is_word(const char *text, size_t size, const char *word)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if (!word[i] || c != word[i])
            return 0;
    }
    return word[size] == '\0';
}

static azure_piece *place_of(azure_connection *out, const char *name, size_t size)
{
    for (size_t i = 0; i < NEPH_COUNT(names); i++)
        if (is_word(name, size, names[i].name))
            return (azure_piece *)(void *)((char *)out + names[i].at);
    return NULL;
}

/* Values hold "=" too: that of a key's padding, and those of a signature. */
static const char *pair_read(azure_connection *out, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    azure_piece *place;
    if (!equals || equals == text)
        return "a part of it is not NAME=VALUE";
    place = place_of(out, text, (size_t)(equals - text));
    if (!place)
        return NULL;
    if (place->text)
        return "it says the same thing twice";
    place->text = equals + 1;
    place->size = size - (size_t)(equals + 1 - text);
    return place->size ? NULL : "a part of it has no value";
}

/* The whole of what can be wrong with it as a string; whether the values are good is for account.c. */
const char *azure_connection_read(azure_connection *out, const char *text)
{
    const char *problem = NULL;
    memset(out, 0, sizeof *out);
    while (!problem && *text) {
        size_t size = strcspn(text, ";\r\n");
        if (size)
            problem = pair_read(out, text, size);
        text += size + (text[size] != '\0');
    }
    if (problem)
        return problem;
    if (out->development.text && !is_word(out->development.text, out->development.size, "true"))
        return "UseDevelopmentStorage is true, or it is not there";
    if (out->protocol.text && !is_word(out->protocol.text, out->protocol.size, "https") &&
        !is_word(out->protocol.text, out->protocol.size, "http"))
        return "DefaultEndpointsProtocol is https or http";
    return NULL;
}
