/* Lines of subscriptions from a table, looking at the whole and at the open end only; and laws of
 * what a sync may leave out, of splits, and of credits. */
#include "bill/line.h"
#include "lib/law.h"
#include "lib/table.h"
#include "subscribe/spec.h"

static instant at(struct arena *arena, text t)
{
    instant ret;
    text form = t.len == sizeof "2024-01-01" - 1 ? text_format(arena, "%.*sT00:00:00Z", TEXT_ARG(t))
                                                 : text_format(arena, "%.*sZ", TEXT_ARG(t));
    MUST(instant_parse(form, &ret));
    return ret;
}

static span span_read(text t)
{
    span s;
    MUST(span_parse(t, &s));
    return s;
}

/* key=term:type:amount:cadence */
static struct rate_card card_read(text t)
{
    struct rate_card card = { .key = text_cut(&t, '='), .name = TEXT("Item") };
    text term = text_cut(&t, ':');
    text type = text_cut(&t, ':');
    dec amount;
    MUST(dec_parse(text_cut(&t, ':'), &amount));
    card.billing_cadence = span_read(t);
    card.payment_term = text_equal(term, TEXT("adv")) ? TERM_IN_ADVANCE : TERM_IN_ARREARS;
    if (text_equal(type, TEXT("flat")))
        card.terms = price_terms_of(PRICE_FLAT, amount);
    else if (text_equal(type, TEXT("unit")))
        card.terms = price_terms_of(PRICE_UNIT, amount);
    else
        card.terms = price_terms_free();
    return card;
}

static struct plan_phase phase_read(struct arena *arena, text t)
{
    text head = text_trim(text_cut(&t, '{'));
    text cards = text_cut(&t, '}');
    struct rate_card *list = ARENA_ARRAY(arena, struct rate_card, 8);
    struct plan_phase phase = { .key = text_cut(&head, ' ') };
    if (!text_equal(head, TEXT("open")))
        phase.duration = span_read(head);
    phase.rate_cards.items = list;
    while (cards.ptr != NULL)
        list[phase.rate_cards.count++] = card_read(text_trim(text_cut(&cards, ',')));
    MUST(phase.rate_cards.count <= 8);
    return phase;
}

static void number_all(struct subscription *spec)
{
    uint8_t number = 0;
    spec->id.ulid.bytes[15] = 1;
    for (size_t i = 0; i < spec->phases.count; i++) {
        struct subscription_phase *phase = subscription_phase_at(spec, i);
        phase->id.ulid.bytes[15] = (uint8_t)(i + 1);
        for (size_t k = 0; k < phase->items.count; k++) {
            struct subscription_item *item = subscription_item_at(phase, k);
            item->phase_id = phase->id;
            item->id.ulid.bytes[14] = (uint8_t)(i + 1);
            item->id.ulid.bytes[15] = ++number;
        }
    }
}

static struct subscription subscription_read(struct arena *arena, text grid, text phases)
{
    struct plan_phase *list = ARENA_ARRAY(arena, struct plan_phase, 4);
    struct plan plan = { .phases = { list, 0 }, .currency = TEXT("USD"), .is_pro_rating = true };
    instant anchor = at(arena, text_trim(text_cut(&grid, ',')));
    instant start = at(arena, text_trim(text_cut(&grid, ',')));
    plan.billing_cadence = span_read(text_trim(grid));
    while (phases.ptr != NULL)
        list[plan.phases.count++] = phase_read(arena, text_trim(text_cut(&phases, ';')));
    struct subscription spec = spec_of_plan(&plan, 0, start, zone_utc(), arena);
    spec.billing_anchor = anchor;
    return spec;
}

static void change(struct arena *arena, struct subscription *spec, text t)
{
    struct edit_time when = { at(arena, text_cut(&t, ' ')), true };
    struct subscription_edit edit = { .op = t.ptr[0] == '+' ? EDIT_ADD_ITEM : EDIT_REMOVE_ITEM };
    text why;
    t = text_slice(t, 1, t.len);
    edit.phase_key = text_cut(&t, '/');
    edit.item_key = t;
    if (edit.op == EDIT_ADD_ITEM)
        edit.rate_card = card_read(t);
    MUST(spec_apply(spec, &edit, when, arena, &why) == FAULT_NONE);
}

