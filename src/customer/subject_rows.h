/* subject_rows.h: the records of subjects in the store. Used by this module's flows only. */
#ifndef CUSTOMER_SUBJECT_ROWS_H
#define CUSTOMER_SUBJECT_ROWS_H

#include "customer/subject.h"

/* ERR_ABSENT when there is none. By id, deleted ones too; by key the living one. */
NODISCARD enum err subject_rows_by_id(struct cx *cx, struct store_tx *tx, ulid id,
                                      struct subject *ret);
NODISCARD enum err subject_rows_by_key(struct cx *cx, struct store_tx *tx, text key,
                                       struct subject *ret);

/* Stores a new one; replaces one that lives; marks one as deleted. */
NODISCARD enum err subject_rows_insert(struct store_tx *tx, const struct subject *subject);
NODISCARD enum err subject_rows_update(struct store_tx *tx, const struct subject *subject);
NODISCARD enum err subject_rows_delete(struct cx *cx, struct store_tx *tx, struct subject_id id);

/* What subject_list answers. */
NODISCARD enum err subject_rows_all(struct cx *cx, struct store_tx *tx, struct list *ret);

#endif
