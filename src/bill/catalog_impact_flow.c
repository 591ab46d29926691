/* catalog_impact_flow.c: each subscription's open charges, rated as they are and as they would be.
 *
 * The subscription is copied with the new version's rate cards in place of its own; what lines that
 * makes, and what they come to, is asked of the very functions that make and rate invoices.
 */
#include "base/limits.h"
#include "bill/catalog_impact.h"
#include "bill/measure.h"
#include "bill/quantity.h"

struct measuring {
    struct cx *cx;
    const struct plan *plan; /* the new version */
    const struct list *made;
    struct customer customer;
    struct metering metering;
    text trouble; /* ptr NULL: none yet */
};

/* ---- the subscription as it would be ------------------------------------------------------- */

static const struct plan_phase *plan_phase_named(const struct plan *plan, text key)
{
    for (size_t i = 0; i < plan->phases.count; i++)
        if (text_equal(plan_phase_at(plan, i)->key, key))
            return plan_phase_at(plan, i);
    return NULL;
}

static const struct subscription_item *item_named(const struct subscription_phase *phase, text key)
{
    for (size_t i = 0; i < phase->items.count; i++)
        if (text_equal(subscription_item_at(phase, i)->key, key))
            return subscription_item_at(phase, i);
    return NULL;
}

/* The items of a phase, made from the plan's cards; those there are keep their names and times. */
static struct list items_of(struct measuring *m, const struct subscription_phase *phase,
                            const struct plan_phase *wanted)
{
    size_t count = wanted->rate_cards.count;
    struct subscription_item *items = ARENA_ARRAY(m->cx->arena, struct subscription_item, count);

    for (size_t i = 0; i < count; i++) {
        const struct rate_card *card = rate_card_at(wanted, i);
        const struct subscription_item *old = item_named(phase, card->key);

        items[i] = old ? *old
                       : (struct subscription_item){
                             .id = { cx_ulid(m->cx) },
                             .phase_id = phase->id,
                             .active_from = phase->active_from,
                             .active_to = phase->active_to,
                         };
        items[i].key = card->key;
        items[i].name = card->name;
        items[i].rate_card = *card;
    }
    return (struct list){ items, count };
}

/* A copy on the new version; false, with the trouble named, when there is none such. */
static bool subscription_move(struct measuring *m, const struct subscription *from,
                              struct subscription *ret)
{
    struct arena *arena = m->cx->arena;
    size_t index = subscription_phase_index_at(from, m->cx->now);
    bool has_phase = index < from->phases.count;
    const struct subscription_phase *now = has_phase ? subscription_phase_at(from, index) : NULL;
    const struct plan_phase *wanted = now ? plan_phase_named(m->plan, now->key) : NULL;
    struct subscription_phase *phase;

    if (!now)
        m->trouble = TEXT("no phase of the subscription holds the present");
    else if (!wanted)
        m->trouble = text_format(arena, "the new version has no phase %.*s", TEXT_ARG(now->key));
    else if (!text_equal(m->plan->currency, from->invoice_currency))
        m->trouble = text_format(arena, "the new version is in %.*s, the subscription in %.*s",
                                 TEXT_ARG(m->plan->currency), TEXT_ARG(from->invoice_currency));
    if (m->trouble.ptr)
        return false;
    phase = arena_copy(arena, now, sizeof *now);
    phase->items = items_of(m, now, wanted);
    *ret = *from;
    ret->is_pro_rating = m->plan->is_pro_rating;
    ret->billing_cadence = m->plan->billing_cadence;
    ret->phases = (struct list){ phase, 1 };
    return true;
}

/* ---- what its open charges come to --------------------------------------------------------- */

/* The charges of a card. */
struct charge {
    text key;
    text name;
    dec total;
};

static enum err charge_rate(struct measuring *m, const struct pending_line *line, dec *ret)
{
    struct line_material material = { .line = *line, .usage = line_usage_none() };
    const struct currency *currency = currency_find(line->currency);
    struct rate_result rated;
    enum err err = measure_line(&m->metering, &material);

