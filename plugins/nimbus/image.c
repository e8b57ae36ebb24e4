/*
 * image.c - images of a Nimbus cloud: list.
 */
#include "nimbus.h"

/* ---- list: DescribeImages */

const neph_reply *const nimbus_image_list_replies[1] = {&neph_ec2_image_list_reply};

int32_t nimbus_image_list(neph_call *call, neph_request *request)
{
    neph_query query;
    int32_t rc = nimbus_begin(&query, call, request, "DescribeImages");
    return rc ? rc : query.status;
}

/* An image's id is the name of its file. */
int32_t nimbus_image_each(neph_call *call, neph_record *record)
{
    (void)call;
    if (neph_record_get(record, NEPH_IMAGE_NAME))
        return 0;
    return neph_record_set(record, NEPH_IMAGE_NAME, neph_record_get(record, NEPH_IMAGE_ID));
}
