/* plan.h: plans: what is sold, for how much, in which phases.
 *
 * A plan has versions under one key: at most one draft, and at any time at most one active.
 * Publishing a draft makes it active, now or at a time to come, and ends the version that was. A
 * plan's phases follow each other; each holds rate cards; a rate card prices one thing. Once active
 * a plan never changes.
 *
 * The structs are the plain ones that rules use. What the two dialects of the wire contract write
 * in different shapes (price and payment term, feature references, proration) is kept a second time
 * in the members marked "view": flows fill them before they return a plan, readers of plans ignore
 * them.
 *
 * Not here: rate cards (plan_card.h), subscriptions (subscribe/), add-ons.
 */
#ifndef CATALOG_PLAN_H
#define CATALOG_PLAN_H

#include "catalog/plan_card.h"
#include "catalog/plan_issue.h"
#include "codec/page.h"

/* One version of a plan. */
ID_TYPE(plan);

enum plan_status {
    PLAN_DRAFT,
    PLAN_ACTIVE,
    PLAN_ARCHIVED,
    PLAN_SCHEDULED,
    PLAN_INCONSISTENT, /* an effective period that cannot be; printed as "invalid" */
    PLAN_STATUS_COUNT
};

/* NULL-terminated, in the order of enum plan_status. */
extern const char *const plan_status_words[];

/* How what is owed is settled. */
enum settlement_mode { SETTLEMENT_CREDIT_THEN_INVOICE, SETTLEMENT_CREDIT_ONLY, SETTLEMENT_COUNT };

struct plan_phase {
    text key;
    text name;
    text description;
    struct text_map labels;
    span duration;          /* zero: without end */
    struct list rate_cards; /* of struct rate_card */
};

/* Views, v1. */
enum pro_rating_mode { PRO_RATING_PRICES, PRO_RATING_MODE_COUNT };

struct plan_pro_rating {
    bool is_enabled;
    enum pro_rating_mode mode;
};

struct plan_alignment {
    bool billables_must_align;
};

struct plan {
    struct plan_id id;
    struct org_id org_id;
    text key;
    int64_t version;
    text name;
    text description;
    struct text_map labels;
    text currency; /* ISO 4217, or the code of a custom currency */
    span billing_cadence;
    bool is_pro_rating; /* whether flat prices are prorated */
    enum settlement_mode settlement_mode;
    instant effective_from;        /* none while a draft */
    instant effective_to;          /* none: open */
    enum plan_status status;       /* at the flow's instant */
    struct list phases;            /* of struct plan_phase; one or more */
    struct list validation_errors; /* of struct plan_issue */
    instant created_at;
    instant updated_at;
    instant deleted_at;
    instant ends_at; /* asked for when published; a later version may end it before */

    text v1_refusal; /* views from here: the code of what v1 has no words for, or none */
    bool has_pro_rating;
    struct plan_pro_rating pro_rating;
    bool has_alignment;
    struct plan_alignment alignment;
};

/* plan_fields: create request, response, row. plan_update_fields: the update request (reads into a
 * struct plan). plan_phase_fields: a part, for who keeps phases elsewhere. */
extern const struct fields plan_fields;
extern const struct fields plan_update_fields;
extern const struct fields plan_phase_fields;

/* ---- reading plans (pure) ------------------------------------------------------------------ */

/* The i-th phase of a plan and the i-th rate card of a phase; i is in range. */
struct plan_phase *plan_phase_at(const struct plan *plan, size_t i);
struct rate_card *rate_card_at(const struct plan_phase *phase, size_t i);

/* The status of a plan with this effective period at t. */
enum plan_status plan_status_at(instant effective_from, instant effective_to, instant t);

/* Fills the views of a plan and of all its rate cards. */
void plan_mirror(struct plan *plan, struct arena *arena);

/* ---- flows --------------------------------------------------------------------------------- */

/* Creates a draft: version 1, or the next version when the key exists. `input` was read by
 * plan_fields. Refuses with PLAN_INVALID (each critical issue named), FIELDS_INVALID or
 * PLAN_DRAFT_EXISTS. */
NODISCARD enum err plan_create(struct cx *cx, enum dialect dialect, const struct plan *input,
                               struct plan *ret);

/* The plan with this id; deleted ones too (deleted_at is set). Refuses with PLAN_ABSENT. */
NODISCARD enum err plan_get(struct cx *cx, struct plan_id id, struct plan *ret);

