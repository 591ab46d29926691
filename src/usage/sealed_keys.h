/* sealed_keys.h: pages of keys: what tells 256 events from all others, readable on its own.
 *
 * Private to usage/sealed*.c. Deduplication asks for single rows, so ids and digests, and org and
 * source where a block has several, are not in columns of a block but in small pages, each with a
 * checksum of its own. A page says in its first byte what it has, then:
 *
 *     a bit for each row that is erased     FORM_ERASED
 *     digests, 4 bytes each
 *     codes of orgs; codes of sources       FORM_ORGS, FORM_SOURCES
 *     ids: 16 bytes each, or with FORM_TEXTS their lengths plus one (0 for such 16 bytes), then
 *     their bytes
 *
 * The 16 bytes are those of a UUID in canonical form, or an erased row's key.
 */
#ifndef USAGE_SEALED_KEYS_H
#define USAGE_SEALED_KEYS_H

#include "usage/column_uuid.h"
#include "usage/sealed_directory.h"

/* The keys of some rows, to be written. */
struct sealed_keys {
    const uint32_t *digests;
    const uint32_t *flags;      /* SEALED_FLAG_… */
    const uint32_t *orgs;       /* NULL when all rows of the block have the same */
    const uint32_t *sources;    /* the same */
    const unsigned char *fixed; /* UUID_BYTES a row, where there is no text */
    const text *texts;          /* ptr NULL: fixed */
};

/* Appends a page of the rows from `row` on, `count` of them. */
void sealed_page_put(struct column_packer *packer, const struct sealed_keys *keys, size_t row,
                     size_t count, struct column_bytes *out);

/* A page as it is read; rows count from its first. */
struct sealed_page {
    uint32_t count;
    const unsigned char *erased;  /* bits; NULL: no row is */
    const unsigned char *digests; /* 4 bytes each */
    const uint32_t *orgs;         /* NULL: see the block */
    const uint32_t *sources;
    const unsigned char *fixed; /* NULL: see `texts` */
    const text *texts;          /* of 16 bytes where the tag is 0 */
    const uint32_t *tags;       /* 0: fixed */
};

/* Reads a page of `count` rows, from bytes that stay, into the arena; codes are below the limits.
 * False when it is none. */
NODISCARD bool sealed_page_get(struct column_cursor from, uint32_t count,
                               const struct sealed_directory *directory, struct arena *arena,
                               struct sealed_page *ret);

/* Of one row. */
bool sealed_page_is_erased(const struct sealed_page *page, uint32_t row);
uint32_t sealed_page_digest(const struct sealed_page *page, uint32_t row);

/* The row's id: true with the 16 bytes of a UUID or erased key, false with the text itself. */
bool sealed_page_id(const struct sealed_page *page, uint32_t row, text *ret);

#endif
