/* test_rollup.c: views come, change and go; runs are lost and come again; checks find what is
 * wrong; the thread works by itself. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "unit/rollup/kit.h"

#define BATCH 300

static text paths[] = { TEXT_INIT("$.a"), TEXT_INIT("$.b") };
static struct text_list dimensions = { paths, 2 };

static struct rollup_view view_of(uint8_t number, enum tally_kind kind)
{
    struct rollup_view view = {
        .org = kit_org(),
        .type = TEXT("call"),
        .from = INSTANT_NONE,
        .kind = kind,
        .value = kind == TALLY_COUNT ? TEXT_NONE : TEXT("$.v"),
        .dimensions = &dimensions,
    };
    memset(&view.id, number, sizeof(view.id));
    return view;
}

static void append(struct kit *kit, size_t count)
{
    struct usage_event *events = ARENA_ARRAY(kit->arena, struct usage_event, count);
    for (size_t i = 0; i < count; i++) {
        unsigned long long n = kit->count + i;
        events[i] = (struct usage_event){
            .type = TEXT("call"),
            .subject = text_format(kit->arena, "subject-%llu", n * n % 17),
            .data = text_format(kit->arena, "{\"v\":%llu.5,\"a\":\"%llu\",\"b\":\"%llu\"}", n % 91,
                                n % 3, n % 2),
            .time = { (int64_t)(n * 37) * NS_PER_SECOND },
        };
    }
    kit_append(kit, events, count);
}

/* A store with some runs of the view. */
static void fill(struct kit *kit, const struct rollup_view *view, int runs)
{
    rollup_keep(kit->rollup, view);
    for (int i = 0; i < runs; i++) {
        append(kit, BATCH);
        MUST(kit_catch_up(kit) == OK);
    }
}

static struct rollup_query query_of(const struct rollup_view *view)
{
    return (struct rollup_query){ .view = view->id,
                                  .is_by_subject = true,
                                  .from = INSTANT_NONE,
                                  .to = INSTANT_NONE,
                                  .coarsest = ROLLUP_DAY };
}

/* Whether the rollups say what the events say, and how far they reach. */
static bool is_right(struct kit *kit, const struct rollup_view *view, uint64_t *ret_valid_to)
{
    struct rollup_query query = query_of(view);
    bool is_equal = false;
    return kit_compare(kit, view, &query, &is_equal, ret_valid_to) == OK && is_equal;
}

static size_t count_files(const struct kit *kit)
{
    size_t count = 0;
    DIR *listing = opendir(kit->rollup_path);
    MUST(listing != NULL);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing))
        count += entry->d_name[0] != '.' ? 1 : 0;
    MUST(closedir(listing) == 0);
    return count;
}

static void test_views(struct kit *kit)
{
    struct rollup_view one = view_of(1, TALLY_SUM);
    struct rollup_view other = view_of(2, TALLY_MAX);
    struct rollup_progress progress;
    uint64_t valid_to = 1;
    kit_open(kit);
    append(kit, BATCH);
    OK(is_right(kit, &one, &valid_to) && valid_to == 0, "nothing is known of a view nobody keeps");
    OK(!rollup_progress(kit->rollup, one.id, &progress), "nor has it progress");
    rollup_keep(kit->rollup, &one);
    OK(is_right(kit, &one, &valid_to) && valid_to == 0, "a new view begins with nothing");
    MUST(kit_catch_up(kit) == OK);
    OK(is_right(kit, &one, &valid_to) && valid_to == BATCH, "and is built from sealed events");
    rollup_keep(kit->rollup, &one);
    MUST(rollup_progress(kit->rollup, one.id, &progress));
    OK(progress.valid_to == BATCH && progress.target == BATCH && progress.runs == 1 &&
           progress.series > 0 && progress.cells > 0 && progress.bytes > 0,
       "the same definition again is nothing");
    one.kind = TALLY_MIN;
    rollup_keep(kit->rollup, &one);
    MUST(rollup_progress(kit->rollup, one.id, &progress));
    OK(progress.runs == 0 && count_files(kit) == 0, "another definition starts anew");
    rollup_keep(kit->rollup, &other);
    MUST(kit_catch_up(kit) == OK);
    OK(is_right(kit, &one, &valid_to) && valid_to == BATCH && is_right(kit, &other, &valid_to),
       "views do not know of each other");
    rollup_drop(kit->rollup, other.id);
    OK(count_files(kit) == 1 && !rollup_progress(kit->rollup, other.id, &progress),
       "a dropped view's files go");
    kit_reopen(kit);
    rollup_keep(kit->rollup, &other);
    rollup_sweep(kit->rollup);
    OK(count_files(kit) == 0, "files of views that nobody keeps are swept away");
    kit_close(kit);
}

