/* currency.h: what can be priced in: the currencies of ISO 4217, and an organization's own.
 *
 * A custom currency ("CREDITS") has a code of 4 to 24 characters and as many digits as it says.
 * What one unit of it is worth in a fiat currency is a cost basis, from an instant on; of one pair
 * of currencies one basis holds at a time. Bases are only added: the next one of a pair ends the
 * one before it, and none begins in the past, so that what was reckoned stays as it was.
 *
 * Not here: the table of ISO 4217 and rounding (base/money.h), what a code is (plan_currency.h),
 * and turning the lines of an invoice into its currency (bill/).
 */
#ifndef CATALOG_CURRENCY_H
#define CATALOG_CURRENCY_H

#include "base/money.h"
#include "codec/page.h"
#include "identity/cx.h"

/* A custom currency; those of ISO 4217 have no id. */
ID_TYPE(currency);
ID_TYPE(cost_basis);

enum currency_type { CURRENCY_TYPE_FIAT, CURRENCY_TYPE_CUSTOM, CURRENCY_TYPE_COUNT };

/* NULL-terminated, in the order of their enums. */
extern const char *const currency_type_words[];
extern const char *const currency_sort_words[];

struct billing_currency {
    enum currency_type type;
    struct currency_id id; /* custom ones only, as org_id and created_at */
    struct org_id org_id;
    text code;
    text name;
    text symbol;
    int64_t precision; /* digits that amounts are rounded to */
    text decimal_mark;
    text thousand_separator;
    instant created_at;
    struct list
        cost_bases; /* view, when asked for: those that hold or will, of struct cost_basis */
};

struct cost_basis {
    struct cost_basis_id id;
    struct org_id org_id;
    struct currency_id currency_id;
    text fiat_code;
    dec rate; /* what one unit is worth */
    instant effective_from;
    instant effective_to;  /* none: until the next one */
    instant superseded_at; /* where the next one of the pair begins, or none */
    instant created_at;
};

/* billing_currency_fields: create request, response, row. currency_v1_fields: v1's response. */
extern const struct fields billing_currency_fields;
extern const struct fields currency_v1_fields;
extern const struct fields cost_basis_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* Checks a request for a custom currency; adds every fault; returns whether there was none. */
NODISCARD bool billing_currency_check(const struct billing_currency *currency,
                                      struct problem *problem);

/* The same of a cost basis that would begin at its effective_from, at or after `now`. */
NODISCARD bool cost_basis_check(const struct cost_basis *basis, instant now,
                                struct problem *problem);

/* Whether a basis can stand among the others of its pair: it begins at another instant than they
 * do, and none begins while it holds, unless its end is open. */
bool cost_basis_fits(const struct cost_basis *basis, const struct list *others);

/* Brings effective_to to where the basis does end: at the next one of the pair, if that is sooner.
 */
void cost_basis_settle(struct cost_basis *basis);

/* Whether a settled basis holds at t. */
bool cost_basis_holds(const struct cost_basis *basis, instant t);

/* One of ISO 4217 as a currency to price in; and the other way round, for rounding (money.h). */
struct billing_currency billing_currency_of_iso(const struct currency *currency);
struct currency currency_of_custom(const struct billing_currency *currency);

/* ---- flows --------------------------------------------------------------------------------- */

/* Refuses with FIELDS_INVALID or CURRENCY_CODE_TAKEN. */
NODISCARD enum err billing_currency_create(struct cx *cx, const struct billing_currency *input,
                                           struct billing_currency *ret);

/* The custom currency with this id. Refuses with CURRENCY_ABSENT. */
NODISCARD enum err billing_currency_get(struct cx *cx, struct currency_id id,
                                        struct billing_currency *ret);

enum currency_sort { CURRENCY_SORT_CODE, CURRENCY_SORT_NAME, CURRENCY_SORT_COUNT };

struct currency_query {
    bool has_type;
    enum currency_type type; /* only these */
    bool has_cost_bases;     /* fill the view */
    enum currency_sort sort;
    bool is_descending;
    struct page page;
};

/* One page of fiat and custom currencies: a list of struct billing_currency. */
NODISCARD enum err billing_currency_list(struct cx *cx, const struct currency_query *query,
                                         struct list *ret, int64_t *ret_total);

/* Adds a basis to a custom currency, from now on unless it says from when. Refuses with
 * CURRENCY_ABSENT, FIELDS_INVALID or COST_BASIS_TAKEN. */
NODISCARD enum err cost_basis_create(struct cx *cx, struct currency_id currency_id,
                                     const struct cost_basis *input, struct cost_basis *ret);

struct cost_basis_query {
    struct currency_id currency_id;
    text fiat_code; /* of this fiat currency only; empty: of all */
    struct page page;
};

/* One page of a currency's bases, the latest first: a list of struct cost_basis. Refuses with
 * CURRENCY_ABSENT. */
NODISCARD enum err cost_basis_list(struct cx *cx, const struct cost_basis_query *query,
                                   struct list *ret, int64_t *ret_total);

#endif
