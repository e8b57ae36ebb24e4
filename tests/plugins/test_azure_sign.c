/*
 * test_azure_sign.c - what the azure provider signs, against what a server accepted (tests/vectors/azure), and its reading of
 * connection strings.
 */
#include "plugins/azure/azure.h"
#include "tests/kit/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#define NAME "devstoreaccount1"
#define KEY                                                                                        \
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

/* One of the file: the text that is made of it, until "sign" says what it must be. */
typedef struct vector {
    fake request;
    char lines[FAKE_MAX][1024];
    size_t line_count;
    char target[2048];
    char text[8192];
    int count; /* vectors that were compared */
} vector;

static azure_account account;

static char *keep(vector *at, const char *line)
{
    assert_true(at->line_count < FAKE_MAX && strlen(line) < sizeof at->lines[0]);
    memcpy(at->lines[at->line_count], line, strlen(line) + 1);
    return at->lines[at->line_count++];
}

/* The next word of a line, cut off. */
static char *word(char **line)
{
    char *start = *line;
    *line += strcspn(start, " ");
    if (**line)
        *(*line)++ = '\0';
    return start;
}

static void request_read(vector *at, const char *line)
{
    char *rest;
    char *query;
    char *method;
    at->line_count = 0;
    rest = keep(at, line);
    method = word(&rest);
    query = rest + strcspn(rest, "?");
    if (*query)
        *query++ = '\0';
    fake_init(&at->request, method, "127.0.0.1:10000", rest, query);
    at->request.view.query = at->request.query;
}

static void header_read(vector *at, const char *line)
{
    char *name = keep(at, line);
    char *value = strstr(name, ": ");
    assert_non_null(value);
    *value = '\0';
    fake_header(&at->request, name, value + 2);
}

static void request_sign(vector *at, const char *line)
{
    neph_text text;
    at->request.view.body_size = strtoll(line, NULL, 10);
    neph_text_init(&text, at->text, sizeof at->text);
    azure_sign_text(&text, &account, &at->request.view);
    assert_int_equal(text.status, 0);
}

static void sas_sign(vector *at, const char *line)
{
    neph_text text;
    char *rest;
    char *permissions;
    char *expires;
    char *protocol;
    char *bucket;
    at->line_count = 0;
    rest = keep(at, line);
    permissions = word(&rest);
    expires = word(&rest);
    protocol = word(&rest);
    bucket = word(&rest);
    fake_init(&at->request, "GET", "h", "/", "");
    neph_text_init(&text, at->text, sizeof at->text);
    azure_sas_text(&text, &account, bucket, rest, permissions, expires,
                   strcmp(protocol, "-") ? protocol : "");
    assert_int_equal(text.status, 0);
}

/* "\n" stands for a line's end. */
static void text_compare(vector *at, const char *line)
{
    char wanted[8192];
    size_t size = 0;
    for (; *line && size < sizeof wanted - 1; line++) {
        int is_end = line[0] == '\\' && line[1] == 'n';
        wanted[size++] = is_end ? '\n' : *line;
        line += is_end;
    }
    wanted[size] = '\0';
    assert_string_equal(at->text, wanted);
}

static void signature_compare(vector *at, const char *line)
{
    char made[64];
    neph_text text = {at->text, strlen(at->text), sizeof at->text, 0, 0};
    neph_text signature;
    neph_text_init(&signature, made, sizeof made);
    assert_int_equal(azure_sign_hash(&at->request, &account, &text, &signature), 0);
    assert_string_equal(made, line);
    at->count++;
}

static const struct {
    const char *word;
    void (*read)(vector *at, const char *line);
} lines[] = {
    {"request ", request_read}, {"header ", header_read}, {"length ", request_sign},
    {"sas ", sas_sign},         {"sign ", text_compare},  {"signature ", signature_compare},
};

static int setup(void **state)
{
    (void)state;
    memset(&account, 0, sizeof account);
    memcpy(account.name, NAME, sizeof NAME);
    account.key_size = (uint32_t)neph_base64_decode(account.key, KEY);
    return account.key_size != 64;
}

static void test_azure_sign__signs_as_a_server_does(void **state)
{
    static vector at;
    static char line[8192];
    const char *source = getenv("NEPH_SRCDIR");
    char path[1024];
    FILE *file;
    (void)state;
    snprintf(path, sizeof path, "%s/tests/vectors/azure/sharedkey.txt", source ? source : ".");
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        size_t known = 0;
        line[strcspn(line, "\n")] = '\0';
        if (!*line || *line == '#')
            continue;
        while (known < NEPH_COUNT(lines) &&
               strncmp(line, lines[known].word, strlen(lines[known].word)) != 0)
            known++;
        assert_true(known < NEPH_COUNT(lines));
        lines[known].read(&at, line + strlen(lines[known].word));
    }
    fclose(file);
    assert_int_equal(at.count, 14);
}

/* "Constructing the canonicalized resource string", step 8 of the reference; the emulator knows no such request. */
static void test_azure_sign__joins_the_values_of_one_parameter(void **state)
{
    static vector at;
    (void)state;
    request_read(&at, "GET /c?include=snapshots&comp=list&Include=metadata&x");
    request_sign(&at, "0");
    assert_non_null(strstr(at.text, "\n/" NAME "/c\ncomp:list\ninclude:metadata,snapshots\nx:"));
}

