#include "usage/column.h"

#include "usage/bytes.h"

#include <zstd.h>

/* How a run of bytes is stored. */
enum { BYTES_SAME, BYTES_PLAIN, BYTES_ZSTD };

/* How numbers are: differences to the least, or to the neighbour before. */
enum { NUMBERS_OFFSET, NUMBERS_DELTA };

#define ZSTD_LEVEL     1
#define BITS_PER_BYTE  8U
#define WORTH_FRACTION 32U /* compressing is worth it when it saves more than 1 / so many */
#define TEXTS_MAX      (UINT32_C(1) << 31)
#define SAME_MAX       (UINT32_C(1) << 20) /* the most bytes stored as one */
#define ZSTD_RATIO_MAX 65536U              /* no frame holds more than so many times its size */

struct column_packer {
    ZSTD_CCtx *zstd;
    struct column_bytes plane;
    struct column_bytes texts;
    uint64_t *numbers;
    uint32_t *lengths;
    size_t numbers_room;
    size_t lengths_room;
};

/* ---- bytes ---- */

unsigned char *column_reserve(struct column_bytes *bytes, size_t more)
{
    size_t room = bytes->room ? bytes->room : 4096;
    CHECK(bytes->len <= bytes->room);
    MUST(more <= SIZE_MAX / 4 - bytes->len);
    while (room - bytes->len < more)
        room *= 2;
    if (room != bytes->room) {
        bytes->ptr = realloc(bytes->ptr, room);
        MUST(bytes->ptr != NULL);
        bytes->room = room;
    }
    return bytes->ptr + bytes->len;
}

void column_add(struct column_bytes *bytes, const void *from, size_t size)
{
    unsigned char *to = column_reserve(bytes, size);
    if (size > 0)
        memcpy(to, from, size);
    bytes->len += size;
}

void column_add32(struct column_bytes *bytes, uint32_t n)
{
    bytes_put32(column_reserve(bytes, sizeof(n)), n);
    bytes->len += sizeof(n);
}

void column_add64(struct column_bytes *bytes, uint64_t n)
{
    bytes_put64(column_reserve(bytes, sizeof(n)), n);
    bytes->len += sizeof(n);
}

void column_bytes_free(struct column_bytes *bytes)
{
    free(bytes->ptr);
    *bytes = (struct column_bytes){ 0 };
}

static void add8(struct column_bytes *bytes, unsigned n)
{
    CHECK(n <= UINT8_MAX);
    *column_reserve(bytes, 1) = (unsigned char)n;
    bytes->len++;
}

bool column_get32(struct column_cursor *from, uint32_t *ret)
{
    if ((size_t)(from->end - from->at) < sizeof(*ret))
        return false;
    *ret = bytes_get32(from->at);
    from->at += sizeof(*ret);
    return true;
}

bool column_get64(struct column_cursor *from, uint64_t *ret)
{
    if ((size_t)(from->end - from->at) < sizeof(*ret))
        return false;
    *ret = bytes_get64(from->at);
    from->at += sizeof(*ret);
    return true;
}

static bool get8(struct column_cursor *from, unsigned *ret)
{
    if (from->at == from->end)
        return false;
    *ret = *from->at++;
    return true;
}

/* ---- the packer ---- */

struct column_packer *column_packer_new(void)
{
    struct column_packer *packer = calloc(1, sizeof(*packer));
    MUST(packer != NULL);
    packer->zstd = ZSTD_createCCtx();
    MUST(packer->zstd != NULL);
    MUST(!ZSTD_isError(ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)));
    return packer;
}

void column_packer_free(struct column_packer *packer)
{
    if (!packer)
        return;
    (void)ZSTD_freeCCtx(packer->zstd);
    column_bytes_free(&packer->plane);
    column_bytes_free(&packer->texts);
    free(packer->numbers);
    free(packer->lengths);
    free(packer);
}

