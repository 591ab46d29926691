/* The states of an invoice as a table, and its dates (I5, I6). */
#include "bill/invoice_collect.h"
#include "bill/invoice_state.h"
#include "lib/table.h"
#include "lib/tap.h"

static instant at(const char *rfc3339)
{
    instant t;
    MUST(instant_parse(text_of(rfc3339), &t));
    return t;
}

/* Everything that could hold a trigger back is out of the way. */
static struct invoice_facts facts_good(void)
{
    return (struct invoice_facts){
        .now = at("2026-06-01T00:00:00Z"),
        .collection_at = at("2026-06-01T00:00:00Z"),
        .draft_until = at("2026-06-01T00:00:00Z"),
        .is_auto_advance = true,
        .has_lines = true,
    };
}

static enum invoice_state state_of(text word)
{
    int index = words_find(invoice_state_words, word);
    if (index == FIELD_ENUM_NONE)
        printf("# no state: %.*s\n", TEXT_ARG(word));
    MUST(index != FIELD_ENUM_NONE);
    return (enum invoice_state)index;
}

static bool has_word(text words, const char *word)
{
    while (words.ptr != NULL) {
        if (text_equal(text_cut(&words, ' '), text_of(word)))
            return true;
    }
    return false;
}

/* Where a row says that the trigger leads; ptr NULL: nowhere. */
static text wanted(text pairs, const char *trigger)
{
    while (pairs.ptr != NULL) {
        text to = text_cut(&pairs, ' ');
        text from = text_cut(&to, '>');
        if (text_equal(from, text_of(trigger)))
            return to;
    }
    return TEXT_NONE;
}

static void pair_is(enum invoice_state state, enum invoice_trigger trigger, text want)
{
    struct invoice_facts facts = facts_good();
    enum invoice_state to = STATE_COUNT;
    bool leads = invoice_state_next(state, trigger, &facts, &to);
    text got = leads ? text_of(invoice_state_words[to]) : TEXT_NONE;
    OK(text_equal(got, want) && leads == (want.ptr != NULL), "%s: %s leads to '%.*s', is '%.*s'",
       invoice_state_words[state], invoice_trigger_words[trigger], TEXT_ARG(want), TEXT_ARG(got));
}

static void test_pairs(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/states.vec", 3);
    int rows = 0;
    while (table_next(&t)) {
        enum invoice_state state = state_of(t.cells[0]);
        OK((int)state == rows++, "%s has its row", invoice_state_words[state]);
        for (enum invoice_trigger trigger = 0; trigger < TRIGGER_COUNT; trigger++)
            pair_is(state, trigger, wanted(t.cells[1], invoice_trigger_words[trigger]));
        OK(invoice_state_is_editable(state) == has_word(t.cells[2], "editable") &&
               invoice_state_is_failed(state) == has_word(t.cells[2], "failed") &&
               invoice_state_is_final(state) == has_word(t.cells[2], "final") &&
               invoice_state_is_draft(state) == has_word(t.cells[2], "draft") &&
               invoice_state_is_issued(state) == has_word(t.cells[2], "issued"),
           "%s is what its row says", invoice_state_words[state]);
    }
    OK(rows == STATE_COUNT, "every state has a row");
    table_close(&t);
}

static struct invoice_facts facts_of(text words, enum invoice_state state)
{
    struct invoice_facts facts = facts_good();
    facts.is_auto_advance = !has_word(words, "manual");
    facts.has_critical = has_word(words, "critical");
    facts.has_lines = !has_word(words, "empty");
    facts.is_waiting = has_word(words, "waiting");
    facts.waits_in = state;
    if (has_word(words, "early"))
        facts.collection_at = at("2026-06-01T00:00:00.000000001Z");
    if (has_word(words, "young"))
        facts.draft_until = at("2026-06-01T00:00:00.000000001Z");
    return facts;
}

