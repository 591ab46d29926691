/* subscription.h: a customer on a plan, from one instant to another.
 *
 * Starting a subscription copies the plan's phases and rate cards: each phase gets concrete times
 * and each rate card becomes an item that keeps its price for ever, whatever happens to the plan
 * (grandfathering). An item that is exchanged ends, and its next version begins: the versions of
 * one key in one phase never overlap. Cancelling stores one instant, active_to; phases and items
 * are cut by it whenever the subscription is read, so that taking the cancelation back restores
 * them.
 *
 * Here: the structs, their field tables, what can be asked of them. The commands are in
 * subscription_command.h, what requests hold in subscription_body.h, billing periods in timeline.h.
 *
 * What it is not: money and invoices are one floor up.
 */
#ifndef SUBSCRIBE_SUBSCRIPTION_H
#define SUBSCRIBE_SUBSCRIPTION_H

#include "base/id.h"
#include "catalog/currency.h"
#include "catalog/plan.h"
#include "codec/fields.h"
#include "codec/page.h"
#include "customer/customer.h"
#include "identity/cx.h"
#include "subscribe/timeline.h"

ID_TYPE(subscription);
ID_TYPE(phase);
ID_TYPE(item);
ID_TYPE(item_addon); /* an add-on, seen from an item */

enum subscription_status {
    SUBSCRIPTION_ACTIVE,    /* running, no end set */
    SUBSCRIPTION_INACTIVE,  /* over */
    SUBSCRIPTION_CANCELED,  /* running, with an end */
    SUBSCRIPTION_SCHEDULED, /* not yet begun */
    SUBSCRIPTION_STATUS_COUNT
};

/* NULL-terminated, in the order of the enum. */
extern const char *const subscription_status_words[];

enum proration_mode { PRORATION_PRORATE_PRICES, PRORATION_COUNT };

enum cost_basis_mode { COST_BASIS_DYNAMIC, COST_BASIS_PINNED, COST_BASIS_COUNT };

/* One version of a rate card of one phase, with its concrete times. */
struct subscription_item {
    struct item_id id; /* zero: not stored yet */
    struct phase_id phase_id;
    text key;
    text name;
    text description;
    int64_t position; /* of its key, in its phase */
    int64_t version;  /* v[n] of its lines: no two of a key in a phase ever have the same */
    instant active_from;
    instant active_to;          /* INSTANT_NONE: open */
    struct rate_card rate_card; /* as it was in the plan, with what add-ons make of it */
    struct item_id base_id;     /* of a piece: the item that add-ons cut it from; else zero */
    bool has_base_card;
    struct rate_card base_card;    /* of a piece: the card without add-ons */
    struct item_addon_id addon_id; /* the add-on without which there is no such item; else zero */
    instant created_at;
    instant updated_at;

    text currency; /* views from here: v1 prints the card's parts on the item itself */
    text feature_key;
    text billing_cadence; /* JSON, null for a card that is charged once */
    text price;           /* JSON in v1 words, null when free */
    text discounts;       /* JSON in v1 words; ptr NULL when there are none */
    text tax_config;      /* the same */
};

struct subscription_phase {
    struct phase_id id; /* zero: not stored yet */
    text key;
    text name;
    text description;
    struct text_map labels;
    instant active_from;
    instant active_to; /* INSTANT_NONE: open */
    struct list items; /* of struct subscription_item: all versions, by position and version */
    instant created_at;
    instant updated_at;

    struct list shown;   /* views from here: one version of each key at most */
    text item_timelines; /* v1: JSON, all versions of the items by key */
};

/* Views. */
struct subscription_plan {
    struct plan_id id;
    text key;
    int64_t version;
};

struct subscription_proration {
    bool is_enabled;
    enum proration_mode mode;
};

struct subscription_period {
    instant from;
    instant to;
};

struct subscription_alignment {
    bool billables_must_align;
    bool has_current_period;
    struct subscription_period current_period;
};

/* What prices in a custom currency are taken at, from when it came into the subscription. */
struct cost_basis_pin {
    struct currency_id custom_currency_id;
    text invoice_currency;
    struct cost_basis_id cost_basis_id;
};

