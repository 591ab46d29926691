/* override_flow.c: the commands on customers' overrides, and what holds for a customer. */
#include "bill/app_rows.h"
#include "bill/profile_rows.h"
#include "bill/workflow.h"
#include "identity/audit.h"
#include "identity/org_rows.h"

/* ---- what holds ---------------------------------------------------------------------------- */

/* A customer's override, or one that says nothing. */
static enum err override_gather(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                struct override *ret, bool *ret_is_there)
{
    enum err err = override_rows_get(cx, tx, customer, ret);
    *ret_is_there = err == OK;
    if (err == ERR_ABSENT)
        *ret = (struct override){ .customer_id = customer, .workflow = settings_none() };
    return err == ERR_ABSENT ? OK : err;
}

/* The profile that an override leads to. */
static enum err base_gather(struct cx *cx, struct store_tx *tx, const struct override *override,
                            struct profile *ret)
{
    if (!ulid_is_zero(override->profile_id.ulid))
        return profile_rows_get(cx, tx, override->profile_id, ret);
    enum err err = profile_rows_default(cx, tx, ret);
    return err == OK && ulid_is_zero(ret->invoicing_app_id.ulid) ? ERR_ABSENT : err;
}

enum err override_effective(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                            struct profile *ret_profile, struct profile_settings *ret_settings)
{
    CHECK(cx != NULL && tx != NULL && ret_profile != NULL && ret_settings != NULL);
    struct override override;
    bool is_there = false;
    enum err err = override_gather(cx, tx, customer, &override, &is_there);
    if (err == OK)
        err = base_gather(cx, tx, &override, ret_profile);
    if (err == OK)
        *ret_settings = settings_merge(&ret_profile->workflow, &override.workflow);
    return err;
}

/* ---- for invoices -------------------------------------------------------------------------- */

static struct invoice_supplier supplier_of(const struct profile *profile, struct arena *arena)
{
    const struct party *party = &profile->supplier;
    return (struct invoice_supplier){
        .id = ulid_text(arena, profile->org_id.ulid),
        .key = party->key,
        .name = party->name,
        .tax_code = party->has_tax_id ? party->tax_id.code : TEXT_NONE,
        .has_address = party->has_address,
        .address = party->address,
    };
}

static enum err workflow_app_gather(struct cx *cx, struct store_tx *tx, struct app_id id,
                                    struct workflow_app *ret)
{
    struct app app;
    enum err err = app_rows_get(cx, tx, id, &app);
    if (err == OK)
        *ret = (struct workflow_app){ { id.ulid }, text_of(app_type_words[app.type]) };
    return err;
}

/* Most profiles use one app for everything. */
static enum err workflow_apps_gather(struct cx *cx, struct store_tx *tx,
                                     const struct profile *profile, struct invoice_workflow *ret)
{
    const struct app_id ids[] = { profile->tax_app_id, profile->invoicing_app_id,
                                  profile->payment_app_id };
    struct workflow_app apps[COUNT_OF(ids)];
    enum err err = workflow_app_gather(cx, tx, ids[0], &apps[0]);
    for (size_t i = 1; i < COUNT_OF(ids) && err == OK; i++) {
        apps[i] = apps[i - 1];
        if (!ulid_equal(ids[i].ulid, ids[i - 1].ulid))
            err = workflow_app_gather(cx, tx, ids[i], &apps[i]);
    }
    if (err != OK)
        return err;
    ret->tax_app = apps[0];
    ret->invoicing_app = apps[1];
    ret->payment_app = apps[2];
    return OK;
}

