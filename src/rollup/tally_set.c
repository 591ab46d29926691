#include "rollup/tally_set.h"

#include <xxhash.h>

#define FEW       8U /* so many items are looked through one by one */
#define ITEMS_MAX (1U << 30)

struct tally_set *tally_set_new(struct arena *arena, bool is_numbers, uint32_t room)
{
    struct tally_set *set = ARENA_NEW(arena, struct tally_set);
    CHECK(room <= ITEMS_MAX);
    set->room = room > 0 ? room : 1;
    if (is_numbers)
        set->numbers = ARENA_ARRAY(arena, struct tally_number, set->room);
    else
        set->words = ARENA_ARRAY(arena, text, set->room);
    return set;
}

/* The set's address keeps clients from choosing words that collide. */
static uint64_t hash_of(const struct tally_set *set, const void *bytes, size_t size)
{
    return XXH3_64bits_withSeed(bytes, size, (uint64_t)(uintptr_t)set);
}

static uint64_t number_hash(const struct tally_set *set, dec number)
{
    unsigned char bytes[sizeof(number.coefficient) + sizeof(number.scale)];
    memcpy(bytes, &number.coefficient, sizeof(number.coefficient));
    memcpy(bytes + sizeof(number.coefficient), &number.scale, sizeof(number.scale));
    return hash_of(set, bytes, sizeof(bytes));
}

static uint64_t item_hash(const struct tally_set *set, uint32_t item)
{
    if (set->words == NULL)
        return number_hash(set, set->numbers[item].number);
    return hash_of(set, set->words[item].ptr, set->words[item].len);
}

static void insert_slot(struct tally_set *set, uint32_t item)
{
    uint32_t mask = set->slot_count - 1;
    uint32_t at = (uint32_t)item_hash(set, item) & mask;
    while (set->slots[at] != 0)
        at = (at + 1) & mask;
    set->slots[at] = item + 1;
}

/* Makes the hash table anew, at most half full when the items have filled their room. */
static void make_slots(struct tally_set *set, struct arena *arena)
{
    set->slot_count = 4 * FEW;
    while (set->slot_count < 2 * set->room)
        set->slot_count *= 2;
    set->slots = ARENA_ARRAY(arena, uint32_t, set->slot_count);
    for (uint32_t i = 0; i < set->count; i++)
        insert_slot(set, i);
}

static bool is_word(const struct tally_set *set, uint32_t item, text word)
{
    return text_equal(set->words[item], word);
}

static bool is_number(const struct tally_set *set, uint32_t item, dec number)
{
    return set->numbers[item].number.coefficient == number.coefficient &&
           set->numbers[item].number.scale == number.scale;
}

/* The item that is the word, or the number when there is no word; the count when there is none. */
static uint32_t find(const struct tally_set *set, const text *word, const dec *number)
{
    if (set->slots == NULL) {
        for (uint32_t i = 0; i < set->count; i++)
            if (word != NULL ? is_word(set, i, *word) : is_number(set, i, *number))
                return i;
        return set->count;
    }
    uint32_t mask = set->slot_count - 1;
    uint64_t hash = word != NULL ? hash_of(set, word->ptr, word->len) : number_hash(set, *number);
    for (uint32_t at = (uint32_t)hash & mask; set->slots[at] != 0; at = (at + 1) & mask) {
        uint32_t item = set->slots[at] - 1;
        if (word != NULL ? is_word(set, item, *word) : is_number(set, item, *number))
            return item;
    }
    return set->count;
}

/* Room for one more item. */
static void grow(struct tally_set *set, struct arena *arena)
{
    if (set->count < set->room)
        return;
    MUST(set->room <= ITEMS_MAX / 2);
    set->room *= 2;
    if (set->words != NULL) {
        text *words = ARENA_ARRAY(arena, text, set->room);
        memcpy(words, set->words, set->count * sizeof(*words));
        set->words = words;
    } else {
        struct tally_number *numbers = ARENA_ARRAY(arena, struct tally_number, set->room);
        memcpy(numbers, set->numbers, set->count * sizeof(*numbers));
        set->numbers = numbers;
    }
    set->slots = NULL;
}

/* Counts the item that was put behind the others. */
static void added(struct tally_set *set)
{
    set->is_sorted = false;
    set->count++;
    if (set->slots != NULL)
        insert_slot(set, set->count - 1);
}

static void make_ready(struct tally_set *set, struct arena *arena)
{
    grow(set, arena);
    if (set->slots == NULL && set->count > FEW)
        make_slots(set, arena);
}

void tally_set_add_word(struct tally_set *set, text word, struct arena *arena)
{
    CHECK(set != NULL && set->words != NULL);
    make_ready(set, arena);
    if (find(set, &word, NULL) != set->count)
        return;
    set->words[set->count] = text_copy(arena, word);
    added(set);
}

void tally_set_add_number(struct tally_set *set, dec number, int64_t count, struct arena *arena)
{
    CHECK(set != NULL && set->numbers != NULL && count > 0);
    number = dec_trim(number);
    make_ready(set, arena);
    uint32_t item = find(set, NULL, &number);
    if (item != set->count) {
        set->numbers[item].count += count;
        return;
    }
    set->numbers[item] = (struct tally_number){ number, count };
    added(set);
}

static int compare_words(const void *left, const void *right)
{
    return text_compare(*(const text *)left, *(const text *)right);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct tally_number *a = left;
    const struct tally_number *b = right;
    return dec_compare(a->number, b->number);
}

void tally_set_sort(struct tally_set *set)
{
    CHECK(set != NULL);
    if (set->is_sorted)
        return;
    if (set->words != NULL)
        qsort(set->words, set->count, sizeof(*set->words), compare_words);
    else
        qsort(set->numbers, set->count, sizeof(*set->numbers), compare_numbers);
    set->slots = NULL;
    set->is_sorted = true;
}
