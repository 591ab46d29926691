/* test_store_faults.c: the disk fails at the n-th call, for every n, once and for good, and is
 * full.
 *
 * One transaction puts in two rows that belong together. Whatever fails: the error has a name, the
 * two rows are there both or not at all, and what was acknowledged is there. Opening a new
 * database goes through the same loop, and a process that is killed between its commits. */
#include "lib/fault_vfs.h"
#include "unit/store/store_case.h"

struct fault_kind_row {
    enum fault_vfs_mode mode;
    int write_code;
    const char *name;
};

static const struct fault_kind_row kinds[] = {
    { FAULT_ONCE, SQLITE_IOERR_WRITE, "once" },
    { FAULT_FOR_GOOD, SQLITE_IOERR_WRITE, "for good" },
    { FAULT_ONCE, SQLITE_FULL, "disk full once" },
    { FAULT_FOR_GOOD, SQLITE_FULL, "disk full for good" },
};

/* What one run of a loop found wrong; counted, as there are hundreds of runs. */
struct findings {
    int runs;
    int fired;
    int halves;    /* one row without the other */
    int lost;      /* acknowledged and not there */
    int strange;   /* an error that is none of a disk's */
    int unnoticed; /* commits that said OK though the disk failed for good before them */
};

static enum err pair_insert(struct store_case *self)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    ulid id = ids_next(self->ids, CASE_NOW);
    enum err err = store_begin_write(self->store, &tx);
    if (err == OK)
        err = case_token_insert(self, tx, id);
    if (err == OK)
        err = case_audit_insert(self, tx, id);
    if (err != OK)
        return err;
    err = store_commit(tx);
    tx = NULL;
    return err;
}

static bool is_of_a_disk(enum err err)
{
    return err == ERR_IO || err == ERR_NO_SPACE || err == ERR_CORRUPT || err == ERR_BUSY;
}

/* Opens with the plain VFS and looks at what is there. */
static void case_inspect(struct store_case *self, int64_t before, bool is_acknowledged,
                         struct findings *findings)
{
    struct store_tx *tx;
    int64_t tokens, audits;
    self->store = NULL;
    case_reopen(self);
    tx = case_read(self);
    tokens = case_count(self, tx, SQL_TOKEN_COUNT);
    audits = case_count(self, tx, SQL_AUDIT_COUNT);
    store_rollback(tx);
    findings->halves += tokens != audits;
    findings->lost += is_acknowledged && tokens != before + 1;
}

/* One transaction with the n-th call failing; closes under the fault too, as a crash would leave
 * it. Returns whether the fault was reached. */
static bool transaction_run(struct store_case *self, const struct fault_kind_row *kind, int64_t n,
                            struct findings *findings)
{
    struct store_config config = case_config(self, "fault");
    int64_t before = case_tokens(self);
    bool has_fired;
    char *why = NULL;
    enum err err;
    store_close(self->store);
    MUST(store_open(&config, &self->store, &why) == OK);
    fault_vfs_arm(n, kind->mode, kind->write_code);
    err = pair_insert(self);
    has_fired = fault_vfs_fired();
    findings->unnoticed += err == OK && has_fired && kind->mode == FAULT_FOR_GOOD;
    findings->strange += err != OK && !is_of_a_disk(err);
    store_close(self->store);
    fault_vfs_disarm();
    case_inspect(self, before, err == OK, findings);
    findings->runs++;
    findings->fired += has_fired;
    arena_reset(self->arena);
    return has_fired;
}

static void test_transactions(struct store_case *self)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct findings findings = { 0 };
        int64_t n = 0;
        while (transaction_run(self, &kinds[i], n, &findings))
            n++;
        printf("# %s: %d runs\n", kinds[i].name, findings.runs);
        OK(findings.fired >= 3, "%s: the loop reached the disk", kinds[i].name);
        OK(findings.halves == 0, "%s: both rows or none", kinds[i].name);
        OK(findings.lost == 0, "%s: what was acknowledged is there", kinds[i].name);
        OK(findings.strange == 0, "%s: the error is a disk's", kinds[i].name);
        OK(findings.unnoticed == 0, "%s: nothing is acknowledged after the disk is gone",
           kinds[i].name);
    }
}

