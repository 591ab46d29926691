/* commit.c: the commit thread: group, drop duplicates, make durable, publish, answer.
 *
 * It takes the batches that wait, in order of arrival, and makes one frame of what is new in
 * them, so everyone who came while the last flush ran shares the next one. A duplicate of an event
 * in the same group is answered with the group, so never before the first of it is durable; one of
 * an earlier event already is. When the frame fails, the whole group gets the error and nothing of
 * it is published: the part, numbers and counters are only touched after the flush.
 *
 * This one thread is what bounds the store's speed, so it does little for an event: what can be
 * computed by the thread that appends (the record, its hashes) comes with the batch, and memory
 * that will be looked at is asked for ahead.
 */
#include "usage/frame.h"
#include "usage/record.h"
#include "usage/usage_inside.h"

#include "base/clock.h"
#include "base/turn.h"

#include <sys/prctl.h>
#include <time.h>

/* A group closes at so many: those who came first do not wait for ever more behind them. */
#define GROUP_EVENTS_MAX 32768U
#define GROUP_BYTES_MAX  (8U * 1024 * 1024)
#define AHEAD            8    /* events whose memory is asked for */
#define PACE_NS          3000 /* waited for an event when sealing is as far behind as it may be */
#define PACE_NS_MAX      20000000 /* .. but not longer for a group */
#define CROWD            8U       /* events of a small group: from so many on .. */
#define GATHER_NS        150000   /* .. more are awaited before the next */
#define PACED_EVENTS_MAX 8192U    /* of a group then */
#define LOOKS_MAX        128 /* into the log, until its pages are let go: each brings some more */

/* An event of the group that is new. */
struct fresh {
    uint64_t offset; /* of its record in the frame */
    struct batch_mark mark;
};

struct group {
    struct usage *usage;
    struct snapshot *snapshot;
    struct arena *arena; /* emptied after each group */
    struct batch *batches;
    size_t count;    /* events of all batches */
    uint64_t degree; /* by which sealing is behind, of 256 */

    unsigned char *frame; /* what follows is kept from group to group */
    size_t size;
    size_t room;
    uint64_t checksum;

    size_t events_room;
    uint64_t *fingerprints; /* these four by event */
    const unsigned char **records;
    enum verdict *verdicts;
    uint32_t *passed;
    struct fresh *fresh;
    uint32_t fresh_count;
    uint32_t looks;  /* into the log, since its pages were let go */
    uint32_t *slots; /* by fingerprint: a place in `fresh`, plus one */
    size_t mask;
};

static size_t power_above(size_t n)
{
    size_t power = 1024;
    while (power < n)
        power *= 2;
    return power;
}

static void *renewed(void *old, size_t size)
{
    void *fresh;
    free(old);
    fresh = malloc(size);
    MUST(fresh != NULL);
    return fresh;
}

/* Makes room for the group's events and bytes. */
static void group_make_room(struct group *group, size_t bytes)
{
    if (bytes > group->room) {
        group->room = power_above(bytes);
        group->frame = renewed(group->frame, group->room);
    }
    if (group->count > group->events_room || group->events_room == 0) {
        size_t room = power_above(group->count);
        group->events_room = room;
        group->fingerprints = renewed(group->fingerprints, room * sizeof(*group->fingerprints));
        group->records = renewed(group->records, room * sizeof(*group->records));
        group->verdicts = renewed(group->verdicts, room * sizeof(*group->verdicts));
        group->passed = renewed(group->passed, room * sizeof(*group->passed));
        group->fresh = renewed(group->fresh, room * sizeof(*group->fresh));
        group->slots = renewed(group->slots, 2 * room * sizeof(*group->slots));
    }
    group->mask = power_above(2 * group->count) - 1;
    memset(group->slots, 0, (group->mask + 1) * sizeof(*group->slots));
}

