/* role.h: what a token may do. */
#ifndef IDENTITY_ROLE_H
#define IDENTITY_ROLE_H

#include "base/base.h"

/* Ordered lists of rights would lie: INGEST may write events and read nothing. See role_allows. */
enum role { ROLE_ADMIN, ROLE_VIEWER, ROLE_INGEST, ROLE_COUNT };

enum right {
    RIGHT_NONE,   /* open to everyone: health, metrics, the API description */
    RIGHT_READ,   /* look at anything of the organization */
    RIGHT_WRITE,  /* change anything of the organization */
    RIGHT_INGEST, /* send usage events */
    RIGHT_COUNT
};

/* NULL-terminated, in the order of enum role: "admin", "viewer", "ingest". */
extern const char *const role_words[];

/* Whether a token of this role may do what the right names. RIGHT_NONE is everybody's. */
bool role_allows(enum role role, enum right right);

#endif
