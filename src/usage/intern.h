/* intern.h: small numbers for texts that come again and again: types, subjects, orgs.
 *
 * Private to usage/. One thread adds; any thread finds. Numbers count up from 0 and are never
 * given back. A finder waits for an adder only while a new text goes in.
 */
#ifndef USAGE_INTERN_H
#define USAGE_INTERN_H

#include "base/text.h"

struct intern;

/* An empty table, freed with intern_free. `salt` keeps clients from making texts collide. */
struct intern *intern_new(uint64_t salt);

/* NULL is allowed. */
void intern_free(struct intern *intern);

/* The hash by which a table with this salt knows the text. */
uint64_t intern_hash(text t, uint64_t salt);

/* The salt it was made with. */
uint64_t intern_salt(const struct intern *intern);

/* The number of a text with this intern_hash, a new one when it has none. The text is copied. One
 * thread only. */
uint32_t intern_add(struct intern *intern, text t, uint64_t hash);

/* Hints that a text with this hash will be added soon. The adder's thread. */
void intern_prefetch(const struct intern *intern, uint64_t hash);

/* The same, for what the first hint has brought. */
void intern_prefetch_text(const struct intern *intern, uint64_t hash);

/* The text with a number that was given. The adder's thread. */
text intern_text(const struct intern *intern, uint32_t number);

/* The text's number; false when it has none. Any thread. */
NODISCARD bool intern_find(struct intern *intern, text t, uint32_t *ret);

/* How many numbers there are. Any thread. */
uint32_t intern_count(struct intern *intern);

/* Bytes of memory in use, about. Any thread. */
size_t intern_bytes(struct intern *intern);

#endif
