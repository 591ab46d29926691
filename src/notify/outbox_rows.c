/* outbox_rows.c: the outbox in the store. */
#include "notify/outbox.h"

#include "notify/outbox_inside.h"

/* Stands around each of several choices in one argument; see sql/query/notify.sql. */
#define SEPARATOR "\x1f"

enum err outbox_write(struct cx *cx, struct store_tx *tx, const struct outbox_event *event)
{
    CHECK(cx != NULL && tx != NULL && event != NULL);
    CHECK(!ulid_is_zero(event->subject_id.ulid) && !text_is_empty(event->payload));
    text rest = event->type;
    text kind = text_cut(&rest, '.');
    CHECK(!text_is_empty(kind) && !text_is_empty(rest));
    if (!text_is_empty(event->subject_kind))
        kind = event->subject_kind;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("id", cx_ulid(cx), cx->arena),
                           store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_text("type", event->type), store_text("subject_kind", kind),
                           store_ulid("subject_id", event->subject_id.ulid, cx->arena),
                           store_text("payload", event->payload),
                           store_instant("created_at", event->created_at, cx->arena)),
    };
    return store_run(tx, SQL_OUTBOX_INSERT, &call, NULL);
}

static struct store_arg one_of(const char *name, const struct text_list *list, struct arena *arena)
{
    struct buffer b = { .arena = arena };
    if (list->count == 0)
        return store_text(name, TEXT_NONE);
    for (size_t i = 0; i < list->count; i++) {
        buffer_add_cstr(&b, SEPARATOR);
        buffer_add(&b, list->items[i]);
        buffer_add_cstr(&b, SEPARATOR);
    }
    return store_text(name, buffer_text(&b));
}

enum err outbox_list(struct cx *cx, const struct outbox_query *query, struct list *ret)
{
    CHECK(cx != NULL && query != NULL && ret != NULL);
    CHECK(query->limit >= 1 && query->after >= 0);
    struct store_call call = {
        .args = STORE_ARGS(
            store_ulid("org_id", cx->org.ulid, cx->arena), store_int("after", query->after),
            store_text("separator", TEXT(SEPARATOR)), one_of("types", &query->types, cx->arena),
            one_of("kinds", &query->kinds, cx->arena),
            one_of("subjects", &query->subjects, cx->arena), store_int("limit", query->limit)),
    };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = store_all(tx, SQL_OUTBOX_PAGE, &call, STORE_AS(&outbox_event_fields, cx->arena), ret);
    return err;
}

enum err outbox_next(struct store *store, instant now, struct arena *arena,
                     struct outbox_event *ret)
{
    CHECK(store != NULL && ret != NULL);
    CHECK(!instant_is_none(now));
    struct store_call call = { .args = STORE_ARGS(store_instant("now", now, arena)) };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err = store_one(tx, SQL_OUTBOX_NEXT, &call, STORE_AS(&outbox_event_fields, arena), ret);
    return err;
}

/* Runs a statement on an event that is held; ERR_ABSENT when it is not, or not any more. */
static enum err held_run(struct store_tx *tx, enum sql statement, const struct outbox_event *event,
                         struct store_arg at, struct arena *arena)
{
    int64_t changed = 0;
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", event->id.ulid, arena),
                                                  store_int("attempts", event->attempts), at) };
    enum err err = store_run(tx, statement, &call, &changed);
    CHECK(err != OK || changed <= 1);
    if (err != OK)
        return err;
    return changed == 1 ? OK : ERR_ABSENT;
}

static enum err held_change(struct store *store, enum sql statement,
                            const struct outbox_event *event, instant at, struct arena *arena)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(store, &tx);
    if (err == OK)
        err = held_run(tx, statement, event, store_instant("retry_at", at, arena), arena);
    return store_finish(&tx, err);
}

enum err outbox_claim(struct store *store, struct outbox_event *event, instant until,
                      struct arena *arena)
{
    CHECK(store != NULL && event != NULL);
    CHECK(!instant_is_none(until));
    enum err err = held_change(store, SQL_OUTBOX_CLAIM, event, until, arena);
    if (err == OK) {
        event->attempts++;
        event->retry_at = until;
    }
    return err;
}

enum err outbox_retry(struct store *store, const struct outbox_event *event, instant retry_at,
                      struct arena *arena)
{
    CHECK(store != NULL && event != NULL);
    CHECK(event->attempts > 0 && !instant_is_none(retry_at));
    return held_change(store, SQL_OUTBOX_RETRY, event, retry_at, arena);
}

enum err outbox_done(struct store_tx *tx, const struct outbox_event *event, instant now,
                     struct arena *arena)
{
    CHECK(tx != NULL && event != NULL);
    CHECK(event->attempts > 0 && !instant_is_none(now));
    return held_run(tx, SQL_OUTBOX_DONE, event, store_instant("now", now, arena), arena);
}
