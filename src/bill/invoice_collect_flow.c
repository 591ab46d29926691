/* invoice_collect_flow.c: pending lines become standard invoices.
 *
 * Gathering and measuring happen without any lock; the writing transaction takes the right to the
 * lines by the gathering invoice's version, so that of two runs on the same lines one finds that
 * the other was there (hard case d).
 */
#include <stdlib.h>
#include <string.h>

#include "bill/bill_rows.h"
#include "bill/invoice_collect.h"
#include "bill/invoice_collect_inside.h"
#include "bill/invoice_rows.h"
#include "meter/meter_flow.h"

#define COLLECT_ATTEMPTS 5

/* ---- gather -------------------------------------------------------------------------------- */

/* The lines that a wish is about: all, when it names some. */
static enum err lines_read(struct cx *cx, struct store_tx *tx, const struct collect_wish *wish,
                           struct collected *draft)
{
    struct invoice_id id = draft->gathering.id;
    struct collectable found = { .later = INSTANT_NONE };
    enum err err = OK;
    if (wish->line_ids.count > 0)
        err = bill_rows_lines_of_invoice(cx, tx, id, &found.lines);
    else if (ulid_is_zero(wish->only.ulid) || ulid_equal(wish->only.ulid, id.ulid))
        err = bill_rows_collectable(cx, tx, id, wish->as_of, &found);
    draft->lines = found.lines;
    draft->later = found.later;
    return err;
}

static enum err collection_read(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                const struct collect_wish *wish, struct collection *ret)
{
    struct list gatherings = { 0 };
    enum err err = customer_need(cx, tx, ulid_text(cx->arena, customer.ulid), &ret->customer);
    if (err == OK)
        err = bill_workflow_of(cx, tx, customer, &ret->workflow);
    if (err == OK)
        err = billing_settings_load(cx, tx, &ret->settings);
    if (err == OK)
        err = bill_rows_gatherings(cx, tx, customer, &gatherings);
    if (err != OK)
        return err;
    ret->drafts = ARENA_ARRAY(cx->arena, struct collected, gatherings.count);
    ret->count = gatherings.count;
    for (size_t i = 0; i < gatherings.count && err == OK; i++) {
        struct collected *draft = &ret->drafts[i];
        *draft = (struct collected){ .gathering = ((struct gathering *)gatherings.items)[i] };
        err = lines_read(cx, tx, wish, draft);
    }
    return err;
}

/* Whether the line's meter can be asked for parts of a period. A feature or meter that is gone is
 * found out when the line is measured. */
static enum err is_splittable(struct cx *cx, const struct pending_line *line, bool *ret)
{
    struct cx own = *cx;
    struct feature feature;
    struct meter meter;
    *ret = false;
    if (line_is_converted(line))
        return OK;
    problem_init(&own.problem, own.arena);
    enum err err = feature_get(&own, line->feature_id, &feature);
    if (err == OK && ulid_is_zero(feature.meter_id.ulid))
        return OK;
    if (err == OK)
        err = meter_get(&own, ulid_text(own.arena, feature.meter_id.ulid), &meter);
    if (err == OK)
        *ret = collect_is_splittable(line->terms.price.type, meter.aggregation);
    return err == ERR_REFUSED ? OK : err;
}

/* ---- decide -------------------------------------------------------------------------------- */

static bool is_wanted(struct cx *cx, const struct collect_wish *wish,
                      const struct pending_line *line)
{
    return wish->line_ids.count == 0 ||
           text_list_holds(&wish->line_ids, ulid_text(cx->arena, line->id.ulid));
}

/* What of a line is taken; a usage line in the middle of its period only when it can be split. */
static enum err line_pick(struct cx *cx, const struct collect_wish *wish,
                          const struct pending_line *line, enum collect_pick *ret)
{
    bool can_split = false;
    enum err err = OK;
    *ret = collect_pick_line(line, wish->as_of, wish->is_progressive);
    if (*ret == PICK_NOTHING || !price_is_metered(line->terms.price.type) || !wish->is_progressive)
        return OK;
    bool is_due = collect_pick_line(line, wish->as_of, false) == PICK_WHOLE;
    if (is_due)
        return OK;
    err = is_splittable(cx, line, &can_split);
    if (err == OK && !can_split)
        *ret = PICK_NOTHING;
    return err;
}

