/* price_list.h: a whole catalog as one document: what `tollgate catalog` exports, compares,
 * applies.
 *
 * A price list names things by their keys, so that it means the same to every organization: meters
 * and features, tax codes and add-ons. What it says is in v3's words, from the same field tables
 * (price_list_fields.c derives them), without what only the store knows: ids, versions, times.
 *
 * A plan or add-on stands in it once for each of its versions that is not over: the active one, a
 * draft, and of plans those that are scheduled, told apart by when they begin. An entry that is
 * to begin later counts as the active one when its time has come, and is over when its end has.
 *
 * Here: the structs, reading and printing, and the difference of two lists, all pure; and the flows
 * that make a list from the store and the store like a list.
 */
#ifndef CATALOG_PRICE_LIST_H
#define CATALOG_PRICE_LIST_H

#include "catalog/currency.h"
#include "catalog/plan_addon.h"
#include "catalog/tax_rates.h"
#include "codec/fields_diff.h"

/* A reference by key. */
struct listed_key {
    text key;
};

struct listed_defaults {
    struct listed_key invoicing_tax_code;
    struct listed_key credit_grant_tax_code;
};

struct listed_tax_code {
    struct tax_code code;
    struct list rates; /* of struct tax_rate_entry: all of them, past ones too */
};

struct listed_currency {
    struct billing_currency currency;
    struct list cost_bases; /* of struct cost_basis: those that hold, and those to come */
};

struct listed_meter {
    text key;
    text filters; /* JSON in v3 words, or none */
};

struct listed_feature {
    struct feature feature;
    struct listed_meter meter;
    bool has_meter;
};

/* What an entry is to be. */
enum listed_status { LISTED_DRAFT, LISTED_ACTIVE, LISTED_STATUS_COUNT };

struct listed_addon {
    struct addon addon;
    enum listed_status status;
};

/* An add-on of a plan. */
struct listed_link {
    struct plan_addon link;
    struct listed_key addon;
};

struct listed_plan {
    struct plan plan;
    enum listed_status status;
    instant effective_from; /* of one that is to begin later */
    instant effective_to;
    struct list addons; /* of struct listed_link */
};

enum price_list_section {
    SECTION_TAX_CODES,
    SECTION_CURRENCIES,
    SECTION_FEATURES,
    SECTION_ADDONS,
    SECTION_PLANS,
    SECTION_COUNT
};

struct price_list {
    struct list sections[SECTION_COUNT]; /* struct listed_tax_code, listed_currency … */
    bool has_section[SECTION_COUNT];     /* whether the document has it, may be empty */
    size_t *places[SECTION_COUNT];       /* of each item: where it stood in the document's list */
    bool has_defaults;
    struct listed_defaults defaults;
};

/* The name of a section: "tax_codes", "currencies", "features", "addons", "plans". */
extern const char *const price_list_section_words[];

/* ---- pure ---------------------------------------------------------------------------------- */

/* The tables of a price list, made in an arena. */
struct price_list_tables {
    const struct fields *sections[SECTION_COUNT]; /* of one item */
    const struct fields *defaults;
};

/* `is_lenient`: for reading, where a decimal may be a JSON number too; else for printing, comparing
 * and the schema. */
struct price_list_tables price_list_tables(bool is_lenient, struct arena *arena);

/* Reads a document. Every fault of every part goes to `problem`, with its place below `place`;
 * what has none is in the list all the same, for the rest of what can be said about it. */
NODISCARD bool price_list_read(const struct json *document, text place, struct problem *problem,
                               struct price_list *ret);

/* Prints it as a JSON object. */
void price_list_write(const struct price_list *list, struct json_writer *w);

/* The JSON schema (2020-12) of the document. */
void price_list_schema(struct json_writer *w);

/* Adds what differs between two lists, section by section. Entries are found by key, those of plans
 * and add-ons by status and beginning, too. */
void price_list_diff(const struct price_list *before, const struct price_list *after, instant now,
                     struct differences *diff);

/* What one item is called in a difference: plans[pro], plans[pro@draft],
 * plans[pro@2026-03-01T00:00:00Z]. */
text price_list_name(enum price_list_section section, const void *item, instant now,
                     struct arena *arena);

/* Whether the entry of a plan says something about t or later, and when it begins, as far as that
 * is after t (else INSTANT_NONE). */
bool listed_plan_is_over(const struct listed_plan *plan, instant t);
instant listed_plan_begins(const struct listed_plan *plan, instant t);

/* The i-th item of a section. */
const void *price_list_at(const struct price_list *list, enum price_list_section section, size_t i);

/* ---- flows --------------------------------------------------------------------------------- */

/* The meters that the list's features name; the caller looked them up (feature.h). */
struct price_list_meters {
    const struct feature_meter *items;
    size_t count;
};

struct price_list_request {
    const struct price_list *list;
    struct price_list_meters meters;
    text place;    /* of the document in the request, for faults */
    text base;     /* the print of the catalog that was looked at; empty: any */
    bool is_prune; /* what the list lacks is archived or deleted */
    bool is_dry;   /* try everything, store nothing */
};

enum listed_action {
    LISTED_CREATE,
    LISTED_UPDATE,
    LISTED_PUBLISH,
    LISTED_ARCHIVE,
    LISTED_DELETE,
    LISTED_ACTION_COUNT
};

/* One thing that is done. */
struct listed_change {
    enum listed_action action;
    text
        type; /* "plan", "addon", "feature", "currency", "cost_basis", "tax_code", "tax_rates", … */
    text key;
    int64_t version; /* of plans and add-ons; else 0 */
};

/* A plan that is active, and what it becomes. */
struct listed_reprice {
    struct plan before;
    struct plan after;
};

struct price_list_outcome {
    text base;                 /* the print of the catalog before */
    text result;               /* and after */
    struct list changes;       /* of struct listed_change, in the order in which they are done */
    struct list differences;   /* of struct difference */
    struct list repriced;      /* of struct listed_reprice */
    struct list made_features; /* of struct feature: those that are new */
};

extern const struct fields listed_change_fields;

/* The catalog as it is, in a read transaction. */
NODISCARD enum err price_list_export(struct cx *cx, struct price_list *ret);

/* Makes the catalog like the list, in one transaction, all of it or nothing. Refuses with every
 * fault that is found, each with its place; with CATALOG_CHANGED when the catalog is neither the
 * one that was looked at nor like the list already. */
NODISCARD enum err price_list_apply(struct cx *cx, const struct price_list_request *request,
                                    struct price_list_outcome *ret);

#endif
