/* sealed_kit.h: what the tests of sealed segments share: odd events by chance, and their model. */
#ifndef TEST_UNIT_USAGE_SEALED_KIT_H
#define TEST_UNIT_USAGE_SEALED_KIT_H

#include "kit.h"
#include "lib/law.h"
#include "usage/sealed.h"

#define SALT UINT64_C(0x5eed5eed5eed5eed)

static inline uint64_t below(uint64_t bound)
{
    return random_below(&law_random, bound);
}

/* ---- JSON by chance ---- */

static inline void add_one_of(struct buffer *out, const char *const *items, size_t count)
{
    buffer_add_cstr(out, items[below(count)]);
}

static inline void add_space(struct buffer *out)
{
    static const char *const spaces[] = { " ", "\n", "\t", "\r", "  " };
    if (below(12) == 0)
        add_one_of(out, spaces, COUNT_OF(spaces));
}

static inline void add_scalar(struct buffer *out)
{
    static const char *const odd[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1e3",
        "1E+3",
        "0.1",
        "-0.05",
        "0.0",
        "10.50",
        "9007199254740993",
        "123456789012345678",
        "1234567890123456789012345678901234567890",
        "1.5e-7",
        "\"\"",
        "\"a\"",
        "\"a\\\"b\"",
        "\"\\u0041\"",
        "\"\\u00e9\\n\\/\"",
        "\"\\ud83d\\ude00\"",
        "\"\\\\\"",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "\"\x7f\"",
        "\"017\"",
        "\"1.50\"",
        "\"NaN\"",
        "\"a much longer text, with ] } and , in it\"",
        "\"f47ac10b-58cc-4372-a567-0e02b2c3d479\"",
        "\"F47AC10B-58CC-4372-A567-0E02B2C3D479\"",
    };
    /* What is not JSON, so that the same goes for data that hold it. */
    static const char *const wrong[] = {
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "nul",
        "True",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\udc00x\"",
        "\"\xff\"",
        "\"\xc0\xaf\"",
        "\"\xed\xa0\x80\"",
        "\"\x01\"",
        "\"open",
        "'a'",
        "1 2",
        "\x01",
        "\"a\"\"b\"",
        "\"\\u12g4\"",
        "\"\\ud83d\\u0041\"",
        "",
        "truefalse",
        "1a",
    };
    if (below(150) == 0)
        add_one_of(out, wrong, COUNT_OF(wrong));
    else if (below(3) == 0)
        buffer_format(out, "%llu", (unsigned long long)below(below(2) ? 100 : 1000000));
    else
        add_one_of(out, odd, COUNT_OF(odd));
}

static inline void add_json(struct buffer *out, int depth)
{
    static const char *const keys[] = { "a",        "b",        "model", "tokens", "\\u0061",
                                        "with.dot", "\xc3\xa9", "",      "a b",    "deep" };
    uint64_t kind = below(depth <= 0 ? 1 : 4);
    uint64_t count = below(4);
    add_space(out);
    if (kind < 2) {
        add_scalar(out);
    } else {
        buffer_add_char(out, kind == 2 ? '{' : '[');
        for (uint64_t i = 0; i < count; i++) {
            if (i > 0)
                buffer_add_char(out, ',');
            add_space(out);
            if (kind == 2) {
                buffer_add_char(out, '"');
                /* Mostly different ones; the same twice is not JSON either. */
                buffer_add_cstr(out, below(30) ? keys[(i * 3 + below(3)) % COUNT_OF(keys)]
                                               : keys[below(COUNT_OF(keys))]);
                buffer_add_cstr(out, "\":");
            }
            add_json(out, depth - 1);
        }
        add_space(out);
        buffer_add_char(out, kind == 2 ? '}' : ']');
    }
    add_space(out);
}

/* Data of an event: mostly of a few shapes, sometimes anything. */
static inline text kit_data(struct arena *arena)
{
    static const char *const models[] = { "gpt-4o", "gpt-4o-mini", "o1", "\xc3\xa9" };
    struct buffer out = { .arena = arena };
    switch (below(12)) {
    case 0:
        return TEXT("");
    case 1:
    case 2:
        add_json(&out, 3);
        return buffer_text(&out);
    case 3:
        buffer_format(&out, "{\"a\":%llu.%02llu,\"b\":[1,\"%llu\"]}",
                      (unsigned long long)below(100), (unsigned long long)below(100),
                      (unsigned long long)below(5));
        return buffer_text(&out);
    case 4:
        buffer_format(&out, "{ \"model\" : \"%s\", \"deep\" : {\"a\":%s} }",
                      models[below(COUNT_OF(models))], below(2) ? "null" : "{}");
        return buffer_text(&out);
    default:
        buffer_format(&out, "{\"model\":\"%s\",\"tokens\":%llu,\"a\":\"%s\"}",
                      models[below(COUNT_OF(models))],
                      (unsigned long long)(below(20) ? below(3000) : below(UINT64_MAX / 2)),
                      below(9) ? "x" : "y\\n");
        return buffer_text(&out);
    }
}

