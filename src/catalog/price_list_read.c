/* price_list_read.c: a document becomes a price list; all that is wrong with its form is told. */
#include "base/limits.h"
#include "catalog/plan_input.h"
#include "catalog/price_list_inside.h"

#include <stdlib.h>

/* ---- faults -------------------------------------------------------------------------------- */

/* Issues of plans begin at the plan: "$.phases[…]". */
static text place_join(text place, text field, struct arena *arena)
{
    if (text_starts_with(field, TEXT("$")))
        field = text_slice(field, 1, field.len);
    if (text_starts_with(field, TEXT(".")))
        field = text_slice(field, 1, field.len);
    if (text_is_empty(field) || text_is_empty(place))
        return text_is_empty(place) ? field : place;
    return text_format(arena, field.ptr[0] == '[' ? "%.*s%.*s" : "%.*s.%.*s", TEXT_ARG(place),
                       TEXT_ARG(field));
}

void price_list_blame(struct problem *problem, text place, const struct problem *found)
{
    struct problem_field whole = {
        .field = place,
        .rule = TEXT("invalid"),
        .source = SOURCE_BODY,
    };

    CHECK(problem != NULL && found != NULL);
    for (size_t i = 0; i < found->field_count; i++) {
        struct problem_field field = found->fields[i];

        field.field = place_join(place, field.field, problem->arena);
        problem_add_field(problem, &field);
    }
    if (found->field_count > 0 || found->fault == FAULT_NONE)
        return;
    const struct fault_info *info = fault_info(found->fault);

    whole.code = text_of(info->slug);
    whole.reason =
        text_is_empty(found->detail)
            ? text_of(info->sentence)
            : text_format(problem->arena, "%s: %.*s", info->sentence, TEXT_ARG(found->detail));
    problem_add_field(problem, &whole);
}

static void fault_at(struct problem *problem, text place, const char *rule, const char *reason)
{
    const struct problem_field field = {
        .field = place,
        .rule = text_of(rule),
        .reason = text_of(reason),
        .source = SOURCE_BODY,
    };

    problem_add_field(problem, &field);
}

/* ---- items --------------------------------------------------------------------------------- */

struct list_reader {
    struct price_list_tables tables;
    struct problem *problem;
    text place;
    struct price_list *list;
};

text price_list_place(text document, enum price_list_section section, size_t index,
                      struct arena *arena)
{
    return text_format(arena, "%.*s%s%s[%zu]", TEXT_ARG(document),
                       text_is_empty(document) ? "" : ".", price_list_section_words[section],
                       index);
}

/* The feature as the flows of features take it. */
static void feature_settle(struct listed_feature *item)
{
    item->feature.has_meter = item->has_meter;
    item->feature.meter.filters = item->meter.filters;
    item->feature.meter_key = item->meter.key;
}

static bool tax_code_settle(struct listed_tax_code *item, struct problem *problem)
{
    bool is_mapped = tax_mappings_check(&item->code.app_mappings, problem);

    return tax_rates_check(&item->rates, problem) && is_mapped;
}

static bool addon_settle(struct listed_addon *item, struct problem *problem)
{
    struct list cards;

    if (!rate_cards_settle(&item->addon.rate_cards, DIALECT_V3, problem, &cards))
        return false;
    for (size_t i = 0; i < cards.count; i++)
        listed_card_mirror((struct rate_card *)cards.items + i, problem->arena);
    item->addon.rate_cards = cards;
    return true;
}

static bool plan_settle(struct listed_plan *item, struct problem *problem)
{
    bool is_draft = item->status == LISTED_DRAFT;

    if (is_draft && !(instant_is_none(item->effective_from) && instant_is_none(item->effective_to)))
        fault_at(problem, TEXT("effective_from"), "invalid", "a draft has no time");
    if (!plan_input_settle(&item->plan, DIALECT_V3, problem, &item->plan))
        return false;
    for (size_t p = 0; p < item->plan.phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(&item->plan, p);

        for (size_t c = 0; c < phase->rate_cards.count; c++)
            listed_card_mirror(rate_card_at(phase, c), problem->arena);
    }
    return !problem_is_set(problem);
}

