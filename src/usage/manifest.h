/* manifest.h: the file that says which files are the store.
 *
 * Private to usage/. Sealed segments and runs of keys are written under names never used before,
 * and count from the moment on in which a manifest names them. It is replaced whole: written
 * beside, flushed, renamed, the directory flushed. So at any instant the old one or the new one is
 * there, and both are right: what the old one names is removed only after the new one is durable.
 *
 *      0  magic          8   "TGUSGMAN"
 *      8  version        4
 *     12  first log      4   ordinal of the first log file that counts
 *     16  salt           8   of the store
 *     24  next file      8   names of segments and runs have lower numbers
 *     32  sealed         8   the last sequence in a sealed segment; 0 when there is none
 *     40  segments       4
 *     44  runs           4
 *     48  32 for each segment: number, first and last sequence, epoch
 *         24 for each run: number, first and last sequence
 *         checksum       8   XXH3 of all before it
 *
 * A store that has sealed nothing has no manifest.
 */
#ifndef USAGE_MANIFEST_H
#define USAGE_MANIFEST_H

#include "usage/usage.h"

#define MANIFEST_NAME      "manifest"
#define MANIFEST_NAME_MAX  32
#define MANIFEST_FILES_MAX (1U << 20)

struct manifest_segment {
    uint64_t file;
    uint64_t first_sequence;
    uint64_t last_sequence;
    uint64_t epoch; /* number of the last erasure in it; 0 when there was none */
};

struct manifest_run {
    uint64_t file;
    uint64_t first_sequence;
    uint64_t last_sequence;
};

struct manifest {
    uint32_t first_log;
    uint64_t salt;
    uint64_t next_file;
    uint64_t sealed_to;
    struct manifest_segment *segments;
    uint32_t segment_count;
    struct manifest_run *runs;
    uint32_t run_count;
};

/* The names of a sealed segment's file and of a run's. */
void manifest_segment_name(uint64_t file, char ret[MANIFEST_NAME_MAX]);
void manifest_run_name(uint64_t file, char ret[MANIFEST_NAME_MAX]);

/* Its bytes, in the arena. */
text manifest_print(const struct manifest *manifest, struct arena *arena);

/* Reads bytes; false when they are none: a checksum, or a list with gaps. Lists in the arena. */
NODISCARD bool manifest_parse(text from, struct arena *arena, struct manifest *ret);

/* ERR_ABSENT when there is none; ERR_CORRUPT when it is damaged. */
NODISCARD enum err manifest_load(struct usage_io *io, const char *directory, struct arena *arena,
                                 struct manifest *ret);

/* Replaces it. The files it names must be durable but for their names in the directory. On failure
 * `ret_is_uncertain` tells that the old or the new one may be on the disk: files of neither may be
 * removed then. */
NODISCARD enum err manifest_store(struct usage_io *io, const char *directory,
                                  const struct manifest *manifest, bool *ret_is_uncertain);

#endif
