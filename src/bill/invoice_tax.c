/* invoice_tax.c: which lines are taxed together, and what each bears. */
#include "bill/invoice_tax.h"

/* A tax category with where it comes from. */
struct rule {
    struct line_tax_choice choice;
    const struct tax_rate *rates;
    size_t rate_count;
};

/* What is reckoned: one tax line for each detailed line, in order. */
struct bench {
    struct rule *rules;
    struct tax_category *categories;
    size_t rule_count;
    struct tax_line *parts;
    struct rate_detail **details;
    size_t *owners; /* index of the line that a part belongs to */
    size_t part_count;
};

struct line_tax_choice line_tax_choice(const struct tax_book *book, const struct pending_line *line)
{
    CHECK(book != NULL && line != NULL);
    int behavior = FIELD_ENUM_NONE;
    struct line_tax_choice choice = { .code = book->org_default };
    if (book->has_default) {
        behavior = book->profile_default.behavior;
        if (!ulid_is_zero(book->profile_default.code.id.ulid))
            choice.code = book->profile_default.code.id;
    }
    if (line->has_tax) {
        if (line->tax.behavior != FIELD_ENUM_NONE)
            behavior = line->tax.behavior;
        if (!ulid_is_zero(line->tax.code.id.ulid))
            choice.code = line->tax.code.id;
    }
    choice.is_inclusive = behavior == TAX_INCLUSIVE;
    return choice;
}

/* The last instant of the service, or the only one. */
static instant tax_point(const struct pending_line *line)
{
    if (!instant_before(line->service_from, line->service_to))
        return line->service_from;
    return (instant){ line->service_to.ns - 1 };
}

static struct rule rule_of(const struct tax_book *book, const struct pending_line *line,
                           struct arena *arena)
{
    struct rule rule = { .choice = line_tax_choice(book, line) };
    const struct tax_code_rates *codes = book->rates.items;
    for (size_t i = 0; i < book->rates.count && rule.rates == NULL; i++) {
        if (ulid_equal(codes[i].tax_code_id.ulid, rule.choice.code.ulid))
            rule.rates = tax_rates_at(&codes[i].rates, tax_point(line), arena, &rule.rate_count);
    }
    return rule;
}

/* What the line bears already. */
static struct rule rule_kept(const struct line_record *line, struct arena *arena)
{
    const struct line_tax *taxes = line->taxes.items;
    struct tax_rate *rates = ARENA_ARRAY(arena, struct tax_rate, line->taxes.count);
    if (line->taxes.count == 0)
        return (struct rule){ 0 };
    for (size_t i = 0; i < line->taxes.count; i++)
        rates[i] = (struct tax_rate){ taxes[i].name, taxes[i].percentage };
    return (struct rule){ .choice = { taxes[0].tax_code_id, taxes[0].is_inclusive },
                          .rates = rates,
                          .rate_count = line->taxes.count };
}

bool line_has_tax_rates(const struct tax_book *book, const struct pending_line *line,
                        struct arena *arena)
{
    return rule_of(book, line, arena).rate_count > 0;
}

static bool rules_equal(const struct rule *a, const struct rule *b)
{
    if (!ulid_equal(a->choice.code.ulid, b->choice.code.ulid) ||
        a->choice.is_inclusive != b->choice.is_inclusive || a->rate_count != b->rate_count)
        return false;
    for (size_t i = 0; i < a->rate_count; i++) {
        if (!text_equal(a->rates[i].name, b->rates[i].name) ||
            !dec_equal(a->rates[i].percentage, b->rates[i].percentage))
            return false;
    }
    return true;
}

/* The rule's place among those there are; added when it is new. */
static size_t rule_place(struct bench *bench, const struct rule *rule)
{
    size_t at = 0;
    while (at < bench->rule_count && !rules_equal(&bench->rules[at], rule))
        at++;
    if (at == bench->rule_count) {
        bench->rules[at] = *rule;
        bench->categories[at] =
            (struct tax_category){ rule->choice.is_inclusive, rule->rates, rule->rate_count };
        bench->rule_count++;
    }
    return at;
}

/* Takes the taxes of an earlier reckoning out of totals. */
static void totals_untax(struct rate_totals *totals, const struct currency *currency)
{
    const dec zero = rate_totals_zero(currency).taxes_total;
    totals->total = dec_sub(totals->total, totals->taxes_exclusive_total);
    totals->taxes_inclusive_total = zero;
    totals->taxes_exclusive_total = zero;
    totals->taxes_total = zero;
}

void totals_tax(struct rate_totals *totals, dec tax, bool is_inclusive)
{
    CHECK(totals != NULL);
    dec *kind = is_inclusive ? &totals->taxes_inclusive_total : &totals->taxes_exclusive_total;
    *kind = dec_add(*kind, tax);
    totals->taxes_total = dec_add(totals->taxes_total, tax);
    if (!is_inclusive)
        totals->total = dec_add(totals->total, tax);
}

