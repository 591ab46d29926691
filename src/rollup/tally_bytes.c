/* tally_bytes.c: a tally as bytes.
 *
 * COUNT is a varint. All others begin with one byte: the low three bits are the scale of the value,
 * 0 to 5, 6 when a byte with the scale follows, 7 for a sum that fits no dec; the high five bits
 * are the count, 0 when it follows as a varint. Then:
 *
 *   SUM, AVG, MIN, MAX   the coefficient, folded; or high, low and part of the wide sum
 *   LATEST               the same, then time (folded) and sequence
 *   UNIQUE               how many words; each with its length before it, ascending
 *   QUANTILE             how many numbers; each as scale, folded coefficient, count, ascending
 *
 * Numbers have no trailing zeros, and a sum that fits a dec is written as one: so equal tallies are
 * equal bytes.
 */
#include "rollup/tally.h"

#include "rollup/tally_plain.h"
#include "rollup/tally_set.h"
#include "rollup/tally_wide.h"

#define SCALE_WIDE 7
#define COUNT_MAX  31
#define FIXED_MAX  (2 + 3 * VARINT_MAX + 3 * VARINT_WIDE_MAX)

static varint_wide fold(dec_coefficient n)
{
    return n < 0 ? ((varint_wide) - (n + 1) << 1) | 1 : (varint_wide)n << 1;
}

