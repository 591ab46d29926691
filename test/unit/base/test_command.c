/* Command lines: parsing by the table, the environment, exit codes, and what is printed from it. */
#include "base/command.h"

#include <sys/wait.h>
#include <unistd.h>

#include "lib/directory.h"
#include "lib/tap.h"

/* ---- a program ------------------------------------------------------------------------------ */

static const char *const color_words[] = { "red", "green", "grey", NULL };

static const struct option paint_options[] = {
    { .name = "color",
      .value = "COLOR",
      .about = "of the paint",
      .fallback = "red",
      .words = color_words },
    { .name = "coats", .value = "N", .about = "how often", .fallback = "1" },
    { .name = "on", .value = "WALL", .about = "which walls", .is_repeatable = true },
    { .name = "dry-run", .about = "paint nothing" },
    { .name = "note", .value = "TEXT", .about = "what to remember, with 'quotes' [and] more: all" },
};

static struct arena *kept; /* what the command saw, as text */
static struct buffer seen;

static int paint_run(const struct invocation *invocation)
{
    const text *walls;
    size_t count = option_all(invocation, "on", &walls);
    text note = option_text(invocation, "note");
    int64_t coats;

    seen = (struct buffer){ .arena = kept };
    if (!option_int(invocation, "coats", 1, 5, &coats))
        return EXIT_USAGE;
    buffer_format(&seen, "color=%.*s coats=%lld dry=%d", TEXT_ARG(option_text(invocation, "color")),
                  (long long)coats, option_is_set(invocation, "dry-run"));
    for (size_t i = 0; i < count; i++)
        buffer_format(&seen, " on=%.*s", TEXT_ARG(walls[i]));
    if (note.ptr)
        buffer_format(&seen, " note=<%.*s>", TEXT_ARG(note));
    for (size_t i = 0; i < invocation->argument_count; i++)
        buffer_format(&seen, " [%.*s]", TEXT_ARG(invocation->arguments[i]));
    return EXIT_OK;
}

static int fail_run(const struct invocation *invocation)
{
    return command_fail(invocation, EXIT_TROUBLE, "the %s is full", "bucket");
}

static const struct command paint_command = {
    .name = "paint",
    .arguments = "FILE...",
    .summary = "paint files",
    .about = ".A dot and a \\ mean nothing here.\nNor does 'this'.",
    .options = paint_options,
    .option_count = COUNT_OF(paint_options),
    .examples = "shop paint a.txt\nshop paint --color green -- --odd-name\n",
    .arguments_min = 1,
    .arguments_max = 3,
    .run = paint_run,
};

static const struct command fail_command = {
    .name = "fail",
    .arguments = "",
    .summary = "fail",
    .run = fail_run,
};

static const struct command *const commands[] = { &paint_command, &fail_command, NULL };

static const struct program shop = {
    .name = "shop",
    .version = "1.2.3",
    .summary = "a shop for paint",
    .commands = commands,
};

/* ---- running it ----------------------------------------------------------------------------- */

static char directory[DIRECTORY_PATH_MAX];

struct outcome {
    int code;
    text out, err;
    text seen; /* empty when the command did not run */
};

static text file_text(const char *name)
{
    struct buffer all = { .arena = kept };
    FILE *file = fopen(text_cstr(kept, text_format(kept, "%s/%s", directory, name)), "r");
    char bytes[4096];
    size_t got;

    MUST(file);
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        buffer_add(&all, (text){ bytes, got });
    MUST(fclose(file) == 0);
    return buffer_text(&all);
}

/* Lets a stream write to a file of the directory; returns what restores it. */
static int redirect(FILE *stream, const char *name)
{
    int saved = dup(fileno(stream));
    FILE *file = fopen(text_cstr(kept, text_format(kept, "%s/%s", directory, name)), "w");

    MUST(saved >= 0 && file && fflush(stream) == 0);
    MUST(dup2(fileno(file), fileno(stream)) >= 0 && fclose(file) == 0);
    return saved;
}

