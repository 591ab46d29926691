/* Laws of price lists over 100,000 seeded ones each: tiers never fall as usage grows, volume prices
 * are what a plain table says, parts take from the tiers what the whole does, and the same input
 * gives the same bytes. */
#include "unit/rating/random_terms.h"

#define ROUNDS 100000

static struct rate_input input_of(struct row *row, dec quantity)
{
    row->input = (struct rate_input){
        .terms = &row->terms,
        .name = TEXT("x"),
        .quantity = quantity,
        .currency = currency_find(TEXT("USD")),
    };
    return row->input;
}

/* Terms of this type, without percentages: those round each line by itself. */
static void random_terms_of(struct row *row, enum price_type type)
{
    do
        random_terms(row);
    while (row->terms.price.type != type);
    row->terms.percentage_discount = DEC_INVALID;
}

static int count_growth_faults(struct arena *arena)
{
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct row row = { 0 };
        struct rate_result less, more;
        random_terms_of(&row, PRICE_GRADUATED);
        struct rate_input input = input_of(&row, dec_of_parts(between(0, 1000), 1));
        MUST(rate_line(&input, arena, &less) == FAULT_NONE);
        input.quantity = dec_add(input.quantity, dec_of_parts(between(0, 3000), 2));
        MUST(rate_line(&input, arena, &more) == FAULT_NONE);
        faults += dec_compare(more.totals.total, less.totals.total) < 0;
        arena_reset(arena);
    }
    return faults;
}

/* Whole units at prices in cents, so that plain numbers do. */
static int count_volume_faults(struct arena *arena)
{
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct row row = { .terms = price_terms_free() };
        struct rate_result result;
        int64_t quantity = between(0, 120);
        int64_t want = 0;
        int64_t ends[3] = { between(1, 40), between(41, 80), INT64_MAX };
        bool is_found = false;
        for (size_t k = 0; k < COUNT_OF(ends); k++) {
            int64_t fee = between(0, 5000);
            int64_t price = between(0, 500);
            row.tiers[k] = (struct price_tier){ dec_of_int(ends[k]), dec_of_parts(fee, 2),
                                                dec_of_parts(price, 2) };
            if (!is_found && quantity <= ends[k])
                want = fee + quantity * price;
            is_found = is_found || quantity <= ends[k];
        }
        row.tiers[2].up_to = DEC_INVALID;
        row.terms.price.type = PRICE_VOLUME;
        row.terms.price.tiers = (struct list){ row.tiers, 3 };
        const struct rate_input input = input_of(&row, dec_of_int(quantity));
        MUST(rate_line(&input, arena, &result) == FAULT_NONE);
        faults += !dec_equal(result.totals.total, dec_of_parts(want, 2));
        arena_reset(arena);
    }
    return faults;
}

/* The units that all lines of this reference have. */
static dec units_of(const struct rate_result *results, size_t count, text reference)
{
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < results[i].count; k++) {
            if (text_equal(results[i].details[k].child_id, reference))
                sum = dec_add(sum, results[i].details[k].quantity);
        }
    }
    return sum;
}

/* Line by line, the units of parts are those of the whole: tiers, packages and capacities go on,
 * fees come once. Of the money each line of each part may be half a cent off; never more. */
static int count_part_faults(struct arena *arena)
{
    static const enum price_type types[] = { PRICE_UNIT, PRICE_GRADUATED, PRICE_PACKAGE };

    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct row row = { 0 };
        struct rate_result whole, parts[4] = { 0 };
        size_t count = (size_t)between(1, COUNT_OF(parts));
        dec prior = DEC_ZERO;
        random_terms_of(&row, types[between(0, COUNT_OF(types) - 1)]);
        row.terms.minimum_amount = DEC_INVALID;
        row.terms.maximum_amount = DEC_INVALID;
        for (size_t k = 0; k < count; k++) {
            struct rate_input input = input_of(&row, dec_of_parts(between(1, 400), 1));
            input.prior_quantity = prior;
            input.is_later_part = k > 0;
            input.is_open_part = k + 1 < count;
            MUST(rate_line(&input, arena, &parts[k]) == FAULT_NONE);
            prior = dec_add(prior, input.quantity);
        }
        const struct rate_input input = input_of(&row, prior);
        MUST(rate_line(&input, arena, &whole) == FAULT_NONE);
        dec sum = DEC_ZERO;
        int64_t lines = 0;
        for (size_t k = 0; k < count; k++) {
            sum = dec_add(sum, parts[k].totals.total);
            lines += (int64_t)parts[k].count;
        }
        for (size_t k = 0; k < whole.count; k++) {
            text reference = whole.details[k].child_id;
            faults += !dec_equal(units_of(parts, count, reference), units_of(&whole, 1, reference));
        }
        dec gap = dec_abs(dec_sub(sum, whole.totals.total));
        faults += dec_compare(gap, dec_of_parts(lines + (int64_t)whole.count, 2)) > 0;
        arena_reset(arena);
    }
    return faults;
}

