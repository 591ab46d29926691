/* customer_fields.c: the field tables of customers. */
#include "base/limits.h"
#include "customer/customer.h"

const char *const customer_sort_words[] = { "name", "id", "created_at", NULL };

_Static_assert(COUNT_OF(customer_sort_words) == CUSTOMER_SORT_COUNT + 1, "one word per order");

static const struct field address_rows[] = {
    FIELD(struct address, country, TEXT, .form = FORM_COUNTRY, .about = "ISO 3166-1 alpha-2 code."),
    FIELD(struct address, postal_code, TEXT),
    FIELD(struct address, state, TEXT, .about = "State or province."),
    FIELD(struct address, city, TEXT),
    FIELD(struct address, line1, TEXT),
    FIELD(struct address, line2, TEXT),
    FIELD(struct address, phone_number, TEXT),
};
const struct fields address_fields = FIELDS("Address", struct address, address_rows);

static const struct field attribution_rows[] = {
    FIELD(struct customer_attribution, subject_keys, TEXT_LIST,
          .flags = FIELD_REQUIRED | FIELD_ALWAYS, .form = FORM_NON_EMPTY,
          .items_max = LIMIT_SUBJECT_KEYS_MAX,
          .about = "The event subjects that are attributed to the customer."),
};
static const struct fields usage_attribution_fields =
    FIELDS("CustomerUsageAttribution", struct customer_attribution, attribution_rows);

static const struct field attribution_camel_rows[] = {
    FIELD_AS(struct customer_attribution, subject_keys, "subjectKeys", TEXT_LIST,
             .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY, .items_max = LIMIT_SUBJECT_KEYS_MAX),
};
static const struct fields attribution_camel_fields =
    FIELDS("CustomerUsageAttribution", struct customer_attribution, attribution_camel_rows);

static const struct field tax_id_rows[] = {
    FIELD(struct customer_tax_id, code, TEXT, .flags = FIELD_REQUIRED, .form = FORM_TAX_ID,
          .about = "As it stands on the document, without what separates its parts."),
};
static const struct fields tax_id_fields =
    FIELDS("CustomerTaxIdentity", struct customer_tax_id, tax_id_rows);

static const struct field assignment_rows[] = {
    FIELD(struct subject_assignment, subject, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_NON_EMPTY),
    FIELD_ID(struct subject_assignment, customer_id, .flags = FIELD_REQUIRED),
    FIELD(struct subject_assignment, from, INSTANT,
          .about = "From when the usage is the customer's. When absent: of a subject that is "
                   "nobody's as early as may be, else now."),
};
const struct fields subject_assignment_fields =
    FIELDS("SubjectAssignmentRequest", struct subject_assignment, assignment_rows);

static const struct field owner_rows[] = {
    FIELD(struct attribution, subject, TEXT, .flags = FIELD_REQUIRED),
    FIELD_ID(struct attribution, customer_id, .flags = FIELD_REQUIRED),
    FIELD(struct attribution, customer_key, TEXT),
    FIELD(struct attribution, customer_name, TEXT),
    FIELD(struct attribution, valid_from, INSTANT, .about = "Absent: from the beginning."),
    FIELD(struct attribution, valid_to, INSTANT, .about = "Absent: still."),
};
const struct fields subject_owner_fields =
    FIELDS("SubjectAssignment", struct attribution, owner_rows);

#define ROW_KEY(...)                                                                               \
    FIELD(struct customer, key, TEXT, .form = FORM_EXTERNAL_KEY,                                   \
          .about = "Unique among the customers; also a subject of theirs." __VA_OPT__(, )          \
              __VA_ARGS__)