static void restore(FILE *stream, int saved)
{
    MUST(fflush(stream) == 0 && dup2(saved, fileno(stream)) >= 0 && close(saved) == 0);
}

static struct outcome run_words(int argc, const char *const *words)
{
    struct outcome outcome = { 0 };
    char **argv = ARENA_ARRAY(kept, char *, (size_t)argc + 1);
    int out, err;

    for (int i = 0; i < argc; i++)
        argv[i] = text_cstr(kept, text_of(words[i]));
    seen = (struct buffer){ .arena = kept };
    out = redirect(stdout, "out");
    err = redirect(stderr, "err");
    outcome.code = command_main(&shop, argc, argv);
    restore(stdout, out);
    restore(stderr, err);
    outcome.out = file_text("out");
    outcome.err = file_text("err");
    outcome.seen = buffer_text(&seen);
    return outcome;
}

#define RUN(...)                                                                                   \
    run_words((int)COUNT_OF(((const char *[]){ "shop", __VA_ARGS__ })),                            \
              (const char *[]){ "shop", __VA_ARGS__ })

/* ---- parsing -------------------------------------------------------------------------------- */

static void test_options(void)
{
    IS_TEXT(RUN("paint", "a").seen, "color=red coats=1 dry=0 [a]", "fallbacks hold");
    IS_TEXT(RUN("paint", "--color", "green", "a").seen, "color=green coats=1 dry=0 [a]",
            "a value may stand behind its option");
    IS_TEXT(RUN("paint", "--color=green", "a").seen, "color=green coats=1 dry=0 [a]",
            "or behind an equals sign");
    IS_TEXT(RUN("paint", "--note=a=b", "a").seen, "color=red coats=1 dry=0 note=<a=b> [a]",
            "the first of which counts");
    IS_TEXT(RUN("paint", "--note=", "a").seen, "color=red coats=1 dry=0 note=<> [a]",
            "a value may be empty");
    IS_TEXT(RUN("paint", "--note", "", "a").seen, "color=red coats=1 dry=0 note=<> [a]",
            "either way");
    IS_TEXT(RUN("paint", "--note", "--dry-run", "a").seen,
            "color=red coats=1 dry=0 note=<--dry-run> [a]", "and may look like an option");
    IS_TEXT(RUN("paint", "a", "--dry-run", "b").seen, "color=red coats=1 dry=1 [a] [b]",
            "options may stand between arguments");
    IS_TEXT(RUN("paint", "--coats", "2", "--coats", "3", "a").seen, "color=red coats=3 dry=0 [a]",
            "the last of two counts");
    IS_TEXT(RUN("paint", "--on", "north", "--on=south", "a").seen,
            "color=red coats=1 dry=0 on=north on=south [a]",
            "unless the option is repeatable: then all do, in order");
    IS_TEXT(RUN("paint", "--", "--color", "--").seen, "color=red coats=1 dry=0 [--color] [--]",
            "behind -- there are only arguments");
    IS_TEXT(RUN("paint", "-", "").seen, "color=red coats=1 dry=0 [-] []",
            "a lone dash is an argument, and so is nothing");
    IS_TEXT(RUN("paint", "--", "--help").seen, "color=red coats=1 dry=0 [--help]",
            "behind -- even --help is");
}

struct refusal {
    const char *words[6];
    const char *message;
};

