/*
 * local.h - what the files of the local provider share: how buckets and keys become directories and files, what is kept
 * about an object, and the actions by resource.
 *
 * Functions that are told no call return 0 or an errno; the others 0 or a negative neph_status with its message set.
 */
#ifndef LOCAL_H
#define LOCAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <neph/plugin.h>
#include <neph/kit/md5.h>
#include <neph/kit/text.h>

#include <sys/stat.h>
#include <sys/types.h>

#define LOCAL_KEY_MAX 1024    /* bytes of a key, as in S3 */
#define LOCAL_PATH_MAX 8192   /* bytes of the longest key's path */
#define LOCAL_NAME_MAX 255    /* bytes of a file's name */
#define LOCAL_META_MAX 8192   /* bytes of what is kept about an object */
#define LOCAL_SLICE (1 << 20) /* bytes moved before the host gets its turn */
#define LOCAL_BUFFER 65536
#define LOCAL_PART_MAX 10000  /* number of the last part */
#define LOCAL_DELETE_MAX 1000 /* keys that are deleted at once */
#define LOCAL_ETAG_MAX 48     /* bytes of an ETag with NUL */

/* The directory of a bucket that holds unfinished and side files; no key leads into it. */
#define LOCAL_HIDDEN ".neph"

/* ---- path.c: names on disk */

/* A descriptor in memory that begins zeroed: the number plus one. */
typedef struct local_fd {
    int plus_one;
} local_fd;
int local_fd_get(const local_fd *fd);
void local_fd_set(local_fd *fd, int number);
void local_fd_close(local_fd *fd);

/* What an errno means to a caller; the rest is NEPH_FILE. */
#define LOCAL_FAILURES(ROW)                                                                        \
    ROW(ENOENT, NEPH_NOT_FOUND, "it does not exist")                                               \
    ROW(EACCES, NEPH_PERMISSION, "permission denied")                                              \
    ROW(EPERM, NEPH_PERMISSION, "permission denied")                                               \
    ROW(EEXIST, NEPH_EXISTS, "it exists already")                                                  \
    ROW(ENOTEMPTY, NEPH_CONFLICT, "it is not empty")                                               \
    ROW(ENOTDIR, NEPH_CONFLICT,                                                                    \
        "something that is no directory of this storage stands in the way")                        \
    ROW(ELOOP, NEPH_CONFLICT, "a symbolic link stands in the way")                                 \
    ROW(EBUSY, NEPH_CONFLICT, "it is in use")                                                      \
    ROW(EINVAL, NEPH_INVALID, "it is no name, or not for this")                                    \
    ROW(ENAMETOOLONG, NEPH_LIMIT, "the name is too long for the file system")                      \
    ROW(EFBIG, NEPH_LIMIT, "the file is too large for the file system")                            \
    ROW(EDQUOT, NEPH_QUOTA, "the disk quota is used up")                                           \
    ROW(ENOMEM, NEPH_NO_MEMORY, "out of memory")                                                   \
    ROW(ENOSPC, NEPH_FILE, "no space left on the device")                                          \
    ROW(EROFS, NEPH_FILE, "the file system is read-only")                                          \
    ROW(EMFILE, NEPH_FILE, "too many open files")                                                  \
    ROW(ENFILE, NEPH_FILE, "too many open files")                                                  \
    ROW(EIO, NEPH_FILE, "input/output error")

/* The name of an errno, and what it means in words; EIO for one that has no row. */
const char *local_error_code(int error);
const char *local_error_text(int error);
/* Fails the hook for an errno: `doing` is "write object", `name` what it was done to. */
int32_t local_fail(const void *handle, int error, const char *doing, const char *name);
/* Opens the root. is_needed 0: makes it if it is not there. */
int32_t local_root_open(neph_call *call, int is_needed, local_fd *out);
/* Is it a name that a bucket can have? With a message. */
int32_t local_bucket_check(neph_call *call, const char *bucket);
/* Opens the bucket's directory. */
int32_t local_bucket_open(neph_call *call, const char *bucket, local_fd *out);
/* Writes the path of a key, names joined by "/"; out holds LOCAL_PATH_MAX. */
int32_t local_path(neph_call *call, char *out, const char *key);
/* The same for `size` bytes that are known to fit. */
void local_path_write(neph_text *out, const char *key, size_t size);
/* Writes what a name on disk stands for; out holds LOCAL_NAME_MAX + 1. is_more: the segment goes on inside. Returns
 * its size, or -1 for a name that no key has. */
