/* id.c: ULIDs (github.com/ulid/spec) and UUIDs (RFC 9562). */
#include "base/id.h"

#include <pthread.h>

__extension__ typedef unsigned __int128 wide;

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The value of a base 32 digit, either case, and one more; 0 when it is none. */
static const uint8_t crockford_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['M'] = 21, ['N'] = 22, ['P'] = 23, ['Q'] = 24,
    ['R'] = 25, ['S'] = 26, ['T'] = 27, ['V'] = 28, ['W'] = 29, ['X'] = 30, ['Y'] = 31, ['Z'] = 32,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['g'] = 17, ['h'] = 18,
    ['j'] = 19, ['k'] = 20, ['m'] = 21, ['n'] = 22, ['p'] = 23, ['q'] = 24, ['r'] = 25, ['s'] = 26,
    ['t'] = 27, ['v'] = 28, ['w'] = 29, ['x'] = 30, ['y'] = 31, ['z'] = 32,
};

bool ulid_parse(text t, ulid *ret)
{
    ulid id;
    wide number = 0;

    if (t.len != ULID_TEXT_LENGTH || t.ptr[0] > '7')
        return false;
    for (size_t i = 0; i < t.len; i++) {
        uint8_t value = crockford_values[(unsigned char)t.ptr[i]];

        if (value == 0)
            return false;
        number = number << 5 | (wide)(unsigned)(value - 1);
    }
    for (size_t k = sizeof id.bytes; k-- > 0; number >>= 8)
        id.bytes[k] = (uint8_t)number;
    *ret = id;
    return true;
}

/* Digit i stands for bits 128 - 5 * (26 - i) and up, counted from the top; the first has 3 bits. */
void ulid_print(ulid id, char ret[ULID_TEXT_LENGTH])
{
    wide n = 0;

    for (size_t i = 0; i < sizeof id.bytes; i++)
        n = n << 8 | id.bytes[i];
    for (size_t i = ULID_TEXT_LENGTH; i-- > 0; n >>= 5)
        ret[i] = crockford[(unsigned)n & 31];
}

text ulid_text(struct arena *arena, ulid id)
{
    char *printed = arena_alloc(arena, ULID_TEXT_LENGTH);

    ulid_print(id, printed);
    return (text){ printed, ULID_TEXT_LENGTH };
}

bool ulid_is_zero(ulid id)
{
    return ulid_equal(id, (ulid){ { 0 } });
}

bool ulid_equal(ulid a, ulid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

struct ids {
    pthread_mutex_t lock;
    struct random *random;
    ulid last;
};

struct ids *ids_new(struct random *random)
{
    struct ids *ids = calloc(1, sizeof *ids);

    MUST(ids);
    MUST(pthread_mutex_init(&ids->lock, NULL) == 0);
    ids->random = random;
    return ids;
}

void ids_free(struct ids *ids)
{
    if (!ids)
        return;
    pthread_mutex_destroy(&ids->lock);
    free(ids);
}

/* The next number up; false when all 80 random bits are used up. */
static bool ulid_count_up(ulid *id)
{
    for (size_t k = sizeof id->bytes; k-- > 6;)
        if (++id->bytes[k] != 0)
            return true;
    return false;
}

ulid ids_next(struct ids *ids, instant now)
{
    int64_t milliseconds = now.ns / 1000000;
    ulid id;

    CHECK(milliseconds >= 0);
    for (size_t i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    MUST(pthread_mutex_lock(&ids->lock) == 0);
    if (memcmp(id.bytes, ids->last.bytes, 6) > 0) {
        random_fill(ids->random, id.bytes + 6, sizeof id.bytes - 6);
        /* Leaves 2^79 numbers to count up to within this millisecond. */
        id.bytes[6] &= 0x7f;
        ids->last = id;
    } else {
        MUST(ulid_count_up(&ids->last));
        id = ids->last;
    }
    MUST(pthread_mutex_unlock(&ids->lock) == 0);
    return id;
}

void uuid_print_random(struct random *random, char ret[UUID_TEXT_LENGTH])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t bytes[16];
    size_t at = 0;

    random_fill(random, bytes, sizeof bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret[at++] = '-';
        ret[at++] = hex[bytes[i] >> 4];
        ret[at++] = hex[bytes[i] & 15];
    }
    CHECK(at == UUID_TEXT_LENGTH);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool uuid_is_valid(text t)
{
    if (t.len != UUID_TEXT_LENGTH)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (is_dash ? t.ptr[i] != '-' : !is_hex(t.ptr[i]))
            return false;
    }
    return true;
}