static void test_refusals(void)
{
    static const struct refusal refusals[] = {
        { { "paint", "--colour", "red", "a" }, "shop paint: unknown option --colour" },
        { { "paint", "--colo=red", "a" }, "shop paint: unknown option --colo" },
        { { "paint", "-c", "a" }, "shop paint: unknown option -c" },
        { { "paint", "--dry-run=1", "a" }, "shop paint: --dry-run takes no value" },
        { { "paint", "a", "--color" }, "shop paint: --color needs a value: COLOR" },
        { { "paint", "--color", "blue", "a" },
          "shop paint: --color: \"blue\" is none of red, green, grey" },
        { { "paint", "--color=", "a" }, "shop paint: --color: \"\" is none of red, green, grey" },
        { { "paint", "--color=re", "a" },
          "shop paint: --color: \"re\" is none of red, green, grey" },
        { { "paint", "--coats", "6", "a" },
          "shop paint: --coats must be a whole number from 1 to 5" },
        { { "paint", "--coats", "0", "a" },
          "shop paint: --coats must be a whole number from 1 to 5" },
        { { "paint", "--coats", "two", "a" },
          "shop paint: --coats must be a whole number from 1 to 5" },
        { { "paint", "--coats=", "a" }, "shop paint: --coats must be a whole number from 1 to 5" },
        { { "paint" }, "shop paint: wants: FILE..." },
        { { "paint", "a", "b", "c", "d" }, "shop paint: too many arguments" },
        { { "fail", "a" }, "shop fail: too many arguments" },
    };
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const char *words[8] = { "shop" };
        int count = 1;
        for (; refusals[i].words[count - 1]; count++)
            words[count] = refusals[i].words[count - 1];
        struct outcome outcome = run_words(count, words);
        text want = text_format(kept, "%s\nTry 'shop %s --help'.\n", refusals[i].message, words[1]);
        IS_TEXT(outcome.err, text_cstr(kept, want), refusals[i].message);
        OK(outcome.code == EXIT_USAGE && outcome.out.len == 0 && outcome.seen.len == 0,
           "and nothing is run or printed");
    }
    struct outcome unknown = RUN("pain");
    IS_TEXT(unknown.err, "shop: unknown command \"pain\"\nTry 'shop --help'.\n",
            "an unknown command is told");
    OK(unknown.code == EXIT_USAGE, "and a fault of the command line");
    const char *words[301] = { "shop", "paint" };
    for (size_t i = 2; i < COUNT_OF(words); i++)
        words[i] = "a";
    IS_TEXT(text_slice(run_words((int)COUNT_OF(words), words).err, 0, 30),
            "shop paint: too many arguments", "a command line without measure is refused");
}

static void test_environment(void)
{
    MUST(setenv("SHOP_COLOR", "green", 1) == 0 && setenv("SHOP_DRY_RUN", "1", 1) == 0);
    IS_TEXT(RUN("paint", "a").seen, "color=green coats=1 dry=1 [a]",
            "what the line does not say may come from the environment");
    IS_TEXT(RUN("paint", "--color", "grey", "a").seen, "color=grey coats=1 dry=1 [a]",
            "the line goes before it");
    MUST(setenv("SHOP_DRY_RUN", "0", 1) == 0 && setenv("SHOP_ON", "east", 1) == 0);
    IS_TEXT(RUN("paint", "a").seen, "color=green coats=1 dry=0 on=east [a]",
            "0 does not set a switch; a repeatable option has one value");
    IS_TEXT(RUN("paint", "--on", "west", "a").seen, "color=green coats=1 dry=0 on=west [a]",
            "which values on the line replace");
    MUST(setenv("SHOP_DRY_RUN", "", 1) == 0 && setenv("SHOP_COLOR", "", 1) == 0);
    IS_TEXT(RUN("paint", "a").seen, "color=red coats=1 dry=0 on=east [a]",
            "a variable set to nothing is not set");
    MUST(setenv("SHOP_COLOR", "blue", 1) == 0);
    struct outcome outcome = RUN("paint", "a");
    OK(outcome.code == EXIT_USAGE &&
           text_starts_with(outcome.err, TEXT("shop paint: --color: \"blu")),
       "its words are checked as well");
    MUST(unsetenv("SHOP_COLOR") == 0 && setenv("SHOP_COATS", "9", 1) == 0);
    OK(RUN("paint", "a").code == EXIT_USAGE, "and its numbers");
    MUST(unsetenv("SHOP_COATS") == 0 && unsetenv("SHOP_DRY_RUN") == 0 && unsetenv("SHOP_ON") == 0);
}

