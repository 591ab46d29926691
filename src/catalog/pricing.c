/* pricing.c: from what a dialect wrote to terms, and back. */
#include "catalog/pricing_inside.h"

#include <stdlib.h>

/* ---- faults -------------------------------------------------------------------------------- */

void pricing_refuse(const struct pricing_faults *faults, const char *member, const char *rule,
                    const char *reason)
{
    const struct problem_field field = { .rule = text_of(rule), .reason = text_of(reason) };

    faults->add(faults->state, member, &field);
}

void pricing_need(const struct pricing_faults *faults, const char *member, bool is_there)
{
    if (!is_there)
        pricing_refuse(faults, member, "required", "is a required field");
}

void pricing_deny(const struct pricing_faults *faults, const char *member, bool is_there)
{
    if (is_there)
        pricing_refuse(faults, member, "unknown_property",
                       "is not a property of this type of price");
}

const char *pricing_item(const struct pricing_faults *faults, const char *member, size_t i)
{
    return text_cstr(faults->arena, text_format(faults->arena, "%s[%zu]", member, i));
}

/* ---- tiers --------------------------------------------------------------------------------- */

/* By the last quantity; the open one is last. */
static int tier_order(const void *left, const void *right)
{
    dec a = ((const struct price_tier *)left)->up_to;
    dec b = ((const struct price_tier *)right)->up_to;

    if (!dec_is_valid(a) || !dec_is_valid(b))
        return dec_is_valid(b) - dec_is_valid(a);
    return dec_compare(a, b);
}

static bool is_same_end(const struct price_tier *a, const struct price_tier *b)
{
    return tier_order(a, b) == 0;
}

/* Sorted terms of the tiers as they were written; names each tier without a price, ends that come
 * twice, and a missing open end. */
static struct list tiers_settle(const struct list *views, const char *member,
                                const struct pricing_faults *faults)
{
    const struct tier_view *items = views->items;
    struct price_tier *tiers = ARENA_ARRAY(faults->arena, struct price_tier, views->count);

    for (size_t i = 0; i < views->count; i++) {
        tiers[i] = (struct price_tier){
            .up_to = items[i].up_to_amount,
            .flat_price = items[i].has_flat ? items[i].flat_price.amount : DEC_INVALID,
            .unit_price = items[i].has_unit ? items[i].unit_price.amount : DEC_INVALID,
        };
        if (!items[i].has_flat && !items[i].has_unit)
            pricing_refuse(faults, pricing_item(faults, member, i), "required",
                           "a tier needs a flat price, a unit price, or both");
        for (size_t k = 0; k < i; k++) {
            if (is_same_end(&tiers[k], &tiers[i]))
                pricing_refuse(faults, pricing_item(faults, member, i), "invalid",
                               "another tier ends at the same quantity");
        }
    }
    if (views->count == 0) {
        pricing_refuse(faults, member, "min_items", "at least one tier is required");
        return (struct list){ 0 };
    }
    qsort(tiers, views->count, sizeof *tiers, tier_order);
    if (dec_is_valid(tiers[views->count - 1].up_to))
        pricing_refuse(faults, member, "invalid", "the last tier must be open");
    return (struct list){ tiers, views->count };
}

static struct list tiers_mirror(const struct list *tiers, struct arena *arena)
{
    const struct price_tier *items = tiers->items;
    struct tier_view *views = ARENA_ARRAY(arena, struct tier_view, tiers->count);

    for (size_t i = 0; i < tiers->count; i++)
        views[i] = (struct tier_view){
            .up_to_amount = items[i].up_to,
            .has_flat = dec_is_valid(items[i].flat_price),
            .flat_price = { 0, items[i].flat_price },
            .has_unit = dec_is_valid(items[i].unit_price),
            .unit_price = { 0, items[i].unit_price },
        };
    return (struct list){ tiers->count > 0 ? views : NULL, tiers->count };
}

/* ---- what both dialects share -------------------------------------------------------------- */

/* Above zero, and the maximum not below the minimum. */
static void check_commitments(const struct price_terms *terms, const char *member,
                              const struct pricing_faults *faults)
{
    bool has_both = dec_is_valid(terms->minimum_amount) && dec_is_valid(terms->maximum_amount);

    if (!has_both || dec_is_zero(terms->minimum_amount) || dec_is_zero(terms->maximum_amount))
        return;
    if (dec_compare(terms->minimum_amount, terms->maximum_amount) > 0)
        pricing_refuse(faults, member, "invalid", "the minimum must not be above the maximum");
}

