/* verify_derive_flow.c: measuring, pricing and taxing again what is stored. */
#include "bill/verify_derive.h"

#include "bill/bill_rows.h"
#include "bill/invoice_print.h"
#include "bill/invoice_rows.h"
#include "bill/quantity.h"
#include "meter/erasure.h"
#include "subscribe/subscription_command.h"

/* ---- reading ------------------------------------------------------------------------------- */

/* The subscription's item that the line is of, when it is there. */
static void item_find(struct derivation *line)
{
    const struct subscription *subscription = &line->subscription;
    for (size_t i = 0; i < subscription->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(subscription, i);
        for (size_t k = 0; k < phase->items.count; k++) {
            const struct subscription_item *item = subscription_item_at(phase, k);
            if (!ulid_equal(item->id.ulid, line->stored.line.item_id.ulid))
                continue;
            line->has_item = true;
            line->phase = phase;
            line->item = item;
        }
    }
}

/* A subscription that is there no more leaves what was to be read empty. */
static enum err subscription_known(struct cx *cx, struct store_tx *tx, ulid id,
                                   struct subscription *ret)
{
    struct cx own = *cx;
    struct subscription found = { 0 };
    problem_init(&own.problem, own.arena);
    enum err err = subscription_load(&own, tx, ulid_text(own.arena, id), &found);
    if (err == OK)
        *ret = found;
    return err == ERR_REFUSED ? OK : err;
}

/* Those of one invoice are mostly of one subscription. */
static enum err items_read(struct cx *cx, struct store_tx *tx, struct derived_invoice *invoice)
{
    enum err err = OK;
    for (size_t i = 0; i < invoice->count && err == OK; i++) {
        struct derivation *line = &invoice->lines[i];
        ulid id = line->stored.line.subscription_id.ulid;
        if (ulid_is_zero(id))
            continue;
        if (i > 0 && ulid_equal(invoice->lines[i - 1].subscription.id.ulid, id))
            line->subscription = invoice->lines[i - 1].subscription;
        else
            err = subscription_known(cx, tx, id, &line->subscription);
        if (err == OK)
            item_find(line);
    }
    return err;
}

static enum err lines_read(struct cx *cx, struct store_tx *tx, struct derived_invoice *invoice)
{
    struct list records;
    enum err err = line_rows_of_invoice(cx, tx, invoice->stored.id, &records);
    if (err != OK)
        return err;
    invoice->lines = ARENA_ARRAY(cx->arena, struct derivation, records.count);
    for (size_t i = 0; i < records.count; i++) {
        const struct line_record *record = (const struct line_record *)records.items + i;
        struct derivation line = { .stored = *record };
        struct materials one = { .items = &line.material, .count = 1 };
        if (!instant_is_none(record->line.deleted_at))
            continue;
        line.material.line = record->line;
        err = measure_before(cx, tx, &one);
        if (err != OK)
            return err;
        invoice->lines[invoice->count++] = line;
    }
    return items_read(cx, tx, invoice);
}

/* A gathering invoice as far as its lines need it. */
static enum err gathering_read(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                               struct invoice_record *ret)
{
    struct gathering gathering;
    enum err err = bill_rows_gathering_get(cx, tx, id, &gathering);
    if (err == OK)
        *ret = (struct invoice_record){
            .id = id,
            .customer_id = gathering.customer_id,
            .number = gathering.number,
            .currency = gathering.currency,
            .issued_at = INSTANT_NONE,
        };
    return err;
}

static enum err invoice_read(struct cx *cx, struct invoice_id id, struct derived_invoice *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = invoice_rows_get(cx, tx, id, &ret->stored);
    if (err == ERR_ABSENT)
        err = gathering_read(cx, tx, id, &ret->stored);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_INVOICE_ABSENT, "%.*s",
                              TEXT_ARG(ulid_text(cx->arena, id.ulid)));
    if (err == OK)
        err = customer_enter_id(cx, tx, ret->stored.customer_id);
    if (err == OK)
        err = lines_read(cx, tx, ret);
    return err;
}

/* ---- measuring ----------------------------------------------------------------------------- */

