/*
 * image.c - templates of Blue Box: list.
 */
#include "bluebox.h"

/* ---- list */

static const neph_field image_fields[] = {
    {"id", .member = NEPH_IMAGE_ID, .flags = NEPH_FIELD_REQUIRED},
    {"description", .member = NEPH_IMAGE_NAME},
    {"public", .member = NEPH_IMAGE_PUBLIC},
    {"created", .member = NEPH_IMAGE_CREATED},
};
static const neph_rule list_rules[] = {
    {.path = "[]", NEPH_FIELDS(image_fields), .kind = NEPH_KIND_IMAGE},
};
static const neph_reply list_reply = NEPH_REPLY_OF(NEPH_REPLY_JSON, list_rules);
const neph_reply *const bluebox_image_list_replies[1] = {&list_reply};
