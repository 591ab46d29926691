/* test_damage.c: bytes that change and files that end early. Never a wrong event, never a part of
 * a batch; ERR_CORRUPT, or a cut at the tail where journal.h allows one. */
#include "unit/usage/kit.h"
#include "usage/frame.h"
#include "usage/log_file.h"

#define BATCHES      4U
#define BATCH_EVENTS 2U
#define EVENTS       (BATCHES * BATCH_EVENTS)

static enum err store_open(const char *directory, size_t segment_bytes, struct usage **ret,
                           struct usage_replay *ret_replay)
{
    struct usage_config config = kit_config(directory, kit_io_quick(), segment_bytes);
    return usage_open(&config, ret, ret_replay);
}

static void batch_append(struct usage *usage, unsigned i)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event events[BATCH_EVENTS];
    struct usage_receipt receipt;
    for (unsigned k = 0; k < BATCH_EVENTS; k++)
        events[k] = kit_event(arena, i * BATCH_EVENTS + k);
    MUST(usage_append_wait(usage, events, BATCH_EVENTS, &receipt) == OK);
}

/* How many batches a store holds, when they are the first ones, whole and right; else -1. */
static int batches_in(struct usage *usage)
{
    unsigned times[EVENTS] = { 0 };
    struct kit_census census = { .room = EVENTS, .times = times };
    unsigned batches = 0;
    if (kit_take_census(usage, &census) != OK || census.is_wrong)
        return -1;
    while (batches < BATCHES && times[batches * BATCH_EVENTS] == 1)
        batches++;
    for (unsigned i = 0; i < EVENTS; i++)
        if (times[i] != (i < batches * BATCH_EVENTS))
            return -1;
    return (int)batches;
}

/* A log in bytes: its files, each freed with log_clear. */
struct log_bytes {
    unsigned char *bytes[16];
    size_t sizes[16];
    unsigned count;
};

static void log_read(const char *directory, struct log_bytes *ret)
{
    *ret = (struct log_bytes){ 0 };
    while (access(kit_segment(directory, ret->count + 1), F_OK) == 0) {
        ret->bytes[ret->count] =
            kit_read_log(kit_segment(directory, ret->count + 1), &ret->sizes[ret->count]);
        ret->count++;
    }
}

static void log_write(const char *directory, const struct log_bytes *log)
{
    for (unsigned i = 0; i < log->count; i++)
        kit_write_file(kit_segment(directory, i + 1), log->bytes[i], log->sizes[i]);
}

static void log_clear(struct log_bytes *log)
{
    for (unsigned i = 0; i < log->count; i++)
        free(log->bytes[i]);
}

/* Makes a log of all batches; a copy taken before the close has no closing mark. */
static void log_make(const char *directory, size_t segment_bytes, bool is_closed,
                     struct log_bytes *ret)
{
    struct usage *usage;
    kit_empty_directory(directory);
    MUST(store_open(directory, segment_bytes, &usage, NULL) == OK);
    for (unsigned i = 0; i < BATCHES; i++)
        batch_append(usage, i);
    if (!is_closed)
        log_read(directory, ret);
    usage_close(usage);
    if (is_closed)
        log_read(directory, ret);
}

/* What a damaged log gave. */
struct outcome {
    unsigned corrupt;  /* ERR_CORRUPT */
    unsigned cut;      /* opened, with the last batch gone */
    unsigned unharmed; /* opened, with everything */
    unsigned wrong;    /* anything else */
};

