/* unattributed.c: ours: usage that nobody pays for, because no customer had its subject at the time
 * of the event, one row for each such subject; and whose a subject is from when on. */
#include <xxhash.h>

#include "api/handlers.h"

#include "base/limits.h"
#include "bill/payer.h"
#include "customer/customer.h"

struct unattributed {
    text subject;
    int64_t events;
    instant first_at, last_at; /* times of the events */
};

static const struct field unattributed_rows[] = {
    FIELD(struct unattributed, subject, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct unattributed, events, INT, .flags = FIELD_REQUIRED,
          .about = "How many events, duplicates not counted."),
    FIELD(struct unattributed, first_at, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct unattributed, last_at, INSTANT, .flags = FIELD_REQUIRED),
};
const struct fields unattributed_fields =
    FIELDS("UnattributedUsage", struct unattributed, unattributed_rows);

/* Subjects met so far: open addressing over `rows`, doubled at half full. */
struct tally {
    struct arena *arena;
    struct list attributions;
    struct unattributed *rows;
    size_t count, room;
    uint32_t *slots; /* index + 1 into rows; 0: free */
    size_t slot_count;
    bool is_over;
};

#define TALLY_FIRST_ROOM 256

static uint32_t *tally_slot(struct tally *tally, text subject)
{
    size_t at = XXH3_64bits(subject.ptr, subject.len) & (tally->slot_count - 1);

    while (tally->slots[at] != 0 && !text_equal(tally->rows[tally->slots[at] - 1].subject, subject))
        at = (at + 1) & (tally->slot_count - 1);
    return &tally->slots[at];
}

static void tally_grow(struct tally *tally)
{
    size_t room = tally->room ? tally->room * 2 : TALLY_FIRST_ROOM;
    struct unattributed *rows = ARENA_ARRAY(tally->arena, struct unattributed, room);

    if (tally->count > 0)
        memcpy(rows, tally->rows, tally->count * sizeof *rows);
    tally->rows = rows;
    tally->room = room;
    tally->slot_count = room * 2;
    tally->slots = ARENA_ARRAY(tally->arena, uint32_t, tally->slot_count);
    for (size_t i = 0; i < tally->count; i++)
        *tally_slot(tally, rows[i].subject) = (uint32_t)i + 1;
}

static struct unattributed *tally_row(struct tally *tally, text subject, instant time)
{
    uint32_t *slot;

    if (tally->count == tally->room)
        tally_grow(tally);
    slot = tally_slot(tally, subject);
    if (*slot == 0) {
        tally->rows[tally->count++] = (struct unattributed){
            .subject = text_copy(tally->arena, subject),
            .first_at = time,
            .last_at = time,
        };
        *slot = (uint32_t)tally->count;
    }
    return &tally->rows[*slot - 1];
}

static bool tally_event(void *state, const struct usage_event *event)
{
    struct tally *tally = state;
    struct unattributed *row;

    if (attribution_find(&tally->attributions, event->subject, event->time))
        return true;
    if (tally->count == LIMIT_QUERY_ROWS) {
        tally->is_over = true;
        return false;
    }
    row = tally_row(tally, event->subject, event->time);
    row->events++;
    if (instant_before(event->time, row->first_at))
        row->first_at = event->time;
    if (instant_before(row->last_at, event->time))
        row->last_at = event->time;
    return true;
}

static int by_subject(const void *a, const void *b)
{
    return text_compare(((const struct unattributed *)a)->subject,
                        ((const struct unattributed *)b)->subject);
}

enum err usage_unattributed(struct api_call *call)
{
    struct usage_filter filter = {
        .org = call->cx.org,
        .from = param_instant(call, "from"),
        .to = param_instant(call, "to"),
    };
    struct tally tally = { .arena = call->cx.arena };
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = customer_attributions_all(&call->cx, &tally.attributions);
    if (err == OK)
        err = usage_scan(call->cx.usage, &filter, tally_event, &tally);
    if (err != OK)
        return err;
    if (tally.is_over)
        return problem_refuse(&call->cx.problem, FAULT_QUERY_TOO_LARGE, "%s", "");
    if (tally.count > 0)
        qsort(tally.rows, tally.count, sizeof *tally.rows, by_subject);
    return reply_data(call, &unattributed_fields, &(struct list){ tally.rows, tally.count });
}

enum err assignments_create(struct api_call *call)
{
    struct subject_assignment wanted;
    struct attribution given;
    enum err err = body_read(call, &subject_assignment_fields, &wanted);

    if (err == OK)
        err = payer_assign(&call->cx, &wanted, &given);
    return err == OK ? reply_one(call, &subject_owner_fields, &given) : err;
}

/* The history of a subject, or all that a customer has and had. */
enum err assignments_list(struct api_call *call)
{
    text subject = param_text(call, "subject");
    text customer = param_text(call, "customer_id");
    struct customer_id id = { 0 };
    struct list list;
    enum err err;

    if (!subject.ptr == !customer.ptr)
        param_fault(call, subject.ptr ? "customer_id" : "subject", "invalid",
                    "give either subject or customer_id");
    else if (customer.ptr && !ulid_parse(customer, &id.ulid))
        param_fault(call, "customer_id", "invalid", "is no id");
    else if (subject.ptr && subject.len == 0)
        param_fault(call, "subject", "min_length", "is empty");
    err = problem_err(&call->cx.problem);
    if (err == OK && subject.ptr)
        err = customer_attributions_of_subjects(&call->cx, &subject, 1, &list);
    else if (err == OK)
        err = customer_attributions(&call->cx, id, &list);
    return err == OK ? reply_data(call, &subject_owner_fields, &list) : err;
}
