/* Rows into events: CSV, access logs, ids that stay the same when a file is sent again. */
#include "cli/record.h"

#include "codec/json.h"
#include "lib/percent.h"
#include "lib/table.h"
#include "lib/tap.h"

static text in_brackets(struct arena *arena, const text *values, size_t count)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < count; i++)
        buffer_format(&b, "<%.*s>", TEXT_ARG(values[i]));
    return buffer_text(&b);
}

static void test_csv(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/cli/csv.vec", 3);
    while (table_next(&t)) {
        text row = percent_decode(arena, t.cells[1]);
        text values[RECORD_FIELDS_MAX];
        size_t count = 0;
        bool is_split = record_split_csv(arena, row, values, &count);
        IS_TEXT(is_split ? in_brackets(arena, values, count) : TEXT("no"),
                text_cstr(arena, percent_decode(arena, t.cells[2])), table_name(&t));
    }
    table_close(&t);
    struct buffer wide = { .arena = arena };
    text values[RECORD_FIELDS_MAX];
    size_t count = 0;
    for (int i = 1; i < RECORD_FIELDS_MAX; i++)
        buffer_add_char(&wide, ',');
    OK(record_split_csv(arena, buffer_text(&wide), values, &count) && count == RECORD_FIELDS_MAX,
       "a row may have 256 cells");
    buffer_add_char(&wide, ',');
    OK(!record_split_csv(arena, buffer_text(&wide), values, &count), "and no more");
}

static void test_log(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/cli/log.vec", 3);
    struct record *record = ARENA_NEW(arena, struct record);
    while (table_next(&t)) {
        bool is_split = record_split_log(arena, percent_decode(arena, t.cells[1]), record);
        IS_TEXT(is_split ? in_brackets(arena, record->values, record->count) : TEXT("no"),
                text_cstr(arena, t.cells[2]), table_name(&t));
    }
    table_close(&t);
    MUST(record_split_log(arena, TEXT("h - - [10/Oct/2026:00:00:00 +0000] \"\" 200 1"), record));
    IS_TEXT(in_brackets(arena, record->names, record->count),
            "<remote_addr><remote_user><time><method><path><protocol><status><bytes><referer>"
            "<user_agent>",
            "the fields have names");
}

/* ---- events -------------------------------------------------------------------------------- */

struct kit {
    struct arena *arena;
    struct record_seen *seen;
    struct record_mapping mapping;
    struct record *record;
};

static void kit_open(struct kit *kit, struct arena *arena)
{
    kit->arena = arena;
    kit->seen = record_seen_new();
    kit->record = ARENA_NEW(arena, struct record);
    memset(&kit->mapping, 0, sizeof kit->mapping);
    for (int a = 0; a < RECORD_ATTRIBUTE_COUNT; a++)
        kit->mapping.attributes[a].field = text_of(record_attribute_words[a]);
}

/* The event of a CSV row under a header, or why there is none. */
static text event(struct kit *kit, const char *header, const char *row)
{
    struct buffer out = { .arena = kit->arena };
    const char *why;
    size_t count;
    kit->record->raw = text_of(row);
    MUST(record_split_csv(kit->arena, text_of(header), kit->record->names, &kit->record->count));
    MUST(record_split_csv(kit->arena, text_of(row), kit->record->values, &count));
    MUST(count == kit->record->count);
    why = record_event(kit->record, &kit->mapping, kit->seen, &out);
    if (why && out.len > 0)
        return TEXT("(printed something all the same)");
    return why ? text_of(why) : buffer_text(&out);
}

static text id_of(struct kit *kit, const char *row)
{
    struct json json;
    struct json_fault fault;
    MUST(json_parse(kit->arena, event(kit, "subject,type,n", row), &json, &fault));
    return json_member(&json, TEXT("id"))->text;
}

