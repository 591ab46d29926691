/* token.h: API tokens: the secrets that programs and people call with.
 *
 * A secret is "kpat_" (personal) or "spat_" (system), 43 random characters of base 62 (256 bits),
 * and six characters of checksum, so that a mistyped or cut one is told without a look into the
 * store. It is shown once, when it is made; the store keeps its SHA-256, which is enough for
 * secrets that cannot be guessed.
 *
 * A revoked token stops working at once in the process that revoked it, and within
 * TOKEN_CACHE_SECONDS in any other.
 */
#ifndef IDENTITY_TOKEN_H
#define IDENTITY_TOKEN_H

#include "codec/page.h"
#include "identity/cx.h"

#define TOKEN_CACHE_SECONDS 10

ID_TYPE(token);

enum token_kind { TOKEN_PERSONAL, TOKEN_SYSTEM, TOKEN_KIND_COUNT };

/* NULL-terminated, in the order of enum token_kind: "personal", "system". */
extern const char *const token_kind_words[];

struct token {
    struct token_id id;
    struct org_id org_id;
    enum token_kind kind;
    text name;
    enum role role;
    text hash; /* SHA-256 of the secret, in hexadecimal; never printed */
    text hint; /* its last characters, to tell tokens apart */
    instant created_at;
    instant expires_at; /* INSTANT_NONE: never */
    instant revoked_at; /* INSTANT_NONE: not revoked */
    text secret;        /* only in what token_create returns */
};

/* What a new token is made from. */
struct token_request {
    enum token_kind kind;
    text name;
    enum role role;
    instant expires_at;
};

extern const struct fields token_fields;
extern const struct fields token_request_fields;

/* token.c: pure */

/* A new secret, in the arena. */
text token_secret_make(struct random *random, enum token_kind kind, struct arena *arena);

/* Whether `t` has a secret's form and its checksum is right. */
bool token_secret_is_whole(text t);

/* Whether the token may be used at `now`. */
bool token_is_live(const struct token *token, instant now);

/* Whether a token may be made from the request at `now`. */
enum fault token_request_check(const struct token_request *request, instant now);

/* token_flow.c */

/* Makes a token; `ret->secret` is the one chance to see the secret. */
NODISCARD enum err token_create(struct cx *cx, const struct token_request *request,
                                struct token *ret);

/* Ends a token. Refuses one that is not there; one revoked before stays as it was. */
NODISCARD enum err token_revoke(struct cx *cx, struct token_id id);

/* One page of the organization's tokens in the order of their making, revoked ones too, as a list
 * of struct token; `ret_total` gets how many there are on all pages. */
NODISCARD enum err token_list(struct cx *cx, struct page page, struct list *ret,
                              int64_t *ret_total);

/* Who calls with this secret. Refuses (TOKEN_UNKNOWN, without saying why) one that is unknown,
 * expired or revoked. Needs the context's arena, store, clock and problem only: its organization
 * and role are what the caller sets from the result. Without a store, only tokens in the cache are
 * known: ERR_BUSY when the store would have to be asked. */
NODISCARD enum err token_verify(struct cx *cx, text secret, struct token *ret);

/* token_cache.c: tokens verified lately, so that a request need not wait for the store. One per
 * process, shared by all threads (it locks). */
struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *cache);

#endif
