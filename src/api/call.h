/* call.h: one request on its way through the api; private to this module.
 *
 * A handler reads what it needs with the helpers below, calls one flow, and fills the reply. It
 * returns OK with the reply filled, ERR_REFUSED with the problem named, or a trouble; api_handle
 * turns the last two into problem+json.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include "api/api.h"
#include "catalog/feature.h"
#include "codec/filter.h"
#include "codec/page.h"

#define API_PATH_PARAMS_MAX 4

struct api {
    struct api_config config;
    struct http_server *server;
    _Atomic bool is_ready;
    struct backups *backups; /* backup.h */
};

enum route_group { GROUP_ROOT, GROUP_OURS, GROUP_V3, GROUP_V1, GROUP_V2, GROUP_COUNT };

/* The shape of a successful answer. */
enum route_shape {
    SHAPE_NONE,   /* no body */
    SHAPE_ONE,    /* one object of the response table */
    SHAPE_PAGE,   /* the dialect's page envelope around objects of the response table */
    SHAPE_ARRAY,  /* a bare JSON array of them (v1) */
    SHAPE_ARRAYS, /* the same, and the body is an array of the request table */
    SHAPE_DATA,   /* an object whose `data` is an array of them: all there are */
    SHAPE_CURSOR, /* v3: such an object, with a cursor to what follows in `meta` */
    SHAPE_OTHER,  /* something the summary describes */
    SHAPE_COUNT
};

struct api_call;
typedef enum err api_handler(struct api_call *call);

struct route {
    enum route_group group;
    enum http_method method;
    const char *path; /* behind the group's prefix; {name} stands for one segment */
    api_handler *handler;
    enum right right;
    const struct fields *request;  /* NULL: no body, or not from a table */
    const struct fields *response; /* NULL: see shape */
    enum route_shape shape;
    int status; /* of success */
    const char *summary;
};

extern const struct route api_routes[];
extern const size_t api_route_count;

struct api_call {
    struct api *api;
    struct cx cx;
    struct http_request *request;
    struct http_reply *reply;
    const struct route *route;
    enum dialect dialect;
    text path_params[API_PATH_PARAMS_MAX]; /* decoded, in the order of the path */
    bool *is_deferred; /* set: http_finish will be called by someone else; on api_handle's stack,
                          because the call itself may be gone by the time it is read */
};

/* router.c */

/* Finds the route for a request and fills `call->route`, `dialect` and `path_params`. */
NODISCARD enum fault route_find(struct api_call *call);

/* The prefixes of a group, NULL-terminated; the first is the canonical one. */
const char *const *route_prefixes(enum route_group group);

/* Which dialect a group speaks in its bodies and problems. */
enum dialect route_dialect(enum route_group group);

/* problem.c */

/* Fills the reply with the problem of a refused call, or with what a trouble is told. */
void problem_reply(struct api_call *call, enum err err);

/* auth.c */

/* Finds out who calls and whether the route's right is theirs; fills the context. */
NODISCARD enum err call_authenticate(struct api_call *call);

/* idempotency.c */

/* Runs the route's handler. With an Idempotency-Key, on routes that move money, only once: what is
 * repeated gets the first answer. */
NODISCARD enum err call_run_once(struct api_call *call);

/* params.c: the query string and the body. Faults go to the call's problem. */

/* The value of a parameter; ptr NULL when it is absent. */
text param_text(const struct api_call *call, const char *name);

/* All values of a parameter that may be repeated ("groupBy", or "groupBy[]"). */
struct text_list param_list(const struct api_call *call, const char *name);

/* An instant; INSTANT_NONE when absent; a fault when malformed. */
instant param_instant(struct api_call *call, const char *name);

/* "true" or "false"; absent is false. */
bool param_bool(struct api_call *call, const char *name);

/* The page asked for: page and pageSize in v1, page[number] and page[size] in v3. */
struct page param_page(struct api_call *call);

/* Whether v1's page parameters were given at all. */
bool param_has_page(const struct api_call *call);

/* v1's clientId, which names a query for progress reports: 1 to 36 bytes, else a fault. */
void param_client_id(struct api_call *call);

/* Adds a fault about a parameter. */
void param_fault(struct api_call *call, const char *name, const char *rule, const char *reason);

/* versions.c: v1's keyVersion[key]=version: a filter that names it, for list_scan_run, empty when
 * it was not given; and whether a version of a key is among those asked for. */
struct filter_map param_versions(const struct api_call *call);
bool param_holds_version(const struct api_call *call, text key, int64_t version);

/* The same and, first, a filter of this name for what v1 has words for. */
#define FILTER_OF_V1 TEXT("of_v1")
struct filter_map filters_of_v1(const struct api_call *call);