/* ---- v1 ------------------------------------------------------------------------------------ */

static const dec none = { 0, DEC_SCALE_INVALID };

static void price_settle_v1(const struct price_v1 *view, struct price *price,
                            const struct pricing_faults *faults)
{
    bool has_amount = view->type == PRICE_V1_FLAT || view->type == PRICE_V1_UNIT ||
                      view->type == PRICE_V1_PACKAGE;

    price->amount = has_amount ? view->amount : none;
    if (has_amount)
        pricing_need(faults, "price.amount", dec_is_valid(view->amount));
    switch (view->type) {
    case PRICE_V1_FLAT:
        price->type = PRICE_FLAT;
        return;
    case PRICE_V1_UNIT:
        price->type = PRICE_UNIT;
        return;
    case PRICE_V1_TIERED:
        pricing_need(faults, "price.mode", view->mode != FIELD_ENUM_NONE);
        price->type = view->mode == (int)TIERS_VOLUME ? PRICE_VOLUME : PRICE_GRADUATED;
        price->tiers = tiers_settle(&view->tiers, "price.tiers", faults);
        return;
    case PRICE_V1_DYNAMIC:
        price->type = PRICE_DYNAMIC;
        price->multiplier = dec_is_valid(view->multiplier) ? view->multiplier : dec_of_int(1);
        return;
    case PRICE_V1_PACKAGE:
        price->type = PRICE_PACKAGE;
        price->package_size = view->quantity_per_package;
        pricing_need(faults, "price.quantityPerPackage", dec_is_valid(view->quantity_per_package));
        if (dec_is_valid(view->quantity_per_package) && dec_is_zero(view->quantity_per_package))
            pricing_refuse(faults, "price.quantityPerPackage", "min", "must be above zero");
        return;
    case PRICE_V1_OTHERS:
    case PRICE_V1_TYPE_COUNT:
        break;
    }
    pricing_refuse(faults, "price.type", "enum", "this type of price is v3's");
}

struct price_terms pricing_settle_v1(const struct pricing *pricing,
                                     const struct pricing_faults *faults)
{
    const struct price_v1 *view = &pricing->price_v1;
    const struct discounts_v1 *discounts = &pricing->discounts_v1;
    struct price_terms terms = price_terms_free();

    CHECK(faults != NULL && faults->add != NULL);
    if (pricing->has_price_v1)
        price_settle_v1(view, &terms.price, faults);
    if (pricing->has_price_v1 && view->type != PRICE_V1_FLAT) {
        terms.minimum_amount = view->minimum_amount;
        terms.maximum_amount = view->maximum_amount;
        check_commitments(&terms, "price.minimumAmount", faults);
    }
    if (pricing->has_discounts_v1 && discounts->has_percentage)
        terms.percentage_discount = discounts->percentage.percentage;
    if (pricing->has_discounts_v1 && discounts->has_usage)
        terms.usage_discount = discounts->usage.quantity;
    return terms;
}

static enum price_v1_type type_v1_of(enum price_type type)
{
    switch (type) {
    case PRICE_FREE:
    case PRICE_FLAT:
        return PRICE_V1_FLAT;
    case PRICE_UNIT:
        return PRICE_V1_UNIT;
    case PRICE_GRADUATED:
    case PRICE_VOLUME:
        return PRICE_V1_TIERED;
    case PRICE_PACKAGE:
        return PRICE_V1_PACKAGE;
    case PRICE_DYNAMIC:
        return PRICE_V1_DYNAMIC;
    case PRICE_PERCENTAGE:
    case PRICE_MATRIX:
    case PRICE_CAPACITY:
    case PRICE_TIME_OF_USE:
    case PRICE_SEAT:
        return (enum price_v1_type)(PRICE_V1_OTHERS + (int)(type - PRICE_PERCENTAGE));
    case PRICE_TYPE_COUNT:
        break;
    }
    UNREACHABLE();
}

static void mirror_v1(const struct price_terms *terms, enum payment_term term, struct arena *arena,
                      struct pricing *pricing)
{
    const struct price *price = &terms->price;
    bool is_tiered = price->type == PRICE_GRADUATED || price->type == PRICE_VOLUME;

