/* subject_fields.c: the field tables of subjects. */
#include "base/limits.h"
#include "customer/subject.h"

/* What a client says. */
#define ROWS_COMMON                                                                                \
    FIELD(struct subject, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY,              \
          .about = "The subject as it stands on events."),                                         \
        FIELD(struct subject, display_name, TEXT, .about = "A name to show."),                     \
        FIELD(struct subject, metadata, JSON, .about = "An object of the client's own."),          \
        FIELD(struct subject, stripe_customer_id, TEXT,                                            \
              .about = "The customer's id at Stripe; kept, not used."),                            \
        FIELD(struct subject, current_period_start, INSTANT, .about = "Kept, not used."),          \
        FIELD(struct subject, current_period_end, INSTANT, .about = "Kept, not used.")

static const struct field subject_rows[] = {
    FIELD_ID(struct subject, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct subject, org_id, .flags = FIELD_NOT_JSON),
    ROWS_COMMON,
    FIELD(struct subject, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct subject, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct subject, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
};
const struct fields subject_fields = FIELDS("Subject", struct subject, subject_rows);

static const struct field upsert_rows[] = { ROWS_COMMON };
const struct fields subject_upsert_fields = FIELDS("SubjectUpsert", struct subject, upsert_rows);

static bool holds(const struct json *item, const char *key)
{
    return json_member(item, text_of(key)) != NULL;
}

bool subject_upsert_read(const struct json *item, struct problem *problem,
                         struct subject_upsert *ret)
{
    CHECK(item != NULL && problem != NULL && ret != NULL);
    size_t before = problem->field_count;
    *ret = (struct subject_upsert){ 0 };
    if (!fields_read(&subject_upsert_fields, DIALECT_V1, item, problem, &ret->body))
        return false;
    const struct json *metadata = json_member(item, TEXT("metadata"));
    ret->has_display_name = holds(item, "displayName");
    ret->has_metadata = metadata != NULL;
    ret->has_stripe_customer_id = holds(item, "stripeCustomerId");
    ret->has_current_period_start = holds(item, "currentPeriodStart");
    ret->has_current_period_end = holds(item, "currentPeriodEnd");
    bool is_other = metadata != NULL && metadata->kind != JSON_NULL &&
                    metadata->kind != JSON_OBJECT;
    if (is_other)
        problem_add_member(problem, TEXT("metadata"), "is_object", TEXT("must be an object"));
    if (ret->body.key.len > LIMIT_SUBJECT_MAX)
        problem_add_member(problem, TEXT("key"), "max_length",
                           TEXT("must not be longer than events allow"));
    return problem->field_count == before;
}
