/*
 * clist - the floor of a listing: libcurl and libxml2's SAX1 interface, and nothing else.
 *
 *   clist URL      LIST (V2) of a bucket, page after page; prints the number of keys
 *
 * Key, size, ETag and time of each object are copied into a struct, as a thin client would. Neither
 * signs nor prints the keys.
 */
#include <curl/curl.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    xmlParserCtxtPtr parser;
    char text[1024], token[256], key[1024], etag[1024], modified[1024];
    size_t size;
    int inside, more;
    long bytes, keys, sum;
};

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    struct list *l = user;
    (void)attributes;
    l->size = 0;
    if (!strcmp((const char *)name, "Contents"))
        l->inside = 1;
}

static void on_text(void *user, const xmlChar *text, int size)
{
    struct list *l = user;
    if (l->size + (size_t)size < sizeof l->text) {
        memcpy(l->text + l->size, text, (size_t)size);
        l->size += (size_t)size;
    }
}

static void end_member(struct list *l, const char *name)
{
    if (!strcmp(name, "Key")) {
        memcpy(l->key, l->text, l->size + 1);
    } else if (!strcmp(name, "ETag")) {
        memcpy(l->etag, l->text, l->size + 1);
    } else if (!strcmp(name, "LastModified")) {
        memcpy(l->modified, l->text, l->size + 1);
    } else if (!strcmp(name, "Size")) {
        l->bytes = strtol(l->text, NULL, 10);
    } else if (!strcmp(name, "Contents")) {
        l->keys++;
        l->sum += l->bytes;
        l->inside = 0;
    }
}

static void on_end(void *user, const xmlChar *element)
{
    struct list *l = user;
    const char *name = (const char *)element;
    l->text[l->size] = 0;
    if (l->inside)
        end_member(l, name);
    else if (!strcmp(name, "IsTruncated"))
        l->more = !strcmp(l->text, "true");
    else if (!strcmp(name, "NextContinuationToken") && l->size < sizeof l->token)
        memcpy(l->token, l->text, l->size + 1);
    l->size = 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    struct list *l = user;
    return xmlParseChunk(l->parser, data, (int)(size * count), 0) ? 0 : size * count;
}

int main(int argc, char **argv)
{
    static struct list l;
    xmlSAXHandler sax = {.startElement = on_start, .endElement = on_end, .characters = on_text};
    char url[1024];
    if (argc < 2)
        return 2;
    curl_global_init(CURL_GLOBAL_ALL);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &l);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 65536L);
    do {
        snprintf(url, sizeof url, "%s?list-type=2%s%s", argv[1],
                 l.token[0] ? "&continuation-token=" : "", l.token);
        l.more = 0;
        l.parser = xmlCreatePushParserCtxt(&sax, &l, NULL, 0, NULL);
        curl_easy_setopt(curl, CURLOPT_URL, url);
        if (curl_easy_perform(curl))
            return 1;
        xmlFreeParserCtxt(l.parser);
    } while (l.more);
    printf("%ld keys, %ld bytes\n", l.keys, l.sum);
    curl_easy_cleanup(curl);
    return 0;
}
