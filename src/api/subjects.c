/* subjects.c: v1's records of subjects, deprecated there in favour of customers. */
#include "api/handlers.h"

#include "base/limits.h"
#include "customer/subject.h"

enum err subjects_list(struct api_call *call)
{
    struct list list;
    enum err err = subject_list(&call->cx, &list);

    return err == OK ? reply_array(call, &subject_fields, &list) : err;
}

/* Reads an item of the body; what is wrong with it is placed in the array. */
static void read_item(struct api_call *call, const struct json *body, size_t index,
                      struct subject_upsert *ret)
{
    struct problem *problem = &call->cx.problem;
    size_t before = problem->field_count;

    if (subject_upsert_read(&body->items[index], problem, ret))
        return;
    for (size_t i = before; i < problem->field_count; i++)
        problem->fields[i].field =
            text_format(problem->arena, "[%zu].%.*s", index, TEXT_ARG(problem->fields[i].field));
}

enum err subjects_upsert(struct api_call *call)
{
    struct json body;
    struct subject_upsert *items;
    struct list list;
    enum err err = body_json(call, false, &body);

    if (err != OK)
        return err;
    if (body.kind != JSON_ARRAY || body.count > LIMIT_SUBJECTS_PER_REQUEST) {
        param_fault(call, "body", "is_array", "must be an array of not too many items");
        return ERR_REFUSED;
    }
    items = ARENA_ARRAY(call->request->arena, struct subject_upsert, body.count);
    for (size_t i = 0; i < body.count; i++)
        read_item(call, &body, i, &items[i]);
    err = problem_err(&call->cx.problem);
    if (err == OK)
        err = subject_upsert(&call->cx, items, body.count, &list);
    return err == OK ? reply_array(call, &subject_fields, &list) : err;
}

enum err subjects_get(struct api_call *call)
{
    struct subject subject;
    enum err err = subject_get(&call->cx, call->path_params[0], &subject);

    return err == OK ? reply_one(call, &subject_fields, &subject) : err;
}

enum err subjects_delete(struct api_call *call)
{
    enum err err = subject_delete(&call->cx, call->path_params[0]);

    return err == OK ? reply_empty(call) : err;
}
