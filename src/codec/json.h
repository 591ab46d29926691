/* json.h: JSON in (a tree in an arena) and JSON out (a streaming printer).
 *
 * Reading goes through simdjson (json_simdjson.cc, the one C++ file of the tree). What is ours:
 * duplicate keys, depth and member counts are refused; numbers keep their text and become dec,
 * never double; each value knows the exact bytes it was read from, so that an event's `data` is
 * stored as it was sent.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/dec.h"
#include "base/fault.h"
#include "base/instant.h"
#include "base/text.h"

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_ARRAY,
    JSON_OBJECT,
    JSON_KIND_COUNT
};

struct json {
    enum json_kind kind;
    bool boolean;             /* JSON_BOOL */
    text key;                 /* member of an object: its key, decoded; else empty */
    text text;                /* JSON_TEXT: decoded; JSON_NUMBER: as written; else empty */
    text raw;                 /* the bytes of this value in the copy that json_parse made */
    const struct json *items; /* JSON_ARRAY and JSON_OBJECT: `count` values in a row */
    size_t count;
};

struct json_fault {
    enum fault fault; /* FAULT_JSON_… */
    size_t offset;    /* byte in the body, as near as is known */
    text message;     /* static or in the arena */
};

/* Parses one JSON document; anything but white space behind it is refused. The whole tree and a
 * copy of the body live in the arena: `body` itself may go. On failure fills `ret_fault`, leaves
 * `*ret` alone and returns false. Limits: LIMIT_JSON_DEPTH, LIMIT_JSON_MEMBERS; UTF-8 is checked.
 */
NODISCARD bool json_parse(struct arena *arena, text body, struct json *ret,
                          struct json_fault *ret_fault);

/* The member with this key; NULL when `value` is no object or has none. */
const struct json *json_member(const struct json *value, text key);

/* "object", "array", "string", "number", "boolean", "null". */
const char *json_kind_name(enum json_kind kind);

/* A path into a JSON value: $, .name, ["name"] (or ['name']), [n], [*] and [n to m] (both ends
 * inside), as the wire contract's valueProperty and groupBy have them. A path with [*] or a range
 * leads to the first scalar that it fits, in the order of the document. */
struct json_path {
    struct json_step {
        text name;    /* a member's name, when is_index is false */
        size_t index; /* the first of the items, */
        size_t last;  /* and the last one */
        bool is_index;
    } * steps;

    size_t count;
};

/* Reads a path; false when it is none ("$" alone is one). Steps live in the arena. */
NODISCARD bool json_path_parse(struct arena *arena, text t, struct json_path *ret);

/* The value at the path; NULL when a step leads nowhere. */
const struct json *json_path_get(const struct json *root, const struct json_path *path);

/* Prints JSON into a buffer. Commas are its business; nesting is checked. */
struct json_writer {
    struct buffer *out;
    uint64_t has_items; /* one bit per level: whether a comma is due */
    int depth;
    bool after_key;
};

struct json_writer json_writer_of(struct buffer *out);
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, text key);
void json_text(struct json_writer *w, text value); /* a string, escaped */
void json_raw(struct json_writer *w, text value);  /* bytes that are JSON already */
void json_int(struct json_writer *w, int64_t value);
void json_bool(struct json_writer *w, bool value);
void json_null(struct json_writer *w);
void json_dec_text(struct json_writer *w, dec value);    /* as a string: "1.50" */
void json_dec_number(struct json_writer *w, dec value);  /* as a number of exactly these digits */
void json_instant(struct json_writer *w, instant value); /* RFC 3339 string; none prints null */

/* Key and string value in one call, for the common case. */
void json_member_text(struct json_writer *w, const char *key, text value);

#endif
