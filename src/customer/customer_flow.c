/* customer_flow.c: the commands on customers: gather, decide, apply. */
#include "customer/customer_rows.h"
#include "customer/test_clock.h"
#include "identity/audit.h"
#include "notify/outbox.h"

/* Writes down what was done, for the book and for others. */
static enum err publish(struct cx *cx, struct store_tx *tx, const char *type, const char *action,
                        const struct customer *customer)
{
    struct outbox_news news = {
        .type = text_of(type),
        .subject_id = { customer->id.ulid },
        .table = &customer_fields,
        .object = customer,
    };
    enum err err = outbox_tell(cx, tx, &news);
    if (err == OK)
        err = audit_write(cx, tx, text_of(action), customer->id.ulid, TEXT_NONE);
    return err;
}

/* By id, else by key among the living. Enters the customer's time. */
static enum err customer_find(struct cx *cx, struct store_tx *tx, text id_or_key,
                              struct customer *ret)
{
    enum err err = ERR_ABSENT;
    ulid id;
    if (ulid_parse(id_or_key, &id))
        err = customer_rows_by_id(cx, tx, id, ret);
    if (err == ERR_ABSENT && !text_is_empty(id_or_key))
        err = customer_rows_by_key(cx, tx, id_or_key, ret);
    if (err == OK)
        customer_enter(cx, ret);
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_CUSTOMER_ABSENT, "no customer has the id or key %.*s",
                          TEXT_ARG(id_or_key));
}

enum err customer_need(struct cx *cx, struct store_tx *tx, text id_or_key, struct customer *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct customer customer;
    enum err err = customer_find(cx, tx, id_or_key, &customer);
    if (err != OK)
        return err;
    if (!instant_is_none(customer.deleted_at))
        return problem_refuse(&cx->problem, FAULT_CUSTOMER_DELETED, "%s", "");
    *ret = customer;
    return OK;
}

enum err customer_get(struct cx *cx, text id_or_key, struct customer *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = customer_find(cx, tx, id_or_key, ret);
    return err;
}

enum err customer_list(struct cx *cx, const struct customer_filter *filter, struct page page,
                       struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && filter != NULL);
    return customer_rows_page(cx, filter, page, ret, ret_total);
}

static enum err key_refuse(struct cx *cx, text key, ulid other)
{
    cx->problem.conflicting_id = ulid_text(cx->arena, other);
    return problem_refuse(&cx->problem, FAULT_CUSTOMER_KEY_TAKEN,
                          "key \"%.*s\" is already used by another customer", TEXT_ARG(key));
}

/* A key must not be the key, the id or a subject of another customer. */
static enum err key_check(struct cx *cx, struct store_tx *tx, const struct customer *customer)
{
    struct customer other;
    enum err err = customer_rows_by_key(cx, tx, customer->key, &other);
    if (err == OK && !ulid_equal(other.id.ulid, customer->id.ulid))
        return key_refuse(cx, customer->key, other.id.ulid);
    if (err != OK && err != ERR_ABSENT)
        return err;
    ulid id;
    if (ulid_parse(customer->key, &id)) {
        err = customer_rows_by_id(cx, tx, id, &other);
        bool is_other = err == OK && instant_is_none(other.deleted_at) &&
                        !ulid_equal(other.id.ulid, customer->id.ulid);
        if (is_other)
            return key_refuse(cx, customer->key, other.id.ulid);
        if (err != OK && err != ERR_ABSENT)
            return err;
    }
    struct attribution owner;
    err = customer_rows_owner(cx, tx, customer->key, &owner);
    if (err == OK && !ulid_equal(owner.customer_id.ulid, customer->id.ulid))
        return key_refuse(cx, customer->key, owner.customer_id.ulid);
    return err == ERR_ABSENT ? OK : err;
}

