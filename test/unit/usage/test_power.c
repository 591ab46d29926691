/* test_power.c: the power goes at every file call, on a disk that keeps what it likes (kit_disk.h),
 * while events are appended, and while they are sealed and merged as well.
 *
 * The rule: whatever the disk kept, the store opens, and every acknowledged batch is in it, once.
 * Never ERR_CORRUPT: a crash is not damage.
 */
#include <limits.h>

#include "unit/usage/kit_disk.h"
#include "usage/usage_inside.h"

#define BATCHES       10U /* enough for segments and runs to be merged */
#define BATCH_EVENTS  2U
#define SEGMENT_BYTES 1000U

/* ---- the runs ---- */

/* What happens in a run, by number of call. */
struct plan {
    long fail_at;
    long kill_at;
    long power_at;
    bool is_sealed; /* after each batch */
    bool has_room;  /* files of the log are made ahead */
};

static enum err batch_append(struct usage *usage, unsigned i, struct usage_receipt *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event events[BATCH_EVENTS];
    for (unsigned k = 0; k < BATCH_EVENTS; k++)
        events[k] = kit_event(arena, i * BATCH_EVENTS + k);
    return usage_append_wait(usage, events, BATCH_EVENTS, ret);
}

/* Seals what there is, or fails to; all that follows from it is done when it returns. */
static void run_seal(struct usage *usage)
{
    (void)!usage_seal(usage);
    seal_await_rest(usage);
}

/* Appends with two restarts on the way; after a death of the process only, the cache lives on. */
static void run_store(struct disk *disk, const struct plan *plan, const char *directory,
                      bool *is_acknowledged)
{
    struct usage_config config = kit_config(directory, &disk->io, SEGMENT_BYTES);
    config.seal_rows = 16;
    config.room_bytes = plan->has_room ? SEGMENT_BYTES / 2 : SIZE_MAX;
    for (unsigned i = 0; i < BATCHES && !disk->is_dead;) {
        struct usage_receipt receipt;
        struct usage *usage;
        disk->is_killed = false;
        if (usage_open(&config, &usage, NULL) != OK) {
            MUST(disk->fail_at >= 0 || disk->kill_at >= 0 || disk->is_dead);
            continue;
        }
        do {
            is_acknowledged[i] = batch_append(usage, i, &receipt) == OK;
            if (!is_acknowledged[i] && !disk->is_killed && disk->fail_at % 2 == 0)
                is_acknowledged[i] = batch_append(usage, i, &receipt) == OK;
            if (!is_acknowledged[i] && disk->is_killed)
                break; /* the next process is sent the batch again */
            i++;
            if (plan->has_room)
                seal_await_rest(usage);
            if (plan->is_sealed)
                run_seal(usage);
        } while (i % 3 != 0 && i < BATCHES);
        usage_close(usage);
    }
}

static const char *flaw_in(const char *directory, const bool *is_acknowledged)
{
    unsigned times[BATCHES * BATCH_EVENTS] = { 0 };
    struct kit_census census = { .room = COUNT_OF(times), .times = times };
    struct usage_config config = kit_config(directory, kit_io_quick(), SEGMENT_BYTES);
    struct usage *usage;
    enum err err = usage_open(&config, &usage, NULL);
    if (err != OK)
        return err_name(err);
    err = kit_take_census(usage, &census);
    usage_close(usage);
    if (err != OK || census.is_wrong)
        return "does not read";
    for (unsigned i = 0; i < BATCHES; i++) {
        if (times[2 * i] > 1)
            return "has an event twice";
        if (times[2 * i] != times[2 * i + 1])
            return "has half a batch";
        if (is_acknowledged[i] && times[2 * i] != 1)
            return "lost an acknowledged batch";
    }
    return NULL;
}

/* One run; false when the power outlasted it. */
static bool run_once(struct disk *disk, const struct plan *plan, const char *directory,
                     uint64_t seed, const char **ret_flaw)
{
    bool is_acknowledged[BATCHES] = { false };

    disk_begin(disk, seed);
    disk->fail_at = plan->fail_at;
    disk->kill_at = plan->kill_at;
    disk->power_at = plan->power_at;
    kit_empty_directory(directory);
    run_store(disk, plan, directory, is_acknowledged);
    disk_settle(disk, directory);
    *ret_flaw = flaw_in(directory, is_acknowledged);
    disk_end(disk);
    return disk->is_dead;
}

/* Under a sanitizer everything takes several times as long: fewer places are tried there. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDES 6
#else
#define STRIDES 1
#endif

/* The power goes before call `plan.power_at`, then `stride` later, … until it outlasts the run.
 * About how many calls there were. */
static long test_power(struct disk *disk, struct plan plan, long stride, uint64_t seed,
                       const char *what)
{
    char directory[KIT_PATH];
    const char *flaw = NULL;
    long runs = 0;
    kit_make_directory(directory);
    while (run_once(disk, &plan, directory, seed + (uint64_t)runs, &flaw) && !flaw) {
        plan.power_at += stride * STRIDES;
        runs++;
    }
    OK(!flaw, "%s at call %ld, the power goes at %ld, %ld runs%s%s", what,
       plan.fail_at > plan.kill_at ? plan.fail_at : plan.kill_at, plan.power_at, runs,
       flaw ? ": " : "", flaw ? flaw : "");
    kit_remove_directory(directory);
    return plan.power_at;
}

/* All ways to go wrong at each `stride`-th call, with the power going at each `stride`-th after it.
 */
static void test_all(struct disk *disk, struct plan plan, long stride, uint64_t seed)
{
    long calls;
    plan.fail_at = plan.kill_at = -1;
    calls = test_power(disk, plan, plan.has_room ? 3 : 1, seed,
                       plan.has_room    ? "sealing, files made ahead, nothing else"
                       : plan.is_sealed ? "sealing, nothing else"
                                        : "nothing else");
    OK(calls > (plan.is_sealed ? 300 : 50), "there are calls (%ld) to go wrong", calls);
    for (long call = 0; call < calls; call += stride * STRIDES) {
        uint64_t own = seed + (uint64_t)call * 1000;
        plan.power_at = call + 1;
        plan.fail_at = call;
        test_power(disk, plan, stride, own, "a failure");
        plan.fail_at = -1;
        plan.kill_at = call;
        test_power(disk, plan, stride, own, "a death");
        plan.power_at = call + 2;
        plan.fail_at = call;
        plan.kill_at = call + 1;
        test_power(disk, plan, stride, own, "a failure, then a death");
        plan.kill_at = -1;
    }
}

int main(void)
{
    struct disk *disk = malloc(sizeof(*disk));
    const char *seed_text = getenv("SEED");
    int64_t seed = 20240229;

    MUST(disk != NULL);
    if (seed_text)
        MUST(text_to_int(text_of(seed_text), &seed));
    printf("# SEED=%lld\n", (long long)seed);
    test_all(disk, (struct plan){ .is_sealed = false }, 1, (uint64_t)seed);
    test_all(disk, (struct plan){ .is_sealed = true }, 31, (uint64_t)seed);
    test_all(disk, (struct plan){ .is_sealed = true, .has_room = true }, 97, (uint64_t)seed);
    free(disk);
    return tap_end();
}
