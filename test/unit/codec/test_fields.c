/* test_fields.c: reading, printing and describing structs by a field table. */
#include "base/limits.h"
#include "lib/sample.h"
#include "lib/table.h"
#include "lib/tap.h"

/* K and L in the tables: the members that every sample must have. */
static text expand(struct arena *arena, text body)
{
    if (text_starts_with(body, TEXT("{K")))
        return text_format(arena, "{\"key\":\"k\",\"name\":\"n\"%.*s",
                           TEXT_ARG(text_slice(body, 2, body.len)));
    if (text_starts_with(body, TEXT("{L")))
        return text_format(arena, "{\"slug\":\"k\",\"name\":\"n\"%.*s",
                           TEXT_ARG(text_slice(body, 2, body.len)));
    return body;
}

static enum dialect dialect_of(text word)
{
    MUST(text_equal(word, TEXT("v1")) || text_equal(word, TEXT("v3")));
    return text_equal(word, TEXT("v1")) ? DIALECT_V1 : DIALECT_V3;
}

static bool read(struct arena *arena, enum dialect dialect, text body, struct problem *problem,
                 struct sample *ret)
{
    struct json value;
    struct json_fault fault;

    MUST(json_parse(arena, expand(arena, body), &value, &fault));
    problem_init(problem, arena);
    return fields_read(&sample_fields, dialect, &value, problem, ret);
}

static struct sample read_ok(struct arena *arena, enum dialect dialect, text body)
{
    struct sample sample;
    struct problem problem;

    MUST(read(arena, dialect, body, &problem, &sample));
    return sample;
}

static text printed(struct arena *arena, enum dialect dialect, const struct sample *sample)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    fields_write(&sample_fields, dialect, &w, sample);
    return buffer_text(&out);
}

static text fault_list(struct arena *arena, const struct problem *problem)
{
    struct buffer out = { .arena = arena };

    for (size_t i = 0; i < problem->field_count; i++) {
        const struct problem_field *field = &problem->fields[i];

        buffer_format(&out, "%s%.*s %.*s%s%.*s", i ? "," : "", TEXT_ARG(field->field),
                      TEXT_ARG(field->rule), field->code.len ? "/" : "", TEXT_ARG(field->code));
    }
    return out.len ? buffer_text(&out) : TEXT("-");
}

static void test_faults(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/fields_fault.vec", 4);

    while (table_next(&t)) {
        struct sample sample;
        struct problem problem;
        bool is_read = read(arena, dialect_of(t.cells[0]), t.cells[1], &problem, &sample);

        IS_TEXT(
            fault_list(arena, &problem), text_cstr(arena, t.cells[2]),
            text_cstr(arena, text_format(arena, "%s: %.*s", table_name(&t), TEXT_ARG(t.cells[3]))));
        OK(is_read == text_equal(t.cells[2], TEXT("-")), "refused when there is a fault");
        OK(is_read == !problem_is_set(&problem), "and the problem says so");
    }
    table_close(&t);
}

/* The members of an object that the plain sample has not, or with another value. */
static text members_beyond(struct arena *arena, text object, text plain)
{
    struct buffer out = { .arena = arena };
    struct json value, base;
    struct json_fault fault;

    MUST(json_parse(arena, object, &value, &fault) && json_parse(arena, plain, &base, &fault));
    for (size_t i = 0; i < value.count; i++) {
        const struct json *item = &value.items[i];
        const struct json *same = json_member(&base, item->key);

        if (same && text_equal(same->raw, item->raw))
            continue;
        buffer_format(&out, "%s\"%.*s\":%.*s", out.len ? "," : "", TEXT_ARG(item->key),
                      TEXT_ARG(item->raw));
    }
    return out.len ? buffer_text(&out) : TEXT("-");
}