/* Puts the events of all batches in a row. */
static void group_begin(struct group *group)
{
    size_t bytes = FRAME_HEADER_BYTES;
    size_t at = 0;
    group->count = 0;
    for (const struct batch *batch = group->batches; batch; batch = batch->next) {
        group->count += batch->count;
        bytes += batch->bytes;
    }
    CHECK(group->count <= UINT32_MAX / 4);
    group_make_room(group, bytes);
    group->size = FRAME_HEADER_BYTES;
    group->fresh_count = 0;
    group->snapshot = catalog_take(group->usage->catalog);
    for (const struct batch *batch = group->batches; batch; batch = batch->next) {
        const unsigned char *record = batch->records;
        for (size_t i = 0; i < batch->count; i++) {
            group->fingerprints[at] = batch->marks[i].fingerprint;
            group->records[at++] = record;
            record += batch->marks[i].size;
        }
    }
}

static void group_look_back(struct group *group)
{
    const struct known_query query = {
        .snapshot = group->snapshot,
        .ring = group->usage->ring,
        .fingerprints = group->fingerprints,
        .records = group->records,
        .verdicts = group->verdicts,
        .passed = group->passed,
        .count = group->count,
    };
    group->looks += known_look(&query, group->arena);
    if (group->looks < LOOKS_MAX)
        return;
    group->looks = 0;
    for (uint32_t i = 0; i < group->snapshot->part_count; i++)
        log_file_rest(group->snapshot->parts[i]->file);
}

/* The verdict on an event that no durable one equals; puts it into the frame when it is new. */
static enum verdict group_take(struct group *group, const struct batch_mark *mark,
                               const unsigned char *record)
{
    size_t size = mark->size;
    size_t at = (size_t)mark->fingerprint & group->mask;
    for (; group->slots[at] != 0; at = (at + 1) & group->mask) {
        const struct fresh *fresh = &group->fresh[group->slots[at] - 1];
        const unsigned char *first = group->frame + fresh->offset;
        if (fresh->mark.fingerprint == mark->fingerprint && record_is_same_key(first, record))
            return conflicts_find(group->usage->ring, first, record) ? IS_CONFLICT : IS_DUPLICATE;
    }
    CHECK(group->size + size <= group->room);
    memcpy(group->frame + group->size, record, size);
    group->fresh[group->fresh_count] = (struct fresh){ group->size, *mark };
    group->size += size;
    group->fresh_count++;
    group->slots[at] = group->fresh_count;
    return IS_NEW;
}

/* ERR_CORRUPT or ERR_IO when it is not known of every event whether it is new. */
static enum err verdicts_err(const enum verdict *verdicts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (verdicts[i] == IS_UNREADABLE || verdicts[i] == IS_FAILED)
            return verdicts[i] == IS_FAILED ? ERR_IO : ERR_CORRUPT;
    return OK;
}

/* Judges one batch, whose first event is number `at` of the group. A batch that cannot be judged
 * as a whole leaves no trace. */
static void batch_judge(struct group *group, struct batch *batch, size_t at)
{
    enum verdict *verdicts = group->verdicts + at;
    batch->receipt = (struct usage_receipt){ .err = verdicts_err(verdicts, batch->count) };
    if (batch->receipt.err != OK)
        return;
    for (size_t i = 0; i < batch->count; i++) {
        if (verdicts[i] == IS_NEW)
            verdicts[i] = group_take(group, &batch->marks[i], group->records[at + i]);
        batch->receipt.accepted += verdicts[i] == IS_NEW;
        batch->receipt.duplicates += verdicts[i] != IS_NEW;
        batch->receipt.conflicts += verdicts[i] == IS_CONFLICT;
    }
}

/* ---- writing ---- */

/* Ends the part and begins the next, in a fresh file. */
static enum err part_roll(struct usage *usage, size_t size)
{
    struct log_file *file;
    enum err err = journal_roll(usage->journal, size, &file);
    if (err != OK)
        return err;
    if (usage->part)
        part_end(usage->part);
    usage->part = part_new(file);
    catalog_add_part(usage->catalog, usage->part);
    return OK;
}

/* Whether the group goes into the part that there is. */
static bool is_roomy(const struct group *group)
{
    const struct usage *usage = group->usage;
    uint64_t count = usage->part ? usage->part->index->count : 0;
    if (count > 0 && count + group->fresh_count > usage->sealing.rows_max)
        return false;
    if (usage->part && group->size < LOG_ROOM_FRAME && usage->room.is_ready &&
        usage->part->file->length + group->size > usage->part->file->prepared)
        return false; /* there is a better one */
    return journal_has_room(usage->journal, group->size);
}