/* The store stays usable after a fault that passes: the next transaction goes through. */
static void test_recovery(struct store_case *self)
{
    struct store_config config = case_config(self, "fault");
    int failed = 0, stuck = 0;
    int64_t acknowledged = case_tokens(self);
    int64_t halves, found;
    struct store_tx *tx;
    char *why = NULL;
    bool has_fired = true;
    store_close(self->store);
    MUST(store_open(&config, &self->store, &why) == OK);
    for (int64_t n = 0; has_fired; n++) {
        enum err err;
        fault_vfs_arm(n, FAULT_ONCE, SQLITE_FULL);
        err = pair_insert(self);
        has_fired = fault_vfs_fired();
        fault_vfs_disarm();
        failed += err != OK;
        stuck += pair_insert(self) != OK;
        acknowledged += 1 + (err == OK);
    }
    tx = case_read(self);
    found = case_count(self, tx, SQL_TOKEN_COUNT);
    halves = found - case_count(self, tx, SQL_AUDIT_COUNT);
    store_rollback(tx);
    OK(failed > 0 && stuck == 0, "after %d faults that passed, the next transaction goes through",
       failed);
    OK(halves == 0 && found == acknowledged, "and exactly the acknowledged ones are visible");
    case_reopen(self);
}

/* A new database: schema and all, or an error and another try that succeeds. */
static void test_creation(struct store_case *self)
{
    struct store_case fresh = *self;
    int runs = 0, strange = 0, speechless = 0;
    bool has_fired = true;
    for (int64_t n = 0; has_fired; n += 1 + n / 16) {
        struct store_config config;
        char *why = NULL;
        enum err err;
        snprintf(fresh.path, sizeof(fresh.path), "%s/new-%lld.db", self->directory, (long long)n);
        config = case_config(&fresh, "fault");
        fault_vfs_arm(n, n % 2 ? FAULT_ONCE : FAULT_FOR_GOOD, SQLITE_FULL);
        err = store_open(&config, &fresh.store, &why);
        has_fired = fault_vfs_fired();
        if (err == OK)
            store_close(fresh.store);
        fault_vfs_disarm();
        strange += err != OK && !is_of_a_disk(err);
        speechless += err != OK && !why;
        free(why);
        fresh.store = NULL;
        case_reopen(&fresh);
        strange += case_tokens(&fresh) != 0;
        store_close(fresh.store);
        runs++;
    }
    OK(runs > 10 && strange == 0, "%d starts on a failing disk: each can be tried again", runs);
    OK(speechless == 0, "and each says why");
}

/* No test can pull the plug, but that each commit asks the disk for a flush can be counted. */
static void test_flush(struct store_case *self)
{
    struct store_config config = case_config(self, "fault");
    int unflushed = 0;
    char *why = NULL;
    store_close(self->store);
    MUST(store_open(&config, &self->store, &why) == OK);
    for (int i = 0; i < 5; i++) {
        int64_t before = fault_vfs_syncs();
        MUST(pair_insert(self) == OK);
        unflushed += fault_vfs_syncs() == before;
    }
    OK(unflushed == 0, "no commit returns before a flush");
    case_reopen(self);
}

/* The child: commits pairs and tells of each through the pipe, until it is killed. */
_Noreturn static void commit_for_ever(struct store_case *self, int pipe_end, uint64_t seed)
{
    self->random = random_seeded(seed);
    self->ids = ids_new(&self->random);
    self->store = NULL;
    case_reopen(self);
    for (;;) {
        MUST(pair_insert(self) == OK);
        MUST(write(pipe_end, "x", 1) == 1);
        arena_reset(self->arena);
    }
}

static void test_kill(struct store_case *self)
{
    enum { ROUNDS = 8 };
    struct findings findings = { 0 };
    int64_t told = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t before = case_tokens(self);
        int64_t acknowledged = 0;
        char bytes[64];
        int ends[2];
        ssize_t got;
        pid_t child;
        store_close(self->store);
        MUST(pipe(ends) == 0);
        child = fork();
        MUST(child >= 0);
        if (child == 0)
            commit_for_ever(self, ends[1], 100 + (uint64_t)round);
        MUST(close(ends[1]) == 0);
        while (acknowledged < 3 + 5 * round && (got = read(ends[0], bytes, 1)) > 0)
            acknowledged += got;
        MUST(kill(child, SIGKILL) == 0);
        while ((got = read(ends[0], bytes, sizeof(bytes))) > 0)
            acknowledged += got;
        MUST(waitpid(child, NULL, 0) == child && close(ends[0]) == 0);
        case_inspect(self, before, false, &findings);
        findings.lost += case_tokens(self) < before + acknowledged;
        told += acknowledged;
    }
    OK(told >= ROUNDS * 3 && findings.lost == 0, "killed %d times: none of %lld commits is lost",
       ROUNDS, (long long)told);
    OK(findings.halves == 0, "killed: both rows or none");
}

int main(void)
{
    struct store_case self;
    fault_vfs_install();
    case_open(&self);
    test_transactions(&self);
    test_recovery(&self);
    test_flush(&self);
    test_creation(&self);
    test_kill(&self);
    case_close(&self);
    return tap_end();
}
