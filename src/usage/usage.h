/* usage.h: the event store: durable, deduplicated, in order of arrival.
 *
 * Each event gets a sequence number; duplicates by (org, source, id) are dropped for ever, the
 * first write wins; the batch is appended to a log and made durable with one flush shared by
 * everyone who waits (group commit); then, and only then, it is visible to readers and
 * acknowledged.
 *
 * Behind this interface an event goes to a log first: frames of checksummed records, with an index
 * in memory (journal.h tells how it survives crashes, full disks and failed flushes). From there a
 * background thread moves it to a sealed segment (below). README.md tells how all fits together.
 *
 * What a crash may do: everything acknowledged is there after it, once. A batch that was not
 * acknowledged is there whole or not at all; when it is there, the client's retry is answered as
 * duplicates.
 *
 * What it is not: it knows no meters and no rollups, and it never changes an event.
 */
#ifndef USAGE_USAGE_H
#define USAGE_USAGE_H

#include "base/err.h"
#include "base/id.h"
#include "base/instant.h"
#include "base/text.h"
#include "codec/json.h"

/* One event. On append, texts are borrowed for the call; from a scan, until the callback returns.
 */
struct usage_event {
    struct org_id org;
    text id;
    text source;
    text type;
    text subject;
    text data_schema;   /* the CloudEvents attribute dataschema; empty when absent */
    text data;          /* raw JSON of `data`; empty when absent */
    instant time;       /* of the event */
    bool is_time_given; /* by the sender; else time is a default and no ground for a conflict */
    instant ingested_at;
    uint64_t sequence; /* set by the store; 1 is the first */
};

struct usage;

/* The file calls the store makes, so that a test can make the n-th of them fail. Each returns as
 * its namesake in POSIX, with errno set. */
struct usage_io {
    int (*open)(struct usage_io *io, const char *path, int flags, int mode);
    int64_t (*write)(struct usage_io *io, int fd, const void *from, size_t size, int64_t offset);
    int (*sync)(struct usage_io *io, int fd);
    int (*truncate)(struct usage_io *io, int fd, int64_t size);
    int (*sync_directory)(struct usage_io *io, const char *path);
    int64_t (*read)(struct usage_io *io, int fd, void *to, size_t size, int64_t offset);
    int (*allocate)(struct usage_io *io, int fd, int64_t size); /* posix_fallocate, with errno */
    int (*rename)(struct usage_io *io, const char *from, const char *to);
    int (*unlink)(struct usage_io *io, const char *path);
};

/* The operating system's. Static. */
struct usage_io *usage_io_system(void);

/* A flaw found in a file. */
struct usage_damage {
    char file[64];   /* its name in the directory */
    char what[96];   /* "block 3, column subject: checksum" */
    uint64_t offset; /* of the first byte of what is flawed */
};

struct usage_config {
    const char *directory; /* made when missing */
    struct usage_io *io;   /* NULL for the operating system's */
    size_t queue_bytes;    /* accepted and not yet durable; LIMIT_USAGE_QUEUE_BYTES when 0 */
    size_t segment_bytes;  /* the log goes on in a new file after so many; 64 MiB when 0 */
    size_t cache_bytes;    /* decoded blocks kept for reading; LIMIT_USAGE_CACHE_BYTES when 0 */
    struct usage_damage *damage; /* filled in when usage_open gives ERR_CORRUPT; may be NULL */
    /* For tests; what is usual when 0. */
    uint32_t seal_rows;            /* most events of a sealed segment */
    uint32_t seal_age_millisecond; /* events as old as this are sealed, few may wait twelve times as
                                      long; UINT32_MAX: only usage_seal seals anything */
    size_t room_bytes;             /* of files of the log made ahead; SIZE_MAX: none are */
    uint32_t parts_max;            /* files of the log, the last one but not yet sealed, from which
                                      on usage_append answers ERR_BUSY */
};

/* What the start found. */
struct usage_replay {
    uint64_t events;    /* in the store, sealed or in the log */
    uint64_t replayed;  /* of these, read from the log */
    uint64_t cut_bytes; /* of a torn tail */
    int64_t elapsed_ns;
};

/* Opens the log, replays it, cuts a torn tail, starts the commit thread. Holds a lock file: a
 * second opener gets ERR_BUSY. ERR_CORRUPT when a record that is not at the tail is damaged, and
 * for files of another version. `ret_replay` may be NULL. */
NODISCARD enum err usage_open(const struct usage_config *config, struct usage **ret,
                              struct usage_replay *ret_replay);

