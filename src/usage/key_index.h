/* key_index.h: from an event's key to its sequence: the exact index behind deduplication.
 *
 * Private to usage/. A key is known here by its 64-bit fingerprint (record.h). Two keys may share
 * one, and of a fingerprint only KEY_RUN_BITS are kept on disk, so what is found are candidates,
 * and the caller compares the key itself. A key that was added is always among them: nothing is
 * ever missed, nothing ever dropped falsely.
 *
 * Young keys are in a table in memory (key_table), one for each part of the log that is not sealed.
 * Older ones are in runs: immutable files, sorted by fingerprint, with a Bloom filter in front
 * (B. Bloom, 1970; blocked: one cache line a question, F. Putze et al., 2007). Runs of neighbouring
 * sequences are merged into larger ones by tiers, so that a key is looked for in few filters. The
 * filters are in memory, twelve bits a key; the rest of a run is read when a filter says maybe,
 * which it does for one in 200 keys that the run does not hold. key_run.h says how a file looks.
 */
#ifndef USAGE_KEY_INDEX_H
#define USAGE_KEY_INDEX_H

#include "usage/usage.h"

struct key_entry {
    uint64_t fingerprint;
    uint64_t sequence;
};

/* ---- young keys ---- */

struct key_table;

/* Grows in steps, so that no single addition is slow (a table of 100 million moved at once was a
 * stall of 700 ms). */
struct key_table *key_table_new(void);

/* NULL is allowed. */
void key_table_free(struct key_table *table);

/* What it takes of memory. */
size_t key_table_bytes(const struct key_table *table);

/* One thread adds; readers are that thread's, too. Sequences are at least the first one added, and
 * less than 2^32 - 1 above it. */
void key_table_add(struct key_table *table, uint64_t fingerprint, uint64_t sequence);

/* Hints that this fingerprint will be looked for soon. */
void key_table_prefetch(const struct key_table *table, uint64_t fingerprint);

/* The next candidate, in no order; start with *cursor 0. False when there are no more. No addition
 * may come between the calls of one search. */
bool key_table_find(const struct key_table *table, uint64_t fingerprint, size_t *cursor,
                    uint64_t *ret_sequence);

/* ---- runs ---- */

struct key_run;

#define KEY_RUN_BITS     44 /* the highest ones of a fingerprint */
#define KEY_RUN_KEYS_MAX (1U << 28)

struct key_run_summary {
    uint64_t first_sequence;
    uint64_t last_sequence;
    uint64_t count;
    uint64_t bytes;        /* of the file */
    uint64_t memory_bytes; /* of filter and directory */
};

/* What goes into a run: the keys of the sequences first..last. */
struct key_run_keys {
    struct key_entry *entries; /* sorted in place; best when they come in order of sequence */
    size_t count;
    uint64_t first_sequence;
    uint64_t last_sequence;
};

/* Writes and flushes the file `path` (the directory is the caller's to flush). On failure nothing
 * is left behind. */
NODISCARD enum err key_run_write(struct usage_io *io, const char *path,
                                 const struct key_run_keys *keys);

/* Merges runs of neighbouring sequences, in order, into one file, streaming: memory is bounded
 * whatever their size. KEY_RUN_KEYS_MAX keys at most. ERR_CORRUPT when one of them is damaged. */
NODISCARD enum err key_run_merge(struct usage_io *io, const char *path, struct key_run *const *runs,
                                 size_t count);

/* ERR_CORRUPT with `ret_damage`; ERR_ABSENT when there is no such file. */
NODISCARD enum err key_run_open(struct usage_io *io, const char *path, struct key_run **ret,
                                struct usage_damage *ret_damage);

/* NULL is allowed. */
void key_run_free(struct key_run *run);

/* Valid as long as the run. */
const struct key_run_summary *key_run_summary(const struct key_run *run);

/* Any thread. */
void key_run_prefetch(const struct key_run *run, uint64_t fingerprint);

/* Whether the filter lets the fingerprint pass; no input or output. */
bool key_run_may_hold(const struct key_run *run, uint64_t fingerprint);

/* Both of the above for many: which of the fingerprints pass, by place, ascending, into `ret`,
 * which has room for all; returns how many. The fastest way to ask. */
size_t key_run_sieve(const struct key_run *run, const uint64_t *fingerprints, size_t count,
                     uint32_t *ret);

#define KEY_CANDIDATES_MAX 64

/* The sequences under this fingerprint, ascending. ERR_CORRUPT when what was read does not match
 * its checksum, or when there are more than KEY_CANDIDATES_MAX. */
NODISCARD enum err key_run_find(struct key_run *run, uint64_t fingerprint,
                                uint64_t ret_sequences[KEY_CANDIDATES_MAX], size_t *ret_count);

/* Reads the whole run, ascending by fingerprint, then sequence; of the fingerprints only the
 * KEY_RUN_BITS are there, the rest are zeros. ERR_CORRUPT with the flaw in `ret_damage`, which may
 * be NULL. */
typedef void key_run_visit(void *state, const struct key_entry *entry);
NODISCARD enum err key_run_each(struct key_run *run, key_run_visit *visit, void *state,
                                struct usage_damage *ret_damage);

/* Reads every byte and compares every checksum; calls `visit` for each flaw. */
NODISCARD enum err key_run_check(struct key_run *run, usage_damage_visit *visit, void *state);

#endif
