/* invoice_rows.c: standard invoices in the store. */
#include "bill/invoice_rows.h"

#include "catalog/choice.h"

static const char *const sort_words[] = { "created_at",   "updated_at", "issued_at",
                                          "period_start", "status",     "customer.name" };
_Static_assert(COUNT_OF(sort_words) == INVOICE_SORT_COUNT, "one word each");

static const struct field place_rows[] = {
    FIELD_ID(struct invoice_place, id),
    FIELD_ID(struct invoice_place, customer_id),
    FIELD_WORD(struct invoice_place, state, invoice_state_words),
};
static const struct fields place_fields = FIELDS("InvoicePlace", struct invoice_place, place_rows);

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err invoice_rows_get(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                          struct invoice_record *ret)
{
    CHECK(!ulid_is_zero(id.ulid) && ret != NULL);
    struct store_call call = { .args =
                                   STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)) };
    return store_one(tx, SQL_INVOICE_RECORD_GET, &call, STORE_AS(&invoice_record_fields, cx->arena),
                     ret);
}

enum err invoice_rows_insert(struct store_tx *tx, struct invoice_record *record)
{
    CHECK(record != NULL && !ulid_is_zero(record->id.ulid));
    CHECK(record->state != STATE_GATHERING);
    record->version = 1;
    struct store_call call = { .fields = &invoice_record_fields, .record = record };
    return store_run(tx, SQL_INVOICE_RECORD_INSERT, &call, NULL);
}

enum err invoice_rows_update(struct store_tx *tx, struct invoice_record *record, bool was_issued)
{
    CHECK(record != NULL && record->version >= 1);
    CHECK(!was_issued || !instant_is_none(record->issued_at));
    int64_t changed = 0;
    record->version++;
    struct store_call call = { .fields = &invoice_record_fields, .record = record };
    enum err err =
        store_run(tx, was_issued ? SQL_INVOICE_RECORD_UPDATE_ISSUED : SQL_INVOICE_RECORD_UPDATE,
                  &call, &changed);
    if (err != OK)
        return err;
    return changed == 1 ? OK : ERR_CONFLICT;
}

enum err invoice_rows_claim(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                            int64_t version)
{
    CHECK(!ulid_is_zero(id.ulid) && version >= 1);
    int64_t changed = 0;
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                           store_int("version", version)),
    };
    enum err err = store_run(tx, SQL_INVOICE_GATHERING_CLAIM, &call, &changed);
    if (err != OK)
        return err;
    return changed == 1 ? OK : ERR_CONFLICT;
}

/* The one of a list of one, or none. */
static text only_one(const struct text_list *list)
{
    return list->count == 1 ? list->items[0] : TEXT_NONE;
}

/* Whether it is a list in the order of age, of all that was not deleted, or of some of it that its
 * index tells apart. One customer's and those with a number are found faster otherwise. */
static bool is_by_age(const struct invoice_search *search)
{
    return search->sort == INVOICE_SORT_CREATED_AT && !search->with_deleted &&
           search->customers.count != 1 && search->numbers.count == 0 &&
           instant_is_none(search->issued_from) && instant_is_none(search->issued_to) &&
           instant_is_none(search->period_from) && instant_is_none(search->period_to);
}

static enum err page_by_age(struct store_tx *tx, const struct invoice_search *search,
                            const struct store_call *call, struct arena *arena, struct list *ret)
{
    enum sql page = search->is_descending ? SQL_INVOICE_PAGE_BY_AGE_BACK : SQL_INVOICE_PAGE_BY_AGE;
    return store_all(tx, page, call, STORE_AS(&place_fields, arena), ret);
}

enum err invoice_rows_page(struct cx *cx, struct store_tx *tx, const struct invoice_search *search,
                           struct list *ret, int64_t *ret_total)
{
    CHECK(search != NULL && ret != NULL && ret_total != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_text("separator", TEXT(CHOICE_SEPARATOR)),
                           choice_arg("customers", &search->customers, cx->arena),
                           choice_arg("states", &search->states, cx->arena),
                           choice_arg("numbers", &search->numbers, cx->arena),
                           store_text("customer", only_one(&search->customers)),
                           store_text("number", only_one(&search->numbers)),
                           store_int("with_deleted", search->with_deleted),
                           store_instant("issued_from", search->issued_from, cx->arena),
                           store_instant("issued_to", search->issued_to, cx->arena),
                           store_instant("period_from", search->period_from, cx->arena),
                           store_instant("period_to", search->period_to, cx->arena),
                           store_instant("created_from", search->created_from, cx->arena),
                           store_instant("created_to", search->created_to, cx->arena),
                           store_int("limit", search->page.size),
                           store_int("offset", page_offset(search->page)),
                           store_text("sort", text_of(sort_words[search->sort])),
                           store_int("descending", search->is_descending)),
    };
    bool by_age = is_by_age(search);
    enum err err =
        store_number(tx, by_age ? SQL_INVOICE_TOTAL_BY_AGE : SQL_INVOICE_TOTAL, &call, ret_total);
    if (err != OK)
        return err;
    if (by_age)
        return page_by_age(tx, search, &call, cx->arena, ret);
    return store_all(tx, SQL_INVOICE_PAGE, &call, STORE_AS(&place_fields, cx->arena), ret);
}

enum err invoice_rows_place(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                            struct invoice_place *ret)
{
    CHECK(!ulid_is_zero(id.ulid) && ret != NULL);
    struct store_call call = { .args =
                                   STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)) };
    return store_one(tx, SQL_INVOICE_STATE_OF, &call, STORE_AS(&place_fields, cx->arena), ret);
}

enum err invoice_rows_being_updated(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                    struct list *ret)
{
    CHECK(!ulid_is_zero(customer.ulid) && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("customer_id", customer.ulid, cx->arena)),
    };
    return store_all(tx, SQL_INVOICES_BEING_UPDATED, &call, STORE_AS(&place_fields, cx->arena),
                     ret);
}

static const struct field corrected_rows[] = {
    FIELD_ID(struct invoice_corrected, id),
    FIELD(struct invoice_corrected, number, TEXT),
    FIELD(struct invoice_corrected, issued_at, INSTANT),
};
static const struct fields corrected_fields =
    FIELDS("InvoiceCorrected", struct invoice_corrected, corrected_rows);

enum err invoice_rows_corrected(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                struct list *ret)
{
    CHECK(!ulid_is_zero(id.ulid) && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx),
                                                  store_ulid("invoice_id", id.ulid, cx->arena)) };
    return store_all(tx, SQL_INVOICES_CORRECTED_BY, &call, STORE_AS(&corrected_fields, cx->arena),
                     ret);
}