/* Opens the log in `directory` and books what it gives; after a cut, appending must go on. */
static void outcome_take(const char *directory, size_t segment_bytes, struct outcome *outcome)
{
    struct usage_replay replay;
    struct usage *usage;
    enum err err = store_open(directory, segment_bytes, &usage, &replay);
    int batches;
    if (err != OK) {
        outcome->corrupt += err == ERR_CORRUPT;
        outcome->wrong += err != ERR_CORRUPT;
        return;
    }
    batches = batches_in(usage);
    outcome->unharmed += batches == BATCHES;
    outcome->cut += batches == BATCHES - 1 && replay.cut_bytes > 0;
    outcome->wrong += batches < (int)BATCHES - 1;
    for (unsigned i = 0; i < BATCHES; i++)
        batch_append(usage, i);
    outcome->wrong += batches_in(usage) != BATCHES;
    usage_close(usage);
}

static void flip_all(size_t segment_bytes, bool is_closed, struct outcome *ret)
{
    char directory[KIT_PATH];
    struct log_bytes log;
    kit_make_directory(directory);
    log_make(directory, segment_bytes, is_closed, &log);
    for (unsigned i = 0; i < log.count; i++) {
        for (size_t at = 0; at < log.sizes[i]; at++) {
            unsigned char old = log.bytes[i][at];
            log.bytes[i][at] ^= (unsigned char)(1U << (at % 8));
            kit_empty_directory(directory);
            log_write(directory, &log);
            outcome_take(directory, segment_bytes, ret);
            log.bytes[i][at] = old;
        }
    }
    printf("# %u files: %u corrupt, %u cut, %u unharmed\n", log.count, ret->corrupt, ret->cut,
           ret->unharmed);
    log_clear(&log);
    kit_remove_directory(directory);
}

static void test_flips(void)
{
    struct outcome outcome = { 0 };
    flip_all(1 << 20, true, &outcome);
    OK(outcome.wrong == 0 && outcome.corrupt > 700 && outcome.cut == 0,
       "one file, closed in good order: a changed byte is ERR_CORRUPT, no event is cut");
    OK(outcome.unharmed == FRAME_HEADER_BYTES, "but for the closing mark, which holds nothing");
    outcome = (struct outcome){ 0 };
    flip_all(1 << 20, false, &outcome);
    OK(outcome.wrong == 0 && outcome.corrupt > 700 && outcome.unharmed == 0 && outcome.cut > 100,
       "one file, not closed: a changed byte is ERR_CORRUPT, or cuts the last batch only");
    outcome = (struct outcome){ 0 };
    flip_all(500, true, &outcome);
    OK(outcome.wrong == 0 && outcome.corrupt > 700 && outcome.cut == 0,
       "several files: a changed byte is ERR_CORRUPT");
}

/* Cut at each byte, a log of one file is that of the batches that are whole. */
static void test_truncation(void)
{
    char directory[KIT_PATH];
    struct log_bytes log;
    int before = 0;
    unsigned wrong = 0;
    unsigned steps = 0;
    kit_make_directory(directory);
    log_make(directory, 1 << 20, false, &log);
    for (size_t size = 0; size <= log.sizes[0]; size++) {
        struct usage_replay replay = { 0 };
        struct usage *usage;
        int batches;
        kit_empty_directory(directory);
        kit_write_file(kit_segment(directory, 1), log.bytes[0], size);
        MUST(store_open(directory, 1 << 20, &usage, &replay) == OK);
        batches = batches_in(usage);
        wrong += batches < before || batches > before + 1;
        wrong += batches > before && replay.cut_bytes != 0;
        wrong += replay.cut_bytes > size || replay.events != (uint64_t)batches * BATCH_EVENTS;
        steps += batches == before + 1;
        before = batches;
        usage_close(usage);
    }
    OK(wrong == 0 && steps == BATCHES && before == BATCHES,
       "cut at each of %zu bytes, the log holds the whole batches before it", log.sizes[0]);
    log_clear(&log);
    kit_remove_directory(directory);
}

