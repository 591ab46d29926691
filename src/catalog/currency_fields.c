/* currency_fields.c: currencies and cost bases as request, response and row. */
#include "base/limits.h"
#include "catalog/currency.h"

static const struct field cost_basis_rows[] = {
    FIELD_ID(struct cost_basis, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct cost_basis, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct cost_basis, currency_id, .flags = FIELD_NOT_JSON),
    FIELD(struct cost_basis, fiat_code, TEXT, .flags = FIELD_REQUIRED, .form = FORM_CURRENCY,
          .about = "The ISO 4217 currency that the rate is in."),
    FIELD(struct cost_basis, rate, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE,
          .about = "What one unit of the custom currency is worth; above 0."),
    FIELD(struct cost_basis, effective_from, INSTANT,
          .about = "When the rate begins to hold; now unless said, and never in the past."),
    FIELD(struct cost_basis, effective_to, INSTANT,
          .about = "When it ends; where the next rate of the pair begins at the latest."),
    FIELD(struct cost_basis, superseded_at, INSTANT, .flags = FIELD_NOT_JSON),
    FIELD(struct cost_basis, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
};

const struct fields cost_basis_fields =
    FIELDS("BillingCostBasis", struct cost_basis, cost_basis_rows);

static const struct field currency_rows[] = {
    FIELD_WORD(struct billing_currency, type, currency_type_words,
               .flags = FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN,
               .about = "fiat: of ISO 4217; custom: the organization's own."),
    FIELD_ID(struct billing_currency, id, .flags = FIELD_READ_ONLY,
             .about = "Of custom currencies."),
    FIELD_ID(struct billing_currency, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct billing_currency, code, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY,
          .code = "currency_invalid", .about = "4 to 24 characters; unique."),
    FIELD(struct billing_currency, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct billing_currency, symbol, TEXT, .form = FORM_NON_EMPTY),
    FIELD(struct billing_currency, precision, INT, .flags = FIELD_REQUIRED, .items_min = 0,
          .items_max = LIMIT_CURRENCY_PRECISION_MAX,
          .about = "Digits that amounts are rounded to, half away from zero."),
    FIELD(struct billing_currency, decimal_mark, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_NON_EMPTY, .about = "One character, for printing."),
    FIELD(struct billing_currency, thousand_separator, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_NON_EMPTY, .about = "One character, for printing."),
    FIELD(struct billing_currency, created_at, INSTANT, .flags = FIELD_READ_ONLY,
          .about = "Of custom currencies."),
    FIELD_AS(struct billing_currency, cost_bases, "cost_basis", LIST, .sub = &cost_basis_fields,
             .flags = FIELD_READ_ONLY | FIELD_NOT_COLUMN,
             .about = "With expand=cost_basis: the rates that hold, and those to come."),
};

const struct fields billing_currency_fields =
    FIELDS("BillingCurrency", struct billing_currency, currency_rows);

static const struct field currency_v1_rows[] = {
    FIELD(struct billing_currency, code, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct billing_currency, name, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct billing_currency, symbol, TEXT, .flags = FIELD_REQUIRED),
    FIELD_AS(struct billing_currency, precision, "subunits", INT, .flags = FIELD_REQUIRED,
             .about = "Digits of the minor unit."),
};

const struct fields currency_v1_fields =
    FIELDS("Currency", struct billing_currency, currency_v1_rows);
