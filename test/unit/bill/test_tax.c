/* The taxes of an invoice's lines, from a table; twice, as the second time must change nothing. */
#include "bill/invoice_tax.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, PROFILE, LINES, WANT, COLUMNS };

#define LINES_MAX   4
#define DETAILS_MAX 4

static instant at(text date, struct arena *arena)
{
    instant t;
    MUST(instant_parse(text_format(arena, "2026-%.*sT00:00:00Z", TEXT_ARG(date)), &t));
    return t;
}

static struct tax_code_id code_named(text name)
{
    static const char *const names[] = { "std", "low", "qc", "none", NULL };
    struct tax_code_id id = { 0 };
    id.ulid.bytes[15] = (uint8_t)(words_find(names, name) + 1);
    return id;
}

static struct rate_card_tax config_of(text code, text behavior)
{
    static const char *const words[] = { "inclusive", "exclusive", NULL };
    return (struct rate_card_tax){ .behavior = words_find(words, behavior),
                                   .code = { code_named(code) } };
}

static dec number(const char *digits)
{
    dec value;
    MUST(dec_parse(text_of(digits), &value));
    return value;
}

static struct tax_book book_of(text profile, struct arena *arena)
{
    static struct tax_rate_entry std[2], low[1], qc[2];
    static struct tax_code_rates codes[3];
    text code = text_cut(&profile, ' ');
    std[0] = (struct tax_rate_entry){ TEXT("VAT"), number("19"), INSTANT_NONE };
    std[1] = (struct tax_rate_entry){ TEXT("VAT"), number("20"), at(TEXT("07-01"), arena) };
    low[0] = (struct tax_rate_entry){ TEXT("VAT"), number("7"), INSTANT_NONE };
    qc[0] = (struct tax_rate_entry){ TEXT("GST"), number("5"), INSTANT_NONE };
    qc[1] = (struct tax_rate_entry){ TEXT("QST"), number("9.975"), INSTANT_NONE };
    codes[0] =
        (struct tax_code_rates){ .tax_code_id = code_named(TEXT("std")), .rates = { std, 2 } };
    codes[1] =
        (struct tax_code_rates){ .tax_code_id = code_named(TEXT("low")), .rates = { low, 1 } };
    codes[2] = (struct tax_code_rates){ .tax_code_id = code_named(TEXT("qc")), .rates = { qc, 2 } };
    return (struct tax_book){
        .is_enabled = true,
        .has_default = true,
        .profile_default = config_of(code, profile),
        .org_default = code_named(TEXT("std")),
        .rates = { codes, COUNT_OF(codes) },
    };
}

static struct line_record line_of(text cell, struct arena *arena)
{
    const struct currency *currency = currency_find(TEXT("USD"));
    struct rate_detail *details = ARENA_ARRAY(arena, struct rate_detail, DETAILS_MAX);
    struct line_record record = { .details = { details, 0 } };
    text code = text_cut(&cell, ' ');
    text behavior = text_cut(&cell, ' ');
    text period = text_cut(&cell, ' ');
    record.line.has_tax = true;
    record.line.tax = config_of(code, behavior);
    record.line.service_from = at(text_cut(&period, '/'), arena);
    record.line.service_to = at(period, arena);
    record.line.deleted_at = INSTANT_NONE;
    record.totals = rate_totals_zero(currency);
    while (!text_is_empty(cell)) {
        struct rate_totals totals = rate_totals_zero(currency);
        MUST(dec_parse(text_cut(&cell, ' '), &totals.amount));
        totals.total = totals.amount;
        details[record.details.count++].totals = totals;
        record.totals = rate_totals_add(&record.totals, &totals);
    }
    return record;
}

static text print(const struct line_record *lines, size_t count, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    for (size_t i = 0; i < count; i++) {
        const struct line_tax *taxes = lines[i].taxes.items;
        const struct rate_totals *totals = &lines[i].totals;
        buffer_add(&out, i > 0 ? TEXT("; ") : TEXT(""));
        for (size_t t = 0; t < lines[i].taxes.count; t++)
            buffer_format(&out, "%s%.*s %.*s %.*s", t > 0 ? " " : "", TEXT_ARG(taxes[t].name),
                          TEXT_ARG(dec_text(arena, taxes[t].base)),
                          TEXT_ARG(dec_text(arena, taxes[t].tax)));
        buffer_format(&out, "%s%.*s+%.*s=%.*s", lines[i].taxes.count > 0 ? ", " : "",
                      TEXT_ARG(dec_text(arena, totals->taxes_inclusive_total)),
                      TEXT_ARG(dec_text(arena, totals->taxes_exclusive_total)),
                      TEXT_ARG(dec_text(arena, totals->total)));
    }
    return buffer_text(&out);
}

/* A line's totals are the sum of its details'. */
static bool details_add_up(const struct line_record *line)
{
    struct rate_totals sum = rate_totals_zero(currency_find(TEXT("USD")));
    const struct rate_detail *details = line->details.items;
    for (size_t i = 0; i < line->details.count; i++)
        sum = rate_totals_add(&sum, &details[i].totals);
    return dec_equal(sum.total, line->totals.total) &&
           dec_equal(sum.taxes_total, line->totals.taxes_total);
}

static void test_row(struct arena *arena, const struct table *t)
{
    const struct currency *currency = currency_find(TEXT("USD"));
    struct tax_book book = book_of(t->cells[PROFILE], arena);
    struct line_record lines[LINES_MAX];
    size_t count = 0;
    for (text rest = t->cells[LINES]; !text_is_empty(rest);)
        lines[count++] = line_of(text_trim(text_cut(&rest, ';')), arena);
    MUST(invoice_tax_lines(&book, lines, count, currency, arena) == FAULT_NONE);
    tap_is_text(print(lines, count, arena), t->cells[WANT], __FILE__, __LINE__, table_name(t));
    MUST(invoice_tax_lines(&book, lines, count, currency, arena) == FAULT_NONE);
    tap_is_text(print(lines, count, arena), t->cells[WANT], __FILE__, __LINE__, "and again");
    bool adds_up = true;
    for (size_t i = 0; i < count; i++)
        adds_up = adds_up && details_add_up(&lines[i]);
    OK(adds_up, "details add up to their line");
}

static void test_none(struct arena *arena)
{
    struct tax_book book = book_of(TEXT("- -"), arena);
    struct line_record lines[2] = { line_of(TEXT("- - 01-01/02-01 10.00"), arena),
                                    line_of(TEXT("none - 01-01/02-01 10.00"), arena) };
    OK(line_has_tax_rates(&book, &lines[0].line, arena), "a line with rates");
    OK(!line_has_tax_rates(&book, &lines[1].line, arena), "a line without rates is told");
    MUST(invoice_tax_lines(&book, lines, 1, currency_find(TEXT("USD")), arena) == FAULT_NONE);
    lines[0].line.deleted_at = lines[0].line.service_from;
    MUST(invoice_tax_lines(&book, lines, 1, currency_find(TEXT("USD")), arena) == FAULT_NONE);
    IS_TEXT(print(lines, 1, arena), "0.00+0.00=10.00", "a deleted line bears nothing any more");
    lines[0].line.deleted_at = INSTANT_NONE;
    book.is_enabled = false;
    MUST(invoice_tax_lines(&book, lines, 1, currency_find(TEXT("USD")), arena) == FAULT_NONE);
    IS_TEXT(print(lines, 1, arena), "0.00+0.00=10.00", "nothing is taxed when taxes are off");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/bill/tax.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    test_none(arena);
    return tap_end();
}
