/* token_rows.h: tokens in the store. */
#ifndef IDENTITY_TOKEN_ROWS_H
#define IDENTITY_TOKEN_ROWS_H

#include "identity/token.h"

/* Stores a new token: its hash, never its secret. */
NODISCARD enum err token_insert(struct store_tx *tx, const struct token *token);

/* ERR_ABSENT when the context's organization has no such token. */
NODISCARD enum err token_load(struct cx *cx, struct store_tx *tx, struct token_id id,
                              struct token *ret);

/* Of whatever organization. ERR_ABSENT when there is none. */
NODISCARD enum err token_load_by_hash(struct store_tx *tx, text hash, struct arena *arena,
                                      struct token *ret);

/* The context's organization's. */
NODISCARD enum err token_load_page(struct cx *cx, struct store_tx *tx, struct page page,
                                   struct list *ret, int64_t *ret_total);

/* Sets revoked_at to the context's instant, unless it is set. */
NODISCARD enum err token_set_revoked(struct cx *cx, struct store_tx *tx, struct token_id id);

#endif
