/* bill_rows.c: gathering invoices and pending lines in the store. */
#include "bill/bill_rows.h"

#include "bill/billing.h"
#include "bill/invoice_app.h"
#include "bill/invoice_collect.h"
#include "bill/override.h"

static const struct field pending_line_rows[] = {
    FIELD_ID(struct pending_line, id),
    FIELD_ID(struct pending_line, org_id),
    FIELD_ID(struct pending_line, invoice_id),
    FIELD_ID(struct pending_line, subscription_id),
    FIELD_ID(struct pending_line, phase_id),
    FIELD_ID(struct pending_line, item_id),
    FIELD(struct pending_line, period_index, INT),
    FIELD(struct pending_line, part_index, INT),
    FIELD_ID(struct pending_line, group_id),
    FIELD(struct pending_line, is_open_part, BOOL),
    FIELD_ID(struct pending_line, adjusts_id),
    FIELD_WORD(struct pending_line, managed_by, line_managed_by_words),
    FIELD(struct pending_line, reference, TEXT),
    FIELD(struct pending_line, name, TEXT),
    FIELD(struct pending_line, description, TEXT),
    FIELD(struct pending_line, labels, TEXT_MAP),
    FIELD_ID(struct pending_line, feature_id),
    FIELD(struct pending_line, feature_key, TEXT),
    FIELD(struct pending_line, currency, TEXT),
    FIELD_STRUCT(struct pending_line, terms, &price_terms_fields, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct pending_line, tax, &rate_card_tax_v1_fields,
                 .set_offset = offsetof(struct pending_line, has_tax)),
    FIELD_WORD(struct pending_line, payment_term, payment_term_words),
    FIELD(struct pending_line, is_pro_rating, BOOL),
    FIELD(struct pending_line, service_from, INSTANT),
    FIELD(struct pending_line, service_to, INSTANT),
    FIELD(struct pending_line, full_from, INSTANT),
    FIELD(struct pending_line, full_to, INSTANT),
    FIELD(struct pending_line, billing_from, INSTANT),
    FIELD(struct pending_line, billing_to, INSTANT),
    FIELD(struct pending_line, invoice_at, INSTANT),
    FIELD(struct pending_line, collect_at, INSTANT),
    FIELD(struct pending_line, created_at, INSTANT),
    FIELD(struct pending_line, updated_at, INSTANT),
    FIELD(struct pending_line, deleted_at, INSTANT),
    FIELD_WORD(struct pending_line, invoice_state, invoice_state_words),
};
const struct fields pending_line_fields =
    FIELDS("PendingLine", struct pending_line, pending_line_rows);

static const struct field gathering_rows[] = {
    FIELD_ID(struct gathering, id),
    FIELD_ID(struct gathering, org_id),
    FIELD_ID(struct gathering, customer_id),
    FIELD_ID(struct gathering, profile_id),
    FIELD(struct gathering, number, TEXT),
    FIELD(struct gathering, currency, TEXT),
    FIELD(struct gathering, version, INT),
    FIELD(struct gathering, next_collection_at, INSTANT),
    FIELD(struct gathering, created_at, INSTANT),
    FIELD(struct gathering, updated_at, INSTANT),
};
static const struct fields gathering_fields = FIELDS("Gathering", struct gathering, gathering_rows);

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err bill_rows_gatherings(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                              struct list *ret)
{
    CHECK(!ulid_is_zero(customer.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer.ulid, cx->arena))
    };
    return store_all(tx, SQL_INVOICE_GATHERING_OF_CUSTOMER, &call,
                     STORE_AS(&gathering_fields, cx->arena), ret);
}

enum err bill_rows_gathering_get(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                 struct gathering *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)),
    };
    return store_one(tx, SQL_INVOICE_GATHERING_GET, &call, STORE_AS(&gathering_fields, cx->arena),
                     ret);
}

/* The profile that the customer is billed by, made with the first invoice. */
static enum err profile_need(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                             struct profile_id *ret)
{
    struct profile profile;
    struct profile_settings settings;
    enum err err = override_effective(cx, tx, customer, &profile, &settings);
    if (err == ERR_ABSENT)
        err = profile_default(cx, tx, &profile);
    if (err == OK)
        *ret = profile.id;
    return err;
}

