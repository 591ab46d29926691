/* sync_rows.c: how far the lines of subscriptions have come, and what they are to give back. */
#include "bill/sync_rows.h"

static const struct field state_rows[] = {
    FIELD(struct sync_state, synced_to, INSTANT),
    FIELD(struct sync_state, settled_to, INSTANT),
};
static const struct fields state_fields = FIELDS("SyncState", struct sync_state, state_rows);

static const struct field credit_rows[] = {
    FIELD_ID(struct line_credit, line_id),
    FIELD_ID(struct line_credit, invoice_id),
    FIELD_ID(struct line_credit, subscription_id),
    FIELD(struct line_credit, reference, TEXT, .about = "Which charge of which item it was."),
    FIELD(struct line_credit, currency, TEXT),
    FIELD(struct line_credit, original, DEC, .about = "What was billed, before taxes."),
    FIELD(struct line_credit, kept, DEC, .about = "What the time that is left comes to."),
    FIELD(struct line_credit, amount, DEC,
          .about = "The difference, to be given back; below zero, too little was billed."),
    FIELD(struct line_credit, kept_to, INSTANT, .about = "Absent: nothing is left."),
    FIELD(struct line_credit, effective_at, INSTANT,
          .about = "When it is given back: with the change, which can be withdrawn until then."),
};
const struct fields line_credit_fields = FIELDS("LineCredit", struct line_credit, credit_rows);

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err sync_rows_state(struct cx *cx, struct store_tx *tx, struct subscription_id subscription,
                         struct sync_state *ret)
{
    CHECK(!ulid_is_zero(subscription.ulid) && ret != NULL);
    struct sync_state state = { INSTANT_NONE, INSTANT_NONE };
    struct store_call call = { .args = STORE_ARGS(
                                   store_ulid("subscription_id", subscription.ulid, cx->arena)) };
    enum err err =
        store_one(tx, SQL_SUBSCRIPTION_SYNC_GET, &call, STORE_AS(&state_fields, cx->arena), &state);
    if (err != OK && err != ERR_ABSENT)
        return err;
    *ret = state;
    return OK;
}

enum err sync_rows_set_state(struct cx *cx, struct store_tx *tx,
                             struct subscription_id subscription, const struct sync_state *state)
{
    CHECK(!ulid_is_zero(subscription.ulid));
    CHECK(!instant_is_none(state->synced_to));
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("subscription_id", subscription.ulid, cx->arena)),
        .fields = &state_fields,
        .record = state,
    };
    return store_run(tx, SQL_SUBSCRIPTION_SYNC_SET, &call, NULL);
}

enum err sync_rows_is_at(struct cx *cx, struct store_tx *tx,
                         const struct subscription *subscription, const struct sync_state *state,
                         bool *ret)
{
    CHECK(subscription != NULL && state != NULL && ret != NULL);
    int64_t count = 0;
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx),
                           store_ulid("subscription_id", subscription->id.ulid, cx->arena),
                           store_int("version", subscription->version)),
        .fields = &state_fields,
        .record = state,
    };
    enum err err = store_number(tx, SQL_SUBSCRIPTION_SYNC_IS_AT, &call, &count);
    if (err == OK)
        *ret = count == 1;
    return err;
}

enum err sync_rows_lines_of_item(struct cx *cx, struct store_tx *tx, struct item_id item,
                                 int64_t first, struct list *ret)
{
    CHECK(!ulid_is_zero(item.ulid) && first >= 0);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("item_id", item.ulid, cx->arena),
                           store_int("first", first)),
    };
    return store_all(tx, SQL_INVOICE_LINES_OF_ITEM, &call,
                     STORE_AS(&pending_line_fields, cx->arena), ret);
}

static struct store_call call_of_subscription(struct store_arg args[3], struct cx *cx,
                                              struct subscription_id subscription)
{
    args[0] = org_arg(cx);
    args[1] = store_ulid("subscription_id", subscription.ulid, cx->arena);
    args[2] = (struct store_arg){ 0 };
    return (struct store_call){ .args = args };
}

enum err sync_rows_lines_of_removed(struct cx *cx, struct store_tx *tx,
                                    struct subscription_id subscription, struct list *ret)
{
    CHECK(!ulid_is_zero(subscription.ulid));
    struct store_arg args[3];
    struct store_call call = call_of_subscription(args, cx, subscription);
    return store_all(tx, SQL_INVOICE_LINES_OF_REMOVED_ITEMS, &call,
                     STORE_AS(&pending_line_fields, cx->arena), ret);
}

enum err sync_rows_credits(struct cx *cx, struct store_tx *tx, struct subscription_id subscription,
                           struct list *ret)
{
    CHECK(!ulid_is_zero(subscription.ulid));
    struct store_arg args[3];
    struct store_call call = call_of_subscription(args, cx, subscription);
    return store_all(tx, SQL_LINE_CREDITS_OF_SUBSCRIPTION, &call,
                     STORE_AS(&line_credit_fields, cx->arena), ret);
}

enum err sync_rows_credits_of_invoice(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                                      struct list *ret)
{
    CHECK(!ulid_is_zero(invoice.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("invoice_id", invoice.ulid, cx->arena)),
    };
    return store_all(tx, SQL_LINE_CREDITS_OF_INVOICE, &call,
                     STORE_AS(&line_credit_fields, cx->arena), ret);
}

enum err sync_rows_credit_set(struct cx *cx, struct store_tx *tx, const struct line_credit *credit)
{
    CHECK(!ulid_is_zero(credit->line_id.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_instant("now", cx->now, cx->arena)),
        .fields = &line_credit_fields,
        .record = credit,
    };
    return store_run(tx, SQL_LINE_CREDIT_SET, &call, NULL);
}

enum err sync_rows_credit_delete(struct cx *cx, struct store_tx *tx, struct line_id line)
{
    CHECK(!ulid_is_zero(line.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("line_id", line.ulid, cx->arena)),
    };
    return store_run(tx, SQL_LINE_CREDIT_DELETE, &call, NULL);
}
