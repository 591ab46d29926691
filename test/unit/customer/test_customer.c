/* Pure rules of customers: who owns a subject when, and what names stand for a customer. */
#include "customer/customer.h"
#include "lib/table.h"
#include "lib/tap.h"

static instant at(const char *rfc3339)
{
    instant t;
    MUST(instant_parse(text_of(rfc3339), &t));
    return t;
}

static struct customer_id customer_numbered(uint8_t number)
{
    struct customer_id id = { { { 0 } } };
    id.ulid.bytes[15] = number;
    return id;
}

static void test_attribution(struct arena *arena)
{
    struct attribution items[] = {
        { TEXT("acme"), customer_numbered(1), TEXT_NONE, TEXT_NONE, INSTANT_NONE, INSTANT_NONE },
        { TEXT("agent"), customer_numbered(1), TEXT_NONE, TEXT_NONE, INSTANT_NONE,
          at("2026-02-01T00:00:00Z") },
        { TEXT("agent"), customer_numbered(2), TEXT_NONE, TEXT_NONE, at("2026-02-01T00:00:00Z"),
          INSTANT_NONE },
        { TEXT("late"), customer_numbered(2), TEXT_NONE, TEXT_NONE, at("2026-03-01T00:00:00Z"),
          at("2026-04-01T00:00:00Z") },
    };
    struct list list = { items, COUNT_OF(items) };
    struct table t = table_open(arena, "test/vectors/customer/attribution.vec", 4);
    while (table_next(&t)) {
        int64_t want;
        MUST(text_to_int(t.cells[3], &want));
        const struct attribution *found =
            attribution_find(&list, t.cells[1], at(text_cstr(arena, t.cells[2])));
        int64_t got = found ? found->customer_id.ulid.bytes[15] : 0;
        OK(got == want, "%s: owner %d", text_cstr(arena, t.cells[0]), (int)got);
    }
    table_close(&t);
    OK(attribution_find(&(struct list){ 0 }, TEXT("acme"), at("2026-01-01T00:00:00Z")) == NULL,
       "nobody owns anything in an empty list");
}

static void test_names(struct arena *arena)
{
    text keys[] = { TEXT("b"), TEXT("acme"), TEXT("a"), TEXT("b") };
    struct customer customer = { .key = TEXT("acme") };
    customer.usage_attribution.subject_keys = (struct text_list){ keys, COUNT_OF(keys) };
    struct text_list names = customer_names(&customer, arena);
    OK(names.count == 3, "a name stands once, the key among them: %zu", names.count);
    IS_TEXT(names.items[0], "acme", "the key comes first");
    IS_TEXT(names.items[1], "b", "then the subjects as listed");
    IS_TEXT(names.items[2], "a", "in their order");
    customer.key = TEXT_NONE;
    names = customer_names(&customer, arena);
    OK(names.count == 3, "a customer without a key has its subjects");
}

static void test_subject_keys_equal(void)
{
    text ab[] = { TEXT("a"), TEXT("b") };
    text ba[] = { TEXT("b"), TEXT("a") };
    struct text_list one = { ab, 2 };
    struct text_list other = { ba, 2 };
    struct text_list shorter = { ab, 1 };
    OK(subject_keys_equal(&one, &one), "the same list is the same");
    OK(subject_keys_equal(&one, &other), "another order is the same list");
    OK(!subject_keys_equal(&one, &shorter), "a shorter list is another list");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_attribution(arena);
    test_names(arena);
    test_subject_keys_equal();
    return tap_end();
}
