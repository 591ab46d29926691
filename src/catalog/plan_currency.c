/* plan_currency.c: kinds of currencies. */
#include "catalog/plan_currency.h"

#include "base/money.h"

#define CUSTOM_CODE_MIN 4
#define CUSTOM_CODE_MAX 24

enum plan_currency_kind plan_currency_kind(text code)
{
    size_t length = text_code_points(code);
    bool is_formed = text_equal(text_trim(code), code) && !text_contains(code, TEXT("|"));

    if (currency_find(code) != NULL)
        return PLAN_CURRENCY_FIAT;
    return is_formed && length >= CUSTOM_CODE_MIN && length <= CUSTOM_CODE_MAX
               ? PLAN_CURRENCY_CUSTOM
               : PLAN_CURRENCY_INVALID;
}
