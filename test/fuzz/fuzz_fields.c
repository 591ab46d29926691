/* fuzz_fields.c: what fields_read accepts can be printed, read again and printed the same, and
 * stored and restored. The first byte chooses the dialect, the rest is the body. */
#include "lib/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static text printed(struct arena *arena, enum dialect dialect, const struct sample *sample)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    fields_write(&sample_fields, dialect, &w, sample);
    return buffer_text(&out);
}

static void check_stored(struct arena *arena, const struct sample *sample)
{
    for (size_t i = 0; i < sample_fields.count; i++) {
        const struct field *row = &sample_rows[i];
        struct sample again = *sample;
        text t;

        if (row->kind == FIELD_BOOL || row->kind == FIELD_INT || field_is_absent(row, sample))
            continue;
        t = field_to_text(row, sample, arena);
        MUST(field_from_text(row, t, arena, &again));
        MUST(text_equal(field_to_text(row, &again, arena), t));
    }
}

static void check_faults(const struct problem *problem)
{
    MUST(problem_is_set(problem) && problem->field_count > 0);
    for (size_t i = 0; i < problem->field_count; i++) {
        MUST(problem->fields[i].field.len > 0 && problem->fields[i].rule.len > 0);
        MUST(text_is_utf8(problem->fields[i].reason));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    enum dialect dialect;
    struct sample sample, again;
    struct json value;
    struct json_fault fault;
    struct problem problem;
    text first;

    if (size == 0)
        return 0;
    dialect = data[0] & 1 ? DIALECT_V1 : DIALECT_V3;
    problem_init(&problem, arena);
    if (!json_parse(arena, (text){ (const char *)data + 1, size - 1 }, &value, &fault))
        return 0;
    if (!fields_read(&sample_fields, dialect, &value, &problem, &sample)) {
        check_faults(&problem);
        return 0;
    }
    MUST(!problem_is_set(&problem));
    check_stored(arena, &sample);
    first = printed(arena, dialect, &sample);
    MUST(json_parse(arena, first, &value, &fault));
    MUST(fields_read(&sample_fields, dialect, &value, &problem, &again));
    MUST(text_equal(printed(arena, dialect, &again), first));
    return 0;
}
