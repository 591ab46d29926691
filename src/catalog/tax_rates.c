/* tax_rates.c: which rates hold when. */
#include "catalog/tax_rates.h"

#include "base/limits.h"

static void add_fault(struct problem *problem, size_t index, const char *member, const char *rule,
                      const char *reason)
{
    problem_add_member(problem, text_format(problem->arena, "rates[%zu].%s", index, member), rule,
                       text_of(reason));
}

static bool is_repeated(const struct tax_rate_entry *items, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_equal(items[i].name, items[index].name) &&
            instant_equal(items[i].effective_from, items[index].effective_from))
            return true;
    }
    return false;
}

bool tax_rates_check(const struct list *rates, struct problem *problem)
{
    CHECK(rates != NULL && problem != NULL);
    const struct tax_rate_entry *items = rates->items;
    bool is_good = true;
    for (size_t i = 0; i < rates->count; i++) {
        bool is_too_much = dec_compare(items[i].percentage, dec_of_int(100)) > 0;
        bool is_too_fine = dec_trim(items[i].percentage).scale > LIMIT_TAX_RATE_DIGITS;
        if (is_too_much)
            add_fault(problem, i, "percentage", "invalid", "must be at most 100");
        if (is_too_fine)
            add_fault(problem, i, "percentage", "invalid",
                      "must have at most 6 digits after the point");
        bool is_twice = is_repeated(items, i);
        if (is_twice)
            add_fault(problem, i, "name", "invalid",
                      "another rate of this name takes effect at the same instant");
        is_good = is_good && !is_too_much && !is_too_fine && !is_twice;
    }
    return is_good;
}

/* Whether `entry` holds at t, and `other` does not hold in its stead. */
static bool is_later(const struct tax_rate_entry *entry, const struct tax_rate_entry *other)
{
    if (instant_is_none(entry->effective_from))
        return false;
    return instant_is_none(other->effective_from) ||
           instant_before(other->effective_from, entry->effective_from);
}

const struct tax_rate *tax_rates_at(const struct list *rates, instant t, struct arena *arena,
                                    size_t *ret_count)
{
    CHECK(rates != NULL && arena != NULL && ret_count != NULL);
    const struct tax_rate_entry *items = rates->items;
    const struct tax_rate_entry **held =
        ARENA_ARRAY(arena, const struct tax_rate_entry *, rates->count);
    size_t count = 0;
    for (size_t i = 0; i < rates->count; i++) {
        const struct tax_rate_entry *entry = &items[i];
        size_t at = 0;
        if (!instant_is_none(entry->effective_from) && instant_before(t, entry->effective_from))
            continue;
        while (at < count && !text_equal(held[at]->name, entry->name))
            at++;
        if (at == count)
            held[count++] = entry;
        else if (is_later(entry, held[at]))
            held[at] = entry;
    }
    struct tax_rate *ret = ARENA_ARRAY(arena, struct tax_rate, count);
    for (size_t i = 0; i < count; i++)
        ret[i] = (struct tax_rate){ held[i]->name, held[i]->percentage };
    *ret_count = count;
    return ret;
}
