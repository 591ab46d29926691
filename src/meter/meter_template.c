/* meter_template.c: the templates, as a table. */
#include "meter/meter_template.h"

static const struct field template_rows[] = {
    FIELD(struct meter, key, TEXT, .v1 = "slug", .flags = FIELD_REQUIRED, .form = FORM_KEY),
    FIELD(struct meter, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct meter, description, TEXT, .form = FORM_DESCRIPTION,
          .about = "what the meter counts and which events it expects"),
    FIELD_WORD(struct meter, aggregation, meter_aggregation_words,
               .flags = FIELD_REQUIRED | FIELD_UPPER_V1),
    FIELD(struct meter, event_type, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY),
    FIELD(struct meter, value_property, TEXT, .form = FORM_NON_EMPTY),
    FIELD(struct meter, quantile, DEC),
    FIELD_WORD(struct meter, time_unit, meter_time_unit_words, .flags = FIELD_UPPER_V1),
    FIELD(struct meter, sliding_window, SPAN),
    FIELD(struct meter, dimensions, TEXT_MAP, .v1 = "groupBy"),
};

const struct fields meter_template_fields = FIELDS("MeterTemplate", struct meter, template_rows);

static const struct {
    const char *key, *name, *description;
    enum meter_aggregation aggregation;
    const char *event_type;
    const char *value;      /* NULL: none */
    const char *dimensions; /* names; each is a member of the data of that name */
    const char *parameter;  /* quantile, time unit or sliding window */
} templates[] = {
    { "api_requests_total", "API requests", "Requests, by method and route.", METER_COUNT,
      "request", NULL, "method,route", NULL },
    { "api_request_duration", "API request duration", "Seconds that requests took, added up.",
      METER_SUM, "request", "$.duration_seconds", "method,route", NULL },
    { "api_request_latency_p95", "API request latency", "Seconds within which 95 % were answered.",
      METER_QUANTILE, "request", "$.duration_seconds", "method,route", "0.95" },
    { "api_request_ingress_bytes", "API request ingress", "Bytes that requests brought in.",
      METER_SUM, "request", "$.ingress_bytes", "method,route", NULL },
    { "tokens_total", "LLM tokens", "Tokens of language models; the type is input or output.",
      METER_SUM, "prompt", "$.tokens", "model,type", NULL },
    { "agent_runs_total", "Agent runs", "Runs of AI agents.", METER_COUNT, "agent_run", NULL,
      "agent_name", NULL },
    { "gpu_execution_duration_seconds", "GPU time", "Seconds of work on GPUs.", METER_SUM,
      "gpu_time", "$.duration_seconds", "gpu_type,region", NULL },
    { "pod_execution_time", "Pod time", "Seconds that Kubernetes pods ran.", METER_SUM,
      "kube-pod-exec-time", "$.duration_seconds", "pod_name,pod_namespace", NULL },
    { "unique_sessions_total", "Sessions", "Different sessions that users opened.",
      METER_UNIQUE_COUNT, "login", "$.session_id", NULL, NULL },
    { "weekly_active_users", "Weekly active users", "Different users within seven days.",
      METER_SLIDING_UNIQUE_COUNT, "login", "$.user_id", NULL, "P7D" },
    { "storage_gb_hours", "Storage", "GB in store over time; an event says how much there is now.",
      METER_INTEGRAL, "storage", "$.gigabytes", "bucket", "hour" },
    { "storage_gb_average", "Storage on average", "GB in store, weighted by how long they were.",
      METER_TIME_WEIGHTED_AVERAGE, "storage", "$.gigabytes", "bucket", NULL },
    { "workflow_created", "Workflows created", "Workflows begun.", METER_COUNT, "workflow_created",
      NULL, "workflow_name", NULL },
    { "workflow_succeeded", "Workflows succeeded", "Workflows that came to their end.", METER_COUNT,
      "workflow_succeeded", NULL, "workflow_name", NULL },
    { "workflow_failed", "Workflows failed", "Workflows that did not.", METER_COUNT,
      "workflow_failed", NULL, "workflow_name", NULL },
    { "pages_total", "Pages translated", "Pages of translated documents.", METER_SUM, "translate",
      "$.pages", "source_language,target_language", NULL },
    { "words_total", "Words translated", "Words of translated documents.", METER_SUM, "translate",
      "$.words", "source_language,target_language", NULL },
    { "translation_tokens_total", "Tokens of translation", "Tokens that translating took.",
      METER_SUM, "translate", "$.tokens", "source_language,target_language", NULL },
};

static struct text_map dimensions_of(const char *names, struct arena *arena)
{
    text rest = text_of(names);
    struct text_map map = { ARENA_ARRAY(arena, struct text_pair, rest.len), 0 };
    while (rest.ptr != NULL) {
        text name = text_cut(&rest, ',');
        map.items[map.count++] =
            (struct text_pair){ name, text_format(arena, "$.%.*s", TEXT_ARG(name)) };
    }
    return map;
}

static void set_parameter(struct meter *meter, text parameter)
{
    meter->quantile = DEC_INVALID;
    meter->time_unit = METER_TIME_UNIT_NONE;
    if (meter->aggregation == METER_QUANTILE)
        MUST(dec_parse(parameter, &meter->quantile));
    else if (meter->aggregation == METER_INTEGRAL)
        meter->time_unit = (enum meter_time_unit)words_find(meter_time_unit_words, parameter);
    else if (meter->aggregation == METER_SLIDING_UNIQUE_COUNT)
        MUST(span_parse(parameter, &meter->sliding_window));
}

struct list meter_templates(struct arena *arena)
{
    CHECK(arena != NULL);
    struct meter *meters = ARENA_ARRAY(arena, struct meter, COUNT_OF(templates));
    for (size_t i = 0; i < COUNT_OF(templates); i++) {
        meters[i] = (struct meter){
            .key = text_of(templates[i].key),
            .name = text_of(templates[i].name),
            .description = text_of(templates[i].description),
            .aggregation = templates[i].aggregation,
            .event_type = text_of(templates[i].event_type),
            .value_property = text_of(templates[i].value),
            .dimensions = dimensions_of(templates[i].dimensions, arena),
        };
        set_parameter(&meters[i], text_of(templates[i].parameter));
    }
    return (struct list){ meters, COUNT_OF(templates) };
}
