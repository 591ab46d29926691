/* problem.c: gathering what a refused request is told. */
#include "base/problem.h"

void problem_init(struct problem *problem, struct arena *arena)
{
    CHECK(arena);
    *problem = (struct problem){ .arena = arena };
}

void problem_set(struct problem *problem, enum fault fault, const char *format, ...)
{
    struct buffer b = { .arena = problem->arena };
    va_list values;

    CHECK(fault > FAULT_NONE && fault < FAULT_COUNT);
    if (problem->fault != FAULT_NONE)
        return;
    problem->fault = fault;
    va_start(values, format);
    buffer_vformat(&b, format, values);
    va_end(values);
    problem->detail = buffer_text(&b);
}

void problem_add_field(struct problem *problem, const struct problem_field *field)
{
    struct problem_field *row;

    problem->fields = arena_grow(problem->arena, problem->fields, problem->field_count,
                                 &problem->field_room, sizeof *problem->fields);
    row = &problem->fields[problem->field_count++];
    *row = *field;
    row->field = text_copy(problem->arena, field->field);
    row->rule = text_copy(problem->arena, field->rule);
    row->reason = text_copy(problem->arena, field->reason);
    row->code = text_copy(problem->arena, field->code);
    if (!field->is_warning && problem->fault == FAULT_NONE)
        problem->fault = FAULT_FIELDS_INVALID;
}

void problem_add_member(struct problem *problem, text field, const char *rule, text reason)
{
    problem_add_field(problem, &(struct problem_field){ .field = field,
                                                        .rule = text_of(rule),
                                                        .reason = reason,
                                                        .source = SOURCE_BODY });
}

void problem_add_fault(struct problem *problem, text field, enum fault fault)
{
    const struct fault_info *info = fault_info(fault);
    problem_add_field(problem, &(struct problem_field){ .field = field,
                                                        .rule = TEXT("invalid"),
                                                        .reason = text_of(info->sentence),
                                                        .code = text_of(info->slug),
                                                        .source = SOURCE_BODY });
}

void problem_set_at(struct problem *problem, enum fault fault, const char *format, ...)
{
    struct buffer b = { .arena = problem->arena };
    va_list values;

    va_start(values, format);
    buffer_vformat(&b, format, values);
    va_end(values);
    problem_set(problem, fault, "%s", "");
    problem_add_fault(problem, buffer_text(&b), fault);
}

text problem_sentence(const struct problem *problem)
{
    const struct fault_info *info = fault_info(problem->fault);

    if (text_is_empty(problem->detail))
        return text_of(info->sentence);
    return text_format(problem->arena, "%s: %.*s", info->sentence, TEXT_ARG(problem->detail));
}

bool problem_is_set(const struct problem *problem)
{
    return problem->fault != FAULT_NONE;
}

enum err problem_err(const struct problem *problem)
{
    return problem_is_set(problem) ? ERR_REFUSED : OK;
}
