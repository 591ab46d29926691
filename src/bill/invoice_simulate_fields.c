/* invoice_simulate_fields.c: the request to simulate an invoice. v1's. */
#include "bill/invoice_simulate.h"

static const struct field period_rows[] = {
    FIELD(struct invoice_period, from, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct invoice_period, to, INSTANT, .flags = FIELD_REQUIRED),
};
static const struct fields simulated_period_fields =
    FIELDS("InvoiceSimulationPeriod", struct invoice_period, period_rows);

static const struct field line_rows[] = {
    FIELD_ID(struct simulated_line, id, .about = "Its id on the invoice; a new one when absent."),
    FIELD(struct simulated_line, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct simulated_line, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct simulated_line, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),
    FIELD_STRUCT(struct simulated_line, period, &simulated_period_fields, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_line, invoice_at, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_line, quantity, DEC, .flags = FIELD_REQUIRED,
          .about = "What was used in the line's period."),
    FIELD_AS(struct simulated_line, prior_quantity, "pre_line_period_quantity", DEC,
             .about = "What was used before it, of a line that is billed in parts."),
    FIELD_STRUCT(struct simulated_line, rate_card, &invoice_rate_card_fields,
                 .set_offset = offsetof(struct simulated_line, has_rate_card)),
    FIELD_STRUCT(struct simulated_line, price, &price_v1_fields,
                 .set_offset = offsetof(struct simulated_line, has_price),
                 .about = "Deprecated: the rate card's."),
    FIELD(struct simulated_line, feature_key, TEXT, .form = FORM_KEY,
          .about = "Deprecated: the rate card's."),
    FIELD_STRUCT_AS(struct simulated_line, tax, "tax_config", &rate_card_tax_v1_fields,
                    .set_offset = offsetof(struct simulated_line, has_tax)),
};
static const struct fields simulated_line_fields =
    FIELDS("InvoiceSimulationLine", struct simulated_line, line_rows);

static const struct field simulation_rows[] = {
    FIELD(struct invoice_simulation, currency, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_CURRENCY),
    FIELD(struct invoice_simulation, number, TEXT, .form = FORM_NAME,
          .about = "INV-SIMULATED when absent."),
    FIELD(struct invoice_simulation, lines, LIST, .sub = &simulated_line_fields,
          .flags = FIELD_REQUIRED, .items_min = 1),
};
const struct fields invoice_simulation_fields =
    FIELDS("InvoiceSimulationInput", struct invoice_simulation, simulation_rows);