static void test_azure_sign__says_when_a_request_is_too_large(void **state)
{
    static vector at;
    static char query[8192];
    char little[64];
    neph_text text;
    (void)state;
    for (size_t i = 0; i < 33; i++)
        snprintf(query + strlen(query), 16, "p%zu=1&", i);
    fake_init(&at.request, "GET", "h", "/", "");
    at.request.view.query = query;
    neph_text_init(&text, at.text, sizeof at.text);
    azure_sign_text(&text, &account, &at.request.view);
    assert_int_equal(text.status, NEPH_LIMIT);
    at.request.view.query = "";
    neph_text_init(&text, little, 8);
    azure_sign_text(&text, &account, &at.request.view);
    assert_int_equal(text.status, NEPH_LIMIT);
}

/* ---- connection strings */

static int is_piece(azure_piece piece, const char *text)
{
    return text ? piece.text && piece.size == strlen(text) && !memcmp(piece.text, text, piece.size)
                : !piece.text;
}

static void test_azure_connection__is_taken_apart(void **state)
{
    static const struct {
        const char *text;
        const char *account, *key, *sas, *endpoint, *suffix, *protocol;
    } rows[] = {
        {"", NULL, NULL, NULL, NULL, NULL, NULL},
        {";;\n", NULL, NULL, NULL, NULL, NULL, NULL},
        {"DefaultEndpointsProtocol=https;AccountName=me;AccountKey=a+/==;"
         "EndpointSuffix=core.windows.net",
         "me", "a+/==", NULL, NULL, "core.windows.net", "https"},
        {"accountname=me;ACCOUNTKEY=k;QueueEndpoint=https://q/;;", "me", "k", NULL, NULL, NULL,
         NULL},
        {"BlobEndpoint=http://h:1/me;SharedAccessSignature=sv=1&sig=a%3D\n", NULL, NULL,
         "sv=1&sig=a%3D", "http://h:1/me", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        azure_connection read;
        const char *problem = azure_connection_read(&read, rows[i].text);
        if (problem || !is_piece(read.account, rows[i].account) ||
            !is_piece(read.key, rows[i].key) || !is_piece(read.sas, rows[i].sas) ||
            !is_piece(read.endpoint, rows[i].endpoint) || !is_piece(read.suffix, rows[i].suffix) ||
            !is_piece(read.protocol, rows[i].protocol))
            fail_msg("row %zu: %s", i, problem ? problem : "another part");
    }
}

static void test_azure_connection__is_refused_without_being_quoted(void **state)
{
    static const char *const texts[] = {
        "secret",
        "=secret",
        "AccountKey=",
        "AccountKey=secret;AccountKey=secret",
        "UseDevelopmentStorage=secret",
        "DefaultEndpointsProtocol=secret",
        "DefaultEndpointsProtocol=http\x01",
        "AccountName=me; secret",
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(texts); i++) {
        azure_connection read;
        const char *problem = azure_connection_read(&read, texts[i]);
        if (!problem || strstr(problem, "secret"))
            fail_msg("\"%s\": %s", texts[i], problem ? problem : "is taken");
    }
}

static void test_azure_account__knows_when_its_token_has_expired(void **state)
{
    static const struct {
        const char *sas;
        int is_expired;
    } rows[] = {
        {"", 0},
        {"sv=1&sig=x", 0},
        {"se=2025-12-31T23%3A59%3A59Z&sig=x", 1},
        {"sv=1&se=2026-01-01T00:00:01Z", 0},
        {"se=2026-01-01", 1}, /* the day begins with this moment */
        {"se=2026-01-02", 0},
        {"xse=2020-01-01&sse=2020-01-01", 0},
        {"se=", 0},
        {"se=2026%", 1},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        snprintf(account.sas, sizeof account.sas, "%s", rows[i].sas);
        if (azure_account_is_expired(&account, INT64_C(1767225600) * NEPH_NANO) !=
            rows[i].is_expired)
            fail_msg("%s", rows[i].sas);
    }
}

static void test_azure_account__knows_when_its_token_is_good(void **state)
{
    static const struct {
        const char *sas;
        int is_early;
    } rows[] = {
        {"", 0},
        {"se=2026-01-02&sig=x", 0},
        {"st=2026-01-01T00%3A00%3A01Z&sig=x", 1},
        {"sv=1&st=2026-01-01", 0},
        {"st=2025-12-31T23:59:59Z", 0},
        {"st=", 0},
    };
    (void)state;
    for (size_t i = 0; i < NEPH_COUNT(rows); i++) {
        snprintf(account.sas, sizeof account.sas, "%s", rows[i].sas);
        if (azure_account_is_early(&account, INT64_C(1767225600) * NEPH_NANO) != rows[i].is_early)
            fail_msg("%s", rows[i].sas);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_azure_sign__signs_as_a_server_does, setup),
        cmocka_unit_test_setup(test_azure_sign__joins_the_values_of_one_parameter, setup),
        cmocka_unit_test_setup(test_azure_sign__says_when_a_request_is_too_large, setup),
        cmocka_unit_test_setup(test_azure_connection__is_taken_apart, setup),
        cmocka_unit_test_setup(test_azure_connection__is_refused_without_being_quoted, setup),
        cmocka_unit_test_setup(test_azure_account__knows_when_its_token_has_expired, setup),
        cmocka_unit_test_setup(test_azure_account__knows_when_its_token_is_good, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
