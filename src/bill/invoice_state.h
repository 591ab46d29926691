/* invoice_state.h: the life of a standard invoice as one table. Pure.
 *
 * A row says: in this state, upon this trigger, if this holds, it goes there. Entering a state may
 * ask for work (enum invoice_action): when it is done the invoice goes on with TRIGGER_NEXT, when
 * it could not be done with TRIGGER_FAIL, and when somebody outside has to answer first it stays
 * where it is. Whatever else wants to know something of states (which actions are offered, what
 * they would lead to, whether an invoice may be edited) asks this table.
 *
 * What it is not: the work itself (invoice_run.c).
 */
#ifndef BILL_INVOICE_STATE_H
#define BILL_INVOICE_STATE_H

#include "base/instant.h"

enum invoice_state {
    STATE_GATHERING,
    STATE_DRAFT_CREATED,
    STATE_DRAFT_WAITING_FOR_COLLECTION,
    STATE_DRAFT_COLLECTING,
    STATE_DRAFT_UPDATING,
    STATE_DRAFT_VALIDATING,
    STATE_DRAFT_INVALID,
    STATE_DRAFT_SYNCING,
    STATE_DRAFT_SYNC_FAILED,
    STATE_DRAFT_MANUAL_APPROVAL_NEEDED,
    STATE_DRAFT_WAITING_AUTO_APPROVAL,
    STATE_DRAFT_READY_TO_ISSUE,
    STATE_DELETE_IN_PROGRESS,
    STATE_DELETE_SYNCING,
    STATE_DELETE_FAILED,
    STATE_DELETED,
    STATE_ISSUING_LINE_FINALIZATION,
    STATE_ISSUING_LINE_FINALIZATION_FAILED,
    STATE_ISSUING_SYNCING,
    STATE_ISSUING_FAILED,
    STATE_ISSUING_CHARGE_BOOKING,
    STATE_ISSUING_CHARGE_BOOKING_FAILED,
    STATE_ISSUED,
    STATE_PAYMENT_PENDING,
    STATE_PAYMENT_BOOKING_AUTHORIZED,
    STATE_PAYMENT_BOOKING_AUTHORIZED_FAILED,
    STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED,
    STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED_FAILED,
    STATE_PAYMENT_AUTHORIZED,
    STATE_PAYMENT_BOOKING_SETTLED,
    STATE_PAYMENT_BOOKING_SETTLED_FAILED,
    STATE_PAYMENT_FAILED,
    STATE_PAYMENT_ACTION_REQUIRED,
    STATE_OVERDUE,
    STATE_PAID,
    STATE_UNCOLLECTIBLE,
    STATE_VOIDED,
    STATE_COUNT
};

/* NULL-terminated, in the order of enum invoice_state: "draft.created", … They are what is stored,
 * and the extended status of the wire. */
extern const char *const invoice_state_words[];

enum invoice_trigger {
    TRIGGER_NEXT,     /* time has passed, or the state's work is done */
    TRIGGER_FAIL,     /* the state's work could not be done */
    TRIGGER_SNAPSHOT, /* take the quantities now */
    TRIGGER_UPDATE,   /* somebody edited it */
    TRIGGER_APPROVE,
    TRIGGER_RETRY,
    TRIGGER_DELETE,
    TRIGGER_VOID,
    TRIGGER_AUTHORIZED, /* the payment's from here */
    TRIGGER_PAID,
    TRIGGER_PAYMENT_FAILED,
    TRIGGER_ACTION_REQUIRED,
    TRIGGER_UNCOLLECTIBLE,
    TRIGGER_OVERDUE,
    TRIGGER_COUNT
};

/* NULL-terminated, in the order of enum invoice_trigger: "next", … */
extern const char *const invoice_trigger_words[];

/* Work that a state asks for when it is entered. */
enum invoice_action {
    ACTION_NONE,
    ACTION_SNAPSHOT, /* take quantities, rate the lines */
    ACTION_VALIDATE, /* look for what is wrong; critical issues keep it from going on */
    ACTION_UPSERT,   /* the invoicing app gets the draft */
    ACTION_REMOVE,   /* the invoicing app forgets it */
    ACTION_FINALIZE_LINES,
    ACTION_ISSUE, /* issued now: dates and number; the app gets the final document */
    ACTION_BOOK_CHARGES,
    ACTION_PAY, /* the payment app is asked for the money */
    ACTION_BOOK_PAYMENT,
    ACTION_COUNT
};

/* What rows ask about an invoice. */
struct invoice_facts {
    instant now;
    instant collection_at; /* INSTANT_NONE: nothing is to be waited for */
    instant draft_until;   /* INSTANT_NONE: it is not issued by itself */
    bool is_auto_advance;
    bool has_critical; /* an issue that keeps it from being issued */
    bool has_lines;    /* at least one that is not deleted */
    bool is_waiting;   /* it rests in waits_in, where somebody outside has to answer first */
    enum invoice_state waits_in;
};

/* Where a trigger leads; false (and *ret untouched) when it leads nowhere. */
NODISCARD bool invoice_state_next(enum invoice_state state, enum invoice_trigger trigger,
                                  const struct invoice_facts *facts, enum invoice_state *ret);

/* What entering the state asks for. */
enum invoice_action invoice_state_action(enum invoice_state state);

/* Where it comes to rest after a trigger, when all work on the way succeeds and nobody outside has
 * to answer. False as in invoice_state_next. */
NODISCARD bool invoice_state_result(enum invoice_state state, enum invoice_trigger trigger,
                                    const struct invoice_facts *facts, enum invoice_state *ret);

/* Whether the way of invoice_state_result leads through `through`. */
bool invoice_state_passes(enum invoice_state state, enum invoice_trigger trigger,
                          const struct invoice_facts *facts, enum invoice_state through);

/* Something that could not be done; it waits for a retry or a trigger of the payment. */
bool invoice_state_is_failed(enum invoice_state state);

/* The end: deleted, paid, uncollectible, voided. */
bool invoice_state_is_final(enum invoice_state state);

/* Whether it may be edited; what may not is printed as immutable. Gathering invoices may. */
bool invoice_state_is_editable(enum invoice_state state);

/* draft.*: not yet on its way out. */
bool invoice_state_is_draft(enum invoice_state state);

/* Issued, and so fixed for ever, whatever becomes of the payment. */
bool invoice_state_is_issued(enum invoice_state state);

/* The actions that are offered to people, in the order of the wire contract. */
enum invoice_offer {
    OFFER_ADVANCE,
    OFFER_APPROVE,
    OFFER_DELETE,
    OFFER_RETRY,
    OFFER_SNAPSHOT,
    OFFER_VOID,
    OFFER_COUNT
};

/* The trigger behind an offer. */
enum invoice_trigger invoice_offer_trigger(enum invoice_offer offer);

/* The status before the first dot: "draft". Static. */
text invoice_state_short(enum invoice_state state);

#endif
