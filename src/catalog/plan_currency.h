/* plan_currency.h: what the currency of a plan or a rate card is by its code. Pure.
 *
 * Fiat currencies are those of ISO 4217: three capitals. Any other code of 4 to 24 characters may
 * be a custom currency of the organization; whether there is one is for the caller to find out.
 */
#ifndef CATALOG_PLAN_CURRENCY_H
#define CATALOG_PLAN_CURRENCY_H

#include "base/text.h"

enum plan_currency_kind { PLAN_CURRENCY_FIAT, PLAN_CURRENCY_CUSTOM, PLAN_CURRENCY_INVALID };

/* Invalid, too: an empty code, white space at either end, and the character '|'. */
enum plan_currency_kind plan_currency_kind(text code);

#endif
