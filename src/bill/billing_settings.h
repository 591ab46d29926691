/* billing_settings.h: how an organization's automatic invoices are made, beyond what its billing
 * profiles say.
 */
#ifndef BILL_BILLING_SETTINGS_H
#define BILL_BILLING_SETTINGS_H

#include "codec/fields.h"
#include "identity/cx.h"

struct billing_settings {
    /* Most lines that an automatic run puts on an invoice: the earliest go first, the rest on
     * further invoices; 0: all on one. */
    int64_t lines_max;
};

/* What holds while nothing was set. */
struct billing_settings billing_settings_default(void);

extern const struct fields billing_settings_fields;

/* Those of the context's organization, in the caller's transaction. */
NODISCARD enum err billing_settings_load(struct cx *cx, struct store_tx *tx,
                                         struct billing_settings *ret);

/* In a transaction of their own; a change is written to the audit log. */
NODISCARD enum err billing_settings_get(struct cx *cx, struct billing_settings *ret);
NODISCARD enum err billing_settings_set(struct cx *cx, const struct billing_settings *settings);

#endif
