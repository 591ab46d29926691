/* choice.h: "one of these" as one argument of a statement.
 *
 * A list of texts becomes one text in which each stands between two separators. The statement
 * finds a whole choice with replace(list, separator || column || separator, ''), which every
 * SQL dialect has and which counts case. See sql/query/catalog.sql.
 */
#ifndef CATALOG_CHOICE_H
#define CATALOG_CHOICE_H

#include "store/store.h"

/* The separator: a control character that neither keys, words nor sensible names contain. */
#define CHOICE_SEPARATOR "\x1f"

/* The argument for a list; binds NULL, which asks for nothing, when the list is empty. */
struct store_arg choice_arg(const char *name, const struct text_list *list, struct arena *arena);

/* The same for a text that must be contained; binds NULL when it is empty. */
struct store_arg part_arg(const char *name, text part);

#endif
