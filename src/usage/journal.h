/* journal.h: the log: a run of segment files, written frame by frame, replayed at start.
 *
 * Private to usage/. One thread writes; any number read records that were published to them.
 *
 * WRITING. journal_append writes one frame (frame.h) behind the last one and flushes it. So at any
 * moment at most one frame, the last, is not known to be durable: all before it were flushed
 * before it was begun. Everything below rests on this.
 *
 * A FAILED WRITE (disk full). Nothing of the frame was flushed. The file is cut back to the
 * length that counts, and the next append tries again at the same place. When even the cut fails,
 * see below.
 *
 * A FAILED FLUSH. After fdatasync has reported an error, the kernel may hold the frame's pages as
 * clean although the disk does not have them, and a second fdatasync would report success without
 * writing (known as fsyncgate: PostgreSQL believed it for twenty years). So a failed flush is
 * never repeated and that file never written again. The log goes on in a fresh file, whose header
 * says how many bytes of the one before count; this is made durable, with the new file's name,
 * before a frame is written behind it. What stands in the old file beyond those bytes is not read
 * again, whatever the disk made of it. While no fresh file can be made (disk full), every append
 * answers the error and the next one tries again.
 * A file that never got a frame is made anew under its own name rather than left behind.
 *
 * A frame that failed was not acknowledged. It can come back only when the process dies after
 * the failure, before the cut or the fresh file is durable; then it comes back whole, and the
 * client's retry is answered as duplicates. That is allowed. What is not: half a frame, or an event
 * twice.
 *
 * OPENING after a death. What is read may be in the page cache only: the process died between
 * write and flush, or between a failed flush and what follows it. Later answers (duplicates
 * above all) are going to vouch for it, so the last frame is written again in place, with the
 * same bytes, which makes its pages dirty whatever the kernel thought of them, and flushed.
 *
 * TORN TAIL OR DAMAGE. A torn tail is what one unfinished write leaves and is cut; everything else
 * is damage, and answered with ERR_CORRUPT: events were acknowledged that can no longer be read.
 *   - In a file that has a successor, exactly the bytes that the successor states must be whole
 *     frames. Any flaw in them, or fewer bytes, is damage. What stands behind them is ignored.
 *   - In the last file, let p be the end of the last whole frame. When nothing follows p there is
 *     nothing to do. When a whole frame header stands at p, the frame's size is known: a file
 *     that ends within it or exactly with it has a torn tail; one with bytes behind it is
 *     damaged, because a later frame was begun, so this one had been flushed.
 *   - When no whole header stands at p, the size is unknown (the disk may have kept any pages of
 * the last write). Then all that follows is searched: a whole header of a later frame means damage,
 *     else it is a torn tail. Clients cannot forge a header (frame.h).
 *   - A last file of a header's length or less without a whole header was never used.
 * A flaw in the very last frame cannot be told from a torn write, and that frame is cut. To
 * keep this to real crashes, closing the log in good order writes a closing mark, an empty frame:
 * then the last frame with events has a whole header behind it. A file cut short from outside
 * exactly between two frames looks like a log that ended there.
 *
 * POSITIONS. A record is named by the ordinal of its file, 32 bits, then its offset, 32 bits.
 */
#ifndef USAGE_JOURNAL_H
#define USAGE_JOURNAL_H

#include "usage/segment.h"

#define JOURNAL_SEGMENTS_MAX  65536 /* 8 TiB in files of the usual size */
#define JOURNAL_SEGMENT_BYTES (128U * 1024 * 1024)

struct journal {
    struct usage_io *io;
    char *directory;
    uint64_t segment_bytes;
    uint64_t salt;
    uint64_t next_sequence;
    uint32_t count;            /* of files; the last is the one written to */
    bool must_roll;            /* the last file's tail is not known: do not write there */
    bool has_appended;         /* since it was opened */
    _Atomic uint64_t bytes;    /* of all files that count */
    struct segment **segments; /* JOURNAL_SEGMENTS_MAX of them, so readers see it stand still */
};

struct journal_config {
    const char *directory;
    struct usage_io *io;
    uint64_t segment_bytes;
};

/* Called for each record of the log, in order. Another answer than OK ends the replay with it. */
typedef enum err journal_visit(void *state, struct journal *journal, uint64_t position,
                               const unsigned char *record);

/* Reads the log, visits its records, cuts a torn tail and makes the rest durable. On failure
 * nothing is left open. */
NODISCARD enum err journal_open(const struct journal_config *config, journal_visit *visit,
                                void *state, struct journal **ret, struct usage_replay *ret_replay);

/* Writes a closing mark when anything was appended, then closes all. NULL is allowed. */
void journal_close(struct journal *journal);

/* Makes one frame durable. `frame` has FRAME_HEADER_BYTES to be filled here, then `count`
 * sealed records from next_sequence on, `size` in all. OK: durable, and `ret_position` is that of
 * the first record; others lie as far behind it as in `frame`. ERR_NO_SPACE or ERR_IO: nothing
 * counts. */
NODISCARD enum err journal_append(struct journal *journal, unsigned char *frame, uint64_t size,
                                  uint32_t count, uint64_t *ret_position);

/* The record at a position, verified against its checksum and this sequence; NULL when it is
 * damaged. Any thread; the position must have been published to it. */
const unsigned char *journal_record(const struct journal *journal, uint64_t position,
                                    uint64_t sequence);

/* Of journal_replay.c, for journal_open: fills an empty journal from its directory. */
NODISCARD enum err journal_replay(struct journal *journal, journal_visit *visit, void *state,
                                  struct usage_replay *ret_replay);

#endif
