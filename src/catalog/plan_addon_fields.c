/* plan_addon_fields.c: add-ons of plans as request, response and row. v1 shows the whole add-on, v3
 * its id. */
#include "base/limits.h"
#include "catalog/plan_addon.h"

static const struct field reference_rows[] = {
    FIELD_ID(struct addon_reference, id, .flags = FIELD_REQUIRED),
};

static const struct fields reference_fields =
    FIELDS("AddonReference", struct addon_reference, reference_rows);

#define PLAN_ADDON_COMMON                                                                          \
    FIELD(struct plan_addon, name, TEXT, .flags = FIELD_REQUIRED | FIELD_NOT_V1,                   \
          .form = FORM_NAME),                                                                      \
        FIELD(struct plan_addon, description, TEXT, .flags = FIELD_NOT_V1,                         \
              .form = FORM_DESCRIPTION),                                                           \
        FIELD(struct plan_addon, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,        \
              .form = FORM_LABELS),                                                                \
        FIELD(struct plan_addon, from_plan_phase, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY, \
              .about = "The phase from which on it can be bought."),                               \
        FIELD(struct plan_addon, max_quantity, INT, .items_min = 1,                                \
              .items_max = LIMIT_ADDON_QUANTITY_MAX,                                               \
              .about = "How often it can be bought at most; not said of a single one.")

static const struct field plan_addon_rows[] = {
    FIELD_ID(struct plan_addon, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_V1),
    FIELD_ID(struct plan_addon, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct plan_addon, plan_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct plan_addon, addon_id, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT_AS(struct plan_addon, reference, "addon", &reference_fields,
                    .flags = FIELD_REQUIRED | FIELD_NOT_V1 | FIELD_NOT_COLUMN),
    FIELD_STRUCT_AS(struct plan_addon, addon, "addon_v1", &addon_fields, .v1 = "addon",
                    .flags = FIELD_REQUIRED | FIELD_READ_ONLY | FIELD_NOT_V3 | FIELD_NOT_COLUMN),
    PLAN_ADDON_COMMON,
    FIELD(struct plan_addon, validation_errors, LIST, .sub = &plan_issue_fields,
          .flags = FIELD_READ_ONLY | FIELD_ALWAYS,
          .about = "What keeps the plan from being published."),
    FIELD(struct plan_addon, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct plan_addon, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct plan_addon, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
};

const struct fields plan_addon_fields = FIELDS("PlanAddon", struct plan_addon, plan_addon_rows);

static const struct field create_v1_rows[] = {
    FIELD_ID(struct plan_addon, addon_id, .flags = FIELD_REQUIRED),
    PLAN_ADDON_COMMON,
};

const struct fields plan_addon_create_v1_fields =
    FIELDS("PlanAddonCreate", struct plan_addon, create_v1_rows);

static const struct field update_rows[] = { PLAN_ADDON_COMMON };

const struct fields plan_addon_update_fields =
    FIELDS("UpsertPlanAddonRequest", struct plan_addon, update_rows);
