/* plan_flow.c: the flows that change drafts, and what all flows of plans share.
 *
 * All of them gather inside the write transaction: between the look at a feature or at the versions
 * of a key and the change nobody else writes. The indexes of sql/schema say the same once more.
 */
#include "catalog/plan_addon.h"
#include "catalog/plan_input.h"
#include "catalog/plan_inside.h"
#include "catalog/rate_card_flow.h"
#include "identity/audit.h"

/* ---- gather -------------------------------------------------------------------------------- */

enum err plan_gather_facts(struct cx *cx, struct store_tx *tx, struct plan *plan,
                           struct plan_facts *ret)
{
    CHECK(cx != NULL && plan != NULL && ret != NULL);
    struct plan_facts facts = { .count = plan_card_count(plan) };
    struct card_facts *next = ARENA_ARRAY(cx->arena, struct card_facts, facts.count);
    facts.cards = next;
    for (size_t p = 0; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        enum err err = card_facts_gather(cx, tx, &phase->rate_cards, plan->currency, next);
        if (err != OK)
            return err;
        next += phase->rate_cards.count;
    }
    enum err err = currency_facts_gather(cx, tx, plan->currency, TEXT_NONE, &facts.currency);
    if (err == OK)
        *ret = facts;
    return err;
}

enum err plan_gather(struct cx *cx, struct store_tx *tx, struct plan_id id, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct plan plan;
    enum err err = plan_load(cx, tx, id, &plan);
    if (err == OK && !instant_is_none(plan.deleted_at))
        err = ERR_ABSENT;
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_PLAN_ABSENT, "%s", "");
    if (err == OK)
        *ret = plan;
    return err;
}

/* ---- decide -------------------------------------------------------------------------------- */

enum err plan_refuse_status(struct cx *cx, const struct plan *plan, const char *allowed)
{
    struct problem_field field = {
        .field = TEXT("$.status"),
        .rule = TEXT("invalid"),
        .code = TEXT("plan_invalid_status"),
        .source = SOURCE_PATH,
    };
    problem_set(&cx->problem, FAULT_PLAN_STATUS, "the plan is %s, not %s",
                plan_status_words[plan->status], allowed);
    field.reason = cx->problem.detail;
    problem_add_field(&cx->problem, &field);
    return ERR_REFUSED;
}

bool plan_is_open(const struct plan *plan)
{
    return plan->status == PLAN_DRAFT || plan->status == PLAN_SCHEDULED;
}

enum err plan_printable(struct cx *cx, enum dialect dialect, const struct plan *plan)
{
    CHECK(cx != NULL && plan != NULL);
    if (dialect != DIALECT_V1 || text_is_empty(plan->v1_refusal))
        return OK;
    struct list issues = plan_issues_of_v1(plan, cx->arena);
    return issues_refuse(cx, FAULT_PLAN_NOT_OF_V1, dialect, &issues);
}

/* Holds the plan against the rules: critical issues refuse, the others stay with the draft. */
static enum err draft_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                            struct plan *plan)
{
    struct plan_facts facts;
    enum err err = plan_gather_facts(cx, tx, plan, &facts);
    if (err != OK)
        return err;
    struct list issues = plan_issues(plan, &facts, cx->arena);
    struct list critical = plan_issues_select(&issues, true, cx->arena);
    if (critical.count > 0)
        return issues_refuse(cx, FAULT_PLAN_INVALID, dialect, &critical);
    plan->validation_errors = plan_issues_select(&issues, false, cx->arena);
    return OK;
}

/* ---- apply --------------------------------------------------------------------------------- */

enum err plan_finish(struct cx *cx, struct store_tx **tx, text action, struct plan_id id)
{
    enum err err = audit_write(cx, *tx, action, id.ulid, TEXT_NONE);
    return store_finish(tx, err);
}

/* Makes a draft of it: without an effective period. */
static void plan_draft(struct cx *cx, struct plan *plan)
{
    plan->effective_from = INSTANT_NONE;
    plan->effective_to = INSTANT_NONE;
    plan->ends_at = INSTANT_NONE;
    plan->updated_at = cx->now;
    plan_complete(cx, plan);
}

/* Inserts a checked plan as the next version of its key, with the add-ons of the one it is copied
 * from, if it is a copy. */
