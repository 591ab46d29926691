#include "identity/token.h"

const char *const token_kind_words[] = { "personal", "system", NULL };

static const struct field token_rows[] = {
    FIELD_ID(struct token, id, .flags = FIELD_READ_ONLY),
    FIELD_ID(struct token, org_id, .flags = FIELD_READ_ONLY | FIELD_NOT_JSON),
    FIELD_WORD(struct token, kind, token_kind_words, .flags = FIELD_READ_ONLY),
    FIELD(struct token, name, TEXT, .flags = FIELD_READ_ONLY),
    FIELD_WORD(struct token, role, role_words, .flags = FIELD_READ_ONLY),
    FIELD(struct token, hash, TEXT, .flags = FIELD_READ_ONLY | FIELD_NOT_JSON),
    FIELD(struct token, hint, TEXT, .flags = FIELD_READ_ONLY,
          .about = "The last characters of the secret."),
    FIELD(struct token, created_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct token, expires_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct token, revoked_at, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct token, secret, TEXT, .flags = FIELD_READ_ONLY | FIELD_NOT_COLUMN,
          .about = "What to send as the bearer token. Shown once, in the answer to its creation."),
};

const struct fields token_fields = FIELDS("Token", struct token, token_rows);

static const struct field request_rows[] = {
    FIELD_WORD(struct token_request, kind, token_kind_words, .fallback = TOKEN_PERSONAL + 1,
               .about = "Whether a person calls with it or a system."),
    FIELD(struct token_request, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,
          .about = "Who calls with it; stands in the audit log."),
    FIELD_WORD(struct token_request, role, role_words, .flags = FIELD_REQUIRED,
               .about = "What it may do."),
    FIELD(struct token_request, expires_at, INSTANT,
          .about = "When it stops working; never when absent."),
};

const struct fields token_request_fields =
    FIELDS("CreateTokenRequest", struct token_request, request_rows);
