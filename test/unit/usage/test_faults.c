/* test_faults.c: every file call of the store made to fail, once and for good, in three ways.
 *
 * The rule: what was acknowledged is there afterwards, once; what was not is there whole or not at
 * all; and the store recovers without a restart when the files work again.
 */
#include "unit/usage/kit.h"

#define BATCHES      12U
#define BATCH_EVENTS 3U
#define EVENTS       (BATCHES * BATCH_EVENTS)

/* Batch i has events 3 i, 3 i + 1, 3 i + 2, of three orgs. */
static enum err batch_append(struct usage *usage, unsigned i, struct usage_receipt *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event events[BATCH_EVENTS];
    for (unsigned k = 0; k < BATCH_EVENTS; k++)
        events[k] = kit_event(arena, i * BATCH_EVENTS + k);
    return usage_append_wait(usage, events, BATCH_EVENTS, ret);
}

/* What went wrong with what a store holds; NULL when nothing. */
static const char *flaw_in(const char *directory, const bool *is_acknowledged, bool must_be_all)
{
    unsigned times[EVENTS] = { 0 };
    struct kit_census census = { .room = EVENTS, .times = times };
    struct usage_config config = kit_config(directory, kit_io_quick(), 1500);
    struct usage *usage;
    enum err err;
    if (usage_open(&config, &usage, NULL) != OK)
        return "does not open";
    err = kit_take_census(usage, &census);
    usage_close(usage);
    if (err != OK || census.is_wrong)
        return "does not read";
    for (unsigned i = 0; i < BATCHES; i++) {
        const unsigned *first = &times[i * BATCH_EVENTS];
        if (first[0] > 1)
            return "has an event twice";
        if (first[0] != first[1] || first[0] != first[2])
            return "has half a batch";
        if ((is_acknowledged[i] || must_be_all) && first[0] != 1)
            return "lost a batch";
    }
    return NULL;
}

/* One plan of faults, and what a run under it showed. */
struct run {
    enum kit_fault fault;
    bool is_for_good;
    int number;
    long fail_at;
    unsigned refused; /* batches */
    long failed;      /* calls */
    const char *flaw;
};

static void run_appends(struct run *run, struct usage *usage, struct kit_io *io, unsigned from,
                        bool *is_acknowledged)
{
    enum err want = run->number == ENOSPC ? ERR_NO_SPACE : ERR_IO;
    for (unsigned i = from; i < from + BATCHES / 2; i++) {
        struct usage_receipt receipt;
        struct usage_stats stats;
        enum err err = batch_append(usage, i, &receipt);
        usage_stats(usage, &stats);
        is_acknowledged[i] = err == OK;
        run->refused += err != OK;
        if (err != OK && err != want)
            run->flaw = "names another error";
        if (stats.is_failing != (err != OK))
            run->flaw = "does not tell that it is failing";
        if (err == OK && run->is_for_good && io->failed > 0 && io->fail_at >= 0)
            run->flaw = "acknowledged what could not be written";
    }
}

/* Opens under the plan; when that fails, the files work again and it must open. */
static struct usage *run_open(struct run *run, struct kit_io *io, const char *directory)
{
    struct usage_config config = kit_config(directory, &io->io, 1500);
    struct usage *usage;
    if (usage_open(&config, &usage, NULL) == OK)
        return usage;
    if (io->failed == 0)
        run->flaw = "does not open although nothing failed";
    io->fail_at = -1;
    MUST(usage_open(&config, &usage, NULL) == OK);
    return usage;
}

