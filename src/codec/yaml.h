/* yaml.h: YAML in, as what JSON could say, with the place of every value; and YAML out.
 *
 * For files that people write (cli/catalog.c): so every fault is told with its line and column, all
 * at once where one does not hide the next. Plain scalars are what the core schema of YAML 1.2
 * makes of them, and numbers keep their digits. A JSON document is one of YAML, too.
 *
 * What JSON has no words for is refused: anchors and aliases (and with them what grows out of all
 * bounds), tags, keys that are no text, several documents; duplicate keys, too, and texts that are
 * not UTF-8.
 */
#ifndef CODEC_YAML_H
#define CODEC_YAML_H

#include "codec/json.h"

/* Where something stands: the first line and the first character of a line are 1. */
struct yaml_mark {
    int64_t line;
    int64_t column;
};

struct yaml_node {
    enum json_kind kind;
    bool boolean;              /* JSON_BOOL */
    text key;                  /* member of a mapping: its key */
    text text;                 /* JSON_TEXT: its characters; JSON_NUMBER: as written */
    struct yaml_mark key_mark; /* of a member: where its key begins */
    struct yaml_mark mark;     /* where the value begins; of a member without one, its key */
    struct yaml_node *items;   /* JSON_ARRAY and JSON_OBJECT */
    size_t count;
};

struct yaml_fault {
    struct yaml_mark mark;
    text reason; /* "a key stands twice in one mapping: \"price\"" */
};

struct yaml_faults {
    struct yaml_fault *items; /* in the order of the file */
    size_t count;
    size_t room;
};

/* Reads a document; what it holds lives in the arena, `body` may go. False with one fault or more
 * when it was refused. Limits: LIMIT_BODY_BYTES, LIMIT_JSON_DEPTH, LIMIT_JSON_VALUES. */
NODISCARD bool yaml_parse(struct arena *arena, text body, struct yaml_node *ret,
                          struct yaml_faults *ret_faults);

/* The same as JSON. */
void yaml_write_json(const struct yaml_node *node, struct json_writer *w);

/* The node that a place of a fault names: "plans[0].phases[?(@.key=='trial')].name", also with $
 * in front. Where a step leads nowhere (what is missing has no place) the node before it. */
const struct yaml_node *yaml_find(const struct yaml_node *root, text place);

/* Prints a JSON value as YAML: one line for each scalar, quoted where they would else be read as
 * something else, two blanks for each level. yaml_parse gives the same value back. */
void yaml_print(const struct json *value, struct buffer *out);

#endif
