/* What profiles, overrides and apps mean for invoices, on a real store (konnect 5.12, E16). */
#include "bill/billing.h"
#include "bill/override.h"
#include "bill/workflow.h"
#include "lib/shop.h"
#include "lib/tap.h"

static struct invoice_workflow workflow_of(struct fixture *f, struct customer_id customer)
{
    struct invoice_workflow workflow;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    MUST(store_begin_read(f->cx.store, &tx) == OK);
    MUST(bill_workflow_of(&f->cx, tx, customer, &workflow) == OK);
    return workflow;
}

static struct customer customer_of(struct fixture *f, const char *key)
{
    return shop_customer(f, key, key);
}

static bool refuses(struct fixture *f, enum err err, enum fault fault)
{
    bool is_so = err == ERR_REFUSED && f->cx.problem.fault == fault;
    fixture_forget(f);
    return is_so;
}

static void test_plain(struct fixture *f)
{
    struct customer customer = customer_of(f, "plain");
    struct invoice_workflow before = workflow_of(f, customer.id);
    OK(ulid_is_zero(before.profile_id.ulid) && before.is_auto_advance,
       "without a profile the defaults hold");
    IS_TEXT(before.supplier.name, "Default", "and the organization bills");
    MUST(profile_ensure(&f->cx) == OK);
    struct invoice_workflow after = workflow_of(f, customer.id);
    OK(!ulid_is_zero(after.profile_id.ulid) && !ulid_is_zero(after.payment_app.id.ulid),
       "the default profile has apps");
    OK(span_equal(after.due_after, before.due_after) &&
           span_equal(after.collection_interval, before.collection_interval) &&
           after.is_progressive && after.is_tax_enabled && !after.is_tax_enforced,
       "and says what holds without it");
    IS_TEXT(after.invoicing_app.type, "sandbox", "it is on the sandbox");
}

static void test_override(struct fixture *f)
{
    struct customer customer = customer_of(f, "own");
    struct override input;
    struct override_details details;
    text id = ulid_text(f->cx.arena, customer.id.ulid);
    shop_read(f, &override_body_fields,
              TEXT("{\"workflow\":{\"invoicing\":{\"auto_advance\":false,\"draft_period\":\"P3D\"},"
                   "\"payment\":{\"collection_method\":\"send_invoice\",\"due_after\":\"P9D\"},"
                   "\"collection\":{\"alignment\":{\"type\":\"anchored\",\"recurring_period\":"
                   "{\"interval\":\"P1W\",\"anchor\":\"2026-01-05T00:00:00Z\"}}}}}"),
              &input);
    MUST(override_put(&f->cx, id, &input, DIALECT_V3, &details) == OK);
    struct invoice_workflow workflow = workflow_of(f, customer.id);
    OK(!workflow.is_auto_advance && workflow.collection_method == COLLECT_SEND_INVOICE &&
           span_equal(workflow.draft_period, (span){ .days = 3 }) &&
           span_equal(workflow.due_after, (span){ .days = 9 }),
       "the customer's own settings hold");
    OK(workflow.alignment == ALIGN_ANCHORED &&
           span_equal(workflow.anchor_interval, (span){ .weeks = 1 }) &&
           span_equal(workflow.collection_interval, (span){ .hours = 1 }),
       "those of the profile under them");
    MUST(override_delete(&f->cx, id) == OK);
    OK(workflow_of(f, customer.id).is_auto_advance, "without them the profile's hold");
    OK(refuses(f, override_delete(&f->cx, id), FAULT_OVERRIDE_ABSENT), "they are gone");
}

static void test_data(struct fixture *f)
{
    struct customer customer = customer_of(f, "data");
    struct list apps, none;
    int64_t total;
    text id = ulid_text(f->cx.arena, customer.id.ulid);
    MUST(app_list(&f->cx, (struct page){ 1, 10 }, &apps, &total) == OK && total == 1);
    const struct app *sandbox = apps.items;
    MUST(app_data_list(&f->cx, id, FIELD_ENUM_NONE, &none) == OK);
    OK(none.count == 0, "a customer has no data in apps at first");
    OK(refuses(f, app_data_delete(&f->cx, id, sandbox->id), FAULT_APP_DATA_ABSENT),
       "and nothing to delete");
    OK(refuses(f, app_uninstall(&f->cx, sandbox->id), FAULT_APP_IN_USE),
       "an app that a profile uses stays");
}

/* A default profile from before there were apps. */
static void test_older(void)
{
    struct fixture f;
    struct store_tx *tx;
    struct list profiles;
    int64_t total;
    struct profile_query query = { .page = { 1, 10 } };
    fixture_open(&f, "2026-01-01T00:00:00Z");
    struct profile old = { .id = { cx_ulid(&f.cx) },
                           .org_id = f.cx.org,
                           .name = TEXT("Old"),
                           .workflow = settings_none(),
                           .is_default = true,
                           .created_at = f.cx.now,
                           .updated_at = f.cx.now };
    struct store_call call = {
        .args = STORE_ARGS(store_text("supplier", TEXT_NONE), store_text("workflow", TEXT_NONE)),
        .fields = &profile_fields,
        .record = &old,
    };
    MUST(store_begin_write(f.cx.store, &tx) == OK);
    MUST(store_run(tx, SQL_BILLING_PROFILE_INSERT, &call, NULL) == OK);
    MUST(store_commit(tx) == OK);
    MUST(profile_list(&f.cx, &query, &profiles, &total) == OK);
    const struct profile *profile = profiles.items;
    OK(total == 1 && ulid_equal(profile->id.ulid, old.id.ulid), "it is the default still");
    OK(!ulid_is_zero(profile->invoicing_app_id.ulid) &&
           ulid_equal(profile->payment_app_id.ulid, profile->tax_app_id.ulid),
       "it is given the sandbox");
    IS_TEXT(profile->supplier.name, "Default", "and a supplier");
    IS_TEXT(profile->workflow.invoicing.due_after, "P30D", "and settings");
    fixture_close(&f);
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    test_plain(&f);
    test_override(&f);
    test_data(&f);
    fixture_close(&f);
    test_older();
    return tap_end();
}
