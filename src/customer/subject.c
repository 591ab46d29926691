/* subject.c: what a change makes of a subject. */
#include "customer/subject.h"

enum fault subject_apply(const struct subject_upsert *change, struct subject *subject)
{
    CHECK(change != NULL && subject != NULL);
    CHECK(text_equal(change->body.key, subject->key));
    const struct subject *body = &change->body;
    struct subject after = *subject;
    if (change->has_display_name)
        after.display_name = body->display_name;
    if (change->has_metadata)
        after.metadata = body->metadata;
    if (change->has_stripe_customer_id)
        after.stripe_customer_id = body->stripe_customer_id;
    if (change->has_current_period_start)
        after.current_period_start = body->current_period_start;
    if (change->has_current_period_end)
        after.current_period_end = body->current_period_end;
    bool is_bounded = !instant_is_none(after.current_period_start) &&
                      !instant_is_none(after.current_period_end);
    if (is_bounded && !instant_before(after.current_period_start, after.current_period_end))
        return FAULT_SUBJECT_PERIOD;
    *subject = after;
    return FAULT_NONE;
}
