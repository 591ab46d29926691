/* tax_code_flow.c: the commands on tax codes and on the defaults.
 *
 * The defaults are made by whoever comes first: every flow but tax_code_get, which needs an id that
 * somebody has seen, begins with defaults_ensure.
 */
#include "catalog/tax_code_rows.h"
#include "identity/audit.h"

/* ---- the defaults, made once --------------------------------------------------------------- */

static enum err make_code(struct cx *cx, struct store_tx *tx, struct tax_code *code)
{
    code->id = (struct tax_code_id){ cx_ulid(cx) };
    code->org_id = cx->org;
    code->created_at = cx->now;
    code->updated_at = cx->now;
    code->deleted_at = INSTANT_NONE;
    enum err err = tax_code_insert(cx, tx, code);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("tax_code.create"), code->id.ulid, TEXT_NONE);
    return err;
}

static enum err make_defaults(struct cx *cx, struct store_tx *tx, struct tax_defaults *ret)
{
    struct tax_mapping stripe = { TAX_APP_STRIPE, TEXT("txcd_00000000") };
    struct tax_code invoicing = { .key = TEXT("default"), .name = TEXT("Default") };
    struct tax_code credit_grant = {
        .key = TEXT("nontaxable"),
        .name = TEXT("Not taxable"),
        .app_mappings = { &stripe, 1 },
    };
    enum err err = make_code(cx, tx, &invoicing);
    if (err == OK)
        err = make_code(cx, tx, &credit_grant);
    if (err != OK)
        return err;
    const struct tax_defaults defaults = {
        .org_id = cx->org,
        .invoicing_id = invoicing.id,
        .credit_grant_id = credit_grant.id,
        .created_at = cx->now,
        .updated_at = cx->now,
        .invoicing_tax_code = { invoicing.id },
        .credit_grant_tax_code = { credit_grant.id },
    };
    err = tax_defaults_insert(cx, tx, &defaults);
    if (err == OK)
        *ret = defaults;
    return err;
}

/* Looks again under the write lock: another caller may have been quicker. */
static enum err defaults_ensure(struct cx *cx, struct tax_defaults *ret)
{
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = tax_defaults_load(cx, tx, ret);
    if (err != ERR_ABSENT)
        return err;
    store_tx_cleanup(&tx);
    tx = NULL;
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = tax_defaults_load(cx, tx, ret);
    if (err != ERR_ABSENT)
        return err;
    err = make_defaults(cx, tx, ret);
    return store_finish(&tx, err);
}

/* ---- tax codes ----------------------------------------------------------------------------- */

/* The tax code with this id, unless it is deleted: that is for `deleted` to say. */
static enum err gather(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                       enum fault deleted, struct tax_code *ret)
{
    struct tax_code code;
    enum err err = tax_code_load(cx, tx, id, &code);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_TAX_CODE_ABSENT, "%s", "");
    if (err == OK && !instant_is_none(code.deleted_at))
        return problem_refuse(&cx->problem, deleted, "%s", "");
    if (err == OK)
        *ret = code;
    return err;
}

enum err tax_code_create(struct cx *cx, const struct tax_code *input, struct tax_code *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct tax_code code = *input, other;
    struct tax_defaults defaults;
    if (!tax_mappings_check(&input->app_mappings, &cx->problem))
        return ERR_REFUSED;
    enum err err = defaults_ensure(cx, &defaults);
    if (err != OK)
        return err;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = tax_code_load_by_key(cx, tx, code.key, &other);
    if (err == OK) {
        cx->problem.conflicting_id = ulid_text(cx->arena, other.id.ulid);
        return problem_refuse(&cx->problem, FAULT_TAX_CODE_KEY_TAKEN, "%s", "");
    }
    if (err == ERR_ABSENT)
        err = make_code(cx, tx, &code);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = code;
    return err;
}

enum err tax_code_get(struct cx *cx, struct tax_code_id id, struct tax_code *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = tax_code_load(cx, tx, id, ret);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_TAX_CODE_ABSENT, "%s", "");
    return err;
}

enum err tax_code_list(struct cx *cx, bool include_deleted, struct page page, struct list *ret,
                       int64_t *ret_total)
{
    CHECK(cx != NULL && ret != NULL && ret_total != NULL);
    CHECK(page.number >= 1 && page.size >= 1);
    struct tax_defaults defaults;
    enum err err = defaults_ensure(cx, &defaults);
    if (err != OK)
        return err;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = tax_code_count(cx, tx, include_deleted, ret_total);
    if (err == OK)
        err = tax_code_load_page(cx, tx, include_deleted, page, ret);
    return err;
}

