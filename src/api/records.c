/* records.c: ours: what was done, and what could not be done: the audit log and parked work. */
#include "api/handlers.h"

#include "bill/due.h"
#include "identity/audit.h"

enum err audit_entries(struct api_call *call)
{
    struct page page = param_page(call);
    text entity = param_text(call, "entity_id");
    ulid id = { { 0 } };
    struct list list;
    int64_t total;
    enum err err;

    if (entity.ptr && !ulid_parse(entity, &id))
        param_fault(call, "entity_id", "invalid", "is no id");
    err = problem_err(&call->cx.problem);
    if (err == OK)
        err = audit_list(&call->cx, id, page, &list, &total);
    return err == OK ? reply_page(call, &audit_fields, &list, page, total) : err;
}

enum err work_parked(struct api_call *call)
{
    struct list list;
    enum err err = due_parked(&call->cx, &list);

    if (err != OK)
        return err;
    return reply_page(call, &due_row_fields, &list, (struct page){ 1, (int64_t)list.count },
                      (int64_t)list.count);
}

enum err work_retry(struct api_call *call)
{
    struct due_id id;
    enum err err = path_ulid(call, 0, FAULT_DUE_ABSENT, &id.ulid);

    if (err == OK)
        err = due_unpark(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}
