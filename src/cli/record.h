/* record.h: rows of a CSV file or of a web server's log, made into CloudEvents.
 *
 * A record is a list of named fields. A mapping says which field, or which fixed value, gives each
 * attribute of the event; all fields go into its data. An event needs an id that is the same
 * when the file is sent again: when no field gives one, it is the fingerprint of the row, with a
 * count for rows that occur more than once.
 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "base/text.h"

#define RECORD_FIELDS_MAX 256

struct record {
    text raw; /* the whole row */
    text names[RECORD_FIELDS_MAX];
    text values[RECORD_FIELDS_MAX];
    size_t count;
};

enum record_attribute {
    RECORD_ID,
    RECORD_SOURCE,
    RECORD_TYPE,
    RECORD_SUBJECT,
    RECORD_TIME,
    RECORD_ATTRIBUTE_COUNT
};

/* NULL-terminated, in the order of the enum: "id", "source", … */
extern const char *const record_attribute_words[];

struct record_mapping {
    struct {
        text field;     /* the name of the field that gives it; empty: none */
        text otherwise; /* the field asked when that one is empty or "-"; empty: none */
        text value;     /* the fixed value when no field gives one; empty: none */
    } attributes[RECORD_ATTRIBUTE_COUNT];
};

/* How often each row of a file was seen: memory that grows with the number of different rows. */
struct record_seen;

/* Nothing seen yet; owned by the caller, freed with record_seen_free. */
struct record_seen *record_seen_new(void);

/* NULL is allowed. */
void record_seen_free(struct record_seen *seen);

/* Splits a CSV row (RFC 4180) into `values`; unescaped cells live in the arena, others in the row.
 * False when there are too many cells, a quote is left open, or something but a comma follows a
 * closing one. A quote inside a cell that does not begin with one is a character like others. */
NODISCARD bool record_split_csv(struct arena *arena, text row, text values[RECORD_FIELDS_MAX],
                                size_t *ret_count);

/* Splits a line of the Apache and nginx "combined" format into the fields remote_addr,
 * remote_user, time (RFC 3339), method, path, protocol, status, bytes ("0" for "-"), referer,
 * user_agent; the last two are empty for the "common" format, which lacks them. What the server
 * escaped stays as it is. Values live in the line and the arena. False when it is no such line. */
NODISCARD bool record_split_log(struct arena *arena, text line, struct record *ret);

/* Prints the event as JSON at the end of `out`. NULL, or what is wrong with the record, in words;
 * then nothing was printed. */
const char *record_event(const struct record *record, const struct record_mapping *mapping,
                         struct record_seen *seen, struct buffer *out);

#endif
