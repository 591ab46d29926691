/* Plans through their flows, on a real store. */
#include "catalog/addon.h"
#include "catalog/plan.h"

#include <pthread.h>

#include "lib/fixture.h"
#include "lib/tap.h"

#define PHASES(cards) "\"phases\":[{\"key\":\"p\",\"name\":\"P\",\"rate_cards\":[" cards "]}]"
#define FEE(amount)                                                                                \
    "{\"key\":\"fee\",\"name\":\"Fee\",\"billing_cadence\":\"P1M\","                               \
    "\"price\":{\"type\":\"flat\",\"amount\":\"" amount "\"}}"
#define PLAN(key, cards)                                                                           \
    "{\"key\":\"" key                                                                              \
    "\",\"name\":\"Plan\",\"currency\":\"USD\",\"billing_cadence\":\"P1M\"," PHASES(cards) "}"
#define WEEKLY                                                                                     \
    "{\"key\":\"weekly\",\"name\":\"W\",\"billing_cadence\":\"P1W\","                              \
    "\"price\":{\"type\":\"flat\",\"amount\":\"1\"}}"

static struct plan read_by(struct fixture *f, const struct fields *table, enum dialect dialect,
                           const char *body)
{
    struct json json;
    struct json_fault fault;
    struct plan input = { 0 };
    fixture_forget(f);
    MUST(json_parse(f->cx.arena, text_of(body), &json, &fault));
    MUST(fields_read(table, dialect, &json, &f->cx.problem, &input));
    return input;
}

static enum err create(struct fixture *f, const char *body, struct plan *ret)
{
    struct plan input = read_by(f, &plan_fields, DIALECT_V3, body);
    return plan_create(&f->cx, DIALECT_V3, &input, ret);
}

static struct plan published(struct fixture *f, const char *body)
{
    struct plan plan;
    MUST(create(f, body, &plan) == OK);
    MUST(plan_publish(&f->cx, DIALECT_V3, plan.id, &plan) == OK);
    return plan;
}

static text printed(struct fixture *f, enum dialect dialect, const struct plan *plan)
{
    struct buffer b = { .arena = f->cx.arena };
    struct json_writer w = json_writer_of(&b);
    fields_write(&plan_fields, dialect, &w, plan);
    return buffer_text(&b);
}

static bool is_same(struct fixture *f, const struct plan *a, const struct plan *b)
{
    return text_equal(printed(f, DIALECT_V3, a), printed(f, DIALECT_V3, b)) &&
           text_equal(printed(f, DIALECT_V1, a), printed(f, DIALECT_V1, b));
}

static struct feature metered_feature(struct fixture *f, const char *key)
{
    struct feature feature;
    struct feature input = { .key = text_of(key), .name = text_of(key) };
    struct feature_meter meter = {
        .id = cx_ulid(&f->cx),
        .key = TEXT("m"),
        .aggregation = TEXT("count"),
    };
    MUST(feature_create(&f->cx, DIALECT_V1, &input, &meter, &feature) == OK);
    return feature;
}

