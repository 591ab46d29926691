/* target.h: taking a request's target apart: the path and the query string's parameters.
 *
 * Private to http/. Pure; what is malformed is refused, never mended.
 */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "http/http.h"

struct http_target {
    text path; /* as sent: begins with '/', or is "*" */
    const struct http_param *params;
    size_t param_count;
};

/* Reads a target in origin form ("/a?b=c"), absolute form ("http://host/a?b=c") or "*". False when
 * it holds spaces, control characters, a fragment or malformed escapes, or does not decode to
 * UTF-8 without NUL. The texts point into `target` or the arena. */
NODISCARD bool http_target_parse(struct arena *arena, text target, struct http_target *ret);

/* Reads a query string without its '?': names and values around '=', pairs around '&'. Empty
 * pairs are skipped; a name without '=' has an empty value. */
NODISCARD bool http_query_parse(struct arena *arena, text query, struct http_target *ret);

#endif
