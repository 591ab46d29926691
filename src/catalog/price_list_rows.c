/* price_list_rows.c: the whole catalog as it is, as a price list. */
#include "catalog/addon_rows.h"
#include "catalog/currency_rows.h"
#include "catalog/feature_rows.h"
#include "catalog/plan_addon_rows.h"
#include "catalog/plan_rows.h"
#include "catalog/price_list_inside.h"
#include "catalog/tax_code_rows.h"

#include "base/limits.h"

#include <stdlib.h>

struct gathering {
    struct cx *cx;
    struct store_tx *tx;
    struct list all_tax_codes; /* deleted ones, too: of struct tax_code, by id */
    struct price_list *list;
};

/* ---- reading all pages --------------------------------------------------------------------- */

/* One page of something. */
typedef enum err page_load(struct gathering *g, const void *query, struct page page,
                           struct list *ret, int64_t *ret_total);

struct reading {
    page_load *load;
    const void *query;
    size_t size; /* of an item */
};

static enum err read_all(struct gathering *g, const struct reading *reading, struct list *ret)
{
    struct page page = { 1, LIMIT_PAGE_SIZE_MAX };
    struct list part;
    int64_t total = 0;
    enum err err = reading->load(g, reading->query, page, &part, &total);
    size_t count = 0;
    char *items;

    if (err != OK)
        return err;
    items = arena_array(g->cx->arena, (size_t)total, reading->size);
    while (err == OK && part.count > 0 && count + part.count <= (size_t)total) {
        memcpy(items + count * reading->size, part.items, part.count * reading->size);
        count += part.count;
        page.number++;
        if (count < (size_t)total)
            err = reading->load(g, reading->query, page, &part, &(int64_t){ 0 });
        else
            part.count = 0;
    }
    *ret = (struct list){ items, count };
    return err;
}

static enum err load_tax_codes(struct gathering *g, const void *query, struct page page,
                               struct list *ret, int64_t *ret_total)
{
    enum err err = tax_code_count(g->cx, g->tx, *(const bool *)query, ret_total);

    return err == OK ? tax_code_load_page(g->cx, g->tx, *(const bool *)query, page, ret) : err;
}

static enum err load_features(struct gathering *g, const void *query, struct page page,
                              struct list *ret, int64_t *ret_total)
{
    struct feature_query one = *(const struct feature_query *)query;

    one.limit = page.size;
    one.offset = page_offset(page);
    return feature_load_page(g->cx, g->tx, &one, ret, ret_total);
}

static enum err load_addons(struct gathering *g, const void *query, struct page page,
                            struct list *ret, int64_t *ret_total)
{
    struct addon_query one = *(const struct addon_query *)query;

    one.page = page;
    return addon_load_page(g->cx, g->tx, &one, ret, ret_total);
}

static enum err load_plans(struct gathering *g, const void *query, struct page page,
                           struct list *ret, int64_t *ret_total)
{
    struct plan_query one = *(const struct plan_query *)query;

    one.page = page;
    return plan_load_page(g->cx, g->tx, &one, ret, ret_total);
}

static enum err load_links(struct gathering *g, const void *query, struct page page,
                           struct list *ret, int64_t *ret_total)
{
    struct plan_addon_query one = *(const struct plan_addon_query *)query;

    one.page = page;
    return plan_addon_load_page(g->cx, g->tx, &one, ret, ret_total);
}

/* ---- names in place of ids ----------------------------------------------------------------- */

static int id_order(const void *left, const void *right)
{
    const struct tax_code *a = left;
    const struct tax_code *b = right;

    return memcmp(a->id.ulid.bytes, b->id.ulid.bytes, sizeof a->id.ulid.bytes);
}

static text tax_code_key(const struct gathering *g, struct tax_code_id id)
{
    const struct tax_code wanted = { .id = id };
    const struct tax_code *found = g->all_tax_codes.count > 0
                                       ? bsearch(&wanted, g->all_tax_codes.items,
                                                 g->all_tax_codes.count, sizeof wanted, id_order)
                                       : NULL;

    return found ? found->key : TEXT_NONE;
}

static void cards_name(const struct gathering *g, const struct list *cards)
{
    struct rate_card *items = cards->items;

    for (size_t i = 0; i < cards->count; i++) {
        items[i].tax_config.code_key = TEXT_NONE;
        if (items[i].has_tax_config && !ulid_is_zero(items[i].tax_config.code.id.ulid))
            items[i].tax_config.code_key = tax_code_key(g, items[i].tax_config.code.id);
        listed_card_mirror(&items[i], g->cx->arena);
    }
}

/* ---- sections ------------------------------------------------------------------------------ */

static int tax_code_order(const void *left, const void *right)
{
    return text_compare(((const struct listed_tax_code *)left)->code.key,
                        ((const struct listed_tax_code *)right)->code.key);
}

static struct list rates_of(const struct list *all, struct tax_code_id id)
{
    const struct tax_code_rates *items = all->items;

