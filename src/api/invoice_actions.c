/* invoice_actions.c: commands on invoices, in both dialects. */
#include "api/handlers.h"

#include "bill/invoicing.h"

/* ---- pending lines become invoices --------------------------------------------------------- */

struct invoicing_filters {
    struct text_list line_ids;
};

struct invoicing_body {
    struct customer_id customer_id;
    instant as_of;
    bool has_filters;
    struct invoicing_filters filters;
    bool progressive_billing_override;
    bool has_progressive;
};

static const struct field filters_rows[] = {
    FIELD(struct invoicing_filters, line_ids, TEXT_LIST,
          .about = "These lines only, all of which must be due."),
};
static const struct fields filters_fields =
    FIELDS("InvoicePendingLinesFilters", struct invoicing_filters, filters_rows);

static const struct field invoicing_rows[] = {
    FIELD_ID(struct invoicing_body, customer_id, .flags = FIELD_REQUIRED),
    FIELD(struct invoicing_body, as_of, INSTANT,
          .about = "What is due by then; now unless said, and not later than that."),
    FIELD_STRUCT(struct invoicing_body, filters, &filters_fields,
                 .set_offset = offsetof(struct invoicing_body, has_filters)),
    FIELD(struct invoicing_body, progressive_billing_override, BOOL,
          .set_offset = offsetof(struct invoicing_body, has_progressive),
          .about = "Whether usage is billed before its period is over; in place of the profile's "
                   "setting."),
};
const struct fields invoicing_fields =
    FIELDS("InvoicePendingLinesAction", struct invoicing_body, invoicing_rows);

static enum err pending_run(struct api_call *call, struct list *ret)
{
    struct invoicing_body body;
    enum err err = body_read(call, &invoicing_fields, &body);
    struct invoicing request;

    if (err != OK)
        return err;
    request = (struct invoicing){
        .customer = ulid_text(call->cx.arena, body.customer_id.ulid),
        .as_of = body.as_of,
        .line_ids = body.filters.line_ids,
        .has_progressive = body.has_progressive,
        .is_progressive = body.progressive_billing_override,
    };
    return bill_invoice_pending(&call->cx, &request, ret);
}

enum err invoices_invoice(struct api_call *call)
{
    struct list invoices;
    enum err err = pending_run(call, &invoices);

    return err == OK ? reply_array(call, &invoice_fields, &invoices) : err;
}

/* v3, ours: the contract has no such route. */
enum err invoices_invoice_v3(struct api_call *call)
{
    struct list invoices;
    enum err err = pending_run(call, &invoices);

    return err == OK ? reply_data(call, &invoice_fields, &invoices) : err;
}

/* ---- actions ------------------------------------------------------------------------------- */

/* v3 knows no gathering invoices: to get, change or delete one is to look for what is not there. */
static enum err command_run(struct api_call *call, enum invoice_command command,
                            struct invoice *ret)
{
    struct invoice_id id;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = bill_invoice_command(&call->cx, id, command, ret);
    if (err == ERR_REFUSED && call->cx.problem.fault == FAULT_INVOICE_GATHERS &&
        call->dialect == DIALECT_V3) {
        problem_init(&call->cx.problem, call->cx.arena);
        err = problem_refuse(&call->cx.problem, FAULT_INVOICE_ABSENT, "%.*s",
                             TEXT_ARG(call->path_params[0]));
    }
    return err;
}

static enum err command_reply(struct api_call *call, enum invoice_command command)
{
    struct invoice invoice;
    enum err err = command_run(call, command, &invoice);

    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}

enum err invoices_advance(struct api_call *call)
{
    return command_reply(call, COMMAND_ADVANCE);
}

enum err invoices_approve(struct api_call *call)
{
    return command_reply(call, COMMAND_APPROVE);
}

enum err invoices_retry(struct api_call *call)
{
    return command_reply(call, COMMAND_RETRY);
}

enum err invoices_snapshot(struct api_call *call)
{
    return command_reply(call, COMMAND_SNAPSHOT);
}

enum err invoices_delete(struct api_call *call)
{
    struct invoice invoice;
    enum err err = command_run(call, COMMAND_DELETE, &invoice);

    return err == OK ? reply_empty(call) : err;
}

enum err invoices_recalculate(struct api_call *call)
{
    struct invoice invoice;
    struct invoice_id id;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = bill_invoice_recalculate(&call->cx, id, &invoice);
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}

/* ---- voiding ------------------------------------------------------------------------------- */