static void test_guards(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/guards.vec", 5);
    while (table_next(&t)) {
        enum invoice_state state = state_of(t.cells[1]);
        struct invoice_facts facts = facts_of(t.cells[0], state);
        int trigger = words_find(invoice_trigger_words, t.cells[2]);
        enum invoice_state to = STATE_COUNT;
        enum invoice_state end = STATE_COUNT;
        MUST(trigger != FIELD_ENUM_NONE);
        bool leads = invoice_state_next(state, (enum invoice_trigger)trigger, &facts, &to);
        IS_TEXT(leads ? text_of(invoice_state_words[to]) : TEXT("-"), text_cstr(arena, t.cells[3]),
                table_name(&t));
        /* A wait for late events that was cut short does not begin again. */
        leads = invoice_state_result(state, (enum invoice_trigger)trigger, &facts, &end);
        IS_TEXT(leads ? text_of(invoice_state_words[end]) : TEXT("-"), text_cstr(arena, t.cells[4]),
                table_name(&t));
    }
    table_close(&t);
}

static void test_passes(void)
{
    struct invoice_facts facts = facts_good();
    OK(invoice_state_passes(STATE_DRAFT_CREATED, TRIGGER_NEXT, &facts, STATE_DRAFT_COLLECTING),
       "a draft's way leads past taking quantities");
    OK(!invoice_state_passes(STATE_DRAFT_WAITING_AUTO_APPROVAL, TRIGGER_APPROVE, &facts,
                             STATE_DRAFT_COLLECTING),
       "an approval does not");
    OK(invoice_state_action(STATE_DRAFT_COLLECTING) == ACTION_SNAPSHOT &&
           invoice_state_action(STATE_PAID) == ACTION_NONE,
       "states ask for their work");
    IS_TEXT(invoice_state_short(STATE_PAYMENT_ACTION_REQUIRED), "payment_processing",
            "the short status ends at the dot");
}

/* "m2026-06-05T08:00:00Z@2026-06-06T00:00:00Z" */
static struct pending_line line_of(struct arena *arena, text cell)
{
    text window = text_slice(cell, 1, cell.len - 1);
    text due = text_cut(&window, '@');
    return (struct pending_line){
        .terms = price_terms_of(cell.ptr[0] == 'm' ? PRICE_UNIT : PRICE_FLAT, dec_of_int(1)),
        .invoice_at = at(text_cstr(arena, due)),
        .collect_at = window.ptr == NULL ? INSTANT_NONE : at(text_cstr(arena, window)),
        .deleted_at = INSTANT_NONE,
    };
}

static void test_dates(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/dates.vec", 6);
    while (table_next(&t)) {
        struct invoice_workflow workflow = invoice_workflow_default();
        struct pending_line lines[8];
        struct list list = { lines, 0 };
        text cells = t.cells[2];
        text anchor = t.cells[1];
        workflow.time_zone = t.cells[5];
        MUST(span_parse(t.cells[0], &workflow.collection_interval));
        if (!text_equal(anchor, TEXT("-"))) {
            text every = text_cut(&anchor, '@');
            workflow.alignment = ALIGN_ANCHORED;
            MUST(span_parse(every, &workflow.anchor_interval));
            workflow.anchor = at(text_cstr(arena, anchor));
        }
        while (cells.ptr != NULL)
            lines[list.count++] = line_of(arena, text_cut(&cells, ' '));
        instant until = collect_collection_at(&workflow, &list);
        IS_TEXT(instant_is_none(until) ? TEXT("-") : instant_text(arena, until),
                text_cstr(arena, t.cells[3]), table_name(&t));
        IS_TEXT(instant_text(arena, collect_next_at(&workflow, &list)),
                text_cstr(arena, t.cells[4]), table_name(&t));
    }
    table_close(&t);
}

