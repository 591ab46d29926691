/* test_rollup_faults.c: each file call fails in turn, once and for good, while runs are built,
 * merged, opened and read. Answers are right or an error, nothing half done is taken for a run, and
 * when calls succeed again, so does the work. */
#include <errno.h>

#include "unit/rollup/kit.h"

/* The system's files, of which the n-th call fails. */
struct faulty {
    struct usage_io io; /* first */
    long calls;
    long fail_at; /* negative: never */
    bool is_for_good;
    int number;
};

static bool fails(struct usage_io *io)
{
    struct faulty *faulty = (struct faulty *)io;
    long call = faulty->calls++;
    if (faulty->fail_at < 0 || call < faulty->fail_at ||
        (call > faulty->fail_at && !faulty->is_for_good))
        return false;
    errno = faulty->number;
    return true;
}

static int faulty_open(struct usage_io *io, const char *path, int flags, int mode)
{
    struct usage_io *system = usage_io_system();
    return fails(io) ? -1 : system->open(system, path, flags, mode);
}

/* Half of a write that fails is written. */
static int64_t faulty_write(struct usage_io *io, int fd, const void *from, size_t size,
                            int64_t offset)
{
    struct usage_io *system = usage_io_system();
    if (!fails(io))
        return system->write(system, fd, from, size, offset);
    int number = errno;
    MUST(system->write(system, fd, from, size / 2, offset) >= 0);
    errno = number;
    return -1;
}

static int faulty_sync(struct usage_io *io, int fd)
{
    (void)fd;
    return fails(io) ? -1 : 0;
}

static int faulty_truncate(struct usage_io *io, int fd, int64_t size)
{
    struct usage_io *system = usage_io_system();
    return fails(io) ? -1 : system->truncate(system, fd, size);
}

static int faulty_sync_directory(struct usage_io *io, const char *path)
{
    (void)path;
    return fails(io) ? -1 : 0;
}

static int64_t faulty_read(struct usage_io *io, int fd, void *to, size_t size, int64_t offset)
{
    struct usage_io *system = usage_io_system();
    return fails(io) ? -1 : system->read(system, fd, to, size, offset);
}

static int faulty_allocate(struct usage_io *io, int fd, int64_t size)
{
    struct usage_io *system = usage_io_system();
    return fails(io) ? -1 : system->allocate(system, fd, size);
}

static int faulty_rename(struct usage_io *io, const char *from, const char *to)
{
    struct usage_io *system = usage_io_system();
    return fails(io) ? -1 : system->rename(system, from, to);
}

static int faulty_unlink(struct usage_io *io, const char *path)
{
    struct usage_io *system = usage_io_system();
    return fails(io) ? -1 : system->unlink(system, path);
}

static struct faulty faulty_make(void)
{
    return (struct faulty){
        .io = { .open = faulty_open,
                .write = faulty_write,
                .sync = faulty_sync,
                .truncate = faulty_truncate,
                .sync_directory = faulty_sync_directory,
                .read = faulty_read,
                .allocate = faulty_allocate,
                .rename = faulty_rename,
                .unlink = faulty_unlink },
        .fail_at = -1,
    };
}

static struct rollup_view view_of(struct text_list *dimensions)
{
    struct rollup_view view = {
        .org = kit_org(),
        .type = TEXT("call"),
        .from = INSTANT_NONE,
        .kind = TALLY_SUM,
        .value = TEXT("$.v"),
        .dimensions = dimensions,
    };
    memset(&view.id, 1, sizeof(view.id));
    return view;
}

static void append(struct kit *kit)
{
    struct usage_event events[20];
    for (size_t i = 0; i < COUNT_OF(events); i++)
        events[i] = (struct usage_event){
            .type = TEXT("call"),
            .subject = text_format(kit->arena, "s%zu", i % 3),
            .data = text_format(kit->arena, "{\"v\":%zu}", kit->count + i),
            .time = { (int64_t)(kit->count + i) * NS_PER_MINUTE / 3 },
        };
    kit_append(kit, events, COUNT_OF(events));
}

struct outcome {
    bool is_right;
    bool is_full; /* everything sealed is in rollups */
};

static struct outcome ask(struct kit *kit, const struct rollup_view *view, enum err *ret)
{
    struct rollup_query query = { .view = view->id,
                                  .is_by_subject = true,
                                  .from = INSTANT_NONE,
                                  .to = INSTANT_NONE,
                                  .coarsest = ROLLUP_HOUR };
    struct outcome outcome = { 0 };
    uint64_t valid_to = 0;
    *ret = kit_compare(kit, view, &query, &outcome.is_right, &valid_to);
    outcome.is_full = valid_to == kit->count;
    return outcome;
}

/* Builds nine runs and merges eight of them, opens and reads all, the n-th call failing. Returns
 * whether so many calls were made. */
static bool one_run(struct faulty *faulty, long fail_at, struct law *during, struct law *after)
{
    static struct kit kit;
    struct text_list none = { 0 };
    struct rollup_view view = view_of(&none);
    enum err err;
    kit_open(&kit);
    kit.io = &faulty->io;
    faulty->calls = 0;
    faulty->fail_at = -1;
    kit_reopen(&kit);
    rollup_keep(kit.rollup, &view);
    faulty->calls = 0;
    faulty->fail_at = fail_at;
    for (int i = 0; i < 9; i++) {
        append(&kit);
        err = kit_catch_up(&kit);
        law_case(during, err == OK || err == err_of_errno(faulty->number), "call %ld: %s", fail_at,
                 err_name(err));
    }
    kit_reopen(&kit);
    rollup_keep(kit.rollup, &view);
    struct outcome outcome = ask(&kit, &view, &err);
    bool is_told = err == err_of_errno(faulty->number) || err == ERR_CORRUPT;
    law_case(during, is_told || (err == OK && outcome.is_right), "call %ld: %s", fail_at,
             err_name(err));
    bool is_reached = faulty->calls > fail_at;
    faulty->fail_at = -1;
    MUST(rollup_catch_up(kit.rollup) == OK);
    outcome = ask(&kit, &view, &err);
    law_case(after, err == OK && outcome.is_right && outcome.is_full, "call %ld: %s", fail_at,
             err_name(err));
    kit_reopen(&kit);
    rollup_keep(kit.rollup, &view);
    outcome = ask(&kit, &view, &err);
    law_case(after, err == OK && outcome.is_right && outcome.is_full, "call %ld, reopened: %s",
             fail_at, err_name(err));
    kit_close(&kit);
    return is_reached;
}

static void test_faults(int number, bool is_for_good)
{
    struct law during = { .name = "while a call fails, answers are right or an error" };
    struct law after = { .name = "when calls succeed again, all is made up for" };
    struct faulty faulty = faulty_make();
    faulty.number = number;
    faulty.is_for_good = is_for_good;
    long fail_at = 0;
    while (one_run(&faulty, fail_at, &during, &after))
        fail_at++;
    law_end(&during);
    law_end(&after);
    OK(fail_at > 50, "%ld calls failed in turn", fail_at);
}

int main(void)
{
    test_faults(EIO, false);
    test_faults(ENOSPC, true);
    return tap_end();
}
