/* Features through their flows, on a real store. */
#include "catalog/feature.h"

#include "lib/fixture.h"
#include "lib/tap.h"

static const text dimensions[] = { TEXT_INIT("model") };

static struct feature_meter meter_of(struct fixture *f, const char *key)
{
    text *names = arena_copy(f->cx.arena, dimensions, sizeof(dimensions));
    return (struct feature_meter){
        .id = cx_ulid(&f->cx),
        .key = text_of(key),
        .aggregation = TEXT("sum"),
        .dimensions = { names, COUNT_OF(dimensions) },
    };
}

/* Reads a request of the dialect and creates what it says. */
static enum err create(struct fixture *f, enum dialect dialect, const char *body,
                       const struct feature_meter *meter, struct feature *ret)
{
    struct json json;
    struct json_fault fault;
    struct feature input = { 0 };
    fixture_forget(f);
    MUST(json_parse(f->cx.arena, text_of(body), &json, &fault));
    MUST(fields_read(&feature_fields, dialect, &json, &f->cx.problem, &input));
    return feature_create(&f->cx, dialect, &input, meter, ret);
}

static text printed(struct fixture *f, enum dialect dialect, const struct feature *feature)
{
    struct buffer b = { .arena = f->cx.arena };
    struct json_writer w = json_writer_of(&b);
    fields_write(&feature_fields, dialect, &w, feature);
    return buffer_text(&b);
}

static bool is_same(struct fixture *f, const struct feature *a, const struct feature *b)
{
    return text_equal(printed(f, DIALECT_V3, a), printed(f, DIALECT_V3, b)) &&
           text_equal(printed(f, DIALECT_V1, a), printed(f, DIALECT_V1, b));
}

static void test_create_and_get(struct fixture *f)
{
    struct feature_meter meter = meter_of(f, "tokens");
    struct feature made, got;
    char body[256];
    text id = ulid_text(f->cx.arena, meter.id);
    snprintf(body, sizeof body,
             "{\"key\":\"ai\",\"name\":\"AI\",\"description\":\"d\",\"labels\":{\"a\":\"b\"},"
             "\"meter\":{\"id\":\"%.*s\",\"filters\":{\"model\":{\"eq\":\"gpt\"}}}}",
             TEXT_ARG(id));
    OK(create(f, DIALECT_V3, body, &meter, &made) == OK, "a metered feature is created");
    OK(feature_get(&f->cx, made.id, &got) == OK && is_same(f, &made, &got),
       "what is read is what was made");
    OK(got.conditions.count == 1 && ulid_equal(got.meter_id.ulid, meter.id),
       "with its conditions and meter");
    OK(text_contains(printed(f, DIALECT_V1, &got), TEXT("\"meterSlug\":\"tokens\"")),
       "v1 names the meter by key");
    OK(feature_find(&f->cx, TEXT("ai"), &got) == OK && is_same(f, &made, &got), "found by key");
    OK(feature_find(&f->cx, ulid_text(f->cx.arena, made.id.ulid), &got) == OK, "found by id");
    fixture_restart(f);
    OK(feature_get(&f->cx, made.id, &got) == OK && is_same(f, &made, &got),
       "it is there after a restart");
    OK(feature_find(&f->cx, TEXT("none"), &got) == ERR_REFUSED, "no such key");
    OK(fixture_fault(f) == FAULT_FEATURE_ABSENT, "is a refusal with a name");
    fixture_forget(f);
}

static void test_v1(struct fixture *f)
{
    struct feature_meter meter = meter_of(f, "requests");
    struct feature made, got;
    OK(create(f, DIALECT_V1,
              "{\"key\":\"v1\",\"name\":\"V1\",\"metadata\":{\"a\":\"b c\"},"
              "\"meterSlug\":\"requests\","
              "\"advancedMeterGroupByFilters\":{\"model\":{\"$like\":\"gpt%\"}}}",
              &meter, &made) == OK,
       "a feature of v1 is created");
    OK(feature_get(&f->cx, made.id, &got) == OK && is_same(f, &made, &got),
       "what only v1 can say comes back unchanged");
    OK(got.conditions.items[0].filter.op == FILTER_LIKE, "with its operator");
    OK(create(f, DIALECT_V1,
              "{\"key\":\"v1b\",\"name\":\"V1\",\"meterSlug\":\"requests\","
              "\"meterGroupByFilters\":{\"model\":\"x\"}}",
              &meter, &made) == OK &&
           feature_get(&f->cx, made.id, &got) == OK && got.conditions.count == 1,
       "the deprecated filters are kept");
    OK(create(f, DIALECT_V1, "{\"key\":\"plain\",\"name\":\"Plain\"}", NULL, &made) == OK &&
           !made.has_meter,
       "a feature needs no meter");
    OK(create(f, DIALECT_V1,
              "{\"key\":\"bad\",\"name\":\"Bad\",\"meterSlug\":\"requests\","
              "\"advancedMeterGroupByFilters\":{\"model\":{\"$is\":\"x\"}}}",
              &meter, &made) == ERR_REFUSED,
       "an unknown operator is refused");
}