enum err bill_rows_number_next(struct cx *cx, struct store_tx *tx, text series, int64_t *ret)
{
    CHECK(!text_is_empty(series) && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("name", series)) };
    return store_number(tx, SQL_NUMBER_SEQUENCE_STEP, &call, ret);
}

enum err invoice_number_take(struct cx *cx, struct store_tx *tx, text series, text customer_name,
                             text *ret)
{
    int64_t n = 0;
    enum err err = bill_rows_number_next(cx, tx, series, &n);
    if (err == OK)
        *ret = invoice_number_series(cx->arena, series, customer_name, n);
    return err;
}

static enum err gathering_make(struct cx *cx, struct store_tx *tx, const struct customer *customer,
                               text currency, struct gathering *ret)
{
    int64_t number = 0;
    struct gathering made = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .customer_id = customer->id,
        .currency = currency,
        .next_collection_at = INSTANT_NONE,
        .created_at = cx->now,
        .updated_at = cx->now,
    };
    enum err err = profile_need(cx, tx, customer->id, &made.profile_id);
    if (err == OK)
        err = bill_rows_number_next(cx, tx, TEXT("gathering"), &number);
    if (err != OK)
        return err;
    made.number = invoice_number_gathering(cx->arena, customer->name, currency, number);
    struct store_call call = { .fields = &gathering_fields, .record = &made };
    err = store_run(tx, SQL_INVOICE_GATHERING_INSERT, &call, NULL);
    if (err == OK)
        *ret = made;
    return err;
}

enum err bill_rows_gather(struct cx *cx, struct store_tx *tx, const struct customer *customer,
                          text currency, struct gathering *ret)
{
    CHECK(customer != NULL && ret != NULL);
    CHECK(!text_is_empty(currency));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer->id.ulid, cx->arena),
                           store_text("currency", currency)),
    };
    enum err err = store_one(tx, SQL_INVOICE_GATHERING_FIND, &call,
                             STORE_AS(&gathering_fields, cx->arena), ret);
    if (err == ERR_ABSENT)
        err = gathering_make(cx, tx, customer, currency, ret);
    return err;
}

enum err bill_rows_drop_empty(struct cx *cx, struct store_tx *tx, struct customer_id customer)
{
    CHECK(!ulid_is_zero(customer.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer.ulid, cx->arena),
                           store_instant("now", cx->now, cx->arena)),
    };
    enum err err = store_run(tx, SQL_INVOICE_GATHERING_DROP_EMPTY, &call, NULL);
    if (err == OK)
        err = store_run(tx, SQL_INVOICE_GATHERING_BURY_EMPTY, &call, NULL);
    return err;
}

enum err bill_rows_lines_of_invoice(struct cx *cx, struct store_tx *tx, struct invoice_id invoice,
                                    struct list *ret)
{
    CHECK(!ulid_is_zero(invoice.ulid));
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("invoice_id", invoice.ulid, cx->arena))
    };
    return store_all(tx, SQL_INVOICE_LINES_OF_INVOICE, &call,
                     STORE_AS(&pending_line_fields, cx->arena), ret);
}

struct later {
    instant invoice_at;
};
static const struct field later_rows[] = { FIELD(struct later, invoice_at, INSTANT) };
static const struct fields later_fields = FIELDS("Later", struct later, later_rows);

enum err bill_rows_collectable(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                               instant as_of, struct collectable *ret)
{
    CHECK(!ulid_is_zero(id.ulid) && !instant_is_none(as_of));
    CHECK(ret != NULL);
    struct list lines;
    struct later later = { INSTANT_NONE };
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("invoice_id", id.ulid, cx->arena),
                           store_instant("as_of", as_of, cx->arena)),
    };
    enum err err = store_all(tx, SQL_INVOICE_LINES_TO_COLLECT, &call,
                             STORE_AS(&pending_line_fields, cx->arena), &lines);
    if (err == OK)
        err = store_one(tx, SQL_INVOICE_LINES_LATER, &call, STORE_AS(&later_fields, cx->arena),
                        &later);
    if (err == OK)
        *ret = (struct collectable){ lines, later.invoice_at };
    return err;
}

