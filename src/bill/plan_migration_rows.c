/* plan_migration_rows.c: migrations in the store, and as they are printed. */
#include "bill/plan_migration_rows.h"

#include "bill/catalog_impact.h"

static const char *const entry_words[] = { "pending", "done", "failed", NULL };
static const char *const status_words[] = { "running", "done", NULL };

_Static_assert(COUNT_OF(entry_words) == ENTRY_STATUS_COUNT + 1, "one word per status");
_Static_assert(COUNT_OF(status_words) == MIGRATION_STATUS_COUNT + 1, "one word per status");

#define VIEW (FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN)

static const struct field entry_rows[] = {
    FIELD_ID(struct migration_entry, id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct migration_entry, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct migration_entry, migration_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct migration_entry, subscription_id),
    FIELD_ID(struct migration_entry, customer_id),
    FIELD(struct migration_entry, from_version, INT),
    FIELD_WORD(struct migration_entry, status, entry_words),
    FIELD_ID_AS(struct migration_entry, next_id, "next_id", .flags = FIELD_NOT_JSON),
    FIELD(struct migration_entry, reason, TEXT),
    FIELD(struct migration_entry, done_at, INSTANT),
};
static const struct fields entry_fields =
    FIELDS("PlanMigrationEntry", struct migration_entry, entry_rows);

static const struct field migration_rows[] = {
    FIELD_ID(struct plan_migration, id, .flags = FIELD_REQUIRED),
    FIELD_ID(struct plan_migration, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct plan_migration, plan_key, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct plan_migration, target_version, INT, .flags = FIELD_REQUIRED),
    FIELD(struct plan_migration, timing, TEXT),
    FIELD_WORD(struct plan_migration, status, status_words, .flags = VIEW),
    FIELD(struct plan_migration, total, INT, .flags = VIEW),
    FIELD(struct plan_migration, done, INT, .flags = VIEW),
    FIELD(struct plan_migration, failed, INT, .flags = VIEW),
    FIELD(struct plan_migration, failures, LIST, .sub = &entry_fields, .flags = VIEW | FIELD_ALWAYS,
          .about = "The subscriptions that could not be moved, with the reasons."),
    FIELD(struct plan_migration, created_at, INSTANT, .flags = FIELD_REQUIRED),
};
const struct fields plan_migration_fields =
    FIELDS("PlanMigration", struct plan_migration, migration_rows);

static const struct field body_rows[] = {
    FIELD(struct plan_migration_body, timing, TEXT, .form = FORM_NON_EMPTY,
          .about = "immediate, next_billing_cycle, or an RFC 3339 instant."),
    FIELD(struct plan_migration_body, target_version, INT, .items_min = 1, .items_max = INT64_MAX,
          .about = "The active version when absent."),
};
const struct fields plan_migration_body_fields =
    FIELDS("PlanMigrationRequest", struct plan_migration_body, body_rows);

static const struct field sum_rows[] = {
    FIELD(struct migration_sum, currency, TEXT),
    FIELD(struct migration_sum, before, DEC),
    FIELD(struct migration_sum, after, DEC),
    FIELD(struct migration_sum, change, DEC),
};
static const struct fields sum_fields = FIELDS("PlanMigrationSum", struct migration_sum, sum_rows);

static const struct field preview_rows[] = {
    FIELD(struct plan_migration_preview, plan_key, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct plan_migration_preview, target_version, INT, .flags = FIELD_REQUIRED),
    FIELD(struct plan_migration_preview, subscriptions, INT, .flags = FIELD_REQUIRED,
          .about = "How many would be moved."),
    FIELD(struct plan_migration_preview, sums, LIST, .sub = &sum_fields,
          .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .about = "What the open periods come to, with the usage so far, and would come to."),
    FIELD(struct plan_migration_preview, impacts, LIST, .sub = &catalog_impact_fields,
          .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .about = "The subscriptions for which something changes."),
};
const struct fields plan_migration_preview_fields =
    FIELDS("PlanMigrationPreview", struct plan_migration_preview, preview_rows);

static const struct field count_rows[] = {
    FIELD(struct plan_version_count, version, INT),
    FIELD(struct plan_version_count, active, INT),
    FIELD(struct plan_version_count, canceled, INT),
    FIELD(struct plan_version_count, scheduled, INT),
    FIELD(struct plan_version_count, inactive, INT),
};
const struct fields plan_version_count_fields =
    FIELDS("PlanVersionCount", struct plan_version_count, count_rows);

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err migration_rows_insert(struct store_tx *tx, const struct plan_migration *migration)
{
    CHECK(!ulid_is_zero(migration->id.ulid));
    struct store_call call = { .fields = &plan_migration_fields, .record = migration };
    return store_run(tx, SQL_PLAN_MIGRATION_INSERT, &call, NULL);
}

