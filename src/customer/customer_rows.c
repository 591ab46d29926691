/* customer_rows.c: customers and their subjects in the store. */
#include "customer/customer_rows.h"

#include <stdlib.h>

#include "base/money.h"
#include "store/like.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err customer_rows_by_id(struct cx *cx, struct store_tx *tx, ulid id, struct customer *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id, cx->arena)) };
    return store_one(tx, SQL_CUSTOMER_BY_ID, &call, STORE_AS(&customer_fields, cx->arena), ret);
}

enum err customer_rows_by_key(struct cx *cx, struct store_tx *tx, text key, struct customer *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("key", key)) };
    return store_one(tx, SQL_CUSTOMER_BY_KEY, &call, STORE_AS(&customer_fields, cx->arena), ret);
}

struct zone_row {
    text time_zone;
};

static const struct field zone_rows[] = { FIELD(struct zone_row, time_zone, TEXT) };
static const struct fields zone_fields = FIELDS("CustomerTimeZone", struct zone_row, zone_rows);

enum err customer_time_zone(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                            text *ret)
{
    CHECK(tx != NULL && ret != NULL);
    CHECK(!ulid_is_zero(customer.ulid));
    struct zone_row row;
    struct store_call call = { .args = STORE_ARGS(org_arg(cx),
                                                  store_ulid("id", customer.ulid, cx->arena)) };
    enum err err =
        store_one(tx, SQL_CUSTOMER_TIME_ZONE, &call, STORE_AS(&zone_fields, cx->arena), &row);
    if (err == OK)
        *ret = row.time_zone;
    return err;
}

enum err customer_rows_insert(struct cx *cx, struct store_tx *tx, const struct customer *customer)
{
    CHECK(!ulid_is_zero(customer->id.ulid));
    CHECK(ulid_equal(customer->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &customer_fields, .record = customer };
    return store_run(tx, SQL_CUSTOMER_INSERT, &call, NULL);
}

enum err customer_rows_update(struct cx *cx, struct store_tx *tx, const struct customer *customer)
{
    CHECK(!ulid_is_zero(customer->id.ulid));
    CHECK(ulid_equal(customer->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &customer_fields, .record = customer };
    int64_t changed = 0;
    enum err err = store_run(tx, SQL_CUSTOMER_UPDATE, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err customer_rows_delete(struct cx *cx, struct store_tx *tx, struct customer_id id)
{
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    return store_run(tx, SQL_CUSTOMER_MARK_DELETED, &call, NULL);
}

enum err customer_rows_currency(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                text currency)
{
    CHECK(currency_find(currency) != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_ulid("id", customer.ulid, cx->arena),
                           store_text("currency", currency),
                           store_instant("now", cx->now, cx->arena)),
    };
    return store_run(tx, SQL_CUSTOMER_SET_CURRENCY, &call, NULL);
}

/* The statement that walks along an index, where there is one for what is asked; else the one for
 * everything. */
static enum sql page_statement(const struct customer_filter *filter)
{
    bool is_plain = text_is_empty(filter->key) && text_is_empty(filter->key_contains) &&
                    text_is_empty(filter->name) && text_is_empty(filter->name_contains) &&
                    text_is_empty(filter->email_contains) && text_is_empty(filter->subject) &&
                    !filter->with_deleted;
    if (is_plain && filter->sort == CUSTOMER_SORT_NAME)
        return filter->is_descending ? SQL_CUSTOMER_PAGE_BY_NAME_BACK : SQL_CUSTOMER_PAGE_BY_NAME;
    if (is_plain && filter->sort == CUSTOMER_SORT_CREATED_AT)
        return filter->is_descending ? SQL_CUSTOMER_PAGE_BY_AGE_BACK : SQL_CUSTOMER_PAGE_BY_AGE;
    return SQL_CUSTOMER_PAGE;
}

enum err customer_rows_page(struct cx *cx, const struct customer_filter *filter, struct page page,
                            struct list *ret, int64_t *ret_total)
{
    CHECK(page.number >= 1 && page.size >= 1);
    CHECK(ret != NULL && ret_total != NULL);
    struct store_call call = {
        .args = STORE_ARGS(org_arg(cx), store_text("key", filter->key),
                           store_like("key_like", filter->key_contains, cx->arena),
                           store_text("name", filter->name),
                           store_like("name_like", filter->name_contains, cx->arena),
                           store_like("email_like", filter->email_contains, cx->arena),
                           store_text("subject", filter->subject),
                           store_int("with_deleted", filter->with_deleted ? 1 : 0),
                           store_text("sort", text_of(customer_sort_words[filter->sort])),
                           store_int("is_descending", filter->is_descending ? 1 : 0),
                           store_int("limit", page.size), store_int("offset", page_offset(page))),
    };
    enum sql statement = page_statement(filter);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = store_number(
            tx, statement == SQL_CUSTOMER_PAGE ? SQL_CUSTOMER_COUNT : SQL_CUSTOMER_COUNT_ALL, &call,
            ret_total);
    if (err == OK)
        err = store_all(tx, statement, &call, STORE_AS(&customer_fields, cx->arena), ret);
    return err;
}

enum err customer_rows_owner(struct cx *cx, struct store_tx *tx, text subject,
                             struct attribution *ret)
{
    CHECK(!text_is_empty(subject));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("subject", subject)) };
    return store_one(tx, SQL_CUSTOMER_SUBJECT_OWNER, &call,
                     STORE_AS(&subject_owner_fields, cx->arena), ret);
}

enum err customer_rows_released_at(struct cx *cx, struct store_tx *tx, text subject, instant *ret)
{
    CHECK(!text_is_empty(subject) && ret != NULL);
    struct attribution last;
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("subject", subject)) };
    enum err err = store_one(tx, SQL_CUSTOMER_SUBJECT_RELEASED_AT, &call,
                             STORE_AS(&subject_owner_fields, cx->arena), &last);
    if (err == OK)
        *ret = last.valid_to;
    return err;
}

