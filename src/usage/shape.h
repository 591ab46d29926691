/* shape.h: JSON data taken apart into what events share and what is theirs.
 *
 * Private to usage/. The shape of a datum is its bytes with each scalar value (a string with its
 * quotes, a number, true, false, null) replaced by a hole: keys, punctuation and white space stay.
 * Shape and scalars, its leaves in their order, give the datum back byte for byte:
 *
 *     {"model":"gpt-4o","tokens":17}   is   {"model":_,"tokens":_}   with   "gpt-4o"   and   17
 *
 * A shape is taken only when its first datum is JSON in the eyes of json_parse, and a leaf only
 * when it is a scalar, so a datum that has a shape is JSON and what stands at a path can be told
 * from the shape alone. Everything else is opaque: other bytes, rare and huge forms, more shapes
 * than SHAPES_MAX. Refusing a shape is never wrong, only larger.
 */
#ifndef USAGE_SHAPE_H
#define USAGE_SHAPE_H

#include "codec/json.h"

#define SHAPES_MAX       128U /* of one set */
#define SHAPE_LEAVES_MAX 256U /* of one shape */
#define LEAVES_MAX       512U /* of all shapes of a set */
#define SHAPE_BYTES_MAX  (1U << 20)

#define SHAPE_HOLE '\1' /* stands for a leaf; no JSON text has it outside of a leaf */

/* Bytes behind a datum that must be there to be read. */
#define SHAPE_PADDING 8

/* A leaf: some bytes of a datum. */
struct shape_leaf {
    uint32_t offset;
    uint32_t length;
};

/* A shape, taken apart. */
struct shape {
    text template;
    uint32_t leaf_count;
    text *pieces;     /* what stands before, between and behind the leaves: leaf_count + 1 */
    struct json tree; /* of the template with a zero in each hole */
};

/* Reads a template, into the arena; false when it is none. */
NODISCARD bool shape_read(text template, struct arena *arena, struct shape *ret);

/* What stands at a path in all data of a shape. */
struct shape_place {
    enum { PLACE_NOTHING, PLACE_LEAF, PLACE_ARRAY, PLACE_OBJECT } kind;

    uint32_t leaf; /* which, PLACE_LEAF */
};

/* As json_path_get does for every datum of the shape. */
struct shape_place shape_find(const struct shape *shape, const struct json_path *path);

/* The value that a leaf's bytes stand for, decoded into the arena where it has escapes. False when
 * they are no scalar. */
NODISCARD bool shape_leaf_value(text leaf, struct arena *arena, struct json *ret);

/* ---- shapes as they come ---- */

struct shape_set;

/* An empty one, freed with shape_set_free. */
struct shape_set *shape_set_new(void);
void shape_set_free(struct shape_set *set);

#define SHAPE_OPAQUE UINT32_MAX

/* The number of the datum's shape, a new one when need be, and its leaves; SHAPE_OPAQUE when it has
 * none. `hint` is the shape it probably has (any number will do). There are SHAPE_PADDING readable
 * bytes behind `data`; `ret_leaves` has room for SHAPE_LEAVES_MAX. */
uint32_t shape_set_take(struct shape_set *set, text data, uint32_t hint,
                        struct shape_leaf *ret_leaves);

/* Numbers count up from 0. */
uint32_t shape_set_count(const struct shape_set *set);
const struct shape *shape_set_get(const struct shape_set *set, uint32_t number);

#endif
