#include "meter/erasure_rows.h"

enum err erasure_insert(struct store_tx *tx, const struct erasure *erasure)
{
    CHECK(tx != NULL && !ulid_is_zero(erasure->id.ulid) && !ulid_is_zero(erasure->org_id.ulid));
    return store_run(tx, SQL_ERASURE_INSERT,
                     &(struct store_call){ .fields = &erasure_fields, .record = erasure }, NULL);
}

enum err erasure_load_page(struct cx *cx, struct store_tx *tx, const struct erasure_query *query,
                           struct list *ret, int64_t *ret_total)
{
    text digest = text_is_empty(query->digest) ? TEXT("") : query->digest;
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                                                  store_text("digest", digest),
                                                  store_int("limit", query->page.size),
                                                  store_int("offset", page_offset(query->page))) };
    enum err err = store_number(tx, SQL_ERASURE_COUNT, &call, ret_total);
    CHECK(query->page.number >= 1 && query->page.size >= 1);
    if (err != OK)
        return err;
    return store_all(tx, SQL_ERASURE_LIST, &call, STORE_AS(&erasure_fields, cx->arena), ret);
}
