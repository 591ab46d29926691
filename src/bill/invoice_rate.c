/* invoice_rate.c: rating the lines of an invoice and summing them up. */
#include "bill/invoice_rate.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* What a profile says about an invoice's way, in either dialect. There is one profile, and it
 * holds the defaults of the contract. */
#define SETTINGS_V1                                                                                \
    "{\"collection\":{\"alignment\":{\"type\":\"subscription\"},\"interval\":\"PT1H\"},"           \
    "\"invoicing\":{\"autoAdvance\":true,\"draftPeriod\":\"P0D\",\"dueAfter\":\"P30D\"},"          \
    "\"payment\":{\"collectionMethod\":\"charge_automatically\"}}"
#define SETTINGS_V3                                                                                \
    "{\"invoicing\":{\"auto_advance\":true,\"draft_period\":\"P0D\"},"                             \
    "\"payment\":{\"collection_method\":\"charge_automatically\"}}"

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

static struct period line_service(const struct pending_line *line)
{
    return (struct period){ line->service_from, line->service_to };
}

static struct rate_input rate_input_of(const struct line_material *material,
                                       const struct currency *currency)
{
    const struct pending_line *line = &material->line;
    struct period full = { line->full_from, line->full_to };
    bool is_metered = price_is_metered(line->terms.price.type);
    struct rate_input input = {
        .terms = &line->terms,
        .name = line->name,
        .quantity = is_metered ? material->usage.quantity : dec_of_int(1),
        .shares = material->usage.shares,
        .share_count = material->usage.share_count,
        .payment_term = line->payment_term,
        .currency = currency,
        .service_period = line_service(line),
        .full_service_period = line->is_pro_rating ? full : line_service(line),
    };
    pricing_prorate(&line->terms, &input);
    return input;
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
            .managed_by = MANAGED_BY_SUBSCRIPTION,
            .status = LINE_DETAILED,
        };
    }
    return (struct list){ details, rated->count };
}

/* The members of a line that only name things. */
static struct invoice_line line_print(const struct pending_line *line, struct arena *arena)
{
    struct any_id subscription = { line->subscription_id.ulid };
    struct any_id phase = { line->phase_id.ulid };
    struct any_id item = { line->item_id.ulid };
    return (struct invoice_line){
        .id = line->id,
        .name = line->name,
        .description = line->description,
        .created_at = line->created_at,
        .updated_at = line->updated_at,
        .invoice_at = line->invoice_at,
        .service_period = { line->service_from, line->service_to },
        .rate_card = { line->feature_key, pricing_mirror(&line->terms, line->payment_term, arena) },
        .currency = line->currency,
        .type_v1 = LINE_USAGE_BASED,
        .managed_by = MANAGED_BY_SUBSCRIPTION,
        .status = LINE_VALID,
        .metered_quantity = DEC_INVALID,
        .prior_quantity = DEC_INVALID,
        .origin_v1 = { { subscription },
                       { phase },
                       { item },
                       { line->billing_from, line->billing_to } },
        .type_v3 = LINE_STANDARD,
        .lifecycle_controller = LINE_CONTROLLER_SYSTEM,
        .origin_v3 = { subscription, { phase, { item } } },
    };
}