/* A subject key must not be a subject (a key is one) of another customer. */
static enum err subjects_check(struct cx *cx, struct store_tx *tx, const struct customer *customer)
{
    const struct text_list *keys = &customer->usage_attribution.subject_keys;
    for (size_t i = 0; i < keys->count; i++) {
        struct attribution owner;
        enum err err = customer_rows_owner(cx, tx, keys->items[i], &owner);
        if (err == OK && !ulid_equal(owner.customer_id.ulid, customer->id.ulid)) {
            cx->problem.conflicting_id = ulid_text(cx->arena, owner.customer_id.ulid);
            return problem_refuse(&cx->problem, FAULT_CUSTOMER_SUBJECT_TAKEN,
                                  "subject key \"%.*s\" is already associated with another "
                                  "customer",
                                  TEXT_ARG(keys->items[i]));
        }
        if (err != OK && err != ERR_ABSENT)
            return err;
    }
    return OK;
}

/* Gives a subject that is nobody's: from when it was released, and not before `not_before`. */
static enum err subject_give(struct cx *cx, struct store_tx *tx, text subject,
                             struct customer_id customer, instant not_before)
{
    instant from;
    enum err err = customer_rows_released_at(cx, tx, subject, &from);
    if (err != OK)
        return err;
    if (instant_before(from, not_before))
        from = not_before;
    return customer_rows_give(cx, tx, subject, customer, from);
}

/* Moves the subjects from what they were to what they are: `before` may be NULL. New ones are owned
 * from `not_before` on at the earliest. */
static enum err subjects_apply(struct cx *cx, struct store_tx *tx, const struct customer *before,
                               const struct customer *after, instant not_before)
{
    struct text_list old = { NULL, 0 };
    if (before != NULL)
        old = customer_names(before, cx->arena);
    struct text_list new = customer_names(after, cx->arena);
    enum err err = OK;
    for (size_t i = 0; i < old.count && err == OK; i++) {
        if (!text_list_holds(&new, old.items[i]))
            err = customer_rows_release(cx, tx, old.items[i], after->id, cx->now);
    }
    for (size_t i = 0; i < new.count &&err == OK; i++) {
        if (!text_list_holds(&old, new.items[i]))
            err = subject_give(cx, tx, new.items[i], after->id, not_before);
    }
    return err;
}

/* What of a customer a body decides. Without a key the id stands in for it. */
static void body_apply(struct customer *customer, const struct customer *body, struct arena *arena)
{
    customer->key = text_is_empty(body->key) ? ulid_text(arena, customer->id.ulid) : body->key;
    customer->name = body->name;
    customer->description = body->description;
    customer->labels = body->labels;
    customer->usage_attribution = body->usage_attribution;
    customer->has_usage_attribution = body->has_usage_attribution;
    if (!body->has_usage_attribution)
        customer->usage_attribution = (struct customer_attribution){ 0 };
    customer->primary_email = body->primary_email;
    customer->currency = body->currency;
    customer->billing_address = body->billing_address;
    customer->has_billing_address = body->has_billing_address;
    customer->time_zone = body->time_zone;
    customer->tax_id = body->tax_id;
    customer->has_tax_id = body->has_tax_id;
}

/* Where the customer is to live, when the body names a clock: enters its time. */
static enum err clock_apply(struct cx *cx, struct store_tx *tx, const struct customer *body,
                            struct customer *customer)
{
    struct test_clock clock;
    if (ulid_is_zero(body->test_clock_id.ulid))
        return OK;
    enum err err = test_clock_need(cx, tx, body->test_clock_id, &clock);
    if (err != OK)
        return err;
    customer->test_clock_id = clock.id;
    customer->clock_now = clock.now;
    customer_enter(cx, customer);
    customer->created_at = cx->now;
    customer->updated_at = cx->now;
    return OK;
}

