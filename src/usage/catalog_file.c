/* catalog_file.c: opening and closing the files that a catalog lists, and the catalog itself. */
#include "usage/catalog.h"
#include "usage/conflict.h"
#include "usage/log_room.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

/* ---- files ---- */

void catalog_file_remove(struct catalog *catalog, const char *name)
{
    char path[PATH_MAX];
    catalog_path(catalog, name, path, sizeof(path));
    (void)catalog->io->unlink(catalog->io, path); /* else the next start does it */
}

enum err catalog_segment_open(struct catalog *catalog, const struct manifest_segment *is,
                              struct catalog_segment **ret)
{
    char name[MANIFEST_NAME_MAX];
    char path[PATH_MAX];
    struct usage_damage damage;
    struct catalog_segment *segment;
    struct sealed *sealed;
    const struct sealed_summary *summary;
    enum err err;

    manifest_segment_name(is->file, name);
    catalog_path(catalog, name, path, sizeof(path));
    err = sealed_open(catalog->io, path, catalog->cache, &sealed, &damage);
    if (err != OK)
        return err == ERR_ABSENT ? ERR_CORRUPT : err;
    summary = sealed_summary(sealed);
    if (summary->first_sequence != is->first_sequence ||
        summary->first_sequence + summary->rows - 1 != is->last_sequence) {
        sealed_free(sealed);
        return ERR_CORRUPT;
    }
    segment = calloc(1, sizeof(*segment));
    MUST(segment != NULL);
    segment->sealed = sealed;
    segment->is = *is;
    *ret = segment;
    return OK;
}

enum err catalog_run_open(struct catalog *catalog, const struct manifest_run *is,
                          struct catalog_run **ret)
{
    char name[MANIFEST_NAME_MAX];
    char path[PATH_MAX];
    struct usage_damage damage;
    struct catalog_run *fresh;
    struct key_run *run;
    enum err err;

    manifest_run_name(is->file, name);
    catalog_path(catalog, name, path, sizeof(path));
    err = key_run_open(catalog->io, path, &run, &damage);
    if (err != OK)
        return err == ERR_ABSENT ? ERR_CORRUPT : err;
    if (key_run_summary(run)->first_sequence != is->first_sequence ||
        key_run_summary(run)->last_sequence != is->last_sequence) {
        key_run_free(run);
        return ERR_CORRUPT;
    }
    fresh = calloc(1, sizeof(*fresh));
    MUST(fresh != NULL);
    fresh->run = run;
    fresh->is = *is;
    *ret = fresh;
    return OK;
}

void catalog_segment_free(struct catalog *catalog, struct catalog_segment *segment, bool is_removed)
{
    char name[MANIFEST_NAME_MAX];
    if (!segment)
        return;
    manifest_segment_name(segment->is.file, name);
    sealed_free(segment->sealed);
    if (is_removed)
        catalog_file_remove(catalog, name);
    free(segment);
}

void catalog_run_free(struct catalog *catalog, struct catalog_run *run, bool is_removed)
{
    char name[MANIFEST_NAME_MAX];
    if (!run)
        return;
    manifest_run_name(run->is.file, name);
    key_run_free(run->run);
    if (is_removed)
        catalog_file_remove(catalog, name);
    free(run);
}

/* ---- open and close ---- */

static struct catalog *catalog_new(const struct catalog_config *config)
{
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    pthread_condattr_t clock;
    MUST(catalog != NULL);
    catalog->io = config->io;
    catalog->directory = strdup(config->directory);
    MUST(catalog->directory != NULL);
    catalog->cache = sealed_cache_new(config->cache_bytes);
    catalog->first_log = 1;
    catalog->next_file = 1;
    catalog->current = snapshot_new(0, 0, 0);
    MUST(pthread_mutex_init(&catalog->work, NULL) == 0);
    MUST(pthread_mutex_init(&catalog->lock, NULL) == 0);
    MUST(pthread_condattr_init(&clock) == 0);
    MUST(pthread_condattr_setclock(&clock, CLOCK_MONOTONIC) == 0);
    MUST(pthread_cond_init(&catalog->is_changed, &clock) == 0);
    MUST(pthread_condattr_destroy(&clock) == 0);
    return catalog;
}

/* Says of a file that it is what ERR_CORRUPT is for. */
static enum err tell(const struct catalog_config *config, const char *name, enum err err)
{
    if (err != ERR_CORRUPT || !config->damage)
        return err;
    *config->damage = (struct usage_damage){ 0 };
    (void)snprintf(config->damage->file, sizeof(config->damage->file), "%s", name);
    (void)snprintf(config->damage->what, sizeof(config->damage->what),
                   "missing, or its header, footer or directory is damaged");
    return err;
}