static enum fault line_rate(const struct line_material *material, const struct currency *currency,
                            struct arena *arena, struct invoice_line *ret)
{
    const struct line_conversion *conversion = &material->conversion;
    struct rate_input input =
        rate_input_of(material, conversion->is_known ? &conversion->currency : currency);
    struct rate_result rated;
    enum fault fault = rate_line(&input, arena, &rated);
    if (fault != FAULT_NONE)
        return fault;
    struct invoice_line line = line_print(&material->line, arena);
    line.quantity = input.quantity;
    line.totals = rate_totals_zero(currency);
    if (conversion->is_known || !line_is_converted(&material->line)) {
        line.details = details_of(&material->line, &rated, arena);
        line.totals = rated.totals;
    }
    if (conversion->is_known)
        fault = line_convert(&line, conversion->rate, currency);
    if (fault != FAULT_NONE)
        return fault;
    if (price_is_metered(input.terms->price.type)) {
        line.quantity = rated.quantity;
        line.metered_quantity = input.quantity;
        line.prior_quantity = DEC_ZERO;
        line.discounts = units_off(&material->line, &rated, arena);
        line.has_discounts = line.discounts.usages.count > 0;
        line.has_usage = true;
        line.usage = (struct invoice_usage){ input.quantity, rated.converted_quantity,
                                             input.terms->unit_config.display_unit };
    }
    *ret = line;
    return FAULT_NONE;
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

static struct invoice_issue issue_of(const struct line_material *material, struct arena *arena)
{
    const struct pending_line *line = &material->line;
    text code = TEXT("invoice_line_snapshot_failed");
    return (struct invoice_issue){
        .id = detail_id_of(line->id, code, arena),
        .severity = TEXT("critical"),
        .code = code,
        .message = material->trouble,
        .field = text_format(arena, "lines/%.*s", TEXT_ARG(ulid_text(arena, line->id.ulid))),
        .component = TEXT("billing"),
        .created_at = line->created_at,
        .updated_at = line->updated_at,
    };
}

static struct list issues_of(const struct invoice_material *material, struct arena *arena)
{
    struct invoice_issue *issues = ARENA_ARRAY(arena, struct invoice_issue, material->line_count);
    size_t count = 0;
    for (size_t i = 0; i < material->line_count; i++) {
        if (material->lines[i].trouble.ptr != NULL)
            issues[count++] = issue_of(&material->lines[i], arena);
    }
    return (struct list){ issues, count };
}

static struct invoice_customer customer_print(const struct customer *customer, struct arena *arena)
{
    struct invoice_customer printed = {
        .id = customer->id,
        .key = customer->key,
        .name = customer->name,
        .usage_attribution = customer->usage_attribution,
        .has_usage_attribution = true,
        .has_billing_address = customer->has_billing_address,
        .billing_address = customer->billing_address,
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
static struct invoice invoice_print(const struct invoice_material *material,
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
        .customer = customer_print(material->customer, arena),
        .supplier = material->supplier,
        .workflow = { .source_profile_v1 = material->profile_id,
                      .source_profile_v3 = { { material->profile_id.ulid } },
                      .settings_v1 = TEXT(SETTINGS_V1),
                      .settings_v3 = TEXT(SETTINGS_V3) },
        .totals = rate_totals_zero(currency),
        .collection_at = INSTANT_NONE,
        .created_at = material->created_at,
        .updated_at = material->updated_at,
        .issues = issues_of(material, arena),
    };
}

enum fault invoice_rate(const struct invoice_material *material, struct arena *arena,
                        struct invoice *ret)
{
    CHECK(material != NULL && arena != NULL && ret != NULL);
    CHECK(material->customer != NULL);
    const struct currency *currency = currency_find(material->currency);
    CHECK(currency != NULL);
    struct invoice invoice = invoice_print(material, currency, arena);
    size_t count = material->line_count;
    struct invoice_line *lines = ARENA_ARRAY(arena, struct invoice_line, count);
    for (size_t i = 0; i < count; i++) {
        enum fault fault = line_rate(&material->lines[i], currency, arena, &lines[i]);
        if (fault != FAULT_NONE)
            return fault;
        invoice_widen(&invoice, &lines[i]);
        invoice.totals = rate_totals_add(&invoice.totals, &lines[i].totals);
    }
    if (!dec_is_valid(invoice.totals.total))
        return FAULT_AMOUNT_OVERFLOW;
    if (count > 1)
        qsort(lines, count, sizeof *lines, line_order);
    invoice.lines = (struct list){ lines, count };
    *ret = invoice;
    return FAULT_NONE;
}
