/* window.h: the calendar windows that usage is counted in. Private to the module. */
#ifndef METER_WINDOW_H
#define METER_WINDOW_H

#include "base/span.h"
#include "meter/query.h"

/* The window of the zone's calendar that holds `t`; `window` is not METER_WINDOW_NONE. Windows
 * tile time without gap or overlap:
 *   minutes and hours follow the wall clock, and are cut where the clock jumps inside one, so an
 *   hour that happens twice is two windows;
 *   days and months run from first valid instant to first valid instant: 23, 24 or 25 hours. */
struct period window_at(instant t, enum meter_window window, const struct zone *zone);

#endif
