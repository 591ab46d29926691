/* subscription_settings_rows.c: an organization's settings of subscriptions. */
#include "subscribe/subscription_settings.h"

#include "identity/audit.h"

static const struct field settings_rows[] = {
    FIELD_AS(struct subscription_settings, is_multiple, "multiple_subscriptions", BOOL,
             .flags = FIELD_NOT_COLUMN,
             .about = "Whether a customer can have several subscriptions at a time, as long as no "
                      "key is priced or entitled by two of them."),
    FIELD_AS(struct subscription_settings, may_start_in_past, "start_in_past", BOOL,
             .flags = FIELD_NOT_COLUMN,
             .about = "Whether a subscription can start more than two minutes ago; it is caught "
                      "up with period by period."),
};
const struct fields subscription_settings_fields =
    FIELDS("SubscriptionSettings", struct subscription_settings, settings_rows);

static const struct field column_rows[] = {
    FIELD(struct subscription_settings, is_multiple, BOOL, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_settings, may_start_in_past, BOOL, .flags = FIELD_NOT_JSON),
};
static const struct fields column_fields =
    FIELDS("SubscriptionSettingsRow", struct subscription_settings, column_rows);

enum err subscription_settings_load(struct cx *cx, struct store_tx *tx,
                                    struct subscription_settings *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct subscription_settings found;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)),
    };
    enum err err = store_one(tx, SQL_SUBSCRIPTION_SETTINGS_GET, &call,
                             STORE_AS(&column_fields, cx->arena), &found);
    if (err == ERR_ABSENT) {
        *ret = (struct subscription_settings){ 0 };
        return OK;
    }
    if (err == OK)
        *ret = found;
    return err;
}

enum err subscription_settings_get(struct cx *cx, struct subscription_settings *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subscription_settings_load(cx, tx, ret);
    return err;
}

enum err subscription_settings_set(struct cx *cx, const struct subscription_settings *settings)
{
    CHECK(cx != NULL && settings != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)),
        .fields = &column_fields,
        .record = settings,
    };
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = store_run(tx, SQL_SUBSCRIPTION_SETTINGS_SET, &call, NULL);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription_settings.set"), (ulid){ 0 }, TEXT_NONE);
    return store_finish(&tx, err);
}
