/* shop.c: the furniture of the house. */
#include "shop.h"

#include "asking.h"

#include <string.h>

static text make(struct world *world, text path, text body)
{
    text target = text_format(world->keep, V3 "%.*s", TEXT_ARG(path));
    struct answer answer = house_ask(&world->house, world->keep, HTTP_POST, target, body);
    return is_good(world, &answer, body) ? text_member(&answer.json, "id") : TEXT_NONE;
}

static void publish(struct world *world, const char *kind, text id)
{
    (void)make(world, text_format(world->keep, "/%s/%.*s/publish", kind, TEXT_ARG(id)), TEXT_NONE);
}

static void write_cards(struct world *world, const struct card *cards, int count, int currency,
                        struct buffer *out)
{
    for (int i = 0; i < count; i++) {
        struct card_writing writing = { world->feature_ids[cards[i].meter],
                                        world->tax_codes[cards[i].tax],
                                        currencies[currency].digits };
        buffer_add_cstr(out, i > 0 ? "," : "");
        card_write(&cards[i], &writing, out);
    }
}

/* ---- add-ons and plans ---------------------------------------------------------------------- */

static void make_addon(struct world *world, int i, int currency)
{
    const struct addon *addon = &addons[i];
    struct buffer out = { .arena = world->keep };
    buffer_format(&out,
                  "{\"key\":\"%s_%s\",\"name\":\"%s\",\"currency\":\"%s\",\"instance_type\":\"%s\","
                  "\"rate_cards\":[",
                  addon->key, currencies[currency].suffix, addon->key, currencies[currency].code,
                  addon->max > 1 ? "multiple" : "single");
    write_cards(world, addon->cards, addon->card_count, currency, &out);
    buffer_add_cstr(&out, "]}");
    world->addon_ids[currency][i] = make(world, TEXT("/addons"), buffer_text(&out));
    publish(world, "addons", world->addon_ids[currency][i]);
}

/* The add-ons that can be bought with a plan. A version may have fewer phases than another. */
static void link_addons(struct world *world, int plan, int currency)
{
    for (int i = 0; i < addon_count; i++) {
        struct buffer out = { .arena = world->keep };
        if (strcmp(addons[i].plan, plans[plan].key) != 0)
            continue;
        buffer_format(&out,
                      "{\"name\":\"%s\",\"addon\":{\"id\":\"%.*s\"},\"from_plan_phase\":\"%s\"",
                      addons[i].key, TEXT_ARG(world->addon_ids[currency][i]),
                      plans[plan].phases[addons[i].first_phase].key);
        if (addons[i].max > 1)
            buffer_format(&out, ",\"max_quantity\":%d", addons[i].max);
        buffer_add_cstr(&out, "}");
        (void)make(world,
                   text_format(world->keep, "/plans/%.*s/addons",
                               TEXT_ARG(world->plan_ids[currency][plan])),
                   buffer_text(&out));
    }
}

static void write_phase(struct world *world, const struct phase *phase, int currency,
                        struct buffer *out)
{
    buffer_format(out, "{\"key\":\"%s\",\"name\":\"%s\"", phase->key, phase->key);
    if (phase->months > 0)
        buffer_format(out, ",\"duration\":\"P%dM\"", phase->months);
    else if (phase->days > 0)
        buffer_format(out, ",\"duration\":\"P%dD\"", phase->days);
    buffer_add_cstr(out, ",\"rate_cards\":[");
    write_cards(world, phase->cards, phase->card_count, currency, out);
    buffer_add_cstr(out, "]}");
}

