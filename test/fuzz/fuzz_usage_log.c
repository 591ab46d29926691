/* fuzz_usage_log.c: any bytes as the files of the event log. Opening and scanning them never
 * crashes and never reads outside; what opens goes on working.
 *
 * The first byte says what the rest is:
 *   0  the first file
 *   1  two files, the first as long as the second byte times 16
 *   2  the body of a frame in a file that is otherwise right: the second byte is the number of
 *      records; checksums and sequences are put right, so that what lies behind them is reached
 *   3  bytes that stand in the manifest of a store with sealed events from the place on that the
 *      second byte says; its checksum is put right
 */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "usage/frame.h"
#include "usage/log_file.h"
#include "usage/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SALT_AT   16 /* segment.h */
#define BYTES_MAX (1 << 16)

static char directory[64];

static int no_sync(struct usage_io *io, int fd)
{
    (void)io;
    (void)fd;
    return 0;
}

static int no_sync_directory(struct usage_io *io, const char *path)
{
    (void)io;
    (void)path;
    return 0;
}

static struct usage_io *quick_io(void)
{
    static struct usage_io io;
    io = *usage_io_system();
    io.sync = no_sync;
    io.sync_directory = no_sync_directory;
    return &io;
}

static const char *path_of(const char *name)
{
    static char path[128];
    MUST(snprintf(path, sizeof(path), "%s/%s", directory, name) > 0);
    return path;
}

static void directory_empty(void)
{
    struct dirent *entry;
    DIR *listing = opendir(directory);
    if (!listing)
        return;
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.')
            (void)unlink(path_of(entry->d_name));
    (void)closedir(listing);
}

static void directory_leave(void)
{
    directory_empty();
    (void)rmdir(directory);
}

static void directory_enter(void)
{
    const char *base = getenv("TMPDIR");
    if (directory[0] != '\0')
        return;
    MUST(snprintf(directory, sizeof(directory), "%s/fuzz-usage-XXXXXX", base ? base : "/tmp") > 0);
    MUST(mkdtemp(directory) != NULL);
    MUST(atexit(directory_leave) == 0);
}

static void file_write(const char *name, const uint8_t *data, size_t size)
{
    int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    MUST(close(fd) == 0);
}

static struct org_id org_first(void)
{
    struct org_id org;
    memset(&org, 0, sizeof(org));
    memset(&org, 1, 1);
    return org;
}

static enum err store_open(struct usage **ret)
{
    struct usage_config config = { .directory = directory,
                                   .io = quick_io(),
                                   .segment_bytes = BYTES_MAX,
                                   .seal_age_millisecond = UINT32_MAX };
    return usage_open(&config, ret, NULL);
}

/* Appends an event; its id is one that no log in the corpus has. */
static void store_append(struct usage *usage)
{
    struct usage_event event = {
        .org = org_first(), .id = TEXT("fuzz"), .source = TEXT("fuzz"), .data = TEXT("{}")
    };
    struct usage_receipt receipt;
    MUST(usage_append_wait(usage, &event, 1, &receipt) == OK);
    MUST(receipt.accepted + receipt.duplicates == 1);
}

static void seal_records(unsigned char *body, size_t size, uint64_t salt, struct frame *frame)
{
    uint64_t sequence = frame->first_sequence;
    for (size_t at = 0; at < size && record_is_formed(body + at, size - at);) {
        record_hash(body + at, salt);
        frame->body_checksum = frame_fold(frame->body_checksum, record_seal(body + at, sequence++));
        at += record_length(body + at);
    }
}

/* Where the room ahead begins. */
static int64_t log_end(int fd)
{
    static unsigned char bytes[BYTES_MAX];
    ssize_t size = pread(fd, bytes, sizeof(bytes), 0);
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return (size + 7) / 8 * 8;
}

