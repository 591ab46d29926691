#include "store/connection.h"

#include <pthread.h>

#include "base/clock.h"

/* Pages kept in memory at most, in KiB: the writer touches the most, and what does not fit is
 * written and read again within a transaction; readers come several at a time, and forget all at
 * each commit of the writer's. */
#define WRITER_CACHE_KIB 16384
#define READER_CACHE_KIB 512

/* The write-ahead log is folded into the file when it is this long, and cut back to this. A page
 * that many commits wrote is copied once then. */
#define WAL_BYTES_KEPT (64 * 1024 * 1024)
#define WAL_PAGES_KEPT (WAL_BYTES_KEPT / 4096)

enum err sqlite_err(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_FULL:
        return ERR_NO_SPACE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CONSTRAINT:
        return ERR_CONFLICT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    default:
        return ERR_IO;
    }
}

char *connection_why(const struct connection *connection, const char *what)
{
    char *why = NULL;
    CHECK(connection != NULL && what != NULL);
    MUST(asprintf(&why, "%s: %s", what, sqlite3_errmsg(connection->db)) >= 0);
    return why;
}

enum err connection_step(sqlite3_stmt *stmt)
{
    int code;
    CHECK(stmt != NULL);
    do {
        code = sqlite3_step(stmt);
    } while (code == SQLITE_ROW);
    sqlite3_reset(stmt);
    return sqlite_err(code);
}

enum err connection_exec(struct connection *connection, const char *sql)
{
    CHECK(connection != NULL && sql != NULL);
    return sqlite_err(sqlite3_exec(connection->db, sql, NULL, NULL, NULL));
}

void connection_rollback(struct connection *connection)
{
    CHECK(connection != NULL);
    /* After some failures SQLite has rolled back on its own. A rollback that fails leaves nothing
     * half-applied either: the log has no commit mark, and the next begin fails with its reason. */
    if (!sqlite3_get_autocommit(connection->db))
        sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
}

static enum err text_prepare(struct connection *connection, const char *sql, sqlite3_stmt **ret)
{
    return sqlite_err(
        sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL));
}

/* Going over to the write-ahead log needs the file alone for a moment, and SQLite does not wait
 * for that: two processes that start at once would meet here. */
