/* feature.h: features: the named things that customers use and plans sell.
 *
 * A feature may point at a meter, with conditions on the meter's dimensions: then its usage is the
 * meter's usage under those conditions. Rate cards refer to features by id. Of a feature only what
 * a unit costs its seller ever changes; it is archived: what refers to it keeps it, and its key
 * becomes free for a new one.
 *
 * Not here: meters themselves (meter/ stands on the same floor: the caller looks the meter up and
 * hands it in as a struct feature_meter), prices, entitlements.
 */
#ifndef CATALOG_FEATURE_H
#define CATALOG_FEATURE_H

#include "base/id.h"
#include "codec/fields.h"
#include "codec/filter.h"
#include "identity/cx.h"

ID_TYPE(feature);
ID_TYPE(feature_meter); /* the meter's id, seen from a feature */

/* The v3 form of the reference: `meter: {id, filters}`. */
struct feature_meter_reference {
    struct feature_meter_id id;
    text filters; /* JSON in v3 words, or none */
};

enum unit_cost_type { UNIT_COST_MANUAL, UNIT_COST_LLM, UNIT_COST_TYPE_COUNT };

enum token_type {
    TOKEN_INPUT,
    TOKEN_OUTPUT,
    TOKEN_CACHE_READ,
    TOKEN_CACHE_WRITE,
    TOKEN_REASONING,
    TOKEN_REQUEST,  /* another word for input */
    TOKEN_RESPONSE, /* another word for output */
    TOKEN_TYPE_COUNT
};

/* US dollars for one token; what is not known is invalid. */
struct llm_pricing {
    dec input_per_token;
    dec output_per_token;
    dec cache_read_per_token;
    dec cache_write_per_token;
    dec reasoning_per_token;
};

extern const struct fields llm_pricing_fields;

/* What one unit of usage costs who sells it; never invoiced. A cost by language model is looked up
 * by provider, model and kind of token: each is either said here or the value of a dimension of the
 * meter, whose name is the ..._property. */
struct unit_cost {
    enum unit_cost_type type;
    dec amount; /* manual: in US dollars */
    text provider, provider_property;
    text model, model_property;
    int token_type; /* enum token_type, or FIELD_ENUM_NONE */
    text token_type_property;

    bool has_pricing; /* view: what the price list says of a provider and model that are said */
    struct llm_pricing pricing;
};

/* NULL-terminated, in the order of enum token_type. */
extern const char *const token_type_words[];

/* Requests fill what feature_fields lets them; flows fill everything. */
struct feature {
    struct feature_id id;
    struct org_id org_id;
    text key;
    text name;
    text description;
    struct text_map labels;
    instant created_at;
    instant updated_at;
    instant archived_at; /* none while the feature is active; v3 prints it as deleted_at */

    /* What rules and queries use; zero, empty and empty when the feature is not metered. */
    struct feature_meter_id meter_id;
    text meter_key;               /* v1 prints and reads it as meterSlug */
    struct filter_map conditions; /* on the meter's dimensions */
    bool has_unit_cost;
    struct unit_cost unit_cost;

    /* Views of the same for the wire and the row, made by flows; requests come in through them. */
    text filters;                         /* the conditions as JSON in v3 words; the column */
    bool has_meter;                       /* whether `meter` is set */
    struct feature_meter_reference meter; /* v3 */
    text advanced_filters;                /* v1 advancedMeterGroupByFilters, JSON in v1 words */
    struct text_map simple_filters;       /* v1 meterGroupByFilters: those that are equalities */
};

/* The request (create) and the response of both dialects, and the row. */
extern const struct fields feature_fields;

/* The update request of v3, which changes the unit cost only; reads into a struct feature. */
extern const struct fields feature_update_fields;

/* The unit cost by itself. */
extern const struct fields unit_cost_fields;

/* What a feature needs to know of the meter it points at. */
struct feature_meter {
    ulid id;
    text key;
    text aggregation; /* in lower case: "sum", "count", "unique_count", "latest", … */
    struct text_list dimensions;
};

enum feature_sort {
    FEATURE_SORT_CREATED_AT,
    FEATURE_SORT_UPDATED_AT,
    FEATURE_SORT_ID,
    FEATURE_SORT_KEY,
    FEATURE_SORT_NAME,
    FEATURE_SORT_COUNT
};

/* NULL-terminated, in the order of enum feature_sort: "created_at", … */
extern const char *const feature_sort_words[];

/* What a list asks for. Empty lists and texts ask for nothing; conditions are joined by and. */
struct feature_query {
    struct text_list ids;       /* one of */
    struct text_list keys;      /* one of */
    struct text_list meter_ids; /* one of; ids as text */
    struct text_list meter_keys;
    struct text_list names; /* one of */
    text key_contains;      /* ASCII case folded */
    text name_contains;
    bool include_archived;
    enum feature_sort sort;
    bool is_descending;
    int64_t limit; /* 1 to LIMIT_PAGE_SIZE_MAX */
    int64_t offset;
};

/* Creates a feature from what a request said (key, name, description, labels, conditions in the
 * dialect's form). `meter` is the meter the request refers to, NULL when it refers to none. Refuses
 * with FEATURE_INVALID (each field named) or FEATURE_KEY_TAKEN. */
NODISCARD enum err feature_create(struct cx *cx, enum dialect dialect, const struct feature *input,
                                  const struct feature_meter *meter, struct feature *ret);

/* The feature with this id, archived or not. Refuses with FEATURE_ABSENT. */
NODISCARD enum err feature_get(struct cx *cx, struct feature_id id, struct feature *ret);

/* The feature with this id, archived or not, else the active one with this key. Refuses with
 * FEATURE_ABSENT. */
NODISCARD enum err feature_find(struct cx *cx, text id_or_key, struct feature *ret);

/* One page of features: a list of struct feature. `ret_total` counts all pages. */
NODISCARD enum err feature_list(struct cx *cx, const struct feature_query *query, struct list *ret,
                                int64_t *ret_total);

/* Sets the unit cost of an active feature; NULL clears it. `meter` is the feature's, NULL when it
 * has none. Refuses with FEATURE_ABSENT, also when it is archived, or FEATURE_INVALID. */
NODISCARD enum err feature_set_cost(struct cx *cx, struct feature_id id,
                                    const struct unit_cost *cost, const struct feature_meter *meter,
                                    struct feature *ret);

/* Archives an active feature. Refuses with FEATURE_ABSENT when there is none or it is archived. */
NODISCARD enum err feature_archive(struct cx *cx, struct feature_id id);

/* Whether an active feature refers to the meter, which therefore may not be deleted. */
NODISCARD enum err feature_is_meter_used(struct cx *cx, ulid meter_id, bool *ret);

/* Pure: whether the feature may be created as `input` says, over `meter` (may be NULL). Adds every
 * fault to `problem`, under the dialect's names; returns whether there was none. `conditions` are
 * the ones read from the input. */
NODISCARD bool feature_check(const struct feature *input, const struct filter_map *conditions,
                             const struct feature_meter *meter, enum dialect dialect,
                             struct problem *problem);

/* Pure: the same for a unit cost alone. */
NODISCARD bool unit_cost_check(const struct unit_cost *cost, const struct feature_meter *meter,
                               enum dialect dialect, struct problem *problem);

#endif
