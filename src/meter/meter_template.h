/* meter_template.h: meters that many begin with, ready to be sent as they are or changed first.
 *
 * A template is no row of the store: it is a meter that could be made, without what making gives
 * it.
 */
#ifndef METER_METER_TEMPLATE_H
#define METER_METER_TEMPLATE_H

#include "meter/meter.h"

/* What a template holds of a struct meter: the members of a request that makes a meter. */
extern const struct fields meter_template_fields;

/* All templates, in the arena: a list of struct meter. */
struct list meter_templates(struct arena *arena);

#endif
