/* conflict_inside.h: the inside of struct conflicts. Private to conflict.c and conflict_file.c. */
#ifndef USAGE_CONFLICT_INSIDE_H
#define USAGE_CONFLICT_INSIDE_H

#include "usage/conflict.h"

#include "base/limits.h"

#include <pthread.h>

struct kept {
    struct usage_conflict conflict; /* its texts are in `bytes` */
    char *bytes;                    /* NULL: none */
};

struct conflicts {
    pthread_mutex_t saving; /* held by who writes the file; taken before `lock` */
    pthread_mutex_t lock;
    uint64_t count;  /* ever; the next place is count % LIMIT_CONFLICTS_KEPT */
    bool is_changed; /* since the file was written */
    struct kept ring[LIMIT_CONFLICTS_KEPT];
};

/* Puts a copy of a conflict into the ring, as the latest. */
void conflicts_keep(struct conflicts *conflicts, const struct usage_conflict *conflict);

#endif
