/* batch.c: one JSON array of events: filled, carried, split where it is refused. */
#include "cli/batch.h"

#include "base/limits.h"
#include "cli/source.h"
#include "codec/json.h"

/* A batch is full when it has this many bytes, so that with one more event (SOURCE_LINE_BYTES_MAX)
 * it is still a body that the server takes. */
#define BATCH_BYTES (8 * 1024 * 1024)

_Static_assert(BATCH_BYTES + SOURCE_LINE_BYTES_MAX < LIMIT_BODY_BYTES, "a batch fits a body");

struct batch *batch_new(size_t room)
{
    struct batch *batch = calloc(1, sizeof *batch);

    MUST(batch);
    CHECK(room > 0);
    batch->room = room;
    batch->events = calloc(room, sizeof *batch->events);
    MUST(batch->events);
    batch->arena = arena_new();
    batch_reset(batch);
    return batch;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    arena_free(batch->arena);
    free(batch->events);
    free(batch);
}

void batch_reset(struct batch *batch)
{
    arena_reset(batch->arena);
    *batch = (struct batch){
        .arena = batch->arena,
        .events = batch->events,
        .room = batch->room,
        .body = { .arena = batch->arena },
    };
    batch->refusals_end = &batch->refusals;
}

void batch_add(struct batch *batch, text event, uint64_t line)
{
    CHECK(!batch_is_full(batch));
    buffer_add_char(&batch->body, batch->count == 0 ? '[' : ',');
    batch->events[batch->count++] = (struct batch_event){ line, batch->body.len };
    buffer_add(&batch->body, event);
}

bool batch_is_full(const struct batch *batch)
{
    return batch->count == batch->room || batch->body.len >= BATCH_BYTES;
}

/* ---- carrying ------------------------------------------------------------------------------ */

/* Where the event ends: a comma, or the bracket, follows it. */
static size_t end_of(const struct batch *batch, size_t index)
{
    bool is_last = index + 1 == batch->count;

    return (is_last ? batch->body.len : batch->events[index + 1].start) - 1;
}

text batch_event_at(const struct batch *batch, size_t index)
{
    size_t start = batch->events[index].start;

    CHECK(index < batch->count && start < end_of(batch, index));
    return text_slice(buffer_text(&batch->body), start, end_of(batch, index) - start);
}

static text body_of(const struct batch *batch, size_t first, size_t count)
{
    size_t start = batch->events[first].start;
    size_t end = end_of(batch, first + count - 1);
    struct buffer body = { .arena = batch->arena };

    if (count == batch->count)
        return buffer_text(&batch->body);
    buffer_add_char(&body, '[');
    buffer_add(&body, text_slice(buffer_text(&batch->body), start, end - start));
    buffer_add_char(&body, ']');
    return buffer_text(&body);
}

static void refuse(struct batch *batch, size_t first, size_t count, const struct carriage *carriage)
{
    struct batch_refusal *refusal = ARENA_NEW(batch->arena, struct batch_refusal);

    *refusal = (struct batch_refusal){ .first = first, .count = count, .carriage = *carriage };
    *batch->refusals_end = refusal;
    batch->refusals_end = &refusal->next;
}

/* One carriage; true when it is settled what became of these events. */
static bool carry_once(struct batch *batch, const struct carrier *carrier, void *state,
                       size_t first, size_t count)
{
    struct carriage carriage = carrier->carry(state, body_of(batch, first, count), batch->arena);

    switch (carriage.outcome) {
    case CARRIED_TAKEN:
        batch->sent += count;
        batch->accepted += carriage.accepted;
        batch->duplicates += carriage.duplicates;
        return true;
    case CARRIED_REFUSED:
        if (count > 1)
            return false;
        refuse(batch, first, count, &carriage);
        batch->rejected++;
        return true;
    case CARRIED_FAILED:
        batch->failure = carriage;
        batch->code = carriage.code;
        return true;
    }
    UNREACHABLE();
}

