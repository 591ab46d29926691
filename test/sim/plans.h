/* plans.h: what the house sells: plans with phases, in versions, and add-ons; each of them once in
 * every currency.
 */
#ifndef TEST_SIM_PLANS_H
#define TEST_SIM_PLANS_H

#include "prices.h"

#define PHASES_MAX 3
#define CARDS_MAX  4

struct phase {
    const char *key;
    int months, days; /* how long it lasts; both 0: for ever */
    int card_count;
    struct card cards[CARDS_MAX];
};

/* Plans of the second lane have no key in common with those of the first, so a customer may have
 * one of each. */
struct plan {
    const char *key;
    int version;
    int lane;
    int phase_count;
    struct phase phases[PHASES_MAX];
};

/* Every plan there is, versions in order. */
extern const struct plan plans[];
extern const int plan_count;
#define PLANS_ROOM 16

/* Cards that a subscription of the first lane may get besides, or in place of its own. */
extern const struct card extras[];
extern const int extra_count;

struct addon {
    const char *key;
    const char *plan;
    int first_phase;
    int max; /* how many at once; 1: a single one */
    int card_count;
    struct card cards[2];
};

extern const struct addon addons[];
extern const int addon_count;
#define ADDONS_ROOM 8

struct money {
    const char *code, *suffix;
    int digits;
};

enum { CURRENCY_COUNT = 3 };
extern const struct money currencies[CURRENCY_COUNT];

#endif
