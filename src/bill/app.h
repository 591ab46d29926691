/* app.h: apps: what reckons taxes, carries invoices to customers and collects payments.
 *
 * An app is an installed listing. Two are listed: the sandbox, which has no effect outside and
 * plays payments, and custom invoicing ("external_invoicing" in v3), which waits for callbacks of
 * a program of the user's. Neither needs credentials, so an installed app is always ready. A
 * billing profile names one app for each of three tasks; an app that a profile or an open invoice
 * needs cannot be uninstalled.
 *
 * A customer may have data in an app: for the sandbox the test card it pays with, for custom
 * invoicing labels.
 *
 * Not here: what apps do to invoices (invoice_app.h).
 */
#ifndef BILL_APP_H
#define BILL_APP_H

#include "codec/page.h"
#include "customer/customer.h"

ID_TYPE(app);

enum app_type { APP_SANDBOX, APP_EXTERNAL_INVOICING, APP_TYPE_COUNT };

/* NULL-terminated, in the order of enum app_type: v3's and the store's, and v1's. */
extern const char *const app_type_words[];
extern const char *const app_type_v1_words[];

enum app_status { APP_READY, APP_STATUS_COUNT };

enum app_task {
    APP_REPORT_USAGE,
    APP_REPORT_EVENTS,
    APP_CALCULATE_TAX,
    APP_INVOICE_CUSTOMERS,
    APP_COLLECT_PAYMENTS,
    APP_TASK_COUNT
};

/* NULL-terminated, in the order of enum app_task. */
extern const char *const app_task_words[];
extern const char *const app_task_v1_words[];

/* Something a type of app can do. */
struct app_capability {
    enum app_task task;
    text key;
    text name;
    text description;
};

/* What can be installed. */
struct app_listing {
    enum app_type type;
    text name;
    text description;
    struct list capabilities; /* of struct app_capability */
    struct text_list install_methods;
};

struct app {
    struct app_id id;
    struct org_id org_id;
    enum app_type type;
    text name;
    text description;
    struct text_map labels;      /* v1: metadata */
    bool enable_draft_sync_hook; /* of custom invoicing: drafts wait for draft/synchronized */
    bool enable_issuing_sync_hook;
    bool has_draft_hook; /* printed; in a request: given */
    bool has_issuing_hook;
    instant created_at;
    instant updated_at;
    instant deleted_at;
    struct app_listing listing; /* view */
    enum app_status status;     /* view */
};

/* A request to install; v1 has the type in the path. */
struct app_install {
    enum app_type type;
    text name; /* ptr NULL: the listing's */
    bool create_billing_profile;
    text api_key; /* of v1's install/apikey */
};

struct app_installed {
    struct app app;
    struct text_list default_for; /* words of the tasks that new invoices use it for */
};

/* What a customer is in the books of an app. */
struct customer_app_data {
    struct customer_id customer_id;
    struct org_id org_id;
    struct app_id app_id; /* zero in a request: the oldest installed app of the type */
    enum app_type type;
    struct text_map labels; /* of custom invoicing; v1: metadata */
    text test_card;         /* of the sandbox; ptr NULL when there is none */
    instant created_at;
    instant updated_at;
    bool has_app;
    struct app app; /* view */
    text place; /* of a request: where it stands in v3's body; ptr NULL: an item of v1's array */
};

/* v3: all of a customer's data, by type of app. */
struct app_data_external {
    struct text_map labels;
};

struct app_data_sandbox {
    text test_card;
};

struct app_data_set {
    struct app_data_external external_invoicing;
    bool has_external_invoicing;
    bool has_sandbox;
    struct app_data_sandbox sandbox;
};

extern const struct fields app_listing_fields;
extern const struct fields app_fields;
extern const struct fields app_update_fields;
extern const struct fields app_install_v1_fields;
extern const struct fields app_install_v3_fields;
extern const struct fields app_install_key_fields;
extern const struct fields app_installed_fields;
extern const struct fields customer_app_data_fields;
extern const struct fields app_data_set_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* The listing of a type. Static. */
const struct app_listing *app_listing_of(enum app_type type);

/* Whether apps of the type can do this. */
bool app_can(enum app_type type, enum app_task task);

/* What comes of a payment with a test card: the sandbox's word for it ("paid", "failed",
 * "action_required", "uncollectible", "disputed"); TEXT_NONE for a number that is no test card.
 * Spaces and dashes in the number do not matter. */
text app_test_card_outcome(text number);

/* ---- flows --------------------------------------------------------------------------------- */

/* Installs an app, with a profile that uses it when asked for. */
NODISCARD enum err app_install(struct cx *cx, const struct app_install *input,
                               struct app_installed *ret);

/* An app, deleted or not. FAULT_APP_ABSENT. */
NODISCARD enum err app_get(struct cx *cx, struct app_id id, struct app *ret);

/* One page of the installed apps, oldest first: struct app. */
NODISCARD enum err app_list(struct cx *cx, struct page page, struct list *ret, int64_t *ret_total);

/* Changes name, description, labels and hooks. FAULT_APP_ABSENT, FAULT_APP_TYPE_OTHER,
 * FAULT_FIELDS_INVALID when a hook is missing. */
NODISCARD enum err app_update(struct cx *cx, struct app_id id, const struct app *input,
                              struct app *ret);

/* FAULT_APP_ABSENT, FAULT_APP_IN_USE. */
NODISCARD enum err app_uninstall(struct cx *cx, struct app_id id);

/* The customer's data in installed apps, those of one type unless `type` is FIELD_ENUM_NONE:
 * struct customer_app_data, oldest app first. FAULT_CUSTOMER_ABSENT. */
NODISCARD enum err app_data_list(struct cx *cx, text customer_id_or_key, int type,
                                 struct list *ret);

/* Sets the customer's data in each of the apps named: a list of struct customer_app_data, of which
 * app and type tell which app. FAULT_CUSTOMER_ABSENT, FAULT_CUSTOMER_DELETED, FAULT_FIELDS_INVALID
 * for apps that are not installed, other types and cards that are no test cards. */
NODISCARD enum err app_data_put(struct cx *cx, text customer_id_or_key, const struct list *items,
                                struct list *ret);

/* FAULT_CUSTOMER_ABSENT, FAULT_APP_DATA_ABSENT. */
NODISCARD enum err app_data_delete(struct cx *cx, text customer_id_or_key, struct app_id app);

/* The same as v3 has it: the first of each type. */
struct app_data_set app_data_set_of(const struct list *items);
struct list app_data_items_of(const struct app_data_set *set, text place, struct arena *arena);

#endif
