/* currency_rows.h: custom currencies and cost bases in the store. */
#ifndef CATALOG_CURRENCY_ROWS_H
#define CATALOG_CURRENCY_ROWS_H

#include "catalog/currency.h"

/* ERR_ABSENT when there is none. */
NODISCARD enum err currency_load(struct cx *cx, struct store_tx *tx, struct currency_id id,
                                 struct billing_currency *ret);
NODISCARD enum err currency_load_by_code(struct cx *cx, struct store_tx *tx, text code,
                                         struct billing_currency *ret);

/* All custom ones of the organization. */
NODISCARD enum err currency_load_all(struct cx *cx, struct store_tx *tx, struct list *ret);

/* ERR_CONFLICT when the code is taken. */
NODISCARD enum err currency_insert(struct cx *cx, struct store_tx *tx,
                                   const struct billing_currency *currency);

/* Of what, and in what. */
struct cost_basis_pair {
    struct currency_id currency_id;
    text fiat_code;
};

/* The cost bases of one pair, settled, in time. */
NODISCARD enum err cost_basis_load_pair(struct cx *cx, struct store_tx *tx,
                                        const struct cost_basis_pair *pair, struct list *ret);

/* The one of a pair that holds at t; ERR_ABSENT when none does. */
NODISCARD enum err cost_basis_load_at(struct cx *cx, struct store_tx *tx,
                                      const struct cost_basis_pair *pair, instant t,
                                      struct cost_basis *ret);

/* Those of the whole organization, by fiat code and time. */
NODISCARD enum err cost_basis_load_all(struct cx *cx, struct store_tx *tx, struct list *ret);

/* One page of a currency's, the latest first. */
NODISCARD enum err cost_basis_load_page(struct cx *cx, struct store_tx *tx,
                                        const struct cost_basis_query *query, struct list *ret,
                                        int64_t *ret_total);

/* ERR_CONFLICT when another of the pair begins at the same instant. */
NODISCARD enum err cost_basis_insert(struct cx *cx, struct store_tx *tx,
                                     const struct cost_basis *basis);

#endif