static enum err insert_draft(struct cx *cx, struct store_tx **tx, enum dialect dialect,
                             const struct plan_id *from, struct plan *plan)
{
    int64_t newest = 0;
    enum err err = plan_version_newest(cx, *tx, plan->key, &newest);
    if (err != OK)
        return err;
    plan->id = (struct plan_id){ cx_ulid(cx) };
    plan->org_id = cx->org;
    plan->version = newest + 1;
    plan->created_at = cx->now;
    plan->deleted_at = INSTANT_NONE;
    plan_draft(cx, plan);
    err = plan_printable(cx, dialect, plan);
    if (err == OK)
        err = plan_insert(cx, *tx, plan);
    if (err == OK && from != NULL)
        err = plan_addons_copy(cx, *tx, *from, plan);
    if (err == OK)
        err = plan_finish(cx, tx, TEXT("plan.create"), plan->id);
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_PLAN_DRAFT_EXISTS, "%s", "");
    return err;
}

/* ---- the flows ----------------------------------------------------------------------------- */

enum err plan_create(struct cx *cx, enum dialect dialect, const struct plan *input,
                     struct plan *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct plan plan;
    if (!plan_input_settle(input, dialect, &cx->problem, &plan))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = draft_check(cx, tx, dialect, &plan);
    if (err == OK)
        err = insert_draft(cx, &tx, dialect, NULL, &plan);
    if (err == OK)
        *ret = plan;
    return err;
}

/* The stored plan with all that an update request may say. */
static void replace_by(struct plan *plan, enum dialect dialect, const struct plan *input)
{
    plan->name = input->name;
    plan->description = input->description;
    plan->labels = input->labels;
    plan->is_pro_rating = input->is_pro_rating;
    plan->phases = input->phases;
    if (!span_is_zero(input->billing_cadence))
        plan->billing_cadence = input->billing_cadence;
    if (dialect == DIALECT_V1) {
        plan->settlement_mode = input->settlement_mode;
        plan->has_alignment = input->has_alignment;
        plan->alignment = input->alignment;
    }
}

/* Saves a plan that is, or is again, no version; the ones around it are effective as without it. */
static enum err withdraw(struct cx *cx, struct store_tx *tx, struct plan *plan)
{
    struct list versions;
    enum err err = plan_gather_versions(cx, tx, plan, &versions);
    if (err == OK)
        err = plan_save_versions(cx, tx, plan, false, &versions);
    return err;
}

enum err plan_update(struct cx *cx, enum dialect dialect, struct plan_id id,
                     const struct plan *input, struct plan *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct plan plan, settled;
    if (!plan_input_settle(input, dialect, &cx->problem, &settled))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = plan_gather(cx, tx, id, &plan);
    if (err != OK)
        return err;
    if (!plan_is_open(&plan))
        return plan_refuse_status(cx, &plan, "draft or scheduled");
    replace_by(&plan, dialect, &settled);
    err = draft_check(cx, tx, dialect, &plan);
    if (err != OK)
        return err;
    plan_draft(cx, &plan);
    err = plan_printable(cx, dialect, &plan);
    if (err == OK)
        err = withdraw(cx, tx, &plan);
    if (err == OK)
        err = plan_finish(cx, &tx, TEXT("plan.update"), id);
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_PLAN_DRAFT_EXISTS, "%s", "");
    if (err == OK)
        *ret = plan;
    return err;
}

enum err plan_delete(struct cx *cx, struct plan_id id)
{
    CHECK(cx != NULL);
    struct plan plan;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = plan_gather(cx, tx, id, &plan);
    if (err != OK)
        return err;
    if (!plan_is_open(&plan) && plan.status != PLAN_ARCHIVED)
        return plan_refuse_status(cx, &plan, "draft, scheduled or archived");
    plan.deleted_at = cx->now;
    plan.updated_at = cx->now;
    err = withdraw(cx, tx, &plan);
    if (err == OK)
        err = plan_finish(cx, &tx, TEXT("plan.delete"), id);
    return err;
}

enum err plan_next(struct cx *cx, enum dialect dialect, text id_or_key, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct plan plan;
    struct plan_id id;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err != OK)
        return err;
    err = ulid_parse(id_or_key, &id.ulid) ? plan_load(cx, tx, id, &plan)
                                          : plan_load_newest(cx, tx, id_or_key, &plan);
    if (err == ERR_ABSENT || (err == OK && !instant_is_none(plan.deleted_at)))
        return problem_refuse(&cx->problem, FAULT_PLAN_ABSENT, "%s", "");
    if (err != OK)
        return err;
    id = plan.id;
    err = draft_check(cx, tx, dialect, &plan);
    if (err == OK)
        err = insert_draft(cx, &tx, dialect, &id, &plan);
    if (err == OK)
        *ret = plan;
    return err;
}