    pricing->has_price_v1 = price->type != PRICE_FREE;
    pricing->price_v1 = (struct price_v1){
        .type = type_v1_of(price->type),
        .amount = price->amount,
        .payment_term = price->type == PRICE_FLAT ? (int)term : FIELD_ENUM_NONE,
        .mode = FIELD_ENUM_NONE,
        .tiers = tiers_mirror(&price->tiers, arena),
        .multiplier = price->multiplier,
        .quantity_per_package = price->package_size,
        .minimum_amount = terms->minimum_amount,
        .maximum_amount = terms->maximum_amount,
    };
    if (is_tiered)
        pricing->price_v1.mode =
            (int)(price->type == PRICE_VOLUME ? TIERS_VOLUME : TIERS_GRADUATED);
    pricing->discounts_v1 = (struct discounts_v1){
        .has_percentage = dec_is_valid(terms->percentage_discount),
        .percentage = { terms->percentage_discount },
        .has_usage = dec_is_valid(terms->usage_discount),
        .usage = { terms->usage_discount },
    };
    pricing->has_discounts_v1 = pricing->discounts_v1.has_percentage ||
                                pricing->discounts_v1.has_usage;
}

/* ---- v3 ------------------------------------------------------------------------------------ */

static void price_settle_v3(const struct price_v3 *view, struct price *price,
                            const struct pricing_faults *faults)
{
    static const enum price_type types[] = {
        [PRICE_V3_FREE] = PRICE_FREE,
        [PRICE_V3_FLAT] = PRICE_FLAT,
        [PRICE_V3_UNIT] = PRICE_UNIT,
        [PRICE_V3_GRADUATED] = PRICE_GRADUATED,
        [PRICE_V3_VOLUME] = PRICE_VOLUME,
        [PRICE_V3_PERCENTAGE] = PRICE_PERCENTAGE,
        [PRICE_V3_MATRIX] = PRICE_MATRIX,
        [PRICE_V3_CAPACITY] = PRICE_CAPACITY,
        [PRICE_V3_TIME_OF_USE] = PRICE_TIME_OF_USE,
        [PRICE_V3_SEAT] = PRICE_SEAT,
    };

    bool has_amount = view->type == PRICE_V3_FLAT || view->type == PRICE_V3_UNIT;
    bool has_tiers = view->type == PRICE_V3_GRADUATED || view->type == PRICE_V3_VOLUME;

    if ((int)view->type == FIELD_ENUM_NONE) {
        pricing_need(faults, "price", false);
        return;
    }
    price->type = types[view->type];
    price->amount = view->amount;
    if (has_amount)
        pricing_need(faults, "price.amount", dec_is_valid(view->amount));
    else if (has_tiers || view->type == PRICE_V3_FREE)
        pricing_deny(faults, "price.amount", dec_is_valid(view->amount));
    pricing_own_settle(view, price, faults);
    if (has_tiers)
        price->tiers = tiers_settle(&view->tiers, "price.tiers", faults);
    else
        pricing_deny(faults, "price.tiers", view->tiers.count > 0);
}

static void unit_settle_v3(const struct pricing *pricing, struct price_terms *terms,
                           const struct pricing_faults *faults)
{
    if (!pricing->has_unit_config)
        return;
    terms->has_unit_config = true;
    terms->unit_config = pricing->unit_config;
    if (dec_is_valid(pricing->unit_config.conversion_factor) &&
        dec_sign(pricing->unit_config.conversion_factor) <= 0)
        pricing_refuse(faults, "unit_config.conversion_factor", "min", "must be above zero");
}

static void commitments_settle_v3(const struct commitments_v3 *commitments,
                                  struct price_terms *terms, const struct pricing_faults *faults)
{
    if (!price_is_metered(terms->price.type)) {
        pricing_deny(faults, "commitments.minimum_amount",
                     dec_is_valid(commitments->minimum_amount));
        pricing_deny(faults, "commitments.maximum_amount",
                     dec_is_valid(commitments->maximum_amount));
        return;
    }
    terms->minimum_amount = commitments->minimum_amount;
    terms->maximum_amount = commitments->maximum_amount;
    check_commitments(terms, "commitments.minimum_amount", faults);
}

