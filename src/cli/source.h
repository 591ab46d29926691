/* source.h: a file of usage, read piece by piece: plain or gzip, or standard input. A byte order
 * mark at its start is skipped. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "base/text.h"

struct source;

/* Opens a file ("-": standard input); gzip is recognised by itself. NULL with errno set when it
 * cannot be opened. */
struct source *source_open(const char *path);
void source_close(struct source *source);

/* The next line without its end (LF or CRLF), valid until the next call. False at the end, on a
 * read error and when a line is longer than SOURCE_LINE_BYTES_MAX (see source_trouble). */
bool source_line(struct source *source, text *ret);

/* As source_line, but a line feed inside a quoted cell does not end the record (RFC 4180). */
bool source_record(struct source *source, text *ret);

/* The next item of a file that is one JSON array, as it was written; valid until the next call.
 * False at the end, and as source_line. When the array is not well-formed or not whole, false with
 * a sentence in `ret_why`; the items themselves are looked at only as far as their ends. */
bool source_item(struct source *source, text *ret, const char **ret_why);

#define SOURCE_LINE_BYTES_MAX (4 * 1024 * 1024)

/* NULL, or what went wrong, in words. */
const char *source_trouble(const struct source *source);

/* The first byte that is not white space, without consuming it; -1 at the end. */
int source_peek(struct source *source);

/* Bytes of the file read so far, as they lie on the disk; and how many there are, 0 when unknown.
 */
uint64_t source_position(const struct source *source);
uint64_t source_size(const struct source *source);

/* The number of the line, from 1, at which the line, record or item last returned begins; of the
 * flaw when source_item has found one. */
uint64_t source_line_number(const struct source *source);

#endif
