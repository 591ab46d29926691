/* invoice_state.c: the table of the invoice's states, and walks over it. */
#include "bill/invoice_state.h"

#include <string.h>

const char *const invoice_state_words[] = {
    "gathering",
    "draft.created",
    "draft.waiting_for_collection",
    "draft.collecting",
    "draft.updating",
    "draft.validating",
    "draft.invalid",
    "draft.syncing",
    "draft.sync_failed",
    "draft.manual_approval_needed",
    "draft.waiting_auto_approval",
    "draft.ready_to_issue",
    "delete.in_progress",
    "delete.syncing",
    "delete.failed",
    "deleted",
    "issuing.line_finalization",
    "issuing.line_finalization_failed",
    "issuing.syncing",
    "issuing.failed",
    "issuing.charge_booking",
    "issuing.charge_booking_failed",
    "issued",
    "payment_processing.pending",
    "payment_processing.booking_authorized",
    "payment_processing.booking_authorized_failed",
    "payment_processing.booking_authorized_and_settled",
    "payment_processing.booking_authorized_and_settled_failed",
    "payment_processing.authorized",
    "payment_processing.booking_settled",
    "payment_processing.booking_settled_failed",
    "payment_processing.failed",
    "payment_processing.action_required",
    "overdue",
    "paid",
    "uncollectible",
    "voided",
    NULL,
};
_Static_assert(COUNT_OF(invoice_state_words) == STATE_COUNT + 1, "one word each");

const char *const invoice_trigger_words[] = {
    "next",          "fail",    "snapshot",   "update", "approve",        "retry",
    "delete",        "void",    "authorized", "paid",   "payment_failed", "action_required",
    "uncollectible", "overdue", NULL,
};
_Static_assert(COUNT_OF(invoice_trigger_words) == TRIGGER_COUNT + 1, "one word each");

/* ---- the table ----------------------------------------------------------------------------- */

enum guard {
    IF_ALWAYS,
    IF_COLLECTED, /* late events need not be waited for any more */
    IF_SOUND,     /* no critical issue */
    IF_CRITICAL,
    IF_AUTO,
    IF_MANUAL,
    IF_DRAFT_IS_OVER, /* and nothing critical is wrong */
    IF_EMPTY,
    IF_FILLED
};

struct transition {
    enum invoice_state from;
    enum invoice_trigger trigger;
    enum guard guard;
    enum invoice_state to;
};

