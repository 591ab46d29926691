/* The commands on customers: what may be used once only, and what happens to subjects. */
#include "base/limits.h"
#include "customer/customer.h"
#include "lib/fixture.h"
#include "lib/tap.h"

/* A body as a request writes it. */
static enum err create(struct fixture *f, enum dialect dialect, const char *body,
                       struct customer *ret)
{
    struct json json;
    struct json_fault fault;
    struct customer wanted;
    fixture_forget(f);
    MUST(json_parse(f->cx.arena, text_of(body), &json, &fault));
    if (!fields_read(customer_body_fields(dialect, false, &json), dialect, &json, &f->cx.problem,
                     &wanted))
        return ERR_REFUSED;
    return customer_create(&f->cx, &wanted, ret);
}

static enum err update(struct fixture *f, text id, bool is_subscribed, const char *body,
                       struct customer *ret)
{
    struct json json;
    struct json_fault fault;
    struct customer wanted;
    fixture_forget(f);
    MUST(json_parse(f->cx.arena, text_of(body), &json, &fault));
    if (!fields_read(customer_body_fields(DIALECT_V3, true, &json), DIALECT_V3, &json,
                     &f->cx.problem, &wanted))
        return ERR_REFUSED;
    struct customer_change change = { .body = &wanted,
                                      .keeps_key = true,
                                      .is_subscribed = is_subscribed };
    return customer_update(&f->cx, id, &change, ret);
}

