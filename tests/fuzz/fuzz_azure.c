/*
 * What the azure provider reads: connection strings, SAS tokens, and the query of what it signs. Input: the text. A
 * connection string that is taken lies in pieces inside its text, one that is refused is not quoted; what is signed is the
 * same however often, and never cut off without a word.
 */
#include "plugins/azure/azure.h"

#include <stdlib.h>

#define INPUT_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_true)
{
    if (!is_true)
        abort();
}

static void check_piece(azure_piece piece, const char *text, size_t size)
{
    if (piece.text)
        demand(piece.size && piece.text > text && piece.text + piece.size <= text + size &&
               piece.text[-1] == '=' && !memchr(piece.text, ';', piece.size));
}

static void check_connection(const char *text, size_t size)
{
    azure_connection read;
    if (azure_connection_read(&read, text))
        return;
    check_piece(read.account, text, size);
    check_piece(read.key, text, size);
    check_piece(read.sas, text, size);
    check_piece(read.endpoint, text, size);
    check_piece(read.suffix, text, size);
    check_piece(read.protocol, text, size);
    check_piece(read.development, text, size);
}

static void check_sas(azure_account *account, const char *text, size_t size)
{
    if (size >= sizeof account->sas)
        return;
    memcpy(account->sas, text, size + 1);
    if (azure_account_is_expired(account, 0))
        demand(strstr(account->sas, "se=") != NULL);
}

static void check_sign(const azure_account *account, const char *query)
{
    static char once[1 << 16];
    static char twice[1 << 16];
    const char *names[] = {"x-ms-b", "X-MS-A", "Range"};
    const char *values[] = {query, "a", "r"};
    neph_request_view view = {.size = sizeof view,
                              .header_count = NEPH_COUNT(names),
                              .method = "GET",
                              .path = "/a-secondary/b",
                              .query = query,
                              .header_names = names,
                              .header_values = values};
    neph_text text;
    neph_text again;
    neph_text_init(&text, once, sizeof once);
    neph_text_init(&again, twice, sizeof twice);
    azure_sign_text(&text, account, &view);
    azure_sign_text(&again, account, &view);
    demand(text.status == again.status && text.size == again.size &&
           !memcmp(once, twice, text.size));
    demand(text.status || text.size > strlen("GET"));
    neph_text_init(&text, once, 16);
    azure_sign_text(&text, account, &view);
    demand(text.status == NEPH_LIMIT && text.size < 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[INPUT_MAX + 1];
    static azure_account account = {.name = "a"};
    if (size > INPUT_MAX || memchr(data, 0, size))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    check_connection(text, size);
    check_sas(&account, text, size);
    check_sign(&account, text);
    return 0;
}