static const struct transition transitions[] = {
    { STATE_DRAFT_CREATED, TRIGGER_NEXT, IF_ALWAYS, STATE_DRAFT_WAITING_FOR_COLLECTION },
    { STATE_DRAFT_WAITING_FOR_COLLECTION, TRIGGER_NEXT, IF_COLLECTED, STATE_DRAFT_COLLECTING },
    { STATE_DRAFT_WAITING_FOR_COLLECTION, TRIGGER_SNAPSHOT, IF_ALWAYS, STATE_DRAFT_COLLECTING },
    { STATE_DRAFT_COLLECTING, TRIGGER_NEXT, IF_ALWAYS, STATE_DRAFT_VALIDATING },
    { STATE_DRAFT_UPDATING, TRIGGER_NEXT, IF_ALWAYS, STATE_DRAFT_WAITING_FOR_COLLECTION },
    { STATE_DRAFT_VALIDATING, TRIGGER_NEXT, IF_SOUND, STATE_DRAFT_SYNCING },
    { STATE_DRAFT_VALIDATING, TRIGGER_NEXT, IF_CRITICAL, STATE_DRAFT_INVALID },
    { STATE_DRAFT_VALIDATING, TRIGGER_FAIL, IF_ALWAYS, STATE_DRAFT_INVALID },
    { STATE_DRAFT_INVALID, TRIGGER_RETRY, IF_ALWAYS, STATE_DRAFT_VALIDATING },
    { STATE_DRAFT_SYNCING, TRIGGER_NEXT, IF_MANUAL, STATE_DRAFT_MANUAL_APPROVAL_NEEDED },
    { STATE_DRAFT_SYNCING, TRIGGER_NEXT, IF_AUTO, STATE_DRAFT_WAITING_AUTO_APPROVAL },
    { STATE_DRAFT_SYNCING, TRIGGER_FAIL, IF_ALWAYS, STATE_DRAFT_SYNC_FAILED },
    { STATE_DRAFT_SYNC_FAILED, TRIGGER_RETRY, IF_ALWAYS, STATE_DRAFT_VALIDATING },
    { STATE_DRAFT_MANUAL_APPROVAL_NEEDED, TRIGGER_APPROVE, IF_ALWAYS, STATE_DRAFT_READY_TO_ISSUE },
    { STATE_DRAFT_WAITING_AUTO_APPROVAL, TRIGGER_APPROVE, IF_ALWAYS, STATE_DRAFT_READY_TO_ISSUE },
    { STATE_DRAFT_WAITING_AUTO_APPROVAL, TRIGGER_NEXT, IF_DRAFT_IS_OVER,
      STATE_DRAFT_READY_TO_ISSUE },
    { STATE_DRAFT_READY_TO_ISSUE, TRIGGER_NEXT, IF_EMPTY, STATE_DELETE_SYNCING },
    { STATE_DRAFT_READY_TO_ISSUE, TRIGGER_NEXT, IF_FILLED, STATE_ISSUING_LINE_FINALIZATION },

    { STATE_ISSUING_LINE_FINALIZATION, TRIGGER_NEXT, IF_ALWAYS, STATE_ISSUING_SYNCING },
    { STATE_ISSUING_LINE_FINALIZATION, TRIGGER_FAIL, IF_ALWAYS,
      STATE_ISSUING_LINE_FINALIZATION_FAILED },
    { STATE_ISSUING_LINE_FINALIZATION_FAILED, TRIGGER_RETRY, IF_ALWAYS,
      STATE_ISSUING_LINE_FINALIZATION },
    { STATE_ISSUING_SYNCING, TRIGGER_NEXT, IF_ALWAYS, STATE_ISSUING_CHARGE_BOOKING },
    { STATE_ISSUING_SYNCING, TRIGGER_FAIL, IF_ALWAYS, STATE_ISSUING_FAILED },
    { STATE_ISSUING_FAILED, TRIGGER_RETRY, IF_ALWAYS, STATE_ISSUING_SYNCING },
    { STATE_ISSUING_CHARGE_BOOKING, TRIGGER_NEXT, IF_ALWAYS, STATE_ISSUED },
    { STATE_ISSUING_CHARGE_BOOKING, TRIGGER_FAIL, IF_ALWAYS, STATE_ISSUING_CHARGE_BOOKING_FAILED },
    { STATE_ISSUING_CHARGE_BOOKING_FAILED, TRIGGER_RETRY, IF_ALWAYS, STATE_ISSUING_CHARGE_BOOKING },
    { STATE_ISSUED, TRIGGER_NEXT, IF_ALWAYS, STATE_PAYMENT_PENDING },

    { STATE_PAYMENT_PENDING, TRIGGER_AUTHORIZED, IF_ALWAYS, STATE_PAYMENT_BOOKING_AUTHORIZED },
    { STATE_PAYMENT_PENDING, TRIGGER_PAID, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED },
    { STATE_PAYMENT_PENDING, TRIGGER_PAYMENT_FAILED, IF_ALWAYS, STATE_PAYMENT_FAILED },
    { STATE_PAYMENT_PENDING, TRIGGER_ACTION_REQUIRED, IF_ALWAYS, STATE_PAYMENT_ACTION_REQUIRED },
    { STATE_PAYMENT_PENDING, TRIGGER_UNCOLLECTIBLE, IF_ALWAYS, STATE_UNCOLLECTIBLE },
    { STATE_PAYMENT_PENDING, TRIGGER_OVERDUE, IF_ALWAYS, STATE_OVERDUE },
    { STATE_PAYMENT_PENDING, TRIGGER_VOID, IF_ALWAYS, STATE_VOIDED },

    { STATE_PAYMENT_BOOKING_AUTHORIZED, TRIGGER_NEXT, IF_ALWAYS, STATE_PAYMENT_AUTHORIZED },
    { STATE_PAYMENT_BOOKING_AUTHORIZED, TRIGGER_FAIL, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_AUTHORIZED_FAILED },
    { STATE_PAYMENT_BOOKING_AUTHORIZED_FAILED, TRIGGER_RETRY, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_AUTHORIZED },
    { STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED, TRIGGER_NEXT, IF_ALWAYS, STATE_PAID },
    { STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED, TRIGGER_FAIL, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED_FAILED },
    { STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED_FAILED, TRIGGER_RETRY, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED },

    { STATE_PAYMENT_AUTHORIZED, TRIGGER_PAID, IF_ALWAYS, STATE_PAYMENT_BOOKING_SETTLED },
    { STATE_PAYMENT_AUTHORIZED, TRIGGER_PAYMENT_FAILED, IF_ALWAYS, STATE_PAYMENT_FAILED },
    { STATE_PAYMENT_AUTHORIZED, TRIGGER_ACTION_REQUIRED, IF_ALWAYS, STATE_PAYMENT_ACTION_REQUIRED },
    { STATE_PAYMENT_AUTHORIZED, TRIGGER_UNCOLLECTIBLE, IF_ALWAYS, STATE_UNCOLLECTIBLE },
    { STATE_PAYMENT_AUTHORIZED, TRIGGER_OVERDUE, IF_ALWAYS, STATE_OVERDUE },
    { STATE_PAYMENT_BOOKING_SETTLED, TRIGGER_NEXT, IF_ALWAYS, STATE_PAID },
    { STATE_PAYMENT_BOOKING_SETTLED, TRIGGER_FAIL, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_SETTLED_FAILED },
    { STATE_PAYMENT_BOOKING_SETTLED_FAILED, TRIGGER_RETRY, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_SETTLED },

    { STATE_PAYMENT_FAILED, TRIGGER_AUTHORIZED, IF_ALWAYS, STATE_PAYMENT_BOOKING_AUTHORIZED },
    { STATE_PAYMENT_FAILED, TRIGGER_PAID, IF_ALWAYS, STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED },
    { STATE_PAYMENT_FAILED, TRIGGER_RETRY, IF_ALWAYS, STATE_PAYMENT_PENDING },
    { STATE_PAYMENT_FAILED, TRIGGER_ACTION_REQUIRED, IF_ALWAYS, STATE_PAYMENT_ACTION_REQUIRED },
    { STATE_PAYMENT_FAILED, TRIGGER_UNCOLLECTIBLE, IF_ALWAYS, STATE_UNCOLLECTIBLE },
    { STATE_PAYMENT_FAILED, TRIGGER_OVERDUE, IF_ALWAYS, STATE_OVERDUE },
    { STATE_PAYMENT_FAILED, TRIGGER_VOID, IF_ALWAYS, STATE_VOIDED },

    { STATE_PAYMENT_ACTION_REQUIRED, TRIGGER_AUTHORIZED, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_AUTHORIZED },
    { STATE_PAYMENT_ACTION_REQUIRED, TRIGGER_PAID, IF_ALWAYS,
      STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED },
    { STATE_PAYMENT_ACTION_REQUIRED, TRIGGER_PAYMENT_FAILED, IF_ALWAYS, STATE_PAYMENT_FAILED },
    { STATE_PAYMENT_ACTION_REQUIRED, TRIGGER_RETRY, IF_ALWAYS, STATE_PAYMENT_PENDING },
    { STATE_PAYMENT_ACTION_REQUIRED, TRIGGER_UNCOLLECTIBLE, IF_ALWAYS, STATE_UNCOLLECTIBLE },
    { STATE_PAYMENT_ACTION_REQUIRED, TRIGGER_OVERDUE, IF_ALWAYS, STATE_OVERDUE },
    { STATE_PAYMENT_ACTION_REQUIRED, TRIGGER_VOID, IF_ALWAYS, STATE_VOIDED },

    { STATE_OVERDUE, TRIGGER_AUTHORIZED, IF_ALWAYS, STATE_PAYMENT_BOOKING_AUTHORIZED },
    { STATE_OVERDUE, TRIGGER_PAID, IF_ALWAYS, STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED },
    { STATE_OVERDUE, TRIGGER_PAYMENT_FAILED, IF_ALWAYS, STATE_PAYMENT_FAILED },
    { STATE_OVERDUE, TRIGGER_RETRY, IF_ALWAYS, STATE_PAYMENT_PENDING },
    { STATE_OVERDUE, TRIGGER_ACTION_REQUIRED, IF_ALWAYS, STATE_PAYMENT_ACTION_REQUIRED },
    { STATE_OVERDUE, TRIGGER_UNCOLLECTIBLE, IF_ALWAYS, STATE_UNCOLLECTIBLE },
    { STATE_OVERDUE, TRIGGER_VOID, IF_ALWAYS, STATE_VOIDED },

    { STATE_UNCOLLECTIBLE, TRIGGER_AUTHORIZED, IF_ALWAYS, STATE_PAYMENT_BOOKING_AUTHORIZED },
    { STATE_UNCOLLECTIBLE, TRIGGER_PAID, IF_ALWAYS, STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED },
    { STATE_UNCOLLECTIBLE, TRIGGER_VOID, IF_ALWAYS, STATE_VOIDED },

    { STATE_DELETE_IN_PROGRESS, TRIGGER_NEXT, IF_ALWAYS, STATE_DELETE_SYNCING },
    { STATE_DELETE_SYNCING, TRIGGER_NEXT, IF_ALWAYS, STATE_DELETED },
    { STATE_DELETE_SYNCING, TRIGGER_FAIL, IF_ALWAYS, STATE_DELETE_FAILED },
    { STATE_DELETE_FAILED, TRIGGER_RETRY, IF_ALWAYS, STATE_DELETE_IN_PROGRESS },
};

