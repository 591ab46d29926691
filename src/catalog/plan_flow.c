/* plan_flow.c: the flows that change plans.
 *
 * All of them gather inside the write transaction: between the look at a feature or at the versions
 * of a key and the change nobody else writes. The indexes of sql/schema say the same once more.
 */
#include "catalog/plan_input.h"
#include "catalog/plan_rows.h"
#include "catalog/plan_rules.h"
#include "catalog/rate_card_flow.h"
#include "identity/audit.h"

/* ---- gather -------------------------------------------------------------------------------- */

static enum err gather_facts(struct cx *cx, struct store_tx *tx, struct plan *plan,
                             struct plan_facts *ret)
{
    struct plan_facts facts = { .count = plan_card_count(plan) };
    struct card_facts *next = ARENA_ARRAY(cx->arena, struct card_facts, facts.count);
    facts.cards = next;
    for (size_t p = 0; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        enum err err = card_facts_gather(cx, tx, &phase->rate_cards, next);
        if (err != OK)
            return err;
        next += phase->rate_cards.count;
    }
    *ret = facts;
    return OK;
}

/* The plan with this id, unless it is deleted. */
static enum err gather_plan(struct cx *cx, struct store_tx *tx, struct plan_id id, struct plan *ret)
{
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

static enum err refuse_issues(struct cx *cx, enum dialect dialect, const struct list *issues)
{
    return issues_refuse(cx, FAULT_PLAN_INVALID, dialect, issues);
}

/* Holds the plan against the rules: critical issues refuse, the others stay with the draft. */
static enum err draft_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                            struct plan *plan)
{
    struct plan_facts facts;
    enum err err = gather_facts(cx, tx, plan, &facts);
    if (err != OK)
        return err;
    struct list issues = plan_issues(plan, &facts, cx->arena);
    struct list critical = plan_issues_select(&issues, true, cx->arena);
    if (critical.count > 0)
        return refuse_issues(cx, dialect, &critical);
    plan->validation_errors = plan_issues_select(&issues, false, cx->arena);
    return OK;
}

static enum err refuse_status(struct cx *cx, const struct plan *plan, const char *allowed)
{
    return problem_refuse(&cx->problem, FAULT_PLAN_STATUS, "the plan is %s, not %s",
                          plan_status_words[plan->status], allowed);
}

static bool status_is_open(const struct plan *plan)
{
    return plan->status == PLAN_DRAFT || plan->status == PLAN_SCHEDULED;
}

/* ---- apply --------------------------------------------------------------------------------- */

/* Audits and commits; `*tx` is over afterwards. */
static enum err finish(struct cx *cx, struct store_tx **tx, text action, struct plan_id id)
{
    enum err err = audit_write(cx, *tx, action, id.ulid, TEXT_NONE);
    return store_finish(tx, err);
}

/* Inserts a checked plan as the next version of its key. */
static enum err insert_draft(struct cx *cx, struct store_tx **tx, struct plan *plan)
{
    int64_t newest = 0;
    enum err err = plan_version_newest(cx, *tx, plan->key, &newest);
    if (err != OK)
        return err;
    plan->id = (struct plan_id){ cx_ulid(cx) };
    plan->org_id = cx->org;
    plan->version = newest + 1;
    plan->effective_from = INSTANT_NONE;
    plan->effective_to = INSTANT_NONE;
    plan->created_at = cx->now;
    plan->updated_at = cx->now;
    plan->deleted_at = INSTANT_NONE;
    plan_complete(cx, plan);
    err = plan_insert(cx, *tx, plan);
    if (err == OK)
        err = finish(cx, tx, TEXT("plan.create"), plan->id);
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
        err = insert_draft(cx, &tx, &plan);
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
        err = gather_plan(cx, tx, id, &plan);
    if (err != OK)
        return err;
    if (!status_is_open(&plan))
        return refuse_status(cx, &plan, "draft or scheduled");
    replace_by(&plan, dialect, &settled);
    err = draft_check(cx, tx, dialect, &plan);
    if (err != OK)
        return err;
    plan.effective_from = INSTANT_NONE;
    plan.effective_to = INSTANT_NONE;
    plan.updated_at = cx->now;
    plan_complete(cx, &plan);
    err = plan_save(cx, tx, &plan);
    if (err == OK)
        err = finish(cx, &tx, TEXT("plan.update"), id);
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
        err = gather_plan(cx, tx, id, &plan);
    if (err != OK)
        return err;
    if (!status_is_open(&plan) && plan.status != PLAN_ARCHIVED)
        return refuse_status(cx, &plan, "draft, scheduled or archived");
    plan.deleted_at = cx->now;
    plan.updated_at = cx->now;
    err = plan_save(cx, tx, &plan);
    if (err == OK)
        err = finish(cx, &tx, TEXT("plan.delete"), id);
    return err;
}