enum err customer_create(struct cx *cx, const struct customer *body, struct customer *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    CHECK(!text_is_empty(body->name));
    struct customer customer = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .created_at = cx->now,
        .updated_at = cx->now,
        .deleted_at = INSTANT_NONE,
        .clock_now = INSTANT_NONE,
    };
    body_apply(&customer, body, cx->arena);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = clock_apply(cx, tx, body, &customer);
    if (err == OK)
        err = key_check(cx, tx, &customer);
    if (err == OK)
        err = subjects_check(cx, tx, &customer);
    if (err == OK)
        err = customer_rows_insert(cx, tx, &customer);
    if (err == OK)
        err = subjects_apply(cx, tx, NULL, &customer, INSTANT_NONE);
    if (err == OK)
        err = publish(cx, tx, OUTBOX_CUSTOMER_CREATED, "customer.create", &customer);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = customer;
    return err;
}

/* The customer after the change, or a refusal. */
static enum err update_decide(struct cx *cx, struct store_tx *tx, const struct customer *before,
                              const struct customer_change *change, struct customer *ret)
{
    struct customer after = *before;
    body_apply(&after, change->body, cx->arena);
    if (change->keeps_key)
        after.key = before->key;
    if (change->keeps_ours) {
        after.time_zone = before->time_zone;
        after.tax_id = before->tax_id;
        after.has_tax_id = before->has_tax_id;
    }
    after.updated_at = cx->now;
    if (change->is_subscribed && !subject_keys_equal(&before->usage_attribution.subject_keys,
                                                     &after.usage_attribution.subject_keys))
        return problem_refuse(&cx->problem, FAULT_CUSTOMER_SUBJECTS_FIXED, "%s", "");
    if (change->is_billed && text_is_empty(after.currency))
        after.currency = before->currency;
    if (change->is_billed && !text_equal(after.currency, before->currency))
        return problem_refuse(&cx->problem, FAULT_CUSTOMER_CURRENCY_FIXED, "it is %.*s",
                              TEXT_ARG(before->currency));
    enum err err = key_check(cx, tx, &after);
    if (err == OK)
        err = subjects_check(cx, tx, &after);
    if (err == OK)
        *ret = after;
    return err;
}

enum err customer_update(struct cx *cx, text id_or_key, const struct customer_change *change,
                         struct customer *ret)
{
    CHECK(cx != NULL && change != NULL && ret != NULL);
    CHECK(change->body != NULL);
    struct customer before = { 0 };
    struct customer after;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_need(cx, tx, id_or_key, &before);
    if (err == OK)
        err = update_decide(cx, tx, &before, change, &after);
    if (err == OK)
        err = customer_rows_update(cx, tx, &after);
    if (err == OK)
        err = subjects_apply(cx, tx, &before, &after, change->subjects_from);
    if (err == OK)
        err = publish(cx, tx, OUTBOX_CUSTOMER_UPDATED, "customer.update", &after);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = after;
    return err;
}

enum err customer_delete(struct cx *cx, text id_or_key, enum fault obstacle)
{
    CHECK(cx != NULL && obstacle < FAULT_COUNT);
    struct customer customer;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = customer_find(cx, tx, id_or_key, &customer);
    if (err != OK)
        return err;
    if (!instant_is_none(customer.deleted_at))
        return OK;
    if (obstacle != FAULT_NONE)
        return problem_refuse(&cx->problem, obstacle, "%s", "");
    customer.deleted_at = cx->now;
    customer.updated_at = cx->now;
    err = customer_rows_delete(cx, tx, customer.id);
    if (err == OK)
        err = customer_rows_release_all(cx, tx, customer.id);
    if (err == OK)
        err = publish(cx, tx, OUTBOX_CUSTOMER_DELETED, "customer.delete", &customer);
    return store_finish(&tx, err);
}

enum err customer_set_currency(struct cx *cx, struct store_tx *tx, struct customer_id id,
                               text currency)
{
    CHECK(cx != NULL && tx != NULL);
    struct customer customer;
    enum err err = customer_rows_currency(cx, tx, id, currency);
    if (err == OK)
        err = customer_rows_by_id(cx, tx, id.ulid, &customer);
    if (err == OK)
        err = publish(cx, tx, OUTBOX_CUSTOMER_UPDATED, "customer.update", &customer);
    return err;
}