/* States in which an invoice may be edited. */
static const enum invoice_state editable[] = {
    STATE_DRAFT_CREATED,
    STATE_DRAFT_WAITING_FOR_COLLECTION,
    STATE_DRAFT_COLLECTING,
    STATE_DRAFT_VALIDATING,
    STATE_DRAFT_INVALID,
    STATE_DRAFT_SYNC_FAILED,
    STATE_DRAFT_READY_TO_ISSUE,
    STATE_DRAFT_WAITING_AUTO_APPROVAL,
    STATE_DRAFT_MANUAL_APPROVAL_NEEDED,
};

/* ---- questions ----------------------------------------------------------------------------- */

static bool word_starts(enum invoice_state state, const char *start)
{
    return strncmp(invoice_state_words[state], start, strlen(start)) == 0;
}

bool invoice_state_is_draft(enum invoice_state state)
{
    CHECK(state < STATE_COUNT);
    return word_starts(state, "draft.");
}

bool invoice_state_is_issued(enum invoice_state state)
{
    CHECK(state < STATE_COUNT);
    return state >= STATE_ISSUED;
}

bool invoice_state_is_failed(enum invoice_state state)
{
    CHECK(state < STATE_COUNT);
    const char *word = invoice_state_words[state];
    size_t length = strlen(word);
    return length > 6 && strcmp(word + length - 6, "failed") == 0;
}