/* Only the last file may end early; none may be missing, strange or out of place. */
static void test_files(void)
{
    char directory[KIT_PATH];
    struct log_bytes log;
    struct usage *usage;
    unsigned wrong = 0;
    kit_make_directory(directory);
    log_make(directory, 500, true, &log);
    MUST(log.count >= 3);
    for (size_t size = 0; size < log.sizes[0]; size++) {
        log_write(directory, &log);
        kit_write_file(kit_segment(directory, 1), log.bytes[0], size);
        wrong += store_open(directory, 500, &usage, NULL) != ERR_CORRUPT;
    }
    OK(wrong == 0, "a file that is not the last, cut anywhere, is ERR_CORRUPT");
    log_write(directory, &log);
    MUST(unlink(kit_segment(directory, 2)) == 0);
    OK(store_open(directory, 500, &usage, NULL) == ERR_CORRUPT, "a missing file is ERR_CORRUPT");
    log_write(directory, &log);
    kit_write_file(kit_segment(directory, 2), log.bytes[2], log.sizes[2]);
    OK(store_open(directory, 500, &usage, NULL) == ERR_CORRUPT,
       "a file in another's place is ERR_CORRUPT");
    kit_empty_directory(directory);
    log_write(directory, &log);
    kit_write_file(kit_segment(directory, log.count + 1), (const unsigned char *)"TGUSAGE2", 8);
    MUST(store_open(directory, 500, &usage, NULL) == OK);
    OK(batches_in(usage) == BATCHES, "a last file that was never used is no harm");
    usage_close(usage);
    log_clear(&log);
    kit_remove_directory(directory);
}

/* A file of another log, in the right place by name and number. */
static void test_stranger(void)
{
    char directory[KIT_PATH];
    struct log_bytes ours;
    struct log_bytes theirs;
    struct usage *usage;
    kit_make_directory(directory);
    log_make(directory, 500, true, &theirs);
    log_make(directory, 500, true, &ours);
    kit_write_file(kit_segment(directory, 2), theirs.bytes[1], theirs.sizes[1]);
    OK(store_open(directory, 500, &usage, NULL) == ERR_CORRUPT,
       "a file of another log is ERR_CORRUPT");
    log_clear(&ours);
    log_clear(&theirs);
    kit_remove_directory(directory);
}

/* Appends the bytes of the log so far as an event's data, after `pad` spaces; then tears the
 * header off that frame. What opening gives: first with the frame at the end of the file, then
 * with a closing mark behind it. */
static void forge(const char *directory, unsigned pad, enum err ret_errs[2])
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event event = kit_event(arena, 999);
    struct buffer data = { .arena = arena };
    struct usage_receipt receipt;
    struct log_bytes log;
    struct usage *usage;
    unsigned char *torn;
    size_t size;

    log_make(directory, 1 << 20, true, &log);
    MUST(store_open(directory, 1 << 20, &usage, NULL) == OK);
    for (unsigned i = 0; i < pad; i++)
        buffer_add_char(&data, ' ');
    buffer_add(&data, (text){ (const char *)log.bytes[0], log.sizes[0] });
    event.data = buffer_text(&data);
    MUST(usage_append_wait(usage, &event, 1, &receipt) == OK);
    usage_close(usage);
    torn = kit_read_log(kit_segment(directory, 1), &size);
    memset(torn + log.sizes[0], 0, FRAME_HEADER_BYTES);
    for (int is_marked = 0; is_marked < 2; is_marked++) {
        size_t end = is_marked ? size : size - FRAME_HEADER_BYTES;
        kit_write_file(kit_segment(directory, 1), torn, end);
        ret_errs[is_marked] = store_open(directory, 1 << 20, &usage, NULL);
        if (ret_errs[is_marked] != OK)
            continue;
        MUST(batches_in(usage) == BATCHES);
        usage_close(usage);
    }
    free(torn);
    log_clear(&log);
}