static enum err wal_switch_on(struct connection *connection, int busy_ms)
{
    int64_t deadline = clock_monotonic_ns() + (int64_t)busy_ms * 1000000;
    sqlite3_stmt *stmt;
    enum err err = text_prepare(connection, "PRAGMA journal_mode = WAL", &stmt);
    if (err != OK)
        return err;
    for (;;) {
        int code = sqlite3_step(stmt);
        err = sqlite_err(code);
        /* The answer is the mode that is in force: a file system without shared memory keeps its
         * own. */
        if (code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") != 0)
            err = ERR_IO;
        sqlite3_reset(stmt);
        if (err != ERR_BUSY || clock_monotonic_ns() > deadline)
            break;
        sqlite3_sleep(5);
    }
    sqlite3_finalize(stmt);
    return err;
}

static enum err connection_set_up(struct connection *connection, int busy_ms)
{
    enum err err;
    char sql[512];
    sqlite3_busy_timeout(connection->db, busy_ms);
    sqlite3_extended_result_codes(connection->db, 1);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 1024, 256);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(connection->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    snprintf(sql, sizeof(sql),
             "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -%d;"
             "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = %d;"
             "PRAGMA wal_autocheckpoint = %d; PRAGMA query_only = %d",
             connection->is_writer ? WRITER_CACHE_KIB : READER_CACHE_KIB, WAL_BYTES_KEPT,
             WAL_PAGES_KEPT, connection->is_writer ? 0 : 1);
    if (connection->is_writer && (err = wal_switch_on(connection, busy_ms)) != OK)
        return err;
    return connection_exec(connection, sql);
}

/* SQLite counts its memory under a lock of the whole process, for figures that nobody asks for.
 * Only before it is first used: a process that used it by other ways keeps its setting. */
static void sqlite_set_up(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err connection_open(const struct store_config *config, bool is_writer, struct connection **ret,
                         char **ret_why)
{
    struct connection *connection;
    static pthread_once_t is_set_up = PTHREAD_ONCE_INIT;
    enum err err;
    CHECK(config != NULL && config->path != NULL && ret != NULL && ret_why != NULL);
    MUST(pthread_once(&is_set_up, sqlite_set_up) == 0);
    connection = calloc(1, sizeof(*connection));
    MUST(connection != NULL);
    connection->is_writer = is_writer;
    connection->scratch = arena_new();
    err = sqlite_err(sqlite3_open_v2(config->path, &connection->db,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                         (is_writer ? SQLITE_OPEN_CREATE : 0),
                                     config->vfs));
    MUST(connection->db != NULL);
    if (err == OK)
        err = connection_set_up(connection, config->busy_ms);
    if (err != OK) {
        *ret_why = connection_why(connection, config->path);
        connection_close(connection);
        return err;
    }
    *ret = connection;
    return OK;
}

void connection_close(struct connection *connection)
{
    if (!connection)
        return;
    connection_rollback(connection);
    for (size_t i = 0; i < SQL_COUNT; i++) {
        struct prepared *prepared = &connection->prepared[i];
        sqlite3_finalize(prepared->stmt);
        free(prepared->arg_slots);
        free(prepared->arg_rows);
        free(prepared->column_rows);
        free(prepared->blank);
    }
    sqlite3_finalize(connection->begin);
    sqlite3_finalize(connection->pin);
    sqlite3_finalize(connection->commit);
    MUST(sqlite3_close(connection->db) == SQLITE_OK);
    arena_free(connection->scratch);
    free(connection);
}

static void prepared_measure(struct prepared *prepared, int arg_count)
{
    size_t args = (size_t)arg_count + 1;
    size_t columns = (size_t)sqlite3_column_count(prepared->stmt) + 1;
    prepared->arg_slots = calloc(args, sizeof(*prepared->arg_slots));
    prepared->arg_rows = calloc(args, sizeof(*prepared->arg_rows));
    prepared->column_rows = calloc(columns, sizeof(*prepared->column_rows));
    MUST(prepared->arg_slots && prepared->arg_rows && prepared->column_rows);
    for (int i = 0; i < arg_count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "$%d", i + 1);
        prepared->arg_slots[i] = sqlite3_bind_parameter_index(prepared->stmt, name);
        CHECK(prepared->arg_slots[i] > 0);
    }
}

enum err connection_statement(struct connection *connection, enum sql statement,
                              struct prepared **ret)
{
    const struct sql_statement *named = sql_statement_of(statement);
    struct prepared *prepared = &connection->prepared[statement];
    CHECK(ret != NULL);
    if (!prepared->stmt) {
        enum err err = text_prepare(connection, named->sqlite, &prepared->stmt);
        if (err != OK)
            return err;
        prepared_measure(prepared, named->arg_count);
    }
    *ret = prepared;
    return OK;
}

enum err connection_prepare(struct connection *connection, char **ret_why)
{
    struct {
        const char *sql;
        sqlite3_stmt **stmt;
    } rows[] = {
        { connection->is_writer ? "BEGIN IMMEDIATE" : "BEGIN", &connection->begin },
        { "SELECT 1 FROM schema_migration LIMIT 1", &connection->pin },
        { "COMMIT", &connection->commit },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum err err = text_prepare(connection, rows[i].sql, rows[i].stmt);
        if (err != OK) {
            *ret_why = connection_why(connection, rows[i].sql);
            return err;
        }
    }
    for (size_t i = 0; connection->is_writer && i < SQL_COUNT; i++) {
        struct prepared *prepared;
        enum err err = connection_statement(connection, (enum sql)i, &prepared);
        if (err != OK) {
            *ret_why = connection_why(connection, sql_statement_of((enum sql)i)->name);
            return err;
        }
    }
    return OK;
}
