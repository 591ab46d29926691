/* test_seal_faults.c: every file call made to fail, also those of sealing, merging and starting.
 *
 * The rule: nothing acknowledged is lost or there twice; reading goes on; sealing is tried again
 * and succeeds when the files work; and in the end no file is left that nobody needs.
 */
#include "unit/usage/kit.h"
#include "usage/usage_inside.h"

#define BATCHES      11U
#define BATCH_EVENTS 3U
#define EVENTS       (BATCHES * BATCH_EVENTS)

static enum err batch_append(struct usage *usage, unsigned i, struct usage_receipt *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event events[BATCH_EVENTS];
    for (unsigned k = 0; k < BATCH_EVENTS; k++)
        events[k] = kit_event(arena, i * BATCH_EVENTS + k);
    return usage_append_wait(usage, events, BATCH_EVENTS, ret);
}

static struct usage_config config_of(const char *directory, struct usage_io *io)
{
    struct usage_config config = kit_config(directory, io, 4000);
    config.seal_rows = 64;
    config.cache_bytes = 1; /* so that reading has to read */
    return config;
}

static const char *flaw_of(struct usage *usage, const bool *is_acknowledged, bool must_be_all)
{
    unsigned times[EVENTS] = { 0 };
    struct kit_census census = { .room = EVENTS, .times = times };
    if (kit_take_census(usage, &census) != OK || census.is_wrong)
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
    long fail_at;
    unsigned refused; /* batches and sealings */
    long failed;      /* calls */
    const char *flaw;
};

static struct usage *run_open(struct run *run, struct kit_io *io, const char *directory)
{
    struct usage_config config = config_of(directory, &io->io);
    struct usage *usage;
    if (usage_open(&config, &usage, NULL) == OK)
        return usage;
    if (io->failed == 0)
        run->flaw = "does not open although nothing failed";
    io->fail_at = -1;
    MUST(usage_open(&config, &usage, NULL) == OK);
    return usage;
}

/* Some batches, each sealed by itself, so that small segments and runs come to be merged. */
static void run_batches(struct run *run, struct usage *usage, unsigned from, bool *is_acknowledged)
{
    for (unsigned i = from; i < from + BATCHES / 2 + 1 && i < BATCHES; i++) {
        struct usage_receipt receipt;
        is_acknowledged[i] = batch_append(usage, i, &receipt) == OK;
        run->refused += !is_acknowledged[i];
        run->refused += usage_seal(usage) != OK;
        seal_await_rest(usage);
    }
}

static unsigned files_in(const char *directory, const char *prefix)
{
    unsigned count = 0;
    struct dirent *entry;
    DIR *listing = opendir(directory);
    MUST(listing != NULL);
    while ((entry = readdir(listing)) != NULL)
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    MUST(closedir(listing) == 0);
    return count;
}

/* The files work again: everything is taken, sealed and there, now and after a restart. */
static void run_recover(struct run *run, struct kit_io *io, struct usage *usage,
                        const char *directory, const bool *is_acknowledged)
{
    struct usage_stats stats;
    struct usage_receipt receipt;
    io->fail_at = -1;
    if (!run->flaw)
        run->flaw = flaw_of(usage, is_acknowledged, false);
    for (unsigned i = 0; i < BATCHES && !run->flaw; i++)
        if (batch_append(usage, i, &receipt) != OK || receipt.conflicts != 0 ||
            receipt.accepted + receipt.duplicates != BATCH_EVENTS ||
            (is_acknowledged[i] && receipt.accepted != 0))
            run->flaw = "does not take the retries";
    if (usage_seal(usage) != OK || usage_sealed_sequence(usage) != EVENTS)
        run->flaw = "does not seal";
    seal_await_rest(usage);
    usage_close(usage);
    usage = run_open(run, io, directory);
    if (!run->flaw)
        run->flaw = flaw_of(usage, is_acknowledged, true);
    usage_stats(usage, &stats);
    usage_close(usage);
    if (!run->flaw && (files_in(directory, "sealed-") != stats.sealed_segments ||
                       files_in(directory, "usage-") != 1 || files_in(directory, "keys-") > 8))
        run->flaw = "leaves files behind";
}

static void run_plan(struct run *run, const char *directory)
{
    struct kit_io io = kit_io_make();
    bool is_acknowledged[BATCHES] = { false };
    struct usage *usage;

    io.is_quick = true;
    io.fault = run->fault;
    io.is_for_good = run->is_for_good;
    io.fail_at = run->fail_at;
    io.number = run->fault == KIT_FAULT_ERROR ? ENOSPC : EIO;
    kit_empty_directory(directory);
    usage = run_open(run, &io, directory);
    run_batches(run, usage, 0, is_acknowledged);
    usage_close(usage);
    usage = run_open(run, &io, directory);
    run_batches(run, usage, BATCHES / 2 + 1, is_acknowledged);
    run->failed = io.failed;
    run_recover(run, &io, usage, directory, is_acknowledged);
}

/* Under a sanitizer everything takes several times as long: fewer places are tried there. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDES 6
#else
#define STRIDES 1
#endif

static void test_kind(enum kit_fault fault, bool is_for_good, long stride, const char *name)
{
    char directory[KIT_PATH];
    struct run run = { .failed = 1 };
    unsigned refused_most = 0;
    long n;
    kit_make_directory(directory);
    for (n = 0; run.failed > 0 && !run.flaw; n += stride * STRIDES) {
        run = (struct run){ .fault = fault, .is_for_good = is_for_good, .fail_at = n };
        run_plan(&run, directory);
        if (run.refused > refused_most)
            refused_most = run.refused;
    }
    OK(!run.flaw, "%s, %s: call %ld%s%s", name, is_for_good ? "for good" : "once", n - stride,
       run.flaw ? ": the store " : "", run.flaw ? run.flaw : "");
    OK(n > 200, "%s: there were calls to fail (%ld)", name, n - stride);
    if (!is_for_good)
        OK(refused_most <= 2, "one failure fails a batch or a sealing, and seldom both (%u)",
           refused_most);
    kit_remove_directory(directory);
}

int main(void)
{
    test_kind(KIT_FAULT_ERROR, false, 1, "failing calls");
    test_kind(KIT_FAULT_ERROR, true, 7, "failing calls");
    test_kind(KIT_FAULT_TORN, false, 2, "torn calls");
    test_kind(KIT_FAULT_TORN, true, 7, "torn calls");
    test_kind(KIT_FAULT_SHORT, false, 3, "short calls");
    return tap_end();
}
