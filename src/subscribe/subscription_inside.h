/* subscription_inside.h: what the files of this module share. Nobody else includes it. */
#ifndef SUBSCRIBE_SUBSCRIPTION_INSIDE_H
#define SUBSCRIBE_SUBSCRIPTION_INSIDE_H

#include "subscribe/subscription_command.h"

/* Words and tables that requests and answers share. */
extern const char *const subscription_cost_basis_words[];
extern const char *const subscription_settlement_words[];
extern const struct fields subscription_alignment_fields;

/* Cuts the subscription at its end and fills the members that only the wire wants, at `now`. Texts
 * live in the arena. */
void subscription_view(struct subscription *subscription, instant now, struct arena *arena);

/* Refuses; the faults that have a code in the contract say it in its extensions, too. Inline, as
 * problem_refuse is a macro. */
void subscription_fault(struct cx *cx, enum fault fault, text why);

static inline enum err subscription_refuse(struct cx *cx, enum fault fault, text why)
{
    subscription_fault(cx, fault, why);
    return ERR_REFUSED;
}

/* Refuses a body with FAULT_SUBSCRIPTION_INVALID, or another fault, for what one member says; its
 * name as the client wrote it. */
void subscription_fault_at(struct cx *cx, enum fault fault, text field, text why);

static inline enum err subscription_refuse_at(struct cx *cx, enum fault fault, text field, text why)
{
    subscription_fault_at(cx, fault, field, why);
    return ERR_REFUSED;
}

/* A member's name in a dialect. */
text subscription_member(enum dialect dialect, const char *name, const char *name_v1);

/* Whether a key is priced or entitled by both at one time; which one it is. Both are cut. */
bool subscription_items_collide(const struct subscription *a, const struct subscription *b,
                                text *ret_key);

/* Refuses with FAULT_SUBSCRIPTION_OVERLAP when another subscription of the customer is active at
 * some time between this one's start and `active_to` (INSTANT_NONE: open); where several are
 * allowed, with FAULT_SUBSCRIPTION_ITEM_TAKEN when their items collide. */
NODISCARD enum err subscription_check_overlap(struct cx *cx, struct store_tx *tx,
                                              const struct subscription *subscription,
                                              instant active_to);

/* The subscription of a target as it is stored, when it has the version and the status that are
 * needed. Refuses with SUBSCRIPTION_ABSENT, SUBSCRIPTION_VERSION, SUBSCRIPTION_STATUS: "transition
 * <action> in state … not allowed". */
struct subscription_need {
    enum subscription_status status;
    const char *action;
};
NODISCARD enum err subscription_gather(struct cx *cx, struct store_tx *tx,
                                       const struct subscription_target *target,
                                       struct subscription_need need, struct subscription *ret);

/* When a change of a stored subscription takes effect. */
NODISCARD enum err subscription_time(struct cx *cx, const struct subscription *stored, text timing,
                                     enum timing_use use, instant *ret);

/* The plan that a body names or holds, when it can be subscribed to. */
NODISCARD enum err subscription_plan_gather(struct cx *cx, struct store_tx *tx,
                                            const struct subscription_body *body, struct plan *ret);

/* How a subscription begins. */
struct subscription_beginning {
    const struct subscription_body *body;
    const struct customer *customer;
    const struct plan *plan;
    instant start;
    instant anchor; /* when the body has none */
};

/* What is to be stored, with ids; `ret` has no views. */
NODISCARD enum err subscription_decide(struct cx *cx, struct store_tx *tx,
                                       const struct subscription_beginning *beginning,
                                       struct subscription *ret);

/* Pins the cost bases that hold now of the custom currencies that have come into it, when it is to
 * keep them. Refuses with COST_BASIS_ABSENT. */
NODISCARD enum err subscription_pin(struct cx *cx, struct store_tx *tx,
                                    struct subscription *subscription);

/* Stores a new subscription, gives the customer its currency. */
NODISCARD enum err subscription_store(struct cx *cx, struct store_tx *tx,
                                      const struct customer *customer,
                                      const struct subscription *subscription);

/* Sets an annotation, in the arena; an empty value takes it away. */
void subscription_note(struct subscription *subscription, text name, text value,
                       struct arena *arena);

/* Gives ids to the phases and items that have none. */
void subscription_number(struct cx *cx, struct subscription *spec);

/* Applies edits to a spec, with the rules of plans for its cards. */
struct subscription_edits {
    const struct list *edits; /* of struct subscription_edit */
    enum dialect dialect;
    struct edit_time when;
};
NODISCARD enum err subscription_customize(struct cx *cx, struct store_tx *tx,
                                          const struct subscription_edits *wanted,
                                          struct subscription *spec);

/* Stores what makes `from` `to`, and raises the version. */
NODISCARD enum err subscription_save(struct cx *cx, struct store_tx *tx,
                                     const struct subscription *from, struct subscription *to);

#endif
