/*
 * neph/kit/json.h - JSON bodies of requests. Included by providers; linked from libneph-kit.a. Everything here is since 0.3.
 */
#ifndef NEPH_KIT_JSON_H
#define NEPH_KIT_JSON_H

#include <neph/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Appends to the request's body, and says that it is JSON: the template as it stands, but for each % the next value as a
 * string, quoted and escaped: "{\"name\":%,\"domain\":{\"id\":%}}". As many values as there are %, all const char *. Returns
 * 0 or what neph_request_body() returned.
 */
int32_t neph_json_add(neph_request *request, const char *template_text, ...);

#ifdef __cplusplus
}
#endif

#endif /* NEPH_KIT_JSON_H */
