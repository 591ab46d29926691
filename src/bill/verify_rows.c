/* verify_rows.c: issued invoices in the order of their ids. */
#include "bill/verify_rows.h"

static const struct field issued_rows[] = {
    FIELD_ID(struct issued_invoice, id),
    FIELD(struct issued_invoice, number, TEXT),
};
static const struct fields issued_fields =
    FIELDS("IssuedInvoice", struct issued_invoice, issued_rows);

enum err verify_rows_issued(struct cx *cx, struct store_tx *tx, struct invoice_id after,
                            int64_t limit, struct list *ret)
{
    CHECK(limit >= 1 && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_text("after", ulid_text(cx->arena, after.ulid)),
                           store_int("limit", limit)),
    };
    return store_all(tx, SQL_INVOICES_ISSUED, &call, STORE_AS(&issued_fields, cx->arena), ret);
}
