#include "catalog/simulate.h"

#include "catalog/plan_card_input.h"
#include "rating/delta.h"
#include "rating/explain.h"

static void period_check(const struct simulation_period *period, const char *place,
                         struct problem *problem, bool *is_refused)
{
    if (instant_before(period->from, period->to))
        return;
    problem_add_member(problem, text_of(place), "invalid", TEXT("must be after from"));
    *is_refused = true;
}

/* Prices by transaction want the value of each. */
static void shares_check(const struct rate_card *card, const struct list *shares,
                         struct problem *problem, bool *is_refused)
{
    const struct simulation_share *items = shares->items;

    for (size_t i = 0; i < shares->count; i++) {
        if (card->terms.price.type != PRICE_PERCENTAGE || dec_is_valid(items[i].value))
            continue;
        problem_add_member(problem, TEXT("parts.shares.value"), "required",
                           TEXT("is a required field"));
        *is_refused = true;
    }
}

/* A custom currency's digits are in the store, which is not seen here. */
static void currency_check(const struct rate_card *card, struct problem *problem, bool *is_refused)
{
    if (text_is_empty(card->currency))
        return;
    problem_add_member(problem, TEXT("rate_card.currency"), "invalid",
                       TEXT("is said by currency, for all of it"));
    *is_refused = true;
}

/* Settles the card and checks the periods. */
static bool request_check(const struct simulation_request *request, struct rate_card *card,
                          struct problem *problem)
{
    const struct simulation_part *parts = request->parts.items;
    bool is_refused = !rate_card_settle_v3(card, "rate_card", problem);

    currency_check(card, problem, &is_refused);
    if (request->has_period)
        period_check(&request->period, "period.to", problem, &is_refused);
    for (size_t i = 0; i < request->parts.count; i++) {
        text place = text_format(problem->arena, "parts[%zu].service_period.to", i);

        shares_check(card, &parts[i].shares, problem, &is_refused);
        if (parts[i].has_service_period)
            period_check(&parts[i].service_period, text_cstr(problem->arena, place), problem,
                         &is_refused);
    }
    return !is_refused;
}

static struct period period_of(const struct simulation_period *period)
{
    return (struct period){ period->from, period->to };
}

static struct rate_input input_of(const struct simulation_request *request,
                                  const struct rate_card *card, size_t i)
{
    const struct simulation_part *part = (const struct simulation_part *)request->parts.items + i;
    struct rate_input input = {
        .terms = &card->terms,
        .name = card->name,
        .quantity = part->quantity,
        .is_later_part = i > 0,
        .is_open_part = i + 1 < request->parts.count,
        .payment_term = card->payment_term,
        .currency = currency_find(request->currency),
    };

    if (request->has_period && request->is_pro_rating) {
        input.full_service_period = period_of(&request->period);
        input.service_period =
            period_of(part->has_service_period ? &part->service_period : &request->period);
    }
    pricing_prorate(&card->terms, &input);
    return input;
}

/* Which cell or window the share is of. */
static size_t place_of(const struct price *price, const struct simulation_share *share)
{
    const struct price_window *windows = price->windows.items;
    size_t i = 0;

    if (price->type == PRICE_MATRIX)
        return share->values.count == price->dimensions.count
                   ? price_cell_find(price, &share->values)
                   : price->cells.count;
    while (i < price->windows.count && !text_equal(windows[i].name, share->window))
        i++;
    return i;
}

/* The shares of a part, those of one cell or window as one. */
static void shares_fill(struct rate_input *input, const struct list *shares, struct arena *arena)
{
    const struct simulation_share *from = shares->items;
    const struct price *price = &input->terms->price;
    bool is_by_value = price_split_of(price->type) == PRICE_SPLIT_VALUES;
    struct rate_share *items = ARENA_ARRAY(arena, struct rate_share, shares->count);
    size_t count = 0;

    for (size_t i = 0; i < shares->count; i++) {
        size_t place = is_by_value ? i : place_of(price, &from[i]);
        size_t k = is_by_value ? count : 0;

        while (k < count && items[k].place != place)
            k++;
        if (k == count)
            items[count++] = (struct rate_share){ place, from[i].value, DEC_ZERO };
        items[k].quantity = dec_add(items[k].quantity, from[i].quantity);
    }
    input->shares = items;
    input->share_count = count;
}

static struct list details_of(const struct rate_result *result, struct arena *arena)
{
    struct simulated_detail *details = ARENA_ARRAY(arena, struct simulated_detail, result->count);

