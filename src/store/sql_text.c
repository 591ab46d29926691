#include "store/sql_text.h"

/* A migration is one long literal; both compilers take far more than the 4095 bytes of C99. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

#include "sql_text.inc"

_Static_assert(COUNT_OF(sql_statements) == SQL_COUNT, "a name without a text");

const struct sql_statement *sql_statement_of(enum sql statement)
{
    CHECK((size_t)statement < SQL_COUNT);
    return &sql_statements[statement];
}

const struct sql_migration *sql_migrations_all(size_t *ret_count)
{
    CHECK(ret_count != NULL);
    *ret_count = COUNT_OF(sql_migrations);
    return sql_migrations;
}
