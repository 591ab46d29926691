/* test_token.c: the pure part: roles, lives, and what a secret looks like. */
#include "identity/token.h"

#include "lib/table.h"
#include "lib/tap.h"

#define NOW ((instant){ 1767225600 * NS_PER_SECOND })

static const char *const right_words[] = { "none", "read", "write", "ingest", NULL };

static void test_rights(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/identity/right.vec", 3);
    int rows = 0;
    while (table_next(&t)) {
        int role = words_find(role_words, t.cells[0]);
        int right = words_find(right_words, t.cells[1]);
        bool want = text_equal(t.cells[2], TEXT("yes"));
        MUST(role >= 0 && right >= 0);
        OK(role_allows((enum role)role, (enum right)right) == want, "%.*s %.*s: %.*s",
           TEXT_ARG(t.cells[0]), TEXT_ARG(t.cells[1]), TEXT_ARG(t.cells[2]));
        rows++;
    }
    table_close(&t);
    OK(rows == ROLE_COUNT * RIGHT_COUNT, "each pair of role and right is in the table");
}

static instant cell_instant(text cell)
{
    instant t = INSTANT_NONE;
    MUST(text_equal(cell, TEXT("-")) || instant_parse(cell, &t));
    return t;
}

static void test_lives(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/identity/live.vec", 4);
    while (table_next(&t)) {
        struct token token = { .expires_at = cell_instant(t.cells[0]),
                               .revoked_at = cell_instant(t.cells[1]) };
        struct token_request request = { .name = TEXT("n"), .expires_at = token.expires_at };
        bool is_live = text_equal(t.cells[2], TEXT("yes"));
        enum fault fault = text_equal(t.cells[3], TEXT("yes")) ? FAULT_NONE
                                                               : FAULT_TOKEN_EXPIRY_PAST;
        OK(token_is_live(&token, NOW) == is_live, "expires %.*s, revoked %.*s: live %.*s",
           TEXT_ARG(t.cells[0]), TEXT_ARG(t.cells[1]), TEXT_ARG(t.cells[2]));
        OK(token_request_check(&request, NOW) == fault, "expires %.*s: may be made %.*s",
           TEXT_ARG(t.cells[0]), TEXT_ARG(t.cells[3]));
    }
    table_close(&t);
}

static void test_secrets(struct arena *arena)
{
    struct random random = random_seeded(3);
    text personal = token_secret_make(&random, TOKEN_PERSONAL, arena);
    text system = token_secret_make(&random, TOKEN_SYSTEM, arena);
    int unnoticed = 0;
    OK(text_starts_with(personal, TEXT("kpat_")), "a personal secret starts with kpat_");
    OK(text_starts_with(system, TEXT("spat_")), "a system's with spat_");
    OK(personal.len == 54 && system.len == 54, "both have 43 random characters and a checksum");
    OK(!text_equal(text_slice(personal, 5, 99), text_slice(system, 5, 99)), "no two are the same");
    OK(token_secret_is_whole(personal) && token_secret_is_whole(system), "both are whole");
    for (size_t i = 0; i < personal.len; i++) {
        text broken = text_copy(arena, personal);
        char *at = (char *)(uintptr_t)broken.ptr + i;
        *at = *at == 'x' ? 'y' : 'x';
        unnoticed += token_secret_is_whole(broken);
    }
    OK(unnoticed == 0, "a change of any one character is noticed");
    for (size_t length = 0; length < personal.len; length++)
        unnoticed += token_secret_is_whole(text_slice(personal, 0, length));
    OK(unnoticed == 0, "and so is a cut at any length");
    OK(!token_secret_is_whole(TEXT_NONE), "nothing is no secret");
    OK(!token_secret_is_whole(text_format(arena, "%.*sx", TEXT_ARG(personal))), "nor more of it");
}

int main(void)
{
    struct arena *arena = arena_new();
    test_rights(arena);
    test_lives(arena);
    test_secrets(arena);
    arena_free(arena);
    return tap_end();
}
