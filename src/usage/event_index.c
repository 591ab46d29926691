#include "usage/event_index.h"

#include "usage/record.h"

static uint32_t low_of(void *state, uint32_t sequence)
{
    return event_index_entry(state, sequence)->fingerprint_low;
}

struct event_index *event_index_new(void)
{
    struct random random = random_system();
    struct event_index *index = calloc(1, sizeof(*index));
    uint64_t salt;
    MUST(index != NULL);
    random_fill(&random, &salt, sizeof(salt));
    index->orgs = intern_new(salt);
    index->types = intern_new(salt);
    index->subjects = intern_new(salt);
    index->dedupe = dedupe_new(low_of, index);
    return index;
}

void event_index_free(struct event_index *index)
{
    if (!index)
        return;
    for (uint32_t i = 0; i < INDEX_CHUNKS_MAX && index->chunks[i]; i++)
        free(index->chunks[i]);
    intern_free(index->orgs);
    intern_free(index->types);
    intern_free(index->subjects);
    dedupe_free(index->dedupe);
    free(index);
}

text event_index_org(const struct org_id *org)
{
    return (text){ (const char *)org, sizeof(*org) };
}

static void block_add(struct index_block *block, bool is_first, const struct index_entry *entry)
{
    if (is_first)
        *block = (struct index_block){ .time_min = entry->time, .time_max = entry->time };
    if (instant_before(entry->time, block->time_min))
        block->time_min = entry->time;
    if (instant_before(block->time_max, entry->time))
        block->time_max = entry->time;
    block->orgs |= UINT64_C(1) << (entry->org % 64);
}

void event_index_add(struct event_index *index, uint64_t position, uint64_t fingerprint,
                     const unsigned char *record)
{
    struct index_chunk **chunk = &index->chunks[index->count / INDEX_CHUNK_EVENTS];
    uint64_t at = index->count % INDEX_CHUNK_EVENTS;
    struct index_entry *entry;
    struct usage_event event;

    CHECK(index->count < INDEX_EVENTS_MAX);
    if (!*chunk)
        *chunk = malloc(sizeof(**chunk));
    MUST(*chunk != NULL);
    record_read(record, &event);
    CHECK(event.sequence == index->count + 1);
    entry = &(*chunk)->entries[at];
    *entry = (struct index_entry){
        .position = position,
        .time = event.time,
        .org = intern_add(index->orgs, event_index_org(&event.org)),
        .type = intern_add(index->types, event.type),
        .subject = intern_add(index->subjects, event.subject),
        .fingerprint_low = (uint32_t)fingerprint,
    };
    block_add(&(*chunk)->blocks[at / INDEX_BLOCK_EVENTS], at % INDEX_BLOCK_EVENTS == 0, entry);
    index->count++;
    dedupe_insert(index->dedupe, fingerprint, (uint32_t)index->count);
}

/* What the comparison needs, and what it found. */
struct search {
    const struct event_index *index;
    const struct journal *journal;
    const unsigned char *record;
    uint32_t fingerprint_low;
    const unsigned char *found;
    bool is_damaged;
};

static bool is_same(void *state, uint32_t sequence)
{
    struct search *search = state;
    const struct index_entry *entry = event_index_entry(search->index, sequence);
    const unsigned char *record;
    if (entry->fingerprint_low != search->fingerprint_low)
        return false;
    record = journal_record(search->journal, entry->position, sequence);
    if (!record) {
        search->is_damaged = true;
        return false;
    }
    if (!record_is_same_key(record, search->record))
        return false;
    search->found = record;
    return true;
}

enum err event_index_find(const struct event_index *index, const struct journal *journal,
                          uint64_t fingerprint, const unsigned char *record,
                          const unsigned char **ret)
{
    struct search search = {
        .index = index,
        .journal = journal,
        .record = record,
        .fingerprint_low = (uint32_t)fingerprint,
    };
    if (dedupe_find(index->dedupe, fingerprint, is_same, &search) != 0) {
        CHECK(search.found != NULL);
        *ret = search.found;
        return OK;
    }
    return search.is_damaged ? ERR_CORRUPT : ERR_ABSENT;
}
