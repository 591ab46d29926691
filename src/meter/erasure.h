/* erasure.h: events given up: what is older than an organization keeps, and what a person wants
 * forgotten.
 *
 * RETENTION is by the organization's usage_retention, counted back from now in UTC, and by whole
 * segments of the store: a segment's events go when the youngest of them is old enough. Repetitions
 * of events that are gone are still duplicates.
 *
 * ERASURE of subjects removes every event of theirs, of any time, that was visible when it was
 * asked for. The book of erasures names them by digest: whoever knows a subject can look up that it
 * was erased, when, by whom, how many events went, and that none was left when it was counted
 * again; nobody can read the subject from it. Rollups are built anew by themselves (usage_epoch).
 * Customers and issued invoices are not touched: they are other duties, with other deadlines.
 */
#ifndef METER_ERASURE_H
#define METER_ERASURE_H

#include "base/span.h"
#include "codec/page.h"
#include "identity/cx.h"

ID_TYPE(erasure);

/* ---- retention ---- */

struct retention {
    span usage_retention;
    instant keeps_from; /* read only: older events may be gone, now */
};

extern const struct fields retention_fields;

/* At least RETENTION_DAYS_MIN days: invoices of the running period need their events. */
#define RETENTION_DAYS_MIN 93
NODISCARD enum fault retention_check(span retention);

/* The instant before which events are given up. */
instant retention_horizon(span retention, instant now);

/* The organization's present setting. */
NODISCARD enum err retention_get(struct cx *cx, struct retention *ret);

/* Changes it. FAULT_RETENTION_TOO_SHORT. */
NODISCARD enum err retention_set(struct cx *cx, const struct retention *wanted,
                                 struct retention *ret);

/* Gives up what is too old now; how many events that were. */
NODISCARD enum err retention_run(struct cx *cx, uint64_t *ret_events);

/* ---- erasure ---- */

struct erasure_request {
    struct text_list subjects; /* 1 to LIMIT_FILTER_VALUES_MAX */
};

struct erasure {
    struct erasure_id id;
    struct org_id org_id;
    instant created_at;
    text actor;
    struct text_list subject_digests;
    int64_t events;      /* erased */
    int64_t segments;    /* rewritten */
    int64_t events_left; /* of these subjects, counted afterwards; above 0 when some arrived
                            meanwhile */
};

extern const struct fields erasure_request_fields;
extern const struct fields erasure_fields;

/* BLAKE2b-256 of the organization's id (its 16 bytes) and the subject, in hex, in the arena. */
text erasure_digest(struct org_id org, text subject, struct arena *arena);

/* Erases and writes the book. Repeating it after a failure is safe. */
NODISCARD enum err erasure_run(struct cx *cx, const struct erasure_request *request,
                               struct erasure *ret);

/* The book, newest first; of one subject when `subject` is not empty. */
NODISCARD enum err erasure_list(struct cx *cx, text subject, struct page page, struct list *ret,
                                int64_t *ret_total);

#endif
