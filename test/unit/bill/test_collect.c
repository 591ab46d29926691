/* When an invoice's late events are waited for no longer. */
#include "bill/invoice_collect.h"
#include "lib/tap.h"

static instant at(const char *t)
{
    instant ret;
    MUST(instant_parse(text_of(t), &ret));
    return ret;
}

static struct pending_line usage_line(const char *service_to, const char *invoice_at)
{
    return (struct pending_line){
        .terms = price_terms_of(PRICE_UNIT, dec_of_int(1)),
        .service_from = at("2026-06-16T00:00:00Z"),
        .service_to = at(service_to),
        .invoice_at = at(invoice_at),
        .collect_at = INSTANT_NONE,
        .deleted_at = INSTANT_NONE,
    };
}

/* An item that was removed on the 17th is invoiced with its period, on the 16th of July, or with an
 * invoice before: then that one does not wait until July. */
static void test_taken_early(struct arena *arena)
{
    struct invoice_workflow workflow = { .collection_interval = { .hours = 1 } };
    struct pending_line line = usage_line("2026-06-17T00:00:00Z", "2026-07-16T00:00:00Z");
    instant as_of = at("2026-06-30T00:00:00Z");
    OK(collect_pick_line(&line, as_of, true) == PICK_WHOLE &&
           collect_pick_line(&line, as_of, false) == PICK_NOTHING,
       "what is over is taken with an invoice before its own");
    collect_whole(&line, as_of);
    IS_TEXT(instant_text(arena, collect_collection_at(&workflow, &(struct list){ &line, 1 })),
            "2026-06-30T01:00:00Z", "which then waits for the usual hour");
    line = usage_line("2026-06-17T00:00:00Z", "2026-06-29T00:00:00Z");
    collect_whole(&line, as_of);
    IS_TEXT(instant_text(arena, collect_collection_at(&workflow, &(struct list){ &line, 1 })),
            "2026-06-29T01:00:00Z", "one that was due keeps its time");
}

/* What is caught up with may lie within a period that was billed long ago: its correction is of all
 * that was billed, and never of a part. */
static void test_correction_is_whole(void)
{
    struct pending_line line = usage_line("2026-07-16T00:00:00Z", "2026-06-20T00:00:00Z");
    instant as_of = at("2026-06-20T00:00:00Z");
    OK(collect_pick_line(&line, as_of, true) == PICK_PART, "usage is billed up to an instant");
    line.adjusts_id.ulid.bytes[0] = 1;
    OK(collect_pick_line(&line, as_of, true) == PICK_WHOLE, "its correction is taken whole");
    as_of.ns -= NS_PER_DAY;
    OK(collect_pick_line(&line, as_of, true) == PICK_NOTHING, "and not before it is due");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_taken_early(arena);
    test_correction_is_whole();
    return tap_end();
}
