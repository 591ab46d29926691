/* test_log_room.c: the next file of the log, made ahead. */
#include "unit/usage/kit.h"
#include "usage/log_room.h"

static bool is_there(const char *directory)
{
    char path[KIT_PATH * 2];
    MUST(snprintf(path, sizeof path, "%s/%s", directory, LOG_ROOM_NAME) > 0);
    return access(path, F_OK) == 0;
}

int main(void)
{
    char directory[KIT_PATH];
    kit_make_directory(directory);
    struct log_room room = { .io = usage_io_system(), .directory = directory, .fd = -1 };
    OK(!log_room_is_due(&room), "nothing is made that nobody wants");
    room.wanted = 700 * 1024;
    OK(log_room_is_due(&room), "what is wanted is due");
    /* The taker's side changes its mind between the maker's question and his work. */
    room.wanted = 0;
    OK(log_room_make(&room) == OK && room.fd < 0 && !is_there(directory),
       "and is not made when it is wanted no more");
    room.wanted = 700 * 1024;
    OK(log_room_make(&room) == OK && !room.is_ready && is_there(directory), "it is made in pieces");
    room.wanted = 0;
    OK(log_room_is_due(&room) && log_room_make(&room) == OK && room.is_ready &&
           room.done == room.size,
       "what was begun is made to the end");
    OK(!log_room_is_due(&room), "once");
    log_room_drop(&room);
    OK(!is_there(directory) && room.fd < 0, "dropped, it is gone");
    kit_remove_directory(directory);
    return tap_end();
}
