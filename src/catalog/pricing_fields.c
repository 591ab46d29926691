/* pricing_fields.c: the tables of prices in both dialects, and of terms in the store. */
#include "catalog/pricing.h"

#include "base/limits.h"

static const char *const price_v3_words[] = { "free",        "flat",       "unit",   "graduated",
                                              "volume",      "percentage", "matrix", "capacity",
                                              "time_of_use", "seat",       NULL };
static const char *const price_v1_words[] = { "flat",        "unit",       "tiered", "dynamic",
                                              "package",     "percentage", "matrix", "capacity",
                                              "time_of_use", "seat",       NULL };
static const char *const tiers_mode_words[] = { "volume", "graduated", NULL };
static const char *const flat_words[] = { "flat", NULL };
static const char *const unit_words[] = { "unit", NULL };

_Static_assert(COUNT_OF(price_v3_words) == PRICE_V3_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(price_v1_words) == PRICE_V1_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(tiers_mode_words) == TIERS_MODE_COUNT + 1, "one word per mode");

/* ---- tiers --------------------------------------------------------------------------------- */

static const struct field flat_rows[] = {
    FIELD_WORD(struct tier_price, type, flat_words, .flags = FIELD_REQUIRED),
    FIELD(struct tier_price, amount, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE,
          .about = "Charged once, when the tier is entered."),
};
static const struct fields flat_fields = FIELDS("TierFlatPrice", struct tier_price, flat_rows);

static const struct field unit_rows[] = {
    FIELD_WORD(struct tier_price, type, unit_words, .flags = FIELD_REQUIRED),
    FIELD(struct tier_price, amount, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE,
          .about = "For each unit in the tier."),
};
static const struct fields unit_fields = FIELDS("TierUnitPrice", struct tier_price, unit_rows);

static const struct field tier_rows[] = {
    FIELD(struct tier_view, up_to_amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "The last quantity in the tier; without one it is open."),
    FIELD_STRUCT(struct tier_view, flat_price, &flat_fields, .flags = FIELD_ALWAYS_V1,
                 .set_offset = offsetof(struct tier_view, has_flat)),
    FIELD_STRUCT(struct tier_view, unit_price, &unit_fields, .flags = FIELD_ALWAYS_V1,
                 .set_offset = offsetof(struct tier_view, has_unit)),
};
static const struct fields tier_fields = FIELDS("PriceTier", struct tier_view, tier_rows);

/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses */
#define TIERS(type, about_text)                                                                    \
    FIELD(type, tiers, LIST, .sub = &tier_fields, .items_max = LIMIT_TIERS_MAX, .about = about_text)
/* NOLINTEND(bugprone-macro-parentheses) */

/* ---- v3 ------------------------------------------------------------------------------------ */

static const struct field cell_rows[] = {
    FIELD(struct price_cell, values, TEXT_LIST, .flags = FIELD_REQUIRED,
          .items_max = LIMIT_PRICE_DIMENSIONS_MAX,
          .about = "One value for each dimension of the price, in their order."),
    FIELD(struct price_cell, unit_amount, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE),
};
static const struct fields cell_fields = FIELDS("PriceCell", struct price_cell, cell_rows);

static const struct field window_rows[] = {
    FIELD(struct window_view, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct window_view, days, TEXT_LIST, .items_max = 7,
          .about = "monday to sunday; every day unless said. Over midnight: the day it begins."),
    FIELD(struct window_view, from, TEXT, .flags = FIELD_REQUIRED, .about = "HH:MM, inclusive."),
    FIELD(struct window_view, to, TEXT, .flags = FIELD_REQUIRED,
          .about = "HH:MM, exclusive; 24:00 is the day's end."),
    FIELD(struct window_view, unit_amount, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE),
};
static const struct fields window_fields = FIELDS("PriceWindow", struct window_view, window_rows);

