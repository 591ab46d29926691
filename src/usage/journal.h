/* journal.h: the log: a run of files, written frame by frame, replayed at start.
 *
 * Private to usage/. One thread writes. Each file is a part (part.h); the first ones go when their
 * events are sealed, so the log begins with the file that the manifest names (manifest.h).
 *
 * WRITING. journal_append writes one frame (frame.h) behind the last one and flushes it. So at any
 * moment at most one frame, the last, is not known to be durable: all before it were flushed
 * before it was begun. Everything below rests on this.
 *
 * ROOM AHEAD. A file is longer than its frames: behind them stand zeros (log_file.h), which no
 * frame header begins with. So the end of the frames is told from the bytes, never from the length.
 *
 * A FAILED WRITE (disk full). Nothing of the frame was flushed. The file is cut back to the
 * length that counts, and the next append tries again at the same place. When even the cut fails,
 * see below. That room could not be made ahead is no failure.
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
 *   - In the last file, let p be the end of the last whole frame, and e the end of the last byte
 *     that is not zero. When p is e or more there is nothing to do. When a whole frame header
 * stands at p, the frame's size is known: when e lies within it or at its end, the tail is torn;
 * when e lies behind it, a later frame was begun, so this one had been flushed, and is damaged.
 *   - When no whole header stands at p, the size is unknown (the disk may have kept any pages of
 *     the last write). Then all up to e is searched: a whole header of a later frame means damage,
 *     else it is a torn tail. Clients cannot forge a header (frame.h).
 *   - A last file of a header's length or less without a whole header was never used.
 * A flaw in the very last frame cannot be told from a torn write, and that frame is cut. To
 * keep this to real crashes, closing the log in good order writes a closing mark, an empty frame:
 * then the last frame with events has a whole header behind it. A file cut short from outside
 * exactly between two frames looks like a log that ended there.
 */
#ifndef USAGE_JOURNAL_H
#define USAGE_JOURNAL_H

#include "usage/log_room.h"
#include "usage/part.h"

#define JOURNAL_FILE_BYTES (64U * 1024 * 1024)

struct journal {
    struct usage_io *io;
    char *directory;
    uint64_t file_bytes;
    uint64_t salt;
    uint64_t next_sequence;
    struct log_file *file; /* the one written to, its part's; NULL before the first */
    bool must_roll;        /* the last file's tail is not known: do not write there */
    bool has_appended;     /* since it was opened */
    struct log_room *room; /* where the next file may be ready; NULL: nowhere */
};

struct journal_config {
    const char *directory;
    struct usage_io *io;
    uint64_t file_bytes;         /* a file has about so many */
    bool is_new;                 /* nothing is sealed: the log says where it begins */
    uint64_t salt;               /* else, by the manifest: its salt, .. */
    uint32_t first_log;          /* .. its first file, .. */
    uint64_t first_sequence;     /* .. and what that begins with */
    struct usage_damage *damage; /* what ERR_CORRUPT is for; may be NULL */
};

/* Given each part of the log, in order; takes it. */
typedef void journal_part(void *state, struct part *part);

/* Reads the log, cuts a torn tail and makes the rest durable, then hands over its parts. On failure
 * nothing is handed over and nothing left open. */
NODISCARD enum err journal_open(const struct journal_config *config, journal_part *take,
                                void *state, struct journal **ret, struct usage_replay *ret_replay);

/* Writes a closing mark when anything was appended. The parts are closed by who took them, after
 * this. NULL is allowed. */
void journal_close(struct journal *journal);

/* Whether a frame of `size` bytes can be appended without journal_roll. */
bool journal_has_room(const struct journal *journal, uint64_t size);

/* Begins a fresh file with room for a frame of `size`: that of a new part, or, with the same
 * ordinal, of one in place of the last part, when that never got a frame. After a failure appending
 * needs a fresh file still: the disk may have it. */
NODISCARD enum err journal_roll(struct journal *journal, uint64_t size, struct log_file **ret);

/* A frame to be written: FRAME_HEADER_BYTES to be filled, then `count` sealed records from
 * next_sequence on. */
struct journal_frame {
    unsigned char *bytes;
    uint64_t size; /* all of it */
    uint32_t count;
    uint64_t checksum; /* the fold (frame.h) of its records */
};

/* Makes one frame durable; there has to be room. OK: durable, and `ret_offset` is that of the
 * first record in the file; others lie as far behind it as in the frame. ERR_NO_SPACE or ERR_IO:
 * nothing counts. */
NODISCARD enum err journal_append(struct journal *journal, const struct journal_frame *frame,
                                  uint32_t *ret_offset);

/* Of journal_replay.c, for journal_open: fills an empty journal from its directory. */
NODISCARD enum err journal_replay(struct journal *journal, const struct journal_config *config,
                                  struct part ***ret_parts, uint32_t *ret_count,
                                  struct usage_replay *ret_replay);

#endif