enum err tax_code_update(struct cx *cx, struct tax_code_id id, const struct tax_code *input,
                         struct tax_code *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct tax_code code;
    if (!tax_mappings_check(&input->app_mappings, &cx->problem))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather(cx, tx, id, FAULT_TAX_CODE_DELETED, &code);
    if (err != OK)
        return err;
    code.name = input->name;
    code.description = input->description;
    code.labels = input->labels;
    code.app_mappings = input->app_mappings;
    code.updated_at = cx->now;
    err = tax_code_save(cx, tx, &code);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("tax_code.update"), id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = code;
    return err;
}

/* A default, or one that a plan or an add-on names, stays. */
static enum err refuse_use(struct cx *cx, struct store_tx *tx, struct tax_code_id id)
{
    struct tax_defaults defaults;
    int64_t plans = 0, addons = 0;
    enum err err = tax_defaults_load(cx, tx, &defaults);
    if (err == OK)
        err = tax_code_count_uses(cx, tx, id, &plans, &addons);
    if (err != OK)
        return err;
    if (ulid_equal(id.ulid, defaults.invoicing_id.ulid) ||
        ulid_equal(id.ulid, defaults.credit_grant_id.ulid))
        return problem_refuse(&cx->problem, FAULT_TAX_CODE_IS_DEFAULT, "%s", "");
    if (plans > 0 || addons > 0)
        return problem_refuse(&cx->problem, FAULT_TAX_CODE_IN_USE,
                              "versions of plans: %lld, of add-ons: %lld", (long long)plans,
                              (long long)addons);
    return OK;
}

enum err tax_code_delete(struct cx *cx, struct tax_code_id id)
{
    CHECK(cx != NULL);
    struct tax_code code;
    struct tax_defaults defaults;
    enum err err = defaults_ensure(cx, &defaults);
    if (err != OK)
        return err;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather(cx, tx, id, FAULT_TAX_CODE_ABSENT, &code);
    if (err == OK)
        err = refuse_use(cx, tx, id);
    if (err != OK)
        return err;
    code.deleted_at = cx->now;
    code.updated_at = cx->now;
    err = tax_code_save(cx, tx, &code);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("tax_code.delete"), id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

/* ---- the defaults -------------------------------------------------------------------------- */

enum err tax_defaults_read(struct cx *cx, struct tax_defaults *ret)
{
    CHECK(cx != NULL && ret != NULL);
    return defaults_ensure(cx, ret);
}

/* A tax code that is not there is a fault of the member that names it. */
static enum err need_code(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                          const char *member)
{
    struct tax_code code;
    enum err err = tax_code_load(cx, tx, id, &code);
    if (err != ERR_ABSENT && (err != OK || instant_is_none(code.deleted_at)))
        return err;
    problem_add_member(&cx->problem, text_of(member), "missing_reference",
                       TEXT("there is no such tax code"));
    return ERR_REFUSED;
}

enum err tax_defaults_write(struct cx *cx, const struct tax_defaults *input,
                            struct tax_defaults *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct tax_defaults defaults;
    enum err err = defaults_ensure(cx, &defaults);
    if (err != OK)
        return err;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = tax_defaults_load(cx, tx, &defaults);
    if (err == OK && input->has_invoicing_tax_code) {
        defaults.invoicing_tax_code = input->invoicing_tax_code;
        err = need_code(cx, tx, input->invoicing_tax_code.id, "invoicing_tax_code.id");
    }
    if (err == OK && input->has_credit_grant_tax_code) {
        defaults.credit_grant_tax_code = input->credit_grant_tax_code;
        err = need_code(cx, tx, input->credit_grant_tax_code.id, "credit_grant_tax_code.id");
    }
    if (err != OK)
        return err;
    defaults.invoicing_id = defaults.invoicing_tax_code.id;
    defaults.credit_grant_id = defaults.credit_grant_tax_code.id;
    defaults.updated_at = cx->now;
    err = tax_defaults_save(cx, tx, &defaults);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("tax_defaults.update"), cx->org.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = defaults;
    return err;
}
