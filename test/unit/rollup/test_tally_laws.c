/* test_tally_laws.c: tallies merge: any order and grouping of the same events is the same bytes.
 * And bytes that are no tally are refused, never misread. */
#include "lib/law.h"
#include "rollup/tally.h"

#define ITEMS_MAX 40
#define CASES     4000

/* Numbers of a few scales and sizes, so that equal ones, long ones and overflows all come. */
static dec any_number(void)
{
    static const int64_t sizes[] = { 3, 100, 100000, INT64_MAX };
    int64_t size = sizes[law_between(0, COUNT_OF(sizes) - 1)];
    dec number = dec_of_parts(law_between(-size, size), (int32_t)law_between(0, 8));
    dec power = dec_of_parts(1, (int32_t)law_between(0, 1) * 30);
    if (law_between(0, 9) == 0)
        number = dec_mul(number, power);
    if (law_between(0, 9) == 0) {
        dec large = DEC_ZERO;
        MUST(dec_parse(TEXT("99999999999999999999999999999999999999"), &large));
        number = law_between(0, 1) == 0 ? large : dec_negate(large);
    }
    return dec_is_valid(number) ? number : DEC_ZERO;
}

static text any_word(struct arena *arena)
{
    return text_format(arena, "%.*s%lld", (int)law_between(0, 30), "word-word-word-word-word-word-",
                       (long long)law_between(0, 30));
}

static size_t any_items(struct arena *arena, struct tally_item *ret)
{
    size_t count = (size_t)law_between(1, ITEMS_MAX);
    for (size_t i = 0; i < count; i++)
        ret[i] = (struct tally_item){
            .number = any_number(),
            .word = any_word(arena),
            .at = { law_between(-3, 3) * NS_PER_SECOND },
            .sequence = i + 1,
        };
    return count;
}

static void shuffle(struct tally_item *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)law_between(0, (int64_t)i - 1);
        struct tally_item item = items[i - 1];
        items[i - 1] = items[other];
        items[other] = item;
    }
}

/* Items into a few tallies by chance, and those into one, by chance a tree. */
static struct tally grouped(enum tally_kind kind, const struct tally_item *items, size_t count,
                            struct arena *arena)
{
    struct tally parts[5] = { 0 };
    size_t room = (size_t)law_between(1, 5);
    for (size_t i = 0; i < count; i++)
        tally_add(&parts[law_between(0, (int64_t)room - 1)], kind, &items[i], arena);
    for (size_t i = room; i > 1; i--)
        tally_merge(&parts[law_between(0, (int64_t)i - 2)], kind, &parts[i - 1], arena);
    return parts[0];
}

static text bytes_of(enum tally_kind kind, const struct tally *tally, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    tally_write(tally, kind, &out);
    return buffer_text(&out);
}

static bool is_same_value(enum tally_kind kind, const struct tally *a, const struct tally *b)
{
    dec quantile = dec_of_parts(law_between(1, 1000), 3);
    dec one = tally_value(a, kind, quantile);
    dec other = tally_value(b, kind, quantile);
    if (!dec_is_valid(one) || !dec_is_valid(other))
        return dec_is_valid(one) == dec_is_valid(other);
    return one.coefficient == other.coefficient && one.scale == other.scale;
}

static void law_merge(struct arena *arena)
{
    struct law law = { .name = "a tally is the same bytes in any order and grouping" };
    struct law back = { .name = "a tally reads back as it was written" };
    for (int i = 0; i < CASES; i++) {
        enum tally_kind kind = (enum tally_kind)law_between(0, TALLY_KIND_COUNT - 1);
        struct tally_item items[ITEMS_MAX];
        arena_reset(arena);
        size_t count = any_items(arena, items);
        struct tally one = grouped(kind, items, count, arena);
        shuffle(items, count);
        struct tally other = grouped(kind, items, count, arena);
        text bytes = bytes_of(kind, &one, arena);
        law_case(&law,
                 text_equal(bytes, bytes_of(kind, &other, arena)) &&
                     is_same_value(kind, &one, &other),
                 "case %d, kind %d", i, (int)kind);
        struct tally read;
        text rest = bytes;
        bool is_read = tally_read(&rest, kind, arena, &read) && rest.len == 0;
        law_case(&back, is_read && text_equal(bytes_of(kind, &read, arena), bytes),
                 "case %d, kind %d", i, (int)kind);
    }
    law_end(&law);
    law_end(&back);
}

static void law_cut(struct arena *arena)
{
    struct law law = { .name = "a tally's bytes cut short are none" };
    for (int i = 0; i < CASES; i++) {
        enum tally_kind kind = (enum tally_kind)law_between(0, TALLY_KIND_COUNT - 1);
        struct tally_item items[ITEMS_MAX];
        arena_reset(arena);
        size_t count = any_items(arena, items);
        struct tally one = grouped(kind, items, count, arena);
        text bytes = bytes_of(kind, &one, arena);
        text cut = text_slice(bytes, 0, (size_t)law_between(0, (int64_t)bytes.len - 1));
        struct tally read;
        law_case(&law, !tally_read(&cut, kind, arena, &read), "case %d, kind %d", i, (int)kind);
    }
    law_end(&law);
}

/* Any bytes: what is read can be written, merged and valued. */
static void law_noise(struct arena *arena)
{
    struct law law = { .name = "any bytes are refused or a whole tally" };
    for (int i = 0; i < 10 * CASES; i++) {
        enum tally_kind kind = (enum tally_kind)law_between(0, TALLY_KIND_COUNT - 1);
        unsigned char noise[64];
        size_t size = (size_t)law_between(1, sizeof(noise));
        arena_reset(arena);
        random_fill(&law_random, noise, size);
        text from = { (const char *)noise, size };
        struct tally read = { 0 };
        struct tally sum = { 0 };
        if (tally_read(&from, kind, arena, &read)) {
            tally_merge(&sum, kind, &read, arena);
            (void)bytes_of(kind, &sum, arena);
        }
        law_case(&law, read.count >= 0 && sum.count == read.count, "case %d", i);
    }
    law_end(&law);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    law_seed();
    law_merge(arena);
    law_cut(arena);
    law_noise(arena);
    return tap_end();
}
