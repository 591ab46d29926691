/* invoice_print.c: rows in, the invoice of the wire contract out. */
#include "bill/invoice_print.h"

#include "bill/invoice_tax.h"

/* ---- settings and parties ------------------------------------------------------------------ */

struct invoice_supplier_view invoice_supplier_print(const struct invoice_supplier *supplier,
                                                    struct arena *arena)
{
    CHECK(supplier != NULL && arena != NULL);
    struct invoice_supplier_view view = {
        .id = supplier->id,
        .key = supplier->key,
        .name = supplier->name,
        .has_tax_id = supplier->tax_code.ptr != NULL,
        .tax_id = { supplier->tax_code },
        .has_addresses = supplier->has_address,
        .addresses_v3 = { supplier->address },
    };
    if (supplier->has_address)
        view.addresses_v1 =
            (struct list){ arena_copy(arena, &supplier->address, sizeof supplier->address), 1 };
    return view;
}

static void key_span(struct json_writer *w, const char *key, span value, struct arena *arena)
{
    json_key(w, text_of(key));
    json_text(w, span_text(arena, value));
}

static void key_text(struct json_writer *w, const char *key, text value)
{
    json_key(w, text_of(key));
    json_text(w, value);
}

static void key_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, text_of(key));
    json_bool(w, value);
}

static void collection_write(struct json_writer *w, const struct invoice_workflow *workflow,
                             struct arena *arena)
{
    json_key(w, TEXT("collection"));
    json_object_begin(w);
    json_key(w, TEXT("alignment"));
    json_object_begin(w);
    key_text(w, "type", text_of(collection_alignment_words[workflow->alignment]));
    if (workflow->alignment == ALIGN_ANCHORED) {
        json_key(w, TEXT("recurringPeriod"));
        json_object_begin(w);
        key_span(w, "interval", workflow->anchor_interval, arena);
        key_text(w, "anchor", instant_text(arena, workflow->anchor));
        json_object_end(w);
    }
    json_object_end(w);
    key_span(w, "interval", workflow->collection_interval, arena);
    json_object_end(w);
}

static void invoicing_write_v1(struct json_writer *w, const struct invoice_workflow *workflow,
                               struct arena *arena)
{
    json_key(w, TEXT("invoicing"));
    json_object_begin(w);
    key_bool(w, "autoAdvance", workflow->is_auto_advance);
    key_span(w, "draftPeriod", workflow->draft_period, arena);
    key_span(w, "dueAfter", workflow->due_after, arena);
    key_bool(w, "progressiveBilling", workflow->is_progressive);
    key_text(w, "subscriptionEndProrationMode",
             text_of(end_proration_words[workflow->end_proration]));
    if (workflow->has_default_tax) {
        json_key(w, TEXT("defaultTaxConfig"));
        fields_write(&rate_card_tax_v1_fields, DIALECT_V1, w, &workflow->default_tax);
    }
    json_object_end(w);
}

static text settings_v1(const struct invoice_workflow *workflow, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    json_object_begin(&w);
    collection_write(&w, workflow, arena);
    invoicing_write_v1(&w, workflow, arena);
    json_key(&w, TEXT("payment"));
    json_object_begin(&w);
    key_text(&w, "collectionMethod", text_of(collection_method_words[workflow->collection_method]));
    json_object_end(&w);
    json_key(&w, TEXT("tax"));
    json_object_begin(&w);
    key_bool(&w, "enabled", workflow->is_tax_enabled);
    key_bool(&w, "enforced", workflow->is_tax_enforced);
    json_object_end(&w);
    json_object_end(&w);
    return buffer_text(&out);
}

static text settings_v3(const struct invoice_workflow *workflow, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    bool sends = workflow->collection_method == COLLECT_SEND_INVOICE;
    json_object_begin(&w);
    json_key(&w, TEXT("invoicing"));
    json_object_begin(&w);
    key_bool(&w, "auto_advance", workflow->is_auto_advance);
    key_span(&w, "draft_period", workflow->draft_period, arena);
    key_span(&w, "due_after", workflow->due_after, arena);
    json_object_end(&w);
    json_key(&w, TEXT("payment"));
    json_object_begin(&w);
    key_text(&w, "collection_method",
             text_of(collection_method_words[workflow->collection_method]));
    if (sends)
        key_span(&w, "due_after", workflow->due_after, arena);
    json_object_end(&w);
    json_object_end(&w);
    return buffer_text(&out);
}

