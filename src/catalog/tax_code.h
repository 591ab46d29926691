/* tax_code.h: tax codes: what kind of thing is sold, in the words of each app that reckons taxes.
 *
 * A tax code has one code for each type of app. An organization has two defaults: one for what is
 * invoiced, one for credits that are granted. Both are made when tax codes are first touched, under
 * the keys "default" and "nontaxable"; a tax code that is a default cannot be deleted.
 *
 * Not here: reckoning taxes.
 */
#ifndef CATALOG_TAX_CODE_H
#define CATALOG_TAX_CODE_H

#include "codec/page.h"
#include "identity/cx.h"

ID_TYPE(tax_code);

enum tax_app { TAX_APP_SANDBOX, TAX_APP_STRIPE, TAX_APP_EXTERNAL_INVOICING, TAX_APP_COUNT };

/* NULL-terminated, in the order of enum tax_app. */
extern const char *const tax_app_words[];

struct tax_mapping {
    enum tax_app app_type;
    text tax_code;
};

struct tax_code {
    struct tax_code_id id;
    struct org_id org_id;
    text key;
    text name;
    text description;
    struct text_map labels;
    struct list app_mappings; /* of struct tax_mapping */
    instant created_at;
    instant updated_at;
    instant deleted_at;
};

struct tax_code_reference {
    struct tax_code_id id;
};

/* What an organization uses when nothing else is said. */
struct tax_defaults {
    struct org_id org_id;
    struct tax_code_id invoicing_id;
    struct tax_code_id credit_grant_id;
    instant created_at;
    instant updated_at;

    struct tax_code_reference invoicing_tax_code; /* views from here */
    struct tax_code_reference credit_grant_tax_code;
    bool has_invoicing_tax_code; /* of a request */
    bool has_credit_grant_tax_code;
};

/* Each the create request, response and row; the update requests read into the same structs. */
extern const struct fields tax_code_fields;
extern const struct fields tax_code_update_fields;
extern const struct fields tax_defaults_fields;
extern const struct fields tax_defaults_update_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* Whether an app can have this code: Stripe's are "txcd_" and eight digits, others any text of 1 to
 * 64 bytes. */
bool tax_mapping_is_valid(enum tax_app app, text code);

/* Checks mappings: each code valid, each type of app once. Adds every fault to `problem`; returns
 * whether there was none. */
NODISCARD bool tax_mappings_check(const struct list *mappings, struct problem *problem);

/* ---- flows --------------------------------------------------------------------------------- */

/* Refuses with FIELDS_INVALID or TAX_CODE_KEY_TAKEN. */
NODISCARD enum err tax_code_create(struct cx *cx, const struct tax_code *input,
                                   struct tax_code *ret);

/* The tax code with this id; deleted ones too (deleted_at is set). Refuses with TAX_CODE_ABSENT. */
NODISCARD enum err tax_code_get(struct cx *cx, struct tax_code_id id, struct tax_code *ret);

/* One page, oldest first: a list of struct tax_code. `ret_total` counts all pages. */
NODISCARD enum err tax_code_list(struct cx *cx, bool include_deleted, struct page page,
                                 struct list *ret, int64_t *ret_total);

/* Replaces all but the key. Refuses with TAX_CODE_ABSENT, TAX_CODE_DELETED or FIELDS_INVALID. */
NODISCARD enum err tax_code_update(struct cx *cx, struct tax_code_id id,
                                   const struct tax_code *input, struct tax_code *ret);

/* Deletes (softly). Refuses with TAX_CODE_ABSENT, TAX_CODE_IS_DEFAULT, or TAX_CODE_IN_USE while a
 * rate card of a plan or an add-on that is not deleted names it. */
NODISCARD enum err tax_code_delete(struct cx *cx, struct tax_code_id id);

/* The defaults, made when there are none yet. */
NODISCARD enum err tax_defaults_read(struct cx *cx, struct tax_defaults *ret);

/* Changes the defaults that the input names. Refuses with FIELDS_INVALID when a tax code is not
 * there or deleted. */
NODISCARD enum err tax_defaults_write(struct cx *cx, const struct tax_defaults *input,
                                      struct tax_defaults *ret);

#endif