static void test_keys(struct fixture *f)
{
    struct feature first, second, got;
    OK(create(f, DIALECT_V3, "{\"key\":\"k\",\"name\":\"One\"}", NULL, &first) == OK, "a key");
    OK(create(f, DIALECT_V3, "{\"key\":\"k\",\"name\":\"Two\"}", NULL, &second) == ERR_REFUSED,
       "is taken");
    OK(fixture_fault(f) == FAULT_FEATURE_KEY_TAKEN, "by an active feature");
    IS_TEXT(f->cx.problem.conflicting_id,
            text_cstr(f->cx.arena, ulid_text(f->cx.arena, first.id.ulid)), "which is named");
    fixture_at(f, "2026-01-02T00:00:00Z");
    OK(feature_archive(&f->cx, first.id) == OK, "until it is archived");
    OK(create(f, DIALECT_V3, "{\"key\":\"k\",\"name\":\"Two\"}", NULL, &second) == OK,
       "then it is free again");
    OK(feature_get(&f->cx, first.id, &got) == OK && instant_equal(got.archived_at, f->cx.now),
       "the archived one is still there by id");
    OK(feature_find(&f->cx, TEXT("k"), &got) == OK && ulid_equal(got.id.ulid, second.id.ulid),
       "the key leads to the active one");
    OK(feature_archive(&f->cx, first.id) == ERR_REFUSED, "archiving twice is refused");
    OK(fixture_fault(f) == FAULT_FEATURE_ABSENT, "because there is no active one");
    fixture_forget(f);
}

static void test_meter_use(struct fixture *f)
{
    struct feature_meter meter = meter_of(f, "used");
    struct feature made;
    bool is_used = true;
    OK(feature_is_meter_used(&f->cx, meter.id, &is_used) == OK && !is_used, "a meter is free");
    MUST(create(f, DIALECT_V1, "{\"key\":\"user\",\"name\":\"U\",\"meterSlug\":\"used\"}", &meter,
                &made) == OK);
    OK(feature_is_meter_used(&f->cx, meter.id, &is_used) == OK && is_used,
       "until a feature refers to it");
    MUST(feature_archive(&f->cx, made.id) == OK);
    OK(feature_is_meter_used(&f->cx, meter.id, &is_used) == OK && !is_used,
       "an archived feature lets it go");
}

static text keys_of(struct fixture *f, const struct feature_query *query, int64_t *ret_total)
{
    struct buffer b = { .arena = f->cx.arena };
    struct list page;
    MUST(feature_list(&f->cx, query, &page, ret_total) == OK);
    for (size_t i = 0; i < page.count; i++) {
        const struct feature *feature = (const struct feature *)page.items + i;
        buffer_format(&b, "%s%.*s", i > 0 ? " " : "", TEXT_ARG(feature->key));
    }
    return page.count > 0 ? buffer_text(&b) : TEXT("none");
}

static void test_list(struct fixture *f)
{
    int64_t total;
    text keys[] = { TEXT("v1"), TEXT("plain"), TEXT("a_v1") };
    text part[] = { TEXT("v") };
    text upper[] = { TEXT("Plain"), TEXT("plain") };
    struct feature_query all = { .limit = 100 };
    IS_TEXT(keys_of(f, &all, &total), "ai v1 v1b plain k", "active ones in the order of making");
    OK(total == 5, "and their number");
    struct feature_query query = { .limit = 2, .offset = 1, .sort = FEATURE_SORT_KEY };
    IS_TEXT(keys_of(f, &query, &total), "k plain", "a page by key");
    OK(total == 5, "counts all pages");
    query = (struct feature_query){ .limit = 2, .sort = FEATURE_SORT_NAME, .is_descending = true };
    IS_TEXT(keys_of(f, &query, &total), "v1b v1", "by name, backwards; ties by id");
    query = (struct feature_query){ .limit = 9, .keys = { keys, COUNT_OF(keys) } };
    IS_TEXT(keys_of(f, &query, &total), "v1 plain", "one of some keys");
    OK(total == 2, "counted alike");
    query = (struct feature_query){ .limit = 9, .keys = { part, 1 } };
    IS_TEXT(keys_of(f, &query, &total), "none", "a part of a key is not the key");
    query = (struct feature_query){ .limit = 9, .names = { upper, COUNT_OF(upper) } };
    IS_TEXT(keys_of(f, &query, &total), "plain", "names count case");
    query = (struct feature_query){ .limit = 9, .key_contains = TEXT("V1") };
    IS_TEXT(keys_of(f, &query, &total), "v1 v1b", "contained, any case");
    query = (struct feature_query){ .limit = 9, .name_contains = TEXT("two") };
    IS_TEXT(keys_of(f, &query, &total), "k", "contained in the name");
    text meters[] = { TEXT("requests") };
    query = (struct feature_query){ .limit = 9, .meter_keys = { meters, 1 } };
    IS_TEXT(keys_of(f, &query, &total), "v1 v1b", "of a meter");
    query = (struct feature_query){ .limit = 9, .include_archived = true };
    IS_TEXT(keys_of(f, &query, &total), "ai v1 v1b plain k k user", "archived ones too");
    query = (struct feature_query){ .limit = 9, .offset = 100 };
    IS_TEXT(keys_of(f, &query, &total), "none", "past the end");
    OK(total == 5, "the number stays");
}

static void test_other_org(struct fixture *f)
{
    struct org_id mine = f->cx.org;
    struct feature feature, got;
    int64_t total;
    struct feature_query all = { .limit = 100 };
    MUST(feature_find(&f->cx, TEXT("ai"), &feature) == OK);
    f->cx.org.ulid.bytes[15] ^= 1;
    OK(feature_get(&f->cx, feature.id, &got) == ERR_REFUSED, "another org does not see it");
    IS_TEXT(keys_of(f, &all, &total), "none", "nor in a list");
    fixture_forget(f);
    OK(feature_archive(&f->cx, feature.id) == ERR_REFUSED, "nor can it archive it");
    f->cx.org = mine;
    fixture_forget(f);
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    test_create_and_get(&f);
    test_v1(&f);
    test_keys(&f);
    test_meter_use(&f);
    test_list(&f);
    test_other_org(&f);
    fixture_close(&f);
    return tap_end();
}
