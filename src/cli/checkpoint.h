/* checkpoint.h: how far a file was sent, kept in a small file beside it.
 *
 * The position counts records and comes with a digest of all of them, so that going on from it in
 * another file, or in one whose beginning has changed, is noticed. A file that has only grown is
 * the same. Everything up to the position was taken or told as refused; what lies behind it may
 * have been taken, too, and is dropped by the receiver when it is sent again.
 */
#ifndef CLI_CHECKPOINT_H
#define CLI_CHECKPOINT_H

#include "base/text.h"
#include "cli/batch.h"

struct checkpoint {
    text destination; /* whereto it was sent */
    struct batch_place place;
    uint64_t sent, accepted, duplicates, rejected;
};

/* Reads one; texts in the arena. NULL, or what is wrong with the file, in words. When there is no
 * such file, `ret` is all zero. */
const char *checkpoint_read(struct arena *arena, const char *path, struct checkpoint *ret);

/* Writes it, flushed, in place of an older one. NULL, or why it cannot, in words (static). */
const char *checkpoint_write(const char *path, const struct checkpoint *checkpoint);

#endif