static void print_time(struct buffer *out, instant t)
{
    char whole[INSTANT_TEXT_MAX];
    size_t length = instant_print(t, whole) - 1;
    text printed = { whole, length };
    if (text_ends_with(printed, TEXT("T00:00:00")))
        printed.len -= sizeof "T00:00:00" - 1;
    buffer_add(out, printed);
}

/* What stands behind the subscription's id in a reference, in the table's words. */
static void print_reference(struct buffer *out, text reference)
{
    text_cut(&reference, '/');
    text phase = text_cut(&reference, '/');
    text item = text_cut(&reference, '/');
    text version = text_cut(&reference, '/');
    buffer_format(out, "%.*s/%.*s %.*s ", TEXT_ARG(phase), TEXT_ARG(item), TEXT_ARG(version));
    if (reference.ptr != NULL)
        buffer_format(out, "p%.*s ", (int)(reference.len - 6), reference.ptr + 6);
}

static text lines_print(struct arena *arena, const struct list *lines)
{
    struct buffer out = { .arena = arena };
    const struct pending_line *items = lines->items;
    for (size_t i = 0; i < lines->count; i++) {
        const struct pending_line *line = &items[i];
        if (i > 0)
            buffer_add_cstr(&out, "; ");
        print_reference(&out, line->reference);
        print_time(&out, line->service_from);
        buffer_add_cstr(&out, "..");
        print_time(&out, line->service_to);
        buffer_add_cstr(&out, " @");
        print_time(&out, line->invoice_at);
        if (line->terms.price.type == PRICE_FLAT)
            buffer_format(&out, " %.*s", TEXT_ARG(dec_text(arena, line_fee(line, arena))));
        else
            buffer_add_cstr(&out, " usage");
    }
    return lines->count == 0 ? TEXT("-") : buffer_text(&out);
}

static struct list wanted(const struct subscription *spec, struct line_scope scope,
                          struct arena *arena)
{
    struct list lines;
    MUST(lines_wanted(spec, &scope, arena, &lines) == FAULT_NONE);
    return lines;
}

static void test_table(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/lines.vec", 7);
    while (table_next(&t)) {
        struct subscription spec = subscription_read(arena, t.cells[1], t.cells[2]);
        struct line_scope scope = { INSTANT_NONE, at(arena, t.cells[5]), END_BILLS_ACTUAL_PERIOD };
        text changes = t.cells[3];
        text end = t.cells[4];
        while (!text_equal(t.cells[3], TEXT("-")) && changes.ptr != NULL)
            change(arena, &spec, text_trim(text_cut(&changes, ',')));
        if (!text_equal(end, TEXT("-"))) {
            spec.active_to = at(arena, text_cut(&end, ' '));
            if (text_equal(end, TEXT("full")))
                scope.end_proration = END_BILLS_FULL_PERIOD;
        }
        number_all(&spec);
        struct list lines = wanted(&spec, scope, arena);
        IS_TEXT(lines_print(arena, &lines), text_cstr(arena, t.cells[6]), table_name(&t));
    }
    table_close(&t);
}

/* ---- laws ---------------------------------------------------------------------------------- */

#define START "2024-01-01, 2024-01-01, P1M"

static struct subscription random_subscription(struct arena *arena)
{
    static const char *const shapes[] = {
        "a open {fee=adv:flat:30:P1M, arr=arr:flat:7:P1M, day=adv:flat:1:P1D, "
        "once=adv:flat:9:PT0S}",
        "a P1M {fee=adv:flat:31:P1M}; b P14D {fee=adv:flat:20:P1M, once=arr:flat:3:PT0S}; "
        "c open {fee=arr:flat:17:P3M, use=arr:unit:1:P1M}",
        "a P10D {x=arr:free:0:P1M}; b open {fee=adv:flat:29.99:P1M, year=adv:flat:365:P1Y}",
    };
    text shape = text_of(shapes[law_between(0, 2)]);
    struct subscription spec = subscription_read(arena, TEXT(START), shape);
    spec.billing_anchor.ns -= law_between(0, 40) * NS_PER_DAY +
                              law_between(0, 86399) * NS_PER_SECOND;
    return spec;
}