static text apps_v1(const struct invoice_workflow *workflow, struct arena *arena)
{
    static const char *const keys[] = { "tax", "invoicing", "payment" };
    const struct workflow_app *const apps[] = { &workflow->tax_app, &workflow->invoicing_app,
                                                &workflow->payment_app };
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    json_object_begin(&w);
    for (size_t i = 0; i < COUNT_OF(apps); i++) {
        json_key(&w, text_of(keys[i]));
        json_object_begin(&w);
        key_text(&w, "id", ulid_text(arena, apps[i]->id.ulid));
        json_object_end(&w);
    }
    json_object_end(&w);
    return buffer_text(&out);
}

struct invoice_workflow_view invoice_workflow_print(const struct invoice_workflow *workflow,
                                                    struct arena *arena)
{
    CHECK(workflow != NULL && arena != NULL);
    bool has_apps = !ulid_is_zero(workflow->invoicing_app.id.ulid);
    return (struct invoice_workflow_view){
        .source_profile_v1 = workflow->profile_id,
        .source_profile_v3 = { { workflow->profile_id.ulid } },
        .has_apps = has_apps,
        .apps_v1 = has_apps ? apps_v1(workflow, arena) : TEXT_NONE,
        .apps = { .tax = { { workflow->tax_app.id.ulid } },
                  .invoicing = { { workflow->invoicing_app.id.ulid } },
                  .payment = { { workflow->payment_app.id.ulid } } },
        .settings_v1 = settings_v1(workflow, arena),
        .settings_v3 = settings_v3(workflow, arena),
    };
}

/* ---- lines --------------------------------------------------------------------------------- */

void line_record_rate(struct line_record *record, const struct line_usage *usage,
                      const struct rate_result *rated)
{
    CHECK(record != NULL && usage != NULL && rated != NULL);
    record->is_rated = true;
    record->metered_quantity = price_is_metered(record->line.terms.price.type) ? usage->quantity
                                                                               : DEC_INVALID;
    record->prior_quantity = usage->prior_quantity;
    record->prior_total = usage->prior_total;
    record->quantity = rated->quantity;
    record->converted_quantity = rated->converted_quantity;
    record->discounted_quantity = rated->discounted_quantity;
    record->discounted_prior = rated->discounted_prior;
    record->details = (struct list){ rated->details, rated->count };
    record->has_totals = true;
    record->totals = rated->totals;
}

static dec or_zero(dec value)
{
    return dec_is_valid(value) ? value : DEC_ZERO;
}

struct rate_result line_record_result(const struct line_record *record,
                                      const struct currency *currency, struct arena *arena)
{
    CHECK(record != NULL && currency != NULL && arena != NULL);
    return (struct rate_result){
        .details = record->details.items,
        .count = record->details.count,
        .totals = record->has_totals ? record->totals : rate_totals_zero(currency),
        .quantity = or_zero(record->quantity),
        .prior_quantity =
            dec_sub(or_zero(record->prior_quantity), or_zero(record->discounted_prior)),
        .converted_quantity = or_zero(record->converted_quantity),
        .discounted_quantity = or_zero(record->discounted_quantity),
        .discounted_prior = or_zero(record->discounted_prior),
    };
}

struct line_material line_record_material(const struct line_record *record)
{
    CHECK(record != NULL);
    struct line_material material = { .line = record->line, .usage = line_usage_none() };
    material.usage.quantity = or_zero(record->metered_quantity);
    material.usage.prior_quantity = or_zero(record->prior_quantity);
    material.usage.prior_total = or_zero(record->prior_total);
    return material;
}

/* What an app calls the discounts. */
static void discounts_name(const struct text_map *names, const struct list *discounts,
                           struct arena *arena)
{
    struct invoice_discount *items = discounts->items;
    for (size_t i = 0; i < discounts->count; i++) {
        text name = text_map_get(names, ulid_text(arena, items[i].id.ulid));
        items[i].has_external = name.ptr != NULL;
        items[i].external_v1.invoicing = name;
        items[i].external_v3.invoicing_id = name;
    }
}

static void line_discounts_name(const struct invoice_line *line, const struct text_map *names,
                                struct arena *arena)
{
    const struct invoice_detail *details = line->details.items;
    if (names->count == 0)
        return;
    discounts_name(names, &line->discounts.usages, arena);
    for (size_t i = 0; i < line->details.count; i++)
        discounts_name(names, &details[i].discounts.amounts, arena);
}

/* v1: the taxes that a line bears, without amounts. */
static struct list taxes_print(const struct list *taxes, struct arena *arena)
{
    const struct line_tax *from = taxes->items;
    struct invoice_tax_item *items = ARENA_ARRAY(arena, struct invoice_tax_item, taxes->count);
    for (size_t i = 0; i < taxes->count; i++) {
        int behavior = from[i].is_inclusive ? TAX_INCLUSIVE : TAX_EXCLUSIVE;
        items[i] = (struct invoice_tax_item){
            .config = { .behavior = behavior, .code = { from[i].tax_code_id } },
            .percent = from[i].percentage,
            .behavior = behavior,
        };
    }
    return (struct list){ items, taxes->count };
}

