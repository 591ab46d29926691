/* plan_issue.h: what is wrong with something of the catalog, by the wire contract's error codes.
 *
 * Rules walk through a plan (or through what else holds rate cards) and add an issue for each thing
 * that is wrong, with its place. A critical one refuses the request; the others are stored with the
 * draft and refuse its publication.
 */
#ifndef CATALOG_PLAN_ISSUE_H
#define CATALOG_PLAN_ISSUE_H

#include "base/text.h"
#include "codec/fields.h"

struct plan_issue {
    text code;
    text message;
    text field;    /* JSONPath in v3 names */
    text field_v1; /* the same in v1 names */
    bool is_critical;
    struct text_map attributes; /* where it is, by keys: {"phase": "trial", "rate_card": "calls"} */
};

extern const struct fields plan_issue_fields;

/* The keys that a place in v3 names, by what has them: of
 * "$.phases[?(@.key=='trial')].rate_cards[?(@.key=='calls')].price" those above. */
struct text_map plan_issue_attributes(text field, struct arena *arena);

enum plan_rule {
    RULE_CURRENCY_INVALID,
    RULE_CURRENCY_ABSENT,
    RULE_BILLING_CADENCE,
    RULE_UNALIGNED_SUBSCRIPTION,
    RULE_NO_PHASES,
    RULE_PHASE_DUPLICATED,
    RULE_PHASE_NEEDS_DURATION,
    RULE_LAST_PHASE_HAS_DURATION,
    RULE_PHASE_TOO_SHORT,
    RULE_PHASE_EMPTY,
    RULE_CARD_DUPLICATED,
    RULE_CARD_KEY,
    RULE_FEATURE_ABSENT,
    RULE_FEATURE_ARCHIVED,
    RULE_FEATURE_MISMATCH,
    RULE_USAGE_WITHOUT_FEATURE,
    RULE_USAGE_WITHOUT_METER,
    RULE_CARD_CADENCE,
    RULE_CARD_UNALIGNED,
    RULE_PERCENTAGE,
    RULE_FREE_UNITS_NEGATIVE,
    RULE_FREE_UNITS_OF_FEE,
    RULE_UNIT_CONFIG_OF_FEE,
    RULE_CARD_CURRENCY_ON_CUSTOM,
    RULE_CARD_CURRENCY_REDUNDANT,
    RULE_CARD_CURRENCY_FREE,
    RULE_FIAT_CURRENCIES,
    RULE_COST_BASIS_ABSENT,
    RULE_TAX_CODE_ABSENT,
    RULE_ENTITLEMENT_WITHOUT_FEATURE,
    RULE_ENTITLEMENT_PRIORITY,
    RULE_ENTITLEMENT_LIMIT,
    RULE_ENTITLEMENT_NO_PERIOD,
    RULE_ENTITLEMENT_PERIOD,
    RULE_ENTITLEMENT_CONFIG,
    RULE_V1_CURRENCY, /* what v1 has no words for, from here */
    RULE_V1_CARD_CURRENCY,
    RULE_V1_UNIT_CONFIG,
    PLAN_RULE_COUNT
};

/* Issues found so far; start with an arena and zeros. */
struct plan_issues {
    struct arena *arena;
    struct plan_issue *items;
    size_t count;
    size_t room;
};

/* Where a walk stands: "$.phases[?(@.key=='p')].rate_cards[?(@.key=='c')]", in both dialects. */
struct issue_place {
    text v3;
    text v1;
};

/* The whole: "$". */
struct issue_place issue_root(void);

/* The item of a list with this key. */
struct issue_place issue_item(const struct issue_place *in, const char *list, const char *list_v1,
                              text key, struct arena *arena);

/* Adds an issue at a member of the place, under its names in v3 and v1; "" for the place itself. */
void issue_add(struct plan_issues *issues, const struct issue_place *place, enum plan_rule rule,
               const char *member, const char *member_v1);

#endif
