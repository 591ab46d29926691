/* backup_set.h: what a backup consists of, as told by its manifest, backup.json; and digests of
 * files.
 *
 * A backup is a directory or a tar archive with the manifest and the files that it names. Where a
 * file is stored need not be its name: an incremental backup puts new files beside old ones, and
 * only the new manifest, written last, says that they count.
 */
#ifndef CLI_BACKUP_SET_H
#define CLI_BACKUP_SET_H

#include <sodium.h>

#include "base/instant.h"
#include "codec/json.h"

#define BACKUP_MANIFEST   "backup.json"
#define BACKUP_HASH_BYTES 32
#define BACKUP_HASH_TEXT  (BACKUP_HASH_BYTES * 2 + 1)

struct backup_part {
    text name;   /* in a data directory: "state.db" or "usage/…" */
    text stored; /* in the backup */
    uint64_t size;
    bool is_immutable;
    text mark;   /* the server's word for its contents; empty when it has none */
    text digest; /* BLAKE2b-256 in hexadecimal digits; empty when it is not known yet */
};

struct backup_set {
    text id, origin, created_at;
    uint64_t sequence;
    struct backup_part *parts;
    size_t count;
};

/* Reads a manifest, or the server's answer, which lacks `stored` and digests; texts in the arena.
 * False when it is none, or names files that have no place in a data directory. */
NODISCARD bool backup_set_read(struct arena *arena, text json, struct backup_set *ret);

/* Prints a manifest. */
text backup_set_print(struct arena *arena, const struct backup_set *set);

/* The part of this name; NULL when there is none. */
const struct backup_part *backup_set_find(const struct backup_set *set, text name);

/* Whether a file may be stored under this name: one of a data directory, with or without an id
 * behind it. */
bool backup_name_is_valid(text name);

/* A digest, bit by bit. */
struct backup_hash {
    crypto_generichash_state state;
};

/* Begins with nothing; adds bytes; gives the digits, in the arena. */
void backup_hash_begin(struct backup_hash *hash);
void backup_hash_add(struct backup_hash *hash, text piece);
text backup_hash_end(struct backup_hash *hash, struct arena *arena);

#endif
