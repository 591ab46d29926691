/* price_list.c: printing a price list, and the difference of two. Pure. */
#include "catalog/price_list_inside.h"

#include <stdlib.h>
#include <xxhash.h>

const void *price_list_at(const struct price_list *list, enum price_list_section section, size_t i)
{
    static const size_t sizes[] = { sizeof(struct listed_tax_code), sizeof(struct listed_currency),
                                    sizeof(struct listed_feature), sizeof(struct listed_addon),
                                    sizeof(struct listed_plan) };

    CHECK(list != NULL && i < list->sections[section].count);
    return (const char *)list->sections[section].items + i * sizes[section];
}

bool listed_plan_is_over(const struct listed_plan *plan, instant t)
{
    CHECK(plan != NULL);
    return !instant_is_none(plan->effective_to) && !instant_before(t, plan->effective_to);
}

instant listed_plan_begins(const struct listed_plan *plan, instant t)
{
    CHECK(plan != NULL);
    bool is_later = !instant_is_none(plan->effective_from) &&
                    instant_before(t, plan->effective_from);
    return is_later ? plan->effective_from : INSTANT_NONE;
}

void listed_card_mirror(struct rate_card *card, struct arena *arena)
{
    text code = card->tax_config.code_key;

    card->type = FIELD_ENUM_NONE;
    rate_card_mirror(card, arena);
    card->has_feature = !text_is_empty(card->feature_key);
    card->feature.key = card->feature_key;
    card->tax_config.code_key = code;
    card->has_tax_config_v3 = card->has_tax_config && !text_is_empty(code);
}

/* ---- printing ------------------------------------------------------------------------------ */

static void section_write(const struct price_list *list, enum price_list_section section,
                          const struct fields *table, struct json_writer *w)
{
    json_key(w, text_of(price_list_section_words[section]));
    json_array_begin(w);
    for (size_t i = 0; i < list->sections[section].count; i++)
        fields_write(table, DIALECT_V3, w, price_list_at(list, section, i));
    json_array_end(w);
}

void price_list_write(const struct price_list *list, struct json_writer *w)
{
    CHECK(list != NULL && w != NULL);
    const struct price_list_tables tables = price_list_tables(false, w->out->arena);

    json_object_begin(w);
    section_write(list, SECTION_TAX_CODES, tables.sections[SECTION_TAX_CODES], w);
    if (list->has_defaults) {
        json_key(w, TEXT("tax_defaults"));
        fields_write(tables.defaults, DIALECT_V3, w, &list->defaults);
    }
    for (int i = SECTION_CURRENCIES; i < SECTION_COUNT; i++)
        section_write(list, (enum price_list_section)i, tables.sections[i], w);
    json_object_end(w);
}

text price_list_print(const struct price_list *list, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    XXH128_canonical_t hash;
    struct buffer print = { .arena = arena };

    price_list_write(list, &w);
    XXH128_canonicalFromHash(&hash, XXH3_128bits(out.ptr, out.len));
    for (size_t i = 0; i < sizeof hash.digest; i++)
        buffer_format(&print, "%02x", hash.digest[i]);
    return buffer_text(&print);
}

/* ---- differences --------------------------------------------------------------------------- */

static text slot_name(text key, enum listed_status status, instant begins, struct arena *arena)
{
    if (status == LISTED_DRAFT)
        return text_format(arena, "%.*s@draft", TEXT_ARG(key));
    if (!instant_is_none(begins))
        return text_format(arena, "%.*s@%.*s", TEXT_ARG(key),
                           TEXT_ARG(instant_text(arena, begins)));
    return key;
}

static text item_name(enum price_list_section section, const void *item, instant now,
                      struct arena *arena)
{
    const struct listed_addon *addon = item;
    const struct listed_plan *plan = item;

    switch (section) {
    case SECTION_TAX_CODES:
        return ((const struct listed_tax_code *)item)->code.key;
    case SECTION_CURRENCIES:
        return ((const struct listed_currency *)item)->currency.code;
    case SECTION_FEATURES:
        return ((const struct listed_feature *)item)->feature.key;
    case SECTION_ADDONS:
        return slot_name(addon->addon.key, addon->status, INSTANT_NONE, arena);
    case SECTION_PLANS:
        return slot_name(plan->plan.key, plan->status, listed_plan_begins(plan, now), arena);
    case SECTION_COUNT:
        break;
    }
    UNREACHABLE();
}

text price_list_name(enum price_list_section section, const void *item, instant now,
                     struct arena *arena)
{
    return text_format(arena, "%s[%.*s]", price_list_section_words[section],
                       TEXT_ARG(item_name(section, item, now, arena)));
}

/* An item and what it is called. */
struct named {
    text name;
    const void *item;
};

static int name_order(const void *left, const void *right)
{
    return text_compare(((const struct named *)left)->name, ((const struct named *)right)->name);
}

static struct named *names_of(const struct price_list *list, enum price_list_section section,
                              instant now, struct arena *arena)
{
    size_t count = list->sections[section].count;
    struct named *names = ARENA_ARRAY(arena, struct named, count);

    for (size_t i = 0; i < count; i++) {
        names[i].item = price_list_at(list, section, i);
        names[i].name = price_list_name(section, names[i].item, now, arena);
    }
    return names;
}

static const void *name_find(const struct named *sorted, size_t count, text name)
{
    const struct named wanted = { name, NULL };
    const struct named *found =
        count > 0 ? bsearch(&wanted, sorted, count, sizeof wanted, name_order) : NULL;

    return found ? found->item : NULL;
}

/* In the order of what is there; what is new comes last, in its order. */
static void section_diff(const struct price_list *before, const struct price_list *after,
                         enum price_list_section section, instant now, struct differences *diff)
{
    const struct fields *table = price_list_tables(false, diff->arena).sections[section];
    size_t old_count = before->sections[section].count;
    size_t new_count = after->sections[section].count;
    struct named *old = names_of(before, section, now, diff->arena);
    struct named *new = names_of(after, section, now, diff->arena);
    struct named *old_sorted = arena_copy(diff->arena, old, old_count * sizeof *old);
    struct named *new_sorted = arena_copy(diff->arena, new, new_count * sizeof *new);

    qsort(old_sorted, old_count, sizeof *old, name_order);
    qsort(new_sorted, new_count, sizeof *new, name_order);
    for (size_t i = 0; i < old_count; i++)
        fields_diff(table, old[i].name, old[i].item, name_find(new_sorted, new_count, old[i].name),
                    diff);
    for (size_t i = 0; i < new_count; i++) {
        if (!name_find(old_sorted, old_count, new[i].name))
            fields_diff(table, new[i].name, NULL, new[i].item, diff);
    }
}

void price_list_diff(const struct price_list *before, const struct price_list *after, instant now,
                     struct differences *diff)
{
    CHECK(before != NULL && after != NULL && diff != NULL && diff->arena != NULL);
    section_diff(before, after, SECTION_TAX_CODES, now, diff);
    fields_diff(price_list_tables(false, diff->arena).defaults, TEXT("tax_defaults"),
                before->has_defaults ? &before->defaults : NULL,
                after->has_defaults ? &after->defaults : NULL, diff);
    for (int i = SECTION_CURRENCIES; i < SECTION_COUNT; i++)
        section_diff(before, after, (enum price_list_section)i, now, diff);
}
