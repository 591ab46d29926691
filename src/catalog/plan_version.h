/* plan_version.h: when each published version of a plan's key is effective. Pure.
 *
 * A version was published with a beginning and, may be, an end. It is effective until that end or
 * until the next version begins, whichever comes first: so at any time one version is active at
 * most. When a scheduled version is withdrawn, the one before it goes on as it was meant to.
 */
#ifndef CATALOG_PLAN_VERSION_H
#define CATALOG_PLAN_VERSION_H

#include "catalog/plan.h"

/* Sets effective_to of every version from effective_from and ends_at of all. Those of `versions`
 * are published and have not ended yet; a version that ends as it begins was called off. */
void plan_versions_settle(struct plan *versions, size_t count);

/* Calls off those that begin when `by` does: what is published later counts. */
void plan_versions_yield(struct plan *versions, size_t count, const struct plan *by);

#endif
