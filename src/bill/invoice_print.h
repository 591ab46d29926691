/* invoice_print.h: stored invoices as they are printed. Pure. */
#ifndef BILL_INVOICE_PRINT_H
#define BILL_INVOICE_PRINT_H

#include "bill/invoice_rate.h"
#include "bill/invoice_record.h"

/* What the state machine asks about a stored invoice. `lines`: of struct line_record. */
struct invoice_facts invoice_facts_of(const struct invoice_record *record, const struct list *lines,
                                      instant now);

/* A standard invoice with its lines (struct line_record) that are not deleted, as of `now`, which
 * decides which actions are open. In the arena; texts are the record's. */
struct invoice invoice_print(const struct invoice_record *record, const struct list *lines,
                             instant now, struct arena *arena);

/* Its lines alone, deleted ones too when they are wanted: a list of struct invoice_line. */
struct list invoice_lines_print(const struct invoice_record *record, const struct list *lines,
                                bool with_deleted, struct arena *arena);

/* Parts of it, of gathering invoices too. */
struct invoice_supplier_view invoice_supplier_print(const struct invoice_supplier *supplier,
                                                    struct arena *arena);
struct invoice_workflow_view invoice_workflow_print(const struct invoice_workflow *workflow,
                                                    struct arena *arena);

/* What was rated and stored, as rating gave it; and the material it was rated from. */
struct rate_result line_record_result(const struct line_record *record,
                                      const struct currency *currency, struct arena *arena);
struct line_material line_record_material(const struct line_record *record);

/* Whether one of the line's discounts has this id. */
bool line_record_has_discount(const struct line_record *record, const struct currency *currency,
                              ulid id, struct arena *arena);

/* Keeps what rating gave. */
void line_record_rate(struct line_record *record, const struct line_usage *usage,
                      const struct rate_result *rated);

#endif
