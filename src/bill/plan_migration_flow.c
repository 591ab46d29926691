/* plan_migration_flow.c: moving all subscriptions of a plan: gather, decide, apply. */
#include "bill/catalog_impact.h"
#include "bill/plan_migration_rows.h"
#include "identity/audit.h"

#include <stdlib.h>
#include <string.h>

/* The version to move to: published, and not deleted. */
static enum err target_gather(struct cx *cx, struct plan_id plan,
                              const struct plan_migration_body *body, struct plan *ret)
{
    struct plan of;
    struct timing timing;
    enum err err = plan_get(cx, plan, &of);
    if (err == OK && !timing_parse(body->timing, &timing))
        err = problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_INVALID,
                             "timing must be immediate, next_billing_cycle or an RFC 3339 time");
    if (err == OK)
        err = plan_find_version(cx, of.key, body->target_version, ret);
    if (err != OK)
        return err;
    if (ret->status != PLAN_ACTIVE && ret->status != PLAN_ARCHIVED)
        return problem_refuse(&cx->problem, FAULT_PLAN_STATUS,
                              "version %lld of the plan is %s: it was never published",
                              (long long)ret->version, plan_status_words[ret->status]);
    return OK;
}

/* ---- preview ------------------------------------------------------------------------------- */

static struct migration_sum *sum_of(struct plan_migration_preview *preview, text currency)
{
    struct migration_sum *sums = preview->sums.items;
    for (size_t i = 0; i < preview->sums.count; i++)
        if (text_equal(sums[i].currency, currency))
            return &sums[i];
    sums[preview->sums.count] = (struct migration_sum){ currency, DEC_ZERO, DEC_ZERO, DEC_ZERO };
    return &sums[preview->sums.count++];
}

static void sums_fill(struct plan_migration_preview *preview, struct arena *arena)
{
    const struct catalog_impact *impacts = preview->impacts.items;
    preview->sums.items = ARENA_ARRAY(arena, struct migration_sum, preview->impacts.count);
    for (size_t i = 0; i < preview->impacts.count; i++) {
        if (impacts[i].trouble.ptr != NULL)
            continue;
        struct migration_sum *sum = sum_of(preview, impacts[i].currency);
        sum->before = dec_add(sum->before, impacts[i].before);
        sum->after = dec_add(sum->after, impacts[i].after);
        sum->change = dec_add(sum->change, impacts[i].change);
    }
}

static int entry_order(const void *left, const void *right)
{
    const struct migration_entry *a = left;
    const struct migration_entry *b = right;
    return memcmp(a->subscription_id.ulid.bytes, b->subscription_id.ulid.bytes,
                  sizeof a->subscription_id.ulid.bytes);
}

/* The candidates come in the order of their ids. */
static bool is_candidate(const struct list *candidates, struct subscription_id id)
{
    const struct migration_entry wanted = { .subscription_id = id };
    return candidates->count > 0 && bsearch(&wanted, candidates->items, candidates->count,
                                            sizeof wanted, entry_order) != NULL;
}

/* Only those that would be moved. */
static void impacts_select(struct list *impacts, const struct list *candidates)
{
    struct catalog_impact *items = impacts->items;
    size_t count = 0;
    for (size_t i = 0; i < impacts->count; i++)
        if (is_candidate(candidates, items[i].subscription_id))
            items[count++] = items[i];
    impacts->count = count;
}

static enum err candidates_gather(struct cx *cx, const struct plan *target, struct list *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = migration_rows_candidates(cx, tx, target->key, target->version, ret);
    return err;
}

enum err plan_migration_preview(struct cx *cx, struct plan_id plan,
                                const struct plan_migration_body *body,
                                struct plan_migration_preview *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    struct plan target;
    enum err err = target_gather(cx, plan, body, &target);
    if (err != OK)
        return err;
    struct listed_reprice one = { target, target };
    const struct list repriced = { &one, 1 };
    struct plan_migration_preview preview = { .plan_key = target.key,
                                              .target_version = target.version };
    struct list candidates;
    err = candidates_gather(cx, &target, &candidates);
    if (err == OK)
        err = catalog_impact_gather(cx, &repriced, &(struct list){ 0 }, &preview.impacts);
    if (err != OK)
        return err;
    preview.subscriptions = (int64_t)candidates.count;
    impacts_select(&preview.impacts, &candidates);
    sums_fill(&preview, cx->arena);
    *ret = preview;
    return OK;
}

/* ---- starting ------------------------------------------------------------------------------ */

static enum err entries_add(struct cx *cx, struct store_tx *tx,
                            const struct plan_migration *migration)
{
    struct list candidates;
    enum err err = migration_rows_candidates(cx, tx, migration->plan_key, migration->target_version,
                                             &candidates);
    for (size_t i = 0; err == OK && i < candidates.count; i++) {
        struct migration_entry entry = ((const struct migration_entry *)candidates.items)[i];
        entry.id = (struct migration_entry_id){ cx_ulid(cx) };
        entry.org_id = cx->org;
        entry.migration_id = migration->id;
        entry.status = ENTRY_PENDING;
        entry.done_at = INSTANT_NONE;
        err = migration_rows_entry_insert(tx, &entry);
        if (err == OK)
            err = due_schedule(cx, tx, TEXT(DUE_SUBSCRIPTION_MIGRATE), entry.id.ulid, cx->now);
    }
    return err;
}

