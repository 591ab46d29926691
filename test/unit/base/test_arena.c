/* Arenas: zeroed, aligned, taken back at once, never more than there is. */
#include "base/arena.h"

#include "lib/dies.h"
#include "lib/tap.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define IS_POISONED(p) (__asan_address_is_poisoned(p) == 1)
#else
#define IS_POISONED(p) ((void)(p), true)
#endif

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static bool is_aligned(const void *p)
{
    return (uintptr_t)p % _Alignof(max_align_t) == 0;
}

/* Fills all it gets, so that what is handed out twice, or not zeroed, shows. */
static void fill(struct arena *arena, bool *ret_zeroed, bool *ret_aligned)
{
    static const size_t sizes[] = { 1, 15, 16, 17, 100, 3000, 8192, 70000, 300000, 1 };

    *ret_zeroed = true;
    *ret_aligned = true;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            unsigned char *p = arena_alloc(arena, sizes[i]);
            *ret_zeroed &= is_zero(p, sizes[i]);
            *ret_aligned &= is_aligned(p);
            memset(p, 0xa5, sizes[i]);
        }
    }
}

static void test_alloc(void)
{
    struct arena *arena = arena_new();
    bool is_zeroed, is_right;
    fill(arena, &is_zeroed, &is_right);
    OK(is_zeroed, "memory comes zeroed, whatever the size");
    OK(is_right, "and aligned for any type");
    arena_reset(arena);
    fill(arena, &is_zeroed, &is_right);
    OK(is_zeroed && is_right, "also after a reset, when the bytes were used before");
    arena_free(arena);
}

static void test_pieces(void)
{
    struct arena *arena = arena_new();
    static const char from[] = "abc";
    char *one = arena_alloc(arena, 16);
    char *large = arena_alloc(arena, 100000);
    char *other = arena_alloc(arena, 16);
    void *none = arena_alloc(arena, 0);
    void *none_again = arena_alloc(arena, 0);
    OK(other == one + 16, "a large piece does not lose what is left of the block in hand");
    OK(large + 100000 <= one || large >= one + 32, "and overlaps nothing");
    OK(none != NULL && none != none_again, "a piece of 0 bytes is valid, and its own");
    char *copy = arena_copy(arena, from, sizeof from);
    OK(copy != from && memcmp(copy, from, sizeof from) == 0, "a copy has the same bytes");
    OK(arena_copy(arena, NULL, 0) != NULL, "nothing can be copied from nowhere");
    OK(ARENA_ARRAY(arena, int64_t, 0) != NULL, "an array may be empty");
    arena_free(arena);
}

static void test_reset(void)
{
    struct arena *arena = arena_new();
    OK(arena_used(arena) == 0, "nothing is used at first");
    char *first = arena_alloc(arena, 1000);
    OK(arena_used(arena) >= 1000 && arena_used(arena) < 1100, "what was handed out is counted");
    arena_reset(arena);
    OK(arena_used(arena) == 0, "a reset takes it all back");
    OK(IS_POISONED(first) && IS_POISONED(first + 999),
       "under AddressSanitizer what was taken back is poisoned");
    OK(arena_alloc(arena, 1000) == first, "the block is kept and used again");
    arena_free(arena);
    arena_free(NULL);
    arena = arena_new();
    arena_cleanup(&arena);
    OK(arena == NULL, "a cleanup leaves no pointer behind");
}

static void too_many(void *state)
{
    (void)ARENA_ARRAY(state, int64_t, SIZE_MAX / 4);
}

static void too_large(void *state)
{
    (void)arena_alloc(state, SIZE_MAX - 8);
}

static void test_overflow(void)
{
    struct arena *arena = arena_new();
    OK(dies(too_many, arena), "an array whose size overflows is a bug");
    OK(dies(too_large, arena), "so is a size that cannot be");
    arena_free(arena);
}

/* Numbers, growing in an arena. */
struct numbers {
    size_t *items;
    size_t count;
    size_t room;
};

static void test_grow(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct numbers numbers = { 0 };
    bool is_kept = true;
    for (size_t i = 0; i < 1000; i++) {
        ARENA_GROW(arena, &numbers);
        numbers.items[numbers.count++] = i;
    }
    for (size_t i = 0; i < numbers.count; i++)
        is_kept &= numbers.items[i] == i;
    OK(is_kept && numbers.count == 1000, "what grows keeps its items");
    OK(numbers.room < 2 * numbers.count, "and at most doubles");
    const size_t *before = numbers.items;
    ARENA_GROW(arena, &numbers);
    OK(numbers.items == before, "it stays where it is while there is room");
}

int main(void)
{
    test_grow();
    test_alloc();
    test_pieces();
    test_reset();
    test_overflow();
    return tap_end();
}