static void test_event(struct arena *arena)
{
    struct kit kit;
    kit_open(&kit, arena);
    IS_TEXT(event(&kit, "id,source,type,subject,time,n", "1,s,t,me,2026-01-01T00:00:00Z,7"),
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":"
            "\"me\",\"time\":\"2026-01-01T00:00:00Z\",\"data\":{\"id\":\"1\",\"source\":\"s\","
            "\"type\":\"t\",\"subject\":\"me\",\"time\":\"2026-01-01T00:00:00Z\",\"n\":\"7\"}}",
            "columns give the attributes, and all of them go into the data");
    IS_TEXT(text_slice(event(&kit, "id,type,subject,time", "1,t,me,1767225600"), 0, 91),
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\",\"subject\":\"me\","
            "\"time\":\"2026-01-01T00:00:00Z\",\"data",
            "seconds since 1970 are a time");
    IS_TEXT(event(&kit, "id,type,subject,x\"", "1,t,\"a\"\"b\nc\",\t"),
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\",\"subject\":\"a\\\"b\\nc\","
            "\"data\":{\"id\":\"1\",\"type\":\"t\",\"subject\":\"a\\\"b\\nc\",\"x\\\"\":\"\\t\"}}",
            "what JSON wants escaped is");
    IS_TEXT(event(&kit, "id,type,n", "1,t,7"),
            "there is no subject: name its column with --column subject=NAME",
            "an event has a subject");
    IS_TEXT(event(&kit, "id,type,subject", "1,t,-"),
            "there is no subject: name its column with --column subject=NAME",
            "which a dash is not");
    IS_TEXT(event(&kit, "id,subject", "1,me"), "there is no type: give one with --set type=NAME",
            "and a type");
    IS_TEXT(event(&kit, "id,type,subject,time", "1,t,me,yesterday"),
            "the time is neither RFC 3339 nor seconds since 1970", "a time must be one");
    IS_TEXT(event(&kit, "id,type,subject,time", "1,t,me,-1"),
            "the time is neither RFC 3339 nor seconds since 1970", "after 1970 when in seconds");
    IS_TEXT(event(&kit, "id,type,subject,time", "1,t,me,9223372036854775807"),
            "the time is neither RFC 3339 nor seconds since 1970", "and in range");
    IS_TEXT(event(&kit, "id,type,subject", "1,t,\xff"), "it is not UTF-8",
            "bytes that are no text are told before they are sent");
    record_seen_free(kit.seen);
    record_seen_free(NULL);
}

static void test_mapping(struct arena *arena)
{
    struct kit kit;
    kit_open(&kit, arena);
    kit.mapping.attributes[RECORD_SUBJECT].field = TEXT("user");
    kit.mapping.attributes[RECORD_SUBJECT].otherwise = TEXT("address");
    kit.mapping.attributes[RECORD_TYPE].value = TEXT("fixed");
    IS_TEXT(text_slice(event(&kit, "id,user,address", "1,me,::1"), 29, 54),
            ",\"type\":\"fixed\",\"subject\":\"me\",\"data\":{\"id\":\"1\",\"user\"",
            "a column may have another name, a value may be fixed");
    IS_TEXT(text_slice(event(&kit, "id,user,address", "1,-,::1"), 29, 34),
            ",\"type\":\"fixed\",\"subject\":\"::1\",\"d", "another column stands in for a dash");
    IS_TEXT(text_slice(event(&kit, "id,user,address,type", "1,,::1,own"), 29, 33),
            ",\"type\":\"own\",\"subject\":\"::1\",\"da",
            "or nothing; a column goes before a value");
    record_seen_free(kit.seen);
}

/* The ids of a file with rows that occur more than once. */
static text ids_of_file(struct arena *arena)
{
    static const char *const rows[] = { "a,t,1", "b,t,1", "a,t,1", "a,t,2", "a,t,1", "b,t,1" };
    struct buffer all = { .arena = arena };
    struct kit kit;
    kit_open(&kit, arena);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buffer_add(&all, id_of(&kit, rows[i]));
        buffer_add_char(&all, ' ');
    }
    record_seen_free(kit.seen);
    return buffer_text(&all);
}

static void test_ids(struct arena *arena)
{
    struct kit kit;
    text ids = ids_of_file(arena), rest = ids, seen[6];
    bool is_unique = true;
    IS_TEXT(ids_of_file(arena), text_cstr(arena, ids),
            "a file that is sent again gives the same ids");
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        seen[i] = text_cut(&rest, ' ');
        for (size_t k = 0; k < i; k++)
            is_unique &= !text_equal(seen[i], seen[k]);
    }
    OK(is_unique, "rows that are equal have ids of their own");
    OK(text_equal(text_slice(seen[0], 0, 32), text_slice(seen[2], 0, 32)) &&
           text_ends_with(seen[0], TEXT("-1")) && text_ends_with(seen[2], TEXT("-2")) &&
           text_ends_with(seen[4], TEXT("-3")) && text_ends_with(seen[5], TEXT("-2")),
       "counted by how often the row was seen");
    kit_open(&kit, arena);
    bool is_counted = true;
    for (int i = 0; i < 5000; i++) {
        text row = text_format(arena, "a,t,%d", i);
        is_counted &= text_ends_with(id_of(&kit, text_cstr(arena, row)), TEXT("-1"));
    }
    for (int i = 0; i < 5000; i += 7) {
        text row = text_format(arena, "a,t,%d", i);
        is_counted &= text_ends_with(id_of(&kit, text_cstr(arena, row)), TEXT("-2"));
    }
    OK(is_counted, "also when there are many");
    record_seen_free(kit.seen);
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_csv(arena);
    test_log(arena);
    test_event(arena);
    test_mapping(arena);
    test_ids(arena);
    return tap_end();
}
