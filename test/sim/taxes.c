/* taxes.c: once for all lines that are taxed alike, and rounded once. */
#include "taxes.h"

#define WHOLE 100000 /* thousandths of a per cent */

static bool is_alike(const struct taxed *a, const struct taxed *b)
{
    int64_t of_a[TAX_RATES_MAX] = { 0 }, of_b[TAX_RATES_MAX] = { 0 };
    (void)tax_rates(a->tax, a->at, of_a);
    (void)tax_rates(b->tax, b->at, of_b);
    return a->tax == b->tax && of_a[0] == of_b[0];
}

static int64_t rates_sum(const struct taxed *line)
{
    int64_t rates[TAX_RATES_MAX], sum = 0;
    int count = tax_rates(line->tax, line->at, rates);
    for (int i = 0; i < count; i++)
        sum += rates[i];
    return sum;
}

/* What so much bears, all in all. */
static int64_t tax_of(const struct taxed *like, int64_t amount)
{
    int64_t rates[TAX_RATES_MAX], sum = 0;
    int count = tax_rates(like->tax, like->at, rates);
    if (like->tax == TAX_CONTAINED)
        return amount - divide((wide)amount * WHOLE, WHOLE + rates[0]);
    for (int i = 0; i < count; i++)
        sum += divide((wide)amount * rates[i], WHOLE);
    return sum;
}

/* A line's share is within a cent for each of its details and rates of what it would be alone. */
static void audit_share(struct world *world, const struct taxed *line)
{
    int64_t tax = line->added + line->contained;
    wide whole = WHOLE + (line->tax == TAX_CONTAINED ? rates_sum(line) : 0);
    wide off = (wide)tax * whole - (wide)line->amount * rates_sum(line);
    off = off < 0 ? -off : off;
    if ((line->tax == TAX_CONTAINED ? line->added : line->contained) != 0 ||
        off > (2 * line->details + 1) * whole)
        world_fail(world, "a line of %lld bears %lld of tax", (long long)line->amount,
                   (long long)tax);
}

void taxes_audit(struct world *world, const struct taxed *lines, int count)
{
    for (int i = 0; i < count; i++) {
        int64_t amount = 0, tax = 0;
        bool is_first = true;
        audit_share(world, &lines[i]);
        for (int k = 0; k < count; k++) {
            if (!is_alike(&lines[i], &lines[k]))
                continue;
            is_first = is_first && k >= i;
            amount += lines[k].amount;
            tax += lines[k].added + lines[k].contained;
        }
        if (is_first && tax != tax_of(&lines[i], amount))
            world_fail(world, "%lld of tax on %lld, and not %lld", (long long)tax,
                       (long long)amount, (long long)tax_of(&lines[i], amount));
    }
}
