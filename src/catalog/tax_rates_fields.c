/* tax_rates_fields.c: the rates of a tax code as request, response and row. */
#include "base/limits.h"
#include "catalog/tax_rates.h"

static const struct field entry_rows[] = {
    FIELD(struct tax_rate_entry, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,
          .about = "As it is shown on invoices: VAT, GST."),
    FIELD(struct tax_rate_entry, percentage, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE,
          .about = "Per cent of the net amount; 0 to 100."),
    FIELD(struct tax_rate_entry, effective_from, INSTANT,
          .about = "From when it holds; without it, from the beginning."),
};

const struct fields tax_rate_entry_fields = FIELDS("TaxRate", struct tax_rate_entry, entry_rows);

static const struct field rates_rows[] = {
    FIELD_ID(struct tax_code_rates, tax_code_id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct tax_code_rates, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct tax_code_rates, rates, LIST, .sub = &tax_rate_entry_fields,
          .flags = FIELD_REQUIRED | FIELD_ALWAYS, .items_max = LIMIT_TAX_RATES_MAX),
    FIELD(struct tax_code_rates, updated_at, INSTANT, .flags = FIELD_READ_ONLY),
};

const struct fields tax_code_rates_fields =
    FIELDS("TaxCodeRates", struct tax_code_rates, rates_rows);
