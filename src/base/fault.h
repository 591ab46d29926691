/* fault.h: refusals, one name per rule.
 *
 * faults.def lists them all: enumerator, kind, slug, sentence, hint. A pure function that decides
 * returns `enum fault` (FAULT_NONE is 0). The kind says what sort of answer it gets; only
 * api/problem.c turns a kind into an HTTP status.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/text.h"

enum fault_kind {
    FAULT_KIND_INVALID,      /* the request is wrong as it stands */
    FAULT_KIND_UNKNOWN,      /* the caller is not known: no token, or a bad one */
    FAULT_KIND_FORBIDDEN,    /* the caller may not, or the state does not allow it */
    FAULT_KIND_ABSENT,       /* the thing does not exist */
    FAULT_KIND_GONE,         /* the thing was deleted */
    FAULT_KIND_CONFLICT,     /* it collides with what exists */
    FAULT_KIND_PRECONDITION, /* what it refers to is not in the needed state */
    FAULT_KIND_LIMIT,        /* too large */
    FAULT_KIND_TARGET,       /* the path with its query string is too long */
    FAULT_KIND_HEADERS,      /* the headers are too large */
    FAULT_KIND_BUSY,         /* too much at once: try again later */
    FAULT_KIND_MEDIA,        /* a content type or encoding that is not understood */
    FAULT_KIND_METHOD,       /* the path exists, not with this method */
    FAULT_KIND_COUNT
};

enum fault {
    FAULT_NONE = 0,

#define FAULT(name, kind, slug, sentence, hint) FAULT_##name,
#include "base/faults.def"
#undef FAULT
    FAULT_COUNT
};

struct fault_info {
    const char *name; /* the enumerator without its prefix */
    enum fault_kind kind;
    const char *slug;     /* snake_case; the `code` on the wire */
    const char *sentence; /* what is wrong, for people; no full stop */
    const char *hint;     /* what to do about it; may be empty */
};

/* The row of faults.def. `fault` is not FAULT_NONE. Static. */
const struct fault_info *fault_info(enum fault fault);

#endif
