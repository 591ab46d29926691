/* event_count.h: which events count for a meter, one by one, and as what.
 *
 * For people who want to see the events behind a quantity: a query adds up millions by columns
 * (query.h), this looks at an event by itself, by the same rules.
 */
#ifndef METER_EVENT_COUNT_H
#define METER_EVENT_COUNT_H

#include "codec/filter.h"
#include "meter/meter.h"
#include "usage/usage.h"

struct event_counter;

/* Counts what `meter` does, under conditions on its dimensions that it has; both are borrowed.
 * Freed with event_counter_free. */
struct event_counter *event_counter_new(const struct meter *meter,
                                        const struct filter_map *conditions);
void event_counter_free(struct event_counter *counter);

/* For CLEANUP. */
void event_counter_cleanup(struct event_counter **counter);

/* Whether the event counts. `ret_value`: what it is worth, "1" of counted ones, in the arena; NULL:
 * nobody wants to know. Type, time and subject are the caller's to look at. */
bool event_counts(struct event_counter *counter, const struct usage_event *event,
                  struct arena *arena, text *ret_value);

#endif
