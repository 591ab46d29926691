/* column_uuid.c: eight digits at a time, in the bytes of a word. Sealing reads one UUID an event.
 */
#include "usage/column_uuid.h"

#include "usage/bytes.h"

#define DIGITS 32 /* of a UUID, without its dashes */

/* The same byte in all eight of a word. */
#define ALL(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The digits of these values, 0 to 15 in each byte. */
static uint64_t word_digits(uint64_t values)
{
    uint64_t letters = (values + ALL(6)) >> 4 & ALL(1);
    return values + ALL('0') + letters * ('a' - '0' - 10);
}

/* The values of eight digits; what is no digit in lower case sets bits in `wrong`. */
static uint64_t word_values(uint64_t digits, uint64_t *wrong)
{
    uint64_t letters = digits >> 6 & ALL(1);
    uint64_t values = (digits & ALL(15)) + letters * 9;
    *wrong |= values & ALL(0xf0);
    *wrong |= word_digits(values & ALL(15)) ^ digits;
    return values & ALL(15);
}

/* Four bytes of eight values; the first is the high half of the first byte. */
static uint32_t values_join(uint64_t values)
{
    uint64_t pairs = (values << 4 | values >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    pairs = (pairs | pairs >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(pairs | pairs >> 16);
}

/* The reverse of values_join. */
static uint64_t values_split(uint32_t bytes)
{
    uint64_t pairs = bytes;
    pairs = (pairs | pairs << 16) & UINT64_C(0x0000ffff0000ffff);
    pairs = (pairs | pairs << 8) & UINT64_C(0x00ff00ff00ff00ff);
    return (pairs >> 4 & ALL(15)) | (pairs << 8 & UINT64_C(0x0f000f000f000f00));
}

bool uuid_bytes(text t, unsigned char ret[UUID_BYTES])
{
    unsigned char digits[DIGITS];
    uint64_t wrong = 0;
    if (t.len != UUID_TEXT_LENGTH || t.ptr[8] != '-' || t.ptr[13] != '-' || t.ptr[18] != '-' ||
        t.ptr[23] != '-')
        return false;
    memcpy(digits, t.ptr, 8);
    memcpy(digits + 8, t.ptr + 9, 4);
    memcpy(digits + 12, t.ptr + 14, 4);
    memcpy(digits + 16, t.ptr + 19, 4);
    memcpy(digits + 20, t.ptr + 24, 12);
    for (size_t i = 0; i < DIGITS / 8; i++)
        bytes_put32(ret + 4 * i, values_join(word_values(bytes_get64(digits + 8 * i), &wrong)));
    return wrong == 0;
}

void uuid_text(const unsigned char bytes[UUID_BYTES], char ret[UUID_TEXT_LENGTH])
{
    unsigned char digits[DIGITS];
    for (size_t i = 0; i < DIGITS / 8; i++)
        bytes_put64(digits + 8 * i, word_digits(values_split(bytes_get32(bytes + 4 * i))));
    memcpy(ret, digits, 8);
    memcpy(ret + 9, digits + 8, 4);
    memcpy(ret + 14, digits + 12, 4);
    memcpy(ret + 19, digits + 16, 4);
    memcpy(ret + 24, digits + 20, 12);
    ret[8] = ret[13] = ret[18] = ret[23] = '-';
}