static void test_due(void)
{
    struct invoice_workflow workflow = invoice_workflow_default();
    instant made = at("2026-06-01T10:00:00.5Z");
    instant collected = at("2026-06-01T11:00:00Z");
    workflow.draft_period = (span){ .days = 2 };
    instant until = collect_draft_until(&workflow, collected, made);
    OK(instant_equal(until, at("2026-06-03T11:00:00Z")), "a draft's time begins with the end of "
                                                         "the wait");
    OK(instant_equal(collect_draft_until(&workflow, INSTANT_NONE, made),
                     at("2026-06-03T10:00:00.5Z")),
       "or when it was made");
    OK(instant_equal(collect_due_at(&workflow, at("2026-06-03T10:00:00.5Z"), INSTANT_NONE),
                     at("2026-07-03T10:00:00Z")),
       "the payment is due in whole seconds");
    workflow.time_zone = TEXT("Europe/Budapest");
    workflow.draft_period = (span){ .months = 1 };
    workflow.due_after = (span){ .days = 30 };
    until = collect_draft_until(&workflow, at("2027-02-27T23:30:00Z"), made);
    OK(instant_equal(until, at("2027-03-27T23:30:00Z")),
       "a draft's month is the customer's: from 28 February to 28 March there");
    OK(instant_equal(collect_due_at(&workflow, at("2027-03-27T23:30:00Z"), INSTANT_NONE),
                     at("2027-04-26T22:30:00Z")),
       "and its due date is at the same hour of its wall clock");
    workflow.is_auto_advance = false;
    OK(instant_is_none(collect_draft_until(&workflow, collected, made)) &&
           instant_is_none(collect_due_at(&workflow, INSTANT_NONE, INSTANT_NONE)),
       "what is approved by hand has no end and is not due before its issue");
}

/* 8.6: what is taken when. */
static void test_picks(void)
{
    struct pending_line line = {
        .id = { { { 1 } } },
        .terms = price_terms_of(PRICE_UNIT, dec_of_int(1)),
        .service_from = at("2026-06-01T00:00:00Z"),
        .service_to = at("2026-07-01T00:00:00Z"),
        .invoice_at = at("2026-07-02T00:00:00Z"),
    };
    struct pending_line rest;
    OK(collect_pick_line(&line, at("2026-07-01T12:00:00Z"), false) == PICK_NOTHING,
       "usage waits for its due time");
    OK(collect_pick_line(&line, at("2026-07-02T00:00:00Z"), false) == PICK_WHOLE, "and goes then");
    OK(collect_pick_line(&line, at("2026-06-01T00:00:00.999999999Z"), true) == PICK_NOTHING,
       "progressively not before a second of it is over");
    OK(collect_pick_line(&line, at("2026-06-01T00:00:01Z"), true) == PICK_PART, "then in part");
    OK(collect_pick_line(&line, at("2026-07-01T00:00:00Z"), true) == PICK_WHOLE,
       "and whole at its end");
    collect_split(&line, at("2026-06-10T00:00:00Z"), (struct line_id){ { { 2 } } }, &rest);
    OK(line.is_open_part && !rest.is_open_part && rest.part_index == 1 &&
           ulid_equal(rest.group_id.ulid, line.id.ulid) &&
           instant_equal(line.service_to, rest.service_from),
       "both parts tile the period and know each other");
    line.terms = price_terms_of(PRICE_FLAT, dec_of_int(1));
    OK(collect_pick_line(&line, at("2026-06-20T00:00:00Z"), true) == PICK_WHOLE,
       "a fee goes when it is due, whatever its period");
    OK(!collect_is_splittable(PRICE_VOLUME, METER_SUM) &&
           !collect_is_splittable(PRICE_UNIT, METER_AVG) &&
           collect_is_splittable(PRICE_GRADUATED, METER_UNIQUE_COUNT),
       "volume prices and averages are not taken apart");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_pairs(arena);
    test_guards(arena);
    test_passes();
    test_dates(arena);
    test_due();
    test_picks();
    return tap_end();
}
