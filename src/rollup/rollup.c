/* rollup.c: the views that are kept, and the runs of each. */
#include "rollup/rollup.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "rollup/rollup_parts.h"

#define SUFFIX ".run"

/* ---- files -------------------------------------------------------------------------------- */

void rollup_path(const struct rollup *rollup, ulid view, uint64_t serial, char ret[ROLLUP_PATH_MAX])
{
    char id[ULID_TEXT_LENGTH];
    ulid_print(view, id);
    int size = snprintf(ret, ROLLUP_PATH_MAX, "%s/%.*s.%08llx%s", rollup->directory,
                        ULID_TEXT_LENGTH, id, (unsigned long long)serial, SUFFIX);
    MUST(size > 0 && (size_t)size < ROLLUP_PATH_MAX);
}

/* Reads a file's name: 26 characters, a dot, hexadecimal digits, ".run". */
static bool parse_name(text name, struct found *ret)
{
    if (name.len <= ULID_TEXT_LENGTH + 1 + strlen(SUFFIX) || !text_ends_with(name, TEXT(SUFFIX)) ||
        name.ptr[ULID_TEXT_LENGTH] != '.' ||
        !ulid_parse(text_slice(name, 0, ULID_TEXT_LENGTH), &ret->view))
        return false;
    text digits =
        text_slice(name, ULID_TEXT_LENGTH + 1, name.len - ULID_TEXT_LENGTH - 1 - strlen(SUFFIX));
    ret->serial = 0;
    for (size_t i = 0; i < digits.len; i++) {
        static const char hexadecimal[] = "0123456789abcdef";
        const char *digit = memchr(hexadecimal, digits.ptr[i], sizeof(hexadecimal) - 1);
        if (digit == NULL || digits.len > 15)
            return false;
        ret->serial = ret->serial << 4 | (uint64_t)(digit - hexadecimal);
    }
    return true;
}

static void note_found(struct rollup *rollup, const struct found *found)
{
    if (rollup->found_count == rollup->found_room) {
        rollup->found_room = rollup->found_room == 0 ? 64 : rollup->found_room * 2;
        rollup->found = realloc(rollup->found, rollup->found_room * sizeof(*rollup->found));
        MUST(rollup->found != NULL);
    }
    rollup->found[rollup->found_count++] = *found;
    if (found->serial >= rollup->serial)
        rollup->serial = found->serial + 1;
}

/* What is in the directory: files that were not finished are removed. */
static enum err list_files(struct rollup *rollup)
{
    char path[ROLLUP_PATH_MAX];
    if (mkdir(rollup->directory, 0700) < 0 && errno != EEXIST)
        return err_of_errno(errno);
    DIR *listing = opendir(rollup->directory);
    if (listing == NULL)
        return err_of_errno(errno);
    for (;;) {
        struct found found;
        struct dirent *entry = readdir(listing);
        if (entry == NULL)
            break;
        text name = text_of(entry->d_name);
        if (parse_name(name, &found)) {
            note_found(rollup, &found);
        } else if (text_ends_with(name, TEXT(SUFFIX ".tmp"))) {
            int size = snprintf(path, sizeof(path), "%s/%s", rollup->directory, entry->d_name);
            if (size > 0 && (size_t)size < sizeof(path))
                (void)rollup->io->unlink(rollup->io, path);
        }
    }
    MUST(closedir(listing) == 0);
    return OK;
}

static void remove_file(struct rollup *rollup, const char *path)
{
    (void)rollup->io->unlink(rollup->io, path);
}

/* ---- opening and closing ------------------------------------------------------------------ */

static void rollup_free(struct rollup *rollup)
{
    page_cache_free(rollup->cache);
    MUST(pthread_mutex_destroy(&rollup->lock) == 0);
    MUST(pthread_mutex_destroy(&rollup->work_lock) == 0);
    free(rollup->views);
    free(rollup->found);
    free(rollup->directory);
    free(rollup);
}

