/* price_list_parts.c: the steps for what has no versions: tax codes and features. */
#include "catalog/price_list_inside.h"

/* ---- tax codes ----------------------------------------------------------------------------- */

static const struct listed_tax_code *tax_code_of(const struct price_list *list, text key)
{
    for (size_t i = 0; i < list->sections[SECTION_TAX_CODES].count; i++) {
        const struct listed_tax_code *code = price_list_at(list, SECTION_TAX_CODES, i);

        if (text_equal(code->code.key, key))
            return code;
    }
    return NULL;
}

/* What the code is, without its rates; `ret_id` is its id. */
static enum err tax_code_keep(struct applying *a, const struct listed_tax_code *present,
                              const struct listed_tax_code *wanted, text place,
                              struct tax_code_id *ret_id)
{
    struct listed_tax_code old = present ? *present : (struct listed_tax_code){ 0 };
    struct listed_tax_code new = *wanted;
    struct tax_code made;
    enum err err;

    old.rates = new.rates = (struct list){ 0 };
    *ret_id = old.code.id;
    if (present && applying_is_same(a, SECTION_TAX_CODES, &old, &new))
        return OK;
    err = present ? tax_code_update(a->cx, old.code.id, &wanted->code, &made)
                  : tax_code_create(a->cx, &wanted->code, &made);
    err = applying_take(a, place, err);
    if (err != OK)
        return err;
    *ret_id = made.id;
    applying_note(a, present ? LISTED_UPDATE : LISTED_CREATE, "tax_code", wanted->code.key, 0);
    return OK;
}

/* Its rates, when they differ from those there are. */
static enum err tax_rates_keep(struct applying *a, const struct listed_tax_code *present,
                               const struct listed_tax_code *wanted, text place,
                               struct tax_code_id id)
{
    struct listed_tax_code old = *wanted;
    struct tax_code_rates rates = { .rates = wanted->rates };
    struct tax_code_rates made;
    enum err err;

    old.rates = present ? present->rates : (struct list){ 0 };
    if (applying_is_same(a, SECTION_TAX_CODES, &old, wanted))
        return OK;
    err = applying_take(a, place, tax_rates_write(a->cx, id, &rates, &made));
    if (err == OK)
        applying_note(a, LISTED_UPDATE, "tax_rates", wanted->code.key, 0);
    return err;
}

static enum err apply_tax_code(struct applying *a, size_t i)
{
    const struct listed_tax_code *wanted = price_list_at(a->request->list, SECTION_TAX_CODES, i);
    const struct listed_tax_code *present = tax_code_of(&a->before, wanted->code.key);
    text place = applying_place(a, SECTION_TAX_CODES, i);
    struct tax_code_id id;
    enum err err = tax_code_keep(a, present, wanted, place, &id);

    if (err == OK)
        err = tax_rates_keep(a, present, wanted, place, id);
    return applying_go_on(err);
}

enum err apply_tax_codes(struct applying *a)
{
    enum err err = OK;

    for (size_t i = 0; i < a->request->list->sections[SECTION_TAX_CODES].count && err == OK; i++)
        err = apply_tax_code(a, i);
    return err;
}

/* Those that are the defaults stay. */
enum err prune_tax_codes(struct applying *a)
{
    const struct price_list *list = a->request->list;
    const struct listed_defaults *defaults = list->has_defaults ? &list->defaults
                                                                : &a->before.defaults;
    enum err err = OK;

    if (!applying_prunes(a, SECTION_TAX_CODES))
        return OK;
    for (size_t i = 0; i < a->before.sections[SECTION_TAX_CODES].count && err == OK; i++) {
        const struct tax_code *code =
            &((const struct listed_tax_code *)price_list_at(&a->before, SECTION_TAX_CODES, i))
                 ->code;

        if (tax_code_of(list, code->key) ||
            text_equal(code->key, defaults->invoicing_tax_code.key) ||
            text_equal(code->key, defaults->credit_grant_tax_code.key))
            continue;
        err = applying_take(a, TEXT("tax_codes"), tax_code_delete(a->cx, code->id));
        if (err == OK)
            applying_note(a, LISTED_DELETE, "tax_code", code->key, 0);
        err = applying_go_on(err);
    }
    return err;
}

/* ---- features ------------------------------------------------------------------------------ */

