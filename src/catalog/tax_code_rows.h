/* tax_code_rows.h: tax codes and the defaults in the store. */
#ifndef CATALOG_TAX_CODE_ROWS_H
#define CATALOG_TAX_CODE_ROWS_H

#include "catalog/tax_code.h"

/* The tax code with this id, also a deleted one; ERR_ABSENT when there is none. */
NODISCARD enum err tax_code_load(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                                 struct tax_code *ret);

/* The tax code with this key that is not deleted; ERR_ABSENT when there is none. */
NODISCARD enum err tax_code_load_by_key(struct cx *cx, struct store_tx *tx, text key,
                                        struct tax_code *ret);

/* ERR_CONFLICT when the key is taken. */
NODISCARD enum err tax_code_insert(struct cx *cx, struct store_tx *tx, const struct tax_code *code);

/* Saves all that may change. */
NODISCARD enum err tax_code_save(struct cx *cx, struct store_tx *tx, const struct tax_code *code);

/* One page, oldest first, and how many there are on all pages. */
NODISCARD enum err tax_code_load_page(struct cx *cx, struct store_tx *tx, bool include_deleted,
                                      struct page page, struct list *ret);
NODISCARD enum err tax_code_count(struct cx *cx, struct store_tx *tx, bool include_deleted,
                                  int64_t *ret);

/* How many versions of plans and of add-ons, not deleted, name the tax code. */
NODISCARD enum err tax_code_count_uses(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                                       int64_t *ret_plans, int64_t *ret_addons);

/* The organization's defaults, with their views; ERR_ABSENT before they were made. */
NODISCARD enum err tax_defaults_load(struct cx *cx, struct store_tx *tx, struct tax_defaults *ret);
NODISCARD enum err tax_defaults_insert(struct cx *cx, struct store_tx *tx,
                                       const struct tax_defaults *defaults);
NODISCARD enum err tax_defaults_save(struct cx *cx, struct store_tx *tx,
                                     const struct tax_defaults *defaults);

#endif
