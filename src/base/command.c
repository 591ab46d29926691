/* command.c: parsing a command line by its table, and running the command. */
#include "base/command.h"

#define ARGUMENTS_MAX 256

/* What is built up while parsing. */
struct parser {
    struct arena *arena;
    struct invocation invocation;
    text *arguments;
    struct option_value *values;
};

static const struct command *find_command(const struct program *program, text name)
{
    for (const struct command *const *at = program->commands; *at; at++)
        if (text_equal(name, text_of((*at)->name)))
            return *at;
    return NULL;
}

static const struct option *find_option(const struct command *command, text name)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (text_equal(name, text_of(command->options[i].name)))
            return &command->options[i];
    return NULL;
}

PRINTF_LIKE(2, 0)

static void fail_message(const struct invocation *invocation, const char *format, va_list values)
{
    fprintf(stderr, "%s", invocation->program->name);
    if (invocation->command)
        fprintf(stderr, " %s", invocation->command->name);
    fputs(": ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
}

int command_fail(const struct invocation *invocation, int code, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    fail_message(invocation, format, values);
    va_end(values);
    return code;
}

/* Prints a message and where help is. */
PRINTF_LIKE(2, 3)

static int fail_usage(const struct invocation *invocation, const char *format, ...)
{
    const struct command *command = invocation->command;
    va_list values;

    va_start(values, format);
    fail_message(invocation, format, values);
    va_end(values);
    fprintf(stderr, "Try '%s %s%s--help'.\n", invocation->program->name,
            command ? command->name : "", command ? " " : "");
    return EXIT_USAGE;
}

static bool is_allowed(const struct option *option, text value)
{
    const char *const *word = option->words;

    if (!word)
        return true;
    while (*word && !text_equal(value, text_of(*word)))
        word++;
    return *word != NULL;
}

static int fail_word(const struct invocation *invocation, const struct option *option, text value)
{
    struct buffer b = { .arena = invocation->arena };

    for (size_t i = 0; option->words[i]; i++)
        buffer_format(&b, "%s%s", i > 0 ? ", " : "", option->words[i]);
    return fail_usage(invocation, "--%s: \"%.*s\" is none of %.*s", option->name, TEXT_ARG(value),
                      TEXT_ARG(buffer_text(&b)));
}

/* One --option; *index is where it stands and moves over its value. */
/* The option that a word names: --name, or -n. `ret_rest` gets what stands behind a =. */
static const struct option *name_option(const struct command *command, const char *word,
                                        text *ret_rest)
{
    text rest = text_of(word + 1);

    if (word[1] == '-') {
        rest = text_of(word + 2);
        text name = text_cut(&rest, '=');
        *ret_rest = rest;
        return find_option(command, name);
    }
    *ret_rest = TEXT_NONE;
    for (size_t i = 0; i < command->option_count; i++)
        if (rest.len == 1 && command->options[i].letter == rest.ptr[0])
            return &command->options[i];
    return NULL;
}

static int parse_option(struct parser *parser, int argc, char **argv, int *index)
{
    struct invocation *invocation = &parser->invocation;
    text rest;
    const struct option *option = name_option(invocation->command, argv[*index], &rest);

    if (!option)
        return fail_usage(invocation, "unknown option %.*s", (int)strcspn(argv[*index], "="),
                          argv[*index]);
    if (!option->value && rest.ptr)
        return fail_usage(invocation, "--%s takes no value", option->name);
    if (option->value && !rest.ptr) {
        if (*index + 1 >= argc)
            return fail_usage(invocation, "--%s needs a value: %s", option->name, option->value);
        rest = text_of(argv[++*index]);
    }
    if (!is_allowed(option, rest))
        return fail_word(invocation, option, rest);
    parser->values[invocation->value_count++] = (struct option_value){ option, rest };
    return EXIT_OK;
}

static int parse(struct parser *parser, int argc, char **argv)
{
    struct invocation *invocation = &parser->invocation;
    const struct command *command = invocation->command;
    bool options_end = false;

    for (int i = 0; i < argc; i++) {
        bool is_option = !options_end && argv[i][0] == '-' && argv[i][1] != '\0';
        int code;

        if (is_option && strcmp(argv[i], "--") == 0) {
            options_end = true;
        } else if (is_option) {
            code = parse_option(parser, argc, argv, &i);
            if (code != EXIT_OK)
                return code;
        } else {
            parser->arguments[invocation->argument_count++] = text_of(argv[i]);
        }
    }
    if (invocation->argument_count < (size_t)command->arguments_min)
        return fail_usage(invocation, "wants: %s", command->arguments);
    if (invocation->argument_count > (size_t)command->arguments_max)
        return fail_usage(invocation, "too many arguments");
    return EXIT_OK;
}

text command_variable(struct arena *arena, const struct program *program, const char *name)
{
    struct buffer b = { .arena = arena };

    buffer_format(&b, "%s_%s", program->name, name);
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] >= 'a' && b.ptr[i] <= 'z')
            b.ptr[i] = (char)(b.ptr[i] - 'a' + 'A');
        else if (b.ptr[i] == '-')
            b.ptr[i] = '_';
    }
    return buffer_text(&b);
}