bool invoice_state_is_final(enum invoice_state state)
{
    CHECK(state < STATE_COUNT);
    return state == STATE_DELETED || state == STATE_PAID || state == STATE_UNCOLLECTIBLE ||
           state == STATE_VOIDED;
}

bool invoice_state_is_editable(enum invoice_state state)
{
    CHECK(state < STATE_COUNT);
    for (size_t i = 0; i < COUNT_OF(editable); i++) {
        if (editable[i] == state)
            return true;
    }
    return state == STATE_GATHERING;
}

text invoice_state_short(enum invoice_state state)
{
    CHECK(state < STATE_COUNT);
    const char *word = invoice_state_words[state];
    return (text){ word, strcspn(word, ".") };
}

enum invoice_action invoice_state_action(enum invoice_state state)
{
    static const enum invoice_action actions[STATE_COUNT] = {
        [STATE_DRAFT_COLLECTING] = ACTION_SNAPSHOT,
        [STATE_DRAFT_VALIDATING] = ACTION_VALIDATE,
        [STATE_DRAFT_SYNCING] = ACTION_UPSERT,
        [STATE_DELETE_SYNCING] = ACTION_REMOVE,
        [STATE_ISSUING_LINE_FINALIZATION] = ACTION_FINALIZE_LINES,
        [STATE_ISSUING_SYNCING] = ACTION_ISSUE,
        [STATE_ISSUING_CHARGE_BOOKING] = ACTION_BOOK_CHARGES,
        [STATE_PAYMENT_PENDING] = ACTION_PAY,
        [STATE_PAYMENT_BOOKING_AUTHORIZED] = ACTION_BOOK_PAYMENT,
        [STATE_PAYMENT_BOOKING_AUTHORIZED_AND_SETTLED] = ACTION_BOOK_PAYMENT,
        [STATE_PAYMENT_BOOKING_SETTLED] = ACTION_BOOK_PAYMENT,
    };

    CHECK(state < STATE_COUNT);
    return actions[state];
}

