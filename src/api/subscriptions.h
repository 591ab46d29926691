/* subscriptions.h: what the files of handlers for subscriptions share; private to this module. */
#ifndef API_SUBSCRIPTIONS_H
#define API_SUBSCRIPTIONS_H

#include "api/handlers.h"

#include "bill/billing.h"

/* The subscription in the path and the version that If-Match names. */
NODISCARD enum err path_subscription(struct api_call *call, struct subscription_target *ret);

/* A body that starts a subscription or changes to one, settled; every fault is named. */
NODISCARD enum err subscription_body_read(struct api_call *call, const struct fields *table,
                                          struct subscription_body *ret);

/* One subscription as the answer of a change, with its version as the ETag. */
enum err reply_subscription(struct api_call *call, const struct subscription *subscription);

#endif
