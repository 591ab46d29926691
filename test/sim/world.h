/* world.h: what a client knows of the house: whom it made, what it was told, and what was
 * acknowledged. Everything the auditor expects follows from this.
 */
#ifndef TEST_SIM_WORLD_H
#define TEST_SIM_WORLD_H

#include "base/span.h"
#include "house.h"
#include "prices.h"

#define ID_ROOM 32
#define OPEN    INT64_MAX /* an end that is not known */

/* Adds one, zeroed, to an array with a count beside it; it doubles at powers of two. */
#define ADD_ONE(items, count)                                                                      \
    ((items) = world_grow((items), sizeof *(items), (count)), &(items)[(count)++])

void *world_grow(void *items, size_t size, int count);

/* An event that was acknowledged. */
struct fact {
    int64_t time;     /* of the event */
    int64_t acked_at; /* on the clock of the house */
    int meter;
    int64_t quantity; /* thousandths */
};

/* A line on an invoice. */
struct billed {
    int item;
    bool is_late; /* what was used in the period and came after it was billed */
    int64_t from, to;
    int64_t cents;
    int64_t quantity; /* of metered cards */
};

/* A card from one instant to another. */
struct item {
    const struct card *card;
    int64_t from, to;
};

/* A subscription: a plan, from one instant to another. */
struct stint {
    char id[ID_ROOM];
    const struct plan *plan;
    int64_t anchor;
    int64_t from, to;
    int64_t changed_at; /* when it was last decided on */
    struct item *items;
    int item_count;
    struct billed *billed;
    int billed_count;
};

struct customer {
    char id[ID_ROOM];
    char key[ID_ROOM];
    const struct zone *zone;
    struct stint *stints;
    int stint_count;
    int64_t invoiced_at; /* last, as far as is known */
    struct fact *facts;  /* fact i is the event "{key}-{i}" */
    int fact_count;
};

/* What the outbox has told of: a customer, a subscription, an invoice. */
struct seen {
    char id[ID_ROOM];
    int64_t sequence; /* of its last entry */
    int64_t number;   /* of an invoice that is issued; 0 */
    uint64_t frozen;  /* hash of what may not change from then on */
    int64_t cents;    /* its total */
    int64_t by_hand;  /* paid */
};

#define SEEN_ROOM (1 << 18)

struct world {
    struct house house;
    struct random random; /* of what is done */
    struct customer *customers;
    int customer_count;
    struct seen *seen; /* by hash of the id */
    int seen_count;
    struct seen **invoices; /* that are issued */
    int invoice_count;
    int64_t number_max;  /* of them */
    int64_t keys;        /* idempotency keys used so far */
    int64_t outbox;      /* sequence of the last entry read */
    int crash_every;     /* about one in so many calls dies; 0: none */
    bool is_telling;     /* prints what is asked for, but for reading */
    const char *failure; /* the first thing that is wrong; NULL */
    text plan_ids[16];   /* of plans[], kept by `keep` */
    text feature_ids[METER_COUNT];
    struct arena *keep;

    struct {
        int64_t steps, crashes, lines, invoices, events, changes;
    } counts;
};

/* Notes what is wrong, with where and when; only the first counts. */
void world_fail(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);

int64_t world_now(struct world *world);

/* The same random number below `bound` for the same seed. */
int64_t world_pick(struct world *world, int64_t bound);

/* Moves an end into a buffer of ID_ROOM. */
void world_keep_id(char to[ID_ROOM], text id);

/* What is known of an id; made when it is new. */
struct seen *world_seen(struct world *world, text id);

/* FNV-1a of the bytes, going on from `hash`; start with WORLD_HASH. */
#define WORLD_HASH 14695981039346656037ULL
uint64_t world_hash(uint64_t hash, text t);

/* The period of the stint's grid, not cut to the stint, that holds `t`. */
struct period stint_grid(const struct customer *customer, const struct stint *stint, int64_t t);

#endif
