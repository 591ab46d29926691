/* profile_flow.c: the commands on billing profiles. */
#include "bill/app_rows.h"
#include "bill/profile_rows.h"
#include "catalog/tax_code_rows.h"
#include "identity/audit.h"
#include "identity/org_rows.h"

/* ---- the default, made once ---------------------------------------------------------------- */

/* The sandbox of an organization that has none yet. */
static enum err sandbox_need(struct cx *cx, struct store_tx *tx, struct app *ret)
{
    const struct app_listing *listing = app_listing_of(APP_SANDBOX);
    enum err err = app_rows_oldest(cx, tx, APP_SANDBOX, ret);
    if (err != ERR_ABSENT)
        return err;
    struct app app = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .type = APP_SANDBOX,
        .name = listing->name,
        .description = listing->description,
        .created_at = cx->now,
        .updated_at = cx->now,
        .deleted_at = INSTANT_NONE,
        .listing = *listing,
    };
    err = app_rows_insert(tx, &app);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("app.install"), app.id.ulid, TEXT_NONE);
    if (err == OK)
        *ret = app;
    return err;
}

/* A profile with nothing but defaults. */
static enum err profile_plain(struct cx *cx, struct store_tx *tx, const struct app *app,
                              struct profile *ret)
{
    struct org org;
    enum err err = org_load(tx, cx->org, cx->arena, &org);
    if (err != OK)
        return err;
    *ret = (struct profile){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .name = app->name,
        .supplier = { .name = org.name },
        .workflow = settings_none(),
        .tax_app_id = app->id,
        .invoicing_app_id = app->id,
        .payment_app_id = app->id,
        .created_at = cx->now,
        .updated_at = cx->now,
        .deleted_at = INSTANT_NONE,
    };
    settings_complete(&ret->workflow);
    return OK;
}

static enum err profile_insert(struct cx *cx, struct store_tx *tx, const struct profile *profile)
{
    enum err err = profile_rows_insert(tx, profile);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("billing_profile.create"), profile->id.ulid, TEXT_NONE);
    return err;
}

/* Gives a default profile from before there were apps what it lacks. */
static enum err profile_adopt(struct cx *cx, struct store_tx *tx, const struct app *app,
                              struct profile *profile)
{
    struct profile plain;
    enum err err = profile_plain(cx, tx, app, &plain);
    if (err != OK)
        return err;
    if (profile->supplier.name.ptr == NULL)
        profile->supplier = plain.supplier;
    profile->tax_app_id = app->id;
    profile->invoicing_app_id = app->id;
    profile->payment_app_id = app->id;
    return profile_rows_update(tx, profile);
}

enum err profile_default(struct cx *cx, struct store_tx *tx, struct profile *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct profile profile;
    struct app app;
    enum err err = profile_rows_default(cx, tx, &profile);
    bool is_found = err == OK;
    if (is_found && !ulid_is_zero(profile.invoicing_app_id.ulid)) {
        *ret = profile;
        return OK;
    }
    if (err != OK && err != ERR_ABSENT)
        return err;
    err = sandbox_need(cx, tx, &app);
    if (err == OK && is_found)
        err = profile_adopt(cx, tx, &app, &profile);
    if (err == OK && !is_found)
        err = profile_plain(cx, tx, &app, &profile);
    if (err == OK && !is_found) {
        profile.name = TEXT("Default");
        profile.is_default = true;
        err = profile_insert(cx, tx, &profile);
    }
    if (err == OK)
        *ret = profile;
    return err;
}

enum err profile_ensure(struct cx *cx)
{
    CHECK(cx != NULL);
    struct profile profile;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = profile_rows_default(cx, tx, &profile);
    if (err == OK && ulid_is_zero(profile.invoicing_app_id.ulid))
        err = ERR_ABSENT;
    if (err != ERR_ABSENT)
        return err;
    store_tx_cleanup(&tx);
    tx = NULL;
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = profile_default(cx, tx, &profile);
    return store_finish(&tx, err);
}

