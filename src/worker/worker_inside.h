/* worker_inside.h: the worker, as its files share it. Used by this module only. */
#ifndef WORKER_WORKER_INSIDE_H
#define WORKER_WORKER_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "bill/due.h"
#include "worker/worker.h"

struct worker {
    struct worker_config config;
    pthread_mutex_t run_lock; /* one runner at a time */
    pthread_mutex_t lock;     /* for `wake` and what follows it */
    pthread_cond_t wake;
    pthread_cond_t clock_wake;      /* a test clock is to be advanced, or is free */
    struct clock_journey *journeys; /* test clocks that are being advanced */
    bool has_clocks_waiting;        /* for the thread of the test clocks */
    pthread_t thread;
    pthread_t clock_thread;
    bool has_thread, has_clock_thread;
    atomic_bool is_stopping;
    _Atomic uint64_t done, retried, parked;
    instant retention_at; /* of the last look for what is too old; under run_lock */
};

/* The context of a piece of work of an organization, at the server's present. */
struct cx worker_cx(struct worker *worker, struct arena *arena, struct org_id org);

/* Does a row, or sees to it that it is done later or looked at. */
NODISCARD enum err worker_run_row(struct worker *worker, struct cx *cx, const struct due_row *row);

/* Ends the thread of the test clocks, when there is one. worker_interrupt came before. */
void worker_clocks_end(struct worker *worker);

#endif