/* Numbers the records. */
static void group_seal(struct group *group)
{
    uint64_t sequence = group->usage->journal->next_sequence;
    group->checksum = group->usage->salt;
    for (uint32_t i = 0; i < group->fresh_count; i++)
        group->checksum = frame_fold(
            group->checksum, record_seal(group->frame + group->fresh[i].offset, sequence + i));
}

/* Puts the durable records into the part. */
static void group_index(struct group *group, uint32_t offset)
{
    struct part *part = group->usage->part;
    bool is_first = part->index->count == 0;
    for (uint32_t i = 0; i < group->fresh_count; i++) {
        const struct fresh *fresh = &group->fresh[i];
        const struct index_place place = {
            .fingerprint = fresh->mark.fingerprint,
            .subject_hash = fresh->mark.subject_hash,
            .offset = offset + (uint32_t)(fresh->offset - FRAME_HEADER_BYTES),
        };
        if (i + AHEAD < group->fresh_count) {
            event_index_prefetch(part->index, fresh[AHEAD].mark.subject_hash,
                                 fresh[AHEAD / 2].mark.subject_hash);
            key_table_prefetch(part->keys, fresh[AHEAD].mark.fingerprint);
        }
        part_add(part, &place, group->frame + fresh->offset);
    }
    part_measure(part);
    if (is_first)
        seal_wake(group->usage, false); /* the part begins to age */
}

/* Asks for room for the next part: for as much as this one has come to, and more, so that not much
 * more is written than is used. */
static void room_want(struct usage *usage, size_t size)
{
    uint64_t wanted = 2 * usage->part->file->length;
    if (usage->room_max == 0 || size >= LOG_ROOM_FRAME || wanted < usage->room_least)
        wanted = 0;
    else if (wanted < usage->room.wanted)
        wanted = usage->room.wanted;
    if (wanted > usage->room_max)
        wanted = usage->room_max;
    if (atomic_exchange(&usage->room.wanted, wanted) == 0 && wanted > 0)
        seal_wake(usage, false);
}

/* Makes the frame durable, then its events visible. */
static enum err group_write(struct group *group)
{
    struct usage *usage = group->usage;
    struct journal_frame frame;
    uint32_t offset = 0;
    enum err err = OK;

    if (group->fresh_count == 0)
        return OK;
    if (!is_roomy(group))
        err = part_roll(usage, group->size);
    if (err == OK) {
        group_seal(group);
        frame = (struct journal_frame){ group->frame, group->size, group->fresh_count,
                                        group->checksum };
        err = journal_append(usage->journal, &frame, &offset);
    }
    usage->is_failing = err != OK;
    if (err != OK)
        return err;
    group_index(group, offset);
    room_want(usage, group->size);
    usage->flushes++;
    atomic_store_explicit(&usage->visible, usage->visible + group->fresh_count,
                          memory_order_release);
    return OK;
}

/* ---- the rest ---- */

