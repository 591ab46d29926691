/* sql_text.h: the SQL of sql/ as tables, made by tools/gen_sql. Private to store/.
 *
 * Each text exists once or, where the dialects differ, twice: `postgresql` is NULL when it is the
 * same as `sqlite`.
 */
#ifndef STORE_SQL_TEXT_H
#define STORE_SQL_TEXT_H

#include "base/base.h"

#include "sql_names.h"

struct sql_statement {
    const char *name;
    const char *const *args; /* names of $1, $2, … */
    int arg_count;
    const char *sqlite;
    const char *postgresql;
};

struct sql_migration {
    int number;
    const char *name;
    const char *sqlite;          /* any number of statements */
    const char *sqlite_checksum; /* SHA-256 of the text without its comments, in hexadecimal */
    const char *postgresql;
    const char *postgresql_checksum;
};

/* The statement's name, arguments and text in each dialect. Static. */
const struct sql_statement *sql_statement_of(enum sql statement);

/* The migrations in the order of their numbers. */
const struct sql_migration *sql_migrations_all(size_t *ret_count);

#endif
