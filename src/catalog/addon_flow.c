/* addon_flow.c: the commands on add-ons. They gather inside the write transaction, as those on
 * plans do. */
#include "catalog/addon_rows.h"
#include "catalog/addon_rules.h"
#include "catalog/plan_input.h"
#include "catalog/rate_card_flow.h"
#include "identity/audit.h"

/* ---- looking ------------------------------------------------------------------------------- */

static enum err refuse_absent(struct cx *cx, enum err err)
{
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_ADDON_ABSENT, "%s", "");
}

enum err addon_get(struct cx *cx, struct addon_id id, struct addon *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = addon_load(cx, tx, id, ret);
    return refuse_absent(cx, err);
}

enum err addon_find(struct cx *cx, text id_or_key, bool include_latest, struct addon *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct addon_id id;
    enum err err = store_begin_read(cx->store, &tx);
    if (err != OK)
        return err;
    err = ulid_parse(id_or_key, &id.ulid) ? addon_load(cx, tx, id, ret) : ERR_ABSENT;
    if (err == ERR_ABSENT)
        err = addon_load_by_key(cx, tx, id_or_key, include_latest, ret);
    return refuse_absent(cx, err);
}

enum err addon_list(struct cx *cx, const struct addon_query *query, struct list *ret,
                    int64_t *ret_total)
{
    CHECK(cx != NULL && query != NULL && ret != NULL && ret_total != NULL);
    CHECK(query->page.number >= 1 && query->page.size >= 1);
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = addon_load_page(cx, tx, query, ret, ret_total);
    return err;
}

/* ---- gather and decide --------------------------------------------------------------------- */

/* The add-on with this id; `deleted` is what one that was deleted refuses with. */
static enum err gather(struct cx *cx, struct store_tx *tx, struct addon_id id, enum fault deleted,
                       struct addon *ret)
{
    struct addon addon;
    enum err err = addon_load(cx, tx, id, &addon);
    if (err == OK && !instant_is_none(addon.deleted_at))
        return problem_refuse(&cx->problem, deleted, "%s", "");
    if (err == OK)
        *ret = addon;
    return refuse_absent(cx, err);
}

static enum err refuse_status(struct cx *cx, enum fault fault, const struct addon *addon,
                              const char *allowed)
{
    return problem_refuse(&cx->problem, fault, "the add-on is %s, not %s",
                          addon_status_words[addon->status], allowed);
}

/* All that is wrong with an add-on, with the features that its cards name looked up. */
static enum err gather_issues(struct cx *cx, struct store_tx *tx, const struct addon *addon,
                              struct list *ret)
{
    size_t count = addon->rate_cards.count;
    struct plan_facts facts = {
        .cards = ARENA_ARRAY(cx->arena, struct card_facts, count),
        .count = count,
        .addon_currency = addon->currency,
    };
    enum err err = card_facts_gather(cx, tx, &addon->rate_cards, addon->currency, facts.cards);
    if (err == OK)
        err = currency_facts_gather(cx, tx, addon->currency, TEXT_NONE, &facts.currency);
    if (err == OK)
        *ret = addon_issues(addon, &facts, cx->arena);
    return err;
}

enum err addon_printable(struct cx *cx, enum dialect dialect, const struct addon *addon)
{
    CHECK(cx != NULL && addon != NULL);
    const struct list issues = addon_issues_of_v1(addon, cx->arena);
    if (dialect != DIALECT_V1 || issues.count == 0)
        return OK;
    return issues_refuse(cx, FAULT_ADDON_NOT_OF_V1, dialect, &issues);
}

/* Critical issues refuse, the others stay with the draft. */
static enum err draft_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                            struct addon *addon)
{
    struct list issues, critical;
    enum err err = gather_issues(cx, tx, addon, &issues);
    if (err != OK)
        return err;
    critical = plan_issues_select(&issues, true, cx->arena);
    if (critical.count > 0)
        return issues_refuse(cx, FAULT_ADDON_INVALID, dialect, &critical);
    addon->validation_errors = plan_issues_select(&issues, false, cx->arena);
    return addon_printable(cx, dialect, addon);
}

/* ---- apply --------------------------------------------------------------------------------- */

/* Saves, audits and commits; `*tx` is over afterwards. */
static enum err finish(struct cx *cx, struct store_tx **tx, text action, struct addon *addon)
{
    addon->updated_at = cx->now;
    addon_complete(cx, addon);
    enum err err = addon_save(cx, *tx, addon);
    if (err == OK)
        err = audit_write(cx, *tx, action, addon->id.ulid, TEXT_NONE);
    return store_finish(tx, err);
}

