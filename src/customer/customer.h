/* customer.h: who pays, and whose usage it is.
 *
 * A customer is found by its id or by its key, and owns subjects: names that stand on usage
 * events. Its key is one of them without being listed. Which events are a customer's is decided
 * by `struct attribution` rows, each with a time of validity, so that a subject that moves from
 * one customer to another splits its usage at that instant.
 *
 * A customer made for a test lives on a test clock (test_clock.h). Every command here that finds
 * one enters its time (identity/cx.h); who finds something else that is a customer's, a
 * subscription or an invoice, calls customer_enter_id before looking at cx->now.
 *
 * What it is not: it knows nothing of subscriptions and invoices, which are floors above. Whether a
 * customer has any is handed in by callers.
 *
 * Commands run for the organization of their context and refuse through cx->problem (ERR_REFUSED).
 * Answers live in cx->arena. Changes leave an audit row in their transaction.
 */
#ifndef CUSTOMER_CUSTOMER_H
#define CUSTOMER_CUSTOMER_H

#include "base/id.h"
#include "codec/fields.h"
#include "codec/page.h"
#include "identity/cx.h"

ID_TYPE(customer);
ID_TYPE(customer_subscription); /* a subscription, seen from its customer */

struct address {
    text country; /* ISO 3166-1 alpha-2 */
    text postal_code;
    text state;
    text city;
    text line1;
    text line2;
    text phone_number;
};

extern const struct fields address_fields;

struct customer_attribution {
    struct text_list subject_keys; /* as listed by the client; the customer's key is not added */
};

struct customer_tax_id {
    text code;
};

struct customer {
    struct customer_id id;
    struct org_id org_id;
    text key; /* the id as text when the client gave none */
    text name;
    text description;
    struct text_map labels; /* v1: metadata */
    struct customer_attribution usage_attribution;
    bool has_usage_attribution;
    text primary_email;
    text currency;
    struct address billing_address;
    bool has_billing_address;
    /* Ours, and v3's only: v1 neither shows nor changes them. */
    text time_zone; /* in whose calendar periods are counted; empty: UTC */
    struct customer_tax_id tax_id;
    bool has_tax_id;
    struct test_clock_id test_clock_id; /* zero: it lives on the server's clock */
    instant clock_now;                  /* of the test clock, as read with the row */
    /* v1, never stored: filled by callers, on higher floors, that know; else zero. */
    struct customer_subscription_id current_subscription_id;
    text subscriptions; /* v1, filled likewise when asked for: a JSON array; else ptr NULL */
    instant created_at;
    instant updated_at;
    instant deleted_at; /* INSTANT_NONE while it lives */
};

/* Rows of the table `customer`, and answers in both dialects. */
extern const struct fields customer_fields;

/* Bodies of requests: the key is optional; updates have none in v3. */
extern const struct fields customer_create_v3_fields;
extern const struct fields customer_update_v3_fields;
extern const struct fields customer_body_v1_fields;

/* The table that a body is to be read with. In v3 a body that writes `usageAttribution` with
 * `subjectKeys` in place of the snake case names is read all the same. */
const struct fields *customer_body_fields(enum dialect dialect, bool is_update,
                                          const struct json *body);

/* A subject belongs to a customer in [valid_from, valid_to). */
struct attribution {
    text subject;
    struct customer_id customer_id;
    text customer_key;
    text customer_name;
    instant valid_from; /* INSTANT_NONE: always */
    instant valid_to;   /* INSTANT_NONE: for ever */
};

/* The row that holds `at` for the subject, in a list of attributions ordered by subject (bytes)
 * and valid_from, as the commands return it; NULL when nobody owns it then. */
const struct attribution *attribution_find(const struct list *attributions, text subject,
                                           instant at);

/* The names that stand for a customer's usage: its key, then its subject keys, none of them twice.
 * In the arena. */
struct text_list customer_names(const struct customer *customer, struct arena *arena);

/* Whether both lists, in which no text is twice, hold the same texts, in whichever order. */
bool subject_keys_equal(const struct text_list *a, const struct text_list *b);

/* ---- commands ----------------------------------------------------------------------------- */

/* Makes a customer from a body, on the test clock that it names, if any: FAULT_TEST_CLOCK_ABSENT,
 * FAULT_TEST_CLOCK_FULL. FAULT_CUSTOMER_KEY_TAKEN when the key is the key, the id or a
 * subject of another customer, FAULT_CUSTOMER_SUBJECT_TAKEN when a subject key is:
 * problem.conflicting_id names the other one. A subject that nobody owned before belongs to the
 * customer from the beginning of time; one that had an owner, from the instant it was released. */
NODISCARD enum err customer_create(struct cx *cx, const struct customer *body,
                                   struct customer *ret);

/* By id (a deleted one is found, with deleted_at set), else by key. FAULT_CUSTOMER_ABSENT. */
NODISCARD enum err customer_get(struct cx *cx, text id_or_key, struct customer *ret);

/* As customer_get within a transaction of the caller; a deleted customer is refused with
 * FAULT_CUSTOMER_DELETED. For the floors above. */