enum err profile_of_app(struct cx *cx, struct store_tx *tx, const struct app *app,
                        struct profile *ret)
{
    CHECK(app != NULL && ret != NULL);
    struct profile profile;
    enum err err = profile_plain(cx, tx, app, &profile);
    if (err == OK)
        err = profile_insert(cx, tx, &profile);
    if (err == OK)
        *ret = profile;
    return err;
}

/* Takes the default from the profile that has it. Whoever has begun in the sandbox stays there. */
static enum err default_leave(struct cx *cx, struct store_tx *tx, struct app_id next_app)
{
    struct profile old;
    struct app from, to;
    enum err err = profile_default(cx, tx, &old);
    if (err != OK)
        return err;
    old.is_default = false;
    old.updated_at = cx->now;
    err = profile_rows_update(tx, &old);
    if (err == OK)
        err = app_rows_get(cx, tx, old.invoicing_app_id, &from);
    if (err == OK)
        err = app_rows_get(cx, tx, next_app, &to);
    if (err == OK && from.type == APP_SANDBOX && to.type != APP_SANDBOX)
        err = override_rows_pin_open(cx, tx, old.id);
    return err;
}

/* ---- what a profile names ------------------------------------------------------------------ */

/* One of the three: which member of the body names it, and what it has to be able to do. */
struct app_role {
    text place;
    text word; /* v1; ptr NULL in v3 */
    struct app_id id;
    enum app_task task;
};

static enum err role_find(struct cx *cx, struct store_tx *tx, const struct app_role *role,
                          struct app *ret)
{
    struct app_id id = role->id;
    if (role->word.ptr == NULL || ulid_parse(role->word, &id.ulid))
        return app_rows_get(cx, tx, id, ret);
    int type = words_find(app_type_v1_words, role->word);
    if (type == FIELD_ENUM_NONE)
        return ERR_ABSENT;
    return app_rows_oldest(cx, tx, (enum app_type)type, ret);
}

static enum err role_gather(struct cx *cx, struct store_tx *tx, const struct app_role *role,
                            struct app_id *ret)
{
    struct app app;
    enum err err = role_find(cx, tx, role, &app);
    if (err != OK && err != ERR_ABSENT)
        return err;
    if (err == ERR_ABSENT || !instant_is_none(app.deleted_at))
        problem_add_member(&cx->problem, role->place, "missing_reference",
                           TEXT("there is no such app installed"));
    else if (!app_can(app.type, role->task))
        problem_add_member(&cx->problem, role->place, "invalid", TEXT("the app cannot do this"));
    else
        *ret = app.id;
    return OK;
}

static enum err apps_gather(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                            struct profile *profile)
{
    const struct profile_apps *apps = &profile->apps;
    const struct profile_app_words *words = &profile->app_words;
    bool is_v1 = dialect == DIALECT_V1;
    const struct app_role tax = { is_v1 ? TEXT("apps.tax") : TEXT("apps.tax.id"), words->tax,
                                  apps->tax.id, APP_CALCULATE_TAX };
    const struct app_role invoicing = { is_v1 ? TEXT("apps.invoicing") : TEXT("apps.invoicing.id"),
                                        words->invoicing, apps->invoicing.id,
                                        APP_INVOICE_CUSTOMERS };
    const struct app_role payment = { is_v1 ? TEXT("apps.payment") : TEXT("apps.payment.id"),
                                      words->payment, apps->payment.id, APP_COLLECT_PAYMENTS };
    enum err err = role_gather(cx, tx, &tax, &profile->tax_app_id);
    if (err == OK)
        err = role_gather(cx, tx, &invoicing, &profile->invoicing_app_id);
    if (err == OK)
        err = role_gather(cx, tx, &payment, &profile->payment_app_id);
    return err;
}

