/* migration.c: the book of migrations and the loop that fills it.
 *
 * Each turn takes the write lock, reads the book, compares it with ours, and runs the first
 * migration that is missing; the turn that finds none ends the loop. Reading again under each lock
 * is what lets two processes start at once: whoever comes second finds the work done.
 */
#include "store/migration.h"

#include "base/clock.h"

static const struct sql_migration *migration_find(int64_t number)
{
    size_t count;
    const struct sql_migration *all = sql_migrations_all(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].number == number)
            return &all[i];
    return NULL;
}

static const char *column_cstr(sqlite3_stmt *stmt, int column)
{
    const unsigned char *bytes = sqlite3_column_text(stmt, column);
    return bytes ? (const char *)bytes : "";
}

/* Compares one row of the book with the migration that we have under its number. */
static enum err row_check(sqlite3_stmt *row, char **ret_why)
{
    int64_t number = sqlite3_column_int64(row, 0);
    const struct sql_migration *ours = migration_find(number);
    CHECK(ret_why != NULL);
    if (!ours) {
        MUST(asprintf(ret_why, "the database has migration %lld (%s), newer than this program",
                      (long long)number, column_cstr(row, 1)) >= 0);
        return ERR_CORRUPT;
    }
    if (strcmp(column_cstr(row, 2), ours->sqlite_checksum) != 0) {
        MUST(asprintf(ret_why, "migration %d (%s) ran with another text than this program has",
                      ours->number, ours->name) >= 0);
        return ERR_CORRUPT;
    }
    return OK;
}

/* Reads the book; marks in `is_in` which of ours ran. */
static enum err book_read(struct connection *writer, bool *is_in, char **ret_why)
{
    size_t count;
    const struct sql_migration *all = sql_migrations_all(&count);
    struct prepared *list = NULL;
    enum err err = connection_statement(writer, SQL_SCHEMA_MIGRATION_LIST, &list);
    int code = SQLITE_DONE;
    while (err == OK && (code = sqlite3_step(list->stmt)) == SQLITE_ROW) {
        err = row_check(list->stmt, ret_why);
        for (size_t i = 0; i < count; i++)
            if (all[i].number == sqlite3_column_int64(list->stmt, 0))
                is_in[i] = true;
    }
    if (err == OK)
        err = sqlite_err(code);
    if (list)
        sqlite3_reset(list->stmt);
    return err;
}

static enum err book_add(struct connection *writer, const struct sql_migration *migration)
{
    struct prepared *insert;
    char at[INSTANT_TEXT_MAX];
    size_t length = instant_print(clock_now(clock_system()), at);
    enum err err = connection_statement(writer, SQL_SCHEMA_MIGRATION_INSERT, &insert);
    CHECK(length < sizeof(at));
    if (err != OK)
        return err;
    sqlite3_bind_int64(insert->stmt, insert->arg_slots[0], migration->number);
    sqlite3_bind_text(insert->stmt, insert->arg_slots[1], migration->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert->stmt, insert->arg_slots[2], migration->sqlite_checksum, -1,
                      SQLITE_STATIC);
    sqlite3_bind_text(insert->stmt, insert->arg_slots[3], at, (int)length, SQLITE_TRANSIENT);
    return connection_step(insert->stmt);
}

/* One turn, inside a transaction. `ret_is_done` when nothing is missing. */
static enum err migration_run_next(struct connection *writer, bool *ret_is_done, char **ret_why)
{
    size_t count;
    const struct sql_migration *all = sql_migrations_all(&count);
    bool *is_in = calloc(count, sizeof(*is_in));
    struct prepared *create;
    enum err err = connection_statement(writer, SQL_SCHEMA_MIGRATION_CREATE, &create);
    size_t i = 0;
    MUST(is_in != NULL);
    if (err == OK)
        err = connection_step(create->stmt);
    if (err == OK)
        err = book_read(writer, is_in, ret_why);
    while (i < count && is_in[i])
        i++;
    free(is_in);
    *ret_is_done = i == count;
    if (err != OK || i == count)
        return err;
    err = connection_exec(writer, all[i].sqlite);
    if (err != OK) {
        *ret_why = connection_why(writer, all[i].name);
        return err;
    }
    return book_add(writer, &all[i]);
}

enum err migration_run_all(struct connection *writer, char **ret_why)
{
    bool is_done = false;
    enum err err = OK;
    CHECK(writer != NULL && writer->is_writer && ret_why != NULL);
    *ret_why = NULL;
    while (err == OK && !is_done) {
        err = connection_exec(writer, "BEGIN EXCLUSIVE");
        if (err == OK)
            err = migration_run_next(writer, &is_done, ret_why);
        if (err == OK)
            err = connection_exec(writer, "COMMIT");
        if (err != OK && !*ret_why)
            *ret_why = connection_why(writer, "the schema's migrations");
        if (err != OK)
            connection_rollback(writer);
    }
    return err;
}

enum err migration_newest_in(struct connection *connection, int *ret)
{
    struct prepared *list;
    enum err err = connection_statement(connection, SQL_SCHEMA_MIGRATION_LIST, &list);
    int newest = 0;
    int code;
    CHECK(ret != NULL);
    if (err != OK)
        return err;
    while ((code = sqlite3_step(list->stmt)) == SQLITE_ROW)
        newest = sqlite3_column_int(list->stmt, 0);
    sqlite3_reset(list->stmt);
    if (sqlite_err(code) != OK)
        return sqlite_err(code);
    *ret = newest;
    return OK;
}
