/* pricing_inside.h: what the files behind pricing.h share. Private to the module: pricing.c has
 * what both dialects write, pricing_own.c the price types that are v3's own.
 */
#ifndef CATALOG_PRICING_INSIDE_H
#define CATALOG_PRICING_INSIDE_H

#include "catalog/pricing.h"

/* Names a fault at a member of the rate card. */
void pricing_refuse(const struct pricing_faults *faults, const char *member, const char *rule,
                    const char *reason);

/* The same when what must be there is not, or what must not be there is. */
void pricing_need(const struct pricing_faults *faults, const char *member, bool is_there);
void pricing_deny(const struct pricing_faults *faults, const char *member, bool is_there);

/* "member[i]", in the faults' arena. */
const char *pricing_item(const struct pricing_faults *faults, const char *member, size_t i);

/* Moves the members of v3's own types into the price, and checks them. */
void pricing_own_settle(const struct price_v3 *view, struct price *price,
                        const struct pricing_faults *faults);

/* The other way round. */
void pricing_own_mirror(const struct price *price, struct arena *arena, struct price_v3 *view);

#endif
