/* invoice_rate.c: rating the lines of an invoice and summing them up. */
#include "bill/invoice_rate.h"

#include "bill/invoice_collect.h"
#include "bill/invoice_print.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct detail_id detail_id_of(struct line_id line, text child_id, struct arena *arena)
{
    CHECK(!ulid_is_zero(line.ulid));
    const size_t age = 6; /* bytes of a ULID that hold its time */
    text key =
        text_format(arena, "%.*s/%.*s", TEXT_ARG(ulid_text(arena, line.ulid)), TEXT_ARG(child_id));
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(key.ptr, key.len));
    struct detail_id id = { line.ulid };
    memcpy(id.ulid.bytes + age, hash.digest, sizeof id.ulid.bytes - age);
    return id;
}

struct line_usage line_usage_none(void)
{
    return (struct line_usage){ .quantity = DEC_ZERO,
                                .measured_from = INSTANT_NONE,
                                .prior_quantity = DEC_ZERO,
                                .prior_total = DEC_ZERO };
}

static struct period line_service(const struct pending_line *line)
{
    return (struct period){ line->service_from, line->service_to };
}

/* What minimum and maximum are for: all parts of a period together, not the one that is billed. How
 * long it lasts is open until the last part; an open one has no minimum, and the maximum of a
 * period that is not cut. */
static struct period committed_period(const struct line_material *material)
{
    const struct pending_line *line = &material->line;
    struct period period = line_service(line);
    instant first = material->usage.measured_from;
    bool is_of_parts = line->part_index > 0 || !ulid_is_zero(line->adjusts_id.ulid);
    if (is_of_parts && !instant_is_none(first) && instant_before(first, period.from))
        period.from = first;
    if (line->is_open_part && instant_before(period.to, line->full_to))
        period.to = line->full_to;
    return period;
}

struct rate_input line_rate_input(const struct line_material *material,
                                  const struct currency *currency)
{
    CHECK(material != NULL && currency != NULL);
    const struct pending_line *line = &material->line;
    struct period full = { line->full_from, line->full_to };
    struct period service = committed_period(material);
    bool is_metered = price_is_metered(line->terms.price.type);
    struct rate_input input = {
        .terms = &line->terms,
        .name = line->name,
        .quantity = is_metered ? material->usage.quantity : dec_of_int(1),
        .prior_quantity = material->usage.prior_quantity,
        .prior_total = material->usage.prior_total,
        .is_later_part = line->part_index > 0,
        .is_open_part = line->is_open_part,
        .shares = material->usage.shares,
        .share_count = material->usage.share_count,
        .payment_term = line->payment_term,
        .currency = currency,
        .service_period = service,
        .full_service_period = line->is_pro_rating ? full : service,
    };
    pricing_prorate(&line->terms, &input);
    if (ulid_is_zero(line->adjusts_id.ulid))
        return input;
    /* What is corrected was the whole of a period, however many parts it was billed in. */
    input.quantity = dec_add(input.quantity, input.prior_quantity);
    input.prior_quantity = DEC_ZERO;
    input.prior_total = DEC_ZERO;
    input.is_later_part = false;
    return input;
}

/* What ties a discount of a rate card together over the parts of a period. */
static struct correlation_id correlation_of(const struct pending_line *line,
                                            enum discount_reason reason, struct arena *arena)
{
    bool is_later = !ulid_is_zero(line->group_id.ulid);
    text key = reason == DISCOUNT_USAGE ? TEXT("usage_discount") : TEXT("percentage_discount");
    struct detail_id id = detail_id_of(is_later ? line->group_id : line->id, key, arena);
    return (struct correlation_id){ id.ulid };
}

/* A discount of this line, without what it takes off. */
static struct invoice_discount discount_of(const struct pending_line *line,
                                           enum discount_reason reason, text child_id,
                                           struct arena *arena)
{
    static const char *const keys[] = { "maximum_spend", "ratecard_percentage", "ratecard_usage" };
    text key = text_format(arena, "%.*s/%s", TEXT_ARG(child_id), keys[reason]);
    return (struct invoice_discount){
        .id = detail_id_of(line->id, key, arena),
        .reason = reason,
        .reason_v1 = { .type = reason, .percentage = DEC_INVALID, .quantity = DEC_INVALID },
        .amount = DEC_INVALID,
        .quantity = DEC_INVALID,
        .prior_quantity = DEC_INVALID,
        .created_at = line->created_at,
        .updated_at = line->updated_at,
    };
}

