/* query_cells.h: the rows of an answer while it is made: one cell for each window and group that
 * has something. Private to the module.
 */
#ifndef METER_QUERY_CELLS_H
#define METER_QUERY_CELLS_H

#include "meter/query_plan.h"

struct query_cell {
    struct tally tally;
    dec amount;           /* what no tally holds: sum of level times seconds, distinct count */
    struct period window; /* no window: not set */
    instant first, last;  /* of its events, at least to the minute; where no window tells */
};

struct query_cells {
    struct arena *arena;
    size_t part_count;
    struct keymap keys; /* window's start and parts, as bytes: the number of a cell */
    struct query_cell *items;
    size_t room;
    size_t latest; /* the cell that was found last: the next is often the same */
};

/* No cells yet, each to be told by so many parts. */
struct query_cells query_cells_of(struct arena *arena, size_t part_count);

/* The cell of a window and the parts' numbers; a new one has an empty tally, a zero amount, the
 * window, and no events. NULL when there would be more than LIMIT_QUERY_ROWS. Valid until the next
 * call. */
struct query_cell *query_cells_at(struct query_cells *cells, struct period window,
                                  const uint32_t *parts);

/* Cell number `index`, and its parts' numbers into `ret_parts`. */
const struct query_cell *query_cells_get(const struct query_cells *cells, size_t index,
                                         uint32_t *ret_parts);

/* Makes the cell's span hold the instant. */
void query_cell_touch(struct query_cell *cell, instant at);

#endif