    CHECK(currency != NULL);
    if (err != OK)
        return err;
    m->trouble = line_rate_anyway(&material, currency, m->cx->arena, &rated);
    *ret = rated.totals.total;
    return OK;
}

/* The card that a line charges. */
static const struct subscription_item *item_of(const struct subscription *subscription,
                                               const struct pending_line *line)
{
    for (size_t p = 0; p < subscription->phases.count; p++) {
        const struct subscription_phase *phase = subscription_phase_at(subscription, p);

        for (size_t i = 0; i < phase->items.count; i++)
            if (ulid_equal(subscription_item_at(phase, i)->id.ulid, line->item_id.ulid))
                return subscription_item_at(phase, i);
    }
    return NULL;
}

static bool line_is_open(const struct pending_line *line, instant now)
{
    return period_holds((struct period){ line->service_from, line->service_to }, now);
}

/* Rates the lines whose service period holds the present: a list of struct charge. */
static enum err charges_rate(struct measuring *m, const struct subscription *subscription,
                             instant horizon, struct list *ret)
{
    struct list lines;
    struct charge *charges;
    size_t count = 0;
    const struct line_scope scope = { m->cx->now, horizon, END_BILLS_ACTUAL_PERIOD };
    enum err err = OK;

    if (lines_wanted(subscription, &scope, m->cx->arena, &lines) != FAULT_NONE) {
        m->trouble = TEXT("an amount is too large");
        return OK;
    }
    charges = ARENA_ARRAY(m->cx->arena, struct charge, lines.count);
    for (size_t i = 0; i < lines.count && err == OK && !m->trouble.ptr; i++) {
        const struct pending_line *line = (const struct pending_line *)lines.items + i;
        const struct subscription_item *item = item_of(subscription, line);

        if (!line_is_open(line, m->cx->now))
            continue;
        CHECK(item != NULL);
        charges[count] = (struct charge){ item->key, item->name, DEC_ZERO };
        err = charge_rate(m, line, &charges[count++].total);
    }
    *ret = (struct list){ charges, count };
    return err;
}

/* ---- the difference ------------------------------------------------------------------------ */

static const struct charge *charge_named(const struct list *charges, text key)
{
    const struct charge *items = charges->items;

    for (size_t i = 0; i < charges->count; i++)
        if (text_equal(items[i].key, key))
            return &items[i];
    return NULL;
}

static void line_add(struct catalog_impact *impact, const struct charge *before,
                     const struct charge *after)
{
    dec old = before ? before->total : DEC_ZERO;
    dec new = after ? after->total : DEC_ZERO;
    struct impact_line *lines = impact->lines.items;

    impact->before = dec_add(impact->before, old);
    impact->after = dec_add(impact->after, new);
    if (dec_equal(old, new))
        return;
    lines[impact->lines.count++] = (struct impact_line){
        .key = after ? after->key : before->key,
        .name = after ? after->name : before->name,
        .before = before ? old : DEC_INVALID,
        .after = after ? new : DEC_INVALID,
        .change = dec_sub(new, old),
    };
}

/* Pure: holds two lists of charges against each other. */
static void impact_sum(struct catalog_impact *impact, const struct list *before,
                       const struct list *after, struct arena *arena)
{
    const struct charge *old = before->items;
    const struct charge *new = after->items;

    impact->before = impact->after = DEC_ZERO;
    impact->lines.items = ARENA_ARRAY(arena, struct impact_line, before->count + after->count);
    for (size_t i = 0; i < before->count; i++)
        line_add(impact, &old[i], charge_named(after, old[i].key));
    for (size_t i = 0; i < after->count; i++)
        if (!charge_named(before, new[i].key))
            line_add(impact, NULL, &new[i]);
    impact->change = dec_sub(impact->after, impact->before);
}

/* ---- the flow ------------------------------------------------------------------------------ */

