/* shop.h: a shop for tests of floor 6 and up: meters, features, plans, customers and events, made
 * through the flows from bodies in v3. What cannot be made stops the test.
 *
 *   shop_meter(&f, "{\"key\":\"runs\",…}");
 *   shop_feature(&f, "runs", "{\"key\":\"runs\",…}");
 *   struct plan plan = shop_plan(&f, text_of("{\"key\":\"premium\",…}"));
 */
#ifndef TEST_LIB_SHOP_H
#define TEST_LIB_SHOP_H

#include "catalog/plan.h"
#include "customer/customer.h"
#include "lib/fixture.h"
#include "meter/meter_flow.h"

static inline struct json shop_json(struct fixture *f, text body)
{
    struct json json;
    struct json_fault fault;
    fixture_forget(f);
    MUST(json_parse(f->cx.arena, body, &json, &fault));
    return json;
}

static inline void shop_read(struct fixture *f, const struct fields *table, text body, void *ret)
{
    struct json json = shop_json(f, body);
    if (!fields_read(table, DIALECT_V3, &json, &f->cx.problem, ret))
        printf("# %.*s: %.*s\n", TEXT_ARG(body),
               TEXT_ARG(f->cx.problem.field_count ? f->cx.problem.fields[0].reason : TEXT("?")));
    MUST(!problem_is_set(&f->cx.problem));
}

static inline struct meter shop_meter(struct fixture *f, const char *body)
{
    struct json json = shop_json(f, text_of(body));
    struct meter wanted;
    struct meter made;
    MUST(meter_create_read(DIALECT_V3, f->cx.arena, &json, &f->cx.problem, &wanted));
    MUST(meter_create(&f->cx, &wanted, &made) == OK);
    return made;
}

/* A feature over the meter with this key; NULL for a feature without one. */
static inline struct feature shop_feature(struct fixture *f, const char *meter_key,
                                          const char *body)
{
    struct feature input;
    struct feature made;
    struct meter meter;
    struct feature_meter facts;
    shop_read(f, &feature_fields, text_of(body), &input);
    if (meter_key != NULL) {
        MUST(meter_get(&f->cx, text_of(meter_key), &meter) == OK);
        facts = (struct feature_meter){
            .id = meter.id.ulid,
            .key = meter.key,
            .aggregation = text_of(meter_aggregation_words[meter.aggregation]),
        };
    }
    MUST(feature_create(&f->cx, DIALECT_V3, &input, meter_key ? &facts : NULL, &made) == OK);
    return made;
}

/* A published plan. */
static inline struct plan shop_plan(struct fixture *f, text body)
{
    struct plan input;
    struct plan made;
    shop_read(f, &plan_fields, body, &input);
    MUST(plan_create(&f->cx, DIALECT_V3, &input, &made) == OK);
    MUST(plan_publish(&f->cx, DIALECT_V3, made.id, &made) == OK);
    return made;
}

/* A plan with one open phase of these rate cards. */
static inline struct plan shop_simple_plan(struct fixture *f, const char *key, const char *currency,
                                           text cards)
{
    return shop_plan(f, text_format(f->cx.arena,
                                    "{\"key\":\"%s\",\"name\":\"Plan %s\",\"currency\":\"%s\","
                                    "\"billing_cadence\":\"P1M\",\"phases\":[{\"key\":\"main\","
                                    "\"name\":\"Main\",\"rate_cards\":[%.*s]}]}",
                                    key, key, currency, TEXT_ARG(cards)));
}

/* A monthly rate card over a feature, priced by unit. */
static inline text shop_unit_card(struct fixture *f, const struct feature *feature,
                                  const char *amount)
{
    return text_format(f->cx.arena,
                       "{\"key\":\"%.*s\",\"name\":\"%.*s\",\"feature\":{\"id\":\"%.*s\"},"
                       "\"billing_cadence\":\"P1M\",\"price\":{\"type\":\"unit\",\"amount\":"
                       "\"%s\"}}",
                       TEXT_ARG(feature->key), TEXT_ARG(feature->name),
                       TEXT_ARG(ulid_text(f->cx.arena, feature->id.ulid)), amount);
}

/* A monthly fee; term is in_advance or in_arrears. */
static inline text shop_fee_card(struct fixture *f, const char *amount, const char *term)
{
    return text_format(f->cx.arena,
                       "{\"key\":\"fee\",\"name\":\"Fee\",\"billing_cadence\":\"P1M\","
                       "\"payment_term\":\"%s\",\"price\":{\"type\":\"flat\",\"amount\":\"%s\"}}",
                       term, amount);
}

/* A customer whose key is `key`, with no other subjects. */
static inline struct customer shop_customer(struct fixture *f, const char *key, const char *name)
{
    struct customer body = { .key = text_of(key), .name = text_of(name) };
    struct customer made;
    fixture_forget(f);
    MUST(customer_create(&f->cx, &body, &made) == OK);
    return made;
}

struct shop_event {
    const char *id;
    const char *type;
    const char *subject;
    const char *time;
    const char *data;
};

/* Sends an event, as ingestion does; returns whether it was new. */
static inline bool shop_send(struct fixture *f, struct shop_event event)
{
    struct usage_receipt receipt;
    struct usage_event sent = {
        .org = f->cx.org,
        .id = text_of(event.id),
        .source = TEXT("acme-platform"),
        .type = text_of(event.type),
        .subject = text_of(event.subject),
        .data = text_of(event.data),
        .time = fixture_instant(event.time),
        .ingested_at = f->cx.now,
    };
    MUST(usage_append_wait(f->cx.usage, &sent, 1, &receipt) == OK);
    return receipt.accepted == 1;
}

#endif