static uint64_t *packer_numbers(struct column_packer *packer, size_t count)
{
    if (packer->numbers_room < count) {
        packer->numbers = reallocarray(packer->numbers, count, sizeof(*packer->numbers));
        MUST(packer->numbers != NULL);
        packer->numbers_room = count;
    }
    return packer->numbers;
}

static bool bytes_are_same(const unsigned char *from, size_t size)
{
    return size > 0 && memcmp(from, from + 1, size - 1) == 0;
}

void column_put_bytes(struct column_packer *packer, const unsigned char *from, size_t size,
                      struct column_bytes *out)
{
    unsigned char *to;
    size_t packed;
    CHECK(size < UINT32_MAX);
    if (size <= SAME_MAX && bytes_are_same(from, size)) {
        add8(out, BYTES_SAME);
        add8(out, from[0]);
        return;
    }
    to = column_reserve(out, 1 + sizeof(uint32_t) + ZSTD_compressBound(size));
    packed = ZSTD_compress2(packer->zstd, to + 1 + sizeof(uint32_t), ZSTD_compressBound(size), from,
                            size);
    MUST(!ZSTD_isError(packed));
    if (packed + sizeof(uint32_t) >= size - size / WORTH_FRACTION) {
        add8(out, BYTES_PLAIN);
        column_add(out, from, size);
        return;
    }
    to[0] = BYTES_ZSTD;
    bytes_put32(to + 1, (uint32_t)packed);
    out->len += 1 + sizeof(uint32_t) + packed;
}

/* Where the bytes are as they were: in the cursor when they are stored plain, else in `room`. NULL
 * when they are not there. */
static const unsigned char *get_bytes_in_place(struct column_cursor *from, size_t size,
                                               unsigned char *room)
{
    unsigned form;
    uint32_t packed;
    const unsigned char *at;
    if (!get8(from, &form))
        return NULL;
    if (form == BYTES_PLAIN) {
        at = from->at;
        if ((size_t)(from->end - at) < size)
            return NULL;
        from->at += size;
        return at;
    }
    if (form == BYTES_SAME) {
        unsigned byte;
        if (size == 0 || size > SAME_MAX || !get8(from, &byte))
            return NULL;
        memset(room, (int)byte, size);
        return room;
    }
    if (form != BYTES_ZSTD || !column_get32(from, &packed) ||
        (size_t)(from->end - from->at) < packed)
        return NULL;
    if (ZSTD_decompress(room, size, from->at, packed) != size)
        return NULL;
    from->at += packed;
    return room;
}

bool column_may_have(const struct column_cursor *from, size_t size)
{
    size_t rest = (size_t)(from->end - from->at);
    if (rest == 0)
        return false;
    if (*from->at == BYTES_SAME)
        return size <= SAME_MAX;
    return *from->at == BYTES_PLAIN ? size < rest : size / ZSTD_RATIO_MAX < rest;
}

bool column_get_bytes(struct column_cursor *from, size_t size, unsigned char *ret)
{
    const unsigned char *at = get_bytes_in_place(from, size, ret);
    if (at && at != ret && size > 0)
        memcpy(ret, at, size);
    return at != NULL;
}

/* ---- codes ---- */

/* Bits of a code below 2^bits; 0 when all are 0. */
static unsigned bits_for(uint32_t max)
{
    unsigned needed = max == 0 ? 0 : 32U - (unsigned)__builtin_clz(max);
    if (needed <= 2)
        return needed;
    return needed <= 4 ? 4 : (needed + 7) / BITS_PER_BYTE * BITS_PER_BYTE;
}

static void put_small_codes(struct column_packer *packer, const uint32_t *codes, size_t count,
                            unsigned bits, struct column_bytes *out)
{
    unsigned per_byte = BITS_PER_BYTE / bits;
    size_t size = (count + per_byte - 1) / per_byte;
    unsigned char *to;
    packer->plane.len = 0;
    to = column_reserve(&packer->plane, size);
    memset(to, 0, size);
    for (size_t i = 0; i < count; i++)
        to[i / per_byte] = (unsigned char)(to[i / per_byte] | codes[i] << (i % per_byte * bits));
    column_put_bytes(packer, to, size, out);
}

