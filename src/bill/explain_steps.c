/* explain_steps.c: sentences around those of rating/explain.h: what was metered and billed before,
 * what a correction takes off, what a custom currency is worth, taxes. */
#include "bill/explain_steps.h"

#include "rating/explain.h"

struct steps {
    struct arena *arena;
    text *items;
    size_t count;
    size_t room;
};

static void add(struct steps *steps, text sentence)
{
    CHECK(steps->count < steps->room);
    steps->items[steps->count++] = sentence;
}

static text number(const struct steps *steps, dec value)
{
    return dec_text(steps->arena, dec_trim(value));
}

static text amount(const struct steps *steps, dec value)
{
    return dec_text(steps->arena, value);
}

static void metered(struct steps *steps, const struct explain_usage *usage)
{
    text from = instant_text(steps->arena, usage->period.from);
    text to = instant_text(steps->arena, usage->period.to);
    if (usage->is_gone) {
        add(steps, text_format(steps->arena,
                               "metered: %.*s when it was invoiced; the events are gone by now",
                               TEXT_ARG(number(steps, usage->metered_quantity))));
    } else {
        add(steps, text_format(steps->arena,
                               "metered: %.*s of %.*s is %.*s from %.*s to %.*s, counting "
                               "events up to number %lld",
                               TEXT_ARG(usage->meter.aggregation), TEXT_ARG(usage->meter.key),
                               TEXT_ARG(number(steps, usage->metered_quantity)), TEXT_ARG(from),
                               TEXT_ARG(to), (long long)usage->usage_sequence));
    }
    if (!dec_is_zero(usage->prior_quantity))
        add(steps, text_format(steps->arena, "billed before in the period: %.*s - %.*s = %.*s",
                               TEXT_ARG(number(steps, usage->metered_quantity)),
                               TEXT_ARG(number(steps, usage->prior_quantity)),
                               TEXT_ARG(number(steps, usage->quantity))));
}

static void add_all(struct steps *steps, struct text_list sentences)
{
    for (size_t i = 0; i < sentences.count; i++)
        add(steps, sentences.items[i]);
}

/* What a correction is: the whole anew, less what was booked. */
static void corrected(struct steps *steps, const struct derivation *line,
                      const struct rate_result *whole)
{
    const struct rate_booked *booked = &line->material.usage.booked;
    const struct rate_detail *details = line->derived.details.items;
    dec before = DEC_ZERO;
    dec after = DEC_ZERO;
    for (size_t i = 0; i < booked->count; i++)
        before = dec_add(before, dec_sub(booked->details[i].totals.total,
                                         booked->details[i].totals.taxes_exclusive_total));
    for (size_t i = 0; i < line->derived.details.count; i++)
        after = dec_add(after,
                        dec_sub(details[i].totals.total, details[i].totals.taxes_exclusive_total));
    add(steps, text_format(steps->arena, "booked before for the period: %.*s - %.*s = %.*s",
                           TEXT_ARG(amount(steps, whole->totals.total)),
                           TEXT_ARG(amount(steps, before)), TEXT_ARG(amount(steps, after))));
}

/* What rating does with the line, in the currency that it is priced in. */
static void rated(struct steps *steps, const struct derivation *line)
{
    const struct line_material *material = &line->material;
    const struct line_conversion *conversion = &material->conversion;
    const struct currency *fiat = currency_find(line->stored.line.currency);
    const struct currency *currency = conversion->is_known ? &conversion->currency : fiat;
    CHECK(currency != NULL);
    struct rate_input input = line_rate_input(material, currency);
    struct rate_result result;
    if (line_is_converted(&material->line) && !conversion->is_known) {
        add(steps, TEXT("the custom currency had no cost basis: nothing is charged"));
        return;
    }
    enum fault fault = rate_line(&input, steps->arena, &result);
    if (fault != FAULT_NONE) {
        add(steps, text_of(fault_info(fault)->sentence));
        return;
    }
    add_all(steps, rate_explain(&input, &result, steps->arena));
    if (!ulid_is_zero(material->line.adjusts_id.ulid))
        corrected(steps, line, &result);
    if (conversion->is_known)
        add(steps,
            text_format(steps->arena, "currency: each amount x %.*s, rounded to %d digits of %.*s",
                        TEXT_ARG(number(steps, conversion->rate)), (int)fiat->digits,
                        TEXT_ARG(fiat->code)));
}

static void taxed(struct steps *steps, const struct derivation *line)
{
    const struct line_tax *taxes = line->derived.taxes.items;
    for (size_t i = 0; i < line->derived.taxes.count; i++)
        add(steps,
            text_format(steps->arena, "tax: %.*s %.*s %% %s %.*s: %.*s, its share of the invoice's",
                        TEXT_ARG(taxes[i].name), TEXT_ARG(number(steps, taxes[i].percentage)),
                        taxes[i].is_inclusive ? "contained in the price, on" : "on",
                        TEXT_ARG(amount(steps, taxes[i].base)),
                        TEXT_ARG(amount(steps, taxes[i].tax))));
    if (line->derived.taxes.count > 0)
        add(steps, text_format(steps->arena, "total with taxes: %.*s",
                               TEXT_ARG(amount(steps, line->derived.totals.total))));
}

struct text_list explain_steps(const struct derivation *line, const struct explain_usage *usage,
                               struct arena *arena)
{
    CHECK(line != NULL && arena != NULL);
    const size_t tiers = line->material.line.terms.price.tiers.count;
    const size_t cells = line->material.usage.share_count;
    /* Sentences of rating, the detailed lines, and ours. */
    const size_t room = 32 + RATE_DETAILS_PER_TIER * (tiers + cells + 1) +
                        line->derived.details.count + line->derived.taxes.count;
    struct steps steps = { .arena = arena, .items = ARENA_ARRAY(arena, text, room), .room = room };
    if (usage != NULL)
        metered(&steps, usage);
    rated(&steps, line);
    taxed(&steps, line);
    return (struct text_list){ steps.items, steps.count };
}
