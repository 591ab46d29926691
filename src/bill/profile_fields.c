/* profile_fields.c: the field tables of billing profiles. */
#include "bill/profile.h"

#include "base/limits.h"

static const char *const alignment_words[] = { "subscription", "anchored", NULL };
static const char *const proration_words[] = { "bill_full_period", "bill_actual_period", NULL };
static const char *const method_words[] = { "charge_automatically", "send_invoice", NULL };
static const char *const after_words[] = { "overdue", "uncollectible", NULL };
static const char *const behavior_words[] = { "inclusive", "exclusive", NULL };
const char *const profile_sort_words[] = { "created_at", "updated_at", "default", "name", NULL };

_Static_assert(COUNT_OF(alignment_words) == ALIGNMENT_COUNT + 1, "one word per alignment");
_Static_assert(COUNT_OF(proration_words) == PRORATE_COUNT + 1, "one word per mode");
_Static_assert(COUNT_OF(method_words) == COLLECTION_METHOD_COUNT + 1, "one word per method");
_Static_assert(COUNT_OF(after_words) == AFTER_RETRIES_COUNT + 1, "one word per end");
_Static_assert(COUNT_OF(behavior_words) == TAX_BEHAVIOR_COUNT + 1, "one word per behavior");
_Static_assert(COUNT_OF(profile_sort_words) == PROFILE_SORT_COUNT + 1, "one word per order");

