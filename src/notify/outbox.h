/* outbox.h: what others are to be told, written down in the transaction that makes it true.
 *
 * A change and its event are stored together or not at all, so nothing is told that did not happen
 * and nothing that happened goes untold, whatever is killed when. Nothing is published any other
 * way. Events have two numbers without gaps: one in the organization, one for the thing they are
 * about; the events of one thing are handed out in that order, one at a time.
 *
 * What it is not: delivery. Whoever delivers takes the next event, claims it for a time, and marks
 * it done; an event whose claim ran out is handed out again, so the same event may reach a receiver
 * twice, always with the same id.
 */
#ifndef NOTIFY_OUTBOX_H
#define NOTIFY_OUTBOX_H

#include "identity/cx.h"

ID_TYPE(outbox);
ID_TYPE(outbox_subject); /* what the event is about: subject_kind says what sort of id */

/* Types of events. What stands before the point is the kind of the thing. */
#define OUTBOX_CUSTOMER_CREATED       "customer.created"
#define OUTBOX_CUSTOMER_UPDATED       "customer.updated"
#define OUTBOX_CUSTOMER_DELETED       "customer.deleted"
#define OUTBOX_SUBSCRIPTION_CREATED   "subscription.created"
#define OUTBOX_SUBSCRIPTION_UPDATED   "subscription.updated"
#define OUTBOX_SUBSCRIPTION_CANCELED  "subscription.canceled"
#define OUTBOX_SUBSCRIPTION_CONTINUED "subscription.continued"
#define OUTBOX_SUBSCRIPTION_DELETED   "subscription.deleted"
#define OUTBOX_INVOICE_CREATED        "invoice.created"
#define OUTBOX_INVOICE_UPDATED        "invoice.updated"
#define OUTBOX_PAYMENT_CREATED        "payment.created"
#define OUTBOX_CREDIT_NOTE_CREATED    "credit_note.created"

struct outbox_event {
    struct outbox_id id;
    struct org_id org_id;
    int64_t sequence; /* in the organization, from 1 */
    text type;
    text subject_kind;
    struct outbox_subject_id subject_id;
    int64_t subject_sequence; /* among the events of the thing, from 1 */
    text payload;             /* JSON */
    instant created_at;
    int64_t attempts; /* how often it was claimed */
    instant retry_at; /* not before; INSTANT_NONE: at once */
    instant done_at;  /* INSTANT_NONE while it is open */
};

/* Rows of the table, and answers. */
extern const struct fields outbox_event_fields;

/* What there is to tell. */
struct outbox_news {
    text type;
    text subject_kind; /* when it is empty: the first word of the type */
    struct outbox_subject_id subject_id;
    const struct fields *table;
    const void *object; /* of the table: the thing after the change */
};

/* Writes an event at cx->now in the caller's transaction, or when it ends (outbox_hold.h). Its
 * payload is the thing as v1 prints it, which is what the contract's messages carry. */
NODISCARD enum err outbox_tell(struct cx *cx, struct store_tx *tx, const struct outbox_news *news);

/* Which events; empty members ask for nothing. */
struct outbox_query {
    struct text_list types;    /* one of */
    struct text_list kinds;    /* one of */
    struct text_list subjects; /* one of; ids as text */
    int64_t after;             /* sequence numbers above this one; 0: all */
    int64_t limit;
};

/* The organization's events in their order: a list of struct outbox_event. */
NODISCARD enum err outbox_list(struct cx *cx, const struct outbox_query *query, struct list *ret);

/* ---- for delivery ------------------------------------------------------------------------- */

/* The oldest open event of any organization that nobody holds at `now` and that nothing of its
 * own subject has to go before; ERR_ABSENT when there is none. `now` is the machine's time, also
 * where the events' times are those of a test clock. Texts live in the arena. */
NODISCARD enum err outbox_next(struct store *store, instant now, struct arena *arena,
                               struct outbox_event *ret);

/* Holds the event until `until`, in a transaction of its own, and counts the attempt in it.
 * ERR_ABSENT when somebody else was quicker. */
NODISCARD enum err outbox_claim(struct store *store, struct outbox_event *event, instant until,
                                struct arena *arena);

/* Lets go of a claimed event that could not be delivered, to be handed out again at `retry_at`.
 * ERR_ABSENT when the claim was lost. */
NODISCARD enum err outbox_retry(struct store *store, const struct outbox_event *event,
                                instant retry_at, struct arena *arena);

/* Marks a claimed event as done, in the caller's transaction. ERR_ABSENT when the claim was lost:
 * roll back. */
NODISCARD enum err outbox_done(struct store_tx *tx, const struct outbox_event *event, instant now,
                               struct arena *arena);

#endif
