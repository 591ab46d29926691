/* What add-ons make of a spec, what is pending, and which timing suits a change. Pure. */
#include "lib/law.h"
#include "subscribe/advice.h"
#include "subscribe/pending.h"

static instant day(int64_t number)
{
    instant start;
    MUST(instant_parse(TEXT("2026-01-01T00:00:00Z"), &start));
    return (instant){ start.ns + number * NS_PER_DAY };
}

static struct rate_card card(const char *key, const char *amount, const char *limit)
{
    struct rate_card made = { .key = text_of(key),
                              .name = text_of(key),
                              .billing_cadence = { .months = 1 } };
    dec fee;
    made.terms = price_terms_free();
    made.entitlement.issue_after_reset = DEC_INVALID;
    made.tax_config.behavior = FIELD_ENUM_NONE;
    made.type = FIELD_ENUM_NONE;
    if (amount != NULL) {
        MUST(dec_parse(text_of(amount), &fee));
        made.terms = price_terms_of(PRICE_FLAT, fee);
    }
    if (limit != NULL) {
        made.has_entitlement = true;
        made.entitlement.type = RATE_CARD_METERED;
        MUST(dec_parse(text_of(limit), &made.entitlement.issue_after_reset));
    }
    return made;
}

/* A trial of ten days, then an open phase; the item "calls" is in both. */
static struct subscription base_of(struct arena *arena)
{
    struct rate_card *trial = ARENA_ARRAY(arena, struct rate_card, 1);
    struct rate_card *main = ARENA_ARRAY(arena, struct rate_card, 2);
    struct plan_phase *phases = ARENA_ARRAY(arena, struct plan_phase, 2);
    struct plan plan = { .currency = TEXT("USD"), .billing_cadence = { .months = 1 } };
    trial[0] = card("calls", "0", "100");
    main[0] = card("calls", "30", "1000");
    main[1] = card("fee", "5", NULL);
    phases[0] = (struct plan_phase){ .key = TEXT("trial"),
                                     .duration = { .days = 10 },
                                     .rate_cards = { trial, 1 } };
    phases[1] = (struct plan_phase){ .key = TEXT("main"), .rate_cards = { main, 2 } };
    plan.phases = (struct list){ phases, 2 };
    struct subscription spec = spec_of_plan(&plan, 0, day(0), zone_utc(), arena);
    uint8_t number = 0;
    for (size_t i = 0; i < spec.phases.count; i++) {
        struct subscription_phase *phase = subscription_phase_at(&spec, i);
        phase->id.ulid.bytes[15] = ++number;
        for (size_t k = 0; k < phase->items.count; k++) {
            subscription_item_at(phase, k)->id.ulid.bytes[15] = ++number;
            subscription_item_at(phase, k)->phase_id = phase->id;
        }
    }
    return spec;
}

/* What a customer has of a key at a time: fee and limit; false when nothing. */
static bool had_at(const struct subscription *spec, const char *key, instant t,
                   struct rate_card *ret)
{
    size_t index = subscription_phase_index_at(spec, t);
    const struct subscription_phase *phase = subscription_phase_at(spec, index);
    size_t found = 0;
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        if (!text_equal(item->key, text_of(key)) ||
            !period_holds(subscription_span(item->active_from, item->active_to), t))
            continue;
        *ret = item->rate_card;
        found++;
    }
    MUST(found <= 1);
    return found == 1;
}

static struct addon_bought bought_of(struct arena *arena, struct rate_card of, struct list timeline)
{
    struct rate_card *cards = ARENA_ARRAY(arena, struct rate_card, 1);
    cards[0] = of;
    return (struct addon_bought){ .addon_id = { { { 7 } } },
                                  .timeline = timeline,
                                  .rate_cards = { cards, 1 },
                                  .first_phase = 1 };
}

static struct subscription with_addons(const struct subscription *spec, const struct list *bought,
                                       struct arena *arena)
{
    struct subscription with = { 0 };
    MUST(spec_with_addons(spec, bought, arena, &with) == FAULT_NONE);
    return with;
}

static bool is_amount(dec amount, const char *want)
{
    dec wanted;
    MUST(dec_parse(text_of(want), &wanted));
    return dec_equal(amount, wanted);
}

