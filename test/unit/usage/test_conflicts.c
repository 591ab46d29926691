/* test_conflicts.c: the latest repetitions that say something else are kept, so many and no more.
 */
#include "base/limits.h"
#include "unit/usage/kit.h"
#include "usage/conflict.h"

static struct usage_event event_of(struct arena *arena, int number, text data)
{
    struct usage_event event = {
        .id = text_format(arena, "e%d", number),
        .source = TEXT("s"),
        .type = TEXT("t"),
        .subject = TEXT("c"),
        .data = data,
        .time = { number },
        .is_time_given = true,
        .sequence = (uint64_t)number + 1,
    };
    event.org.ulid.bytes[15] = (unsigned char)(1 + number % 2);
    return event;
}

static struct org_id org_of(unsigned char number)
{
    struct org_id org = { 0 };
    org.ulid.bytes[15] = number;
    return org;
}

static bool is_same_version(const struct usage_version *a, const struct usage_version *b)
{
    return instant_equal(a->time, b->time) && instant_equal(a->ingested_at, b->ingested_at) &&
           a->sequence == b->sequence && strcmp(a->digest, b->digest) == 0;
}

/* The list comes back from its file, and a changed byte makes it an empty one. */
static void test_file(struct conflicts *conflicts, struct arena *arena)
{
    char directory[KIT_PATH];
    struct conflicts *loaded = conflicts_new();
    struct usage_conflict *found;
    struct usage_conflict *again;
    size_t count = conflicts_list(conflicts, org_of(1), arena, &found);
    bool is_same = true;
    unsigned char *bytes;
    size_t size;
    char path[KIT_PATH + 16];

    kit_make_directory(directory);
    MUST(snprintf(path, sizeof(path), "%s/%s", directory, CONFLICTS_NAME) > 0);
    OK(conflicts_load(loaded, usage_io_system(), directory), "a file may be missing");
    OK(conflicts_list(loaded, org_of(1), arena, &again) == 0, "without a file there are none");
    MUST(conflicts_save(conflicts, usage_io_system(), directory) == OK);
    OK(conflicts_load(loaded, usage_io_system(), directory), "the file is whole");
    OK(conflicts_list(loaded, org_of(1), arena, &again) == count, "the file has all that are kept");
    for (size_t i = 0; i < count; i++)
        is_same &= text_equal(found[i].id, again[i].id) &&
                   text_equal(found[i].source, again[i].source) &&
                   is_same_version(&found[i].first, &again[i].first) &&
                   is_same_version(&found[i].second, &again[i].second);
    OK(is_same, "in order, as they were");
    conflicts_free(loaded);
    bytes = kit_read_file(path, &size);
    bytes[size / 2] ^= 1;
    kit_write_file(path, bytes, size);
    free(bytes);
    loaded = conflicts_new();
    OK(!conflicts_load(loaded, usage_io_system(), directory), "a damaged one is told");
    OK(conflicts_list(loaded, org_of(1), arena, &again) == 0, "a damaged file is an empty list");
    MUST(unlink(path) == 0);
    MUST(conflicts_save(conflicts, usage_io_system(), directory) == OK);
    OK(access(path, F_OK) != 0, "what has not changed is not written again");
    conflicts_free(loaded);
    kit_remove_directory(directory);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct conflicts *conflicts = conflicts_new();
    struct usage_conflict *found;
    const int count = LIMIT_CONFLICTS_KEPT + 100;

    OK(conflicts_list(conflicts, org_of(1), arena, &found) == 0, "at first there are none");
    for (int i = 0; i < count; i++) {
        struct usage_event first = event_of(arena, i, TEXT("{}"));
        struct usage_event second = event_of(arena, i, TEXT("{\"n\":1}"));
        second.sequence = 0;
        conflicts_add(conflicts, &first, &second);
    }
    OK(conflicts_list(conflicts, org_of(1), arena, &found) == LIMIT_CONFLICTS_KEPT / 2,
       "the latest are kept, each for its own organization");
    IS_TEXT(found[0].id, "e1098", "newest first");
    IS_TEXT(found[LIMIT_CONFLICTS_KEPT / 2 - 1].id, "e100", "the oldest were pushed out");
    OK(found[0].first.sequence == 1099 && found[0].second.sequence == 0, "the first one counts");
    OK(found[0].first.time.ns == 1098, "times are told");
    OK(strlen(found[0].first.digest) == 32 &&
           strcmp(found[0].first.digest, found[0].second.digest) != 0,
       "another payload has another digest");
    OK(strcmp(found[0].first.digest, found[1].first.digest) == 0, "the same payload has the same");
    OK(conflicts_list(conflicts, org_of(3), arena, &found) == 0, "another organization sees none");
    conflicts_forget(conflicts, org_of(1), NULL, 0);
    OK(conflicts_list(conflicts, org_of(1), arena, &found) == LIMIT_CONFLICTS_KEPT / 2,
       "what is not told to be forgotten stays");
    conflicts_forget(conflicts, org_of(1), (const uint64_t[]){ 1099, 1098, 101 }, 3);
    OK(conflicts_list(conflicts, org_of(1), arena, &found) == LIMIT_CONFLICTS_KEPT / 2 - 2 &&
           found[0].first.sequence == 1097,
       "those with these first events are forgotten");
    OK(conflicts_list(conflicts, org_of(2), arena, &found) == LIMIT_CONFLICTS_KEPT / 2,
       "of one organization");
    test_file(conflicts, arena);
    conflicts_free(conflicts);
    return tap_end();
}
