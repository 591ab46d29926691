/* plan_migration.h: all subscriptions of a plan moved to a newer version of it.
 *
 * What it would come to is previewed without writing anything. Started, each subscription is a
 * piece of due work of its own: those that cannot be moved are named with the reason, the others go
 * on. A subscription that was moved, changed or ended meanwhile is left as it is.
 */
#ifndef BILL_PLAN_MIGRATION_H
#define BILL_PLAN_MIGRATION_H

#include "bill/billing.h"

ID_TYPE(plan_migration);
ID_TYPE(migration_entry);

#define DUE_SUBSCRIPTION_MIGRATE "subscription.migrate" /* on an entry */

enum entry_status { ENTRY_PENDING, ENTRY_DONE, ENTRY_FAILED, ENTRY_STATUS_COUNT };

/* One subscription of a migration. */
struct migration_entry {
    struct migration_entry_id id;
    struct org_id org_id;
    struct plan_migration_id migration_id;
    struct subscription_id subscription_id;
    struct customer_id customer_id;
    int64_t from_version;
    enum entry_status status;
    struct subscription_id next_id; /* once done */
    text reason;                    /* why it failed */
    instant done_at;
};

enum migration_status { MIGRATION_RUNNING, MIGRATION_DONE, MIGRATION_STATUS_COUNT };

struct plan_migration {
    struct plan_migration_id id;
    struct org_id org_id;
    text plan_key;
    int64_t target_version;
    text timing;
    instant created_at;

    enum migration_status status; /* views from here: progress and what failed */
    int64_t total;
    int64_t done;
    int64_t failed;
    struct list failures; /* of struct migration_entry */
};
extern const struct fields plan_migration_fields;

struct plan_migration_body {
    text timing;            /* immediate when absent */
    int64_t target_version; /* 0: the active one */
};
extern const struct fields plan_migration_body_fields;

/* Sums of a currency. */
struct migration_sum {
    text currency;
    dec before;
    dec after;
    dec change;
};

/* What the open periods would come to on the new version, with the usage so far. */
struct plan_migration_preview {
    text plan_key;
    int64_t target_version;
    int64_t subscriptions; /* that would be moved */
    struct list sums;      /* of struct migration_sum */
    struct list impacts;   /* of struct catalog_impact: those for whom something changes */
};
extern const struct fields plan_migration_preview_fields;

/* How many subscriptions are on a version. */
struct plan_version_count {
    int64_t version;
    int64_t active;
    int64_t canceled;
    int64_t scheduled;
    int64_t inactive;
};
extern const struct fields plan_version_count_fields;

/* Starts moving the active subscriptions of the plan's key that are on a lower version. Faults:
 * PLAN_ABSENT, PLAN_STATUS (the target was never published), SUBSCRIPTION_INVALID (timing). */
NODISCARD enum err plan_migration_start(struct cx *cx, struct plan_id plan,
                                        const struct plan_migration_body *body,
                                        struct plan_migration *ret);

/* What that would come to. The same faults. */
NODISCARD enum err plan_migration_preview(struct cx *cx, struct plan_id plan,
                                          const struct plan_migration_body *body,
                                          struct plan_migration_preview *ret);

/* One of the plan's; all of them, newest first. PLAN_ABSENT, PLAN_MIGRATION_ABSENT. */
NODISCARD enum err plan_migration_get(struct cx *cx, struct plan_id plan, text id,
                                      struct plan_migration *ret);
NODISCARD enum err plan_migration_list(struct cx *cx, struct plan_id plan, struct list *ret);

/* The versions of the plan's key that have subscriptions: struct plan_version_count. */
NODISCARD enum err plan_version_counts(struct cx *cx, struct plan_id plan, struct list *ret);

/* Moves the subscription of an entry: as bill_run_due, which calls it. */
NODISCARD enum err plan_migration_run(struct cx *cx, const struct due_row *row);

#endif
