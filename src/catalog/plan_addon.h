/* plan_addon.h: add-ons of plans: what a plan's subscribers can buy besides, from which phase on
 * and how often.
 *
 * They are put together while the plan is a draft or scheduled and the add-on is active. What does
 * not fit is kept as validation errors and keeps the plan from being published.
 */
#ifndef CATALOG_PLAN_ADDON_H
#define CATALOG_PLAN_ADDON_H

#include "catalog/addon.h"

ID_TYPE(plan_addon);

/* View, v3: `addon: {id}`. */
struct addon_reference {
    struct addon_id id;
};

struct plan_addon {
    struct plan_addon_id id;
    struct org_id org_id;
    struct plan_id plan_id;
    struct addon_id addon_id;
    text name; /* the add-on's own unless said otherwise */
    text description;
    struct text_map labels;
    text from_plan_phase;          /* a phase's key */
    int64_t max_quantity;          /* 0: as many as one likes */
    struct list validation_errors; /* of struct plan_issue */
    instant created_at;
    instant updated_at;
    instant deleted_at;

    struct addon_reference reference; /* views from here */
    struct addon addon;
};

/* plan_addon_fields: response, row, and v3's create request; v1's create request; the update
 * request of both. */
extern const struct fields plan_addon_fields;
extern const struct fields plan_addon_create_v1_fields;
extern const struct fields plan_addon_update_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* All that does not fit together: a list of struct plan_issue. */
struct list plan_addon_issues(const struct plan_addon *link, const struct plan *plan,
                              const struct addon *addon, struct arena *arena);

/* ---- flows --------------------------------------------------------------------------------- */

/* Refuses with PLAN_ABSENT, FIELDS_INVALID when there is no such add-on, PLAN_ADDON_STATUS,
 * PLAN_ADDON_INVALID (critical issues) or PLAN_ADDON_TAKEN. */
NODISCARD enum err plan_addon_create(struct cx *cx, enum dialect dialect, struct plan_id plan_id,
                                     const struct plan_addon *input, struct plan_addon *ret);

/* By its own id or the id or key of the add-on; deleted ones are absent. Refuses with
 * PLAN_ADDON_ABSENT. */
NODISCARD enum err plan_addon_get(struct cx *cx, struct plan_id plan_id, text id_or_key,
                                  struct plan_addon *ret);

/* Where an add-on of a plan is found: the id is as plan_addon_get takes it. */
struct plan_addon_place {
    struct plan_id plan_id;
    text id_or_key;
};

/* What a list asks for; `plan_id` always, empty lists nothing. */
struct plan_addon_query {
    struct plan_id plan_id;
    struct text_list ids;  /* of add-ons: one of */
    struct text_list keys; /* of add-ons: one of */
    bool include_deleted;
    enum plan_sort sort; /* key and version are the add-on's */
    bool is_descending;
    struct page page;
};

/* One page: a list of struct plan_addon. `ret_total` counts all pages. */
NODISCARD enum err plan_addon_list(struct cx *cx, const struct plan_addon_query *query,
                                   struct list *ret, int64_t *ret_total);

/* Replaces all but the add-on. Refuses as plan_addon_get and plan_addon_create do. */
NODISCARD enum err plan_addon_update(struct cx *cx, enum dialect dialect,
                                     const struct plan_addon_place *place,
                                     const struct plan_addon *input, struct plan_addon *ret);

/* Deletes (softly). Refuses with PLAN_ABSENT, PLAN_ADDON_ABSENT or PLAN_ADDON_STATUS. */
NODISCARD enum err plan_addon_delete(struct cx *cx, struct plan_id plan_id, text id_or_key);

/* Adds an issue to `issues` for each add-on that does not fit the plan, which is to be published.
 */
NODISCARD enum err plan_addons_check(struct cx *cx, struct store_tx *tx, const struct plan *plan,
                                     struct list *issues);

/* Gives a new version of a plan the add-ons of another: each in the version that it has there, or
 * in its active one when that is archived. What does not fit stays with its validation errors. */
NODISCARD enum err plan_addons_copy(struct cx *cx, struct store_tx *tx, struct plan_id from,
                                    const struct plan *to);

#endif
