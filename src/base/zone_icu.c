/* Rules of zones out of ICU's tables. */
#include <unicode/ucal.h>

#include "base/zone_rules.h"

/* The range of instants in milliseconds, as ICU counts. */
#define RANGE_MS 9223372036854

/* Two changes a year over the whole range, and more than any history had besides. */
#define TRANSITIONS_MAX 2048

/* ICU knows names of three capitals that stand for a zone in Java only, and often for another
 * one elsewhere (BST is Dhaka). These are the ones that IANA has too. */
static bool is_short_name(text name)
{
    static const char *const names[] = { "CET", "EET", "EST", "GMT", "HST", "MET", "MST",
                                         "PRC", "ROC", "ROK", "UCT", "UTC", "WET" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_equal(name, text_of(names[i])))
            return true;
    return false;
}

static bool is_iana_name(text name)
{
    size_t capitals = 0;
    for (size_t i = 0; i < name.len; i++)
        capitals += name.ptr[i] >= 'A' && name.ptr[i] <= 'Z';
    if (name.len == 3 && capitals == 3)
        return is_short_name(name);
    return !text_starts_with(name, TEXT("SystemV/")) && !text_equal(name, TEXT("Factory")) &&
           !text_equal(name, TEXT("US/Pacific-New")) &&
           !text_equal(name, TEXT("Canada/East-Saskatchewan"));
}

/* The name in ICU's characters; false unless it is the exact name of a zone of its tables. */
static bool known_name(text name, UChar ret[ZONE_NAME_MAX])
{
    UChar canonical[128];
    UErrorCode status = U_ZERO_ERROR;
    UBool is_system = 0;
    if (name.len == 0 || name.len > ZONE_NAME_MAX || !is_iana_name(name))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
            return false;
        ret[i] = (UChar)name.ptr[i];
    }
    ucal_getCanonicalTimeZoneID(ret, (int32_t)name.len, canonical, COUNT_OF(canonical), &is_system,
                                &status);
    return U_SUCCESS(status) && is_system;
}

/* The offset at the calendar's time. */
static int32_t offset_at(const UCalendar *calendar, UErrorCode *status)
{
    int32_t offset_ms = ucal_get(calendar, UCAL_ZONE_OFFSET, status) +
                        ucal_get(calendar, UCAL_DST_OFFSET, status);
    return offset_ms / 1000;
}

/* Reads all transitions from the start of the range to its end. */
static bool read_transitions(UCalendar *calendar, struct arena *arena, struct zone_rules *rules)
{
    UErrorCode status = U_ZERO_ERROR;
    UDate at = (UDate)-RANGE_MS;
    ucal_setMillis(calendar, at, &status);
    zone_rules_init(rules, arena, TRANSITIONS_MAX, offset_at(calendar, &status));
    while (U_SUCCESS(status) && rules->count < TRANSITIONS_MAX &&
           ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &at, &status) &&
           at < (UDate)RANGE_MS) {
        ucal_setMillis(calendar, at, &status);
        zone_rules_add(rules, (int64_t)at / 1000, offset_at(calendar, &status));
    }
    return U_SUCCESS(status);
}

bool zone_rules_of_icu(text name, struct arena *arena, struct zone_rules *ret)
{
    UChar id[ZONE_NAME_MAX];
    UErrorCode status = U_ZERO_ERROR;
    struct zone_rules rules;
    if (!known_name(name, id))
        return false;
    UCalendar *calendar = ucal_open(id, (int32_t)name.len, "en", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return false;
    bool is_read = read_transitions(calendar, arena, &rules);
    ucal_close(calendar);
    if (is_read)
        *ret = rules;
    return is_read;
}
