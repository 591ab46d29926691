/* sealed_directory.h: what stands where in the file of a sealed segment.
 *
 * Private to usage/sealed*.c. Little-endian:
 *
 *     header     64 bytes: magic, version, salt, first sequence, rows, place of the footer,
 * checksum chunks     one behind the other, without a gap, in the order in which the footer names
 * them footer     its checksum, then the directory: each chunk's length and checksum; to the end
 *
 * A chunk is a column of a block, a page of keys (sealed_keys.h), or a dictionary. A column whose
 * rows are all the same has no chunk: its value stands in the directory. Checksums are XXH3, seeded
 * with the salt and the chunk's place, so a chunk that was written to another's place is noticed.
 */
#ifndef USAGE_SEALED_DIRECTORY_H
#define USAGE_SEALED_DIRECTORY_H

#include "usage/column.h"
#include "usage/sealed.h"
#include "usage/shape.h"

#define SEALED_HEADER_BYTES 64

/* Columns that every block has. Those from flags to shape are codes. */
enum sealed_column {
    SEALED_TIME,
    SEALED_INGESTED,
    SEALED_FLAGS, /* SEALED_FLAG_… */
    SEALED_ORG,
    SEALED_TYPE,
    SEALED_SOURCE,
    SEALED_SUBJECT,
    SEALED_SCHEMA,
    SEALED_SHAPE,  /* SEALED_SHAPE_… or a shape's number plus SEALED_SHAPE_FIRST */
    SEALED_OPAQUE, /* texts: data without a shape, of the rows that have some */
    SEALED_COLUMN_COUNT
};

#define SEALED_FLAG_TIME_GIVEN 1U
#define SEALED_FLAG_ERASED     2U
#define SEALED_FLAGS_LIMIT     4U

#define SEALED_SHAPE_NONE   0U /* no data */
#define SEALED_SHAPE_OPAQUE 1U
#define SEALED_SHAPE_FIRST  2U
#define SEALED_SHAPE_LIMIT  (SHAPES_MAX + SEALED_SHAPE_FIRST)

/* Texts that columns have codes into; beside them each leaf may have one. */
enum sealed_dictionary {
    SEALED_ORGS,
    SEALED_TYPES,
    SEALED_SOURCES,
    SEALED_SUBJECTS,
    SEALED_SCHEMAS,
    SEALED_SHAPES,
    SEALED_DICTIONARY_COUNT
};

/* "column subject", "dictionary of subjects": for naming a flaw. */
const char *sealed_column_name(enum sealed_column column);
const char *sealed_dictionary_name(enum sealed_dictionary dictionary);

/* A chunk. */
struct sealed_ref {
    uint64_t offset;
    uint64_t checksum;
    uint32_t length; /* 0: there is no chunk, every row has `value` */
    uint32_t value;  /* of a dictionary: how many texts */
};

/* The rows of one shape in a block: a column for each leaf. */
struct sealed_part {
    uint32_t shape;
    uint32_t rows;
    uint32_t leaf_count;
    struct sealed_ref *leaves;
};

#define SEALED_PAGE_ROWS 256U

struct sealed_block {
    uint32_t first_row;
    uint32_t rows;
    uint32_t erased;
    uint32_t opaque; /* rows with opaque data */
    uint32_t part_count;
    uint32_t page_count;
    instant time_min, time_max; /* of what is not erased; min is above max when all is */
    struct sealed_ref columns[SEALED_COLUMN_COUNT];
    struct sealed_ref *pages;
    struct sealed_part *parts; /* ascending by shape */
};

/* The dictionaries of a shape's leaves. */
struct sealed_leaves {
    uint32_t count;
    struct sealed_ref *dictionaries; /* of length 0 and value 0: it has none */
};

struct sealed_directory {
    uint64_t salt;
    uint64_t first_sequence;
    uint64_t footer_offset;
    uint64_t footer_length;
    uint32_t rows;
    uint32_t block_count;
    uint32_t shape_count;
    struct sealed_block *blocks;
    struct sealed_ref dictionaries[SEALED_DICTIONARY_COUNT];
    struct sealed_leaves *shapes;
};

/* The checksum of the bytes at a place. */
uint64_t sealed_checksum(const unsigned char *bytes, size_t size, uint64_t salt, uint64_t offset);

/* The block of a row. */
const struct sealed_block *sealed_block_of(const struct sealed_directory *directory, uint32_t row);

/* Appends the footer; sets its length. */
void sealed_footer_write(struct sealed_directory *directory, struct column_bytes *out);
void sealed_header_write(const struct sealed_directory *directory,
                         unsigned char to[SEALED_HEADER_BYTES]);

/* What a header says; false when it is none or flawed. */
NODISCARD bool sealed_header_read(const unsigned char from[SEALED_HEADER_BYTES],
                                  struct sealed_directory *ret);

/* Fills in the rest from `footer`, of the length that the header says, into the arena; false when
 * it is flawed. Chunks of a directory that was read lie between header and footer, and codes that
 * stand in it are below their limits. */
NODISCARD bool sealed_footer_read(const unsigned char *footer, struct arena *arena,
                                  struct sealed_directory *directory);

#endif