void column_put_codes(struct column_packer *packer, const uint32_t *codes, size_t count,
                      struct column_bytes *out)
{
    uint32_t all = 0;
    unsigned bits;
    unsigned char *to;
    CHECK(count > 0);
    for (size_t i = 0; i < count; i++)
        all |= codes[i];
    bits = bits_for(all);
    add8(out, bits);
    if (bits == 0)
        return;
    if (bits < BITS_PER_BYTE) {
        put_small_codes(packer, codes, count, bits, out);
        return;
    }
    packer->plane.len = 0;
    to = column_reserve(&packer->plane, count);
    for (unsigned shift = 0; shift < bits; shift += BITS_PER_BYTE) {
        for (size_t i = 0; i < count; i++)
            to[i] = (unsigned char)(codes[i] >> shift);
        column_put_bytes(packer, to, count, out);
    }
}

static bool get_small_codes(struct column_cursor *from, size_t count, unsigned bits,
                            unsigned char *room, uint32_t *ret)
{
    unsigned per_byte = BITS_PER_BYTE / bits;
    uint32_t mask = (1U << bits) - 1;
    size_t size = (count + per_byte - 1) / per_byte;
    const unsigned char *at = get_bytes_in_place(from, size, room);
    size_t whole = count / per_byte;
    if (!at)
        return false;
    for (size_t i = 0; i < whole; i++) {
        uint32_t byte = at[i];
        for (unsigned k = 0; k < per_byte; k++)
            *ret++ = byte >> (k * bits) & mask;
    }
    for (size_t i = whole * per_byte; i < count; i++)
        *ret++ = (uint32_t)at[whole] >> (i % per_byte * bits) & mask;
    return true;
}

static bool get_code_planes(struct column_cursor *from, size_t count, unsigned bits,
                            unsigned char *room, uint32_t *ret)
{
    for (unsigned shift = 0; shift < bits; shift += BITS_PER_BYTE) {
        const unsigned char *at = get_bytes_in_place(from, count, room);
        if (!at)
            return false;
        if (shift == 0)
            for (size_t i = 0; i < count; i++)
                ret[i] = at[i];
        else
            for (size_t i = 0; i < count; i++)
                ret[i] |= (uint32_t)at[i] << shift;
    }
    return true;
}

static bool codes_are_below(const uint32_t *codes, size_t count, uint32_t limit)
{
    uint32_t max = 0;
    for (size_t i = 0; i < count; i++)
        max = codes[i] > max ? codes[i] : max;
    return max < limit;
}

bool column_get_codes(struct column_cursor *from, size_t count, uint32_t limit, uint32_t *ret)
{
    unsigned bits;
    unsigned char *room;
    bool is_there = false;
    CHECK(count > 0);
    if (!get8(from, &bits))
        return false;
    if (bits == 0) {
        memset(ret, 0, count * sizeof(*ret));
        return limit > 0;
    }
    room = malloc(count);
    MUST(room != NULL);
    if (bits == 1 || bits == 2 || bits == 4)
        is_there = get_small_codes(from, count, bits, room, ret);
    else if (bits % BITS_PER_BYTE == 0 && bits <= 32)
        is_there = get_code_planes(from, count, bits, room, ret);
    free(room);
    return is_there && codes_are_below(ret, count, limit);
}

/* ---- numbers ---- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* What divides the differences of all neighbours, so those of any two; 0 when all are the same.
 * Differences wrap around, the same way back. */