static enum err insert_draft(struct cx *cx, struct store_tx **tx, struct addon *addon)
{
    int64_t newest = 0;
    enum err err = addon_version_newest(cx, *tx, addon->key, &newest);
    if (err != OK)
        return err;
    addon->id = (struct addon_id){ cx_ulid(cx) };
    addon->org_id = cx->org;
    addon->version = newest + 1;
    addon->effective_from = INSTANT_NONE;
    addon->effective_to = INSTANT_NONE;
    addon->created_at = cx->now;
    addon->updated_at = cx->now;
    addon->deleted_at = INSTANT_NONE;
    addon_complete(cx, addon);
    err = addon_insert(cx, *tx, addon);
    if (err == OK)
        err = audit_write(cx, *tx, TEXT("addon.create"), addon->id.ulid, TEXT_NONE);
    err = store_finish(tx, err);
    if (err == ERR_CONFLICT)
        return problem_refuse(&cx->problem, FAULT_ADDON_DRAFT_EXISTS, "%s", "");
    return err;
}

enum err addon_create(struct cx *cx, enum dialect dialect, const struct addon *input,
                      struct addon *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct addon addon = *input;
    if (!rate_cards_settle(&input->rate_cards, dialect, &cx->problem, &addon.rate_cards))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = draft_check(cx, tx, dialect, &addon);
    if (err == OK)
        err = insert_draft(cx, &tx, &addon);
    if (err == OK)
        *ret = addon;
    return err;
}

enum err addon_update(struct cx *cx, enum dialect dialect, struct addon_id id,
                      const struct addon *input, struct addon *ret)
{
    CHECK(cx != NULL && input != NULL && ret != NULL);
    struct addon addon;
    struct list cards;
    if (!rate_cards_settle(&input->rate_cards, dialect, &cx->problem, &cards))
        return ERR_REFUSED;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather(cx, tx, id, FAULT_ADDON_DELETED, &addon);
    if (err != OK)
        return err;
    if (addon.status != PLAN_DRAFT)
        return refuse_status(cx, FAULT_ADDON_STATUS, &addon, "draft");
    addon.name = input->name;
    addon.description = input->description;
    addon.labels = input->labels;
    addon.instance_type = input->instance_type;
    addon.rate_cards = cards;
    err = draft_check(cx, tx, dialect, &addon);
    if (err == OK)
        err = finish(cx, &tx, TEXT("addon.update"), &addon);
    if (err == OK)
        *ret = addon;
    return err;
}

enum err addon_delete(struct cx *cx, struct addon_id id)
{
    CHECK(cx != NULL);
    struct addon addon;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather(cx, tx, id, FAULT_ADDON_ABSENT, &addon);
    if (err != OK)
        return err;
    if (addon.status == PLAN_ACTIVE)
        return refuse_status(cx, FAULT_ADDON_STATUS, &addon, "draft or archived");
    addon.deleted_at = cx->now;
    return finish(cx, &tx, TEXT("addon.delete"), &addon);
}

/* Archives the active version of the key, if there is one. */
static enum err end_active(struct cx *cx, struct store_tx *tx, text key)
{
    struct addon active;
    enum err err = addon_load_by_key(cx, tx, key, false, &active);
    if (err == ERR_ABSENT)
        return OK;
    if (err != OK)
        return err;
    active.effective_to = cx->now;
    active.updated_at = cx->now;
    err = addon_save(cx, tx, &active);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("addon.archive"), active.id.ulid, TEXT_NONE);
    return err;
}

enum err addon_publish(struct cx *cx, enum dialect dialect, struct addon_id id, struct addon *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct addon addon;
    struct list issues;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather(cx, tx, id, FAULT_ADDON_ABSENT, &addon);
    if (err != OK)
        return err;
    if (addon.status != PLAN_DRAFT)
        return refuse_status(cx, FAULT_ADDON_STATUS_FOR_PUBLISH, &addon, "draft");
    err = gather_issues(cx, tx, &addon, &issues);
    if (err == OK && issues.count > 0)
        err = issues_refuse(cx, FAULT_ADDON_INVALID, dialect, &issues);
    if (err == OK)
        err = addon_printable(cx, dialect, &addon);
    if (err == OK)
        err = end_active(cx, tx, addon.key);
    if (err != OK)
        return err;
    addon.effective_from = cx->now;
    addon.validation_errors = (struct list){ 0 };
    err = finish(cx, &tx, TEXT("addon.publish"), &addon);
    if (err == OK)
        *ret = addon;
    return err;
}

enum err addon_archive(struct cx *cx, enum dialect dialect, struct addon_id id, struct addon *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct addon addon;
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = gather(cx, tx, id, FAULT_ADDON_ABSENT, &addon);
    if (err != OK)
        return err;
    if (addon.status != PLAN_ACTIVE)
        return refuse_status(cx, FAULT_ADDON_STATUS, &addon, "active");
    err = addon_printable(cx, dialect, &addon);
    if (err != OK)
        return err;
    addon.effective_to = cx->now;
    err = finish(cx, &tx, TEXT("addon.archive"), &addon);
    if (err == OK)
        *ret = addon;
    return err;
}
