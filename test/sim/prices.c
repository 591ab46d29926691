/* prices.c: what cards come to, and how they are written. */
#include "prices.h"

#include "base/instant.h"

#define DETAILS_MAX 8

bool card_is_metered(const struct card *card)
{
    return card->kind != CARD_FLAT_ADVANCE && card->kind != CARD_FLAT_ARREARS;
}

bool card_is_splittable(const struct card *card)
{
    return card_is_metered(card) && card->kind != CARD_VOLUME;
}

/* ---- what it comes to ----------------------------------------------------------------------- */

int64_t divide(wide a, wide b)
{
    wide twice = 2 * (a < 0 ? -a : a) + b;
    int64_t rounded = (int64_t)(twice / (2 * b));
    CHECK(b > 0);
    return a < 0 ? -rounded : rounded;
}

/* The amounts of a line, each rounded once. */
struct amounts {
    int64_t cents[DETAILS_MAX];
    int count;
};

static void add(struct amounts *amounts, int64_t cents)
{
    CHECK(amounts->count < DETAILS_MAX);
    amounts->cents[amounts->count++] = cents;
}

/* Thousandths of units at hundredths of a cent. */
static int64_t units(int64_t quantity, int64_t price)
{
    return divide((wide)quantity * price, 100000);
}

/* (prior, prior + quantity], tier by tier; a tier's fee is due when its lower edge is reached. */
static void graduated(const struct card *card, const struct charge *charge, struct amounts *ret)
{
    int64_t to = charge->prior + charge->quantity;
    int64_t edge = 0;
    for (size_t i = 0; i < COUNT_OF(card->tiers); i++) {
        const struct tier *tier = &card->tiers[i];
        int64_t end = tier->up_to == NOTHING || to < tier->up_to ? to : tier->up_to;
        int64_t from = charge->prior > edge ? charge->prior : edge;
        bool is_shown = i == 0 ? to == 0 || charge->prior < end : from < end;
        if (is_shown)
            add(ret, units(end - from, tier->price));
        if (is_shown && charge->prior <= edge && (i > 0 || !charge->is_later))
            add(ret, tier->fee);
        edge = end;
        if (to <= end)
            return;
    }
}

static void volume(const struct card *card, int64_t quantity, struct amounts *ret)
{
    const struct tier *tier = card->tiers;
    while (tier->up_to != NOTHING && quantity > tier->up_to)
        tier++;
    add(ret, tier->fee);
    add(ret, units(quantity, tier->price));
}

static int64_t packages(const struct card *card, int64_t quantity)
{
    int64_t size = card->package * 1000;
    return (quantity + size - 1) / size;
}

static void price(const struct card *card, const struct charge *charge, struct amounts *ret)
{
    switch (card->kind) {
    case CARD_UNIT:
        add(ret, units(charge->quantity, card->price));
        return;
    case CARD_GRADUATED:
        graduated(card, charge, ret);
        return;
    case CARD_VOLUME:
        volume(card, charge->quantity, ret);
        return;
    case CARD_PACKAGE: /* each part of a period is converted by itself: so says the contract */
        add(ret, divide((wide)packages(card, charge->quantity) * card->price, 100));
        return;
    case CARD_FLAT_ADVANCE:
    case CARD_FLAT_ARREARS:
        break;
    }
    UNREACHABLE();
}

/* The charge without the units that are free. */
static struct charge less_free(const struct card *card, const struct charge *charge)
{
    struct charge less = *charge;
    int64_t free_units = card->free_units * 1000;
    int64_t left = free_units > charge->prior ? free_units - charge->prior : 0;
    less.prior = charge->prior > free_units ? charge->prior - free_units : 0;
    less.quantity = charge->quantity > left ? charge->quantity - left : 0;
    return less;
}

int64_t card_cents(const struct card *card, const struct charge *charge)
{
    struct amounts amounts = { 0 };
    struct charge less = less_free(card, charge);
    int64_t sum = 0;

    CHECK(charge->quantity >= 0 && charge->part >= 0 && charge->part <= charge->whole);
    if (card_is_metered(card))
        price(card, &less, &amounts);
    else
        add(&amounts, divide((wide)card->price * charge->part, (wide)100 * charge->whole));
    for (int i = 0; i < amounts.count; i++)
        sum += amounts.cents[i] - divide((wide)amounts.cents[i] * card->percent, 100);
    if (card->maximum != NOTHING) {
        int64_t room = divide((wide)card->maximum * charge->part, charge->whole) -
                       charge->prior_cents;
        room = room > 0 ? room : 0;
        sum = sum < room ? sum : room;
    }
    if (card->minimum != NOTHING && !charge->is_open) {
        int64_t missing = divide((wide)card->minimum * charge->part, charge->whole) -
                          charge->prior_cents;
        sum = sum > missing ? sum : missing;
    }
    return sum;
}

/* ---- taxes ---------------------------------------------------------------------------------- */

#define FROM_2026_09_15 (1789430400 * NS_PER_SECOND) /* from then on another rate */

