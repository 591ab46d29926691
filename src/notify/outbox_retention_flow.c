/* outbox_retention_flow.c: how long the outbox is kept. */
#include "identity/org.h"
#include "notify/outbox_retention.h"

static const struct field retention_rows[] = {
    FIELD(struct outbox_retention, outbox_retention, SPAN, .flags = FIELD_REQUIRED | FIELD_NOT_ZERO,
          .about = "How long events of the outbox are kept, as an ISO 8601 duration; at least 7 "
                   "days."),
    FIELD(struct outbox_retention, keeps_from, INSTANT, .flags = FIELD_READ_ONLY,
          .about = "Events written before it may be gone."),
};
const struct fields outbox_retention_fields =
    FIELDS("OutboxRetention", struct outbox_retention, retention_rows);

enum fault outbox_retention_check(span retention)
{
    /* From any day: months have different lengths. */
    const instant day = { 0 };
    instant end = span_add(day, retention, 1, zone_utc());
    return end.ns < OUTBOX_DAYS_MIN * NS_PER_DAY ? FAULT_OUTBOX_RETENTION_TOO_SHORT : FAULT_NONE;
}

enum err outbox_retention_get(struct cx *cx, struct outbox_retention *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct org org;
    enum err err = org_get(cx, &org);
    if (err == OK)
        *ret = (struct outbox_retention){
            org.outbox_retention,
            span_add(cx_server_now(cx), org.outbox_retention, -1, zone_utc()),
        };
    return err;
}

enum err outbox_retention_set(struct cx *cx, const struct outbox_retention *wanted,
                              struct outbox_retention *ret)
{
    CHECK(cx != NULL && wanted != NULL && ret != NULL);
    enum fault fault = outbox_retention_check(wanted->outbox_retention);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "at least P%dD", OUTBOX_DAYS_MIN);
    enum err err = org_set_outbox_retention(cx, wanted->outbox_retention);
    return err == OK ? outbox_retention_get(cx, ret) : err;
}

/* When an event was written: the milliseconds that its id begins with. */
static int64_t written_ms(const struct outbox_event *event)
{
    int64_t ms = 0;
    for (size_t i = 0; i < 6; i++)
        ms = ms << 8 | event->id.ulid.bytes[i];
    return ms;
}

size_t outbox_prunable(const struct list *oldest, instant before)
{
    CHECK(oldest != NULL && !instant_is_none(before));
    const struct outbox_event *event = oldest->items;
    const int64_t before_ms = before.ns / (NS_PER_SECOND / 1000);
    size_t count = 0;
    while (count < oldest->count && written_ms(&event[count]) < before_ms &&
           (event[count].attempts == 0 || !instant_is_none(event[count].done_at)))
        count++;
    return count;
}

enum err outbox_prune(struct cx *cx, int64_t limit, int64_t *ret)
{
    CHECK(cx != NULL && limit > 0 && ret != NULL);
    struct outbox_retention retention;
    struct list oldest = { 0 };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    *ret = 0;
    enum err err = outbox_retention_get(cx, &retention);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = outbox_oldest(cx, tx, limit, &oldest);
    if (err != OK)
        return err;
    store_rollback(tx);
    tx = NULL;
    size_t count = outbox_prunable(&oldest, retention.keeps_from);
    if (count == 0)
        return OK;
    const struct outbox_event *last = &((const struct outbox_event *)oldest.items)[count - 1];
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = outbox_forget(cx, tx, last->sequence);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = (int64_t)count;
    return err;
}
