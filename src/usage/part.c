#include "usage/part.h"

#include "usage/key_filter.h"
#include "usage/record.h"

#include "base/clock.h"

struct part *part_new(struct log_file *file)
{
    struct part *part = calloc(1, sizeof(*part));
    MUST(part != NULL);
    part->file = file;
    part->first_sequence = file->header.first_sequence;
    part->salt = file->header.salt;
    part->index = event_index_new(part->first_sequence, part->salt);
    part->keys = key_table_new();
    part_measure(part);
    return part;
}

void part_free(struct part *part)
{
    if (!part)
        return;
    log_file_free(part->file);
    event_index_free(part->index);
    key_table_free(part->keys);
    free(part->filter);
    free(part);
}

void part_add(struct part *part, const struct index_place *place, const unsigned char *record)
{
    if (part->index->count == 0)
        part->begun_ns = clock_monotonic_ns();
    event_index_add(part->index, place, record);
    key_table_add(part->keys, place->fingerprint, record_sequence(record));
}

void part_measure(struct part *part)
{
    part->memory_bytes = sizeof(*part) + event_index_bytes(part->index) +
                         key_table_bytes(part->keys) + part->filter_lines * KEY_FILTER_LINE_BYTES;
}

static struct key_filter_line *line_of(const struct part *part, uint64_t fingerprint)
{
    uint64_t key = fingerprint >> (64 - KEY_RUN_BITS);
    return &part->filter[key_filter_line(key, part->filter_lines)];
}

static uint64_t spread_of(uint64_t fingerprint)
{
    return key_filter_spread(fingerprint >> (64 - KEY_RUN_BITS));
}

void part_end(struct part *part)
{
    const struct event_index *index = part->index;
    CHECK(!part->filter);
    log_file_rest(part->file); /* who looks for duplicates looks at the last part most */
    part->filter_lines = key_filter_lines(index->count);
    part->filter = aligned_alloc(KEY_FILTER_LINE_BYTES, part->filter_lines * KEY_FILTER_LINE_BYTES);
    MUST(part->filter != NULL);
    memset(part->filter, 0, part->filter_lines * KEY_FILTER_LINE_BYTES);
    for (uint64_t i = 0; i < index->count; i++) {
        uint64_t fingerprint = event_index_entry(index, index->first_sequence + i)->fingerprint;
        key_filter_add(line_of(part, fingerprint), spread_of(fingerprint));
    }
    part_measure(part);
}

/* Lookups under way. */
#define AHEAD 12

static size_t table_sieve(const struct part *part, const uint64_t *fingerprints, size_t count,
                          uint32_t *ret)
{
    size_t passed = 0;
    for (size_t i = 0; i < count && i < AHEAD; i++)
        key_table_prefetch(part->keys, fingerprints[i]);
    for (size_t i = 0; i < count; i++) {
        uint64_t sequence;
        size_t cursor = 0;
        if (i + AHEAD < count)
            key_table_prefetch(part->keys, fingerprints[i + AHEAD]);
        ret[passed] = (uint32_t)i;
        passed += key_table_find(part->keys, fingerprints[i], &cursor, &sequence);
    }
    return passed;
}

size_t part_sieve(const struct part *part, const uint64_t *fingerprints, size_t count,
                  uint32_t *ret)
{
    size_t passed = 0;
    if (!part->filter)
        return table_sieve(part, fingerprints, count, ret);
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(line_of(part, fingerprints[i + AHEAD]));
        ret[passed] = (uint32_t)i;
        passed += key_filter_has(line_of(part, fingerprints[i]), spread_of(fingerprints[i]));
    }
    return passed;
}

const unsigned char *part_record(const struct part *part, uint64_t sequence)
{
    const struct index_entry *entry = event_index_entry(part->index, sequence);
    uint64_t length = atomic_load_explicit(&part->file->length, memory_order_acquire);
    const unsigned char *record = part->file->map + entry->offset;
    CHECK(sequence >= part->first_sequence && entry->offset < length);
    if (!record_is_whole(record, length - entry->offset, part->salt) ||
        record_sequence(record) != sequence)
        return NULL;
    return record;
}
