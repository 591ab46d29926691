/* event_lists.h: what the three listings of events share; private to this module. */
#ifndef API_EVENT_LISTS_H
#define API_EVENT_LISTS_H

#include "api/call.h"
#include "meter/event_flow.h"

/* Restricts the query to usage of the customers with these ids: what they have and had, each
 * subject in its time. A customer that is not there is a fault of the parameter that names it. */
NODISCARD enum err events_of_customers(struct api_call *call, const struct text_list *ids,
                                       struct event_query *query);

/* The page that the query asks for, each event with its customer; refused when a parameter was
 * at fault. */
NODISCARD enum err events_page(struct api_call *call, struct event_query *query,
                               struct event_page *ret);

/* Prints the page's rows as an array in the call's dialect. */
void events_write_rows(struct api_call *call, const struct event_page *page, struct json_writer *w);

/* How many events a page holds, by the parameter `name`: 1 to 100. */
int64_t events_limit(struct api_call *call, const char *name, int64_t fallback);

#endif