static void test_exit_codes(void)
{
    struct outcome outcome = RUN("fail");
    OK(outcome.code == EXIT_TROUBLE, "the command's exit code is the program's");
    IS_TEXT(outcome.err, "shop fail: the bucket is full\n", "a failure says who and why");
    OK(outcome.out.len == 0, "on standard error only");
    OK(RUN("paint", "a").code == EXIT_OK && EXIT_OK == 0, "success is 0");
    OK(EXIT_REFUSED == 1 && EXIT_USAGE == 2 && EXIT_UNREACHABLE == 3 && EXIT_DENIED == 4 &&
           EXIT_ABSENT == 5 && EXIT_TROUBLE == 6 && EXIT_INTERRUPTED == 130,
       "the codes that scripts rely on");
}

/* ---- what is printed from the table --------------------------------------------------------- */

/* Compares with test/golden/command/NAME; BLESS=1 writes it anew. */
static void is_golden(text got, const char *name)
{
    const char *path = text_cstr(kept, text_format(kept, "test/golden/command/%s", name));
    struct buffer want = { .arena = kept };
    char bytes[4096];
    size_t count;
    FILE *file = fopen(path, getenv("BLESS") ? "w+" : "r");

    MUST(file);
    if (getenv("BLESS"))
        MUST(fwrite(got.ptr, 1, got.len, file) == got.len && fseek(file, 0, SEEK_SET) == 0);
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        buffer_add(&want, (text){ bytes, count });
    MUST(fclose(file) == 0);
    IS_TEXT(got, text_cstr(kept, buffer_text(&want)), path);
}

static void test_help(void)
{
    struct outcome outcome = RUN("help");
    is_golden(outcome.out, "program.txt");
    OK(outcome.code == EXIT_OK && outcome.err.len == 0, "help that was asked for is a success");
    OK(text_equal(RUN("--help").out, outcome.out) && text_equal(RUN("-h").out, outcome.out),
       "--help and -h are the same");
    text all = outcome.out;
    outcome = run_words(1, (const char *[]){ "shop" });
    OK(outcome.code == EXIT_USAGE && text_equal(outcome.err, all) && outcome.out.len == 0,
       "a line without a command gets it as an error");
    outcome = RUN("paint", "--help");
    is_golden(outcome.out, "paint.txt");
    OK(outcome.code == EXIT_OK && outcome.seen.len == 0, "and runs nothing");
    OK(text_equal(RUN("help", "paint").out, outcome.out) &&
           text_equal(RUN("paint", "--color", "blue", "-h").out, outcome.out),
       "help of a command, however it is asked for");
    outcome = RUN("help", "pain");
    OK(outcome.code == EXIT_USAGE &&
           text_starts_with(outcome.err, TEXT("shop: unknown command \"pain\"\n")),
       "help of an unknown command is refused");
    is_golden(RUN("fail", "--help").out, "fail.txt");
    IS_TEXT(RUN("--version").out, "shop 1.2.3\n", "the version");
}

/* Puts the text into a file of the directory; returns its path. */
static const char *file_with(const char *name, text content)
{
    const char *path = text_cstr(kept, text_format(kept, "%s/%s", directory, name));
    FILE *file = fopen(path, "w");

    MUST(file && fwrite(content.ptr, 1, content.len, file) == content.len && fclose(file) == 0);
    return path;
}

/* Runs a shell command; what it prints on either stream, its exit code in `ret_code`. */
static text shell(const char *command, int *ret_code)
{
    text line = text_format(kept, "(%s) >%s/shell 2>&1", command, directory);
    int status;

    MUST(fflush(stdout) == 0);
    status = system(text_cstr(kept, line)); /* NOLINT(cert-env33-c): the test's own words */
    MUST(status != -1 && WIFEXITED(status));
    *ret_code = WEXITSTATUS(status);
    return file_text("shell");
}