static void settings_take(struct invoice_workflow *workflow,
                          const struct profile_settings *settings)
{
    const struct settings_alignment_choice *alignment = &settings->collection.alignment;
    bool is_anchored = alignment->type == ALIGNMENT_ANCHORED;
    workflow->alignment = is_anchored ? ALIGN_ANCHORED : ALIGN_SUBSCRIPTION;
    if (is_anchored) {
        workflow->anchor_interval = settings_span(alignment->recurring_period.interval);
        workflow->anchor = alignment->recurring_period.anchor;
    }
    workflow->collection_interval = settings_span(settings->collection.interval);
    workflow->is_auto_advance = settings->invoicing.auto_advance;
    workflow->draft_period = settings_span(settings->invoicing.draft_period);
    workflow->due_after = settings_span(settings->invoicing.due_after);
    workflow->is_progressive = settings->invoicing.progressive_billing;
    workflow->end_proration = settings->invoicing.proration_mode == PRORATE_FULL_PERIOD
                                  ? END_BILLS_FULL_PERIOD
                                  : END_BILLS_ACTUAL_PERIOD;
    workflow->has_default_tax = settings->tax.has_default_tax_config;
    workflow->default_tax = settings->tax.default_tax_config;
    workflow->collection_method = settings->payment.collection_method == SEND_INVOICE
                                      ? COLLECT_SEND_INVOICE
                                      : COLLECT_AUTOMATICALLY;
    workflow->dunning = (struct dunning){
        settings->payment.dunning.retry_after,
        settings->payment.dunning.after_retries == AFTER_RETRIES_UNCOLLECTIBLE,
    };
    workflow->is_tax_enabled = settings->tax.enabled;
    workflow->is_tax_enforced = settings->tax.enforced;
}

/* Without a profile: the sandbox's defaults, billed by the organization. */
static enum err workflow_plain(struct cx *cx, struct store_tx *tx, struct invoice_workflow *ret)
{
    struct org org;
    enum err err = org_load(tx, cx->org, cx->arena, &org);
    if (err != OK)
        return err;
    *ret = invoice_workflow_default();
    ret->supplier =
        (struct invoice_supplier){ .id = ulid_text(cx->arena, org.id.ulid), .name = org.name };
    return OK;
}

enum err bill_workflow_of(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                          struct invoice_workflow *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    CHECK(!ulid_is_zero(customer.ulid));
    struct invoice_workflow workflow = invoice_workflow_default();
    struct profile profile;
    struct profile_settings settings;
    enum err err = override_effective(cx, tx, customer, &profile, &settings);
    if (err == ERR_ABSENT) {
        err = workflow_plain(cx, tx, ret);
        return err == OK ? customer_time_zone(cx, tx, customer, &ret->time_zone) : err;
    }
    if (err != OK)
        return err;
    workflow.profile_id = profile.id;
    workflow.supplier = supplier_of(&profile, cx->arena);
    settings_take(&workflow, &settings);
    err = workflow_apps_gather(cx, tx, &profile, &workflow);
    if (err == OK)
        err = customer_time_zone(cx, tx, customer, &workflow.time_zone);
    if (err == OK)
        *ret = workflow;
    return err;
}

/* ---- answers ------------------------------------------------------------------------------- */

static enum err details_gather(struct cx *cx, struct store_tx *tx, const struct customer *customer,
                               const struct override_query *query, struct override_details *ret)
{
    struct override_details details = { .customer = *customer,
                                        .has_customer = query->expands_customer };
    struct profile profile;
    enum err err = override_gather(cx, tx, customer->id, &details.override, &details.has_override);
    if (err == OK)
        err = base_gather(cx, tx, &details.override, &profile);
    if (err == OK)
        err = profile_show(cx, tx, query->expands_apps, &profile);
    if (err != OK)
        return err;
    settings_show(&details.override.workflow);
    details.base_profile_id = profile.id;
    details.profile = (struct customer_profile){
        .supplier = profile.supplier,
        .workflow = settings_merge(&profile.workflow, &details.override.workflow),
        .apps_v1 = profile.apps_v1,
        .apps = profile.apps,
    };
    *ret = details;
    return OK;
}

enum err override_get(struct cx *cx, text customer_id, const struct override_query *query,
                      struct override_details *ret)
{
    CHECK(cx != NULL && query != NULL && ret != NULL);
    struct customer customer;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id, &customer);
    if (err == OK)
        err = details_gather(cx, tx, &customer, query, ret);
    return err;
}

