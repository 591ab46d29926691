/* tally.c: the aggregations. */
#include "rollup/tally.h"

#include "rollup/tally_set.h"
#include "rollup/tally_wide.h"

/* Later by event time; by sequence number at the same instant. */
static bool is_later(const struct tally *tally, instant at, uint64_t sequence)
{
    if (!instant_equal(at, tally->latest_at))
        return instant_before(tally->latest_at, at);
    return sequence > tally->latest_sequence;
}

/* From here on the sum is kept wide. */
static void make_wide(struct tally *tally, struct arena *arena)
{
    struct tally_wide *wide = ARENA_NEW(arena, struct tally_wide);
    tally_wide_add(wide, tally->value);
    tally->value = DEC_INVALID;
    tally->wide = wide;
}

/* Most sums and numbers are small: this is what a long way of dec_add comes to for them. */
static bool add_small(dec *sum, dec number)
{
    static const int64_t tens[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };
    int64_t one = (int64_t)sum->coefficient;
    int64_t other = (int64_t)number.coefficient;
    int32_t finer = number.scale - sum->scale;
    if (one != sum->coefficient || other != number.coefficient || sum->scale == DEC_SCALE_INVALID ||
        finer >= (int32_t)COUNT_OF(tens) || -finer >= (int32_t)COUNT_OF(tens))
        return false;
    if (finer > 0 && __builtin_mul_overflow(one, tens[finer], &one))
        return false;
    if (finer < 0 && __builtin_mul_overflow(other, tens[-finer], &other))
        return false;
    sum->coefficient = (dec_coefficient)one + other;
    sum->scale = finer > 0 ? number.scale : sum->scale;
    return true;
}

static void add_number(struct tally *tally, dec number, struct arena *arena)
{
    if (add_small(&tally->value, number))
        return;
    if (tally->wide == NULL) {
        dec sum = dec_add(tally->value, number);
        if (dec_is_valid(sum)) {
            tally->value = sum;
            return;
        }
        make_wide(tally, arena);
    }
    tally_wide_add(tally->wide, number);
}

void tally_add(struct tally *tally, enum tally_kind kind, const struct tally_item *item,
               struct arena *arena)
{
    CHECK(tally != NULL && item != NULL && tally->count >= 0);
    bool is_first = tally->count++ == 0;
    switch (kind) {
    case TALLY_COUNT:
        return;
    case TALLY_SUM:
    case TALLY_AVG:
        if (is_first)
            tally->value = item->number;
        else
            add_number(tally, item->number, arena);
        return;
    case TALLY_MIN:
        tally->value = is_first ? item->number : dec_min(tally->value, item->number);
        return;
    case TALLY_MAX:
        tally->value = is_first ? item->number : dec_max(tally->value, item->number);
        return;
    case TALLY_LATEST:
        if (!is_first && !is_later(tally, item->at, item->sequence))
            return;
        tally->value = item->number;
        tally->latest_at = item->at;
        tally->latest_sequence = item->sequence;
        return;
    case TALLY_UNIQUE:
        if (is_first)
            tally->set = tally_set_new(arena, false, 1);
        tally_set_add_word(tally->set, item->word, arena);
        return;
    case TALLY_QUANTILE:
        if (is_first)
            tally->set = tally_set_new(arena, true, 1);
        tally_set_add_number(tally->set, item->number, 1, arena);
        return;
    case TALLY_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

static void merge_sum(struct tally *tally, const struct tally *from, struct arena *arena)
{
    if (from->wide == NULL) {
        add_number(tally, from->value, arena);
        return;
    }
    if (tally->wide == NULL)
        make_wide(tally, arena);
    tally_wide_merge(tally->wide, from->wide);
}

static void merge_set(struct tally *tally, const struct tally_set *from, struct arena *arena)
{
    if (tally->set == NULL)
        tally->set = tally_set_new(arena, from->words == NULL, from->count);
    for (uint32_t i = 0; i < from->count; i++) {
        if (from->words != NULL)
            tally_set_add_word(tally->set, from->words[i], arena);
        else
            tally_set_add_number(tally->set, from->numbers[i].number, from->numbers[i].count,
                                 arena);
    }
}

void tally_merge(struct tally *tally, enum tally_kind kind, const struct tally *from,
                 struct arena *arena)
{
    CHECK(tally != NULL && from != NULL && tally != from);
    CHECK(tally->count >= 0 && from->count >= 0);
    if (from->count == 0)
        return;
    bool is_first = tally->count == 0;
    tally->count += from->count;
    switch (kind) {
    case TALLY_COUNT:
        return;
    case TALLY_SUM:
    case TALLY_AVG:
        if (is_first && from->wide == NULL)
            tally->value = from->value;
        else
            merge_sum(tally, from, arena);
        return;
    case TALLY_MIN:
        tally->value = is_first ? from->value : dec_min(tally->value, from->value);
        return;
    case TALLY_MAX:
        tally->value = is_first ? from->value : dec_max(tally->value, from->value);
        return;
    case TALLY_LATEST:
        if (!is_first && !is_later(tally, from->latest_at, from->latest_sequence))
            return;
        tally->value = from->value;
        tally->latest_at = from->latest_at;
        tally->latest_sequence = from->latest_sequence;
        return;
    case TALLY_UNIQUE:
    case TALLY_QUANTILE:
        merge_set(tally, from->set, arena);
        return;
    case TALLY_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

static dec sum_of(const struct tally *tally)
{
    return tally->wide != NULL ? tally_wide_dec(tally->wide) : dec_trim(tally->value);
}

/* sum / count with as many digits as TALLY_AVG_SCALE says, or as the sum has, or as fit. */
static dec average_of(dec sum, int64_t count)
{
    if (!dec_is_valid(sum))
        return sum;
    int32_t scale = sum.scale > TALLY_AVG_SCALE ? sum.scale : TALLY_AVG_SCALE;
    dec average = DEC_INVALID;
    while (!dec_is_valid(average) && scale >= 0)
        average = dec_div(sum, dec_of_int(count), scale--, ROUND_HALF_AWAY);
    CHECK(dec_is_valid(average));
    return average;
}

/* The value at the nearest rank: the least rank that is at least quantile * count, from 1 on. */
static dec quantile_of(const struct tally *tally, dec quantile)
{
    CHECK(dec_sign(quantile) > 0 && dec_compare(quantile, dec_of_int(1)) <= 0);
    struct tally_set *set = tally->set;
    dec rank = dec_mul_round(dec_of_int(tally->count), quantile, 0, ROUND_CEILING);
    CHECK(dec_is_valid(rank) && rank.coefficient >= 1 && rank.coefficient <= tally->count);
    tally_set_sort(set);
    int64_t passed = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        passed += set->numbers[i].count;
        if (passed >= rank.coefficient)
            return set->numbers[i].number;
    }
    UNREACHABLE();
}

dec tally_value(const struct tally *tally, enum tally_kind kind, dec quantile)
{
    CHECK(tally != NULL && tally->count > 0);
    switch (kind) {
    case TALLY_COUNT:
        return dec_of_int(tally->count);
    case TALLY_SUM:
        return sum_of(tally);
    case TALLY_AVG:
        return dec_trim(average_of(sum_of(tally), tally->count));
    case TALLY_MIN:
    case TALLY_MAX:
    case TALLY_LATEST:
        return dec_trim(tally->value);
    case TALLY_UNIQUE:
        return dec_of_int(tally->set->count);
    case TALLY_QUANTILE:
        return quantile_of(tally, quantile);
    case TALLY_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}
