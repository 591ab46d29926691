/* What may become of a customer, by what is on its bills. */
#include "bill/payer.h"
#include "lib/table.h"
#include "lib/tap.h"

static bool yes(text cell)
{
    return text_equal(cell, TEXT("yes"));
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct table t = table_open(arena, "test/vectors/bill/payer.vec", 5);
    while (table_next(&t)) {
        struct payer_facts facts = {
            .is_subscribed = yes(t.cells[1]),
            .has_lines = yes(t.cells[2]),
            .has_open_invoices = yes(t.cells[3]),
        };
        enum fault fault = payer_obstacle(&facts);
        const char *name = fault == FAULT_NONE ? "NONE" : fault_info(fault)->name;
        OK(text_equal(t.cells[4], text_of(name)), "%s: %s", text_cstr(arena, t.cells[0]), name);
    }
    table_close(&t);
    return tap_end();
}
