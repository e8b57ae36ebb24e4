/*
 * meta.c - what is kept about an object besides its bytes: ETag, content type, user metadata. One text in the extended
 * attribute user.neph.object of the file, or, where the file system has none or it does not fit, in a side file of the
 * bucket's hidden directory named after the key's digest.
 *
 * The text is lines, values percent-encoded:
 *   etag TEXT SIZE MTIME      of which bytes: if size or time of the file differ, somebody else has written it
 *   csum ALGORITHM:HEX        of the same bytes
 *   type TEXT
 *   time NANOSECONDS          when the file that it was made from was written last
 *   meta NAME VALUE
 */
#include "local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/xattr.h>

static int attribute_set(int file, const char *text, size_t size)
{
    return fsetxattr(file, "user.neph.object", text, size, 0) ? errno : 0;
}

static int64_t attribute_get(int file, char *out, size_t capacity)
{
    return fgetxattr(file, "user.neph.object", out, capacity);
}
#else
static int attribute_set(int file, const char *text, size_t size)
{
    (void)file;
    (void)text;
    (void)size;
    return ENOTSUP;
}

static int64_t attribute_get(int file, char *out, size_t capacity)
{
    (void)file;
    (void)out;
    (void)capacity;
    return -1;
}
#endif

static int64_t modified_ns(const struct stat *info)
{
    return (int64_t)info->st_mtim.tv_sec * NEPH_NANO + info->st_mtim.tv_nsec;
}

/* ---- the text */

static void line_add(neph_text *out, const char *word, const char *name, const char *value)
{
    neph_text_add(out, word);
    if (name) {
        neph_text_add_char(out, ' ');
        neph_text_add_encoded(out, name, strlen(name), NULL);
    }
    neph_text_add_char(out, ' ');
    neph_text_add_encoded(out, value, strlen(value), "/;= ");
    neph_text_add_char(out, '\n');
}

static void arguments_add(const neph_call *call, neph_text *out)
{
    const char *type = neph_argument(call, NEPH_OBJECT_CONTENT_TYPE);
    int64_t time = neph_argument_integer(call, NEPH_OBJECT_LOCAL_MODIFIED);
    const char *name;
    const char *value;
    if (type)
        line_add(out, "type", NULL, type);
    if (time != NEPH_UNKNOWN) {
        neph_text_add(out, "time ");
        neph_text_add_integer(out, time);
        neph_text_add_char(out, '\n');
    }
    for (uint32_t i = 0; neph_argument_pair(call, NEPH_OBJECT_METADATA, i, &name, &value); i++)
        line_add(out, "meta", name, value);
}

/* Does what a line of an older text says go on to hold? */
static int is_kept(const neph_call *call, const char *line, int has_bytes)
{
    const char *name, *value;
    if (!strncmp(line, "type ", 5))
        return !neph_argument(call, NEPH_OBJECT_CONTENT_TYPE);
    if (!strncmp(line, "time ", 5))
        return neph_argument_integer(call, NEPH_OBJECT_LOCAL_MODIFIED) == NEPH_UNKNOWN;
    if (!strncmp(line, "meta ", 5))
        return !neph_argument_pair(call, NEPH_OBJECT_METADATA, 0, &name, &value);
    return has_bytes && !strncmp(line, "csum ", 5);
}

int32_t local_meta_facts(neph_call *call, const char *old, int has_bytes, char *out)
{
    char data[LOCAL_META_MAX];
    neph_text text;
    neph_text_init(&text, data, sizeof data);
    while (*old) {
        size_t size = strcspn(old, "\n");
        size += old[size] == '\n';
        if (is_kept(call, old, has_bytes))
            neph_text_add_bytes(&text, old, size);
        old += size;
    }
    arguments_add(call, &text);
    if (text.status)
        return neph_fail(call, NEPH_LIMIT, "the object's metadata is too large");
    memcpy(out, text.data, text.size + 1);
    return 0;
}

/* Does the first line speak of this file as it is now? */
static int is_current(const char *text, const struct stat *info)
{
    neph_text line;
    char data[64];
    const char *numbers = strncmp(text, "etag ", 5) ? NULL : strchr(text + 5, ' ');
    neph_text_init(&line, data, sizeof data);
    neph_text_add_char(&line, ' ');
    neph_text_add_integer(&line, info->st_size);
    neph_text_add_char(&line, ' ');
    neph_text_add_integer(&line, modified_ns(info));
    neph_text_add_char(&line, '\n');
    return numbers && !strncmp(numbers, line.data, line.size);
}

