/* profile.h: billing profiles: how an organization invoices, as its customers see it.
 *
 * A profile says who bills (the supplier), through which apps, and by which settings (the
 * workflow). One profile is the default; it is made with the first touch, on an installed sandbox.
 * A customer is billed by the profile it is pinned to or by the default, with its own settings over
 * those of the profile (override.h). The apps of a profile never change.
 *
 * When the default moves from a sandbox to another app, customers with open invoices are pinned to
 * the old default: what has begun in the sandbox ends there.
 *
 * Settings are kept as they were written: durations as text, and what was not said absent, so that
 * a profile reads back as it was sent and an override says only what it changes.
 */
#ifndef BILL_PROFILE_H
#define BILL_PROFILE_H

#include "bill/app.h"
#include "bill/invoice.h"
#include "catalog/plan_card.h"

/* ---- settings ------------------------------------------------------------------------------ */

enum settings_alignment { ALIGNMENT_SUBSCRIPTION, ALIGNMENT_ANCHORED, ALIGNMENT_COUNT };

struct settings_recurrence {
    text interval; /* an ISO 8601 duration; v1 also DAY, WEEK, MONTH, YEAR */
    instant anchor;
};

struct settings_alignment_choice {
    int type; /* enum settings_alignment, or FIELD_ENUM_NONE */
    struct settings_recurrence recurring_period;
    bool has_recurring_period;
};

struct settings_collection {
    struct settings_alignment_choice alignment;
    bool has_alignment;
    text interval;
};

enum settings_proration { PRORATE_FULL_PERIOD, PRORATE_ACTUAL_PERIOD, PRORATE_COUNT };

struct settings_invoicing {
    bool auto_advance;
    bool has_auto_advance;
    bool progressive_billing;
    bool has_progressive_billing;
    text draft_period;
    text due_after;                          /* v1; v3 has it in the payment settings */
    int proration_mode;                      /* enum settings_proration, or FIELD_ENUM_NONE */
    struct rate_card_tax default_tax_config; /* v1's view of the one in the tax settings */
    bool has_default_tax_config;
};

enum settings_collection_method { CHARGE_AUTOMATICALLY, SEND_INVOICE, COLLECTION_METHOD_COUNT };

/* What is left of an invoice that cannot be collected. */
enum settings_after_retries {
    AFTER_RETRIES_OVERDUE,
    AFTER_RETRIES_UNCOLLECTIBLE,
    AFTER_RETRIES_COUNT
};

/* Ours: when a payment that failed is tried again. */
struct settings_dunning {
    int after_retries;            /* enum settings_after_retries */
    struct text_list retry_after; /* ISO 8601 durations, each counted from the first failure */
};

struct settings_payment {
    int collection_method; /* enum settings_collection_method, or FIELD_ENUM_NONE */
    text due_after;        /* v3's view, of send_invoice */
    struct settings_dunning dunning;
    bool has_dunning;
};

struct settings_tax {
    bool enabled;
    bool has_enabled;
    bool enforced;
    bool has_enforced;
    struct rate_card_tax default_tax_config;
    bool has_default_tax_config;
};

/* The workflow of a profile; of an override, with much of it absent. */
struct profile_settings {
    struct settings_collection collection;
    bool has_collection;
    struct settings_invoicing invoicing;
    bool has_invoicing;
    struct settings_payment payment;
    bool has_payment;
    struct settings_tax tax;
    bool has_tax;
};

extern const struct fields profile_settings_fields;

/* Settings that say nothing. */
struct profile_settings settings_none(void);

/* After reading: what a dialect says elsewhere is brought to its place. */
void settings_adopt(struct profile_settings *settings, enum dialect dialect);

/* Before printing: the views of both dialects are filled. */
void settings_show(struct profile_settings *settings);

/* Gives what is absent the contract's defaults. The list of retries is static. */
void settings_complete(struct profile_settings *settings);

/* What the override says, and else what the base says. A list, an alignment, a tax config and the
 * dunning are taken whole. */
struct profile_settings settings_merge(const struct profile_settings *base,
                                       const struct profile_settings *override);

/* Whether an override says anything. */
bool settings_is_empty(const struct profile_settings *settings);

/* Checks the durations and what has to go together; `merged` is what comes out in the end. Adds
 * every fault to `problem`, placed under "workflow"; returns whether there was none. */
NODISCARD bool settings_check(const struct profile_settings *settings,
                              const struct profile_settings *merged, enum dialect dialect,
                              struct problem *problem);

/* A duration as settings have it; it was checked. */
span settings_span(text duration);

