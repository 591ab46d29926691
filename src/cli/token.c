/* token.c: `tollgate token` and `tollgate migrate`: on the data directory itself, so that the first
 * token can be made before a server demands one. Both also work beside a running server. */
#include "identity/token.h"

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/local.h"
#include "cli/output.h"

static const struct option options[] = {
    DATA_OPTION,
    OUTPUT_OPTION,
    { .name = "name", .value = "NAME", .about = "of a new token" },
    { .name = "role",
      .value = "ROLE",
      .about = "what it may do",
      .fallback = "admin",
      .words = role_words },
    { .name = "kind",
      .value = "KIND",
      .about = "personal (kpat_…) or system (spat_…)",
      .fallback = "system",
      .words = token_kind_words },
    { .name = "expires", .value = "TIME", .about = "when it ends, RFC 3339; never by default" },
};

static int word_index(const char *const *words, text word)
{
    int index = words_find(words, word);

    MUST(index >= 0);
    return index;
}

static int create(struct local *local, const struct invocation *invocation)
{
    text expires = option_text(invocation, "expires");
    struct token_request request = {
        .kind = (enum token_kind)word_index(token_kind_words, option_text(invocation, "kind")),
        .name = option_text(invocation, "name"),
        .role = (enum role)word_index(role_words, option_text(invocation, "role")),
        .expires_at = INSTANT_NONE,
    };
    struct token token;
    enum err err;

    if (text_is_empty(request.name))
        return command_fail(invocation, EXIT_USAGE, "a new token needs --name");
    if (expires.ptr && !instant_parse(expires, &request.expires_at))
        return command_fail(invocation, EXIT_USAGE, "--expires is an RFC 3339 time");
    err = token_create(&local->cx, &request, &token);
    if (err != OK)
        return local_fail(local, invocation, err);
    fprintf(stderr, "Token %.*s. This is the only time its secret is shown:\n",
            TEXT_ARG(ulid_text(invocation->arena, token.id.ulid)));
    printf("%.*s\n", TEXT_ARG(token.secret));
    return EXIT_OK;
}

static text time_cell(struct arena *arena, instant t)
{
    return instant_is_none(t) ? TEXT("-") : instant_text(arena, instant_floor(t, NS_PER_SECOND));
}

static int list(struct local *local, const struct invocation *invocation)
{
    static const char *const columns[] = { "id",      "name",    "kind",    "role", "hint",
                                           "created", "expires", "revoked", NULL };
    static const bool is_number[8] = { false };
    struct arena *arena = invocation->arena;
    struct table table = table_new(arena, columns, is_number);
    struct page page = { 1, LIMIT_PAGE_SIZE_MAX };
    struct list tokens;
    int64_t total;
    enum err err = token_list(&local->cx, page, &tokens, &total);

    if (err != OK)
        return local_fail(local, invocation, err);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct token *token = &((const struct token *)tokens.items)[i];

        table_add(&table, ulid_text(arena, token->id.ulid));
        table_add(&table, token->name);
        table_add(&table, text_of(token_kind_words[token->kind]));
        table_add(&table, text_of(role_words[token->role]));
        table_add(&table, text_format(arena, "…%.*s", TEXT_ARG(token->hint)));
        table_add(&table, time_cell(arena, token->created_at));
        table_add(&table, time_cell(arena, token->expires_at));
        table_add(&table, time_cell(arena, token->revoked_at));
    }
    table_print(&table, option_text(invocation, "output"), stdout);
    return EXIT_OK;
}

static int revoke(struct local *local, const struct invocation *invocation)
{
    struct token_id id;
    enum err err;

    if (invocation->argument_count < 2)
        return command_fail(invocation, EXIT_USAGE, "revoke wants the token's id");
    if (!ulid_parse(invocation->arguments[1], &id.ulid))
        return command_fail(invocation, EXIT_USAGE, "\"%.*s\" is no id",
                            TEXT_ARG(invocation->arguments[1]));
    err = token_revoke(&local->cx, id);
    return err == OK ? EXIT_OK : local_fail(local, invocation, err);
}

static int token_run(const struct invocation *invocation)
{
    static const struct {
        const char *word;
        int (*run)(struct local *local, const struct invocation *invocation);
    } actions[] = { { "create", create }, { "list", list }, { "revoke", revoke } };

    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        struct local local;
        int code;

        if (!text_equal(invocation->arguments[0], text_of(actions[i].word)))
            continue;
        code = local_open(&local, invocation);
        if (code != EXIT_OK)
            return code;
        code = actions[i].run(&local, invocation);
        local_close(&local);
        return code;
    }
    return command_fail(invocation, EXIT_USAGE, "wants create, list or revoke");
}

const struct command token_command = {
    .name = "token",
    .arguments = "create|list|revoke [ID]",
    .summary = "make, list and revoke API tokens",
    .about = "Works on the data directory itself. A revoked token stops working within seconds.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate token create --name gateway --role ingest\n"
                "tollgate token list\n"
                "tollgate token revoke 01KCV0000000000000000000AB\n",
    .arguments_min = 1,
    .arguments_max = 2,
    .run = token_run,
};

static const struct option migrate_options[] = { DATA_OPTION };

static int migrate_run(const struct invocation *invocation)
{
    struct local local;
    int code = local_open(&local, invocation);

    if (code != EXIT_OK)
        return code;
    printf("schema %d, the newest is %d\n", store_schema_version(local.store),
           store_schema_newest());
    local_close(&local);
    return EXIT_OK;
}

const struct command migrate_command = {
    .name = "migrate",
    .arguments = "",
    .summary = "bring a data directory's schema up to date",
    .about = "serve does the same when it starts; this is for doing it beforehand.",
    .options = migrate_options,
    .option_count = COUNT_OF(migrate_options),
    .examples = "tollgate migrate --data /var/lib/tollgate\n",
    .run = migrate_run,
};
