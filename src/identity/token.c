#include "identity/token.h"

#include <zlib.h>

#define PREFIX_LENGTH   5
#define RANDOM_LENGTH   43 /* 43 digits of base 62 hold 256 bits */
#define CHECKSUM_LENGTH 6
#define SECRET_LENGTH   (PREFIX_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH)

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static const char *const prefixes[TOKEN_KIND_COUNT] = { "kpat_", "spat_" };

/* CRC-32 of what stands before it, in base 62. */
static void checksum_print(const char *secret, char ret[CHECKSUM_LENGTH])
{
    uLong sum = crc32(0, (const Bytef *)secret, PREFIX_LENGTH + RANDOM_LENGTH);
    for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
        ret[i] = digits[sum % 62];
        sum /= 62;
    }
    CHECK(sum == 0);
}

text token_secret_make(struct random *random, enum token_kind kind, struct arena *arena)
{
    char *secret = arena_alloc(arena, SECRET_LENGTH);
    CHECK(random != NULL && (unsigned)kind < TOKEN_KIND_COUNT);
    memcpy(secret, prefixes[kind], PREFIX_LENGTH);
    for (size_t i = 0; i < RANDOM_LENGTH; i++)
        secret[PREFIX_LENGTH + i] = digits[random_below(random, 62)];
    checksum_print(secret, secret + PREFIX_LENGTH + RANDOM_LENGTH);
    return (text){ secret, SECRET_LENGTH };
}

bool token_secret_is_whole(text t)
{
    char checksum[CHECKSUM_LENGTH];
    bool is_known = false;
    if (t.len != SECRET_LENGTH)
        return false;
    for (size_t kind = 0; kind < TOKEN_KIND_COUNT; kind++)
        is_known |= text_starts_with(t, text_of(prefixes[kind]));
    checksum_print(t.ptr, checksum);
    return is_known && memcmp(checksum, t.ptr + t.len - CHECKSUM_LENGTH, CHECKSUM_LENGTH) == 0;
}

bool token_is_live(const struct token *token, instant now)
{
    CHECK(token != NULL && !instant_is_none(now));
    if (!instant_is_none(token->revoked_at))
        return false;
    return instant_is_none(token->expires_at) || instant_before(now, token->expires_at);
}

enum fault token_request_check(const struct token_request *request, instant now)
{
    CHECK(request != NULL && (unsigned)request->role < ROLE_COUNT);
    CHECK(!text_is_empty(request->name) && !instant_is_none(now));
    if (!instant_is_none(request->expires_at) && !instant_before(now, request->expires_at))
        return FAULT_TOKEN_EXPIRY_PAST;
    return FAULT_NONE;
}
