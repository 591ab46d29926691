/* command_print.c: help, manual page and shell completions, from the tables of commands. */
#include "base/command.h"

static const char exit_codes[] =
    "0 done; 1 refused: a message says why; 2 the command line is wrong; 3 the server cannot be\n"
    "reached; 4 no token, or not allowed; 5 no such thing; 6 trouble with disk or port;\n"
    "130 interrupted.\n";

#define HELP_COLUMN 30

/* "--log-level is TOLLGATE_LOG_LEVEL": how options and variables go together. */
static text variable_example(const struct program *program, const struct command *command,
                             struct buffer *out)
{
    return command_variable(out->arena, program, command->options[0].name);
}

static void add_option_help(struct buffer *out, const struct option *option)
{
    size_t start = out->len;

    buffer_add_cstr(out, "  ");
    if (option->letter)
        buffer_format(out, "-%c, ", option->letter);
    buffer_format(out, "--%s%s%s", option->name, option->value ? " " : "",
                  option->value ? option->value : "");
    do
        buffer_add_char(out, ' ');
    while (out->len - start < HELP_COLUMN);
    buffer_add_cstr(out, option->about);
    for (size_t i = 0; option->words && option->words[i]; i++)
        buffer_format(out, "%s%s", i == 0 ? ": " : ", ", option->words[i]);
    if (option->fallback)
        buffer_format(out, " [%s]", option->fallback);
    buffer_add_char(out, '\n');
}

/* Each line of `lines`, indented. */
static void add_lines(struct buffer *out, const char *lines, const char *indent)
{
    text rest = text_of(lines);

    while (rest.len > 0) {
        text line = text_cut(&rest, '\n');

        buffer_format(out, "%s%.*s\n", indent, TEXT_ARG(line));
    }
}

static void add_command_help(const struct program *program, const struct command *command,
                             struct buffer *out)
{
    buffer_format(out, "Usage: %s %s%s%s%s\n\n%s.\n", program->name, command->name,
                  command->option_count > 0 ? " [OPTIONS]" : "", command->arguments[0] ? " " : "",
                  command->arguments, command->summary);
    if (command->about)
        buffer_format(out, "\n%s\n", command->about);
    if (command->option_count > 0)
        buffer_format(out, "\nOptions (each also as a variable: --%s is %.*s):\n",
                      command->options[0].name, TEXT_ARG(variable_example(program, command, out)));
    for (size_t i = 0; i < command->option_count; i++)
        add_option_help(out, &command->options[i]);
    if (command->examples) {
        buffer_add_cstr(out, "\nExamples:\n");
        add_lines(out, command->examples, "  ");
    }
    buffer_add_cstr(out, "\nExit codes:\n");
    add_lines(out, exit_codes, "  ");
}

void command_print_help(const struct program *program, const struct command *command,
                        struct buffer *out)
{
    if (command) {
        add_command_help(program, command, out);
        return;
    }
    buffer_format(out, "%s %s: %s\n\nUsage: %s COMMAND [OPTIONS] [ARGUMENTS]\n\nCommands:\n",
                  program->name, program->version, program->summary, program->name);
    for (const struct command *const *at = program->commands; *at; at++)
        buffer_format(out, "  %-14s%s\n", (*at)->name, (*at)->summary);
    buffer_format(out, "\n'%s COMMAND --help' tells more, with examples.\n", program->name);
}

/* ---- manual page (man(7)) ------------------------------------------------------------------ */

/* Escapes what roff takes for its own: backslashes, hyphens, and a dot at the start of a line. */
static void add_roff(struct buffer *out, text t)
{
    bool is_start = true;

    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] == '\\')
            buffer_add_cstr(out, "\\e");
        else if (t.ptr[i] == '-')
            buffer_add_cstr(out, "\\-");
        else if (is_start && (t.ptr[i] == '.' || t.ptr[i] == '\''))
            buffer_format(out, "\\&%c", t.ptr[i]);
        else
            buffer_add_char(out, t.ptr[i]);
        is_start = t.ptr[i] == '\n';
    }
}