enum void_type { VOID_DISCARD, VOID_PENDING, VOID_TYPE_COUNT };

static const char *const void_type_words[] = { "discard", "pending", NULL };
_Static_assert(COUNT_OF(void_type_words) == VOID_TYPE_COUNT + 1, "one word each");

struct void_line_action {
    enum void_type type;
    instant next_invoice_at;
};

struct void_action_body {
    dec percentage;
    struct void_line_action action;
};

struct void_override_body {
    struct line_id line_id;
    struct void_action_body action;
};

struct void_body {
    struct void_action_body action;
    text reason;
    struct list overrides; /* of struct void_override_body */
};

static const struct field void_line_rows[] = {
    FIELD_WORD(struct void_line_action, type, void_type_words, .flags = FIELD_REQUIRED,
               .about = "discard: given up; pending: invoiced again."),
    FIELD(struct void_line_action, next_invoice_at, INSTANT,
          .about = "Of pending: when it is due; at once unless said."),
};
static const struct fields void_line_fields =
    FIELDS("VoidInvoiceLineAction", struct void_line_action, void_line_rows);

static const struct field void_action_rows[] = {
    FIELD(struct void_action_body, percentage, DEC, .flags = FIELD_REQUIRED | FIELD_NUMBER,
          .about = "How much of a line is voided, 0 to 100; the rest is invoiced again."),
    FIELD_STRUCT(struct void_action_body, action, &void_line_fields, .flags = FIELD_REQUIRED),
};
static const struct fields void_action_fields =
    FIELDS("VoidInvoiceAction", struct void_action_body, void_action_rows);

static const struct field void_override_rows[] = {
    FIELD_ID(struct void_override_body, line_id, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct void_override_body, action, &void_action_fields, .flags = FIELD_REQUIRED),
};
static const struct fields void_override_fields =
    FIELDS("VoidInvoiceLineOverride", struct void_override_body, void_override_rows);

static const struct field void_rows[] = {
    FIELD_STRUCT(struct void_body, action, &void_action_fields, .flags = FIELD_REQUIRED),
    FIELD(struct void_body, reason, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct void_body, overrides, LIST, .sub = &void_override_fields),
};
const struct fields void_fields = FIELDS("VoidInvoice", struct void_body, void_rows);

static struct void_action void_action_of(struct api_call *call, const struct void_action_body *body,
                                         text field)
{
    struct problem_field fault = {
        .field = field,
        .rule = TEXT("max"),
        .reason = TEXT("must be from 0 to 100"),
        .source = SOURCE_BODY,
    };

    if (dec_is_valid(body->percentage) &&
        (dec_sign(body->percentage) < 0 || dec_compare(body->percentage, dec_of_int(100)) > 0))
        problem_add_field(&call->cx.problem, &fault);
    return (struct void_action){ body->action.type == VOID_PENDING, body->percentage,
                                 body->action.next_invoice_at };
}

static enum err void_read(struct api_call *call, struct void_request *ret)
{
    struct void_body body;
    enum err err = body_read(call, &void_fields, &body);
    const struct void_override_body *from = body.overrides.items;
    struct void_override *to;

    if (err != OK)
        return err;
    to = ARENA_ARRAY(call->cx.arena, struct void_override, body.overrides.count);
    for (size_t i = 0; i < body.overrides.count; i++)
        to[i] = (struct void_override){
            from[i].line_id,
            void_action_of(call, &from[i].action,
                           text_format(call->cx.arena, "overrides[%zu].action.percentage", i))
        };
    *ret = (struct void_request){
        .reason = body.reason,
        .action = void_action_of(call, &body.action, TEXT("action.percentage")),
        .overrides = { to, body.overrides.count },
    };
    return problem_err(&call->cx.problem);
}

/* The flow names lines as v3 does. */
static void lines_name_v1(struct problem *problem)
{
    static const text v3 = TEXT_INIT(".line_id");

    for (size_t i = 0; i < problem->field_count; i++) {
        text name = problem->fields[i].field;

        if (text_ends_with(name, v3))
            problem->fields[i].field =
                text_format(problem->arena, "%.*s.lineId", (int)(name.len - v3.len), name.ptr);
    }
}

enum err invoices_void(struct api_call *call)
{
    struct void_request request;
    struct invoice invoice;
    struct invoice_id id;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = void_read(call, &request);
    if (err == OK)
        err = bill_invoice_void(&call->cx, id, &request, &invoice);
    if (call->dialect == DIALECT_V1)
        lines_name_v1(&call->cx.problem);
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}
