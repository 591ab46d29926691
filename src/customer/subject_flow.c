/* subject_flow.c: the commands on subjects: gather, decide, apply. */
#include "customer/subject_rows.h"
#include "identity/audit.h"

static enum err subject_find(struct cx *cx, struct store_tx *tx, text id_or_key,
                             struct subject *ret)
{
    enum err err = ERR_ABSENT;
    ulid id;
    if (ulid_parse(id_or_key, &id))
        err = subject_rows_by_id(cx, tx, id, ret);
    if (err == ERR_ABSENT && !text_is_empty(id_or_key))
        err = subject_rows_by_key(cx, tx, id_or_key, ret);
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_SUBJECT_ABSENT, "no subject has the id or key %.*s",
                          TEXT_ARG(id_or_key));
}

/* The subject with the key as it is, or a new one without anything said of it. */
static enum err gather_subject(struct cx *cx, struct store_tx *tx, text key, struct subject *ret,
                               bool *ret_is_new)
{
    enum err err = subject_rows_by_key(cx, tx, key, ret);
    *ret_is_new = err == ERR_ABSENT;
    if (err != ERR_ABSENT)
        return err;
    *ret = (struct subject){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .key = key,
        .current_period_start = INSTANT_NONE,
        .current_period_end = INSTANT_NONE,
        .created_at = cx->now,
        .deleted_at = INSTANT_NONE,
    };
    return OK;
}

static enum err upsert_one(struct cx *cx, struct store_tx *tx, const struct subject_upsert *wanted,
                           struct subject *ret)
{
    struct subject subject;
    bool is_new;
    enum err err = gather_subject(cx, tx, wanted->body.key, &subject, &is_new);
    if (err != OK)
        return err;
    enum fault fault = subject_apply(wanted, &subject);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "of the subject %.*s",
                              TEXT_ARG(wanted->body.key));
    subject.updated_at = cx->now;
    err = is_new ? subject_rows_insert(tx, &subject) : subject_rows_update(tx, &subject);
    text action = is_new ? TEXT("subject.create") : TEXT("subject.update");
    if (err == OK)
        err = audit_write(cx, tx, action, subject.id.ulid, TEXT_NONE);
    if (err == OK)
        *ret = subject;
    return err;
}

enum err subject_upsert(struct cx *cx, const struct subject_upsert *wanted, size_t count,
                        struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CHECK(wanted != NULL || count == 0);
    struct subject *made = ARENA_ARRAY(cx->arena, struct subject, count);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    for (size_t i = 0; i < count && err == OK; i++)
        err = upsert_one(cx, tx, &wanted[i], &made[i]);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = (struct list){ made, count };
    return err;
}

enum err subject_get(struct cx *cx, text id_or_key, struct subject *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subject_find(cx, tx, id_or_key, ret);
    return err;
}

enum err subject_list(struct cx *cx, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subject_rows_all(cx, tx, ret);
    return err;
}

enum err subject_delete(struct cx *cx, text id_or_key)
{
    CHECK(cx != NULL);
    struct subject subject;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = subject_find(cx, tx, id_or_key, &subject);
    if (err == OK && !instant_is_none(subject.deleted_at))
        return OK;
    if (err == OK)
        err = subject_rows_delete(cx, tx, subject.id);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subject.delete"), subject.id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}
