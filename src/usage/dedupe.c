#include "usage/dedupe.h"

#define SLOTS_MIN              1024U
#define SLOTS_MOVED_PER_INSERT 8 /* at least 2, or the new table fills before the old is empty */

/* A slot: high half the fingerprint's, low half the sequence; 0 when free. */
struct table {
    uint64_t *slots;
    uint64_t mask;
    uint64_t used;
};

struct dedupe {
    struct table now;
    struct table old; /* slots NULL when nothing is being moved */
    uint64_t moved;   /* slots of the old table that are done */
    dedupe_low *low;
    void *state;
};

static struct table table_new(uint64_t slots)
{
    struct table table = { .mask = slots - 1 };
    CHECK((slots & (slots - 1)) == 0);
    table.slots = calloc((size_t)slots, sizeof(uint64_t));
    MUST(table.slots != NULL);
    return table;
}

struct dedupe *dedupe_new(dedupe_low *low, void *state)
{
    struct dedupe *dedupe = calloc(1, sizeof(*dedupe));
    MUST(dedupe != NULL);
    dedupe->now = table_new(SLOTS_MIN);
    dedupe->low = low;
    dedupe->state = state;
    return dedupe;
}

void dedupe_free(struct dedupe *dedupe)
{
    if (!dedupe)
        return;
    free(dedupe->now.slots);
    free(dedupe->old.slots);
    free(dedupe);
}

static uint32_t table_find(const struct table *table, uint64_t fingerprint, dedupe_is_same *is_same,
                           void *state)
{
    uint64_t at = (fingerprint & UINT32_MAX) & table->mask;
    for (; table->slots[at] != 0; at = (at + 1) & table->mask) {
        uint32_t sequence = (uint32_t)table->slots[at];
        if (table->slots[at] >> 32 == fingerprint >> 32 && is_same(state, sequence))
            return sequence;
    }
    return 0;
}

uint32_t dedupe_find(const struct dedupe *dedupe, uint64_t fingerprint, dedupe_is_same *is_same,
                     void *state)
{
    uint32_t found = table_find(&dedupe->now, fingerprint, is_same, state);
    if (found == 0 && dedupe->old.slots)
        found = table_find(&dedupe->old, fingerprint, is_same, state);
    return found;
}

static void table_insert(struct table *table, uint32_t low, uint64_t slot)
{
    uint64_t at = low & table->mask;
    CHECK(table->used <= table->mask);
    while (table->slots[at] != 0)
        at = (at + 1) & table->mask;
    table->slots[at] = slot;
    table->used++;
}

/* Slots stay in the old table after they were moved, so that its chains hold until it goes. */
static void dedupe_move(struct dedupe *dedupe)
{
    for (int i = 0; i < SLOTS_MOVED_PER_INSERT && dedupe->moved <= dedupe->old.mask; i++) {
        uint64_t slot = dedupe->old.slots[dedupe->moved];
        if (slot != 0)
            table_insert(&dedupe->now, dedupe->low(dedupe->state, (uint32_t)slot), slot);
        dedupe->moved++;
    }
    if (dedupe->moved > dedupe->old.mask) {
        free(dedupe->old.slots);
        dedupe->old = (struct table){ 0 };
        dedupe->moved = 0;
    }
}

void dedupe_insert(struct dedupe *dedupe, uint64_t fingerprint, uint32_t sequence)
{
    uint64_t slots = dedupe->now.mask + 1;
    CHECK(sequence > 0);
    if (!dedupe->old.slots && dedupe->now.used >= slots - slots / 4) {
        dedupe->old = dedupe->now;
        dedupe->now = table_new(slots * 2);
    }
    if (dedupe->old.slots)
        dedupe_move(dedupe);
    table_insert(&dedupe->now, (uint32_t)fingerprint, (fingerprint >> 32 << 32) | sequence);
}

uint64_t dedupe_bytes(const struct dedupe *dedupe)
{
    uint64_t slots = dedupe->now.mask + 1;
    if (dedupe->old.slots)
        slots += dedupe->old.mask + 1;
    return slots * sizeof(uint64_t);
}