enum err customer_rows_give(struct cx *cx, struct store_tx *tx, text subject, struct customer_id id,
                            instant from)
{
    CHECK(!text_is_empty(subject));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("subject", subject),
                                                  store_ulid("customer_id", id.ulid, cx->arena),
                                                  store_instant("valid_from", from, cx->arena)) };
    return store_run(tx, SQL_CUSTOMER_SUBJECT_INSERT, &call, NULL);
}

enum err customer_rows_release(struct cx *cx, struct store_tx *tx, text subject,
                               struct customer_id id, instant at)
{
    CHECK(!text_is_empty(subject));
    CHECK(!instant_is_none(at));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("subject", subject),
                                                  store_ulid("customer_id", id.ulid, cx->arena),
                                                  store_instant("at", at, cx->arena)) };
    return store_run(tx, SQL_CUSTOMER_SUBJECT_RELEASE, &call, NULL);
}

enum err customer_rows_release_all(struct cx *cx, struct store_tx *tx, struct customer_id id)
{
    CHECK(!ulid_is_zero(id.ulid));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx),
                                                  store_ulid("customer_id", id.ulid, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    return store_run(tx, SQL_CUSTOMER_SUBJECT_RELEASE_ALL, &call, NULL);
}

static int attribution_compare(const void *left, const void *right)
{
    const struct attribution *a = left;
    const struct attribution *b = right;
    int order = text_compare(a->subject, b->subject);
    if (order != 0)
        return order;
    return (a->valid_from.ns > b->valid_from.ns) - (a->valid_from.ns < b->valid_from.ns);
}

/* The store's collation need not be that of bytes. */
static void attributions_sort(struct list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(struct attribution), attribution_compare);
}

static enum err attributions_read(struct cx *cx, enum sql statement, struct store_arg arg,
                                  struct list *ret)
{
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), arg) };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = store_all(tx, statement, &call, STORE_AS(&subject_owner_fields, cx->arena), ret);
    if (err == OK)
        attributions_sort(ret);
    return err;
}

enum err customer_attributions(struct cx *cx, struct customer_id customer, struct list *ret)
{
    CHECK(!ulid_is_zero(customer.ulid));
    return attributions_read(cx, SQL_CUSTOMER_ATTRIBUTIONS_OF_CUSTOMER,
                             store_ulid("customer_id", customer.ulid, cx->arena), ret);
}

enum err customer_attributions_all(struct cx *cx, struct list *ret)
{
    CHECK(ret != NULL);
    return attributions_read(cx, SQL_CUSTOMER_ATTRIBUTIONS_ALL, (struct store_arg){ 0 }, ret);
}

static int text_order(const void *left, const void *right)
{
    return text_compare(*(const text *)left, *(const text *)right);
}

enum err customer_attributions_of_subjects(struct cx *cx, const text *subjects, size_t count,
                                           struct list *ret)
{
    CHECK(subjects != NULL || count == 0);
    text *sorted = ARENA_ARRAY(cx->arena, text, count);
    struct list *found = ARENA_ARRAY(cx->arena, struct list, count);
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = subjects[i];
    if (count > 1)
        qsort(sorted, count, sizeof(text), text_order);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    for (size_t i = 0; i < count && err == OK; i++) {
        if (i > 0 && text_equal(sorted[i], sorted[i - 1]))
            continue;
        struct store_call call = { .args =
                                       STORE_ARGS(org_arg(cx), store_text("subject", sorted[i])) };
        err = store_all(tx, SQL_CUSTOMER_ATTRIBUTIONS_OF_SUBJECT, &call,
                        STORE_AS(&subject_owner_fields, cx->arena), &found[i]);
        total += found[i].count;
    }
    if (err != OK)
        return err;
    struct attribution *all = ARENA_ARRAY(cx->arena, struct attribution, total);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const struct attribution *items = found[i].items;
        for (size_t k = 0; k < found[i].count; k++)
            all[at++] = items[k];
    }
    CHECK(at == total);
    struct list list = { all, total };
    attributions_sort(&list);
    *ret = list;
    return OK;
}
