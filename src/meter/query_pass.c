/* query_pass.c: rows of blocks into events that count. */
#include "meter/query_pass.h"

#include "rollup/value.h"

/* What is known so far of the distinct values of a block's column. The last place is for events
 * that have nothing there. */
struct memo {
    const struct usage_column *column;
    uint32_t *known; /* by code; 0: not yet found out; NULL: found out for each row anew */
    dec *numbers;    /* of the value's column */
};

struct pass {
    const struct query_pass *to;
    const struct usage_block *block;
    struct arena *scratch; /* emptied for each block */
    struct memo *conditions;
    struct memo *parts;
    struct memo value;
    uint32_t *subjects; /* numbers of subject names, as in a memo; NULL likewise */
    uint32_t *owned;
    uint32_t *numbers; /* of the row's parts */
};

#define KNOWN_NO  1U
#define KNOWN_YES 2U

/* ---- a block ------------------------------------------------------------------------------ */

/* Whether it is worth to remember what was found out about each of `count` values. */
static bool is_worth(const struct usage_block *block, uint32_t count)
{
    return block->row_count > count / 2;
}

static struct memo memo_of(struct pass *pass, size_t column, bool is_number)
{
    struct memo memo = { .column = &pass->block->columns[column] };
    size_t room = (size_t)memo.column->value_count + 1;
    if (!is_worth(pass->block, memo.column->value_count))
        return memo;
    memo.known = ARENA_ARRAY(pass->scratch, uint32_t, room);
    if (is_number)
        memo.numbers = ARENA_ARRAY(pass->scratch, dec, room);
    return memo;
}

static void begin_block(struct pass *pass, const struct usage_block *block)
{
    const struct query_plan *plan = pass->to->plan;
    const struct plan_parts *parts = pass->to->parts;
    arena_reset(pass->scratch);
    pass->block = block;
    pass->conditions = ARENA_ARRAY(pass->scratch, struct memo, plan->condition_count);
    pass->parts = ARENA_ARRAY(pass->scratch, struct memo, parts->count);
    pass->numbers = ARENA_ARRAY(pass->scratch, uint32_t, parts->count);
    for (size_t i = 0; i < plan->condition_count; i++)
        pass->conditions[i] = memo_of(pass, plan->conditions[i].column, false);
    for (size_t i = 0; i < parts->count; i++) {
        if (parts->items[i].kind == PART_DIMENSION)
            pass->parts[i] = memo_of(pass, parts->items[i].column, false);
    }
    if (plan->value_column != PLAN_NONE)
        pass->value = memo_of(pass, plan->value_column, pass->to->value_kind != TALLY_UNIQUE);
    pass->subjects = NULL;
    pass->owned = NULL;
    if (is_worth(block, block->subject_count)) {
        pass->subjects = ARENA_ARRAY(pass->scratch, uint32_t, block->subject_count);
        pass->owned = ARENA_ARRAY(pass->scratch, uint32_t, block->subject_count);
    }
}

/* ---- a row -------------------------------------------------------------------------------- */

/* What stands in the column; NULL when nothing does. */
static const struct json *value_at(const struct memo *memo, uint32_t row, uint32_t *ret_place)
{
    uint32_t code = memo->column->codes[row];
    *ret_place = code == USAGE_NOTHING ? memo->column->value_count : code;
    return code == USAGE_NOTHING ? NULL : &memo->column->values[code];
}

static bool passes(struct memo *memo, const struct filter *filter, uint32_t row)
{
    uint32_t place;
    const struct json *at = value_at(memo, row, &place);
    if (memo->known != NULL && memo->known[place] != 0)
        return memo->known[place] == KNOWN_YES;
    bool is_passing = filter_match(filter, value_dimension(at));
    if (memo->known != NULL)
        memo->known[place] = is_passing ? KNOWN_YES : KNOWN_NO;
    return is_passing;
}

/* The row's number; false when it has none. */
static bool find_number(struct memo *memo, uint32_t row, dec *ret)
{
    uint32_t place;
    const struct json *at = value_at(memo, row, &place);
    if (memo->known[place] == 0) {
        bool is_number = value_number(at, &memo->numbers[place]) == VALUE_FOUND;
        memo->known[place] = is_number ? KNOWN_YES : KNOWN_NO;
    }
    *ret = memo->numbers[place];
    return memo->known[place] == KNOWN_YES;
}

