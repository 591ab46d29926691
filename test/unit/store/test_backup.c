/* test_backup.c: a copy of the state holds one moment, whatever is written meanwhile. */
#include <pthread.h>

#include "unit/store/store_case.h"

struct moment {
    struct store_case *self;
    bool is_writer_held;
    enum err err; /* to return */
};

static enum err look(void *state)
{
    struct moment *moment = state;
    struct store_tx *tx;

    /* Nobody can write at the moment. */
    moment->is_writer_held = store_begin_write(moment->self->store, &tx) == ERR_BUSY;
    return moment->err;
}

/* Opens the copy in place of the store. */
static int64_t tokens_of(struct store_case *self, const char *path)
{
    struct store_case copy = *self;

    copy.store = NULL;
    snprintf(copy.path, sizeof copy.path, "%s", path);
    case_reopen(&copy);
    int64_t count = case_tokens(&copy);
    store_close(copy.store);
    return count;
}

static void insert_tokens(struct store_case *self, int count)
{
    for (int i = 0; i < count; i++) {
        struct store_tx *tx = case_write(self);

        MUST(case_token_insert(self, tx, ids_next(self->ids, CASE_NOW)) == OK);
        MUST(store_commit(tx) == OK);
    }
}

struct writer {
    struct store_case *self;
    _Atomic int done;
    _Atomic bool is_over;
};

/* Pairs of tokens, each pair in one transaction. */
static void *write_pairs(void *state)
{
    struct writer *writer = state;
    struct store_case self = *writer->self;

    self.arena = arena_new();
    while (!writer->is_over) {
        struct store_tx *tx;
        enum err err = store_begin_write(self.store, &tx);

        if (err != OK)
            continue;
        MUST(case_token_insert(&self, tx, ids_next(self.ids, CASE_NOW)) == OK);
        MUST(case_token_insert(&self, tx, ids_next(self.ids, CASE_NOW)) == OK);
        MUST(store_commit(tx) == OK);
        writer->done++;
        arena_reset(self.arena);
    }
    arena_free(self.arena);
    return NULL;
}

static enum err count_done(void *state)
{
    struct writer *writer = ((struct writer **)state)[0];
    int *ret = ((int **)state)[1];

    *ret = writer->done;
    return OK;
}

int main(void)
{
    struct store_case self;
    struct moment moment = { .self = &self };
    char path[DIRECTORY_PATH_MAX + 32];
    struct writer writer = { .self = &self };
    pthread_t thread;
    bool is_right = true;

    case_open(&self);
    insert_tokens(&self, 3);
    snprintf(path, sizeof path, "%s/copy.db", self.directory);
    OK(store_backup(self.store, path, look, &moment) == OK, "a copy is made");
    OK(moment.is_writer_held, "nobody can write at its moment");
    insert_tokens(&self, 2);
    OK(tokens_of(&self, path) == 3 && case_tokens(&self) == 5, "what comes after is not in it");
    MUST(unlink(path) == 0);
    moment.err = ERR_NO_SPACE;
    OK(store_backup(self.store, path, look, &moment) == ERR_NO_SPACE && access(path, F_OK) != 0,
       "the moment's error ends it, and leaves no file");
    moment.err = OK;
    OK(store_backup(self.store, "/nowhere/copy.db", look, &moment) == ERR_IO,
       "a path that leads nowhere is an error");
    insert_tokens(&self, 1);
    OK(case_tokens(&self) == 6, "after which the store works on");

    MUST(pthread_create(&thread, NULL, write_pairs, &writer) == 0);
    for (int i = 0; i < 20; i++) {
        int done = 0;
        void *state[] = { &writer, &done };
        int64_t tokens;

        /* On a crowded machine the writer may keep the lock for longer than one waits. */
        enum err err;
        do
            err = store_backup(self.store, path, count_done, state);
        while (err == ERR_BUSY);
        MUST(err == OK);
        tokens = tokens_of(&self, path);
        /* A commit may be in before it is counted. */
        is_right &= (tokens == 6 + 2 * done || tokens == 6 + 2 * (done + 1));
        MUST(unlink(path) == 0);
    }
    writer.is_over = true;
    MUST(pthread_join(thread, NULL) == 0);
    OK(is_right, "20 copies under writes: each is of its moment");
    case_close(&self);
    return tap_end();
}
