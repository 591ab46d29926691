/* known.c: is an event in the store already? Asked for all events of a group at once.
 *
 * Each part's and each run's filter is asked about all fingerprints before the next one is,
 * so that the memory one answer waits for is fetched while others are given. What is left are few
 * candidates: true duplicates, one in 200 per run that a filter lets pass in vain, and fingerprints
 * that collide. Of those the keys are compared, in the log or in a sealed segment.
 */
#include "usage/record.h"
#include "usage/usage_inside.h"

static enum verdict verdict_of(enum err err)
{
    return err == ERR_CORRUPT ? IS_UNREADABLE : IS_FAILED;
}

/* Compares event i with a candidate in the log. */
static void look_in_part(const struct known_query *query, size_t i, const struct part *part,
                         uint64_t sequence)
{
    const unsigned char *first;
    if (event_index_entry(part->index, sequence)->fingerprint != query->fingerprints[i])
        return;
    first = part_record(part, sequence);
    if (!first)
        query->verdicts[i] = IS_UNREADABLE;
    else if (record_is_same_key(first, query->records[i]))
        query->verdicts[i] = conflicts_find(query->ring, first, query->records[i]) ? IS_CONFLICT
                                                                                   : IS_DUPLICATE;
}

static uint32_t look_in_parts(const struct known_query *query)
{
    uint32_t looks = 0;
    for (uint32_t p = 0; p < query->snapshot->part_count; p++) {
        const struct part *part = query->snapshot->parts[p];
        size_t passed = part_sieve(part, query->fingerprints, query->count, query->passed);
        for (size_t k = 0; k < passed; k++) {
            size_t i = query->passed[k];
            uint64_t sequence;
            size_t cursor = 0;
            while ((query->verdicts[i] == IS_NEW || query->verdicts[i] == IS_UNREADABLE) &&
                   key_table_find(part->keys, query->fingerprints[i], &cursor, &sequence)) {
                look_in_part(query, i, part, sequence);
                looks++;
            }
        }
    }
    return looks;
}

/* Whether two events of one key differ in what they say, as record_is_conflict. */
static bool is_conflict(const struct usage_event *a, const struct usage_event *b)
{
    if (!text_equal(a->type, b->type) || !text_equal(a->subject, b->subject) ||
        !text_equal(a->data_schema, b->data_schema) || !text_equal(a->data, b->data))
        return true;
    return a->is_time_given && b->is_time_given && !instant_equal(a->time, b->time);
}

/* Compares event i with a candidate in a sealed segment. */
static enum err look_in_segment(const struct known_query *query, size_t i, uint64_t sequence,
                                struct arena *arena)
{
    struct catalog_segment *segment = snapshot_segment(query->snapshot, sequence);
    enum sealed_match match = SEALED_OTHER;
    struct usage_event event;
    struct usage_event first;
    uint32_t digest = 0;
    enum err err;

    if (!segment)
        return ERR_CORRUPT;
    record_read(query->records[i], &event);
    err = sealed_match(segment->sealed, sequence, &event, &match, &digest);
    if (err != OK || match == SEALED_OTHER)
        return err;
    query->verdicts[i] = IS_DUPLICATE;
    if (match == SEALED_SAME_ERASED || digest == sealed_digest_of(&event))
        return OK;
    err = sealed_event(segment->sealed, sequence, arena, &first);
    if (err == OK && is_conflict(&first, &event)) {
        query->verdicts[i] = IS_CONFLICT;
        conflicts_add(query->ring, &first, &event);
    }
    return err;
}

/* Looks up event i, which a run's filter let pass. */
static enum err look_in_run(const struct known_query *query, size_t i, struct key_run *run,
                            struct arena *arena)
{
    uint64_t sequences[KEY_CANDIDATES_MAX];
    size_t count = 0;
    enum err err = key_run_find(run, query->fingerprints[i], sequences, &count);
    for (size_t k = 0; k < count && err == OK && query->verdicts[i] == IS_NEW; k++)
        err = look_in_segment(query, i, sequences[k], arena);
    return err;
}

static void look_in_runs(const struct known_query *query, struct arena *arena)
{
    for (uint32_t r = 0; r < query->snapshot->run_count; r++) {
        struct key_run *run = query->snapshot->runs[r]->run;
        size_t passed = key_run_sieve(run, query->fingerprints, query->count, query->passed);
        for (size_t k = 0; k < passed; k++) {
            size_t i = query->passed[k];
            enum err err = OK;
            if (query->verdicts[i] == IS_NEW)
                err = look_in_run(query, i, run, arena);
            if (err != OK)
                query->verdicts[i] = verdict_of(err);
        }
    }
}

uint32_t known_look(const struct known_query *query, struct arena *arena)
{
    uint32_t looks;
    for (size_t i = 0; i < query->count; i++)
        query->verdicts[i] = IS_NEW;
    looks = look_in_parts(query);
    look_in_runs(query, arena);
    return looks;
}
