/* ULIDs and UUIDs: reading, printing, and the order in which ids are made. */
#include "base/id.h"

#include <pthread.h>

#include "lib/law.h"
#include "lib/percent.h"
#include "lib/table.h"

static instant at_ms(int64_t milliseconds)
{
    return (instant){ milliseconds * 1000000 };
}

static text hex(struct arena *arena, ulid id)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < sizeof id.bytes; i++)
        buffer_format(&b, "%02x", id.bytes[i]);
    return buffer_text(&b);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(ulid));
}

static void test_ulid_text(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/ulid.vec", 3);
    while (table_next(&t)) {
        ulid got = { { 42 } };
        bool is_read = ulid_parse(percent_decode(arena, t.cells[1]), &got);
        IS_TEXT(is_read ? hex(arena, got) : TEXT("no"), text_cstr(arena, t.cells[2]),
                table_name(&t));
        if (is_read)
            OK(text_equal_nocase(ulid_text(arena, got), t.cells[1]), "and prints the same again");
        else
            OK(got.bytes[0] == 42, "and leaves the result alone");
    }
    table_close(&t);
}

static void test_ulid_round_trip(void)
{
    struct law trip = { .name = "what is printed reads as the same id" };
    struct law order = { .name = "ids and their texts have the same order" };
    ulid before = { { 0 } };
    char printed_before[ULID_TEXT_LENGTH];
    ulid_print(before, printed_before);
    for (int i = 0; i < 20000; i++) {
        char printed[ULID_TEXT_LENGTH];
        ulid id, again;
        random_fill(&law_random, id.bytes, sizeof id.bytes);
        ulid_print(id, printed);
        text t = { printed, sizeof printed };
        law_case(&trip, ulid_parse(t, &again) && ulid_equal(id, again), "%.*s", TEXT_ARG(t));
        law_case(&order,
                 (compare(&before, &id) < 0) ==
                     (memcmp(printed_before, printed, sizeof printed) < 0),
                 "%.*s", TEXT_ARG(t));
        before = id;
        memcpy(printed_before, printed, sizeof printed);
    }
    law_end(&trip);
    law_end(&order);
}

static void test_order(struct arena *arena)
{
    struct random random = random_seeded(7);
    struct ids *ids = ids_new(&random);
    bool is_rising = true;
    ulid last = ids_next(ids, at_ms(1469918176385));
    ulid next = ids_next(ids, at_ms(1469918176385));
    IS_TEXT(text_slice(ulid_text(arena, last), 0, 10), "01ARYZ6S41", "an id begins with its time");
    OK(memcmp(last.bytes, next.bytes, 6) == 0, "two of one millisecond have the same");
    uint8_t wanted[16];
    memcpy(wanted, last.bytes, sizeof wanted);
    for (size_t k = sizeof wanted; k-- > 6 && ++wanted[k] == 0;)
        ;
    OK(memcmp(wanted, next.bytes, sizeof wanted) == 0, "and the second is the first plus one");
    for (int i = 0; i < 70000; i++) {
        last = next;
        next = ids_next(ids, at_ms(1469918176385));
        is_rising &= compare(&last, &next) < 0;
    }
    OK(is_rising, "70000 of one millisecond rise, past the carries of two bytes");
    last = next;
    next = ids_next(ids, at_ms(1469918176000));
    OK(compare(&last, &next) < 0 && memcmp(last.bytes, next.bytes, 6) == 0,
       "when the clock goes back, ids go on in the latest millisecond");
    next = ids_next(ids, (instant){ 1469918176386999999 });
    IS_TEXT(text_slice(ulid_text(arena, next), 0, 10), "01ARYZ6S42",
            "parts of a millisecond do not count");
    OK((next.bytes[6] & 0x80) == 0, "half of the numbers are left for counting up");
    ids_free(ids);
    ids_free(NULL);
    OK(ulid_is_zero((ulid){ { 0 } }) && !ulid_is_zero(next), "only zero is zero");
}

enum { THREADS = 8, IDS_EACH = 20000 };

struct maker {
    pthread_t thread;
    struct ids *ids;
    ulid *made; /* IDS_EACH of them */
};

static void *make_ids(void *state)
{
    struct maker *maker = state;
    for (int64_t i = 0; i < IDS_EACH; i++)
        maker->made[i] = ids_next(maker->ids, at_ms(1767225600000 + i / 1000));
    return NULL;
}

static void test_threads(struct arena *arena)
{
    struct random random = random_system();
    struct ids *ids = ids_new(&random);
    struct maker makers[THREADS];
    ulid *all = ARENA_ARRAY(arena, ulid, (size_t)THREADS * IDS_EACH);
    bool is_rising = true, is_unique = true;
    for (size_t i = 0; i < THREADS; i++) {
        makers[i] = (struct maker){ .ids = ids, .made = all + i * IDS_EACH };
        MUST(pthread_create(&makers[i].thread, NULL, make_ids, &makers[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        MUST(pthread_join(makers[i].thread, NULL) == 0);
    for (size_t i = 1; i < (size_t)THREADS * IDS_EACH; i++)
        is_rising &= i % IDS_EACH == 0 || compare(&all[i - 1], &all[i]) < 0;
    OK(is_rising, "each of eight threads sees its ids rise");
    qsort(all, (size_t)THREADS * IDS_EACH, sizeof *all, compare);
    for (size_t i = 1; i < (size_t)THREADS * IDS_EACH; i++)
        is_unique &= compare(&all[i - 1], &all[i]) != 0;
    OK(is_unique, "no two threads get the same");
    ids_free(ids);
}

static void test_uuid(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/uuid.vec", 3);
    while (table_next(&t))
        OK(uuid_is_valid(t.cells[1]) == text_equal(t.cells[2], TEXT("yes")), "%s", table_name(&t));
    table_close(&t);
    struct law form = { .name = "a random UUID is of version 4 and of the variant of RFC 9562" };
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        char printed[UUID_TEXT_LENGTH];
        uuid_print_random(&law_random, printed);
        text uuid = { printed, sizeof printed };
        law_case(&form,
                 uuid_is_valid(uuid) && printed[14] == '4' && memchr("89ab", printed[19], 4) &&
                     !memchr(printed, 'A', sizeof printed),
                 "%.*s", TEXT_ARG(uuid));
        seen |= 1u << (printed[19] == '8' ? 0 : printed[19] == '9' ? 1 : printed[19] - 'a' + 2);
    }
    law_end(&form);
    OK(seen == 15, "the bits that are free take all values");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    law_seed();
    test_ulid_text(arena);
    test_ulid_round_trip();
    test_order(arena);
    test_threads(arena);
    test_uuid(arena);
    return tap_end();
}
