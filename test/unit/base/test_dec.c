/* Decimals, amounts and currencies from tables: one row, one rule. */
#include "base/dec.h"
#include "base/money.h"

#include "lib/table.h"
#include "lib/tap.h"

#define OPERANDS_MAX 12

/* An expression of dec.vec, taken apart. */
struct expression {
    text operation;
    text words[OPERANDS_MAX];
    dec operands[OPERANDS_MAX]; /* the words as decimals, where they are some */
    size_t count;
    int32_t scale; /* the last word but one, of an operation that rounds */
    enum rounding rounding;
};

static int64_t int_of(text word)
{
    int64_t number;
    MUST(text_to_int(word, &number));
    return number;
}

static struct expression expression_of(text cell)
{
    struct expression e = { .operation = text_cut(&cell, ' ') };
    static const char *const modes[ROUND_COUNT] = { "half_away", "half_even", "floor", "ceiling" };
    while (cell.ptr != NULL) {
        dec operand;
        MUST(e.count < OPERANDS_MAX);
        e.words[e.count] = text_cut(&cell, ' ');
        e.operands[e.count] = dec_parse(e.words[e.count], &operand) ? operand : DEC_INVALID;
        e.count++;
    }
    for (int i = 0; i < ROUND_COUNT; i++) {
        if (text_equal(e.words[e.count - 1], text_of(modes[i]))) {
            e.rounding = (enum rounding)i;
            e.scale = (int32_t)int_of(e.words[e.count - 2]);
        }
    }
    return e;
}

static bool is(const struct expression *e, const char *operation)
{
    return text_equal(e->operation, text_of(operation));
}

static dec exact(const struct expression *e)
{
    const dec *v = e->operands;
    if (is(e, "add"))
        return dec_add(v[0], v[1]);
    if (is(e, "sub"))
        return dec_sub(v[0], v[1]);
    if (is(e, "mul"))
        return dec_mul(v[0], v[1]);
    if (is(e, "negate"))
        return dec_negate(v[0]);
    if (is(e, "abs"))
        return dec_abs(v[0]);
    if (is(e, "trim"))
        return dec_trim(v[0]);
    if (is(e, "min"))
        return dec_min(v[0], v[1]);
    if (is(e, "max"))
        return dec_max(v[0], v[1]);
    if (is(e, "parts"))
        return dec_of_parts(int_of(e->words[0]), (int32_t)int_of(e->words[1]));
    MUST(is(e, "sum"));
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < e->count; i++)
        sum = dec_add(sum, v[i]);
    return sum;
}

static dec value_of(const struct expression *e)
{
    const dec *v = e->operands;
    if (is(e, "round"))
        return dec_round(v[0], e->scale, e->rounding);
    if (is(e, "mul_round"))
        return dec_mul_round(v[0], v[1], e->scale, e->rounding);
    if (is(e, "div"))
        return dec_div(v[0], v[1], e->scale, e->rounding);
    if (is(e, "mul_div"))
        return dec_mul_div(v[0], v[1], v[2], e->scale, e->rounding);
    return exact(e);
}

static text printed(struct arena *arena, dec value)
{
    return dec_is_valid(value) ? dec_text(arena, value) : TEXT("invalid");
}

static text result_of(struct arena *arena, const struct expression *e)
{
    dec value = DEC_INVALID;
    if (is(e, "parse"))
        return dec_parse(e->words[0], &value) ? dec_text(arena, value) : TEXT("none");
    if (is(e, "numeric"))
        return dec_parse_numeric(e->words[0], &value) ? dec_text(arena, value) : TEXT("none");
    if (is(e, "compare"))
        return text_format(arena, "%d", dec_compare(e->operands[0], e->operands[1]));
    if (is(e, "sign"))
        return text_format(arena, "%d", dec_sign(e->operands[0]));
    return printed(arena, value_of(e));
}

