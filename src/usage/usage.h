/* usage.h: the event store: durable, deduplicated, in order of arrival.
 *
 * Each event gets a sequence number; duplicates by (org, source, id) are dropped for ever, the
 * first write wins; the batch is appended to a log and made durable with one flush shared by
 * everyone who waits (group commit); then, and only then, it is visible to readers and
 * acknowledged.
 *
 * The body behind this interface is the simplest durable one: an append-only log of checksummed
 * records, read through a memory map, with its index in memory and rebuilt by replay at start. A
 * torn tail (a crash in the middle of a write) is cut at the last whole batch. journal.h tells how
 * the log survives crashes, full disks and failed flushes.
 *
 * What a crash may do: everything acknowledged is there after it, once. A batch that was not
 * acknowledged is there whole or not at all; when it is there, the client's retry is answered as
 * duplicates.
 *
 * What it is not: it knows no meters and no rollups, and it never changes or deletes an event.
 */
#ifndef USAGE_USAGE_H
#define USAGE_USAGE_H

#include "base/err.h"
#include "base/id.h"
#include "base/instant.h"
#include "base/text.h"

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
};

/* The operating system's. Static. */
struct usage_io *usage_io_system(void);

struct usage_config {
    const char *directory; /* made when missing */
    struct usage_io *io;   /* NULL for the operating system's */
    size_t queue_bytes;    /* accepted and not yet durable; LIMIT_USAGE_QUEUE_BYTES when 0 */
    size_t segment_bytes;  /* the log goes on in a new file after so many; 128 MiB when 0 */
};

/* What the start found in the log. */
struct usage_replay {
    uint64_t events;    /* found whole */
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

/* Which events a scan visits. Members left at zero do not restrict; from and to are half-open. */
struct usage_filter {
    struct org_id org;    /* required */
    text type;            /* ptr NULL: every type */
    const text *subjects; /* any of these; count 0: every subject */
    size_t subject_count;
    instant from;          /* INSTANT_NONE or zero: from the beginning */
    instant to;            /* INSTANT_NONE or zero: to the end */
    uint64_t sequence_max; /* 0: the newest at the start of the scan */
    bool is_newest_first;  /* by sequence */
};

/* Calls `visit` for each event, in order of sequence; a false return ends the scan. Readers do not
 * block writers. ERR_CORRUPT when a record no longer matches its checksum: never answered from. */
typedef bool usage_visit(void *state, const struct usage_event *event);
NODISCARD enum err usage_scan(struct usage *usage, const struct usage_filter *filter,
                              usage_visit *visit, void *state);

/* Counters for /metrics and the console. */
struct usage_stats {
    uint64_t events;     /* visible */
    uint64_t duplicates; /* dropped since the start of the process */
    uint64_t conflicts;
    uint64_t flushes;
    uint64_t bytes_on_disk;
    uint64_t queue_bytes;
    bool is_failing; /* the last write failed: appends answer its error until one succeeds */
};

/* Fills in all of them. Any thread. */
void usage_stats(struct usage *usage, struct usage_stats *ret);

#endif
