/* assign_flow.c: a subject goes from one customer to another, or to its first: gather, decide,
 * apply. */
#include "base/limits.h"
#include "customer/customer_rows.h"
#include "identity/audit.h"
#include "notify/outbox.h"

struct assignment_material {
    const struct subject_assignment *wanted;
    struct customer customer; /* to have it */
    struct attribution owner; /* a zero customer_id: nobody */
    struct customer previous; /* who has it, if somebody does */
    instant free_from;        /* when it was last given or released; INSTANT_NONE: never */
};

enum err customer_owner(struct cx *cx, struct store_tx *tx, text subject, struct attribution *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    enum err err = customer_rows_owner(cx, tx, subject, ret);
    if (err != ERR_ABSENT)
        return err;
    *ret = (struct attribution){ .valid_from = INSTANT_NONE, .valid_to = INSTANT_NONE };
    return OK;
}

static bool has_owner(const struct assignment_material *material)
{
    return !ulid_is_zero(material->owner.customer_id.ulid);
}

static bool is_theirs(const struct assignment_material *material)
{
    return ulid_equal(material->owner.customer_id.ulid, material->customer.id.ulid);
}

static enum err assignment_gather(struct cx *cx, struct store_tx *tx,
                                  struct assignment_material *material)
{
    text subject = material->wanted->subject;
    enum err err = customer_owner(cx, tx, subject, &material->owner);
    if (err == OK && has_owner(material))
        err = customer_rows_by_id(cx, tx, material->owner.customer_id.ulid, &material->previous);
    if (err == OK && has_owner(material))
        material->free_from = material->owner.valid_from;
    else if (err == OK)
        err = customer_rows_released_at(cx, tx, subject, &material->free_from);
    if (err == OK)
        err = customer_need(cx, tx, ulid_text(cx->arena, material->wanted->customer_id.ulid),
                            &material->customer);
    return err;
}

static enum err future_refuse(struct cx *cx)
{
    text now = instant_text(cx->arena, cx->now);
    const struct problem_field field = {
        .field = TEXT("from"),
        .rule = TEXT("invalid"),
        .reason = text_format(cx->arena, "it may not lie ahead: it is %.*s", TEXT_ARG(now)),
        .source = SOURCE_BODY,
    };
    enum err err = problem_refuse(&cx->problem, FAULT_SUBJECT_FUTURE, "%s", "");
    problem_add_field(&cx->problem, &field);
    return err;
}

/* From when the subject is to be the customer's, or a refusal. */
static enum err assignment_decide(struct cx *cx, const struct assignment_material *material,
                                  instant not_before, instant *ret)
{
    instant from = material->wanted->from;
    instant first = material->free_from;
    if (has_owner(material) && text_equal(material->previous.key, material->wanted->subject)) {
        cx->problem.conflicting_id = ulid_text(cx->arena, material->previous.id.ulid);
        return problem_refuse(&cx->problem, FAULT_CUSTOMER_SUBJECT_TAKEN,
                              "it is the key of another customer");
    }
    if (material->customer.usage_attribution.subject_keys.count >= LIMIT_SUBJECT_KEYS_MAX)
        return problem_refuse(&cx->problem, FAULT_CUSTOMER_SUBJECTS_MANY, "%d",
                              LIMIT_SUBJECT_KEYS_MAX);
    if (instant_before(first, not_before))
        first = not_before;
    if (instant_is_none(from))
        from = has_owner(material) ? cx->now : first;
    if (!instant_is_none(from) && instant_before(cx->now, from))
        return future_refuse(cx);
    bool is_empty = has_owner(material) && instant_equal(from, material->free_from);
    if (instant_before(from, first) || is_empty)
        return problem_refuse(&cx->problem, FAULT_SUBJECT_FIXED, "%s %.*s",
                              is_empty ? "only after" : "not before",
                              TEXT_ARG(instant_text(cx->arena, first)));
    *ret = from;
    return OK;
}

/* The list with a key more, or with one less. */
static struct text_list keys_with(const struct text_list *keys, text key, struct arena *arena)
{
    struct text_list more = { ARENA_ARRAY(arena, text, keys->count + 1), 0 };
    for (size_t i = 0; i < keys->count; i++)
        more.items[more.count++] = keys->items[i];
    more.items[more.count++] = key;
    return more;
}

static struct text_list keys_without(const struct text_list *keys, text key, struct arena *arena)
{
    struct text_list less = { ARENA_ARRAY(arena, text, keys->count + 1), 0 };
    for (size_t i = 0; i < keys->count; i++) {
        if (!text_equal(keys->items[i], key))
            less.items[less.count++] = keys->items[i];
    }
    return less;
}

/* Stores a customer with other subject keys, and tells of it. */
static enum err keys_store(struct cx *cx, struct store_tx *tx, struct customer *customer,
                           struct text_list keys, text detail)
{
    customer->usage_attribution.subject_keys = keys;
    customer->has_usage_attribution = true;
    customer->updated_at = cx->now;
    enum err err = customer_rows_update(cx, tx, customer);
    struct outbox_news news = {
        .type = TEXT(OUTBOX_CUSTOMER_UPDATED),
        .subject_id = { customer->id.ulid },
        .table = &customer_fields,
        .object = customer,
    };
    if (err == OK)
        err = outbox_tell(cx, tx, &news);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("customer.assign"), customer->id.ulid, detail);
    return err;
}

static text detail_of(struct cx *cx, const struct attribution *given)
{
    struct buffer out = { .arena = cx->arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(&subject_owner_fields, DIALECT_V3, &w, given);
    return buffer_text(&out);
}

static enum err assignment_apply(struct cx *cx, struct store_tx *tx,
                                 struct assignment_material *material,
                                 const struct attribution *given)
{
    text detail = detail_of(cx, given);
    struct text_list *keys = &material->customer.usage_attribution.subject_keys;
    struct text_list *previous = &material->previous.usage_attribution.subject_keys;
    enum err err = OK;
    if (has_owner(material))
        err =
            customer_rows_release(cx, tx, given->subject, material->previous.id, given->valid_from);
    if (err == OK && has_owner(material))
        err = keys_store(cx, tx, &material->previous,
                         keys_without(previous, given->subject, cx->arena), detail);
    if (err == OK)
        err = customer_rows_give(cx, tx, given->subject, material->customer.id, given->valid_from);
    if (err == OK)
        err = keys_store(cx, tx, &material->customer, keys_with(keys, given->subject, cx->arena),
                         detail);
    return err;
}

enum err customer_assign(struct cx *cx, const struct subject_assignment *wanted, instant not_before,
                         struct attribution *ret)
{
    CHECK(cx != NULL && wanted != NULL && ret != NULL);
    CHECK(!text_is_empty(wanted->subject));
    struct assignment_material material = { .wanted = wanted };
    instant from = INSTANT_NONE;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = assignment_gather(cx, tx, &material);
    if (err == OK && is_theirs(&material)) {
        *ret = material.owner;
        return OK;
    }
    if (err == OK)
        err = assignment_decide(cx, &material, not_before, &from);
    if (err != OK)
        return err;
    struct attribution given = {
        .subject = wanted->subject,
        .customer_id = material.customer.id,
        .customer_key = material.customer.key,
        .customer_name = material.customer.name,
        .valid_from = from,
        .valid_to = INSTANT_NONE,
    };
    err = store_finish(&tx, assignment_apply(cx, tx, &material, &given));
    if (err == OK)
        *ret = given;
    return err;
}
