/* world.c: small things that driver and auditor share. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

void *world_grow(void *items, size_t size, int count)
{
    bool is_full = (count & (count - 1)) == 0; /* 0, 1, 2, 4, 8, … */
    if (is_full) {
        items = realloc(items, size * (size_t)(count ? 2 * count : 1));
        MUST(items);
    }
    memset((char *)items + size * (size_t)count, 0, size);
    return items;
}

void world_fail(struct world *world, const char *format, ...)
{
    struct buffer out = { .arena = world->keep };
    va_list values;
    if (world->failure)
        return;
    buffer_format(&out,
                  "%.*s: ", TEXT_ARG(instant_text(world->keep, clock_now(&world->house.clock))));
    va_start(values, format);
    buffer_vformat(&out, format, values);
    va_end(values);
    world->failure = text_cstr(world->keep, buffer_text(&out));
}

int64_t world_now(struct world *world)
{
    return clock_now(&world->house.clock).ns;
}

int64_t world_pick(struct world *world, int64_t bound)
{
    return (int64_t)random_below(&world->random, (uint64_t)bound);
}

void world_keep_id(char to[ID_ROOM], text id)
{
    MUST(id.len < ID_ROOM);
    memcpy(to, id.ptr, id.len);
    to[id.len] = '\0';
}

uint64_t world_hash(uint64_t hash, text t)
{
    for (size_t i = 0; i < t.len; i++)
        hash = (hash ^ (uint8_t)t.ptr[i]) * 1099511628211ULL;
    return hash;
}

struct seen *world_seen(struct world *world, text id)
{
    uint64_t at = world_hash(WORLD_HASH, id) % SEEN_ROOM;
    while (world->seen[at].id[0] != '\0' && !text_equal(text_of(world->seen[at].id), id))
        at = (at + 1) % SEEN_ROOM;
    if (world->seen[at].id[0] == '\0') {
        MUST(++world->seen_count < SEEN_ROOM / 2);
        world_keep_id(world->seen[at].id, id);
    }
    return &world->seen[at];
}

/* Month by month from the anchor, on the wall of the customer's zone; the last day of a month
 * stands for those it does not have. */
static int64_t months_after(int64_t anchor, int64_t months, const struct zone *zone)
{
    struct civil civil = civil_of((instant){ anchor }, zone);
    int64_t month = civil.year * 12 + civil.month - 1 + months;
    int32_t days;
    if (months == 0)
        return anchor; /* which may be the second of two times that the wall shows alike */
    civil.year = (int32_t)(month / 12);
    civil.month = (int32_t)(month % 12) + 1;
    days = civil_month_days(civil.year, civil.month);
    if (civil.day > days)
        civil.day = days;
    return instant_of(civil, zone).ns;
}

struct period stint_grid(const struct customer *customer, const struct stint *stint, int64_t t)
{
    int64_t k = (t - stint->anchor) / (31 * NS_PER_DAY) - 2;
    int64_t from = months_after(stint->anchor, k, customer->zone);
    int64_t to = months_after(stint->anchor, k + 1, customer->zone);
    CHECK(from <= t);
    while (to <= t) {
        from = to;
        k++;
        to = months_after(stint->anchor, k + 1, customer->zone);
    }
    return (struct period){ { from }, { to } };
}