static text printed(const struct rate_input *input, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct rate_result result;
    MUST(rate_line(input, arena, &result) == FAULT_NONE);
    for (size_t i = 0; i < result.count; i++) {
        const struct rate_detail *d = &result.details[i];
        const dec numbers[] = { d->quantity, d->unit_amount, d->amount, d->totals.total };
        buffer_add(&out, d->child_id);
        buffer_add(&out, d->name);
        for (size_t k = 0; k < COUNT_OF(numbers); k++)
            buffer_add(&out, dec_text(arena, numbers[k]));
    }
    buffer_add(&out, dec_text(arena, result.totals.total));
    return buffer_text(&out);
}

static int count_byte_faults(struct arena *arena)
{
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct row row = { 0 };
        random_terms(&row);
        const struct rate_input input =
            input_of(&row, dec_of_parts(between(0, 100000), (int32_t)between(0, 4)));
        faults += !text_equal(printed(&input, arena), printed(&input, arena));
        arena_reset(arena);
    }
    return faults;
}

/* A capacity, and values of transactions, in plain numbers of cents. */
static int count_own_faults(struct arena *arena)
{
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct row row = { .terms = price_terms_free() };
        struct price *price = &row.terms.price;
        struct rate_result result;
        int64_t fee = between(1, 10000);
        int64_t included = between(0, 50);
        int64_t over = between(1, 500);
        int64_t quantity = between(0, 100);
        int64_t beyond = quantity > included ? quantity - included : 0;
        *price = (struct price){ .type = PRICE_CAPACITY,
                                 .amount = dec_of_parts(fee, 2),
                                 .included_quantity = dec_of_int(included),
                                 .overage_amount = dec_of_parts(over, 2) };
        struct rate_input input = input_of(&row, dec_of_int(quantity));
        MUST(rate_line(&input, arena, &result) == FAULT_NONE);
        faults += !dec_equal(result.totals.total, dec_of_parts(fee + beyond * over, 2));
        int64_t cents = between(1, 100000);
        int64_t share = between(1, 9);
        int64_t least = between(0, 300);
        int64_t exact = cents * 100 * share; /* in parts of a million */
        int64_t due = exact > least * 10000 ? exact : least * 10000;
        row.terms = price_terms_free();
        price->type = PRICE_PERCENTAGE;
        price->percentage.rate = dec_of_int(share);
        price->percentage.minimum_amount = dec_of_parts(least, 2);
        row.shares[0] = (struct rate_share){ 0, dec_of_parts(cents, 2), dec_of_int(quantity) };
        input.shares = row.shares;
        input.share_count = 1;
        MUST(rate_line(&input, arena, &result) == FAULT_NONE);
        faults += !dec_equal(
            result.totals.total,
            dec_round(dec_of_parts((dec_coefficient)due * quantity, 6), 2, ROUND_HALF_AWAY));
        arena_reset(arena);
    }
    return faults;
}

int main(void)
{
    struct arena *arena = arena_new();
    random_seed();
    OK(count_growth_faults(arena) == 0, "a graduated price never falls as usage grows");
    OK(count_volume_faults(arena) == 0, "a volume price is what a plain table says");
    OK(count_part_faults(arena) == 0, "parts have the units of the whole, line by line");
    OK(count_byte_faults(arena) == 0, "the same input gives the same bytes");
    OK(count_own_faults(arena) == 0, "capacities and shares of value are what plain numbers say");
    arena_free(arena);
    return tap_end();
}
