/* query_run.h: a query under way: its plan and the cells that its ways of counting fill. Private to
 * the module.
 *
 * Three ways: tallies (query_tally.c), of rollups and raw events alike; levels that hold until the
 * next one (query_level.c); distinct values of a sliding window (query_sliding.c). The last two
 * need every event in order of time, and always read raw events.
 */
#ifndef METER_QUERY_RUN_H
#define METER_QUERY_RUN_H

#include "meter/query_cells.h"
#include "meter/query_pass.h"

#define QUERY_RUN_DAYS 512

struct query_run {
    struct cx *cx;
    struct query_plan plan;
    struct query_cells cells;
    struct period window; /* of the event before: most are in the same */
    /* Windows that were met, by their day: cells of rollups go through a year again and again. */
    struct period days[QUERY_RUN_DAYS];
    bool is_too_large; /* more cells than an answer may have */
};

/* The window that holds the instant; without windows, one from INSTANT_NONE that has no end. */
struct period query_run_window(struct query_run *run, instant at);

/* Forgets what was counted. */
void query_run_reset(struct query_run *run);

/* Fill the cells. ERR_REFUSED, with the problem named, when there would be too many. */
NODISCARD enum err query_run_tallies(struct query_run *run);
NODISCARD enum err query_run_levels(struct query_run *run);
NODISCARD enum err query_run_sliding(struct query_run *run);

/* Fills the cells from rollups as far as they reach: what is in `ret_period` (whole minutes) and
 * has a sequence number up to `ret_sequence` (0: nothing) is counted. */
NODISCARD enum err query_run_rollups(struct query_run *run, struct period *ret_period,
                                     uint64_t *ret_sequence);

/* The rows of the filled cells, sorted. */
struct meter_result query_run_result(const struct query_run *run);

/* For aggregations that look at time without events, too. What they take for the present: now; for
 * a sliding window the end of its minute, so that an event of this instant counts. The end of what
 * is asked for is the present when the query names none; what has not come yet is not looked at. */
instant query_run_present(const struct query_run *run);
instant query_run_asked_end(const struct query_run *run);
instant query_run_elapsed_end(const struct query_run *run);

/* Adds a level that holds for a while, within one window, to its cell. */
void query_run_add_level(struct query_run *run, const uint32_t *parts, dec level,
                         struct period piece);

/* sum / divisor with TALLY_AVG_SCALE digits, or as many as the sum has, or as fit. */
dec query_quotient(dec sum, dec divisor);

#endif
