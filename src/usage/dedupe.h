/* dedupe.h: from a key's fingerprint to the events that may have that key.
 *
 * Private to usage/; used by the commit thread only. An open-addressing table of eight bytes a
 * slot: the sequence and the high half of the fingerprint. The low half chooses the slot and is
 * kept by the event index, which is asked for it when an event moves to a larger table.
 *
 * Growing is done in steps: the larger table is made empty, each later insert moves a few slots
 * of the old one, and both are looked into until it is done. So no insert takes long.
 *
 * What it is not: a proof. The caller compares the keys themselves.
 */
#ifndef USAGE_DEDUPE_H
#define USAGE_DEDUPE_H

#include "base/base.h"

struct dedupe;

/* The low half of the fingerprint of an event that was inserted. */
typedef uint32_t dedupe_low(void *state, uint32_t sequence);

/* Whether the event with this sequence has the key that is looked for. */
typedef bool dedupe_is_same(void *state, uint32_t sequence);

/* An empty table; freed with dedupe_free. `low` is called with `state` while inserting. */
struct dedupe *dedupe_new(dedupe_low *low, void *state);

/* NULL is allowed. */
void dedupe_free(struct dedupe *dedupe);

/* The event for which `is_same` said true, among those with this fingerprint; 0 for none. */
uint32_t dedupe_find(const struct dedupe *dedupe, uint64_t fingerprint, dedupe_is_same *is_same,
                     void *state);

/* Adds an event that is not in it. Sequences start at 1. */
void dedupe_insert(struct dedupe *dedupe, uint64_t fingerprint, uint32_t sequence);

/* Bytes of memory in use. */
uint64_t dedupe_bytes(const struct dedupe *dedupe);

#endif
