/* subscription_edit_flow.c: edits: gather, decide, apply. */
#include "identity/audit.h"
#include "subscribe/subscription_addon.h"
#include "subscribe/subscription_inside.h"
#include "subscribe/subscription_rows.h"

/* Whether the contract has a code of its own for the fault. */
static bool fault_is_coded(enum fault fault)
{
    return fault == FAULT_SUBSCRIPTION_PHASE_EMPTY || fault == FAULT_SUBSCRIPTION_ITEM_OVERLAP ||
           fault == FAULT_SUBSCRIPTION_OVERLAP || fault == FAULT_SUBSCRIPTION_ITEM_TAKEN;
}

void subscription_fault(struct cx *cx, enum fault fault, text why)
{
    CHECK(cx != NULL && fault != FAULT_NONE);
    problem_set(&cx->problem, fault, "%.*s", TEXT_ARG(why));
    if (fault_is_coded(fault))
        problem_add_fault(&cx->problem, TEXT("$"), fault);
}

void subscription_fault_at(struct cx *cx, enum fault fault, text field, text why)
{
    CHECK(cx != NULL && fault != FAULT_NONE);
    problem_set(&cx->problem, fault, "%.*s", TEXT_ARG(why));
    problem_add_member(&cx->problem, field, "invalid", why);
}

text subscription_member(enum dialect dialect, const char *name, const char *name_v1)
{
    return text_of(dialect == DIALECT_V1 ? name_v1 : name);
}

/* Where in the i-th edit lies what cannot be done. */
static enum err edit_refuse(struct cx *cx, size_t i, enum fault fault, text why)
{
    if (fault != FAULT_SUBSCRIPTION_INVALID)
        return subscription_refuse(cx, fault, why);
    text field = text_format(cx->arena, "customizations[%zu]", i);
    return subscription_refuse_at(cx, fault, field, why);
}

enum err subscription_customize(struct cx *cx, struct store_tx *tx,
                                const struct subscription_edits *wanted, struct subscription *spec)
{
    CHECK(cx != NULL && wanted != NULL && spec != NULL);
    struct subscription_edit *items = wanted->edits->items;
    const struct card_custom_setting setting = {
        .currency = spec->invoice_currency,
        .billing_cadence = spec->billing_cadence,
        .is_settled_by_credits = spec->settlement_mode == SETTLEMENT_CREDIT_ONLY,
    };
    text why = TEXT("");
    for (size_t i = 0; i < wanted->edits->count; i++) {
        enum err err = OK;
        if (items[i].op == EDIT_ADD_ITEM)
            err = rate_card_custom_check(cx, tx, wanted->dialect, &setting, &items[i].rate_card);
        if (err != OK)
            return err;
        enum fault fault = spec_apply(spec, &items[i], wanted->when, cx->arena, &why);
        if (fault != FAULT_NONE)
            return edit_refuse(cx, i, fault, why);
    }
    enum fault fault = spec_check(spec, cx->arena, &why);
    return fault == FAULT_NONE ? OK : subscription_refuse(cx, fault, why);
}

enum err subscription_save(struct cx *cx, struct store_tx *tx, const struct subscription *from,
                           struct subscription *to)
{
    CHECK(from != NULL && to != NULL);
    struct spec_diff diff = spec_compare(from, to, cx->arena);
    struct subscription added = {
        .phases = diff.phases_added,
    };
    struct subscription_item *items = diff.items_added.items;
    subscription_number(cx, &added);
    for (size_t i = 0; i < diff.items_added.count; i++) {
        items[i].id = (struct item_id){ cx_ulid(cx) };
        items[i].created_at = cx->now;
        items[i].updated_at = cx->now;
    }
    enum err err = subscription_pin(cx, tx, to);
    if (err == OK && to->cost_basis_pins.count > from->cost_basis_pins.count)
        err = subscription_rows_set_pins(cx, tx, to);
    if (err == OK)
        err = subscription_rows_apply(cx, tx, to->id, &diff);
    if (err == OK)
        err = subscription_rows_step(cx, tx, to->id);
    return err;
}

enum err subscription_edit(struct cx *cx, struct store_tx *tx,
                           const struct subscription_target *target,
                           const struct subscription_edit_body *body, struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(target != NULL && body != NULL && ret != NULL);
    struct subscription found, edited;
    struct subscription_edits wanted = {
        .edits = &body->customizations,
        .dialect = body->dialect,
        .when = { .is_started = true },
    };
    const struct subscription_need need = { SUBSCRIPTION_ACTIVE, "update" };
    struct list addons;
    enum err err = subscription_gather(cx, tx, target, need, &found);
    if (err == OK)
        err = subscription_addons_load(cx, tx, found.id, &addons);
    if (err == OK && subscription_addons_are_had(&addons, cx->now))
        err = problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_HAS_ADDONS, "%s", "");
    if (err == OK)
        err = subscription_time(cx, &found, body->timing, TIMING_OF_EDIT, &wanted.when.at);
    if (err != OK)
        return err;
    edited = spec_copy(&found, cx->arena);
    err = subscription_customize(cx, tx, &wanted, &edited);
    if (err == OK)
        err = subscription_check_overlap(cx, tx, &edited, edited.active_to);
    if (err == OK)
        err = subscription_save(cx, tx, &found, &edited);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.edit"), found.id.ulid, TEXT_NONE);
    if (err == OK)
        err = subscription_show(cx, tx, target->id, ret);
    return err;
}
