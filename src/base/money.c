#include "base/money.h"

#include "base/limits.h"

static const struct currency currencies[] = {
#define CURRENCY(code, name, symbol, digits, mark, separator)                                      \
    { TEXT_INIT(code), TEXT_INIT(name), TEXT_INIT(symbol),                                         \
      digits,          TEXT_INIT(mark), TEXT_INIT(separator) },
#include "base/currencies.def"
#undef CURRENCY
};

const struct currency *currency_find(text code)
{
    size_t low = 0;
    size_t high = COUNT_OF(currencies);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(currencies[middle].code, code);
        if (order == 0)
            return &currencies[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct currency *currency_all(size_t *ret_count)
{
    *ret_count = COUNT_OF(currencies);
    return currencies;
}

dec money_round(dec amount, const struct currency *currency)
{
    CHECK(currency != NULL);
    return dec_round(amount, currency->digits, ROUND_HALF_AWAY);
}

bool money_adds_up(dec amount)
{
    dec_coefficient most = 1;
    for (int i = 0; i < LIMIT_AMOUNT_DIGITS; i++)
        most *= 10;
    return dec_is_valid(amount) && amount.coefficient < most && amount.coefficient > -most;
}

text money_text(struct arena *arena, dec amount, const struct currency *currency)
{
    dec rounded = money_round(amount, currency);
    CHECK(dec_is_valid(rounded));
    return dec_text(arena, rounded);
}
