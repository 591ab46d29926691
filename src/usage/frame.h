/* frame.h: what is written and flushed at once: a header, then records.
 *
 * Private to usage/. One frame is one group of batches; it counts as written only when all of it
 * is, so it is the unit of all-or-nothing. A frame without records is a closing mark (journal.h).
 *
 *      0  magic            4
 *      4  count            4   records
 *      8  body bytes       8   after the header
 *     16  first sequence   8   of the first record; of the next one to come in a closing mark
 *     24  offset           8   of this header in its file
 *     32  body checksum    8   of the records' checksums, one after the other, and the log's salt
 *     40  header checksum  8   XXH3 of the 40 bytes before it, seeded with the log's salt
 *
 * The salt is random and never leaves the files, and the offset is part of the header: nothing
 * that a client sends, and no stale block of the disk, passes for a frame by chance.
 */
#ifndef USAGE_FRAME_H
#define USAGE_FRAME_H

#include "base/base.h"

#define FRAME_HEADER_BYTES 48

struct frame {
    uint32_t count;
    uint64_t body_bytes;
    uint64_t first_sequence;
    uint64_t offset;
    uint64_t body_checksum;
};

/* The body checksum of records up to and with one that has `checksum`; of none it is the salt. */
static inline uint64_t frame_fold(uint64_t before, uint64_t checksum)
{
    uint64_t folded = (before ^ checksum) * UINT64_C(0x9e3779b97f4a7c15);
    return folded ^ folded >> 29;
}

/* Writes the FRAME_HEADER_BYTES of `frame`. */
void frame_write_header(const struct frame *frame, uint64_t salt, unsigned char *to);

/* Reads a header that stands at `offset` of its file. False when those are not the bytes of one, or
 * when `room` is too small for a header; the body is not looked at. */
NODISCARD bool frame_read_header(const unsigned char *from, uint64_t room, uint64_t offset,
                                 uint64_t salt, struct frame *ret);

/* Whether the body that follows is all there and right: each record, their number, sequences that
 * count up, and the body's checksum. */
bool frame_is_whole(const struct frame *frame, const unsigned char *body, uint64_t room,
                    uint64_t salt);

#endif
