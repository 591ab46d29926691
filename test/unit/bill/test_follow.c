/* What becomes of the lines of a subscription that gives up time, by the invoice they are on. */
#include "bill/line.h"
#include "lib/table.h"
#include "lib/tap.h"

static instant at(struct arena *arena, text date)
{
    instant t;
    MUST(instant_parse(text_format(arena, "%.*sT00:00:00Z", TEXT_ARG(date)), &t));
    return t;
}

static int word_index(const char *const words[], text word)
{
    int i = 0;
    while (words[i] != NULL && !text_equal(text_of(words[i]), word))
        i++;
    MUST(words[i] != NULL);
    return i;
}

/* A fee of 31 for January, invoiced a day later than it would have to be. */
static struct pending_line line_read(struct arena *arena, const struct table *t)
{
    instant from = at(arena, TEXT("2026-01-01"));
    instant to = at(arena, TEXT("2026-02-01"));
    struct pending_line line = {
        .terms = price_terms_of(PRICE_FLAT, dec_of_int(31)),
        .payment_term = TERM_IN_ADVANCE,
        .currency = TEXT("USD"),
        .is_pro_rating = true,
        .service_from = from,
        .service_to = to,
        .full_from = from,
        .full_to = to,
        .billing_from = from,
        .billing_to = to,
        .invoice_at = from,
        .collect_at = INSTANT_NONE,
        .deleted_at = text_equal(t->cells[3], TEXT("yes")) ? to : INSTANT_NONE,
        .managed_by = (enum line_managed_by)word_index(line_managed_by_words, t->cells[2]),
        .invoice_state = (enum invoice_state)word_index(invoice_state_words, t->cells[1]),
    };
    line.id.ulid.bytes[15] = 1;
    line.item_id.ulid.bytes[15] = 2;
    line.invoice_id.ulid.bytes[15] = 3;
    return line;
}

static text fee_text(struct arena *arena, const char *word, const struct pending_line *line)
{
    return text_format(arena, "%s %.*s", word, TEXT_ARG(dec_text(arena, line_fee(line, arena))));
}

static text outcome(struct arena *arena, const struct line_changes *changes)
{
    const struct line_drafted *drafted = changes->drafted.items;
    const struct line_credit *credits = changes->credits.items;
    MUST(changes->changed.count + changes->removed.count + changes->drafted.count +
             changes->credits.count <=
         1);
    if (changes->changed.count == 1)
        return fee_text(arena, "changed", changes->changed.items);
    if (changes->removed.count == 1)
        return TEXT("removed");
    if (changes->drafted.count == 1)
        return drafted->is_withdrawn ? TEXT("withdrawn")
                                     : fee_text(arena, "drafted", &drafted->line);
    if (changes->credits.count == 1)
        return text_format(arena, "credit %.*s", TEXT_ARG(dec_text(arena, credits->amount)));
    return TEXT("-");
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct pending_line line = line_read(arena, t);
    struct pending_line kept = line;
    struct list present = { &line, 1 };
    struct list wanted = { &kept, 1 };
    if (text_equal(t->cells[4], TEXT("-")))
        wanted.count = 0;
    else
        kept.service_to = at(arena, t->cells[4]);
    kept.id = (struct line_id){ 0 };
    struct line_changes changes = lines_compare(&present, &wanted, arena);
    text got = outcome(arena, &changes);
    OK(text_equal(got, t->cells[5]) && changes.added.count == 0, "%s: %.*s", table_name(t),
       TEXT_ARG(got));
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct table t = table_open(arena, "test/vectors/bill/follow.vec", 6);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    return tap_end();
}
