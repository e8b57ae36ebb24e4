/*
 * quirks.h - how a server differs from the others that speak S3: words with values, so that another cloud needs a row
 * in a table and no code.
 */
#ifndef S3_QUIRKS_H
#define S3_QUIRKS_H

#include <neph/plugin.h>

/* The values of each word in the order in which words[] of quirks.c lists them. */
enum { S3_PATH = 0, S3_VIRTUAL = 1 };
enum { S3_LIST_V1 = 0, S3_LIST_V2 = 1 };
enum { S3_CHUNKS_NONE = 0, S3_CHUNKS_SIGNED = 1, S3_CHUNKS_TRAILERS = 2 };
enum { S3_HEADERS_NONE = 0, S3_HEADERS_KNOWN = 1, S3_HEADERS_WHOLE = 2 };
enum { S3_PUT_IF_NONE = 0, S3_PUT_IF_QUOTED = 1, S3_PUT_IF_BARE = 2 };
enum { S3_SOURCE_IF_HEADER = 0, S3_SOURCE_IF_BOTH = 1, S3_SOURCE_IF_WHOLE = 2 };
enum { S3_COPY_IF_NONE = 0, S3_COPY_IF_HEADER = 1, S3_COPY_IF_CLOUDFLARE = 2 };

/* Numbers, so that one table of words tells where each value goes; a limit that there is not is NEPH_UNKNOWN. */
typedef struct s3_quirks {
    int64_t addressing;  /* S3_PATH …: where a bucket stands that is fit for a host name */
    int64_t list;        /* S3_LIST_V1 … */
    int64_t is_encoding; /* listings are percent-encoded on demand */
    int64_t chunks;      /* S3_CHUNKS_…: which forms of aws-chunked bodies it takes */
    int64_t headers;  /* S3_HEADERS_…: x-amz-checksum-*; WHOLE: of whole objects in parts, too */
    int64_t checksum; /* s3_checksum: what it checks by where nobody says otherwise */
    int64_t
        is_etag_md5;  /* of what came in one request and is not encrypted with a key of its own */
    int64_t is_equal; /* parts but the last must be of one size */
    /* listings of uploads are percent-encoded on demand, and say so */
    int64_t is_upload_encoding;
    int64_t put_if; /* S3_PUT_IF_…: a condition on put, with quotes around the tag or without */
    int64_t has_whole_if;  /* honours one on complete … */
    int64_t has_delete_if; /* … and on delete */
    /* S3_SOURCE_IF_…: how a condition on what is copied is spelt; Ceph has a name of its own for it, and some servers
     * compare the tag of an object in parts with another one that they have */
    int64_t source_if;
    int64_t copy_if; /* S3_COPY_IF_…: how a condition on what is copied to is spelt */
    int64_t part_bytes_min, part_bytes_max, part_count;
    int64_t put_bytes, object_bytes, copy_bytes;
    int64_t delete_count; /* keys of one delete-many; 1: it has none, each is deleted alone */
} s3_quirks;

/*
 * What holds for a server: of the profile that `text` names, or that the host's name belongs to, changed by the words
 * in text. text "auto", "ceph", "ceph,list=1,part-min=1M". host: NULL is Amazon's. Returns 0, or NEPH_INVALID with a
 * message.
 */
int32_t s3_quirks_find(neph_cloud *cloud, const char *text, const char *host, s3_quirks *quirks);

#endif /* S3_QUIRKS_H */
