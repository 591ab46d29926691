/* migration.h: brings the schema up to this program's. Private to store/. */
#ifndef STORE_MIGRATION_H
#define STORE_MIGRATION_H

#include "store/connection.h"

/* Runs every migration that is not in yet, each in a transaction of its own under the write
 * lock: of two processes that start at once, one runs it and the other finds it done. ERR_CORRUPT
 * when one that ran has another checksum than ours or is unknown here; `ret_why` gets a sentence.
 */
NODISCARD enum err migration_run_all(struct connection *writer, char **ret_why);

/* Number of the newest migration that is in; 0 when there is none. */
NODISCARD enum err migration_newest_in(struct connection *connection, int *ret);

#endif
