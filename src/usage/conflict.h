/* conflict.h: the latest repetitions of an event that said something else than the first one.
 *
 * Private to usage/; usage_conflicts shows them. Only so many are kept, in memory, and in a small
 * file over restarts: the counters tell how many there were. Any thread.
 */
#ifndef USAGE_CONFLICT_H
#define USAGE_CONFLICT_H

#include "usage/usage.h"

struct conflicts;

#define CONFLICTS_NAME "conflicts" /* of the file, in the store's directory */

/* An empty ring; freed with conflicts_free. */
struct conflicts *conflicts_new(void);

/* Frees the ring. NULL is allowed. */
void conflicts_free(struct conflicts *conflicts);

/* Keeps that `second` repeats the key of `first` and says something else. */
void conflicts_add(struct conflicts *conflicts, const struct usage_event *first,
                   const struct usage_event *second);

/* Whether two records of one key say something else; then it is kept, too. */
bool conflicts_find(struct conflicts *conflicts, const unsigned char *first,
                    const unsigned char *second);

/* Forgets those of an organization whose first event has one of these sequences, or none. */
void conflicts_forget(struct conflicts *conflicts, struct org_id org, const uint64_t *sequences,
                      size_t count);

/* Writes the list to its file, when it has changed since that was written. */
NODISCARD enum err conflicts_save(struct conflicts *conflicts, struct usage_io *io,
                                  const char *directory);

/* Fills an empty ring from the file; one that is missing or damaged is an empty list. Whether it
 * was missing or whole. */
bool conflicts_load(struct conflicts *conflicts, struct usage_io *io, const char *directory);

/* usage_conflicts, with the ring instead of the store. */
size_t conflicts_list(struct conflicts *conflicts, struct org_id org, struct arena *arena,
                      struct usage_conflict **ret);

#endif
