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

/* How often each row was seen. */
struct record_seen;
struct record_seen *record_seen_new(void);
void record_seen_free(struct record_seen *seen);

/* Splits a CSV row (RFC 4180) into `values`; unescaped cells live in the arena. False when there
 * are too many cells or a quote is left open. */
NODISCARD bool record_split_csv(struct arena *arena, text row, text values[RECORD_FIELDS_MAX],
                                size_t *ret_count);

/* Splits a line of the Apache and nginx "combined" format into the fields remote_addr,
 * remote_user, time (RFC 3339), method, path, protocol, status, bytes, referer, user_agent. */
NODISCARD bool record_split_log(struct arena *arena, text line, struct record *ret);

/* Prints the event as JSON. NULL, or what is missing, in words. */
const char *record_event(const struct record *record, const struct record_mapping *mapping,
                         struct record_seen *seen, struct buffer *out);

#endif
