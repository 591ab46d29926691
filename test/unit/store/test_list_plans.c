/* How SQLite goes about the lists: what is found by or walked along an index is not looked for in
 * the whole table, nor sorted. */
#include <sqlite3.h>
#include <string.h>

#include "lib/directory.h"
#include "lib/tap.h"
#include "store/sql_text.h"
#include "store/store.h"

/* The steps of the plan, joined by "; ". */
static text plan_of(sqlite3 *db, enum sql statement, struct arena *arena)
{
    struct buffer plan = { .arena = arena };
    sqlite3_stmt *prepared;
    const char *explained = text_cstr(
        arena, text_format(arena, "EXPLAIN QUERY PLAN %s", sql_statement_of(statement)->sqlite));
    int code;
    MUST(sqlite3_prepare_v2(db, explained, -1, &prepared, NULL) == SQLITE_OK);
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW)
        buffer_format(&plan, "%s%s", plan.len > 0 ? "; " : "", sqlite3_column_text(prepared, 3));
    MUST(code == SQLITE_DONE && sqlite3_finalize(prepared) == SQLITE_OK);
    return buffer_text(&plan);
}

static bool holds(text plan, const char *words)
{
    return strstr(plan.ptr, words) != NULL;
}

/* Those that walk along an index: no table is gone through, nothing is sorted. */
static void test_walks(sqlite3 *db, struct arena *arena)
{
    static const struct {
        enum sql statement;
        const char *index;
    } walks[] = {
        { SQL_INVOICE_PAGE_BY_AGE, "COVERING INDEX invoice_by_age" },
        { SQL_INVOICE_PAGE_BY_AGE_BACK, "COVERING INDEX invoice_by_age" },
        { SQL_INVOICE_TOTAL_BY_AGE, "COVERING INDEX invoice_by_age" },
        { SQL_CUSTOMER_PAGE_BY_NAME, "INDEX customer_by_name" },
        { SQL_CUSTOMER_PAGE_BY_NAME_BACK, "INDEX customer_by_name" },
        { SQL_CUSTOMER_PAGE_BY_AGE, "INDEX customer_by_age" },
        { SQL_CUSTOMER_PAGE_BY_AGE_BACK, "INDEX customer_by_age" },
        { SQL_CUSTOMER_COUNT_ALL, "COVERING INDEX customer_by_" },
        { SQL_SUBSCRIPTION_PAGE_BY_START, "INDEX subscription_by_start" },
        { SQL_SUBSCRIPTION_PAGE_BY_START_BACK, "INDEX subscription_by_start" },
        { SQL_SUBSCRIPTION_COUNT_ALL, "COVERING INDEX subscription_by_" },
    };

    for (size_t i = 0; i < COUNT_OF(walks); i++) {
        const char *name = sql_statement_of(walks[i].statement)->name;
        text plan = plan_of(db, walks[i].statement, arena);
        bool is_good = holds(plan, walks[i].index) && !holds(plan, "SCAN") &&
                       !holds(plan, "TEMP B-TREE");
        OK(is_good, "%s walks along its index: %.*s", name, TEXT_ARG(plan));
    }
}

/* Those that take what is near first: by the indexes of each way to it, and then by id. */
static void test_finds(sqlite3 *db, struct arena *arena)
{
    static const struct {
        enum sql statement;
        const char *indexes[3];
    } finds[] = {
        { SQL_INVOICE_PAGE,
          { "INDEX invoice_by_customer (org_id=? AND customer_id=?)",
            "INDEX invoice_by_number (org_id=? AND number=?)", "invoice_1 (id=?)" } },
        { SQL_INVOICE_TOTAL,
          { "INDEX invoice_by_customer (org_id=? AND customer_id=?)",
            "INDEX invoice_by_number (org_id=? AND number=?)", "invoice_1 (id=?)" } },
        { SQL_CUSTOMER_PAGE,
          { "INDEX customer_by_key (org_id=? AND key=?)",
            "INDEX customer_subject_history (org_id=? AND subject=? AND valid_to=?)",
            "autoindex_customer_1 (id=?)" } },
        { SQL_CUSTOMER_COUNT,
          { "INDEX customer_by_key (org_id=? AND key=?)",
            "INDEX customer_subject_history (org_id=? AND subject=? AND valid_to=?)",
            "autoindex_customer_1 (id=?)" } },
        { SQL_SUBSCRIPTION_PAGE,
          { "INDEX subscription_by_customer (org_id=? AND customer_id=?)",
            "INDEX subscription_by_plan (org_id=? AND plan_key=?)", "subscription_1 (id=?)" } },
        { SQL_SUBSCRIPTION_COUNT,
          { "INDEX subscription_by_customer (org_id=? AND customer_id=?)",
            "INDEX subscription_by_plan (org_id=? AND plan_key=?)", "subscription_1 (id=?)" } },
    };

    for (size_t i = 0; i < COUNT_OF(finds); i++) {
        const char *name = sql_statement_of(finds[i].statement)->name;
        text plan = plan_of(db, finds[i].statement, arena);
        bool is_good = true;
        for (size_t k = 0; k < COUNT_OF(finds[i].indexes); k++)
            is_good &= holds(plan, finds[i].indexes[k]);
        OK(is_good, "%s finds by its indexes: %.*s", name, TEXT_ARG(plan));
    }
}

int main(void)
{
    char directory[DIRECTORY_PATH_MAX];
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct store *store = NULL;
    char *trouble = NULL;
    sqlite3 *db;
    directory_make(directory);
    const char *path = text_cstr(arena, text_format(arena, "%s/state.db", directory));
    struct store_config config = { .path = path, .readers = 1, .busy_ms = 5000 };
    MUST(store_open(&config, &store, &trouble) == OK);
    MUST(sqlite3_open(path, &db) == SQLITE_OK);
    test_walks(db, arena);
    test_finds(db, arena);
    MUST(sqlite3_close(db) == SQLITE_OK);
    store_close(store);
    directory_remove(directory);
    return tap_end();
}