/* Halves what is refused until the events at fault stand alone: 2 log n carriages for each. */
static void carry_split(struct batch *batch, const struct carrier *carrier, void *state)
{
    struct {
        size_t first, count;
    } open[64] = { { 0, batch->count } }; /* halves waiting, the first on top */

    size_t depth = 1;

    while (depth > 0 && batch->code == EXIT_OK) {
        size_t first = open[depth - 1].first;
        size_t count = open[depth - 1].count;

        depth--;
        if (carry_once(batch, carrier, state, first, count))
            continue;
        CHECK(depth + 2 <= COUNT_OF(open));
        open[depth].first = first + count / 2;
        open[depth++].count = count - count / 2;
        open[depth].first = first;
        open[depth++].count = count / 2;
    }
}

void batch_carry(struct batch *batch, const struct carrier *carrier, void *state, bool is_splitting)
{
    struct carriage carriage;

    CHECK(batch->count > 0 && batch->sent == 0);
    buffer_add_char(&batch->body, ']');
    if (is_splitting) {
        carry_split(batch, carrier, state);
        return;
    }
    carriage = carrier->carry(state, buffer_text(&batch->body), batch->arena);
    if (carriage.outcome == CARRIED_TAKEN) {
        batch->sent = batch->count;
        batch->accepted = carriage.accepted;
        batch->duplicates = carriage.duplicates;
        return;
    }
    batch->code = carriage.code;
    batch->failure = carriage;
    if (carriage.outcome == CARRIED_REFUSED)
        refuse(batch, 0, batch->count, &carriage);
}

/* ---- telling what was refused -------------------------------------------------------------- */

static void print_line(const struct batch *batch, size_t index, text why)
{
    fprintf(stderr, "  line %llu of the file%s%.*s\n",
            (unsigned long long)batch->events[index].line, text_is_empty(why) ? "" : ": ",
            TEXT_ARG(why));
}

/* The number in "[12].id"; -1 when the place is no such, or beyond what was refused. */
static int64_t place_index(text place, size_t count)
{
    text rest = text_slice(place, 1, place.len);
    int64_t index;

    if (!text_starts_with(place, TEXT("[")) || !text_to_int(text_cut(&rest, ']'), &index))
        return -1;
    return index >= 0 && (size_t)index < count ? index : -1;
}

/* Prints the lines that the answer names; false when it names none. */
static bool print_named_lines(const struct batch *batch, const struct batch_refusal *refusal)
{
    int64_t last = -1;

    for (size_t i = 0; i < refusal->carriage.field_count; i++) {
        int64_t index = place_index(refusal->carriage.fields[i].field, refusal->count);

        if (index <= last)
            continue;
        print_line(batch, refusal->first + (size_t)index, TEXT(""));
        last = index;
    }
    return last >= 0;
}

/* Prints the first line that is no JSON; false when all are. */
static bool print_broken_line(const struct batch *batch, const struct batch_refusal *refusal)
{
    for (size_t i = refusal->first; i < refusal->first + refusal->count; i++) {
        struct json_fault fault;
        struct json event;

        if (json_parse(batch->arena, batch_event_at(batch, i), &event, &fault))
            continue;
        print_line(batch, i, fault.message);
        return true;
    }
    return false;
}

void batch_print_refusal(const struct batch *batch, const struct batch_refusal *refusal,
                         const struct invocation *invocation)
{
    const struct carriage *carriage = &refusal->carriage;
    size_t last = refusal->first + refusal->count - 1;

    (void)command_fail(invocation, 0, "%.*s", TEXT_ARG(carriage->reason));
    for (size_t i = 0; i < carriage->field_count; i++)
        fprintf(stderr, "  %.*s: %.*s\n", TEXT_ARG(carriage->fields[i].field),
                TEXT_ARG(carriage->fields[i].reason));
    if (print_named_lines(batch, refusal) || print_broken_line(batch, refusal))
        return;
    if (refusal->count == 1)
        print_line(batch, refusal->first, TEXT(""));
    else
        fprintf(stderr, "  among lines %llu to %llu of the file\n",
                (unsigned long long)batch->events[refusal->first].line,
                (unsigned long long)batch->events[last].line);
}