enum err settings_tax_code_gather(struct cx *cx, struct store_tx *tx,
                                  const struct profile_settings *settings, enum dialect dialect)
{
    struct tax_code code;
    struct tax_code_id id = settings->tax.default_tax_config.code.id;
    if (!settings->tax.has_default_tax_config || ulid_is_zero(id.ulid))
        return OK;
    enum err err = tax_code_load(cx, tx, id, &code);
    if (err == ERR_ABSENT || (err == OK && !instant_is_none(code.deleted_at)))
        problem_add_member(&cx->problem,
                           dialect == DIALECT_V1
                               ? TEXT("workflow.invoicing.defaultTaxConfig.taxCodeId")
                               : TEXT("workflow.tax.default_tax_config.tax_code_id"),
                           "missing_reference", TEXT("there is no such tax code"));
    return err == ERR_ABSENT ? OK : err;
}

/* Brings a body to the form that is stored, and adds what is wrong with it to the problem. */
static enum err body_gather(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                            struct profile *profile)
{
    struct profile_settings said;
    party_adopt(&profile->supplier, dialect);
    settings_adopt(&profile->workflow, dialect);
    said = profile->workflow;
    settings_complete(&profile->workflow);
    if (!settings_check(&said, &profile->workflow, dialect, &cx->problem))
        return OK;
    if (text_is_empty(profile->supplier.name))
        problem_add_member(&cx->problem, TEXT("supplier.name"), "required",
                           TEXT("is a required field"));
    return settings_tax_code_gather(cx, tx, &said, dialect);
}

/* ---- answers ------------------------------------------------------------------------------- */

static enum err app_print(struct cx *cx, struct store_tx *tx, struct app_id id, bool is_whole,
                          struct json_writer *w)
{
    struct app app;
    if (is_whole) {
        enum err err = app_rows_get(cx, tx, id, &app);
        if (err == OK)
            fields_write(&app_fields, DIALECT_V1, w, &app);
        return err;
    }
    json_object_begin(w);
    json_member_text(w, "id", ulid_text(cx->arena, id.ulid));
    json_object_end(w);
    return OK;
}

enum err profile_show(struct cx *cx, struct store_tx *tx, bool expands_apps,
                      struct profile *profile)
{
    CHECK(cx != NULL && tx != NULL && profile != NULL);
    static const char *const keys[] = { "tax", "invoicing", "payment" };
    const struct app_id ids[] = { profile->tax_app_id, profile->invoicing_app_id,
                                  profile->payment_app_id };
    struct buffer out = { .arena = cx->arena };
    struct json_writer w = json_writer_of(&out);
    enum err err = OK;
    settings_show(&profile->workflow);
    party_show(&profile->supplier, cx->arena);
    profile->apps = (struct profile_apps){ { ids[0] }, { ids[1] }, { ids[2] } };
    json_object_begin(&w);
    for (size_t i = 0; i < COUNT_OF(ids) && err == OK; i++) {
        json_key(&w, text_of(keys[i]));
        err = app_print(cx, tx, ids[i], expands_apps, &w);
    }
    if (err != OK)
        return err;
    json_object_end(&w);
    profile->apps_v1 = buffer_text(&out);
    return OK;
}

static enum err absent_refuse(struct cx *cx, enum err err, struct profile_id id)
{
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_PROFILE_ABSENT, "%.*s",
                          TEXT_ARG(ulid_text(cx->arena, id.ulid)));
}

/* ---- commands ------------------------------------------------------------------------------ */

enum err profile_create(struct cx *cx, const struct profile *input, enum dialect dialect,
                        struct profile *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct profile profile = *input, standing;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    profile.id = (struct profile_id){ cx_ulid(cx) };
    profile.org_id = cx->org;
    profile.created_at = cx->now;
    profile.updated_at = cx->now;
    profile.deleted_at = INSTANT_NONE;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = profile_default(cx, tx, &standing);
    if (err == OK)
        err = body_gather(cx, tx, dialect, &profile);
    if (err == OK)
        err = apps_gather(cx, tx, dialect, &profile);
    if (err == OK)
        err = problem_err(&cx->problem);
    if (err == OK && profile.is_default)
        err = default_leave(cx, tx, profile.invoicing_app_id);
    if (err == OK)
        err = profile_insert(cx, tx, &profile);
    if (err == OK)
        err = profile_show(cx, tx, false, &profile);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = profile;
    return err;
}

