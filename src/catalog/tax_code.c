/* tax_code.c: the rules of tax codes. */
#include "catalog/tax_code.h"

#include "base/limits.h"

const char *const tax_app_words[] = { "sandbox", "stripe", "external_invoicing", NULL };

_Static_assert(COUNT_OF(tax_app_words) == TAX_APP_COUNT + 1, "one word per app");

static bool is_stripe_code(text code)
{
    const text prefix = TEXT("txcd_");
    if (code.len != prefix.len + 8 || !text_starts_with(code, prefix))
        return false;
    for (size_t i = prefix.len; i < code.len; i++) {
        if (code.ptr[i] < '0' || code.ptr[i] > '9')
            return false;
    }
    return true;
}

bool tax_mapping_is_valid(enum tax_app app, text code)
{
    CHECK((int)app >= 0 && app < TAX_APP_COUNT);
    if (app == TAX_APP_STRIPE)
        return is_stripe_code(code);
    return code.len >= 1 && code.len <= LIMIT_TAX_CODE_MAX;
}

static bool is_repeated(const struct tax_mapping *items, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (items[i].app_type == items[index].app_type)
            return true;
    }
    return false;
}

bool tax_mappings_check(const struct list *mappings, struct problem *problem)
{
    CHECK(mappings != NULL && problem != NULL);
    const struct tax_mapping *items = mappings->items;
    bool is_good = true;
    for (size_t i = 0; i < mappings->count; i++) {
        bool is_stripe = items[i].app_type == TAX_APP_STRIPE;
        struct problem_field field = { .source = SOURCE_BODY };
        if (!tax_mapping_is_valid(items[i].app_type, items[i].tax_code)) {
            field.field = text_format(problem->arena, "app_mappings[%zu].tax_code", i);
            field.rule = TEXT("matches_regex");
            field.reason = is_stripe ? TEXT("must be txcd_ and eight digits")
                                     : TEXT("must be 1 to 64 bytes long");
            problem_add_field(problem, &field);
            is_good = false;
        }
        if (is_repeated(items, i)) {
            field.field = text_format(problem->arena, "app_mappings[%zu].app_type", i);
            field.rule = TEXT("invalid");
            field.reason = TEXT("another mapping has the same type of app");
            problem_add_field(problem, &field);
            is_good = false;
        }
    }
    return is_good;
}
