/* price_list_addons.c: the step for add-ons: a changed one gets a new version, published or left a
 * draft as the list says. */
#include "catalog/price_list_inside.h"

/* The entry of a key with this status; the count when there is none. */
static size_t entry_find(const struct price_list *list, text key, enum listed_status status)
{
    size_t count = list->sections[SECTION_ADDONS].count;
    size_t i = 0;

    for (; i < count; i++) {
        const struct listed_addon *addon = price_list_at(list, SECTION_ADDONS, i);

        if (addon->status == status && text_equal(addon->addon.key, key))
            break;
    }
    return i;
}

static const struct listed_addon *entry_of(const struct price_list *list, text key,
                                           enum listed_status status)
{
    size_t i = entry_find(list, key, status);

    return i < list->sections[SECTION_ADDONS].count ? price_list_at(list, SECTION_ADDONS, i) : NULL;
}

static enum err draft_drop(struct applying *a, const struct listed_addon *draft, text place)
{
    enum err err = applying_take(a, place, addon_delete(a->cx, draft->addon.id));

    if (err == OK)
        applying_note(a, LISTED_DELETE, "addon", draft->addon.key, draft->addon.version);
    return err;
}

/* The next version, published when it is to be active. */
static enum err version_make(struct applying *a, size_t i)
{
    const struct listed_addon *wanted = price_list_at(a->request->list, SECTION_ADDONS, i);
    text place = applying_place(a, SECTION_ADDONS, i);
    struct addon made;
    enum err err = applying_cards(a, &wanted->addon.rate_cards,
                                  text_format(a->cx->arena, "%.*s.rate_cards", TEXT_ARG(place)));

    if (err == OK)
        err = applying_take(a, place, addon_create(a->cx, DIALECT_V3, &wanted->addon, &made));
    if (err != OK)
        return err;
    applying_note(a, LISTED_CREATE, "addon", made.key, made.version);
    if (wanted->status == LISTED_DRAFT)
        return OK;
    err = applying_take(a, place, addon_publish(a->cx, DIALECT_V3, made.id, &made));
    if (err != OK)
        return err;
    applying_note(a, LISTED_PUBLISH, "addon", made.key, made.version);
    growing_add(&a->changed_addons, &made.key, sizeof made.key, a->cx->arena);
    return OK;
}

/* Whether the list's entry says something else than the catalog's. */
static bool is_due(const struct applying *a, size_t i)
{
    const struct listed_addon *wanted, *present;

    if (i >= a->request->list->sections[SECTION_ADDONS].count)
        return false;
    wanted = price_list_at(a->request->list, SECTION_ADDONS, i);
    present = entry_of(&a->before, wanted->addon.key, wanted->status);
    return !present || !applying_is_same(a, SECTION_ADDONS, present, wanted);
}

/* All entries of one key. There is one draft at most, so it has to make room for what is new. */
static enum err apply_key(struct applying *a, text key)
{
    const struct price_list *list = a->request->list;
    size_t active = entry_find(list, key, LISTED_ACTIVE);
    size_t draft = entry_find(list, key, LISTED_DRAFT);
    bool has_draft = draft < list->sections[SECTION_ADDONS].count;
    const struct listed_addon *in_the_way = entry_of(&a->before, key, LISTED_DRAFT);
    bool is_draft_due = is_due(a, draft);
    bool is_active_due = is_due(a, active);
    enum err err = OK;

    if (in_the_way && is_active_due && !has_draft && !applying_prunes(a, SECTION_ADDONS)) {
        applying_fault(a, applying_place(a, SECTION_ADDONS, active), "invalid",
                       TEXT("the add-on has a draft that is not in the list: publish or delete "
                            "it, list it too, or prune"));
        return ERR_REFUSED;
    }
    if (in_the_way && (is_active_due || is_draft_due)) {
        err = draft_drop(a, in_the_way,
                         applying_place(a, SECTION_ADDONS, is_active_due ? active : draft));
        is_draft_due = has_draft;
    }
    if (err == OK && is_active_due)
        err = version_make(a, active);
    if (applying_go_on(err) == OK && is_draft_due)
        err = version_make(a, draft);
    return err;
}

enum err apply_addons(struct applying *a)
{
    const struct price_list *list = a->request->list;
    enum err err = OK;

    for (size_t i = 0; i < list->sections[SECTION_ADDONS].count && err == OK; i++) {
        const struct listed_addon *addon = price_list_at(list, SECTION_ADDONS, i);
        size_t active = entry_find(list, addon->addon.key, LISTED_ACTIVE);

        /* Once for a key: at its active entry, or at its draft when it has no other. */
        if (i == active || active == list->sections[SECTION_ADDONS].count)
            err = applying_go_on(apply_key(a, addon->addon.key));
    }
    return err;
}

static bool is_replaced(const struct applying *a, text key)
{
    const text *keys = a->changed_addons.list.items;

    for (size_t i = 0; i < a->changed_addons.list.count; i++)
        if (text_equal(keys[i], key))
            return true;
    return false;
}

static enum err prune_one(struct applying *a, const struct listed_addon *addon)
{
    struct addon made;
    text place = TEXT("addons");
    enum err err;

    if (addon->status == LISTED_DRAFT)
        return draft_drop(a, addon, place);
    err = applying_take(a, place, addon_archive(a->cx, DIALECT_V3, addon->addon.id, &made));
    if (err == OK)
        applying_note(a, LISTED_ARCHIVE, "addon", addon->addon.key, addon->addon.version);
    return err;
}

/* A draft that had to make room is gone already. */
enum err prune_addons(struct applying *a)
{
    enum err err = OK;

    if (!applying_prunes(a, SECTION_ADDONS))
        return OK;
    for (size_t i = 0; i < a->before.sections[SECTION_ADDONS].count && err == OK; i++) {
        const struct listed_addon *addon = price_list_at(&a->before, SECTION_ADDONS, i);
        bool is_gone = addon->status == LISTED_DRAFT && is_replaced(a, addon->addon.key);

        if (!is_gone && !entry_of(a->request->list, addon->addon.key, addon->status))
            err = applying_go_on(prune_one(a, addon));
    }
    return err;
}