static void test_pieces(struct arena *arena)
{
    struct subscription spec = base_of(arena);
    struct rate_card had;
    struct list timeline = addon_timeline_set(&(struct list){ 0 }, day(20), 2, arena);
    timeline = addon_timeline_set(&timeline, day(40), 3, arena);
    struct addon_bought one = bought_of(arena, card("calls", "10", "1000"), timeline);
    const struct list bought = { &one, 1 };
    struct subscription with = with_addons(&spec, &bought, arena);
    text why;
    OK(spec_check(&with, arena, &why) == FAULT_NONE, "the pieces tile");
    OK(had_at(&with, "calls", day(15), &had) && is_amount(had.terms.price.amount, "30") &&
           is_amount(had.entitlement.issue_after_reset, "1000"),
       "before, there is what the plan has");
    OK(had_at(&with, "calls", day(20), &had) && is_amount(had.terms.price.amount, "50") &&
           is_amount(had.entitlement.issue_after_reset, "3000"),
       "E13: 1000 + 2 * 1000, for 30 + 2 * 10");
    OK(had_at(&with, "calls", day(40), &had) && is_amount(had.terms.price.amount, "60"),
       "then three");
    OK(had_at(&with, "calls", day(5), &had) && is_amount(had.terms.price.amount, "0"),
       "phases before its own are as they were");
    OK(had_at(&with, "fee", day(40), &had) && is_amount(had.terms.price.amount, "5"),
       "other items are as they were");
    struct subscription without = with_addons(&with, &(struct list){ 0 }, arena);
    struct spec_diff diff = spec_compare(&spec, &without, arena);
    OK(spec_diff_is_empty(&diff), "without it the spec is what it was");
    struct subscription again = with_addons(&with, &bought, arena);
    OK(again.phases.count == with.phases.count && subscription_phase_at(&again, 1)->items.count ==
                                                      subscription_phase_at(&with, 1)->items.count,
       "doing it twice changes nothing");
}

static void test_own(struct arena *arena)
{
    struct subscription spec = base_of(arena);
    struct rate_card had;
    struct list timeline = addon_timeline_set(&(struct list){ 0 }, day(5), 1, arena);
    timeline = addon_timeline_set(&timeline, day(30), 0, arena);
    struct addon_bought one = bought_of(arena, card("support", "15", NULL), timeline);
    const struct list bought = { &one, 1 };
    struct subscription with = with_addons(&spec, &bought, arena);
    OK(!had_at(&with, "support", day(9), &had), "not in a phase before its own");
    OK(had_at(&with, "support", day(10), &had) && is_amount(had.terms.price.amount, "15"),
       "an item of its own");
    OK(!had_at(&with, "support", day(30), &had), "until it is given up");
}

/* An amount that does not fit is never taken for one that is not there. */
static void test_overflow(struct arena *arena)
{
    struct subscription spec = base_of(arena);
    struct subscription with = { .version = 42 };
    const char *const largest = "99999999999999999999999999999999999999";

    const struct {
        const char *name;
        const char *key;
        const char *fee;
        const char *limit;
        int64_t quantity;
    } rows[] = {
        { "a fee, so many times", "support", largest, NULL, 2 },
        { "a limit, so many times", "support", "1", largest, 2 },
        { "a fee with the item's", "calls", largest, NULL, 1 },
        { "a limit with the item's", "calls", "1", largest, 1 },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct list timeline =
            addon_timeline_set(&(struct list){ 0 }, day(20), rows[i].quantity, arena);
        struct addon_bought one =
            bought_of(arena, card(rows[i].key, rows[i].fee, rows[i].limit), timeline);
        const struct list bought = { &one, 1 };
        OK(spec_with_addons(&spec, &bought, arena, &with) == FAULT_AMOUNT_OVERFLOW &&
               with.version == 42,
           "%s does not fit", rows[i].name);
    }
}

