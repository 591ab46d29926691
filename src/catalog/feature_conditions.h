/* feature_conditions.h: a feature's conditions on its meter's dimensions, in the forms that
 * requests and rows have them, and the views made from them. Pure.
 *
 * Neither dialect can say all that the other can, so a row keeps the conditions in the words of
 * the dialect they were written in: `filters` (v3) or `advanced_filters` (v1).
 */
#ifndef CATALOG_FEATURE_CONDITIONS_H
#define CATALOG_FEATURE_CONDITIONS_H

#include "catalog/feature.h"

/* Reads the conditions from `filters`, else from `advanced_filters`, else from `simple_filters`;
 * none when all are absent. Faults go to `problem` under the name that the form has in requests. */
NODISCARD bool feature_conditions_read(const struct feature *feature, struct arena *arena,
                                       struct problem *problem, struct filter_map *ret);

/* Fills every view of a feature from its conditions, meter_id and meter_key. */
void feature_mirror(struct feature *feature, struct arena *arena);

#endif
