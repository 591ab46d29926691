#include "rating/explain.h"

/* What is explained, and where the sentences go. */
struct steps {
    const struct rate_input *input;
    const struct rate_result *result;
    struct explain_steps *out;
};

void explain_step(struct explain_steps *steps, const char *format, ...)
{
    struct buffer sentence = { .arena = steps->arena };
    va_list values;

    va_start(values, format);
    buffer_vformat(&sentence, format, values);
    va_end(values);
    ARENA_GROW(steps->arena, steps);
    steps->items[steps->count++] = buffer_text(&sentence);
}

text explain_number(const struct explain_steps *steps, dec value)
{
    return dec_text(steps->arena, dec_trim(value));
}

text explain_amount(const struct explain_steps *steps, dec value)
{
    return dec_text(steps->arena, value);
}

static text number(const struct steps *steps, dec value)
{
    return explain_number(steps->out, value);
}

static text amount(const struct steps *steps, dec value)
{
    return explain_amount(steps->out, value);
}

static void explain_conversion(struct steps *steps)
{
    static const char *const rounded[] = {
        [UNIT_ROUND_NONE] = "",
        [UNIT_ROUND_CEILING] = ", rounded up",
        [UNIT_ROUND_FLOOR] = ", rounded down",
        [UNIT_ROUND_HALF_UP] = ", rounded half up",
    };
    const struct unit_config *config = &steps->input->terms->unit_config;
    text unit = config->display_unit;

    if (!steps->input->terms->has_unit_config)
        return;
    explain_step(steps->out, "unit: %.*s %s %.*s%s = %.*s%s%.*s",
                 TEXT_ARG(number(steps, steps->input->quantity)),
                 config->operation == UNIT_DIVIDE ? "/" : "x",
                 TEXT_ARG(number(steps, config->conversion_factor)), rounded[config->rounding],
                 TEXT_ARG(number(steps, steps->result->converted_quantity)),
                 text_is_empty(unit) ? "" : " ", TEXT_ARG(unit));
}

static void explain_free_units(struct steps *steps)
{
    const struct rate_result *result = steps->result;

    if (dec_is_zero(result->discounted_quantity) && dec_is_zero(result->discounted_prior))
        return;
    explain_step(steps->out,
                 "free units: %.*s in the period, %.*s of them used before; %.*s - %.*s = %.*s",
                 TEXT_ARG(number(steps, steps->input->terms->usage_discount)),
                 TEXT_ARG(number(steps, result->discounted_prior)),
                 TEXT_ARG(number(steps, result->converted_quantity)),
                 TEXT_ARG(number(steps, result->discounted_quantity)),
                 TEXT_ARG(number(steps, result->quantity)));
}

/* "864000 s of 2592000 s", "10 days of 30" */
static text part_of_period(const struct steps *steps)
{
    struct proration proration = rate_proration(steps->input);
    bool is_by_days = proration_is_by_days(&proration);
    dec service;
    dec full;

    proration_parts(&proration, &service, &full);
    return text_format(steps->out->arena, "%.*s %s of %.*s%s", TEXT_ARG(number(steps, service)),
                       is_by_days ? "days" : "s", TEXT_ARG(number(steps, full)),
                       is_by_days ? "" : " s");
}

static bool is_prorated(const struct rate_input *input)
{
    struct proration proration = rate_proration(input);

    return !proration_is_whole(&proration);
}

static void explain_proration(struct steps *steps)
{
    const struct rate_input *input = steps->input;

    if (!is_prorated(input) ||
        (input->terms->price.type != PRICE_FLAT && input->terms->price.type != PRICE_CAPACITY))
        return;
    explain_step(steps->out, "proration: %.*s x %.*s",
                 TEXT_ARG(number(steps, input->terms->price.amount)),
                 TEXT_ARG(part_of_period(steps)));
}

/* A dynamic price has its multiplication in the one amount of its line. */
static void explain_dynamic(struct steps *steps)
{
    const struct price *price = &steps->input->terms->price;

    if (price->type != PRICE_DYNAMIC || steps->result->count == 0)
        return;
    explain_step(steps->out, "dynamic price: %.*s x %.*s",
                 TEXT_ARG(number(steps, steps->result->quantity)),
                 TEXT_ARG(number(steps, price->multiplier)));
}

