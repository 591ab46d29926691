/* sealed_write.h: a sealed segment on its way: rows gathered, blocks encoded as they are full.
 *
 * Private to usage/sealed_write*.c. At most one block is held as it came; what stands before it is
 * encoded already, in memory, so a segment costs about what its file will.
 */
#ifndef USAGE_SEALED_WRITE_H
#define USAGE_SEALED_WRITE_H

#include "usage/column_leaf.h"
#include "usage/sealed_keys.h"

#define SEALED_DRAFT_BYTES_MAX (8U << 20) /* data of a block; with so much it is full */

/* The rows of one shape in the block at hand: leaf_count leaves a row, as places in `data`. */
struct sealed_draft_part {
    struct shape_leaf *leaves;
    size_t room; /* in leaves */
    uint32_t rows;
    bool is_opaque; /* too few rows to be worth columns */
};

/* The block at hand. */
struct sealed_draft {
    uint32_t rows;
    uint32_t erased;
    instant time_min, time_max;
    int64_t *times;
    int64_t *ingested;
    uint32_t *codes[SEALED_COLUMN_COUNT]; /* from flags to shape */
    uint32_t *digests;
    unsigned char *fixed_ids;
    size_t *text_ids;          /* place in `ids`, and .. */
    uint32_t *text_id_lengths; /* .. length plus one; 0: fixed */
    struct column_bytes ids;
    struct column_bytes data;       /* one behind the other */
    struct shape_leaf *data_places; /* by row */
    struct sealed_draft_part parts[SHAPES_MAX];
};

struct sealed_writer {
    uint64_t salt;
    struct arena *arena; /* of the directory */
    struct sealed_directory directory;
    uint32_t block_room;
    struct column_packer *packer;
    struct sealed_dict *dictionaries[SEALED_DICTIONARY_COUNT]; /* all but the shapes */
    struct shape_set *shapes;
    struct leaf_writer *leaves[SHAPES_MAX]; /* by shape, then leaf */
    uint32_t hints[16];                     /* the last shape of a type, by its code */
    struct column_bytes out;                /* the file so far */
    struct sealed_draft draft;
    text *tokens;    /* scratch, SEALED_BLOCK_ROWS */
    uint32_t *codes; /* the same */
};

/* Encodes the block at hand, which has rows, and empties it. */
void sealed_draft_close(struct sealed_writer *writer);

/* The chunk that was appended to `out` since it was `begin` long. */
struct sealed_ref sealed_ref_made(const struct sealed_writer *writer, size_t begin, uint32_t value);

#endif
