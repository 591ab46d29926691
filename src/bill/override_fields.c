/* override_fields.c: the field tables of customers' overrides. */
#include "bill/override.h"

const char *const override_sort_words[] = { "customer_id",         "customer_name",
                                            "customer_key",        "customer_primary_email",
                                            "customer_created_at", NULL };

_Static_assert(COUNT_OF(override_sort_words) == OVERRIDE_SORT_COUNT + 1, "one word per order");

#define PRINTED (FIELD_READ_ONLY | FIELD_REQUIRED)

#define ROW_WORKFLOW(type)                                                                         \
    FIELD_STRUCT(struct type, workflow, &profile_settings_fields,                                  \
                 .set_offset = offsetof(struct type, has_workflow),                                \
                 .about = "The customer's own settings, over those of the profile.")

/* The column is profile_id, v1's key billingProfileId. */
static const struct field override_rows[] = {
    FIELD_ID(struct override, customer_id, .flags = PRINTED),
    FIELD_ID(struct override, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct override, profile_id, .v1 = "billingProfileId"),
    ROW_WORKFLOW(override),
    FIELD(struct override, created_at, INSTANT, .flags = PRINTED),
    FIELD(struct override, updated_at, INSTANT, .flags = PRINTED),
};
const struct fields override_fields = FIELDS("BillingOverride", struct override, override_rows);

static const struct field body_rows[] = {
    FIELD_ID(struct override, profile_id, .v1 = "billingProfileId",
             .about = "The profile the customer is pinned to; the default unless said."),
    ROW_WORKFLOW(override),
};
const struct fields override_body_fields =
    FIELDS("BillingOverrideRequest", struct override, body_rows);

static const struct field profile_rows[] = {
    FIELD_STRUCT(struct customer_profile, supplier, &party_fields, .flags = PRINTED),
    FIELD_STRUCT(struct customer_profile, workflow, &profile_settings_fields, .flags = PRINTED),
    FIELD_AS(struct customer_profile, apps_v1, "apps", JSON, .flags = PRINTED,
             .about = "References to the apps, or the apps when expand names them."),
};
static const struct fields profile_fields_of_customer =
    FIELDS("BillingCustomerProfile", struct customer_profile, profile_rows);

static const struct field details_rows[] = {
    FIELD_STRUCT_AS(struct override_details, override, "customer_override", &override_fields,
                    .set_offset = offsetof(struct override_details, has_override),
                    .about = "What the customer has of its own."),
    FIELD_ID_AS(struct override_details, base_profile_id, "base_billing_profile_id",
                .flags = PRINTED, .about = "The profile it is billed by."),
    FIELD_STRUCT_AS(struct override_details, profile, "customer_profile",
                    &profile_fields_of_customer, .flags = FIELD_REQUIRED,
                    .about = "What holds, all merged."),
    FIELD_STRUCT(struct override_details, customer, &customer_fields,
                 .set_offset = offsetof(struct override_details, has_customer),
                 .about = "When expand names it."),
};
const struct fields override_details_fields =
    FIELDS("BillingOverrideDetails", struct override_details, details_rows);

static const struct field reference_rows[] = {
    FIELD_ID(struct profile_reference, id, .flags = FIELD_REQUIRED),
};
static const struct fields reference_fields =
    FIELDS("BillingProfileReference", struct profile_reference, reference_rows);

static const struct field effective_rows[] = {
    FIELD_STRUCT(struct customer_billing_effective, billing_profile, &reference_fields,
                 .flags = PRINTED),
    FIELD_STRUCT(struct customer_billing_effective, workflow, &profile_settings_fields,
                 .flags = PRINTED),
};
static const struct fields effective_fields =
    FIELDS("CustomerBillingEffective", struct customer_billing_effective, effective_rows);

static const struct field billing_rows[] = {
    FIELD_STRUCT(struct customer_billing, billing_profile, &reference_fields,
                 .set_offset = offsetof(struct customer_billing, has_billing_profile),
                 .about = "The profile the customer is pinned to; the default unless said."),
    FIELD_STRUCT(struct customer_billing, app_data, &app_data_set_fields,
                 .set_offset = offsetof(struct customer_billing, has_app_data)),
    ROW_WORKFLOW(customer_billing),
    FIELD_STRUCT(struct customer_billing, effective, &effective_fields, .flags = PRINTED,
                 .about = "What holds for the customer, all merged."),
};
const struct fields customer_billing_fields =
    FIELDS("CustomerBilling", struct customer_billing, billing_rows);
