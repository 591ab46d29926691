#include "rating/price.h"

const char *const price_type_words[] = { "free",   "flat",     "unit",        "graduated",
                                         "volume", "package",  "dynamic",     "percentage",
                                         "matrix", "capacity", "time_of_use", "seat",
                                         NULL };
const char *const payment_term_words[] = { "in_advance", "in_arrears", NULL };
const char *const unit_rounding_words[] = { "none", "ceiling", "floor", "half_up", NULL };
const char *const unit_operation_words[] = { "divide", "multiply", NULL };

_Static_assert(COUNT_OF(price_type_words) == PRICE_TYPE_COUNT + 1, "one word per price type");
_Static_assert(COUNT_OF(payment_term_words) == TERM_COUNT + 1, "one word per payment term");
_Static_assert(COUNT_OF(unit_rounding_words) == UNIT_ROUND_HALF_UP + 2, "one word per rounding");
_Static_assert(COUNT_OF(unit_operation_words) == UNIT_MULTIPLY + 2, "one word per operation");

bool price_is_metered(enum price_type type)
{
    switch (type) {
    case PRICE_FREE:
    case PRICE_FLAT:
        return false;
    case PRICE_UNIT:
    case PRICE_GRADUATED:
    case PRICE_VOLUME:
    case PRICE_PACKAGE:
    case PRICE_DYNAMIC:
    case PRICE_PERCENTAGE:
    case PRICE_MATRIX:
    case PRICE_CAPACITY:
    case PRICE_TIME_OF_USE:
    case PRICE_SEAT:
        return true;
    case PRICE_TYPE_COUNT:
        break;
    }
    UNREACHABLE();
}

enum price_split price_split_of(enum price_type type)
{
    if (type == PRICE_PERCENTAGE)
        return PRICE_SPLIT_VALUES;
    if (type == PRICE_MATRIX)
        return PRICE_SPLIT_CELLS;
    return type == PRICE_TIME_OF_USE ? PRICE_SPLIT_TIMES : PRICE_SPLIT_NONE;
}

size_t price_cell_find(const struct price *price, const struct text_list *values)
{
    const struct price_cell *cells = price->cells.items;

    CHECK(values->count == price->dimensions.count);
    for (size_t i = 0; i < price->cells.count; i++) {
        size_t same = 0;

        CHECK(cells[i].values.count == values->count);
        while (same < values->count && text_equal(cells[i].values.items[same], values->items[same]))
            same++;
        if (same == values->count)
            return i;
    }
    return price->cells.count;
}

static bool has_day(const struct price_window *window, int day)
{
    return (window->days >> day & 1) != 0;
}

static bool window_fits(const struct price_window *window, int day, int minute)
{
    if (window->from_minute < window->to_minute)
        return has_day(window, day) && window->from_minute <= minute && minute < window->to_minute;
    return (has_day(window, day) && window->from_minute <= minute) ||
           (has_day(window, (day + 6) % 7) && minute < window->to_minute);
}

size_t price_window_find(const struct price *price, int day, int minute)
{
    const struct price_window *windows = price->windows.items;
    size_t i = 0;

    CHECK(day >= 0 && day < 7 && minute >= 0 && minute < 24 * 60);
    while (i < price->windows.count && !window_fits(&windows[i], day, minute))
        i++;
    return i;
}

struct price_terms price_terms_free(void)
{
    const struct price_percentage percentage = { DEC_INVALID, DEC_INVALID, DEC_INVALID,
                                                 DEC_INVALID };

    return (struct price_terms){
        .price = { .type = PRICE_FREE,
                   .amount = DEC_INVALID,
                   .package_size = DEC_INVALID,
                   .multiplier = DEC_INVALID,
                   .percentage = percentage,
                   .included_quantity = DEC_INVALID,
                   .overage_amount = DEC_INVALID },
        .unit_config = { .conversion_factor = DEC_INVALID },
        .usage_discount = DEC_INVALID,
        .percentage_discount = DEC_INVALID,
        .minimum_amount = DEC_INVALID,
        .maximum_amount = DEC_INVALID,
    };
}

struct price_terms price_terms_of(enum price_type type, dec amount)
{
    struct price_terms terms = price_terms_free();

    CHECK(type == PRICE_FREE || type == PRICE_FLAT || type == PRICE_UNIT);
    terms.price.type = type;
    terms.price.amount = amount;
    return terms;
}
