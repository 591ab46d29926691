/* late_flow.c: usage that came, or went, after its invoice was issued.
 *
 * What is looked at: the customer's lines issued in the last quarter of a year, and as far back as
 * its last issued invoice goes. Where there is more usage than was billed, or less (events were
 * erased, or balanced by others), there is a correcting line. What went because it was too old to
 * be kept takes nothing back; neither is more given back than is left of what was billed, after
 * credit notes.
 */
#include "bill/bill_rows.h"
#include "bill/credit_note.h"
#include "bill/invoice_collect_inside.h"
#include "bill/invoice_rows.h"
#include "meter/erasure.h"

#define LATE_DAYS 93

/* Whose late usage is looked for, and as of when. */
struct late {
    struct customer_id customer;
    instant as_of;
};

/* A correcting line of an issued one, without the gathering invoice that it will hang on. */
static struct pending_line late_line(struct cx *cx, const struct pending_line *issued,
                                     instant as_of)
{
    struct pending_line line = *issued;
    line.id = (struct line_id){ cx_ulid(cx) };
    line.adjusts_id = issued->id;
    line.group_id = (struct line_id){ 0 };
    line.part_index = 0;
    line.is_open_part = false;
    line.managed_by = MANAGED_BY_SYSTEM;
    line.invoice_at = as_of;
    line.collect_at = as_of;
    line.created_at = line.updated_at = cx->now;
    return line;
}

/* The correcting lines that there could be, and what was billed for their periods. */
static enum err issued_read(struct cx *cx, struct store_tx *tx, const struct late *late,
                            struct materials *ret)
{
    struct list issued = { 0 };
    instant since = span_add(late->as_of, (span){ .days = LATE_DAYS }, -1, zone_utc());
    enum err err = line_rows_issued(cx, tx, late->customer, since, &issued);
    if (err != OK)
        return err;
    ret->items = ARENA_ARRAY(cx->arena, struct line_material, issued.count);
    ret->count = issued.count;
    for (size_t i = 0; i < issued.count; i++)
        ret->items[i].line =
            late_line(cx, &((const struct line_record *)issued.items)[i].line, late->as_of);
    return measure_before(cx, tx, ret);
}

static enum err late_read(struct cx *cx, const struct late *late, struct materials *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_enter_id(cx, tx, late->customer);
    return err == OK ? issued_read(cx, tx, late, ret) : err;
}

/* Those for which there is something else than was billed. */
static void late_keep(struct cx *cx, struct materials *materials)
{
    size_t count = 0;
    for (size_t i = 0; i < materials->count; i++) {
        struct line_material *material = &materials->items[i];
        int sign = dec_sign(material->usage.quantity);
        if (material->trouble.ptr != NULL || sign == 0)
            continue;
        material->line.name = text_format(cx->arena, "%.*s, %s", TEXT_ARG(material->line.name),
                                          sign > 0 ? "late" : "corrected");
        materials->items[count++] = *material;
    }
    materials->count = count;
}

/* What is left of what was billed for the line's period, before taxes and after credit notes. */
static enum err left_of(struct cx *cx, struct store_tx *tx, const struct pending_line *line,
                        dec *ret)
{
    struct list booked;
    dec left = DEC_ZERO;
    enum err err = measure_booked(cx, tx, line->adjusts_id, &booked);
    for (size_t i = 0; err == OK && i < booked.count; i++) {
        const struct line_record *record = (const struct line_record *)booked.items + i;
        struct list notes;
        if (!instant_is_none(record->line.deleted_at) || !record->has_totals)
            continue;
        err = credit_notes_of_invoice(cx, tx, record->line.invoice_id, &notes);
        if (err == OK)
            left = dec_add(
                left, dec_sub(credit_line_price(record), credit_taken(&notes, record->line.id)));
    }
    if (err == OK)
        *ret = left;
    return err;
}

/* Whether less usage is to be given back. */
static enum err less_is_due(struct cx *cx, struct store_tx *tx, instant keeps_from,
                            const struct line_material *material, bool *ret)
{
    const struct currency *currency = currency_find(material->line.currency);
    struct rate_result rated;
    dec left = DEC_ZERO;
    CHECK(currency != NULL);
    *ret = false;
    instant from = material->usage.measured_from;
    if (instant_is_none(from) || instant_before(from, keeps_from))
        return OK;
    if (line_rate(material, currency, cx->arena, &rated) != FAULT_NONE)
        return OK;
    enum err err = left_of(cx, tx, &material->line, &left);
    if (err == OK)
        *ret = dec_sign(dec_add(left, rated.totals.total)) >= 0;
    return err;
}

/* Of those with less usage, the ones of which it is to be given back. */
static enum err late_keep_due(struct cx *cx, struct materials *materials)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct retention retention;
    size_t count = 0;
    enum err err = retention_get(cx, &retention);
    if (err == OK)
        err = store_begin_read(cx->store, &tx);
    for (size_t i = 0; err == OK && i < materials->count; i++) {
        const struct line_material *material = &materials->items[i];
        bool is_due = true;
        if (dec_sign(material->usage.quantity) < 0)
            err = less_is_due(cx, tx, retention.keeps_from, material, &is_due);
        if (is_due)
            materials->items[count++] = *material;
    }
    materials->count = count;
    return err;
}

/* Whether what the line corrects is as it was when its usage was measured: nobody else has begun
 * to correct it since, nor corrected it. */
static bool is_as_read(const struct line_material *read, const struct materials *now)
{
    for (size_t i = 0; i < now->count; i++) {
        const struct line_material *item = &now->items[i];
        if (ulid_equal(item->line.adjusts_id.ulid, read->line.adjusts_id.ulid))
            return dec_equal(item->usage.prior_quantity, read->usage.prior_quantity);
    }
    return false;
}

static enum err late_add(struct cx *cx, struct store_tx *tx, const struct customer *owner,
                         struct pending_line *line)
{
    struct gathering gathering;
    enum err err = bill_rows_gather(cx, tx, owner, line->currency, &gathering);
    if (err != OK)
        return err;
    line->invoice_id = gathering.id;
    err = bill_rows_line_insert(tx, line);
    return err == OK ? bill_rows_touch(cx, tx, gathering.id) : err;
}

/* The usage was measured without a lock, so of two runs that found the same the second one finds
 * here that the other was there. */
static enum err late_apply(struct cx *cx, const struct late *late,
                           const struct materials *materials)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct customer owner;
    struct materials now = { 0 };
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, ulid_text(cx->arena, late->customer.ulid), &owner);
    if (err == OK)
        err = issued_read(cx, tx, late, &now);
    for (size_t i = 0; i < materials->count && err == OK; i++) {
        if (is_as_read(&materials->items[i], &now))
            err = late_add(cx, tx, &owner, &materials->items[i].line);
    }
    return store_finish(&tx, err);
}

enum err late_gather(struct cx *cx, struct customer_id customer, instant as_of)
{
    CHECK(cx != NULL && !instant_is_none(as_of));
    const struct late late = { customer, as_of };
    struct materials materials = { 0 };
    uint64_t sequence;
    enum err err = late_read(cx, &late, &materials);
    if (err != OK || materials.count == 0)
        return err;
    err = measure_usage(cx, customer, &materials, &sequence);
    if (err != OK)
        return err;
    late_keep(cx, &materials);
    if (materials.count > 0)
        err = late_keep_due(cx, &materials);
    return err != OK || materials.count == 0 ? err : late_apply(cx, &late, &materials);
}