static void law_quantities(void)
{
    struct law law = { .name =
                           "a fee is the plan's and the add-on's, so many times, at all times" };
    for (int i = 0; i < 200; i++) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        struct subscription spec = base_of(arena);
        struct list timeline = { 0 };
        int64_t at = 10;
        for (int k = 0; k < 6; k++) {
            at += law_between(0, 12);
            timeline = addon_timeline_set(&timeline, day(at), law_between(0, 3), arena);
            struct addon_bought one = bought_of(arena, card("calls", "10", "1000"), timeline);
            const struct list bought = { &one, 1 };
            spec = with_addons(&spec, &bought, arena);
        }
        for (int k = 0; k < 20; k++) {
            instant t = day(law_between(10, 100));
            int64_t quantity = addon_quantity_at(&timeline, t);
            struct rate_card had;
            text why;
            law_case(&law,
                     spec_check(&spec, arena, &why) == FAULT_NONE &&
                         had_at(&spec, "calls", t, &had) &&
                         dec_equal(had.terms.price.amount, dec_of_int(30 + 10 * quantity)) &&
                         dec_equal(had.entitlement.issue_after_reset,
                                   dec_of_int(1000 + 1000 * quantity)),
                     "%d: %lld", i, (long long)quantity);
        }
    }
    law_end(&law);
}

static void test_pending(struct arena *arena)
{
    struct subscription spec = base_of(arena);
    struct list none = { 0 };
    OK(pending_changes(&spec, &none, day(15), arena).count == 0, "the plan's phases are no change");
    spec.active_to = day(50);
    struct list changes = pending_changes(&spec, &none, day(15), arena);
    const struct pending_change *items = changes.items;
    OK(changes.count == 1 && items[0].kind == PENDING_CANCELATION, "an end");
    OK(pending_changes(&spec, &none, day(50), arena).count == 0,
       "that has come is no longer pending");
    spec.active_to = INSTANT_NONE;
    subscription_item_at(subscription_phase_at(&spec, 1), 1)->active_to = day(40);
    changes = pending_changes(&spec, &none, day(15), arena);
    items = changes.items;
    OK(changes.count == 1 && items[0].kind == PENDING_EDIT && items[0].item_keys.count == 1 &&
           text_equal(items[0].item_keys.items[0], TEXT("fee")) &&
           instant_equal(items[0].at, day(40)),
       "an item that ends");
    OK(pending_changes(&spec, &none, day(5), arena).count == 0, "of the current phase only");
}

static void test_advice(struct arena *arena)
{
    const struct {
        const char *name;
        const char *fee;
        const char *limit;
        bool is_same_plan;
        enum timing_kind timing;
        enum change_effect effect;
    } rows[] = {
        { "the same", "30", "1000", false, TIMING_IMMEDIATE, EFFECT_NEUTRAL },
        { "more for more", "60", "2000", false, TIMING_IMMEDIATE, EFFECT_UPGRADE },
        { "less for less", "20", "500", false, TIMING_NEXT_CYCLE, EFFECT_DOWNGRADE },
        { "a higher plan", "60", "1000", false, TIMING_IMMEDIATE, EFFECT_UPGRADE },
        { "a lower plan", "20", "1000", false, TIMING_NEXT_CYCLE, EFFECT_DOWNGRADE },
        { "the same plan for more", "60", "1000", true, TIMING_NEXT_CYCLE, EFFECT_DOWNGRADE },
        { "the same plan for less", "20", "1000", true, TIMING_IMMEDIATE, EFFECT_UPGRADE },
        { "no limit", "60", NULL, true, TIMING_IMMEDIATE, EFFECT_UPGRADE },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rate_card before = card("calls", "30", "1000");
        struct rate_card after = card("calls", rows[i].fee, rows[i].limit);
        const struct list was = { &before, 1 };
        const struct list will = { &after, 1 };
        const struct advice_question question = { &was, &will, rows[i].is_same_plan };
        struct timing_advice advice;
        enum fault fault = timing_advise(&question, arena, &advice);
        OK(fault == FAULT_NONE && advice.timing == rows[i].timing &&
               advice.effect == rows[i].effect,
           "R115: %s", rows[i].name);
    }
    struct rate_card before = card("calls", "30", NULL);
    struct rate_card after = card("calls", "99999999999999999999999999999999999999", NULL);
    const struct list was = { &before, 1 };
    const struct list will = { &after, 1 };
    const struct advice_question question = { &was, &will, false };
    struct timing_advice advice;
    OK(timing_advise(&question, arena, &advice) == FAULT_AMOUNT_OVERFLOW,
       "fees that do not fit into a year are refused");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_pieces(arena);
    test_own(arena);
    test_overflow(arena);
    test_pending(arena);
    test_advice(arena);
    law_seed();
    law_quantities();
    return tap_end();
}
