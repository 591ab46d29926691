/* price_list_flow.c: making the catalog like a price list: one transaction around the ordinary
 * flows, so that their rules hold and nobody sees a part of it.
 *
 * Trying (is_dry) does the same and stores nothing: what it finds wrong is what applying would.
 */
#include "catalog/price_list_inside.h"
#include "catalog/tax_code_rows.h"

/* ---- what the steps share ------------------------------------------------------------------ */

void growing_add(struct growing *growing, const void *item, size_t size, struct arena *arena)
{
    growing->list.items =
        arena_grow(arena, growing->list.items, growing->list.count, &growing->room, size);
    memcpy((char *)growing->list.items + growing->list.count++ * size, item, size);
}

enum err applying_take(struct applying *a, text place, enum err err)
{
    if (err == ERR_REFUSED) {
        price_list_blame(&a->faults, place, &a->cx->problem);
        problem_init(&a->cx->problem, a->cx->arena);
    }
    return err;
}

enum err applying_go_on(enum err err)
{
    return err == ERR_REFUSED ? OK : err;
}

void applying_fault(struct applying *a, text place, const char *rule, text reason)
{
    problem_add_member(&a->faults, place, rule, reason);
}

void applying_note(struct applying *a, enum listed_action action, const char *type, text key,
                   int64_t version)
{
    const struct listed_change change = { action, text_of(type), key, version };

    growing_add(&a->changes, &change, sizeof change, a->cx->arena);
}

text applying_place(const struct applying *a, enum price_list_section section, size_t i)
{
    return price_list_place(a->request->place, section, a->request->list->places[section][i],
                            a->cx->arena);
}

bool applying_is_same(const struct applying *a, enum price_list_section section, const void *before,
                      const void *after)
{
    struct differences diff = { .arena = a->cx->arena };

    fields_diff(a->tables.sections[section], TEXT_NONE, before, after, &diff);
    return diff.count == 0;
}

bool applying_prunes(const struct applying *a, enum price_list_section section)
{
    return a->request->is_prune && a->request->list->has_section[section];
}

/* The tax code with this key, made in this very transaction or before; OK with a zero id and a
 * fault when there is none. */
static enum err tax_code_named(struct applying *a, struct store_tx *tx, text key, text place,
                               struct tax_code_id *ret)
{
    struct tax_code code;
    enum err err = tax_code_load_by_key(a->cx, tx, key, &code);

    if (err == OK)
        *ret = code.id;
    if (err != ERR_ABSENT)
        return err;
    applying_fault(a, text_format(a->cx->arena, "%.*s.key", TEXT_ARG(place)), "missing_reference",
                   TEXT("there is no such tax code"));
    return ERR_REFUSED;
}

enum err applying_cards(struct applying *a, const struct list *cards, text place)
{
    struct rate_card *items = cards->items;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(a->cx->store, &tx);
    enum err worst = OK;

    for (size_t i = 0; i < cards->count && applying_go_on(err) == OK; i++) {
        struct rate_card_tax *tax = &items[i].tax_config;

        if (!items[i].has_tax_config_v3)
            continue;
        err = tax_code_named(
            a, tx, tax->code_key,
            text_format(a->cx->arena, "%.*s[%zu].tax_config.code", TEXT_ARG(place), i),
            &tax->code.id);
        tax->has_code = err == OK;
        worst = err == OK ? worst : err;
    }
    return err == OK ? worst : err;
}

/* ---- tax defaults, which are one thing ------------------------------------------------------ */

static enum err defaults_resolve(struct applying *a, struct tax_defaults *ret)
{
    const struct listed_defaults *wanted = &a->request->list->defaults;
    struct arena *arena = a->cx->arena;
    text place = a->request->place;
    const char *dot = text_is_empty(place) ? "" : ".";
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(a->cx->store, &tx);
    enum err other;