/* The row's value, as the pass wants it; false when it has none. */
static bool find_value(struct pass *pass, uint32_t row, struct tally_item *item)
{
    if (pass->to->plan->value_column == PLAN_NONE)
        return true;
    if (pass->value.numbers != NULL)
        return find_number(&pass->value, row, &item->number);
    uint32_t place;
    const struct json *at = value_at(&pass->value, row, &place);
    return value_item(pass->to->value_kind, at, item);
}

/* The number of a text among a part's names. */
static uint32_t name_number(struct keymap *names, text name)
{
    return (uint32_t)keymap_add(names, name);
}

static uint32_t dimension_number(struct memo *memo, struct keymap *names, uint32_t row)
{
    uint32_t place;
    const struct json *at = value_at(memo, row, &place);
    if (memo->known == NULL)
        return name_number(names, value_text(at));
    if (memo->known[place] == 0)
        memo->known[place] = name_number(names, value_text(at)) + 1;
    return memo->known[place] - 1;
}

static uint32_t subject_number(struct pass *pass, struct keymap *names, uint32_t row)
{
    uint32_t subject = pass->block->subjects[row];
    text name = pass->block->subject_names[subject];
    if (pass->subjects == NULL)
        return name_number(names, name);
    if (pass->subjects[subject] == 0)
        pass->subjects[subject] = name_number(names, name) + 1;
    return pass->subjects[subject] - 1;
}

/* The customer that the row's event is of; PLAN_NONE when it is none of those asked for. */
static size_t owner_at(struct pass *pass, uint32_t row)
{
    const struct query_plan *plan = pass->to->plan;
    uint32_t subject = pass->block->subjects[row];
    size_t owned = pass->owned != NULL ? pass->owned[subject] : 0;
    if (owned == 0) {
        owned = keymap_find(&plan->owned, pass->block->subject_names[subject]) + 1;
        CHECK(owned > 0 && owned <= UINT32_MAX);
        if (pass->owned != NULL)
            pass->owned[subject] = (uint32_t)owned;
    }
    return query_plan_owner(plan, owned - 1, pass->block->times[row]);
}

static void number_parts(struct pass *pass, uint32_t row, size_t owner)
{
    const struct plan_parts *parts = pass->to->parts;
    for (size_t i = 0; i < parts->count; i++) {
        struct plan_part *part = &parts->items[i];
        switch (part->kind) {
        case PART_SUBJECT:
            pass->numbers[i] = subject_number(pass, &part->names, row);
            break;
        case PART_CUSTOMER:
            pass->numbers[i] = (uint32_t)owner;
            break;
        case PART_DIMENSION:
            pass->numbers[i] = dimension_number(&pass->parts[i], &part->names, row);
            break;
        }
    }
}

/* Hands the row to the sink when it counts; false when the sink has enough. */
static bool visit_row(struct pass *pass, uint32_t row)
{
    const struct query_pass *to = pass->to;
    for (size_t i = 0; i < to->plan->condition_count; i++) {
        if (!passes(&pass->conditions[i], to->plan->conditions[i].filter, row))
            return true;
    }
    struct pass_item item = { .parts = pass->numbers };
    size_t owner = to->is_of_customers ? owner_at(pass, row) : 0;
    if (owner == PLAN_NONE || !find_value(pass, row, &item.value))
        return true;
    number_parts(pass, row, owner);
    item.value.at = pass->block->times[row];
    item.value.sequence = pass->block->sequence + row;
    return to->sink(to->state, &item);
}

static bool visit_block(void *state, const struct usage_block *block)
{
    struct pass *pass = state;
    begin_block(pass, block);
    for (uint32_t i = 0; i < block->row_count; i++) {
        if (!visit_row(pass, block->rows[i]))
            return false;
    }
    return true;
}

enum err query_pass_run(struct usage *usage, const struct query_pass *pass,
                        const struct usage_filter *filter)
{
    CHECK(usage != NULL && pass != NULL && pass->sink != NULL);
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    const struct usage_paths paths = { pass->plan->columns, pass->plan->column_count };
    struct pass state = { .to = pass, .scratch = scratch };
    return usage_scan_blocks(usage, filter, &paths, visit_block, &state);
}
