/* profile_flow.c: what holds for a customer's invoices. */
#include "bill/bill_rows.h"
#include "identity/org_rows.h"

enum err bill_workflow_of(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                          struct invoice_workflow *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    CHECK(!ulid_is_zero(customer.ulid));
    struct invoice_workflow workflow = invoice_workflow_default();
    struct org org;
    enum err err = bill_rows_profile_default(cx, tx, &workflow.profile_id);
    if (err == ERR_ABSENT)
        err = OK;
    if (err == OK)
        err = org_load(tx, cx->org, cx->arena, &org);
    if (err != OK)
        return err;
    workflow.supplier =
        (struct invoice_supplier){ .id = ulid_text(cx->arena, org.id.ulid), .name = org.name };
    *ret = workflow;
    return OK;
}