static void add_roff_cstr(struct buffer *out, const char *cstr)
{
    add_roff(out, text_of(cstr));
}

static void add_man_option(struct buffer *out, const struct option *option)
{
    buffer_add_cstr(out, ".TP\n.B ");
    if (option->letter)
        buffer_format(out, "\\-%c, ", option->letter);
    buffer_add_cstr(out, "\\-\\-");
    add_roff_cstr(out, option->name);
    if (option->value) {
        buffer_add_cstr(out, " \\fI");
        add_roff_cstr(out, option->value);
        buffer_add_cstr(out, "\\fR");
    }
    buffer_add_char(out, '\n');
    add_roff_cstr(out, option->about);
    for (size_t i = 0; option->words && option->words[i]; i++) {
        buffer_add_cstr(out, i == 0 ? ": " : ", ");
        add_roff_cstr(out, option->words[i]);
    }
    if (option->fallback) {
        buffer_add_cstr(out, ". Default: ");
        add_roff_cstr(out, option->fallback);
    }
    buffer_add_cstr(out, ".\n");
}

static void add_man_command(const struct program *program, const struct command *command,
                            struct buffer *out)
{
    buffer_format(out, ".SS %s %s%s", program->name, command->name,
                  command->arguments[0] ? " " : "");
    add_roff_cstr(out, command->arguments);
    buffer_add_char(out, '\n');
    add_roff_cstr(out, command->summary);
    buffer_add_cstr(out, ".\n");
    if (command->about) {
        buffer_add_cstr(out, ".PP\n");
        add_roff_cstr(out, command->about);
        buffer_add_char(out, '\n');
    }
    for (size_t i = 0; i < command->option_count; i++)
        add_man_option(out, &command->options[i]);
    if (command->examples) {
        buffer_add_cstr(out, ".PP\nExamples:\n.PP\n.nf\n");
        add_roff_cstr(out, command->examples);
        buffer_add_cstr(out, ".fi\n");
    }
}

void command_print_man(const struct program *program, struct buffer *out)
{
    text variables = command_variable(out->arena, program, "");

    buffer_format(out, ".TH \"%.*s\" 1 \"\" \"%s %s\"\n.SH NAME\n%s \\- %s\n",
                  (int)variables.len - 1, variables.ptr, program->name, program->version,
                  program->name, program->summary);
    buffer_format(out, ".SH SYNOPSIS\n.B %s\n.I COMMAND\n[OPTIONS] [ARGUMENTS]\n.SH COMMANDS\n",
                  program->name);
    for (const struct command *const *at = program->commands; *at; at++)
        add_man_command(program, *at, out);
    buffer_format(out,
                  ".SH ENVIRONMENT\nEach option may come from a variable: \\-\\-some\\-option "
                  "from %.*sSOME_OPTION. The command line goes before it.\n.SH EXIT STATUS\n",
                  TEXT_ARG(variables));
    add_roff_cstr(out, exit_codes);
}

/* ---- completions --------------------------------------------------------------------------- */

/* What may follow "NAME COMMAND": after an option its words, or files when it has a value without
 * words; else options, where a command without arguments or a word with a dash wants one. */
static void add_bash_command(struct buffer *out, const struct command *command)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];

        if (!option->value)
            continue;
        buffer_format(out, "        \"%s --%s\") words=\"", command->name, option->name);
        for (size_t k = 0; option->words && option->words[k]; k++)
            buffer_format(out, "%s%s", k > 0 ? " " : "", option->words[k]);
        buffer_add_cstr(out, "\" ;;\n");
    }
    buffer_format(out, "        \"%s \"*) %swords=\"--help", command->name,
                  command->arguments[0] ? "[[ $word != -* ]] || " : "");
    for (size_t i = 0; i < command->option_count; i++)
        buffer_format(out, " --%s", command->options[i].name);
    buffer_add_cstr(out, "\" ;;\n");
}