static const struct listed_feature *feature_of(const struct price_list *list, text key)
{
    for (size_t i = 0; i < list->sections[SECTION_FEATURES].count; i++) {
        const struct listed_feature *feature = price_list_at(list, SECTION_FEATURES, i);

        if (text_equal(feature->feature.key, key))
            return feature;
    }
    return NULL;
}

/* NULL when the feature has no meter; ERR_REFUSED when there is no such meter. */
static enum err meter_of(struct applying *a, const struct listed_feature *wanted, text place,
                         const struct feature_meter **ret)
{
    const struct price_list_meters *meters = &a->request->meters;

    *ret = NULL;
    if (!wanted->has_meter)
        return OK;
    for (size_t i = 0; i < meters->count && !*ret; i++)
        if (text_equal(meters->items[i].key, wanted->meter.key))
            *ret = &meters->items[i];
    if (*ret)
        return OK;
    applying_fault(a, text_format(a->cx->arena, "%.*s.meter.key", TEXT_ARG(place)),
                   "missing_reference", TEXT("there is no such meter"));
    return ERR_REFUSED;
}

/* What a unit costs may change; everything else of a feature is for ever. */
static enum err feature_is_kept(struct applying *a, const struct listed_feature *present,
                                const struct listed_feature *wanted, text place)
{
    struct differences diff = { .arena = a->cx->arena };
    enum err err = OK;

    fields_diff(a->tables.sections[SECTION_FEATURES], place, present, wanted, &diff);
    for (size_t i = 0; i < diff.count; i++) {
        text member = text_slice(diff.items[i].path, place.len + 1, diff.items[i].path.len);

        if (text_starts_with(member, TEXT("unit_cost")))
            continue;
        applying_fault(a, diff.items[i].path, "invalid",
                       TEXT("of a feature only unit_cost can change; give the new one a key of "
                            "its own"));
        err = ERR_REFUSED;
    }
    return err;
}

static enum err feature_make(struct applying *a, const struct listed_feature *wanted,
                             const struct feature_meter *meter, text place)
{
    struct feature made;
    enum err err =
        applying_take(a, place, feature_create(a->cx, DIALECT_V3, &wanted->feature, meter, &made));

    if (err != OK)
        return err;
    growing_add(&a->made_features, &made, sizeof made, a->cx->arena);
    applying_note(a, LISTED_CREATE, "feature", made.key, 0);
    return OK;
}

static enum err apply_feature(struct applying *a, size_t i)
{
    const struct listed_feature *wanted = price_list_at(a->request->list, SECTION_FEATURES, i);
    const struct listed_feature *present = feature_of(&a->before, wanted->feature.key);
    const struct unit_cost *cost = wanted->feature.has_unit_cost ? &wanted->feature.unit_cost
                                                                 : NULL;
    text place = applying_place(a, SECTION_FEATURES, i);
    const struct feature_meter *meter;
    struct feature made;
    enum err err;

    if (present && applying_is_same(a, SECTION_FEATURES, present, wanted))
        return OK;
    err = meter_of(a, wanted, place, &meter);
    if (err == OK && !present)
        return applying_go_on(feature_make(a, wanted, meter, place));
    if (err == OK)
        err = feature_is_kept(a, present, wanted, place);
    if (err == OK)
        err = applying_take(a, place,
                            feature_set_cost(a->cx, present->feature.id, cost, meter, &made));
    if (err == OK)
        applying_note(a, LISTED_UPDATE, "feature", wanted->feature.key, 0);
    return applying_go_on(err);
}

enum err apply_features(struct applying *a)
{
    enum err err = OK;

    for (size_t i = 0; i < a->request->list->sections[SECTION_FEATURES].count && err == OK; i++)
        err = apply_feature(a, i);
    return err;
}

enum err prune_features(struct applying *a)
{
    enum err err = OK;

    if (!applying_prunes(a, SECTION_FEATURES))
        return OK;
    for (size_t i = 0; i < a->before.sections[SECTION_FEATURES].count && err == OK; i++) {
        const struct listed_feature *feature = price_list_at(&a->before, SECTION_FEATURES, i);

        if (feature_of(a->request->list, feature->feature.key))
            continue;
        err = applying_take(a, TEXT("features"), feature_archive(a->cx, feature->feature.id));
        if (err == OK)
            applying_note(a, LISTED_ARCHIVE, "feature", feature->feature.key, 0);
        err = applying_go_on(err);
    }
    return err;
}
