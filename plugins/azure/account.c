/*
 * account.c - whose account it is, what opens it, and where it is: from the settings of their own, or from a connection
 * string. Nothing is asked of anybody.
 */
#include "azure.h"

/* The emulator's account and key, which its documents print ("Use the Azurite emulator", Azure Storage documentation). */
#define EMULATOR_NAME "devstoreaccount1"
#define EMULATOR_KEY                                                                               \
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
#define EMULATOR_URL "http://127.0.0.1:10000/" EMULATOR_NAME

#define SECONDARY "-secondary" /* of the account's name in the host of the copy that is read only */

static azure_account *memory_of(neph_cloud *cloud)
{
    return neph_cloud_memory(cloud, sizeof(azure_account));
}

const azure_account *azure_account_of(neph_cloud *cloud)
{
    return memory_of(cloud);
}

static azure_piece piece_of(const char *text)
{
    azure_piece piece = {text, text ? strlen(text) : 0};
    return piece;
}

/* ---- one by one; `where` is what the program knows the value by */

/* It becomes a part of a host name and of a header. */
static int32_t name_set(neph_cloud *cloud, azure_account *account, azure_piece name,
                        const char *where)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t tail = sizeof SECONDARY - 1;
    if (name.size > tail && !memcmp(name.text + name.size - tail, SECONDARY, tail))
        name.size -= tail;
    for (size_t i = 0; i < name.size; i++)
        if (!memchr(allowed, name.text[i], sizeof allowed - 1))
            name.size = 0;
    if (!name.size || name.size >= sizeof account->name)
        return neph_fail(cloud, NEPH_INVALID,
                         "%s is no name of a storage account: 3 to 24 small letters and digits",
                         where);
    memcpy(account->name, name.text, name.size);
    return 0;
}

/* A piece as a string, in memory that is wiped; "" if it is too long. Good until the next one. */
static const char *string_of(azure_account *account, azure_piece piece)
{
    neph_text text;
    neph_text_init(&text, account->sas, sizeof account->sas);
    neph_text_add_bytes(&text, piece.text, piece.size);
    return account->sas;
}

static void string_end(azure_account *account)
{
    memset(account->sas, 0, sizeof account->sas);
}

static int32_t key_set(neph_cloud *cloud, azure_account *account, azure_piece key,
                       const char *where)
{
    const char *text = string_of(account, key);
    int64_t size = neph_base64_size(text);
    if (size > 0 && size <= (int64_t)sizeof account->key)
        account->key_size = (uint32_t)neph_base64_decode(account->key, text);
    string_end(account);
    if (account->key_size)
        return 0;
    return neph_fail(cloud, NEPH_INVALID,
                     "%s is no base64: copy the account's key again, to its last character", where);
}

/* The parameter of a query that begins with `name` and "="; NULL: none does. */
static const char *parameter_find(const char *query, const char *name)
{
    size_t size = strlen(name);
    for (; *query; query += strcspn(query, "&"), query += *query == '&')
        if (!strncmp(query, name, size) && query[size] == '=')
            return query + size + 1;
    return NULL;
}

/* It goes out as it is. */
static int32_t sas_set(neph_cloud *cloud, azure_account *account, azure_piece sas,
                       const char *where)
{
    const char *problem = NULL;
    if (sas.size && *sas.text == '?')
        sas.text++, sas.size--;
    while (sas.size && (unsigned char)sas.text[sas.size - 1] <= ' ')
        sas.size--; /* the end of a file's line */
    for (size_t i = 0; i < sas.size; i++)
        if ((unsigned char)sas.text[i] <= ' ' || (unsigned char)sas.text[i] > '~' ||
            strchr("?#\"<>", sas.text[i]))
            problem = "is no query of a URL: take what stands behind the \"?\" and nothing else";
    if (sas.size >= sizeof account->sas)
        problem = "is too long";
    if (!problem) {
        memcpy(account->sas, sas.text, sas.size);
        account->sas[sas.size] = '\0';
        if (!parameter_find(account->sas, "sig"))
            problem = "has no signature (sig=...): take all of what stands behind the \"?\"";
    }
    return problem ? neph_fail(cloud, NEPH_INVALID, "%s %s", where, problem) : 0;
}

/* ---- where it is */

/* Kept for the URLs that copies are made from. */
static int32_t url_keep(neph_cloud *cloud, azure_account *account, azure_piece url)
{
    while (url.size && url.text[url.size - 1] == '/')
        url.size--;
    if (url.size >= sizeof account->url)
        return neph_fail(cloud, NEPH_INVALID, "the endpoint is longer than %zu bytes",
                         sizeof account->url - 1);
    memcpy(account->url, url.text, url.size);
    account->url[url.size] = '\0';
    return 0;
}

/* "https://ACCOUNT.blob.core.windows.net", or what the connection string says in place of its parts. */
static int32_t url_make(neph_cloud *cloud, azure_account *account,
                        const azure_connection *connection)
{
    char data[AZURE_URL_MAX];
    neph_text url;
    if (connection->endpoint.text)
        return url_keep(cloud, account, connection->endpoint);
    neph_text_init(&url, data, sizeof data);
    if (connection->protocol.text)
        neph_text_add_bytes(&url, connection->protocol.text, connection->protocol.size);
    else
        neph_text_add(&url, "https");
    neph_text_add(&url, "://");
    neph_text_add(&url, account->name);
    neph_text_add(&url, ".blob.");
    if (connection->suffix.text)
        neph_text_add_bytes(&url, connection->suffix.text, connection->suffix.size);
    else
        neph_text_add(&url, "core.windows.net");
    if (url.status)
        return neph_fail(cloud, NEPH_INVALID, "connection_string: EndpointSuffix is too long");
    return url_keep(cloud, account, piece_of(data));
}