/* A right file with one event, then a frame with this body. */
static void frame_append(uint8_t count, const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct frame frame = { .count = count, .first_sequence = 2 };
    unsigned char *bytes;
    struct usage *usage;
    uint64_t salt;
    int64_t offset;
    int fd;

    MUST(store_open(&usage) == OK);
    store_append(usage);
    usage_close(usage);
    fd = open(path_of("usage-00000001.log"), O_RDWR | O_CLOEXEC);
    MUST(fd >= 0 && pread(fd, &salt, sizeof(salt), SALT_AT) == sizeof(salt));
    offset = log_end(fd);
    size -= size % 8;
    bytes = arena_alloc(arena, FRAME_HEADER_BYTES + size);
    memcpy(bytes + FRAME_HEADER_BYTES, data, size);
    frame.body_checksum = salt;
    seal_records(bytes + FRAME_HEADER_BYTES, size, salt, &frame);
    frame.offset = (uint64_t)offset;
    frame.body_bytes = size;
    frame_write_header(&frame, salt, bytes);
    size += FRAME_HEADER_BYTES;
    MUST(pwrite(fd, bytes, size, offset) == (ssize_t)size);
    MUST(close(fd) == 0);
}

/* A store with sealed events, and these bytes in its manifest. */
static void manifest_change(size_t at, const uint8_t *data, size_t size)
{
    static unsigned char bytes[BYTES_MAX];
    struct usage *usage;
    uint64_t checksum;
    ssize_t length;
    int fd;

    MUST(store_open(&usage) == OK);
    store_append(usage);
    MUST(usage_seal(usage) == OK);
    usage_close(usage);
    fd = open(path_of("manifest"), O_RDWR | O_CLOEXEC);
    MUST(fd >= 0);
    length = pread(fd, bytes, sizeof(bytes), 0);
    MUST(length > 8 && (size_t)length < sizeof(bytes) / 2);
    if (at > (size_t)length - 8)
        at = (size_t)length - 8;
    if (size > sizeof(bytes) / 2)
        size = sizeof(bytes) / 2;
    memcpy(bytes + at, data, size);
    if (at + size + 8 > (size_t)length)
        length = (ssize_t)(at + size + 8);
    checksum = XXH3_64bits(bytes, (size_t)length - 8);
    memcpy(bytes + length - 8, &checksum, sizeof(checksum));
    MUST(pwrite(fd, bytes, (size_t)length, 0) == length);
    MUST(close(fd) == 0);
}

/* Touches every byte of what a scan gives. */
static bool visit(void *state, const struct usage_event *event)
{
    const text texts[] = { event->id,      event->source,      event->type,
                           event->subject, event->data_schema, event->data };
    unsigned *sum = state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (size_t k = 0; k < texts[i].len; k++)
            *sum += (unsigned char)texts[i].ptr[k];
    return true;
}

static void store_try(void)
{
    struct usage_filter filter = USAGE_FILTER_ALL;
    struct usage *usage;
    unsigned sum = 0;
    enum err err = store_open(&usage);
    filter.org = org_first();
    if (err != OK) {
        MUST(err == ERR_CORRUPT);
        return;
    }
    err = usage_scan(usage, &filter, visit, &sum);
    MUST(err == OK || err == ERR_CORRUPT);
    store_append(usage);
    usage_close(usage);
    MUST(store_open(&usage) == OK); /* what opened once opens again */
    usage_close(usage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t first;
    if (size < 2 || size > BYTES_MAX)
        return 0;
    directory_enter();
    directory_empty();
    first = (size_t)data[1] * 16 < size - 2 ? (size_t)data[1] * 16 : size - 2;
    if (data[0] == 0) {
        file_write("usage-00000001.log", data + 1, size - 1);
    } else if (data[0] == 1) {
        file_write("usage-00000001.log", data + 2, first);
        file_write("usage-00000002.log", data + 2 + first, size - 2 - first);
    } else if (data[0] == 3) {
        manifest_change(data[1], data + 2, size - 2);
    } else {
        frame_append(data[1], data + 2, size - 2);
    }
    store_try();
    return 0;
}