NODISCARD enum err customer_need(struct cx *cx, struct store_tx *tx, text id_or_key,
                                 struct customer *ret);

/* Enters the time in which this customer lives: its test clock's as of when the row was read, or
 * the server's. The commands that answer one customer have done so. */
void customer_enter(struct cx *cx, const struct customer *customer);

/* The zone in whose calendar the customer is billed; empty: UTC. Deleted ones have theirs, too. */
NODISCARD enum err customer_time_zone(struct cx *cx, struct store_tx *tx,
                                      struct customer_id customer, text *ret);

/* The same by id, for whom has only that; nothing happens for an id that is nobody's. */
NODISCARD enum err customer_enter_id(struct cx *cx, struct store_tx *tx,
                                     struct customer_id customer);

/* Gives a customer the currency of its first paid subscription, in the caller's transaction. */
NODISCARD enum err customer_set_currency(struct cx *cx, struct store_tx *tx, struct customer_id id,
                                         text currency);

enum customer_sort {
    CUSTOMER_SORT_NAME, /* ties everywhere are broken by id */
    CUSTOMER_SORT_ID,
    CUSTOMER_SORT_CREATED_AT,
    CUSTOMER_SORT_COUNT
};

/* NULL-terminated, in the order of enum customer_sort: "name", "id", "created_at". */
extern const char *const customer_sort_words[];

/* Which customers a list holds, and in which order; members with ptr NULL do not restrict.
 * Contained texts fold ASCII case. */
struct customer_filter {
    text key; /* equals */
    text key_contains;
    text name; /* equals */
    text name_contains;
    text email_contains;
    text subject; /* owns this subject now, as key or subject key */
    bool with_deleted;
    enum customer_sort sort;
    bool is_descending;
};

/* One page, as a list of struct customer; `ret_total` counts all pages. */
NODISCARD enum err customer_list(struct cx *cx, const struct customer_filter *filter,
                                 struct page page, struct list *ret, int64_t *ret_total);

struct customer_change {
    const struct customer *body;
    bool keeps_key;        /* v3: the body has no key and the old one stays */
    bool keeps_ours;       /* v1: what v1 cannot say stays */
    bool is_subscribed;    /* it has an active subscription: subject keys cannot change */
    bool is_billed;        /* something stands or is pending on an invoice: the currency stays */
    instant subjects_from; /* usage before is on invoices: new subjects are owned from then on */
};

/* Replaces the customer. Refuses as customer_create does, and with FAULT_CUSTOMER_DELETED,
 * FAULT_CUSTOMER_SUBJECTS_FIXED when subject keys change under an active subscription,
 * FAULT_CUSTOMER_CURRENCY_FIXED when the currency of a billed one does; a body that names none
 * keeps that. Requests go through bill/payer.h, which knows what is billed. */
NODISCARD enum err customer_update(struct cx *cx, text id_or_key,
                                   const struct customer_change *change, struct customer *ret);

/* Marks it deleted and releases key and subjects. `obstacle` is what the caller knows to be in the
 * way: it is refused with it, unless it is FAULT_NONE. Deleting it twice is no fault. */
NODISCARD enum err customer_delete(struct cx *cx, text id_or_key, enum fault obstacle);

/* A wish to give a subject to a customer. */
struct subject_assignment {
    text subject;
    struct customer_id customer_id;
    instant from; /* INSTANT_NONE: as early as may be when it is nobody's, else now */
};
extern const struct fields subject_assignment_fields;

/* Answers: struct attribution. */
extern const struct fields subject_owner_fields;

/* Gives a subject to a customer, also under a subscription, taking it from whom has it: usage
 * before `from` stays with that one. `from` may lie in the past, but neither before `not_before`
 * (usage until then is on invoices; INSTANT_NONE: none is) nor before the subject was released or
 * given last: FAULT_SUBJECT_FIXED; nor in the future: FAULT_SUBJECT_FUTURE.
 * FAULT_CUSTOMER_SUBJECT_TAKEN when it is another customer's key, which is not given away;
 * FAULT_CUSTOMER_SUBJECTS_MANY. When it is the customer's already nothing changes. Requests go
 * through bill/payer.h. */
NODISCARD enum err customer_assign(struct cx *cx, const struct subject_assignment *wanted,
                                   instant not_before, struct attribution *ret);

/* Who has the subject now; a zero customer_id when nobody has. */
NODISCARD enum err customer_owner(struct cx *cx, struct store_tx *tx, text subject,
                                  struct attribution *ret);

/* The attributions of one customer, past ones included: struct attribution. */
NODISCARD enum err customer_attributions(struct cx *cx, struct customer_id customer,
                                         struct list *ret);

/* The attributions of these subjects, for the attribution of a page of events; find one with
 * attribution_find. */
NODISCARD enum err customer_attributions_of_subjects(struct cx *cx, const text *subjects,
                                                     size_t count, struct list *ret);

/* All attributions of the organization, for queries grouped by customer. */
NODISCARD enum err customer_attributions_all(struct cx *cx, struct list *ret);

#endif
