/* like.h: texts that are looked for inside others.
 *
 * Statements say `x LIKE $n ESCAPE '!'`; the argument is made here. Small letters on both sides are
 * the statement's business.
 */
#ifndef STORE_LIKE_H
#define STORE_LIKE_H

#include "store/store.h"

/* Binds a pattern that matches whatever contains `part`, printed into the arena; NULL when `part`
 * has ptr NULL. */
struct store_arg store_like(const char *name, text part, struct arena *arena);

#endif