/* Finishes what was accepted, then closes. No other call may be under way or follow. */
void usage_close(struct usage *usage);

/* What became of a batch. */
struct usage_receipt {
    enum err err;           /* OK: durable and visible. Else nothing of the batch is */
    uint64_t accepted;      /* new events */
    uint64_t duplicates;    /* dropped: same (org, source, id) as an earlier event */
    uint64_t conflicts;     /* among the duplicates: another payload than the first */
    uint64_t sequence_last; /* the newest sequence number when it became durable */
};

typedef void usage_done(void *state, const struct usage_receipt *receipt);

/* Appends a batch, all or nothing. Returns at once: ERR_BUSY when the queue is full, ERR_STOPPED
 * when closing (then `done` is not called), else OK, and `done` is called exactly once, from the
 * commit thread, when the batch is durable and visible, or failed. The events are copied before the
 * call returns.
 *
 * A batch larger than the whole queue is taken when the queue is empty. `done` is called in order
 * of arrival; it may call usage_append, never usage_append_wait or usage_close. A conflict is told
 * by the bytes of type, subject, data and data_schema, and by time where both senders gave one.
 *
 * Receipts carry ERR_NO_SPACE or ERR_IO when the write failed (a later batch tries again by
 * itself), ERR_CORRUPT when the batch repeats an event whose first record is damaged. */
NODISCARD enum err usage_append(struct usage *usage, const struct usage_event *events, size_t count,
                                usage_done *done, void *state);

/* The same, waiting for the outcome: the receipt's error. `ret` is untouched when that is not OK.
 */
NODISCARD enum err usage_append_wait(struct usage *usage, const struct usage_event *events,
                                     size_t count, struct usage_receipt *ret);

/* The newest visible sequence number: a snapshot to read at. */
uint64_t usage_sequence(struct usage *usage);

/* Which events a scan visits. Start from USAGE_FILTER_ALL and name the org. */
struct usage_filter {
    struct org_id org;    /* required */
    text type;            /* ptr NULL: every type */
    const text *subjects; /* any of these; count 0: every subject */
    size_t subject_count;
    instant from;            /* inclusive; INSTANT_NONE: from the beginning */
    instant to;              /* exclusive; INSTANT_NONE: to the end */
    uint64_t sequence_after; /* only events with a greater sequence */
    uint64_t sequence_max;   /* 0: the newest at the start of the scan */
    bool is_newest_first;    /* by sequence */
};

#define USAGE_FILTER_ALL ((struct usage_filter){ .from = INSTANT_NONE, .to = INSTANT_NONE })

/* Calls `visit` for each event, in order of sequence; a false return ends the scan. Readers do not
 * block writers. ERR_CORRUPT when a record no longer matches its checksum: never answered from. */
typedef bool usage_visit(void *state, const struct usage_event *event);
NODISCARD enum err usage_scan(struct usage *usage, const struct usage_filter *filter,
                              usage_visit *visit, void *state);

/* ---- reading by columns ---- */

#define USAGE_NOTHING UINT32_MAX /* a code: the event has no data, or nothing at the path */

/* What stands at one path in the data of a block's events: values[codes[row]]. Values need not be
 * distinct. Of an array or an object only the kind is told. Data that is no JSON has nothing. */
struct usage_column {
    const uint32_t *codes;
    const struct json *values;
    uint32_t value_count;
};

/* Some neighbouring events, all of one type and org that passed the filter being listed in `rows`.
 * Everything is borrowed until the visitor returns. */
struct usage_block {
    uint64_t sequence;    /* of row 0; row n has sequence + n */
    uint32_t count;       /* rows; arrays "by row" have so many */
    const uint32_t *rows; /* those that passed the filter, ascending */
    uint32_t row_count;
    const instant *times;      /* by row */
    const uint32_t *subjects;  /* by row: an index into subject_names */
    const text *subject_names; /* distinct */
    uint32_t subject_count;
    const struct usage_column *columns; /* one for each path asked for */
};

struct usage_paths {
    const struct json_path *items;
    size_t count;
};

/* Like usage_scan, oldest first, but by blocks; blocks without a passing row are left out. The
 * filter must name a type. */
typedef bool usage_block_visit(void *state, const struct usage_block *block);
NODISCARD enum err usage_scan_blocks(struct usage *usage, const struct usage_filter *filter,
                                     const struct usage_paths *paths, usage_block_visit *visit,
                                     void *state);