static instant day(int64_t number, int64_t seconds)
{
    instant start;
    MUST(instant_parse(TEXT("2024-01-01T00:00:00Z"), &start));
    return (instant){ start.ns + number * NS_PER_DAY + seconds * NS_PER_SECOND };
}

/* A change at a time; false when it may not be made. */
static bool random_change(struct arena *arena, struct subscription *spec, instant when)
{
    size_t index = subscription_phase_index_at(spec, when);
    struct edit_time time = { when, true };
    struct subscription tried = spec_copy(spec, arena);
    struct subscription_edit edit = { .op = EDIT_ADD_ITEM };
    text why;
    if (index == spec->phases.count)
        return false;
    edit.phase_key = subscription_phase_at(spec, index)->key;
    edit.item_key = TEXT("fee");
    edit.rate_card = card_read(
        text_format(arena, "fee=%s:flat:%lld.%02lld:P1M", law_between(0, 1) ? "adv" : "arr",
                    (long long)law_between(0, 99), (long long)law_between(0, 99)));
    if (law_between(0, 3) == 0)
        edit.op = EDIT_REMOVE_ITEM;
    if (spec_apply(&tried, &edit, time, arena, &why) != FAULT_NONE)
        return false;
    MUST(spec_check(&tried, arena, &why) == FAULT_NONE);
    *spec = tried;
    return true;
}

/* What stays of the lines after the changes are made, as the store does it. */
static struct list applied(const struct list *present, const struct line_changes *changes,
                           struct arena *arena)
{
    struct pending_line *items =
        ARENA_ARRAY(arena, struct pending_line, present->count + changes->added.count);
    const struct pending_line *old = present->items;
    size_t count = 0;
    for (size_t i = 0; i < present->count; i++) {
        struct pending_line line = old[i];
        bool is_removed = false;
        for (size_t k = 0; k < changes->removed.count; k++) {
            const struct pending_line *gone = changes->removed.items;
            is_removed |= ulid_equal(gone[k].id.ulid, line.id.ulid);
        }
        for (size_t k = 0; k < changes->changed.count; k++) {
            const struct pending_line *new = changes->changed.items;
            if (ulid_equal(new[k].id.ulid, line.id.ulid))
                line = new[k];
        }
        if (!is_removed)
            items[count++] = line;
    }
    for (size_t i = 0; i < changes->added.count; i++) {
        static uint32_t next = 1;
        struct pending_line line = ((const struct pending_line *)changes->added.items)[i];
        line.id.ulid.bytes[0] = (uint8_t)(next >> 24);
        line.id.ulid.bytes[1] = (uint8_t)(next >> 16);
        line.id.ulid.bytes[2] = (uint8_t)(next >> 8);
        line.id.ulid.bytes[3] = (uint8_t)next++;
        items[count++] = line;
    }
    return (struct list){ items, count };
}

/* The present lines that a sync reads: of the items that are open, from the first index on. */
static struct list window_of(const struct subscription *spec, const struct list *present,
                             instant settled_to, struct arena *arena)
{
    struct pending_line *items = ARENA_ARRAY(arena, struct pending_line, present->count);
    size_t count = 0;
    for (size_t i = 0; i < present->count; i++) {
        const struct pending_line *line = (const struct pending_line *)present->items + i;
        bool is_known = false;
        for (size_t p = 0; p < spec->phases.count; p++) {
            const struct subscription_phase *phase = subscription_phase_at(spec, p);
            for (size_t k = 0; k < phase->items.count; k++) {
                const struct subscription_item *item = subscription_item_at(phase, k);
                if (!ulid_equal(item->id.ulid, line->item_id.ulid))
                    continue;
                is_known = true;
                if (line_item_is_open(item, settled_to) &&
                    line->period_index >= line_first_index(spec, phase, item, settled_to))
                    items[count++] = *line;
            }
        }
        if (!is_known)
            items[count++] = *line;
    }
    return (struct list){ items, count };
}