enum err migration_rows_entry_insert(struct store_tx *tx, const struct migration_entry *entry)
{
    CHECK(!ulid_is_zero(entry->id.ulid) && !ulid_is_zero(entry->migration_id.ulid));
    struct store_call call = { .fields = &entry_fields, .record = entry };
    return store_run(tx, SQL_PLAN_MIGRATION_ENTRY_INSERT, &call, NULL);
}

enum err migration_rows_candidates(struct cx *cx, struct store_tx *tx, text plan_key,
                                   int64_t target_version, struct list *ret)
{
    CHECK(target_version > 0 && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_text("plan_key", plan_key),
                           store_int("target_version", target_version),
                           store_instant("now", cx->now, cx->arena)),
    };
    return store_all(tx, SQL_PLAN_MIGRATION_CANDIDATES, &call, STORE_AS(&entry_fields, cx->arena),
                     ret);
}

enum err migration_rows_of_plan(struct cx *cx, struct store_tx *tx, text plan_key, struct list *ret)
{
    CHECK(!text_is_empty(plan_key) && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("plan_key", plan_key)) };
    return store_all(tx, SQL_PLAN_MIGRATIONS, &call, STORE_AS(&plan_migration_fields, cx->arena),
                     ret);
}

static enum err count(struct cx *cx, struct store_tx *tx, const struct plan_migration *migration,
                      enum entry_status status, int64_t *ret)
{
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("migration_id", migration->id.ulid, cx->arena),
                           store_text("status", text_of(entry_words[status]))),
    };
    return store_number(tx, SQL_PLAN_MIGRATION_COUNT, &call, ret);
}

enum err migration_rows_progress(struct cx *cx, struct store_tx *tx,
                                 struct plan_migration *migration)
{
    CHECK(migration != NULL);
    int64_t pending = 0;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("migration_id", migration->id.ulid, cx->arena)),
    };
    enum err err = count(cx, tx, migration, ENTRY_PENDING, &pending);
    if (err == OK)
        err = count(cx, tx, migration, ENTRY_DONE, &migration->done);
    if (err == OK)
        err = store_all(tx, SQL_PLAN_MIGRATION_FAILURES, &call, STORE_AS(&entry_fields, cx->arena),
                        &migration->failures);
    if (err != OK)
        return err;
    migration->failed = (int64_t)migration->failures.count;
    migration->total = pending + migration->done + migration->failed;
    migration->status = pending > 0 ? MIGRATION_RUNNING : MIGRATION_DONE;
    return OK;
}

enum err migration_rows_entry(struct cx *cx, struct store_tx *tx, struct migration_entry_id id,
                              struct migration_entry *ret, struct plan_migration *ret_migration)
{
    CHECK(!ulid_is_zero(id.ulid) && ret != NULL && ret_migration != NULL);
    struct store_call find = { .args =
                                   STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)) };
    enum err err =
        store_one(tx, SQL_PLAN_MIGRATION_ENTRY_GET, &find, STORE_AS(&entry_fields, cx->arena), ret);
    if (err != OK)
        return err;
    struct store_call of = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", ret->migration_id.ulid, cx->arena))
    };
    return store_one(tx, SQL_PLAN_MIGRATION_GET, &of, STORE_AS(&plan_migration_fields, cx->arena),
                     ret_migration);
}

enum err migration_rows_entry_update(struct store_tx *tx, const struct migration_entry *entry)
{
    CHECK(!ulid_is_zero(entry->id.ulid) && entry->status != ENTRY_PENDING);
    struct store_call call = { .fields = &entry_fields, .record = entry };
    return store_run(tx, SQL_PLAN_MIGRATION_ENTRY_UPDATE, &call, NULL);
}

enum err migration_rows_counts(struct cx *cx, struct store_tx *tx, text plan_key, struct list *ret)
{
    CHECK(!text_is_empty(plan_key) && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_text("plan_key", plan_key),
                           store_instant("now", cx->now, cx->arena)),
    };
    return store_all(tx, SQL_PLAN_VERSION_COUNTS, &call,
                     STORE_AS(&plan_version_count_fields, cx->arena), ret);
}
