/* llm_price.c: names of models and the prices of their tokens. */
#include "catalog/llm_price.h"

const char *const llm_source_words[] = { "manual", "system", NULL };
const char *const llm_sort_words[] = { "model.id",       "id",           "provider.id",
                                       "effective_from", "effective_to", NULL };

_Static_assert(COUNT_OF(llm_source_words) == LLM_SOURCE_COUNT + 1, "one word per source");
_Static_assert(COUNT_OF(llm_sort_words) == LLM_SORT_COUNT + 1, "one word per order");

/* ---- names --------------------------------------------------------------------------------- */

static text lower(text name, struct arena *arena)
{
    text trimmed = text_trim(name);
    char *copy = arena_copy(arena, trimmed.ptr, trimmed.len);
    for (size_t i = 0; i < trimmed.len; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    }
    return (text){ copy, trimmed.len };
}

text llm_provider_of(text name, struct arena *arena)
{
    static const char *const aliases[][2] = {
        { "azure_ai", "azure" },   { "bedrock_converse", "bedrock" },
        { "gemini", "google" },    { "aws", "amazon" },
        { "facebook", "meta" },    { "mistralai", "mistral" },
        { "x-ai", "xai" },         { "nano-gpt", "nanogpt" },
        { "nano_gpt", "nanogpt" },
    };
    text provider = lower(name, arena);
    if (text_starts_with(provider, TEXT("vertex_ai-")) ||
        text_starts_with(provider, TEXT("vertex_ai_")))
        return TEXT("vertex_ai");
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        if (text_equal(provider, text_of(aliases[i][0])))
            return text_of(aliases[i][1]);
    }
    return provider;
}

/* Whether the end of a name looks like this: 'd' is a digit. */
static bool ends_like(text name, const char *pattern)
{
    text form = text_of(pattern);
    if (name.len <= form.len)
        return false;
    for (size_t i = 0; i < form.len; i++) {
        char c = name.ptr[name.len - form.len + i];
        if (form.ptr[i] == 'd' ? c < '0' || c > '9' : c != form.ptr[i])
            return false;
    }
    return true;
}

static text without_end(text name, const char *pattern)
{
    return ends_like(name, pattern) ? text_slice(name, 0, name.len - text_of(pattern).len) : name;
}

static text without_beginning(text name, const char *beginning)
{
    text region = text_of(beginning);
    return text_starts_with(name, region) ? text_slice(name, region.len, name.len) : name;
}

text llm_model_of(text name, struct arena *arena)
{
    static const char *const aliases[][2] = {
        { "deepseek-chat", "deepseek-v3" },
        { "deepseek-reasoner", "deepseek-r1" },
    };
    text model = lower(name, arena);
    model = without_beginning(model, "us.");
    model = without_beginning(model, "eu.");
    model = without_beginning(model, "ap.");
    model = without_end(model, "-vd:d");
    model = without_end(model, "-dddddddd");
    model = without_end(model, "-dddd-dd-dd");
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        if (text_equal(model, text_of(aliases[i][0])))
            return text_of(aliases[i][1]);
    }
    char *copy = arena_copy(arena, model.ptr, model.len);
    for (size_t i = 1; i + 1 < model.len; i++) {
        bool is_between = copy[i - 1] >= '0' && copy[i - 1] <= '9' && copy[i + 1] >= '0' &&
                          copy[i + 1] <= '9';
        if (copy[i] == '.' && is_between)
            copy[i] = '-';
    }
    return (text){ copy, model.len };
}

/* ---- prices -------------------------------------------------------------------------------- */

static bool is_same_key(const struct llm_price *a, const struct llm_price *b)
{
    return text_equal(a->provider_id, b->provider_id) && text_equal(a->model_key, b->model_key) &&
           text_equal(a->currency, b->currency);
}

static bool holds(const struct llm_price *price, instant now)
{
    return !instant_before(now, price->effective_from) &&
           (instant_is_none(price->effective_to) || instant_before(now, price->effective_to));
}

/* The price of the same key and the other source; NULL when there is none. */
static const struct llm_price *other_source(const struct list *all, const struct llm_price *price)
{
    const struct llm_price *items = all->items;
    for (size_t i = 0; i < all->count; i++) {
        if (items[i].source != price->source && is_same_key(&items[i], price))
            return &items[i];
    }
    return NULL;
}

struct list llm_overrides_of(const struct list *all, struct arena *arena)
{
    const struct llm_price *items = all->items;
    struct llm_price *overrides = ARENA_ARRAY(arena, struct llm_price, all->count);
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (items[i].source == LLM_MANUAL)
            overrides[count++] = items[i];
    }
    return (struct list){ overrides, count };
}

static struct llm_price overridden(const struct llm_price *price, const struct llm_price *by)
{
    struct llm_price applied = *by;
    applied.id = price->id;
    applied.created_at = price->created_at;
    return applied;
}

struct list llm_prices_apply(const struct list *all, instant now, struct arena *arena)
{
    CHECK(all != NULL && !instant_is_none(now));
    const struct llm_price *items = all->items;
    /* Overrides are few, prices many: each price looks only through the overrides. */
    const struct list overrides = llm_overrides_of(all, arena);
    struct llm_price *applied = ARENA_ARRAY(arena, struct llm_price, all->count);
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (items[i].source == LLM_MANUAL && other_source(all, &items[i]) != NULL)
            continue;
        const struct llm_price *by =
            items[i].source == LLM_MANUAL ? NULL : other_source(&overrides, &items[i]);
        applied[count++] = by != NULL && holds(by, now) ? overridden(&items[i], by) : items[i];
    }
    return (struct list){ applied, count };
}

const struct llm_price *llm_price_find(const struct list *prices, const struct llm_model *model,
                                       instant now, struct arena *arena)
{
    CHECK(prices != NULL && model != NULL);
    const struct llm_price *items = prices->items;
    const struct llm_price key = {
        .provider_id = llm_provider_of(model->provider, arena),
        .model_key = llm_model_of(model->model, arena),
        .currency = TEXT("USD"),
    };
    for (size_t i = 0; i < prices->count; i++) {
        if (is_same_key(&items[i], &key) && holds(&items[i], now))
            return &items[i];
    }
    return NULL;
}

dec llm_price_of_token(const struct llm_pricing *pricing, enum token_type type)
{
    CHECK(pricing != NULL);
    switch (type) {
    case TOKEN_INPUT:
    case TOKEN_REQUEST:
        return pricing->input_per_token;
    case TOKEN_OUTPUT:
    case TOKEN_RESPONSE:
        return pricing->output_per_token;
    case TOKEN_CACHE_READ:
        return pricing->cache_read_per_token;
    case TOKEN_CACHE_WRITE:
        return pricing->cache_write_per_token;
    case TOKEN_REASONING:
        return pricing->reasoning_per_token;
    case TOKEN_TYPE_COUNT:
        break;
    }
    UNREACHABLE();
}