int tax_rates(enum tax tax, int64_t at, int64_t ret[TAX_RATES_MAX])
{
    switch (tax) {
    case TAX_ADDED:
    case TAX_CONTAINED:
        ret[0] = at < FROM_2026_09_15 ? 20000 : 21500;
        return 1;
    case TAX_TWO:
        ret[0] = 7500;
        ret[1] = 2250;
        return 2;
    case TAX_NONE:
    case TAX_COUNT:
        break;
    }
    return 0;
}

/* ---- on the wire ---------------------------------------------------------------------------- */

void amount_write(struct buffer *out, int64_t amount, int digits)
{
    int64_t unit = 1;
    const char *sign = amount < 0 ? "-" : "";
    for (int i = 0; i < digits; i++)
        unit *= 10;
    amount = amount < 0 ? -amount : amount;
    buffer_format(out, "%s%lld", sign, (long long)(amount / unit));
    if (digits > 0)
        buffer_format(out, ".%0*lld", digits, (long long)(amount % unit));
}

static void write_dec(struct buffer *out, const char *before, int64_t n, int digits)
{
    buffer_format(out, "%s\"", before);
    amount_write(out, n, digits);
    buffer_add_cstr(out, "\"");
}

static void write_tiers(const struct card *card, int digits, struct buffer *out)
{
    buffer_add_cstr(out, ",\"tiers\":[");
    for (size_t i = 0; i < COUNT_OF(card->tiers); i++) {
        const struct tier *tier = &card->tiers[i];
        buffer_add_cstr(out, i > 0 ? ",{" : "{");
        if (tier->up_to != NOTHING) {
            write_dec(out, "\"up_to_amount\":", tier->up_to, 3);
            buffer_add_cstr(out, ",");
        }
        write_dec(out, "\"flat_price\":{\"type\":\"flat\",\"amount\":", tier->fee, digits);
        write_dec(out, "},\"unit_price\":{\"type\":\"unit\",\"amount\":", tier->price, digits + 2);
        buffer_add_cstr(out, "}}");
    }
    buffer_add_cstr(out, "]}");
}

static void write_price(const struct card *card, int digits, struct buffer *out)
{
    static const char *const types[] = {
        [CARD_FLAT_ADVANCE] = "flat",   [CARD_FLAT_ARREARS] = "flat", [CARD_UNIT] = "unit",
        [CARD_GRADUATED] = "graduated", [CARD_VOLUME] = "volume",     [CARD_PACKAGE] = "unit",
    };
    buffer_format(out, ",\"price\":{\"type\":\"%s\"", types[card->kind]);
    if (card->kind == CARD_GRADUATED || card->kind == CARD_VOLUME) {
        write_tiers(card, digits, out);
        return;
    }
    write_dec(out, ",\"amount\":", card->price, digits + 2);
    buffer_add_cstr(out, "}");
    if (card->kind == CARD_PACKAGE)
        buffer_format(out,
                      ",\"unit_config\":{\"operation\":\"divide\",\"conversion_factor\":\"%lld\","
                      "\"rounding\":\"ceiling\"}",
                      (long long)card->package);
}

static void write_bounds(const struct card *card, int digits, struct buffer *out)
{
    if (card->minimum != NOTHING)
        write_dec(out, ",\"commitments\":{\"minimum_amount\":", card->minimum, digits);
    if (card->maximum != NOTHING)
        write_dec(out,
                  card->minimum != NOTHING ? ",\"maximum_amount\":"
                                           : ",\"commitments\":{\"maximum_amount\":",
                  card->maximum, digits);
    if (card->minimum != NOTHING || card->maximum != NOTHING)
        buffer_add_cstr(out, "}");
}

void card_write(const struct card *card, const struct card_writing *writing, struct buffer *out)
{
    buffer_format(out, "{\"key\":\"%s\",\"name\":\"%s\",\"billing_cadence\":\"P1M\"", card->key,
                  card->key);
    if (card_is_metered(card))
        buffer_format(out, ",\"feature\":{\"id\":\"%.*s\"}", TEXT_ARG(writing->feature));
    else
        buffer_format(out, ",\"payment_term\":\"%s\"",
                      card->kind == CARD_FLAT_ADVANCE ? "in_advance" : "in_arrears");
    write_price(card, writing->digits, out);
    CHECK(card->percent == 0 || card->free_units == 0);
    if (card->percent > 0)
        buffer_format(out, ",\"discounts\":{\"percentage\":%lld}", (long long)card->percent);
    if (card->free_units > 0)
        buffer_format(out, ",\"discounts\":{\"usage\":\"%lld\"}", (long long)card->free_units);
    write_bounds(card, writing->digits, out);
    if (card->tax != TAX_NONE)
        buffer_format(out, ",\"tax_config\":{\"behavior\":\"%s\",\"code\":{\"id\":\"%.*s\"}}",
                      card->tax == TAX_CONTAINED ? "inclusive" : "exclusive",
                      TEXT_ARG(writing->tax_code));
    buffer_add_cstr(out, "}");
}
