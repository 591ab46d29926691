/* profile_settings.c: the settings of a profile and of an override: defaults, merging, checking. */
#include "bill/profile.h"

#define INTERVAL_DEFAULT     TEXT("PT1H")
#define DRAFT_PERIOD_DEFAULT TEXT("P0D")
#define DUE_AFTER_DEFAULT    TEXT("P30D")

static text retry_defaults[] = { TEXT_INIT("P1D"), TEXT_INIT("P3D"), TEXT_INIT("P5D"),
                                 TEXT_INIT("P7D") };

/* v1's words for intervals. */
static text interval_adopt(text interval)
{
    static const struct {
        text word;
        text interval;
    } words[] = { { TEXT_INIT("DAY"), TEXT_INIT("P1D") },
                  { TEXT_INIT("WEEK"), TEXT_INIT("P1W") },
                  { TEXT_INIT("MONTH"), TEXT_INIT("P1M") },
                  { TEXT_INIT("YEAR"), TEXT_INIT("P1Y") } };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_equal(words[i].word, interval))
            return words[i].interval;
    return interval;
}

struct profile_settings settings_none(void)
{
    return (struct profile_settings){
        .collection.alignment.type = FIELD_ENUM_NONE,
        .collection.alignment.recurring_period.anchor = INSTANT_NONE,
        .invoicing = { .proration_mode = FIELD_ENUM_NONE,
                       .default_tax_config.behavior = FIELD_ENUM_NONE },
        .payment = { .collection_method = FIELD_ENUM_NONE,
                     .dunning.after_retries = FIELD_ENUM_NONE },
        .tax.default_tax_config.behavior = FIELD_ENUM_NONE,
    };
}

void settings_adopt(struct profile_settings *settings, enum dialect dialect)
{
    CHECK(settings != NULL);
    struct settings_invoicing *invoicing = &settings->invoicing;
    if (dialect == DIALECT_V1) {
        struct settings_recurrence *every = &settings->collection.alignment.recurring_period;
        every->interval = interval_adopt(every->interval);
        if (invoicing->has_default_tax_config) {
            settings->tax.default_tax_config = invoicing->default_tax_config;
            settings->tax.has_default_tax_config = true;
            settings->has_tax = true;
        }
        return;
    }
    if (settings->payment.due_after.ptr != NULL) {
        invoicing->due_after = settings->payment.due_after;
        settings->has_invoicing = true;
    }
}

void settings_show(struct profile_settings *settings)
{
    CHECK(settings != NULL);
    struct rate_card_tax *config = &settings->tax.default_tax_config;
    config->has_code = !ulid_is_zero(config->code.id.ulid);
    settings->invoicing.default_tax_config = *config;
    settings->invoicing.has_default_tax_config = settings->tax.has_default_tax_config;
    settings->payment.due_after = TEXT_NONE;
    if (settings->payment.collection_method == SEND_INVOICE)
        settings->payment.due_after = settings->invoicing.due_after;
}

static text text_or(text t, text other)
{
    return t.ptr != NULL ? t : other;
}

static int word_or(int word, int other)
{
    return word != FIELD_ENUM_NONE ? word : other;
}

/* Sets a switch that nobody has set. */
static void switch_default(bool *is_on, bool *is_set, bool value)
{
    if (!*is_set)
        *is_on = value;
    *is_set = true;
}

