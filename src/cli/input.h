/* input.h: a file of usage, read into a feeder: CloudEvents as JSON lines or as one JSON array, CSV
 * with a header line, or a web server's access log; plain or gzip, or standard input. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "cli/feeder.h"

extern const char *const input_format_words[];

/* The options that a command with an input has. */
#define INPUT_OPTIONS                                                                              \
    { .name = "format",                                                                            \
      .value = "FORMAT",                                                                           \
      .about = "of the file",                                                                      \
      .fallback = "auto",                                                                          \
      .words = input_format_words },                                                               \
        { .name = "column",                                                                        \
          .value = "ATTRIBUTE=NAME",                                                               \
          .about = "CSV or log: which column is the id, source, type, subject or time",            \
          .is_repeatable = true },                                                                 \
    {                                                                                              \
        .name = "set", .value = "ATTRIBUTE=VALUE",                                                 \
        .about = "CSV or log: a fixed value for one; with --column for its empty cells",           \
        .is_repeatable = true                                                                      \
    }

/* Reads the file that is the command's first argument and feeds its events to the carrier; `config`
 * lacks the source. Prints the totals; returns the command's exit code. */
int input_feed(const struct feeder_config *config);

#endif
