/* log.h: the structured log: one line per event, for people or for machines.
 *
 * log_info("server_started", LOG_TEXT("address", a), LOG_INT("port", p));
 *
 * prints in text form   2026-01-01T00:00:00.000Z INFO  server_started address=127.0.0.1 port=8888
 * and as JSON lines
 *
 *   {"time":"…","level":"info","event":"server_started","address":"…","port":8888}
 *
 * Library code never logs; flows and above log once, where the outcome is known. A line goes out
 * in one write of at most PIPE_BUF bytes, so lines of threads never mix; one that would be longer
 * is cut and says so ("cut":true), and is still whole in form. No secret and no event payload is
 * ever logged.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"
#include "base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
    const char *key; /* NULL ends the list */
    text text;
    int64_t number;
    bool is_number;
};

#define LOG_TEXT(k, v) ((struct log_field){ .key = (k), .text = (v) })
#define LOG_CSTR(k, v) ((struct log_field){ .key = (k), .text = text_of(v) })
#define LOG_INT(k, v)  ((struct log_field){ .key = (k), .number = (int64_t)(v), .is_number = true })

/* Sets where lines go (a file descriptor, 2 at first), their form and the lowest level printed.
 * Call once, before threads start. */
void log_open(int fd, enum log_format format, enum log_level level);

/* Prints one line. `fields` ends with a row whose key is NULL. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#define LOG_LINE(level, event, ...)                                                                \
    log_write((level), (event), (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })
#define log_debug(event, ...) LOG_LINE(LOG_DEBUG, event __VA_OPT__(, ) __VA_ARGS__)
#define log_info(event, ...)  LOG_LINE(LOG_INFO, event __VA_OPT__(, ) __VA_ARGS__)
#define log_warn(event, ...)  LOG_LINE(LOG_WARN, event __VA_OPT__(, ) __VA_ARGS__)
#define log_error(event, ...) LOG_LINE(LOG_ERROR, event __VA_OPT__(, ) __VA_ARGS__)

#endif
