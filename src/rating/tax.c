/* tax.c: taxes by category and rate. */
#include "rating/tax.h"

#include "rating/allocate.h"

/* The lines of one category. */
struct members {
    size_t *lines; /* indices */
    dec *amounts;
    size_t count;
    dec sum;
};

static struct members members_of(const struct tax_input *input, size_t category,
                                 struct arena *arena)
{
    struct members members = {
        .lines = ARENA_ARRAY(arena, size_t, input->line_count),
        .amounts = ARENA_ARRAY(arena, dec, input->line_count),
        .sum = dec_round(DEC_ZERO, input->currency->digits, ROUND_FLOOR),
    };
    for (size_t i = 0; i < input->line_count; i++) {
        if (input->lines[i].category != category)
            continue;
        members.lines[members.count] = i;
        members.amounts[members.count++] = input->lines[i].amount;
        members.sum = dec_add(members.sum, input->lines[i].amount);
    }
    return members;
}

static dec rates_sum(const struct tax_category *category)
{
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < category->rate_count; i++)
        sum = dec_add(sum, category->rates[i].percentage);
    return sum;
}

/* What a category bears: the tax of each rate, and the amount without it. */
struct burden {
    dec net;
    dec *taxes;
};

/* Tax that is contained in the sum. */
static bool burden_inside(const struct tax_category *category, dec gross,
                          const struct currency *currency, struct arena *arena, struct burden *ret)
{
    const dec percent = rates_sum(category);
    const dec hundred = dec_of_int(100);
    const size_t count = category->rate_count;
    dec *weights = ARENA_ARRAY(arena, dec, count);
    ret->net =
        dec_mul_div(gross, hundred, dec_add(hundred, percent), currency->digits, ROUND_HALF_AWAY);
    if (!dec_is_valid(ret->net))
        return false;
    const dec tax = dec_sub(gross, ret->net);
    for (size_t i = 0; i < count; i++) {
        weights[i] = category->rates[i].percentage;
        ret->taxes[i] = tax;
    }
    if (dec_is_zero(percent))
        return true;
    const struct allocation allocation = { tax, weights, count, currency };
    return allocate_by_weight(&allocation, arena, ret->taxes);
}

/* Tax that is added to the sum. */
static bool burden_on_top(const struct tax_category *category, dec net,
                          const struct currency *currency, struct burden *ret)
{
    ret->net = net;
    for (size_t i = 0; i < category->rate_count; i++) {
        ret->taxes[i] = dec_mul_div(net, category->rates[i].percentage, dec_of_int(100),
                                    currency->digits, ROUND_HALF_AWAY);
        if (!dec_is_valid(ret->taxes[i]))
            return false;
    }
    return true;
}

/* What a line's amount is multiplied with to give its share of a rate. */
static struct allocate_ratio ratio_of(const struct tax_category *category, size_t rate)
{
    dec whole = dec_of_int(100);
    if (category->is_inclusive)
        whole = dec_add(whole, rates_sum(category));
    return (struct allocate_ratio){ category->rates[rate].percentage, whole };
}

/* Divides the tax of a group over its lines. */
static bool share_out(const struct members *members, const struct tax_input *input,
                      const struct tax_group *group, struct arena *arena, dec *ret)
{
    const struct tax_category *category = &input->categories[group->category];
    struct allocate_ratio ratio = ratio_of(category, group->rate);
    for (size_t i = 0; i < members->count; i++)
        ret[i] = dec_round(DEC_ZERO, input->currency->digits, ROUND_FLOOR);
    const struct allocation allocation = { group->tax, members->amounts, members->count,
                                           input->currency };
    return dec_is_zero(ratio.numerator) || allocate_by_ratio(&allocation, ratio, arena, ret);
}

static bool reckon_category(const struct tax_input *input, size_t index, struct arena *arena,
                            struct tax_result *result)
{
    const struct tax_category *category = &input->categories[index];
    struct members members = members_of(input, index, arena);
    struct burden burden = { .taxes = ARENA_ARRAY(arena, dec, category->rate_count) };
    dec *shares = ARENA_ARRAY(arena, dec, members.count);
    if (members.count == 0)
        return true;
    if (!dec_is_valid(members.sum))
        return false;
    bool fits = category->is_inclusive
                    ? burden_inside(category, members.sum, input->currency, arena, &burden)
                    : burden_on_top(category, members.sum, input->currency, &burden);
    for (size_t rate = 0; rate < category->rate_count && fits; rate++) {
        struct tax_group *group = &result->groups[result->group_count];
        *group = (struct tax_group){ index, rate, burden.net, burden.taxes[rate] };
        fits = share_out(&members, input, group, arena, shares);
        for (size_t i = 0; i < members.count && fits; i++)
            result->shares[result->share_count++] =
                (struct tax_share){ members.lines[i], result->group_count, shares[i] };
        result->group_count++;
    }
    return fits;
}

enum fault tax_reckon(const struct tax_input *input, struct arena *arena, struct tax_result *ret)
{
    CHECK(input != NULL && arena != NULL && ret != NULL && input->currency != NULL);
    size_t groups = 0, rates_most = 0;
    for (size_t i = 0; i < input->category_count; i++) {
        groups += input->categories[i].rate_count;
        if (input->categories[i].rate_count > rates_most)
            rates_most = input->categories[i].rate_count;
    }
    struct tax_result result = {
        .groups = ARENA_ARRAY(arena, struct tax_group, groups),
        .shares = ARENA_ARRAY(arena, struct tax_share, rates_most * input->line_count),
    };
    for (size_t i = 0; i < input->category_count; i++) {
        if (!reckon_category(input, i, arena, &result))
            return FAULT_AMOUNT_OVERFLOW;
    }
    *ret = result;
    return FAULT_NONE;
}