enum err profile_get(struct cx *cx, struct profile_id id, bool expands_apps, struct profile *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = profile_rows_get(cx, tx, id, ret);
    if (err == OK)
        err = profile_show(cx, tx, expands_apps, ret);
    return absent_refuse(cx, err, id);
}

enum err profile_list(struct cx *cx, const struct profile_query *query, struct list *ret,
                      int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = profile_rows_page(cx, tx, query, ret, ret_total);
    for (size_t i = 0; err == OK && i < ret->count; i++)
        err = profile_show(cx, tx, query->expands_apps, (struct profile *)ret->items + i);
    return err;
}

/* What the body says, over what is stored. */
static struct profile profile_changed(const struct profile *stored, const struct profile *input,
                                      instant now)
{
    struct profile profile = *stored;
    profile.name = input->name;
    profile.description = input->description;
    profile.labels = input->labels;
    profile.supplier = input->supplier;
    profile.workflow = input->workflow;
    profile.is_default = input->is_default;
    profile.updated_at = now;
    return profile;
}

static enum err update_check(struct cx *cx, const struct profile *stored,
                             const struct profile *input)
{
    if (!instant_is_none(stored->deleted_at))
        return problem_refuse(&cx->problem, FAULT_PROFILE_GONE, "%s", "");
    if (stored->is_default && !input->is_default)
        return problem_refuse(&cx->problem, FAULT_PROFILE_STAYS_DEFAULT, "%s", "");
    return OK;
}

/* v3 shows when invoices are due only where they are sent: who does not say it leaves it alone. */
static void due_after_keep(struct profile_settings *settings, const struct profile_settings *stored)
{
    if (settings->payment.due_after.ptr == NULL)
        settings->payment.due_after = stored->invoicing.due_after;
}

enum err profile_update(struct cx *cx, struct profile_id id, const struct profile *input,
                        enum dialect dialect, struct profile *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct profile stored, profile;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = profile_ensure(cx);
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = profile_rows_get(cx, tx, id, &stored);
    err = absent_refuse(cx, err, id);
    if (err == OK)
        err = update_check(cx, &stored, input);
    if (err != OK)
        return err;
    profile = profile_changed(&stored, input, cx->now);
    if (dialect == DIALECT_V3)
        due_after_keep(&profile.workflow, &stored.workflow);
    err = body_gather(cx, tx, dialect, &profile);
    if (err == OK)
        err = problem_err(&cx->problem);
    if (err == OK && profile.is_default && !stored.is_default)
        err = default_leave(cx, tx, profile.invoicing_app_id);
    if (err == OK)
        err = profile_rows_update(tx, &profile);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("billing_profile.update"), id.ulid, TEXT_NONE);
    if (err == OK)
        err = profile_show(cx, tx, false, &profile);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = profile;
    return err;
}

static enum err delete_check(struct cx *cx, struct store_tx *tx, const struct profile *profile)
{
    int64_t uses = 0;
    if (!instant_is_none(profile->deleted_at))
        return problem_refuse(&cx->problem, FAULT_PROFILE_DELETED, "%s", "");
    if (profile->is_default)
        return problem_refuse(&cx->problem, FAULT_PROFILE_IS_DEFAULT, "%s", "");
    enum err err = profile_rows_uses(cx, tx, profile->id, &uses);
    if (err == OK && uses > 0)
        err = problem_refuse(&cx->problem, FAULT_PROFILE_REFERENCED, "%s", "");
    return err;
}

enum err profile_delete(struct cx *cx, struct profile_id id)
{
    CHECK(cx != NULL);
    struct profile profile;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = profile_rows_get(cx, tx, id, &profile);
    err = absent_refuse(cx, err, id);
    if (err == OK)
        err = delete_check(cx, tx, &profile);
    if (err != OK)
        return err;
    profile.updated_at = cx->now;
    profile.deleted_at = cx->now;
    err = profile_rows_update(tx, &profile);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("billing_profile.delete"), id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}