static void bench_add_line(struct bench *bench, struct line_record *line, size_t index,
                           const struct rule *rule, const struct currency *currency)
{
    struct rate_detail *details = line->details.items;
    totals_untax(&line->totals, currency);
    line->taxes = (struct list){ 0 };
    for (size_t i = 0; i < line->details.count; i++) {
        totals_untax(&details[i].totals, currency);
        if (rule->rate_count == 0)
            continue;
        bench->owners[bench->part_count] = index;
        bench->details[bench->part_count] = &details[i];
        bench->parts[bench->part_count++] =
            (struct tax_line){ rule_place(bench, rule), details[i].totals.total };
    }
}

static struct bench bench_of(const struct tax_book *book, struct line_record *lines, size_t count,
                             const struct currency *currency, struct arena *arena)
{
    size_t details = 0;
    for (size_t i = 0; i < count; i++)
        details += lines[i].details.count;
    struct bench bench = {
        .rules = ARENA_ARRAY(arena, struct rule, count),
        .categories = ARENA_ARRAY(arena, struct tax_category, count),
        .parts = ARENA_ARRAY(arena, struct tax_line, details),
        .details = ARENA_ARRAY(arena, struct rate_detail *, details),
        .owners = ARENA_ARRAY(arena, size_t, details),
    };
    for (size_t i = 0; i < count; i++) {
        struct rule rule = { 0 };
        if (book->is_kept)
            rule = rule_kept(&lines[i], arena);
        else if (book->is_enabled && instant_is_none(lines[i].line.deleted_at))
            rule = rule_of(book, &lines[i].line, arena);
        bench_add_line(&bench, &lines[i], i, &rule, currency);
    }
    return bench;
}

/* The line's tax of a group, added when it has none yet. */
static struct line_tax *line_tax_of(struct line_record *line, const struct rule *rule, size_t rate,
                                    struct arena *arena)
{
    struct line_tax *taxes = line->taxes.items;
    for (size_t i = 0; i < line->taxes.count; i++) {
        if (text_equal(taxes[i].name, rule->rates[rate].name))
            return &taxes[i];
    }
    if (taxes == NULL)
        taxes = ARENA_ARRAY(arena, struct line_tax, rule->rate_count);
    taxes[line->taxes.count] = (struct line_tax){
        .tax_code_id = rule->choice.code,
        .name = rule->rates[rate].name,
        .percentage = rule->rates[rate].percentage,
        .is_inclusive = rule->choice.is_inclusive,
        .base = DEC_ZERO,
        .tax = DEC_ZERO,
    };
    line->taxes = (struct list){ taxes, line->taxes.count + 1 };
    return &taxes[line->taxes.count - 1];
}

static void apply(struct bench *bench, struct line_record *lines, const struct tax_result *result,
                  struct arena *arena)
{
    for (size_t i = 0; i < result->share_count; i++) {
        const struct tax_share *share = &result->shares[i];
        const struct tax_group *group = &result->groups[share->group];
        const struct rule *rule = &bench->rules[group->category];
        struct line_record *line = &lines[bench->owners[share->line]];
        struct line_tax *tax = line_tax_of(line, rule, group->rate, arena);
        tax->base = dec_add(tax->base, bench->parts[share->line].amount);
        tax->tax = dec_add(tax->tax, share->tax);
        totals_tax(&bench->details[share->line]->totals, share->tax, rule->choice.is_inclusive);
        totals_tax(&line->totals, share->tax, rule->choice.is_inclusive);
    }
}

/* The base of tax that is contained in a price is the price without all of it. */
static void bases_net(struct line_record *line)
{
    struct line_tax *taxes = line->taxes.items;
    for (size_t i = 0; i < line->taxes.count; i++) {
        if (taxes[i].is_inclusive)
            taxes[i].base = dec_sub(taxes[i].base, line->totals.taxes_inclusive_total);
    }
}

enum fault invoice_tax_lines(const struct tax_book *book, struct line_record *lines, size_t count,
                             const struct currency *currency, struct arena *arena)
{
    CHECK(book != NULL && currency != NULL && arena != NULL && (lines != NULL || count == 0));
    struct bench bench = bench_of(book, lines, count, currency, arena);
    const struct tax_input input = {
        .categories = bench.categories,
        .category_count = bench.rule_count,
        .lines = bench.parts,
        .line_count = bench.part_count,
        .currency = currency,
    };
    struct tax_result result;
    enum fault fault = tax_reckon(&input, arena, &result);
    if (fault != FAULT_NONE)
        return fault;
    apply(&bench, lines, &result, arena);
    for (size_t i = 0; i < count; i++)
        bases_net(&lines[i]);
    return FAULT_NONE;
}
