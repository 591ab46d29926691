/* fields_inside.h: what the files fields_*.c share. Nobody else includes it. */
#ifndef CODEC_FIELDS_INSIDE_H
#define CODEC_FIELDS_INSIDE_H

#include "codec/fields.h"

/* The dialect of the store: v3's forms, with every row but FIELD_NOT_COLUMN, and no rule about
 * them, since what is in the store was accepted once. */
#define DIALECT_STORE ((enum dialect)DIALECT_COUNT)

/* Room for a key in any dialect. */
#define FIELD_KEY_ROOM 96

static inline void *field_member(const struct field *row, void *object)
{
    return (char *)object + row->offset;
}

static inline const void *field_member_const(const struct field *row, const void *object)
{
    return (const char *)object + row->offset;
}

/* The flag of an OBJECT row that says whether it is there. The row must have one. */
static inline bool *field_set_flag(const struct field *row, void *object)
{
    return (bool *)((char *)object + row->set_offset);
}

/* Whether the dialect has the row at all, be it to read or to print. */
bool field_is_visible(const struct field *row, enum dialect dialect);

/* Whether requests of the dialect set the row. */
bool field_is_readable(const struct field *row, enum dialect dialect);

/* Whether the dialect prints the row. */
bool field_is_printed(const struct field *row, enum dialect dialect);

/* The key of a row, written into `room` unless it is static. */
text field_key_in(const struct field *row, enum dialect dialect, char room[FIELD_KEY_ROOM]);

/* Whether `key` is the row's key in the dialect. */
bool field_key_is(const struct field *row, enum dialect dialect, text key);

/* Whether a DEC row is a JSON number in the dialect. */
bool field_is_number(const struct field *row, enum dialect dialect);

/* Whether an ENUM row has upper-case words in the dialect. */
bool field_is_upper(const struct field *row, enum dialect dialect);

/* Number of words in a NULL-terminated list. */
size_t words_count(const char *const *words);

/* One member as a JSON value, which must not be absent. */
void field_write_value(const struct field *row, enum dialect dialect, struct json_writer *w,
                       const void *object);

/* Reads one member from a value that is not null, in the store's dialect; false when it has
 * another form. */
NODISCARD bool field_read_stored(const struct field *row, struct arena *arena,
                                 const struct json *value, void *object);

/* What a form asks of a text (FORM_LABELS and FORM_DIMENSIONS: of a map's values), for the check
 * and for the schema; members are 0 or NULL when they ask nothing. Lengths count code points. */
struct form_rule {
    int64_t length_min, length_max;
    const char *pattern;
};

/* The rule of a form. */
struct form_rule form_rule_of(enum field_form form);

/* Checks a text. On failure fills rule, reason, code and bound of `ret`. */
NODISCARD bool form_check(enum field_form form, struct arena *arena, text t,
                          struct problem_field *ret);

/* Checks one pair of a map of this form, in the same way. */
NODISCARD bool form_check_pair(enum field_form form, struct arena *arena, struct text_pair pair,
                               struct problem_field *ret);

/* Whether key and value may be printed as a label. */
bool label_is_printable(struct text_pair pair);

#endif