static void test_write(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/fields_write.vec", 4);
    struct sample plain = read_ok(arena, DIALECT_V3, TEXT("{K}"));

    IS_TEXT(printed(arena, DIALECT_V3, &plain),
            "{\"key\":\"k\",\"name\":\"n\",\"is_active\":false,\"is_public\":true,"
            "\"seats\":0,\"shift\":0,\"balance\":null,\"total\":\"latest\","
            "\"labels\":{}}",
            "v3: absent members are left out; booleans and integers that may be 0 are not");
    IS_TEXT(printed(arena, DIALECT_V1, &plain),
            "{\"slug\":\"k\",\"name\":\"n\",\"isActive\":false,\"isPublic\":true,"
            "\"seats\":0,\"shift\":0,\"balance\":null,\"cadence\":null,\"aggregation\":\"LATEST\","
            "\"metadata\":{}}",
            "v1: the same in camel case, with v1's own keys and upper-case words");
    while (table_next(&t)) {
        struct sample sample = read_ok(arena, dialect_of(t.cells[0]), t.cells[1]);

        for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
            text got = printed(arena, (enum dialect)dialect, &sample);
            text base = printed(arena, (enum dialect)dialect, &plain);

            IS_TEXT(members_beyond(arena, got, base), text_cstr(arena, t.cells[2 + dialect]),
                    table_name(&t));
        }
    }
    table_close(&t);
}

static void test_write_more(struct arena *arena)
{
    struct sample sample = read_ok(
        arena, DIALECT_V1, TEXT("{L,\"metadata\":{\"kong\":\"a\",\"b c\":\"d\",\"e\":\"f g\"}}"));
    text v3;

    sample.created_at = (instant){ 0 };
    sample.password_hash = TEXT("secret");
    sample.password = TEXT("secret");
    MUST(dec_parse(TEXT("10.0"), &sample.balance));
    v3 = printed(arena, DIALECT_V3, &sample);
    OK(text_contains(v3, TEXT("\"labels\":{\"kong\":\"a\"}")),
       "v3 leaves out metadata that is no label; reserved prefixes are ours to print");
    OK(text_contains(printed(arena, DIALECT_V1, &sample),
                     TEXT("\"metadata\":{\"kong\":\"a\",\"b c\":\"d\",\"e\":\"f g\"}")),
       "v1 prints all of it");
    OK(text_contains(v3, TEXT("\"created_at\":\"1970-01-01T00:00:00Z\"")),
       "read-only members are printed");
    OK(!text_contains(v3, TEXT("secret")), "write-only members and those not in JSON are not");
    OK(text_contains(v3, TEXT("\"balance\":\"10.0\"")), "a decimal is a string in v3");
    OK(text_contains(printed(arena, DIALECT_V1, &sample), TEXT("\"balance\":10.0")),
       "and a number of exactly its digits in v1 where the table says so");
}

static void test_details(struct arena *arena)
{
    struct sample sample;
    struct problem problem;
    const struct problem_field *field;

    MUST(!read(arena, DIALECT_V1, TEXT("{L,\"aggregation\":\"X\"}"), &problem, &sample));
    field = &problem.fields[0];
    OK(field->choices && words_find(field->choices, TEXT("UNIQUE_COUNT")) == 1 &&
           !field->choices[3],
       "rule enum lists the choices as the dialect writes them");
    OK(field->source == SOURCE_BODY, "faults are of the body");
    MUST(!read(arena, DIALECT_V3, TEXT("{K,\"priority\":256}"), &problem, &sample));
    OK(problem.fields[0].has_bound && problem.fields[0].bound == 255, "rule max has its bound");
    IS_TEXT(problem.fields[0].reason, "must not be more than 255", "and a sentence");
    MUST(!read(arena, DIALECT_V3, TEXT("{\"key\":\"k\",\"name\":\"\"}"), &problem, &sample));
    OK(problem.fields[0].has_bound && problem.fields[0].bound == 1, "rule min_length too");
    OK(problem.fault == FAULT_FIELDS_INVALID, "the problem is named");
}

