#include "usage/column_uuid.h"

/* Where in the text each byte's two digits stand. */
static const uint8_t places[UUID_BYTES] = { 0,  2,  4,  6,  9,  11, 14, 16,
                                            19, 21, 24, 26, 28, 30, 32, 34 };

#define NO_DIGIT 0x80U /* what is not in the table below is 0, and 0 - 1 has this bit */

/* The value of a digit in lower case, plus one. */
static const uint8_t digits_plus_one[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

bool uuid_bytes(text t, unsigned char ret[UUID_BYTES])
{
    unsigned wrong = 0;
    if (t.len != UUID_TEXT_LENGTH || t.ptr[8] != '-' || t.ptr[13] != '-' || t.ptr[18] != '-' ||
        t.ptr[23] != '-')
        return false;
    for (size_t i = 0; i < UUID_BYTES; i++) {
        unsigned high = digits_plus_one[(unsigned char)t.ptr[places[i]]] - 1U;
        unsigned low = digits_plus_one[(unsigned char)t.ptr[places[i] + 1]] - 1U;
        wrong |= high | low;
        ret[i] = (unsigned char)((high & 15) << 4 | (low & 15));
    }
    return (wrong & NO_DIGIT) == 0;
}

void uuid_text(const unsigned char bytes[UUID_BYTES], char ret[UUID_TEXT_LENGTH])
{
    static const char hex[] = "0123456789abcdef";
    ret[8] = ret[13] = ret[18] = ret[23] = '-';
    for (size_t i = 0; i < UUID_BYTES; i++) {
        ret[places[i]] = hex[bytes[i] >> 4];
        ret[places[i] + 1] = hex[bytes[i] & 15];
    }
}
