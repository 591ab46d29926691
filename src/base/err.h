/* err.h: what can go wrong outside our own code.
 *
 * A function that touches the world returns `enum err`. OK is 0. ERR_REFUSED says that a rule of
 * ours was broken by the request: the details are in the problem handed along (problem.h). Every
 * other value is a trouble of the world, answered with a retry, 409 or 503, never half applied.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/base.h"

enum err {
    OK = 0,
    ERR_REFUSED,  /* a refusal: see the problem that travels beside this value */
    ERR_ABSENT,   /* no such row or file; flows turn it into a refusal with a name */
    ERR_CONFLICT, /* a uniqueness rule of the store, or a lost race */
    ERR_BUSY,     /* a lock or a queue is full: try again shortly */
    ERR_TIMEOUT,  /* the time allowed ran out */
    ERR_NO_SPACE, /* the disk is full */
    ERR_IO,       /* any other failure of disk or network */
    ERR_CORRUPT,  /* stored bytes do not match their checksum or form */
    ERR_STOPPED,  /* the part is shutting down */
    ERR_COUNT
};

/* The error's name in lower case, for logs: "ok", "busy", … Static text. */
const char *err_name(enum err e);

/* The error that an errno value stands for: ENOSPC, EDQUOT and EFBIG are ERR_NO_SPACE, ENOENT is
 * ERR_ABSENT, EAGAIN ERR_BUSY, ETIMEDOUT ERR_TIMEOUT, 0 OK, all others ERR_IO. */
enum err err_of_errno(int number);

#endif
