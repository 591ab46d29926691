/* invoice_tax.h: the taxes of an invoice's lines by the rates that were written down for their tax
 * codes. Pure.
 *
 * A line's tax code and behavior are its own, else the billing profile's, else the organization's
 * default code, added to the price. The rate is the one in force when the service ended: just
 * before the end of the line's period, or at its instant when it is empty. Lines of one code, one
 * behavior and the same rates are taxed together, detailed line by detailed line (rating/tax.h).
 *
 * Taxes come after discounts and credits. Doing it twice changes nothing.
 */
#ifndef BILL_INVOICE_TAX_H
#define BILL_INVOICE_TAX_H

#include "bill/invoice_record.h"
#include "catalog/tax_rates.h"

/* What is known of taxes when an invoice is reckoned. */
struct tax_book {
    bool is_enabled; /* else nothing bears tax */
    bool has_default;
    struct rate_card_tax profile_default;
    struct tax_code_id org_default; /* zero: none */
    struct list rates;              /* of struct tax_code_rates */
    bool is_kept; /* each line is taxed again by what it bears; the rest does not matter */
};

/* One tax that a line bears. */
struct line_tax {
    struct tax_code_id tax_code_id;
    text name;
    dec percentage;
    bool is_inclusive; /* contained in the price */
    dec base;          /* of the line, without tax */
    dec tax;
};

/* What a line is taxed by. */
struct line_tax_choice {
    struct tax_code_id code; /* zero: nothing */
    bool is_inclusive;
};

/* Follows the chain of defaults. */
struct line_tax_choice line_tax_choice(const struct tax_book *book,
                                       const struct pending_line *line);

/* Whether there are rates for what the line is taxed by. */
bool line_has_tax_rates(const struct tax_book *book, const struct pending_line *line,
                        struct arena *arena);

/* Sets the taxes of each line that is not deleted (its list `taxes`), and the taxes and the total
 * in the totals of lines and their details. `lines` is of `count` struct line_record with details
 * and totals. FAULT_AMOUNT_OVERFLOW. Lists live in the arena. */
NODISCARD enum fault invoice_tax_lines(const struct tax_book *book, struct line_record *lines,
                                       size_t count, const struct currency *currency,
                                       struct arena *arena);

/* Adds a tax to totals: one that the price contains leaves the total as it is. */
void totals_tax(struct rate_totals *totals, dec tax, bool is_inclusive);

#endif