/* What was taken when it was measured. */
static void usage_stored(struct derivation *line)
{
    const struct list *shares = &line->stored.shares;
    struct line_usage *usage = &line->material.usage;
    const struct share_record *from = shares->items;
    usage->quantity = dec_is_valid(line->stored.metered_quantity) ? line->stored.metered_quantity
                                                                  : DEC_ZERO;
    for (size_t i = 0; i < shares->count; i++)
        usage->shares[i] =
            (struct rate_share){ (size_t)from[i].place, from[i].value, from[i].quantity };
    usage->share_count = shares->count;
}

/* Whether some of what the line counted may be gone by now. */
static enum err may_be_gone(struct cx *cx, const struct metering *metering,
                            const struct derivation *line, bool *ret)
{
    struct retention retention;
    instant from = line->material.usage.measured_from;
    enum err err = retention_get(cx, &retention);
    if (instant_is_none(from))
        from = line->stored.line.service_from;
    *ret = err == OK && instant_before(from, retention.keeps_from);
    for (size_t i = 0; i < metering->customer.subjects.count && err == OK && !*ret; i++) {
        struct list found;
        int64_t total = 0;
        err = erasure_list(cx, metering->customer.subjects.items[i], (struct page){ 1, 1 }, &found,
                           &total);
        *ret = total > 0;
    }
    return err;
}

static bool is_as_stored(const struct derivation *line)
{
    const struct line_usage *usage = &line->material.usage;
    const struct share_record *shares = line->stored.shares.items;
    if (!dec_is_valid(line->stored.metered_quantity) ||
        !dec_equal(usage->quantity, line->stored.metered_quantity) ||
        usage->share_count != line->stored.shares.count)
        return false;
    for (size_t i = 0; i < usage->share_count; i++) {
        if (!dec_equal(shares[i].quantity, usage->shares[i].quantity))
            return false;
    }
    return true;
}

/* A line that cannot be measured any more, or not as it was, though its events may be gone. */
static enum err measured_check(struct cx *cx, const struct metering *metering,
                               struct derivation *line, enum err err)
{
    bool is_gone = err == ERR_REFUSED;
    if (!line->stored.is_rated || (err == OK && is_as_stored(line)))
        return err;
    if (err != OK && err != ERR_REFUSED)
        return err;
    if (err == OK)
        err = may_be_gone(cx, metering, line, &is_gone);
    else
        err = OK;
    if (err != OK || !is_gone)
        return err;
    line->is_unmeasured = true;
    line->material.usage.shares =
        ARENA_ARRAY(cx->arena, struct rate_share, line->stored.shares.count);
    usage_stored(line);
    return OK;
}

static enum err line_measure(struct cx *cx, struct customer_id customer, struct derivation *line)
{
    struct metering metering;
    enum err err = metering_open(cx, customer, &metering);
    if (err != OK)
        return err;
    if (line->stored.is_rated)
        metering.sequence = (uint64_t)line->stored.usage_sequence;
    line->sequence = metering.sequence;
    problem_init(&metering.cx.problem, cx->arena);
    /* Without any event, there was nothing to count. */
    if (metering.sequence == 0)
        return OK;
    err = quantity_gather(&metering, &line->material.line, &line->material.usage);
    err = measured_check(cx, &metering, line, err);
    if (err == ERR_REFUSED) {
        line->material.usage.quantity = DEC_ZERO;
        line->is_unmeasured = true;
        err = OK;
    }
    return err;
}

/* ---- pricing ------------------------------------------------------------------------------- */

/* Parts of a period were billed when those before them stood as they did then. */
static void usage_before(struct derivation *line)
{
    struct line_usage *usage = &line->material.usage;
    if (!line->stored.is_rated)
        return;
    usage->prior_quantity = line->stored.prior_quantity;
    usage->prior_total = line->stored.prior_total;
}

/* Measures and rates a line: its taxes come later, with those of the others. */
static enum err derive_line(struct cx *cx, struct customer_id customer,
                            const struct currency *currency, struct derivation *line)
{
    CHECK(cx != NULL && currency != NULL && line != NULL);
    struct rate_result rated;
    enum err err = conversion_gather(cx, &line->material.line, &line->material.conversion);
    usage_before(line);
    if (err == OK && price_is_metered(line->material.line.terms.price.type))
        err = line_measure(cx, customer, line);
    if (err != OK)
        return err;
    line->derived = line->stored;
    (void)line_rate_anyway(&line->material, currency, cx->arena, &rated);
    line_record_rate(&line->derived, &line->material.usage, &rated);
    const struct line_usage *usage = &line->material.usage;
    struct share_record *shares = ARENA_ARRAY(cx->arena, struct share_record, usage->share_count);
    for (size_t i = 0; i < usage->share_count; i++)
        shares[i] = (struct share_record){ (int64_t)usage->shares[i].place, usage->shares[i].value,
                                           usage->shares[i].quantity };
    line->derived.shares = (struct list){ shares, usage->share_count };
    line->derived.usage_sequence = (int64_t)line->sequence;
    return OK;
}

