/* subscription_addon_fields.c: bought add-ons as request, response and row. */
#include "base/limits.h"
#include "subscribe/subscription_addon.h"

static const char *const instance_words[] = { "single", "multiple", NULL };

_Static_assert(COUNT_OF(instance_words) == ADDON_INSTANCE_COUNT + 1, "one word per type");

#define ANSWER (FIELD_READ_ONLY | FIELD_REQUIRED)
#define VIEW   (FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN)

static const struct field segment_rows[] = {
    FIELD(struct addon_segment, active_from, INSTANT, .flags = ANSWER),
    FIELD(struct addon_segment, active_to, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct addon_segment, quantity, INT, .flags = ANSWER),
};
static const struct fields segment_fields =
    FIELDS("SubscriptionAddonTimelineSegment", struct addon_segment, segment_rows);

static const struct field brief_rows[] = {
    FIELD_ID(struct addon_brief, id, .flags = FIELD_REQUIRED),
    FIELD(struct addon_brief, key, TEXT, .flags = ANSWER | FIELD_NOT_V3),
    FIELD(struct addon_brief, version, INT, .flags = ANSWER | FIELD_NOT_V3),
    FIELD_WORD(struct addon_brief, instance_type, instance_words, .flags = ANSWER | FIELD_NOT_V3),
};
static const struct fields brief_fields =
    FIELDS("SubscriptionAddonReference", struct addon_brief, brief_rows);

static const struct field card_rows[] = {
    FIELD_STRUCT(struct addon_card, rate_card, &rate_card_fields, .flags = FIELD_REQUIRED),
    FIELD_AS(struct addon_card, item_ids, "affected_subscription_item_ids", TEXT_LIST,
             .flags = ANSWER | FIELD_ALWAYS),
};
static const struct fields card_fields =
    FIELDS("SubscriptionAddonRateCard", struct addon_card, card_rows);

static const struct field addon_rows[] = {
    FIELD_ID(struct subscription_addon, id, .flags = ANSWER),
    FIELD_ID(struct subscription_addon, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct subscription_addon, subscription_id, .flags = FIELD_READ_ONLY),
    FIELD_ID(struct subscription_addon, addon_id, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_addon, name, TEXT, .flags = ANSWER),
    FIELD(struct subscription_addon, description, TEXT),
    FIELD(struct subscription_addon, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD_STRUCT(struct subscription_addon, addon, &brief_fields, .flags = VIEW),
    FIELD(struct subscription_addon, quantity, INT, .flags = VIEW),
    FIELD(struct subscription_addon, quantity_at, INSTANT, .flags = VIEW),
    FIELD(struct subscription_addon, active_from, INSTANT, .flags = VIEW),
    FIELD(struct subscription_addon, active_to, INSTANT,
          .flags = FIELD_READ_ONLY | FIELD_NOT_COLUMN),
    FIELD(struct subscription_addon, timeline, LIST, .sub = &segment_fields,
          .flags = ANSWER | FIELD_ALWAYS),
    FIELD(struct subscription_addon, rate_cards, LIST, .sub = &card_fields,
          .flags = VIEW | FIELD_ALWAYS),
    FIELD(struct subscription_addon, created_at, INSTANT, .flags = ANSWER),
    FIELD(struct subscription_addon, updated_at, INSTANT, .flags = ANSWER),
};
const struct fields subscription_addon_fields =
    FIELDS("SubscriptionAddon", struct subscription_addon, addon_rows);

/* ---- requests ------------------------------------------------------------------------------ */

static const struct field reference_rows[] = {
    FIELD_ID(struct addon_reference, id, .flags = FIELD_REQUIRED),
};
static const struct fields reference_fields =
    FIELDS("AddonReference", struct addon_reference, reference_rows);

#define ROW_ADDON                                                                                  \
    FIELD_STRUCT(struct subscription_addon_body, addon, &reference_fields,                         \
                 .flags = FIELD_REQUIRED,                                                          \
                 .set_offset = offsetof(struct subscription_addon_body, has_addon))

#define ROW_TEXTS(more)                                                                            \
    FIELD(struct subscription_addon_body, name, TEXT, .flags = (more), .form = FORM_NAME),         \
        FIELD(struct subscription_addon_body, description, TEXT, .form = FORM_DESCRIPTION),        \
        FIELD(struct subscription_addon_body, labels, TEXT_MAP, .v1 = "metadata",                  \
              .form = FORM_LABELS)

#define ROWS_BOUGHT(more)                                                                          \
    FIELD(struct subscription_addon_body, quantity, INT, .flags = (more), .items_min = 1,          \
          .items_max = LIMIT_ADDON_QUANTITY_MAX,                                                   \
          .about = "Always 1 of an add-on that is had once."),                                     \
        FIELD(struct subscription_addon_body, timing, TEXT, .flags = (more),                       \
              .form = FORM_NON_EMPTY,                                                              \
              .about = "immediate, next_billing_cycle, or an RFC 3339 instant.")

static const struct field create_v3_rows[] = { ROW_ADDON, ROW_TEXTS(0),
                                               ROWS_BOUGHT(FIELD_REQUIRED) };
const struct fields subscription_addon_create_v3_fields =
    FIELDS("SubscriptionAddonCreateRequest", struct subscription_addon_body, create_v3_rows);

static const struct field create_v1_rows[] = { ROW_ADDON, ROW_TEXTS(FIELD_REQUIRED),
                                               ROWS_BOUGHT(FIELD_REQUIRED) };
const struct fields subscription_addon_create_v1_fields =
    FIELDS("SubscriptionAddonCreate", struct subscription_addon_body, create_v1_rows);

static const struct field update_rows[] = {
    ROW_TEXTS(0),
    FIELD(struct subscription_addon_body, quantity, INT, .flags = FIELD_NON_NEGATIVE,
          .items_max = LIMIT_ADDON_QUANTITY_MAX, .about = "0 gives it up."),
    FIELD(struct subscription_addon_body, timing, TEXT, .form = FORM_NON_EMPTY,
          .about = "immediate, next_billing_cycle, or an RFC 3339 instant."),
};
const struct fields subscription_addon_update_fields =
    FIELDS("SubscriptionAddonUpdate", struct subscription_addon_body, update_rows);
