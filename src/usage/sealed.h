/* sealed.h: a sealed segment: a run of events, columnar, compressed, immutable.
 *
 * Private to usage/. A segment holds the events first..last without a gap, in order of sequence;
 * row n is sequence first + n. Rows stand in blocks of SEALED_BLOCK_ROWS or fewer (when their data
 * is large); a column of a block is one chunk with a checksum of its own, so a scan reads only the
 * columns and blocks it needs.
 *
 * Columns: time, ingested (delta), flags, org, type, source, subject, data schema, shape (codes
 * into the segment's dictionaries), id (16 bytes for a UUID in canonical form, else text), digest
 * (4 bytes: what the event says, for telling a repetition from a conflict), and the leaves of its
 * data, shredded by shape (shape.h). Ids, digests, and the org and source codes where they are not
 * constant, can be read for one row without decoding a block: that is what deduplication asks for.
 *
 * An erased row keeps its place: flags, org, and in place of the id a 16-byte digest of its key.
 *
 * Nothing is mapped: reads go through usage_io into a cache with a bound, so memory is bounded and
 * a bad sector is an error, not a signal. Every byte is under a checksum that is compared before it
 * is believed; a flaw gives ERR_CORRUPT and is named.
 */
#ifndef USAGE_SEALED_H
#define USAGE_SEALED_H

#include "usage/usage.h"

#define SEALED_ROWS_MAX   262144U /* of one segment */
#define SEALED_BLOCK_ROWS 32768U

/* The identity of an event whose content is gone. */
struct sealed_key {
    unsigned char bytes[16];
};

/* Keyed BLAKE2b-128 of (org, source, id), each with its length. */
struct sealed_key sealed_key_of(const struct usage_event *event, uint64_t salt);

/* What the event says, in 32 bits, for record_is_conflict's question: equal digests mean the same
 * (but for one in 2^32), others mean that the events must be compared. */
uint32_t sealed_digest_of(const struct usage_event *event);

/* ---- writing ---- */

struct sealed_writer;

/* Takes up to SEALED_ROWS_MAX rows. */
struct sealed_writer *sealed_writer_new(uint64_t salt);

/* Bytes it holds, encoded or not: some part of the raw size of what was added. A caller that wants
 * a bound finishes early. */
size_t sealed_writer_bytes(const struct sealed_writer *writer);

/* Rows since it was new or finished. */
uint32_t sealed_writer_rows(const struct sealed_writer *writer);

/* NULL is allowed. */
void sealed_writer_free(struct sealed_writer *writer);

/* The next row; sequences ascend without a gap. Copies what it needs. */
void sealed_writer_add(struct sealed_writer *writer, const struct usage_event *event);
void sealed_writer_add_erased(struct sealed_writer *writer, uint64_t sequence,
                              const struct org_id *org, const struct sealed_key *key);

/* Writes and flushes the file `path` (the directory is the caller's to flush). On failure nothing
 * is left behind. The writer is empty again afterwards. */
NODISCARD enum err sealed_writer_finish(struct sealed_writer *writer, struct usage_io *io,
                                        const char *path);

/* ---- reading ---- */

/* Decoded chunks, shared by all segments, least recently used first out. Any thread. */
struct sealed_cache;
struct sealed_cache *sealed_cache_new(size_t bytes_max);
void sealed_cache_free(struct sealed_cache *cache);
size_t sealed_cache_bytes(struct sealed_cache *cache);

struct sealed;

struct sealed_summary {
    uint64_t first_sequence;
    uint32_t rows;
    uint32_t erased;
    uint64_t bytes;             /* of the file */
    instant time_min, time_max; /* of those not erased; INSTANT_NONE both when all are */
};

/* Opens a file: reads and checks header, footer and directory of chunks; dictionaries are read when
 * first needed. ERR_CORRUPT with `ret_damage` filled in; ERR_ABSENT when there is no such file. */
NODISCARD enum err sealed_open(struct usage_io *io, const char *path, struct sealed_cache *cache,
                               struct sealed **ret, struct usage_damage *ret_damage);

/* No call may be under way. NULL is allowed. */
void sealed_free(struct sealed *sealed);

/* What is known of it without reading. */
const struct sealed_summary *sealed_summary(const struct sealed *sealed);

/* The event of a sequence, texts in the arena, `data` byte for byte as it was sent. ERR_ABSENT when
 * it is erased. */
NODISCARD enum err sealed_event(struct sealed *sealed, uint64_t sequence, struct arena *arena,
                                struct usage_event *ret);

enum sealed_match { SEALED_OTHER, SEALED_SAME, SEALED_SAME_ERASED };

/* Whether the row is the event's key (org, source, id); with SEALED_SAME also the row's digest. */
NODISCARD enum err sealed_match(struct sealed *sealed, uint64_t sequence,
                                const struct usage_event *event, enum sealed_match *ret,
                                uint32_t *ret_digest);

/* The key of an erased row. ERR_ABSENT when it is not erased. */
NODISCARD enum err sealed_erased_key(struct sealed *sealed, uint64_t sequence,
                                     struct org_id *ret_org, struct sealed_key *ret);

/* Calls `visit` with each event that passes, up or down by sequence, as usage_scan does; the
 * sequence bounds of the filter are cut to this segment. `ret_is_over`: the visitor has enough. */
NODISCARD enum err sealed_scan(struct sealed *sealed, const struct usage_filter *filter,
                               usage_visit *visit, void *state, bool *ret_is_over);

/* Who is shown blocks, and whether it has had enough. */
struct sealed_block_visitor {
    usage_block_visit *visit;
    void *state;
    bool is_over; /* set here */
};

/* The same by blocks, as usage_scan_blocks does. */
NODISCARD enum err sealed_scan_blocks(struct sealed *sealed, const struct usage_filter *filter,
                                      const struct usage_paths *paths,
                                      struct sealed_block_visitor *visitor);

/* Every row, oldest first, to be written anew: events, and for erased rows `event` with org and
 * sequence only and its key. False ends it. */
typedef bool sealed_row_visit(void *state, const struct usage_event *event,
                              const struct sealed_key *erased);
NODISCARD enum err sealed_rows(struct sealed *sealed, sealed_row_visit *visit, void *state);

/* Whether any row passes org, subjects and time; cheap where dictionaries and bounds say no.
 * `ret_count` rows pass; `ret_org_count` rows of the org are not erased. */
NODISCARD enum err sealed_count(struct sealed *sealed, const struct usage_filter *filter,
                                uint32_t *ret_count, uint32_t *ret_org_count);

/* Reads every byte and compares every checksum; calls `visit` for each flaw. */
NODISCARD enum err sealed_check(struct sealed *sealed, usage_damage_visit *visit, void *state);

#endif
