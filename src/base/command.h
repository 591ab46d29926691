/* command.h: command lines as tables.
 *
 * A program is a list of commands, a command a list of options. From the same rows come parsing,
 * --help, the shell completions and the manual page, so none of them can lag behind.
 *
 *   static const struct option options[] = {
 *       { "data", "DIR", "where state and events live", .fallback = "tollgate-data" },
 *       { "dev", NULL, "allow what only development may do" },
 *   };
 *
 * Options are written --name VALUE, --name=VALUE or --name, those with a letter -f VALUE, too; "--"
 * ends them. Everything else is an
 * argument. Of an option given twice the last counts, unless it is repeatable. Each option may also
 * come from the environment: TOLLGATE_DATA for --data, with - as _; set to nothing is not set.
 */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include "base/text.h"

/* Exit codes, the same for every command; part of the interface that scripts rely on. */
enum command_exit {
    EXIT_OK = 0,
    EXIT_REFUSED = 1,     /* the server said no, or the input is wrong: a message says why */
    EXIT_USAGE = 2,       /* the command line is wrong */
    EXIT_UNREACHABLE = 3, /* the server cannot be reached, or does not answer in time */
    EXIT_DENIED = 4,      /* no token, a bad one, or not allowed */
    EXIT_ABSENT = 5,      /* no such customer, meter, file … */
    EXIT_TROUBLE = 6,     /* disk, memory, a port in use */
    EXIT_INTERRUPTED = 130
};

struct option {
    const char *name;         /* without dashes */
    const char *value;        /* what its value is called in help; NULL for a switch */
    const char *about;        /* one line */
    const char *fallback;     /* NULL: none */
    const char *const *words; /* NULL-terminated, when only these values are allowed */
    bool is_repeatable;
    char letter; /* -f for --file; 0: none */
};

struct invocation;

struct command {
    const char *name;
    const char *arguments; /* "FILE|-", "" */
    const char *summary;   /* one line */
    const char *about;     /* paragraphs, or NULL */
    const struct option *options;
    size_t option_count;
    const char *examples; /* lines, each a command; NULL for none */
    int arguments_min, arguments_max;
    int (*run)(const struct invocation *invocation); /* returns an enum command_exit */
};

struct program {
    const char *name;
    const char *version;
    const char *summary;
    const struct command *const *commands; /* NULL-terminated, in the order of help */
};

struct invocation {
    const struct program *program;
    const struct command *command;
    struct arena *arena;
    const text *arguments;
    size_t argument_count;

    const struct option_value {
        const struct option *option;
        text value; /* empty for a switch */
    } * values;

    size_t value_count;
};

/* Parses, and runs the command; also answers --help, help [COMMAND] and --version. Returns the
 * exit code. */
int command_main(const struct program *program, int argc, char **argv);

/* The option's value: from the line, else the environment, else its fallback; ptr NULL when none.
 */
text option_text(const struct invocation *invocation, const char *name);

/* Whether a switch was given (or its variable is set to other than "0" or ""). */
bool option_is_set(const struct invocation *invocation, const char *name);

/* All values of a repeatable option, in order; the variable stands for one when the line has none.
 * Returns the count; the array lives in the arena. */
size_t option_all(const struct invocation *invocation, const char *name, const text **ret);

/* A whole number in [min, max]; on a bad one prints a message and returns false. */
NODISCARD bool option_int(const struct invocation *invocation, const char *name, int64_t min,
                          int64_t max, int64_t *ret);

/* Prints "tollgate serve: …" to standard error and returns `code`. */
int command_fail(const struct invocation *invocation, int code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The environment variable of an option: TOLLGATE_LOG_LEVEL for log-level. */
text command_variable(struct arena *arena, const struct program *program, const char *name);

/* Help of one command, or of the program when `command` is NULL. */
void command_print_help(const struct program *program, const struct command *command,
                        struct buffer *out);

/* The manual page, section 1, in the man macros. */
void command_print_man(const struct program *program, struct buffer *out);

/* The completion script for "bash" or "zsh"; false for another shell. */
NODISCARD bool command_print_completion(const struct program *program, text shell,
                                        struct buffer *out);

#endif
