/* life.c: quantities that are assumed. Pure. */
#include "bill/life.h"

static const struct field request_rows[] = {
    FIELD(struct life_request, until, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct life_request, quantities, LIST, .sub = &subscription_quantity_fields,
          .about = "Usage to come, by feature; of others there is what is there already."),
};
const struct fields life_request_fields =
    FIELDS("SubscriptionLifePreview", struct life_request, request_rows);

/* Of a part of a quantity, behind the point. */
#define LIFE_DIGITS 6

/* The part of a full period that a line has, of what is assumed for all of it. */
static dec part_of(dec quantity, const struct pending_line *line, instant from)
{
    int64_t full = line->full_to.ns - line->full_from.ns;
    int64_t part = line->service_to.ns - (instant_is_none(from) ? line->service_from : from).ns;
    if (full < NS_PER_SECOND || part == full)
        return quantity;
    return dec_trim(dec_mul_div(quantity, dec_of_int(part / NS_PER_SECOND),
                                dec_of_int(full / NS_PER_SECOND), LIFE_DIGITS, ROUND_HALF_AWAY));
}

bool life_quantity_of(const struct cx *cx, const struct pending_line *line, instant from, dec *ret)
{
    CHECK(cx != NULL && line != NULL && ret != NULL);
    const struct life_request *request = cx->assumed;
    if (request == NULL || price_split_of(line->terms.price.type) != PRICE_SPLIT_NONE)
        return false;
    const struct subscription_quantity *quantity = request->quantities.items;
    for (size_t i = 0; i < request->quantities.count; i++) {
        if (!text_equal(quantity[i].feature_key, line->feature_key))
            continue;
        *ret = part_of(quantity[i].quantity, line, from);
        return dec_is_valid(*ret);
    }
    return false;
}
