/* test_store_open.c: opening: migrations once each, their checksums, several processes at once. */
#include <sqlite3.h>

#include "unit/store/store_case.h"

/* Runs SQL past the store. */
static void meddle(const struct store_case *self, const char *sql)
{
    sqlite3 *db;
    MUST(sqlite3_open(self->path, &db) == SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        printf("# %s\n", sqlite3_errmsg(db));
    MUST(sqlite3_close(db) == SQLITE_OK);
}

/* Opens and closes; prints why when it fails, as the text is part of the contract. */
static enum err try_open(const char *path, const char *word)
{
    struct store_config config = { .path = path, .readers = 1, .busy_ms = 5000 };
    struct store *store = NULL;
    char *why = NULL;
    enum err err = store_open(&config, &store, &why);
    if (err == OK) {
        store_close(store);
        return err;
    }
    printf("# %s\n", why);
    OK(why && strstr(why, word), "the sentence names %s", word);
    free(why);
    return err;
}

static void test_again(struct store_case *self)
{
    int version = store_schema_version(self->store);
    OK(version == store_schema_newest() && version >= 1, "a fresh database has the newest schema");
    case_reopen(self);
    OK(store_schema_version(self->store) == version, "opening again changes nothing");
    OK(case_tokens(self) == 0, "and finds the tables");
}

static void test_checksum(struct store_case *self)
{
    store_close(self->store);
    self->store = NULL;
    meddle(self, "UPDATE schema_migration SET checksum = 'x' || checksum WHERE number = 1");
    OK(try_open(self->path, "migration 1") == ERR_CORRUPT,
       "a migration with another text is refused");
    meddle(self, "UPDATE schema_migration SET checksum = substr(checksum, 2) WHERE number = 1");
    OK(try_open(self->path, "") == OK, "the same text is taken");
    meddle(self, "INSERT INTO schema_migration VALUES (9999, 'tomorrow', 'x', 'x')");
    OK(try_open(self->path, "9999") == ERR_CORRUPT, "a newer schema is refused");
    meddle(self, "DELETE FROM schema_migration WHERE number = 9999");
}

/* Migration 1 makes audit last: with that name taken it fails behind its other tables. */
static void test_half_way(struct store_case *self)
{
    struct store_case fresh = *self;
    snprintf(fresh.path, sizeof(fresh.path), "%s/half.db", self->directory);
    fresh.store = NULL;
    meddle(&fresh, "CREATE TABLE audit (probe TEXT)");
    OK(try_open(fresh.path, "audit") == ERR_IO, "a migration that cannot run stops the start");
    meddle(&fresh, "DROP TABLE audit");
    case_reopen(&fresh);
    OK(case_tokens(&fresh) == 0, "it left nothing half-done: the next start runs it whole");
    store_close(fresh.store);
}

static void test_no_database(struct store_case *self)
{
    char path[DIRECTORY_PATH_MAX + 32];
    FILE *file;
    snprintf(path, sizeof(path), "%s/poem.db", self->directory);
    file = fopen(path, "w");
    MUST(file != NULL);
    for (int i = 0; i < 1000; i++)
        fputs("this is not a database\n", file);
    MUST(fclose(file) == 0);
    OK(try_open(path, "not a database") == ERR_CORRUPT, "another file is refused");
    snprintf(path, sizeof(path), "%s/nowhere/state.db", self->directory);
    OK(try_open(path, "unable to open") == ERR_IO, "a directory that is missing is trouble");
}

/* Each child opens the same new file at the same moment, and writes a row. */
static void test_processes(struct store_case *self)
{
    enum { CHILDREN = 6 };

    pid_t children[CHILDREN];
    struct store_case fresh = *self;
    int gate[2];
    int good = 0;
    char byte;
    snprintf(fresh.path, sizeof(fresh.path), "%s/shared.db", self->directory);
    MUST(pipe(gate) == 0);
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        MUST(children[i] >= 0);
        if (children[i] == 0) {
            MUST(close(gate[1]) == 0);
            MUST(read(gate[0], &byte, 1) == 0); /* until the parent closes its end */
            _exit(try_open(fresh.path, "") == OK ? 0 : 1);
        }
    }
    MUST(close(gate[0]) == 0 && close(gate[1]) == 0);
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        MUST(waitpid(children[i], &status, 0) == children[i]);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    OK(good == CHILDREN, "%d of %d processes that start at once open", good, CHILDREN);
    fresh.store = NULL;
    case_reopen(&fresh);
    OK(case_tokens(&fresh) == 0, "and each migration ran once");
    store_close(fresh.store);
}

static void no_readers(void *state)
{
    struct store_case *self = state;
    struct store_config config = { .path = self->path, .readers = 0 };
    struct store *store;
    char *why;
    (void)store_open(&config, &store, &why);
}

static void in_memory(void *state)
{
    struct store_config config = { .path = ":memory:", .readers = 1 };
    struct store *store;
    char *why;
    (void)state;
    (void)store_open(&config, &store, &why);
}

int main(void)
{
    struct store_case self;
    case_open(&self);
    test_again(&self);
    test_checksum(&self);
    case_reopen(&self);
    test_no_database(&self);
    test_processes(&self);
    test_half_way(&self);
#ifndef COVERAGE /* where CHECK is gone */
    OK(case_stops(no_readers, &self), "a pool without readers is a bug");
    OK(case_stops(in_memory, &self), "a database in memory is a bug: readers would not see it");
#endif
    case_close(&self);
    return tap_end();
}