void settings_complete(struct profile_settings *settings)
{
    CHECK(settings != NULL);
    struct settings_collection *collection = &settings->collection;
    struct settings_invoicing *invoicing = &settings->invoicing;
    struct settings_payment *payment = &settings->payment;
    struct settings_tax *tax = &settings->tax;
    if (!collection->has_alignment)
        collection->alignment =
            (struct settings_alignment_choice){ .type = ALIGNMENT_SUBSCRIPTION };
    collection->has_alignment = true;
    collection->interval = text_or(collection->interval, INTERVAL_DEFAULT);
    switch_default(&invoicing->auto_advance, &invoicing->has_auto_advance, true);
    switch_default(&invoicing->progressive_billing, &invoicing->has_progressive_billing, true);
    invoicing->draft_period = text_or(invoicing->draft_period, DRAFT_PERIOD_DEFAULT);
    invoicing->due_after = text_or(invoicing->due_after, DUE_AFTER_DEFAULT);
    invoicing->proration_mode = word_or(invoicing->proration_mode, PRORATE_ACTUAL_PERIOD);
    payment->collection_method = word_or(payment->collection_method, CHARGE_AUTOMATICALLY);
    if (!payment->has_dunning)
        payment->dunning =
            (struct settings_dunning){ AFTER_RETRIES_OVERDUE,
                                       { retry_defaults, COUNT_OF(retry_defaults) } };
    payment->dunning.after_retries = word_or(payment->dunning.after_retries, AFTER_RETRIES_OVERDUE);
    payment->has_dunning = true;
    switch_default(&tax->enabled, &tax->has_enabled, true);
    switch_default(&tax->enforced, &tax->has_enforced, false);
    settings->has_collection = true;
    settings->has_invoicing = true;
    settings->has_payment = true;
    settings->has_tax = true;
}

/* ---- merging ------------------------------------------------------------------------------- */

static void switch_merge(bool *is_on, bool *is_set, bool other, bool other_is_set)
{
    if (other_is_set)
        *is_on = other;
    *is_set |= other_is_set;
}

static void collection_merge(struct settings_collection *to, const struct settings_collection *from)
{
    if (from->has_alignment)
        to->alignment = from->alignment;
    to->has_alignment |= from->has_alignment;
    to->interval = text_or(from->interval, to->interval);
}

static void invoicing_merge(struct settings_invoicing *to, const struct settings_invoicing *from)
{
    switch_merge(&to->auto_advance, &to->has_auto_advance, from->auto_advance,
                 from->has_auto_advance);
    switch_merge(&to->progressive_billing, &to->has_progressive_billing, from->progressive_billing,
                 from->has_progressive_billing);
    to->draft_period = text_or(from->draft_period, to->draft_period);
    to->due_after = text_or(from->due_after, to->due_after);
    to->proration_mode = word_or(from->proration_mode, to->proration_mode);
}

static void payment_merge(struct settings_payment *to, const struct settings_payment *from)
{
    to->collection_method = word_or(from->collection_method, to->collection_method);
    if (from->has_dunning)
        to->dunning = from->dunning;
    to->has_dunning |= from->has_dunning;
}

static void tax_merge(struct settings_tax *to, const struct settings_tax *from)
{
    switch_merge(&to->enabled, &to->has_enabled, from->enabled, from->has_enabled);
    switch_merge(&to->enforced, &to->has_enforced, from->enforced, from->has_enforced);
    if (from->has_default_tax_config)
        to->default_tax_config = from->default_tax_config;
    to->has_default_tax_config |= from->has_default_tax_config;
}

struct profile_settings settings_merge(const struct profile_settings *base,
                                       const struct profile_settings *override)
{
    CHECK(base != NULL && override != NULL);
    struct profile_settings merged = *base;
    if (override->has_collection)
        collection_merge(&merged.collection, &override->collection);
    if (override->has_invoicing)
        invoicing_merge(&merged.invoicing, &override->invoicing);
    if (override->has_payment)
        payment_merge(&merged.payment, &override->payment);
    if (override->has_tax)
        tax_merge(&merged.tax, &override->tax);
    merged.has_collection |= override->has_collection;
    merged.has_invoicing |= override->has_invoicing;
    merged.has_payment |= override->has_payment;
    merged.has_tax |= override->has_tax;
    settings_show(&merged);
    return merged;
}

bool settings_is_empty(const struct profile_settings *settings)
{
    return !settings->has_collection && !settings->has_invoicing && !settings->has_payment &&
           !settings->has_tax;
}

/* ---- checking ------------------------------------------------------------------------------ */

struct settings_checker {
    enum dialect dialect;
    struct problem *problem;
    bool is_good;
};

static void fault_add(struct settings_checker *checker, const char *place, const char *rule,
                      const char *reason, const char *code)
{
    const struct problem_field field = {
        .field = text_of(place),
        .rule = text_of(rule),
        .reason = text_of(reason),
        .code = text_of(code),
        .source = SOURCE_BODY,
    };
    problem_add_field(checker->problem, &field);
    checker->is_good = false;
}

