/* Zones by name, kept for the life of the process.
 *
 * A zone once read is never changed or freed, so readers walk the buckets without a lock; only
 * who adds one takes it. Names that do not exist are not kept: a client cannot fill the memory.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/zone_rules.h"

#define BUCKETS 128

static _Atomic(struct zone *) buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena *zones_arena; /* under the lock */

void zone_rules_init(struct zone_rules *rules, struct arena *arena, size_t room, int32_t offset)
{
    *rules = (struct zone_rules){
        .transitions = ARENA_ARRAY(arena, int64_t, room),
        .offsets_seconds = ARENA_ARRAY(arena, int32_t, room + 1),
        .room = room,
    };
    rules->offsets_seconds[0] = offset;
}

void zone_rules_add(struct zone_rules *rules, int64_t at_seconds, int32_t offset_seconds)
{
    size_t count = rules->count;
    CHECK(count == 0 || at_seconds >= rules->transitions[count - 1]);
    if (count > 0 && at_seconds == rules->transitions[count - 1])
        rules->count = --count;
    if (offset_seconds == rules->offsets_seconds[count])
        return;
    CHECK(count < rules->room);
    rules->transitions[count] = at_seconds;
    rules->offsets_seconds[count + 1] = offset_seconds;
    rules->count = count + 1;
}

size_t zone_rules_index(const struct zone_rules *rules, int64_t at_seconds)
{
    size_t low = 0;
    size_t high = rules->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rules->transitions[middle] <= at_seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct zone *zone_utc(void)
{
    static int32_t offset = 0;
    static const struct zone utc = {
        .name = TEXT_INIT("UTC"),
        .rules = { .offsets_seconds = &offset },
    };
    return &utc;
}

text zone_name(const struct zone *zone)
{
    return zone->name;
}

/* FNV-1a. */
static size_t bucket_of(text name)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (uint8_t)name.ptr[i]) * 16777619U;
    return hash % BUCKETS;
}

static const struct zone *find_kept(size_t bucket, text name)
{
    const struct zone *zone = atomic_load_explicit(&buckets[bucket], memory_order_acquire);
    while (zone != NULL && !text_equal(zone->name, name))
        zone = zone->next;
    return zone;
}

/* The zone read anew and kept; NULL when there is none. Under the lock. */
static const struct zone *read_zone(size_t bucket, text name)
{
    struct zone_rules rules;
    bool is_found;
    if (zones_arena == NULL)
        zones_arena = arena_new();
    if (access(ZONE_DIRECTORY "/UTC", R_OK) == 0)
        is_found = zone_rules_of_files(ZONE_DIRECTORY, name, zones_arena, &rules);
    else
        is_found = zone_rules_of_icu(name, zones_arena, &rules);
    if (!is_found)
        return NULL;
    struct zone *zone = ARENA_NEW(zones_arena, struct zone);
    zone->name = text_copy(zones_arena, name);
    zone->rules = rules;
    zone->next = atomic_load_explicit(&buckets[bucket], memory_order_relaxed);
    atomic_store_explicit(&buckets[bucket], zone, memory_order_release);
    return zone;
}

const struct zone *zone_find(text name)
{
    if (text_equal(name, zone_utc()->name))
        return zone_utc();
    if (name.len == 0 || name.len > ZONE_NAME_MAX)
        return NULL;
    size_t bucket = bucket_of(name);
    const struct zone *zone = find_kept(bucket, name);
    if (zone != NULL)
        return zone;
    MUST(pthread_mutex_lock(&lock) == 0);
    zone = find_kept(bucket, name);
    if (zone == NULL)
        zone = read_zone(bucket, name);
    MUST(pthread_mutex_unlock(&lock) == 0);
    return zone;
}
