/* world.h: what a client knows of the house: whom it made, what it was told, and what was
 * acknowledged. Everything the auditor expects follows from this.
 */
#ifndef TEST_SIM_WORLD_H
#define TEST_SIM_WORLD_H

#include "base/span.h"
#include "house.h"
#include "plans.h"

#define ID_ROOM 32
#define OPEN    INT64_MAX /* an end that is not known */
#define LANES   2

/* Adds one, zeroed, to an array with a count beside it; it doubles at powers of two. */
#define ADD_ONE(items, count)                                                                      \
    ((items) = world_grow((items), sizeof *(items), (count)), &(items)[(count)++])

void *world_grow(void *items, size_t size, int count);

/* ---- usage ---------------------------------------------------------------------------------- */

/* An event that was acknowledged. */
struct fact {
    int64_t time;     /* of the event */
    int64_t acked_at; /* on the clock of whom it was sent for */
    int meter;
    int64_t quantity; /* thousandths */
};

/* Whose a subject was from a time on, until the next one. */
struct tenure {
    int customer;
    int64_t from;
};

struct subject {
    char key[ID_ROOM];
    struct tenure *tenures;
    int tenure_count;
    struct fact *facts; /* fact i is the event "{key}-{i}" */
    int fact_count;
};

/* ---- subscriptions -------------------------------------------------------------------------- */

/* A line on an invoice. */
struct billed {
    char id[ID_ROOM];
    int invoice; /* of world.invoices; -1: it was on a draft that is gone, and comes to nothing */
    int item;
    bool is_late; /* what was used in the period and came after it was billed */
    int64_t from, to;
    int64_t cents;    /* without taxes that are added */
    int64_t quantity; /* of metered cards */
};

/* A card from one instant to another. */
struct item {
    const struct card *card;
    int phase;
    int64_t from, to;
};

/* So many of an add-on from a time on, until the next one. */
struct share {
    int64_t from, quantity;
};

struct bought {
    char id[ID_ROOM];
    const struct addon *addon;
    struct share *shares;
    int share_count;
};

/* A subscription: a plan, from one instant to another. */
struct stint {
    char id[ID_ROOM];
    const struct plan *plan;
    const struct zone *zone;
    int64_t anchor;
    int64_t from, to;
    int follows;                    /* the one that it is the change of; -1: none */
    int64_t changed_at;             /* when it was last decided on */
    int64_t phases[PHASES_MAX + 1]; /* where each begins, and the last one ends */
    struct item *base;              /* without add-ons */
    int base_count;
    struct item *items; /* with them: an item keeps its place for ever */
    int item_count;
    struct bought bought[ADDONS_ROOM];
    int bought_count;
    struct billed *billed;
    int billed_count;
};

/* What is to be billed again of an invoice that was voided. */
struct again {
    char name[ID_ROOM];
    char line[ID_ROOM]; /* that it is billed by; empty: not yet */
    enum tax tax;
    int64_t from, to, cents;
    int64_t since;  /* when it came to that */
    bool is_billed; /* or was lost with a draft */
};

struct customer {
    char id[ID_ROOM];
    char key[ID_ROOM];
    char clock[ID_ROOM]; /* of its own; empty: the server's */
    int64_t clock_now;
    const struct zone *zone;
    const char *zone_name; /* NULL: UTC */
    int currency;
    int64_t collection, draft; /* how long usage is waited for, and a draft */
    bool is_progressive;
    bool is_by_hand; /* drafts wait for somebody */
    bool is_gone;
    struct stint *stints;
    int stint_count;
    struct again *again;
    int again_count;
    int64_t invoiced_at; /* last, as far as is known */
};

/* ---- what is told --------------------------------------------------------------------------- */

/* What the outbox has told of: a customer, a subscription, an invoice. */
struct seen {
    char id[ID_ROOM];
    int64_t sequence; /* of its last entry */
    int64_t number;   /* of an invoice that is issued; 0 */
    uint64_t frozen;  /* hash of what may not change from then on */
    int customer;
    int64_t looked_at;  /* of world.looks */
    int64_t cents;      /* its total */
    int64_t by_hand;    /* paid */
    int64_t given_back; /* by hand */
    bool is_draft;      /* was one, at least */
    bool is_deleted;
    bool is_voided;
};

