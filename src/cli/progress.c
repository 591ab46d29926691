/* progress.c: one line on standard error, redrawn in place. */
#include "cli/progress.h"

#include <unistd.h>

#include "base/clock.h"

#define BAR_CELLS 30
#define REDRAW_NS (NS_PER_SECOND / 10)

struct progress progress_start(const char *what, uint64_t total)
{
    return (struct progress){
        .what = what,
        .total = total,
        .started_ns = clock_monotonic_ns(),
        .is_shown = isatty(STDERR_FILENO) == 1,
    };
}

void progress_move(struct progress *progress, uint64_t position, uint64_t items)
{
    int64_t now = clock_monotonic_ns();
    int64_t milliseconds = (now - progress->started_ns) / 1000000 + 1;
    uint64_t done = progress->total ? position * 100 / progress->total : 0;
    uint64_t cells = done * BAR_CELLS / 100;

    if (!progress->is_shown || now - progress->drawn_ns < REDRAW_NS)
        return;
    progress->drawn_ns = now;
    fputs("\r\033[K", stderr);
    if (progress->total) {
        fputc('[', stderr);
        for (uint64_t i = 0; i < BAR_CELLS; i++)
            fputc(i < cells ? '#' : '.', stderr);
        fprintf(stderr, "] %3llu%%  ", (unsigned long long)done);
    }
    fprintf(stderr, "%llu %s, %llu a second", (unsigned long long)items, progress->what,
            (unsigned long long)(items * 1000 / (uint64_t)milliseconds));
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
}