    if (err != OK)
        return err;
    err = tax_code_named(
        a, tx, wanted->invoicing_tax_code.key,
        text_format(arena, "%.*s%stax_defaults.invoicing_tax_code", TEXT_ARG(place), dot),
        &ret->invoicing_tax_code.id);
    other = tax_code_named(
        a, tx, wanted->credit_grant_tax_code.key,
        text_format(arena, "%.*s%stax_defaults.credit_grant_tax_code", TEXT_ARG(place), dot),
        &ret->credit_grant_tax_code.id);
    return err == OK ? other : err;
}

enum err apply_tax_defaults(struct applying *a)
{
    const struct price_list *list = a->request->list;
    struct differences diff = { .arena = a->cx->arena };
    struct tax_defaults input = { .has_invoicing_tax_code = true,
                                  .has_credit_grant_tax_code = true };
    struct tax_defaults made;
    enum err err;

    if (!list->has_defaults)
        return OK;
    fields_diff(a->tables.defaults, TEXT_NONE, &a->before.defaults, &list->defaults, &diff);
    if (diff.count == 0 && a->before.has_defaults)
        return OK;
    err = defaults_resolve(a, &input);
    if (err == OK)
        err = applying_take(a, TEXT("tax_defaults"), tax_defaults_write(a->cx, &input, &made));
    if (err == OK)
        applying_note(a, LISTED_UPDATE, "tax_defaults", TEXT_NONE, 0);
    return applying_go_on(err);
}

/* ---- the flow ------------------------------------------------------------------------------ */

static enum err steps_run(struct applying *a)
{
    static enum err (*const steps[])(struct applying * a) = {
        apply_tax_codes, apply_tax_defaults, apply_currencies, apply_features, apply_addons,
        apply_plans,     prune_plans,        prune_addons,     prune_features, prune_tax_codes,
    };
    enum err err = OK;

    for (size_t i = 0; i < COUNT_OF(steps) && err == OK; i++)
        err = steps[i](a);
    return err;
}

/* Runs the steps within the transaction; what is wrong becomes the context's problem. */
static enum err try_all(struct applying *a, struct store_tx *tx)
{
    enum err err;

    store_enclose(tx);
    err = steps_run(a);
    store_disclose(tx);
    if (err != OK || !problem_is_set(&a->faults))
        return err;
    a->cx->problem = a->faults;
    return ERR_REFUSED;
}

/* What came of it; refuses when the catalog is not the one that was looked at, unless there was
 * nothing to do. */
static enum err outcome_of(struct applying *a, struct store_tx *tx, struct price_list_outcome *ret)
{
    struct differences diff = { .arena = a->cx->arena };
    struct price_list after;
    enum err err = price_list_gather(a->cx, tx, &after);

    if (err != OK)
        return err;
    price_list_diff(&a->before, &after, a->cx->now, &diff);
    *ret = (struct price_list_outcome){
        .base = price_list_print(&a->before, a->cx->arena),
        .result = price_list_print(&after, a->cx->arena),
        .changes = a->changes.list,
        .differences = { diff.items, diff.count },
        .repriced = a->repriced.list,
        .made_features = a->made_features.list,
    };
    if (a->changes.list.count > 0 && !text_is_empty(a->request->base) &&
        !text_equal(a->request->base, ret->base))
        return problem_refuse(&a->cx->problem, FAULT_CATALOG_CHANGED, "%s", "");
    return OK;
}

enum err price_list_apply(struct cx *cx, const struct price_list_request *request,
                          struct price_list_outcome *ret)
{
    CHECK(cx != NULL && request != NULL && request->list != NULL && ret != NULL);
    struct applying a = {
        .cx = cx,
        .request = request,
        .tables = price_list_tables(false, cx->arena),
    };
    struct tax_defaults defaults;
    struct price_list_outcome outcome;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = tax_defaults_read(cx, &defaults); /* made by whoever comes first */

    problem_init(&a.faults, cx->arena);
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = price_list_gather(cx, tx, &a.before);
    if (err == OK)
        err = try_all(&a, tx);
    if (err == OK)
        err = outcome_of(&a, tx, &outcome);
    if (err == OK && !request->is_dry)
        err = store_finish(&tx, err);
    if (err == OK)
        *ret = outcome;
    return err;
}
