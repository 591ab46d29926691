/* store.h: the state: one narrow interface, SQLite behind it now, PostgreSQL later.
 *
 * Statements are named and live in sql/query/<module>.sql:
 *
 *   -- name: customer_insert
 *   -- args: id, org_id, key, name
 *   INSERT INTO customer (id, org_id, key, name) VALUES ($1, $2, $3, $4);
 *
 * The build turns each name into an enumerator (SQL_CUSTOMER_INSERT, from build/gen/sql_names.h)
 * and embeds the text. `args` names $1, $2, … in order. A statement that the dialects cannot share
 * has a twin under "-- dialect: postgresql". All are prepared at start, so a wrong column stops the
 * first test.
 *
 * Arguments are bound by name from up to two places: explicit values, and a struct with its field
 * table. Results are read by column name through a field table. So a column, a JSON key and a
 * struct member are one line.
 *
 * One writer, many readers: a write transaction holds the only writer connection (others wait);
 * a read transaction sees one consistent snapshot. Times are stored as RFC 3339 text with
 * nanoseconds as nine digits, so that text order is time order; decimals and ids as text; maps,
 * lists and objects as JSON text; booleans and integers as integers.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "base/id.h"
#include "codec/fields.h"

/* The statements: SQL_CUSTOMER_INSERT and so on, SQL_COUNT last. */
#include "sql_names.h"

struct store;
struct store_tx;

struct store_config {
    const char *path; /* of the SQLite file; ":memory:" is not allowed (readers would not see it) */
    const char *vfs;  /* an SQLite VFS by name, for fault tests; NULL for the default */
    int readers;      /* connections kept for readers; 1 or more */
    int busy_ms;      /* how long to wait for a lock */
};

/* Opens or creates the database, runs the migrations of sql/schema that are not yet in (under a
 * lock, one transaction each), prepares all statements. ERR_CORRUPT when a migration that ran has
 * another checksum than ours, or the schema is newer than this program. `ret_why` gets a
 * sentence, in malloc'ed memory, when it fails. */
NODISCARD enum err store_open(const struct store_config *config, struct store **ret,
                              char **ret_why);
void store_close(struct store *store);

/* Number of the newest migration that is in, and of the newest this program has. */
int store_schema_version(struct store *store);
int store_schema_newest(void);

/* Writes the state, as it is at one moment, into a new file at `path`, flushed. `at_moment` is
 * called at that moment, while nobody can write: what it looks at outside belongs to the same
 * moment. It should be quick; its error ends the copy. Others read and write on meanwhile. On
 * failure no file is left. The thread holds no transaction. */
typedef enum err store_moment(void *state);
NODISCARD enum err store_backup(struct store *store, const char *path, store_moment *at_moment,
                                void *state);

/* Starts a transaction; ends with store_commit or store_rollback. ERR_BUSY when no connection
 * came free in time. A thread holds one transaction at a time: a second could wait for itself.
 *
 * A statement that fails, with a conflict too, leaves the transaction good for nothing but its
 * rollback: further statements and the commit give the same error. ERR_ABSENT is no failure.
 *
 * A commit ends the transaction also when it fails; nothing of it is visible then (after a flush
 * that failed, a crash may still bring it back, whole). The writer's commit returns OK after the
 * disk has it. */
NODISCARD enum err store_begin_read(struct store *store, struct store_tx **ret);
NODISCARD enum err store_begin_write(struct store *store, struct store_tx **ret);
NODISCARD enum err store_commit(struct store_tx *tx);
void store_rollback(struct store_tx *tx);
/* Ends a transaction by what came of it: commits when `err` is OK, else rolls back; sets *tx to
 * NULL. *tx may be NULL when `err` is not OK. Returns `err`, or the commit's error. */
NODISCARD enum err store_finish(struct store_tx **tx, enum err err);
/* For CLEANUP: rolls back when the variable is not NULL. Set it to NULL after store_commit. */
void store_tx_cleanup(struct store_tx **tx);

/* Several commands as one. From store_enclose on, until store_disclose, transactions that this
 * thread begins on the store are parts of `tx`, a write transaction: they see what those before
 * them did, reading ones too; to commit one keeps its part within `tx`, to roll it back undoes that
 * part only, and mends what a failed statement did. A part may enclose others in turn. Nothing is
 * stored before `tx` itself is committed, after store_disclose. */
void store_enclose(struct store_tx *tx);
void store_disclose(struct store_tx *tx);

/* One explicit argument. */
struct store_arg {
    const char *name; /* as in `-- args:`; NULL ends a list */

    enum { STORE_NULL, STORE_TEXT, STORE_INT } kind;

    text text;
    int64_t number;
};

struct store_arg store_text(const char *name, text value); /* ptr NULL binds NULL */
struct store_arg store_int(const char *name, int64_t value);
/* These print into the arena. A zero id and INSTANT_NONE bind NULL. */
struct store_arg store_ulid(const char *name, ulid value, struct arena *arena);
struct store_arg store_instant(const char *name, instant value, struct arena *arena);

/* What a statement is called with. `args` ends with a row whose name is NULL, or is NULL;
 * `record` with its `fields` may be NULL. Every name in `-- args:` must be found, explicit first.
 */
struct store_call {
    const struct store_arg *args;
    const struct fields *fields;
    const void *record;
};

#define STORE_ARGS(...) ((const struct store_arg[]){ __VA_ARGS__, { 0 } })

/* As what rows are read: through which field table, with their texts in which arena. */
struct store_as {
    const struct fields *fields;
    struct arena *arena;
};

#define STORE_AS(table, place) ((struct store_as){ (table), (place) })

/* Runs a statement without results. ERR_CONFLICT when a unique or foreign key rule refused it (a
 * NOT NULL or CHECK rule that does is a bug and stops the process); `ret_changed` (may be NULL)
 * gets the number of rows changed. */
NODISCARD enum err store_run(struct store_tx *tx, enum sql statement, const struct store_call *call,
                             int64_t *ret_changed);

/* Reads the first row into `ret` (columns by name into the table; members without a column become
 * absent; a column without a member is a bug). ERR_ABSENT when there is none. */
NODISCARD enum err store_one(struct store_tx *tx, enum sql statement, const struct store_call *call,
                             struct store_as as, void *ret);

/* Reads all rows into a list of structs, in the arena. */
NODISCARD enum err store_all(struct store_tx *tx, enum sql statement, const struct store_call *call,
                             struct store_as as, struct list *ret);

/* Reads one integer (the first column of the first row); ERR_ABSENT when there is no row or it
 * holds NULL, as max() of nothing does. */
NODISCARD enum err store_number(struct store_tx *tx, enum sql statement,
                                const struct store_call *call, int64_t *ret);

#endif
