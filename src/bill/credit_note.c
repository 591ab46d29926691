/* credit_note.c: how much of a line is given back. */
#include "bill/credit_note.h"

#include "bill/invoice_tax.h"

dec credit_line_price(const struct line_record *line)
{
    CHECK(line != NULL);
    return dec_sub(line->totals.total, line->totals.taxes_exclusive_total);
}

/* The part of an amount that belongs to the money taken back between two points: each point is
 * rounded, so that parts add up. */
static dec part_of(dec whole, dec from, dec to, dec price, const struct currency *currency)
{
    dec upper = dec_mul_div(whole, to, price, currency->digits, ROUND_HALF_AWAY);
    dec lower = dec_mul_div(whole, from, price, currency->digits, ROUND_HALF_AWAY);
    return dec_sub(upper, lower);
}

enum fault credit_line_reckon(const struct line_record *line, dec credited, dec amount,
                              struct arena *arena, struct credit_line *ret)
{
    CHECK(line != NULL && arena != NULL && ret != NULL);
    const struct currency *currency = currency_find(line->line.currency);
    CHECK(currency != NULL);
    const dec price = credit_line_price(line);
    const dec left = dec_sub(price, credited);
    const dec taken = dec_is_valid(amount) ? amount : left;
    if (dec_sign(left) <= 0 || dec_compare(taken, left) > 0)
        return FAULT_CREDIT_TOO_LARGE;
    if (dec_sign(taken) <= 0 || dec_trim(taken).scale > currency->digits)
        return FAULT_CREDIT_AMOUNT;
    const dec after = dec_add(credited, taken);
    const struct line_tax *taxes = line->taxes.items;
    struct line_tax *parts = ARENA_ARRAY(arena, struct line_tax, line->taxes.count);
    struct credit_line credit = {
        .line_id = line->line.id,
        .name = line->line.name,
        .amount = money_round(taken, currency),
        .taxes = { parts, line->taxes.count },
        .totals = rate_totals_zero(currency),
    };
    credit.totals.amount = credit.amount;
    credit.totals.total = credit.amount;
    for (size_t i = 0; i < line->taxes.count; i++) {
        parts[i] = taxes[i];
        parts[i].tax = part_of(taxes[i].tax, credited, after, price, currency);
        parts[i].base = part_of(taxes[i].base, credited, after, price, currency);
        totals_tax(&credit.totals, parts[i].tax, parts[i].is_inclusive);
    }
    *ret = credit;
    return FAULT_NONE;
}

static dec note_taken(const struct credit_note *note, struct line_id line)
{
    const struct credit_line *lines = note->lines.items;
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < note->lines.count; i++) {
        if (ulid_equal(lines[i].line_id.ulid, line.ulid))
            sum = dec_add(sum, lines[i].amount);
    }
    return sum;
}

dec credit_taken(const struct list *notes, struct line_id line)
{
    CHECK(notes != NULL);
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < notes->count; i++)
        sum = dec_add(sum, note_taken((const struct credit_note *)notes->items + i, line));
    return sum;
}

dec credit_given(const struct list *notes, struct line_id line)
{
    CHECK(notes != NULL);
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < notes->count; i++) {
        const struct credit_note *note = (const struct credit_note *)notes->items + i;
        if (note->source == CREDIT_BY_SUBSCRIPTION)
            sum = dec_add(sum, note_taken(note, line));
    }
    return sum;
}

dec credit_total(const struct list *notes)
{
    CHECK(notes != NULL);
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < notes->count; i++)
        sum = dec_add(sum, ((const struct credit_note *)notes->items)[i].totals.total);
    return sum;
}
