/* override.h: what a customer has of its own over a billing profile: the profile it is pinned to,
 * and settings. What holds for a customer is the profile's settings with the customer's over them.
 */
#ifndef BILL_OVERRIDE_H
#define BILL_OVERRIDE_H

#include "bill/profile.h"

struct override {
    struct customer_id customer_id;
    struct org_id org_id;
    struct profile_id profile_id; /* zero: the default profile, whichever that is */
    struct profile_settings workflow;
    bool has_workflow;
    instant created_at;
    instant updated_at;
};

/* What the customer is billed by, all merged. */
struct customer_profile {
    struct party supplier;
    struct profile_settings workflow;
    text apps_v1; /* JSON */
    struct profile_apps apps;
};

/* v1's answer. */
struct override_details {
    struct profile_id base_profile_id;
    struct override override;
    bool has_override;
    struct customer_profile profile;
    struct customer customer;
    bool has_customer; /* asked for */
};

/* v3: the customer's billing data. */
struct profile_reference {
    struct profile_id id;
};

struct customer_billing_effective {
    struct profile_reference billing_profile;
    struct profile_settings workflow;
};

struct customer_billing {
    struct profile_reference billing_profile; /* the customer is pinned to it */
    bool has_billing_profile;
    struct app_data_set app_data;
    bool has_app_data;
    struct profile_settings workflow; /* the customer's own */
    bool has_workflow;
    struct customer_billing_effective effective; /* what holds; read only */
};

extern const struct fields override_fields;
extern const struct fields override_body_fields;
extern const struct fields override_details_fields;
extern const struct fields customer_billing_fields;

enum override_sort {
    OVERRIDE_SORT_CUSTOMER_ID,
    OVERRIDE_SORT_CUSTOMER_NAME,
    OVERRIDE_SORT_CUSTOMER_KEY,
    OVERRIDE_SORT_CUSTOMER_EMAIL,
    OVERRIDE_SORT_CUSTOMER_CREATED_AT,
    OVERRIDE_SORT_COUNT
};

/* NULL-terminated, in the order of enum override_sort. */
extern const char *const override_sort_words[];

/* Texts with ptr NULL do not restrict. Contained texts fold ASCII case. */
struct override_query {
    struct text_list profiles;  /* ids: customers that are billed by one of them */
    struct text_list customers; /* ids */
    bool is_unpinned;           /* only those that are pinned to no profile */
    bool is_overridden;         /* only those with something of their own */
    text key_contains;
    text name_contains;
    text email_contains;
    bool expands_apps;
    bool expands_customer;
    enum override_sort sort;
    bool is_descending;
    struct page page;
    struct profile_id standing; /* the default profile; override_list fills it */
};

/* What holds for a customer, with an override or without. FAULT_CUSTOMER_ABSENT,
 * FAULT_CUSTOMER_DELETED. Of the query only the expansions count. */
NODISCARD enum err override_get(struct cx *cx, text customer_id, const struct override_query *query,
                                struct override_details *ret);

/* Replaces the customer's override. FAULT_CUSTOMER_ABSENT, FAULT_CUSTOMER_DELETED,
 * FAULT_PROFILE_ABSENT, FAULT_PROFILE_GONE, FAULT_FIELDS_INVALID. */
NODISCARD enum err override_put(struct cx *cx, text customer_id, const struct override *input,
                                enum dialect dialect, struct override_details *ret);

/* v3: the override and data in apps (app_data_put) in one transaction. */
NODISCARD enum err override_put_with_data(struct cx *cx, text customer_id,
                                          const struct override *input, const struct list *data,
                                          struct override_details *ret);

/* FAULT_CUSTOMER_ABSENT, FAULT_OVERRIDE_ABSENT. */
NODISCARD enum err override_delete(struct cx *cx, text customer_id);

/* One page: struct override_details. */
NODISCARD enum err override_list(struct cx *cx, const struct override_query *query,
                                 struct list *ret, int64_t *ret_total);

/* The profile that a customer is billed by (its pin, or the default), and the settings that hold,
 * in a transaction of the caller. ERR_ABSENT while the organization has no default profile. */
NODISCARD enum err override_effective(struct cx *cx, struct store_tx *tx,
                                      struct customer_id customer, struct profile *ret_profile,
                                      struct profile_settings *ret_settings);

#endif