/* ---- profiles ------------------------------------------------------------------------------ */

struct party_tax_id {
    text code;
};

struct party_addresses {
    struct address billing_address;
};

struct party {
    text key; /* ptr NULL when there is none */
    text name;
    struct party_tax_id tax_id;
    bool has_tax_id;
    struct address address;
    bool has_address;
    struct list addresses_v1; /* views: of at most one struct address */
    struct party_addresses addresses_v3;
    bool has_addresses_v3;
};

extern const struct fields party_fields;

/* As for settings. */
void party_adopt(struct party *party, enum dialect dialect);
void party_show(struct party *party, struct arena *arena);

struct app_reference {
    struct app_id id;
};

/* v3, and what the answer of v1 without expansion looks like. */
struct profile_apps {
    struct app_reference tax;
    struct app_reference invoicing;
    struct app_reference payment;
};

/* v1: each an id, or the type of the oldest installed app that is meant. */
struct profile_app_words {
    text tax;
    text invoicing;
    text payment;
};

struct profile {
    struct profile_id id;
    struct org_id org_id;
    text name;
    text description;
    struct text_map labels; /* v1: metadata */
    struct party supplier;
    struct profile_settings workflow; /* complete in answers */
    struct app_id tax_app_id;
    struct app_id invoicing_app_id;
    struct app_id payment_app_id;
    bool is_default;
    instant created_at;
    instant updated_at;
    instant deleted_at;

    struct profile_apps apps;           /* v3's view; in a v3 request */
    struct profile_app_words app_words; /* of a v1 request */
    text apps_v1;                       /* view: JSON, references or whole apps */
};

extern const struct fields profile_fields;
extern const struct fields profile_create_v1_fields;
extern const struct fields profile_create_v3_fields;
extern const struct fields profile_update_fields;

enum profile_sort {
    PROFILE_SORT_CREATED_AT,
    PROFILE_SORT_UPDATED_AT,
    PROFILE_SORT_DEFAULT,
    PROFILE_SORT_NAME,
    PROFILE_SORT_COUNT
};

/* NULL-terminated, in the order of enum profile_sort. */
extern const char *const profile_sort_words[];

struct profile_query {
    bool with_deleted;
    bool expands_apps; /* v1: whole apps in place of references */
    enum profile_sort sort;
    bool is_descending;
    struct page page;
};

/* Makes a profile; `dialect` tells where its apps are named. FAULT_FIELDS_INVALID. */
NODISCARD enum err profile_create(struct cx *cx, const struct profile *input, enum dialect dialect,
                                  struct profile *ret);

/* FAULT_PROFILE_ABSENT. A deleted one is found, with deleted_at set. */
NODISCARD enum err profile_get(struct cx *cx, struct profile_id id, bool expands_apps,
                               struct profile *ret);

/* One page: struct profile. */
NODISCARD enum err profile_list(struct cx *cx, const struct profile_query *query, struct list *ret,
                                int64_t *ret_total);

/* Replaces all but the apps. FAULT_PROFILE_ABSENT, FAULT_PROFILE_GONE,
 * FAULT_PROFILE_STAYS_DEFAULT, FAULT_FIELDS_INVALID. */
NODISCARD enum err profile_update(struct cx *cx, struct profile_id id, const struct profile *input,
                                  enum dialect dialect, struct profile *ret);

/* FAULT_PROFILE_ABSENT, FAULT_PROFILE_DELETED, FAULT_PROFILE_IS_DEFAULT,
 * FAULT_PROFILE_REFERENCED. */
NODISCARD enum err profile_delete(struct cx *cx, struct profile_id id);

/* ---- for the flows of this module ---------------------------------------------------------- */

/* The default profile, made with its sandbox when there is none, in the caller's transaction, which
 * writes. */
NODISCARD enum err profile_default(struct cx *cx, struct store_tx *tx, struct profile *ret);

/* Sees to it that there is a default profile, in a transaction of its own unless there is. Lists
 * and reads call it first. */
NODISCARD enum err profile_ensure(struct cx *cx);

/* A profile that uses one app for everything, in the caller's transaction. */
NODISCARD enum err profile_of_app(struct cx *cx, struct store_tx *tx, const struct app *app,
                                  struct profile *ret);

/* Fills the views: apps of v3, and of v1 as references or whole. */
NODISCARD enum err profile_show(struct cx *cx, struct store_tx *tx, bool expands_apps,
                                struct profile *profile);

/* How many profiles and customers' overrides name the tax code. */
NODISCARD enum err profile_count_of_tax_code(struct cx *cx, struct tax_code_id id, int64_t *ret);

#endif
