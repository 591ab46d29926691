/* plan_addon_flow.c: the commands on add-ons of plans. */
#include "catalog/addon_rows.h"
#include "catalog/plan_addon_rows.h"
#include "catalog/plan_rows.h"
#include "identity/audit.h"

#include "base/limits.h"

/* ---- gather -------------------------------------------------------------------------------- */

/* The plan, which has to be open for changes. */
static enum err gather_plan(struct cx *cx, struct store_tx *tx, struct plan_id id, struct plan *ret)
{
    struct plan plan;
    enum err err = plan_load(cx, tx, id, &plan);
    if (err == ERR_ABSENT || (err == OK && !instant_is_none(plan.deleted_at)))
        return problem_refuse(&cx->problem, FAULT_PLAN_ABSENT, "%s", "");
    if (err == OK && plan.status != PLAN_DRAFT && plan.status != PLAN_SCHEDULED)
        return problem_refuse(&cx->problem, FAULT_PLAN_ADDON_STATUS,
                              "the plan is %s, not draft or scheduled",
                              plan_status_words[plan.status]);
    if (err == OK)
        *ret = plan;
    return err;
}

static enum err gather_link(struct cx *cx, struct store_tx *tx, struct plan_id plan_id,
                            text id_or_key, struct plan_addon *ret)
{
    enum err err = plan_addon_load(cx, tx, plan_id, id_or_key, ret);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_PLAN_ADDON_ABSENT, "%s", "");
    return err;
}

/* The add-on that a request names has to be there, and active. */
static enum err gather_addon(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                             struct addon_id id, struct addon *ret)
{
    struct addon addon;
    enum err err = addon_load(cx, tx, id, &addon);
    if (err == ERR_ABSENT || (err == OK && !instant_is_none(addon.deleted_at))) {
        problem_add_member(&cx->problem, dialect == DIALECT_V1 ? TEXT("addonId") : TEXT("addon.id"),
                           "missing_reference", TEXT("there is no such add-on"));
        return ERR_REFUSED;
    }
    if (err == OK && addon.status != PLAN_ACTIVE)
        return problem_refuse(&cx->problem, FAULT_PLAN_ADDON_STATUS, "the add-on is %s, not active",
                              addon_status_words[addon.status]);
    if (err == OK)
        err = addon_printable(cx, dialect, &addon);
    if (err == OK)
        *ret = addon;
    return err;
}

/* ---- the flows ----------------------------------------------------------------------------- */

enum err plan_addon_create(struct cx *cx, enum dialect dialect, struct plan_id plan_id,
                           const struct plan_addon *input, struct plan_addon *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct plan_addon link = *input;
    struct plan plan;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    link.addon_id = dialect == DIALECT_V1 ? input->addon_id : input->reference.id;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather_plan(cx, tx, plan_id, &plan);
    if (err == OK)
        err = gather_addon(cx, tx, dialect, link.addon_id, &link.addon);
    if (err != OK)
        return err;
    if (text_is_empty(link.name))
        link.name = link.addon.name;
    link.id = (struct plan_addon_id){ cx_ulid(cx) };
    link.org_id = cx->org;
    link.plan_id = plan_id;
    link.reference.id = link.addon_id;
    link.validation_errors = plan_addon_issues(&link, &plan, &link.addon, cx->arena);
    link.created_at = cx->now;
    link.updated_at = cx->now;
    link.deleted_at = INSTANT_NONE;
    err = plan_addon_insert(cx, tx, &link);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("plan_addon.create"), link.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_PLAN_ADDON_TAKEN, "%s", "");
    if (err == OK)
        *ret = link;
    return err;
}

enum err plan_addon_get(struct cx *cx, struct plan_id plan_id, text id_or_key,
                        struct plan_addon *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = gather_link(cx, tx, plan_id, id_or_key, ret);
    return err;
}

enum err plan_addon_list(struct cx *cx, const struct plan_addon_query *query, struct list *ret,
                         int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    CHECK(query->page.number >= 1 && query->page.size >= 1);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = plan_addon_load_page(cx, tx, query, ret, ret_total);
    return err;
}

enum err plan_addon_update(struct cx *cx, enum dialect dialect,
                           const struct plan_addon_place *place, const struct plan_addon *input,
                           struct plan_addon *ret)
{
    CHECK(cx != NULL && place != NULL && input != NULL && ret != NULL);
    struct plan_addon link;
    struct plan plan;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather_plan(cx, tx, place->plan_id, &plan);
    if (err == OK)
        err = gather_link(cx, tx, place->plan_id, place->id_or_key, &link);
    if (err == OK)
        err = addon_printable(cx, dialect, &link.addon);
    if (err != OK)
        return err;
    if (dialect == DIALECT_V3) {
        link.name = input->name;
        link.description = input->description;
    }
    link.labels = input->labels;
    link.from_plan_phase = input->from_plan_phase;
    link.max_quantity = input->max_quantity;
    link.validation_errors = plan_addon_issues(&link, &plan, &link.addon, cx->arena);
    link.updated_at = cx->now;
    err = plan_addon_save(cx, tx, &link);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("plan_addon.update"), link.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = link;
    return err;
}

