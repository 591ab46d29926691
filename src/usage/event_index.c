#include "usage/event_index.h"

#include "usage/record.h"

#include <sys/mman.h>

struct event_index *event_index_new(uint64_t first_sequence, uint64_t salt)
{
    struct event_index *index = calloc(1, sizeof(*index));
    MUST(index != NULL);
    CHECK(first_sequence > 0);
    index->first_sequence = first_sequence;
    index->orgs = intern_new(salt);
    index->types = intern_new(salt);
    index->subjects = intern_new(salt);
    return index;
}

void event_index_free(struct event_index *index)
{
    if (!index)
        return;
    for (uint32_t i = 0; i < INDEX_CHUNKS_MAX && index->chunks[i]; i++)
        MUST(munmap(index->chunks[i], sizeof(struct index_chunk)) == 0);
    intern_free(index->orgs);
    intern_free(index->types);
    intern_free(index->subjects);
    free(index);
}

text event_index_org(const struct org_id *org)
{
    return (text){ (const char *)org, sizeof(*org) };
}

static struct index_chunk *chunk_new(void)
{
    void *chunk = mmap(NULL, sizeof(struct index_chunk), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(chunk != MAP_FAILED);
    return chunk;
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

/* The text's number; mostly it is the one before. */
static uint32_t number_of(struct intern *intern, text t, uint32_t before, bool has_before)
{
    if (has_before && text_equal(intern_text(intern, before), t))
        return before;
    return intern_add(intern, t, intern_hash(t, intern_salt(intern)));
}

void event_index_add(struct event_index *index, const struct index_place *place,
                     const unsigned char *record)
{
    struct index_chunk **chunk = &index->chunks[index->count / INDEX_CHUNK_EVENTS];
    uint64_t at = index->count % INDEX_CHUNK_EVENTS;
    const struct index_entry none = { 0 };
    const struct index_entry *before = &none;
    struct index_entry *entry;
    struct usage_event event;

    CHECK(index->count < INDEX_EVENTS_MAX);
    if (index->count > 0)
        before = event_index_entry(index, index->first_sequence + index->count - 1);
    if (!*chunk)
        *chunk = chunk_new();
    record_read(record, &event);
    CHECK(event.sequence == index->first_sequence + index->count);
    entry = &(*chunk)->entries[at];
    *entry = (struct index_entry){
        .fingerprint = place->fingerprint,
        .time = event.time,
        .offset = place->offset,
        .org = number_of(index->orgs, event_index_org(&event.org), before->org, index->count > 0),
        .type = number_of(index->types, event.type, before->type, index->count > 0),
        .subject = intern_add(index->subjects, event.subject, place->subject_hash),
    };
    block_add(&(*chunk)->blocks[at / INDEX_BLOCK_EVENTS], at % INDEX_BLOCK_EVENTS == 0, entry);
    index->count++;
}

void event_index_prefetch(const struct event_index *index, uint64_t later_hash,
                          uint64_t sooner_hash)
{
    intern_prefetch(index->subjects, later_hash);
    intern_prefetch_text(index->subjects, sooner_hash);
}

size_t event_index_bytes(const struct event_index *index)
{
    size_t bytes = sizeof(*index) + intern_bytes(index->orgs) + intern_bytes(index->types) +
                   intern_bytes(index->subjects);
    for (uint32_t i = 0; i < INDEX_CHUNKS_MAX && index->chunks[i]; i++)
        bytes += sizeof(struct index_chunk);
    return bytes;
}