/* ---- the side file */

static int32_t side_name(const neph_call *call, const char *key, char *out)
{
    unsigned char bytes[NEPH_DIGEST_MAX];
    neph_text text;
    int32_t size = neph_digest(call, NEPH_DIGEST_SHA256, key, strlen(key), bytes);
    if (size < 0)
        return size;
    neph_text_init(&text, out, 80);
    neph_text_add(&text, "about-");
    neph_text_add_hex(&text, bytes, (size_t)size);
    return text.status;
}

static int hidden_open(int bucket, local_fd *out)
{
    int fd = openat(bucket, LOCAL_HIDDEN, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno;
    local_fd_set(out, fd);
    return 0;
}

static int64_t side_read(const neph_call *call, int bucket, const char *key, char *out,
                         size_t capacity)
{
    local_fd hidden = {0};
    char name[80];
    int64_t count = -1;
    int fd;
    if (hidden_open(bucket, &hidden) || side_name(call, key, name)) {
        local_fd_close(&hidden);
        return -1;
    }
    fd = openat(local_fd_get(&hidden), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        count = read(fd, out, capacity);
        close(fd);
    }
    local_fd_close(&hidden);
    return count;
}

static int32_t side_write(neph_call *call, int bucket, const char *key, const neph_text *text)
{
    local_fd hidden = {0};
    local_fd file = {0};
    char new_name[64] = "";
    char name[80];
    int error = local_hidden_open(bucket, &hidden);
    int32_t rc =
        error ? local_fail(call, error, "keep metadata of", key) : side_name(call, key, name);
    if (!rc)
        rc = local_temporary_open(call, local_fd_get(&hidden), new_name, &file);
    if (!rc && (write(local_fd_get(&file), text->data, text->size) != (ssize_t)text->size ||
                fsync(local_fd_get(&file)) ||
                renameat(local_fd_get(&hidden), new_name, local_fd_get(&hidden), name)))
        rc = local_fail(call, errno ? errno : ENOSPC, "keep metadata of", key);
    if (rc && new_name[0])
        unlinkat(local_fd_get(&hidden), new_name, 0);
    local_fd_close(&file);
    local_fd_close(&hidden);
    return rc;
}

void local_meta_remove(const neph_call *call, int bucket, const char *key)
{
    local_fd hidden = {0};
    char name[80];
    if (!hidden_open(bucket, &hidden) && !side_name(call, key, name))
        unlinkat(local_fd_get(&hidden), name, 0);
    local_fd_close(&hidden);
}

/* ---- both */

void local_meta_read(const neph_call *call, int bucket, const char *key, const local_object *object,
                     char *out)
{
    int64_t size = attribute_get(local_fd_get(&object->fd), out, LOCAL_META_MAX - 1);
    int is_side = size < 0;
    if (is_side)
        size = side_read(call, bucket, key, out, LOCAL_META_MAX - 1);
    out[size > 0 ? size : 0] = '\0';
    /* A side file that is not of these bytes may be of another object; an attribute goes with its file. */
    if (is_side && !is_current(out, &object->info))
        out[0] = '\0';
}

void local_meta_etag(const char *text, const struct stat *info, char *out)
{
    size_t size = is_current(text, info) ? strcspn(text + 5, " ") : 0;
    if (size >= LOCAL_ETAG_MAX)
        size = 0;
    memcpy(out, text + (size ? 5 : 0), size);
    out[size] = '\0';
}

/* A text that has its first line already gets a new one. */
static const char *rest_of(const char *text)
{
    const char *end = strncmp(text, "etag ", 5) ? NULL : strchr(text, '\n');
    return end ? end + 1 : text;
}

int32_t local_meta_write(neph_call *call, local_transfer *move, const char *rest)
{
    const char *key = neph_argument(call, NEPH_OBJECT_KEY);
    int file = local_fd_get(&move->target);
    char data[LOCAL_META_MAX];
    struct stat info;
    neph_text all;
    if (fstat(file, &info))
        return local_fail(call, errno, "write object", key);
    neph_text_init(&all, data, sizeof data - 1);
    neph_text_add(&all, "etag ");
    neph_text_add(&all, move->etag);
    neph_text_add_char(&all, ' ');
    neph_text_add_integer(&all, info.st_size);
    neph_text_add_char(&all, ' ');
    neph_text_add_integer(&all, modified_ns(&info));
    neph_text_add_char(&all, '\n');
    if (move->sum[0])
        line_add(&all, "csum", NULL, move->sum);
    neph_text_add(&all, rest_of(rest));
    if (all.status)
        return neph_fail(call, NEPH_LIMIT, "the object's metadata is too large");
    memcpy(move->meta, all.data, all.size + 1);
    if (attribute_set(file, all.data, all.size))
        return side_write(call, local_fd_get(&move->bucket), key, &all);
    local_meta_remove(call, local_fd_get(&move->bucket), key);
    return 0;
}

void local_sum_set(local_transfer *move, const char *sum)
{
    neph_text text;
    neph_text_init(&text, move->sum, sizeof move->sum);
    neph_text_add(&text, sum);
}

/* ---- the result */

/* Decodes in place; what it ends with is overwritten. */
static void value_end(char *value, char *end)
{
    size_t size = neph_percent_decode(value, value, (size_t)(end - value));
    value[size] = '\0';
}

/* What is known of the file while its text is read. */
typedef struct facts {
    const char *etag; /* NULL: of other bytes */
    const char *sum;
    int is_listed;
} facts;

static int64_t number_read(const char *text)
{
    int64_t number = 0;
    int is_negative = *text == '-';
    for (text += is_negative; *text >= '0' && *text <= '9' && number < INT64_MAX / 10 - 1; text++)
        number = number * 10 + (*text - '0');
    return is_negative ? -number : number;
}

static int32_t line_set(neph_record *record, char *line, char *end, facts *known)
{
    char *value = line + 5;
    char *space = memchr(value, ' ', (size_t)(end - value));
    if (!strncmp(line, "csum ", 5)) {
        value_end(value, end);
        known->sum = known->etag ? value : NULL;
        return 0;
    }
    if (!strncmp(line, "time ", 5)) {
        value_end(value, end);
        return neph_record_set_integer(record, NEPH_OBJECT_LOCAL_MODIFIED, number_read(value));
    }
    if (known->is_listed)
        return 0;
    if (!strncmp(line, "type ", 5)) {
        value_end(value, end);
        return neph_record_set(record, NEPH_OBJECT_CONTENT_TYPE, value);
    }
    if (strncmp(line, "meta ", 5) || !space)
        return 0;
    value_end(space + 1, end);
    value_end(value, space);
    return neph_record_add_pair(record, NEPH_OBJECT_METADATA, value, space + 1);
}

/* The ETag of an object that was not sent in parts is its MD5. */
static int32_t sum_set(neph_call *call, neph_record *record, const facts *known)
{
    const char *wanted = neph_argument(call, NEPH_CHECKSUM);
    int is_md5 = known->etag && !strchr(known->etag, '-');
    char data[NEPH_CHECKSUM_MAX];
    neph_text md5;
    if (known->sum && !(is_md5 && wanted && !strcmp(wanted, "md5")))
        return neph_record_set(record, NEPH_OBJECT_CHECKSUM, known->sum);
    if (!is_md5)
        return 0;
    neph_text_init(&md5, data, sizeof data);
    neph_text_add(&md5, "md5:");
    neph_text_add(&md5, known->etag);
    return neph_record_set(record, NEPH_OBJECT_CHECKSUM, data);
}

static int32_t text_set(neph_call *call, neph_record *record, const struct stat *info, char *text,
                        int is_listed)
{
    facts known = {.is_listed = is_listed};
    char *line = text;
    char *end = strchr(line, '\n');
    int32_t rc = 0;
    if (end && is_current(text, info)) {
        line[5 + strcspn(line + 5, " ")] = '\0';
        known.etag = line + 5;
        rc = neph_record_set(record, NEPH_OBJECT_ETAG, known.etag);
    }
    while (!rc && end) {
        line = end + 1;
        end = strchr(line, '\n');
        if (end && end - line > 5)
            rc = line_set(record, line, end, &known);
    }
    return rc ? rc : sum_set(call, record, &known);
}

int32_t local_meta_emit(neph_call *call, const char *key, const struct stat *info, char *text,
                        int is_listed)
{
    neph_record *record = neph_record_new(call, NEPH_KIND_OBJECT);
    int32_t rc;
    if (!record)
        return neph_fail(call, NEPH_NO_MEMORY, "out of memory");
    rc = neph_record_set(record, NEPH_OBJECT_KEY, key);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_OBJECT_SIZE_BYTES, info->st_size);
    if (!rc)
        rc = neph_record_set_integer(record, NEPH_OBJECT_MODIFIED, modified_ns(info));
    if (!rc)
        rc = text_set(call, record, info, text, is_listed);
    return rc ? rc : neph_record_emit(call, record);
}
