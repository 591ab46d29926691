/* err.c: names of troubles, and what errno values mean. */
#include "base/err.h"

#include <errno.h>

const char *err_name(enum err e)
{
    switch (e) {
    case OK:
        return "ok";
    case ERR_REFUSED:
        return "refused";
    case ERR_ABSENT:
        return "absent";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_BUSY:
        return "busy";
    case ERR_TIMEOUT:
        return "timeout";
    case ERR_NO_SPACE:
        return "no_space";
    case ERR_IO:
        return "io";
    case ERR_CORRUPT:
        return "corrupt";
    case ERR_STOPPED:
        return "stopped";
    case ERR_COUNT:
        break;
    }
    UNREACHABLE();
}

enum err err_of_errno(int number)
{
    switch (number) {
    case 0:
        return OK;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR_NO_SPACE;
    case ENOENT:
        return ERR_ABSENT;
    case EAGAIN:
    case EBUSY:
        return ERR_BUSY;
    case ETIMEDOUT:
        return ERR_TIMEOUT;
    default:
        return ERR_IO;
    }
}