enum err plan_addon_delete(struct cx *cx, struct plan_id plan_id, text id_or_key)
{
    CHECK(cx != NULL);
    struct plan_addon link;
    struct plan plan;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather_plan(cx, tx, plan_id, &plan);
    if (err == OK)
        err = gather_link(cx, tx, plan_id, id_or_key, &link);
    if (err != OK)
        return err;
    link.deleted_at = cx->now;
    link.updated_at = cx->now;
    err = plan_addon_save(cx, tx, &link);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("plan_addon.delete"), link.id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

/* ---- publishing a plan --------------------------------------------------------------------- */

static struct plan_issue incompatible(struct arena *arena, const struct plan_addon *link)
{
    text place = text_format(arena, "$.addons[?(@.key=='%.*s')]", TEXT_ARG(link->addon.key));
    return (struct plan_issue){
        .code = TEXT("plan_has_incompatible_addon"),
        .message = TEXT("an add-on of the plan does not fit it; see its validation errors"),
        .field = place,
        .field_v1 = place,
        .attributes = plan_issue_attributes(place, arena),
    };
}

enum err plan_addons_check(struct cx *cx, struct store_tx *tx, const struct plan *plan,
                           struct list *issues)
{
    CHECK(cx != NULL && tx != NULL && plan != NULL && issues != NULL);
    const struct plan_addon_query query = {
        .plan_id = plan->id,
        .page = { 1, LIMIT_LIST_ITEMS_MAX },
    };
    struct list links;
    int64_t total;
    enum err err = plan_addon_load_page(cx, tx, &query, &links, &total);
    if (err != OK)
        return err;
    const struct plan_addon *link = links.items;
    struct plan_issue *all = ARENA_ARRAY(cx->arena, struct plan_issue, issues->count + links.count);
    size_t count = issues->count;
    for (size_t i = 0; i < issues->count; i++)
        all[i] = ((const struct plan_issue *)issues->items)[i];
    for (size_t i = 0; i < links.count; i++) {
        if (plan_addon_issues(&link[i], plan, &link[i].addon, cx->arena).count > 0)
            all[count++] = incompatible(cx->arena, &link[i]);
    }
    *issues = (struct list){ all, count };
    return OK;
}

/* ---- the next version of a plan ------------------------------------------------------------ */

/* The add-on's active version in place of an archived one, when there is one. */
static enum err follow_versions(struct cx *cx, struct store_tx *tx, struct plan_addon *link)
{
    struct addon active;
    if (link->addon.status != PLAN_ARCHIVED)
        return OK;
    enum err err = addon_load_by_key(cx, tx, link->addon.key, false, &active);
    if (err == OK) {
        link->addon_id = active.id;
        link->reference.id = active.id;
        link->addon = active;
    }
    return err == ERR_ABSENT ? OK : err;
}

static enum err copy_link(struct cx *cx, struct store_tx *tx, struct plan_addon link,
                          const struct plan *to)
{
    enum err err = follow_versions(cx, tx, &link);
    if (err != OK)
        return err;
    link.id = (struct plan_addon_id){ cx_ulid(cx) };
    link.plan_id = to->id;
    link.validation_errors = plan_addon_issues(&link, to, &link.addon, cx->arena);
    link.created_at = cx->now;
    link.updated_at = cx->now;
    return plan_addon_insert(cx, tx, &link);
}

/* Two versions of one add-on may have become the same one: it is taken along once. */
static bool is_repeated(const struct plan_addon *links, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_equal(links[i].addon.key, links[index].addon.key))
            return true;
    }
    return false;
}

enum err plan_addons_copy(struct cx *cx, struct store_tx *tx, struct plan_id from,
                          const struct plan *to)
{
    CHECK(cx != NULL && tx != NULL && to != NULL);
    CHECK(!ulid_equal(from.ulid, to->id.ulid));
    const struct plan_addon_query query = {
        .plan_id = from,
        .page = { 1, LIMIT_LIST_ITEMS_MAX },
    };
    struct list links;
    int64_t total;
    enum err err = plan_addon_load_page(cx, tx, &query, &links, &total);
    for (size_t i = 0; err == OK && i < links.count; i++) {
        if (!is_repeated(links.items, i))
            err = copy_link(cx, tx, ((const struct plan_addon *)links.items)[i], to);
    }
    return err;
}