    for (size_t i = 0; i < result->count; i++) {
        const struct rate_detail *from = &result->details[i];
        bool has_percentage = !dec_is_zero(from->percentage_discount);
        bool has_maximum = !dec_is_zero(from->maximum_discount);

        details[i] = (struct simulated_detail){
            .reference = from->child_id,
            .name = from->name,
            .quantity = from->quantity,
            .unit_price = from->unit_amount,
            .percentage_discount = has_percentage ? from->percentage_discount : DEC_INVALID,
            .maximum_discount = has_maximum ? from->maximum_discount : DEC_INVALID,
            .category = from->category,
            .totals = from->totals,
        };
    }
    return (struct list){ details, result->count };
}

static struct simulated_part part_of(const struct rate_input *input,
                                     const struct rate_result *result, struct arena *arena)
{
    bool has_free = !dec_is_zero(result->discounted_quantity);
    struct explain_steps steps = { .arena = arena };

    rate_explain(input, result, &steps);
    return (struct simulated_part){
        .metered_quantity = input->quantity,
        .quantity = result->quantity,
        .free_quantity = has_free ? result->discounted_quantity : DEC_INVALID,
        .details = details_of(result, arena),
        .totals = result->totals,
        .explanation = { steps.items, steps.count },
    };
}

/* What earlier parts were billed. */
struct ledger {
    struct rate_detail *details; /* cumulative: all of them */
    size_t count;
    size_t room;
    dec quantity; /* metered */
};

static void book(struct ledger *ledger, const struct rate_result *result, struct arena *arena)
{
    if (ledger->count + result->count > ledger->room) {
        size_t room = 2 * (ledger->count + result->count);
        struct rate_detail *details = ARENA_ARRAY(arena, struct rate_detail, room);

        for (size_t i = 0; i < ledger->count; i++)
            details[i] = ledger->details[i];
        ledger->details = details;
        ledger->room = room;
    }
    for (size_t i = 0; i < result->count; i++)
        ledger->details[ledger->count++] = result->details[i];
}

/* One part: by itself with what was before, or as what is new. */
static enum fault part_rate(const struct simulation_request *request, struct rate_input *input,
                            struct ledger *ledger, struct arena *arena, struct rate_result *ret)
{
    const struct rate_booked booked = { ledger->details, ledger->count };
    bool is_end = !input->is_open_part;
    enum fault fault;

    if (!request->is_cumulative) {
        input->prior_quantity = ledger->quantity;
        return rate_line(input, arena, ret);
    }
    input->quantity = dec_add(ledger->quantity, input->quantity);
    if (!dec_is_valid(input->quantity))
        return FAULT_AMOUNT_OVERFLOW;
    input->is_later_part = false;
    input->prior_total = DEC_ZERO;
    fault = rate_so_far(input, is_end, &booked, arena, ret);
    if (fault == FAULT_NONE)
        book(ledger, ret, arena);
    return fault;
}

enum err simulation_run(const struct simulation_request *request, struct problem *problem,
                        struct simulation *ret)
{
    struct rate_card card = request->rate_card;
    struct arena *arena = problem->arena;
    struct simulated_part *parts;
    struct ledger ledger = { .quantity = DEC_ZERO };

    CHECK(request->parts.count > 0 && ret != NULL);
    if (!request_check(request, &card, problem))
        return problem_refuse(problem, FAULT_FIELDS_INVALID, "%s", "");
    parts = ARENA_ARRAY(arena, struct simulated_part, request->parts.count);
    struct rate_totals totals = rate_totals_zero(currency_find(request->currency));
    for (size_t i = 0; i < request->parts.count; i++) {
        struct rate_input input = input_of(request, &card, i);
        struct rate_result result;

        if (price_split_of(card.terms.price.type) != PRICE_SPLIT_NONE)
            shares_fill(&input, &((const struct simulation_part *)request->parts.items)[i].shares,
                        arena);
        dec metered = input.quantity;

        input.prior_total = totals.total;
        enum fault fault = part_rate(request, &input, &ledger, arena, &result);
        if (fault != FAULT_NONE)
            return problem_refuse(problem, fault, "parts[%zu]", i);
        parts[i] = part_of(&input, &result, arena);
        totals = rate_totals_add(&totals, &result.totals);
        ledger.quantity = dec_add(ledger.quantity, metered);
        if (!dec_is_valid(totals.total) || !dec_is_valid(ledger.quantity))
            return problem_refuse(problem, FAULT_AMOUNT_OVERFLOW, "parts[%zu]", i);
    }
    *ret = (struct simulation){ request->currency, { parts, request->parts.count }, totals };
    return OK;
}
