/* backup.h: copies of the data directory as it is at one moment, held until they have been fetched;
 * private to this module.
 *
 * A backup is a directory of its own, <data>/backup/<id>/, with one file for each that belongs to
 * it, named by its number. Files of the event store are linked, so that making a backup is quick
 * and they stay when the store is through with them; the state is copied. Only the server process
 * has them: what a process leaves behind the next one removes.
 */
#ifndef API_BACKUP_H
#define API_BACKUP_H

#include "codec/fields.h"
#include "store/store.h"
#include "usage/usage.h"

struct backups;

/* For the data directory (copied); removes what was left behind. */
struct backups *backups_new(const char *directory);

/* Removes all that are held. NULL is allowed. */
void backups_free(struct backups *backups);

ID_TYPE(backup);

struct backup_file {
    text name;         /* in the data directory, such as "usage/…" */
    int64_t size;      /* bytes */
    bool is_immutable; /* this name, size and mark never have other bytes */
    text mark;
};

struct backup {
    struct backup_id id;
    struct org_id origin; /* tells data directories apart */
    instant created_at;
    int64_t sequence;  /* of the last event in it */
    struct list files; /* struct backup_file */
};

/* Makes one: id, origin and created_at are given, texts live in the arena. State and usage are of
 * one moment. ERR_BUSY when too many are held that were asked for lately. */
NODISCARD enum err backup_make(struct backups *backups, struct store *store, struct usage *usage,
                               struct arena *arena, struct backup *backup);

#define BACKUP_PIECE_BYTES (4 * 1024 * 1024)

struct backup_piece {
    struct backup_id id;
    int64_t index;  /* of the file */
    int64_t offset; /* in it, 0 or more */
};

/* Up to BACKUP_PIECE_BYTES of a file, in the arena; empty at the end. ERR_ABSENT when there is no
 * such backup or file. */
NODISCARD enum err backup_read(struct backups *backups, const struct backup_piece *piece,
                               struct arena *arena, text *ret);

/* Removes one. ERR_ABSENT when there is no such. */
NODISCARD enum err backup_drop(struct backups *backups, struct backup_id id);

#endif
