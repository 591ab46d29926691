#include "catalog/simulate.h"

#include "base/limits.h"

static const char *const category_words[] = { "regular", "commitment", NULL };
_Static_assert(COUNT_OF(category_words) == RATE_CATEGORY_COUNT + 1, "one word each");

static const struct field period_rows[] = {
    FIELD(struct simulation_period, from, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct simulation_period, to, INSTANT, .flags = FIELD_REQUIRED),
};
static const struct fields period_fields =
    FIELDS("SimulationPeriod", struct simulation_period, period_rows);

static const struct field share_rows[] = {
    FIELD(struct simulation_share, value, DEC, .about = "Of one transaction (percentage)."),
    FIELD(struct simulation_share, values, TEXT_LIST, .items_max = LIMIT_PRICE_DIMENSIONS_MAX,
          .about = "Of the price's dimensions, in their order (matrix)."),
    FIELD(struct simulation_share, window, TEXT,
          .about = "The name of a window (time_of_use); without one: outside of all."),
    FIELD(struct simulation_share, quantity, DEC, .flags = FIELD_REQUIRED,
          .about = "Units, or transactions of this value."),
};
static const struct fields share_fields =
    FIELDS("SimulationShare", struct simulation_share, share_rows);

static const struct field part_rows[] = {
    FIELD(struct simulation_part, quantity, DEC, .flags = FIELD_REQUIRED,
          .about = "What was metered in the part; flat prices ignore it."),
    FIELD(struct simulation_part, shares, LIST, .sub = &share_fields,
          .items_max = LIMIT_PRICE_CELLS_MAX,
          .about = "The quantity taken apart, for prices by transaction, dimension or time."),
    FIELD_STRUCT(struct simulation_part, service_period, &period_fields,
                 .set_offset = offsetof(struct simulation_part, has_service_period),
                 .about = "The time that the part charges for; the whole period unless said."),
};
static const struct fields part_fields =
    FIELDS("SimulationPart", struct simulation_part, part_rows);

static const struct field request_rows[] = {
    FIELD(struct simulation_request, currency, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_CURRENCY),
    FIELD_STRUCT(struct simulation_request, rate_card, &rate_card_fields, .flags = FIELD_REQUIRED),
    FIELD_AS(struct simulation_request, is_pro_rating, "pro_rating_enabled", BOOL, .fallback = 1,
             .about = "Whether fees and commitments are prorated."),
    FIELD_AS(struct simulation_request, is_cumulative, "cumulative", BOOL,
             .about =
                 "Each part is what is new since the part before: the parts add up to what the "
                 "whole costs at once. Otherwise each part is rounded by itself."),
    FIELD_STRUCT(struct simulation_request, period, &period_fields,
                 .set_offset = offsetof(struct simulation_request, has_period),
                 .about = "The full period that a fee is for; without it nothing is prorated."),
    FIELD(struct simulation_request, parts, LIST, .sub = &part_fields, .flags = FIELD_REQUIRED,
          .items_min = 1, .items_max = LIMIT_SIMULATED_PARTS_MAX,
          .about = "The parts in which the period is billed, in order."),
};
const struct fields simulation_request_fields =
    FIELDS("SimulationRequest", struct simulation_request, request_rows);

static const struct field detail_rows[] = {
    FIELD(struct simulated_detail, reference, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_detail, name, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_detail, quantity, DEC, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_detail, unit_price, DEC, .flags = FIELD_REQUIRED),
    FIELD_WORD(struct simulated_detail, category, category_words, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_detail, percentage_discount, DEC,
          .about = "Taken off by the percentage."),
    FIELD(struct simulated_detail, maximum_discount, DEC,
          .about = "Taken off because the maximum was reached."),
    FIELD_STRUCT(struct simulated_detail, totals, &rate_totals_fields, .flags = FIELD_REQUIRED),
};
static const struct fields detail_fields =
    FIELDS("SimulatedDetailedLine", struct simulated_detail, detail_rows);

static const struct field simulated_part_rows[] = {
    FIELD(struct simulated_part, metered_quantity, DEC, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_part, quantity, DEC, .flags = FIELD_REQUIRED,
          .about = "What was priced: converted, less free units."),
    FIELD(struct simulated_part, free_quantity, DEC),
    FIELD_AS(struct simulated_part, details, "detailed_lines", LIST, .sub = &detail_fields,
             .flags = FIELD_REQUIRED | FIELD_ALWAYS),
    FIELD_STRUCT(struct simulated_part, totals, &rate_totals_fields, .flags = FIELD_REQUIRED),
    FIELD(struct simulated_part, explanation, TEXT_LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .about = "The arithmetic, step by step."),
};
static const struct fields simulated_part_fields =
    FIELDS("SimulatedPart", struct simulated_part, simulated_part_rows);

static const struct field simulation_rows[] = {
    FIELD(struct simulation, currency, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct simulation, parts, LIST, .sub = &simulated_part_fields,
          .flags = FIELD_REQUIRED | FIELD_ALWAYS),
    FIELD_STRUCT(struct simulation, totals, &rate_totals_fields, .flags = FIELD_REQUIRED),
};
const struct fields simulation_fields = FIELDS("Simulation", struct simulation, simulation_rows);
