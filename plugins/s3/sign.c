/*
 * sign.c - the signature of a request, and what stands in it for the body.
 */
#include "s3.h"

/* What stands for the body in the signature. Over TLS the connection vouches for it. */
static int32_t payload_choose(neph_request *request, const neph_request_view *view, char *hex,
                              const char **payload)
{
    if (view->presign_seconds > 0 || (view->body_size != 0 && !strcmp(view->scheme, "https"))) {
        *payload = NEPH_SIGV4_UNSIGNED;
        return 0;
    }
    if (view->body_size == 0) {
        *payload = NEPH_SIGV4_EMPTY;
        return 0;
    }
    *payload = hex;
    return neph_request_body_digest(request, NEPH_DIGEST_SHA256, hex, NEPH_DIGEST_HEX_MAX);
}

int32_t s3_sign(neph_call *call, neph_request *request, int64_t now_ns)
{
    s3_cloud *memory = s3_memory(call);
    char hex[NEPH_DIGEST_HEX_MAX];
    neph_request_view view;
    neph_sigv4 how = {
        .service = "s3",
        .region = s3_region(call),
        .keys = memory ? &memory->keys : NULL,
        .flags = NEPH_SIGV4_S3 | NEPH_SIGV4_PAYLOAD_HEADER,
    };
    int32_t rc = neph_request_look(request, &view);
    neph_aws_keys(&how, call);
    if (!rc)
        rc = payload_choose(request, &view, hex, &how.payload);
    return rc ? rc : neph_sigv4_sign(request, &how, now_ns);
}
