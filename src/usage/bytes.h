/* bytes.h: fixed little-endian numbers at any address, for the files of the log.
 *
 * Private to usage/. It knows nothing of records: record.h and frame.h say what stands where.
 */
#ifndef USAGE_BYTES_H
#define USAGE_BYTES_H

#include "base/base.h"

#include <endian.h>

/* The number in the four bytes at `from`. */
static inline uint32_t bytes_get32(const unsigned char *from)
{
    uint32_t n;
    memcpy(&n, from, sizeof(n));
    return le32toh(n);
}

/* The number in the eight bytes at `from`. */
static inline uint64_t bytes_get64(const unsigned char *from)
{
    uint64_t n;
    memcpy(&n, from, sizeof(n));
    return le64toh(n);
}

/* Writes four bytes at `to`. */
static inline void bytes_put32(unsigned char *to, uint32_t n)
{
    n = htole32(n);
    memcpy(to, &n, sizeof(n));
}

/* Writes eight bytes at `to`. */
static inline void bytes_put64(unsigned char *to, uint64_t n)
{
    n = htole64(n);
    memcpy(to, &n, sizeof(n));
}

#endif
