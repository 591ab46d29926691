#include "rating/price.h"

const char *const price_type_words[] = { "free",   "flat",    "unit",    "graduated",
                                         "volume", "package", "dynamic", NULL };
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
        return true;
    case PRICE_TYPE_COUNT:
        break;
    }
    UNREACHABLE();
}

struct price_terms price_terms_free(void)
{
    return (struct price_terms){
        .price = { .type = PRICE_FREE,
                   .amount = DEC_INVALID,
                   .package_size = DEC_INVALID,
                   .multiplier = DEC_INVALID },
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
