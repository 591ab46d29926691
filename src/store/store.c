/* store.c: the pool. One writer and some readers, each taken by one transaction at a time. */
#include "store/store.h"

#include <pthread.h>

#include "base/clock.h"
#include "store/connection.h"
#include "store/migration.h"

struct store {
    pthread_mutex_t mutex; /* guards is_taken of every transaction */
    pthread_cond_t writer_is_free;
    pthread_cond_t reader_is_free;
    int busy_ms;
    int schema_version;
    int count;                             /* of transactions */
    struct store_tx part[STORE_PARTS_MAX]; /* of the writer's */
    struct store_tx tx[];                  /* the first is the writer's */
};

/* The transaction that this thread's transactions are parts of for now. */
static _Thread_local struct store_tx *enclosing;
static _Thread_local int enclosures; /* how deep */

static struct store *store_new(const struct store_config *config)
{
    int count = config->readers + 1;
    struct store *store = calloc(1, sizeof(*store) + (size_t)count * sizeof(store->tx[0]));
    pthread_condattr_t attr;
    MUST(store != NULL);
    MUST(pthread_condattr_init(&attr) == 0);
    MUST(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    MUST(pthread_mutex_init(&store->mutex, NULL) == 0);
    MUST(pthread_cond_init(&store->writer_is_free, &attr) == 0);
    MUST(pthread_cond_init(&store->reader_is_free, &attr) == 0);
    MUST(pthread_condattr_destroy(&attr) == 0);
    store->busy_ms = config->busy_ms;
    store->count = count;
    return store;
}

static enum err readers_open(struct store *store, const struct store_config *config, char **ret_why)
{
    for (int i = 1; i < store->count; i++) {
        enum err err = connection_open(config, false, &store->tx[i].connection, ret_why);
        if (err == OK)
            err = connection_prepare(store->tx[i].connection, ret_why);
        if (err != OK)
            return err;
    }
    return OK;
}

enum err store_open(const struct store_config *config, struct store **ret, char **ret_why)
{
    struct store *store;
    char *why = NULL;
    enum err err;
    CHECK(config != NULL && ret != NULL && ret_why != NULL);
    CHECK(config->path != NULL && config->readers >= 1 && config->busy_ms >= 0);
    CHECK(strcmp(config->path, ":memory:") != 0);
    store = store_new(config);
    err = connection_open(config, true, &store->tx[0].connection, &why);
    if (err == OK)
        err = migration_run_all(store->tx[0].connection, &why);
    if (err == OK)
        err = migration_newest_in(store->tx[0].connection, &store->schema_version);
    if (err == OK)
        err = connection_prepare(store->tx[0].connection, &why);
    if (err == OK)
        err = readers_open(store, config, &why);
    if (err != OK) {
        store_close(store);
        *ret_why = why;
        return err;
    }
    CHECK(why == NULL);
    *ret = store;
    return OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    /* The writer last: who closes last folds the log back into the file. */
    for (int i = store->count - 1; i >= 0; i--) {
        CHECK(!store->tx[i].is_taken);
        connection_close(store->tx[i].connection);
    }
    MUST(pthread_cond_destroy(&store->reader_is_free) == 0);
    MUST(pthread_cond_destroy(&store->writer_is_free) == 0);
    MUST(pthread_mutex_destroy(&store->mutex) == 0);
    free(store);
}

int store_schema_version(struct store *store)
{
    CHECK(store != NULL);
    return store->schema_version;
}

int store_schema_newest(void)
{
    size_t count;
    const struct sql_migration *all = sql_migrations_all(&count);
    CHECK(count > 0);
    return all[count - 1].number;
}

static struct timespec deadline_of(int busy_ms)
{
    int64_t ns = clock_monotonic_ns() + (int64_t)busy_ms * 1000000;
    return (struct timespec){ .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };
}

/* A free one among tx[from] to tx[to - 1]; NULL when all are taken. The mutex is held. */
static struct store_tx *free_find(struct store *store, int from, int to)
{
    CHECK(from < to && to <= store->count);
    for (int i = from; i < to; i++)
        if (!store->tx[i].is_taken)
            return &store->tx[i];
    return NULL;
}

static enum err tx_take(struct store *store, bool is_writer, struct store_tx **ret)
{
    struct timespec deadline = deadline_of(store->busy_ms);
    pthread_cond_t *is_free = is_writer ? &store->writer_is_free : &store->reader_is_free;
    int from = is_writer ? 0 : 1;
    int to = is_writer ? 1 : store->count;
    struct store_tx *tx;
    int code = 0;
    MUST(pthread_mutex_lock(&store->mutex) == 0);
    while (!(tx = free_find(store, from, to)) && code == 0)
        code = pthread_cond_timedwait(is_free, &store->mutex, &deadline);
    if (tx) {
        tx->is_taken = true;
        tx->store = store;
        tx->failed = OK;
        tx->whole = NULL;
        tx->parts = 0;
    }
    MUST(pthread_mutex_unlock(&store->mutex) == 0);
    if (!tx)
        return ERR_BUSY;
    *ret = tx;
    return OK;
}

static void tx_give_back(struct store_tx *tx)
{
    struct store *store = tx->store;
    CHECK(tx->is_taken);
    MUST(pthread_mutex_lock(&store->mutex) == 0);
    tx->is_taken = false;
    MUST(pthread_cond_signal(tx->connection->is_writer ? &store->writer_is_free
                                                       : &store->reader_is_free) == 0);
    MUST(pthread_mutex_unlock(&store->mutex) == 0);
}

static struct store_tx *part_free(struct store *store)
{
    for (size_t i = 0; i < STORE_PARTS_MAX; i++)
        if (!store->part[i].is_taken)
            return &store->part[i];
    return NULL;
}

/* Begins a part of the enclosing transaction. One that reads has nothing to undo, and may be open
 * beside others, as transactions that read may. */
static enum err part_begin(struct store_tx *whole, bool is_writer, struct store_tx **ret)
{
    struct store_tx *part = part_free(whole->store);
    enum err err = whole->failed;
    CHECK(part != NULL);
    CHECK(!is_writer || whole->parts == enclosures - 1);
    if (err == OK && is_writer)
        err = connection_exec(whole->connection, "SAVEPOINT part");
    if (err != OK)
        return err;
    *part = (struct store_tx){ .store = whole->store,
                               .connection = whole->connection,
                               .is_taken = true,
                               .whole = whole,
                               .parts = is_writer ? 1 : 0 };
    whole->parts += part->parts;
    *ret = part;
    return OK;
}

/* Ends it: what it did is kept, or undone. When even the undoing fails, all has failed. */
static enum err part_end(struct store_tx *part, bool is_kept)
{
    struct store_tx *whole = part->whole;
    enum err err = is_kept ? part->failed : OK;
    CHECK(part->is_taken);
    part->is_taken = false;
    if (part->parts == 0)
        return err;
    whole->parts--;
    if (is_kept && err == OK)
        err = connection_exec(whole->connection, "RELEASE part");
    if (is_kept && err == OK)
        return OK;
    whole->failed = connection_exec(whole->connection, "ROLLBACK TO part; RELEASE part");
    return err;
}

/* The transaction that a part is of, or itself. */
static struct store_tx *whole_of(struct store_tx *tx)
{
    return tx->whole ? tx->whole : tx;
}

void store_enclose(struct store_tx *tx)
{
    CHECK(tx != NULL && tx->is_taken && tx->connection->is_writer);
    CHECK(enclosing == NULL || enclosing == whole_of(tx));
    CHECK(whole_of(tx)->parts == enclosures);
    enclosing = whole_of(tx);
    enclosures++;
}

void store_disclose(struct store_tx *tx)
{
    CHECK(tx != NULL && whole_of(tx) == enclosing && enclosing->parts == enclosures - 1);
    if (--enclosures == 0)
        enclosing = NULL;
}

static enum err tx_begin(struct store *store, bool is_writer, struct store_tx **ret)
{
    struct store_tx *tx;
    enum err err;
    CHECK(store != NULL && ret != NULL);
    if (enclosing != NULL && enclosing->store == store)
        return part_begin(enclosing, is_writer, ret);
    err = tx_take(store, is_writer, &tx);
    if (err != OK)
        return err;
    CHECK(tx->connection->is_writer == is_writer);
    /* In case the last rollback did not get through. */
    connection_rollback(tx->connection);
    err = connection_step(tx->connection->begin);
    /* BEGIN alone takes no snapshot: the first read does. */
    if (err == OK && !is_writer)
        err = connection_step(tx->connection->pin);
    if (err != OK) {
        store_rollback(tx);
        return err;
    }
    *ret = tx;
    return OK;
}

enum err store_begin_read(struct store *store, struct store_tx **ret)
{
    return tx_begin(store, false, ret);
}

enum err store_begin_write(struct store *store, struct store_tx **ret)
{
    return tx_begin(store, true, ret);
}

enum err store_commit(struct store_tx *tx)
{
    enum err err;
    CHECK(tx != NULL && tx->is_taken);
    if (tx->whole)
        return part_end(tx, true);
    CHECK(tx != enclosing);
    err = tx->failed;
    if (err == OK)
        err = connection_step(tx->connection->commit);
    store_rollback(tx); /* of what is still open, which is nothing after a commit */
    return err;
}

void store_rollback(struct store_tx *tx)
{
    CHECK(tx != NULL && tx->is_taken);
    if (tx->whole) {
        (void)part_end(tx, false);
        return;
    }
    CHECK(tx != enclosing);
    connection_rollback(tx->connection);
    tx_give_back(tx);
}

void store_tx_cleanup(struct store_tx **tx)
{
    CHECK(tx != NULL);
    if (*tx)
        store_rollback(*tx);
}

enum err store_finish(struct store_tx **tx, enum err err)
{
    struct store_tx *ending = *tx;

    CHECK(ending || err != OK);
    *tx = NULL;
    if (err == OK)
        return store_commit(ending);
    if (ending)
        store_rollback(ending);
    return err;
}
