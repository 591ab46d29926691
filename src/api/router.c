/* router.c: from a path to a row of routes.def. */
#include "api/call.h"
#include "api/handlers.h"
#include "bill/app_external.h"
#include "bill/billing.h"
#include "bill/billing_settings.h"
#include "bill/credit_balance.h"
#include "bill/credit_note.h"
#include "bill/explain.h"
#include "bill/invoice_edit.h"
#include "bill/invoice_simulate.h"
#include "bill/life.h"
#include "bill/line.h"
#include "bill/line_flow.h"
#include "bill/override.h"
#include "bill/payment.h"
#include "bill/plan_migration.h"
#include "catalog/addon.h"
#include "catalog/currency.h"
#include "catalog/llm_price.h"
#include "catalog/plan_addon.h"
#include "catalog/simulate.h"
#include "catalog/tax_rates.h"
#include "customer/subject.h"
#include "customer/test_clock.h"
#include "identity/audit.h"
#include "identity/token.h"
#include "meter/erasure.h"
#include "meter/meter.h"
#include "meter/meter_rollup.h"
#include "meter/meter_template.h"
#include "meter/query.h"
#include "notify/outbox.h"
#include "notify/outbox_retention.h"
#include "subscribe/advice.h"
#include "subscribe/subscription_settings.h"

const struct route api_routes[] = {
#define ROUTE(group, method, path, handler, right, request, response, shape, status, summary)      \
    { GROUP_##group, HTTP_##method, path,          handler, RIGHT_##right,                         \
      request,       response,      SHAPE_##shape, status,  summary },
#include "api/routes.def"
#undef ROUTE
};

const size_t api_route_count = COUNT_OF(api_routes);

static const char *const prefixes[GROUP_COUNT][3] = {
    [GROUP_ROOT] = { "", NULL },
    [GROUP_OURS] = { "/v3", "/api/v3", NULL },
    [GROUP_V3] = { "/v3/openmeter", "/api/v3/openmeter", NULL },
    [GROUP_V1] = { "/api/v1", NULL },
    [GROUP_V2] = { "/api/v2", NULL },
};

const char *const *route_prefixes(enum route_group group)
{
    CHECK(group < GROUP_COUNT);
    return prefixes[group];
}

enum dialect route_dialect(enum route_group group)
{
    return group == GROUP_V1 || group == GROUP_V2 ? DIALECT_V1 : DIALECT_V3;
}

/* The rest of the path behind one of the group's prefixes; ptr NULL when it has none. */
static text strip_prefix(enum route_group group, text path)
{
    for (const char *const *prefix = prefixes[group]; *prefix; prefix++) {
        text head = text_of(*prefix);

        if (text_starts_with(path, head) && (path.len == head.len || path.ptr[head.len] == '/'))
            return text_slice(path, head.len, path.len);
    }
    return TEXT_NONE;
}

/* Compares segment by segment; {name} takes any segment that is not empty, still encoded. */
static bool path_matches(text pattern, text path, text ret_params[API_PATH_PARAMS_MAX])
{
    size_t count = 0;

    while (pattern.ptr && path.ptr) {
        text want = text_cut(&pattern, '/');
        text got = text_cut(&path, '/');

        if (text_starts_with(want, TEXT("{"))) {
            if (got.len == 0)
                return false;
            MUST(count < API_PATH_PARAMS_MAX);
            ret_params[count++] = got;
        } else if (!text_equal(want, got)) {
            return false;
        }
    }
    return !pattern.ptr && !path.ptr;
}

static bool decode_params(struct api_call *call, const text params[API_PATH_PARAMS_MAX])
{
    for (size_t i = 0; i < API_PATH_PARAMS_MAX; i++)
        if (params[i].ptr &&
            !http_percent_decode(call->request->arena, params[i], false, &call->path_params[i]))
            return false;
    return true;
}

enum fault route_find(struct api_call *call)
{
    enum http_method method = call->request->method;
    enum fault fault = FAULT_ROUTE_ABSENT;
    text rest[GROUP_COUNT];

    for (int g = 0; g < GROUP_COUNT; g++)
        rest[g] = strip_prefix((enum route_group)g, call->request->path);
    if (method == HTTP_HEAD)
        method = HTTP_GET;
    call->dialect = rest[GROUP_V1].ptr || rest[GROUP_V2].ptr ? DIALECT_V1 : DIALECT_V3;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct route *route = &api_routes[i];
        text params[API_PATH_PARAMS_MAX] = { 0 };

        if (!rest[route->group].ptr ||
            !path_matches(text_of(route->path), rest[route->group], params))
            continue;
        if (!call->request->is_method_known || route->method != method) {
            fault = FAULT_METHOD_ABSENT;
            continue;
        }
        call->route = route;
        return decode_params(call, params) ? FAULT_NONE : FAULT_ROUTE_ABSENT;
    }
    return fault;
}
