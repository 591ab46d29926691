/* spool_file.h: the files of a spool, byte by byte. Private to spool.c and its parts.
 *
 * All numbers little-endian. A segment begins with a header:
 *
 *      0  magic            8   "TGSPOOL1"
 *      8  salt             8   seeds the checksums of the frames
 *     16  first sequence   8
 *     24  previous number  8   of the segment before it; 0: none
 *     32  previous length  8   how much of that one counts
 *     40  checksum         8   XXH3 of the 40 bytes before it
 *
 * then frames, each aligned to 8 bytes:
 *
 *      0  size             4   of the payload, without padding
 *      4  count            4   events
 *      8  first sequence   8
 *     16  checksum         8   XXH3 of the 16 bytes before it and the payload, seeded by the salt
 *     24  payload              for each event 4 bytes of length, then its text
 */
#ifndef CLI_SPOOL_FILE_H
#define CLI_SPOOL_FILE_H

#include "base/err.h"
#include "base/text.h"

#define SPOOL_HEADER_BYTES 48
#define SPOOL_FRAME_BYTES  24 /* of a frame, before its payload */

struct spool_segment {
    uint64_t number; /* its name */
    uint64_t salt;
    uint64_t first, last; /* sequences; last is first - 1 when it is empty */
    uint64_t previous_number, previous_length;
    uint64_t length; /* bytes that count */
    int fd;
};

/* "<number>.spool" in the directory, NUL-terminated. */
const char *spool_segment_path(struct arena *arena, const char *directory, uint64_t number);

/* Makes a new file with a header and flushes it and the directory; fills in fd and length. On
 * failure no file is left behind. */
NODISCARD enum err spool_segment_create(const char *directory, struct spool_segment *segment);

/* Opens the file of `segment->number` and reads its header. ERR_ABSENT when the file is no longer
 * than a header and not whole: a crash while it was made. */
NODISCARD enum err spool_segment_open(const char *directory, struct spool_segment *segment);

/* Reads every frame; fills in `last` and `length`. `want_length` says how much must be whole;
 * UINT64_MAX for the last segment: whatever is behind its last whole frame is cut off, if no whole
 * frame follows; `ret_cut` bytes. ERR_CORRUPT when it is damaged. */
NODISCARD enum err spool_segment_scan(struct spool_segment *segment, uint64_t want_length,
                                      uint64_t *ret_cut);

/* How many bytes an event takes in a payload, and writing it there. */
size_t spool_event_bytes(text event);
void spool_event_put(char *to, text event);

/* A frame as it goes to the disk: begin, add events as spool_event_put has written them, end. */
void spool_frame_begin(struct buffer *out);
text spool_frame_end(struct buffer *out, const struct spool_segment *segment, uint64_t first,
                     uint32_t count);

/* One frame read back. */
struct spool_frame {
    char *bytes; /* malloc'ed; the frame owns it */
    size_t room;
    uint64_t first;
    uint32_t count, next; /* `next`: index of the event that spool_frame_next gives */
    size_t at, end;       /* of that event and of the payload, in `bytes` */
    uint64_t length;      /* in the file, with padding */
};

/* Reads the frame at `offset`. ERR_CORRUPT when there is no whole one. */
NODISCARD enum err spool_frame_read(const struct spool_segment *segment, uint64_t offset,
                                    struct spool_frame *frame);

/* The next event's text, borrowed from the frame; false when there is none left. */
bool spool_frame_peek(const struct spool_frame *frame, text *ret);
void spool_frame_skip(struct spool_frame *frame);

/* The mark: the sequence up to which all is delivered. Reading gives 0 when it is not there or is
 * damaged: then more is delivered again. */
uint64_t spool_mark_read(const char *directory);
NODISCARD enum err spool_mark_write(const char *directory, uint64_t sequence);

#endif
