/* Places in prices, from a table; and what each type of price is. */
#include "rating/price.h"

#include "unit/rating/terms.h"

enum { RULE, PRICE, ASKED, FOUND, COLUMNS };

static size_t place_of(struct row *row, text asked)
{
    const struct price *price = &row->terms.price;
    if (price->type == PRICE_MATRIX) {
        const struct text_list values = read_words(row, asked, '/');
        return price_cell_find(price, &values);
    }
    int64_t day = 0;
    text first = text_cut(&asked, ' ');
    MUST(text_to_int(first, &day));
    return price_window_find(price, (int)day, (int)minute_of(asked));
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct row row = { 0 };
    read_terms(&row, t->cells[PRICE]);
    const struct price *price = &row.terms.price;
    size_t place = place_of(&row, t->cells[ASKED]);
    bool is_other = place == price->cells.count + price->windows.count;
    text found = is_other ? TEXT("other") : text_format(arena, "%zu", place);
    tap_is_text(found, t->cells[FOUND], __FILE__, __LINE__, table_name(t));
}

static void test_types(void)
{
    static const struct {
        enum price_type type;
        bool is_metered;
        enum price_split split;
    } rows[] = {
        { PRICE_FREE, false, PRICE_SPLIT_NONE },
        { PRICE_FLAT, false, PRICE_SPLIT_NONE },
        { PRICE_UNIT, true, PRICE_SPLIT_NONE },
        { PRICE_GRADUATED, true, PRICE_SPLIT_NONE },
        { PRICE_VOLUME, true, PRICE_SPLIT_NONE },
        { PRICE_PACKAGE, true, PRICE_SPLIT_NONE },
        { PRICE_DYNAMIC, true, PRICE_SPLIT_NONE },
        { PRICE_PERCENTAGE, true, PRICE_SPLIT_VALUES },
        { PRICE_MATRIX, true, PRICE_SPLIT_CELLS },
        { PRICE_CAPACITY, true, PRICE_SPLIT_NONE },
        { PRICE_TIME_OF_USE, true, PRICE_SPLIT_TIMES },
        { PRICE_SEAT, true, PRICE_SPLIT_NONE },
    };

    OK(COUNT_OF(rows) == PRICE_TYPE_COUNT, "each type of price has its row");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *word = price_type_words[rows[i].type];
        OK(price_is_metered(rows[i].type) == rows[i].is_metered, "%s: whether it is metered", word);
        OK(price_split_of(rows[i].type) == rows[i].split, "%s: how it is taken apart", word);
    }
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/place.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    test_types();
    arena_free(arena);
    return tap_end();
}
