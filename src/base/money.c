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

/* Adds digits in groups of three. */
static void add_grouped(struct buffer *out, text digits, text separator)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0)
            buffer_add(out, separator);
        buffer_add(out, text_slice(digits, i, 1));
    }
}

/* A code in place of a symbol stands apart from the number. */
static bool is_letters(text symbol)
{
    char last = symbol.ptr[symbol.len - 1];
    return (last >= 'A' && last <= 'Z') || (last >= 'a' && last <= 'z');
}

text money_display(struct arena *arena, dec amount, const struct currency *currency)
{
    CHECK(arena != NULL && currency != NULL);
    dec whole = dec_round(amount, 0, ROUND_FLOOR);
    bool is_whole = dec_is_valid(whole) && dec_equal(whole, amount);
    dec shown = is_whole ? whole : money_round(amount, currency);
    CHECK(dec_is_valid(shown));
    text digits = dec_text(arena, dec_abs(shown));
    struct buffer out = { .arena = arena };
    if (dec_sign(shown) < 0)
        buffer_add(&out, TEXT("-"));
    buffer_add(&out, currency->symbol);
    if (is_letters(currency->symbol))
        buffer_add(&out, TEXT(" "));
    text minor = digits;
    text major = text_cut(&minor, '.');
    add_grouped(&out, major, currency->thousand_separator);
    if (minor.ptr != NULL) {
        buffer_add(&out, currency->decimal_mark);
        buffer_add(&out, minor);
    }
    return buffer_text(&out);
}
