/* Edits of a spec (the contract's 7.5), from a table; and what is stored of them. */
#include "lib/table.h"
#include "lib/tap.h"
#include "subscribe/subscription_body.h"

static instant at(struct arena *arena, text t)
{
    instant ret;
    if (text_equal(t, TEXT("open")))
        return INSTANT_NONE;
    MUST(instant_parse(text_format(arena, "2026-%.*sT00:00:00Z", TEXT_ARG(t)), &ret));
    return ret;
}

/* Cuts "from..to" off. */
static void times_read(struct arena *arena, text t, instant *from, instant *to)
{
    size_t dots = 0;
    while (dots + 1 < t.len && !(t.ptr[dots] == '.' && t.ptr[dots + 1] == '.'))
        dots++;
    *from = at(arena, text_slice(t, 0, dots));
    *to = at(arena, text_slice(t, dots + 2, t.len));
}

static ulid numbered(size_t number)
{
    ulid id = { { 0 } };
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static struct list items_read(struct arena *arena, text all, size_t *number)
{
    struct subscription_item *items = ARENA_ARRAY(arena, struct subscription_item, 8);
    size_t count = 0;
    while (all.ptr != NULL && !text_is_empty(text_trim(all))) {
        text one = text_trim(text_cut(&all, ','));
        text name = text_cut(&one, ' ');
        struct subscription_item *item = &items[count++];
        MUST(count <= 8);
        *item = (struct subscription_item){ .id = { numbered(++*number) } };
        item->key = text_cut(&name, '.');
        MUST(text_to_int(name, &item->version));
        for (size_t i = 0; i + 1 < count; i++)
            item->position = text_equal(items[i].key, item->key) ? items[i].position
                                                                 : items[i].position + 1;
        item->rate_card.key = item->key;
        times_read(arena, text_trim(one), &item->active_from, &item->active_to);
    }
    return (struct list){ items, count };
}

static struct subscription spec_read(struct arena *arena, text all)
{
    struct subscription spec = { .active_to = INSTANT_NONE };
    struct subscription_phase *phases = ARENA_ARRAY(arena, struct subscription_phase, 8);
    size_t number = 0;
    while (all.ptr != NULL && !text_is_empty(text_trim(all))) {
        text one = text_trim(text_cut(&all, ';'));
        text head = text_trim(text_cut(&one, '{'));
        struct subscription_phase *phase = &phases[spec.phases.count++];
        MUST(spec.phases.count <= 8);
        *phase = (struct subscription_phase){ .id = { numbered(++number) } };
        phase->key = text_cut(&head, ' ');
        times_read(arena, text_trim(head), &phase->active_from, &phase->active_to);
        phase->items = items_read(arena, text_cut(&one, '}'), &number);
        for (size_t i = 0; i < phase->items.count; i++)
            subscription_item_at(phase, i)->phase_id = phase->id;
    }
    spec.phases.items = phases;
    spec.active_from = phases[0].active_from;
    return spec;
}

static void print_times(struct buffer *out, instant from, instant to)
{
    const instant both[] = { from, to };
    for (size_t i = 0; i < 2; i++) {
        struct civil civil;
        if (i == 1)
            buffer_add_cstr(out, "..");
        if (instant_is_none(both[i])) {
            buffer_add_cstr(out, "open");
            continue;
        }
        civil = civil_of(both[i], zone_utc());
        buffer_format(out, "%02d-%02d", civil.month, civil.day);
    }
}

static text spec_print(struct arena *arena, const struct subscription *spec)
{
    struct buffer out = { .arena = arena };
    for (size_t i = 0; i < spec->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(spec, i);
        buffer_format(&out, "%s%.*s ", i > 0 ? "; " : "", TEXT_ARG(phase->key));
        print_times(&out, phase->active_from, phase->active_to);
        buffer_add_cstr(&out, " {");
        for (size_t k = 0; k < phase->items.count; k++) {
            const struct subscription_item *item = subscription_item_at(phase, k);
            buffer_format(&out, "%s%.*s.%lld ", k > 0 ? ", " : "", TEXT_ARG(item->key),
                          (long long)item->version);
            print_times(&out, item->active_from, item->active_to);
        }
        buffer_add_char(&out, '}');
    }
    return buffer_text(&out);
}

static struct subscription_edit item_edit(enum edit_op op, text path)
{
    struct subscription_edit edit = { .op = op };
    edit.phase_key = text_cut(&path, '/');
    edit.item_key = path;
    edit.rate_card.key = path;
    edit.has_rate_card = true;
    return edit;
}

static struct subscription_edit phase_edit(text rest)
{
    struct subscription_edit edit = { .op = EDIT_ADD_PHASE, .has_phase = true };
    edit.phase.key = text_cut(&rest, ' ');
    text after = text_cut(&rest, ' ');
    MUST(after.ptr[0] == '@');
    MUST(span_parse(text_slice(after, 1, after.len), &edit.phase.start_after));
    MUST(rest.ptr == NULL || span_parse(rest, &edit.phase.duration));
    return edit;
}

static struct subscription_edit edit_read(text t)
{
    char op = t.ptr[0];
    text rest = text_slice(t, 1, t.len);
    struct subscription_edit edit = { .op = EDIT_UNSCHEDULE };
    if (text_equal(t, TEXT("unschedule")))
        return edit;
    if (op == '-')
        return item_edit(EDIT_REMOVE_ITEM, rest);
    if (op == '+')
        return text_contains(rest, TEXT("/")) ? item_edit(EDIT_ADD_ITEM, rest) : phase_edit(rest);
    edit.op = op == '~' ? EDIT_STRETCH_PHASE : EDIT_REMOVE_PHASE;
    edit.phase_key = text_cut(&rest, ' ');
    edit.extend_by = rest;
    edit.shift = text_equal(rest, TEXT("next")) ? EDIT_SHIFT_NEXT : EDIT_SHIFT_PREV;
    return edit;
}

/* Runs the operations of a cell: the fault, or a spec. */
static enum fault edits_run(struct arena *arena, struct subscription *spec, text when, text all)
{
    bool is_made = text_equal(when, TEXT("made"));
    struct edit_time time = { is_made ? spec->active_from : at(arena, when), !is_made };
    text why = TEXT("");
    while (all.ptr != NULL) {
        struct problem problem;
        struct subscription_edit edit = edit_read(text_trim(text_cut(&all, ';')));
        struct list one = { &edit, 1 };
        problem_init(&problem, arena);
        if (edit.op == EDIT_STRETCH_PHASE)
            MUST(subscription_edits_settle(&one, DIALECT_V3, &problem));
        enum fault fault = spec_apply(spec, &edit, time, arena, &why);
        if (fault != FAULT_NONE) {
            MUST(!text_is_empty(why));
            return fault;
        }
    }
    return spec_check(spec, arena, &why);
}

static void test_edits(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/subscribe/edit.vec", 5);
    while (table_next(&t)) {
        struct subscription base = spec_read(arena, t.cells[1]);
        struct subscription spec = spec_copy(&base, arena);
        OK(text_equal(spec_print(arena, &base), t.cells[1]), "%s: is read", table_name(&t));
        enum fault fault = edits_run(arena, &spec, t.cells[2], t.cells[3]);
        text got = fault == FAULT_NONE ? spec_print(arena, &spec)
                                       : text_of(fault_info(fault)->name);
        IS_TEXT(got, text_cstr(arena, t.cells[4]), table_name(&t));
        OK(text_equal(spec_print(arena, &base), t.cells[1]), "%s: the original is as it was",
           table_name(&t));
    }
    table_close(&t);
}

/* What is stored of an edit. */
static void test_compare(struct arena *arena)
{
    struct subscription base = spec_read(
        arena, TEXT("a 01-01..02-01 {x.0 01-01..02-01}; b 02-01..open {x.0 02-01..open}"));
    struct subscription spec = spec_copy(&base, arena);
    struct spec_diff none = spec_compare(&base, &spec, arena);
    OK(spec_diff_is_empty(&none), "nothing is stored when nothing has changed");
    MUST(edits_run(arena, &spec, TEXT("01-10"), TEXT("+a/x; ~a P7D; +c @P60D; +c/x")) ==
         FAULT_NONE);
    struct spec_diff diff = spec_compare(&base, &spec, arena);
    OK(diff.items_added.count == 1, "one item is added to a phase that is there");
    OK(diff.items_changed.count == 2, "the one before it ends, the one of the next phase moves");
    OK(diff.items_removed.count == 0 && diff.phases_removed.count == 0, "nothing is removed");
    OK(diff.phases_changed.count == 2, "both phases move");
    OK(diff.phases_added.count == 1, "a phase is added, with its item");
    const struct subscription_phase *added = diff.phases_added.items;
    OK(added->items.count == 1 && ulid_is_zero(added->id.ulid), "it has no id yet");
    struct subscription less = spec_copy(&base, arena);
    MUST(edits_run(arena, &less, TEXT("01-10"), TEXT("!b prev")) == FAULT_NONE);
    diff = spec_compare(&base, &less, arena);
    OK(diff.phases_removed.count == 1 && diff.items_removed.count == 0,
       "a phase goes with its items");
    OK(diff.phases_changed.count == 1 && diff.items_changed.count == 1, "the one before lasts");
}

/* What no edit makes: a spec is held against it all the same. */
static void test_check(struct arena *arena)
{
    static const struct {
        const char *spec;
        enum fault want;
    } specs[] = {
        { "a 01-01..open {x.0 01-01..open}", FAULT_NONE },
        { "a 01-01..open {x.0 01-01..02-01, x.1 01-20..open}", FAULT_SUBSCRIPTION_ITEM_OVERLAP },
        { "a 01-01..02-01 {x.0 01-01..02-02}; b 02-01..open {x.0 02-01..open}",
          FAULT_SUBSCRIPTION_ITEM_OVERLAP },
        { "a 01-01..02-01 {x.0 01-01..02-01}; b 02-02..open {x.0 02-02..open}",
          FAULT_SUBSCRIPTION_INVALID },
        { "a 01-01..02-01 {x.0 01-01..02-01}", FAULT_SUBSCRIPTION_INVALID },
    };

    for (size_t i = 0; i < COUNT_OF(specs); i++) {
        struct subscription spec = spec_read(arena, text_of(specs[i].spec));
        text why = TEXT("");
        OK(spec_check(&spec, arena, &why) == specs[i].want, "checked: %s", specs[i].spec);
    }
}

static void test_settle(struct arena *arena)
{
    static const struct {
        struct subscription_edit edit;
        const char *field;
    } wrong[] = {
        { { .op = EDIT_ADD_ITEM }, "customizations[0].phaseKey" },
        { { .op = EDIT_REMOVE_ITEM }, "customizations[0].phaseKey" },
        { { .op = EDIT_ADD_PHASE }, "customizations[0].phase" },
        { { .op = EDIT_REMOVE_PHASE, .shift = FIELD_ENUM_NONE }, "customizations[0].phaseKey" },
        { { .op = EDIT_STRETCH_PHASE, .phase_key = TEXT_INIT("a") }, "customizations[0].extendBy" },
        { { .op = EDIT_STRETCH_PHASE, .phase_key = TEXT_INIT("a"), .extend_by = TEXT_INIT("week") },
          "customizations[0].extendBy" },
    };

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct problem problem;
        struct subscription_edit edit = wrong[i].edit;
        struct list one = { &edit, 1 };
        problem_init(&problem, arena);
        OK(!subscription_edits_settle(&one, DIALECT_V1, &problem), "refused: %s", wrong[i].field);
        IS_TEXT(problem.fields[0].field, wrong[i].field, "the place of the fault");
    }
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_edits(arena);
    test_compare(arena);
    test_check(arena);
    test_settle(arena);
    return tap_end();
}
