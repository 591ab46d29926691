/* rate_card_flow.c: what is known of rate cards, gathered; what is wrong with them, refused. */
#include "catalog/rate_card_flow.h"

#include "catalog/currency_rows.h"
#include "catalog/feature_rows.h"
#include "catalog/plan_currency.h"
#include "catalog/tax_code_rows.h"

static enum err gather_feature(struct cx *cx, struct store_tx *tx, struct rate_card *card,
                               struct card_facts *ret)
{
    struct card_facts facts = { 0 };
    struct feature feature;
    enum err err = ERR_ABSENT;
    bool has_id = !ulid_is_zero(card->feature_id.ulid);
    bool has_key = !text_is_empty(card->feature_key);
    facts.has_reference = has_id || has_key;
    if (has_id)
        err = feature_load(cx, tx, card->feature_id, &feature);
    else if (has_key)
        err = feature_load_newest(cx, tx, card->feature_key, &feature);
    if (err == OK) {
        facts.is_found = true;
        facts.is_archived = !instant_is_none(feature.archived_at);
        facts.is_metered = !ulid_is_zero(feature.meter_id.ulid);
        facts.is_other = has_key && !text_equal(card->feature_key, feature.key);
        facts.id = feature.id;
        facts.key = feature.key;
        card->feature_id = feature.id;
        card->feature_key = feature.key;
    }
    if (err != OK && err != ERR_ABSENT)
        return err;
    *ret = facts;
    return OK;
}

/* Whether the tax code that the card names is there and not deleted. */
static enum err gather_tax_code(struct cx *cx, struct store_tx *tx, const struct rate_card *card,
                                struct card_facts *facts)
{
    struct tax_code code;
    struct tax_code_id id = card->tax_config.code.id;
    if (!card->has_tax_config || ulid_is_zero(id.ulid))
        return OK;
    enum err err = tax_code_load(cx, tx, id, &code);
    facts->has_unknown_tax_code = err == ERR_ABSENT ||
                                  (err == OK && !instant_is_none(code.deleted_at));
    return err == ERR_ABSENT ? OK : err;
}

enum err currency_facts_gather(struct cx *cx, struct store_tx *tx, text code, text fiat,
                               struct currency_facts *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct currency_facts facts = { 0 };
    struct billing_currency currency;
    struct cost_basis_pair pair = { .fiat_code = fiat };
    struct cost_basis basis;
    enum err err = ERR_ABSENT;
    if (plan_currency_kind(code) == PLAN_CURRENCY_CUSTOM)
        err = currency_load_by_code(cx, tx, code, &currency);
    facts.is_found = err == OK;
    if (err == OK) {
        pair.currency_id = currency.id;
        err = cost_basis_load_at(cx, tx, &pair, cx->now, &basis);
        facts.has_cost_basis = err == OK;
    }
    if (err != OK && err != ERR_ABSENT)
        return err;
    *ret = facts;
    return OK;
}

enum err card_facts_gather(struct cx *cx, struct store_tx *tx, const struct list *cards,
                           text currency, struct card_facts *ret)
{
    CHECK(cx != NULL && tx != NULL && cards != NULL);
    CHECK(cards->count == 0 || ret != NULL);
    struct rate_card *items = cards->items;
    for (size_t i = 0; i < cards->count; i++) {
        enum err err = gather_feature(cx, tx, &items[i], &ret[i]);
        if (err == OK)
            err = gather_tax_code(cx, tx, &items[i], &ret[i]);
        if (err == OK)
            err = currency_facts_gather(cx, tx, items[i].currency, currency, &ret[i].currency);
        if (err != OK)
            return err;
    }
    return OK;
}

enum err issues_refuse(struct cx *cx, enum fault fault, enum dialect dialect,
                       const struct list *issues)
{
    CHECK(cx != NULL && issues != NULL);
    CHECK(issues->count > 0);
    const struct plan_issue *items = issues->items;
    problem_set(&cx->problem, fault, "%s", "");
    for (size_t i = 0; i < issues->count; i++) {
        struct problem_field field = {
            .field = dialect == DIALECT_V1 ? items[i].field_v1 : items[i].field,
            .rule = TEXT("invalid"),
            .reason = items[i].message,
            .code = items[i].code,
            .source = SOURCE_BODY,
        };
        problem_add_field(&cx->problem, &field);
    }
    return ERR_REFUSED;
}
