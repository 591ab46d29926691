/* tax_code_fields.c: tax codes and the defaults as request, response and row. */
#include "base/limits.h"
#include "catalog/tax_code.h"

static const struct field mapping_rows[] = {
    FIELD_WORD(struct tax_mapping, app_type, tax_app_words, .flags = FIELD_REQUIRED),
    FIELD(struct tax_mapping, tax_code, TEXT, .flags = FIELD_REQUIRED,
          .about = "The app's code; Stripe's are txcd_ and eight digits."),
};

static const struct fields mapping_fields =
    FIELDS("BillingTaxCodeAppMapping", struct tax_mapping, mapping_rows);

#define TAX_CODE_COMMON                                                                            \
    FIELD(struct tax_code, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),                \
        FIELD(struct tax_code, description, TEXT, .form = FORM_DESCRIPTION),                       \
        FIELD(struct tax_code, labels, TEXT_MAP, .flags = FIELD_ALWAYS, .form = FORM_LABELS),      \
        FIELD(struct tax_code, app_mappings, LIST, .sub = &mapping_fields,                         \
              .flags = FIELD_REQUIRED | FIELD_ALWAYS, .items_max = LIMIT_TAX_MAPPINGS_MAX)

static const struct field tax_code_rows[] = {
    FIELD_ID(struct tax_code, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct tax_code, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct tax_code, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "Unique; never changes."),
    TAX_CODE_COMMON,
    FIELD(struct tax_code, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct tax_code, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct tax_code, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
};

const struct fields tax_code_fields = FIELDS("BillingTaxCode", struct tax_code, tax_code_rows);

static const struct field tax_code_update_rows[] = { TAX_CODE_COMMON };

const struct fields tax_code_update_fields =
    FIELDS("UpsertTaxCodeRequest", struct tax_code, tax_code_update_rows);

static const struct field reference_rows[] = {
    FIELD_ID(struct tax_code_reference, id, .flags = FIELD_REQUIRED),
};

static const struct fields reference_fields =
    FIELDS("TaxCodeReference", struct tax_code_reference, reference_rows);

static const struct field tax_defaults_rows[] = {
    FIELD_ID(struct tax_defaults, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct tax_defaults, invoicing_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct tax_defaults, credit_grant_id, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct tax_defaults, invoicing_tax_code, &reference_fields,
                 .flags = FIELD_REQUIRED | FIELD_NOT_COLUMN,
                 .about = "The tax code of what is invoiced."),
    FIELD_STRUCT(struct tax_defaults, credit_grant_tax_code, &reference_fields,
                 .flags = FIELD_REQUIRED | FIELD_NOT_COLUMN,
                 .about = "The tax code of credits that are granted."),
    FIELD(struct tax_defaults, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct tax_defaults, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
};

const struct fields tax_defaults_fields =
    FIELDS("OrganizationDefaultTaxCodes", struct tax_defaults, tax_defaults_rows);

static const struct field tax_defaults_update_rows[] = {
    FIELD_STRUCT(struct tax_defaults, invoicing_tax_code, &reference_fields,
                 .set_offset = offsetof(struct tax_defaults, has_invoicing_tax_code)),
    FIELD_STRUCT(struct tax_defaults, credit_grant_tax_code, &reference_fields,
                 .set_offset = offsetof(struct tax_defaults, has_credit_grant_tax_code)),
};

const struct fields tax_defaults_update_fields = FIELDS(
    "UpdateOrganizationDefaultTaxCodesRequest", struct tax_defaults, tax_defaults_update_rows);
