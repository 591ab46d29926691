/* test_store_threads.c: many writers and readers at once: writers take turns and lose nothing,
 * readers always see whole transactions. */
#include <pthread.h>

#include "unit/store/store_case.h"

enum { WRITERS = 4, READERS = 3, TURNS = 50 };

struct worker {
    pthread_t thread;
    struct store_case self; /* a copy with an arena of its own */
    bool is_writer;
    bool has_seen_half;
    int errors;
};

static void write_turn(struct worker *worker)
{
    struct store_case *self = &worker->self;
    ulid id = ids_next(self->ids, CASE_NOW);
    struct store_tx *tx;
    if (store_begin_write(self->store, &tx) != OK) {
        worker->errors++;
        return;
    }
    if (case_token_insert(self, tx, id) != OK || case_audit_insert(self, tx, id) != OK)
        worker->errors++;
    if (store_commit(tx) != OK)
        worker->errors++;
}

static void read_turn(struct worker *worker)
{
    struct store_case *self = &worker->self;
    struct store_tx *tx;
    if (store_begin_read(self->store, &tx) != OK) {
        worker->errors++;
        return;
    }
    if (case_count(self, tx, SQL_TOKEN_COUNT) != case_count(self, tx, SQL_AUDIT_COUNT))
        worker->has_seen_half = true;
    store_rollback(tx);
}

static void *work(void *state)
{
    struct worker *worker = state;
    for (int i = 0; i < TURNS; i++) {
        if (worker->is_writer)
            write_turn(worker);
        else
            read_turn(worker);
        arena_reset(worker->self.arena);
    }
    return NULL;
}

int main(void)
{
    struct store_case self;
    struct worker workers[WRITERS + READERS] = { 0 };
    struct store_config config;
    char *why;
    int errors = 0;
    bool has_seen_half = false;
    case_open(&self);
    store_close(self.store);
    config = case_config(&self, NULL);
    config.busy_ms = 60000;
    MUST(store_open(&config, &self.store, &why) == OK);
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        workers[i].self = self;
        workers[i].self.arena = arena_new();
        workers[i].is_writer = i < WRITERS;
        MUST(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        MUST(pthread_join(workers[i].thread, NULL) == 0);
        errors += workers[i].errors;
        has_seen_half |= workers[i].has_seen_half;
        arena_free(workers[i].self.arena);
    }
    OK(errors == 0, "nobody is turned away: who waits gets a turn");
    OK(!has_seen_half, "no reader sees half a transaction, with more readers than connections");
    OK(case_tokens(&self) == WRITERS * TURNS, "every write is there");
    case_close(&self);
    return tap_end();
}