int local_name_read(const char *name, char *out, int *is_more);
/* Where the last name of a path begins. */
size_t local_leaf(const char *path);
/* Opens the directory that `size` bytes of the path lead to; is_new makes what is missing, and moves objects that
 * stand in the way aside. Never follows a symbolic link. */
int local_directory_open(int bucket, const char *path, size_t size, int is_new, local_fd *out);
/* Removes the directories that `size` bytes of the path lead to, deepest first, as long as they are empty. */
void local_directory_prune(int bucket, const char *path, size_t size);

/* An object that was found. */
typedef struct local_object {
    local_fd fd; /* open for reading */
    struct stat info;
    char name[LOCAL_NAME_MAX + 1];
} local_object;
/* Finds the object whose plain name is leaf, wherever it stands. ENOENT: nothing, or no regular file. */
int local_object_open(int directory, const char *leaf, local_object *out);
/* The same from the bucket down. */
int local_object_find(int bucket, const char *path, local_object *out);
/* The name that an object's file must have now: a directory of the same name moves it aside. */
void local_object_name(int directory, const char *leaf, char *name);
/* Opens the hidden directory of a bucket, makes it. */
int local_hidden_open(int bucket, local_fd *out);
/* Makes a new file with a random name in the hidden directory. name holds 64 bytes. */
int32_t local_temporary_open(neph_call *call, int hidden, char *name, local_fd *out);

/* ---- transfer.c: bytes on their way */

/* One call under way. */
typedef struct local_transfer {
    int32_t is_open;
    int32_t is_whole;  /* all bytes of the new file are there */
    local_fd bucket;   /* where the object is or will be */
    local_fd hidden;   /* where the new file is: the bucket's hidden directory, or one below it */
    local_fd target;   /* the new file, under the name new_name */
    local_fd place;    /* the directory that it has come to stand in */
    uint32_t closing;  /* step of local_target_close() that comes next */
    local_object from; /* the object that is read */
    struct stat made;  /* the new file */
    neph_md5 md5;      /* of what is written */
    int64_t at;        /* next byte to read of from */
    int64_t end;       /* behind the last one */
    size_t held;       /* bytes in the buffer that nobody has taken */
    char etag[LOCAL_ETAG_MAX];   /* of from, or of what was written; "": not known */
    char sum[NEPH_CHECKSUM_MAX]; /* of what was written; "": not known */
    char new_name[64];
    char path[LOCAL_PATH_MAX];
    char meta[LOCAL_META_MAX];
    char buffer[LOCAL_BUFFER];
} local_transfer;

/* The call's own. */
int32_t local_transfer_get(neph_call *call, local_transfer **out);
/* Gives back what it holds, and removes a new file that has not taken its place. */
void local_transfer_finish(neph_call *call);

/* Opens an object for reading, and what is kept about it: from, meta, etag, end. */
int32_t local_source_open(neph_call *call, local_transfer *move, const char *bucket,
                          const char *key);
/* The bytes that the call's range means, as S3 reads it. */
int32_t local_source_range(neph_call *call, local_transfer *move);
/* Fills the buffer. */
int32_t local_source_read(neph_call *call, local_transfer *move, const char *key);

/* Makes a new file for the call's key. */
int32_t local_target_open(neph_call *call, local_transfer *move);
/* The same for a file that is there: its digest begins. */
void local_target_begin(local_transfer *move);
/* Writes the first bytes of the buffer. */
int32_t local_target_write(neph_call *call, local_transfer *move, size_t size);
/* Writes all that the program's source gives; NEPH_AGAIN: there is more to come. */
int32_t local_source_write(neph_call *call, local_transfer *move);
/* Writes on from the object that is read, without a digest, one slice. */
int32_t local_target_copy(neph_call *call, local_transfer *move, const char *key);
/* Sets the ETag, if it is not known, to the MD5 of all that was written. */
void local_target_digest(local_transfer *move);
/* The new file takes the object's place, if the call's conditions hold; the result is delivered. rest: what is kept about
 * it besides ETag and checksum, wanted while no step is done. NEPH_AGAIN: come again, for the next step or because the place
 * is locked. */
int32_t local_target_close(neph_call *call, local_transfer *move, const char *rest);
/* Delivers the one result of a call. */
int32_t local_object_emit(neph_call *call, const struct stat *info, char *meta);

/* Keeps everybody else from replacing objects of the bucket. NEPH_AGAIN: somebody else does. */
int32_t local_lock(neph_call *call, const local_fd *hidden);
void local_unlock(const local_fd *hidden);

