/* plan_migration_rows.h: migrations in the store. Used by this module only. */
#ifndef BILL_PLAN_MIGRATION_ROWS_H
#define BILL_PLAN_MIGRATION_ROWS_H

#include "bill/plan_migration.h"

/* Stores a migration; stores a subscription of one. */
NODISCARD enum err migration_rows_insert(struct store_tx *tx,
                                         const struct plan_migration *migration);
NODISCARD enum err migration_rows_entry_insert(struct store_tx *tx,
                                               const struct migration_entry *entry);

/* The active subscriptions that are on a lower version: struct migration_entry with their ids. */
NODISCARD enum err migration_rows_candidates(struct cx *cx, struct store_tx *tx, text plan_key,
                                             int64_t target_version, struct list *ret);

/* Those of a plan's key, newest first, without views. */
NODISCARD enum err migration_rows_of_plan(struct cx *cx, struct store_tx *tx, text plan_key,
                                          struct list *ret);

/* Fills the views. */
NODISCARD enum err migration_rows_progress(struct cx *cx, struct store_tx *tx,
                                           struct plan_migration *migration);

/* An entry with its migration; ERR_ABSENT when there is none. Stores what became of an entry. */
NODISCARD enum err migration_rows_entry(struct cx *cx, struct store_tx *tx,
                                        struct migration_entry_id id, struct migration_entry *ret,
                                        struct plan_migration *ret_migration);
NODISCARD enum err migration_rows_entry_update(struct store_tx *tx,
                                               const struct migration_entry *entry);

/* How many subscriptions each version of a plan has: struct plan_version_count. */
NODISCARD enum err migration_rows_counts(struct cx *cx, struct store_tx *tx, text plan_key,
                                         struct list *ret);

#endif
