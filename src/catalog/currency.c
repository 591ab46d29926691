/* currency.c: the rules of custom currencies and of what they are worth. */
#include "catalog/currency.h"

#include "catalog/plan_currency.h"

const char *const currency_type_words[] = { "fiat", "custom", NULL };
const char *const currency_sort_words[] = { "code", "name", NULL };

_Static_assert(COUNT_OF(currency_type_words) == CURRENCY_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(currency_sort_words) == CURRENCY_SORT_COUNT + 1, "one word per order");

static bool fault_unless(bool is_good, struct problem *problem, const char *member,
                         const struct problem_field *fault)
{
    struct problem_field field = *fault;
    if (is_good)
        return true;
    field.field = text_of(member);
    field.source = SOURCE_BODY;
    problem_add_field(problem, &field);
    return false;
}

static bool mark_check(text mark, const char *member, struct problem *problem)
{
    static const struct problem_field fault = {
        .rule = TEXT_INIT("invalid"),
        .reason = TEXT_INIT("must be one character"),
    };
    return fault_unless(text_code_points(mark) == 1, problem, member, &fault);
}

bool billing_currency_check(const struct billing_currency *currency, struct problem *problem)
{
    static const struct problem_field fault = {
        .rule = TEXT_INIT("invalid"),
        .reason = TEXT_INIT("must have 4 to 24 characters, without | and white space at its ends"),
        .code = TEXT_INIT("currency_invalid"),
    };
    CHECK(currency != NULL && problem != NULL);
    bool is_code = plan_currency_kind(currency->code) == PLAN_CURRENCY_CUSTOM;
    bool is_good = fault_unless(is_code, problem, "code", &fault);
    is_good &= mark_check(currency->decimal_mark, "decimal_mark", problem);
    is_good &= mark_check(currency->thousand_separator, "thousand_separator", problem);
    return is_good;
}

bool cost_basis_check(const struct cost_basis *basis, instant now, struct problem *problem)
{
    static const struct problem_field no_rate = {
        .rule = TEXT_INIT("invalid"),
        .reason = TEXT_INIT("must be greater than 0"),
    };
    static const struct problem_field is_past = {
        .rule = TEXT_INIT("invalid"),
        .reason = TEXT_INIT("must not be in the past"),
    };
    static const struct problem_field is_reversed = {
        .rule = TEXT_INIT("invalid"),
        .reason = TEXT_INIT("must be later than effective_from"),
    };
    CHECK(basis != NULL && problem != NULL);
    CHECK(dec_is_valid(basis->rate) && !instant_is_none(basis->effective_from));
    bool has_end = !instant_is_none(basis->effective_to);
    bool is_good = fault_unless(dec_sign(basis->rate) > 0, problem, "rate", &no_rate);
    is_good &= fault_unless(!instant_before(basis->effective_from, now), problem, "effective_from",
                            &is_past);
    is_good &= fault_unless(!has_end || instant_before(basis->effective_from, basis->effective_to),
                            problem, "effective_to", &is_reversed);
    return is_good;
}

bool cost_basis_fits(const struct cost_basis *basis, const struct list *others)
{
    CHECK(basis != NULL && others != NULL);
    const struct cost_basis *items = others->items;
    for (size_t i = 0; i < others->count; i++) {
        instant begin = items[i].effective_from;
        bool is_within = instant_before(basis->effective_from, begin) &&
                         !instant_is_none(basis->effective_to) &&
                         instant_before(begin, basis->effective_to);
        if (is_within || instant_equal(begin, basis->effective_from))
            return false;
    }
    return true;
}

void cost_basis_settle(struct cost_basis *basis)
{
    CHECK(basis != NULL);
    instant next = basis->superseded_at;
    if (instant_is_none(next))
        return;
    if (instant_is_none(basis->effective_to) || instant_before(next, basis->effective_to))
        basis->effective_to = next;
}

bool cost_basis_holds(const struct cost_basis *basis, instant t)
{
    CHECK(basis != NULL && !instant_is_none(t));
    return !instant_before(t, basis->effective_from) &&
           (instant_is_none(basis->effective_to) || instant_before(t, basis->effective_to));
}

struct billing_currency billing_currency_of_iso(const struct currency *currency)
{
    CHECK(currency != NULL);
    return (struct billing_currency){
        .type = CURRENCY_TYPE_FIAT,
        .code = currency->code,
        .name = currency->name,
        .symbol = currency->symbol,
        .precision = currency->digits,
        .decimal_mark = currency->decimal_mark,
        .thousand_separator = currency->thousand_separator,
        .created_at = INSTANT_NONE,
    };
}

struct currency currency_of_custom(const struct billing_currency *currency)
{
    CHECK(currency != NULL);
    CHECK(currency->precision >= 0 && currency->precision <= INT32_MAX);
    return (struct currency){
        .code = currency->code,
        .name = currency->name,
        .symbol = text_is_empty(currency->symbol) ? currency->code : currency->symbol,
        .digits = (int32_t)currency->precision,
        .decimal_mark = currency->decimal_mark,
        .thousand_separator = currency->thousand_separator,
    };
}