/* The setting is in the endpoint set already; what it does not say is added. */
static int32_t endpoint_set(neph_cloud *cloud, azure_account *account,
                            const azure_connection *connection)
{
    const char *given = neph_setting_string(cloud, "endpoint");
    int32_t rc;
    if (given)
        return url_keep(cloud, account, piece_of(given));
    rc = url_make(cloud, account, connection);
    return rc ? rc : neph_endpoint(cloud, NULL, account->url);
}

/* ---- from where it is said */

static int32_t from_settings(neph_cloud *cloud, azure_account *account, const char *name,
                             const char *key, const char *sas)
{
    static const azure_connection nothing;
    int32_t rc = name_set(cloud, account, piece_of(name), "account");
    if (!rc)
        rc = key ? key_set(cloud, account, piece_of(key), "account_key")
                 : sas_set(cloud, account, piece_of(sas), "sas_token");
    return rc ? rc : endpoint_set(cloud, account, &nothing);
}

static int32_t from_emulator(neph_cloud *cloud, azure_account *account)
{
    azure_connection connection = {.endpoint = piece_of(EMULATOR_URL)};
    int32_t rc = name_set(cloud, account, piece_of(EMULATOR_NAME), "account");
    if (!rc)
        rc = key_set(cloud, account, piece_of(EMULATOR_KEY), "account_key");
    return rc ? rc : endpoint_set(cloud, account, &connection);
}

/* What came inside another secret is one by itself. */
static int32_t secret_tell(neph_cloud *cloud, azure_account *account, azure_piece piece)
{
    int32_t rc = piece.text ? neph_secret(cloud, string_of(account, piece)) : 0;
    string_end(account);
    return rc;
}

static int32_t from_connection(neph_cloud *cloud, azure_account *account, const char *text,
                               const char *name)
{
    azure_connection connection;
    const char *problem = azure_connection_read(&connection, text);
    int32_t rc;
    if (problem)
        return neph_fail(cloud, NEPH_INVALID, "connection_string: %s", problem);
    rc = secret_tell(cloud, account, connection.key);
    if (!rc)
        rc = secret_tell(cloud, account, connection.sas);
    if (rc || connection.development.text)
        return rc ? rc : from_emulator(cloud, account);
    if (!connection.account.text && name)
        connection.account = piece_of(name); /* with a SAS it need not say it */
    if (!connection.account.text)
        return neph_fail(cloud, NEPH_INVALID,
                         "connection_string says no AccountName: set account as well");
    if (!connection.key.text && !connection.sas.text)
        return neph_fail(
            cloud, NEPH_INVALID,
            "connection_string has neither AccountKey nor SharedAccessSignature: nothing opens "
            "the account");
    rc = name_set(cloud, account, connection.account, "connection_string: AccountName");
    if (!rc)
        rc = connection.key.text
                 ? key_set(cloud, account, connection.key, "connection_string: AccountKey")
                 : sas_set(cloud, account, connection.sas,
                           "connection_string: SharedAccessSignature");
    return rc ? rc : endpoint_set(cloud, account, &connection);
}

/* A connection string counts where account, key and token do not suffice by themselves: whoever names an account means it.
 * With another account than that they contradict each other. */
int32_t azure_account_open(neph_cloud *cloud)
{
    const char *name = neph_setting_string(cloud, "account");
    const char *key = neph_setting_string(cloud, "account_key");
    const char *sas = neph_setting_string(cloud, "sas_token");
    const char *connection = neph_setting_string(cloud, "connection_string");
    azure_account *account = memory_of(cloud);
    int32_t rc;
    if (!account)
        return neph_fail(cloud, NEPH_NO_MEMORY, "out of memory");
    if (name && (key || sas))
        return from_settings(cloud, account, name, key, sas);
    if (!connection)
        return neph_fail(
            cloud, NEPH_INVALID,
            "azure needs account with account_key or sas_token (AZURE_STORAGE_ACCOUNT, "
            "AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN), or connection_string "
            "(AZURE_STORAGE_CONNECTION_STRING)");
    rc = from_connection(cloud, account, connection, name);
    if (!rc && name && strcmp(name, account->name) != 0)
        return neph_fail(cloud, NEPH_INVALID,
                         "account is \"%.40s\", but connection_string is another account's: leave "
                         "one of them out, or set account_key",
                         name);
    return rc;
}

/* ---- what its token says */

int azure_account_parameter(const azure_account *account, const char *name, char *out,
                            size_t capacity)
{
    const char *value = parameter_find(account->sas, name);
    size_t size = value ? strcspn(value, "&") : 0;
    *out = '\0';
    if (!size || size >= capacity)
        return 0;
    size = neph_percent_decode(out, value, size);
    out[size] = '\0';
    return 1;
}

/* "2026-11-25T22:00:00Z" and shorter: such times are in order as texts are. Below 0: it is over. */
static int compare(const azure_account *account, const char *name, int64_t now_ns)
{
    char time[64];
    char now[32];
    neph_text text;
    neph_text_init(&text, now, sizeof now);
    neph_text_add_time(&text, now_ns);
    return azure_account_parameter(account, name, time, sizeof time) ? strcmp(time, now) : 0;
}

int azure_account_is_expired(const azure_account *account, int64_t now_ns)
{
    return compare(account, "se", now_ns) < 0;
}

int azure_account_is_early(const azure_account *account, int64_t now_ns)
{
    return compare(account, "st", now_ns) > 0;
}