/* What to sort by: an index into `words` (NULL-terminated), 0 when nothing was asked for. v3 reads
 * sort=<field>[ asc|desc], v1 orderBy and order. `ret_is_descending` is set only when a direction
 * was given. An unknown field is a fault. */
int param_sort(struct api_call *call, const char *const *words, bool *ret_is_descending);

/* Parses the body as JSON; refuses other content types, an empty body unless `is_optional`
 * (then *ret is an empty object). */
NODISCARD enum err body_json(struct api_call *call, bool is_optional, struct json *ret);

/* Parses the body and reads it through a table. */
NODISCARD enum err body_read(struct api_call *call, const struct fields *table, void *ret);

/* A ULID in the path; refuses with `absent` when it is none, as no such thing can exist. */
NODISCARD enum err path_ulid(struct api_call *call, size_t index, enum fault absent, ulid *ret);

/* filters.c: v3's filter[field][operator]=value in the query string. */

enum filter_kind {
    FILTER_KIND_TEXT,   /* eq neq contains oeq ocontains gt gte lt lte exists nexists */
    FILTER_KIND_EXACT,  /* eq neq oeq */
    FILTER_KIND_ID,     /* eq neq oeq, of ULIDs */
    FILTER_KIND_LOOKUP, /* eq oeq, of ULIDs */
    FILTER_KIND_TIME    /* eq gt gte lt lte */
};

/* A field that may be filtered by; lists of them end with a row whose name is NULL. */
struct filter_param {
    const char *name;
    enum filter_kind kind;
};

/* Checks every filter[…] of the query string: an unknown field, an unknown operator, a repeated
 * parameter, an over-long value or one that is no ULID is a fault. */
void filters_check(struct api_call *call, const struct filter_param *known);

/* The filter on a text field, all its operators joined by and; false when there is none. */
bool filter_text(struct api_call *call, const char *name, struct filter *ret);

/* The values of an eq or oeq filter; false when there is none, a fault when there are both. */
bool filter_values(struct api_call *call, const char *name, struct text_list *ret);

/* Of a field that a list looks up: eq or oeq alone fill `ret_values`, contains alone fills
 * `ret_part`; either may be NULL when the list cannot look that up. Whatever else is asked of the
 * field is added to `rest`, for list_scan_run. */
void filter_lookup(struct api_call *call, const char *name, struct text_list *ret_values,
                   text *ret_part, struct filter_map *rest);

/* The half-open range that the operators on a time field ask for; INSTANT_NONE where open. */
void filter_times(struct api_call *call, const char *name, instant *ret_from, instant *ret_to);

/* scan.c: lists filtered by more than their SQL looks up. */

struct list_scan {
    const struct fields *table; /* of the items */
    const void *query;
    enum err (*fetch)(struct api_call *call, const void *query, struct page page, struct list *ret,
                      int64_t *ret_total);
    /* Tries a filter whose name is no column of the table; NULL when there is none such. */
    enum err (*judge)(struct api_call *call, const void *item, const struct filter_entry *entry,
                      bool *ret);
    struct filter_map rest; /* the filters that `query` does not hold; see filter_lookup */
};

/* One page of what passes all filters; refuses when a parameter was found at fault. */
NODISCARD enum err list_scan_run(struct api_call *call, const struct list_scan *scan,
                                 struct page page, struct list *ret, int64_t *ret_total);

/* features.c */

/* The meter with this id or key, as features see it. Refuses with METER_ABSENT. */
NODISCARD enum err feature_meter_gather(struct api_call *call, text reference,
                                        struct feature_meter *ret);

/* reply.c: filling the reply; each returns OK. */

/* The route's status with one object. */
enum err reply_one(struct api_call *call, const struct fields *table, const void *object);

/* The dialect's page envelope. */
enum err reply_page(struct api_call *call, const struct fields *table, const struct list *list,
                    struct page page, int64_t total);

/* v3: all there are, without a page. */
enum err reply_data(struct api_call *call, const struct fields *table, const struct list *list);

/* v3: ends such an answer, an object that has its data: the page's size, and the cursor of what
 * follows; `next` with ptr NULL: nothing. */
void reply_cursor_end(struct json_writer *w, int64_t size, text next);

/* v3: as many as were asked for, and the cursor of what follows; `next` with ptr NULL: nothing. */
enum err reply_cursor(struct api_call *call, const struct fields *table, const struct list *list,
                      int64_t size, text next);

/* A bare array. */
enum err reply_array(struct api_call *call, const struct fields *table, const struct list *list);

/* The route's status without a body. */
enum err reply_empty(struct api_call *call);

/* The route's status with a body made elsewhere (in the request's arena or static). */
enum err reply_body(struct api_call *call, text content_type, text body);

/* A buffer in the request's arena. */
struct buffer call_buffer(struct api_call *call);

#endif
