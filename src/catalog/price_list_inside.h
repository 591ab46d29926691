/* price_list_inside.h: what the files behind price_list.h share. Private to the module. */
#ifndef CATALOG_PRICE_LIST_INSIDE_H
#define CATALOG_PRICE_LIST_INSIDE_H

#include "catalog/price_list.h"

/* Adds to `problem` all that was found wrong with what stands at `place`. */
void price_list_blame(struct problem *problem, text place, const struct problem *found);

/* Where an item of a section stands: "document.plans[3]". */
text price_list_place(text document, enum price_list_section section, size_t index,
                      struct arena *arena);

/* Fills a card's views, and the one that names its feature by key. */
void listed_card_mirror(struct rate_card *card, struct arena *arena);

/* Reads the whole catalog in the transaction. */
NODISCARD enum err price_list_gather(struct cx *cx, struct store_tx *tx, struct price_list *ret);

/* The print of a price list: equal when what they say is. */
text price_list_print(const struct price_list *list, struct arena *arena);

/* ---- applying ------------------------------------------------------------------------------ */

/* A list that grows in the arena, of items of one size. */
struct growing {
    struct list list;
    size_t room;
};

/* A request on its way. Each step does what it can and adds what it cannot do to `faults`. */
struct applying {
    struct cx *cx;
    const struct price_list_request *request;
    struct price_list before; /* the catalog as it was found */
    struct price_list_tables tables;
    struct problem faults;
    struct growing changes;        /* of struct listed_change */
    struct growing repriced;       /* of struct listed_reprice */
    struct growing made_features;  /* of struct feature */
    struct growing changed_addons; /* of text: keys with a new active version */
};

/* Adds a copy of an item. */
void growing_add(struct growing *growing, const void *item, size_t size, struct arena *arena);

/* Takes a flow's answer: OK and troubles come back as they are, a refusal becomes faults at the
 * place, and ERR_REFUSED. The context's problem is clear afterwards. */
NODISCARD enum err applying_take(struct applying *a, text place, enum err err);

/* Troubles end the work, refusals are told at its end. */
enum err applying_go_on(enum err err);

/* Adds a fault of the request. */
void applying_fault(struct applying *a, text place, const char *rule, text reason);

/* Notes something that was done. */
void applying_note(struct applying *a, enum listed_action action, const char *type, text key,
                   int64_t version);

/* Where the i-th item of a section stood. */
text applying_place(const struct applying *a, enum price_list_section section, size_t i);

/* Whether two items of a section say the same. */
bool applying_is_same(const struct applying *a, enum price_list_section section, const void *before,
                      const void *after);

/* Sets the ids of the tax codes that rate cards name by key. `place` is that of the list. */
NODISCARD enum err applying_cards(struct applying *a, const struct list *cards, text place);

/* Whether what the list lacks in this section is to go. */
bool applying_prunes(const struct applying *a, enum price_list_section section);

/* The steps, in the order in which they need each other. Pruning goes the other way round. */
NODISCARD enum err apply_tax_codes(struct applying *a);
NODISCARD enum err apply_tax_defaults(struct applying *a);
NODISCARD enum err apply_currencies(struct applying *a);
NODISCARD enum err apply_features(struct applying *a);
NODISCARD enum err apply_addons(struct applying *a);
NODISCARD enum err apply_plans(struct applying *a);
NODISCARD enum err prune_plans(struct applying *a);
NODISCARD enum err prune_addons(struct applying *a);
NODISCARD enum err prune_features(struct applying *a);
NODISCARD enum err prune_tax_codes(struct applying *a);

#endif