/* ---- condition.c: the call's conditions */

/* Of the object that is read; with a key to copy from, of that one. */
int32_t local_condition_source(neph_call *call, const local_transfer *move);
/* Of what the call's key is now. */
int32_t local_condition_target(neph_call *call, int bucket, const char *path);

/* ---- meta.c: what is kept about an object besides its bytes */

/* Writes what the call's arguments say (content type, metadata, time), and of `old`, an object's or upload's text, what they
 * do not say. has_bytes: the bytes are the same as well, and so is their checksum. out holds LOCAL_META_MAX, may be old. */
int32_t local_meta_facts(neph_call *call, const char *old, int has_bytes, char *out);
/* The text of an object; "" if nothing is known. out holds LOCAL_META_MAX. */
void local_meta_read(const neph_call *call, int bucket, const char *key, const local_object *object,
                     char *out);
/* The ETag that a text knows of a file as it is now; "": none. out holds LOCAL_ETAG_MAX. */
void local_meta_etag(const char *text, const struct stat *info, char *out);
/* Keeps ETag, checksum and `rest` with the new file, whose bytes are complete; meta gets all of it, rest may stand there. */
int32_t local_meta_write(neph_call *call, local_transfer *move, const char *rest);
/* Forgets what is kept beside the file. */
void local_meta_remove(const neph_call *call, int bucket, const char *key);
/* The checksum that goes with what was written; NULL: none. */
void local_sum_set(local_transfer *move, const char *sum);
/* Delivers the result for an object. is_listed: only what listings show. As neph_record_emit(). */
int32_t local_meta_emit(neph_call *call, const char *key, const struct stat *info, char *text,
                        int is_listed);

/* ---- upload.c: objects in parts, each a directory in the hidden one */

/* Opens the directory of the call's upload, and reads its text. about holds LOCAL_META_MAX. NEPH_NOT_FOUND: it is gone, or
 * of another key. */
int32_t local_upload_open(neph_call *call, const local_fd *hidden, local_fd *out, char *about);
/* Removes an upload by its name, some files of it at a time: EAGAIN, come again; 0: it is gone. */
int local_upload_remove(int hidden, const char *name);
/* The name of the call's upload; out holds LOCAL_UPLOAD_NAME. NEPH_NOT_FOUND: it can be none. */
int32_t local_upload_name(neph_call *call, char *out);
#define LOCAL_UPLOAD_NAME 40
#define LOCAL_UPLOAD "up-" /* how their names begin */

/* ---- part.c: their parts, each a file that tells in its name what is known of it */

typedef struct local_part {
    int64_t number;
    char etag[LOCAL_ETAG_MAX];
    char sum[NEPH_CHECKSUM_MAX]; /* "": not known */
} local_part;

/* Parts by number; names are texts that belong to the list. */
typedef struct local_parts {
    char **names;
    size_t count;
    size_t capacity;
} local_parts;

int local_parts_read(int directory, local_parts *list);
void local_parts_free(local_parts *list);
/* What a name says. 0: it is no part's. */
int local_part_read(const char *name, local_part *out);
/* The part with that number and ETag; NULL: there is none. */
const char *local_parts_find(const local_parts *list, const char *number, const char *etag);

/* ---- the actions, by file */

int32_t local_bucket_list(neph_call *call);
void local_bucket_list_finish(neph_call *call);
int32_t local_bucket_create(neph_call *call);
int32_t local_bucket_delete(neph_call *call);

int32_t local_object_list(neph_call *call);
void local_object_list_finish(neph_call *call);

int32_t local_object_head(neph_call *call);
int32_t local_object_get(neph_call *call);
int32_t local_object_put(neph_call *call);
int32_t local_object_copy(neph_call *call);
int32_t local_object_delete(neph_call *call);
int32_t local_object_delete_many(neph_call *call);
void local_object_delete_many_finish(neph_call *call);

int32_t local_upload_list(neph_call *call);
void local_upload_list_finish(neph_call *call);
int32_t local_upload_begin(neph_call *call);
int32_t local_upload_abort(neph_call *call);

int32_t local_upload_part(neph_call *call);
int32_t local_upload_copy(neph_call *call);
int32_t local_upload_parts(neph_call *call);
void local_upload_parts_finish(neph_call *call);

int32_t local_upload_complete(neph_call *call);
void local_upload_complete_finish(neph_call *call);

int32_t local_storage_limits(neph_call *call);

#endif /* LOCAL_H */
