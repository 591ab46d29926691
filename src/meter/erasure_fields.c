#include "meter/erasure.h"

#include "base/limits.h"

static const struct field retention_rows[] = {
    FIELD(struct retention, usage_retention, SPAN, .flags = FIELD_REQUIRED | FIELD_NOT_ZERO,
          .about = "How long events are kept, as an ISO 8601 duration; at least 93 days."),
    FIELD(struct retention, keeps_from, INSTANT, .flags = FIELD_READ_ONLY,
          .about = "Events before it may be gone."),
};
const struct fields retention_fields = FIELDS("UsageRetention", struct retention, retention_rows);

static const struct field request_rows[] = {
    FIELD(struct erasure_request, subjects, TEXT_LIST, .flags = FIELD_REQUIRED, .items_min = 1,
          .items_max = LIMIT_FILTER_VALUES_MAX, .form = FORM_NON_EMPTY,
          .about = "The subjects whose events are to be erased."),
};
const struct fields erasure_request_fields =
    FIELDS("ErasureRequest", struct erasure_request, request_rows);

static const struct field erasure_rows[] = {
    FIELD_ID(struct erasure, id, .flags = FIELD_READ_ONLY),
    FIELD_ID(struct erasure, org_id, .flags = FIELD_READ_ONLY | FIELD_NOT_JSON),
    FIELD(struct erasure, created_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct erasure, actor, TEXT, .flags = FIELD_READ_ONLY, .about = "Who asked for it."),
    FIELD(struct erasure, subject_digests, TEXT_LIST, .flags = FIELD_READ_ONLY | FIELD_ALWAYS,
          .about = "BLAKE2b-256 of the organization's id and the subject, in hex."),
    FIELD(struct erasure, events, INT, .flags = FIELD_READ_ONLY, .about = "How many were erased."),
    FIELD(struct erasure, segments, INT, .flags = FIELD_READ_ONLY,
          .about = "How many files were rewritten without them."),
    FIELD(struct erasure, events_left, INT, .flags = FIELD_READ_ONLY,
          .about = "Events of the subjects found afterwards: what arrived meanwhile."),
};
const struct fields erasure_fields = FIELDS("Erasure", struct erasure, erasure_rows);