static instant horizon_at(const struct subscription *spec, instant now)
{
    struct period current;
    if (subscription_period_at(spec, now, &current))
        return current.to;
    return spec->active_to;
}

/* Puts some of the lines that are due on an invoice: they are fixed from then on. */
static void issue_some(const struct list *present, instant now)
{
    struct pending_line *items = present->items;
    for (size_t i = 0; i < present->count; i++)
        if (instant_before(items[i].invoice_at, now) && law_between(0, 1) == 0)
            items[i].invoice_state = STATE_ISSUED;
}

/* The lines that a subscription has after a life of syncs, each looking at the open end only. */
static struct list live(struct subscription *spec, struct arena *arena)
{

    struct list present = { 0 };
    instant settled_to = INSTANT_NONE;
    instant horizon = INSTANT_NONE;
    int64_t number = 0;
    number_all(spec);
    for (int step = 0; step < 12; step++) {
        instant now = day(number, law_between(0, 86399));
        if (law_between(0, 2) == 0 && instant_is_none(spec->active_to)) {
            (void)random_change(arena, spec, now);
        }
        for (size_t p = 0; p < spec->phases.count; p++) {
            struct subscription_phase *phase = subscription_phase_at(spec, p);
            for (size_t k = 0; k < phase->items.count; k++) {
                struct subscription_item *item = subscription_item_at(phase, k);
                item->phase_id = phase->id;
                if (ulid_is_zero(item->id.ulid))
                    item->id.ulid = (ulid){ { 9, (uint8_t)step, (uint8_t)p, (uint8_t)k } };
            }
        }
        if (law_between(0, 5) == 0)
            spec->active_to = instant_is_none(spec->active_to) ? horizon_at(spec, now)
                                                               : spec->active_to;
        else if (!instant_is_none(spec->active_to) && instant_before(now, spec->active_to) &&
                 law_between(0, 1) == 0)
            spec->active_to = INSTANT_NONE;
        instant wish = horizon_at(spec, now);
        if (instant_is_none(horizon) || instant_before(horizon, wish))
            horizon = wish;
        struct line_scope scope = { settled_to, horizon, END_BILLS_ACTUAL_PERIOD };
        struct list window = window_of(spec, &present, settled_to, arena);
        struct list want = wanted(spec, scope, arena);
        struct line_changes changes = lines_compare(&window, &want, arena);
        present = applied(&present, &changes, arena);
        issue_some(&present, now);
        settled_to = now;
        number += law_between(1, 40);
    }
    struct line_scope all = { INSTANT_NONE, horizon, END_BILLS_ACTUAL_PERIOD };
    struct list want = wanted(spec, all, arena);
    struct line_changes rest = lines_compare(&present, &want, arena);
    if (rest.added.count + rest.changed.count + rest.removed.count > 0)
        return (struct list){ 0 };
    return present;
}

static void law_window(void)
{
    struct law law = { .name = "a sync that looks at the open end finds what one of all finds" };
    for (int i = 0; i < 300; i++) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        struct subscription spec = random_subscription(arena);
        struct list lines = live(&spec, arena);
        struct line_scope scope = { INSTANT_NONE, day(2000, 0), END_BILLS_ACTUAL_PERIOD };
        bool is_empty = wanted(&spec, scope, arena).count == 0;
        law_case(&law, lines.count > 0 || is_empty, "%d", i);
    }
    law_end(&law);
}

/* Periods of an item tile: each begins where the one before ended. */
static void law_tile(void)
{
    struct law law = { .name = "the periods of an item tile its life" };
    for (int i = 0; i < 300; i++) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        struct subscription spec = random_subscription(arena);
        number_all(&spec);
        struct line_scope scope = { INSTANT_NONE, day(law_between(100, 900), 0),
                                    END_BILLS_ACTUAL_PERIOD };
        struct list lines = wanted(&spec, scope, arena);
        const struct pending_line *items = lines.items;
        for (size_t k = 1; k < lines.count; k++) {
            if (!ulid_equal(items[k].item_id.ulid, items[k - 1].item_id.ulid))
                continue;
            law_case(&law,
                     instant_equal(items[k - 1].service_to, items[k].service_from) &&
                         items[k].period_index == items[k - 1].period_index + 1,
                     "%d: line %zu", i, k);
        }
    }
    law_end(&law);
}

