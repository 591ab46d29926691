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

/* ---- names --------------------------------------------------------------------------------- */

/* The parts, one behind the other. Lines are named often, and formatting is slow. */
static text joined(struct arena *arena, const text *parts, size_t count)
{
    size_t len = 0;
    char *at;

    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    text whole = { at = arena_alloc(arena, len + 1), len };
    for (size_t i = 0; i < count; i++) {
        memcpy(at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    return whole;
}

/* A number in digits, at the end of `room`. */
#define NUMBER_MAX 10

static text digits_of(uint32_t n, char room[NUMBER_MAX])
{
    size_t at = NUMBER_MAX;

    do
        room[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return (text){ room + at, NUMBER_MAX - at };
}

static text reference_of(const struct rate_entry *entry, struct arena *arena)
{
    const struct part_words *words = &part_words[entry->part];
    char room[NUMBER_MAX];
    const text parts[] = { words->before, digits_of(entry->place + 1, room), words->behind };

    return text_is_empty(words->behind) ? words->before : joined(arena, parts, COUNT_OF(parts));
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

static text name_of(const struct rate_entry *entry, text line_name, const struct price *price,
                    struct arena *arena)
{
    const struct part_words *words = &part_words[entry->part];
    text what = words->name;
    char room[NUMBER_MAX];

    if (entry->part == RATE_FEE)
        return line_name;
    if (entry->part == RATE_CELL)
        what = cell_label(price, entry->place, arena);
    if (entry->part == RATE_WINDOW)
        what = window_label(price, entry->place);
    const text parts[] = { line_name, TEXT(": "), what, TEXT(" for tier "),
                           digits_of(entry->place + 1, room) };
    return joined(arena, parts, words->is_name_numbered ? COUNT_OF(parts) : 3);
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

/* The entry's own totals. */
static struct rate_totals totals_of(const struct rate_entry *entry)
{
    struct rate_totals totals = zero_of(entry->amount.scale);

    CHECK(dec_is_valid(entry->amount));
    if (entry->category == RATE_COMMITMENT)
        totals.charges_total = entry->amount;
    else
        totals.amount = entry->amount;
    totals.discounts_total = dec_add(entry->percentage_discount, entry->maximum_discount);
    totals.total = dec_sub(entry->amount, totals.discounts_total);
    return totals;
}

struct rate_detail rate_entry_print(const struct rate_entry *entry, text line_name,
                                    const struct price *price, struct arena *arena)
{
    CHECK(entry != NULL && price != NULL && arena != NULL);
    CHECK(entry->part < RATE_PART_COUNT);
    return (struct rate_detail){
        .child_id = reference_of(entry, arena),
        .name = name_of(entry, line_name, price, arena),
        .quantity = entry->quantity,
        .unit_amount = entry->unit_amount,
        .amount = entry->amount,
        .percentage_discount = entry->percentage_discount,
        .maximum_discount = entry->maximum_discount,
        .category = entry->category,
        .totals = totals_of(entry),
    };
}
