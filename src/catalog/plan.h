/* plan.h: plans: what is sold, for how much, in which phases.
 *
 * A plan has versions under one key: at most one draft and at most one active. Publishing a draft
 * makes it active and archives the version that was. A plan's phases follow each other; each holds
 * rate cards; a rate card prices one thing. Once published a plan never changes.
 *
 * The structs are the plain ones that rules use. What the two dialects of the wire contract write
 * in different shapes (price and payment term, feature references, proration) is kept a second time
 * in the members marked "view": flows fill them before they return a plan, readers of plans ignore
 * them.
 *
 * Not here: subscriptions (subscribe/), add-ons, discounts, commitments, tiers.
 */
#ifndef CATALOG_PLAN_H
#define CATALOG_PLAN_H

#include "base/span.h"
#include "catalog/feature.h"
#include "catalog/pricing.h"
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
enum settlement_mode { SETTLEMENT_CREDIT_THEN_INVOICE, SETTLEMENT_COUNT };

/* v1's two kinds of rate card. */
enum rate_card_type { RATE_CARD_FLAT_FEE, RATE_CARD_USAGE_BASED, RATE_CARD_TYPE_COUNT };

enum rate_card_entitlement_type { RATE_CARD_BOOLEAN, RATE_CARD_ENTITLEMENT_COUNT };

/* What a subscriber is entitled to by a rate card. */
struct rate_card_entitlement {
    enum rate_card_entitlement_type type;
};

/* View, v3: `feature: {id}`. */
struct rate_card_feature {
    struct feature_id id;
};

/* What one thing costs in a phase. */
struct rate_card {
    text key;
    text name;
    text description;
    struct text_map labels;
    struct feature_id feature_id; /* zero when the card has no feature */
    text feature_key;             /* empty when the card has no feature */
    span billing_cadence;         /* zero: once */
    struct price_terms terms;
    enum payment_term payment_term;
    bool has_entitlement;
    struct rate_card_entitlement entitlement;

    bool has_feature; /* views from here */
    struct rate_card_feature feature;
    struct pricing pricing;
    int type;        /* enum rate_card_type, or FIELD_ENUM_NONE before rate_card_mirror */
    text tax_config; /* v1, read only to be refused: see plan_input.h */
};

struct plan_phase {
    text key;
    text name;
    text description;
    struct text_map labels;
    span duration;          /* zero: without end */
    struct list rate_cards; /* of struct rate_card */
};

/* Something wrong with a plan. A critical one refuses the request; the others are stored with the
 * draft and refuse its publication. */
struct plan_issue {
    text code;
    text message;
    text field;    /* JSONPath in v3 names */
    text field_v1; /* the same in v1 names */
    bool is_critical;
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
    text currency; /* ISO 4217 code */
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

    bool has_pro_rating; /* views from here */
    struct plan_pro_rating pro_rating;
    bool has_alignment;
    struct plan_alignment alignment;
};

/* plan_fields: create request, response, row. plan_update_fields: the update request (reads into a
 * struct plan). The others are the parts, for who keeps phases or rate cards elsewhere: after
 * reading rate cards through rate_card_fields from a row, call rate_card_mirror on each. */
extern const struct fields plan_fields;
extern const struct fields plan_update_fields;
extern const struct fields plan_phase_fields;
extern const struct fields rate_card_fields;
extern const struct fields plan_issue_fields;

/* ---- reading plans (pure) ------------------------------------------------------------------ */

/* The i-th phase of a plan and the i-th rate card of a phase; i is in range. */
struct plan_phase *plan_phase_at(const struct plan *plan, size_t i);
struct rate_card *rate_card_at(const struct plan_phase *phase, size_t i);

/* Whether the card's charge depends on usage. */
bool rate_card_is_metered(const struct rate_card *card);

/* The status of a plan with this effective period at t. */
enum plan_status plan_status_at(instant effective_from, instant effective_to, instant t);

/* Fills a card's views from its plain members; what they need besides is in the arena. */
void rate_card_mirror(struct rate_card *card, struct arena *arena);

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
    enum plan_sort sort;
    bool is_descending;
    struct page page;
};

/* One page of plans: a list of struct plan. `ret_total` counts all pages. */
NODISCARD enum err plan_list(struct cx *cx, const struct plan_query *query, struct list *ret,
                             int64_t *ret_total);

/* Replaces a draft by what `input`, read by plan_update_fields, says; key and currency stay, and so
 * does the billing cadence when the input has none. Refuses with PLAN_ABSENT, PLAN_STATUS,
 * PLAN_INVALID or FIELDS_INVALID. */
NODISCARD enum err plan_update(struct cx *cx, enum dialect dialect, struct plan_id id,
                               const struct plan *input, struct plan *ret);

/* Deletes (softly) a draft, scheduled or archived plan. Refuses with PLAN_ABSENT or PLAN_STATUS. */
NODISCARD enum err plan_delete(struct cx *cx, struct plan_id id);

/* Makes a draft active from now on and archives the version that was active. Every issue, critical
 * or not, refuses with PLAN_INVALID, all of them named in the dialect. Else PLAN_ABSENT,
 * PLAN_STATUS. */
NODISCARD enum err plan_publish(struct cx *cx, enum dialect dialect, struct plan_id id,
                                struct plan *ret);

/* Ends an active plan now; its subscriptions go on. Refuses with PLAN_ABSENT or PLAN_STATUS. */
NODISCARD enum err plan_archive(struct cx *cx, struct plan_id id, struct plan *ret);

/* Copies a plan (id, or key: its newest version) as the next version, a draft. Refuses with
 * PLAN_ABSENT or PLAN_DRAFT_EXISTS. */
NODISCARD enum err plan_next(struct cx *cx, text id_or_key, struct plan *ret);

#endif