static inline text kit_id(struct arena *arena)
{
    char uuid[UUID_TEXT_LENGTH];
    uuid_print_random(&law_random, uuid);
    switch (below(8)) {
    case 0:
        return text_format(arena, "event-%llu", (unsigned long long)below(1000000));
    case 1:
        for (size_t i = 0; i < sizeof(uuid); i++)
            if (uuid[i] >= 'a' && uuid[i] <= 'f')
                uuid[i] = (char)(uuid[i] - 32);
        return text_copy(arena, (text){ uuid, sizeof(uuid) });
    case 2:
        return below(9) ? TEXT("\xc3\xa9vent") : TEXT("");
    default:
        return text_copy(arena, (text){ uuid, sizeof(uuid) });
    }
}

/* ---- events by chance ---- */

/* How a segment's events are. */
struct kit_kind {
    unsigned orgs, types, sources, subjects;
    bool has_odd_ids;
    unsigned erased_of; /* one in so many is erased; 0: none */
};

struct kit_row {
    struct usage_event event;
    bool is_erased;
};

static inline text kit_name(struct arena *arena, const char *what, uint64_t count)
{
    uint64_t number = below(below(3) ? 1 + count / 8 : count);
    return number == 1 ? TEXT("") : text_format(arena, "%s-%llu", what, (unsigned long long)number);
}

static inline struct kit_row kit_row(struct arena *arena, const struct kit_kind *kind,
                                     uint64_t sequence)
{
    static int64_t now = 1700000000 * NS_PER_SECOND;
    char uuid[UUID_TEXT_LENGTH];
    struct kit_row row;
    now += (int64_t)below(50) * 1000000 - 3000000;
    uuid_print_random(&law_random, uuid);
    row.event = (struct usage_event){
        .org = kit_org(1 + (unsigned)below(kind->orgs)),
        .id = kind->has_odd_ids ? kit_id(arena) : text_copy(arena, (text){ uuid, sizeof(uuid) }),
        .source = kit_name(arena, "source", kind->sources),
        .type = text_format(arena, "type-%llu", (unsigned long long)below(kind->types)),
        .subject = kit_name(arena, "subject", kind->subjects),
        .data_schema = below(5) ? TEXT("") : TEXT("https://example.com/schema"),
        .data = kit_data(arena),
        .time = { below(100) ? now : (int64_t)below(UINT64_C(1) << 62) - (INT64_C(1) << 61) },
        .is_time_given = below(10) != 0,
        .ingested_at = { now + 5000 },
        .sequence = sequence,
    };
    row.is_erased = kind->erased_of > 0 && below(kind->erased_of) == 0;
    return row;
}

static inline bool kit_event_equal(const struct usage_event *a, const struct usage_event *b)
{
    return memcmp(&a->org, &b->org, sizeof(a->org)) == 0 && text_equal(a->id, b->id) &&
           text_equal(a->source, b->source) && text_equal(a->type, b->type) &&
           text_equal(a->subject, b->subject) && text_equal(a->data_schema, b->data_schema) &&
           text_equal(a->data, b->data) && instant_equal(a->time, b->time) &&
           a->is_time_given == b->is_time_given && instant_equal(a->ingested_at, b->ingested_at) &&
           a->sequence == b->sequence;
}

/* Writes rows to a file. */
static inline enum err kit_seal(struct sealed_writer *writer, struct usage_io *io, const char *path,
                                const struct kit_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].is_erased) {
            struct sealed_key key = sealed_key_of(&rows[i].event, SALT);
            sealed_writer_add_erased(writer, rows[i].event.sequence, &rows[i].event.org, &key);
        } else {
            sealed_writer_add(writer, &rows[i].event);
        }
    }
    return sealed_writer_finish(writer, io, path);
}

/* Whether a row passes, by the words of usage.h. */
static inline bool kit_passes(const struct kit_row *row, const struct usage_filter *filter)
{
    const struct usage_event *event = &row->event;
    bool is_subject = filter->subject_count == 0;
    for (size_t i = 0; i < filter->subject_count; i++)
        is_subject = is_subject || text_equal(event->subject, filter->subjects[i]);
    return !row->is_erased && is_subject &&
           memcmp(&event->org, &filter->org, sizeof(event->org)) == 0 &&
           (!filter->type.ptr || text_equal(event->type, filter->type)) &&
           (instant_is_none(filter->from) || !instant_before(event->time, filter->from)) &&
           (instant_is_none(filter->to) || instant_before(event->time, filter->to)) &&
           event->sequence > filter->sequence_after &&
           (filter->sequence_max == 0 || event->sequence <= filter->sequence_max);
}

#endif
