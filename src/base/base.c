/* base.c: how the process dies of a bug. */
#include "base/base.h"

#include <execinfo.h>
#include <unistd.h>

void base_bug(const char *what, const char *file, int line)
{
    void *frames[64];
    int count = backtrace(frames, (int)COUNT_OF(frames));

    fprintf(stderr, "BUG: %s at %s:%d\n", what, file, line);
    fflush(stderr);
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
    abort();
}