/* Ends a version now. One that has not begun yet ends as it begins. */
static enum err end_version(struct cx *cx, struct store_tx *tx, struct plan *plan)
{
    bool is_begun = !instant_before(cx->now, plan->effective_from);
    plan->effective_to = is_begun ? cx->now : plan->effective_from;
    plan->updated_at = cx->now;
    plan_complete(cx, plan);
    return plan_save(cx, tx, plan);
}

/* Ends the version of the key that is open, if there is one. */
static enum err end_open_version(struct cx *cx, struct store_tx *tx, const struct plan *by)
{
    struct plan open;
    enum err err = plan_load_open(cx, tx, by->key, &open);
    if (err == ERR_ABSENT || (err == OK && ulid_equal(open.id.ulid, by->id.ulid)))
        return OK;
    if (err == OK)
        err = end_version(cx, tx, &open);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("plan.archive"), open.id.ulid, TEXT_NONE);
    return err;
}

/* Any issue at all keeps a plan from being published. */
static enum err publish_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                              struct plan *plan)
{
    struct plan_facts facts;
    if (!status_is_open(plan))
        return refuse_status(cx, plan, "draft or scheduled");
    enum err err = gather_facts(cx, tx, plan, &facts);
    if (err != OK)
        return err;
    struct list issues = plan_issues(plan, &facts, cx->arena);
    return issues.count > 0 ? refuse_issues(cx, dialect, &issues) : OK;
}

enum err plan_publish(struct cx *cx, enum dialect dialect, struct plan_id id, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct plan plan;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather_plan(cx, tx, id, &plan);
    if (err == OK)
        err = publish_check(cx, tx, dialect, &plan);
    if (err == OK)
        err = end_open_version(cx, tx, &plan);
    if (err != OK)
        return err;
    plan.effective_from = cx->now;
    plan.effective_to = INSTANT_NONE;
    plan.updated_at = cx->now;
    plan.validation_errors = (struct list){ 0 };
    plan_complete(cx, &plan);
    CHECK(plan.status == PLAN_ACTIVE);
    err = plan_save(cx, tx, &plan);
    if (err == OK)
        err = finish(cx, &tx, TEXT("plan.publish"), id);
    if (err == OK)
        *ret = plan;
    return err;
}

enum err plan_archive(struct cx *cx, struct plan_id id, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct plan plan;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather_plan(cx, tx, id, &plan);
    if (err != OK)
        return err;
    if (plan.status != PLAN_ACTIVE)
        return refuse_status(cx, &plan, "active");
    err = end_version(cx, tx, &plan);
    if (err == OK)
        err = finish(cx, &tx, TEXT("plan.archive"), id);
    if (err == OK)
        *ret = plan;
    return err;
}

enum err plan_next(struct cx *cx, text id_or_key, struct plan *ret)
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
    if (err == OK)
        err = draft_check(cx, tx, DIALECT_V1, &plan);
    if (err == OK)
        err = insert_draft(cx, &tx, &plan);
    if (err == OK)
        *ret = plan;
    return err;
}
