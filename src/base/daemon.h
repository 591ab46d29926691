/* daemon.h: what commands that run until they are told to stop have in common: the options of their
 * log, and their signals.
 */
#ifndef BASE_DAEMON_H
#define BASE_DAEMON_H

#include <signal.h>

#include "base/command.h"

extern const char *const daemon_log_words[];
extern const char *const daemon_level_words[];

/* Rows of an option table, the last of them: --log and --log-level. */
#define DAEMON_LOG_OPTIONS                                                                         \
    { .name = "log",                                                                               \
      .value = "FORMAT",                                                                           \
      .about = "form of the log on standard error",                                                \
      .fallback = "text",                                                                          \
      .words = daemon_log_words },                                                                 \
    {                                                                                              \
        .name = "log-level", .value = "LEVEL", .about = "lowest level logged", .fallback = "info", \
        .words = daemon_level_words                                                                \
    }

/* Opens the log on standard error as these options say. */
void daemon_open_log(const struct invocation *invocation);

/* Blocks the signals that stop the process in this and all later threads, for sigwait on the set
 * that is returned. A connection that is gone, and a file that may not grow, are errors of the call
 * from now on, not the end. */
sigset_t daemon_block_signals(void);

#endif
