/* Codes, rounding and cost bases of custom currencies, from tables. */
#include "catalog/currency.h"

#include "lib/table.h"
#include "lib/tap.h"

static void test_codes(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/catalog/currency_code.vec", 3);
    while (table_next(&t)) {
        struct problem problem;
        char *code = arena_copy(arena, t.cells[1].ptr, t.cells[1].len);
        for (size_t i = 0; i < t.cells[1].len; i++)
            code[i] = code[i] == '_' ? ' ' : code[i];
        const struct billing_currency currency = {
            .code = { code, t.cells[1].len },
            .decimal_mark = TEXT("."),
            .thousand_separator = TEXT("\u202f"),
        };
        problem_init(&problem, arena);
        OK(billing_currency_check(&currency, &problem) == text_equal(t.cells[2], TEXT("yes")), "%s",
           table_name(&t));
    }
    table_close(&t);
}

static void test_rounding(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/catalog/currency_round.vec", 4);
    while (table_next(&t)) {
        struct billing_currency custom = { .code = TEXT("GOLD") };
        dec amount;
        MUST(text_to_int(t.cells[2], &custom.precision));
        MUST(dec_parse(t.cells[1], &amount));
        const struct currency currency = currency_of_custom(&custom);
        IS_TEXT(dec_text(arena, money_round(amount, &currency)), text_cstr(arena, t.cells[3]),
                table_name(&t));
    }
    table_close(&t);
}

/* A day of January 2026; none for "-". */
static instant day(struct arena *arena, text cell)
{
    instant at = INSTANT_NONE;
    if (!text_equal(cell, TEXT("-"))) {
        text zero = cell.len < 2 ? TEXT("0") : TEXT("");
        MUST(instant_parse(
            text_format(arena, "2026-01-%.*s%.*sT00:00:00Z", TEXT_ARG(zero), TEXT_ARG(cell)), &at));
    }
    return at;
}

/* "1-3, 9--" */
static struct list others_of(struct arena *arena, text cell)
{
    struct cost_basis *items = ARENA_ARRAY(arena, struct cost_basis, 8);
    size_t count = 0;
    while (cell.len > 0 && !text_equal(cell, TEXT("-"))) {
        text one = text_trim(text_cut(&cell, ','));
        text from = text_cut(&one, '-');
        items[count++] = (struct cost_basis){
            .effective_from = day(arena, from),
            .effective_to = day(arena, one),
        };
    }
    return (struct list){ items, count };
}

static void test_bases(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/catalog/cost_basis.vec", 6);
    while (table_next(&t)) {
        struct list others = others_of(arena, t.cells[1]);
        const struct cost_basis *items = others.items;
        struct cost_basis basis = {
            .rate = dec_of_int(1),
            .effective_from = day(arena, t.cells[2]),
            .effective_to = day(arena, t.cells[3]),
            .superseded_at = INSTANT_NONE,
        };
        bool fits = cost_basis_fits(&basis, &others);
        OK(fits == text_equal(t.cells[4], TEXT("yes")), "%s: fits", table_name(&t));
        if (!fits)
            continue;
        for (size_t i = others.count; i > 0; i--) {
            if (instant_before(basis.effective_from, items[i - 1].effective_from))
                basis.superseded_at = items[i - 1].effective_from;
        }
        instant end = day(arena, t.cells[5]);
        cost_basis_settle(&basis);
        OK(instant_equal(basis.effective_to, end), "%s: its end", table_name(&t));
        OK(cost_basis_holds(&basis, basis.effective_from), "%s: holds at once", table_name(&t));
        OK(instant_is_none(end) || !cost_basis_holds(&basis, end), "%s: is over at its end",
           table_name(&t));
    }
    table_close(&t);
}

static void test_table(void)
{
    size_t count = 0;
    const struct currency *all = currency_all(&count);
    bool is_one = true;
    for (size_t i = 0; i < count; i++) {
        struct billing_currency currency = billing_currency_of_iso(&all[i]);
        is_one &= text_code_points(currency.decimal_mark) == 1 &&
                  text_code_points(currency.thousand_separator) == 1 &&
                  !text_equal(currency.decimal_mark, currency.thousand_separator) &&
                  !text_is_empty(currency.symbol) && !text_is_empty(currency.name);
    }
    OK(is_one, "every currency of ISO 4217 has a name, a symbol and two marks of one character");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_codes(arena);
    test_rounding(arena);
    test_bases(arena);
    test_table();
    return tap_end();
}
