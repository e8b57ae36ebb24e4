/*
 * quirks.c - the servers that speak S3, as data: profiles[] has a row for each cloud, words[] what a row may say. The
 * setting "quirks" speaks the same words, so that a cloud without a row needs none.
 */
#include "quirks.h"

#include <neph/kit/text.h>

/* ---- the profiles */

typedef struct profile {
    const char *name;
    const char
        *hosts; /* the ends of its hosts' names, separated by blanks; NULL: known by name alone */
    const char *words; /* how it differs from the first row */
} profile;

/* Tried: ceph, swift, versity and generic (moto). The others are what the documents of these clouds say (read November 2026),
 * and were tried on none; where a document says nothing of a condition, it counts as ignored. README.md says how to add one. */
static const profile profiles[] = {
    {"generic", NULL,
     "addressing=path,list=2,encoding=yes,chunks=none,checksum-headers=none,checksum=md5,etag=md5,"
     "equal-parts=no,upload-encoding=no,put-if=yes,complete-if=no,delete-if=no,source-if=both,copy-if=none,part-min=5M,part-max=5G,"
     "part-count=10000,put-max=5G,object-max=5T,copy-max=5G,delete-count=1000"},
    {"aws", "amazonaws.com amazonaws.com.cn",
     "addressing=virtual,chunks=trailers,checksum-headers=whole,checksum=crc64nvme,"
     "upload-encoding=yes,complete-if=yes,delete-if=yes,source-if=header,copy-if=header,object-max=50000G"},
    {"backblaze", "backblazeb2.com", "put-if=no,object-max=9313G"},
    {"ceph", NULL, "chunks=signed,put-if=bare"},
    {"cloudflare", "r2.cloudflarestorage.com",
     "equal-parts=yes,complete-if=yes,copy-if=cloudflare"},
    {"digitalocean", "digitaloceanspaces.com", "addressing=virtual,put-if=bare"},
    {"google", "storage.googleapis.com", "put-if=no"},
    {"minio", NULL,
     "chunks=trailers,checksum-headers=whole,checksum=crc32c,complete-if=yes,object-max=50T"},
    {"swift", NULL, "put-if=no,source-if=whole,part-count=1000"},
    {"versity", NULL,
     "chunks=trailers,checksum-headers=whole,checksum=crc64nvme,complete-if=yes,delete-if=yes,source-if=header,copy-if=header"},
    {"wasabi", "wasabisys.com", "put-if=no"},
};

/* ---- the words */

typedef struct word {
    const char *name;
    const char
        *choices; /* "path|virtual": the value is the place of one; NULL: a number, or "none" */
    size_t offset;
} word;

#define WORD(text, values, member)                                                                 \
    {                                                                                              \
        text, values, offsetof(s3_quirks, member)                                                  \
    }

static const word words[] = {
    WORD("addressing", "path|virtual", addressing),
    WORD("list", "1|2", list),
    WORD("encoding", "no|yes", is_encoding),
    WORD("chunks", "none|signed|trailers", chunks),
    WORD("checksum-headers", "none|known|whole", headers),
    WORD("checksum", "none|md5|crc32|crc32c|crc64nvme|sha1|sha256", checksum),
    WORD("etag", "opaque|md5", is_etag_md5),
    WORD("equal-parts", "no|yes", is_equal),
    WORD("upload-encoding", "no|yes", is_upload_encoding),
    WORD("put-if", "no|yes|bare", put_if),
    WORD("complete-if", "no|yes", has_whole_if),
    WORD("delete-if", "no|yes", has_delete_if),
    WORD("source-if", "header|both|whole", source_if),
    WORD("copy-if", "none|header|cloudflare", copy_if),
    WORD("part-min", NULL, part_bytes_min),
    WORD("part-max", NULL, part_bytes_max),
    WORD("part-count", NULL, part_count),
    WORD("put-max", NULL, put_bytes),
    WORD("object-max", NULL, object_bytes),
    WORD("copy-max", NULL, copy_bytes),
    WORD("delete-count", NULL, delete_count),
};

