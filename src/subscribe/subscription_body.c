/* subscription_body.c: what requests hold, settled. Pure. */
#include "subscribe/subscription_body.h"

#include "catalog/plan_card_input.h"

/* Where an edit stands in the request. */
struct edit_place {
    struct problem *problem;
    enum dialect dialect;
    text place;
};

static void name_fault(const struct edit_place *place, text member, const char *rule,
                       const char *reason)
{
    text field = text_format(place->problem->arena, "%.*s%s%.*s", TEXT_ARG(place->place),
                             text_is_empty(place->place) ? "" : ".", TEXT_ARG(member));
    problem_add_member(place->problem, field, rule, text_of(reason));
}

static text member_name(const struct edit_place *place, const char *name, const char *name_v1)
{
    return text_of(place->dialect == DIALECT_V1 ? name_v1 : name);
}

static bool need(const struct edit_place *place, bool is_there, const char *name,
                 const char *name_v1)
{
    if (!is_there)
        name_fault(place, member_name(place, name, name_v1), "required", "is a required field");
    return is_there;
}

/* A duration with a sign before it or before its first part: -P1D, P-1D. */
static bool extension_settle(struct subscription_edit *edit, struct arena *arena)
{
    text t = edit->extend_by;
    edit->is_shorter = false;
    if (text_starts_with(t, TEXT("-P"))) {
        edit->is_shorter = true;
        t = text_slice(t, 1, t.len);
    } else if (text_starts_with(t, TEXT("P-"))) {
        edit->is_shorter = true;
        t = text_format(arena, "P%.*s", (int)(t.len - 2), t.ptr + 2);
    }
    return span_parse(t, &edit->extension);
}

static bool stretch_settle(const struct edit_place *place, struct subscription_edit *edit)
{
    if (!need(place, !text_is_empty(edit->extend_by), "extend_by", "extendBy"))
        return false;
    if (extension_settle(edit, place->problem->arena))
        return true;
    name_fault(place, member_name(place, "extend_by", "extendBy"), "invalid",
               "must be an ISO 8601 duration");
    return false;
}

static bool card_settle(const struct edit_place *place, struct subscription_edit *edit)
{
    if (!need(place, edit->has_rate_card, "rate_card", "rateCard"))
        return false;
    text at = text_format(place->problem->arena, "%.*s.%.*s", TEXT_ARG(place->place),
                          TEXT_ARG(member_name(place, "rate_card", "rateCard")));
    return rate_card_settle(&edit->rate_card, place->dialect, at, place->problem);
}

static bool edit_settle(const struct edit_place *place, struct subscription_edit *edit)
{
    bool has_phase_key = !text_is_empty(edit->phase_key);
    switch (edit->op) {
    case EDIT_ADD_ITEM:
        has_phase_key = need(place, has_phase_key, "phase_key", "phaseKey");
        return card_settle(place, edit) && has_phase_key;
    case EDIT_REMOVE_ITEM:
        has_phase_key = need(place, has_phase_key, "phase_key", "phaseKey");
        return need(place, !text_is_empty(edit->item_key), "item_key", "itemKey") && has_phase_key;
    case EDIT_ADD_PHASE:
        return need(place, edit->has_phase, "phase", "phase");
    case EDIT_REMOVE_PHASE:
        has_phase_key = need(place, has_phase_key, "phase_key", "phaseKey");
        return need(place, edit->shift != FIELD_ENUM_NONE, "shift", "shift") && has_phase_key;
    case EDIT_STRETCH_PHASE:
        has_phase_key = need(place, has_phase_key, "phase_key", "phaseKey");
        return stretch_settle(place, edit) && has_phase_key;
    case EDIT_UNSCHEDULE:
        return true;
    case EDIT_OP_COUNT:
        break;
    }
    UNREACHABLE();
}

bool subscription_edits_settle(struct list *edits, enum dialect dialect, struct problem *problem)
{
    CHECK(edits != NULL && problem != NULL);
    struct subscription_edit *items = edits->items;
    bool is_settled = true;
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit_place place = { problem, dialect,
                                          text_format(problem->arena, "customizations[%zu]", i) };
        is_settled &= edit_settle(&place, &items[i]);
    }
    return is_settled;
}

bool subscription_body_settle(struct subscription_body *body, enum dialect dialect,
                              struct problem *problem)
{
    CHECK(body != NULL && problem != NULL);
    const struct edit_place whole = { problem, dialect, TEXT("") };
    bool is_settled = need(&whole, body->has_plan || body->has_custom_plan, "plan", "plan");
    if (body->has_plan && body->has_custom_plan) {
        name_fault(&whole, member_name(&whole, "custom_plan", "customPlan"), "invalid",
                   "is in place of a plan: give one of the two");
        is_settled = false;
    }
    body->dialect = dialect;
    return subscription_edits_settle(&body->customizations, dialect, problem) && is_settled;
}