#define SEEN_ROOM (1 << 18)

/* What customers of this run do, each by chance of the seed: so that what one would not meet beside
 * others is met in some run. */
enum habit {
    HABIT_CURRENCIES = 1 << 0,
    HABIT_CLOCKS = 1 << 1,
    HABIT_ADDONS = 1 << 2,
    HABIT_LANES = 1 << 3,
    HABIT_PENDING = 1 << 4,
    HABIT_MIGRATIONS = 1 << 5,
    HABIT_SUBJECTS = 1 << 6,
    HABIT_SETTINGS = 1 << 7,
    HABIT_INVOICE_NOW = 1 << 8,
    HABIT_VOID = 1 << 9,
    HABIT_NOTES = 1 << 10,
    HABIT_MOVES = 1 << 11,
    HABIT_ALL = (1 << 12) - 1
};

struct world {
    struct house house;
    struct random random; /* of what is done */
    unsigned habits;
    struct customer *customers;
    int customer_count;
    struct subject *subjects;
    int subject_count;
    struct seen *seen; /* by hash of the id */
    int seen_count;
    struct seen **invoices; /* that are issued */
    int invoice_count;
    struct seen **drafts; /* that were, at least */
    int draft_count;
    int64_t number_max;                        /* of issued invoices */
    int64_t keys;                              /* idempotency keys used so far */
    int64_t outbox;                            /* sequence of the last entry read */
    int64_t looks;                             /* into the outbox */
    int crash_every;                           /* about one in so many calls dies; 0: none */
    bool is_settling;                          /* nothing is begun any more, all is finished */
    bool is_telling;                           /* prints what is asked for, but for reading */
    const char *failure;                       /* the first thing that is wrong; NULL */
    text plan_ids[CURRENCY_COUNT][PLANS_ROOM]; /* of plans[], kept by `keep` */
    text addon_ids[CURRENCY_COUNT][ADDONS_ROOM];
    text feature_ids[METER_COUNT];
    text tax_codes[TAX_COUNT];
    struct arena *keep;

    struct {
        int64_t steps, crashes, lines, invoices, events, changes;
    } counts;
};

static inline bool world_does(const struct world *world, enum habit habit)
{
    return (world->habits & (unsigned)habit) != 0;
}

/* Notes what is wrong, with where and when; only the first counts. */
void world_fail(struct world *world, const char *format, ...) PRINTF_LIKE(2, 3);

int64_t world_now(struct world *world);

/* On the clock that the customer lives on. */
int64_t customer_now(struct world *world, const struct customer *customer);

/* The same random number below `bound` for the same seed. */
int64_t world_pick(struct world *world, int64_t bound);

/* Moves an end into a buffer of ID_ROOM. */
void world_keep_id(char to[ID_ROOM], text id);

/* What is known of an id; made when it is new. */
struct seen *world_seen(struct world *world, text id);

/* FNV-1a of the bytes, going on from `hash`; start with WORLD_HASH. */
#define WORLD_HASH 14695981039346656037ULL
uint64_t world_hash(uint64_t hash, text t);

/* Months and days after an instant, on the wall of a zone; the last day of a month stands for those
 * it does not have. */
int64_t calendar_after(int64_t t, int64_t months, int64_t days, const struct zone *zone);

/* ---- stints --------------------------------------------------------------------------------- */

/* The period of the stint's grid, not cut to the stint, that holds `t`. */
struct period stint_grid(const struct stint *stint, int64_t t);

/* The index of the phase that runs at `t`, which is not before the first. */
int stint_phase(const struct stint *stint, int64_t t);

/* Where the billing period that holds `t` ends: the grid's, cut at the phase's. */
int64_t stint_cycle_end(const struct stint *stint, int64_t t);

/* The cards of its plan and its phases, from `from` on. */
void stint_lay(struct stint *stint);

/* What the add-ons make of its items, after these or the items have changed. Items keep their
 * places. */
void stint_cut(struct stint *stint);

/* How many of an add-on there are at `t`. */
int64_t bought_quantity(const struct bought *bought, int64_t t);

/* Whether it has add-ons, or will have. */
bool stint_has_addons(const struct stint *stint, int64_t now);

void stint_free(struct stint *stint);

#endif
