/* llm_price.h: what the tokens of language models cost who sells them.
 *
 * There is a price list (source "system"), loaded by who runs the program, and what an organization
 * says in its place (source "manual", an override): one price of each for a provider, a model and a
 * currency. The names of providers and models are told apart by their usual forms only: "GPT-4o",
 * "gpt-4o-2024-08-06" and "gpt-4o" are one model.
 *
 * Not here: which usage is of which model (feature.h says, api/feature_costs.c asks the meter).
 */
#ifndef CATALOG_LLM_PRICE_H
#define CATALOG_LLM_PRICE_H

#include "catalog/feature.h"
#include "codec/page.h"

ID_TYPE(llm_price);

enum llm_source { LLM_MANUAL, LLM_SYSTEM, LLM_SOURCE_COUNT };

/* NULL-terminated, in the order of their enums. */
extern const char *const llm_source_words[];
extern const char *const llm_sort_words[];

struct llm_named {
    text id;
    text name;
};

struct llm_price {
    struct llm_price_id id;
    struct org_id org_id;
    enum llm_source source;
    text provider_id; /* in its usual form */
    text model_id;    /* as written, in small letters */
    text model_key;   /* what tells models apart */
    text model_name;
    struct llm_pricing pricing;
    text currency;
    instant effective_from;
    instant effective_to; /* none: open */
    instant created_at;
    instant updated_at;

    struct llm_named provider; /* views */
    struct llm_named model;
};

/* The response and the row; the request of one price; that of the whole list. */
extern const struct fields llm_price_fields;
extern const struct fields llm_override_fields;

struct llm_price_list {
    struct list prices; /* of struct llm_price, as read by llm_override_fields */
};

extern const struct fields llm_price_list_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* The usual form of a provider's name: small letters, without aliases ("gemini" is "google"). */
text llm_provider_of(text name, struct arena *arena);

/* What tells a model from others: small letters, without region, version of a host and date. */
text llm_model_of(text name, struct arena *arena);

/* Of such prices those that are overrides. */
struct list llm_overrides_of(const struct list *all, struct arena *arena);

/* Overrides that hold now in place of the list's prices: a list of struct llm_price with the list's
 * ids, and the overrides that stand in place of nothing. */
struct list llm_prices_apply(const struct list *all, instant now, struct arena *arena);

/* A model as features and events name it. */
struct llm_model {
    text provider;
    text model;
};

/* The price in US dollars of a model among such prices that holds now; NULL when there is none. */
const struct llm_price *llm_price_find(const struct list *prices, const struct llm_model *model,
                                       instant now, struct arena *arena);

/* Of one token; invalid when the price does not say. */
dec llm_price_of_token(const struct llm_pricing *pricing, enum token_type type);

/* ---- flows --------------------------------------------------------------------------------- */

enum llm_sort {
    LLM_SORT_MODEL,
    LLM_SORT_ID,
    LLM_SORT_PROVIDER,
    LLM_SORT_FROM,
    LLM_SORT_TO,
    LLM_SORT_COUNT
};

struct llm_price_query {
    bool is_of_overrides; /* overrides by themselves, else prices with overrides applied */
    enum llm_sort sort;
    bool is_descending;
    struct page page;
};

/* One page: a list of struct llm_price. */
NODISCARD enum err llm_price_list(struct cx *cx, const struct llm_price_query *query,
                                  struct list *ret, int64_t *ret_total);

/* All prices that llm_price_find looks in. */
NODISCARD enum err llm_prices_now(struct cx *cx, struct list *ret);

/* A price with its override applied. Refuses with LLM_PRICE_ABSENT. */
NODISCARD enum err llm_price_get(struct cx *cx, struct llm_price_id id, struct llm_price *ret);

/* Makes or replaces the override of its provider, model and currency. Refuses with
 * FIELDS_INVALID. */
NODISCARD enum err llm_override_put(struct cx *cx, const struct llm_price *input,
                                    struct llm_price *ret);

/* Refuses with LLM_PRICE_ABSENT when there is no such override. */
NODISCARD enum err llm_override_delete(struct cx *cx, struct llm_price_id id);

/* Puts prices on the list, in place of those of the same provider, model and currency, all or none:
 * a list of struct llm_price. Refuses with FIELDS_INVALID. */
NODISCARD enum err llm_prices_load(struct cx *cx, const struct llm_price_list *input,
                                   struct list *ret);

/* Fills the view `pricing` of features whose unit cost names a provider and a model. */
NODISCARD enum err llm_features_price(struct cx *cx, struct feature *features, size_t count);

#endif
