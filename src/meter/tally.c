/* tally.c: the seven aggregations. */
#include "meter/tally.h"

/* Later by event time; by sequence number at the same instant. */
static bool is_later(const struct tally *tally, struct tally_item item)
{
    if (!instant_equal(item.at, tally->latest_at))
        return instant_before(tally->latest_at, item.at);
    return item.sequence > tally->latest_sequence;
}

void tally_add(struct tally *tally, enum meter_aggregation aggregation, struct tally_item item)
{
    CHECK(tally != NULL && tally->count >= 0);
    bool is_first = tally->count == 0;
    tally->count++;
    switch (aggregation) {
    case METER_COUNT:
    case METER_UNIQUE_COUNT:
        return;
    case METER_SUM:
    case METER_AVG:
        tally->value = is_first ? item.number : dec_add(tally->value, item.number);
        return;
    case METER_MIN:
        tally->value = is_first ? item.number : dec_min(tally->value, item.number);
        return;
    case METER_MAX:
        tally->value = is_first ? item.number : dec_max(tally->value, item.number);
        return;
    case METER_LATEST:
        if (!is_first && !is_later(tally, item))
            return;
        tally->value = item.number;
        tally->latest_at = item.at;
        tally->latest_sequence = item.sequence;
        return;
    case METER_AGGREGATION_COUNT:
        break;
    }
    UNREACHABLE();
}

/* sum / count with as many digits as METER_AVG_SCALE says, or as the sum has, or as fit. */
static dec average_of(dec sum, int64_t count)
{
    if (!dec_is_valid(sum))
        return sum;
    int32_t scale = sum.scale > METER_AVG_SCALE ? sum.scale : METER_AVG_SCALE;
    dec average = DEC_INVALID;
    while (!dec_is_valid(average) && scale >= 0)
        average = dec_div(sum, dec_of_int(count), scale--, ROUND_HALF_AWAY);
    CHECK(dec_is_valid(average));
    return average;
}

dec tally_value(const struct tally *tally, enum meter_aggregation aggregation)
{
    CHECK(tally != NULL && tally->count > 0);
    dec value = tally->value;
    if (aggregation == METER_COUNT || aggregation == METER_UNIQUE_COUNT)
        value = dec_of_int(tally->count);
    else if (aggregation == METER_AVG)
        value = average_of(value, tally->count);
    return dec_is_valid(value) ? dec_trim(value) : value;
}