static void test_shown_key(struct arena *arena)
{
    struct buffer body = { .arena = arena };
    struct sample sample;
    struct problem problem;

    buffer_add(&body, TEXT("{K,\"labels\":{\"a"));
    for (int i = 0; i < 100; i++)
        buffer_add(&body, TEXT("\xe2\x82\xac"));
    buffer_add(&body, TEXT("\":\"v\"}}"));
    MUST(!read(arena, DIALECT_V3, buffer_text(&body), &problem, &sample));
    OK(text_is_utf8(problem.fields[0].reason) && problem.fields[0].reason.len < 300,
       "a long label key is shown in part, cut between characters");
}

static void test_code_points(struct arena *arena)
{
    struct sample sample;
    struct problem problem;

    for (size_t count = LIMIT_NAME_MAX; count <= LIMIT_NAME_MAX + 1; count++) {
        struct buffer body = { .arena = arena };

        buffer_add(&body, TEXT("{\"key\":\"k\",\"name\":\""));
        for (size_t i = 0; i < count; i++)
            buffer_add(&body, TEXT("\xe2\x82\xac"));
        buffer_add(&body, TEXT("\"}"));
        OK(read(arena, DIALECT_V3, buffer_text(&body), &problem, &sample) ==
               (count == LIMIT_NAME_MAX),
           "lengths count code points: %zu of them in a name", count);
    }
}

static void test_many(struct arena *arena)
{
    struct buffer labels = { .arena = arena };
    struct buffer unknown = { .arena = arena };
    struct sample sample;
    struct problem problem;

    for (int i = 0; i <= LIMIT_LABELS_MAX; i++)
        buffer_format(&labels, "%s\"l%d\":\"v\"", i ? "," : "{K,\"labels\":{", i);
    buffer_add(&labels, TEXT("}}"));
    OK(!read(arena, DIALECT_V3, buffer_text(&labels), &problem, &sample) &&
           problem.fields[0].bound == LIMIT_LABELS_MAX,
       "v3 takes LIMIT_LABELS_MAX labels, not one more");
    for (int i = 0; i < 5000; i++)
        buffer_format(&unknown, "%s\"u%d\":0", i ? "," : "{K,", i);
    buffer_add_char(&unknown, '}');
    OK(!read(arena, DIALECT_V3, buffer_text(&unknown), &problem, &sample) &&
           problem.field_count == 100,
       "a body with very many faults is told of the first hundred");
}

static void test_absent(struct arena *arena)
{
    struct sample sample = read_ok(arena, DIALECT_V3, TEXT("{K}"));

    OK(!sample.description.ptr && !sample.data.ptr, "an absent text or JSON has no pointer");
    OK(!dec_is_valid(sample.amount), "an absent decimal is invalid");
    OK(instant_is_none(sample.effective_at), "an absent instant is none");
    OK(span_is_zero(sample.cadence) && ulid_is_zero(sample.parent_id.ulid), "span and id are zero");
    OK(sample.mode == SAMPLE_MODE_NONE, "an absent word is none");
    OK(sample.total == SAMPLE_LATEST && sample.is_public, "or what it falls back to");
    OK(!sample.has_billing_address && !sample.billing_address.country.ptr,
       "an absent object says so, and all of it is absent");
    OK(sample.labels.count == 0 && sample.tags.count == 0 && sample.phases.count == 0,
       "maps and lists are empty");
    sample = read_ok(arena, DIALECT_V3, TEXT("{K,\"is_public\":false,\"description\":\"\"}"));
    OK(!sample.is_public && sample.description.ptr, "what is given is not absent");
}