static const struct field price_v3_rows[] = {
    FIELD_WORD(struct price_v3, type, price_v3_words, .flags = FIELD_REQUIRED),
    FIELD(struct price_v3, amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about =
              "The fee (flat, capacity); the price of one unit (unit), of one seat for a whole "
              "period (seat), or of a unit that no cell or window has (matrix, time_of_use)."),
    TIERS(struct price_v3, "Of graduated and volume prices; the last one is open."),
    FIELD_AS(struct price_v3, percentage.rate, "rate", DEC, .flags = FIELD_NON_NEGATIVE,
             .about = "Of percentage: per cent of the value of each transaction."),
    FIELD_AS(struct price_v3, percentage.fixed_amount, "fixed_amount", DEC,
             .flags = FIELD_NON_NEGATIVE, .about = "Of percentage: added for each transaction."),
    FIELD_AS(struct price_v3, percentage.minimum_amount, "minimum_amount", DEC,
             .flags = FIELD_NON_NEGATIVE, .about = "Of percentage: least for each transaction."),
    FIELD_AS(struct price_v3, percentage.maximum_amount, "maximum_amount", DEC,
             .flags = FIELD_NON_NEGATIVE, .about = "Of percentage: most for each transaction."),
    FIELD(struct price_v3, dimensions, TEXT_LIST, .items_max = LIMIT_PRICE_DIMENSIONS_MAX,
          .about = "Of matrix: dimensions of the feature's meter."),
    FIELD(struct price_v3, cells, LIST, .sub = &cell_fields, .items_max = LIMIT_PRICE_CELLS_MAX,
          .about = "Of matrix: the price of a unit by the values of its dimensions."),
    FIELD(struct price_v3, included_quantity, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "Of capacity: units that the fee covers."),
    FIELD(struct price_v3, overage_amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "Of capacity: for each unit beyond."),
    FIELD(struct price_v3, time_zone, TEXT, .form = FORM_TIME_ZONE,
          .about = "Of time_of_use: whose clock the windows go by."),
    FIELD(struct price_v3, windows, LIST, .sub = &window_fields,
          .items_max = LIMIT_PRICE_WINDOWS_MAX,
          .about = "Of time_of_use: the first window that fits has the price."),
};
const struct fields price_v3_fields = FIELDS("Price", struct price_v3, price_v3_rows);

static const struct field unit_config_rows[] = {
    FIELD_WORD(struct unit_config, operation, unit_operation_words, .flags = FIELD_REQUIRED),
    FIELD(struct unit_config, conversion_factor, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE,
          .about = "By how much what is metered is divided or multiplied; above zero."),
    FIELD_WORD(struct unit_config, rounding, unit_rounding_words, .fallback = UNIT_ROUND_NONE + 1,
               .about = "How the quantity that is invoiced is rounded."),
    FIELD(struct unit_config, precision, INT, .items_min = 0, .items_max = LIMIT_UNIT_PRECISION_MAX,
          .about = "Digits that rounding leaves."),
    FIELD(struct unit_config, display_unit, TEXT, .form = FORM_NAME,
          .about = "What the converted unit is called on invoices."),
};
const struct fields unit_config_fields = FIELDS("UnitConfig", struct unit_config, unit_config_rows);

static const struct field commitment_rows[] = {
    FIELD(struct commitments_v3, minimum_amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "What is charged at least for a period."),
    FIELD(struct commitments_v3, maximum_amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "What is charged at most for a period."),
};
const struct fields commitments_fields =
    FIELDS("SpendCommitments", struct commitments_v3, commitment_rows);

static const struct field discounts_v3_rows[] = {
    FIELD(struct discounts_v3, percentage, DEC, .flags = FIELD_NUMBER,
          .about = "Taken off each detailed line, 0 to 100."),
    FIELD(struct discounts_v3, usage, DEC, .about = "Units free of charge in each period."),
};
const struct fields discounts_v3_fields =
    FIELDS("RateCardDiscounts", struct discounts_v3, discounts_v3_rows);

/* ---- v1 ------------------------------------------------------------------------------------ */

static const struct field price_v1_rows[] = {
    FIELD_WORD(struct price_v1, type, price_v1_words, .flags = FIELD_REQUIRED),
    FIELD(struct price_v1, amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "The fee (flat), the price of one unit (unit) or of one package (package)."),
    FIELD_WORD(struct price_v1, payment_term, payment_term_words,
               .about = "When a flat price is due; in_advance unless said otherwise."),
    FIELD_WORD(struct price_v1, mode, tiers_mode_words, .about = "Of tiered prices."),
    TIERS(struct price_v1, "Of tiered prices; the last one is open."),
    FIELD(struct price_v1, multiplier, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "Of dynamic prices; 1 unless said otherwise."),
    FIELD(struct price_v1, quantity_per_package, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "Of package prices."),
    FIELD(struct price_v1, minimum_amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "What is charged at least for a period."),
    FIELD(struct price_v1, maximum_amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "What is charged at most for a period."),
};
const struct fields price_v1_fields =
    FIELDS("RateCardUsageBasedPrice", struct price_v1, price_v1_rows);

static const struct field percentage_rows[] = {
    FIELD(struct percentage_v1, percentage, DEC, .flags = FIELD_REQUIRED | FIELD_NUMBER),
};
static const struct fields percentage_fields =
    FIELDS("DiscountPercentage", struct percentage_v1, percentage_rows);

