/* subscription_settings.h: what an organization allows of subscriptions beyond the contracts'
 * defaults. Both are off unless they were set.
 */
#ifndef SUBSCRIBE_SUBSCRIPTION_SETTINGS_H
#define SUBSCRIBE_SUBSCRIPTION_SETTINGS_H

#include "codec/fields.h"
#include "identity/cx.h"

struct subscription_settings {
    bool is_multiple;       /* several at a time; then no key may be priced or entitled twice */
    bool may_start_in_past; /* starts more than two minutes back are caught up with */
};

extern const struct fields subscription_settings_fields;

/* Those of the context's organization, in the caller's transaction. */
NODISCARD enum err subscription_settings_load(struct cx *cx, struct store_tx *tx,
                                              struct subscription_settings *ret);

/* In a transaction of their own; a change is written to the audit log. */
NODISCARD enum err subscription_settings_get(struct cx *cx, struct subscription_settings *ret);
NODISCARD enum err subscription_settings_set(struct cx *cx,
                                             const struct subscription_settings *settings);

#endif
