#include "usage/log_room.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define PIECE_BYTES (512U * 1024) /* a flush of one keeps nobody waiting */

static void path_of(const struct log_room *room, char ret[PATH_MAX])
{
    int length = snprintf(ret, PATH_MAX, "%s/%s", room->directory, LOG_ROOM_NAME);
    MUST(length > 0 && length < PATH_MAX);
}

static void room_reset(struct log_room *room)
{
    room->fd = -1;
    room->done = 0;
    atomic_store(&room->is_ready, false);
}

void log_room_drop(struct log_room *room)
{
    char path[PATH_MAX];
    if (room->fd >= 0) {
        (void)close(room->fd);
        path_of(room, path);
        (void)room->io->unlink(room->io, path); /* else the next start does it */
    }
    room_reset(room);
}

bool log_room_is_due(const struct log_room *room)
{
    return !room->is_ready && (room->fd >= 0 || room->wanted > 0);
}

static enum err room_begin(struct log_room *room, uint64_t wanted)
{
    char path[PATH_MAX];
    room->size = wanted;
    path_of(room, path);
    room->fd = room->io->open(room->io, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return room->fd >= 0 ? OK : log_file_error(errno);
}

enum err log_room_make(struct log_room *room)
{
    static const unsigned char zeros[PIECE_BYTES];
    uint64_t size = PIECE_BYTES;
    uint64_t wanted = room->wanted;
    enum err err = OK;
    CHECK(!room->is_ready);
    if (room->fd < 0 && wanted == 0)
        return OK;
    if (room->fd < 0)
        err = room_begin(room, wanted);
    if (size > room->size - room->done)
        size = room->size - room->done;
    if (err == OK)
        err = log_file_write(room->io, room->fd, zeros, size, room->done);
    if (err == OK && room->io->sync(room->io, room->fd) != 0)
        err = log_file_error(errno);
    if (err != OK) {
        log_room_drop(room);
        return err;
    }
    room->done += size;
    if (room->done == room->size)
        atomic_store(&room->is_ready, true);
    return OK;
}

enum err log_room_take(struct log_room *room, const struct log_header *header, uint64_t map_bytes,
                       struct log_file **ret)
{
    char path[PATH_MAX];
    enum err err;
    if (!room->is_ready)
        return ERR_ABSENT;
    path_of(room, path);
    err = log_file_adopt(room->io, room->directory, header,
                         &(struct log_adopted){ room->fd, path, room->size, map_bytes }, ret);
    if (err != OK)
        (void)room->io->unlink(room->io, path);
    room_reset(room);
    return err == OK ? OK : ERR_ABSENT;
}
