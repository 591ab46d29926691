/* query_edge.h: levels that hold over many whole windows, added up without visiting each window for
 * each of them. Private to the module.
 *
 * For every group it is kept where the sum of levels changes, at the starts of windows. When all
 * are known, one walk over each group's windows adds what holds in them.
 */
#ifndef METER_QUERY_EDGE_H
#define METER_QUERY_EDGE_H

#include "meter/query_run.h"

struct query_edge {
    uint32_t group;
    instant at;    /* the start of a window */
    dec change;    /* of the sum of levels */
    int64_t count; /* of how many levels hold */
};

struct query_edges {
    struct query_run *run;
    struct arena *scratch;
    struct keymap groups; /* parts of cells, as bytes */
    struct keymap keys;   /* group and instant, as bytes: number of an edge */
    struct query_edge *items;
    size_t room;
};

/* The level holds in the group's windows from the one that starts at period.from up to the one that
 * ends at period.to. */
void query_edges_add(struct query_edges *edges, const uint32_t *parts, dec level,
                     struct period period);

/* Adds level times seconds to the cells of all windows. */
void query_edges_end(struct query_edges *edges);

#endif