struct subscription {
    struct subscription_id id;
    struct org_id org_id;
    text name;
    text description;
    struct text_map labels; /* v1: metadata */
    struct customer_id customer_id;
    struct plan_id plan_id; /* zero, and no key and version: it was made without a plan */
    text plan_key;
    int64_t plan_version;
    int64_t version;             /* 1, and one more with each change: the ETag */
    struct text_map annotations; /* what the system notes, by names of the contract */
    text invoice_currency;       /* v1: currency */
    span billing_cadence;
    instant billing_anchor; /* periods are counted from it, before and after */
    text time_zone;         /* the customer's at the start, kept: periods never move; empty: UTC */
    bool is_pro_rating;
    enum settlement_mode settlement_mode;
    enum cost_basis_mode cost_basis_mode;
    struct list cost_basis_pins; /* of struct cost_basis_pin: one for each custom currency */
    instant active_from;
    instant active_to; /* INSTANT_NONE: open */
    instant created_at;
    instant updated_at;
    instant deleted_at;
    struct list phases; /* of struct subscription_phase, in order, cut at active_to */

    enum subscription_status status; /* views from here, at the context's instant */
    bool has_plan;
    struct subscription_plan plan;
    struct subscription_proration pro_rating;
    bool has_current_period;
    struct subscription_period current_period; /* v3 */
    struct subscription_alignment alignment;   /* v1 */
};

/* Rows of the tables, and answers in both dialects. In v1, lists may print
 * subscription_brief_fields, which leaves out phases. */
extern const struct fields subscription_fields;
extern const struct fields subscription_brief_fields;
extern const struct fields subscription_phase_fields;
extern const struct fields subscription_item_fields;

/* ---- pure rules --------------------------------------------------------------------------- */

/* The status at t of a subscription active in [from, to). */
enum subscription_status subscription_status_at(instant from, instant to, instant t);

/* The grid of a subscription: its anchor, its cadence and its zone. */
struct billing_grid subscription_grid(const struct subscription *subscription);

/* When a phase of a plan is active: the phases from `starting` on, end to end from active_from; the
 * last one is open, or ends when it has a duration, counted in the calendar of the zone. As struct
 * period; an open end is INSTANT_MAX. Phases before `starting` are empty, at active_from. In the
 * arena, one for each phase. */
struct period *subscription_timeline(const struct plan *plan, size_t starting, instant active_from,
                                     const struct zone *zone, struct arena *arena);

/* Whether two times of activity have an instant in common; `to` may be INSTANT_NONE. */
bool subscription_overlaps(instant from_a, instant to_a, instant from_b, instant to_b);

/* The earlier one of two ends, of which INSTANT_NONE is none. */
instant subscription_end(instant end, instant cut);

/* Cuts phases and items at `active_to`, drops those that would be empty. */
void subscription_cut(struct subscription *subscription);

/* [from, to), where an open end becomes INSTANT_MAX. */
struct period subscription_span(instant from, instant to);

/* The aligned billing period that holds t; false when no phase does. */
bool subscription_period_at(const struct subscription *subscription, instant t, struct period *ret);

/* The phase that is active at t, the phase with this key; phases.count when there is none. */
size_t subscription_phase_index_at(const struct subscription *subscription, instant t);
size_t subscription_phase_find(const struct subscription *subscription, text key);

/* The i-th phase, and the i-th item of a phase; i is in range. */
struct subscription_phase *subscription_phase_at(const struct subscription *subscription, size_t i);
struct subscription_item *subscription_item_at(const struct subscription_phase *phase, size_t i);

/* ---- questions, in a transaction of their own ---------------------------------------------- */

/* FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err subscription_get(struct cx *cx, text id, struct subscription *ret);

enum subscription_sort {
    SUBSCRIPTION_SORT_ACTIVE_FROM, /* ties everywhere are broken by id */
    SUBSCRIPTION_SORT_ACTIVE_TO,   /* those without an end come last */
    SUBSCRIPTION_SORT_ID,
    SUBSCRIPTION_SORT_COUNT
};

/* NULL-terminated, in the order of enum subscription_sort: "active_from", "active_to", "id". */
extern const char *const subscription_sort_words[];

/* What a list asks for. Empty texts and zero ids ask for nothing. */
struct subscription_query {
    struct customer_id customer_id;
    text plan_id;
    text plan_key;
    struct text_list statuses; /* one of; words of subscription_status_words */
    struct text_list ids;      /* one of */
    enum subscription_sort sort;
    bool is_descending;
    struct page page;
};

/* One page: a list of struct subscription, with their phases. `ret_total` counts all pages. */
NODISCARD enum err subscription_list(struct cx *cx, const struct subscription_query *query,
                                     struct list *ret, int64_t *ret_total);

/* Whether the customer has a subscription that is not over (active, canceled or scheduled);
 * `ret_current` gets the id of the one that runs now, or zero. */
NODISCARD enum err subscription_customer_is_active(struct cx *cx, struct customer_id customer,
                                                   bool *ret, ulid *ret_current);

#endif
