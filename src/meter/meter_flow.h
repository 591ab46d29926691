/* meter_flow.h: the commands on meters. Each is one transaction, with its audit row in it. */
#ifndef METER_METER_FLOW_H
#define METER_METER_FLOW_H

#include "codec/filter.h"
#include "codec/page.h"
#include "identity/cx.h"
#include "meter/meter.h"

/* Stores a new meter, read and checked by meter_create_read; fills id, organization and times.
 * FAULT_METER_KEY_TAKEN names the id of the meter that has the key. */
NODISCARD enum err meter_create(struct cx *cx, const struct meter *wanted, struct meter *ret);

/* The living meter with this ULID or, when there is none, this key. FAULT_METER_ABSENT. */
NODISCARD enum err meter_get(struct cx *cx, text id_or_key, struct meter *ret);

/* Applies a change. FAULT_METER_ABSENT, or the faults of meter_check in the dialect's words.
 * Whether a removed dimension is in use is the caller's question to the catalog, asked first. */
NODISCARD enum err meter_update(struct cx *cx, text id_or_key, const struct meter_change *change,
                                enum dialect dialect, struct meter *ret);

/* Marks a meter as deleted; its key is free again. FAULT_METER_ABSENT. Whether it is in use is the
 * caller's question to the catalog, asked first. */
NODISCARD enum err meter_delete(struct cx *cx, text id_or_key);

enum meter_sort {
    METER_SORT_CREATED_AT, /* ties everywhere are broken by id */
    METER_SORT_UPDATED_AT,
    METER_SORT_KEY,
    METER_SORT_NAME,
    METER_SORT_AGGREGATION,
    METER_SORT_COUNT
};

/* v3's sort fields in the order of the enum, NULL-terminated: "created_at", … */
extern const char *const meter_sort_words[];

struct meter_list_query {
    struct page page; /* size 0: all of them */
    enum meter_sort sort;
    bool is_descending;
    bool has_deleted;          /* deleted meters too */
    const struct filter *key;  /* NULL: any */
    const struct filter *name; /* NULL: any */
};

struct meter_list {
    struct meter *items;
    size_t count;  /* on this page */
    int64_t total; /* on all pages */
};

/* The organization's meters, in cx->arena. */
NODISCARD enum err meter_list(struct cx *cx, const struct meter_list_query *query,
                              struct meter_list *ret);

#endif
