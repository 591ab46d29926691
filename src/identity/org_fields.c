#include "identity/org.h"

static const struct field org_rows[] = {
    FIELD_ID(struct org, id, .flags = FIELD_READ_ONLY),
    FIELD(struct org, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,
          .about = "Display name."),
    FIELD(struct org, is_default, BOOL, .flags = FIELD_READ_ONLY,
          .about = "Whether requests without a token act for it."),
    FIELD(struct org, created_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct org, usage_retention, SPAN, .flags = FIELD_REQUIRED | FIELD_NOT_ZERO,
          .about = "How long events are kept, as an ISO 8601 duration."),
    FIELD(struct org, outbox_retention, SPAN, .flags = FIELD_REQUIRED | FIELD_NOT_ZERO,
          .about = "How long the outbox is kept, as an ISO 8601 duration."),
};

const struct fields org_fields = FIELDS("Organization", struct org, org_rows);
