/* Subscriptions through their flows, on a real store. */
#include "lib/shop.h"
#include "lib/tap.h"
#include "subscribe/subscription_command.h"

/* Runs what follows in a transaction, and commits it when it went well. */
static enum err settle(struct store_tx *tx, enum err err)
{
    if (err == OK)
        return store_commit(tx);
    store_rollback(tx);
    return err;
}

static enum err create(struct fixture *f, const char *body, struct subscription *ret)
{
    struct subscription_body input;
    struct store_tx *tx;
    struct json json = shop_json(f, text_of(body));
    bool is_v1 = json_member(&json, TEXT("customerKey")) != NULL;
    const struct fields *table = is_v1 ? &subscription_body_v1_fields
                                       : &subscription_body_v3_fields;
    if (!fields_read(table, is_v1 ? DIALECT_V1 : DIALECT_V3, &json, &f->cx.problem, &input))
        return ERR_REFUSED;
    if (!subscription_body_settle(&input, is_v1 ? DIALECT_V1 : DIALECT_V3, &f->cx.problem))
        return ERR_REFUSED;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    return settle(tx, subscription_create(&f->cx, tx, &input, ret));
}

static enum err cancel(struct fixture *f, const struct subscription *one, const char *timing,
                       struct subscription *ret)
{
    struct store_tx *tx;
    fixture_forget(f);
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    struct subscription_target target = { ulid_text(f->cx.arena, one->id.ulid), 0 };
    return settle(tx, subscription_cancel(&f->cx, tx, &target, text_of(timing), ret));
}

static enum err resume(struct fixture *f, const struct subscription *one, struct subscription *ret)
{
    struct store_tx *tx;
    fixture_forget(f);
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    struct subscription_target target = { ulid_text(f->cx.arena, one->id.ulid), 0 };
    return settle(tx, subscription_continue(&f->cx, tx, &target, ret));
}

static struct subscription get(struct fixture *f, const struct subscription *one)
{
    struct subscription got;
    fixture_forget(f);
    MUST(subscription_get(&f->cx, ulid_text(f->cx.arena, one->id.ulid), &got) == OK);
    return got;
}