static uint64_t common_unit(const int64_t *numbers, size_t count)
{
    uint64_t unit = 0;
    for (size_t i = 1; i < count && unit != 1; i++) {
        uint64_t step = (uint64_t)numbers[i] - (uint64_t)numbers[i - 1];
        uint64_t size = numbers[i] >= numbers[i - 1] ? step : 0 - step;
        if (size != 0 && (unit == 0 || size % unit != 0))
            unit = common_divisor(size, unit);
    }
    return unit;
}

/* The inverse of an odd number modulo 2^64, by Newton's iteration. */
static uint64_t inverse_of(uint64_t odd)
{
    uint64_t inverse = odd; /* right in the lowest three bits */
    for (int i = 0; i < 5; i++)
        inverse *= 2 - odd * inverse;
    return inverse;
}

/* Divides numbers that are multiples of `unit`. */
static void divide_all(uint64_t *numbers, size_t count, uint64_t unit)
{
    unsigned shift = (unsigned)__builtin_ctzll(unit);
    uint64_t inverse = inverse_of(unit >> shift);
    if (unit == 1)
        return;
    for (size_t i = 0; i < count; i++)
        numbers[i] = (numbers[i] >> shift) * inverse;
}

static uint64_t bits_of_all(const uint64_t *numbers, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += 64U - (unsigned)__builtin_clzll(numbers[i] | 1);
    return sum;
}

static int64_t least_of(const int64_t *numbers, size_t count)
{
    int64_t least = numbers[0];
    for (size_t i = 1; i < count; i++)
        least = numbers[i] < least ? numbers[i] : least;
    return least;
}

/* Neighbours whose difference does not fit 64 bits are nothing for deltas. */
static bool least_step(const int64_t *numbers, size_t count, int64_t *ret)
{
    int64_t least = INT64_MAX;
    for (size_t i = 1; i < count; i++) {
        int64_t step;
        if (__builtin_sub_overflow(numbers[i], numbers[i - 1], &step))
            return false;
        least = step < least ? step : least;
    }
    *ret = least;
    return count > 1;
}

static void put_number_planes(struct column_packer *packer, const uint64_t *numbers, size_t count,
                              struct column_bytes *out)
{
    uint64_t all = 0;
    unsigned planes;
    unsigned char *to;
    for (size_t i = 0; i < count; i++)
        all |= numbers[i];
    planes = all == 0 ? 0 : (64U - (unsigned)__builtin_clzll(all) + 7) / BITS_PER_BYTE;
    add8(out, planes);
    packer->plane.len = 0;
    to = column_reserve(&packer->plane, count);
    for (unsigned plane = 0; plane < planes; plane++) {
        for (size_t i = 0; i < count; i++)
            to[i] = (unsigned char)(numbers[i] >> (plane * BITS_PER_BYTE));
        column_put_bytes(packer, to, count, out);
    }
}

void column_put_numbers(struct column_packer *packer, const int64_t *numbers, size_t count,
                        struct column_bytes *out)
{
    uint64_t *offsets = packer_numbers(packer, 2 * count);
    uint64_t *deltas = offsets + count;
    uint64_t unit = common_unit(numbers, count);
    int64_t least = least_of(numbers, count);
    int64_t step = 0;
    bool has_deltas = least_step(numbers, count, &step);
    CHECK(count > 0);
    unit = unit == 0 ? 1 : unit;
    for (size_t i = 0; i < count; i++)
        offsets[i] = (uint64_t)numbers[i] - (uint64_t)least;
    divide_all(offsets, count, unit);
    deltas[0] = 0;
    for (size_t i = 1; has_deltas && i < count; i++)
        deltas[i] = (uint64_t)numbers[i] - (uint64_t)numbers[i - 1] - (uint64_t)step;
    if (has_deltas)
        divide_all(deltas, count, unit);
    if (has_deltas && bits_of_all(deltas, count) < bits_of_all(offsets, count)) {
        add8(out, NUMBERS_DELTA);
        column_add64(out, (uint64_t)numbers[0]);
        column_add64(out, (uint64_t)step);
        offsets = deltas;
    } else {
        add8(out, NUMBERS_OFFSET);
        column_add64(out, (uint64_t)least);
        column_add64(out, 0);
    }
    column_add64(out, unit);
    put_number_planes(packer, offsets, count, out);
}

