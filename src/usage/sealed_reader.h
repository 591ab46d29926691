/* sealed_reader.h: what one call reads of a sealed segment: a block at a time, each column once.
 *
 * Private to usage/sealed*.c. A reader holds what it read in the cache until it goes on to another
 * block (dictionaries: until its end), so pointers stay valid that long. One thread.
 */
#ifndef USAGE_SEALED_READER_H
#define USAGE_SEALED_READER_H

#include "usage/sealed_cache.h"

struct sealed {
    uint64_t number; /* of no other open segment of the process */
    struct usage_io *io;
    struct sealed_cache *cache;
    int fd;
    char file[64]; /* its name, for damage */
    struct arena *arena;
    struct sealed_directory directory;
    struct sealed_summary summary;
};

/* Reads bytes of the file. ERR_CORRUPT when it is shorter. */
NODISCARD enum err sealed_read(const struct sealed *sealed, uint64_t offset, size_t size,
                               unsigned char *ret);

/* Reads a chunk of some bytes and compares its checksum. Freed by the caller. */
NODISCARD enum err sealed_chunk(const struct sealed *sealed, const struct sealed_ref *ref,
                                unsigned char **ret);

/* The numbers 0, 1, 2… below SEALED_BLOCK_ROWS. Static. */
const uint32_t *sealed_identity(void);

/* A dictionary other than that of shapes, held. */
NODISCARD enum err sealed_dictionary(struct sealed *sealed, enum sealed_dictionary which,
                                     struct sealed_item **ret);

/* The number of a text in a dictionary; false when it has none. */
bool sealed_dictionary_find(const struct sealed_item *dictionary, text t, uint64_t salt,
                            uint32_t *ret);

/* ---- a reader ---- */

struct sealed_reader {
    struct sealed *sealed;
    struct arena *arena; /* of the reader's own tables */
    struct sealed_item *dictionaries[SEALED_DICTIONARY_COUNT];
    struct sealed_item ***leaf_dictionaries; /* by shape, then leaf */

    const struct sealed_block *block;
    struct sealed_item *columns[SEALED_COLUMN_COUNT]; /* NULL: not asked for, or all the same */
    struct sealed_item *pages;
    struct sealed_item ***leaves;                /* by shape, then leaf: held for this block */
    const struct sealed_part *parts[SHAPES_MAX]; /* by shape; NULL: not in this block */
};

/* A reader is begun, and ended, once. */
void sealed_reader_begin(struct sealed_reader *reader, struct sealed *sealed);
void sealed_reader_end(struct sealed_reader *reader);

/* Goes on to a block, letting go what was read of the one before. */
void sealed_reader_block(struct sealed_reader *reader, const struct sealed_block *block);

/* Each of these reads what it names, when that has not happened. */
NODISCARD enum err sealed_reader_dictionary(struct sealed_reader *reader,
                                            enum sealed_dictionary which);
NODISCARD enum err sealed_reader_column(struct sealed_reader *reader, enum sealed_column column);
NODISCARD enum err sealed_reader_pages(struct sealed_reader *reader);

/* The values of a leaf in the rows of a shape, by rank. `codes` is NULL when all rows have the
 * same, `ret_code`. */
NODISCARD enum err sealed_reader_leaf(struct sealed_reader *reader, uint32_t shape, uint32_t leaf,
                                      struct leaf_values *ret, uint32_t *ret_code);

/* The code of a row of the block, in a column that was read. */
static inline uint32_t sealed_reader_code(const struct sealed_reader *reader,
                                          enum sealed_column column, uint32_t row)
{
    const struct sealed_item *item = reader->columns[column];
    return item ? item->codes[row] : reader->block->columns[column].value;
}

/* How many rows before this one have the same shape, once column shape was read. */
static inline uint32_t sealed_reader_rank(const struct sealed_reader *reader, uint32_t row)
{
    const struct sealed_item *item = reader->columns[SEALED_SHAPE];
    return item ? item->ranks[row] : row;
}

#endif
