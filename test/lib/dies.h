/* dies.h: whether a piece of code stops the process as a bug does: tried in a child, silently. */
#ifndef TEST_LIB_DIES_H
#define TEST_LIB_DIES_H

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

/* Runs `code(state)` in a child process; true when it ended by abort(3). */
static inline bool dies(void (*code)(void *state), void *state)
{
    int status = 0;
    pid_t child = fork();
    MUST(child >= 0);
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        MUST(null >= 0 && dup2(null, STDERR_FILENO) >= 0);
        code(state);
        _exit(0);
    }
    MUST(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
