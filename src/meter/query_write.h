/* query_write.h: the answers of meter queries, as JSON and as CSV. */
#ifndef METER_QUERY_WRITE_H
#define METER_QUERY_WRITE_H

#include "meter/query.h"

/* Prints the result. v1: {from?, to?, windowSize?, data: [{value, windowStart, windowEnd, subject,
 * customerId?, groupBy}]}, the value a JSON number of exactly the digits; v3: {from?, to?, data:
 * [{value, from, to, dimensions}]}, the value a string, subject and customer_id among the
 * dimensions. */
void meter_result_write(struct json_writer *w, enum dialect dialect,
                        const struct meter_result *result);

/* Prints CSV (RFC 4180 quoting, LF line ends, a header line). v1: window_start, window_end,
 * subject?, customer_id?, dimensions, value with 6 decimals; v3: from, to, subject?, customer_id?,
 * customer_key?, customer_name?, dimensions, value in its shortest form. */
void meter_result_csv(struct buffer *out, enum dialect dialect, const struct meter_result *result);

#endif