/* What the option's variable holds; ptr NULL when it is not set, or set to nothing. */
static text variable_value(const struct invocation *invocation, const struct option *option)
{
    text name = command_variable(invocation->arena, invocation->program, option->name);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread starts, never set */
    const char *value = getenv(text_cstr(invocation->arena, name));

    return value && *value ? text_of(value) : TEXT_NONE;
}

/* Checks the words of options that come from the environment. */
static int check_variables(const struct invocation *invocation)
{
    for (size_t i = 0; i < invocation->command->option_count; i++) {
        const struct option *option = &invocation->command->options[i];
        text value = option_text(invocation, option->name);

        if (option->words && value.ptr && !is_allowed(option, value))
            return fail_word(invocation, option, value);
    }
    return EXIT_OK;
}

/* `help`, `help COMMAND` and no command at all. */
static int run_help(const struct invocation *invocation, text name, bool is_asked_for)
{
    const struct program *program = invocation->program;
    const struct command *command = name.ptr ? find_command(program, name) : NULL;
    struct buffer out = { .arena = invocation->arena };

    if (name.ptr && !command)
        return fail_usage(invocation, "unknown command \"%.*s\"", TEXT_ARG(name));
    command_print_help(program, command, &out);
    fprintf(is_asked_for ? stdout : stderr, "%.*s", TEXT_ARG(buffer_text(&out)));
    return is_asked_for ? EXIT_OK : EXIT_USAGE;
}

static int run(struct parser *parser, int argc, char **argv)
{
    struct invocation *invocation = &parser->invocation;
    int code;

    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return run_help(invocation, text_of(invocation->command->name), true);
    if (argc > ARGUMENTS_MAX)
        return fail_usage(invocation, "too many arguments");
    parser->arguments = ARENA_ARRAY(parser->arena, text, (size_t)argc);
    parser->values = ARENA_ARRAY(parser->arena, struct option_value, (size_t)argc);
    invocation->arguments = parser->arguments;
    invocation->values = parser->values;
    code = parse(parser, argc, argv);
    if (code == EXIT_OK)
        code = check_variables(invocation);
    return code == EXIT_OK ? invocation->command->run(invocation) : code;
}

int command_main(const struct program *program, int argc, char **argv)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct parser parser = { .arena = arena };
    struct invocation *invocation = &parser.invocation;
    text name = argc > 1 ? text_of(argv[1]) : TEXT("help");
    bool is_help = text_equal(name, TEXT("help")) || text_equal(name, TEXT("--help")) ||
                   text_equal(name, TEXT("-h"));

    invocation->program = program;
    invocation->arena = arena;
    if (text_equal(name, TEXT("--version"))) {
        printf("%s %s\n", program->name, program->version);
        return EXIT_OK;
    }
    if (is_help)
        return run_help(invocation, argc > 2 ? text_of(argv[2]) : TEXT_NONE, argc > 1);
    invocation->command = find_command(program, name);
    if (!invocation->command)
        return fail_usage(invocation, "unknown command \"%.*s\"", TEXT_ARG(name));
    return run(&parser, argc - 2, argv + 2);
}

/* The option's row; naming one that the command does not have is a bug. */
static const struct option *need_option(const struct invocation *invocation, const char *name)
{
    const struct option *option = find_option(invocation->command, text_of(name));

    MUST(option);
    return option;
}

text option_text(const struct invocation *invocation, const char *name)
{
    const struct option *option = need_option(invocation, name);
    text variable;

    for (size_t i = invocation->value_count; i-- > 0;)
        if (invocation->values[i].option == option)
            return invocation->values[i].value;
    variable = variable_value(invocation, option);
    return variable.ptr ? variable : text_of(option->fallback);
}

bool option_is_set(const struct invocation *invocation, const char *name)
{
    const struct option *option = need_option(invocation, name);
    text variable = variable_value(invocation, option);

    for (size_t i = 0; i < invocation->value_count; i++)
        if (invocation->values[i].option == option)
            return true;
    return variable.ptr && !text_equal(variable, TEXT("0"));
}

size_t option_all(const struct invocation *invocation, const char *name, const text **ret)
{
    const struct option *option = need_option(invocation, name);
    text *all = ARENA_ARRAY(invocation->arena, text, invocation->value_count + 1);
    text variable = variable_value(invocation, option);
    size_t count = 0;

    for (size_t i = 0; i < invocation->value_count; i++)
        if (invocation->values[i].option == option)
            all[count++] = invocation->values[i].value;
    if (count == 0 && variable.ptr)
        all[count++] = variable;
    *ret = all;
    return count;
}

bool option_int(const struct invocation *invocation, const char *name, int64_t min, int64_t max,
                int64_t *ret)
{
    text value = option_text(invocation, name);
    int64_t n;

    if (!text_to_int(value, &n) || n < min || n > max) {
        (void)fail_usage(invocation, "--%s must be a whole number from %lld to %lld", name,
                         (long long)min, (long long)max);
        return false;
    }
    *ret = n;
    return true;
}
