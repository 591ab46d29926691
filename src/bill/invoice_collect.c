/* invoice_collect.c: lines that are due, and dates. Calendar spans are counted in the zone of the
 * workflow, which is the customer's. */
#include "bill/invoice_collect.h"

bool collect_is_splittable(enum price_type price, enum meter_aggregation aggregation)
{
    bool is_price = price == PRICE_UNIT || price == PRICE_GRADUATED || price == PRICE_DYNAMIC ||
                    price == PRICE_PACKAGE;
    bool is_meter = aggregation == METER_SUM || aggregation == METER_COUNT ||
                    aggregation == METER_MAX || aggregation == METER_UNIQUE_COUNT;
    return is_price && is_meter;
}

static bool has_come(instant at, instant now)
{
    return !instant_before(now, at);
}

enum collect_pick collect_pick_line(const struct pending_line *line, instant as_of,
                                    bool is_progressive)
{
    CHECK(line != NULL && !instant_is_none(as_of));
    instant from = line->service_from;
    bool is_due = has_come(line->invoice_at, as_of);
    /* A correction is of all that was billed, also where what is caught up with lies within it. */
    if (!price_is_metered(line->terms.price.type) || !ulid_is_zero(line->adjusts_id.ulid))
        return is_due ? PICK_WHOLE : PICK_NOTHING;
    if (has_come(line->service_to, as_of))
        return is_due || is_progressive ? PICK_WHOLE : PICK_NOTHING;
    instant earlier = span_add(as_of, (span){ .seconds = 1 }, -1, zone_utc());
    if (is_progressive && !instant_before(earlier, from))
        return PICK_PART;
    return PICK_NOTHING;
}

void collect_whole(struct pending_line *line, instant as_of)
{
    CHECK(line != NULL && !instant_is_none(as_of));
    if (!has_come(line->invoice_at, as_of))
        line->invoice_at = as_of;
}

void collect_split(struct pending_line *line, instant at, struct line_id rest_id,
                   struct pending_line *ret_rest)
{
    CHECK(line != NULL && ret_rest != NULL);
    CHECK(instant_before(line->service_from, at) && instant_before(at, line->service_to));
    if (ulid_is_zero(line->group_id.ulid))
        line->group_id = line->id;
    struct pending_line rest = *line;
    rest.id = rest_id;
    rest.part_index = line->part_index + 1;
    rest.service_from = at;
    line->service_to = at;
    line->is_open_part = true;
    /* What is billed early is billed now: its late events are waited for from its own end. */
    line->invoice_at = at;
    *ret_rest = rest;
}

instant collect_as_of(const struct invoice_workflow *workflow, instant as_of)
{
    CHECK(workflow != NULL && !instant_is_none(as_of));
    if (workflow->alignment != ALIGN_ANCHORED)
        return as_of;
    const struct zone *zone = invoice_workflow_zone(workflow);
    return period_at(workflow->anchor, workflow->anchor_interval, zone, as_of).from;
}

instant collect_aligned(const struct invoice_workflow *workflow, instant at)
{
    CHECK(workflow != NULL && !instant_is_none(at));
    if (workflow->alignment != ALIGN_ANCHORED)
        return at;
    struct period period =
        period_at(workflow->anchor, workflow->anchor_interval, invoice_workflow_zone(workflow), at);
    return instant_equal(period.from, at) ? at : period.to;
}

instant collect_next_at(const struct invoice_workflow *workflow, const struct list *lines)
{
    CHECK(workflow != NULL && lines != NULL);
    const struct pending_line *line = lines->items;
    instant first = INSTANT_NONE;
    for (size_t i = 0; i < lines->count; i++) {
        if (instant_is_none(first) || instant_before(line[i].invoice_at, first))
            first = line[i].invoice_at;
    }
    return instant_is_none(first) ? first : collect_aligned(workflow, first);
}

instant collect_collection_at(const struct invoice_workflow *workflow, const struct list *lines)
{
    CHECK(workflow != NULL && lines != NULL);
    const struct pending_line *line = lines->items;
    const struct zone *zone = invoice_workflow_zone(workflow);
    instant last = INSTANT_NONE;
    for (size_t i = 0; i < lines->count; i++) {
        if (!price_is_metered(line[i].terms.price.type) || !instant_is_none(line[i].deleted_at))
            continue;
        instant end = line[i].collect_at;
        if (instant_is_none(end))
            end = span_add(line[i].invoice_at, workflow->collection_interval, 1, zone);
        if (instant_is_none(last) || instant_before(last, end))
            last = end;
    }
    return last;
}

instant collect_draft_until(const struct invoice_workflow *workflow, instant collection_at,
                            instant created_at)
{
    CHECK(workflow != NULL && !instant_is_none(created_at));
    if (!workflow->is_auto_advance)
        return INSTANT_NONE;
    instant from = created_at;
    if (!instant_is_none(collection_at) && instant_before(created_at, collection_at))
        from = collection_at;
    return span_add(from, workflow->draft_period, 1, invoice_workflow_zone(workflow));
}

instant collect_due_at(const struct invoice_workflow *workflow, instant draft_until,
                       instant issued_at)
{
    CHECK(workflow != NULL);
    instant from = workflow->is_auto_advance ? draft_until : issued_at;
    if (instant_is_none(from))
        return INSTANT_NONE;
    instant due = span_add(from, workflow->due_after, 1, invoice_workflow_zone(workflow));
    return instant_floor(due, NS_PER_SECOND);
}
