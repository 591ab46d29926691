/* meter_rollup_flow.c: the rollups of all meters, at the start. */
#include "meter/meter_rollup.h"
#include "meter/meter_rows.h"
#include "rollup/rollup.h"

enum err meter_rollups_keep(struct cx *cx)
{
    CHECK(cx != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct list list;
    if (cx->rollup == NULL)
        return OK;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = meter_load_living(tx, cx->arena, &list);
    if (err != OK)
        return err;
    for (size_t i = 0; i < list.count; i++)
        meter_rollup_keep(cx, &((const struct meter *)list.items)[i]);
    rollup_sweep(cx->rollup);
    return OK;
}
