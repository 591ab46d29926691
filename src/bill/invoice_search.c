/* invoice_search.c: what lists ask for. */
#include "bill/invoice_search.h"

struct invoice_search invoice_search_all(struct page page)
{
    return (struct invoice_search){
        .issued_from = INSTANT_NONE,
        .issued_to = INSTANT_NONE,
        .period_from = INSTANT_NONE,
        .period_to = INSTANT_NONE,
        .created_from = INSTANT_NONE,
        .created_to = INSTANT_NONE,
        .page = page,
    };
}

struct text_list invoice_states_of(const struct text_list *statuses, struct arena *arena)
{
    CHECK(statuses != NULL && arena != NULL);
    struct text_list found = {
        ARENA_ARRAY(arena, text, statuses->count * STATE_COUNT + statuses->count), 0
    };
    for (size_t i = 0; i < statuses->count; i++) {
        size_t before = found.count;
        for (enum invoice_state state = 0; state < STATE_COUNT; state++) {
            if (text_equal(statuses->items[i], invoice_state_short(state)))
                found.items[found.count++] = text_of(invoice_state_words[state]);
        }
        if (found.count == before)
            found.items[found.count++] = statuses->items[i];
    }
    return found;
}
