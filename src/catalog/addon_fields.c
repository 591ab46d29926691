/* addon_fields.c: an add-on as request, response and row. */
#include "base/limits.h"
#include "catalog/addon.h"

static const char *const instance_words[] = { "single", "multiple", NULL };
const char *const addon_status_words[] = { "draft", "active", "archived", NULL };

_Static_assert(COUNT_OF(instance_words) == ADDON_INSTANCE_COUNT + 1, "one word per type");
_Static_assert(PLAN_DRAFT == 0 && PLAN_ACTIVE == 1 && PLAN_ARCHIVED == 2, "a plan's first three");

/* Rows that a create request and an update request share. */
#define ADDON_COMMON                                                                               \
    FIELD(struct addon, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),                   \
        FIELD(struct addon, description, TEXT, .form = FORM_DESCRIPTION),                          \
        FIELD(struct addon, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,             \
              .form = FORM_LABELS),                                                                \
        FIELD_WORD(struct addon, instance_type, instance_words, .flags = FIELD_REQUIRED,           \
                   .about = "Whether a subscription can have it once or several times."),          \
        FIELD(struct addon, rate_cards, LIST, .sub = &rate_card_fields,                            \
              .flags = FIELD_REQUIRED | FIELD_ALWAYS, .items_max = LIMIT_RATE_CARDS_MAX)

static const struct field addon_rows[] = {
    FIELD_ID(struct addon, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct addon, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct addon, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "Unique together with the version; never changes."),
    FIELD(struct addon, version, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    ADDON_COMMON,
    FIELD(struct addon, currency, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY,
          .code = "currency_invalid", .about = "The plan's: an ISO 4217 code, or a custom one."),
    FIELD(struct addon, effective_from, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct addon, effective_to, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD_WORD(struct addon, status, addon_status_words,
               .flags = FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN),
    FIELD(struct addon, validation_errors, LIST, .sub = &plan_issue_fields,
          .flags = FIELD_READ_ONLY | FIELD_ALWAYS,
          .about = "What has to be put right before the add-on can be published."),
    FIELD(struct addon, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct addon, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct addon, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
};

const struct fields addon_fields = FIELDS("Addon", struct addon, addon_rows);

static const struct field addon_update_rows[] = { ADDON_COMMON };

const struct fields addon_update_fields =
    FIELDS("UpsertAddonRequest", struct addon, addon_update_rows);