struct price_terms pricing_settle_v3(const struct pricing *pricing,
                                     const struct pricing_faults *faults)
{
    struct price_terms terms = price_terms_free();

    CHECK(faults != NULL && faults->add != NULL);
    price_settle_v3(&pricing->price_v3, &terms.price, faults);
    unit_settle_v3(pricing, &terms, faults);
    if (pricing->has_commitments)
        commitments_settle_v3(&pricing->commitments, &terms, faults);
    if (pricing->has_discounts_v3) {
        terms.percentage_discount = pricing->discounts_v3.percentage;
        terms.usage_discount = pricing->discounts_v3.usage;
    }
    return terms;
}

void pricing_prorate(const struct price_terms *terms, struct rate_input *input)
{
    const struct price_proration *proration = &terms->proration;

    CHECK(input != NULL);
    if (!terms->has_proration)
        return;
    input->proration_unit = proration->unit;
    input->zone = text_is_empty(proration->time_zone) ? NULL : zone_find(proration->time_zone);
    input->keeps_commitments = !proration->with_commitments;
}

/* A package is a unit that is divided and rounded up; a dynamic price one that is multiplied. */
static void mirror_unit(const struct price_terms *terms, struct pricing *pricing)
{
    const struct price *price = &terms->price;

    pricing->has_unit_config = terms->has_unit_config;
    pricing->unit_config = terms->unit_config;
    if (price->type != PRICE_PACKAGE && price->type != PRICE_DYNAMIC)
        return;
    bool is_package = price->type == PRICE_PACKAGE;
    pricing->has_unit_config = true;
    pricing->unit_config = (struct unit_config){
        .operation = is_package ? UNIT_DIVIDE : UNIT_MULTIPLY,
        .conversion_factor = is_package ? price->package_size : price->multiplier,
        .rounding = is_package ? UNIT_ROUND_CEILING : UNIT_ROUND_NONE,
    };
    pricing->price_v3.type = PRICE_V3_UNIT;
    if (!is_package)
        pricing->price_v3.amount = dec_of_int(1);
}

static enum price_v3_type type_v3_of(enum price_type type)
{
    switch (type) {
    case PRICE_FREE:
        return PRICE_V3_FREE;
    case PRICE_FLAT:
        return PRICE_V3_FLAT;
    case PRICE_UNIT:
    case PRICE_PACKAGE:
    case PRICE_DYNAMIC:
        return PRICE_V3_UNIT;
    case PRICE_GRADUATED:
        return PRICE_V3_GRADUATED;
    case PRICE_VOLUME:
        return PRICE_V3_VOLUME;
    case PRICE_PERCENTAGE:
        return PRICE_V3_PERCENTAGE;
    case PRICE_MATRIX:
        return PRICE_V3_MATRIX;
    case PRICE_CAPACITY:
        return PRICE_V3_CAPACITY;
    case PRICE_TIME_OF_USE:
        return PRICE_V3_TIME_OF_USE;
    case PRICE_SEAT:
        return PRICE_V3_SEAT;
    case PRICE_TYPE_COUNT:
        break;
    }
    UNREACHABLE();
}

static void mirror_v3(const struct price_terms *terms, struct arena *arena, struct pricing *pricing)
{
    pricing->has_price_v3 = true;
    pricing->price_v3 = (struct price_v3){
        .type = type_v3_of(terms->price.type),
        .amount = terms->price.amount,
        .tiers = tiers_mirror(&terms->price.tiers, arena),
    };
    pricing_own_mirror(&terms->price, arena, &pricing->price_v3);
    mirror_unit(terms, pricing);
    pricing->commitments = (struct commitments_v3){ terms->minimum_amount, terms->maximum_amount };
    pricing->has_commitments = dec_is_valid(terms->minimum_amount) ||
                               dec_is_valid(terms->maximum_amount);
    pricing->discounts_v3 =
        (struct discounts_v3){ terms->percentage_discount, terms->usage_discount };
    pricing->has_discounts_v3 = dec_is_valid(terms->percentage_discount) ||
                                dec_is_valid(terms->usage_discount);
}

struct pricing pricing_mirror(const struct price_terms *terms, enum payment_term term,
                              struct arena *arena)
{
    struct pricing pricing = { 0 };

    CHECK(terms != NULL && arena != NULL);
    mirror_v1(terms, term, arena, &pricing);
    mirror_v3(terms, arena, &pricing);
    return pricing;
}