static text printed(struct fixture *f, enum dialect dialect, const struct customer *customer)
{
    struct buffer out = { .arena = f->cx.arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(&customer_fields, dialect, &w, customer);
    return buffer_text(&out);
}

static text id_of(struct fixture *f, const struct customer *customer)
{
    return ulid_text(f->cx.arena, customer->id.ulid);
}

static const char acme[] =
    "{\"key\":\"acme-inc\",\"name\":\"Acme Inc\",\"labels\":{\"tier\":\"gold\"},"
    "\"usage_attribution\":{\"subject_keys\":[\"agent-1\",\"agent-2\"]},"
    "\"primary_email\":\"billing@acme.test\",\"currency\":\"USD\","
    "\"billing_address\":{\"country\":\"US\",\"postal_code\":\"94105\"}}";

static void test_create_and_get(struct fixture *f, struct customer *ret)
{
    struct customer got;
    OK(create(f, DIALECT_V3, acme, ret) == OK, "a customer with everything is made");
    OK(customer_get(&f->cx, TEXT("acme-inc"), &got) == OK, "it is found by its key");
    IS_TEXT(printed(f, DIALECT_V3, &got), text_cstr(f->cx.arena, printed(f, DIALECT_V3, ret)),
            "what is read is what was made");
    OK(customer_get(&f->cx, id_of(f, ret), &got) == OK, "it is found by its id");
    text v1 = printed(f, DIALECT_V1, &got);
    OK(text_contains(v1, TEXT("\"usageAttribution\":{\"subjectKeys\":[\"agent-1\",\"agent-2\"]}")),
       "v1 says usageAttribution.subjectKeys");
    OK(text_contains(v1, TEXT("\"metadata\":{\"tier\":\"gold\"}")), "v1 says metadata");
    OK(customer_get(&f->cx, TEXT("nobody"), &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_CUSTOMER_ABSENT,
       "an unknown customer is refused");
    fixture_forget(f);
}

static void test_bodies(struct fixture *f)
{
    struct customer made;
    OK(create(f, DIALECT_V3, "{\"name\":\"No key\"}", &made) == OK &&
           text_equal(made.key, id_of(f, &made)),
       "R95: without a key the id stands in for it");
    OK(create(f, DIALECT_V1, "{\"name\":\"No key\"}", &made) == OK &&
           text_equal(made.key, id_of(f, &made)),
       "in v1 too");
    struct customer again;
    struct customer_change change = { .body = &made };
    OK(customer_update(&f->cx, id_of(f, &made), &change, &again) == OK &&
           text_equal(again.key, made.key),
       "and stays when the customer is replaced by what was read");
    OK(create(f, DIALECT_V3, "{\"key\":\"x\"}", &made) == ERR_REFUSED, "a name is required");
    OK(create(
           f, DIALECT_V3,
           "{\"key\":\"camel\",\"name\":\"C\",\"usageAttribution\":{\"subjectKeys\":[\"hump\"]}}",
           &made) == OK &&
           made.usage_attribution.subject_keys.count == 1,
       "v3 reads usageAttribution.subjectKeys too");
    OK(create(f, DIALECT_V3, "{\"key\":\"x\",\"name\":\"C\",\"unknown\":1}", &made) == ERR_REFUSED,
       "v3 refuses what it does not know");
    fixture_forget(f);
}

static void taken(struct fixture *f, const char *body, enum fault want, const char *rule)
{
    struct customer made;
    enum err err = create(f, DIALECT_V3, body, &made);
    OK(err == ERR_REFUSED && fixture_fault(f) == want, "%s", rule);
    OK(f->cx.problem.conflicting_id.len == ULID_TEXT_LENGTH, "%s: the other one is named", rule);
}

static void test_uniqueness(struct fixture *f, const struct customer *acme_customer)
{
    char body[256];
    taken(f, "{\"key\":\"acme-inc\",\"name\":\"N\"}", FAULT_CUSTOMER_KEY_TAKEN,
          "a key is another's key");
    taken(f, "{\"key\":\"agent-1\",\"name\":\"N\"}", FAULT_CUSTOMER_KEY_TAKEN,
          "a key is another's subject");
    snprintf(body, sizeof body, "{\"key\":\"%.*s\",\"name\":\"N\"}",
             TEXT_ARG(id_of(f, acme_customer)));
    taken(f, body, FAULT_CUSTOMER_KEY_TAKEN, "a key is another's id");
    taken(f,
          "{\"key\":\"new\",\"name\":\"N\",\"usage_attribution\":{\"subject_keys\":[\"ok\","
          "\"agent-2\"]}}",
          FAULT_CUSTOMER_SUBJECT_TAKEN, "a subject is another's subject");
    taken(
        f,
        "{\"key\":\"new\",\"name\":\"N\",\"usage_attribution\":{\"subject_keys\":[\"acme-inc\"]}}",
        FAULT_CUSTOMER_SUBJECT_TAKEN, "a subject is another's key");
    struct list all;
    fixture_forget(f);
    OK(customer_attributions_of_subjects(&f->cx, &TEXT("ok"), 1, &all) == OK && all.count == 0,
       "a refused customer owns nothing");
}

/* Hard case 53: ownership is effective-dated. */
static void test_move(struct fixture *f, const struct customer *from)
{
    struct customer after;
    struct customer other;
    struct list rows;
    instant before = f->cx.now;
    fixture_at(f, "2026-02-01T00:00:00Z");
    OK(update(f, id_of(f, from), true, "{\"name\":\"Acme\"}", &after) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_CUSTOMER_SUBJECTS_FIXED,
       "subjects stay while there is a subscription");
    OK(update(f, id_of(f, from), true,
              "{\"name\":\"Acme\",\"usage_attribution\":{\"subject_keys\":[\"agent-1\","
              "\"agent-2\"]}}",
              &after) == OK &&
           text_equal(after.key, TEXT("acme-inc")) && !text_equal(after.name, from->name),
       "the rest may change, and the key stays");
    OK(update(f, id_of(f, from), false,
              "{\"name\":\"Acme\",\"usage_attribution\":{\"subject_keys\":[\"agent-1\"]}}",
              &after) == OK,
       "without one a subject is released");
    fixture_at(f, "2026-03-01T00:00:00Z");
    OK(create(f, DIALECT_V3,
              "{\"key\":\"beta\",\"name\":\"Beta\",\"usage_attribution\":{\"subject_keys\":["
              "\"agent-2\"]}}",
              &other) == OK,
       "another customer takes it");
    OK(customer_attributions_of_subjects(&f->cx, (const text[]){ TEXT("agent-2"), TEXT("agent-2") },
                                         2, &rows) == OK &&
           rows.count == 2,
       "both ownerships are kept, each once");
    const struct attribution *old = attribution_find(&rows, TEXT("agent-2"), before);
    const struct attribution *new =
        attribution_find(&rows, TEXT("agent-2"), fixture_instant("2026-02-01T00:00:00Z"));
    OK(old && ulid_equal(old->customer_id.ulid, from->id.ulid), "before, it was the first one's");
    OK(new &&ulid_equal(new->customer_id.ulid, other.id.ulid),
       "from the release on it is the second one's: nothing falls between them");
    IS_TEXT(new ? new->customer_key : TEXT_NONE, "beta", "the owner's key comes along");
}

static void test_delete(struct fixture *f)
{
    struct customer got;
    struct customer again;
    OK(customer_delete(&f->cx, TEXT("acme-inc"), FAULT_CUSTOMER_IN_USE) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_CUSTOMER_IN_USE,
       "a customer in use is not deleted");
    fixture_forget(f);
    OK(customer_get(&f->cx, TEXT("acme-inc"), &got) == OK, "it is still there");
    OK(customer_delete(&f->cx, TEXT("acme-inc"), FAULT_NONE) == OK, "else it is");
    OK(customer_delete(&f->cx, id_of(f, &got), FAULT_NONE) == OK, "deleting twice is no fault");
    OK(customer_get(&f->cx, TEXT("acme-inc"), &again) == ERR_REFUSED, "its key is free");
    fixture_forget(f);
    OK(customer_get(&f->cx, id_of(f, &got), &again) == OK && !instant_is_none(again.deleted_at),
       "by id it is found as deleted");
    OK(update(f, id_of(f, &got), false, "{\"name\":\"Zombie\"}", &again) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_CUSTOMER_DELETED,
       "a deleted one is not changed");
    OK(create(f, DIALECT_V3, acme, &again) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_CUSTOMER_SUBJECT_TAKEN,
       "a subject that moved on stays with its new owner");
    OK(create(f, DIALECT_V3, "{\"key\":\"acme-inc\",\"name\":\"Acme again\"}", &again) == OK,
       "key and subjects can be used again");
}

static void test_list(struct fixture *f)
{
    struct list list;
    int64_t total;
    struct page first = { 1, 2 };
    struct page second = { 2, 2 };
    struct customer_filter all = { 0 };
    struct customer_filter by_name = { .name_contains = TEXT("bET") };
    struct customer_filter by_sign = { .key_contains = TEXT("%") };
    struct customer_filter by_subject = { .subject = TEXT("agent-2") };
    struct customer_filter gone = { .with_deleted = true };
    OK(customer_list(&f->cx, &all, first, &list, &total) == OK && list.count == 2 && total == 5,
       "a page of two of five");
    OK(customer_list(&f->cx, &all, second, &list, &total) == OK && list.count == 2, "the next two");
    OK(customer_list(&f->cx, &by_name, first, &list, &total) == OK && total == 1,
       "a part of the name, whatever its case");
    OK(customer_list(&f->cx, &by_sign, first, &list, &total) == OK && total == 0,
       "a sign of the pattern language stands for itself");
    OK(customer_list(&f->cx, &by_subject, first, &list, &total) == OK && total == 1,
       "the owner of a subject");
    OK(customer_list(&f->cx, &gone, first, &list, &total) == OK && total == 6,
       "deleted ones when asked for");
}

static void test_assign(struct fixture *f)
{
    struct customer body = { .name = TEXT("Full") };
    struct customer full;
    struct attribution given;
    struct text_list keys = { ARENA_ARRAY(f->cx.arena, text, LIMIT_SUBJECT_KEYS_MAX),
                              LIMIT_SUBJECT_KEYS_MAX };
    for (size_t i = 0; i < keys.count; i++)
        keys.items[i] = text_format(f->cx.arena, "full-%zu", i);
    body.usage_attribution.subject_keys = keys;
    body.has_usage_attribution = true;
    fixture_forget(f);
    MUST(customer_create(&f->cx, &body, &full) == OK);
    struct subject_assignment wanted = { TEXT("free"), full.id, INSTANT_NONE };
    OK(customer_assign(&f->cx, &wanted, INSTANT_NONE, &given) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_CUSTOMER_SUBJECTS_MANY,
       "a customer has so many subjects and no more");
    struct customer empty = { .name = TEXT("Empty") };
    fixture_forget(f);
    MUST(customer_create(&f->cx, &empty, &empty) == OK);
    wanted.customer_id = empty.id;
    instant billed = { f->cx.now.ns - NS_PER_DAY };
    OK(customer_assign(&f->cx, &wanted, billed, &given) == OK &&
           instant_equal(given.valid_from, billed),
       "what is on invoices stays as it was: the subject is theirs from then on");
    wanted = (struct subject_assignment){ TEXT("full-7"), empty.id, { billed.ns - 1 } };
    OK(customer_assign(&f->cx, &wanted, billed, &given) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_SUBJECT_FIXED,
       "nor is a subject taken from one who was billed for it");
    fixture_forget(f);
    wanted.from = billed;
    OK(customer_assign(&f->cx, &wanted, billed, &given) == OK, "behind that it is");
}

int main(void)
{
    struct fixture f;
    struct customer customer;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    test_create_and_get(&f, &customer);
    test_bodies(&f);
    test_uniqueness(&f, &customer);
    test_move(&f, &customer);
    test_delete(&f);
    test_list(&f);
    test_assign(&f);
    fixture_close(&f);
    return tap_end();
}