/* What no table says of an item, and the views that differences are made of. */
static bool item_settle(enum price_list_section section, void *item, struct problem *problem)
{
    switch (section) {
    case SECTION_TAX_CODES:
        return tax_code_settle(item, problem);
    case SECTION_CURRENCIES:
        return billing_currency_check(&((struct listed_currency *)item)->currency, problem);
    case SECTION_FEATURES:
        feature_settle(item);
        return true;
    case SECTION_ADDONS:
        return addon_settle(item, problem);
    case SECTION_PLANS:
        return plan_settle(item, problem);
    case SECTION_COUNT:
        break;
    }
    UNREACHABLE();
}

static bool item_read(struct list_reader *r, enum price_list_section section, size_t index,
                      const struct json *value, void *ret)
{
    struct arena *arena = r->problem->arena;
    struct problem found;

    problem_init(&found, arena);
    if (fields_read(r->tables.sections[section], DIALECT_V3, value, &found, ret) &&
        item_settle(section, ret, &found))
        return true;
    price_list_blame(r->problem, price_list_place(r->place, section, index, arena), &found);
    return false;
}

static bool section_read(struct list_reader *r, enum price_list_section section,
                         const struct json *value)
{
    struct arena *arena = r->problem->arena;
    text place = price_list_place(r->place, section, 0, arena);
    size_t size = r->tables.sections[section]->size;
    size_t count = 0;
    char *items;

    r->list->has_section[section] = true;
    if (value->kind == JSON_NULL)
        return true;
    place.len -= 3;
    if (value->kind != JSON_ARRAY)
        fault_at(r->problem, place, "is_array", "must be a list");
    else if (value->count > LIMIT_LIST_ITEMS_MAX)
        fault_at(r->problem, place, "max_items", "must not have more than 10000 items");
    if (value->kind != JSON_ARRAY || value->count > LIMIT_LIST_ITEMS_MAX)
        return false;
    items = arena_array(arena, value->count, size);
    r->list->places[section] = ARENA_ARRAY(arena, size_t, value->count);
    for (size_t i = 0; i < value->count; i++) {
        if (item_read(r, section, i, &value->items[i], items + count * size))
            r->list->places[section][count++] = i;
    }
    r->list->sections[section] = (struct list){ items, count };
    return count == value->count;
}

/* ---- what stands twice --------------------------------------------------------------------- */

static const char *item_slot(enum price_list_section section, const void *item, text *ret_key,
                             instant *ret_from)
{
    *ret_from = INSTANT_NONE;
    switch (section) {
    case SECTION_TAX_CODES:
        *ret_key = ((const struct listed_tax_code *)item)->code.key;
        return "";
    case SECTION_CURRENCIES:
        *ret_key = ((const struct listed_currency *)item)->currency.code;
        return "";
    case SECTION_FEATURES:
        *ret_key = ((const struct listed_feature *)item)->feature.key;
        return "";
    case SECTION_ADDONS:
        *ret_key = ((const struct listed_addon *)item)->addon.key;
        return ((const struct listed_addon *)item)->status == LISTED_DRAFT ? "draft" : "";
    case SECTION_PLANS:
        *ret_key = ((const struct listed_plan *)item)->plan.key;
        *ret_from = ((const struct listed_plan *)item)->effective_from;
        return ((const struct listed_plan *)item)->status == LISTED_DRAFT ? "draft" : "";
    case SECTION_COUNT:
        break;
    }
    UNREACHABLE();
}

struct slot {
    text name;
    size_t index; /* of the item */
};

