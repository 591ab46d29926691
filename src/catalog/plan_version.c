/* plan_version.c: effective periods that do not meet. */
#include "catalog/plan_version.h"

static bool is_called_off(const struct plan *version)
{
    return !instant_is_none(version->ends_at) &&
           !instant_before(version->effective_from, version->ends_at);
}

/* The earlier of two ends; none is never. */
static instant end_sooner(instant a, instant b)
{
    if (instant_is_none(a) || instant_is_none(b))
        return instant_is_none(a) ? b : a;
    return instant_before(a, b) ? a : b;
}

static instant end_of(const struct plan *version, const struct plan *versions, size_t count)
{
    instant end = version->ends_at;
    for (size_t i = 0; i < count; i++) {
        if (!is_called_off(&versions[i]) &&
            instant_before(version->effective_from, versions[i].effective_from))
            end = end_sooner(end, versions[i].effective_from);
    }
    return end;
}

void plan_versions_settle(struct plan *versions, size_t count)
{
    CHECK(versions != NULL || count == 0);
    for (size_t i = 0; i < count; i++) {
        CHECK(!instant_is_none(versions[i].effective_from));
        versions[i].effective_to = end_of(&versions[i], versions, count);
    }
}

void plan_versions_yield(struct plan *versions, size_t count, const struct plan *by)
{
    CHECK(by != NULL && !instant_is_none(by->effective_from));
    for (size_t i = 0; i < count; i++) {
        if (instant_equal(versions[i].effective_from, by->effective_from))
            versions[i].ends_at = by->effective_from;
    }
}
