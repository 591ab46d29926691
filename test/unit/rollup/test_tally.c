/* test_tally.c: the aggregations by a table, on values one by one and in merged halves. */
#include "lib/table.h"
#include "lib/tap.h"
#include "rollup/tally.h"

static const char *const kind_words[] = { "count", "sum",    "avg",    "min",
                                          "max",   "latest", "unique", "quantile" };
_Static_assert(COUNT_OF(kind_words) == TALLY_KIND_COUNT, "a word for each kind");

static enum tally_kind kind_of(text word)
{
    for (size_t i = 0; i < COUNT_OF(kind_words); i++)
        if (text_equal(word, text_of(kind_words[i])))
            return (enum tally_kind)i;
    UNREACHABLE();
}

/* Reads "number@second" or "word". */
static struct tally_item item_of(enum tally_kind kind, text value, uint64_t sequence)
{
    struct tally_item item = { .word = value, .sequence = sequence };
    text number = text_cut(&value, '@');
    int64_t second = 0;
    if (kind != TALLY_COUNT && kind != TALLY_UNIQUE)
        MUST(dec_parse(number, &item.number));
    if (value.ptr != NULL)
        MUST(text_to_int(value, &second));
    item.at.ns = second * NS_PER_SECOND;
    return item;
}

struct sample {
    enum tally_kind kind;
    dec quantile;
    struct tally_item items[TABLE_CELLS_MAX * 4];
    size_t count;
};

static struct sample sample_of(const struct table *t)
{
    struct sample sample = { .quantile = DEC_INVALID };
    text quantile = t->cells[0];
    sample.kind = kind_of(text_cut(&quantile, ':'));
    if (quantile.ptr != NULL)
        MUST(dec_parse(quantile, &sample.quantile));
    text rest = t->cells[1];
    while (rest.ptr != NULL) {
        MUST(sample.count < COUNT_OF(sample.items));
        text value = text_cut(&rest, ' ');
        sample.items[sample.count] = item_of(sample.kind, value, sample.count + 1);
        sample.count++;
    }
    return sample;
}

static text value_of(const struct sample *sample, const struct tally *tally, struct arena *arena)
{
    dec value = tally_value(tally, sample->kind, sample->quantile);
    return dec_is_valid(value) ? dec_text(arena, value) : TEXT("invalid");
}

/* The tally of the items from `from` to before `to`. */
static struct tally tally_of(const struct sample *sample, size_t from, size_t to,
                             struct arena *arena)
{
    struct tally tally = { 0 };
    for (size_t i = from; i < to; i++)
        tally_add(&tally, sample->kind, &sample->items[i], arena);
    return tally;
}

static text bytes_of(const struct sample *sample, const struct tally *tally, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    tally_write(tally, sample->kind, &out);
    return buffer_text(&out);
}

/* Whether each way of cutting the items in two gives the same value and bytes when merged. */
static bool merges_everywhere(const struct sample *sample, text want, text bytes,
                              struct arena *arena)
{
    for (size_t cut = 0; cut <= sample->count; cut++) {
        struct tally later = tally_of(sample, cut, sample->count, arena);
        struct tally sooner = tally_of(sample, 0, cut, arena);
        tally_merge(&later, sample->kind, &sooner, arena);
        if (!text_equal(value_of(sample, &later, arena), want) ||
            !text_equal(bytes_of(sample, &later, arena), bytes))
            return false;
    }
    return true;
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/rollup/tally.vec", 3);
    while (table_next(&t)) {
        struct sample sample = sample_of(&t);
        struct tally all = tally_of(&sample, 0, sample.count, arena);
        text got = value_of(&sample, &all, arena);
        if (!OK(text_equal(got, t.cells[2]), "M: %s", table_name(&t)))
            printf("# got %.*s, want %.*s\n", TEXT_ARG(got), TEXT_ARG(t.cells[2]));
        text bytes = bytes_of(&sample, &all, arena);
        OK(merges_everywhere(&sample, t.cells[2], bytes, arena), "merged in halves: %s",
           table_name(&t));
        struct tally back;
        text rest = bytes;
        bool is_read = tally_read(&rest, sample.kind, arena, &back) && rest.len == 0;
        OK(is_read && text_equal(bytes_of(&sample, &back, arena), bytes) &&
               text_equal(value_of(&sample, &back, arena), t.cells[2]),
           "written and read back: %s", table_name(&t));
    }
    table_close(&t);
}

/* The bytes of a sum of small numbers are few: rollups are made of them. */
static void test_size(struct arena *arena)
{
    struct sample sample = { .kind = TALLY_SUM, .count = 1 };
    MUST(dec_parse(TEXT("81.92"), &sample.items[0].number));
    struct tally one = tally_of(&sample, 0, 1, arena);
    OK(bytes_of(&sample, &one, arena).len == 4, "one value of four digits takes four bytes");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_vectors(arena);
    test_size(arena);
    return tap_end();
}
