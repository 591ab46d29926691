/* tax_rates.h: the rates at which a tax code is taxed, written down by hand.
 *
 * A tax code has named rates ("VAT", "GST"), each a line in time: the entry with the latest
 * effective_from that is not after the instant holds, one without effective_from from the
 * beginning. Rates of different names hold side by side. A tax code without rates bears no tax
 * here; an app may reckon it instead.
 *
 * Not here: the arithmetic (rating/tax.h), and which code a line has (bill/).
 */
#ifndef CATALOG_TAX_RATES_H
#define CATALOG_TAX_RATES_H

#include "catalog/tax_code.h"
#include "rating/tax.h"

struct tax_rate_entry {
    text name;
    dec percentage;
    instant effective_from; /* INSTANT_NONE: from the beginning */
};

struct tax_code_rates {
    struct tax_code_id tax_code_id;
    struct org_id org_id;
    struct list rates; /* of struct tax_rate_entry */
    instant updated_at;
};

extern const struct fields tax_rate_entry_fields;
extern const struct fields tax_code_rates_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* Checks entries: percentages of at most 100 and LIMIT_TAX_RATE_DIGITS digits after the point, one
 * entry for each name and instant. Adds every fault to `problem`; returns whether there was none.
 */
NODISCARD bool tax_rates_check(const struct list *rates, struct problem *problem);

/* The rates that hold at t, by first appearance of their names: in the arena. */
const struct tax_rate *tax_rates_at(const struct list *rates, instant t, struct arena *arena,
                                    size_t *ret_count);

/* ---- flows --------------------------------------------------------------------------------- */

/* The rates of a tax code; an empty list when none were written. Refuses with TAX_CODE_ABSENT. */
NODISCARD enum err tax_rates_read(struct cx *cx, struct tax_code_id id, struct tax_code_rates *ret);

/* Replaces them. Invoices that have been issued keep what they bear. Refuses with TAX_CODE_ABSENT,
 * TAX_CODE_DELETED or FIELDS_INVALID. */
NODISCARD enum err tax_rates_write(struct cx *cx, struct tax_code_id id,
                                   const struct tax_code_rates *input, struct tax_code_rates *ret);

/* All rates of the organization, in the caller's transaction: a list of struct tax_code_rates. */
NODISCARD enum err tax_rates_all(struct cx *cx, struct store_tx *tx, struct list *ret);

#endif