/* A fee that is cut into pieces by changes to the same price: the pieces make the whole, but for
 * the rounding of each (half a cent). */
static void law_splits(void)
{
    struct law law = { .name = "the money of the pieces is that of the whole" };
    for (int i = 0; i < 300; i++) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        struct subscription spec =
            subscription_read(arena, TEXT(START), TEXT("a open {fee=adv:flat:31:P1M}"));
        int64_t second = 0;
        int64_t pieces = 1;
        dec sum = DEC_ZERO;
        while (pieces < 5) {
            second += law_between(1, 600000);
            struct edit_time when = { day(0, second), true };
            struct subscription_edit edit = { .op = EDIT_ADD_ITEM, .phase_key = TEXT("a") };
            text why;
            edit.rate_card = card_read(TEXT("fee=adv:flat:31:P1M"));
            if (second >= 31 * 86400)
                break;
            MUST(spec_apply(&spec, &edit, when, arena, &why) == FAULT_NONE);
            pieces++;
        }
        number_all(&spec);
        spec.active_to = day(31, 0);
        struct line_scope scope = { INSTANT_NONE, day(31, 0), END_BILLS_ACTUAL_PERIOD };
        struct list lines = wanted(&spec, scope, arena);
        for (size_t k = 0; k < lines.count; k++)
            sum = dec_add(sum, line_fee((const struct pending_line *)lines.items + k, arena));
        dec off = dec_abs(dec_sub(sum, dec_of_int(31)));
        law_case(&law, dec_compare(dec_mul(off, dec_of_int(200)), dec_of_int(pieces)) <= 0,
                 "%d: %.*s", i, TEXT_ARG(dec_text(arena, sum)));
    }
    law_end(&law);
}

/* What was issued and then cut: what is kept and what is given back make what was billed. */
static void law_credits(void)
{
    struct law law = { .name = "credits are original minus kept" };
    for (int i = 0; i < 300; i++) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        struct subscription spec =
            subscription_read(arena, TEXT(START), TEXT("a open {fee=adv:flat:31:P1M}"));
        struct line_scope scope = { INSTANT_NONE, day(31, 0), END_BILLS_ACTUAL_PERIOD };
        number_all(&spec);
        struct list issued = wanted(&spec, scope, arena);
        struct pending_line *items = issued.items;
        dec billed = DEC_ZERO, kept = DEC_ZERO, back = DEC_ZERO;
        for (size_t k = 0; k < issued.count; k++) {
            items[k].invoice_state = STATE_ISSUED;
            items[k].id.ulid.bytes[0] = (uint8_t)(k + 1);
            billed = dec_add(billed, line_fee(&items[k], arena));
        }
        spec.active_to = day(0, i == 0 ? 0 : law_between(0, 31 * 86400));
        struct list left = wanted(&spec, scope, arena);
        for (size_t k = 0; k < left.count; k++)
            kept = dec_add(kept, line_fee((const struct pending_line *)left.items + k, arena));
        struct line_changes changes = lines_compare(&issued, &left, arena);
        bool has_digits = true;
        for (size_t k = 0; k < changes.credits.count; k++) {
            const struct line_credit *credit = (const struct line_credit *)changes.credits.items +
                                               k;
            back = dec_add(back, credit->amount);
            has_digits = has_digits && credit->kept.scale == credit->original.scale;
        }
        law_case(&law,
                 changes.added.count + changes.changed.count + changes.removed.count == 0 &&
                     has_digits && dec_equal(dec_add(kept, back), billed) && dec_sign(back) >= 0,
                 "%d", i);
    }
    law_end(&law);
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_table(arena);
    law_seed();
    law_window();
    law_tile();
    law_splits();
    law_credits();
    return tap_end();
}
