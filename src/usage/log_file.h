/* log_file.h: one file of the log: its header, its memory map, its length.
 *
 * Private to usage/. Files are named by their ordinal, usage-00000001.log and on. The header is
 * made durable before the first frame is written behind it:
 *
 *      0  magic            8   "TGUSAGE2"
 *      8  version          4
 *     12  ordinal          4
 *     16  salt             8   the same in all files of one log
 *     24  first sequence   8   of the first event here
 *     32  previous length  8   bytes of the file before this one that count; 0 in the first
 *     40  zeros           16
 *     56  checksum         8   XXH3 of the 56 bytes before it
 *
 * A file is longer than what counts of it: room is made ahead, in steps, because a flush into a
 * file whose blocks and length do not change is two to three times as fast. Behind small frames
 * zeros are written; ahead of large ones blocks are only allocated. Both read as zeros.
 *
 * What it is not: it knows no frames and takes no decisions; journal.h does.
 */
#ifndef USAGE_LOG_FILE_H
#define USAGE_LOG_FILE_H

#include "usage/usage.h"

#include <stdatomic.h>

#define LOG_HEADER_BYTES   64
#define LOG_FILE_BYTES_MAX UINT32_MAX /* an offset in an index has 32 bits */
#define LOG_NAME_MAX       32

struct log_header {
    uint32_t ordinal;
    uint64_t salt;
    uint64_t first_sequence;
    uint64_t previous_length;
};

struct log_file {
    struct log_header header;
    int fd;                   /* -1 when nothing will be written any more */
    const unsigned char *map; /* reaches beyond the file's end while the file grows */
    uint64_t map_bytes;
    uint64_t room;           /* the file's own length; the writer's */
    uint64_t prepared;       /* of it, what was written before: nothing is allocated any more */
    _Atomic uint64_t length; /* bytes that count; what lies behind is never read */
};

/* The file's name in the directory. */
void log_file_name(uint32_t ordinal, char ret[LOG_NAME_MAX]);

/* Writes all of it. The error of the write that failed; a write of nothing counts as ERR_IO. */
NODISCARD enum err log_file_write(struct usage_io *io, int fd, const unsigned char *from,
                                  uint64_t size, uint64_t offset);

/* Makes the file anew with these bytes and flushes them; not its name. On failure some of them may
 * be there. */
NODISCARD enum err log_file_put(struct usage_io *io, const char *path, text bytes);

/* The error of a failed call by errno: ERR_NO_SPACE, or ERR_IO for all others. */
enum err log_file_error(int number);

/* Makes the file, or makes it anew when there is one, with `header`, durable, its name too. The map
 * has at least `map_bytes`. */
NODISCARD enum err log_file_create(struct usage_io *io, const char *directory,
                                   const struct log_header *header, uint64_t map_bytes,
                                   struct log_file **ret);

/* A file of zeros, flushed, that is to become one of the log. */
struct log_adopted {
    int fd;
    const char *path;
    uint64_t size;
    uint64_t map_bytes; /* at least, as for log_file_create */
};

/* As log_file_create, out of a file that is there. The fd is taken, also on failure; then the file
 * may have either name. */
NODISCARD enum err log_file_adopt(struct usage_io *io, const char *directory,
                                  const struct log_header *header,
                                  const struct log_adopted *adopted, struct log_file **ret);

/* Opens the file with this ordinal. Its length is the file's. ERR_ABSENT when there is none, or
 * when it has a header's length or less and no whole header: it was never used. ERR_CORRUPT when
 * it is longer than that, its header damaged or a stranger's. */
NODISCARD enum err log_file_open(struct usage_io *io, const char *directory, uint32_t ordinal,
                                 uint64_t map_bytes_min, struct log_file **ret);

/* Makes room behind a frame of `size` bytes that was written at the end of what counts. Where that
 * fails the next write will tell. */
void log_file_extend(struct usage_io *io, struct log_file *file, uint64_t size);

/* Cuts the file back to `size` bytes; false when that failed. */
NODISCARD bool log_file_cut(struct usage_io *io, struct log_file *file, uint64_t size);

/* Lets go of the memory in which the map's pages are: reading them again takes longer. */
void log_file_rest(const struct log_file *file);

/* Closes the file; the map stays. */
void log_file_end(struct log_file *file);

/* Unmaps and closes. NULL is allowed. */
void log_file_free(struct log_file *file);

#endif