/* A duration of at least nothing, or of more. */
static void span_check(struct settings_checker *checker, const char *place, text duration,
                       bool may_be_zero)
{
    span parsed;
    if (duration.ptr == NULL)
        return;
    bool is_negative = text_starts_with(duration, TEXT("-"));
    bool is_span = span_parse(text_slice(duration, is_negative ? 1 : 0, duration.len), &parsed);
    if (!is_span)
        fault_add(checker, place, "matches_regex", "must be a duration such as P1D or PT1H", NULL);
    else if (is_negative && may_be_zero)
        fault_add(checker, place, "invalid", "must not be less than nothing",
                  "field_must_be_positive_or_zero");
    else if (!may_be_zero && (is_negative || span_is_zero(parsed)))
        fault_add(checker, place, "invalid", "must be longer than nothing",
                  "field_must_be_positive");
}

static void alignment_check(struct settings_checker *checker,
                            const struct settings_alignment_choice *choice)
{
    bool is_v1 = checker->dialect == DIALECT_V1;
    const char *period = is_v1 ? "workflow.collection.alignment.recurringPeriod"
                               : "workflow.collection.alignment.recurring_period";
    const char *interval = is_v1 ? "workflow.collection.alignment.recurringPeriod.interval"
                                 : "workflow.collection.alignment.recurring_period.interval";
    if (choice->type == ALIGNMENT_ANCHORED && !choice->has_recurring_period)
        fault_add(checker, period, "required", "is needed for an anchored alignment",
                  "field_required");
    if (choice->has_recurring_period)
        span_check(checker, interval, choice->recurring_period.interval, false);
}

static void dunning_check(struct settings_checker *checker, const struct settings_dunning *dunning)
{
    const char *place = checker->dialect == DIALECT_V1 ? "workflow.payment.dunning.retryAfter"
                                                       : "workflow.payment.dunning.retry_after";
    instant last = INSTANT_NONE;
    for (size_t i = 0; i < dunning->retry_after.count; i++) {
        span parsed;
        span_check(checker, place, dunning->retry_after.items[i], false);
        if (!span_parse(dunning->retry_after.items[i], &parsed))
            continue;
        instant at = span_add((instant){ 0 }, parsed, 1, zone_utc());
        if (!instant_is_none(last) && !instant_before(last, at))
            fault_add(checker, place, "invalid", "must grow from one to the next", NULL);
        last = at;
    }
}

static void tax_check(struct settings_checker *checker, const struct settings_tax *tax)
{
    const struct rate_card_tax *config = &tax->default_tax_config;
    const char *place = checker->dialect == DIALECT_V1
                            ? "workflow.invoicing.defaultTaxConfig.stripe.code"
                            : "workflow.tax.default_tax_config.stripe.code";
    if (tax->has_default_tax_config && config->has_stripe &&
        !tax_mapping_is_valid(TAX_APP_STRIPE, config->stripe.code))
        fault_add(checker, place, "matches_regex", "must be txcd_ and eight digits", NULL);
}

bool settings_check(const struct profile_settings *settings, const struct profile_settings *merged,
                    enum dialect dialect, struct problem *problem)
{
    CHECK(settings != NULL && merged != NULL && problem != NULL);
    struct settings_checker checker = { dialect, problem, true };
    bool is_v1 = dialect == DIALECT_V1;
    span_check(&checker, "workflow.collection.interval", settings->collection.interval, true);
    span_check(&checker,
               is_v1 ? "workflow.invoicing.draftPeriod" : "workflow.invoicing.draft_period",
               settings->invoicing.draft_period, true);
    span_check(&checker, is_v1 ? "workflow.invoicing.dueAfter" : "workflow.payment.due_after",
               settings->invoicing.due_after, true);
    if (settings->collection.has_alignment)
        alignment_check(&checker, &settings->collection.alignment);
    if (settings->payment.has_dunning)
        dunning_check(&checker, &settings->payment.dunning);
    tax_check(&checker, &settings->tax);
    if (merged->tax.enforced && !merged->tax.enabled)
        fault_add(&checker, "workflow.tax.enforced", "invalid",
                  "taxes that are not enabled cannot be enforced", NULL);
    return checker.is_good;
}

span settings_span(text duration)
{
    span parsed;
    MUST(span_parse(duration, &parsed));
    return parsed;
}
