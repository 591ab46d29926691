/* outbox.c: the fields of events, and what they say. */
#include "notify/outbox.h"

#include "notify/outbox_hold.h"
#include "notify/outbox_inside.h"

static const struct field outbox_rows[] = {
    FIELD_ID(struct outbox_event, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct outbox_event, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct outbox_event, sequence, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "Counts the organization's events, from 1 and without gaps."),
    FIELD(struct outbox_event, type, TEXT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "What happened, as kind.verb."),
    FIELD(struct outbox_event, subject_kind, TEXT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "What sort of thing the event is about."),
    FIELD_ID(struct outbox_event, subject_id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct outbox_event, subject_sequence, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "Counts the events of the thing, from 1 and without gaps."),
    FIELD(struct outbox_event, payload, JSON, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "The thing after the change, as v1 prints it."),
    FIELD(struct outbox_event, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct outbox_event, attempts, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
          .about = "How often delivery was begun."),
    FIELD(struct outbox_event, retry_at, INSTANT, .flags = FIELD_READ_ONLY,
          .about = "Not handed out before."),
    FIELD(struct outbox_event, done_at, INSTANT, .flags = FIELD_READ_ONLY,
          .about = "When it was delivered to all who were to have it."),
};
const struct fields outbox_event_fields = FIELDS("OutboxEvent", struct outbox_event, outbox_rows);

text outbox_print(struct arena *arena, const struct fields *table, const void *object)
{
    CHECK(arena != NULL && table != NULL);
    CHECK(object != NULL);
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(table, DIALECT_V1, &w, object);
    return buffer_text(&out);
}

enum err outbox_tell(struct cx *cx, struct store_tx *tx, const struct outbox_news *news)
{
    CHECK(cx != NULL && tx != NULL && news != NULL);
    if (cx->outbox_hold) {
        outbox_hold_add(cx->outbox_hold, news, cx->now);
        return OK;
    }
    struct outbox_event event = {
        .type = news->type,
        .subject_kind = news->subject_kind,
        .subject_id = news->subject_id,
        .payload = outbox_print(cx->arena, news->table, news->object),
        .created_at = cx->now,
    };
    return outbox_write(cx, tx, &event);
}
