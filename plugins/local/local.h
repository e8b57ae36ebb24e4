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
#include <neph/kit/text.h>

#include <sys/stat.h>
#include <sys/types.h>

#define LOCAL_KEY_MAX 1024    /* bytes of a key, as in S3 */
#define LOCAL_PATH_MAX 8192   /* bytes of the longest key's path */
#define LOCAL_NAME_MAX 255    /* bytes of a file's name */
#define LOCAL_META_MAX 8192   /* bytes of what is kept about an object */
#define LOCAL_SLICE (1 << 20) /* bytes moved before the host gets its turn */
#define LOCAL_BUFFER 65536

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

/* ---- meta.c: what is kept about an object besides its bytes */

/* Writes the text from the call's arguments (content type, metadata). out begins empty. */
int32_t local_meta_arguments(neph_call *call, neph_text *out);
/* The text of an object; "" if nothing is known. out holds LOCAL_META_MAX. */
void local_meta_read(const neph_call *call, int bucket, const char *key, const local_object *object,
                     char *out);
/* Keeps ETag and `rest` with the file (open for writing, its bytes complete) that will be the key's object; text gets
 * both, rest may stand in it. */
int32_t local_meta_write(neph_call *call, int bucket, const char *key, int file, const char *etag,
                         const char *rest, char *text);
/* Forgets what is kept beside the file. */
void local_meta_remove(const neph_call *call, int bucket, const char *key);
/* Where the text goes on behind its first line: what a copy takes over. */
const char *local_meta_rest(const char *text);
/* Delivers the result for an object. is_listed: only what listings show. As neph_record_emit(). */
int32_t local_meta_emit(neph_call *call, const char *key, const struct stat *info, char *text,
                        int is_listed);

/* ---- bucket.c */

int32_t local_bucket_list(neph_call *call);
void local_bucket_list_finish(neph_call *call);
int32_t local_bucket_create(neph_call *call);
int32_t local_bucket_delete(neph_call *call);

/* ---- list.c, object.c */

int32_t local_object_list(neph_call *call);
void local_object_list_finish(neph_call *call);
int32_t local_object_head(neph_call *call);
int32_t local_object_get(neph_call *call);
int32_t local_object_put(neph_call *call);
int32_t local_object_copy(neph_call *call);
int32_t local_object_delete(neph_call *call);
void local_object_finish(neph_call *call);

#endif /* LOCAL_H */
