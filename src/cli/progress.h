/* progress.h: a progress bar on a terminal; nothing anywhere else. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/text.h"

struct progress {
    const char *what;   /* "events" */
    uint64_t total;     /* 0: not known */
    int64_t started_ns; /* monotonic */
    int64_t drawn_ns;
    bool is_shown;
};

/* `total` counts bytes or items, whatever progress_move is told. */
struct progress progress_start(const char *what, uint64_t total);

/* Redraws at most ten times a second. `items` is what the rate is shown in. */
void progress_move(struct progress *progress, uint64_t position, uint64_t items);

/* Clears the line. */
void progress_end(struct progress *progress);

#endif