/* A client that sends pieces of the log as data cannot make a torn tail look like damage. */
static void test_forgery(void)
{
    char directory[KIT_PATH];
    unsigned taken_for_damage = 0;
    unsigned found = 0;
    kit_make_directory(directory);
    for (unsigned pad = 0; pad < 8; pad++) {
        enum err errs[2];
        forge(directory, pad, errs);
        taken_for_damage += errs[0] != OK;
        found += errs[1] == ERR_CORRUPT;
    }
    OK(taken_for_damage == 0, "frames inside an event's data are not taken for frames");
    OK(found == 8, "the same flaw with a true frame behind it is damage");
    kit_remove_directory(directory);
}

/* Bytes that change under a running store: scans and duplicates do not answer from them. */
/* What is not zero in the room made ahead is an unfinished write: cut, and no event with it. */
static void test_room(void)
{
    char directory[KIT_PATH];
    struct log_bytes log;
    unsigned wrong = 0;
    unsigned char *bytes;
    size_t size;
    kit_make_directory(directory);
    log_make(directory, 1 << 20, false, &log);
    bytes = kit_read_file(kit_segment(directory, 1), &size);
    OK(size >= log.sizes[0] + 100000, "there is room ahead (%zu bytes)", size - log.sizes[0]);
    for (size_t at = log.sizes[0]; at < size; at = at * 2 - log.sizes[0] + 1) {
        struct outcome outcome = { 0 };
        bytes[at] = 1;
        kit_empty_directory(directory);
        kit_write_file(kit_segment(directory, 1), bytes, size);
        outcome_take(directory, 1 << 20, &outcome);
        wrong += outcome.unharmed != 1 || outcome.wrong != 0;
        bytes[at] = 0;
    }
    OK(wrong == 0, "a stray byte in it is cut; every event is there, and appending goes on");
    free(bytes);
    log_clear(&log);
    kit_remove_directory(directory);
}

static void test_live_damage(void)
{
    char directory[KIT_PATH];
    struct arena *arena = arena_new();
    struct usage_event event = kit_event(arena, 0);
    struct usage_receipt receipt;
    struct usage *usage;
    size_t size;
    unsigned times[EVENTS] = { 0 };
    struct kit_census census = { .room = EVENTS, .times = times };
    unsigned wrong = 0;
    off_t end;
    int fd;

    kit_make_directory(directory);
    MUST(store_open(directory, 1 << 20, &usage, NULL) == OK);
    batch_append(usage, 0);
    fd = open(kit_segment(directory, 1), O_RDWR);
    MUST(fd >= 0);
    free(kit_read_log(kit_segment(directory, 1), &size));
    end = (off_t)size;
    for (off_t at = LOG_HEADER_BYTES + FRAME_HEADER_BYTES; at < end; at++) {
        unsigned char byte;
        unsigned char flipped;
        MUST(pread(fd, &byte, 1, at) == 1);
        flipped = byte ^ 0x10;
        MUST(pwrite(fd, &flipped, 1, at) == 1);
        census.total = 0;
        wrong += kit_take_census(usage, &census) != ERR_CORRUPT || census.is_wrong;
        MUST(pwrite(fd, &byte, 1, at) == 1);
    }
    OK(wrong == 0, "a scan over a changed record is ERR_CORRUPT, for each byte of it");
    MUST(pwrite(fd, "!", 1, LOG_HEADER_BYTES + FRAME_HEADER_BYTES + 80) == 1);
    OK(usage_append_wait(usage, &event, 1, &receipt) == ERR_CORRUPT,
       "a repeat of an event that cannot be read is ERR_CORRUPT, not a second event");
    OK(usage_sequence(usage) == BATCH_EVENTS, "and adds nothing");
    batch_append(usage, 1);
    OK(usage_sequence(usage) == 2 * BATCH_EVENTS, "other events go on");
    MUST(close(fd) == 0);
    usage_close(usage);
    kit_remove_directory(directory);
    arena_free(arena);
}

int main(void)
{
    test_flips();
    test_truncation();
    test_files();
    test_stranger();
    test_forgery();
    test_room();
    test_live_damage();
    return tap_end();
}
