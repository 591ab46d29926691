#include "usage/part.h"

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
                         key_table_bytes(part->keys);
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