static void test_lookups(struct arena *arena)
{
    struct text_pair pairs[] = { { TEXT("a"), TEXT("1") }, { TEXT("b"), TEXT("2") } };
    struct text_map map = { pairs, 2 };
    text items[] = { TEXT("x"), TEXT("y") };
    struct text_list list = { items, 2 };
    const struct field *row = fields_find(&sample_fields, TEXT("usage_attribution"));

    IS_TEXT(text_map_get(&map, TEXT("b")), "2", "a value by its key");
    OK(!text_map_get(&map, TEXT("c")).ptr, "no key, no value");
    OK(text_list_holds(&list, TEXT("y")) && !text_list_holds(&list, TEXT("z")), "items of a list");
    OK(row && row->kind == FIELD_OBJECT, "a row by its column");
    OK(!fields_find(&sample_fields, TEXT("usageAttribution")), "not by its v1 key");
    MUST(row);
    IS_TEXT(field_key(row, DIALECT_V1, arena), "usageAttribution", "the key in v1");
    IS_TEXT(field_key(row, DIALECT_V3, arena), "usage_attribution", "the key in v3");
    OK(words_find(sample_total_words, TEXT("sum")) == SAMPLE_SUM &&
           words_find(sample_total_words, TEXT("SUM")) == FIELD_ENUM_NONE,
       "words are found as they are");
}

static text stored(struct arena *arena, const struct sample *sample, const char *name)
{
    return field_to_text(fields_find(&sample_fields, text_of(name)), sample, arena);
}

static bool restored(struct arena *arena, struct sample *sample, const char *name, text t)
{
    return field_from_text(fields_find(&sample_fields, text_of(name)), t, arena, sample);
}

static void test_stored(struct arena *arena)
{
    struct sample sample =
        read_ok(arena, DIALECT_V3,
                TEXT("{K,\"effective_at\":\"2026-01-31T12:00:00.5+01:00\",\"mode\":\"volume\","
                     "\"billing_address\":{\"line_1\":\"x\"},\"phases\":[{\"name\":\"p\","
                     "\"starts_at\":\"2026-01-31T00:00:00Z\","
                     "\"rate_cards\":[{\"key\":\"a\",\"price\":\"1.0\"}]}]}"));
    struct sample_phase *phase = sample.phases.items;

    ((struct sample_card *)phase->rate_cards.items)->note = TEXT("kept");
    IS_TEXT(stored(arena, &sample, "effective_at"), "2026-01-31T11:00:00.500000000Z",
            "instants are stored with nine digits, in UTC");
    sample.created_at = (instant){ -1 };
    IS_TEXT(stored(arena, &sample, "created_at"), "1969-12-31T23:59:59.999999999Z",
            "also before 1970");
    IS_TEXT(stored(arena, &sample, "mode"), "volume", "words in lower case");
    IS_TEXT(stored(arena, &sample, "billing_address"), "{\"line_1\":\"x\"}", "objects as JSON");
    IS_TEXT(stored(arena, &sample, "phases"),
            "[{\"name\":\"p\",\"starts_at\":\"2026-01-31T00:00:00.000000000Z\","
            "\"rate_cards\":[{\"key\":\"a\",\"price\":\"1.0\","
            "\"note\":\"kept\"}]}]",
            "lists as JSON, with the members that requests never see");
    OK(!stored(arena, &sample, "amount").ptr, "what is absent has no text");
}

static void test_restored(struct arena *arena)
{
    static const struct {
        const char *name;
        text stored;
    } wrong[] = {
        { "amount", TEXT_INIT("1e5") },
        { "amount", TEXT_INIT("") },
        { "effective_at", TEXT_INIT("x") },
        { "cadence", TEXT_INIT("1M") },
        { "parent_id", TEXT_INIT("01") },
        { "mode", TEXT_INIT("VOLUME") },
        { "data", TEXT_INIT("{") },
        { "labels", TEXT_INIT("[]") },
        { "labels", TEXT_INIT("null") },
        { "tags", TEXT_INIT("[1]") },
        { "billing_address", TEXT_INIT("{\"line_1\":1}") },
        { "phases", TEXT_INIT("[{\"rate_cards\":[{\"price\":true}]}]") },
    };
    struct sample sample = read_ok(arena, DIALECT_V3, TEXT("{K}"));

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        OK(!restored(arena, &sample, wrong[i].name, wrong[i].stored),
           "%.*s is no stored form of %s", TEXT_ARG(wrong[i].stored), wrong[i].name);
    OK(restored(arena, &sample, "billing_address", TEXT("{\"line_1\":\"x\",\"gone\":1}")) &&
           sample.has_billing_address && text_equal(sample.billing_address.line_1, TEXT("x")),
       "a stored member that the table lost is passed over");
    OK(restored(arena, &sample, "phases",
                TEXT("[{\"name\":\"\",\"rate_cards\":[{\"price\":\"-1\"}]}]")),
       "nor what is stored inside a list");
    OK(restored(arena, &sample, "labels", TEXT("{\"openmeter_x\":\"!\"}")) &&
           sample.labels.count == 1,
       "rules for requests do not bind what is stored");
}