static void test_decimals(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/dec.vec", 3);
    while (table_next(&t)) {
        struct expression e = expression_of(t.cells[1]);
        IS_TEXT(result_of(arena, &e), text_cstr(arena, t.cells[2]), table_name(&t));
    }
    table_close(&t);
}

static void test_unchanged_on_failure(void)
{
    dec value = { 7, 0 };
    OK(!dec_parse(TEXT_NONE, &value) && !dec_parse(TEXT(" 1"), &value) &&
           !dec_parse_numeric(TEXT("1 "), &value) && dec_equal(value, dec_of_int(7)),
       "a text that is no number leaves the result alone");
    OK(dec_equal(dec_of_int(INT64_MIN), dec_sub(dec_negate(dec_of_int(INT64_MAX)), dec_of_int(1))),
       "the least integer is a decimal");
}

static void test_amounts(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/money.vec", 4);
    while (table_next(&t)) {
        const struct currency *currency = currency_find(t.cells[1]);
        dec amount;
        MUST(currency != NULL && dec_parse(t.cells[2], &amount));
        text got = printed(arena, money_round(amount, currency));
        IS_TEXT(got, text_cstr(arena, t.cells[3]), table_name(&t));
    }
    table_close(&t);
}

static void test_display(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/money_display.vec", 4);
    while (table_next(&t)) {
        const struct currency *currency = currency_find(t.cells[1]);
        dec amount;
        MUST(currency != NULL && dec_parse(t.cells[2], &amount));
        IS_TEXT(money_display(arena, amount, currency), text_cstr(arena, t.cells[3]),
                table_name(&t));
    }
    table_close(&t);
}

static void test_adding_up(void)
{
    const dec_coefficient most = (dec_coefficient)10'000'000'000'000'000 * 10'000'000'000'000'000;
    OK(money_adds_up(dec_of_parts(most - 1, 2)) && money_adds_up(dec_of_parts(1 - most, 2)),
       "32 digits add up");
    OK(!money_adds_up(dec_of_parts(most, 2)) && !money_adds_up(dec_of_parts(-most, 2)),
       "33 do not");
    OK(!money_adds_up(DEC_INVALID), "nor does what is no amount");
}

static void test_currencies(struct arena *arena)
{
    size_t count;
    const struct currency *all = currency_all(&count);
    bool is_sorted = true;
    bool is_well_formed = true;
    struct table t = table_open(arena, "test/vectors/base/currency.vec", 4);
    while (table_next(&t)) {
        const struct currency *c = currency_find(t.cells[0]);
        text want = text_format(arena, "%.*s %.*s %.*s", TEXT_ARG(t.cells[1]), TEXT_ARG(t.cells[2]),
                                TEXT_ARG(t.cells[3]));
        text got = TEXT("none - -");
        if (c != NULL)
            got = text_format(arena, "%.*s %.*s %d", TEXT_ARG(c->name), TEXT_ARG(c->symbol),
                              c->digits);
        IS_TEXT(got, text_cstr(arena, want), table_name(&t));
    }
    table_close(&t);
    for (size_t i = 0; i < count; i++) {
        is_sorted = is_sorted && (i == 0 || text_compare(all[i - 1].code, all[i].code) < 0);
        is_well_formed = is_well_formed && all[i].code.len == 3 && all[i].name.len > 0 &&
                         all[i].symbol.len > 0 && text_is_utf8(all[i].name) &&
                         text_is_utf8(all[i].symbol) && all[i].digits >= 0 && all[i].digits <= 4 &&
                         currency_find(all[i].code) == &all[i];
    }
    OK(is_sorted, "currencies are sorted by code, none twice");
    OK(is_well_formed, "each currency is found by its code, and has a name, a symbol and digits");
    OK(count > 150, "the list of ISO 4217 is whole");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_decimals(arena);
    test_unchanged_on_failure();
    test_amounts(arena);
    test_display(arena);
    test_adding_up();
    test_currencies(arena);
    return tap_end();
}
