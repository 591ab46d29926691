/* credit_notes.c: credit notes and customers' credit; ours, v3 only. */
#include "api/handlers.h"

#include "bill/credit_balance.h"
#include "bill/credit_note.h"

static enum err path_invoice(struct api_call *call, struct invoice_id *ret)
{
    return path_ulid(call, 0, FAULT_INVOICE_ABSENT, &ret->ulid);
}

enum err credit_notes_issue(struct api_call *call)
{
    struct invoice_id id;
    struct credit_note_body body;
    struct credit_note note;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = body_read(call, &credit_note_body_fields, &body);
    if (err == OK)
        err = credit_note_issue(&call->cx, id, &body, &note);
    return err == OK ? reply_one(call, &credit_note_fields, &note) : err;
}

/* The notes of one invoice, or with a zero id all. */
static enum err notes_reply(struct api_call *call, struct invoice_id invoice)
{
    struct page page = param_page(call);
    struct list list;
    int64_t total;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = credit_note_list(&call->cx, invoice, page, &list, &total);
    return err == OK ? reply_page(call, &credit_note_fields, &list, page, total) : err;
}

enum err credit_notes_of(struct api_call *call)
{
    struct invoice_id id;
    enum err err = path_invoice(call, &id);

    return err == OK ? notes_reply(call, id) : err;
}

enum err credit_notes_list(struct api_call *call)
{
    return notes_reply(call, (struct invoice_id){ 0 });
}

enum err credit_notes_get(struct api_call *call)
{
    struct credit_note_id id;
    struct credit_note note;
    enum err err = path_ulid(call, 0, FAULT_CREDIT_NOTE_ABSENT, &id.ulid);

    if (err == OK)
        err = credit_note_get(&call->cx, id, &note);
    return err == OK ? reply_one(call, &credit_note_fields, &note) : err;
}

enum err credit_balances_list(struct api_call *call)
{
    struct customer_id id;
    struct list list;
    enum err err = path_ulid(call, 0, FAULT_CUSTOMER_ABSENT, &id.ulid);

    if (err == OK)
        err = credit_balances(&call->cx, id, &list);
    if (err != OK)
        return err;
    int64_t count = (int64_t)list.count;
    struct page page = { 1, count > 0 ? count : 1 };
    return reply_page(call, &credit_balance_fields, &list, page, count);
}

enum err credit_entries_list(struct api_call *call)
{
    struct page page = param_page(call);
    struct customer_id id;
    struct list list;
    int64_t total;
    enum err err = path_ulid(call, 0, FAULT_CUSTOMER_ABSENT, &id.ulid);

    if (err == OK)
        err = problem_err(&call->cx.problem);
    if (err == OK)
        err = credit_entries(&call->cx, id, page, &list, &total);
    return err == OK ? reply_page(call, &credit_entry_fields, &list, page, total) : err;
}
