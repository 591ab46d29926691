/* store_case.h: what the tests of the store share: a store in a directory, and rows to put in. */
#ifndef TEST_STORE_CASE_H
#define TEST_STORE_CASE_H

#include <signal.h>
#include <sys/wait.h>

#include "lib/directory.h"
#include "lib/tap.h"
#include "store/store.h"

struct store_case {
    char directory[DIRECTORY_PATH_MAX];
    char path[DIRECTORY_PATH_MAX + 16];
    struct arena *arena;
    struct random random;
    struct ids *ids;
    struct store *store;
    ulid org;
};

/* 2026-01-01T00:00:00Z */
#define CASE_NOW ((instant){ 1767225600 * NS_PER_SECOND })

static inline struct store_config case_config(const struct store_case *self, const char *vfs)
{
    return (struct store_config){ .path = self->path, .vfs = vfs, .readers = 2, .busy_ms = 200 };
}

static inline void case_reopen(struct store_case *self)
{
    struct store_config config = case_config(self, NULL);
    char *why = NULL;
    enum err err;
    store_close(self->store);
    err = store_open(&config, &self->store, &why);
    if (err != OK)
        printf("# %s\n", why);
    MUST(err == OK);
}

/* A transaction that must begin. */
static inline struct store_tx *case_write(struct store_case *self)
{
    struct store_tx *tx = NULL;
    MUST(store_begin_write(self->store, &tx) == OK);
    return tx;
}

static inline struct store_tx *case_read(struct store_case *self)
{
    struct store_tx *tx = NULL;
    MUST(store_begin_read(self->store, &tx) == OK);
    return tx;
}

static inline enum err case_org_insert(struct store_case *self, struct store_tx *tx, ulid id)
{
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("id", id, self->arena),
                           store_text("name", TEXT("An organization")), store_int("is_default", 0),
                           store_instant("created_at", CASE_NOW, self->arena))
    };
    return store_run(tx, SQL_ORG_INSERT, &call, NULL);
}

static inline void case_open(struct store_case *self)
{
    struct store_tx *tx;
    *self = (struct store_case){ .arena = arena_new(), .random = random_seeded(7) };
    directory_make(self->directory);
    snprintf(self->path, sizeof(self->path), "%s/state.db", self->directory);
    self->ids = ids_new(&self->random);
    case_reopen(self);
    self->org = ids_next(self->ids, CASE_NOW);
    tx = case_write(self);
    MUST(case_org_insert(self, tx, self->org) == OK);
    MUST(store_commit(tx) == OK);
}

static inline void case_close(struct store_case *self)
{
    store_close(self->store);
    ids_free(self->ids);
    arena_free(self->arena);
    directory_remove(self->directory);
}

/* A token row and the audit row that belongs to it: two rows of one transaction. */
static inline enum err case_token_insert(struct store_case *self, struct store_tx *tx, ulid id)
{
    text printed = ulid_text(self->arena, id);
    struct store_call call = {
        .args = STORE_ARGS(store_text("id", printed), store_ulid("org_id", self->org, self->arena),
                           store_text("kind", TEXT("system")), store_text("name", TEXT("A token")),
                           store_text("role", TEXT("viewer")), store_text("hash", printed),
                           store_text("hint", TEXT("abcd")),
                           store_instant("created_at", CASE_NOW, self->arena),
                           store_instant("expires_at", INSTANT_NONE, self->arena))
    };
    return store_run(tx, SQL_TOKEN_INSERT, &call, NULL);
}

static inline enum err case_audit_insert(struct store_case *self, struct store_tx *tx, ulid entity)
{
    struct store_call call = {
        .args = STORE_ARGS(
            store_ulid("id", ids_next(self->ids, CASE_NOW), self->arena),
            store_ulid("org_id", self->org, self->arena),
            store_instant("created_at", CASE_NOW, self->arena), store_text("actor", TEXT("test")),
            store_text("action", TEXT("token.create")), store_text("entity_type", TEXT("token")),
            store_ulid("entity_id", entity, self->arena), store_text("request_id", TEXT_NONE),
            store_text("detail", TEXT_NONE))
    };
    return store_run(tx, SQL_AUDIT_INSERT, &call, NULL);
}

/* How many rows a statement counts for the organization, seen from `tx`. */
static inline int64_t case_count(struct store_case *self, struct store_tx *tx, enum sql statement)
{
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", self->org, self->arena)) };
    int64_t count = -1;
    MUST(store_number(tx, statement, &call, &count) == OK);
    return count;
}

static inline int64_t case_tokens(struct store_case *self)
{
    struct store_tx *tx = case_read(self);
    int64_t count = case_count(self, tx, SQL_TOKEN_COUNT);
    store_rollback(tx);
    return count;
}

/* Whether `function` stops the process as a bug does, tried in a child. */
static inline bool case_stops(void (*function)(void *), void *state)
{
    int status = 0;
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) {
        MUST(freopen("/dev/null", "w", stderr) != NULL);
        function(state);
        _exit(0);
    }
    MUST(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
