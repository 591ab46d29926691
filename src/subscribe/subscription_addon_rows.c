/* subscription_addon_rows.c: bought add-ons in the store. */
#include "subscribe/subscription_addon_rows.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err subscription_addons_load(struct cx *cx, struct store_tx *tx,
                                  struct subscription_id subscription, struct list *ret)
{
    CHECK(!ulid_is_zero(subscription.ulid) && ret != NULL);
    struct store_call call = {
        .args =
            STORE_ARGS(org_arg(cx), store_ulid("subscription_id", subscription.ulid, cx->arena)),
    };
    return store_all(tx, SQL_SUBSCRIPTION_ADDONS, &call,
                     STORE_AS(&subscription_addon_fields, cx->arena), ret);
}

enum err subscription_addon_rows_insert(struct store_tx *tx, const struct subscription_addon *addon)
{
    CHECK(!ulid_is_zero(addon->id.ulid) && addon->timeline.count > 0);
    struct store_call call = { .fields = &subscription_addon_fields, .record = addon };
    return store_run(tx, SQL_SUBSCRIPTION_ADDON_INSERT, &call, NULL);
}

enum err subscription_addon_rows_update(struct store_tx *tx, const struct subscription_addon *addon)
{
    CHECK(!ulid_is_zero(addon->id.ulid) && addon->timeline.count > 0);
    struct store_call call = { .fields = &subscription_addon_fields, .record = addon };
    return store_run(tx, SQL_SUBSCRIPTION_ADDON_UPDATE, &call, NULL);
}
