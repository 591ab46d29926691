/* prices.h: what something costs, reckoned anew and as plainly as can be: whole numbers, own
 * arithmetic, nothing of src/rating. Money is in cents, prices in hundredths of a cent, quantities
 * in thousandths.
 */
#ifndef TEST_SIM_PRICES_H
#define TEST_SIM_PRICES_H

#include "base/text.h"

#define NOTHING INT64_MIN /* an amount that is not there */

enum card_kind {
    CARD_FLAT_ADVANCE,
    CARD_FLAT_ARREARS,
    CARD_UNIT,
    CARD_GRADUATED,
    CARD_VOLUME,
    CARD_PACKAGE
};

enum { METER_CALLS, METER_BYTES, METER_COUNT }; /* counts events; sums a value */

struct tier {
    int64_t up_to; /* thousandths; NOTHING: open */
    int64_t fee;   /* cents */
    int64_t price; /* hundredths of a cent a unit */
};

struct card {
    const char *key; /* and name */
    enum card_kind kind;
    int meter;       /* of metered kinds */
    int64_t price;   /* hundredths of a cent; a fee, a unit's, a package's */
    int64_t package; /* units */
    struct tier tiers[3];
    int64_t free_units;
    int64_t percent; /* off */
    int64_t minimum; /* cents; NOTHING */
    int64_t maximum;
};

struct plan {
    const char *key;
    int version;
    int card_count;
    struct card cards[4];
};

/* Every plan there is, versions in order. */
extern const struct plan plans[];
extern const int plan_count;

/* Cards that a subscription may get besides, or in place of its own. */
extern const struct card extras[];
extern const int extra_count;

bool card_is_metered(const struct card *card);

/* Whether usage of a period may be billed in parts. */
bool card_is_splittable(const struct card *card);

/* What is to be billed. */
struct charge {
    int64_t quantity;
    int64_t prior;       /* used in the same period before, */
    int64_t prior_cents; /* and billed */
    bool is_later;       /* not the first part of the period */
    bool is_open;        /* not the last one */
    int64_t part, whole; /* nanoseconds that the item is there for, of the full period */
};

/* What it comes to, in cents. */
int64_t card_cents(const struct card *card, const struct charge *charge);

/* The card as the wire contract (v3) has it; `feature` is the id of its meter's. */
void card_write(const struct card *card, text feature, struct buffer *out);

#endif