enum invoice_trigger invoice_offer_trigger(enum invoice_offer offer)
{
    static const enum invoice_trigger triggers[OFFER_COUNT] = {
        TRIGGER_NEXT,  TRIGGER_APPROVE,  TRIGGER_DELETE,
        TRIGGER_RETRY, TRIGGER_SNAPSHOT, TRIGGER_VOID,
    };

    CHECK(offer < OFFER_COUNT);
    return triggers[offer];
}

/* ---- walks --------------------------------------------------------------------------------- */

static bool has_come(instant at, instant now)
{
    return instant_is_none(at) || !instant_before(now, at);
}

static bool guard_holds(enum guard guard, const struct invoice_facts *facts)
{
    bool holds = true;
    switch (guard) {
    case IF_ALWAYS:
        break;
    case IF_COLLECTED:
        holds = has_come(facts->collection_at, facts->now);
        break;
    case IF_SOUND:
        holds = !facts->has_critical;
        break;
    case IF_CRITICAL:
        holds = facts->has_critical;
        break;
    case IF_AUTO:
        holds = facts->is_auto_advance;
        break;
    case IF_MANUAL:
        holds = !facts->is_auto_advance;
        break;
    case IF_DRAFT_IS_OVER:
        holds = has_come(facts->draft_until, facts->now) && !facts->has_critical;
        break;
    case IF_EMPTY:
        holds = !facts->has_lines;
        break;
    case IF_FILLED:
        holds = facts->has_lines;
        break;
    }
    return holds;
}

/* Whole families of states are left alike. */
static bool family_next(enum invoice_state state, enum invoice_trigger trigger,
                        enum invoice_state *ret)
{
    bool is_deletable = invoice_state_is_draft(state) || word_starts(state, "issuing.");
    if (trigger == TRIGGER_DELETE && is_deletable) {
        *ret = STATE_DELETE_IN_PROGRESS;
        return true;
    }
    if (trigger == TRIGGER_UPDATE && state != STATE_GATHERING && invoice_state_is_editable(state)) {
        *ret = STATE_DRAFT_UPDATING;
        return true;
    }
    return false;
}

bool invoice_state_next(enum invoice_state state, enum invoice_trigger trigger,
                        const struct invoice_facts *facts, enum invoice_state *ret)
{
    CHECK(state < STATE_COUNT && trigger < TRIGGER_COUNT);
    CHECK(facts != NULL && ret != NULL);
    if (trigger == TRIGGER_NEXT && facts->is_waiting && facts->waits_in == state)
        return false;
    for (size_t i = 0; i < COUNT_OF(transitions); i++) {
        const struct transition *row = &transitions[i];
        if (row->from == state && row->trigger == trigger && guard_holds(row->guard, facts)) {
            *ret = row->to;
            return true;
        }
    }
    return family_next(state, trigger, ret);
}

/* A way over the table: from a trigger until nothing fires. */
struct walk {
    struct invoice_facts facts;
    enum invoice_state at;
    enum invoice_state through;
    bool has_passed;
};

/* Whether the first trigger fired. */
static bool walk_run(struct walk *walk, enum invoice_trigger trigger)
{
    /* A retry begins with what was wrong forgotten. */
    if (trigger == TRIGGER_RETRY)
        walk->facts.has_critical = false;
    if (!invoice_state_next(walk->at, trigger, &walk->facts, &walk->at))
        return false;
    size_t steps = 0;
    do {
        steps++;
        CHECK(steps <= STATE_COUNT);
        walk->has_passed |= walk->at == walk->through;
    } while (invoice_state_next(walk->at, TRIGGER_NEXT, &walk->facts, &walk->at));
    return true;
}

bool invoice_state_result(enum invoice_state state, enum invoice_trigger trigger,
                          const struct invoice_facts *facts, enum invoice_state *ret)
{
    CHECK(facts != NULL && ret != NULL);
    struct walk walk = { .facts = *facts, .at = state, .through = STATE_COUNT };
    if (!walk_run(&walk, trigger))
        return false;
    *ret = walk.at;
    return true;
}

bool invoice_state_passes(enum invoice_state state, enum invoice_trigger trigger,
                          const struct invoice_facts *facts, enum invoice_state through)
{
    CHECK(facts != NULL && through < STATE_COUNT);
    struct walk walk = { .facts = *facts, .at = state, .through = through };
    return walk_run(&walk, trigger) && walk.has_passed;
}
