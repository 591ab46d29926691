/* log_room.h: the next file of the log, made ahead: zeros, on the disk.
 *
 * Private to usage/. A flush into a file whose blocks were written before touches nothing but these
 * blocks. In one that grows the file system allocates, converts and writes down what it did, behind
 * whatever else it is at: events that come one by one have waited for that for tens of
 * milliseconds. So, while they do, the sealing thread makes such a file, a piece at a time, and the
 * commit thread takes it when it begins the next part. In a crash it is lost, under its own name.
 */
#ifndef USAGE_LOG_ROOM_H
#define USAGE_LOG_ROOM_H

#include "usage/log_file.h"

#define LOG_ROOM_NAME  "usage-room.new"
#define LOG_ROOM_FRAME 65536U /* for frames of less; larger ones are fast anyway */

struct log_room {
    struct usage_io *io;
    const char *directory;   /* borrowed */
    _Atomic uint64_t wanted; /* bytes; 0: none is to be made. The taker's side sets it */
    _Atomic bool is_ready;   /* then the rest is the taker's, else the maker's */
    int fd;                  /* -1: not begun */
    uint64_t size;           /* of the file; as was wanted when it was begun */
    uint64_t done;           /* bytes on the disk */
};

/* Whether there is something to make. */
bool log_room_is_due(const struct log_room *room);

/* Makes the next piece of what is due; nothing when the taker's side has thought better of it since
 * that was asked. On failure what was made goes, and the next call begins anew. */
NODISCARD enum err log_room_make(struct log_room *room);

/* Makes the file that is ready the one of the log with this header, durable, its name too.
 * ERR_ABSENT when none is ready, or when that failed: then the file is gone. */
NODISCARD enum err log_room_take(struct log_room *room, const struct log_header *header,
                                 uint64_t map_bytes, struct log_file **ret);

/* Removes what was made. Neither maker nor taker may be at it. */
void log_room_drop(struct log_room *room);

#endif
