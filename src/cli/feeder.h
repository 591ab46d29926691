/* feeder.h: events of one file, fed to a carrier in batches, several at a time, and accounted for
 * in the order of the file.
 *
 * One thread reads and adds; `connections` threads carry; the one that reads also prints what was
 * refused and moves the checkpoint, both strictly in the file's order: all before the checkpoint
 * is settled. Memory is bounded by connections + 2 batches.
 */
#ifndef CLI_FEEDER_H
#define CLI_FEEDER_H

#include "cli/carrier.h"
#include "cli/source.h"

/* The options that a command with a feeder has. */
#define FEEDER_OPTIONS                                                                             \
    { .name = "batch",                                                                             \
      .value = "N",                                                                                \
      .about = "events that are sent together",                                                    \
      .fallback = "1000" },                                                                        \
        { .name = "keep-going", .about = "go on after events that are refused" },                  \
        { .name = "rejects",                                                                       \
          .value = "FILE",                                                                         \
          .about = "write events that are refused there, with the reason, and go on" },            \
    {                                                                                              \
        .name = "resume", .value = "FILE",                                                         \
        .about = "keep the position in FILE; when it is there, go on from it"                      \
    }

struct feeder;

struct feeder_config {
    const struct invocation *invocation; /* has FEEDER_OPTIONS */
    const struct source *source;         /* what is read, for the progress bar */
    const struct carrier *carrier;
    text destination; /* whereto, for the checkpoint */
    int64_t connections;
};

/* EXIT_OK, or the exit code after a message. */
NODISCARD int feeder_open(const struct feeder_config *config, struct feeder **ret);

/* Waits for nothing; what was not sent is lost. */
void feeder_close(struct feeder *feeder);

/* The next row of the file, before anything is made of it. All below: EXIT_OK, or the exit code
 * after a message; then nothing more can be added. */
NODISCARD int feeder_row(struct feeder *feeder, text row, uint64_t line);

/* Adds the event (JSON text) that the row holds. What lies before the checkpoint is passed over. */
NODISCARD int feeder_add(struct feeder *feeder, text event);

/* The row makes no event. */
NODISCARD int feeder_refuse(struct feeder *feeder, text row, const char *why);

/* Sends what is left and waits for the outcome of all. `code` is what the reading came to; with
 * another than EXIT_OK the last, unfinished batch is not sent. Returns the command's exit code,
 * with the totals printed. */
NODISCARD int feeder_finish(struct feeder *feeder, int code);

#endif
