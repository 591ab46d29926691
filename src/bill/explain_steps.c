/* explain_steps.c: sentences around those of rating/explain.h: what was metered and billed before,
 * what a correction takes off, what a custom currency is worth, taxes. */
#include "bill/explain_steps.h"

#include "rating/explain.h"

static void metered(struct explain_steps *steps, const struct explain_usage *usage)
{
    text from = instant_text(steps->arena, usage->period.from);
    text to = instant_text(steps->arena, usage->period.to);
    if (usage->is_gone) {
        explain_step(steps, "metered: %.*s when it was invoiced; the events are gone by now",
                     TEXT_ARG(explain_number(steps, usage->metered_quantity)));
    } else {
        explain_step(steps,
                     "metered: %.*s of %.*s is %.*s from %.*s to %.*s, counting "
                     "events up to number %lld",
                     TEXT_ARG(usage->meter.aggregation), TEXT_ARG(usage->meter.key),
                     TEXT_ARG(explain_number(steps, usage->metered_quantity)), TEXT_ARG(from),
                     TEXT_ARG(to), (long long)usage->usage_sequence);
    }
    if (!dec_is_zero(usage->prior_quantity))
        explain_step(steps, "billed before in the period: %.*s - %.*s = %.*s",
                     TEXT_ARG(explain_number(steps, usage->metered_quantity)),
                     TEXT_ARG(explain_number(steps, usage->prior_quantity)),
                     TEXT_ARG(explain_number(steps, usage->quantity)));
}

/* What a correction is: the whole anew, less what was booked. */
static void corrected(struct explain_steps *steps, const struct derivation *line,
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
    explain_step(steps, "booked before for the period: %.*s - %.*s = %.*s",
                 TEXT_ARG(explain_amount(steps, whole->totals.total)),
                 TEXT_ARG(explain_amount(steps, before)), TEXT_ARG(explain_amount(steps, after)));
}

/* What rating does with the line, in the currency that it is priced in. */
static void rated(struct explain_steps *steps, const struct derivation *line)
{
    const struct line_material *material = &line->material;
    const struct line_conversion *conversion = &material->conversion;
    const struct currency *fiat = currency_find(line->stored.line.currency);
    const struct currency *currency = conversion->is_known ? &conversion->currency : fiat;
    CHECK(currency != NULL);
    struct rate_input input = line_rate_input(material, currency);
    struct rate_result result;
    if (line_is_converted(&material->line) && !conversion->is_known) {
        explain_step(steps, "the custom currency had no cost basis: nothing is charged");
        return;
    }
    enum fault fault = rate_line(&input, steps->arena, &result);
    if (fault != FAULT_NONE) {
        explain_step(steps, "%s", fault_info(fault)->sentence);
        return;
    }
    rate_explain(&input, &result, steps);
    if (!ulid_is_zero(material->line.adjusts_id.ulid))
        corrected(steps, line, &result);
    if (conversion->is_known)
        explain_step(steps, "currency: each amount x %.*s, rounded to %d digits of %.*s",
                     TEXT_ARG(explain_number(steps, conversion->rate)), (int)fiat->digits,
                     TEXT_ARG(fiat->code));
}

static void taxed(struct explain_steps *steps, const struct derivation *line)
{
    const struct line_tax *taxes = line->derived.taxes.items;
    for (size_t i = 0; i < line->derived.taxes.count; i++)
        explain_step(steps, "tax: %.*s %.*s %% %s %.*s: %.*s, its share of the invoice's",
                     TEXT_ARG(taxes[i].name), TEXT_ARG(explain_number(steps, taxes[i].percentage)),
                     taxes[i].is_inclusive ? "contained in the price, on" : "on",
                     TEXT_ARG(explain_amount(steps, taxes[i].base)),
                     TEXT_ARG(explain_amount(steps, taxes[i].tax)));
    if (line->derived.taxes.count > 0)
        explain_step(steps, "total with taxes: %.*s",
                     TEXT_ARG(explain_amount(steps, line->derived.totals.total)));
}

struct text_list explain_line_steps(const struct derivation *line,
                                    const struct explain_usage *usage, struct arena *arena)
{
    CHECK(line != NULL && arena != NULL);
    struct explain_steps steps = { .arena = arena };
    if (usage != NULL)
        metered(&steps, usage);
    rated(&steps, line);
    taxed(&steps, line);
    return (struct text_list){ steps.items, steps.count };
}