    for (size_t i = 0; i < all->count; i++)
        if (ulid_equal(items[i].tax_code_id.ulid, id.ulid))
            return items[i].rates;
    return (struct list){ 0 };
}

/* The codes with their rates, by key. */
static enum err gather_rates(struct gathering *g, const struct list *codes)
{
    struct listed_tax_code *items = ARENA_ARRAY(g->cx->arena, struct listed_tax_code, codes->count);
    struct list rates = { 0 };
    enum err err = tax_rates_all(g->cx, g->tx, &rates);

    for (size_t i = 0; i < codes->count && err == OK; i++) {
        items[i].code = ((const struct tax_code *)codes->items)[i];
        items[i].rates = rates_of(&rates, items[i].code.id);
    }
    if (err != OK)
        return err;
    qsort(items, codes->count, sizeof *items, tax_code_order);
    g->list->sections[SECTION_TAX_CODES] = (struct list){ items, codes->count };
    return OK;
}

static enum err gather_tax_codes(struct gathering *g)
{
    const bool with_deleted = true, without = false;
    struct list codes = { 0 };
    struct reading all = { load_tax_codes, &with_deleted, sizeof(struct tax_code) };
    struct reading live = { load_tax_codes, &without, sizeof(struct tax_code) };
    struct tax_defaults defaults;
    enum err err = read_all(g, &all, &g->all_tax_codes);

    if (err == OK)
        err = read_all(g, &live, &codes);
    if (err == OK)
        err = gather_rates(g, &codes);
    if (err == OK)
        err = tax_defaults_load(g->cx, g->tx, &defaults);
    if (err != OK)
        return err == ERR_ABSENT ? OK : err;
    qsort(g->all_tax_codes.items, g->all_tax_codes.count, sizeof(struct tax_code), id_order);
    g->list->has_defaults = true;
    g->list->defaults = (struct listed_defaults){
        { tax_code_key(g, defaults.invoicing_id) },
        { tax_code_key(g, defaults.credit_grant_id) },
    };
    return OK;
}

static int currency_order(const void *left, const void *right)
{
    return text_compare(((const struct listed_currency *)left)->currency.code,
                        ((const struct listed_currency *)right)->currency.code);
}

/* The bases of a currency that are not over: by fiat code and time, as they come. Where the next
 * one ends a basis, it says so itself. */
static struct list bases_of(const struct gathering *g, struct currency_id id,
                            const struct list *all)
{
    struct cost_basis *bases = ARENA_ARRAY(g->cx->arena, struct cost_basis, all->count);
    instant now = g->cx->now;
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++) {
        struct cost_basis basis = ((const struct cost_basis *)all->items)[i];
        bool has_end = !instant_is_none(basis.effective_to);

        if (!ulid_equal(basis.currency_id.ulid, id.ulid) ||
            (has_end && !instant_before(now, basis.effective_to)))
            continue;
        if (!instant_before(now, basis.effective_from))
            basis.effective_from = INSTANT_NONE;
        if (has_end && !instant_is_none(basis.superseded_at) &&
            instant_equal(basis.effective_to, basis.superseded_at))
            basis.effective_to = INSTANT_NONE;
        bases[count++] = basis;
    }
    return (struct list){ bases, count };
}

static enum err gather_currencies(struct gathering *g)
{
    struct listed_currency *items;
    struct list currencies, bases;
    enum err err = currency_load_all(g->cx, g->tx, &currencies);

    if (err == OK)
        err = cost_basis_load_all(g->cx, g->tx, &bases);
    if (err != OK)
        return err;
    items = ARENA_ARRAY(g->cx->arena, struct listed_currency, currencies.count);
    for (size_t i = 0; i < currencies.count; i++) {
        items[i].currency = ((const struct billing_currency *)currencies.items)[i];
        items[i].cost_bases = bases_of(g, items[i].currency.id, &bases);
    }
    qsort(items, currencies.count, sizeof *items, currency_order);
    g->list->sections[SECTION_CURRENCIES] = (struct list){ items, currencies.count };
    return OK;
}

static enum err gather_features(struct gathering *g)
{
    const struct feature_query query = { .sort = FEATURE_SORT_KEY };
    struct reading reading = { load_features, &query, sizeof(struct feature) };
    struct listed_feature *items;
    struct list features;
    enum err err = read_all(g, &reading, &features);

    if (err != OK)
        return err;
    items = ARENA_ARRAY(g->cx->arena, struct listed_feature, features.count);
    for (size_t i = 0; i < features.count; i++) {
        const struct feature *feature = (const struct feature *)features.items + i;

        items[i] = (struct listed_feature){
            .feature = *feature,
            .meter = { feature->meter_key, feature->filters },
            .has_meter = !ulid_is_zero(feature->meter_id.ulid),
        };
    }
    g->list->sections[SECTION_FEATURES] = (struct list){ items, features.count };
    return OK;
}