/* The customers of a page are named by id only. */
static enum err page_gather(struct cx *cx, struct store_tx *tx, const struct override_query *query,
                            const struct list *named, struct list *ret)
{
    const struct override *items = named->items;
    struct override_details *all = ARENA_ARRAY(cx->arena, struct override_details, named->count);
    enum err err = OK;
    for (size_t i = 0; i < named->count && err == OK; i++) {
        struct customer customer;
        err = customer_need(cx, tx, ulid_text(cx->arena, items[i].customer_id.ulid), &customer);
        if (err == OK)
            err = details_gather(cx, tx, &customer, query, &all[i]);
    }
    if (err == OK)
        *ret = (struct list){ all, named->count };
    return err;
}

enum err override_list(struct cx *cx, const struct override_query *query, struct list *ret,
                       int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    struct list named;
    struct override_query known = *query;
    struct profile standing;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = profile_rows_default(cx, tx, &standing);
    if (err != OK)
        return err;
    known.standing = standing.id;
    err = override_rows_page(cx, tx, &known, &named, ret_total);
    if (err == OK)
        err = page_gather(cx, tx, query, &named, ret);
    return err;
}

/* ---- commands ------------------------------------------------------------------------------ */

/* Adds what is wrong with an override to the problem; refuses at once when its profile is not
 * there. */
static enum err override_check(struct cx *cx, struct store_tx *tx, const struct override *override,
                               enum dialect dialect)
{
    struct profile profile;
    enum err err = base_gather(cx, tx, override, &profile);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_PROFILE_ABSENT, "%.*s",
                              TEXT_ARG(ulid_text(cx->arena, override->profile_id.ulid)));
    if (err == OK && !instant_is_none(profile.deleted_at))
        return problem_refuse(&cx->problem, FAULT_PROFILE_GONE, "%s", "");
    if (err != OK)
        return err;
    struct profile_settings merged = settings_merge(&profile.workflow, &override->workflow);
    if (!settings_check(&override->workflow, &merged, dialect, &cx->problem))
        return ERR_REFUSED;
    err = settings_tax_code_gather(cx, tx, &override->workflow, dialect);
    return err == OK ? problem_err(&cx->problem) : err;
}

static enum err override_apply(struct cx *cx, struct store_tx *tx, const struct override *input,
                               enum dialect dialect, struct customer_id customer)
{
    struct override override = *input;
    override.customer_id = customer;
    override.org_id = cx->org;
    override.created_at = cx->now;
    override.updated_at = cx->now;
    settings_adopt(&override.workflow, dialect);
    override.has_workflow = !settings_is_empty(&override.workflow);
    enum err err = override_check(cx, tx, &override, dialect);
    if (err == OK)
        err = override_rows_set(tx, &override);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("billing_override.put"), customer.ulid, TEXT_NONE);
    return err;
}

enum err override_put(struct cx *cx, text customer_id, const struct override *input,
                      enum dialect dialect, struct override_details *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    const struct override_query plain = { .expands_apps = false };
    struct customer customer;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id, &customer);
    if (err == OK)
        err = override_apply(cx, tx, input, dialect, customer.id);
    if (err == OK)
        err = details_gather(cx, tx, &customer, &plain, ret);
    return store_finish(&tx, err);
}

enum err override_put_with_data(struct cx *cx, text customer_id, const struct override *input,
                                const struct list *data, struct override_details *ret)
{
    CHECK(cx != NULL && input != NULL && data != NULL && ret != NULL);
    struct list put;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err != OK)
        return err;
    store_enclose(tx);
    err = app_data_put(cx, customer_id, data, &put);
    if (err == OK)
        err = override_put(cx, customer_id, input, DIALECT_V3, ret);
    store_disclose(tx);
    return store_finish(&tx, err);
}

enum err override_delete(struct cx *cx, text customer_id)
{
    CHECK(cx != NULL);
    struct customer customer;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, customer_id, &customer);
    if (err == OK)
        err = override_rows_delete(cx, tx, customer.id);
    if (err == ERR_ABSENT)
        err = problem_refuse(&cx->problem, FAULT_OVERRIDE_ABSENT, "%s", "");
    if (err == OK)
        err = audit_write(cx, tx, TEXT("billing_override.delete"), customer.id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}