/* Half of the batches, a restart, the other half; then without faults all of them once more. */
static void run_plan(struct run *run, const char *directory)
{
    struct kit_io io = kit_io_make();
    bool is_acknowledged[BATCHES] = { false };
    struct usage_receipt receipt;
    struct usage *usage;

    io.is_quick = true;
    io.fault = run->fault;
    io.is_for_good = run->is_for_good;
    io.number = run->number;
    io.fail_at = run->fail_at;
    kit_empty_directory(directory);
    usage = run_open(run, &io, directory);
    run_appends(run, usage, &io, 0, is_acknowledged);
    usage_close(usage);
    usage = run_open(run, &io, directory);
    run_appends(run, usage, &io, BATCHES / 2, is_acknowledged);
    io.fail_at = -1;
    if (batch_append(usage, 0, &receipt) != OK)
        run->flaw = "does not recover";
    is_acknowledged[0] = true;
    usage_close(usage);
    run->failed = io.failed;
    if (!run->flaw)
        run->flaw = flaw_in(directory, is_acknowledged, false);

    io = kit_io_make();
    io.is_quick = true;
    usage = run_open(run, &io, directory);
    for (unsigned i = 0; i < BATCHES; i++)
        if (batch_append(usage, i, &receipt) != OK || receipt.conflicts != 0 ||
            receipt.accepted + receipt.duplicates != BATCH_EVENTS)
            run->flaw = "does not take the retries";
    usage_close(usage);
    if (!run->flaw)
        run->flaw = flaw_in(directory, is_acknowledged, true);
}

static void test_kind(enum kit_fault fault, bool is_for_good, int number, const char *name)
{
    char directory[KIT_PATH];
    unsigned refused_once = 0;
    unsigned refused = 0;
    struct run run = { .failed = 1 };
    long n;

    kit_make_directory(directory);
    for (n = 0; run.failed > 0 && !run.flaw; n++) {
        run = (struct run){
            .fault = fault, .is_for_good = is_for_good, .number = number, .fail_at = n
        };
        run_plan(&run, directory);
        refused += run.refused;
        if (run.refused > refused_once)
            refused_once = run.refused;
    }
    OK(!run.flaw, "%s, %s: call %ld of %ld%s%s", name, is_for_good ? "for good" : "once", n - 1,
       n - 1, run.flaw ? ": the store " : "", run.flaw ? run.flaw : "");
    OK(n > 30, "%s: there were calls to fail (%ld)", name, n - 1);
    if (is_for_good)
        OK(refused_once >= BATCHES / 2, "%s for good: appends are refused (%u)", name, refused);
    else
        OK(refused_once <= 1, "%s once: at most one batch is refused", name);
    kit_remove_directory(directory);
}

/* A disk that is full for long: each append says so, no files pile up, and it goes on after. */
static void test_full_disk(void)
{
    char directory[KIT_PATH];
    struct kit_io io = kit_io_make();
    struct usage_config config = { .directory = directory, .io = &io.io };
    struct usage_receipt receipt;
    struct usage *usage;
    bool is_refused = true;

    kit_make_directory(directory);
    MUST(usage_open(&config, &usage, NULL) == OK);
    MUST(batch_append(usage, 0, &receipt) == OK);
    io.fault = KIT_FAULT_TORN;
    io.number = ENOSPC;
    io.is_for_good = true;
    io.fail_at = io.calls;
    for (unsigned i = 0; i < 50; i++)
        is_refused = is_refused && batch_append(usage, 1, &receipt) == ERR_NO_SPACE;
    OK(is_refused, "a full disk is ERR_NO_SPACE each time");
    OK(batch_append(usage, 0, &receipt) == OK && receipt.duplicates == BATCH_EVENTS,
       "duplicates of durable events are still answered");
    io.fail_at = -1;
    OK(batch_append(usage, 1, &receipt) == OK && receipt.sequence_last == 2 * BATCH_EVENTS,
       "space returns: the next append succeeds, without gaps in the numbers");
    usage_close(usage);
    OK(access(kit_segment(directory, 2), F_OK) == 0 && access(kit_segment(directory, 3), F_OK) != 0,
       "fifty failures made one fresh file");
    kit_remove_directory(directory);
}

int main(void)
{
    static const char *names[KIT_FAULT_KINDS] = { "failing calls", "torn calls", "short writes" };
    for (int fault = 0; fault < KIT_FAULT_SHORT; fault++) {
        test_kind((enum kit_fault)fault, false, EIO, names[fault]);
        test_kind((enum kit_fault)fault, true, ENOSPC, names[fault]);
    }
    test_kind(KIT_FAULT_SHORT, false, ENOSPC, names[KIT_FAULT_SHORT]);
    test_full_disk();
    return tap_end();
}
