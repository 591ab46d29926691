/* commit.c: the commit thread: group, drop duplicates, make durable, publish, answer.
 *
 * It takes all batches that wait, in order of arrival, and makes one frame of what is new in
 * them, so everyone who came while the last flush ran shares the next one. A duplicate of an event
 * in the same group is answered with the group, so never before the first of it is durable; one of
 * an earlier event already is. When the frame fails, the whole group gets the error and nothing of
 * it is published: index, numbers and counters are only touched after the flush.
 */
#include "usage/frame.h"
#include "usage/record.h"
#include "usage/usage_parts.h"

/* An event of the group that is new. */
struct fresh {
    uint64_t fingerprint;
    size_t offset; /* of its record in the frame */
};

/* What becomes of one event. */
enum verdict { IS_NEW, IS_DUPLICATE, IS_CONFLICT };

struct group {
    struct usage *usage;
    struct arena *arena; /* emptied after each group */
    struct batch *batches;
    unsigned char *frame; /* kept from group to group */
    size_t size;
    size_t room;
    struct fresh *fresh;
    uint32_t fresh_count;
    uint32_t *slots; /* by fingerprint: a place in `fresh`, plus one */
    size_t mask;
};

static size_t power_above(size_t n)
{
    size_t power = 16;
    while (power < n)
        power *= 2;
    return power;
}

static void group_begin(struct group *group)
{
    size_t events = 0;
    size_t bytes = FRAME_HEADER_BYTES;
    for (const struct batch *batch = group->batches; batch; batch = batch->next) {
        events += batch->count;
        bytes += batch->bytes;
    }
    CHECK(events <= UINT32_MAX);
    if (bytes > group->room) {
        free(group->frame);
        group->room = power_above(bytes);
        group->frame = malloc(group->room);
        MUST(group->frame != NULL);
    }
    group->size = FRAME_HEADER_BYTES;
    group->fresh = ARENA_ARRAY(group->arena, struct fresh, events);
    group->fresh_count = 0;
    group->mask = power_above(2 * events) - 1;
    group->slots = ARENA_ARRAY(group->arena, uint32_t, group->mask + 1);
}

/* The verdicts that the durable events give; ERR_CORRUPT when one of them cannot be read. */
static enum err batch_look_back(const struct group *group, const struct batch *batch,
                                enum verdict *verdicts)
{
    const unsigned char *record = batch->records;
    for (size_t i = 0; i < batch->count; i++) {
        const unsigned char *first = NULL;
        enum err err = event_index_find(group->usage->index, group->usage->journal,
                                        batch->fingerprints[i], record, &first);
        if (err == OK)
            verdicts[i] = conflicts_find(group->usage->ring, first, record) ? IS_CONFLICT
                                                                            : IS_DUPLICATE;
        else if (err == ERR_ABSENT)
            verdicts[i] = IS_NEW;
        else
            return err;
        record += record_length(record);
    }
    return OK;
}

/* The verdict on an event that no durable one equals; puts it into the frame when it is new. */
static enum verdict group_take(struct group *group, uint64_t fingerprint,
                               const unsigned char *record)
{
    size_t size = record_length(record);
    size_t at = (size_t)fingerprint & group->mask;
    for (; group->slots[at] != 0; at = (at + 1) & group->mask) {
        const struct fresh *fresh = &group->fresh[group->slots[at] - 1];
        const unsigned char *first = group->frame + fresh->offset;
        if (fresh->fingerprint == fingerprint && record_is_same_key(first, record))
            return conflicts_find(group->usage->ring, first, record) ? IS_CONFLICT : IS_DUPLICATE;
    }
    CHECK(group->size + size <= group->room);
    memcpy(group->frame + group->size, record, size);
    group->fresh[group->fresh_count] = (struct fresh){ fingerprint, group->size };
    group->size += size;
    group->fresh_count++;
    group->slots[at] = group->fresh_count;
    return IS_NEW;
}