static void draft_take(struct cx *cx, struct collected *draft, struct pending_line line,
                       const struct collect_wish *wish, enum collect_pick pick)
{
    if (pick == PICK_PART) {
        struct line_id rest = { cx_ulid(cx) };
        struct pending_line *place = &draft->rests[draft->rest_count++];
        collect_split(&line, instant_floor(wish->as_of, NS_PER_SECOND), rest, place);
        place->created_at = place->updated_at = cx->now;
    } else {
        collect_whole(&line, wish->as_of);
    }
    line.invoice_id = draft->work.record.id;
    line.updated_at = cx->now;
    struct line_record *records = draft->work.lines.items;
    draft->work.materials.items[draft->work.lines.count].line = line;
    records[draft->work.lines.count++] = (struct line_record){ .line = line };
    draft->work.materials.count = draft->work.lines.count;
}

static int period_order(const void *left, const void *right)
{
    const struct pending_line *a = left;
    const struct pending_line *b = right;
    if (!instant_equal(a->service_from, b->service_from))
        return instant_before(a->service_from, b->service_from) ? -1 : 1;
    return memcmp(a->id.ulid.bytes, b->id.ulid.bytes, sizeof a->id.ulid.bytes);
}

static enum err draft_pick(struct cx *cx, struct collected *draft, const struct collect_wish *wish,
                           size_t max_lines)
{
    if (draft->lines.count > max_lines)
        qsort(draft->lines.items, draft->lines.count, sizeof(struct pending_line), period_order);
    const struct pending_line *line = draft->lines.items;
    size_t count = draft->lines.count;
    enum err err = OK;
    draft->work.record.id = (struct invoice_id){ cx_ulid(cx) };
    draft->work.lines.items = ARENA_ARRAY(cx->arena, struct line_record, count);
    draft->work.materials.read = wish->read;
    draft->work.materials.items = ARENA_ARRAY(cx->arena, struct line_material, count);
    draft->rests = ARENA_ARRAY(cx->arena, struct pending_line, count);
    draft->left = ARENA_ARRAY(cx->arena, struct pending_line, count * 2);
    for (size_t i = 0; i < count && err == OK; i++) {
        enum collect_pick pick = PICK_NOTHING;
        bool is_room = draft->work.lines.count < max_lines;
        if (is_room && is_wanted(cx, wish, &line[i]))
            err = line_pick(cx, wish, &line[i], &pick);
        if (err == OK && pick == PICK_NOTHING)
            draft->left[draft->left_count++] = line[i];
        else if (err == OK)
            draft_take(cx, draft, line[i], wish, pick);
    }
    for (size_t i = 0; i < draft->rest_count; i++)
        draft->left[draft->left_count++] = draft->rests[i];
    return err;
}

/* The invoice before anything happened to it. */
static void draft_begin(struct cx *cx, const struct collection *collection, struct collected *draft)
{
    struct invoice_record *record = &draft->work.record;
    struct pending_line *lines =
        ARENA_ARRAY(cx->arena, struct pending_line, draft->work.lines.count);
    for (size_t i = 0; i < draft->work.lines.count; i++)
        lines[i] = invoice_work_line(&draft->work, i)->line;
    struct list picked = { lines, draft->work.lines.count };
    *record = (struct invoice_record){
        .id = record->id,
        .org_id = cx->org,
        .customer_id = collection->customer.id,
        .profile_id = draft->gathering.profile_id,
        .state = STATE_DRAFT_CREATED,
        .currency = draft->gathering.currency,
        .supplier = collection->workflow.supplier,
        .customer = invoice_customer_of(&collection->customer, cx->arena),
        .workflow = collection->workflow,
        .collection_at = collect_collection_at(&collection->workflow, &picked),
        .quantity_snapshotted_at = INSTANT_NONE,
        .issued_at = INSTANT_NONE,
        .due_at = INSTANT_NONE,
        .sent_at = INSTANT_NONE,
        .voided_at = INSTANT_NONE,
        .created_at = cx->now,
        .updated_at = cx->now,
        .deleted_at = INSTANT_NONE,
    };
    if (!ulid_is_zero(collection->workflow.profile_id.ulid))
        record->profile_id = collection->workflow.profile_id;
    record->workflow.profile_id = record->profile_id;
    record->draft_until =
        collect_draft_until(&collection->workflow, record->collection_at, cx->now);
    record->due_at = collect_due_at(&collection->workflow, record->draft_until, INSTANT_NONE);
    draft->work.is_new = true;
    draft->work.was = STATE_DRAFT_CREATED;
    draft->work.has_new_lines = true;
    draft->work.scope = LINES_TAKEN;
}