static enum err manifest_open(struct catalog *catalog, const struct catalog_config *config,
                              const struct manifest *manifest)
{
    char name[MANIFEST_NAME_MAX];
    struct snapshot *snapshot = snapshot_new(manifest->segment_count, manifest->run_count, 0);
    enum err err = OK;
    snapshot->segment_count = 0; /* only what is open */
    snapshot->run_count = 0;
    snapshot->sealed_to = manifest->sealed_to;
    catalog->salt = manifest->salt;
    catalog->first_log = manifest->first_log;
    catalog->next_file = manifest->next_file;
    for (uint32_t i = 0; i < manifest->segment_count && err == OK; i++) {
        manifest_segment_name(manifest->segments[i].file, name);
        err = tell(config, name,
                   catalog_segment_open(catalog, &manifest->segments[i], &snapshot->segments[i]));
        snapshot->segment_count += err == OK;
    }
    for (uint32_t i = 0; i < manifest->run_count && err == OK; i++) {
        manifest_run_name(manifest->runs[i].file, name);
        err = tell(config, name, catalog_run_open(catalog, &manifest->runs[i], &snapshot->runs[i]));
        snapshot->run_count += err == OK;
    }
    MUST(pthread_mutex_lock(&catalog->lock) == 0);
    catalog_exchange(catalog, snapshot); /* also on failure, to be freed with the catalog */
    MUST(pthread_mutex_unlock(&catalog->lock) == 0);
    return err;
}

enum err catalog_open(const struct catalog_config *config, struct catalog **ret, bool *ret_is_new)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct catalog *catalog = catalog_new(config);
    struct manifest manifest;
    enum err err = manifest_load(config->io, config->directory, arena, &manifest);
    bool is_new = err == ERR_ABSENT;
    (void)tell(config, MANIFEST_NAME, err);
    if (err == OK)
        err = manifest_open(catalog, config, &manifest);
    if (err != OK && !is_new) {
        catalog_close(catalog);
        return err;
    }
    *ret = catalog;
    *ret_is_new = is_new;
    return OK;
}

void catalog_close(struct catalog *catalog)
{
    if (!catalog)
        return;
    MUST(pthread_mutex_lock(&catalog->lock) == 0);
    CHECK(catalog->current->references == 1);
    snapshot_release(catalog, catalog->current);
    catalog->current = NULL;
    MUST(pthread_mutex_unlock(&catalog->lock) == 0);
    catalog_sweep(catalog);
    catalog_suspects_end(catalog, false);
    sealed_cache_free(catalog->cache);
    MUST(pthread_mutex_destroy(&catalog->work) == 0);
    MUST(pthread_mutex_destroy(&catalog->lock) == 0);
    MUST(pthread_cond_destroy(&catalog->is_changed) == 0);
    free(catalog->directory);
    free(catalog);
}

/* Whether a name is one of ours that the current list does not have. */
static bool is_stray(const struct catalog *catalog, const struct snapshot *current, text name)
{
    char ours[MANIFEST_NAME_MAX];
    int64_t number;
    if (text_equal(name, TEXT(MANIFEST_NAME ".new")) || text_equal(name, TEXT(LOG_ROOM_NAME)) ||
        text_equal(name, TEXT(CONFLICTS_NAME ".new")))
        return true;
    if (text_starts_with(name, TEXT("usage-")) && text_ends_with(name, TEXT(".log")))
        return text_to_int(text_slice(name, 6, name.len - 10), &number) &&
               number < catalog->first_log;
    if ((!text_starts_with(name, TEXT("sealed-")) || !text_ends_with(name, TEXT(".seg"))) &&
        (!text_starts_with(name, TEXT("keys-")) || !text_ends_with(name, TEXT(".run"))))
        return false;
    for (uint32_t i = 0; i < current->segment_count; i++) {
        manifest_segment_name(current->segments[i]->is.file, ours);
        if (text_equal(name, text_of(ours)))
            return false;
    }
    for (uint32_t i = 0; i < current->run_count; i++) {
        manifest_run_name(current->runs[i]->is.file, ours);
        if (text_equal(name, text_of(ours)))
            return false;
    }
    return true;
}

enum err catalog_clean(struct catalog *catalog)
{
    struct snapshot *current;
    struct dirent *entry;
    char path[PATH_MAX];
    enum err err = OK;
    DIR *listing = opendir(catalog->directory);
    if (!listing)
        return ERR_IO;
    current = catalog_take(catalog);
    while ((entry = readdir(listing)) != NULL) {
        if (!is_stray(catalog, current, text_of(entry->d_name)))
            continue;
        catalog_path(catalog, entry->d_name, path, sizeof(path));
        if (catalog->io->unlink(catalog->io, path) != 0 && errno != ENOENT)
            err = ERR_IO;
    }
    catalog_give(catalog, current);
    (void)closedir(listing);
    return err;
}