static dec_coefficient unfold(varint_wide n)
{
    dec_coefficient half = (dec_coefficient)(n >> 1);
    return (n & 1) != 0 ? -half - 1 : half;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* The first byte, and the count behind it where that does not fit in. */
static unsigned char *put_head(unsigned char *to, int32_t scale, int64_t count)
{
    bool is_small = count <= COUNT_MAX;
    *to++ = (unsigned char)(scale | (is_small ? (int32_t)count << TALLY_COUNT_SHIFT : 0));
    return is_small ? to : varint_put(to, (uint64_t)count);
}

static unsigned char *put_value(unsigned char *to, dec value, int64_t count)
{
    CHECK(dec_is_valid(value));
    bool is_short = value.scale < TALLY_SCALE_FOLLOWS;
    to = put_head(to, is_short ? value.scale : TALLY_SCALE_FOLLOWS, count);
    if (!is_short)
        *to++ = (unsigned char)value.scale;
    varint_wide folded = fold(value.coefficient);
    if (folded <= UINT64_MAX)
        return varint_put(to, (uint64_t)folded);
    return varint_put_wide(to, folded);
}

static unsigned char *put_sum(unsigned char *to, const struct tally *tally)
{
    dec sum = tally->wide != NULL ? tally_wide_dec(tally->wide) : dec_trim(tally->value);
    if (dec_is_valid(sum))
        return put_value(to, sum, tally->count);
    CHECK(tally->wide != NULL);
    to = put_head(to, SCALE_WIDE, tally->count);
    to = varint_put(to, varint_fold(tally->wide->high));
    to = varint_put_wide(to, tally->wide->low);
    return varint_put_wide(to, tally->wide->part);
}

static void add_bytes(struct buffer *out, const unsigned char *from, const unsigned char *end)
{
    buffer_add(out, (text){ (const char *)from, (size_t)(end - from) });
}

static void write_words(const struct tally *tally, struct buffer *out)
{
    unsigned char bytes[FIXED_MAX];
    struct tally_set *set = tally->set;
    unsigned char *at = put_head(bytes, 0, tally->count);
    add_bytes(out, bytes, varint_put(at, set->count));
    tally_set_sort(set);
    for (uint32_t i = 0; i < set->count; i++) {
        add_bytes(out, bytes, varint_put(bytes, set->words[i].len));
        buffer_add(out, set->words[i]);
    }
}

static void write_numbers(const struct tally *tally, struct buffer *out)
{
    unsigned char bytes[FIXED_MAX];
    struct tally_set *set = tally->set;
    unsigned char *at = put_head(bytes, 0, tally->count);
    add_bytes(out, bytes, varint_put(at, set->count));
    tally_set_sort(set);
    for (uint32_t i = 0; i < set->count; i++)
        add_bytes(out, bytes, put_value(bytes, set->numbers[i].number, set->numbers[i].count));
}

void tally_write(const struct tally *tally, enum tally_kind kind, struct buffer *out)
{
    unsigned char bytes[FIXED_MAX];
    unsigned char *end = bytes;
    CHECK(tally != NULL && out != NULL && tally->count > 0);
    switch (kind) {
    case TALLY_COUNT:
        end = varint_put(end, (uint64_t)tally->count);
        break;
    case TALLY_SUM:
    case TALLY_AVG:
        end = put_sum(end, tally);
        break;
    case TALLY_MIN:
    case TALLY_MAX:
        end = put_value(end, dec_trim(tally->value), tally->count);
        break;
    case TALLY_LATEST:
        end = put_value(end, dec_trim(tally->value), tally->count);
        end = varint_put(end, varint_fold(tally->latest_at.ns));
        end = varint_put(end, tally->latest_sequence);
        break;
    case TALLY_UNIQUE:
        write_words(tally, out);
        break;
    case TALLY_QUANTILE:
        write_numbers(tally, out);
        break;
    case TALLY_KIND_COUNT:
        UNREACHABLE();
    }
    add_bytes(out, bytes, end);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* What is left to read. */
struct bytes {
    const unsigned char *at;
    const unsigned char *end;
};

static bool get_count(struct bytes *from, int64_t *ret)
{
    uint64_t n;
    if (!varint_get(&from->at, from->end, &n) || n == 0 || n > TALLY_COUNT_READ_MAX)
        return false;
    *ret = (int64_t)n;
    return true;
}

/* The first byte, and the count behind it. */
static bool get_head(struct bytes *from, int32_t *ret_scale, int64_t *ret_count)
{
    if (from->at == from->end)
        return false;
    int32_t head = *from->at++;
    *ret_scale = head & TALLY_SCALE_MASK;
    *ret_count = head >> TALLY_COUNT_SHIFT;
    return *ret_count != 0 || get_count(from, ret_count);
}

static bool get_wide(struct bytes *from, struct arena *arena, struct tally *ret)
{
    struct tally_wide *wide = ARENA_NEW(arena, struct tally_wide);
    uint64_t high;
    if (!varint_get(&from->at, from->end, &high) ||
        !varint_get_wide(&from->at, from->end, &wide->low) ||
        !varint_get_wide(&from->at, from->end, &wide->part))
        return false;
    wide->high = varint_unfold(high);
    ret->value = DEC_INVALID;
    ret->wide = wide;
    return wide->high < (int64_t)TALLY_COUNT_READ_MAX &&
           wide->high > -(int64_t)TALLY_COUNT_READ_MAX && wide->low < tally_wide_base() &&
           wide->part < tally_wide_base();
}

/* The number behind a head that told its scale. */
static bool get_number(struct bytes *from, int32_t scale, dec *ret)
{
    if (scale == TALLY_SCALE_FOLLOWS) {
        if (from->at == from->end)
            return false;
        scale = *from->at++;
    }
    const unsigned char *start = from->at;
    uint64_t folded;
    if (varint_get(&from->at, from->end, &folded) && scale <= DEC_SCALE_MAX) {
        *ret = (dec){ varint_unfold(folded), scale };
        return true;
    }
    varint_wide wide;
    from->at = start;
    if (!varint_get_wide(&from->at, from->end, &wide))
        return false;
    *ret = dec_of_parts(unfold(wide), scale);
    return dec_is_valid(*ret);
}

static bool get_value(struct bytes *from, struct arena *arena, struct tally *ret)
{
    int32_t scale;
    if (!get_head(from, &scale, &ret->count))
        return false;
    if (scale == SCALE_WIDE)
        return arena != NULL && get_wide(from, arena, ret);
    return get_number(from, scale, &ret->value);
}

static bool get_latest(struct bytes *from, struct tally *ret)
{
    uint64_t at;
    if (!get_value(from, NULL, ret) || !varint_get(&from->at, from->end, &at) ||
        !varint_get(&from->at, from->end, &ret->latest_sequence))
        return false;
    ret->latest_at.ns = varint_unfold(at);
    return true;
}

/* How many items follow; each has a byte at least. */
static bool get_items(struct bytes *from, struct tally *ret, uint32_t *ret_items)
{
    int32_t scale;
    uint64_t n;
    if (!get_head(from, &scale, &ret->count) || scale != 0 || !varint_get(&from->at, from->end, &n))
        return false;
    if (n == 0 || n > (uint64_t)(from->end - from->at) || n > (uint64_t)ret->count)
        return false;
    *ret_items = (uint32_t)n;
    return n < UINT32_MAX / 4;
}

static bool get_words(struct bytes *from, struct arena *arena, struct tally *ret)
{
    uint32_t count;
    if (!get_items(from, ret, &count))
        return false;
    struct tally_set *set = tally_set_new(arena, false, count);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t len;
        if (!varint_get(&from->at, from->end, &len) || len > (uint64_t)(from->end - from->at))
            return false;
        text word = { (const char *)from->at, (size_t)len };
        if (i > 0 && text_compare(set->words[i - 1], word) >= 0)
            return false;
        set->words[i] = text_copy(arena, word);
        from->at += len;
    }
    set->count = count;
    set->is_sorted = true;
    ret->set = set;
    return true;
}

static bool get_numbers(struct bytes *from, struct arena *arena, struct tally *ret)
{
    uint32_t count;
    if (!get_items(from, ret, &count))
        return false;
    struct tally_set *set = tally_set_new(arena, true, count);
    int64_t rest = ret->count;
    for (uint32_t i = 0; i < count; i++) {
        struct tally one = { 0 };
        if (!get_value(from, NULL, &one) || one.count > rest)
            return false;
        if (i > 0 && dec_compare(set->numbers[i - 1].number, one.value) >= 0)
            return false;
        set->numbers[i] = (struct tally_number){ dec_trim(one.value), one.count };
        rest -= one.count;
    }
    set->count = count;
    set->is_sorted = true;
    ret->set = set;
    return rest == 0;
}

static bool get_tally(struct bytes *from, enum tally_kind kind, struct arena *arena,
                      struct tally *ret)
{
    switch (kind) {
    case TALLY_COUNT:
        return get_count(from, &ret->count);
    case TALLY_SUM:
    case TALLY_AVG:
        return get_value(from, arena, ret);
    case TALLY_MIN:
    case TALLY_MAX:
        return get_value(from, NULL, ret);
    case TALLY_LATEST:
        return get_latest(from, ret);
    case TALLY_UNIQUE:
        return get_words(from, arena, ret);
    case TALLY_QUANTILE:
        return get_numbers(from, arena, ret);
    case TALLY_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

bool tally_read(text *from, enum tally_kind kind, struct arena *arena, struct tally *ret)
{
    CHECK(from != NULL && arena != NULL && ret != NULL);
    if (from->len == 0)
        return false;
    const unsigned char *start = (const unsigned char *)from->ptr;
    struct bytes bytes = { start, start + from->len };
    struct tally tally = { 0 };
    if (!get_tally(&bytes, kind, arena, &tally))
        return false;
    from->ptr = (const char *)bytes.at;
    from->len = (size_t)(bytes.end - bytes.at);
    *ret = tally;
    return true;
}