static void make_plan(struct world *world, int i, int currency)
{
    const struct plan *plan = &plans[i];
    struct buffer out = { .arena = world->keep };
    buffer_format(&out,
                  "{\"key\":\"%s_%s\",\"name\":\"%s\",\"currency\":\"%s\","
                  "\"billing_cadence\":\"P1M\",\"phases\":[",
                  plan->key, currencies[currency].suffix, plan->key, currencies[currency].code);
    for (int k = 0; k < plan->phase_count; k++) {
        buffer_add_cstr(&out, k > 0 ? "," : "");
        write_phase(world, &plan->phases[k], currency, &out);
    }
    buffer_add_cstr(&out, "]}");
    world->plan_ids[currency][i] = make(world, TEXT("/plans"), buffer_text(&out));
    link_addons(world, i, currency);
    publish(world, "plans", world->plan_ids[currency][i]);
}

void shop_publish(struct world *world)
{
    int i = (int)world_pick(world, plan_count);
    int currency = (int)world_pick(world, CURRENCY_COUNT);
    if (plans[i].version > 1 && !world->plan_ids[currency][i].ptr)
        make_plan(world, i, currency);
}

/* ---- meters and taxes ----------------------------------------------------------------------- */

static void make_meters(struct world *world)
{
    static const struct {
        const char *key, *more;
    } meters[METER_COUNT] = {
        { "calls", "\"aggregation\":\"count\"" },
        { "bytes", "\"aggregation\":\"sum\",\"value_property\":\"$.n\"" },
        { "seconds", "\"aggregation\":\"sum\",\"value_property\":\"$.n\"" },
    };

    for (int i = 0; i < METER_COUNT; i++) {
        text id = make(world, TEXT("/meters"),
                       text_format(world->keep,
                                   "{\"key\":\"%s\",\"name\":\"%s\",\"event_type\":\"%s\",%s}",
                                   meters[i].key, meters[i].key, meters[i].key, meters[i].more));
        world->feature_ids[i] = make(
            world, TEXT("/features"),
            text_format(world->keep, "{\"key\":\"%s\",\"name\":\"%s\",\"meter\":{\"id\":\"%.*s\"}}",
                        meters[i].key, meters[i].key, TEXT_ARG(id)));
    }
}

static void make_tax(struct world *world, enum tax tax, const char *key, const char *rates)
{
    text body = text_format(world->keep, "{\"rates\":[%s]}", rates);
    text target;
    struct answer answer;
    world->tax_codes[tax] = make(
        world, TEXT("/tax-codes"),
        text_format(world->keep, "{\"key\":\"%s\",\"name\":\"%s\",\"app_mappings\":[]}", key, key));
    target = text_format(world->keep, V3 "/tax-codes/%.*s/rates", TEXT_ARG(world->tax_codes[tax]));
    answer = house_ask(&world->house, world->keep, HTTP_PUT, target, body);
    (void)is_good(world, &answer, target);
}

/* As in tax_rates. */
static void make_taxes(struct world *world)
{
    make_tax(world, TAX_ADDED, "vat",
             "{\"name\":\"VAT\",\"percentage\":\"20\"},{\"name\":\"VAT\",\"percentage\":\"21.5\","
             "\"effective_from\":\"2026-09-15T00:00:00Z\"}");
    world->tax_codes[TAX_CONTAINED] = world->tax_codes[TAX_ADDED];
    make_tax(world, TAX_TWO, "sales",
             "{\"name\":\"State\",\"percentage\":\"7.5\"},"
             "{\"name\":\"City\",\"percentage\":\"2.25\"}");
}

void shop_furnish(struct world *world)
{
    text settings = text_format(world->keep,
                                "{\"start_in_past\":true,\"multiple_subscriptions\":%s}",
                                world_does(world, HABIT_LANES) ? "true" : "false");
    struct answer answer = house_ask(&world->house, world->keep, HTTP_PUT,
                                     TEXT("/v3/subscription-settings"), settings);
    (void)is_good(world, &answer, settings);
    make_meters(world);
    make_taxes(world);
    for (int currency = 0; currency < CURRENCY_COUNT; currency++) {
        for (int i = 0; i < addon_count; i++)
            make_addon(world, i, currency);
        for (int i = 0; i < plan_count; i++)
            if (plans[i].version == 1)
                make_plan(world, i, currency);
    }
}
