/*
 * core/operation.c - the operations that the library knows and their arguments, in the order in
 * which a command line gives them. What an argument is besides (type, secrecy) stands in the model
 * as well; a test compares the two.
 */
#include "core/model.h"

#define REQUIRED NEPH_INFO_REQUIRED
#define SECRET NEPH_INFO_SECRET

#define ARGUMENT(member, type, flags, json, summary)                                               \
    {                                                                                              \
        sizeof(neph_member_info), NEPH_##member, NEPH_TYPE_##type, flags, 0, json, summary         \
    }
#define LIMIT ARGUMENT(LIST_LIMIT, INTEGER, 0, "limit", "at most so many; 0: all")
#define BUCKET ARGUMENT(OBJECT_BUCKET, STRING, REQUIRED, "bucket", "name of the bucket")
#define KEY ARGUMENT(OBJECT_KEY, STRING, REQUIRED, "key", "key of the object")

static const neph_member_info list_arguments[] = {LIMIT};

static const neph_member_info node_arguments[] = {
    ARGUMENT(NODE_ID, STRING, REQUIRED, "id", "id of the node"),
};

static const neph_member_info node_create_arguments[] = {
    ARGUMENT(NODE_NAME, STRING, REQUIRED, "name", "name for the node"),
    ARGUMENT(NODE_IMAGE, STRING, REQUIRED, "image_id", "id of the image to start from"),
    ARGUMENT(NODE_SIZE, STRING, REQUIRED, "size_id", "id of the size"),
    ARGUMENT(NODE_LOCATION, STRING, 0, "location_id", "id of the location to put it in"),
    ARGUMENT(LOGIN_NAME, STRING, 0, "username", "user to make on it"),
    ARGUMENT(NODE_PASSWORD, STRING, SECRET, "password", "password of that user"),
    ARGUMENT(LOGIN_KEY, STRING, 0, "public_key", "text of an SSH public key of that user"),
};

static const neph_member_info bucket_arguments[] = {
    ARGUMENT(BUCKET_NAME, STRING, REQUIRED, "name", "name of the bucket"),
};

static const neph_member_info object_list_arguments[] = {
    BUCKET,
    ARGUMENT(LIST_PREFIX, STRING, 0, "prefix", "only keys that begin so"),
    ARGUMENT(LIST_DELIMITER, STRING, 0, "delimiter",
             "keys that are alike up to the next one become one prefix, as in \"/\""),
    ARGUMENT(LIST_START_AFTER, STRING, 0, "start_after", "only keys behind this one"),
    LIMIT,
};

static const neph_member_info object_arguments[] = {BUCKET, KEY};

static const neph_member_info object_get_arguments[] = {
    BUCKET,
    KEY,
    ARGUMENT(BODY_SINK, SINK, REQUIRED, "sink", "where its bytes go to"),
    ARGUMENT(RANGE_OFFSET, INTEGER, 0, "offset", "first byte; negative: so many from the end"),
    ARGUMENT(RANGE_LENGTH, INTEGER, 0, "length", "number of bytes; 0: to the end"),
};

static const neph_member_info object_put_arguments[] = {
    BUCKET,
    KEY,
    ARGUMENT(BODY_SOURCE, SOURCE, REQUIRED, "source", "where its bytes come from"),
    ARGUMENT(OBJECT_CONTENT_TYPE, STRING, 0, "content_type", "its media type"),
    ARGUMENT(OBJECT_CLASS, STRING, 0, "storage_class", "its storage class"),
    ARGUMENT(OBJECT_METADATA, PAIRS, 0, "metadata", "a name and value to keep with it"),
};

static const neph_member_info object_copy_arguments[] = {
    ARGUMENT(COPY_BUCKET, STRING, REQUIRED, "from_bucket", "bucket to copy from"),
    ARGUMENT(COPY_KEY, STRING, REQUIRED, "from_key", "key to copy from"),
    ARGUMENT(OBJECT_BUCKET, STRING, REQUIRED, "bucket", "bucket to copy to"),
    ARGUMENT(OBJECT_KEY, STRING, REQUIRED, "key", "key to copy to"),
};

static const neph_member_info object_presign_arguments[] = {
    BUCKET,
    KEY,
    ARGUMENT(PRESIGN_METHOD, STRING, 0, "method", "what the URL is for: GET, PUT or DELETE"),
    ARGUMENT(PRESIGN_SECONDS, INTEGER, 0, "seconds", "how long it is good"),
};

#define OPERATION(number, result, noun, verb, summary, array)                                      \
    {                                                                                              \
        sizeof(neph_op_info), NEPH_OP_##number, NEPH_KIND_##result, noun "." verb, noun, verb,     \
            summary, array, NEPH_COUNT(array), 0                                                   \
    }

/* In order of number. */
static const neph_op_info operations[] = {
    OPERATION(NODE_LIST, NODE, "node", "list", "list the nodes of the account", list_arguments),
    OPERATION(NODE_SHOW, NODE, "node", "show", "show one node", node_arguments),
    OPERATION(NODE_CREATE, NODE, "node", "create", "create a node", node_create_arguments),
    OPERATION(NODE_DESTROY, NONE, "node", "destroy", "end a node for good", node_arguments),
    OPERATION(NODE_REBOOT, NONE, "node", "reboot", "restart a node", node_arguments),
    OPERATION(IMAGE_LIST, IMAGE, "image", "list", "list images to create nodes from",
              list_arguments),
    OPERATION(SIZE_LIST, SIZE, "size", "list", "list sizes that nodes can have", list_arguments),
    OPERATION(LOCATION_LIST, LOCATION, "location", "list", "list places where nodes can be",
              list_arguments),
    OPERATION(BUCKET_LIST, BUCKET, "bucket", "list", "list the buckets of the account",
              list_arguments),
    OPERATION(BUCKET_CREATE, NONE, "bucket", "create", "create a bucket", bucket_arguments),
    OPERATION(BUCKET_DELETE, NONE, "bucket", "delete", "delete an empty bucket", bucket_arguments),
    OPERATION(OBJECT_LIST, OBJECT, "object", "list", "list the objects of a bucket by key",
              object_list_arguments),
    OPERATION(OBJECT_HEAD, OBJECT, "object", "head", "show what is known of an object",
              object_arguments),
    OPERATION(OBJECT_GET, OBJECT, "object", "get", "download an object", object_get_arguments),
    OPERATION(OBJECT_PUT, OBJECT, "object", "put", "upload an object", object_put_arguments),
    OPERATION(OBJECT_COPY, OBJECT, "object", "copy", "copy an object inside the cloud",
              object_copy_arguments),
    OPERATION(OBJECT_DELETE, NONE, "object", "delete", "delete an object", object_arguments),
    OPERATION(OBJECT_PRESIGN, URL, "object", "presign",
              "make a URL that does one thing for whoever holds it", object_presign_arguments),
};

const neph_op_info *neph_op_at(size_t index)
{
    return index < NEPH_COUNT(operations) ? &operations[index] : NULL;
}

const neph_op_info *neph_op_find(uint32_t op)
{
    size_t low = 0, high = NEPH_COUNT(operations);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (operations[middle].op == op)
            return &operations[middle];
        if (operations[middle].op < op)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
