/* subscription_pin_flow.c: the cost bases that a subscription keeps. */
#include "catalog/currency_rows.h"
#include "subscribe/subscription_inside.h"
#include "subscribe/subscription_rows.h"

static bool is_pinned(const struct subscription *subscription, struct currency_id currency)
{
    const struct cost_basis_pin *pins = subscription->cost_basis_pins.items;
    for (size_t i = 0; i < subscription->cost_basis_pins.count; i++)
        if (ulid_equal(pins[i].custom_currency_id.ulid, currency.ulid))
            return true;
    return false;
}

static void pin_add(struct subscription *subscription, const struct cost_basis *basis,
                    struct arena *arena)
{
    size_t count = subscription->cost_basis_pins.count;
    struct cost_basis_pin *pins = ARENA_ARRAY(arena, struct cost_basis_pin, count + 1);
    if (count > 0)
        memcpy(pins, subscription->cost_basis_pins.items, count * sizeof *pins);
    pins[count] = (struct cost_basis_pin){
        .custom_currency_id = basis->currency_id,
        .invoice_currency = subscription->invoice_currency,
        .cost_basis_id = basis->id,
    };
    subscription->cost_basis_pins = (struct list){ pins, count + 1 };
}

/* Pins what holds now of one currency, unless it is pinned. */
static enum err currency_pin(struct cx *cx, struct store_tx *tx, text code,
                             struct subscription *subscription)
{
    struct billing_currency custom;
    struct cost_basis_pair pair = { .fiat_code = subscription->invoice_currency };
    struct cost_basis basis;
    enum err err = currency_load_by_code(cx, tx, code, &custom);
    if (err == OK && is_pinned(subscription, custom.id))
        return OK;
    if (err == OK) {
        pair.currency_id = custom.id;
        err = cost_basis_load_at(cx, tx, &pair, cx_catalog_now(cx), &basis);
    }
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_COST_BASIS_ABSENT, "%.*s in %.*s", TEXT_ARG(code),
                              TEXT_ARG(subscription->invoice_currency));
    if (err == OK)
        pin_add(subscription, &basis, cx->arena);
    return err;
}

enum err subscription_pin(struct cx *cx, struct store_tx *tx, struct subscription *subscription)
{
    CHECK(cx != NULL && tx != NULL && subscription != NULL);
    enum err err = OK;
    if (subscription->cost_basis_mode != COST_BASIS_PINNED)
        return OK;
    for (size_t i = 0; i < subscription->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(subscription, i);
        for (size_t k = 0; k < phase->items.count && err == OK; k++) {
            text code = subscription_item_at(phase, k)->rate_card.currency;
            if (!text_is_empty(code))
                err = currency_pin(cx, tx, code, subscription);
        }
    }
    return err;
}

enum err subscription_pinned_basis(struct cx *cx, struct store_tx *tx,
                                   struct subscription_id subscription,
                                   const struct cost_basis_pair *pair, struct cost_basis *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct list pins, bases;
    enum err err = subscription_rows_pins(cx, tx, subscription, &pins);
    if (err == OK)
        err = cost_basis_load_pair(cx, tx, pair, &bases);
    if (err != OK)
        return err;
    const struct cost_basis_pin *pin = pins.items;
    const struct cost_basis *basis = bases.items;
    for (size_t i = 0; i < pins.count; i++) {
        for (size_t k = 0; k < bases.count; k++) {
            if (!ulid_equal(pin[i].cost_basis_id.ulid, basis[k].id.ulid))
                continue;
            *ret = basis[k];
            return OK;
        }
    }
    return ERR_ABSENT;
}