static void group_release_queue(struct group *group)
{
    struct usage *usage = group->usage;
    size_t bytes = 0;
    for (const struct batch *batch = group->batches; batch; batch = batch->next)
        bytes += batch->bytes;
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    CHECK(usage->queue_bytes >= bytes);
    usage->queue_bytes -= bytes;
    usage_settle(usage);
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

/* How far sealing has fallen behind: 0 up to half of what is allowed, 256 at all of it. */
static uint64_t backlog_degree(const struct usage *usage, const struct snapshot *snapshot)
{
    const struct sealing *sealing = &usage->sealing;
    uint64_t bytes = snapshot_backlog(snapshot) * 512 / sealing->backlog_max;
    uint64_t parts = (uint64_t)snapshot->part_count * 512 / sealing->parts_max;
    uint64_t degree = bytes > parts ? bytes : parts;
    return degree < 256 ? 0 : degree > 512 ? 256 : degree - 256;
}

/* Holds back those who append, ever more the further sealing has fallen behind, so that both soon
 * go at one pace: instead of stopping them at some point. And while many send events one by one, it
 * waits a moment for more of them: a flush costs as much as some ten events do. */
static void group_pace(const struct group *group)
{
    bool is_crowd = group->count >= CROWD && group->size < LOG_ROOM_FRAME;
    uint64_t wait_ns = group->count * PACE_NS * group->degree / 256 + (is_crowd ? GATHER_NS : 0);
    struct timespec wait = { .tv_nsec = wait_ns < PACE_NS_MAX ? (long)wait_ns : PACE_NS_MAX };
    if (wait.tv_nsec > 0)
        (void)nanosleep(&wait, NULL);
}

static void group_commit(struct group *group)
{
    size_t at = 0;
    enum err err;
    group_begin(group);
    group_look_back(group);
    for (struct batch *batch = group->batches; batch; batch = batch->next) {
        batch_judge(group, batch, at);
        at += batch->count;
    }
    err = group_write(group);
    group->degree = backlog_degree(group->usage, group->snapshot);
    catalog_give(group->usage->catalog, group->snapshot);
    group_release_queue(group);
    group_answer(group, err);
    arena_reset(group->arena);
}

/* Ends the last part, when it has events, for the sealing thread. */
static void roll_for_sealing(struct usage *usage)
{
    enum err err = OK;
    if (usage->part && usage->part->index->count > 0)
        err = part_roll(usage, 0);
    usage->is_failing = err != OK;
    MUST(pthread_mutex_lock(&usage->catalog->lock) == 0);
    if (err != OK) {
        usage->sealing.failures++;
        usage->sealing.failure = err;
        usage->sealing.retry_at_ns = clock_monotonic_ns() + NS_PER_SECOND;
    }
    usage->sealing.is_rolling = false;
    MUST(pthread_cond_broadcast(&usage->catalog->is_changed) == 0);
    MUST(pthread_mutex_unlock(&usage->catalog->lock) == 0);
}

/* Takes batches from the queue's front, as many as make a group. Under the lock. */
static struct batch *queue_cut(struct usage *usage, size_t events_max)
{
    struct batch *first = usage->queue_first;
    struct batch *last = first;
    size_t events = 0;
    size_t bytes = 0;
    if (!first)
        return NULL;
    for (; last; last = last->next) {
        events += last->count;
        bytes += last->bytes;
        if (!last->next || events + last->next->count > events_max ||
            bytes + last->next->bytes > GROUP_BYTES_MAX)
            break;
    }
    usage->queue_first = last->next;
    if (!last->next)
        usage->queue_last = NULL;
    last->next = NULL;
    return first;
}

/* Waits for batches or a wish to end the part. False when nothing is left and nothing will come. */
static bool queue_take(struct group *group, bool *ret_wants_roll)
{
    struct usage *usage = group->usage;
    bool goes_on;
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    while (!usage->queue_first && !usage->wants_roll &&
           !(usage->is_stopping && usage->queue_bytes == 0))
        MUST(pthread_cond_wait(&usage->has_work, &usage->lock) == 0);
    group->batches = queue_cut(usage, group->degree > 0 ? PACED_EVENTS_MAX : GROUP_EVENTS_MAX);
    *ret_wants_roll = usage->wants_roll;
    goes_on = group->batches || *ret_wants_roll;
    usage->wants_roll = false;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
    return goes_on;
}

static void group_free(struct group *group)
{
    free(group->frame);
    free(group->fingerprints);
    free(group->records);
    free(group->verdicts);
    free(group->passed);
    free(group->fresh);
    free(group->slots);
    arena_free(group->arena);
}

void *commit_run(void *state)
{
    struct usage *usage = state;
    struct group group = { .usage = usage, .arena = arena_new() };
    bool wants_roll;
    (void)prctl(PR_SET_NAME, "usage-commit");
    turn_prompt();
    while (queue_take(&group, &wants_roll)) {
        if (wants_roll)
            roll_for_sealing(usage);
        if (group.batches) {
            group_commit(&group);
            group_pace(&group);
        }
    }
    group_free(&group);
    return NULL;
}