/* What was taken off a detailed line: by the percentage, then by the maximum. */
static struct invoice_discounts amounts_off(const struct pending_line *line,
                                            const struct rate_detail *detail, struct arena *arena)
{
    struct invoice_discount *items = ARENA_ARRAY(arena, struct invoice_discount, 2);
    size_t count = 0;
    if (!dec_is_zero(detail->percentage_discount)) {
        struct invoice_discount *item = &items[count++];
        *item = discount_of(line, DISCOUNT_PERCENTAGE, detail->child_id, arena);
        item->reason_v1.percentage = line->terms.percentage_discount;
        item->reason_v1.correlation_id = correlation_of(line, DISCOUNT_PERCENTAGE, arena);
        item->amount = detail->percentage_discount;
    }
    if (!dec_is_zero(detail->maximum_discount)) {
        struct invoice_discount *item = &items[count++];
        *item = discount_of(line, DISCOUNT_MAXIMUM_SPEND, detail->child_id, arena);
        item->description = text_format(arena, "Maximum spend discount for charges over %.*s",
                                        TEXT_ARG(dec_text(arena, line->terms.maximum_amount)));
        item->amount = detail->maximum_discount;
    }
    return (struct invoice_discounts){ .amounts = { count > 0 ? items : NULL, count } };
}

/* What was taken off the line's quantity. */
static struct invoice_discounts units_off(const struct pending_line *line,
                                          const struct rate_result *rated, struct arena *arena)
{
    struct invoice_discount *item = ARENA_ARRAY(arena, struct invoice_discount, 1);
    if (dec_is_zero(rated->discounted_quantity) && dec_is_zero(rated->discounted_prior))
        return (struct invoice_discounts){ 0 };
    *item = discount_of(line, DISCOUNT_USAGE, TEXT("line"), arena);
    item->reason_v1.quantity = line->terms.usage_discount;
    item->reason_v1.correlation_id = correlation_of(line, DISCOUNT_USAGE, arena);
    item->quantity = rated->discounted_quantity;
    if (!dec_is_zero(rated->discounted_prior))
        item->prior_quantity = rated->discounted_prior;
    return (struct invoice_discounts){ .usages = { item, 1 } };
}

static struct list details_of(const struct pending_line *line, const struct rate_result *rated,
                              struct arena *arena)
{
    struct invoice_detail *details = ARENA_ARRAY(arena, struct invoice_detail, rated->count);
    for (size_t i = 0; i < rated->count; i++) {
        const struct rate_detail *from = &rated->details[i];
        struct invoice_discounts discounts = amounts_off(line, from, arena);
        details[i] = (struct invoice_detail){
            .id = detail_id_of(line->id, from->child_id, arena),
            .child_id = from->child_id,
            .name = from->name,
            .quantity = from->quantity,
            .unit_price = from->unit_amount,
            .category = from->category,
            .has_discounts = discounts.amounts.count > 0,
            .discounts = discounts,
            .totals = from->totals,
            .service_period = { line->service_from, line->service_to },
            .created_at = line->created_at,
            .updated_at = line->updated_at,
            .currency = line->currency,
            .invoice_at = line->invoice_at,
            .payment_term = line->payment_term,
            .type = DETAIL_FLAT_FEE,
            .managed_by = MANAGED_BY_SYSTEM,
            .status = LINE_DETAILED,
            .rate_card = { .price = { 0, from->unit_amount, line->payment_term },
                           .quantity = from->quantity,
                           .has_tax = line->has_tax,
                           .tax = line->tax },
        };
    }
    return (struct list){ details, rated->count };
}

/* What of a subscription it is. */
static void origin_print(const struct pending_line *line, struct invoice_line *ret)
{
    struct any_id subscription = { line->subscription_id.ulid };
    struct any_id phase = { line->phase_id.ulid };
    struct any_id item = { line->item_id.ulid };
    ret->has_origin = !ulid_is_zero(line->subscription_id.ulid);
    ret->origin_v1 = (struct invoice_origin_v1){
        { subscription }, { phase }, { item }, { line->billing_from, line->billing_to }
    };
    ret->origin_v3 = (struct invoice_origin_v3){ subscription, { phase, { item } } };
}

