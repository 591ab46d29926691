/* tar.c: headers of tar archives. */
#include "cli/tar.h"

/* Where the members of a header are, and how long. */
#define AT_NAME      0
#define AT_MODE      100
#define AT_OWNER     108
#define AT_GROUP     116
#define AT_SIZE      124
#define SIZE_BYTES   12
#define AT_TIME      136
#define AT_SUM       148
#define SUM_BYTES    8
#define AT_KIND      156
#define AT_MAGIC     257
#define AT_PREFIX    345
#define PREFIX_BYTES 155
#define OCTAL_MAX    077777777777ULL /* what eleven digits hold */

static void put_octal(char *to, size_t bytes, uint64_t n)
{
    char printed[32];

    snprintf(printed, sizeof printed, "%0*llo", (int)bytes - 1, (unsigned long long)n);
    CHECK(strlen(printed) == bytes - 1);
    memcpy(to, printed, bytes);
}

/* Digits, or for what they cannot hold a first byte of 0x80 and then the number, big-endian. */
static void put_size(char *to, uint64_t size)
{
    if (size <= OCTAL_MAX) {
        put_octal(to, SIZE_BYTES, size);
        return;
    }
    memset(to, 0, SIZE_BYTES);
    to[0] = (char)0x80;
    for (size_t i = 0; i < 8; i++)
        to[SIZE_BYTES - 1 - i] = (char)(unsigned char)(size >> (8 * i));
}

/* The bytes of the block, with blanks in place of the sum itself. */
static uint64_t sum_of(const char block[TAR_BLOCK_BYTES])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
        sum += i >= AT_SUM && i < AT_SUM + SUM_BYTES ? ' ' : (unsigned char)block[i];
    return sum;
}

void tar_print_header(text name, uint64_t size, instant modified_at, char ret[TAR_BLOCK_BYTES])
{
    CHECK(name.len > 0 && name.len <= TAR_NAME_MAX);
    memset(ret, 0, TAR_BLOCK_BYTES);
    memcpy(ret + AT_NAME, name.ptr, name.len);
    put_octal(ret + AT_MODE, 8, 0600);
    put_octal(ret + AT_OWNER, 8, 0);
    put_octal(ret + AT_GROUP, 8, 0);
    put_size(ret + AT_SIZE, size);
    put_octal(ret + AT_TIME, 12, (uint64_t)(modified_at.ns / NS_PER_SECOND));
    ret[AT_KIND] = '0';
    memcpy(ret + AT_MAGIC, "ustar\00000", 8);
    put_octal(ret + AT_SUM, SUM_BYTES - 1, sum_of(ret));
    ret[AT_SUM + SUM_BYTES - 1] = ' ';
}

size_t tar_padding(uint64_t size)
{
    return (size_t)((TAR_BLOCK_BYTES - size % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES);
}

/* Octal digits, with blanks or NUL around them. */
static bool get_octal(const char *from, size_t bytes, uint64_t *ret)
{
    uint64_t n = 0;
    size_t i = 0;

    while (i < bytes && from[i] == ' ')
        i++;
    for (; i < bytes && from[i] >= '0' && from[i] <= '7'; i++)
        n = n << 3 | (uint64_t)(from[i] - '0');
    if (i < bytes && from[i] != ' ' && from[i] != '\0')
        return false;
    *ret = n;
    return true;
}

static bool get_size(const char *from, uint64_t *ret)
{
    uint64_t n = 0;

    if ((unsigned char)from[0] != 0x80)
        return get_octal(from, SIZE_BYTES, ret);
    for (size_t i = SIZE_BYTES - 8; i < SIZE_BYTES; i++)
        n = n << 8 | (unsigned char)from[i];
    *ret = n;
    return n <= INT64_MAX;
}

static bool is_zero(const char block[TAR_BLOCK_BYTES])
{
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
        if (block[i] != '\0')
            return false;
    return true;
}

static void get_name(const char block[TAR_BLOCK_BYTES], struct tar_entry *ret)
{
    size_t prefix = strnlen(block + AT_PREFIX, PREFIX_BYTES);
    bool has_prefix = memcmp(block + AT_MAGIC, "ustar\0", 6) == 0 && prefix > 0;
    char name[sizeof ret->name];
    const char *from = name;

    snprintf(name, sizeof name, "%.*s%s%.*s", has_prefix ? (int)prefix : 0, block + AT_PREFIX,
             has_prefix ? "/" : "", (int)strnlen(block + AT_NAME, TAR_NAME_MAX), block + AT_NAME);
    while (from[0] == '.' && from[1] == '/')
        from += 2;
    memmove(ret->name, from, strlen(from) + 1);
}

enum tar_kind tar_read_header(const char block[TAR_BLOCK_BYTES], struct tar_entry *ret)
{
    uint64_t sum;

    if (is_zero(block))
        return TAR_END;
    if (!get_octal(block + AT_SUM, SUM_BYTES, &sum) || sum != sum_of(block) ||
        !get_size(block + AT_SIZE, &ret->size))
        return TAR_BROKEN;
    get_name(block, ret);
    return block[AT_KIND] == '0' || block[AT_KIND] == '\0' ? TAR_FILE : TAR_OTHER;
}