enum err rollup_open(const struct rollup_config *config, struct rollup **ret)
{
    CHECK(config != NULL && config->directory != NULL && config->usage != NULL && ret != NULL);
    struct rollup *rollup = calloc(1, sizeof(*rollup));
    MUST(rollup != NULL);
    rollup->usage = config->usage;
    rollup->io = config->io != NULL ? config->io : usage_io_system();
    rollup->directory = strdup(config->directory);
    MUST(rollup->directory != NULL);
    rollup->cache = page_cache_new(ROLLUP_CACHE_BYTES);
    rollup->serial = 1;
    MUST(pthread_mutex_init(&rollup->lock, NULL) == 0);
    MUST(pthread_mutex_init(&rollup->work_lock, NULL) == 0);
    enum err err = list_files(rollup);
    if (err != OK) {
        rollup_free(rollup);
        return err;
    }
    if (!config->is_idle)
        rollup_start_thread(rollup);
    *ret = rollup;
    return OK;
}

/* Gives a run back; with its last holder a dead one's file goes. Under the lock. */
static void release_run(struct rollup *rollup, struct run *run)
{
    CHECK(run->holders > 0);
    if (--run->holders > 0)
        return;
    if (run->is_dead)
        remove_file(rollup, run->path);
    run_free(run);
}

/* Takes the run at `at` out of the view. Under the lock. */
static void take_out(struct rollup *rollup, struct view *view, size_t at, bool is_dead)
{
    struct run *run = view->runs[at];
    run->is_dead |= is_dead;
    view->run_count--;
    memmove(&view->runs[at], &view->runs[at + 1], (view->run_count - at) * sizeof(*view->runs));
    release_run(rollup, run);
}

/* Under the lock. */
static void release_view(struct view *view)
{
    CHECK(view->holders > 0);
    if (--view->holders > 0)
        return;
    CHECK(view->run_count == 0);
    free(view->runs);
    arena_free(view->arena);
    free(view);
}

/* Takes the view at `at` away, with its runs. Under the lock. */
static void remove_view(struct rollup *rollup, size_t at, bool is_dead)
{
    struct view *view = rollup->views[at];
    view->is_dropped = true;
    while (view->run_count > 0)
        take_out(rollup, view, view->run_count - 1, is_dead);
    rollup->view_count--;
    memmove(&rollup->views[at], &rollup->views[at + 1],
            (rollup->view_count - at) * sizeof(*rollup->views));
    release_view(view);
}

void rollup_close(struct rollup *rollup)
{
    if (rollup == NULL)
        return;
    rollup_stop_thread(rollup);
    while (rollup->view_count > 0)
        remove_view(rollup, rollup->view_count - 1, false);
    rollup_free(rollup);
}

/* ---- runs --------------------------------------------------------------------------------- */

bool rollup_is_fresh(struct rollup *rollup, const struct run *run)
{
    const struct run_summary *summary = &run->summary;
    return usage_epoch(rollup->usage, summary->first, summary->last) == summary->epoch;
}

struct run_list rollup_runs(struct rollup *rollup, struct view *view, bool is_chain,
                            uint64_t sequence_max, struct arena *arena)
{
    struct run_list list = { 0 };
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    list.items = ARENA_ARRAY(arena, struct run *, view->run_count);
    for (size_t i = 0; i < view->run_count; i++) {
        struct run *run = view->runs[i];
        uint64_t end = i == 0 ? 0 : view->runs[i - 1]->summary.last;
        if (is_chain && (run->summary.first != end + 1 || run->summary.last > sequence_max))
            break;
        run->holders++;
        list.items[list.count++] = run;
    }
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    return list;
}

void rollup_release_runs(struct rollup *rollup, struct run_list *list)
{
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    for (size_t i = 0; i < list->count; i++)
        release_run(rollup, list->items[i]);
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    list->count = 0;
}

/* The place of a run in its view; the count when it is not there. Under the lock. */
static size_t place_of(const struct view *view, const struct run *run)
{
    size_t at = 0;
    while (at < view->run_count && view->runs[at] != run)
        at++;
    return at;
}

