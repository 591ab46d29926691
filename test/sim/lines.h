/* lines.h: the lines of issued invoices against the world: whether each lies where it should, and
 * comes to what it should.
 */
#ifndef TEST_SIM_LINES_H
#define TEST_SIM_LINES_H

#include "asking.h"

struct customer *customer_of(struct world *world, text id);
struct stint *stint_of(struct customer *customer, text id);

/* The item with this key that counts at `t`; -1. */
int item_at(const struct stint *stint, text key, int64_t t);

/* The part of the grid's period that holds `from` which the item is there for; empty when it is not
 * there. */
struct billed part_at(const struct stint *stint, int item, int64_t from);

/* The end of an item, as far as it is known. */
int64_t item_end(const struct stint *stint, const struct item *item);

/* What a piece of a part comes to, after what was billed before it; sets its quantity. Of what came
 * late: what all of the part comes to, less all that was billed. */
int64_t line_worth(struct world *world, const struct customer *customer, const struct stint *stint,
                   struct billed *line, int64_t snapshot);

/* Takes note of the lines of an invoice that was just issued, and looks at each of them. */
void lines_take(struct world *world, const struct seen *invoice, const struct json *json);

/* Each part of the customer's time that is due is billed, and what is billed again. */
void lines_audit(struct world *world, const struct customer *customer);

#endif
