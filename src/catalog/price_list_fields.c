/* price_list_fields.c: the tables of a price list, derived from those of the API.
 *
 * A row that a request of v3 has is a row of the list. Those that name something by its id are
 * replaced by ones that name it by its key; what is left out when empty stays left out.
 */
#include "base/limits.h"
#include "catalog/price_list.h"

#include <string.h>

const char *const price_list_section_words[] = { "tax_codes", "currencies", "features",
                                                 "addons",    "plans",      NULL };
static const char *const status_words[] = { "draft", "active", NULL };
static const char *const action_words[] = {
    "create", "update", "publish", "archive", "delete", NULL
};

_Static_assert(COUNT_OF(price_list_section_words) == SECTION_COUNT + 1, "one word per section");
_Static_assert(COUNT_OF(status_words) == LISTED_STATUS_COUNT + 1, "one word per status");
_Static_assert(COUNT_OF(action_words) == LISTED_ACTION_COUNT + 1, "one word per action");

/* ---- what is done -------------------------------------------------------------------------- */

static const struct field change_rows[] = {
    FIELD_WORD(struct listed_change, action, action_words, .flags = FIELD_REQUIRED),
    FIELD(struct listed_change, type, TEXT, .flags = FIELD_REQUIRED,
          .about =
              "tax_code, tax_rates, tax_defaults, currency, cost_basis, feature, addon or plan."),
    FIELD(struct listed_change, key, TEXT),
    FIELD(struct listed_change, version, INT, .items_min = 1, .items_max = INT64_MAX,
          .about = "Of plans and add-ons: the version that is made or ended."),
};
const struct fields listed_change_fields =
    FIELDS("CatalogChange", struct listed_change, change_rows);

/* ---- references by key --------------------------------------------------------------------- */

static const struct field key_rows[] = {
    FIELD(struct listed_key, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY),
};
static const struct fields key_fields = FIELDS("KeyReference", struct listed_key, key_rows);

static const struct field card_feature_rows[] = {
    FIELD(struct rate_card_feature, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY),
};
static const struct fields card_feature_fields =
    FIELDS("FeatureKey", struct rate_card_feature, card_feature_rows);

static const struct field tax_code_rows[] = {
    FIELD_AS(struct rate_card_tax, code_key, "key", TEXT, .flags = FIELD_REQUIRED,
             .form = FORM_KEY),
};
static const struct fields tax_code_fields_by_key =
    FIELDS("TaxCodeKey", struct rate_card_tax, tax_code_rows);

static const struct field meter_rows[] = {
    FIELD(struct listed_meter, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "The meter's key."),
    FIELD(struct listed_meter, filters, JSON,
          .about = "Conditions on the meter's dimensions, by name."),
};
static const struct fields meter_fields = FIELDS("FeatureMeter", struct listed_meter, meter_rows);

static const struct field defaults_rows[] = {
    FIELD_STRUCT(struct listed_defaults, invoicing_tax_code, &key_fields, .flags = FIELD_REQUIRED,
                 .about = "The tax code of what is invoiced."),
    FIELD_STRUCT(struct listed_defaults, credit_grant_tax_code, &key_fields,
                 .flags = FIELD_REQUIRED, .about = "The tax code of credits that are granted."),
};
static const struct fields defaults_fields =
    FIELDS("TaxDefaults", struct listed_defaults, defaults_rows);

/* ---- what replaces rows, or comes after them ----------------------------------------------- */

static const struct field card_own[] = {
    FIELD_STRUCT(struct rate_card, feature, &card_feature_fields,
                 .set_offset = offsetof(struct rate_card, has_feature)),
};

/* The reference is a struct of its own on the wire, and a member beside the others here. */
static const struct field tax_own[] = {
    {
        .name = "code",
        .kind = FIELD_OBJECT,
        .offset = 0,
        .sub = &tax_code_fields_by_key,
        .flags = FIELD_REQUIRED,
    },
};

static const struct field code_own[] = {
    FIELD(struct listed_tax_code, rates, LIST, .sub = &tax_rate_entry_fields,
          .items_max = LIMIT_TAX_RATES_MAX,
          .about = "The rates at which it is taxed, all of them; none: by no rate of its own."),
};

static const struct field currency_own[] = {
    FIELD(struct listed_currency, cost_bases, LIST, .sub = &cost_basis_fields,
          .about = "What a unit is worth: the rates that hold, and those to come. They are added, "
                   "never changed."),
};

static const struct field feature_own[] = {
    FIELD_STRUCT(struct listed_feature, meter, &meter_fields,
                 .set_offset = offsetof(struct listed_feature, has_meter),
                 .about = "The meter that measures the feature's usage."),
};

static const struct field link_own[] = {
    FIELD_STRUCT(struct listed_link, addon, &key_fields, .flags = FIELD_REQUIRED,
                 .about = "The add-on, whose active version it is."),
};

#define STATUS(type)                                                                               \
    FIELD_WORD(type, status, status_words, .fallback = LISTED_ACTIVE + 1,                          \
               .about = "What the entry is to be.")

static const struct field addon_own[] = { STATUS(struct listed_addon) };

