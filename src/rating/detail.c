#include "rating/detail.h"

/* How a part is called: in references a number may stand between, in names behind. */
struct part_words {
    text before;
    text behind; /* nothing: there is no number in the reference */
    text name;   /* nothing: the line's own, or the label of its place */
    bool is_name_numbered;
};

static const struct part_words part_words[] = {
    [RATE_FEE] = { TEXT_INIT("flat-price"), { 0 }, { 0 }, false },
    [RATE_UNITS] = { TEXT_INIT("unit-price-usage"), { 0 }, TEXT_INIT("usage in period"), false },
    [RATE_USAGE] = { TEXT_INIT("usage"), { 0 }, TEXT_INIT("usage in period"), false },
    [RATE_VOLUME_FEE] = { TEXT_INIT("volume-flat-price"), { 0 }, TEXT_INIT("flat price"), true },
    [RATE_VOLUME_UNITS] = { TEXT_INIT("volume-tiered-price"),
                            { 0 },
                            TEXT_INIT("unit price"),
                            true },
    [RATE_TIER_UNITS] = { TEXT_INIT("graduated-tiered-"), TEXT_INIT("-price-usage"),
                          TEXT_INIT("usage price"), true },
    [RATE_TIER_FEE] = { TEXT_INIT("graduated-tiered-"), TEXT_INIT("-flat-price"),
                        TEXT_INIT("flat price"), true },
    [RATE_VALUE] = { TEXT_INIT("percentage-usage"), { 0 }, TEXT_INIT("share of value"), false },
    [RATE_CELL] = { TEXT_INIT("matrix-"), TEXT_INIT("-usage"), { 0 }, false },
    [RATE_WINDOW] = { TEXT_INIT("time-of-use-"), TEXT_INIT("-usage"), { 0 }, false },
    [RATE_OVERAGE] = { TEXT_INIT("capacity-overage"),
                       { 0 },
                       TEXT_INIT("usage beyond the capacity"),
                       false },
    [RATE_MINIMUM] = { TEXT_INIT("min-spend"), { 0 }, TEXT_INIT("minimum spend"), false },
};

_Static_assert(COUNT_OF(part_words) == RATE_PART_COUNT, "words for each part");

static const struct part_words *words_of(const struct rate_detail *detail)
{
    CHECK(detail->part < RATE_PART_COUNT);
    return &part_words[detail->part];
}

/* ---- names --------------------------------------------------------------------------------- */

static text reversed(text reference, const struct rate_detail *detail, struct arena *arena)
{
    const char *category = detail->category == RATE_COMMITMENT ? "commitment" : "regular";

    return text_format(arena, "%.*s#reversal:category=%s:per_unit_amount=%.*s", TEXT_ARG(reference),
                       category, TEXT_ARG(dec_text(arena, detail->unit_amount)));
}

text rate_detail_reference(const struct rate_detail *detail, struct arena *arena)
{
    const struct part_words *words = words_of(detail);
    text reference = words->before;

    CHECK(arena != NULL);
    if (!text_is_empty(words->behind))
        reference = text_format(arena, "%.*s%u%.*s", TEXT_ARG(words->before), detail->place + 1,
                                TEXT_ARG(words->behind));
    return detail->is_reversal ? reversed(reference, detail, arena) : reference;
}

/* "model large, region eu" */
static text cell_label(const struct price *price, size_t place, struct arena *arena)
{
    const struct price_cell *cells = price->cells.items;
    struct buffer label = { .arena = arena };

    CHECK(place <= price->cells.count);
    if (place == price->cells.count)
        return TEXT("other usage");
    for (size_t i = 0; i < price->dimensions.count; i++)
        buffer_format(&label, "%s%.*s %.*s", i > 0 ? ", " : "",
                      TEXT_ARG(price->dimensions.items[i]), TEXT_ARG(cells[place].values.items[i]));
    return buffer_text(&label);
}

static text window_label(const struct price *price, size_t place)
{
    const struct price_window *windows = price->windows.items;

    CHECK(place <= price->windows.count);
    return place == price->windows.count ? TEXT("at other times") : windows[place].name;
}

text rate_detail_name(const struct rate_detail *detail, text line_name, const struct price *price,
                      struct arena *arena)
{
    const struct part_words *words = words_of(detail);
    text what = words->name;

    CHECK(price != NULL && arena != NULL);
    if (detail->part == RATE_FEE)
        return line_name;
    if (detail->part == RATE_CELL)
        what = cell_label(price, detail->place, arena);
    if (detail->part == RATE_WINDOW)
        what = window_label(price, detail->place);
    if (words->is_name_numbered)
        return text_format(arena, "%.*s: %.*s for tier %u", TEXT_ARG(line_name), TEXT_ARG(what),
                           detail->place + 1);
    return text_format(arena, "%.*s: %.*s", TEXT_ARG(line_name), TEXT_ARG(what));
}

bool rate_detail_is_same(const struct rate_detail *a, const struct rate_detail *b)
{
    bool has_place = !text_is_empty(words_of(a)->behind);

    return a->part == b->part && (!has_place || a->place == b->place) &&
           a->category == b->category && dec_equal(a->unit_amount, b->unit_amount);
}

/* ---- totals -------------------------------------------------------------------------------- */

static struct rate_totals zero_of(int32_t digits)
{
    dec zero = dec_of_parts(0, digits);

    return (struct rate_totals){
        .amount = zero,
        .charges_total = zero,
        .discounts_total = zero,
        .credits_total = zero,
        .taxes_inclusive_total = zero,
        .taxes_exclusive_total = zero,
        .taxes_total = zero,
        .total = zero,
    };
}

struct rate_totals rate_totals_zero(const struct currency *currency)
{
    CHECK(currency != NULL);
    CHECK(currency->digits >= 0 && currency->digits <= DEC_SCALE_MAX);
    return zero_of(currency->digits);
}

struct rate_totals rate_totals_add(const struct rate_totals *a, const struct rate_totals *b)
{
    CHECK(a != NULL && b != NULL);
    return (struct rate_totals){
        .amount = dec_add(a->amount, b->amount),
        .charges_total = dec_add(a->charges_total, b->charges_total),
        .discounts_total = dec_add(a->discounts_total, b->discounts_total),
        .credits_total = dec_add(a->credits_total, b->credits_total),
        .taxes_inclusive_total = dec_add(a->taxes_inclusive_total, b->taxes_inclusive_total),
        .taxes_exclusive_total = dec_add(a->taxes_exclusive_total, b->taxes_exclusive_total),
        .taxes_total = dec_add(a->taxes_total, b->taxes_total),
        .total = dec_add(a->total, b->total),
    };
}

struct rate_totals rate_detail_totals(const struct rate_detail *detail)
{
    struct rate_totals totals = zero_of(detail->amount.scale);

    CHECK(dec_is_valid(detail->amount));
    if (detail->category == RATE_COMMITMENT)
        totals.charges_total = detail->amount;
    else
        totals.amount = detail->amount;
    totals.discounts_total = dec_add(detail->percentage_discount, detail->maximum_discount);
    totals.total = dec_sub(detail->amount, totals.discounts_total);
    return totals;
}
