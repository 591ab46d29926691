/* invoice_events.c: events of invoices go to the outbox. */
#include "bill/invoice_events.h"

#include "bill/invoice_print.h"

enum err bill_event(struct cx *cx, struct store_tx *tx, const char *type,
                    const struct invoice_work *work)
{
    CHECK(cx != NULL && tx != NULL && type != NULL && work != NULL);
    struct invoice invoice = invoice_print(&work->record, &work->lines, cx->now, cx->arena);
    struct outbox_news news = {
        .type = text_of(type),
        .subject_id = { work->record.id.ulid },
        .table = &invoice_fields,
        .object = &invoice,
    };
    return outbox_tell(cx, tx, &news);
}
