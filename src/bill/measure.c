/* measure.c: what was billed before, and what the meters say. */
#include "bill/measure.h"

#include "bill/invoice_rows.h"
#include "bill/quantity.h"

#include <string.h>

static dec or_zero(dec value)
{
    return dec_is_valid(value) ? value : DEC_ZERO;
}

/* Adds a line that was billed for the same period. What was deleted was measured all the same, and
 * is not billed again; but nothing was paid for it. */
static void usage_add(struct line_usage *usage, const struct line_record *before)
{
    if (instant_is_none(usage->measured_from) ||
        instant_before(before->line.service_from, usage->measured_from))
        usage->measured_from = before->line.service_from;
    usage->prior_quantity = dec_add(usage->prior_quantity, or_zero(before->metered_quantity));
    if (instant_is_none(before->line.deleted_at) && before->has_totals)
        usage->prior_total =
            dec_add(usage->prior_total,
                    dec_sub(before->totals.total, before->totals.taxes_exclusive_total));
}

static enum err parts_before(struct cx *cx, struct store_tx *tx, struct line_material *material)
{
    struct list parts;
    enum err err = line_rows_before(cx, tx, &material->line, &parts);
    const struct line_record *part = parts.items;
    for (size_t i = 0; err == OK && i < parts.count; i++)
        usage_add(&material->usage, &part[i]);
    return err;
}

/* Everything that was booked for a period: its parts and the corrections made so far. */
static enum err booked_list(struct cx *cx, struct store_tx *tx, const struct line_record *last,
                            struct list ret[3])
{
    enum err err = OK;
    ret[0] = (struct list){ 0 };
    ret[1] = (struct list){ arena_copy(cx->arena, last, sizeof *last), 1 };
    if (last->line.part_index > 0)
        err = line_rows_before(cx, tx, &last->line, &ret[0]);
    if (err == OK)
        err = line_rows_adjusting(cx, tx, last->line.id, &ret[2]);
    return err;
}

enum err measure_booked(struct cx *cx, struct store_tx *tx, struct line_id last, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct line_record line;
    struct list lists[3];
    enum err err = line_rows_get(cx, tx, last, &line);
    if (err == OK)
        err = booked_list(cx, tx, &line, lists);
    if (err != OK)
        return err;
    size_t room = lists[0].count + lists[1].count + lists[2].count;
    struct line_record *items = ARENA_ARRAY(cx->arena, struct line_record, room);
    size_t count = 0;
    for (size_t k = 0; k < COUNT_OF(lists); k++) {
        for (size_t i = 0; i < lists[k].count; i++)
            items[count++] = ((const struct line_record *)lists[k].items)[i];
    }
    *ret = (struct list){ items, count };
    return OK;
}

static bool is_older(const struct pending_line *a, const struct pending_line *b)
{
    return memcmp(a->id.ulid.bytes, b->id.ulid.bytes, sizeof a->id.ulid.bytes) < 0;
}

static enum err corrected_before(struct cx *cx, struct store_tx *tx, struct line_material *material)
{
    struct line_record last;
    struct list lists[3];
    struct line_usage *usage = &material->usage;
    enum err err = line_rows_get(cx, tx, material->line.adjusts_id, &last);
    if (err == OK)
        err = booked_list(cx, tx, &last, lists);
    if (err != OK)
        return err;
    size_t room = 0;
    for (size_t k = 0; k < COUNT_OF(lists); k++) {
        for (size_t i = 0; i < lists[k].count; i++)
            room += ((const struct line_record *)lists[k].items)[i].details.count;
    }
    struct rate_detail *details = ARENA_ARRAY(cx->arena, struct rate_detail, room);
    size_t count = 0;
    for (size_t k = 0; k < COUNT_OF(lists); k++) {
        for (size_t i = 0; i < lists[k].count; i++) {
            const struct line_record *line = (const struct line_record *)lists[k].items + i;
            /* Not itself, and not what was corrected after it. */
            if (k == 2 && !is_older(&line->line, &material->line))
                continue;
            usage_add(usage, line);
            for (size_t d = 0; d < line->details.count; d++)
                details[count++] = ((const struct rate_detail *)line->details.items)[d];
        }
    }
    usage->booked = (struct rate_booked){ details, count };
    return OK;
}

enum err measure_before(struct cx *cx, struct store_tx *tx, const struct materials *materials)
{
    CHECK(cx != NULL && tx != NULL && materials != NULL);
    enum err err = OK;
    for (size_t i = 0; i < materials->count && err == OK; i++) {
        struct line_material *material = &materials->items[i];
        material->usage = line_usage_none();
        if (!ulid_is_zero(material->line.adjusts_id.ulid))
            err = corrected_before(cx, tx, material);
        else if (material->line.part_index > 0)
            err = parts_before(cx, tx, material);
    }
    return err;
}

enum err measure_line(struct metering *metering, struct line_material *material)
{
    CHECK(metering != NULL && material != NULL);
    enum err err = conversion_gather(&metering->cx, &material->line, &material->conversion);
    if (err != OK)
        return err;
    if (line_is_converted(&material->line) && !material->conversion.is_known) {
        material->trouble = TEXT("the custom currency has no cost basis when the line is due");
        return OK;
    }
    if (!price_is_metered(material->line.terms.price.type))
        return OK;
    problem_init(&metering->cx.problem, metering->cx.arena);
    err = quantity_gather(metering, &material->line, &material->usage);
    if (err != ERR_REFUSED)
        return err;
    material->usage.quantity = DEC_ZERO;
    material->trouble = problem_sentence(&metering->cx.problem);
    return OK;
}

enum err measure_usage(struct cx *cx, struct customer_id customer,
                       const struct materials *materials, uint64_t *ret_sequence)
{
    CHECK(cx != NULL && materials != NULL && ret_sequence != NULL);
    struct metering metering;
    enum err err = metering_open(cx, customer, &metering);
    if (err == OK)
        metering.read = materials->read;
    for (size_t i = 0; i < materials->count && err == OK; i++)
        err = measure_line(&metering, &materials->items[i]);
    if (err == OK)
        *ret_sequence = metering.sequence;
    return err;
}