/* The plan with this id, else the active version of this key; with `include_latest` the newest
 * version of the key that is not deleted. Refuses with PLAN_ABSENT. */
NODISCARD enum err plan_find(struct cx *cx, text id_or_key, bool include_latest, struct plan *ret);

/* A version of a key that is not deleted; version 0 asks for the active one. Refuses with
 * PLAN_ABSENT. */
NODISCARD enum err plan_find_version(struct cx *cx, text key, int64_t version, struct plan *ret);

enum plan_sort {
    PLAN_SORT_CREATED_AT,
    PLAN_SORT_UPDATED_AT,
    PLAN_SORT_ID,
    PLAN_SORT_KEY,
    PLAN_SORT_VERSION,
    PLAN_SORT_NAME,
    PLAN_SORT_COUNT
};

/* NULL-terminated, in the order of enum plan_sort: "created_at", … */
extern const char *const plan_sort_words[];

/* What a list asks for. Empty lists and texts ask for nothing; conditions are joined by and. */
struct plan_query {
    struct text_list ids;        /* one of */
    struct text_list keys;       /* one of */
    struct text_list names;      /* one of */
    struct text_list statuses;   /* one of; words of plan_status_words */
    struct text_list currencies; /* one of */
    text key_contains;           /* ASCII case folded */
    text name_contains;
    bool include_deleted;
    bool is_of_v1; /* only those that v1 has words for */
    enum plan_sort sort;
    bool is_descending;
    struct page page;
};

/* One page of plans: a list of struct plan. `ret_total` counts all pages. */
NODISCARD enum err plan_list(struct cx *cx, const struct plan_query *query, struct list *ret,
                             int64_t *ret_total);

/* Replaces a draft by what `input`, read by plan_update_fields, says; key and currency stay, and so
 * does the billing cadence when the input has none. Refuses with PLAN_ABSENT, PLAN_STATUS,
 * PLAN_INVALID, FIELDS_INVALID, PLAN_DRAFT_EXISTS (a scheduled plan becomes a draft again) or
 * PLAN_NOT_OF_V1. */
NODISCARD enum err plan_update(struct cx *cx, enum dialect dialect, struct plan_id id,
                               const struct plan *input, struct plan *ret);

/* Deletes (softly) a draft, scheduled or archived plan. Refuses with PLAN_ABSENT or PLAN_STATUS. */
NODISCARD enum err plan_delete(struct cx *cx, struct plan_id id);

/* When a published plan is effective. */
struct plan_publication {
    instant effective_from; /* none: now */
    instant effective_to;   /* none: until it is archived or replaced */
};

extern const struct fields plan_publication_fields;

/* Publishes a draft or scheduled plan: it becomes active, or scheduled when it begins later. The
 * version that is active then ends as this one begins; this one ends where a version scheduled
 * after it begins. Every issue, critical or not, refuses with PLAN_INVALID, all of them named in
 * the dialect; so does a time in the past or an end before the beginning. Else PLAN_ABSENT,
 * PLAN_STATUS or PLAN_NOT_OF_V1. */
NODISCARD enum err plan_publish_at(struct cx *cx, enum dialect dialect, struct plan_id id,
                                   const struct plan_publication *when, struct plan *ret);

/* The same from now on. */
NODISCARD enum err plan_publish(struct cx *cx, enum dialect dialect, struct plan_id id,
                                struct plan *ret);

/* Ends an active plan now; its subscriptions go on. Refuses with PLAN_ABSENT, PLAN_STATUS or
 * PLAN_NOT_OF_V1. */
NODISCARD enum err plan_archive(struct cx *cx, enum dialect dialect, struct plan_id id,
                                struct plan *ret);

/* Copies a plan (id, or key: its newest version) with its add-ons as the next version, a draft.
 * Refuses with PLAN_ABSENT, PLAN_DRAFT_EXISTS or PLAN_NOT_OF_V1. */
NODISCARD enum err plan_next(struct cx *cx, enum dialect dialect, text id_or_key, struct plan *ret);

/* Refuses with PLAN_NOT_OF_V1, all of it named, a plan that v1 has no words for; any plan is fine
 * in v3. To be asked before a plan is printed. */
NODISCARD enum err plan_printable(struct cx *cx, enum dialect dialect, const struct plan *plan);

#endif
