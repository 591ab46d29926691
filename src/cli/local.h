/* local.h: working on a data directory without a server. */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include "base/command.h"
#include "identity/cx.h"

#define DATA_OPTION                                                                                \
    {                                                                                              \
        .name = "data", .value = "DIR", .about = "directory of state and events",                  \
        .fallback = "tollgate-data"                                                                \
    }

/* The state of a data directory and a context over it. Closed with local_close. */
struct local {
    struct store *store;
    struct usage *usage; /* NULL: not opened */
    struct random random;
    struct cx cx;
};

/* Opens or makes the state; migrates it. EXIT_OK, or the exit code after a message. */
int local_open(struct local *local, const struct invocation *invocation);

/* The same with the events, which no server may have open; these come first. A flaw that keeps them
 * from being opened is printed. */
int local_open_usage(struct local *local, const struct invocation *invocation);

/* Closes what is open. */
void local_close(struct local *local);

/* Prints why a flow did not go through; returns the exit code. */
int local_fail(struct local *local, const struct invocation *invocation, enum err err);

#endif
