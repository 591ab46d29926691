/* customer.c: the pure rules of customers and of who owns a subject. */
#include "customer/customer.h"

static bool attribution_holds(const struct attribution *attribution, instant at)
{
    if (!instant_is_none(attribution->valid_from) && instant_before(at, attribution->valid_from))
        return false;
    return instant_is_none(attribution->valid_to) || instant_before(at, attribution->valid_to);
}

const struct attribution *attribution_find(const struct list *attributions, text subject,
                                           instant at)
{
    CHECK(attributions != NULL);
    CHECK(!instant_is_none(at));
    const struct attribution *items = attributions->items;
    size_t low = 0;
    size_t high = attributions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (text_compare(items[middle].subject, subject) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < attributions->count; i++) {
        if (!text_equal(items[i].subject, subject))
            break;
        if (attribution_holds(&items[i], at))
            return &items[i];
    }
    return NULL;
}

void customer_enter(struct cx *cx, const struct customer *customer)
{
    CHECK(cx != NULL && customer != NULL);
    cx_enter_clock(cx, customer->test_clock_id, customer->clock_now);
}

struct text_list customer_names(const struct customer *customer, struct arena *arena)
{
    CHECK(customer != NULL && arena != NULL);
    const struct text_list *keys = &customer->usage_attribution.subject_keys;
    struct text_list names = { ARENA_ARRAY(arena, text, keys->count + 1), 0 };
    if (!text_is_empty(customer->key))
        names.items[names.count++] = customer->key;
    for (size_t i = 0; i < keys->count; i++) {
        if (!text_list_holds(&names, keys->items[i]))
            names.items[names.count++] = keys->items[i];
    }
    CHECK(names.count <= keys->count + 1);
    return names;
}

bool subject_keys_equal(const struct text_list *a, const struct text_list *b)
{
    CHECK(a != NULL && b != NULL);
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!text_list_holds(b, a->items[i]))
            return false;
    }
    return true;
}