static void test_man(void)
{
    struct buffer page = { .arena = kept };
    int code;

    command_print_man(&shop, &page);
    is_golden(buffer_text(&page), "man.1");
    const char *path = file_with("shop.1", buffer_text(&page));
    (void)shell("command -v groff", &code);
    if (code != 0) {
        OK(true, "# SKIP groff is not installed");
        return;
    }
    text said =
        shell(text_cstr(kept, text_format(kept, "groff -ww -man -Tutf8 -z %s", path)), &code);
    OK(code == 0, "groff reads the manual page");
    IS_TEXT(said, "", "and has nothing to complain of");
    said = shell(text_cstr(kept, text_format(kept, "groff -man -Tascii -P-cbou %s", path)), &code);
    OK(text_contains(said, TEXT(".A dot and a \\ mean nothing here.  Nor does 'this'.")),
       "what roff takes for its own is shown");
    OK(text_contains(said, TEXT("shop paint --color green -- --odd-name")), "dashes are dashes");
}

struct completion {
    const char *words; /* of the line, as bash cuts it */
    const char *want;
};

static void test_bash(void)
{
    /* The last word is the one under the cursor. */
    static const struct completion completions[] = {
        { "shop p", "paint" },
        { "shop ''", "paint fail help" },
        { "shop x", "" },
        { "shop help f", "fail" },
        { "shop paint --c", "--color --coats" },
        { "shop paint --color g", "green grey" },
        { "shop paint --color ''", "red green grey" },
        { "shop paint --color = gre", "green grey" },
        { "shop paint --color =", "red green grey" },
        { "shop paint --note ''", "" },
        { "shop paint --note --c", "" },
        { "shop paint ''", "" },
        { "shop paint a.txt --d", "--dry-run" },
        { "shop fail ''", "--help" },
        { "shop unknown ''", "" },
    };
    struct buffer script = { .arena = kept };
    int code;

    OK(command_print_completion(&shop, TEXT("bash"), &script), "there is a completion for bash");
    const char *path = file_with("shop.bash", buffer_text(&script));
    IS_TEXT(shell(text_cstr(kept, text_format(kept, "bash -n %s", path)), &code), "",
            "which bash can read");
    for (size_t i = 0; i < COUNT_OF(completions); i++) {
        text line = text_format(kept,
                                "bash -c '. %s; COMP_WORDS=(%s); "
                                "COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _shop; "
                                "echo -n \"${COMPREPLY[*]}\"'",
                                path, completions[i].words);
        /* The line stands in single quotes: '' is written as "". */
        for (char *at = strstr((char *)(uintptr_t)line.ptr, "''"); at && at < line.ptr + line.len;
             at = strstr(at, "''"))
            at[0] = at[1] = '"';
        IS_TEXT(shell(text_cstr(kept, line), &code), completions[i].want, completions[i].words);
    }
}

static void test_zsh(void)
{
    struct buffer script = { .arena = kept }, none = { .arena = kept };
    int code;

    OK(command_print_completion(&shop, TEXT("zsh"), &script), "there is a completion for zsh");
    is_golden(buffer_text(&script), "zsh.txt");
    const char *path = file_with("_shop", buffer_text(&script));
    (void)shell("command -v zsh", &code);
    if (code != 0)
        OK(true, "# SKIP zsh is not installed");
    else
        IS_TEXT(shell(text_cstr(kept, text_format(kept, "zsh -n %s", path)), &code), "",
                "which zsh can read");
    OK(!command_print_completion(&shop, TEXT("fish"), &none) && none.len == 0,
       "for other shells there is none");
}

int main(void)
{
    kept = arena_new();
    directory_make(directory);
    test_options();
    test_refusals();
    test_environment();
    test_exit_codes();
    test_help();
    test_man();
    test_bash();
    test_zsh();
    directory_remove(directory);
    arena_free(kept);
    return tap_end();
}