static void print_bash(const struct program *program, struct buffer *out)
{
    const char *name = program->name;

    buffer_format(out,
                  "# bash completion of %s: source it, or put it into "
                  "/usr/share/bash-completion/completions/%s\n_%s()\n{\n",
                  name, name, name);
    buffer_add_cstr(out,
                    "    local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n"
                    "    local words= commands=\"");
    for (const struct command *const *at = program->commands; *at; at++)
        buffer_format(out, "%s ", (*at)->name);
    /* Readline takes the "=" of --option=word for a word of its own. */
    buffer_add_cstr(out,
                    "help\"\n"
                    "    if [ \"$word\" = \"=\" ]; then\n"
                    "        word=\n"
                    "    elif [ \"$last\" = \"=\" ]; then\n"
                    "        last=${COMP_WORDS[COMP_CWORD-2]}\n"
                    "    fi\n"
                    "    if [ \"$COMP_CWORD\" -eq 1 ] || [ \"${COMP_WORDS[1]}\" = help ]; then\n"
                    "        words=$commands\n"
                    "    else\n"
                    "        case \"${COMP_WORDS[1]} $last\" in\n");
    for (const struct command *const *at = program->commands; *at; at++)
        add_bash_command(out, *at);
    buffer_format(out,
                  "        esac\n    fi\n    COMPREPLY=($(compgen -W \"$words\" -- "
                  "\"$word\"))\n}\ncomplete -o default -F _%s %s\n",
                  name, name);
}

/* zsh's _arguments reads colons and brackets as its own. */
static void add_zsh_text(struct buffer *out, const char *cstr)
{
    for (; *cstr; cstr++) {
        if (strchr(":[]\\", *cstr))
            buffer_add_char(out, '\\');
        if (*cstr == '\'')
            buffer_add_cstr(out, "'\\'");
        buffer_add_char(out, *cstr);
    }
}

static void add_zsh_option(struct buffer *out, const struct option *option)
{
    buffer_format(out, " \\\n            '%s--%s[", option->is_repeatable ? "*" : "", option->name);
    add_zsh_text(out, option->about);
    buffer_add_char(out, ']');
    if (option->value) {
        buffer_add_char(out, ':');
        add_zsh_text(out, option->value);
        buffer_add_char(out, ':');
        for (size_t i = 0; option->words && option->words[i]; i++)
            buffer_format(out, "%s%s", i == 0 ? "(" : " ", option->words[i]);
        buffer_add_cstr(out, option->words ? ")" : "_files");
    }
    buffer_add_char(out, '\'');
}

static void print_zsh(const struct program *program, struct buffer *out)
{
    buffer_format(out,
                  "#compdef %s\n# zsh completion: put it into a directory of $fpath as "
                  "_%s\n_%s() {\n    local -a commands\n    commands=(\n",
                  program->name, program->name, program->name);
    for (const struct command *const *at = program->commands; *at; at++) {
        buffer_format(out, "        '%s:", (*at)->name);
        add_zsh_text(out, (*at)->summary);
        buffer_add_cstr(out, "'\n");
    }
    buffer_add_cstr(out, "    )\n    if (( CURRENT == 2 )); then\n"
                         "        _describe command commands\n        return\n    fi\n"
                         "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
                         "    case $command in\n");
    for (const struct command *const *at = program->commands; *at; at++) {
        buffer_format(out, "    %s)\n        _arguments", (*at)->name);
        for (size_t i = 0; i < (*at)->option_count; i++)
            add_zsh_option(out, &(*at)->options[i]);
        buffer_add_cstr(out, " \\\n            '*:file:_files' ;;\n");
    }
    buffer_format(out, "    esac\n}\n_%s \"$@\"\n", program->name);
}

bool command_print_completion(const struct program *program, text shell, struct buffer *out)
{
    if (text_equal(shell, TEXT("bash")))
        print_bash(program, out);
    else if (text_equal(shell, TEXT("zsh")))
        print_zsh(program, out);
    else
        return false;
    return true;
}