/* A plan for agent runs, as a dialect writes it: the walk-through of the catalog. */
static void test_life(struct fixture *f)
{
    struct feature feature = metered_feature(f, "runs");
    struct plan made, got;
    text id = ulid_text(f->cx.arena, feature.id.ulid);
    text body = text_format(f->cx.arena,
                            "{\"key\":\"premium\",\"name\":\"Premium\",\"currency\":\"USD\","
                            "\"billing_cadence\":\"P1M\",\"labels\":{\"tier\":\"top\"},"
                            "\"phases\":[{\"key\":\"main\",\"name\":\"Main\",\"rate_cards\":[{"
                            "\"key\":\"runs\",\"name\":\"Runs\",\"feature\":{\"id\":\"%.*s\"},"
                            "\"billing_cadence\":\"P1M\",\"entitlement\":{\"type\":\"boolean\"},"
                            "\"price\":{\"type\":\"unit\",\"amount\":\"1\"}}]}]}",
                            TEXT_ARG(id));
    OK(create(f, text_cstr(f->cx.arena, body), &made) == OK, "a draft is created");
    OK(made.status == PLAN_DRAFT && made.version == 1 && made.is_pro_rating, "as version 1");
    OK(made.validation_errors.count == 0, "with nothing wrong");
    const struct rate_card *card = rate_card_at(plan_phase_at(&made, 0), 0);
    IS_TEXT(card->feature_key, "runs", "the feature's key is looked up");
    OK(rate_card_is_metered(card) && card->has_entitlement, "the card is read");
    OK(plan_get(&f->cx, made.id, &got) == OK && is_same(f, &made, &got), "read as made");
    OK(plan_find(&f->cx, TEXT("premium"), false, &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_ABSENT,
       "a draft is not found by key");
    fixture_forget(f);
    OK(plan_find(&f->cx, TEXT("premium"), true, &got) == OK, "but as the newest version");
    OK(plan_publish(&f->cx, DIALECT_V3, made.id, &made) == OK && made.status == PLAN_ACTIVE,
       "published, it is active at the same instant");
    OK(plan_find(&f->cx, TEXT("premium"), false, &got) == OK && is_same(f, &made, &got),
       "and found by key");
    fixture_restart(f);
    OK(plan_find_version(&f->cx, TEXT("premium"), 1, &got) == OK && is_same(f, &made, &got),
       "also after a restart");
    card = rate_card_at(plan_phase_at(&got, 0), 0);
    OK(ulid_equal(card->feature_id.ulid, feature.id.ulid), "the stored card has its feature's id");
    IS_TEXT(dec_text(f->cx.arena, card->terms.price.amount), "1", "and its price");
    OK(card->payment_term == TERM_IN_ARREARS, "and its payment term");
}

static void test_v1(struct fixture *f)
{
    struct plan made, got;
    struct plan input =
        read_by(f, &plan_fields, DIALECT_V1,
                "{\"key\":\"old\",\"name\":\"Old\",\"currency\":\"EUR\",\"billingCadence\":\"P1Y\","
                "\"metadata\":{\"x\":\"free text\"},\"proRatingConfig\":{\"enabled\":false,"
                "\"mode\":\"prorate_prices\"},\"alignment\":{\"billablesMustAlign\":true},"
                "\"phases\":[{\"key\":\"p\",\"name\":\"P\",\"duration\":null,\"rateCards\":[{"
                "\"type\":\"usage_based\",\"key\":\"runs\",\"name\":\"R\",\"featureKey\":\"runs\","
                "\"billingCadence\":\"P1M\",\"price\":{\"type\":\"unit\",\"amount\":\"0.5\"}}]}]}");
    OK(plan_create(&f->cx, DIALECT_V1, &input, &made) == OK, "a plan of v1 is created");
    OK(!made.is_pro_rating, "without proration");
    OK(plan_get(&f->cx, made.id, &got) == OK && is_same(f, &made, &got), "and read as made");
    const struct rate_card *card = rate_card_at(plan_phase_at(&got, 0), 0);
    OK(!ulid_is_zero(card->feature_id.ulid) && card->has_feature, "the key leads to the id");
    text v1 = printed(f, DIALECT_V1, &got);
    OK(text_contains(v1, TEXT("\"proRatingConfig\":{\"enabled\":false")), "v1 prints proration");
    OK(text_contains(v1, TEXT("\"duration\":null")), "and a phase without end");
    OK(text_contains(v1, TEXT("\"validationErrors\":[]")), "and that nothing is wrong");
    OK(text_contains(v1, TEXT("\"settlementMode\":\"credit_then_invoice\"")), "and settlement");
    OK(text_contains(printed(f, DIALECT_V3, &got), TEXT("\"pro_rating_enabled\":false")),
       "v3 prints proration in its own way");
    OK(!text_contains(printed(f, DIALECT_V3, &got), TEXT("\"duration\"")), "and no empty duration");

    input = read_by(f, &plan_fields, DIALECT_V1,
                    "{\"key\":\"none\",\"name\":\"N\",\"currency\":\"EUR\","
                    "\"billingCadence\":\"P1Y\",\"phases\":[{\"key\":\"p\",\"name\":\"P\","
                    "\"rateCards\":[{\"type\":\"flat_fee\",\"key\":\"gone\",\"name\":\"G\","
                    "\"featureKey\":\"gone\",\"billingCadence\":null,\"price\":null}]}]}");
    OK(plan_create(&f->cx, DIALECT_V1, &input, &made) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_INVALID,
       "a feature that is not there refuses");
    IS_TEXT(f->cx.problem.fields[0].code, "rate_card_feature_not_found",
            "with the contract's code");
    IS_TEXT(f->cx.problem.fields[0].field,
            "$.phases[?(@.key=='p')].rateCards[?(@.key=='gone')].featureKey", "and v1's place");
    fixture_forget(f);
}

static void test_versions(struct fixture *f)
{
    struct plan first, second, got;
    first = published(f, PLAN("team", FEE("10")));
    OK(create(f, PLAN("team", FEE("20")), &second) == OK && second.version == 2,
       "a second plan of the key is the next version");
    OK(create(f, PLAN("team", FEE("30")), &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_DRAFT_EXISTS,
       "there is one draft at most");
    fixture_at(f, "2026-01-03T00:00:00Z");
    OK(plan_find_version(&f->cx, TEXT("team"), 0, &got) == OK && got.version == 1,
       "the published version stays active");
    OK(plan_publish(&f->cx, DIALECT_V3, second.id, &second) == OK, "until the next is published");
    OK(plan_get(&f->cx, first.id, &got) == OK && got.status == PLAN_ARCHIVED &&
           instant_equal(got.effective_to, second.effective_from),
       "then it ends where the next begins");
    OK(plan_find_version(&f->cx, TEXT("team"), 0, &got) == OK && got.version == 2, "by key: new");
    OK(plan_find_version(&f->cx, TEXT("team"), 1, &got) == OK, "by version: old");
    OK(plan_find_version(&f->cx, TEXT("team"), 9, &got) == ERR_REFUSED, "no such version");
    fixture_forget(f);
    OK(plan_next(&f->cx, DIALECT_V3, TEXT("team"), &got) == OK && got.version == 3 &&
           got.status == PLAN_DRAFT && got.phases.count == 1,
       "the next version can be a copy");
    OK(plan_delete(&f->cx, got.id) == OK, "a draft is deleted");
    OK(plan_get(&f->cx, got.id, &got) == OK && instant_equal(got.deleted_at, f->cx.now), "softly");
    OK(plan_delete(&f->cx, got.id) == ERR_REFUSED && fixture_fault(f) == FAULT_PLAN_ABSENT,
       "once only");
    fixture_forget(f);
    OK(create(f, PLAN("team", FEE("40")), &got) == OK && got.version == 4,
       "a number is never used twice");
    OK(plan_publish(&f->cx, DIALECT_V3, got.id, &got) == OK && got.status == PLAN_ACTIVE,
       "two versions published at one instant");
    OK(plan_get(&f->cx, second.id, &second) == OK && second.status == PLAN_ARCHIVED,
       "leave the later one active");
    OK(plan_next(&f->cx, DIALECT_V3, TEXT("nothing"), &got) == ERR_REFUSED, "nothing to copy");
    fixture_forget(f);
}

static void test_status_rules(struct fixture *f)
{
    struct plan plan, got;
    struct plan update =
        read_by(f, &plan_update_fields, DIALECT_V3,
                "{\"name\":\"Renamed\",\"pro_rating_enabled\":false," PHASES(FEE("7")) "}");
    MUST(create(f, PLAN("states", FEE("1")), &plan) == OK);
    fixture_at(f, "2026-01-04T00:00:00Z");
    OK(plan_archive(&f->cx, DIALECT_V3, plan.id, &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_STATUS,
       "a draft is not archived");
    IS_TEXT(f->cx.problem.detail, "the plan is draft, not active", "and told so");
    fixture_forget(f);
    OK(plan_update(&f->cx, DIALECT_V3, plan.id, &update, &plan) == OK, "a draft is replaced");
    IS_TEXT(plan.name, "Renamed", "by what the request says");
    OK(!plan.is_pro_rating && instant_equal(plan.updated_at, f->cx.now), "all of it");
    IS_TEXT(plan.currency, "USD", "the currency stays");
    IS_TEXT(span_text(f->cx.arena, plan.billing_cadence), "P1M", "and the cadence");
    OK(plan_get(&f->cx, plan.id, &got) == OK && is_same(f, &plan, &got), "it is stored");
    MUST(plan_publish(&f->cx, DIALECT_V3, plan.id, &plan) == OK);
    OK(plan_update(&f->cx, DIALECT_V3, plan.id, &update, &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_STATUS,
       "an active plan is not changed");
    fixture_forget(f);
    OK(plan_delete(&f->cx, plan.id) == ERR_REFUSED && fixture_fault(f) == FAULT_PLAN_STATUS,
       "nor deleted");
    fixture_forget(f);
    OK(plan_publish(&f->cx, DIALECT_V3, plan.id, &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_STATUS,
       "nor published again");
    fixture_at(f, "2026-01-05T00:00:00Z");
    OK(plan_archive(&f->cx, DIALECT_V3, plan.id, &plan) == OK && plan.status == PLAN_ARCHIVED,
       "archived");
    OK(plan_find(&f->cx, TEXT("states"), false, &got) == ERR_REFUSED, "it is not active");
    fixture_forget(f);
    OK(plan_archive(&f->cx, DIALECT_V3, plan.id, &got) == ERR_REFUSED, "once only");
    fixture_forget(f);
    OK(plan_delete(&f->cx, plan.id) == OK, "an archived plan is deleted");
    OK(plan_update(&f->cx, DIALECT_V3, plan.id, &update, &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_ABSENT,
       "what is deleted cannot be changed");
    fixture_forget(f);
}

static void test_issues(struct fixture *f)
{
    struct feature feature = metered_feature(f, "temp");
    struct plan plan, got;
    OK(create(f, PLAN("drafty", WEEKLY), &plan) == OK, "a draft may have something wrong");
    OK(plan.validation_errors.count == 1, "which is said");
    OK(plan_get(&f->cx, plan.id, &got) == OK && got.validation_errors.count == 1 &&
           is_same(f, &plan, &got),
       "and kept");
    OK(text_contains(printed(f, DIALECT_V1, &got),
                     TEXT("\"field\":\"$.phases[?(@.key=='p')].rateCards[?(@.key=='weekly')]"
                          ".billingCadence\"")),
       "v1 reads its own names");
    OK(text_contains(printed(f, DIALECT_V3, &got),
                     TEXT("\"field\":\"$.phases[?(@.key=='p')].rate_cards[?(@.key=='weekly')]"
                          ".billing_cadence\"")),
       "v3 too");
    OK(plan_publish(&f->cx, DIALECT_V3, plan.id, &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_INVALID && f->cx.problem.field_count == 1,
       "it keeps the plan from being published");
    IS_TEXT(f->cx.problem.fields[0].code, "rate_card_billing_cadence_unaligned", "by name");
    fixture_forget(f);
    struct plan update =
        read_by(f, &plan_update_fields, DIALECT_V3, "{\"name\":\"Fixed\"," PHASES(FEE("7")) "}");
    OK(plan_update(&f->cx, DIALECT_V3, plan.id, &update, &plan) == OK &&
           plan.validation_errors.count == 0,
       "put right, nothing is wrong any more");
    OK(plan_publish(&f->cx, DIALECT_V3, plan.id, &plan) == OK, "and it is published");

    OK(create(f, PLAN("double", FEE("1") "," FEE("2")), &got) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_INVALID,
       "critical issues refuse at once");
    fixture_forget(f);
    text id = ulid_text(f->cx.arena, feature.id.ulid);
    text body = text_format(f->cx.arena,
                            PLAN("late", "{\"key\":\"temp\",\"name\":\"T\",\"feature\":{\"id\":"
                                         "\"%.*s\"},\"billing_cadence\":\"P1M\",\"price\":{"
                                         "\"type\":\"unit\",\"amount\":\"1\"}}"),
                            TEXT_ARG(id));
    MUST(create(f, text_cstr(f->cx.arena, body), &plan) == OK);
    MUST(feature_archive(&f->cx, feature.id) == OK);
    OK(plan_publish(&f->cx, DIALECT_V3, plan.id, &got) == ERR_REFUSED,
       "a feature archived since then keeps the plan from being published");
    IS_TEXT(f->cx.problem.fields[0].code, "rate_card_feature_archived", "by name");
    IS_TEXT(f->cx.problem.fields[0].field,
            "$.phases[?(@.key=='p')].rate_cards[?(@.key=='temp')].feature", "and v3's place");
    fixture_forget(f);
}

static text list_text(struct fixture *f, const struct plan_query *query, int64_t *ret_total)
{
    struct buffer b = { .arena = f->cx.arena };
    struct list page;
    MUST(plan_list(&f->cx, query, &page, ret_total) == OK);
    for (size_t i = 0; i < page.count; i++) {
        const struct plan *plan = (const struct plan *)page.items + i;
        buffer_format(&b, "%s%.*s/%d", i > 0 ? " " : "", TEXT_ARG(plan->key), (int)plan->version);
    }
    return page.count > 0 ? buffer_text(&b) : TEXT("none");
}

static void test_list(struct fixture *f)
{
    int64_t total;
    const struct page page = { 1, 100 };
    text active[] = { TEXT("active") };
    text others[] = { TEXT("archived"), TEXT("draft") };
    text keys[] = { TEXT("team") };
    text euro[] = { TEXT("EUR") };
    struct plan_query query = { .page = page };
    IS_TEXT(list_text(f, &query, &total), "premium/1 old/1 team/1 team/2 team/4 drafty/1 late/1",
            "all plans in the order of making");
    OK(total == 7, "and their number");
    query = (struct plan_query){ .page = page, .statuses = { active, 1 } };
    IS_TEXT(list_text(f, &query, &total), "premium/1 team/4 drafty/1", "active ones");
    query = (struct plan_query){ .page = page, .statuses = { others, 2 } };
    IS_TEXT(list_text(f, &query, &total), "old/1 team/1 team/2 late/1", "archived ones and drafts");
    query = (struct plan_query){
        .page = page, .keys = { keys, 1 }, .sort = PLAN_SORT_VERSION, .is_descending = true
    };
    IS_TEXT(list_text(f, &query, &total), "team/4 team/2 team/1", "versions of a key, backwards");
    query = (struct plan_query){ .page = { 2, 3 }, .sort = PLAN_SORT_KEY };
    IS_TEXT(list_text(f, &query, &total), "premium/1 team/1 team/2", "the second page by key");
    OK(total == 7, "counts all pages");
    query = (struct plan_query){ .page = page, .currencies = { euro, 1 } };
    IS_TEXT(list_text(f, &query, &total), "old/1", "of a currency");
    query = (struct plan_query){ .page = page, .key_contains = TEXT("EA") };
    IS_TEXT(list_text(f, &query, &total), "team/1 team/2 team/4", "a part of the key, any case");
    query = (struct plan_query){ .page = page, .name_contains = TEXT("prem") };
    IS_TEXT(list_text(f, &query, &total), "premium/1", "a part of the name");
    query = (struct plan_query){ .page = page, .include_deleted = true };
    (void)list_text(f, &query, &total);
    OK(total == 9, "deleted ones too");
}

/* A plan with a tax code on its card. */
static text taxed(struct fixture *f, struct tax_code_id id)
{
    return text_format(f->cx.arena,
                       PLAN("taxed",
                            "{\"key\":\"fee\",\"name\":\"F\",\"price\":{\"type\":\"flat\","
                            "\"amount\":\"1\"},\"tax_config\":{\"code\":{\"id\":\"%.*s\"}}}"),
                       TEXT_ARG(ulid_text(f->cx.arena, id.ulid)));
}

static void test_tax_codes(struct fixture *f)
{
    struct tax_code code;
    struct tax_code input = { .key = TEXT("vat"), .name = TEXT("VAT") };
    struct plan plan, got;
    struct tax_code_id nobody = { cx_ulid(&f->cx) };
    OK(create(f, text_cstr(f->cx.arena, taxed(f, nobody)), &plan) == ERR_REFUSED,
       "a tax code that is not there refuses");
    IS_TEXT(f->cx.problem.fields[0].code, "tax_code_not_found", "by name");
    fixture_forget(f);
    MUST(tax_code_create(&f->cx, &input, &code) == OK);
    OK(create(f, text_cstr(f->cx.arena, taxed(f, code.id)), &plan) == OK, "one that is, does not");
    OK(plan_get(&f->cx, plan.id, &got) == OK && is_same(f, &plan, &got), "and is kept");
    OK(tax_code_delete(&f->cx, code.id) == ERR_REFUSED && fixture_fault(f) == FAULT_TAX_CODE_IN_USE,
       "what a plan names is not deleted");
    fixture_forget(f);
    OK(plan_delete(&f->cx, plan.id) == OK && tax_code_delete(&f->cx, code.id) == OK,
       "when the plan is, it can be");
    OK(create(f, text_cstr(f->cx.arena, taxed(f, code.id)), &plan) == ERR_REFUSED,
       "a deleted one refuses");
    fixture_forget(f);
}

/* What v1 has no words for is not done through v1: before anything changes. */
static void test_not_of_v1(struct fixture *f)
{
    struct plan plan, got;
    const struct addon addon = { .key = TEXT("a"), .currency = TEXT("TOKENS") };
    OK(addon_printable(&f->cx, DIALECT_V3, &addon) == OK, "v3 shows an add-on in any currency");
    OK(addon_printable(&f->cx, DIALECT_V1, &addon) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_ADDON_NOT_OF_V1,
       "v1 only in those of ISO 4217");
    IS_TEXT(f->cx.problem.fields[0].code, "currency_not_representable", "by name");
    fixture_forget(f);
    MUST(create(f,
                PLAN("units", "{\"key\":\"x\",\"name\":\"X\",\"price\":{\"type\":\"free\"},"
                              "\"unit_config\":{\"operation\":\"divide\","
                              "\"conversion_factor\":\"10\"}}"),
                &plan) == OK);
    OK(plan_printable(&f->cx, DIALECT_V3, &plan) == OK, "v3 shows it");
    OK(plan_printable(&f->cx, DIALECT_V1, &plan) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_PLAN_NOT_OF_V1,
       "v1 does not");
    IS_TEXT(f->cx.problem.fields[0].code, "unit_config_not_representable", "by name");
    fixture_forget(f);
    OK(plan_next(&f->cx, DIALECT_V1, TEXT("units"), &got) == ERR_REFUSED, "nor copies it");
    fixture_forget(f);
    fixture_restart(f);
    OK(plan_get(&f->cx, plan.id, &got) == OK, "also after a restart");
    IS_TEXT(got.v1_refusal, "unit_config_not_representable", "the reason is kept");
    MUST(plan_delete(&f->cx, plan.id) == OK);
}

/* ---- at the same time ---------------------------------------------------------------------- */

#define THREADS 4

struct racer {
    struct cx cx;
    struct plan_id id;
    enum err err;
    enum fault fault;
};

static void *race_publish(void *data)
{
    struct racer *racer = data;
    struct plan plan = { 0 };
    racer->err = plan_publish(&racer->cx, DIALECT_V3, racer->id, &plan);
    racer->fault = racer->cx.problem.fault;
    return NULL;
}

static void *race_create(void *data)
{
    static const char body[] = PLAN("race", FEE("1"));
    struct racer *racer = data;
    struct plan plan = { 0 };
    struct plan input = { 0 };
    struct json json;
    struct json_fault fault;
    MUST(json_parse(racer->cx.arena, text_of(body), &json, &fault));
    MUST(fields_read(&plan_fields, DIALECT_V3, &json, &racer->cx.problem, &input));
    racer->err = plan_create(&racer->cx, DIALECT_V3, &input, &plan);
    racer->fault = racer->cx.problem.fault;
    racer->id = plan.id;
    return NULL;
}

/* Runs one flow in all threads at once; returns the winner's place. */
static size_t race(struct fixture *f, void *(*run)(void *), struct plan_id id, enum fault lost,
                   struct plan_id *ret)
{
    struct racer racers[THREADS];
    pthread_t threads[THREADS];
    size_t wins = 0;
    for (size_t i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){ .cx = f->cx, .id = id };
        racers[i].cx.arena = arena_new();
        problem_init(&racers[i].cx.problem, racers[i].cx.arena);
        MUST(pthread_create(&threads[i], NULL, run, &racers[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        MUST(pthread_join(threads[i], NULL) == 0);
        if (racers[i].err == OK) {
            wins++;
            *ret = racers[i].id;
        } else {
            OK(racers[i].err == ERR_REFUSED && racers[i].fault == lost, "a loser is refused");
        }
        arena_free(racers[i].cx.arena);
    }
    return wins;
}

static void test_races(struct fixture *f)
{
    struct plan_id id = { 0 };
    struct plan plan;
    OK(race(f, race_create, id, FAULT_PLAN_DRAFT_EXISTS, &id) == 1, "one draft wins");
    OK(race(f, race_publish, id, FAULT_PLAN_STATUS, &id) == 1, "one publication wins");
    OK(plan_get(&f->cx, id, &plan) == OK && plan.status == PLAN_ACTIVE && plan.version == 1,
       "the plan is active");
}

static void test_audit(struct fixture *f)
{
    struct plan plan;
    struct store_tx *tx = NULL;
    int64_t before = 0;
    int64_t after = 0;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", f->cx.org.ulid, f->cx.arena)),
    };
    MUST(store_begin_read(f->cx.store, &tx) == OK);
    MUST(store_number(tx, SQL_AUDIT_COUNT, &call, &before) == OK);
    store_rollback(tx);
    plan = published(f, PLAN("audited", FEE("1")));
    MUST(plan_archive(&f->cx, DIALECT_V3, plan.id, &plan) == OK);
    MUST(plan_delete(&f->cx, plan.id) == OK);
    MUST(store_begin_read(f->cx.store, &tx) == OK);
    MUST(store_number(tx, SQL_AUDIT_COUNT, &call, &after) == OK);
    store_rollback(tx);
    OK(after - before == 4, "create, publish, archive and delete are each in the book");
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    test_life(&f);
    test_v1(&f);
    test_versions(&f);
    test_status_rules(&f);
    test_issues(&f);
    test_list(&f);
    test_tax_codes(&f);
    test_not_of_v1(&f);
    test_races(&f);
    test_audit(&f);
    fixture_close(&f);
    return tap_end();
}
