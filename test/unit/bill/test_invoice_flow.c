/* Invoices on a real store: numbers without gaps under concurrency, one invoice however often it is
 * asked for, and nothing that changes one that was issued (hard cases a, c, d). */
#include <pthread.h>
#include <sqlite3.h>

#include "bill/billing.h"
#include "bill/invoicing.h"
#include "bill/line_flow.h"
#include "lib/shop.h"
#include "lib/tap.h"

#define CUSTOMERS 60
#define THREADS   4

static void line_make(struct fixture *f, const char *customer, const char *name, const char *amount)
{
    struct line_body line = {
        .name = text_of(name),
        .period = { fixture_instant("2026-01-01T00:00:00Z"),
                    fixture_instant("2026-02-01T00:00:00Z") },
        .invoice_at = fixture_instant("2026-01-01T00:00:00Z"),
    };
    struct pending_lines_body body = { .currency = TEXT("USD"), .lines = { &line, 1 } };
    struct pending_lines_made made;
    dec value;
    MUST(dec_parse(text_of(amount), &value));
    line.terms = price_terms_of(PRICE_FLAT, value);
    fixture_forget(f);
    MUST(bill_pending_lines_create(&f->cx, text_of(customer), &body, &made) == OK);
}

/* Runs SQL on a connection of its own; SQLite's code, and the first column of the first row. */
static int sql(struct fixture *f, const char *statement, int64_t *ret)
{
    sqlite3 *db;
    sqlite3_stmt *prepared;
    MUST(sqlite3_open(f->store_path, &db) == SQLITE_OK);
    MUST(sqlite3_busy_timeout(db, 5000) == SQLITE_OK);
    MUST(sqlite3_prepare_v2(db, statement, -1, &prepared, NULL) == SQLITE_OK);
    int code = sqlite3_step(prepared);
    if (code == SQLITE_ROW && ret)
        *ret = sqlite3_column_int64(prepared, 0);
    (void)sqlite3_finalize(prepared);
    MUST(sqlite3_close(db) == SQLITE_OK);
    return code;
}

static int64_t count(struct fixture *f, const char *statement)
{
    int64_t number = -1;
    MUST(sql(f, statement, &number) == SQLITE_ROW);
    return number;
}

/* ---- a and d: many at once, and the same twice -------------------------------------------------
 */

struct runner {
    struct fixture *f;
    pthread_t thread;
    int made, refused, others;
};

static enum err invoice_once(struct fixture *f, const char *customer, struct arena *arena)
{
    struct cx cx = f->cx;
    struct invoicing request = { .customer = text_of(customer), .as_of = INSTANT_NONE };
    struct list invoices;
    cx.arena = arena;
    problem_init(&cx.problem, arena);
    return bill_invoice_pending(&cx, &request, &invoices);
}

/* Every runner invoices every customer: each customer's only line is wanted four times. */
static void *run(void *state)
{
    struct runner *runner = state;
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    for (int i = 0; i < CUSTOMERS; i++) {
        char key[32];
        snprintf(key, sizeof key, "c%d", i);
        enum err err = invoice_once(runner->f, key, arena);
        runner->made += err == OK;
        runner->refused += err == ERR_REFUSED;
        runner->others += err != OK && err != ERR_REFUSED;
        arena_reset(arena);
    }
    return NULL;
}