/* Names the parts of a line after the line: its invoice, its subscription, its taxes. */
static void details_place(const struct invoice_line *line)
{
    struct invoice_detail *details = line->details.items;
    for (size_t i = 0; i < line->details.count; i++) {
        details[i].has_invoice = line->has_invoice;
        details[i].invoice = line->invoice;
        details[i].has_origin = line->has_origin;
        details[i].origin = line->origin_v1;
        details[i].taxes = line->taxes;
    }
}

void lines_place(const struct list *lines, struct invoice_id id, text number)
{
    CHECK(lines != NULL);
    struct invoice_line *items = lines->items;
    for (size_t i = 0; i < lines->count; i++) {
        items[i].has_invoice = !ulid_is_zero(id.ulid);
        items[i].invoice = (struct invoice_number_reference){ { id.ulid }, number };
        details_place(&items[i]);
    }
}

/* The members of a line that only name things. */
static struct invoice_line line_name(const struct pending_line *line, struct arena *arena)
{
    bool is_manual = line->managed_by == MANAGED_BY_MANUAL;
    struct invoice_line named = {
        .id = line->id,
        .name = line->name,
        .description = line->description,
        .labels = line->labels,
        .created_at = line->created_at,
        .updated_at = line->updated_at,
        .deleted_at = line->deleted_at,
        .invoice_at = line->invoice_at,
        .service_period = { line->service_from, line->service_to },
        .rate_card = { .feature_key = line->feature_key,
                       .pricing = pricing_mirror(&line->terms, line->payment_term, arena),
                       .has_tax = line->has_tax,
                       .has_tax_v3 = line->has_tax && !ulid_is_zero(line->tax.code.id.ulid),
                       .tax = line->tax },
        .currency = line->currency,
        .type_v1 = LINE_USAGE_BASED,
        .managed_by = line->managed_by,
        .status = LINE_VALID,
        .metered_quantity = DEC_INVALID,
        .prior_quantity = DEC_INVALID,
        .metered_prior = DEC_INVALID,
        .type_v3 = LINE_STANDARD,
        .lifecycle_controller = is_manual ? LINE_CONTROLLER_MANUAL : LINE_CONTROLLER_SYSTEM,
    };
    named.rate_card.tax.has_code = named.rate_card.has_tax_v3;
    struct discounts_v1 *discounts = &named.rate_card.pricing.discounts_v1;
    if (discounts->has_percentage)
        discounts->percentage.correlation_id = correlation_of(line, DISCOUNT_PERCENTAGE, arena);
    if (discounts->has_usage)
        discounts->usage.correlation_id = correlation_of(line, DISCOUNT_USAGE, arena);
    origin_print(line, &named);
    return named;
}

/* What comes of a line that cannot be rated: nothing. */
static struct rate_result rate_result_none(const struct currency *currency)
{
    return (struct rate_result){ .totals = rate_totals_zero(currency),
                                 .quantity = DEC_ZERO,
                                 .prior_quantity = DEC_ZERO,
                                 .converted_quantity = DEC_ZERO,
                                 .discounted_quantity = DEC_ZERO,
                                 .discounted_prior = DEC_ZERO };
}

/* The quantities of a correction: what came since, and what was there before. `whole` is the input
 * of all of the period. */
static enum fault quantities_since(const struct rate_input *whole, dec prior, struct arena *arena,
                                   struct rate_result *ret)
{
    struct rate_input input = *whole;
    struct rate_reckoning before;
    input.quantity = prior;
    enum fault fault = rate_reckon(&input, arena, &before);
    if (fault != FAULT_NONE)
        return fault;
    ret->quantity = dec_sub(ret->quantity, before.quantity);
    ret->prior_quantity = before.quantity;
    ret->converted_quantity = dec_sub(ret->converted_quantity, before.converted_quantity);
    ret->discounted_quantity = dec_sub(ret->discounted_quantity, before.discounted_quantity);
    ret->discounted_prior = before.discounted_quantity;
    return FAULT_NONE;
}

static enum fault material_rate(const struct line_material *material,
                                const struct rate_input *input, struct arena *arena,
                                struct rate_result *ret)
{
    const struct line_usage *usage = &material->usage;
    if (ulid_is_zero(material->line.adjusts_id.ulid))
        return rate_line(input, arena, ret);
    enum fault fault = rate_so_far(input, true, &usage->booked, arena, ret);
    return fault == FAULT_NONE ? quantities_since(input, usage->prior_quantity, arena, ret) : fault;
}