static bool get_number_planes(struct column_cursor *from, size_t count, uint64_t *ret)
{
    unsigned planes;
    unsigned char *room;
    bool is_there;
    if (!get8(from, &planes) || planes > sizeof(*ret))
        return false;
    if (planes == 0)
        memset(ret, 0, count * sizeof(*ret));
    room = malloc(count);
    MUST(room != NULL);
    is_there = true;
    for (unsigned plane = 0; plane < planes && is_there; plane++) {
        const unsigned char *at = get_bytes_in_place(from, count, room);
        is_there = at != NULL;
        for (size_t i = 0; is_there && i < count; i++)
            ret[i] = (plane == 0 ? 0 : ret[i]) | (uint64_t)at[i] << (plane * BITS_PER_BYTE);
    }
    free(room);
    return is_there;
}

bool column_get_numbers(struct column_cursor *from, size_t count, int64_t *ret)
{
    uint64_t *raw = (uint64_t *)ret;
    uint64_t base;
    uint64_t step;
    uint64_t unit;
    unsigned form;
    CHECK(count > 0);
    if (!get8(from, &form) || form > NUMBERS_DELTA || !column_get64(from, &base) ||
        !column_get64(from, &step) || !column_get64(from, &unit))
        return false;
    if (!get_number_planes(from, count, raw))
        return false;
    if (form == NUMBERS_OFFSET) {
        for (size_t i = 0; i < count; i++)
            raw[i] = base + raw[i] * unit;
        return true;
    }
    raw[0] = base;
    for (size_t i = 1; i < count; i++)
        raw[i] = base += step + raw[i] * unit;
    return true;
}

/* ---- texts ---- */

void column_put_texts(struct column_packer *packer, const text *texts, size_t count,
                      struct column_bytes *out)
{
    size_t sum = 0;
    if (count == 0)
        return;
    if (packer->lengths_room < count) {
        packer->lengths = reallocarray(packer->lengths, count, sizeof(*packer->lengths));
        MUST(packer->lengths != NULL);
        packer->lengths_room = count;
    }
    packer->texts.len = 0;
    for (size_t i = 0; i < count; i++) {
        sum += texts[i].len;
        MUST(sum < TEXTS_MAX);
        packer->lengths[i] = (uint32_t)texts[i].len;
        column_add(&packer->texts, texts[i].ptr, texts[i].len);
    }
    column_put_codes(packer, packer->lengths, count, out);
    column_add32(out, (uint32_t)sum);
    column_put_bytes(packer, packer->texts.ptr, sum, out);
}

/* Cuts `sum` bytes into texts of these lengths. */
static bool cut_texts(const char *bytes, size_t sum, const uint32_t *lengths, size_t count,
                      text *ret)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] > sum - at)
            return false;
        ret[i] = (text){ bytes + at, lengths[i] };
        at += lengths[i];
    }
    return at == sum;
}

bool column_get_texts(struct column_cursor *from, size_t count, struct arena *arena, text *ret)
{
    uint32_t sum;
    uint32_t *lengths;
    unsigned char *bytes;
    bool is_there;
    if (count == 0)
        return true;
    lengths = reallocarray(NULL, count, sizeof(*lengths));
    MUST(lengths != NULL);
    is_there = column_get_codes(from, count, UINT32_MAX, lengths) && column_get32(from, &sum) &&
               sum < TEXTS_MAX && column_may_have(from, sum);
    if (is_there) {
        bytes = arena_alloc(arena, sum);
        is_there = column_get_bytes(from, sum, bytes) &&
                   cut_texts((const char *)bytes, sum, lengths, count, ret);
    }
    free(lengths);
    return is_there;
}
