/* segment.h: one file of the log: its header, its memory map, its length.
 *
 * Private to usage/. Files are named by their ordinal, usage-00000001.log and on. The header is
 * made durable before the first frame is written behind it:
 *
 *      0  magic            8   "TGUSAGE1"
 *      8  version          4
 *     12  ordinal          4
 *     16  salt             8   the same in all files of one log
 *     24  first sequence   8   of the first event here
 *     32  previous length  8   bytes of the file before this one that count; 0 in the first
 *     40  zeros           16
 *     56  checksum         8   XXH3 of the 56 bytes before it
 *
 * What it is not: it knows no frames and takes no decisions; journal.h does.
 */
#ifndef USAGE_SEGMENT_H
#define USAGE_SEGMENT_H

#include "usage/usage.h"

#include <stdatomic.h>

#define SEGMENT_HEADER_BYTES 64
#define SEGMENT_BYTES_MAX    UINT32_MAX /* an offset in a position has 32 bits */

struct segment_header {
    uint32_t ordinal;
    uint64_t salt;
    uint64_t first_sequence;
    uint64_t previous_length;
};

struct segment {
    struct segment_header header;
    int fd;                   /* -1 when nothing will be written any more */
    const unsigned char *map; /* reaches beyond the file's end while the file grows */
    uint64_t map_bytes;
    _Atomic uint64_t length; /* bytes that count; what lies behind is never read */
};

/* Writes all of it. The error of the write that failed; a write of nothing counts as ERR_IO. */
NODISCARD enum err segment_write_all(struct usage_io *io, int fd, const unsigned char *from,
                                     uint64_t size, uint64_t offset);

/* The error of a failed call by errno: ERR_NO_SPACE, or ERR_IO for all others. */
enum err segment_error(int number);

/* Makes the file, or makes it anew when there is one, with `header`, durable, its name too. The map
 * has at least `map_bytes`. */
NODISCARD enum err segment_create(struct usage_io *io, const char *directory,
                                  const struct segment_header *header, uint64_t map_bytes,
                                  struct segment **ret);

/* Opens the file with this ordinal. Its length is the file's. ERR_ABSENT when the file is a
 * header's length or less and no whole header: it was never used. ERR_CORRUPT when it is longer
 * than that, its header damaged or a stranger's. */
NODISCARD enum err segment_open(struct usage_io *io, const char *directory, uint32_t ordinal,
                                uint64_t map_bytes_min, struct segment **ret);

/* Closes the file; the map stays. */
void segment_seal(struct segment *segment);

/* Unmaps and closes. NULL is allowed. */
void segment_free(struct segment *segment);

/* The highest ordinal among the files of the directory; 0 when there is none. */
NODISCARD enum err segment_find_last(const char *directory, uint32_t *ret);

#endif