void rollup_bury(struct rollup *rollup, struct view *view, struct run *run)
{
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    size_t at = place_of(view, run);
    if (at < view->run_count)
        take_out(rollup, view, at, true);
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    rollup_wake(rollup);
}

/* Puts a run in its place; false when it would lie over another. Under the lock. */
static bool put_in(struct view *view, struct run *run)
{
    size_t at = 0;
    while (at < view->run_count && view->runs[at]->summary.first < run->summary.first)
        at++;
    if ((at > 0 && view->runs[at - 1]->summary.last >= run->summary.first) ||
        (at < view->run_count && view->runs[at]->summary.first <= run->summary.last))
        return false;
    if (view->run_count == view->run_room) {
        view->run_room = view->run_room == 0 ? 16 : view->run_room * 2;
        view->runs = realloc(view->runs, view->run_room * sizeof(struct run *));
        MUST(view->runs != NULL);
    }
    memmove(&view->runs[at + 1], &view->runs[at], (view->run_count - at) * sizeof(*view->runs));
    view->runs[at] = run;
    view->run_count++;
    run->holders++;
    return true;
}

enum err rollup_publish(struct rollup *rollup, struct view *view, const char *path,
                        const struct run_list *replaced)
{
    struct run *run;
    bool is_in = true;
    enum err err = run_open(rollup->io, path, rollup->cache, &run);
    if (err != OK) {
        remove_file(rollup, path);
        return err;
    }
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    for (size_t i = 0; i < replaced->count; i++)
        is_in &= place_of(view, replaced->items[i]) < view->run_count;
    is_in &= !view->is_dropped;
    for (size_t i = 0; i < replaced->count && is_in; i++)
        take_out(rollup, view, place_of(view, replaced->items[i]), true);
    run->holders++;
    is_in = is_in && put_in(view, run);
    run->is_dead = !is_in;
    release_run(rollup, run);
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    return OK;
}

/* ---- views -------------------------------------------------------------------------------- */

/* The place of a view; the count when it is not kept. Under the lock. */
static size_t find_view(const struct rollup *rollup, ulid id)
{
    size_t at = 0;
    while (at < rollup->view_count && !ulid_equal(rollup->views[at]->definition.view.id, id))
        at++;
    return at;
}

struct view *rollup_hold(struct rollup *rollup, ulid id)
{
    struct view *view = NULL;
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    size_t at = find_view(rollup, id);
    if (at < rollup->view_count) {
        view = rollup->views[at];
        view->holders++;
    }
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    return view;
}

void rollup_release(struct rollup *rollup, struct view *view)
{
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    release_view(view);
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
}

/* Whether a run that was found belongs to the view as it is now. */
static bool belongs(struct rollup *rollup, const struct view *view, const struct run *run)
{
    const struct run_summary *summary = &run->summary;
    const struct definition *definition = &view->definition;
    return ulid_equal(summary->view, definition->view.id) &&
           summary->fingerprint == definition->fingerprint &&
           summary->kind == (uint32_t)definition->view.kind &&
           summary->dimension_count == definition->dimensions.count &&
           summary->last <= usage_sealed_sequence(rollup->usage);
}

/* By first sequence; of two that begin alike the longer comes first. */
static int compare_runs(const void *left, const void *right)
{
    const struct run_summary *a = &(*(struct run *const *)left)->summary;
    const struct run_summary *b = &(*(struct run *const *)right)->summary;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->last < b->last) - (a->last > b->last);
}

/* Opens the view's files that were there at the start. A merge that was interrupted may have left
 * both its inputs and its result: the longest are taken, in order. Under the lock. */
