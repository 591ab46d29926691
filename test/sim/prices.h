/* prices.h: what something costs, reckoned anew and as plainly as can be: whole numbers, own
 * arithmetic, nothing of src/rating. Money is in the smallest units of a currency ("cents",
 * whatever they are called), prices in hundredths of a cent, quantities in thousandths.
 */
#ifndef TEST_SIM_PRICES_H
#define TEST_SIM_PRICES_H

#include "base/text.h"

#define NOTHING INT64_MIN /* an amount that is not there */

/* Half away from zero; b is above 0. */
__extension__ typedef __int128 wide;
int64_t divide(wide a, wide b);

enum card_kind {
    CARD_FLAT_ADVANCE,
    CARD_FLAT_ARREARS,
    CARD_UNIT,
    CARD_GRADUATED,
    CARD_VOLUME,
    CARD_PACKAGE
};

enum { METER_CALLS, METER_BYTES, METER_SECONDS, METER_COUNT }; /* counts events; sum a value */

/* What a card is taxed by: nothing, one rate on top, the same contained in the price, two rates on
 * top. */
enum tax { TAX_NONE, TAX_ADDED, TAX_CONTAINED, TAX_TWO, TAX_COUNT };

#define TAX_RATES_MAX 2

/* The rates that hold for a service whose last instant is `at`, in thousandths of a per cent; their
 * count. */
int tax_rates(enum tax tax, int64_t at, int64_t ret[TAX_RATES_MAX]);

struct tier {
    int64_t up_to; /* thousandths; NOTHING: open */
    int64_t fee;   /* cents */
    int64_t price; /* hundredths of a cent a unit */
};

struct card {
    const char *key; /* and name */
    enum card_kind kind;
    enum tax tax;
    int meter;       /* of metered kinds */
    int64_t price;   /* hundredths of a cent; a fee, a unit's, a package's */
    int64_t package; /* units */
    struct tier tiers[3];
    int64_t free_units;
    int64_t percent; /* off */
    int64_t minimum; /* cents; NOTHING */
    int64_t maximum;
};

#define NO_BOUNDS .minimum = NOTHING, .maximum = NOTHING

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

/* What it comes to, in cents, without taxes that are added. */
int64_t card_cents(const struct card *card, const struct charge *charge);

/* A card as the wire contract (v3) has it. */
struct card_writing {
    text feature;  /* the id of its meter's */
    text tax_code; /* the id of its tax's; empty: none */
    int digits;    /* of the currency */
};

void card_write(const struct card *card, const struct card_writing *writing, struct buffer *out);

/* Writes an amount of so many of the units that `digits` places make: "12.34" of 1234 and 2. */
void amount_write(struct buffer *out, int64_t amount, int digits);

#endif
