/* sealed_file.h: writing the whole of a file, reading parts of one.
 *
 * Private to usage/sealed*.c.
 */
#ifndef USAGE_SEALED_FILE_H
#define USAGE_SEALED_FILE_H

#include "usage/usage.h"

/* Makes the file with these bytes and flushes it. On failure (ERR_NO_SPACE, ERR_IO) there is no
 * such file. */
NODISCARD enum err sealed_file_write(struct usage_io *io, const char *path,
                                     const unsigned char *from, size_t size);

/* Reads exactly so many bytes. ERR_CORRUPT when the file ends before. */
NODISCARD enum err sealed_file_read(struct usage_io *io, int fd, uint64_t offset, size_t size,
                                    unsigned char *ret);

#endif