static struct invoice_line record_print(const struct line_record *record,
                                        const struct currency *currency, struct arena *arena)
{
    struct line_material material = line_record_material(record);
    struct rate_result rated = line_record_result(record, currency, arena);
    struct invoice_line line = line_print(&material, &rated, arena);
    if (!record->is_rated) {
        line.quantity = DEC_INVALID;
        line.metered_quantity = DEC_INVALID;
        line.prior_quantity = DEC_INVALID;
        line.metered_prior = DEC_INVALID;
        line.has_usage = false;
    }
    line.has_external_v1 = line.has_external_v3 = record->external_id.ptr != NULL;
    line.external_v1.invoicing = record->external_id;
    line.external_v3.invoicing_id = record->external_id;
    line.taxes = taxes_print(&record->taxes, arena);
    line_discounts_name(&line, &record->discount_external_ids, arena);
    return line;
}

static bool discounts_hold(const struct list *discounts, ulid id)
{
    const struct invoice_discount *items = discounts->items;
    for (size_t i = 0; i < discounts->count; i++)
        if (ulid_equal(items[i].id.ulid, id))
            return true;
    return false;
}

bool line_record_has_discount(const struct line_record *record, const struct currency *currency,
                              ulid id, struct arena *arena)
{
    CHECK(record != NULL && currency != NULL && arena != NULL);
    struct invoice_line line = record_print(record, currency, arena);
    const struct invoice_detail *details = line.details.items;
    bool holds = discounts_hold(&line.discounts.usages, id);
    for (size_t i = 0; i < line.details.count; i++)
        holds |= discounts_hold(&details[i].discounts.amounts, id);
    return holds;
}

struct list invoice_lines_print(const struct invoice_record *record, const struct list *lines,
                                bool with_deleted, struct arena *arena)
{
    CHECK(record != NULL && lines != NULL && arena != NULL);
    const struct currency *currency = currency_find(record->currency);
    const struct line_record *from = lines->items;
    struct invoice_line *printed = ARENA_ARRAY(arena, struct invoice_line, lines->count);
    size_t count = 0;
    CHECK(currency != NULL);
    for (size_t i = 0; i < lines->count; i++) {
        if (with_deleted || instant_is_none(from[i].line.deleted_at))
            printed[count++] = record_print(&from[i], currency, arena);
    }
    lines_order(printed, count);
    struct list list = { printed, count };
    lines_place(&list, record->id, record->number);
    return list;
}

/* ---- the status ---------------------------------------------------------------------------- */

static bool is_critical(const struct invoice_issue *issue)
{
    return text_equal(issue->severity, TEXT("critical"));
}

struct invoice_facts invoice_facts_of(const struct invoice_record *record, const struct list *lines,
                                      instant now)
{
    CHECK(record != NULL && lines != NULL && !instant_is_none(now));
    const struct invoice_issue *issues = record->issues.items;
    const struct line_record *line = lines->items;
    struct invoice_facts facts = {
        .now = now,
        .collection_at = record->collection_at,
        .draft_until = record->draft_until,
        .is_auto_advance = record->workflow.is_auto_advance,
    };
    enum invoice_action action = invoice_state_action(record->state);
    facts.is_waiting = action == ACTION_UPSERT || action == ACTION_ISSUE || action == ACTION_REMOVE;
    facts.waits_in = record->state;
    for (size_t i = 0; i < record->issues.count; i++)
        facts.has_critical |= is_critical(&issues[i]);
    for (size_t i = 0; i < lines->count; i++)
        facts.has_lines |= instant_is_none(line[i].line.deleted_at);
    return facts;
}

/* The actions that are open, and what each would lead to. v3 has no void. */
static text actions_print(const struct invoice_record *record, const struct invoice_facts *facts,
                          enum dialect dialect, struct arena *arena)
{
    static const char *const keys[DIALECT_COUNT][OFFER_COUNT] = {
        { "advance", "approve", "delete", "retry", "snapshotQuantities", "void" },
        { "advance", "approve", "delete", "retry", "snapshot_quantities", NULL },
    };
    static const char *const inside[DIALECT_COUNT] = { "resultingState", "resulting_state" };
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    json_object_begin(&w);
    for (enum invoice_offer offer = 0; offer < OFFER_COUNT; offer++) {
        enum invoice_state to;
        const char *key = keys[dialect][offer];
        if (!key || !invoice_state_result(record->state, invoice_offer_trigger(offer), facts, &to))
            continue;
        json_key(&w, text_of(key));
        json_object_begin(&w);
        key_text(&w, inside[dialect], text_of(invoice_state_words[to]));
        json_object_end(&w);
    }
    json_object_end(&w);
    return buffer_text(&out);
}