static void test_parallel(struct fixture *f)
{
    struct runner runners[THREADS] = { 0 };
    int made = 0;
    int others = 0;
    for (int i = 0; i < CUSTOMERS; i++) {
        char key[32];
        snprintf(key, sizeof key, "c%d", i);
        (void)shop_customer(f, key, key);
        line_make(f, key, "fee", "10");
    }
    for (int i = 0; i < THREADS; i++) {
        runners[i].f = f;
        MUST(pthread_create(&runners[i].thread, NULL, run, &runners[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        MUST(pthread_join(runners[i].thread, NULL) == 0);
        made += runners[i].made;
        others += runners[i].others;
    }
    OK(made == CUSTOMERS && others == 0, "d: each line is invoiced once (%d made, %d troubles)",
       made, others);
    OK(count(f, "SELECT COUNT(*) FROM invoice WHERE status = 'paid'") == CUSTOMERS,
       "and each invoice is paid");
    OK(count(f, "SELECT COUNT(DISTINCT number) FROM invoice WHERE status = 'paid'") == CUSTOMERS,
       "a: no number is given twice");
    OK(count(f, "SELECT last FROM number_sequence WHERE name = 'OM-SANDBOX'") == CUSTOMERS,
       "a: and none is left out");
    OK(count(f, "SELECT COUNT(*) FROM outbox WHERE type = 'invoice.created'") == CUSTOMERS,
       "each was told once");
}

/* A transaction that is undone gives its number back. */
static void test_undone(struct fixture *f)
{
    (void)shop_customer(f, "broken", "broken");
    line_make(f, "broken", "fee", "10");
    int64_t before = count(f, "SELECT last FROM number_sequence WHERE name = 'OM-SANDBOX'");
    MUST(sql(f,
             "CREATE TRIGGER trouble BEFORE UPDATE ON invoice_line BEGIN "
             "SELECT RAISE(ABORT, 'trouble'); END",
             NULL) == SQLITE_DONE);
    OK(invoice_once(f, "broken", f->cx.arena) != OK, "an invoice that cannot be written is none");
    OK(count(f, "SELECT last FROM number_sequence WHERE name = 'OM-SANDBOX'") == before,
       "and has taken no number");
    MUST(sql(f, "DROP TRIGGER trouble", NULL) == SQLITE_DONE);
    OK(invoice_once(f, "broken", f->cx.arena) == OK, "later it can");
    OK(count(f, "SELECT last FROM number_sequence WHERE name = 'OM-SANDBOX'") == before + 1,
       "and has the next one");
}

/* Somebody else is always faster, as a store says that takes no row. */
static void test_changed(struct fixture *f)
{
    static const char claimed[] = "SELECT COUNT(*) FROM invoice WHERE status <> 'gathering'";
    (void)shop_customer(f, "contested", "contested");
    line_make(f, "contested", "fee", "10");
    int64_t before = count(f, claimed);
    MUST(sql(f,
             "CREATE TRIGGER faster BEFORE UPDATE OF version ON invoice BEGIN "
             "SELECT RAISE(IGNORE); END",
             NULL) == SQLITE_DONE);
    struct invoicing request = { .customer = TEXT("contested"), .as_of = INSTANT_NONE };
    struct list invoices;
    fixture_forget(f);
    OK(bill_invoice_pending(&f->cx, &request, &invoices) == ERR_REFUSED &&
           f->cx.problem.fault == FAULT_INVOICE_CHANGED,
       "FAULT_INVOICE_CHANGED once it was tried often enough");
    OK(count(f, claimed) == before, "and nothing was made");
    MUST(sql(f, "DROP TRIGGER faster", NULL) == SQLITE_DONE);
    OK(invoice_once(f, "contested", f->cx.arena) == OK, "alone, it is invoiced");
}

/* ---- what was issued stays ----------------------------------------------------------------------
 */

static void test_fixed(struct fixture *f)
{
    static const char *const attempts[] = {
        "UPDATE invoice SET totals = '{}' WHERE issued_at IS NOT NULL",
        "UPDATE invoice SET number = 'X' WHERE issued_at IS NOT NULL",
        "UPDATE invoice SET customer = '{}' WHERE issued_at IS NOT NULL",
        "UPDATE invoice SET issued_at = NULL WHERE issued_at IS NOT NULL",
        "UPDATE invoice_line SET terms = '{}' WHERE totals IS NOT NULL",
        "UPDATE invoice_line SET deleted_at = created_at WHERE totals IS NOT NULL",
        "DELETE FROM invoice_line WHERE totals IS NOT NULL",
        "DELETE FROM invoice WHERE issued_at IS NOT NULL",
    };
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        OK(sql(f, attempts[i], NULL) == SQLITE_CONSTRAINT, "refused: %s", attempts[i]);
    OK(sql(f, "UPDATE invoice SET payment_id = 'p' WHERE issued_at IS NOT NULL", NULL) ==
           SQLITE_DONE,
       "what becomes of the payment may be written");
}

/* ---- zero, and many lines -----------------------------------------------------------------------
 */

static void test_nothing_owed(struct fixture *f)
{
    struct list invoices;
    struct invoicing request = { .customer = TEXT("free"), .as_of = INSTANT_NONE };
    (void)shop_customer(f, "free", "Free Rider");
    line_make(f, "free", "fee", "10");
    line_make(f, "free", "gift", "-10");
    fixture_forget(f);
    MUST(bill_invoice_pending(&f->cx, &request, &invoices) == OK);
    const struct invoice *invoice = invoices.items;
    OK(invoices.count == 1 && invoice->status == INVOICE_PAID && invoice->lines.count == 2,
       "an invoice of nothing is issued, and paid by that");
    IS_TEXT(dec_text(f->cx.arena, invoice->totals.total), "0.00", "its total");
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void test_refusals(struct fixture *f)
{
    struct invoice invoice;
    struct list found;
    (void)shop_customer(f, "gathers", "gathers");
    line_make(f, "gathers", "fee", "10");
    fixture_forget(f);
    MUST(invoice_preview(&f->cx, TEXT("gathers"), &found) == OK && found.count == 1);
    struct invoice_id id = ((const struct invoice *)found.items)->id;
    OK(bill_invoice_command(&f->cx, id, COMMAND_DELETE, &invoice) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_INVOICE_GATHERS,
       "a gathering invoice cannot be deleted");
    /* Somebody who is always quicker: no row is ever at the version that was read. */
    MUST(sql(f,
             "CREATE TRIGGER quicker BEFORE UPDATE OF version ON invoice BEGIN "
             "SELECT RAISE(IGNORE); END",
             NULL) == SQLITE_DONE);
    struct invoicing request = { .customer = TEXT("gathers"), .as_of = INSTANT_NONE };
    fixture_forget(f);
    OK(bill_invoice_pending(&f->cx, &request, &found) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_INVOICE_CHANGED,
       "who always loses is told so");
    MUST(sql(f, "DROP TRIGGER quicker", NULL) == SQLITE_DONE);
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-02T00:00:00Z");
    test_parallel(&f);
    test_undone(&f);
    test_changed(&f);
    test_fixed(&f);
    test_nothing_owed(&f);
    test_refusals(&f);
    fixture_close(&f);
    return tap_end();
}