/* What every body and every answer has. */
#define ROWS_COMMON                                                                                \
    FIELD(struct customer, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,                 \
          .about = "Display name."),                                                               \
        FIELD(struct customer, description, TEXT, .form = FORM_DESCRIPTION),                       \
        FIELD(struct customer, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,          \
              .form = FORM_LABELS),                                                                \
        FIELD(struct customer, primary_email, TEXT, .about = "Primary e-mail address."),           \
        FIELD(struct customer, currency, TEXT, .form = FORM_CURRENCY,                              \
              .about = "Currency of the customer's invoices."),                                    \
        FIELD_STRUCT(struct customer, billing_address, &address_fields,                            \
                     .set_offset = offsetof(struct customer, has_billing_address)),                \
        FIELD(struct customer, time_zone, TEXT, .flags = FIELD_NOT_V1, .form = FORM_TIME_ZONE,     \
              .about = "IANA name of the zone in whose calendar billing periods are counted, for " \
                       "subscriptions to come; UTC when absent."),                                 \
        FIELD_STRUCT(struct customer, tax_id, &tax_id_fields, .flags = FIELD_NOT_V1,               \
                     .set_offset = offsetof(struct customer, has_tax_id))

#define ROW_ATTRIBUTION(column, table)                                                             \
    FIELD_STRUCT_AS(struct customer, usage_attribution, (column), &(table),                        \
                    .set_offset = offsetof(struct customer, has_usage_attribution),                \
                    .about = "Which events are the customer's usage.")

#define ROW_CLOCK(more)                                                                            \
    FIELD_ID(struct customer, test_clock_id, .flags = FIELD_NOT_V1 | (more),                       \
             .about = "The test clock on which the customer lives; never changed.")

static const struct field customer_rows[] = {
    FIELD_ID(struct customer, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct customer, org_id, .flags = FIELD_NOT_JSON),
    ROW_KEY(),
    ROWS_COMMON,
    ROW_ATTRIBUTION("usage_attribution", usage_attribution_fields),
    ROW_CLOCK(FIELD_READ_ONLY),
    FIELD(struct customer, clock_now, INSTANT, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct customer, current_subscription_id,
             .flags = FIELD_READ_ONLY | FIELD_NOT_COLUMN | FIELD_NOT_V3,
             .about = "The subscription that runs now, if there is one."),
    FIELD(struct customer, subscriptions, JSON,
          .flags = FIELD_READ_ONLY | FIELD_NOT_COLUMN | FIELD_NOT_V3,
          .about = "The subscriptions that are not over, when expand asks for them."),
    FIELD(struct customer, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct customer, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct customer, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
};
const struct fields customer_fields = FIELDS("Customer", struct customer, customer_rows);

static const struct field create_v3_rows[] = {
    ROW_KEY(),
    ROWS_COMMON,
    ROW_ATTRIBUTION("usage_attribution", usage_attribution_fields),
    ROW_CLOCK(0),
};
const struct fields customer_create_v3_fields =
    FIELDS("CreateCustomerRequest", struct customer, create_v3_rows);

static const struct field create_camel_rows[] = {
    ROW_KEY(),
    ROWS_COMMON,
    ROW_ATTRIBUTION("usageAttribution", attribution_camel_fields),
    ROW_CLOCK(0),
};
static const struct fields create_camel_fields =
    FIELDS("CreateCustomerRequest", struct customer, create_camel_rows);

static const struct field update_v3_rows[] = {
    ROWS_COMMON,
    ROW_ATTRIBUTION("usage_attribution", usage_attribution_fields),
};
const struct fields customer_update_v3_fields =
    FIELDS("UpsertCustomerRequest", struct customer, update_v3_rows);

static const struct field update_camel_rows[] = {
    ROWS_COMMON,
    ROW_ATTRIBUTION("usageAttribution", attribution_camel_fields),
};
static const struct fields update_camel_fields =
    FIELDS("UpsertCustomerRequest", struct customer, update_camel_rows);

static const struct field body_v1_rows[] = {
    ROW_KEY(),
    ROWS_COMMON,
    ROW_ATTRIBUTION("usage_attribution", usage_attribution_fields),
};
const struct fields customer_body_v1_fields =
    FIELDS("CustomerCreate", struct customer, body_v1_rows);

const struct fields *customer_body_fields(enum dialect dialect, bool is_update,
                                          const struct json *body)
{
    CHECK(dialect < DIALECT_COUNT);
    CHECK(body != NULL);
    if (dialect == DIALECT_V1)
        return &customer_body_v1_fields;
    if (json_member(body, TEXT("usageAttribution")) != NULL)
        return is_update ? &update_camel_fields : &create_camel_fields;
    return is_update ? &customer_update_v3_fields : &customer_create_v3_fields;
}