static void test_merging(struct kit *kit)
{
    struct rollup_view view = view_of(1, TALLY_SUM);
    struct rollup_progress progress;
    uint64_t valid_to = 0;
    kit_open(kit);
    fill(kit, &view, 30);
    MUST(rollup_progress(kit->rollup, view.id, &progress));
    OK(progress.runs < 16 && count_files(kit) == progress.runs,
       "neighbouring runs are merged: %llu of 30", (unsigned long long)progress.runs);
    OK(is_right(kit, &view, &valid_to) && valid_to == kit->count, "and say the same");
    kit_close(kit);
}

/* ---- damage ------------------------------------------------------------------------------- */

static void name_of_file(const struct kit *kit, char ret[ROLLUP_PATH_MAX])
{
    DIR *listing = opendir(kit->rollup_path);
    MUST(listing != NULL);
    ret[0] = '\0';
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing))
        if (entry->d_name[0] != '.')
            MUST(snprintf(ret, ROLLUP_PATH_MAX, "%s/%s", kit->rollup_path, entry->d_name) > 0);
    MUST(closedir(listing) == 0 && ret[0] != '\0');
}

static size_t file_size(const char *path)
{
    int fd = open(path, O_RDONLY);
    off_t size = lseek(fd, 0, SEEK_END);
    MUST(fd >= 0 && size > 0 && close(fd) == 0);
    return (size_t)size;
}

static void flip(const char *path, size_t at)
{
    unsigned char byte;
    int fd = open(path, O_RDWR);
    MUST(fd >= 0 && pread(fd, &byte, 1, (off_t)at) == 1);
    byte ^= (unsigned char)(1U << at % 8);
    MUST(pwrite(fd, &byte, 1, (off_t)at) == 1 && close(fd) == 0);
}

static void count_damage(void *state, const struct usage_damage *damage)
{
    int *count = state;
    *count += damage->file[0] != '\0' && damage->what[0] != '\0' ? 1 : 0;
}

/* Opened again with one byte of its only run changed: either the run is not taken, or reading says
 * so, and it is built again. */
static bool survives_flip(struct kit *kit, const struct rollup_view *view, size_t at)
{
    char path[ROLLUP_PATH_MAX];
    struct rollup_progress progress;
    struct rollup_query query = query_of(view);
    uint64_t valid_to = 0;
    bool is_equal = false;
    rollup_close(kit->rollup);
    name_of_file(kit, path);
    flip(path, at);
    kit_open_rollups(kit);
    rollup_keep(kit->rollup, view);
    MUST(rollup_progress(kit->rollup, view->id, &progress));
    if (progress.runs > 0) {
        enum err err = kit_compare(kit, view, &query, &is_equal, &valid_to);
        /* What a query does not look at, a check does. */
        if (err == OK) {
            int flaws = 0;
            MUST(rollup_check(kit->rollup, count_damage, &flaws) == OK);
            if (!is_equal || flaws == 0)
                return false;
        } else if (err != ERR_CORRUPT) {
            return false;
        }
        MUST(rollup_progress(kit->rollup, view->id, &progress));
        if (progress.runs > 0)
            return false;
    }
    MUST(rollup_catch_up(kit->rollup) == OK);
    return is_right(kit, view, &valid_to) && valid_to == kit->count;
}

static void test_damage(struct kit *kit, enum tally_kind kind)
{
    char path[ROLLUP_PATH_MAX];
    struct rollup_view view = view_of(1, kind);
    struct law law = { .name = "a changed byte of a run is noticed, and the run built again" };
    kit_open(kit);
    fill(kit, &view, 1);
    name_of_file(kit, path);
    size_t size = file_size(path);
    for (size_t at = 0; at < size; at += 1 + size / 700)
        law_case(&law, survives_flip(kit, &view, at), "byte %zu of %zu", at, size);
    for (size_t at = size - 120; at < size; at++)
        law_case(&law, survives_flip(kit, &view, at), "byte %zu of %zu", at, size);
    law_end(&law);
    kit_close(kit);
}