static struct invoice_status_details status_print(const struct invoice_record *record,
                                                  const struct invoice_facts *facts,
                                                  struct arena *arena)
{
    return (struct invoice_status_details){
        .is_immutable = !invoice_state_is_editable(record->state),
        .is_failed = invoice_state_is_failed(record->state),
        .extended_status = text_of(invoice_state_words[record->state]),
        .actions_v1 = actions_print(record, facts, DIALECT_V1, arena),
        .actions_v3 = actions_print(record, facts, DIALECT_V3, arena),
    };
}

static enum invoice_status status_of(enum invoice_state state)
{
    text word = invoice_state_short(state);
    for (enum invoice_status status = 0; status < INVOICE_STATUS_COUNT; status++) {
        if (text_equal(word, text_of(invoice_status_words[status])))
            return status;
    }
    CHECK(false);
    return INVOICE_STATUS_COUNT;
}

static struct invoice_customer customer_print(const struct invoice_customer *stored,
                                              struct arena *arena)
{
    struct invoice_customer customer = *stored;
    customer.has_usage_attribution = true;
    if (customer.has_billing_address)
        customer.addresses = (struct list){
            arena_copy(arena, &stored->billing_address, sizeof stored->billing_address), 1
        };
    return customer;
}

/* It is known when the invoice has to be paid: at once, or on a day. */
static bool is_due_known(const struct invoice_record *record)
{
    return !instant_is_none(record->due_at) || span_is_zero(record->workflow.due_after);
}

static struct invoice_payment_view payment_print(const struct invoice_record *record,
                                                 struct arena *arena)
{
    if (!is_due_known(record))
        return (struct invoice_payment_view){ 0 };
    const struct currency *currency = currency_find(record->currency);
    struct payment_due *due = ARENA_ARRAY(arena, struct payment_due, 1);
    CHECK(currency != NULL);
    text amount = money_display(arena, record->totals.total, currency);
    if (span_is_zero(record->workflow.due_after))
        return (struct invoice_payment_view){
            .terms = { TERMS_INSTANT, text_format(arena, "%.*s at once", TEXT_ARG(amount)), { 0 } }
        };
    text day = text_slice(instant_text(arena, record->due_at), 0, sizeof "2026-01-01" - 1);
    text detail = text_format(arena, "%.*s by %.*s", TEXT_ARG(amount), TEXT_ARG(day));
    *due = (struct payment_due){ record->due_at, record->totals.total, dec_of_int(100),
                                 record->currency };
    return (struct invoice_payment_view){ .terms = { TERMS_DUE_DATE, detail, { due, 1 } } };
}

struct invoice invoice_print(const struct invoice_record *record, const struct list *lines,
                             instant now, struct arena *arena)
{
    CHECK(record != NULL && lines != NULL && arena != NULL);
    CHECK(record->state != STATE_GATHERING);
    struct invoice_facts facts = invoice_facts_of(record, lines, now);
    bool has_ids = record->invoicing_id.ptr != NULL || record->payment_id.ptr != NULL;
    return (struct invoice){
        .id = record->id,
        .number = record->number,
        .description = record->description,
        .labels = record->labels,
        .type = INVOICE_STANDARD,
        .status = status_of(record->state),
        .status_details = status_print(record, &facts, arena),
        .currency = record->currency,
        .customer = customer_print(&record->customer, arena),
        .supplier = invoice_supplier_print(&record->supplier, arena),
        .workflow = invoice_workflow_print(&record->workflow, arena),
        .has_period = !instant_is_none(record->period.from),
        .period = record->period,
        .totals = record->totals,
        .collection_at = record->collection_at,
        .quantity_snapshotted_at = record->quantity_snapshotted_at,
        .draft_until = record->draft_until,
        .issued_at = record->issued_at,
        .due_at = record->due_at,
        .sent_at = record->sent_at,
        .voided_at = record->voided_at,
        .has_external_v1 = has_ids,
        .external_v1 = { record->invoicing_id, record->payment_id },
        .has_external_v3 = has_ids,
        .external_v3 = { record->invoicing_id, record->payment_id },
        .created_at = record->created_at,
        .updated_at = record->updated_at,
        .deleted_at = record->deleted_at,
        .lines = invoice_lines_print(record, lines, false, arena),
        .issues = record->issues,
        .has_payment = is_due_known(record),
        .payment = payment_print(record, arena),
    };
}