#define SWITCH(type, member, ...)                                                                  \
    FIELD(struct type, member, BOOL, .set_offset = offsetof(struct type, has_##member), __VA_ARGS__)

#define PART(type, member, table, ...)                                                             \
    FIELD_STRUCT(struct type, member, &(table),                                                    \
                 .set_offset = offsetof(struct type, has_##member) __VA_OPT__(, ) __VA_ARGS__)

/* ---- settings ------------------------------------------------------------------------------ */

static const struct field recurrence_rows[] = {
    FIELD(struct settings_recurrence, interval, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_NON_EMPTY, .about = "An ISO 8601 duration."),
    FIELD(struct settings_recurrence, anchor, INSTANT, .flags = FIELD_REQUIRED),
};
static const struct fields recurrence_fields =
    FIELDS("RecurringPeriod", struct settings_recurrence, recurrence_rows);

static const struct field alignment_rows[] = {
    FIELD_WORD(struct settings_alignment_choice, type, alignment_words, .flags = FIELD_REQUIRED),
    PART(settings_alignment_choice, recurring_period, recurrence_fields,
         .about = "Of anchored: when pending lines are invoiced."),
};
static const struct fields alignment_fields =
    FIELDS("BillingAlignment", struct settings_alignment_choice, alignment_rows);

static const struct field collection_rows[] = {
    PART(settings_collection, alignment, alignment_fields),
    FIELD(struct settings_collection, interval, TEXT,
          .about = "How long late events are waited for after a period; PT1H unless said."),
};
static const struct fields collection_fields =
    FIELDS("BillingCollectionSettings", struct settings_collection, collection_rows);

static const struct field tax_reference_rows[] = {
    FIELD_ID(struct tax_code_reference, id, .flags = FIELD_REQUIRED),
};
static const struct fields tax_reference_fields =
    FIELDS("TaxCodeReference", struct tax_code_reference, tax_reference_rows);

static const struct field provider_rows[] = {
    FIELD(struct card_tax_provider, code, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY),
};
static const struct fields provider_fields =
    FIELDS("TaxProviderCode", struct card_tax_provider, provider_rows);

static const struct field tax_config_rows[] = {
    FIELD_WORD(struct rate_card_tax, behavior, behavior_words),
    FIELD_STRUCT(struct rate_card_tax, stripe, &provider_fields,
                 .set_offset = offsetof(struct rate_card_tax, has_stripe)),
    FIELD_STRUCT_AS(struct rate_card_tax, custom_invoicing, "external_invoicing", &provider_fields,
                    .v1 = "customInvoicing",
                    .set_offset = offsetof(struct rate_card_tax, has_custom_invoicing)),
    FIELD_ID_AS(struct rate_card_tax, code.id, "tax_code_id"),
    FIELD_STRUCT_AS(struct rate_card_tax, code, "tax_code", &tax_reference_fields,
                    .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct rate_card_tax, has_code)),
};
static const struct fields tax_config_fields =
    FIELDS("BillingTaxConfig", struct rate_card_tax, tax_config_rows);

static const struct field invoicing_rows[] = {
    SWITCH(settings_invoicing, auto_advance,
           .about = "Whether invoices go on without being approved; true unless said."),
    FIELD(struct settings_invoicing, draft_period, TEXT,
          .about = "How long a draft can be looked at before it is issued; P0D unless said."),
    FIELD(struct settings_invoicing, due_after, TEXT, .flags = FIELD_NOT_V3,
          .about = "When an invoice is due, from its issue; P30D unless said."),
    SWITCH(settings_invoicing, progressive_billing,
           .about = "Whether usage can be invoiced before its period ends; true unless said."),
    FIELD_WORD_AS(struct settings_invoicing, proration_mode, "subscription_end_proration_mode",
                  proration_words,
                  .about = "What a period is charged that a subscription's end cuts short."),
    PART(settings_invoicing, default_tax_config, tax_config_fields,
         .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN,
         .about = "Under what lines say of taxes themselves."),
};
static const struct fields invoicing_fields =
    FIELDS("BillingInvoicingSettings", struct settings_invoicing, invoicing_rows);

static const struct field dunning_rows[] = {
    FIELD(struct settings_dunning, retry_after, TEXT_LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .form = FORM_NON_EMPTY, .items_max = LIMIT_PAYMENT_RETRIES_MAX,
          .about = "When a payment is tried again, each from the first failure; none: never."),
    FIELD_WORD(struct settings_dunning, after_retries, after_words,
               .about = "What the invoice is when the last attempt failed; overdue unless said."),
};
static const struct fields dunning_fields =
    FIELDS("BillingDunningSettings", struct settings_dunning, dunning_rows);

static const struct field payment_rows[] = {
    FIELD_WORD(struct settings_payment, collection_method, method_words),
    FIELD(struct settings_payment, due_after, TEXT, .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
          .about = "Of send_invoice: when an invoice is due, from its issue; P30D unless said."),
    PART(settings_payment, dunning, dunning_fields,
         .about = "When payments that failed are tried again; after 1, 3, 5 and 7 days unless "
                  "said."),
};
static const struct fields payment_fields =
    FIELDS("BillingPaymentSettings", struct settings_payment, payment_rows);

static const struct field tax_rows[] = {
    SWITCH(settings_tax, enabled, .about = "True unless said."),
    SWITCH(settings_tax, enforced,
           .about = "Whether an invoice without reckoned taxes is kept back; false unless said."),
    PART(settings_tax, default_tax_config, tax_config_fields, .flags = FIELD_NOT_V1,
         .about = "Under what lines say of taxes themselves."),
};
static const struct fields tax_fields = FIELDS("BillingTaxSettings", struct settings_tax, tax_rows);

static const struct field settings_rows[] = {
    PART(profile_settings, collection, collection_fields),
    PART(profile_settings, invoicing, invoicing_fields),
    PART(profile_settings, payment, payment_fields),
    PART(profile_settings, tax, tax_fields),
};
const struct fields profile_settings_fields =
    FIELDS("BillingWorkflow", struct profile_settings, settings_rows);

/* ---- the supplier -------------------------------------------------------------------------- */

static const struct field tax_id_rows[] = {
    FIELD(struct party_tax_id, code, TEXT, .form = FORM_NON_EMPTY),
};
static const struct fields tax_id_fields = FIELDS("PartyTaxId", struct party_tax_id, tax_id_rows);

static const struct field addresses_rows[] = {
    FIELD_STRUCT(struct party_addresses, billing_address, &address_fields, .flags = FIELD_REQUIRED),
};
static const struct fields addresses_fields =
    FIELDS("PartyAddresses", struct party_addresses, addresses_rows);

static const struct field party_rows[] = {
    FIELD(struct party, key, TEXT, .form = FORM_EXTERNAL_KEY),
    FIELD(struct party, name, TEXT, .form = FORM_NAME),
    PART(party, tax_id, tax_id_fields),
    PART(party, address, address_fields, .flags = FIELD_NOT_JSON),
    FIELD_AS(struct party, addresses_v1, "addresses_v1", LIST, .v1 = "addresses",
             .sub = &address_fields, .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN, .items_max = 1),
    FIELD_STRUCT_AS(struct party, addresses_v3, "addresses", &addresses_fields,
                    .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct party, has_addresses_v3)),
};
const struct fields party_fields = FIELDS("BillingParty", struct party, party_rows);

void party_adopt(struct party *party, enum dialect dialect)
{
    CHECK(party != NULL);
    if (dialect == DIALECT_V1 && party->addresses_v1.count > 0)
        party->address = *(const struct address *)party->addresses_v1.items;
    if (dialect == DIALECT_V3 && party->has_addresses_v3)
        party->address = party->addresses_v3.billing_address;
    party->has_address = party->addresses_v1.count > 0 || party->has_addresses_v3;
}

void party_show(struct party *party, struct arena *arena)
{
    CHECK(party != NULL && arena != NULL);
    party->addresses_v1 = (struct list){ 0 };
    party->has_addresses_v3 = party->has_address;
    if (!party->has_address)
        return;
    party->addresses_v3.billing_address = party->address;
    party->addresses_v1 =
        (struct list){ arena_copy(arena, &party->address, sizeof party->address), 1 };
}

/* ---- profiles ------------------------------------------------------------------------------ */

static const struct field reference_rows[] = {
    FIELD_ID(struct app_reference, id, .flags = FIELD_REQUIRED),
};
static const struct fields reference_fields =
    FIELDS("AppReference", struct app_reference, reference_rows);

static const struct field apps_rows[] = {
    FIELD_STRUCT(struct profile_apps, tax, &reference_fields, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct profile_apps, invoicing, &reference_fields, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct profile_apps, payment, &reference_fields, .flags = FIELD_REQUIRED),
};
static const struct fields apps_fields = FIELDS("ProfileApps", struct profile_apps, apps_rows);

#define APP_WORD(member)                                                                           \
    FIELD(struct profile_app_words, member, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY, \
          .about = "An app's id, or the type of the oldest installed one that is meant.")

static const struct field app_word_rows[] = { APP_WORD(tax), APP_WORD(invoicing),
                                              APP_WORD(payment) };
static const struct fields app_word_fields =
    FIELDS("ProfileAppsCreate", struct profile_app_words, app_word_rows);

#define ROWS_COMMON                                                                                \
    FIELD(struct profile, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),                 \
        FIELD(struct profile, description, TEXT, .form = FORM_DESCRIPTION),                        \
        FIELD(struct profile, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,           \
              .form = FORM_LABELS),                                                                \
        FIELD_STRUCT(struct profile, supplier, &party_fields, .flags = FIELD_REQUIRED),            \
        FIELD_STRUCT(struct profile, workflow, &profile_settings_fields, .flags = FIELD_REQUIRED), \
        FIELD_AS(struct profile, is_default, "default", BOOL,                                      \
                 .flags = FIELD_REQUIRED | FIELD_NOT_COLUMN,                                       \
                 .about = "Whether customers that are not pinned to a profile are billed by "      \
                          "this one.")

#define PRINTED (FIELD_READ_ONLY | FIELD_REQUIRED)

static const struct field profile_rows[] = {
    FIELD_ID(struct profile, id, .flags = PRINTED),
    FIELD_ID(struct profile, org_id, .flags = FIELD_NOT_JSON),
    ROWS_COMMON,
    FIELD(struct profile, is_default, BOOL, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct profile, tax_app_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct profile, invoicing_app_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct profile, payment_app_id, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct profile, apps, &apps_fields,
                 .flags = PRINTED | FIELD_NOT_V1 | FIELD_NOT_COLUMN),
    FIELD_AS(struct profile, apps_v1, "apps_v1", JSON, .v1 = "apps",
             .flags = PRINTED | FIELD_NOT_V3 | FIELD_NOT_COLUMN,
             .about = "References to the apps, or the apps when expand names them."),
    FIELD(struct profile, created_at, INSTANT, .flags = PRINTED),
    FIELD(struct profile, updated_at, INSTANT, .flags = PRINTED),
    FIELD(struct profile, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
};
const struct fields profile_fields = FIELDS("BillingProfile", struct profile, profile_rows);

static const struct field create_v1_rows[] = {
    ROWS_COMMON,
    FIELD_STRUCT_AS(struct profile, app_words, "apps", &app_word_fields, .flags = FIELD_REQUIRED),
};
const struct fields profile_create_v1_fields =
    FIELDS("BillingProfileCreate", struct profile, create_v1_rows);

static const struct field create_v3_rows[] = {
    ROWS_COMMON,
    FIELD_STRUCT(struct profile, apps, &apps_fields, .flags = FIELD_REQUIRED),
};
const struct fields profile_create_v3_fields =
    FIELDS("CreateBillingProfileRequest", struct profile, create_v3_rows);

static const struct field update_rows[] = { ROWS_COMMON };
const struct fields profile_update_fields =
    FIELDS("UpsertBillingProfileRequest", struct profile, update_rows);
