/* test_copy.c: a copy taken while events come in opens as a store of exactly the events up to the
 * sequence it was told, and goes on from there. */
#include "unit/usage/kit_files.h"

#include <pthread.h>

#define COPIES 12
#define EVENTS 200000U /* at most, while copies are taken */

static char directory[KIT_PATH];
static char copied[KIT_PATH];

static struct usage *store_open(const char *path)
{
    struct usage_config config = {
        .directory = path,
        .io = kit_io_quick(),
        .segment_bytes = 64 << 10,
        .seal_rows = 500,
        .seal_age_millisecond = 20,
    };
    struct usage *usage;
    return usage_open(&config, &usage, NULL) == OK ? usage : NULL;
}

/* Somebody who appends the events 0, 1, 2, … until told to stop. */
struct appender {
    struct usage *usage;
    _Atomic bool is_stopping;
    _Atomic uint64_t count;
};

static void *appender_run(void *state)
{
    struct appender *appender = state;
    while (!appender->is_stopping && appender->count < EVENTS) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new();
        struct usage_event events[7];
        struct usage_receipt receipt;
        enum err err;
        for (uint64_t i = 0; i < COUNT_OF(events); i++)
            events[i] = kit_event(arena, appender->count + i);
        err = usage_append_wait(appender->usage, events, COUNT_OF(events), &receipt);
        if (err == ERR_BUSY)
            continue;
        MUST(err == OK);
        appender->count += COUNT_OF(events);
    }
    return NULL;
}

struct copying {
    uint64_t files;
    uint64_t immutable;
};

static enum err copy_file(void *state, const struct usage_file *file)
{
    struct copying *copying = state;
    size_t size;
    unsigned char *bytes;
    copying->files++;
    copying->immutable += file->is_immutable;
    if (file->contents) {
        kit_write_file(kit_path(copied, file->name), file->contents, (size_t)file->size);
        return OK;
    }
    bytes = kit_read_file(kit_path(directory, file->name), &size);
    MUST(size >= file->size);
    kit_write_file(kit_path(copied, file->name), bytes, (size_t)file->size);
    free(bytes);
    return OK;
}

static void no_flaw(void *state, const struct usage_damage *damage)
{
    printf("# %s: %s\n", damage->file, damage->what);
    *(bool *)state = true;
}

/* Whether the next event is taken; parts that wait to be sealed may keep it waiting. */
static bool goes_on(struct usage *usage, uint64_t number)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event next = kit_event(arena, number);
    struct usage_receipt receipt = { .accepted = 0 };
    enum err err;
    do
        err = usage_append_wait(usage, &next, 1, &receipt);
    while (err == ERR_BUSY);
    return err == OK && receipt.accepted == 1;
}

/* What is wrong with a copy that should have the first `count` events; NULL when nothing. */
static const char *copy_flaw(uint64_t count)
{
    struct usage *usage = store_open(copied);
    unsigned *times = calloc((size_t)count + 1, sizeof(*times));
    struct kit_census census = { .room = count, .times = times };
    const char *flaw = NULL;
    bool is_flawed = false;

    MUST(times != NULL);
    if (!usage) {
        free(times);
        return "does not open";
    }
    if (usage_sequence(usage) != count)
        flaw = "ends elsewhere";
    else if (kit_take_census(usage, &census) != OK || census.is_wrong || census.total != count)
        flaw = "has other events";
    else if (usage_check(usage, no_flaw, &is_flawed) != OK || is_flawed)
        flaw = "is damaged";
    else if (!goes_on(usage, count))
        flaw = "does not go on";
    usage_close(usage);
    free(times);
    return flaw;
}

static void test_copies(void)
{
    struct appender appender = { .usage = store_open(directory) };
    const char *flaw = NULL;
    struct copying all = { .files = 0 };
    uint64_t before = 0;
    pthread_t thread;
    int copies = 0;

    MUST(appender.usage != NULL);
    MUST(pthread_create(&thread, NULL, appender_run, &appender) == 0);
    for (; copies < COPIES && !flaw; copies++) {
        struct copying copying = { .files = 0 };
        uint64_t sequence = 0;
        uint64_t acknowledged = appender.count;
        kit_empty_directory(copied);
        MUST(usage_copy(appender.usage, copy_file, &copying, &sequence) == OK);
        all.files += copying.files;
        all.immutable += copying.immutable;
        if (sequence < acknowledged || sequence < before)
            flaw = "is older than what was acknowledged";
        before = sequence;
        if (!flaw)
            flaw = copy_flaw(sequence);
    }
    appender.is_stopping = true;
    MUST(pthread_join(thread, NULL) == 0);
    usage_close(appender.usage);
    OK(!flaw, "a copy, taken while events come in, has those up to its sequence (%d)%s%s", copies,
       flaw ? ": it " : "", flaw ? flaw : "");
    OK(all.immutable > 0 && all.immutable < all.files, "some files never change, one does");
}

static void test_quiet(void)
{
    struct copying copying = { .files = 0 };
    struct usage *usage;
    uint64_t sequence;
    kit_empty_directory(directory);
    kit_empty_directory(copied);
    usage = store_open(directory);
    OK(usage_copy(usage, copy_file, &copying, &sequence) == OK && sequence == 0,
       "an empty store can be copied");
    OK(copy_flaw(0) == NULL, "the copy is an empty store");
    usage_close(usage);
}

static enum err stop(void *state, const struct usage_file *file)
{
    (void)file;
    return *(enum err *)state;
}

static void test_refused(void)
{
    enum err err = ERR_NO_SPACE;
    uint64_t sequence = 77;
    struct usage *usage;
    struct usage_event event;
    struct usage_receipt receipt;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    kit_empty_directory(directory);
    usage = store_open(directory);
    event = kit_event(arena, 0);
    MUST(usage_append_wait(usage, &event, 1, &receipt) == OK && usage_seal(usage) == OK);
    OK(usage_copy(usage, stop, &err, &sequence) == ERR_NO_SPACE && sequence == 77,
       "an error of the visitor ends it");
    usage_close(usage);
}

int main(void)
{
    kit_make_directory(directory);
    kit_make_directory(copied);
    test_copies();
    test_quiet();
    test_refused();
    kit_remove_directory(directory);
    kit_remove_directory(copied);
    return tap_end();
}
