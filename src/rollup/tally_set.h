/* tally_set.h: the distinct values of a tally: words, or numbers with how often each came.
 *
 * Private to rollup/. Items lie densely in the order in which they came; from a few on there is a
 * hash table of their numbers beside them. Both grow by doubling, in an arena.
 */
#ifndef ROLLUP_TALLY_SET_H
#define ROLLUP_TALLY_SET_H

#include "base/dec.h"
#include "base/text.h"

struct tally_number {
    dec number; /* without trailing zeros, so that equal numbers are equal bytes */
    int64_t count;
};

struct tally_set {
    text *words;                  /* one of the two */
    struct tally_number *numbers; /* the other */
    uint32_t count;
    uint32_t room;
    uint32_t *slots; /* item number + 1; 0 when free; NULL while there are few, or after sorting */
    uint32_t slot_count;
    bool is_sorted;
};

/* An empty set with room for so many. */
struct tally_set *tally_set_new(struct arena *arena, bool is_numbers, uint32_t room);

/* Adds a word, copied into the arena when it is new. */
void tally_set_add_word(struct tally_set *set, text word, struct arena *arena);

/* Adds a number that came `count` times. */
void tally_set_add_number(struct tally_set *set, dec number, int64_t count, struct arena *arena);

/* Puts the items in ascending order. */
void tally_set_sort(struct tally_set *set);

#endif