static const struct field usage_discount_rows[] = {
    FIELD(struct usage_discount_v1, quantity, DEC, .flags = FIELD_REQUIRED),
};
static const struct fields usage_discount_fields =
    FIELDS("DiscountUsage", struct usage_discount_v1, usage_discount_rows);

static const struct field discounts_v1_rows[] = {
    FIELD_STRUCT(struct discounts_v1, percentage, &percentage_fields,
                 .set_offset = offsetof(struct discounts_v1, has_percentage)),
    FIELD_STRUCT(struct discounts_v1, usage, &usage_discount_fields,
                 .set_offset = offsetof(struct discounts_v1, has_usage)),
};
const struct fields discounts_v1_fields =
    FIELDS("Discounts", struct discounts_v1, discounts_v1_rows);

/* ---- totals -------------------------------------------------------------------------------- */

static const struct field totals_rows[] = {
    FIELD(struct rate_totals, amount, DEC, .about = "Before charges, discounts and taxes."),
    FIELD(struct rate_totals, charges_total, DEC),
    FIELD(struct rate_totals, discounts_total, DEC),
    FIELD(struct rate_totals, credits_total, DEC),
    FIELD(struct rate_totals, taxes_inclusive_total, DEC),
    FIELD(struct rate_totals, taxes_exclusive_total, DEC),
    FIELD(struct rate_totals, taxes_total, DEC),
    FIELD(struct rate_totals, total, DEC, .about = "What is to be paid."),
};
const struct fields rate_totals_fields = FIELDS("Totals", struct rate_totals, totals_rows);

/* ---- proration ----------------------------------------------------------------------------- */

static const struct field proration_rows[] = {
    FIELD_WORD_AS(struct price_proration, unit, "by", proration_unit_words,
                  .fallback = PRORATE_TIME + 1,
                  .about = "time: by elapsed time; days: by calendar days."),
    FIELD(struct price_proration, time_zone, TEXT, .form = FORM_TIME_ZONE,
          .about = "Of days: whose calendar; UTC unless said."),
    FIELD_AS(struct price_proration, with_commitments, "commitments", BOOL, .fallback = 1,
             .about = "Whether minimum and maximum are prorated, too."),
};
const struct fields price_proration_fields =
    FIELDS("RateCardProration", struct price_proration, proration_rows);

/* ---- the store ----------------------------------------------------------------------------- */

static const struct field stored_tier_rows[] = {
    FIELD(struct price_tier, up_to, DEC),
    FIELD(struct price_tier, flat_price, DEC),
    FIELD(struct price_tier, unit_price, DEC),
};
static const struct fields stored_tier_fields =
    FIELDS("StoredTier", struct price_tier, stored_tier_rows);

static const struct field stored_window_rows[] = {
    FIELD(struct price_window, name, TEXT),       FIELD(struct price_window, days, INT),
    FIELD(struct price_window, from_minute, INT), FIELD(struct price_window, to_minute, INT),
    FIELD(struct price_window, unit_amount, DEC),
};
static const struct fields stored_window_fields =
    FIELDS("StoredWindow", struct price_window, stored_window_rows);

static const struct field stored_price_rows[] = {
    FIELD_WORD(struct price, type, price_type_words),
    FIELD(struct price, amount, DEC),
    FIELD(struct price, tiers, LIST, .sub = &stored_tier_fields),
    FIELD(struct price, package_size, DEC),
    FIELD(struct price, multiplier, DEC),
    FIELD_AS(struct price, percentage.rate, "rate", DEC),
    FIELD_AS(struct price, percentage.fixed_amount, "fixed_amount", DEC),
    FIELD_AS(struct price, percentage.minimum_amount, "minimum_amount", DEC),
    FIELD_AS(struct price, percentage.maximum_amount, "maximum_amount", DEC),
    FIELD(struct price, dimensions, TEXT_LIST),
    FIELD(struct price, cells, LIST, .sub = &cell_fields),
    FIELD(struct price, included_quantity, DEC),
    FIELD(struct price, overage_amount, DEC),
    FIELD(struct price, time_zone, TEXT),
    FIELD(struct price, windows, LIST, .sub = &stored_window_fields),
};
const struct fields stored_price_fields = FIELDS("StoredPrice", struct price, stored_price_rows);

/* A struct of its own around the terms: rows name their members from there. */
struct stored_terms {
    struct price_terms terms;
};

static const struct field terms_rows[] = { PRICE_TERMS_ROWS(struct stored_terms, terms) };
const struct fields price_terms_fields = FIELDS("PriceTerms", struct stored_terms, terms_rows);
