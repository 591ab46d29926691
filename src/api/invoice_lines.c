/* invoice_lines.c: pending lines made by hand. */
#include "api/handlers.h"

#include "bill/line_flow.h"

enum err invoice_lines_create(struct api_call *call)
{
    struct pending_lines_body body;
    struct pending_lines_made made;
    struct cx *cx = &call->cx;
    enum err err = body_read(call, &pending_lines_body_fields, &body);

    for (size_t i = 0; err == OK && i < body.lines.count; i++) {
        text place = text_format(cx->arena, "lines[%zu]", i);

        if (!line_body_settle((struct line_body *)body.lines.items + i, call->dialect, place,
                              &cx->problem))
            err = ERR_REFUSED;
    }
    if (err == OK)
        err = bill_pending_lines_create(cx, call->path_params[0], &body, &made);
    return err == OK ? reply_one(call, &pending_lines_made_fields, &made) : err;
}
