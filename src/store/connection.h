/* connection.h: one connection to the SQLite file, with its prepared statements. Private to store/.
 *
 * A connection belongs to one thread at a time; store.c hands them out. Only this file, migration.c
 * and call.c know SQLite's names.
 */
#ifndef STORE_CONNECTION_H
#define STORE_CONNECTION_H

#include <sqlite3.h>

#include "store/sql_text.h"
#include "store/store.h"

/* A statement as it is on one connection. The two maps remember where a field table has the names
 * of the arguments and the columns: a statement is nearly always called with the same tables. */
struct prepared {
    sqlite3_stmt *stmt;           /* NULL until first used */
    const struct fields *args_of; /* which table arg_rows was made for */
    const struct fields *columns_of;
    int *arg_slots;       /* SQLite's number of $1, $2, …: it counts in the order of first use */
    int16_t *arg_rows;    /* row of the table for each argument; -1: not in it */
    int16_t *column_rows; /* row of the table for each column */
    void *blank;          /* a record of columns_of with nothing in it */
};

struct connection {
    sqlite3 *db;
    struct arena *scratch; /* printed arguments; reset after each call */
    sqlite3_stmt *begin;
    sqlite3_stmt *pin; /* takes a reader's snapshot */
    sqlite3_stmt *commit;
    bool is_writer;
    struct prepared prepared[SQL_COUNT];
};

/* What a result code of SQLite means. SQLITE_OK, _ROW and _DONE are OK. */
enum err sqlite_err(int code);

/* Opens the file (made when missing), sets it up. On failure `ret_why` gets a sentence in
 * malloc'ed memory. */
NODISCARD enum err connection_open(const struct store_config *config, bool is_writer,
                                   struct connection **ret, char **ret_why);

/* Closes it, an open transaction is rolled back. NULL is allowed. */
void connection_close(struct connection *connection);

/* Prepares the statements that every transaction needs, and on the writer all named ones. Only
 * after the migrations are in. */
NODISCARD enum err connection_prepare(struct connection *connection, char **ret_why);

/* The named statement, prepared on first use. */
NODISCARD enum err connection_statement(struct connection *connection, enum sql statement,
                                        struct prepared **ret);

/* Steps a statement without results to its end and resets it. */
NODISCARD enum err connection_step(sqlite3_stmt *stmt);

/* Runs SQL text of any number of statements without results. */
NODISCARD enum err connection_exec(struct connection *connection, const char *sql);

/* Ends an open transaction, if there is one, without keeping it. */
void connection_rollback(struct connection *connection);

/* "<what>: <what SQLite says>", in malloc'ed memory. */
char *connection_why(const struct connection *connection, const char *what);

/* How many parts of a transaction may be open at once. */
#define STORE_PARTS_MAX 16

/* A transaction: a connection while somebody has it. */
struct store_tx {
    struct store *store;
    struct connection *connection;
    enum err failed; /* the first error in it: it can only be rolled back */
    bool is_taken;
    struct store_tx *whole; /* what it is a part of (store_enclose); else NULL */
    int parts;              /* open inside it that write; of a part: 1 when it writes */
};

#endif
