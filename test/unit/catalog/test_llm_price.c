/* Names of language models, from a table; which prices hold. */
#include "catalog/llm_price.h"

#include "lib/table.h"
#include "lib/tap.h"

static void test_names(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/catalog/llm_names.vec", 4);
    while (table_next(&t)) {
        bool is_model = text_equal(t.cells[1], TEXT("model"));
        text form = is_model ? llm_model_of(t.cells[2], arena) : llm_provider_of(t.cells[2], arena);
        IS_TEXT(form, text_cstr(arena, t.cells[3]), table_name(&t));
        text again = is_model ? llm_model_of(form, arena) : llm_provider_of(form, arena);
        OK(text_equal(form, again), "%s: it is its own usual form", table_name(&t));
    }
    table_close(&t);
}

static struct llm_price price_of(enum llm_source source, const char *model, int64_t input,
                                 int64_t from)
{
    return (struct llm_price){
        .source = source,
        .provider_id = TEXT("openai"),
        .model_key = text_of(model),
        .currency = TEXT("USD"),
        .pricing = { .input_per_token = dec_of_int(input), .output_per_token = DEC_INVALID },
        .effective_from = { from * NS_PER_SECOND },
        .effective_to = INSTANT_NONE,
    };
}

static void test_overrides(struct arena *arena)
{
    struct llm_price all[] = {
        price_of(LLM_SYSTEM, "gpt", 1, 0),
        price_of(LLM_MANUAL, "gpt", 2, 100),
        price_of(LLM_MANUAL, "own", 3, 0),
    };
    const struct llm_model gpt = { TEXT("OpenAI"), TEXT("GPT") };
    const instant before = { 99 * NS_PER_SECOND };
    const instant after = { 100 * NS_PER_SECOND };
    all[1].effective_to = (instant){ 200 * NS_PER_SECOND };

    struct list early = llm_prices_apply(&(struct list){ all, 3 }, before, arena);
    OK(early.count == 2, "an override stands in its price's place, or by itself");
    const struct llm_price *found = llm_price_find(&early, &gpt, before, arena);
    OK(found != NULL && dec_equal(found->pricing.input_per_token, dec_of_int(1)),
       "before an override begins the list's price holds");
    struct list late = llm_prices_apply(&(struct list){ all, 3 }, after, arena);
    found = llm_price_find(&late, &gpt, after, arena);
    OK(found != NULL && dec_equal(found->pricing.input_per_token, dec_of_int(2)),
       "then the override");
    struct list over = llm_prices_apply(&(struct list){ all, 3 }, all[1].effective_to, arena);
    found = llm_price_find(&over, &gpt, all[1].effective_to, arena);
    OK(found != NULL && dec_equal(found->pricing.input_per_token, dec_of_int(1)),
       "when it is over, the list's again");
    const struct llm_model nobody = { TEXT("openai"), TEXT("unknown") };
    OK(llm_price_find(&over, &nobody, after, arena) == NULL, "an unknown model has no price");
    OK(dec_equal(llm_price_of_token(&all[0].pricing, TOKEN_REQUEST), dec_of_int(1)),
       "a request is input");
    OK(!dec_is_valid(llm_price_of_token(&all[0].pricing, TOKEN_RESPONSE)), "a response is output");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_names(arena);
    test_overrides(arena);
    return tap_end();
}
