/* app_fields.c: the field tables of apps and of customers' data in them. */
#include "bill/app.h"

const char *const app_type_words[] = { "sandbox", "external_invoicing", NULL };
const char *const app_type_v1_words[] = { "sandbox", "custom_invoicing", NULL };
const char *const app_task_words[] = { "report_usage",      "report_events",    "calculate_tax",
                                       "invoice_customers", "collect_payments", NULL };
const char *const app_task_v1_words[] = { "reportUsage",      "reportEvents",    "calculateTax",
                                          "invoiceCustomers", "collectPayments", NULL };
static const char *const app_status_words[] = { "ready", NULL };

_Static_assert(COUNT_OF(app_type_words) == APP_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(app_type_v1_words) == APP_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(app_task_words) == APP_TASK_COUNT + 1, "one word per task");
_Static_assert(COUNT_OF(app_task_v1_words) == APP_TASK_COUNT + 1, "one word per task");
_Static_assert(COUNT_OF(app_status_words) == APP_STATUS_COUNT + 1, "one word per status");

/* One member, with the words of each dialect; the store has v3's. */
#define ROWS_TYPE(type_, ...)                                                                      \
    FIELD_WORD(struct type_, type, app_type_words, .flags = FIELD_NOT_V1 | (__VA_ARGS__)),         \
        FIELD_WORD_AS(struct type_, type, "type_v1", app_type_v1_words, .v1 = "type",              \
                      .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN | (__VA_ARGS__))

#define PRINTED (FIELD_READ_ONLY | FIELD_REQUIRED)

static const struct field capability_rows[] = {
    FIELD_WORD_AS(struct app_capability, task, "type", app_task_words,
                  .flags = FIELD_NOT_V1 | PRINTED),
    FIELD_WORD_AS(struct app_capability, task, "type_v1", app_task_v1_words, .v1 = "type",
                  .flags = FIELD_NOT_V3 | PRINTED),
    FIELD(struct app_capability, key, TEXT, .flags = PRINTED),
    FIELD(struct app_capability, name, TEXT, .flags = PRINTED),
    FIELD(struct app_capability, description, TEXT, .flags = PRINTED),
};
static const struct fields capability_fields =
    FIELDS("AppCapability", struct app_capability, capability_rows);

static const struct field listing_rows[] = {
    ROWS_TYPE(app_listing, PRINTED),
    FIELD(struct app_listing, name, TEXT, .flags = PRINTED),
    FIELD(struct app_listing, description, TEXT, .flags = PRINTED),
    FIELD(struct app_listing, capabilities, LIST, .sub = &capability_fields, .flags = PRINTED),
    FIELD(struct app_listing, install_methods, TEXT_LIST, .flags = PRINTED),
};
const struct fields app_listing_fields = FIELDS("AppListing", struct app_listing, listing_rows);

#define ROWS_NAMES                                                                                 \
    FIELD(struct app, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),                     \
        FIELD(struct app, description, TEXT, .form = FORM_DESCRIPTION),                            \
        FIELD(struct app, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,               \
              .form = FORM_LABELS)

#define ROWS_HOOKS                                                                                 \
    FIELD(struct app, enable_draft_sync_hook, BOOL,                                                \
          .set_offset = offsetof(struct app, has_draft_hook),                                      \
          .about = "Of custom invoicing: whether drafts wait until draft/synchronized is "         \
                   "called."),                                                                     \
        FIELD(struct app, enable_issuing_sync_hook, BOOL,                                          \
              .set_offset = offsetof(struct app, has_issuing_hook),                                \
              .about = "Of custom invoicing: whether the issuing waits until "                     \
                       "issuing/synchronized is called.")