static int is_word(const char *text, size_t size, const char *name)
{
    return strlen(name) == size && !memcmp(text, name, size);
}

/* The place of a text among choices; -1: it is none. */
static int64_t choice_find(const char *choices, const char *text, size_t size)
{
    for (int64_t i = 0;; i++) {
        size_t length = strcspn(choices, "|");
        if (length == size && !memcmp(choices, text, size))
            return i;
        if (!choices[length])
            return -1;
        choices += length + 1;
    }
}

/* "none", or a positive number with K, M, G or T behind it. */
static int number_read(const char *text, size_t size, int64_t *out)
{
    static const char units[] = "KMGT";
    const char *unit = size ? memchr(units, text[size - 1], 4) : NULL;
    int64_t number = 0;
    *out = NEPH_UNKNOWN;
    if (is_word(text, size, "none"))
        return 1;
    size -= unit != NULL;
    if (!size || size > 6)
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        number = number * 10 + (text[i] - '0');
    }
    *out = unit ? number << 10 * (unit - units + 1) : number;
    return number > 0;
}

/* One "name=value". */
static int word_apply(s3_quirks *quirks, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    size_t length = equals ? (size_t)(equals - text) : size;
    for (size_t i = 0; equals && i < NEPH_COUNT(words); i++) {
        int64_t *at = (int64_t *)(void *)((char *)quirks + words[i].offset);
        if (!is_word(text, length, words[i].name))
            continue;
        if (!words[i].choices)
            return number_read(equals + 1, size - length - 1, at);
        *at = choice_find(words[i].choices, equals + 1, size - length - 1);
        return *at >= 0;
    }
    return 0;
}

/* All of them. NULL, or the one that is none. */
static const char *words_apply(s3_quirks *quirks, const char *text)
{
    while (*text) {
        size_t size = strcspn(text, ",");
        if (!word_apply(quirks, text, size))
            return text;
        text += size + (text[size] == ',');
    }
    return NULL;
}

/* ---- which one */

/* Is host one of the ends, or below one? */
static int is_host(const char *host, size_t size, const char *ends)
{
    while (ends && *ends) {
        size_t length = strcspn(ends, " ");
        if (size >= length && !memcmp(host + size - length, ends, length) &&
            (size == length || host[size - length - 1] == '.'))
            return 1;
        ends += length + (ends[length] == ' ');
    }
    return 0;
}

static const profile *by_host(const char *host)
{
    size_t size = host ? strcspn(host, ":/") : 0;
    for (size_t i = 1; host && i < NEPH_COUNT(profiles); i++)
        if (is_host(host, size, profiles[i].hosts))
            return &profiles[i];
    return &profiles[host ? 0 : 1];
}

static const profile *by_name(const char *name, size_t size)
{
    for (size_t i = 0; i < NEPH_COUNT(profiles); i++)
        if (is_word(name, size, profiles[i].name))
            return &profiles[i];
    return NULL;
}

int32_t s3_quirks_find(neph_cloud *cloud, const char *text, const char *host, s3_quirks *quirks)
{
    size_t size = text ? strcspn(text, ",") : 0;
    const profile *found = by_host(host);
    const char *wrong = NULL;
    if (size && memchr(text, '=', size)) /* words alone */
        size = 0;
    else if (size && !is_word(text, size, "auto"))
        found = by_name(text, size);
    if (!found)
        return neph_fail(cloud, NEPH_INVALID,
                         "quirks: \"%.*s\" is no profile: the provider's README lists them",
                         size > 40 ? 40 : (int)size, text);
    (void)words_apply(quirks, profiles[0].words);
    (void)words_apply(quirks, found->words);
    if (text)
        wrong = words_apply(quirks, text + size + (size && text[size]));
    size = wrong ? strcspn(wrong, ",") : 0;
    return wrong ? neph_fail(cloud, NEPH_INVALID,
                             "quirks: \"%.*s\" is nothing that a server can be told apart by",
                             size > 40 ? 40 : (int)size, wrong)
                 : 0;
}
