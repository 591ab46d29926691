/* column_leaf.h: the values of one leaf of a shape in one block, as few bytes.
 *
 * Private to usage/. Four forms, the first that fits: codes into the leaf's dictionary, when there
 * are few distinct values; decimal numbers of up to 18 digits whose text is the plain one (so not
 * 1e3, 007 or -0), as whole numbers and their digits behind the point; UUIDs in lower case and in
 * quotes, 16 bytes each; texts.
 */
#ifndef USAGE_COLUMN_LEAF_H
#define USAGE_COLUMN_LEAF_H

#include "codec/json.h"
#include "usage/column.h"
#include "usage/sealed_dict.h"

/* A leaf of a segment being written. */
struct leaf_writer {
    struct sealed_dict *dict;
    bool has_no_dict; /* there were too many distinct values for one */
};

/* How many distinct values a dictionary has at most: of texts, and of numbers. */
#define LEAF_TEXTS_MAX   32768U
#define LEAF_NUMBERS_MAX 256U

/* Where leaves go. */
struct leaf_sink {
    struct column_packer *packer;
    struct column_bytes *out;
    uint32_t *codes; /* scratch, for as many as there are leaves */
};

/* Appends `count` (1 or more) leaves. True with `ret_code`, and nothing appended, when all are the
 * same value of the dictionary. */
bool leaf_put(struct leaf_writer *leaf, const text *tokens, size_t count,
              const struct leaf_sink *to, uint32_t *ret_code);

/* A leaf's values as they are read: values[codes[i]]. `raw` of each is its bytes in the data. */
struct leaf_values {
    const uint32_t *codes;
    const struct json *values;
    uint32_t value_count;
};

/* What reading leaves needs. */
struct leaf_source {
    struct leaf_values dict;  /* of values in dictionary form */
    const uint32_t *identity; /* the numbers 0, 1, 2… as many as there are leaves */
    struct arena *arena;      /* for the rest */
};

/* Reads what leaf_put wrote. False when it is no such thing. */
NODISCARD bool leaf_get(struct column_cursor *from, size_t count, const struct leaf_source *source,
                        struct leaf_values *ret);

#endif
