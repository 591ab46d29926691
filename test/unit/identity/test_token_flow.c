/* test_token_flow.c: tokens made, used, listed and revoked against a store; what the audit book
 * says; and that the cache never outlives a revocation. */
#include <pthread.h>
#include <sqlite3.h>

#include "identity/audit.h"
#include "lib/fixture.h"
#include "lib/tap.h"

#define START "2026-01-01T00:00:00Z"

static const struct page first_page = { .number = 1, .size = 10 };

static struct token token_make(struct fixture *f, const char *name, const char *expires)
{
    struct token_request request = { .kind = TOKEN_SYSTEM,
                                     .name = text_of(name),
                                     .role = ROLE_INGEST,
                                     .expires_at = expires ? fixture_instant(expires)
                                                           : INSTANT_NONE };
    struct token token;
    MUST(token_create(&f->cx, &request, &token) == OK);
    return token;
}

static enum fault verify_fault(struct fixture *f, text secret)
{
    struct token token;
    enum err err;
    fixture_forget(f);
    err = token_verify(&f->cx, secret, &token);
    MUST(err == OK || err == ERR_REFUSED);
    return err == OK ? FAULT_NONE : fixture_fault(f);
}

static void test_create(struct fixture *f)
{
    struct token made = token_make(f, "Billing agent", "2026-12-31T00:00:00Z");
    struct token found;
    OK(token_verify(&f->cx, made.secret, &found) == OK, "the secret opens");
    OK(ulid_equal(found.id.ulid, made.id.ulid) && ulid_equal(found.org_id.ulid, f->cx.org.ulid),
       "and tells whose it is");
    IS_TEXT(found.name, "Billing agent", "by name");
    OK(found.role == ROLE_INGEST && found.kind == TOKEN_SYSTEM, "role and kind");
    OK(!found.secret.ptr, "the secret is not given again");
    OK(text_ends_with(made.secret, found.hint) && found.hint.len == 4, "only its end, as a hint");
    fixture_restart(f);
    OK(verify_fault(f, made.secret) == FAULT_NONE, "it opens after a restart");
}

static void test_refusals(struct fixture *f)
{
    struct token_request past = { .name = TEXT("late"),
                                  .role = ROLE_ADMIN,
                                  .expires_at = fixture_instant(START) };
    struct token token;
    text strange = token_secret_make(f->cx.random, TOKEN_SYSTEM, f->cx.arena);
    OK(token_create(&f->cx, &past, &token) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_TOKEN_EXPIRY_PAST,
       "a token that is over at once is refused");
    OK(verify_fault(f, strange) == FAULT_TOKEN_UNKNOWN, "a secret nobody made is unknown");
    OK(verify_fault(f, TEXT("Bearer")) == FAULT_TOKEN_UNKNOWN, "and so is what is no secret");
    fixture_forget(f);
    OK(token_revoke(&f->cx, (struct token_id){ cx_ulid(&f->cx) }) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_TOKEN_ABSENT,
       "a token that is not there cannot be revoked");
    fixture_forget(f);
}

/* The database and its log hold the hash, nowhere the secret. */
static bool file_holds(const char *path, text needle)
{
    FILE *file = fopen(path, "rb");
    static char bytes[4 * 1024 * 1024];
    size_t size;
    if (!file)
        return false;
    size = fread(bytes, 1, sizeof(bytes), file);
    MUST(fclose(file) == 0);
    return memmem(bytes, size, needle.ptr, needle.len) != NULL;
}

static void test_secret_is_nowhere(struct fixture *f)
{
    struct token token = token_make(f, "Needle in the haystack", NULL);
    char log[DIRECTORY_PATH_MAX + 32];
    text random_part = text_slice(token.secret, 5, 43);
    snprintf(log, sizeof(log), "%s-wal", f->store_path);
    OK(file_holds(log, token.name), "the name is in the log, so the search finds things");
    OK(!file_holds(log, random_part) && !file_holds(f->store_path, random_part),
       "the secret is not in the files");
}

