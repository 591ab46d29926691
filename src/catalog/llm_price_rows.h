/* llm_price_rows.h: prices of language models in the store. */
#ifndef CATALOG_LLM_PRICE_ROWS_H
#define CATALOG_LLM_PRICE_ROWS_H

#include "catalog/llm_price.h"

/* Both sources, with their views. */
NODISCARD enum err llm_price_load_all(struct cx *cx, struct store_tx *tx, struct list *ret);

/* Adds a price or replaces the one of the same source and key; `price` becomes what is stored. */
NODISCARD enum err llm_price_put(struct cx *cx, struct store_tx *tx, struct llm_price *price);

/* Removes an override; ERR_ABSENT when there is none. */
NODISCARD enum err llm_price_remove(struct cx *cx, struct store_tx *tx, struct llm_price_id id);

#endif
