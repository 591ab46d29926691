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

int64_t customer_now(struct world *world, const struct customer *customer)
{
    return customer->clock[0] != '\0' ? customer->clock_now : world_now(world);
}

int64_t calendar_after(int64_t t, int64_t months, int64_t days, const struct zone *zone)
{
    struct civil civil = civil_of((instant){ t }, zone);
    int64_t month = civil.year * 12 + civil.month - 1 + months;
    int32_t last;
    if (months == 0 && days == 0)
        return t; /* which may be the second of two times that the wall shows alike */
    civil.year = (int32_t)(month / 12);
    civil.month = (int32_t)(month % 12) + 1;
    last = civil_month_days(civil.year, civil.month);
    if (civil.day > last)
        civil.day = last;
    for (int64_t i = 0; i < days; i++) {
        bool is_last = civil.day == civil_month_days(civil.year, civil.month);
        civil.day = is_last ? 1 : civil.day + 1;
        civil.year += is_last && civil.month == 12 ? 1 : 0;
        civil.month = !is_last ? civil.month : civil.month % 12 + 1;
    }
    return instant_of(civil, zone).ns;
}
