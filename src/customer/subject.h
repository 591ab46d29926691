/* subject.h: what clients say of a subject beside its usage: a name to show, data of their own.
 *
 * Such a record is optional. Events carry subjects that nobody described, and whose usage a
 * subject's is follows from the subject keys of customers alone (customer.h): making, changing or
 * deleting a record here moves no usage. Only v1 has these records, and calls them deprecated.
 *
 * Commands run for the organization of their context and refuse through cx->problem (ERR_REFUSED).
 * Answers live in cx->arena. Changes leave an audit row in their transaction.
 */
#ifndef CUSTOMER_SUBJECT_H
#define CUSTOMER_SUBJECT_H

#include "base/id.h"
#include "codec/fields.h"
#include "identity/cx.h"

ID_TYPE(subject);

struct subject {
    struct subject_id id;
    struct org_id org_id;
    text key; /* as it stands on events */
    text display_name;
    text metadata; /* a JSON object, as written */
    text stripe_customer_id;
    instant current_period_start;
    instant current_period_end;
    instant created_at;
    instant updated_at;
    instant deleted_at;
};

/* What to make of a subject: of `body` those members that were given. One that was given as null
 * is taken away. */
struct subject_upsert {
    struct subject body;
    bool has_display_name;
    bool has_metadata;
    bool has_stripe_customer_id;
    bool has_current_period_start;
    bool has_current_period_end;
};

/* Rows of the table, and answers; an item of a body, read into a struct subject. */
extern const struct fields subject_fields;
extern const struct fields subject_upsert_fields;

/* Reads an item through the table and notes which members it has. Faults are added to `problem`;
 * returns whether there were none. */
NODISCARD bool subject_upsert_read(const struct json *item, struct problem *problem,
                                   struct subject_upsert *ret);

/* Pure: the subject after the change, or FAULT_SUBJECT_PERIOD when its period would not end after
 * it begins. Id, key and times of the record are left as they are. */
NODISCARD enum fault subject_apply(const struct subject_upsert *change, struct subject *subject);

/* Makes the subjects whose keys are not there and changes the others, all or none: `ret` holds a
 * struct subject for each of `wanted`, in that order. A key that is there twice is made by the
 * first and changed by the second. FAULT_SUBJECT_PERIOD. */
NODISCARD enum err subject_upsert(struct cx *cx, const struct subject_upsert *wanted, size_t count,
                                  struct list *ret);

/* By id, a deleted one too, else by key among the living: FAULT_SUBJECT_ABSENT. */
NODISCARD enum err subject_get(struct cx *cx, text id_or_key, struct subject *ret);

/* All that are not deleted, oldest first. */
NODISCARD enum err subject_list(struct cx *cx, struct list *ret);

/* Marks it deleted and releases its key: FAULT_SUBJECT_ABSENT. Deleting it twice by its id is no
 * fault. */
NODISCARD enum err subject_delete(struct cx *cx, text id_or_key);

#endif
