/* plan_publish_flow.c: publishing a draft, and ending a version. */
#include "catalog/plan_addon.h"
#include "catalog/plan_inside.h"
#include "catalog/plan_version.h"
#include "catalog/rate_card_flow.h"
#include "identity/audit.h"

/* ---- gather -------------------------------------------------------------------------------- */

enum err plan_gather_versions(struct cx *cx, struct store_tx *tx, const struct plan *plan,
                              struct list *ret)
{
    CHECK(cx != NULL && plan != NULL && ret != NULL);
    struct list all;
    enum err err = plan_load_versions(cx, tx, plan->key, &all);
    if (err != OK)
        return err;
    const struct plan *items = all.items;
    struct plan *others = ARENA_ARRAY(cx->arena, struct plan, all.count);
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (!ulid_equal(items[i].id.ulid, plan->id.ulid))
            others[count++] = items[i];
    }
    *ret = (struct list){ others, count };
    return OK;
}

/* ---- decide -------------------------------------------------------------------------------- */

static void period_refuse(struct cx *cx, const char *member, const char *reason, const char *code)
{
    struct problem_field field = {
        .field = text_of(member),
        .rule = TEXT("invalid"),
        .reason = text_of(reason),
        .code = text_of(code),
        .source = SOURCE_BODY,
    };
    problem_set(&cx->problem, FAULT_PLAN_INVALID, "%s", "");
    problem_add_field(&cx->problem, &field);
}

static enum err period_decide(struct cx *cx, enum dialect dialect,
                              const struct plan_publication *when, struct plan *plan)
{
    bool is_v1 = dialect == DIALECT_V1;
    bool has_from = !instant_is_none(when->effective_from);
    bool has_to = !instant_is_none(when->effective_to);
    instant from = has_from ? when->effective_from : cx->now;
    if (has_to && !has_from)
        period_refuse(cx, is_v1 ? "effectiveFrom" : "effective_from",
                      "is required with an end of the period", "effective_period_from_not_set");
    else if (has_to && !instant_before(from, when->effective_to))
        period_refuse(cx, is_v1 ? "effectiveFrom" : "effective_from",
                      "must be before the end of the period", "effective_period_from_after_to");
    if (instant_before(from, cx->now))
        period_refuse(cx, is_v1 ? "effectiveFrom" : "effective_from", "must not be in the past",
                      "");
    plan->effective_from = from;
    plan->ends_at = when->effective_to;
    plan->effective_to = when->effective_to;
    return problem_err(&cx->problem);
}

/* Any issue at all keeps a plan from being published. */
static enum err publish_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                              struct plan *plan)
{
    struct plan_facts facts;
    if (!plan_is_open(plan))
        return plan_refuse_status(cx, plan, "draft or scheduled");
    enum err err = plan_gather_facts(cx, tx, plan, &facts);
    if (err != OK)
        return err;
    struct list issues = plan_issues(plan, &facts, cx->arena);
    err = plan_addons_check(cx, tx, plan, &issues);
    if (err != OK)
        return err;
    if (issues.count > 0)
        return issues_refuse(cx, FAULT_PLAN_INVALID, dialect, &issues);
    return plan_printable(cx, dialect, plan);
}

/* ---- apply --------------------------------------------------------------------------------- */

/* A version with another end than before: saved, and written into the book when it is over. */
static enum err save_end(struct cx *cx, struct store_tx *tx, struct plan *version)
{
    version->updated_at = cx->now;
    plan_complete(cx, version);
    enum err err = plan_save(cx, tx, version);
    if (err == OK && version->status == PLAN_ARCHIVED)
        err = audit_write(cx, tx, TEXT("plan.archive"), version->id.ulid, TEXT_NONE);
    return err;
}

/* One round: saves the versions whose end has changed and that are open, or those that are not. */
static enum err save_ends(struct cx *cx, struct store_tx *tx, const struct list *before,
                          struct plan *after, bool is_open)
{
    const struct plan *old = before->items;
    enum err err = OK;
    for (size_t i = 0; i < before->count && err == OK; i++) {
        bool is_same = instant_equal(old[i].effective_to, after[i].effective_to) &&
                       instant_equal(old[i].ends_at, after[i].ends_at);
        if (!is_same && instant_is_none(after[i].effective_to) == is_open)
            err = save_end(cx, tx, &after[i]);
    }
    return err;
}

enum err plan_save_versions(struct cx *cx, struct store_tx *tx, struct plan *plan,
                            bool is_published, const struct list *versions)
{
    CHECK(cx != NULL && plan != NULL && versions != NULL);
    size_t count = versions->count;
    struct plan *all = ARENA_ARRAY(cx->arena, struct plan, count + 1);
    for (size_t i = 0; i < count; i++)
        all[i] = ((const struct plan *)versions->items)[i];
    if (is_published)
        plan_versions_yield(all, count, plan);
    all[count] = *plan;
    plan_versions_settle(all, is_published ? count + 1 : count);
    plan->effective_to = is_published ? all[count].effective_to : plan->effective_to;
    plan_complete(cx, plan);
    bool is_open = is_published && instant_is_none(plan->effective_to);
    enum err err = is_open ? OK : plan_save(cx, tx, plan);
    if (err == OK)
        err = save_ends(cx, tx, versions, all, false);
    if (err == OK && is_open)
        err = plan_save(cx, tx, plan);
    if (err == OK)
        err = save_ends(cx, tx, versions, all, true);
    return err;
}

/* ---- the flows ----------------------------------------------------------------------------- */

enum err plan_publish_at(struct cx *cx, enum dialect dialect, struct plan_id id,
                         const struct plan_publication *when, struct plan *ret)
{
    CHECK(cx != NULL && when != NULL && ret != NULL);
    struct plan plan;
    struct list versions;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = plan_gather(cx, tx, id, &plan);
    if (err == OK)
        err = publish_check(cx, tx, dialect, &plan);
    if (err == OK)
        err = period_decide(cx, dialect, when, &plan);
    if (err == OK)
        err = plan_gather_versions(cx, tx, &plan, &versions);
    if (err != OK)
        return err;
    plan.updated_at = cx->now;
    plan.validation_errors = (struct list){ 0 };
    err = plan_save_versions(cx, tx, &plan, true, &versions);
    CHECK(plan.status == PLAN_ACTIVE || plan.status == PLAN_SCHEDULED);
    if (err == OK)
        err = plan_finish(cx, &tx, TEXT("plan.publish"), id);
    if (err == OK)
        *ret = plan;
    return err;
}

enum err plan_publish(struct cx *cx, enum dialect dialect, struct plan_id id, struct plan *ret)
{
    const struct plan_publication now = { INSTANT_NONE, INSTANT_NONE };
    return plan_publish_at(cx, dialect, id, &now, ret);
}

enum err plan_archive(struct cx *cx, enum dialect dialect, struct plan_id id, struct plan *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct plan plan;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = plan_gather(cx, tx, id, &plan);
    if (err != OK)
        return err;
    if (plan.status != PLAN_ACTIVE)
        return plan_refuse_status(cx, &plan, "active");
    err = plan_printable(cx, dialect, &plan);
    if (err != OK)
        return err;
    plan.ends_at = cx->now;
    plan.effective_to = cx->now;
    plan.updated_at = cx->now;
    plan_complete(cx, &plan);
    err = plan_save(cx, tx, &plan);
    if (err == OK)
        err = plan_finish(cx, &tx, TEXT("plan.archive"), id);
    if (err == OK)
        *ret = plan;
    return err;
}
