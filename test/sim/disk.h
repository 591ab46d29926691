/* disk.h: the one disk under the house: SQLite's files and the usage store's. Both can be made to
 * fail for good from the n-th call on, which is what the death of a process looks like from below:
 * what was written before stays, nothing is written after, and the write in hand may be torn.
 *
 * Nothing is flushed: the page cache outlives the house, as it outlives a killed process.
 */
#ifndef TEST_SIM_DISK_H
#define TEST_SIM_DISK_H

#include "usage/usage.h"

/* The VFS's name for store_config. */
#define DISK_VFS "fault"

/* Once, before the first store is opened. */
void disk_install(void);

/* For usage_config and rollup_config. Static. */
struct usage_io *disk_usage_io(void);

enum disk_part {
    DISK_STATE,   /* SQLite */
    DISK_EVENTS,  /* the usage store, as it acknowledges events */
    DISK_SEALING, /* all of it */
};

/* From the n-th call of this part on, every call of all of them fails. */
void disk_arm(enum disk_part part, int64_t n);

/* Whether it has come to that. */
bool disk_is_dead(void);

/* The disk works again. */
void disk_mend(void);

#endif