static enum err gather_addons(struct gathering *g)
{
    static text statuses[] = { TEXT_INIT("draft"), TEXT_INIT("active") };
    const struct addon_query query = { .statuses = { statuses, COUNT_OF(statuses) },
                                       .sort = PLAN_SORT_KEY };
    struct reading reading = { load_addons, &query, sizeof(struct addon) };
    struct listed_addon *items;
    struct list addons;
    enum err err = read_all(g, &reading, &addons);

    if (err != OK)
        return err;
    items = ARENA_ARRAY(g->cx->arena, struct listed_addon, addons.count);
    for (size_t i = 0; i < addons.count; i++) {
        items[i].addon = ((const struct addon *)addons.items)[i];
        items[i].status = items[i].addon.status == PLAN_DRAFT ? LISTED_DRAFT : LISTED_ACTIVE;
        cards_name(g, &items[i].addon.rate_cards);
    }
    g->list->sections[SECTION_ADDONS] = (struct list){ items, addons.count };
    return OK;
}

static int link_order(const void *left, const void *right)
{
    return text_compare(((const struct listed_link *)left)->addon.key,
                        ((const struct listed_link *)right)->addon.key);
}

static enum err gather_links(struct gathering *g, struct plan_id plan_id, struct list *ret)
{
    const struct plan_addon_query query = { .plan_id = plan_id };
    struct reading reading = { load_links, &query, sizeof(struct plan_addon) };
    struct listed_link *items;
    struct list links;
    enum err err = read_all(g, &reading, &links);

    if (err != OK)
        return err;
    items = ARENA_ARRAY(g->cx->arena, struct listed_link, links.count);
    for (size_t i = 0; i < links.count; i++) {
        items[i].link = ((const struct plan_addon *)links.items)[i];
        items[i].addon.key = items[i].link.addon.key;
    }
    qsort(items, links.count, sizeof *items, link_order);
    *ret = (struct list){ items, links.count };
    return OK;
}

static enum err listed_plan_gather(struct gathering *g, const struct plan *plan,
                                   struct listed_plan *ret)
{
    *ret = (struct listed_plan){
        .plan = *plan,
        .status = plan->status == PLAN_DRAFT ? LISTED_DRAFT : LISTED_ACTIVE,
        .effective_from = plan->status == PLAN_SCHEDULED ? plan->effective_from : INSTANT_NONE,
        .effective_to = plan->status == PLAN_DRAFT ? INSTANT_NONE : plan->ends_at,
    };
    for (size_t i = 0; i < plan->phases.count; i++)
        cards_name(g, &plan_phase_at(plan, i)->rate_cards);
    return gather_links(g, plan->id, &ret->addons);
}

static int plan_order(const void *left, const void *right)
{
    const struct listed_plan *a = left;
    const struct listed_plan *b = right;
    int order = text_compare(a->plan.key, b->plan.key);

    return order != 0 ? order
                      : (a->plan.version > b->plan.version) - (a->plan.version < b->plan.version);
}

static enum err gather_plans(struct gathering *g)
{
    static text statuses[] = { TEXT_INIT("draft"), TEXT_INIT("active"), TEXT_INIT("scheduled") };
    const struct plan_query query = { .statuses = { statuses, COUNT_OF(statuses) },
                                      .sort = PLAN_SORT_KEY };
    struct reading reading = { load_plans, &query, sizeof(struct plan) };
    struct listed_plan *items;
    struct list plans;
    size_t count = 0;
    enum err err = read_all(g, &reading, &plans);

    if (err != OK)
        return err;
    items = ARENA_ARRAY(g->cx->arena, struct listed_plan, plans.count);
    for (size_t i = 0; i < plans.count && err == OK; i++) {
        const struct plan *plan = (const struct plan *)plans.items + i;

        /* What was called off before it began is none of them. */
        if (plan->status != PLAN_INCONSISTENT && plan->status != PLAN_ARCHIVED)
            err = listed_plan_gather(g, plan, &items[count++]);
    }
    if (err != OK)
        return err;
    qsort(items, count, sizeof *items, plan_order);
    g->list->sections[SECTION_PLANS] = (struct list){ items, count };
    return OK;
}

enum err price_list_gather(struct cx *cx, struct store_tx *tx, struct price_list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct price_list list = { 0 };
    struct gathering g = { .cx = cx, .tx = tx, .list = &list };
    enum err err = gather_tax_codes(&g);

    if (err == OK)
        err = gather_currencies(&g);
    if (err == OK)
        err = gather_features(&g);
    if (err == OK)
        err = gather_addons(&g);
    if (err == OK)
        err = gather_plans(&g);
    if (err == OK)
        *ret = list;
    return err;
}

enum err price_list_export(struct cx *cx, struct price_list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct tax_defaults defaults;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = tax_defaults_read(cx, &defaults); /* made by whoever comes first */

    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    return err == OK ? price_list_gather(cx, tx, ret) : err;
}