/* Whether invoices can be added up from these, taxes included. */
static bool totals_add_up(const struct rate_totals *totals)
{
    return money_adds_up(totals->amount) && money_adds_up(totals->charges_total) &&
           money_adds_up(totals->discounts_total) && money_adds_up(totals->total);
}

static bool result_adds_up(const struct rate_result *rated)
{
    for (size_t i = 0; i < rated->count; i++)
        if (!totals_add_up(&rated->details[i].totals))
            return false;
    return totals_add_up(&rated->totals);
}

enum fault line_rate(const struct line_material *material, const struct currency *currency,
                     struct arena *arena, struct rate_result *ret)
{
    CHECK(material != NULL && currency != NULL && ret != NULL);
    const struct line_conversion *conversion = &material->conversion;
    struct rate_input input =
        line_rate_input(material, conversion->is_known ? &conversion->currency : currency);
    if (line_is_converted(&material->line) && !conversion->is_known) {
        *ret = rate_result_none(currency);
        return FAULT_NONE;
    }
    enum fault fault = material_rate(material, &input, arena, ret);
    if (fault == FAULT_NONE && conversion->is_known)
        fault = rate_convert(ret, conversion->rate, currency);
    return fault == FAULT_NONE && !result_adds_up(ret) ? FAULT_AMOUNT_OVERFLOW : fault;
}

text line_rate_anyway(const struct line_material *material, const struct currency *currency,
                      struct arena *arena, struct rate_result *ret)
{
    enum fault fault = line_rate(material, currency, arena, ret);
    if (fault == FAULT_NONE)
        return material->trouble;
    *ret = rate_result_none(currency);
    return material->trouble.ptr != NULL ? material->trouble : text_of(fault_info(fault)->sentence);
}

struct invoice_line line_print(const struct line_material *material,
                               const struct rate_result *rated, struct arena *arena)
{
    CHECK(material != NULL && rated != NULL && arena != NULL);
    const struct pending_line *from = &material->line;
    struct invoice_line line = line_name(from, arena);
    line.quantity = dec_of_int(1);
    line.details = details_of(from, rated, arena);
    line.totals = rated->totals;
    if (price_is_metered(from->terms.price.type)) {
        line.quantity = rated->quantity;
        line.metered_quantity = material->usage.quantity;
        line.prior_quantity = rated->prior_quantity;
        line.metered_prior = material->usage.prior_quantity;
        line.discounts = units_off(from, rated, arena);
        line.has_discounts = line.discounts.usages.count > 0;
        line.has_usage = true;
        line.usage = (struct invoice_usage){ material->usage.quantity, rated->converted_quantity,
                                             from->terms.unit_config.display_unit };
    }
    return line;
}

static int line_order(const void *left, const void *right)
{
    const struct invoice_line *a = left;
    const struct invoice_line *b = right;
    int order = text_compare(a->name, b->name);
    if (order != 0)
        return order;
    if (!instant_equal(a->service_period.from, b->service_period.from))
        return instant_before(a->service_period.from, b->service_period.from) ? -1 : 1;
    return memcmp(a->id.ulid.bytes, b->id.ulid.bytes, sizeof a->id.ulid.bytes);
}

void lines_order(struct invoice_line *lines, size_t count)
{
    if (count > 1)
        qsort(lines, count, sizeof *lines, line_order);
}

struct invoice_issue invoice_issue_of_line(const struct pending_line *line, text trouble,
                                           struct arena *arena)
{
    CHECK(line != NULL && arena != NULL);
    text code = TEXT("invoice_line_snapshot_failed");
    text id = ulid_text(arena, line->id.ulid);
    struct text_pair *about = ARENA_ARRAY(arena, struct text_pair, 2);
    about[0] = (struct text_pair){ TEXT("line_id"), id };
    about[1] = (struct text_pair){ TEXT("feature_key"), line->feature_key };
    return (struct invoice_issue){
        .id = detail_id_of(line->id, code, arena),
        .severity = TEXT("critical"),
        .code = code,
        .message = trouble,
        .field = text_format(arena, "lines/%.*s", TEXT_ARG(id)),
        .component = TEXT("billing"),
        .attributes = { about, text_is_empty(line->feature_key) ? 1 : 2 },
        .created_at = line->created_at,
        .updated_at = line->updated_at,
    };
}

