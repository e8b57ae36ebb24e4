/*
 * neph/kit/sigv2.h - AWS Signature Version 2 for query interfaces (Nimbus, Eucalyptus, old OpenStack EC2), for a
 * provider's sign hook. Included by providers; linked from libneph-kit.a. Not S3's version 2, which is another one.
 *
 * Source: "Signature Version 2 signing process" of the AWS General Reference. Any thread. Everything here is since 0.1.
 */
#ifndef NEPH_KIT_SIGV2_H
#define NEPH_KIT_SIGV2_H

#include <neph/plugin.h>
#include <neph/kit/text.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NEPH_SIGV2_PARAMETERS_MAX 256
#define NEPH_SIGV2_TEXT_MAX 16384
#define NEPH_SIGV2_SIGNATURE_MAX 64 /* base64 of a SHA-256 with NUL, and more */

/* What to sign with. Strings are borrowed for the call. */
typedef struct neph_sigv2 {
    const char *access_key;
    const char *secret_key;
    int32_t algorithm; /* NEPH_DIGEST_SHA256 (0 too) or NEPH_DIGEST_SHA1 */
    int32_t reserved;
} neph_sigv2;

/*
 * Signs a request whose parameters are in its query: adds AWSAccessKeyId, SignatureMethod, SignatureVersion, Timestamp
 * (unless the query has Timestamp or Expires) and Signature. Parameters of an earlier attempt must be gone. Returns 0,
 * NEPH_LIMIT or what the host's services returned; the message is set.
 */
int32_t neph_sigv2_sign(neph_request *request, const neph_sigv2 *how, int64_t now_ns);

/*
 * The base64 signature of a view whose query holds all parameters, in any order. For parameters in a form body: put the
 * form's text into view->query and add the signature to the form. text: NEPH_SIGV2_TEXT_MAX bytes that get the string
 * to sign. signature: NEPH_SIGV2_SIGNATURE_MAX bytes. handle: whatever the hook has. Returns as neph_sigv2_sign().
 */
int32_t neph_sigv2_steps(const void *handle, const neph_sigv2 *how, const neph_request_view *view,
                         char *text, char *signature);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_SIGV2_H */
