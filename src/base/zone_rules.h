/* zone_rules.h: where the rules of a time zone are read from.
 *
 * Private to zone*.c and instant*.c; zone.c keeps what is read here. Rules come from the system's
 * compiled zone files (TZif, RFC 9636), because the system's updates keep them current; ICU's
 * tables, which are as old as the library, are read where a system has no such files.
 */
#ifndef BASE_ZONE_RULES_H
#define BASE_ZONE_RULES_H

#include "base/instant.h"

/* The longest name of a zone that is looked for, in bytes. */
#define ZONE_NAME_MAX 63

/* Where the system keeps its zone files. */
#define ZONE_DIRECTORY "/usr/share/zoneinfo"

/* No wall is further from UTC than this (RFC 9636 allows 26 hours, short of a second). */
#define ZONE_OFFSET_SECONDS_MAX 93599

/* The offset from UTC is offsets[i] from transitions[i - 1] until transitions[i]. */
struct zone_rules {
    int64_t *transitions;     /* seconds since 1970, strictly rising */
    int32_t *offsets_seconds; /* one more than transitions */
    size_t count;             /* of transitions */
    size_t room;              /* for transitions; offsets have one more */
};

/* A zone as zone_find gives it out. */
struct zone {
    text name;
    struct zone_rules rules;
    struct zone *next; /* in the same bucket */
};

/* Makes room for `room` transitions, with one offset that holds for ever. */
void zone_rules_init(struct zone_rules *rules, struct arena *arena, size_t room, int32_t offset);

/* Adds a transition, which must not be before the last one; one that changes nothing is dropped,
 * and one at the same second replaces the last. */
void zone_rules_add(struct zone_rules *rules, int64_t at_seconds, int32_t offset_seconds);

/* The number of the offset that holds at a second. */
size_t zone_rules_index(const struct zone_rules *rules, int64_t at_seconds);

/* Reads the rules of `name` from the zone files under `directory`; false when there are none.
 * The name is checked: it leads nowhere but to files below the directory. */
NODISCARD bool zone_rules_of_files(const char *directory, text name, struct arena *arena,
                                   struct zone_rules *ret);

/* Appends what a POSIX TZ text ("CET-1CEST,M3.5.0,M10.5.0/3") says of the time after
 * `after_seconds`, the last transition of the file, to the end of the range of instants. False when
 * it is malformed. */
NODISCARD bool zone_rules_add_posix(struct zone_rules *rules, text posix, int64_t after_seconds);

/* Reads the rules of `name` from ICU; false when it does not know the name, or when the name is
 * none of IANA's. */
NODISCARD bool zone_rules_of_icu(text name, struct arena *arena, struct zone_rules *ret);

#endif
