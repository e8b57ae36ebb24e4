/*
 * csax - the floor of one large XML reply: libcurl and libxml2's SAX1 interface, and nothing else.
 *
 *   csax URL FORM      POST of the form; prints the number of elements and of texts
 *
 * The text of each element is copied to one place, as whoever wants to use it must. Neither signs nor prints it.
 */
#include <curl/curl.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

struct reply {
    xmlParserCtxtPtr parser;
    char text[65536];
    size_t size;
    long elements, texts, sum;
};

static void on_start(void *user, const xmlChar *name, const xmlChar **attributes)
{
    struct reply *r = user;
    (void)name;
    (void)attributes;
    r->size = 0;
    r->elements++;
}

static void on_text(void *user, const xmlChar *text, int size)
{
    struct reply *r = user;
    if (r->size + (size_t)size < sizeof r->text) {
        memcpy(r->text + r->size, text, (size_t)size);
        r->size += (size_t)size;
    }
}

static void on_end(void *user, const xmlChar *name)
{
    struct reply *r = user;
    (void)name;
    if (r->size) {
        r->texts++;
        r->sum += r->text[0];
    }
    r->size = 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
    struct reply *r = user;
    return xmlParseChunk(r->parser, data, (int)(size * count), 0) ? 0 : size * count;
}

int main(int argc, char **argv)
{
    static struct reply r;
    xmlSAXHandler sax = {.startElement = on_start, .endElement = on_end, .characters = on_text};
    CURL *curl;
    int rc;
    if (argc < 3)
        return 2;
    curl_global_init(CURL_GLOBAL_ALL);
    curl = curl_easy_init();
    r.parser = xmlCreatePushParserCtxt(&sax, &r, NULL, 0, NULL);
    curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, argv[2]);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 65536L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &r);
    rc = curl_easy_perform(curl) || xmlParseChunk(r.parser, NULL, 0, 1);
    printf("%ld elements, %ld texts\n", r.elements, r.texts);
    xmlFreeParserCtxt(r.parser);
    curl_easy_cleanup(curl);
    return rc;
}
