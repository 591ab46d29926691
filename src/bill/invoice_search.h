/* invoice_search.h: which invoices a list holds. */
#ifndef BILL_INVOICE_SEARCH_H
#define BILL_INVOICE_SEARCH_H

#include "bill/invoice_state.h"
#include "codec/fields.h"
#include "codec/page.h"

enum invoice_sort {
    INVOICE_SORT_CREATED_AT, /* ties everywhere are broken by this and the id */
    INVOICE_SORT_UPDATED_AT,
    INVOICE_SORT_ISSUED_AT,
    INVOICE_SORT_PERIOD_START,
    INVOICE_SORT_STATUS,
    INVOICE_SORT_CUSTOMER_NAME,
    INVOICE_SORT_COUNT
};

/* Members that are empty or INSTANT_NONE do not restrict. Ranges hold both ends. */
struct invoice_search {
    struct text_list customers; /* ids */
    struct text_list states;    /* words of invoice_state_words */
    struct text_list numbers;
    bool with_deleted;
    instant issued_from, issued_to;
    instant period_from, period_to; /* of the period's start */
    instant created_from, created_to;
    enum invoice_sort sort;
    bool is_descending;
    struct page page;
};

/* Everything, by age. */
struct invoice_search invoice_search_all(struct page page);

/* The states behind short statuses ("draft", "paid"): words of invoice_state_words; words that
 * are none stay as they are. In the arena. */
struct text_list invoice_states_of(const struct text_list *statuses, struct arena *arena);

#endif
