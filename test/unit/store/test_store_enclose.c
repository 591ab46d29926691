/* test_store_enclose.c: transactions that are parts of one. */
#include "unit/store/store_case.h"

static int64_t tokens_in(struct store_case *self, struct store_tx *tx)
{
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", self->org, self->arena)) };
    int64_t count = -1;

    MUST(store_number(tx, SQL_TOKEN_COUNT, &call, &count) == OK);
    return count;
}

/* As a command sees it, in a transaction of its own. */
static int64_t tokens_seen(struct store_case *self)
{
    struct store_tx *tx = case_read(self);
    int64_t count = tokens_in(self, tx);

    store_rollback(tx);
    return count;
}

static enum err add_token(struct store_case *self, ulid id, bool is_kept)
{
    struct store_tx *tx = case_write(self);
    enum err err = case_token_insert(self, tx, id);

    return store_finish(&tx, is_kept ? err : ERR_REFUSED);
}

static ulid next(struct store_case *self)
{
    return ids_next(self->ids, CASE_NOW);
}

static void test_kept(struct store_case *self, bool is_committed)
{
    int64_t before = tokens_seen(self);
    struct store_tx *tx = case_write(self);

    store_enclose(tx);
    OK(add_token(self, next(self), true) == OK, "a part is committed");
    OK(tokens_seen(self) == before + 1, "the next part sees it");
    OK(add_token(self, next(self), false) == ERR_REFUSED, "another is rolled back");
    OK(tokens_seen(self) == before + 1, "and leaves nothing");
    store_disclose(tx);
    OK(tokens_seen(self) == before, "nobody else sees any of it");
    if (is_committed)
        OK(store_commit(tx) == OK, "the whole is committed");
    else
        store_rollback(tx);
    OK(tokens_seen(self) == before + is_committed, "all of it is there, or nothing");
}

static void test_failed(struct store_case *self)
{
    struct store_tx *tx = case_write(self);
    ulid id = next(self);
    int64_t before = tokens_in(self, tx);

    store_enclose(tx);
    OK(add_token(self, id, true) == OK && add_token(self, id, true) == ERR_CONFLICT,
       "a part that fails tells its error");
    OK(tokens_seen(self) == before + 1, "what was before it stays");
    OK(add_token(self, next(self), true) == OK, "and others go on");
    store_disclose(tx);
    OK(store_commit(tx) == OK && tokens_seen(self) == before + 2, "the whole can be committed");
}

/* A command of parts that is itself a part of another. */
static enum err add_two(struct store_case *self, bool is_second_kept)
{
    struct store_tx *tx = case_write(self);
    enum err err;

    store_enclose(tx);
    err = add_token(self, next(self), true);
    if (err == OK)
        err = add_token(self, next(self), is_second_kept);
    store_disclose(tx);
    return store_finish(&tx, err);
}

static void test_nested(struct store_case *self)
{
    int64_t before = tokens_seen(self);
    struct store_tx *tx = case_write(self);

    store_enclose(tx);
    OK(add_two(self, true) == OK, "a part of parts is committed");
    OK(tokens_seen(self) == before + 2, "the next part sees both");
    OK(add_two(self, false) == ERR_REFUSED, "another fails in its second part");
    OK(tokens_seen(self) == before + 2, "and leaves nothing, of its first one neither");
    OK(add_token(self, next(self), true) == OK, "others go on");
    store_disclose(tx);
    OK(tokens_seen(self) == before, "nobody else sees any of it");
    OK(store_commit(tx) == OK && tokens_seen(self) == before + 3, "the whole is committed");
}

int main(void)
{
    struct store_case self;

    case_open(&self);
    test_kept(&self, false);
    test_kept(&self, true);
    test_failed(&self);
    test_nested(&self);
    case_close(&self);
    return tap_end();
}