/* ---- the invoice --------------------------------------------------------------------------- */

/* Taxes and sums. A tax that does not fit leaves totals that are not the stored ones. */
static void invoice_sum(struct cx *cx, struct derived_invoice *invoice)
{
    const struct currency *currency = currency_find(invoice->stored.currency);
    const struct tax_book book = { .is_kept = true };
    struct line_record *records = ARENA_ARRAY(cx->arena, struct line_record, invoice->count);
    for (size_t i = 0; i < invoice->count; i++)
        records[i] = invoice->lines[i].derived;
    struct invoice_work work = { .record = invoice->stored, .lines = { records, invoice->count } };
    if (invoice_tax_lines(&book, records, invoice->count, currency, cx->arena) != FAULT_NONE)
        records = NULL;
    for (size_t i = 0; i < invoice->count && records != NULL; i++)
        invoice->lines[i].derived = records[i];
    invoice_work_sum(&work);
    invoice->derived = work.record;
}

enum err derive_invoice(struct cx *cx, struct invoice_id id, struct line_id only,
                        struct derived_invoice *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct derived_invoice invoice = { 0 };
    enum err err = invoice_read(cx, id, &invoice);
    if (err != OK)
        return err;
    const struct currency *currency = currency_find(invoice.stored.currency);
    CHECK(currency != NULL);
    for (size_t i = 0; i < invoice.count && err == OK; i++) {
        struct derivation *line = &invoice.lines[i];
        line->derived = line->stored;
        if (ulid_is_zero(only.ulid) || ulid_equal(only.ulid, line->stored.line.id.ulid))
            err = derive_line(cx, invoice.stored.customer_id, currency, line);
        else if (!line->stored.is_rated)
            line->derived.totals = rate_totals_zero(currency);
    }
    if (err != OK)
        return err;
    invoice_sum(cx, &invoice);
    *ret = invoice;
    return OK;
}

/* ---- comparing ----------------------------------------------------------------------------- */

/* What the line has of its item: it is the item's for ever, whatever became of the subscription. */
static void compare_item(const struct derivation *line, struct verify_list *list)
{
    static const char *const names[] = { "name",         "description", "feature_id",
                                         "payment_term", "terms",       NULL };
    struct line_record item = line->stored;
    const struct verify_pair item_pair = { &line_record_fields, &line->stored, &item };
    struct any_id id = { line->stored.line.id.ulid };
    if (!line->has_item || line->stored.line.managed_by != MANAGED_BY_SUBSCRIPTION)
        return;
    const struct rate_card *card = &line->item->rate_card;
    item.line.name = line->item->name;
    item.line.description = line->item->description;
    item.line.feature_id = card->feature_id;
    item.line.payment_term = card->payment_term;
    item.line.terms = line_terms_of(card);
    verify_compare(list, &item_pair, names, id);
}

void derived_compare(const struct derived_invoice *invoice, struct verify_list *list)
{
    static const char *const line_names[] = { "metered_quantity",
                                              "prior_quantity",
                                              "prior_total",
                                              "shares",
                                              "quantity",
                                              "converted_quantity",
                                              "discounted_quantity",
                                              "discounted_prior",
                                              "details",
                                              "taxes",
                                              "totals",
                                              NULL };

    static const char *const invoice_names[] = { "period_from", "period_to", "totals", NULL };
    CHECK(invoice != NULL && list != NULL);
    for (size_t i = 0; i < invoice->count; i++) {
        const struct derivation *line = &invoice->lines[i];
        const struct verify_pair pair = { &line_record_fields, &line->stored, &line->derived };
        compare_item(line, list);
        verify_compare(list, &pair, line_names, (struct any_id){ line->stored.line.id.ulid });
    }
    const struct verify_pair pair = { &invoice_record_fields, &invoice->stored, &invoice->derived };
    verify_compare(list, &pair, invoice_names, (struct any_id){ 0 });
}
