/* plans.c: the plans of the house. */
#include "plans.h"

const struct money currencies[CURRENCY_COUNT] = {
    { "USD", "usd", 2 },
    { "JPY", "jpy", 0 },
    { "KWD", "kwd", 3 },
};

/* clang-format off */
#define MAIN(count, ...) 1, { { "main", 0, 0, count, { __VA_ARGS__ } } }

const struct plan plans[] = {
    { "fee", 1, 0, MAIN(1,
        { .key = "fee", .kind = CARD_FLAT_ADVANCE, .price = 299900, NO_BOUNDS }) },
    { "fee", 2, 0, MAIN(2,
        { .key = "fee", .kind = CARD_FLAT_ADVANCE, .tax = TAX_TWO, .price = 349700, NO_BOUNDS },
        { .key = "desk", .kind = CARD_FLAT_ARREARS, .tax = TAX_CONTAINED, .price = 100100, .percent = 15, NO_BOUNDS }) },
    { "basic", 1, 0, MAIN(3,
        { .key = "fee", .kind = CARD_FLAT_ADVANCE, .price = 100000, NO_BOUNDS },
        { .key = "desk", .kind = CARD_FLAT_ARREARS, .price = 77700, NO_BOUNDS },
        { .key = "calls", .kind = CARD_UNIT, .meter = METER_CALLS, .price = 3503, NO_BOUNDS }) },
    { "basic", 2, 0, MAIN(3,
        { .key = "fee", .kind = CARD_FLAT_ADVANCE, .tax = TAX_ADDED, .price = 120000, NO_BOUNDS },
        { .key = "calls", .kind = CARD_UNIT, .tax = TAX_ADDED, .meter = METER_CALLS, .price = 3007, .free_units = 3, NO_BOUNDS },
        { .key = "bytes", .kind = CARD_UNIT, .tax = TAX_CONTAINED, .meter = METER_BYTES, .price = 17, .percent = 7, NO_BOUNDS }) },
    { "team", 1, 0, MAIN(3,
        { .key = "fee", .kind = CARD_FLAT_ADVANCE, .tax = TAX_CONTAINED, .price = 490000, .percent = 33, NO_BOUNDS },
        { .key = "calls", .kind = CARD_GRADUATED, .tax = TAX_CONTAINED, .meter = METER_CALLS, .tiers = {
            { 5000, 0, 5000 }, { 10000, 150, 3333 }, { NOTHING, 0, 1111 } }, NO_BOUNDS },
        { .key = "bytes", .kind = CARD_VOLUME, .tax = TAX_TWO, .meter = METER_BYTES, .tiers = {
            { 100000, 500, 0 }, { 500000, 100, 700 }, { NOTHING, 0, 333 } }, NO_BOUNDS }) },
    { "bulk", 1, 0, MAIN(3,
        { .key = "desk", .kind = CARD_FLAT_ARREARS, .tax = TAX_TWO, .price = 50000, NO_BOUNDS },
        { .key = "calls", .kind = CARD_PACKAGE, .tax = TAX_ADDED, .meter = METER_CALLS, .price = 99900, .package = 4, NO_BOUNDS },
        { .key = "bytes", .kind = CARD_UNIT, .meter = METER_BYTES, .price = 125, .percent = 10,
          .minimum = NOTHING, .maximum = 2000 }) },
    { "ramp", 1, 0, 3, {
        { "trial", 0, 14, 1, {
            { .key = "calls", .kind = CARD_UNIT, .meter = METER_CALLS, .price = 100, NO_BOUNDS } } },
        { "half", 2, 0, 2, {
            { .key = "fee", .kind = CARD_FLAT_ADVANCE, .price = 75000, NO_BOUNDS },
            { .key = "calls", .kind = CARD_UNIT, .tax = TAX_ADDED, .meter = METER_CALLS, .price = 1700, .minimum = 500, .maximum = 9000 } } },
        { "full", 0, 0, 3, {
            { .key = "fee", .kind = CARD_FLAT_ADVANCE, .price = 150000, NO_BOUNDS },
            { .key = "calls", .kind = CARD_UNIT, .tax = TAX_ADDED, .meter = METER_CALLS, .price = 2900, .minimum = 1500, .maximum = 20000 },
            { .key = "bytes", .kind = CARD_UNIT, .meter = METER_BYTES, .price = 21, NO_BOUNDS } } } } },
    { "ramp", 2, 0, 2, {
        { "trial", 1, 0, 1, {
            { .key = "desk", .kind = CARD_FLAT_ARREARS, .tax = TAX_ADDED, .price = 31000, NO_BOUNDS } } },
        { "full", 0, 0, 2, {
            { .key = "fee", .kind = CARD_FLAT_ADVANCE, .tax = TAX_CONTAINED, .price = 199900, NO_BOUNDS },
            { .key = "calls", .kind = CARD_GRADUATED, .tax = TAX_TWO, .meter = METER_CALLS, .tiers = {
                { 3000, 10, 2000 }, { 9000, 0, 1500 }, { NOTHING, 77, 900 } }, .minimum = 800, .maximum = 7000 } } } } },
    { "side", 1, 1, MAIN(2,
        { .key = "seat", .kind = CARD_FLAT_ADVANCE, .tax = TAX_ADDED, .price = 70000, NO_BOUNDS },
        { .key = "seconds", .kind = CARD_UNIT, .tax = TAX_CONTAINED, .meter = METER_SECONDS, .price = 333, NO_BOUNDS }) },
    { "side", 2, 1, MAIN(2,
        { .key = "seat", .kind = CARD_FLAT_ARREARS, .price = 81100, NO_BOUNDS },
        { .key = "seconds", .kind = CARD_GRADUATED, .tax = TAX_ADDED, .meter = METER_SECONDS, .tiers = {
            { 60000, 0, 500 }, { 300000, 20, 250 }, { NOTHING, 0, 100 } }, NO_BOUNDS }) },
};

