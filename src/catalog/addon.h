/* addon.h: add-ons: what a subscriber of a plan can buy besides.
 *
 * An add-on has versions under one key, like a plan: at most one draft and at most one active.
 * Publishing a draft makes it active at once and archives the version that was; a publication
 * cannot be scheduled. Its rate cards are those of plans, under the same rules; an add-on that can
 * be bought several times has flat and free prices only. v1 has no words for some of what v3 can
 * say, as with plans.
 *
 * Not here: subscriptions with add-ons.
 */
#ifndef CATALOG_ADDON_H
#define CATALOG_ADDON_H

#include "catalog/plan.h"

/* One version of an add-on. */
ID_TYPE(addon);

/* How often one subscription can have it at a time. */
enum addon_instance { ADDON_SINGLE, ADDON_MULTIPLE, ADDON_INSTANCE_COUNT };

/* NULL-terminated: draft, active and archived, with the values of enum plan_status. */
extern const char *const addon_status_words[];

struct addon {
    struct addon_id id;
    struct org_id org_id;
    text key;
    int64_t version;
    text name;
    text description;
    struct text_map labels;
    int instance_type;             /* enum addon_instance */
    text currency;                 /* ISO 4217, or the code of a custom currency */
    instant effective_from;        /* none while a draft */
    instant effective_to;          /* none: open */
    enum plan_status status;       /* draft, active or archived */
    struct list rate_cards;        /* of struct rate_card */
    struct list validation_errors; /* of struct plan_issue */
    instant created_at;
    instant updated_at;
    instant deleted_at;

    text v1_refusal; /* view: the code of what v1 has no words for, or none */
};

/* addon_fields: create request, response, row; addon_update_fields: the update request. */
extern const struct fields addon_fields;
extern const struct fields addon_update_fields;

/* ---- flows --------------------------------------------------------------------------------- */

/* Creates a draft: version 1, or the next version when the key exists. Refuses with ADDON_INVALID
 * (each critical issue named), FIELDS_INVALID, ADDON_DRAFT_EXISTS or ADDON_NOT_OF_V1. */
NODISCARD enum err addon_create(struct cx *cx, enum dialect dialect, const struct addon *input,
                                struct addon *ret);

/* The add-on with this id; deleted ones too (deleted_at is set). Refuses with ADDON_ABSENT. */
NODISCARD enum err addon_get(struct cx *cx, struct addon_id id, struct addon *ret);

/* The add-on with this id, else the active version of this key; with `include_latest` the newest
 * version of the key that is not deleted. Refuses with ADDON_ABSENT. */
NODISCARD enum err addon_find(struct cx *cx, text id_or_key, bool include_latest,
                              struct addon *ret);

/* What a list asks for. Empty lists and texts ask for nothing; conditions are joined by and. */
struct addon_query {
    struct text_list ids;        /* one of */
    struct text_list keys;       /* one of */
    struct text_list names;      /* one of */
    struct text_list statuses;   /* one of; words of addon_status_words */
    struct text_list currencies; /* one of */
    text key_contains;           /* ASCII case folded */
    text name_contains;
    bool include_deleted;
    enum plan_sort sort;
    bool is_descending;
    struct page page;
};

/* One page of add-ons: a list of struct addon. `ret_total` counts all pages. */
NODISCARD enum err addon_list(struct cx *cx, const struct addon_query *query, struct list *ret,
                              int64_t *ret_total);

/* Replaces all of a draft but key and currency. Refuses with ADDON_ABSENT, ADDON_DELETED,
 * ADDON_STATUS, ADDON_INVALID, FIELDS_INVALID or ADDON_NOT_OF_V1. */
NODISCARD enum err addon_update(struct cx *cx, enum dialect dialect, struct addon_id id,
                                const struct addon *input, struct addon *ret);

/* Deletes (softly) a draft or an archived version. Refuses with ADDON_ABSENT or ADDON_STATUS. */
NODISCARD enum err addon_delete(struct cx *cx, struct addon_id id);

/* Makes a draft active and archives the version that was active. Every issue, critical or not,
 * refuses with ADDON_INVALID. Else ADDON_ABSENT, ADDON_STATUS_FOR_PUBLISH, ADDON_NOT_OF_V1. */
NODISCARD enum err addon_publish(struct cx *cx, enum dialect dialect, struct addon_id id,
                                 struct addon *ret);

/* Ends an active version now. Refuses with ADDON_ABSENT, ADDON_STATUS or ADDON_NOT_OF_V1. */
NODISCARD enum err addon_archive(struct cx *cx, enum dialect dialect, struct addon_id id,
                                 struct addon *ret);

/* Refuses with ADDON_NOT_OF_V1, all of it named, an add-on that v1 has no words for; any is fine in
 * v3. To be asked before an add-on is printed. */
NODISCARD enum err addon_printable(struct cx *cx, enum dialect dialect, const struct addon *addon);

#endif
