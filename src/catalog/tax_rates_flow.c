/* tax_rates_flow.c: reading and replacing the rates of a tax code. */
#include "catalog/tax_code_rows.h"
#include "catalog/tax_rates_rows.h"
#include "identity/audit.h"

static enum err need_code(struct cx *cx, struct store_tx *tx, struct tax_code_id id,
                          struct tax_code *ret)
{
    enum err err = tax_code_load(cx, tx, id, ret);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_TAX_CODE_ABSENT, "%s", "");
    return err;
}

enum err tax_rates_read(struct cx *cx, struct tax_code_id id, struct tax_code_rates *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct tax_code code;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = need_code(cx, tx, id, &code);
    if (err == OK)
        err = tax_rates_load(cx, tx, id, ret);
    if (err != ERR_ABSENT)
        return err;
    *ret = (struct tax_code_rates){ .tax_code_id = id, .org_id = cx->org };
    ret->updated_at = INSTANT_NONE;
    return OK;
}

enum err tax_rates_write(struct cx *cx, struct tax_code_id id, const struct tax_code_rates *input,
                         struct tax_code_rates *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    const struct tax_code_rates rates = {
        .tax_code_id = id,
        .org_id = cx->org,
        .rates = input->rates,
        .updated_at = cx->now,
    };
    struct tax_code code;
    if (!tax_rates_check(&input->rates, &cx->problem))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = need_code(cx, tx, id, &code);
    if (err == OK && !instant_is_none(code.deleted_at))
        return problem_refuse(&cx->problem, FAULT_TAX_CODE_DELETED, "%s", "");
    if (err == OK)
        err = tax_rates_save(cx, tx, &rates);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("tax_code.rates"), id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = rates;
    return err;
}