/* ---- both ---------------------------------------------------------------------------------- */

/* What was billed before of the lines that were picked. */
static enum err drafts_before(struct cx *cx, const struct collection *collection)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    for (size_t i = 0; i < collection->count && err == OK; i++)
        err = measure_before(cx, tx, &collection->drafts[i].work.materials);
    return err;
}

static enum err drafts_measure(struct cx *cx, const struct collection *collection)
{
    enum err err = drafts_before(cx, collection);
    for (size_t i = 0; i < collection->count && err == OK; i++) {
        struct invoice_work *work = &collection->drafts[i].work;
        if (work->lines.count == 0)
            continue;
        err = invoice_work_measure(cx, work);
        if (err == OK)
            invoice_work_rate(cx, work);
    }
    return err;
}

enum err collection_gather(struct cx *cx, struct customer_id customer,
                           const struct collect_wish *wish, struct collection *ret)
{
    CHECK(cx != NULL && wish != NULL && ret != NULL);
    struct collection collection = { 0 };
    struct collect_wish own = *wish;
    size_t max_lines = SIZE_MAX;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = collection_read(cx, tx, customer, wish, &collection);
    if (err != OK)
        return err;
    store_rollback(tx);
    tx = NULL;
    own.as_of = collect_as_of(&collection.workflow, own.as_of);
    if (!own.has_progressive)
        own.is_progressive = collection.workflow.is_progressive;
    if (own.is_automatic && collection.settings.lines_max > 0)
        max_lines = (size_t)collection.settings.lines_max;
    for (size_t i = 0; i < collection.count && err == OK; i++) {
        struct collected *draft = &collection.drafts[i];
        if (ulid_is_zero(own.only.ulid) || ulid_equal(own.only.ulid, draft->gathering.id.ulid))
            err = draft_pick(cx, draft, &own, max_lines);
        if (err == OK && draft->work.lines.count > 0)
            draft_begin(cx, &collection, draft);
    }
    if (err == OK)
        err = drafts_measure(cx, &collection);
    if (err == OK)
        *ret = collection;
    return err;
}

/* ---- apply --------------------------------------------------------------------------------- */

/* When what is not taken is to be collected; INSTANT_NONE when nothing is left. */
static instant draft_next_at(const struct collection *collection, const struct collected *draft)
{
    struct list left = { draft->left, draft->left_count };
    instant next = collect_next_at(&collection->workflow, &left);
    if (instant_is_none(draft->later))
        return next;
    instant later = collect_aligned(&collection->workflow, draft->later);
    return instant_is_none(next) || instant_before(later, next) ? later : next;
}

static enum err draft_apply(struct cx *cx, struct store_tx *tx, const struct collection *collection,
                            struct collected *draft)
{
    instant next = draft_next_at(collection, draft);
    enum err err = bill_rows_take(cx, tx, &draft->gathering, next);
    for (size_t i = 0; i < draft->rest_count && err == OK; i++)
        err = bill_rows_line_insert(tx, &draft->rests[i]);
    if (err == OK)
        err = invoice_work_run(cx, tx, &draft->work, TRIGGER_NEXT);
    if (err == OK)
        err = invoice_work_store(cx, tx, &draft->work);
    if (err == OK && instant_is_none(next))
        err = bill_rows_drop_empty(cx, tx, collection->customer.id);
    return err;
}

enum err collection_apply(struct cx *cx, struct store_tx *tx, const struct collection *collection)
{
    CHECK(cx != NULL && tx != NULL && collection != NULL);
    enum err err = OK;
    for (size_t i = 0; i < collection->count && err == OK; i++) {
        if (collection->drafts[i].work.lines.count > 0)
            err = draft_apply(cx, tx, collection, &collection->drafts[i]);
    }
    return err;
}

