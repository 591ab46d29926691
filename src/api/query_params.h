/* query_params.h: the query strings of routes in the API description; private to this module.
 *
 * query_params.def lists them. It describes and does not read: handlers do that (call.h). But lists
 * of words are held to the words here, for all routes.
 */
#ifndef API_QUERY_PARAMS_H
#define API_QUERY_PARAMS_H

#include "api/call.h"

/* Prints the parameters of a route into the array that is open: each by its name, the filters as
 * one object `filter`, as v3's contract does. */
void query_params_write(struct json_writer *w, const struct route *route);

/* Refuses a request that names a word that its list does not have. */
NODISCARD enum err query_params_check(struct api_call *call);

#endif