static void adopt_files(struct rollup *rollup, struct view *view)
{
    char path[ROLLUP_PATH_MAX];
    size_t kept = 0;
    size_t count = 0;
    struct run **runs = calloc(rollup->found_count + 1, sizeof(struct run *));
    MUST(runs != NULL);
    for (size_t i = 0; i < rollup->found_count; i++) {
        struct found *found = &rollup->found[i];
        if (!ulid_equal(found->view, view->definition.view.id)) {
            rollup->found[kept++] = *found;
            continue;
        }
        rollup_path(rollup, found->view, found->serial, path);
        enum err err = run_open(rollup->io, path, rollup->cache, &runs[count]);
        if (err == OK)
            runs[count++]->holders = 1;
        else if (err == ERR_CORRUPT)
            remove_file(rollup, path);
    }
    rollup->found_count = kept;
    if (count > 1)
        qsort(runs, count, sizeof(*runs), compare_runs);
    for (size_t i = 0; i < count; i++) {
        runs[i]->is_dead = !belongs(rollup, view, runs[i]) || !put_in(view, runs[i]);
        release_run(rollup, runs[i]);
    }
    free(runs);
}

void rollup_keep(struct rollup *rollup, const struct rollup_view *wanted)
{
    CHECK(rollup != NULL && wanted != NULL && !text_is_empty(wanted->type));
    struct view *view = calloc(1, sizeof(*view));
    MUST(view != NULL);
    view->arena = arena_new();
    view->holders = 1;
    if (!definition_of(wanted, view->arena, &view->definition)) {
        rollup_release(rollup, view);
        rollup_drop(rollup, wanted->id);
        return;
    }
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    size_t at = find_view(rollup, wanted->id);
    bool is_new = at == rollup->view_count ||
                  rollup->views[at]->definition.fingerprint != view->definition.fingerprint;
    if (is_new) {
        if (at < rollup->view_count)
            remove_view(rollup, at, true);
        if (rollup->view_count == rollup->view_room) {
            rollup->view_room = rollup->view_room == 0 ? 16 : rollup->view_room * 2;
            rollup->views = realloc(rollup->views, rollup->view_room * sizeof(struct view *));
            MUST(rollup->views != NULL);
        }
        adopt_files(rollup, view);
        rollup->views[rollup->view_count++] = view;
    } else {
        release_view(view);
    }
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    if (is_new)
        rollup_wake(rollup);
}

/* Removes the files found at the start: those of the view, or, without one, all. Under the lock. */
static void remove_found(struct rollup *rollup, const ulid *view)
{
    char path[ROLLUP_PATH_MAX];
    size_t kept = 0;
    for (size_t i = 0; i < rollup->found_count; i++) {
        const struct found *found = &rollup->found[i];
        if (view != NULL && !ulid_equal(found->view, *view)) {
            rollup->found[kept++] = *found;
            continue;
        }
        rollup_path(rollup, found->view, found->serial, path);
        remove_file(rollup, path);
    }
    rollup->found_count = kept;
}

void rollup_drop(struct rollup *rollup, ulid id)
{
    CHECK(rollup != NULL);
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    size_t at = find_view(rollup, id);
    if (at < rollup->view_count)
        remove_view(rollup, at, true);
    remove_found(rollup, &id);
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
}

void rollup_sweep(struct rollup *rollup)
{
    CHECK(rollup != NULL);
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    remove_found(rollup, NULL);
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
}

bool rollup_progress(struct rollup *rollup, ulid id, struct rollup_progress *ret)
{
    CHECK(rollup != NULL && ret != NULL);
    struct rollup_progress progress = { .target = usage_sealed_sequence(rollup->usage) };
    bool is_whole = true;
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    size_t at = find_view(rollup, id);
    bool is_kept = at < rollup->view_count;
    for (size_t i = 0; is_kept && i < rollup->views[at]->run_count; i++) {
        const struct run *run = rollup->views[at]->runs[i];
        is_whole &= run->summary.first == progress.valid_to + 1;
        if (is_whole)
            progress.valid_to = run->summary.last;
        progress.runs++;
        progress.series += run->summary.series;
        progress.cells += run->summary.cells[ROLLUP_MINUTE];
        progress.bytes += run->bytes;
    }
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    if (is_kept)
        *ret = progress;
    return is_kept;
}
