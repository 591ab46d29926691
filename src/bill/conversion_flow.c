/* conversion_flow.c: what a line is converted by. */
#include "bill/conversion.h"
#include "catalog/currency_rows.h"
#include "subscribe/subscription_command.h"

static enum err basis_find(struct cx *cx, const struct pending_line *line,
                           struct line_conversion *ret)
{
    struct billing_currency custom;
    struct cost_basis_pair pair = { .fiat_code = line->currency };
    struct cost_basis basis;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = currency_load_by_code(cx, tx, line->terms.currency, &custom);
    if (err != OK)
        return err;
    pair.currency_id = custom.id;
    err = ERR_ABSENT;
    if (!ulid_is_zero(line->subscription_id.ulid))
        err = subscription_pinned_basis(cx, tx, line->subscription_id, &pair, &basis);
    if (err == ERR_ABSENT)
        err = cost_basis_load_at(cx, tx, &pair, line->invoice_at, &basis);
    if (err == OK)
        *ret = (struct line_conversion){ true, currency_of_custom(&custom), basis.rate };
    return err;
}

enum err conversion_gather(struct cx *cx, const struct pending_line *line,
                           struct line_conversion *ret)
{
    CHECK(cx != NULL && line != NULL && ret != NULL);
    *ret = (struct line_conversion){ .rate = DEC_ZERO };
    if (!line_is_converted(line))
        return OK;
    enum err err = basis_find(cx, line, ret);
    return err == ERR_ABSENT ? OK : err;
}
