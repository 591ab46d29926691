/* tar.h: the tar format (POSIX ustar; sizes beyond 8 GiB as GNU tar writes them), as a stream: as
 * much of it as backups need. */
#ifndef CLI_TAR_H
#define CLI_TAR_H

#include "base/instant.h"
#include "base/text.h"

#define TAR_BLOCK_BYTES 512
#define TAR_NAME_MAX    100

/* The header of a regular file; `name` has up to TAR_NAME_MAX bytes. */
void tar_print_header(text name, uint64_t size, instant modified_at, char ret[TAR_BLOCK_BYTES]);

/* How many zero bytes follow so many of a file. */
size_t tar_padding(uint64_t size);

/* Two blocks of zeros end an archive. */
#define TAR_END_BYTES ((size_t)2 * TAR_BLOCK_BYTES)

enum tar_kind {
    TAR_FILE,
    TAR_OTHER, /* a directory, a comment: its bytes, if any, are to be passed over */
    TAR_END,   /* a block of zeros */
    TAR_BROKEN /* no header */
};

struct tar_entry {
    char name[TAR_NAME_MAX + 156 + 2]; /* NUL-terminated, without a leading "./" */
    uint64_t size;
};

/* Reads a header. */
enum tar_kind tar_read_header(const char block[TAR_BLOCK_BYTES], struct tar_entry *ret);

#endif
