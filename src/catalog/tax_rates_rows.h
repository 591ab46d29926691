/* tax_rates_rows.h: the rates of tax codes in the store. */
#ifndef CATALOG_TAX_RATES_ROWS_H
#define CATALOG_TAX_RATES_ROWS_H

#include "catalog/tax_rates.h"

/* ERR_ABSENT when none were written. */
NODISCARD enum err tax_rates_load(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                                  struct tax_code_rates *ret);

/* Stores them in the place of what is there. */
NODISCARD enum err tax_rates_save(struct cx *cx, struct store_tx *tx,
                                  const struct tax_code_rates *rates);

#endif
