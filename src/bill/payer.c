/* payer.c: what the state of its bills allows a customer. */
#include "bill/payer.h"

enum fault payer_obstacle(const struct payer_facts *facts)
{
    CHECK(facts != NULL);
    if (facts->is_subscribed)
        return FAULT_CUSTOMER_IN_USE;
    if (facts->has_lines || facts->has_open_invoices)
        return FAULT_CUSTOMER_UNSETTLED;
    return FAULT_NONE;
}
