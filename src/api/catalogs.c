/* catalogs.c: ours: the whole catalog as one document. The meters that it names are looked up here,
 * and the prices that it changes are handed to billing: neither is the catalog's to do. */
#include "api/handlers.h"

#include "bill/catalog_impact.h"

struct catalog_request {
    text document; /* JSON */
    bool is_prune;
    text base;
};

static const struct field request_rows[] = {
    FIELD(struct catalog_request, document, JSON, .flags = FIELD_REQUIRED,
          .about = "The catalog as it is to be; see `tollgate catalog schema`."),
    FIELD_AS(struct catalog_request, is_prune, "prune", BOOL,
             .about = "Whether what a section of the document lacks is archived or deleted."),
    FIELD(struct catalog_request, base, TEXT, .form = FORM_NON_EMPTY,
          .about = "The base of the plan that was looked at: a catalog that was changed since is "
                   "left alone."),
};
const struct fields catalog_request_fields =
    FIELDS("CatalogRequest", struct catalog_request, request_rows);

struct catalog_answer {
    text base, result;
    struct list changes;
    struct list differences;
    struct list impact;
};

static const struct field answer_rows[] = {
    FIELD(struct catalog_answer, base, TEXT, .flags = FIELD_REQUIRED,
          .about = "The print of the catalog as it was; for the request to apply."),
    FIELD(struct catalog_answer, result, TEXT, .flags = FIELD_REQUIRED,
          .about = "The print of the catalog afterwards."),
    FIELD(struct catalog_answer, changes, LIST, .sub = &listed_change_fields, .flags = FIELD_ALWAYS,
          .about = "What is done, in this order."),
    FIELD(struct catalog_answer, differences, LIST, .sub = &difference_fields,
          .flags = FIELD_ALWAYS, .about = "The values that change."),
    FIELD(struct catalog_answer, impact, LIST, .sub = &catalog_impact_fields, .flags = FIELD_ALWAYS,
          .about = "Of a plan: what moving each subscription to the new version would move of the "
                   "charges that are open. Until it is moved a subscription keeps its version."),
};
const struct fields catalog_outcome_fields =
    FIELDS("CatalogOutcome", struct catalog_answer, answer_rows);

static text const document_place = TEXT_INIT("document");

enum err catalogs_export(struct api_call *call)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    struct price_list list;
    enum err err = price_list_export(&call->cx, &list);

    if (err != OK)
        return err;
    price_list_write(&list, &w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

/* Those of the meters that are there; the others are for the flow to refuse. */
static enum err meters_gather(struct api_call *call, const struct price_list *list,
                              struct price_list_meters *ret)
{
    size_t count = list->sections[SECTION_FEATURES].count;
    struct feature_meter *items = ARENA_ARRAY(call->cx.arena, struct feature_meter, count);
    size_t found = 0;
    enum err err = OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        const struct listed_feature *feature = price_list_at(list, SECTION_FEATURES, i);
        struct problem kept = call->cx.problem;

        if (!feature->has_meter)
            continue;
        err = feature_meter_gather(call, feature->meter.key, &items[found]);
        found += err == OK;
        if (err == ERR_REFUSED) {
            call->cx.problem = kept;
            err = OK;
        }
    }
    *ret = (struct price_list_meters){ items, found };
    return err;
}

/* Whether a part of a section was refused. */
static bool is_partial(const struct price_list *list, const struct json *document,
                       enum price_list_section section)
{
    const struct json *items = json_member(document, text_of(price_list_section_words[section]));

    return items && items->count > list->sections[section].count;
}

/* Whether a fault may only come of others: what is not found is, may be, what was refused. */
static bool is_derived(const struct problem_field *field, const struct price_list *list,
                       const struct json *document)
{
    if (text_equal(field->code, TEXT("rate_card_feature_not_found")))
        return is_partial(list, document, SECTION_FEATURES);
    if (text_equal(field->code, TEXT("currency_not_found")) ||
        text_equal(field->code, TEXT("currency_cost_basis_not_found")))
        return is_partial(list, document, SECTION_CURRENCIES);
    if (!text_equal(field->rule, TEXT("missing_reference")))
        return false;
    if (text_ends_with(field->field, TEXT(".addon.key")))
        return is_partial(list, document, SECTION_ADDONS);
    return !text_ends_with(field->field, TEXT(".meter.key")) &&
           is_partial(list, document, SECTION_TAX_CODES);
}

/* Tries the list in spite of what is wrong with its form, so that all is told at once. */
static enum err refuse_all(struct api_call *call, struct price_list_request *request,
                           const struct json *document, struct problem *found)
{
    struct price_list_outcome outcome;
    enum err err;

    request->is_dry = true;
    err = price_list_apply(&call->cx, request, &outcome);
    if (err != OK && err != ERR_REFUSED)
        return err;
    for (size_t i = 0; i < call->cx.problem.field_count; i++) {
        const struct problem_field *field = &call->cx.problem.fields[i];

        if (!is_derived(field, request->list, document))
            problem_add_field(found, field);
    }
    call->cx.problem = *found;
    return ERR_REFUSED;
}

static enum err document_run(struct api_call *call, bool is_dry, struct price_list_outcome *ret)
{
    struct catalog_request body;
    struct price_list list;
    struct price_list_request request = { .list = &list,
                                          .place = document_place,
                                          .is_dry = is_dry };
    struct problem found;
    struct json_fault fault;
    struct json document;
    bool is_read;
    enum err err = body_read(call, &catalog_request_fields, &body);

    if (err != OK)
        return err;
    MUST(json_parse(call->cx.arena, body.document, &document, &fault));
    problem_init(&found, call->cx.arena);
    is_read = price_list_read(&document, document_place, &found, &list);
    request.is_prune = body.is_prune;
    request.base = body.base;
    err = meters_gather(call, &list, &request.meters);
    if (err != OK)
        return err;
    return is_read ? price_list_apply(&call->cx, &request, ret)
                   : refuse_all(call, &request, &document, &found);
}

static struct catalog_answer answer_of(const struct price_list_outcome *outcome)
{
    return (struct catalog_answer){
        .base = outcome->base,
        .result = outcome->result,
        .changes = outcome->changes,
        .differences = outcome->differences,
    };
}

enum err catalogs_plan(struct api_call *call)
{
    struct price_list_outcome outcome;
    struct catalog_answer answer;
    enum err err = document_run(call, true, &outcome);

    if (err != OK)
        return err;
    answer = answer_of(&outcome);
    err =
        catalog_impact_gather(&call->cx, &outcome.repriced, &outcome.made_features, &answer.impact);
    return err == OK ? reply_one(call, &catalog_outcome_fields, &answer) : err;
}

enum err catalogs_apply(struct api_call *call)
{
    struct price_list_outcome outcome;
    struct catalog_answer answer;
    enum err err = document_run(call, false, &outcome);

    if (err != OK)
        return err;
    answer = answer_of(&outcome);
    return reply_one(call, &catalog_outcome_fields, &answer);
}
