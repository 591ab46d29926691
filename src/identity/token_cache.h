/* token_cache.h: the cache from inside; see token.h. Private to identity/.
 *
 * A fixed number of places, each for the hashes that end there: a newcomer takes the place of
 * whoever has it. What the store said is believed for TOKEN_CACHE_SECONDS on the machine's clock,
 * the injected one may stand still. Only tokens that were found are kept, so a flood of wrong
 * secrets pushes nobody out.
 */
#ifndef IDENTITY_TOKEN_CACHE_H
#define IDENTITY_TOKEN_CACHE_H

#include "identity/token.h"

/* The token with this hash, its texts copied into the arena; false when it is not known. Gives the
 * stamp to add with after a look into the store. */
NODISCARD bool token_cache_get(struct token_cache *cache, text hash, struct arena *arena,
                               struct token *ret, uint64_t *ret_stamp);

/* Remembers a token read from the store after the stamp was given; does nothing when there was a
 * token_cache_clear in between, as it may have been read before that. */
void token_cache_add(struct token_cache *cache, const struct token *token, uint64_t stamp);

/* Forgets all tokens. */
void token_cache_clear(struct token_cache *cache);

#endif