/* ---- the command --------------------------------------------------------------------------- */

static size_t collection_lines(const struct collection *collection)
{
    size_t count = 0;
    for (size_t i = 0; i < collection->count; i++)
        count += collection->drafts[i].work.lines.count;
    return count;
}

/* Whether a line that was asked for by its id was taken. */
static bool is_taken(struct cx *cx, const struct collection *collection, text id)
{
    for (size_t i = 0; i < collection->count; i++) {
        const struct invoice_work *work = &collection->drafts[i].work;
        for (size_t k = 0; k < work->lines.count; k++) {
            ulid line = invoice_work_line(work, k)->line.id.ulid;
            if (text_equal(ulid_text(cx->arena, line), id))
                return true;
        }
    }
    return false;
}

static enum err wish_is_met(struct cx *cx, const struct collect_wish *wish,
                            const struct collection *collection)
{
    struct buffer missing = { .arena = cx->arena };
    for (size_t i = 0; i < wish->line_ids.count; i++) {
        if (is_taken(cx, collection, wish->line_ids.items[i]))
            continue;
        if (missing.len > 0)
            buffer_add(&missing, TEXT(", "));
        buffer_add(&missing, wish->line_ids.items[i]);
    }
    if (missing.len > 0)
        return problem_refuse(&cx->problem, FAULT_INVOICE_NOT_BILLABLE, "%.*s",
                              TEXT_ARG(buffer_text(&missing)));
    if (collection_lines(collection) == 0)
        return problem_refuse(&cx->problem, FAULT_INVOICE_NO_LINES, "%s", "");
    return OK;
}

static enum err pending_once(struct cx *cx, struct customer_id customer,
                             const struct collect_wish *wish, struct collection *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = collection_gather(cx, customer, wish, ret);
    if (err == OK)
        err = wish_is_met(cx, wish, ret);
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = collection_apply(cx, tx, ret);
    for (size_t i = 0; i < ret->count && err == OK; i++) {
        if (ret->drafts[i].work.lines.count > 0)
            err = audit_write(cx, tx, TEXT("invoice.create"), ret->drafts[i].work.record.id.ulid,
                              TEXT_NONE);
    }
    return store_finish(&tx, err);
}

static void collection_print(struct cx *cx, const struct collection *collection, struct list *ret)
{
    struct invoice *invoices = ARENA_ARRAY(cx->arena, struct invoice, collection->count);
    size_t count = 0;
    for (size_t i = 0; i < collection->count; i++) {
        const struct invoice_work *work = &collection->drafts[i].work;
        if (work->lines.count > 0)
            invoices[count++] = invoice_print(&work->record, &work->lines, cx->now, cx->arena);
    }
    *ret = (struct list){ invoices, count };
}

enum err bill_invoice_pending(struct cx *cx, const struct invoicing *request, struct list *ret)
{
    CHECK(cx != NULL && request != NULL && ret != NULL);
    struct collection collection = { 0 };
    struct customer customer;
    struct collect_wish wish = {
        .line_ids = request->line_ids,
        .has_progressive = request->has_progressive,
        .is_progressive = request->is_progressive,
    };
    enum err err = customer_get(cx, request->customer, &customer);
    wish.as_of = instant_is_none(request->as_of) ? cx->now : request->as_of;
    if (err == OK && instant_before(cx->now, wish.as_of))
        err = problem_refuse(&cx->problem, FAULT_INVOICE_AS_OF, "%.*s",
                             TEXT_ARG(instant_text(cx->arena, wish.as_of)));
    if (err == OK && wish.line_ids.count == 0)
        err = late_gather(cx, customer.id, wish.as_of);
    if (err != OK)
        return err;
    for (int i = 0; i < COLLECT_ATTEMPTS; i++) {
        err = pending_once(cx, customer.id, &wish, &collection);
        if (err != ERR_CONFLICT)
            break;
    }
    if (err == ERR_CONFLICT)
        err = problem_refuse(&cx->problem, FAULT_INVOICE_CHANGED, "%s", "");
    if (err == OK)
        collection_print(cx, &collection, ret);
    return err;
}