/* Judges one batch as a whole first, so a batch that cannot be judged leaves no trace. */
static void batch_judge(struct group *group, struct batch *batch)
{
    enum verdict *verdicts = ARENA_ARRAY(group->arena, enum verdict, batch->count);
    const unsigned char *record = batch->records;

    batch->receipt = (struct usage_receipt){ .err = batch_look_back(group, batch, verdicts) };
    if (batch->receipt.err != OK)
        return;
    for (size_t i = 0; i < batch->count; i++) {
        if (verdicts[i] == IS_NEW)
            verdicts[i] = group_take(group, batch->fingerprints[i], record);
        batch->receipt.accepted += verdicts[i] == IS_NEW;
        batch->receipt.duplicates += verdicts[i] != IS_NEW;
        batch->receipt.conflicts += verdicts[i] == IS_CONFLICT;
        record += record_length(record);
    }
}

/* Makes the frame durable, then its events visible. */
static enum err group_write(struct group *group)
{
    struct usage *usage = group->usage;
    uint64_t position = 0;
    uint64_t sequence = usage->visible;
    enum err err;

    if (group->fresh_count == 0)
        return OK;
    if (sequence + group->fresh_count > INDEX_EVENTS_MAX)
        return ERR_NO_SPACE;
    for (uint32_t i = 0; i < group->fresh_count; i++)
        record_seal(group->frame + group->fresh[i].offset, sequence + i + 1, usage->journal->salt);
    err = journal_append(usage->journal, group->frame, group->size, group->fresh_count, &position);
    usage->is_failing = err != OK;
    if (err != OK)
        return err;
    for (uint32_t i = 0; i < group->fresh_count; i++) {
        const struct fresh *fresh = &group->fresh[i];
        event_index_add(usage->index, position + fresh->offset - FRAME_HEADER_BYTES,
                        fresh->fingerprint, group->frame + fresh->offset);
    }
    usage->flushes++;
    atomic_store_explicit(&usage->visible, sequence + group->fresh_count, memory_order_release);
    return OK;
}

static void group_release_queue(struct group *group)
{
    struct usage *usage = group->usage;
    size_t bytes = 0;
    for (const struct batch *batch = group->batches; batch; batch = batch->next)
        bytes += batch->bytes;
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    CHECK(usage->queue_bytes >= bytes);
    usage->queue_bytes -= bytes;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
}

static void group_answer(struct group *group, enum err err)
{
    struct usage *usage = group->usage;
    struct batch *next;
    for (struct batch *batch = group->batches; batch; batch = next) {
        struct usage_receipt *receipt = &batch->receipt;
        next = batch->next;
        if (receipt->err == OK && err != OK)
            *receipt = (struct usage_receipt){ .err = err };
        usage->duplicates += receipt->duplicates;
        usage->conflicts += receipt->conflicts;
        receipt->sequence_last = usage->visible;
        batch->done(batch->state, receipt);
        free(batch);
    }
}

static void group_commit(struct group *group)
{
    enum err err;
    group_begin(group);
    for (struct batch *batch = group->batches; batch; batch = batch->next)
        batch_judge(group, batch);
    err = group_write(group);
    group_release_queue(group);
    group_answer(group, err);
    arena_reset(group->arena);
}

/* All batches that wait; NULL when there is nothing left and nothing will come. */
static struct batch *queue_take(struct usage *usage)
{
    struct batch *first;
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    while (!usage->queue_first && !(usage->is_stopping && usage->queue_bytes == 0))
        MUST(pthread_cond_wait(&usage->has_work, &usage->lock) == 0);
    first = usage->queue_first;
    usage->queue_first = NULL;
    usage->queue_last = NULL;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
    return first;
}

void *commit_run(void *state)
{
    struct usage *usage = state;
    struct group group = { .usage = usage, .arena = arena_new() };
    while ((group.batches = queue_take(usage)) != NULL)
        group_commit(&group);
    free(group.frame);
    arena_free(group.arena);
    return NULL;
}