static void test_expiry(struct fixture *f)
{
    struct token token = token_make(f, "Short", "2026-01-02T00:00:00Z");
    OK(verify_fault(f, token.secret) == FAULT_NONE, "it opens before its end");
    fixture_at(f, "2026-01-01T23:59:59.999999999Z");
    OK(verify_fault(f, token.secret) == FAULT_NONE, "until the last nanosecond");
    fixture_at(f, "2026-01-02T00:00:00Z");
    OK(verify_fault(f, token.secret) == FAULT_TOKEN_UNKNOWN,
       "and not at its end, though the cache knows it");
}

static int64_t audit_total(struct fixture *f, ulid entity, struct list *ret)
{
    int64_t total = -1;
    MUST(audit_list(&f->cx, entity, first_page, ret, &total) == OK);
    return total;
}

static void test_revoke(struct fixture *f)
{
    struct token token = token_make(f, "Lost laptop", NULL);
    struct token other = token_make(f, "Kept", NULL);
    struct list list;
    const struct audit *rows;
    OK(verify_fault(f, token.secret) == FAULT_NONE, "it opens");
    OK(token_revoke(&f->cx, token.id) == OK, "it is revoked");
    OK(verify_fault(f, token.secret) == FAULT_TOKEN_UNKNOWN, "and does not open from then on");
    OK(verify_fault(f, other.secret) == FAULT_NONE, "another one still does");
    OK(token_revoke(&f->cx, token.id) == OK, "revoking again changes nothing");
    OK(audit_total(f, token.id.ulid, &list) == 2, "the book has its beginning and its end");
    rows = list.items;
    IS_TEXT(rows[0].action, "token.revoke", "newest first");
    IS_TEXT(rows[1].action, "token.create", "then what came before");
    IS_TEXT(rows[0].actor, "test", "with who did it");
    IS_TEXT(rows[0].request_id, "test-request", "in which request");
    OK(ulid_equal(rows[0].entity_id.ulid, token.id.ulid), "to what");
}

/* Somebody else's process revokes: the cache may believe what it read for TOKEN_CACHE_SECONDS.
 * Without a cache, at once. */
static void test_revoke_elsewhere(struct fixture *f)
{
    struct token token = token_make(f, "Elsewhere", NULL);
    struct token_cache *cache = f->cx.token_cache;
    sqlite3 *db;
    MUST(verify_fault(f, token.secret) == FAULT_NONE);
    MUST(sqlite3_open(f->store_path, &db) == SQLITE_OK);
    MUST(sqlite3_exec(db, "UPDATE token SET revoked_at = '2026-01-01T00:00:00.000000000Z'", NULL,
                      NULL, NULL) == SQLITE_OK);
    MUST(sqlite3_close(db) == SQLITE_OK);
    OK(verify_fault(f, token.secret) == FAULT_NONE, "the cache answers without the store");
    f->cx.token_cache = NULL;
    OK(verify_fault(f, token.secret) == FAULT_TOKEN_UNKNOWN, "the store knows better");
    f->cx.token_cache = cache;
}