/* Each value of a transaction, and how often it came. */
static void explain_percentage(struct steps *steps)
{
    const struct price_percentage *percentage = &steps->input->terms->price.percentage;
    struct buffer out = { .arena = steps->out->arena };

    if (steps->input->terms->price.type != PRICE_PERCENTAGE || steps->input->share_count == 0)
        return;
    buffer_format(&out, "each transaction: %.*s %% of its value",
                  TEXT_ARG(number(steps, percentage->rate)));
    if (dec_is_valid(percentage->fixed_amount))
        buffer_format(&out, " + %.*s", TEXT_ARG(number(steps, percentage->fixed_amount)));
    if (dec_is_valid(percentage->minimum_amount))
        buffer_format(&out, ", at least %.*s", TEXT_ARG(number(steps, percentage->minimum_amount)));
    if (dec_is_valid(percentage->maximum_amount))
        buffer_format(&out, ", at most %.*s", TEXT_ARG(number(steps, percentage->maximum_amount)));
    explain_step(steps->out, "%.*s", TEXT_ARG(buffer_text(&out)));
}

static void explain_package(struct steps *steps)
{
    const struct rate_input *input = steps->input;
    bool has_prior = input->is_later_part && !dec_is_zero(steps->result->prior_quantity);

    if (input->terms->price.type != PRICE_PACKAGE || steps->result->count == 0)
        return;
    explain_step(steps->out, "packages of %.*s begun by %.*s%s%.*s",
                 TEXT_ARG(number(steps, input->terms->price.package_size)),
                 TEXT_ARG(number(steps, steps->result->quantity)), has_prior ? " after " : "",
                 TEXT_ARG(has_prior ? number(steps, steps->result->prior_quantity) : TEXT("")));
}

static void explain_detail(struct steps *steps, const struct rate_detail *detail)
{
    struct buffer out = { .arena = steps->out->arena };

    buffer_format(&out, "%.*s: %.*s x %.*s = %.*s", TEXT_ARG(detail->name),
                  TEXT_ARG(number(steps, detail->quantity)),
                  TEXT_ARG(number(steps, detail->unit_amount)),
                  TEXT_ARG(amount(steps, detail->amount)));
    if (!dec_is_zero(detail->percentage_discount))
        buffer_format(&out, ", less %.*s %% = %.*s",
                      TEXT_ARG(number(steps, steps->input->terms->percentage_discount)),
                      TEXT_ARG(amount(steps, detail->percentage_discount)));
    if (!dec_is_zero(detail->maximum_discount))
        buffer_format(&out, ", less %.*s beyond the maximum",
                      TEXT_ARG(amount(steps, detail->maximum_discount)));
    explain_step(steps->out, "%.*s", TEXT_ARG(buffer_text(&out)));
}

/* "minimum: 300 x 1728000 s of 2592000 s = 200.00" */
static void explain_commitment(struct steps *steps, const char *which, dec whole)
{
    const struct rate_input *input = steps->input;

    if (!dec_is_valid(whole) || !is_prorated(input) || input->keeps_commitments)
        return;
    dec part = rate_commitment(input, whole);
    if (!dec_is_valid(part))
        return; /* it was not looked at, or there would be no result */
    explain_step(steps->out, "%s: %.*s x %.*s = %.*s", which, TEXT_ARG(number(steps, whole)),
                 TEXT_ARG(part_of_period(steps)), TEXT_ARG(amount(steps, part)));
}

/* What the commitments are, and what was billed before, where they look at it. */
static void explain_commitments(struct steps *steps)
{
    const struct rate_input *input = steps->input;
    const struct price_terms *terms = input->terms;
    bool has_commitment = dec_is_valid(terms->minimum_amount) ||
                          dec_is_valid(terms->maximum_amount);

    if (!price_is_metered(terms->price.type) || !has_commitment)
        return;
    if (!dec_is_zero(input->prior_total))
        explain_step(steps->out, "billed before in the period: %.*s",
                     TEXT_ARG(amount(steps, input->prior_total)));
    explain_commitment(steps, "maximum", terms->maximum_amount);
    if (!input->is_open_part)
        explain_commitment(steps, "minimum", terms->minimum_amount);
}

void rate_explain(const struct rate_input *input, const struct rate_result *result,
                  struct explain_steps *steps)
{
    CHECK(input != NULL && result != NULL && steps != NULL);
    struct steps all = { input, result, steps };

    explain_conversion(&all);
    explain_free_units(&all);
    explain_proration(&all);
    explain_dynamic(&all);
    explain_package(&all);
    explain_percentage(&all);
    explain_commitments(&all);
    for (size_t i = 0; i < result->count; i++)
        explain_detail(&all, &result->details[i]);
    explain_step(steps, "total: %.*s", TEXT_ARG(explain_amount(steps, result->totals.total)));
}