/* ---- sealing ----
 *
 * Events go to the log first. A background thread rewrites them, in order, into sealed segments:
 * columnar, compressed, immutable files; then the log files are removed. Nothing waits for it. */

/* Every event up to this sequence is in a sealed segment. */
uint64_t usage_sealed_sequence(struct usage *usage);

/* Seals all that is visible now and waits for it. ERR_NO_SPACE, ERR_IO: tried again later by the
 * background thread. */
NODISCARD enum err usage_seal(struct usage *usage);

/* Whether much waits to be sealed: what has time should leave the processors to that. */
bool usage_is_behind(struct usage *usage);

/* `sealed` is called from the background thread whenever usage_sealed_sequence has grown or an
 * epoch has changed. One listener; NULL for none; returns when no call is under way. */
typedef void usage_sealed(void *state);
void usage_listen(struct usage *usage, usage_sealed *sealed, void *state);

/* A number that changes whenever events among these sequences were erased: what was derived from
 * them under another number is stale. Both ends inclusive and sealed. Survives restarts. */
uint64_t usage_epoch(struct usage *usage, uint64_t first, uint64_t last);

/* ---- erasing ---- */

/* Which events to erase. An erased event leaves nothing but a keyed 128-bit BLAKE2b digest of its
 * (org, source, id), so that its repetition is still a duplicate. */
struct usage_erasure {
    struct org_id org;    /* required */
    const text *subjects; /* any of these; count 0: every subject */
    size_t subject_count;
    instant before;        /* only events before; INSTANT_NONE: of any time */
    bool is_whole_segment; /* only in segments where it concerns every event of the org: cheap, for
                              retention; the rest waits until its neighbours are old, too */
};

struct usage_erased {
    uint64_t events;
    uint64_t segments; /* rewritten */
};

/* Seals, rewrites what is concerned, and removes the old files; then no byte of an erased event's
 * id, source, subject, type and data is in the store's files, unless another event holds the same.
 * Interrupted, it may be repeated. Events arriving meanwhile are not looked at. */
NODISCARD enum err usage_erase(struct usage *usage, const struct usage_erasure *erasure,
                               struct usage_erased *ret);

/* ---- checking and copying ---- */

/* Reads every byte of every file and compares every checksum and the files with each other;
 * calls `visit` for each flaw. OK when all could be read, flaws or none. While serving. */
typedef void usage_damage_visit(void *state, const struct usage_damage *damage);
NODISCARD enum err usage_check(struct usage *usage, usage_damage_visit *visit, void *state);

/* A file that belongs to a copy. */
struct usage_file {
    const char *name;  /* in the directory */
    uint64_t size;     /* bytes to copy; the file may be longer */
    bool is_immutable; /* this name never has other bytes: an incremental copy may pass it over */
    const void *contents; /* not NULL: these bytes instead of the file's */
};

/* Calls `visit` for each file of a copy that holds exactly the events visible at one moment,
 * `ret_sequence` being their last. Files told of stay until it returns; appends go on. An error of
 * the visitor ends it. */
typedef enum err usage_file_visit(void *state, const struct usage_file *file);
NODISCARD enum err usage_copy(struct usage *usage, usage_file_visit *visit, void *state,
                              uint64_t *ret_sequence);

/* ---- conflicts ---- */

/* One of two events with the same key. */
struct usage_version {
    instant time, ingested_at;
    uint64_t sequence; /* 0: none, it was dropped, or is not durable yet */
    char digest[33];   /* of type, subject, data schema and data: 32 hexadecimal digits */
};

/* An event was repeated, and the repetition, which was dropped, says something else. */
struct usage_conflict {
    struct org_id org;
    text source, id;
    struct usage_version first, second;
};

/* The latest conflicts, newest first, in the arena; how many. No more than LIMIT_CONFLICTS_KEPT are
 * kept, of all organizations; a crash may take the very last. */
size_t usage_conflicts(struct usage *usage, struct org_id org, struct arena *arena,
                       struct usage_conflict **ret);

/* Counters for /metrics and the console. */
struct usage_stats {
    uint64_t events;     /* visible */
    uint64_t duplicates; /* dropped since the start of the process */
    uint64_t conflicts;
    uint64_t flushes;
    uint64_t bytes_on_disk, queue_bytes;
    uint64_t sealed_events, sealed_segments, erased_events;
    uint64_t memory_bytes; /* of indexes, filters and caches, about */
    bool is_failing;       /* the last write failed: appends answer its error until one succeeds */
};

/* Any thread. */
void usage_stats(struct usage *usage, struct usage_stats *ret);

#endif