static const struct field app_rows[] = {
    FIELD_ID(struct app, id, .flags = PRINTED),
    FIELD_ID(struct app, org_id, .flags = FIELD_NOT_JSON),
    ROWS_TYPE(app, PRINTED),
    ROWS_NAMES,
    ROWS_HOOKS,
    FIELD(struct app, created_at, INSTANT, .flags = PRINTED),
    FIELD(struct app, updated_at, INSTANT, .flags = PRINTED),
    FIELD(struct app, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD_STRUCT_AS(struct app, listing, "definition", &app_listing_fields, .v1 = "listing",
                    .flags = PRINTED | FIELD_NOT_COLUMN),
    FIELD_WORD(struct app, status, app_status_words, .flags = PRINTED | FIELD_NOT_COLUMN),
};
const struct fields app_fields = FIELDS("App", struct app, app_rows);

static const struct field update_rows[] = {
    ROWS_TYPE(app, FIELD_REQUIRED),
    ROWS_NAMES,
    ROWS_HOOKS,
};
const struct fields app_update_fields = FIELDS("AppUpdateRequest", struct app, update_rows);

static const struct field install_v1_rows[] = {
    FIELD(struct app_install, name, TEXT, .form = FORM_NAME, .about = "The listing's unless said."),
    FIELD(struct app_install, create_billing_profile, BOOL, .fallback = 1,
          .about = "Whether to make a billing profile that uses the app."),
};
const struct fields app_install_v1_fields =
    FIELDS("MarketplaceInstallRequest", struct app_install, install_v1_rows);

static const struct field install_key_rows[] = {
    FIELD(struct app_install, api_key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY),
    FIELD(struct app_install, name, TEXT, .form = FORM_NAME, .about = "The listing's unless said."),
    FIELD(struct app_install, create_billing_profile, BOOL, .fallback = 1,
          .about = "Whether to make a billing profile that uses the app."),
};
const struct fields app_install_key_fields =
    FIELDS("MarketplaceInstallKeyRequest", struct app_install, install_key_rows);

static const struct field install_v3_rows[] = {
    FIELD_WORD(struct app_install, type, app_type_words, .flags = FIELD_REQUIRED),
    FIELD(struct app_install, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct app_install, create_billing_profile, BOOL, .flags = FIELD_REQUIRED,
          .about = "Whether to make a billing profile that uses the app."),
};
const struct fields app_install_v3_fields =
    FIELDS("InstallAppRequest", struct app_install, install_v3_rows);

static const struct field installed_rows[] = {
    FIELD_STRUCT(struct app_installed, app, &app_fields, .flags = PRINTED),
    FIELD_AS(struct app_installed, default_for, "default_for_capability_types", TEXT_LIST,
             .flags = PRINTED | FIELD_ALWAYS,
             .about = "What new invoices use the app for, as it is in the default profile."),
};
const struct fields app_installed_fields =
    FIELDS("AppInstallResponse", struct app_installed, installed_rows);

/* ---- customers' data ----------------------------------------------------------------------- */

#define FIELD_TEST_CARD(type_)                                                                     \
    FIELD(struct type_, test_card, TEXT,                                                           \
          .about = "Of the sandbox: the test card that payments are played with.")

static const struct field data_rows[] = {
    FIELD_ID(struct customer_app_data, customer_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct customer_app_data, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct customer_app_data, app_id, .v1 = "id",
             .about = "The app; the oldest installed one of the type unless said."),
    ROWS_TYPE(customer_app_data, FIELD_REQUIRED),
    FIELD(struct customer_app_data, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),
    FIELD_TEST_CARD(customer_app_data),
    FIELD(struct customer_app_data, created_at, INSTANT, .flags = FIELD_NOT_JSON),
    FIELD(struct customer_app_data, updated_at, INSTANT, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct customer_app_data, app, &app_fields,
                 .flags = FIELD_READ_ONLY | FIELD_NOT_COLUMN,
                 .set_offset = offsetof(struct customer_app_data, has_app)),
};
const struct fields customer_app_data_fields =
    FIELDS("CustomerAppData", struct customer_app_data, data_rows);

static const struct field external_rows[] = {
    FIELD(struct app_data_external, labels, TEXT_MAP, .flags = FIELD_ALWAYS, .form = FORM_LABELS),
};
static const struct fields external_fields =
    FIELDS("AppDataExternalInvoicing", struct app_data_external, external_rows);

static const struct field sandbox_rows[] = { FIELD_TEST_CARD(app_data_sandbox) };
static const struct fields sandbox_fields =
    FIELDS("AppDataSandbox", struct app_data_sandbox, sandbox_rows);

static const struct field set_rows[] = {
    FIELD_STRUCT(struct app_data_set, external_invoicing, &external_fields,
                 .set_offset = offsetof(struct app_data_set, has_external_invoicing)),
    FIELD_STRUCT(struct app_data_set, sandbox, &sandbox_fields,
                 .set_offset = offsetof(struct app_data_set, has_sandbox)),
};
const struct fields app_data_set_fields = FIELDS("AppCustomerData", struct app_data_set, set_rows);
