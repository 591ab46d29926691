/* directory.h: a fresh directory for a test, and its end. */
#ifndef TEST_LIB_DIRECTORY_H
#define TEST_LIB_DIRECTORY_H

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"

#define DIRECTORY_PATH_MAX 256

/* Makes an empty directory under $TMPDIR or /tmp; its path goes into `ret`. */
static inline void directory_make(char ret[DIRECTORY_PATH_MAX])
{
    const char *base = getenv("TMPDIR");
    snprintf(ret, DIRECTORY_PATH_MAX, "%s/tollgate-test-XXXXXX", base ? base : "/tmp");
    MUST(mkdtemp(ret) != NULL);
}

static inline int directory_remove_one(const char *path, const struct stat *stat, int flag,
                                       struct FTW *ftw)
{
    (void)stat;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* Removes the directory with all that is in it. */
static inline void directory_remove(const char *path)
{
    MUST(nftw(path, directory_remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

#endif