static void test_printed(struct fixture *f, const struct token *token)
{
    struct buffer out = { .arena = f->cx.arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(&token_fields, DIALECT_V3, &w, token);
    OK(text_contains(buffer_text(&out), TEXT("\"role\":\"ingest\"")), "the role is printed");
    OK(!text_contains(buffer_text(&out), token->hash), "the hash is not");
}

static void test_list(struct fixture *f)
{
    struct list list = { 0 };
    const struct token *tokens;
    int64_t total = -1, all = -1;
    OK(token_list(&f->cx, (struct page){ 1, 1 }, &list, &total) == OK && list.count == 1,
       "a page has as many as asked for");
    OK(total > 1, "and the total counts them all: %lld", (long long)total);
    tokens = list.items;
    IS_TEXT(tokens[0].name, "Billing agent", "in the order of their making");
    OK(!tokens[0].secret.ptr, "without their secrets");
    test_printed(f, &tokens[0]);
    OK(token_list(&f->cx, (struct page){ 99, 2 }, &list, &all) == OK && list.count == 0 &&
           all == total,
       "a page behind the last is empty");
}

/* The book and the tokens of one organization are closed to another. */
static void test_tenants(struct fixture *f)
{
    struct token token = token_make(f, "Ours", NULL);
    struct org_id ours = f->cx.org;
    struct list list = { 0 };
    int64_t total = -1;
    f->cx.org.ulid = cx_ulid(&f->cx);
    OK(token_list(&f->cx, first_page, &list, &total) == OK && total == 0 && list.count == 0,
       "another organization sees no tokens of ours");
    OK(token_revoke(&f->cx, token.id) == ERR_REFUSED, "revokes none");
    OK(audit_total(f, (ulid){ { 0 } }, &list) == 0, "and does not read our book");
    f->cx.org = ours;
    fixture_forget(f);
    OK(verify_fault(f, token.secret) == FAULT_NONE, "ours goes on");
}

static void test_book(struct fixture *f)
{
    struct store_tx *tx = NULL;
    struct list list;
    const struct audit *row;
    ulid thing = cx_ulid(&f->cx);
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(audit_write(&f->cx, tx, TEXT("thing.change"), thing, TEXT("{\"from\":1}")) == OK);
    store_rollback(tx);
    OK(audit_total(f, thing, &list) == 0, "a change that was not made is not in the book");
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(audit_write(&f->cx, tx, TEXT("thing.change"), thing, TEXT("{\"from\":1}")) == OK);
    MUST(store_commit(tx) == OK);
    OK(audit_total(f, thing, &list) == 1, "one that was made is");
    row = list.items;
    IS_TEXT(row->detail, "{\"from\":1}", "with its detail");
    OK(instant_equal(row->created_at, f->cx.now), "and its instant");
    OK(audit_total(f, (ulid){ { 0 } }, &list) > 1, "the whole book has more");
}

static void test_org(struct fixture *f)
{
    struct org_id again;
    struct org org;
    OK(org_ensure_default(f->cx.store, f->cx.ids, f->cx.now, &again) == OK &&
           ulid_equal(again.ulid, f->cx.org.ulid),
       "there is one default organization, however often it is asked for");
    OK(org_get(&f->cx, &org) == OK && org.is_default, "it can be read");
    IS_TEXT(org.name, "Default", "and has a name");
}

struct racer {
    pthread_t thread;
    struct fixture *f;
    struct org_id org;
    enum err err;
};

static void *org_race(void *state)
{
    struct racer *racer = state;
    racer->err =
        org_ensure_default(racer->f->cx.store, racer->f->cx.ids, racer->f->cx.now, &racer->org);
    return NULL;
}

static void test_org_race(void)
{
    struct fixture f;
    struct racer racers[4];
    int good = 0;
    sqlite3 *db;
    fixture_open(&f, START);
    MUST(sqlite3_open(f.store_path, &db) == SQLITE_OK);
    MUST(sqlite3_exec(db, "DELETE FROM org", NULL, NULL, NULL) == SQLITE_OK);
    MUST(sqlite3_close(db) == SQLITE_OK);
    for (size_t i = 0; i < COUNT_OF(racers); i++) {
        racers[i].f = &f;
        MUST(pthread_create(&racers[i].thread, NULL, org_race, &racers[i]) == 0);
    }
    for (size_t i = 0; i < COUNT_OF(racers); i++) {
        MUST(pthread_join(racers[i].thread, NULL) == 0);
        good += racers[i].err == OK && ulid_equal(racers[i].org.ulid, racers[0].org.ulid);
    }
    OK(good == (int)COUNT_OF(racers), "all who start at once agree on the default organization");
    fixture_close(&f);
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, START);
    f.cx.token_cache = token_cache_new();
    test_create(&f);
    test_refusals(&f);
    test_secret_is_nowhere(&f);
    test_org(&f);
    test_book(&f);
    test_list(&f);
    test_revoke(&f);
    test_tenants(&f);
    test_expiry(&f);
    test_revoke_elsewhere(&f);
    token_cache_free(f.cx.token_cache);
    fixture_close(&f);
    test_org_race();
    return tap_end();
}