static void test_schema(struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    struct json schema;
    struct json_fault fault;
    struct json_path path;

    static const struct {
        const char *path, *value;
    } wants[] = {
        { "$.type", "\"object\"" },
        { "$.additionalProperties", "false" },
        { "$.required", "[\"key\",\"name\"]" },
        { "$.properties.key",
          "{\"type\":\"string\",\"minLength\":1,\"maxLength\":64,"
          "\"pattern\":\"^[a-z0-9]+(?:_[a-z0-9]+)*$\",\"description\":\"Names the sample.\"}" },
        { "$.properties.priority",
          "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":255}" },
        { "$.properties.is_public", "{\"type\":\"boolean\",\"default\":true}" },
        { "$.properties.total",
          "{\"type\":\"string\",\"enum\":[\"sum\",\"unique_count\",\"latest\"],"
          "\"default\":\"latest\"}" },
        { "$.properties.billing_address",
          "{\"allOf\":[{\"$ref\":\"#/components/schemas/SampleAddressRequest\"}],"
          "\"description\":\"Where invoices go.\"}" },
        { "$.properties.usage_attribution",
          "{\"$ref\":\"#/components/schemas/SampleAttributionRequest\"}" },
        { "$.properties.phases",
          "{\"type\":\"array\",\"minItems\":1,\"maxItems\":3,"
          "\"items\":{\"$ref\":\"#/components/schemas/SamplePhaseRequest\"}}" },
        { "$.properties.labels.maxProperties", "50" },
        { "$.properties.password.writeOnly", "true" },
        { "$.properties.data", "{}" },
    };

    fields_schema(&sample_fields, DIALECT_V3, true, &w);
    MUST(json_parse(arena, buffer_text(&out), &schema, &fault));
    for (size_t i = 0; i < COUNT_OF(wants); i++) {
        const struct json *found;

        MUST(json_path_parse(arena, text_of(wants[i].path), &path));
        found = json_path_get(&schema, &path);
        IS_TEXT(found ? found->raw : TEXT("none"), wants[i].value, wants[i].path);
    }
    OK(!text_contains(buffer_text(&out), TEXT("created_at")), "a request has no read-only members");
}

static void test_schema_answer(struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    text schema;

    fields_schema(&sample_fields, DIALECT_V1, false, &w);
    schema = buffer_text(&out);
    OK(text_contains(schema, TEXT("\"createdAt\":{\"type\":\"string\",\"format\":\"date-time\","
                                  "\"readOnly\":true}")),
       "an answer has read-only members, in camel case");
    OK(!text_contains(schema, TEXT("\"password\"")), "and no write-only ones");
    OK(text_contains(schema, TEXT("\"UNIQUE_COUNT\"")), "words as the dialect has them");
    OK(text_contains(schema, TEXT("\"balance\":{\"type\":\"number\",\"nullable\":true}")),
       "numbers too, null where one is always printed");
    OK(!text_contains(schema, TEXT("additionalProperties\":false")), "v1 is open");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();

    test_faults(arena);
    test_write(arena);
    test_write_more(arena);
    test_details(arena);
    test_shown_key(arena);
    test_code_points(arena);
    test_many(arena);
    test_absent(arena);
    test_lookups(arena);
    test_stored(arena);
    test_restored(arena);
    test_schema(arena);
    test_schema_answer(arena);
    return tap_end();
}
