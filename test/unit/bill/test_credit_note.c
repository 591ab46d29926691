/* What credit notes give back of a line, from a table; the law that they add up to the line. */
#include "bill/credit_note.h"
#include "bill/invoice_tax.h"

#include "lib/law.h"
#include "lib/table.h"

enum { RULE, CURRENCY, LINE, CREDITS, WANT, COLUMNS };

#define TAXES_MAX 4

static dec number(text digits)
{
    dec value;
    MUST(dec_parse(digits, &value));
    return value;
}

static void add_tax(struct line_record *line, struct line_tax *tax, bool is_inclusive, dec amount)
{
    struct rate_totals *totals = &line->totals;
    *tax = (struct line_tax){ .is_inclusive = is_inclusive, .base = totals->amount, .tax = amount };
    if (is_inclusive) {
        totals->taxes_inclusive_total = dec_add(totals->taxes_inclusive_total, amount);
    } else {
        totals->taxes_exclusive_total = dec_add(totals->taxes_exclusive_total, amount);
        totals->total = dec_add(totals->total, amount);
    }
    totals->taxes_total = dec_add(totals->taxes_total, amount);
    line->taxes.count++;
}

static struct line_record line_of(text currency, text cell, struct arena *arena)
{
    struct line_tax *taxes = ARENA_ARRAY(arena, struct line_tax, TAXES_MAX);
    struct line_record line = { .line = { .currency = currency, .name = TEXT("line") },
                                .taxes = { taxes, 0 },
                                .totals = rate_totals_zero(currency_find(currency)) };
    line.totals.amount = line.totals.total = number(text_cut(&cell, ' '));
    while (!text_is_empty(cell)) {
        text tax = text_cut(&cell, ' ');
        text kind = text_cut(&tax, '=');
        if (!text_equal(kind, TEXT("-")))
            add_tax(&line, &taxes[line.taxes.count], text_equal(kind, TEXT("in")), number(tax));
    }
    return line;
}

static void print(struct buffer *out, const struct credit_line *credit, struct arena *arena)
{
    const struct rate_totals *totals = &credit->totals;
    buffer_format(out, "%.*s+%.*s=%.*s", TEXT_ARG(dec_text(arena, credit->amount)),
                  TEXT_ARG(dec_text(arena, totals->taxes_exclusive_total)),
                  TEXT_ARG(dec_text(arena, totals->total)));
    if (!dec_is_zero(totals->taxes_inclusive_total))
        buffer_format(out, " (%.*s)", TEXT_ARG(dec_text(arena, totals->taxes_inclusive_total)));
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct line_record line = line_of(t->cells[CURRENCY], t->cells[LINE], arena);
    struct buffer out = { .arena = arena };
    dec credited = DEC_ZERO;
    for (text rest = t->cells[CREDITS]; !text_is_empty(rest);) {
        text wish = text_cut(&rest, ' ');
        dec amount = text_equal(wish, TEXT("rest")) ? DEC_INVALID : number(wish);
        struct credit_line credit;
        enum fault fault = credit_line_reckon(&line, credited, amount, arena, &credit);
        buffer_add(&out, out.len > 0 ? TEXT("; ") : TEXT(""));
        if (fault != FAULT_NONE) {
            buffer_add(&out, text_of(fault_info(fault)->slug));
            continue;
        }
        print(&out, &credit, arena);
        credited = dec_add(credited, credit.amount);
    }
    tap_is_text(buffer_text(&out), t->cells[WANT], __FILE__, __LINE__, table_name(t));
}

/* However a line is taken back, the parts are the whole. */
static void law_whole(void)
{
    struct law law = { .name = "credits over a whole line add up to its total" };
    for (int i = 0; i < 20000; i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new();
        int64_t cents = law_between(1, 100000);
        struct line_record line = line_of(TEXT("USD"), TEXT("0"), arena);
        struct line_tax *taxes = line.taxes.items;
        line.totals.amount = line.totals.total = dec_of_parts(cents, 2);
        for (int64_t k = law_between(0, 3); k > 0; k--)
            add_tax(&line, &taxes[line.taxes.count], law_between(0, 1) == 1,
                    dec_of_parts(law_between(0, cents / 4), 2));
        dec credited = DEC_ZERO, total = DEC_ZERO;
        for (int64_t left = cents; left > 0;) {
            int64_t part = law_between(1, left);
            struct credit_line credit;
            MUST(credit_line_reckon(&line, credited, dec_of_parts(part, 2), arena, &credit) ==
                 FAULT_NONE);
            credited = dec_add(credited, credit.amount);
            total = dec_add(total, credit.totals.total);
            left -= part;
        }
        law_case(&law, dec_equal(total, line.totals.total), "%lld cents", (long long)cents);
    }
    law_end(&law);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/bill/credit.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    law_seed();
    law_whole();
    return tap_end();
}
