/* conversion.h: lines priced in a custom currency, on invoices, which are in fiat ones.
 *
 * Such a line is rated in its own currency, with that currency's digits. Then every amount of each
 * of its detailed lines is taken at the cost basis that holds when the line is due, or that its
 * subscription keeps, and rounded
 * once more, to the invoice's currency; totals are sums of those. So what is printed adds up, and
 * both roundings are half away from zero.
 */
#ifndef BILL_CONVERSION_H
#define BILL_CONVERSION_H

#include "bill/line.h"

/* What a line is rated in and taken at. */
struct line_conversion {
    bool is_known;            /* false: no cost basis holds, so nothing can be charged */
    struct currency currency; /* the custom one */
    dec rate;
};

/* Whether the line's price is in a currency that is not the invoice's. */
bool line_is_converted(const struct pending_line *line);

/* Takes the details of a rated line, and its totals, into the invoice's currency.
 * FAULT_AMOUNT_OVERFLOW. */
NODISCARD enum fault rate_convert(struct rate_result *rated, dec rate,
                                  const struct currency *currency);

/* Looks up what the line is converted by, when it is; in a transaction of its own. */
NODISCARD enum err conversion_gather(struct cx *cx, const struct pending_line *line,
                                     struct line_conversion *ret);

#endif