/* The table of a plan's add-ons is derived, too: its place is filled in by derive. */
static const struct field plan_own[] = {
    STATUS(struct listed_plan),
    FIELD(struct listed_plan, effective_from, INSTANT,
          .about = "Of an active entry: when it becomes that; at once unless said."),
    FIELD(struct listed_plan, effective_to, INSTANT,
          .about = "Of an active entry: when it ends; never unless said."),
    FIELD(struct listed_plan, addons, LIST, .sub = &plan_addon_fields,
          .about = "What its subscribers can buy besides."),
};

struct derivation {
    const struct fields *from;
    const char *name; /* NULL: the same */
    size_t size;      /* 0: the same */
    const struct field *own;
    size_t own_count;
};

static const struct derivation derivations[] = {
    { &rate_card_fields, NULL, 0, card_own, COUNT_OF(card_own) },
    { &rate_card_tax_v3_fields, NULL, 0, tax_own, COUNT_OF(tax_own) },
    { &tax_code_fields, "TaxCode", sizeof(struct listed_tax_code), code_own, COUNT_OF(code_own) },
    { &billing_currency_fields, "CustomCurrency", sizeof(struct listed_currency), currency_own,
      COUNT_OF(currency_own) },
    { &cost_basis_fields, "CostBasis", 0, NULL, 0 },
    { &feature_fields, NULL, sizeof(struct listed_feature), feature_own, COUNT_OF(feature_own) },
    { &plan_addon_fields, NULL, sizeof(struct listed_link), link_own, COUNT_OF(link_own) },
    { &addon_fields, NULL, sizeof(struct listed_addon), addon_own, COUNT_OF(addon_own) },
    { &plan_fields, NULL, sizeof(struct listed_plan), plan_own, COUNT_OF(plan_own) },
};

static const struct derivation *derivation_of(const struct fields *table)
{
    for (size_t i = 0; i < COUNT_OF(derivations); i++)
        if (derivations[i].from == table)
            return &derivations[i];
    return NULL;
}

static const struct field *own_find(const struct derivation *d, const char *name)
{
    for (size_t i = 0; d && i < d->own_count; i++)
        if (strcmp(d->own[i].name, name) == 0)
            return &d->own[i];
    return NULL;
}

/* How deep tables stand in one another: plan, phase, card, price, tier, tier price. */
#define DEPTH_MAX 8

struct deriving {
    struct arena *arena;
    bool is_lenient;
};

static const struct fields *derive(const struct deriving *how, const struct fields *from,
                                   int depth);

/* The row as a price list has it. */
static struct field row_of(const struct deriving *how, const struct field *row, int depth)
{
    struct field made = *row;

    made.flags &= ~(unsigned)FIELD_WRITE_ONLY;
    if (!(made.flags & FIELD_REQUIRED))
        made.flags &= ~(unsigned)FIELD_ALWAYS;
    if (made.kind == FIELD_DEC && how->is_lenient)
        made.flags |= FIELD_NUMBER;
    if (made.sub)
        made.sub = derive(how, made.sub, depth + 1);
    return made;
}

/* A row that a list does not have: it stays, so that reading sets its member to absent. */
static struct field row_hidden(const struct field *row)
{
    struct field made = *row;

    made.flags |= FIELD_NOT_JSON;
    return made;
}

/* Rows behind the table's that replace none of it. */
static size_t rows_add(const struct deriving *how, const struct derivation *d, int depth,
                       struct fields *made, struct field *rows)
{
    size_t count = made->count;

    for (size_t i = 0; i < d->own_count; i++) {
        bool is_there = false;

        for (size_t k = 0; k < made->count; k++)
            is_there |= strcmp(rows[k].name, d->own[i].name) == 0 &&
                        (rows[k].flags & FIELD_NOT_JSON) == 0;
        if (!is_there)
            rows[count++] = row_of(how, &d->own[i], depth);
    }
    return count;
}

static const struct fields *derive(const struct deriving *how, const struct fields *from, int depth)
{
    const unsigned left_out = FIELD_READ_ONLY | FIELD_NOT_JSON | FIELD_NOT_V3;
    const struct derivation *d = derivation_of(from);
    size_t room = from->count + (d ? d->own_count : 0);
    struct field *rows = ARENA_ARRAY(how->arena, struct field, room);
    struct fields *made = ARENA_NEW(how->arena, struct fields);

    CHECK(depth < DEPTH_MAX);
    for (size_t i = 0; i < from->count; i++) {
        const struct field *row = &from->rows[i];
        const struct field *own = own_find(d, row->name);

        rows[i] = row->flags & left_out ? row_hidden(row) : row_of(how, own ? own : row, depth);
    }
    *made = (struct fields){
        .name = d && d->name ? d->name : from->name,
        .size = d && d->size > 0 ? d->size : from->size,
        .rows = rows,
        .count = from->count,
    };
    if (d)
        made->count = rows_add(how, d, depth, made, rows);
    return made;
}

struct price_list_tables price_list_tables(bool is_lenient, struct arena *arena)
{
    const struct deriving how = { arena, is_lenient };

    CHECK(arena != NULL);
    return (struct price_list_tables){
        .sections = { [SECTION_TAX_CODES] = derive(&how, &tax_code_fields, 0),
                      [SECTION_CURRENCIES] = derive(&how, &billing_currency_fields, 0),
                      [SECTION_FEATURES] = derive(&how, &feature_fields, 0),
                      [SECTION_ADDONS] = derive(&how, &addon_fields, 0),
                      [SECTION_PLANS] = derive(&how, &plan_fields, 0) },
        .defaults = &defaults_fields,
    };
}