struct invoice_customer invoice_customer_of(const struct customer *customer, struct arena *arena)
{
    struct invoice_customer printed = {
        .id = customer->id,
        .key = customer->key,
        .name = customer->name,
        .usage_attribution = customer->usage_attribution,
        .has_usage_attribution = true,
        .has_billing_address = customer->has_billing_address,
        .billing_address = customer->billing_address,
        .has_tax_id = customer->has_tax_id,
        .tax_id = { customer->tax_id.code },
    };
    if (customer->has_billing_address)
        printed.addresses =
            (struct list){ arena_copy(arena, &customer->billing_address, sizeof(struct address)),
                           1 };
    return printed;
}

/* Takes a line's period and due time into the invoice's. */
static void invoice_widen(struct invoice *invoice, const struct invoice_line *line)
{
    struct invoice_period *period = &invoice->period;
    if (!invoice->has_period) {
        *period = line->service_period;
        invoice->collection_at = line->invoice_at;
        invoice->has_period = true;
    }
    if (instant_before(line->service_period.from, period->from))
        period->from = line->service_period.from;
    if (instant_before(period->to, line->service_period.to))
        period->to = line->service_period.to;
    if (instant_before(line->invoice_at, invoice->collection_at))
        invoice->collection_at = line->invoice_at;
}

/* The members of an invoice that do not depend on its lines. */
static struct invoice gathering_print(const struct invoice_material *material,
                                      const struct currency *currency, struct arena *arena)
{
    return (struct invoice){
        .id = material->id,
        .number = material->number,
        .type = INVOICE_STANDARD,
        .status = INVOICE_GATHERING,
        .status_details = { .extended_status = TEXT("gathering"),
                            .actions_v1 = TEXT("{\"invoice\":{}}"),
                            .actions_v3 = TEXT("{}") },
        .currency = material->currency,
        .customer = invoice_customer_of(material->customer, arena),
        .supplier = invoice_supplier_print(&material->workflow.supplier, arena),
        .workflow = invoice_workflow_print(&material->workflow, arena),
        .totals = rate_totals_zero(currency),
        .collection_at = INSTANT_NONE,
        .quantity_snapshotted_at = INSTANT_NONE,
        .draft_until = INSTANT_NONE,
        .issued_at = INSTANT_NONE,
        .due_at = INSTANT_NONE,
        .sent_at = INSTANT_NONE,
        .voided_at = INSTANT_NONE,
        .deleted_at = INSTANT_NONE,
        .created_at = material->created_at,
        .updated_at = material->updated_at,
    };
}

enum fault invoice_rate(const struct invoice_material *material, struct arena *arena,
                        struct invoice *ret)
{
    CHECK(material != NULL && arena != NULL && ret != NULL);
    CHECK(material->customer != NULL);
    const struct currency *currency = currency_find(material->currency);
    CHECK(currency != NULL);
    struct invoice invoice = gathering_print(material, currency, arena);
    size_t count = material->line_count;
    struct invoice_line *lines = ARENA_ARRAY(arena, struct invoice_line, count);
    struct invoice_issue *issues = ARENA_ARRAY(arena, struct invoice_issue, count);
    for (size_t i = 0; i < count; i++) {
        const struct line_material *from = &material->lines[i];
        struct rate_result rated;
        text trouble = line_rate_anyway(from, currency, arena, &rated);
        if (trouble.ptr != NULL)
            issues[invoice.issues.count++] = invoice_issue_of_line(&from->line, trouble, arena);
        lines[i] = line_print(from, &rated, arena);
        invoice_widen(&invoice, &lines[i]);
        invoice.totals = rate_totals_add(&invoice.totals, &lines[i].totals);
    }
    if (!dec_is_valid(invoice.totals.total))
        return FAULT_AMOUNT_OVERFLOW;
    if (invoice.has_period)
        invoice.collection_at = collect_aligned(&material->workflow, invoice.collection_at);
    lines_order(lines, count);
    invoice.lines = (struct list){ lines, count };
    invoice.issues.items = issues;
    lines_place(&invoice.lines, invoice.id, invoice.number);
    *ret = invoice;
    return FAULT_NONE;
}