static int slot_order(const void *left, const void *right)
{
    const struct slot *a = left;
    const struct slot *b = right;
    int order = text_compare(a->name, b->name);

    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* What an item is told apart by, for all items of a section, in order. */
static struct slot *slots_sorted(struct list_reader *r, enum price_list_section section)
{
    struct arena *arena = r->problem->arena;
    size_t count = r->list->sections[section].count;
    struct slot *slots = ARENA_ARRAY(arena, struct slot, count);

    for (size_t i = 0; i < count; i++) {
        instant from;
        text key;
        const char *slot = item_slot(section, price_list_at(r->list, section, i), &key, &from);

        slots[i].index = i;
        slots[i].name =
            text_format(arena, "%.*s@%s%.*s", TEXT_ARG(key), slot,
                        TEXT_ARG(instant_is_none(from) ? TEXT_NONE : instant_text(arena, from)));
    }
    if (count > 1)
        qsort(slots, count, sizeof *slots, slot_order);
    return slots;
}

/* Leaves out the items that are marked. */
static void items_drop(struct list_reader *r, enum price_list_section section, const bool *is_out)
{
    struct list *list = &r->list->sections[section];
    size_t size = r->tables.sections[section]->size;
    char *items = list->items;
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (is_out[i])
            continue;
        if (kept < i)
            memcpy(items + kept * size, items + i * size, size);
        r->list->places[section][kept++] = r->list->places[section][i];
    }
    list->count = kept;
}

/* Each item once; the others are at fault, and left out. */
static bool section_is_unique(struct list_reader *r, enum price_list_section section)
{
    struct arena *arena = r->problem->arena;
    size_t count = r->list->sections[section].count;
    const struct slot *slots = slots_sorted(r, section);
    bool *is_out = ARENA_ARRAY(arena, bool, count);
    bool is_unique = true;

    for (size_t i = 1; i < count; i++) {
        size_t place = r->list->places[section][slots[i].index];

        if (!text_equal(slots[i].name, slots[i - 1].name))
            continue;
        is_unique = false;
        is_out[slots[i].index] = true;
        fault_at(r->problem,
                 place_join(price_list_place(r->place, section, place, arena),
                            section == SECTION_CURRENCIES ? TEXT("code") : TEXT("key"), arena),
                 "invalid", "is in the list already");
    }
    if (!is_unique)
        items_drop(r, section, is_out);
    return is_unique;
}

/* ---- the document -------------------------------------------------------------------------- */

static bool defaults_read(struct list_reader *r, const struct json *value)
{
    struct arena *arena = r->problem->arena;
    struct problem found;

    problem_init(&found, arena);
    r->list->has_defaults =
        fields_read(r->tables.defaults, DIALECT_V3, value, &found, &r->list->defaults);
    price_list_blame(r->problem, place_join(r->place, TEXT("tax_defaults"), arena), &found);
    return r->list->has_defaults;
}

static bool member_read(struct list_reader *r, const struct json *member)
{
    for (int section = 0; section < SECTION_COUNT; section++)
        if (text_equal(member->key, text_of(price_list_section_words[section])))
            return section_read(r, (enum price_list_section)section, member);
    if (text_equal(member->key, TEXT("tax_defaults")))
        return defaults_read(r, member);
    fault_at(r->problem, place_join(r->place, member->key, r->problem->arena), "unknown_property",
             "is not a property of this object");
    return false;
}

bool price_list_read(const struct json *document, text place, struct problem *problem,
                     struct price_list *ret)
{
    CHECK(document != NULL && problem != NULL && ret != NULL);
    struct list_reader r = { price_list_tables(true, problem->arena), problem, place, ret };
    bool is_read = true;

    *ret = (struct price_list){ 0 };
    if (document->kind != JSON_OBJECT) {
        fault_at(problem, place, "is_object", "must be an object");
        return false;
    }
    for (size_t i = 0; i < document->count; i++)
        is_read &= member_read(&r, &document->items[i]);
    for (int section = 0; section < SECTION_COUNT; section++)
        is_read &= section_is_unique(&r, (enum price_list_section)section);
    return is_read;
}
