/* invoice_table.h: what commands print of invoices: members of the API's answers, and the table of
 * an invoice's priced lines. */
#ifndef CLI_INVOICE_TABLE_H
#define CLI_INVOICE_TABLE_H

#include "cli/output.h"
#include "cli/remote.h"

/* The text at a path of names; "-" when there is none. */
text member_text(struct arena *arena, const struct json *value, const char *path);

/* Whether there is something at the path. */
bool member_is_there(struct arena *arena, const struct json *value, const char *path);

/* The days of a service period: "2026-01-01 - 2026-02-01". */
text member_period(struct arena *arena, const struct json *value);

/* Prints the lines of an invoice of v3 in the form of --output: one row for each detailed line; a
 * line without any shows its quantity and nothing to pay. */
void invoice_table_print(const struct invocation *invocation, const struct json *invoice);

/* The id of a customer by its id or key; EXIT_OK, or the exit code after the problem is printed. */
int customer_find(struct remote *remote, text id_or_key, text *ret_id);

#endif
