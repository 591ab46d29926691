#include "identity/audit.h"

enum err audit_write(struct cx *cx, struct store_tx *tx, text action, ulid entity, text detail)
{
    text rest = action;
    text entity_type = text_cut(&rest, '.');
    struct audit audit = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .created_at = cx_server_now(cx),
        .actor = text_is_empty(cx->actor) ? TEXT("unknown") : cx->actor,
        .action = action,
        .entity_type = entity_type,
        .entity_id = { entity },
        .request_id = text_is_empty(cx->request_id) ? TEXT_NONE : cx->request_id,
        .detail = text_is_empty(detail) ? TEXT_NONE : detail,
    };
    CHECK(tx != NULL && !ulid_is_zero(cx->org.ulid));
    CHECK(!text_is_empty(entity_type) && !text_is_empty(rest));
    return store_run(tx, SQL_AUDIT_INSERT,
                     &(struct store_call){ .fields = &audit_fields, .record = &audit }, NULL);
}

enum err audit_list(struct cx *cx, ulid entity, struct page page, struct list *ret,
                    int64_t *ret_total)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    bool is_of_one = !ulid_is_zero(entity);
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                                                  store_ulid("entity_id", entity, cx->arena),
                                                  store_int("limit", page.size),
                                                  store_int("offset", page_offset(page))) };
    int64_t total = 0;
    enum err err = store_begin_read(cx->store, &tx);
    CHECK(page.number >= 1 && page.size >= 1 && ret != NULL && ret_total != NULL);
    if (err == OK)
        err = store_number(tx, is_of_one ? SQL_AUDIT_COUNT_OF : SQL_AUDIT_COUNT, &call, &total);
    if (err == OK)
        err = store_all(tx, is_of_one ? SQL_AUDIT_LIST_OF : SQL_AUDIT_LIST, &call,
                        STORE_AS(&audit_fields, cx->arena), ret);
    if (err == OK)
        *ret_total = total;
    return err;
}
