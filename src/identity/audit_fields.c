#include "identity/audit.h"

static const struct field audit_rows[] = {
    FIELD_ID(struct audit, id, .flags = FIELD_READ_ONLY),
    FIELD_ID(struct audit, org_id, .flags = FIELD_READ_ONLY | FIELD_NOT_JSON),
    FIELD(struct audit, created_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct audit, actor, TEXT, .flags = FIELD_READ_ONLY, .about = "Who made the change."),
    FIELD(struct audit, action, TEXT, .flags = FIELD_READ_ONLY,
          .about = "What was done, as type.verb."),
    FIELD(struct audit, entity_type, TEXT, .flags = FIELD_READ_ONLY),
    FIELD_ID(struct audit, entity_id, .flags = FIELD_READ_ONLY),
    FIELD(struct audit, request_id, TEXT, .flags = FIELD_READ_ONLY),
    FIELD(struct audit, detail, JSON, .flags = FIELD_READ_ONLY),
};

const struct fields audit_fields = FIELDS("AuditEntry", struct audit, audit_rows);