enum err plan_migration_start(struct cx *cx, struct plan_id plan,
                              const struct plan_migration_body *body, struct plan_migration *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    struct plan target;
    enum err err = target_gather(cx, plan, body, &target);
    if (err != OK)
        return err;
    struct plan_migration migration = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .plan_key = target.key,
        .target_version = target.version,
        .timing = text_is_empty(body->timing) ? text_of(timing_words[TIMING_IMMEDIATE])
                                              : body->timing,
        .created_at = cx->now,
    };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = migration_rows_insert(tx, &migration);
    if (err == OK)
        err = entries_add(cx, tx, &migration);
    if (err == OK)
        err = migration_rows_progress(cx, tx, &migration);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("plan.migrate"), target.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = migration;
    return err;
}

/* ---- one subscription ---------------------------------------------------------------------- */

static enum err entry_move(struct cx *cx, struct store_tx *tx, const struct due_row *row,
                           struct migration_entry *ret)
{
    struct plan_migration migration;
    struct subscription_pair moved;
    const struct migration_entry_id id = { row->subject_id.ulid };
    enum err err = due_done(tx, row, cx->arena);
    if (err == OK)
        err = migration_rows_entry(cx, tx, id, ret, &migration);
    if (err != OK || ret->status != ENTRY_PENDING)
        return err;
    const struct subscription_target target = { ulid_text(cx->arena, ret->subscription_id.ulid),
                                                0 };
    const struct subscription_migrate_body body = {
        .timing = migration.timing,
        .target_version = migration.target_version,
        .billing_anchor = INSTANT_NONE,
        .dialect = DIALECT_V3,
    };
    err = bill_migrate_in(cx, tx, &target, &body, &moved);
    if (err != OK)
        return err;
    ret->status = ENTRY_DONE;
    ret->next_id = moved.next.id;
    ret->done_at = cx->now;
    return migration_rows_entry_update(tx, ret);
}

/* What could not be moved is noted with the reason, and the work is done with it. */
static enum err entry_fail(struct cx *cx, const struct due_row *row, struct migration_entry *entry)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    entry->status = ENTRY_FAILED;
    entry->done_at = cx->now;
    entry->reason = text_format(cx->arena, "%s: %.*s", fault_info(cx->problem.fault)->slug,
                                TEXT_ARG(problem_sentence(&cx->problem)));
    problem_init(&cx->problem, cx->arena);
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = due_done(tx, row, cx->arena);
    if (err == OK)
        err = migration_rows_entry_update(tx, entry);
    return store_finish(&tx, err);
}

enum err plan_migration_run(struct cx *cx, const struct due_row *row)
{
    CHECK(cx != NULL && row != NULL);
    struct migration_entry entry = { 0 };
    struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = entry_move(cx, tx, row, &entry);
    err = store_finish(&tx, err);
    if (err == ERR_REFUSED && !ulid_is_zero(entry.id.ulid))
        err = entry_fail(cx, row, &entry);
    return err == ERR_ABSENT ? OK : err;
}

/* ---- questions ----------------------------------------------------------------------------- */

enum err plan_migration_list(struct cx *cx, struct plan_id plan, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct plan of;
    struct list list = { 0 };
    enum err err = plan_get(cx, plan, &of);
    if (err != OK)
        return err;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = migration_rows_of_plan(cx, tx, of.key, &list);
    for (size_t i = 0; err == OK && i < list.count; i++)
        err = migration_rows_progress(cx, tx, (struct plan_migration *)list.items + i);
    if (err == OK)
        *ret = list;
    return err;
}

enum err plan_migration_get(struct cx *cx, struct plan_id plan, text id, struct plan_migration *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct list list;
    ulid wanted = { { 0 } };
    enum err err = plan_migration_list(cx, plan, &list);
    if (err != OK)
        return err;
    for (size_t i = 0; ulid_parse(id, &wanted) && i < list.count; i++) {
        const struct plan_migration *one = (const struct plan_migration *)list.items + i;
        if (!ulid_equal(one->id.ulid, wanted))
            continue;
        *ret = *one;
        return OK;
    }
    return problem_refuse(&cx->problem, FAULT_PLAN_MIGRATION_ABSENT, "%.*s", TEXT_ARG(id));
}

enum err plan_version_counts(struct cx *cx, struct plan_id plan, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct plan of;
    enum err err = plan_get(cx, plan, &of);
    if (err != OK)
        return err;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = migration_rows_counts(cx, tx, of.key, ret);
    return err;
}
