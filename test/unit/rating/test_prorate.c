/* Prorates amounts from a table, by time and by days; and the laws of parts: those of a tiling add
 * up to one, and nothing is ever negative or more than the whole. */
#include "rating/prorate.h"

#include "lib/table.h"
#include "unit/rating/random_terms.h"

enum { RULE, UNIT, ZONE, AMOUNT, CURRENCY, SERVICE, FULL, PART, DUE, COLUMNS };

#define ROUNDS 100000

static struct period period_cell(text cell)
{
    struct period period;
    text from = text_cut(&cell, '/');
    MUST(instant_parse(from, &period.from) && instant_parse(cell, &period.to));
    return period;
}

static text part_text(struct arena *arena, const struct proration *proration)
{
    dec service, full;
    if (proration_is_whole(proration))
        return TEXT("whole");
    proration_parts(proration, &service, &full);
    return text_format(arena, "%.*s of %.*s", TEXT_ARG(dec_text(arena, dec_trim(service))),
                       TEXT_ARG(dec_text(arena, dec_trim(full))));
}

static void test_row(struct arena *arena, const struct table *t)
{
    const text *cells = t->cells;
    const struct proration proration = {
        .service = period_cell(cells[SERVICE]),
        .full = period_cell(cells[FULL]),
        .unit = (enum proration_unit)word_index(proration_unit_words, cells[UNIT]),
        .zone = text_equal(cells[ZONE], TEXT("-")) ? NULL : zone_find(cells[ZONE]),
    };
    dec due = prorate(number(cells[AMOUNT]), &proration, currency_find(cells[CURRENCY]));
    tap_is_text(part_text(arena, &proration), cells[PART], __FILE__, __LINE__, table_name(t));
    if (!dec_is_valid(due))
        tap_is_text(TEXT("amount_overflow"), cells[DUE], __FILE__, __LINE__, table_name(t));
    else
        tap_is_text(dec_text(arena, due), cells[DUE], __FILE__, __LINE__, table_name(t));
}

/* A full period cut at random instants, in a zone and unit of its own. */
static int count_tiling_faults(void)
{
    static const char *const zones[] = { "UTC", "America/New_York", "Europe/Budapest",
                                         "Africa/Cairo", "Asia/Kathmandu" };
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t start = between(1000000000, 2000000000) * NS_PER_SECOND;
        struct proration proration = {
            .full = { { start }, { start + between(1, 400 * NS_PER_DAY) } },
            .unit = (enum proration_unit)between(PRORATE_TIME, PRORATE_DAYS),
            .zone = zone_find(text_of(zones[between(0, COUNT_OF(zones) - 1)])),
        };
        dec sum = DEC_ZERO;
        dec full = DEC_ZERO;
        dec part;
        proration.service.to = proration.full.from;
        for (int64_t left = between(1, 6); left > 0; left--) {
            instant from = proration.service.to;
            instant end = proration.full.to;
            proration.service.from = from;
            proration.service.to.ns = left == 1 ? end.ns : between(from.ns, end.ns);
            proration_parts(&proration, &part, &full);
            faults += dec_sign(part) < 0 || dec_compare(part, full) > 0;
            sum = dec_add(sum, part);
        }
        faults += !dec_equal(sum, full) || dec_sign(full) <= 0;
    }
    return faults;
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/prorate.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    random_seed();
    OK(count_tiling_faults() == 0, "parts that tile a period add up to it, by time and by days");
    arena_free(arena);
    return tap_end();
}
