/* tax_codes.c: tax codes with their rates, and the organization's defaults; v3 only. */
#include "api/handlers.h"

#include "bill/profile.h"
#include "catalog/tax_rates.h"

enum err tax_codes_create(struct api_call *call)
{
    struct tax_code body, made;
    enum err err = body_read(call, &tax_code_fields, &body);

    if (err == OK)
        err = tax_code_create(&call->cx, &body, &made);
    return err == OK ? reply_one(call, &tax_code_fields, &made) : err;
}

enum err tax_codes_get(struct api_call *call)
{
    struct tax_code_id id;
    struct tax_code code;
    enum err err = path_ulid(call, 0, FAULT_TAX_CODE_ABSENT, &id.ulid);

    if (err == OK)
        err = tax_code_get(&call->cx, id, &code);
    return err == OK ? reply_one(call, &tax_code_fields, &code) : err;
}

enum err tax_codes_list(struct api_call *call)
{
    struct page page = param_page(call);
    bool include_deleted = param_bool(call, "include_deleted");
    struct list list;
    int64_t total;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = tax_code_list(&call->cx, include_deleted, page, &list, &total);
    return err == OK ? reply_page(call, &tax_code_fields, &list, page, total) : err;
}

enum err tax_codes_update(struct api_call *call)
{
    struct tax_code_id id;
    struct tax_code body, changed;
    enum err err = path_ulid(call, 0, FAULT_TAX_CODE_ABSENT, &id.ulid);

    if (err == OK)
        err = body_read(call, &tax_code_update_fields, &body);
    if (err == OK)
        err = tax_code_update(&call->cx, id, &body, &changed);
    return err == OK ? reply_one(call, &tax_code_fields, &changed) : err;
}

/* The catalog does not know of the settings of billing, which stand above it. */
enum err tax_codes_delete(struct api_call *call)
{
    struct tax_code_id id;
    int64_t uses = 0;
    enum err err = path_ulid(call, 0, FAULT_TAX_CODE_ABSENT, &id.ulid);

    if (err == OK)
        err = profile_count_of_tax_code(&call->cx, id, &uses);
    if (err == OK && uses > 0)
        return problem_refuse(&call->cx.problem, FAULT_TAX_CODE_IN_USE,
                              "billing profiles and overrides of customers: %lld", (long long)uses);
    if (err == OK)
        err = tax_code_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}

enum err tax_defaults_get(struct api_call *call)
{
    struct tax_defaults defaults;
    enum err err = tax_defaults_read(&call->cx, &defaults);

    return err == OK ? reply_one(call, &tax_defaults_fields, &defaults) : err;
}

enum err tax_defaults_put(struct api_call *call)
{
    struct tax_defaults body, changed;
    enum err err = body_read(call, &tax_defaults_update_fields, &body);

    if (err == OK)
        err = tax_defaults_write(&call->cx, &body, &changed);
    return err == OK ? reply_one(call, &tax_defaults_fields, &changed) : err;
}

enum err tax_rates_get(struct api_call *call)
{
    struct tax_code_id id;
    struct tax_code_rates rates;
    enum err err = path_ulid(call, 0, FAULT_TAX_CODE_ABSENT, &id.ulid);

    if (err == OK)
        err = tax_rates_read(&call->cx, id, &rates);
    return err == OK ? reply_one(call, &tax_code_rates_fields, &rates) : err;
}

enum err tax_rates_put(struct api_call *call)
{
    struct tax_code_id id;
    struct tax_code_rates body, changed;
    enum err err = path_ulid(call, 0, FAULT_TAX_CODE_ABSENT, &id.ulid);

    if (err == OK)
        err = body_read(call, &tax_code_rates_fields, &body);
    if (err == OK)
        err = tax_rates_write(&call->cx, id, &body, &changed);
    return err == OK ? reply_one(call, &tax_code_rates_fields, &changed) : err;
}
