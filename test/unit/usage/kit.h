/* kit.h: what the tests of usage/ share: directories to throw away, events to append, files that
 * fail. Included by one test program at a time. */
#ifndef TEST_UNIT_USAGE_KIT_H
#define TEST_UNIT_USAGE_KIT_H

#include "lib/tap.h"
#include "usage/usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIT_PATH 512

/* ---- directories ---- */

/* A new empty directory under /tmp; its name into `ret`. */
static inline void kit_make_directory(char ret[KIT_PATH])
{
    MUST(snprintf(ret, KIT_PATH, "/tmp/usage-test-XXXXXX") > 0);
    MUST(mkdtemp(ret) != NULL);
}

/* Removes the files in the directory. */
static inline void kit_empty_directory(const char *directory)
{
    char path[KIT_PATH * 2];
    struct dirent *entry;
    DIR *listing = opendir(directory);
    if (!listing)
        return;
    while ((entry = readdir(listing)) != NULL) {
        MUST(snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) > 0);
        if (entry->d_name[0] != '.')
            MUST(unlink(path) == 0);
    }
    MUST(closedir(listing) == 0);
}

static inline void kit_remove_directory(const char *directory)
{
    kit_empty_directory(directory);
    (void)rmdir(directory);
}

/* The path of a file of the log. */
static inline const char *kit_segment(const char *directory, unsigned ordinal)
{
    static char path[KIT_PATH * 2];
    MUST(snprintf(path, sizeof(path), "%s/usage-%08u.log", directory, ordinal) > 0);
    return path;
}

/* All bytes of a file, which is closed; freed by the caller. */
static inline unsigned char *kit_read_all(int fd, size_t *ret_size)
{
    struct stat status;
    unsigned char *bytes;
    MUST(fd >= 0 && fstat(fd, &status) == 0);
    bytes = malloc((size_t)status.st_size + 1);
    MUST(bytes != NULL && read(fd, bytes, (size_t)status.st_size) == status.st_size);
    MUST(close(fd) == 0);
    *ret_size = (size_t)status.st_size;
    return bytes;
}

static inline unsigned char *kit_read_file(const char *path, size_t *ret_size)
{
    return kit_read_all(open(path, O_RDONLY), ret_size);
}

/* The bytes of a log file up to the room made ahead, which is zeros. */
static inline unsigned char *kit_read_log(const char *path, size_t *ret_size)
{
    unsigned char *bytes = kit_read_file(path, ret_size);
    while (*ret_size > 0 && bytes[*ret_size - 1] == 0)
        (*ret_size)--;
    *ret_size = (*ret_size + 7) / 8 * 8;
    return bytes;
}

static inline void kit_write_file(const char *path, const unsigned char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    MUST(fd >= 0);
    MUST(write(fd, bytes, size) == (ssize_t)size);
    MUST(close(fd) == 0);
}

/* ---- events ---- */

/* The org with this number, 1 and up. */
static inline struct org_id kit_org(unsigned number)
{
    struct org_id org;
    memset(&org, 0, sizeof(org));
    memcpy(&org, &number, sizeof(number));
    return org;
}

/* An event whose every member follows from `number`; its texts live in the arena. */
static inline struct usage_event kit_event(struct arena *arena, uint64_t number)
{
    return (struct usage_event){
        .org = kit_org(1 + (unsigned)(number % 3)),
        .id = text_format(arena, "event-%llu", (unsigned long long)number),
        .source = number % 2 ? TEXT("meter-a") : TEXT("meter-b"),
        .type = number % 5 ? TEXT("api-call") : TEXT("storage"),
        .subject = text_format(arena, "customer-%llu", (unsigned long long)(number % 7)),
        .data = text_format(arena, "{\"value\":%llu}", (unsigned long long)(number * 31)),
        .time = { (int64_t)number * NS_PER_SECOND },
        .is_time_given = true,
        .ingested_at = { (int64_t)number * NS_PER_SECOND + 7 },
    };
}

/* The number of an event made by kit_event; false when any member is not what it was. */
static inline bool kit_event_number(const struct usage_event *event, uint64_t *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event want;
    int64_t number;
    if (!text_starts_with(event->id, TEXT("event-")) ||
        !text_to_int(text_slice(event->id, 6, event->id.len), &number))
        return false;
    want = kit_event(arena, (uint64_t)number);
    *ret = (uint64_t)number;
    return memcmp(&event->org, &want.org, sizeof(want.org)) == 0 &&
           text_equal(event->source, want.source) && text_equal(event->type, want.type) &&
           text_equal(event->subject, want.subject) && text_equal(event->data, want.data) &&
           text_is_empty(event->data_schema) && instant_equal(event->time, want.time) &&
           instant_equal(event->ingested_at, want.ingested_at) && event->is_time_given;
}

/* How often each event of kit_event is in a store. */
struct kit_census {
    uint64_t room;   /* numbers below it are counted */
    unsigned *times; /* by number */
    uint64_t total;
    bool is_wrong;     /* an event was not what was appended, or out of order */
    uint64_t sequence; /* the last one seen */
};

static inline bool kit_count(void *state, const struct usage_event *event)
{
    struct kit_census *census = state;
    uint64_t number;
    if (!kit_event_number(event, &number) || number >= census->room ||
        event->sequence <= census->sequence) {
        census->is_wrong = true;
        return false;
    }
    census->sequence = event->sequence;
    census->times[number]++;
    census->total++;
    return true;
}

/* Counts all events of all three orgs; `times` has `room` zeros. The scan's error. */
static inline enum err kit_take_census(struct usage *usage, struct kit_census *census)
{
    for (unsigned org = 1; org <= 3; org++) {
        struct usage_filter filter = USAGE_FILTER_ALL;
        enum err err;
        filter.org = kit_org(org);
        census->sequence = 0;
        err = usage_scan(usage, &filter, kit_count, census);
        if (err != OK)
            return err;
    }
    return OK;
}

#include "unit/usage/kit_io.h"

#endif