static text printed(struct fixture *f, enum dialect dialect, const struct subscription *one)
{
    struct buffer out = { .arena = f->cx.arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(&subscription_fields, dialect, &w, one);
    return buffer_text(&out);
}

static bool holds(text t, const char *part)
{
    return text_contains(t, text_of(part));
}

static void refused(struct fixture *f, const char *body, enum fault want, const char *rule)
{
    struct subscription made;
    enum err err = create(f, body, &made);
    OK(err == ERR_REFUSED && fixture_fault(f) == want, "%s", rule);
}

static void test_refusals(struct fixture *f)
{
    refused(f, "{\"customer\":{\"key\":\"nobody\"},\"plan\":{\"key\":\"premium\"}}",
            FAULT_CUSTOMER_ABSENT, "an unknown customer");
    refused(f, "{\"customer\":{\"key\":\"acme\"},\"plan\":{\"key\":\"nothing\"}}",
            FAULT_PLAN_ABSENT, "an unknown plan");
    refused(f, "{\"customer\":{\"key\":\"acme\"},\"plan\":{}}", FAULT_SUBSCRIPTION_INVALID,
            "no plan");
    refused(f, "{\"customer\":{},\"plan\":{\"key\":\"premium\"}}", FAULT_SUBSCRIPTION_INVALID,
            "no customer");
    refused(f,
            "{\"customerKey\":\"acme\",\"plan\":{\"key\":\"premium\"},"
            "\"timing\":\"2026-01-15T11:57:59Z\"}",
            FAULT_SUBSCRIPTION_INVALID, "a start more than two minutes ago");
    refused(f,
            "{\"customerKey\":\"acme\",\"plan\":{\"key\":\"premium\"},"
            "\"timing\":\"next_billing_cycle\"}",
            FAULT_SUBSCRIPTION_INVALID, "a start with the next billing cycle");
    refused(f,
            "{\"customerKey\":\"acme\",\"plan\":{\"key\":\"premium\"},"
            "\"timing\":\"tomorrow\"}",
            FAULT_SUBSCRIPTION_INVALID, "a start that is no time");
    refused(f,
            "{\"customerKey\":\"acme\",\"plan\":{\"key\":\"premium\"},"
            "\"startingPhase\":\"none\"}",
            FAULT_SUBSCRIPTION_INVALID, "a starting phase that is not there");
}

static void test_draft(struct fixture *f)
{
    struct plan input;
    struct plan draft;
    char body[200];
    shop_read(
        f, &plan_fields,
        TEXT("{\"key\":\"draft\",\"name\":\"D\",\"currency\":\"USD\","
             "\"billing_cadence\":\"P1M\",\"phases\":[{\"key\":\"p\",\"name\":\"P\","
             "\"rate_cards\":[{\"key\":\"a\",\"name\":\"A\",\"price\":{\"type\":\"free\"}}]}]}"),
        &input);
    MUST(plan_create(&f->cx, DIALECT_V3, &input, &draft) == OK);
    snprintf(body, sizeof body, "{\"customer\":{\"key\":\"acme\"},\"plan\":{\"id\":\"%.*s\"}}",
             TEXT_ARG(ulid_text(f->cx.arena, draft.id.ulid)));
    refused(f, body, FAULT_PLAN_STATUS, "a draft is not subscribed to");
}

static struct subscription test_create(struct fixture *f)
{
    struct subscription made;
    OK(create(f,
              "{\"customer\":{\"key\":\"acme\"},\"plan\":{\"key\":\"premium\"},"
              "\"labels\":{\"deal\":\"7\"}}",
              &made) == OK,
       "a subscription begins");
    OK(instant_equal(made.active_from, fixture_instant("2026-01-15T12:00:00Z")),
       "at once, in whole seconds");
    OK(made.status == SUBSCRIPTION_ACTIVE, "it is active");
    struct subscription got = get(f, &made);
    IS_TEXT(printed(f, DIALECT_V3, &got), text_cstr(f->cx.arena, printed(f, DIALECT_V3, &made)),
            "what is read is what was made");
    text v3 = printed(f, DIALECT_V3, &got);
    OK(holds(v3, "\"plan\":{\"id\":\"") && holds(v3, "\"key\":\"premium\",\"version\":1}"),
       "v3: the plan's version");
    OK(holds(v3, "\"invoice_currency\":\"USD\"") && holds(v3, "\"cost_basis_pins\":[]") &&
           holds(v3, "\"cost_basis_mode\":\"dynamic\""),
       "v3: the currency and its basis");
    OK(holds(v3, "\"current_period\":{\"from\":\"2026-01-15T12:00:00Z\","
                 "\"to\":\"2026-02-15T12:00:00Z\"}"),
       "v3: the current period");
    OK(holds(v3, "\"pro_rating_config\":{\"enabled\":true,\"mode\":\"prorate_prices\"}"),
       "v3: proration");
    OK(holds(v3, "\"rate_card\":{\"key\":\"runs\""), "v3: items hold their rate card");
    text v1 = printed(f, DIALECT_V1, &got);
    OK(holds(v1, "\"currency\":\"USD\"") && holds(v1, "\"metadata\":{\"deal\":\"7\"}"),
       "v1: its own names");
    OK(holds(v1, "\"featureKey\":\"runs\"") &&
           holds(v1, "\"price\":{\"type\":\"unit\",\"amount\":\"1\""),
       "v1: items hold the parts of the card");
    OK(holds(v1, "\"itemTimelines\":{\"runs\":[{\"id\":\""), "v1: the items' timelines");
    OK(holds(v1, "\"alignment\":{\"billablesMustAlign\":true,\"currentAlignedBillingPeriod\":{"),
       "v1: the alignment");
    return made;
}

static void test_one_at_a_time(struct fixture *f, const struct subscription *first)
{
    refused(f, "{\"customer\":{\"key\":\"acme\"},\"plan\":{\"key\":\"premium\"}}",
            FAULT_SUBSCRIPTION_OVERLAP, "a second subscription at the same time");
    IS_TEXT(f->cx.problem.conflicting_id,
            text_cstr(f->cx.arena, ulid_text(f->cx.arena, first->id.ulid)),
            "the other one is named");
    bool is_active = false;
    ulid current = { { 0 } };
    fixture_forget(f);
    MUST(subscription_customer_is_active(&f->cx, first->customer_id, &is_active, &current) == OK);
    OK(is_active && ulid_equal(current, first->id.ulid), "the customer has this one");
    struct customer customer;
    MUST(customer_get(&f->cx, TEXT("acme"), &customer) == OK);
    IS_TEXT(customer.currency, "USD", "the first paid subscription gives the customer a currency");
}

/* R106: a subscription keeps its price whatever happens to the plan. */
static void test_grandfathering(struct fixture *f, const struct feature *feature,
                                const struct subscription *one)
{
    struct plan second = shop_simple_plan(f, "premium", "USD", shop_unit_card(f, feature, "2"));
    OK(second.version == 2 && second.status == PLAN_ACTIVE, "the plan has a dearer version");
    struct subscription got = get(f, one);
    OK(got.plan.version == 1, "the subscription stays on its version");
    const struct subscription_item *item = subscription_item_at(subscription_phase_at(&got, 0), 0);
    IS_TEXT(dec_text(f->cx.arena, item->rate_card.terms.price.amount), "1", "and keeps its price");
}

static void test_cancel(struct fixture *f, const struct subscription *one)
{
    struct subscription got;
    OK(cancel(f, one, "2026-02-20T00:00:00Z", &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_SUBSCRIPTION_INVALID,
       "an end inside a billing period is refused");
    OK(resume(f, one, &got) == ERR_REFUSED && fixture_fault(f) == FAULT_SUBSCRIPTION_STATUS,
       "what is not cancelled cannot be continued");
    OK(cancel(f, one, "next_billing_cycle", &got) == OK && got.status == SUBSCRIPTION_CANCELED,
       "cancelled for the end of the period");
    OK(instant_equal(got.active_to, fixture_instant("2026-02-15T12:00:00Z")), "which is its end");
    OK(instant_equal(subscription_phase_at(&got, 0)->active_to, got.active_to) &&
           instant_equal(subscription_item_at(subscription_phase_at(&got, 0), 0)->active_to,
                         got.active_to),
       "phase and item end with it");
    OK(cancel(f, one, "immediate", &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_SUBSCRIPTION_STATUS,
       "it is not cancelled twice");
    OK(resume(f, one, &got) == OK && got.status == SUBSCRIPTION_ACTIVE &&
           instant_is_none(got.active_to) &&
           instant_is_none(subscription_phase_at(&got, 0)->active_to),
       "taken back, everything is open again");
    fixture_at(f, "2026-01-20T08:30:00Z");
    OK(cancel(f, one, "", &got) == OK && got.status == SUBSCRIPTION_INACTIVE &&
           instant_equal(got.active_to, f->cx.now),
       "at once when nothing is said");
    OK(resume(f, one, &got) == ERR_REFUSED && fixture_fault(f) == FAULT_SUBSCRIPTION_STATUS,
       "what is over stays over");
}

static void test_scheduled(struct fixture *f)
{
    struct subscription made;
    struct subscription gone;
    struct store_tx *tx;
    OK(create(f,
              "{\"customerKey\":\"acme\",\"plan\":{\"key\":\"premium\",\"version\":2},"
              "\"timing\":\"2026-03-01T00:00:00Z\",\"name\":\"Later\"}",
              &made) == OK &&
           made.status == SUBSCRIPTION_SCHEDULED,
       "one may begin later");
    OK(!made.has_current_period, "it has no current period");
    OK(cancel(f, &made, "immediate", &gone) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_SUBSCRIPTION_STATUS,
       "it is not cancelled");
    fixture_forget(f);
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    struct subscription_target target = { ulid_text(f->cx.arena, made.id.ulid), 0 };
    OK(settle(tx, subscription_delete(&f->cx, tx, &target, &gone)) == OK, "but deleted");
    OK(subscription_get(&f->cx, target.id, &gone) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_SUBSCRIPTION_ABSENT,
       "and then it is not found");
    fixture_forget(f);
}

static void test_list(struct fixture *f, const struct subscription *over)
{
    struct subscription second;
    struct list list;
    int64_t total;
    OK(create(f, "{\"customer\":{\"key\":\"acme\"},\"plan\":{\"key\":\"premium\"}}", &second) == OK,
       "after the end of one another may begin");
    struct subscription_query all = { .page = { 1, 1 } };
    OK(subscription_list(&f->cx, &all, &list, &total) == OK && list.count == 1 && total == 2,
       "a page of one of two");
    OK(ulid_equal(((struct subscription *)list.items)->id.ulid, over->id.ulid), "the older first");
    all.is_descending = true;
    OK(subscription_list(&f->cx, &all, &list, &total) == OK &&
           ulid_equal(((struct subscription *)list.items)->id.ulid, second.id.ulid),
       "or the newer");
    text active = TEXT("active");
    struct subscription_query running = { .statuses = { &active, 1 }, .page = { 1, 10 } };
    OK(subscription_list(&f->cx, &running, &list, &total) == OK && total == 1 &&
           ((struct subscription *)list.items)->status == SUBSCRIPTION_ACTIVE,
       "by status");
    text id = ulid_text(f->cx.arena, over->id.ulid);
    struct subscription_query by_id = { .ids = { &id, 1 }, .page = { 1, 10 } };
    OK(subscription_list(&f->cx, &by_id, &list, &total) == OK && total == 1 && list.count == 1,
       "by id");
    struct subscription_query by_plan = { .plan_key = TEXT("other"), .page = { 1, 10 } };
    OK(subscription_list(&f->cx, &by_plan, &list, &total) == OK && total == 0, "by plan");
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-15T12:00:00.250Z");
    shop_meter(&f, "{\"key\":\"runs\",\"name\":\"Runs\",\"event_type\":\"run\","
                   "\"aggregation\":\"count\"}");
    struct feature feature = shop_feature(&f, "runs", "{\"key\":\"runs\",\"name\":\"Runs\"}");
    shop_simple_plan(&f, "premium", "USD", shop_unit_card(&f, &feature, "1"));
    shop_customer(&f, "acme", "Acme Inc");
    test_refusals(&f);
    test_draft(&f);
    struct subscription one = test_create(&f);
    test_one_at_a_time(&f, &one);
    test_grandfathering(&f, &feature, &one);
    test_cancel(&f, &one);
    test_scheduled(&f);
    test_list(&f, &one);
    fixture_close(&f);
    return tap_end();
}
