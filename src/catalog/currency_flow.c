/* currency_flow.c: the commands on currencies and cost bases. Both are only ever added. */
#include "catalog/currency_rows.h"
#include "identity/audit.h"

#include <stdlib.h>
#include <string.h>

static enum err refuse_absent(struct cx *cx, enum err err)
{
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_CURRENCY_ABSENT, "%s", "");
}

/* ---- currencies ---------------------------------------------------------------------------- */

enum err billing_currency_create(struct cx *cx, const struct billing_currency *input,
                                 struct billing_currency *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct billing_currency currency = *input, other;
    if (!billing_currency_check(input, &cx->problem))
        return ERR_REFUSED;
    currency.type = CURRENCY_TYPE_CUSTOM;
    currency.id = (struct currency_id){ cx_ulid(cx) };
    currency.org_id = cx->org;
    currency.created_at = cx->now;
    currency.cost_bases = (struct list){ 0 };
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = currency_load_by_code(cx, tx, currency.code, &other);
    if (err == OK) {
        cx->problem.conflicting_id = ulid_text(cx->arena, other.id.ulid);
        return problem_refuse(&cx->problem, FAULT_CURRENCY_CODE_TAKEN, "%s", "");
    }
    if (err == ERR_ABSENT)
        err = currency_insert(cx, tx, &currency);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("currency.create"), currency.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = currency;
    return err;
}

enum err billing_currency_get(struct cx *cx, struct currency_id id, struct billing_currency *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = currency_load(cx, tx, id, ret);
    return refuse_absent(cx, err);
}

/* ---- the list ------------------------------------------------------------------------------ */

/* Takes into each currency those of the bases that are its own and have not ended. */
static void bases_hand_out(const struct cx *cx, struct list *currencies, const struct list *bases)
{
    struct billing_currency *items = currencies->items;
    const struct cost_basis *all = bases->items;
    for (size_t i = 0; i < currencies->count; i++) {
        struct cost_basis *own = ARENA_ARRAY(cx->arena, struct cost_basis, bases->count);
        size_t count = 0;
        for (size_t k = 0; k < bases->count; k++) {
            bool is_over = !instant_is_none(all[k].effective_to) &&
                           !instant_before(cx->now, all[k].effective_to);
            if (ulid_equal(all[k].currency_id.ulid, items[i].id.ulid) && !is_over)
                own[count++] = all[k];
        }
        items[i].cost_bases = (struct list){ own, count };
    }
}

static enum err gather_custom(struct cx *cx, const struct currency_query *query, struct list *ret)
{
    struct list bases = { 0 };
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    if (query->has_type && query->type != CURRENCY_TYPE_CUSTOM)
        return OK;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = currency_load_all(cx, tx, ret);
    if (err == OK && query->has_cost_bases)
        err = cost_basis_load_all(cx, tx, &bases);
    if (err == OK && query->has_cost_bases)
        bases_hand_out(cx, ret, &bases);
    return err;
}

static int code_order(const void *left, const void *right)
{
    const struct billing_currency *a = left;
    const struct billing_currency *b = right;
    return text_compare(a->code, b->code);
}

static int name_order(const void *left, const void *right)
{
    const struct billing_currency *a = left;
    const struct billing_currency *b = right;
    int order = text_compare(a->name, b->name);
    return order != 0 ? order : text_compare(a->code, b->code);
}

/* Custom and fiat currencies in the order asked for. */
static struct list merge(const struct currency_query *query, const struct list *custom,
                         struct arena *arena)
{
    size_t fiat_count = 0;
    const struct currency *fiat = currency_all(&fiat_count);
    if (query->has_type && query->type != CURRENCY_TYPE_FIAT)
        fiat_count = 0;
    size_t count = custom->count + fiat_count;
    struct billing_currency *all = ARENA_ARRAY(arena, struct billing_currency, count);
    for (size_t i = 0; i < custom->count; i++)
        all[i] = ((const struct billing_currency *)custom->items)[i];
    for (size_t i = 0; i < fiat_count; i++)
        all[custom->count + i] = billing_currency_of_iso(&fiat[i]);
    if (count > 1)
        qsort(all, count, sizeof *all, query->sort == CURRENCY_SORT_NAME ? name_order : code_order);
    for (size_t i = 0; query->is_descending && i < count / 2; i++) {
        struct billing_currency other = all[i];
        all[i] = all[count - 1 - i];
        all[count - 1 - i] = other;
    }
    return (struct list){ all, count };
}

enum err billing_currency_list(struct cx *cx, const struct currency_query *query, struct list *ret,
                               int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    CHECK(query->page.number >= 1 && query->page.size >= 1);
    struct list custom = { 0 };
    enum err err = gather_custom(cx, query, &custom);
    if (err != OK)
        return err;
    struct list all = merge(query, &custom, cx->arena);
    struct billing_currency *items = all.items;
    size_t offset = (size_t)page_offset(query->page);
    size_t left = offset < all.count ? all.count - offset : 0;
    size_t size = (size_t)query->page.size;
    *ret = (struct list){ left > 0 ? items + offset : NULL, left < size ? left : size };
    *ret_total = (int64_t)all.count;
    return OK;
}

/* ---- cost bases ---------------------------------------------------------------------------- */

/* Inserts the basis when it fits among the others, and says where it ends. */
static enum err basis_add(struct cx *cx, struct store_tx *tx, struct cost_basis *basis)
{
    const struct cost_basis_pair pair = { basis->currency_id, basis->fiat_code };
    struct list others;
    enum err err = cost_basis_load_pair(cx, tx, &pair, &others);
    if (err != OK)
        return err;
    if (!cost_basis_fits(basis, &others))
        return problem_refuse(&cx->problem, FAULT_COST_BASIS_TAKEN, "%s", "");
    err = cost_basis_insert(cx, tx, basis);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("cost_basis.create"), basis->id.ulid, TEXT_NONE);
    const struct cost_basis *items = others.items;
    for (size_t i = others.count; i > 0; i--) {
        if (instant_before(basis->effective_from, items[i - 1].effective_from))
            basis->superseded_at = items[i - 1].effective_from;
    }
    cost_basis_settle(basis);
    return err;
}

enum err cost_basis_create(struct cx *cx, struct currency_id currency_id,
                           const struct cost_basis *input, struct cost_basis *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct cost_basis basis = *input;
    struct billing_currency currency;
    if (instant_is_none(basis.effective_from))
        basis.effective_from = cx->now;
    basis.id = (struct cost_basis_id){ cx_ulid(cx) };
    basis.org_id = cx->org;
    basis.currency_id = currency_id;
    basis.superseded_at = INSTANT_NONE;
    basis.created_at = cx->now;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = currency_load(cx, tx, currency_id, &currency);
    if (err != OK)
        return refuse_absent(cx, err);
    if (!cost_basis_check(&basis, cx->now, &cx->problem))
        return ERR_REFUSED;
    err = basis_add(cx, tx, &basis);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = basis;
    return err;
}

enum err cost_basis_list(struct cx *cx, const struct cost_basis_query *query, struct list *ret,
                         int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    CHECK(query->page.number >= 1 && query->page.size >= 1);
    struct billing_currency currency;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = currency_load(cx, tx, query->currency_id, &currency);
    if (err == OK)
        err = cost_basis_load_page(cx, tx, query, ret, ret_total);
    return refuse_absent(cx, err);
}