static enum err customer_gather(struct cx *cx, struct customer_id id, struct customer *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);

    return err == OK ? customer_need(cx, tx, ulid_text(cx->arena, id.ulid), ret) : err;
}

/* Fills the sums of one subscription, or the trouble. */
static enum err impact_measure(struct measuring *m, const struct subscription *subscription,
                               struct catalog_impact *impact)
{
    struct subscription moved;
    struct list before, after;
    struct period period;
    enum err err;

    if (!subscription_move(m, subscription, &moved) ||
        !subscription_period_at(subscription, m->cx->now, &period))
        return OK;
    impact->period = (struct invoice_period){ period.from, period.to };
    err = metering_open(m->cx, subscription->customer_id, &m->metering);
    m->metering.features = *m->made;
    if (err == OK)
        err = charges_rate(m, subscription, period.to, &before);
    if (err == OK && !m->trouble.ptr)
        err = charges_rate(m, &moved, period.to, &after);
    if (err == OK && !m->trouble.ptr)
        impact_sum(impact, &before, &after, m->cx->arena);
    return err;
}

static enum err impact_of(struct cx *cx, const struct subscription *subscription,
                          const struct plan *plan, const struct list *made,
                          struct catalog_impact *ret)
{
    struct measuring m = { .cx = cx, .plan = plan, .made = made };
    struct catalog_impact impact = {
        .customer_id = subscription->customer_id,
        .subscription_id = subscription->id,
        .plan_key = subscription->plan_key,
        .plan_version = subscription->plan_version,
        .new_version = plan->version,
        .currency = subscription->invoice_currency,
        .period = { cx->now, cx->now },
        .before = DEC_INVALID,
        .after = DEC_INVALID,
        .change = DEC_INVALID,
    };
    enum err err = customer_gather(cx, subscription->customer_id, &m.customer);

    if (err == OK)
        err = impact_measure(&m, subscription, &impact);
    if (err != OK)
        return err;
    impact.customer_key = m.customer.key;
    impact.customer_name = m.customer.name;
    impact.trouble = m.trouble;
    *ret = impact;
    return OK;
}

/* Impacts found so far. */
struct found {
    struct catalog_impact *items;
    size_t count, room;
};

static void found_add(struct found *found, const struct catalog_impact *impact, struct arena *arena)
{
    ARENA_GROW(arena, found);
    found->items[found->count++] = *impact;
}

static enum err plan_impacts(struct cx *cx, const struct plan *plan, const struct list *made,
                             struct found *found)
{
    static text statuses[] = { TEXT_INIT("active"), TEXT_INIT("canceled") };
    struct subscription_query query = {
        .plan_key = plan->key,
        .statuses = { statuses, COUNT_OF(statuses) },
        .sort = SUBSCRIPTION_SORT_ID,
        .page = { 1, LIMIT_PAGE_SIZE_MAX },
    };
    struct list page = { NULL, 1 };
    enum err err = OK;

    for (; err == OK && page.count > 0; query.page.number++) {
        int64_t total;

        err = subscription_list(cx, &query, &page, &total);
        for (size_t i = 0; err == OK && i < page.count; i++) {
            struct catalog_impact impact;

            err = impact_of(cx, (const struct subscription *)page.items + i, plan, made, &impact);
            if (err == OK && (impact.trouble.ptr || impact.lines.count > 0))
                found_add(found, &impact, cx->arena);
        }
    }
    return err;
}

enum err catalog_impact_gather(struct cx *cx, const struct list *repriced, const struct list *made,
                               struct list *ret)
{
    CHECK(cx != NULL && repriced != NULL && made != NULL && ret != NULL);
    const struct listed_reprice *items = repriced->items;
    struct found found = { 0 };
    enum err err = OK;

    for (size_t i = 0; i < repriced->count && err == OK; i++)
        err = plan_impacts(cx, &items[i].after, made, &found);
    if (err == OK)
        *ret = (struct list){ found.items, found.count };
    return err;
}
