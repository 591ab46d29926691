/* names.h: small numbers for texts: subjects and values of dimensions while a run is being made.
 *
 * Private to rollup/. Numbers count up from 0; the texts are copied into the arena.
 */
#ifndef ROLLUP_NAMES_H
#define ROLLUP_NAMES_H

#include "base/text.h"

#define NAMES_NONE UINT32_MAX

/* Start with { .arena = a }. */
struct names {
    struct arena *arena;
    text *items; /* by number */
    uint32_t count;
    uint32_t room;
    uint32_t *slots; /* number + 1; 0 when free */
    uint32_t slot_count;
    size_t bytes; /* of all texts */
};

/* The text's number, a new one when it has none. */
uint32_t names_add(struct names *names, text t);

/* The numbers in ascending order of their texts: ret[number] is the rank. In the arena. */
uint32_t *names_ranks(const struct names *names, struct arena *arena);

#endif