enum err bill_rows_line_insert(struct store_tx *tx, const struct pending_line *line)
{
    CHECK(!ulid_is_zero(line->id.ulid) && !ulid_is_zero(line->invoice_id.ulid));
    struct store_call call = { .fields = &pending_line_fields, .record = line };
    return store_run(tx, SQL_INVOICE_LINE_INSERT, &call, NULL);
}

enum err bill_rows_line_update(struct store_tx *tx, const struct pending_line *line)
{
    CHECK(!ulid_is_zero(line->id.ulid));
    struct store_call call = { .fields = &pending_line_fields, .record = line };
    return store_run(tx, SQL_INVOICE_LINE_SET_TIMES, &call, NULL);
}

enum err bill_rows_line_delete(struct cx *cx, struct store_tx *tx, struct line_id id)
{
    CHECK(!ulid_is_zero(id.ulid));
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", id.ulid, cx->arena)) };
    return store_run(tx, SQL_INVOICE_LINE_DELETE, &call, NULL);
}

enum err bill_rows_line_withdraw(struct cx *cx, struct store_tx *tx, struct line_id id)
{
    CHECK(!ulid_is_zero(id.ulid));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    return store_run(tx, SQL_INVOICE_LINE_WITHDRAW, &call, NULL);
}

enum err bill_rows_touch(struct cx *cx, struct store_tx *tx, struct invoice_id id)
{
    CHECK(!ulid_is_zero(id.ulid));
    struct gathering gathering;
    struct invoice_workflow workflow;
    struct list lines;
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    enum err err = store_run(tx, SQL_INVOICE_GATHERING_TOUCH, &call, NULL);
    if (err == OK)
        err = bill_rows_gathering_get(cx, tx, id, &gathering);
    if (err == ERR_ABSENT)
        return OK;
    if (err == OK)
        err = bill_workflow_of(cx, tx, gathering.customer_id, &workflow);
    if (err == OK)
        err = bill_rows_lines_of_invoice(cx, tx, id, &lines);
    if (err != OK)
        return err;
    return bill_rows_schedule(cx, tx, &gathering, collect_next_at(&workflow, &lines));
}

enum err bill_rows_added(struct cx *cx, struct store_tx *tx, const struct gathering *gathering,
                         const struct invoice_workflow *workflow, const struct list *lines)
{
    CHECK(gathering != NULL && workflow != NULL);
    CHECK(lines != NULL && lines->count > 0);
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", gathering->id.ulid, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    enum err err = store_run(tx, SQL_INVOICE_GATHERING_TOUCH, &call, NULL);
    instant next = collect_next_at(workflow, lines);
    if (err != OK)
        return err;
    instant before = gathering->next_collection_at;
    if (!instant_is_none(before) && !instant_before(next, before))
        return OK;
    return bill_rows_schedule(cx, tx, gathering, next);
}

enum err bill_rows_schedule(struct cx *cx, struct store_tx *tx, const struct gathering *gathering,
                            instant next)
{
    CHECK(gathering != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("id", gathering->id.ulid, cx->arena),
                           store_instant("next_collection_at", next, cx->arena)),
    };
    if (instant_equal(gathering->next_collection_at, next))
        return OK;
    enum err err = store_run(tx, SQL_INVOICE_GATHERING_SCHEDULE, &call, NULL);
    if (err == OK && !instant_is_none(next))
        err = due_schedule(cx, tx, TEXT(DUE_INVOICE_COLLECT), gathering->id.ulid, next);
    return err;
}

enum err bill_rows_take(struct cx *cx, struct store_tx *tx, const struct gathering *gathering,
                        instant next)
{
    CHECK(gathering != NULL && gathering->version >= 1);
    int64_t changed = 0;
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", gathering->id.ulid, cx->arena),
                           store_int("version", gathering->version),
                           store_instant("next_collection_at", next, cx->arena)),
    };
    enum err err = store_run(tx, SQL_INVOICE_GATHERING_TAKE, &call, &changed);
    if (err == OK && changed != 1)
        err = ERR_CONFLICT;
    if (err == OK && !instant_is_none(next))
        err = due_schedule(cx, tx, TEXT(DUE_INVOICE_COLLECT), gathering->id.ulid, next);
    return err;
}