const struct card extras[] = {
    { .key = "seats", .kind = CARD_FLAT_ADVANCE, .price = 120300, NO_BOUNDS },
    { .key = "seats", .kind = CARD_FLAT_ADVANCE, .tax = TAX_TWO, .price = 81100, .percent = 25, NO_BOUNDS },
    { .key = "desk", .kind = CARD_FLAT_ARREARS, .tax = TAX_CONTAINED, .price = 66600, NO_BOUNDS },
    { .key = "calls", .kind = CARD_UNIT, .meter = METER_CALLS, .price = 2100, .minimum = 1000,
      .maximum = NOTHING },
    { .key = "bytes", .kind = CARD_GRADUATED, .tax = TAX_ADDED, .meter = METER_BYTES, .tiers = {
        { 50000, 0, 900 }, { 200000, 0, 450 }, { NOTHING, 99, 45 } }, NO_BOUNDS },
};

const struct addon addons[] = {
    { "more_fee", "basic", 0, 5, 1, {
        { .key = "fee", .kind = CARD_FLAT_ADVANCE, .price = 25500, NO_BOUNDS } } },
    { "more_team", "team", 0, 3, 2, {
        { .key = "guest", .kind = CARD_FLAT_ADVANCE, .percent = 20, .price = 99900, NO_BOUNDS },
        { .key = "care", .kind = CARD_FLAT_ARREARS, .tax = TAX_ADDED, .price = 41300, NO_BOUNDS } } },
    { "care_ramp", "ramp", 1, 4, 2, {
        { .key = "care", .kind = CARD_FLAT_ADVANCE, .tax = TAX_TWO, .price = 33100, NO_BOUNDS },
        { .key = "fee", .kind = CARD_FLAT_ADVANCE, .price = 11100, NO_BOUNDS } } },
    { "watch", "bulk", 0, 1, 1, {
        { .key = "seconds", .kind = CARD_UNIT, .tax = TAX_CONTAINED, .meter = METER_SECONDS, .price = 777, NO_BOUNDS } } },
    { "guard", "bulk", 0, 9, 1, {
        { .key = "desk", .kind = CARD_FLAT_ARREARS, .price = 7700, NO_BOUNDS } } },
};
/* clang-format on */

const int extra_count = COUNT_OF(extras);
const int plan_count = COUNT_OF(plans);
const int addon_count = COUNT_OF(addons);

_Static_assert(COUNT_OF(plans) <= PLANS_ROOM, "a place for each plan");
_Static_assert(COUNT_OF(addons) <= ADDONS_ROOM, "a place for each add-on");
