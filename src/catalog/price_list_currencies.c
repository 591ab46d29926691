/* price_list_currencies.c: the step for custom currencies. They never change and never go; cost
 * bases are added, so that what was reckoned stays as it was: a rate that differs from the one that
 * holds is a new basis from now on.
 */
#include "catalog/price_list_inside.h"

static const struct listed_currency *currency_of(const struct price_list *list, text code)
{
    for (size_t i = 0; i < list->sections[SECTION_CURRENCIES].count; i++) {
        const struct listed_currency *currency = price_list_at(list, SECTION_CURRENCIES, i);

        if (text_equal(currency->currency.code, code))
            return currency;
    }
    return NULL;
}

/* ---- cost bases (pure) --------------------------------------------------------------------- */

/* When a basis begins, as far as that is after now. */
static instant begins(const struct cost_basis *basis, instant now)
{
    bool is_later = !instant_is_none(basis->effective_from) &&
                    instant_before(now, basis->effective_from);

    return is_later ? basis->effective_from : INSTANT_NONE;
}

/* Whether the i-th basis of the list says something: it is not over, and no other of its pair that
 * has begun began after it. */
static bool basis_counts(const struct listed_currency *currency, size_t i, instant now)
{
    const struct cost_basis *bases = currency->cost_bases.items;
    const struct cost_basis *one = &bases[i];

    if (!instant_is_none(one->effective_to) && !instant_before(now, one->effective_to))
        return false;
    if (!instant_is_none(begins(one, now)))
        return true;
    for (size_t k = 0; k < currency->cost_bases.count; k++) {
        bool is_rival = k != i && text_equal(bases[k].fiat_code, one->fiat_code) &&
                        instant_is_none(begins(&bases[k], now)) &&
                        !instant_is_none(bases[k].effective_from);

        if (is_rival && (instant_is_none(one->effective_from) ||
                         instant_before(one->effective_from, bases[k].effective_from)))
            return false;
    }
    return true;
}

static bool basis_is_same(const struct cost_basis *a, const struct cost_basis *b, instant now)
{
    bool has_end = !instant_is_none(a->effective_to);

    if (!text_equal(a->fiat_code, b->fiat_code) || !dec_equal(a->rate, b->rate) ||
        !instant_equal(begins(a, now), begins(b, now)))
        return false;
    return has_end == !instant_is_none(b->effective_to) &&
           (!has_end || instant_equal(a->effective_to, b->effective_to));
}

static bool basis_is_there(const struct listed_currency *present, const struct cost_basis *wanted,
                           instant now)
{
    const struct cost_basis *bases = present ? present->cost_bases.items : NULL;

    for (size_t i = 0; present && i < present->cost_bases.count; i++)
        if (basis_is_same(&bases[i], wanted, now))
            return true;
    return false;
}

/* ---- the step ------------------------------------------------------------------------------ */

/* What a currency is cannot change; its bases are looked at elsewhere. */
static bool currency_is_kept(struct applying *a, const struct listed_currency *present,
                             const struct listed_currency *wanted, text place)
{
    struct differences diff = { .arena = a->cx->arena };
    struct listed_currency old = *present, new = *wanted;

    old.cost_bases = new.cost_bases = (struct list){ 0 };
    fields_diff(a->tables.sections[SECTION_CURRENCIES], place, &old, &new, &diff);
    for (size_t i = 0; i < diff.count; i++)
        applying_fault(a, diff.items[i].path, "invalid", TEXT("a currency never changes"));
    return diff.count == 0;
}

static enum err bases_make(struct applying *a, const struct listed_currency *wanted,
                           const struct listed_currency *present, struct currency_id id, text place)
{
    const struct cost_basis *bases = wanted->cost_bases.items;
    enum err err = OK;

    for (size_t i = 0; i < wanted->cost_bases.count && err == OK; i++) {
        struct cost_basis input = bases[i], made;

        if (!basis_counts(wanted, i, a->cx->now) || basis_is_there(present, &bases[i], a->cx->now))
            continue;
        input.effective_from = begins(&bases[i], a->cx->now);
        err = applying_take(a,
                            text_format(a->cx->arena, "%.*s.cost_bases[%zu]", TEXT_ARG(place), i),
                            cost_basis_create(a->cx, id, &input, &made));
        if (err == OK)
            applying_note(a, LISTED_CREATE, "cost_basis",
                          text_format(a->cx->arena, "%.*s/%.*s", TEXT_ARG(wanted->currency.code),
                                      TEXT_ARG(made.fiat_code)),
                          0);
        err = applying_go_on(err);
    }
    return err;
}

static enum err apply_currency(struct applying *a, size_t i)
{
    const struct listed_currency *wanted = price_list_at(a->request->list, SECTION_CURRENCIES, i);
    const struct listed_currency *present = currency_of(&a->before, wanted->currency.code);
    text place = applying_place(a, SECTION_CURRENCIES, i);
    struct billing_currency made;
    enum err err;

    if (present && !currency_is_kept(a, present, wanted, place))
        return OK;
    if (present)
        return bases_make(a, wanted, present, present->currency.id, place);
    err = applying_take(a, place, billing_currency_create(a->cx, &wanted->currency, &made));
    if (err != OK)
        return applying_go_on(err);
    applying_note(a, LISTED_CREATE, "currency", made.code, 0);
    return bases_make(a, wanted, NULL, made.id, place);
}

enum err apply_currencies(struct applying *a)
{
    enum err err = OK;

    for (size_t i = 0; i < a->request->list->sections[SECTION_CURRENCIES].count && err == OK; i++)
        err = apply_currency(a, i);
    return err;
}