static void test_loss(struct kit *kit)
{
    char path[ROLLUP_PATH_MAX];
    struct rollup_view view = view_of(1, TALLY_SUM);
    struct rollup_query query = query_of(&view);
    uint64_t valid_to = 0;
    bool is_equal = false;
    kit_open(kit);
    fill(kit, &view, 3);
    name_of_file(kit, path);
    kit_reopen(kit);
    rollup_keep(kit->rollup, &view);
    MUST(unlink(path) == 0);
    OK(kit_compare(kit, &view, &query, &is_equal, &valid_to) == ERR_CORRUPT,
       "a file that is gone is like one that is damaged");
    OK(is_right(kit, &view, &valid_to) && valid_to < kit->count,
       "the next answer takes raw events for the rest");
    MUST(rollup_catch_up(kit->rollup) == OK);
    OK(is_right(kit, &view, &valid_to) && valid_to == kit->count, "and the gap is filled");
    kit_close(kit);
}

/* ---- checks ------------------------------------------------------------------------------- */

static void test_check(struct kit *kit, enum tally_kind kind)
{
    struct rollup_view view = view_of(1, kind);
    int flaws = 0;
    kit_open(kit);
    fill(kit, &view, 20);
    OK(rollup_check(kit->rollup, count_damage, &flaws) == OK && flaws == 0,
       "runs merged and built are what their events say, kind %d", (int)kind);
    OK(count_files(kit) < 16, "and a check leaves no files behind");
    kit_close(kit);
}

/* A run of other events than it says: every checksum is right, what it says is not. */
static void test_false_run(struct kit *kit)
{
    static const struct run_list none;
    char path[ROLLUP_PATH_MAX];
    struct rollup_view view = view_of(1, TALLY_SUM);
    struct rollup_view lie = view;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct definition definition;
    uint64_t last;
    int flaws = 0;
    kit_open(kit);
    append(kit, BATCH);
    MUST(usage_seal(kit->usage) == OK);
    rollup_keep(kit->rollup, &view);
    struct view *kept = rollup_hold(kit->rollup, view.id);
    lie.value = TEXT("$.a");
    MUST(definition_of(&lie, arena, &definition));
    definition.fingerprint = kept->definition.fingerprint;
    rollup_new_path(kit->rollup, kept, path);
    struct build build = { .usage = kit->usage,
                           .io = kit->io,
                           .definition = &definition,
                           .first = 1,
                           .last = BATCH,
                           .path = path,
                           .everyone = BUILD_EVERYONE_AUTO };
    MUST(build_run(&build, &last) == OK);
    MUST(rollup_publish(kit->rollup, kept, path, &none) == OK);
    rollup_release(kit->rollup, kept);
    OK(rollup_check(kit->rollup, count_damage, &flaws) == OK && flaws > 0,
       "a check compares with the events, not with checksums alone");
    MUST(kit_catch_up(kit) == OK);
    OK(is_right(kit, &view, &last), "and what is wrong is built again");
    kit_close(kit);
}

/* ---- the thread --------------------------------------------------------------------------- */

static void test_thread(struct kit *kit)
{
    struct rollup_view view = view_of(1, TALLY_SUM);
    struct rollup_view late = view_of(2, TALLY_COUNT);
    struct rollup_progress progress = { 0 };
    uint64_t valid_to = 0;
    kit_open(kit);
    rollup_close(kit->rollup);
    struct rollup_config config = { .directory = kit->rollup_path, .usage = kit->usage };
    MUST(rollup_open(&config, &kit->rollup) == OK);
    rollup_keep(kit->rollup, &view);
    for (int i = 0; i < 4; i++)
        append(kit, 9000);
    MUST(usage_seal(kit->usage) == OK);
    rollup_keep(kit->rollup, &late);
    for (int i = 0; i < 1000 && progress.valid_to < kit->count; i++) {
        MUST(usleep(10000) == 0);
        MUST(rollup_progress(kit->rollup, late.id, &progress));
    }
    kit->sealed = kit->count;
    OK(progress.valid_to == kit->count, "the thread builds what is sealed");
    OK(is_right(kit, &view, &valid_to) && valid_to == kit->count, "for every view");
    kit_close(kit);
}

int main(void)
{
    static struct kit kit;
    test_views(&kit);
    test_merging(&kit);
    test_damage(&kit, TALLY_SUM);
    test_damage(&kit, TALLY_UNIQUE);
    test_loss(&kit);
    for (int kind = 0; kind < TALLY_KIND_COUNT; kind++)
        test_check(&kit, (enum tally_kind)kind);
    test_false_run(&kit);
    test_thread(&kit);
    return tap_end();
}
