/* Decimals as text. */
#include "base/dec.h"

#include "base/dec_wide.h"

/* No exponent beyond this can be made up for by the digits of a text that fits in memory. */
#define EXPONENT_FAR 1000000000000000000

/* So many characters are read in 64 bits. */
#define SHORT_MAX 18

/* A number as it is read. */
struct reading {
    const char *at;
    const char *end;
    dec_magnitude magnitude;
    int32_t digits; /* of the magnitude */
    int64_t scale;  /* negative: zeros to append */
};

static bool is_digit(const struct reading *r)
{
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* Takes the character when it comes next. */
static bool take(struct reading *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Reads one or more digits; false without any, or when a digit other than zero has no room.
 * Zeros without room are counted in the scale only. */
static bool read_digits(struct reading *r, int64_t scale_step)
{
    if (!is_digit(r))
        return false;
    for (; is_digit(r); r->at++) {
        uint32_t digit = (uint32_t)(*r->at - '0');
        if (r->digits < DEC_DIGITS_MAX) {
            r->magnitude = r->magnitude * 10 + digit;
            r->digits += r->magnitude != 0;
            r->scale += scale_step;
        } else if (digit != 0) {
            return false;
        } else {
            r->scale += scale_step - 1;
        }
    }
    return true;
}

static bool read_exponent(struct reading *r)
{
    int64_t exponent = 0;
    bool is_negative = take(r, '-');
    if (!is_negative)
        (void)take(r, '+');
    if (!is_digit(r))
        return false;
    for (; is_digit(r); r->at++)
        if (exponent < EXPONENT_FAR / 10)
            exponent = exponent * 10 + (*r->at - '0');
    r->scale += is_negative ? exponent : -exponent;
    return true;
}

/* Brings the scale into range, without a change of the value; false when that cannot be. */
static bool settle(struct reading *r)
{
    if (r->magnitude == 0) {
        r->scale = r->scale < 0 ? 0 : r->scale;
        r->scale = r->scale > DEC_SCALE_MAX ? DEC_SCALE_MAX : r->scale;
        return true;
    }
    if (r->scale < r->digits - DEC_DIGITS_MAX)
        return false;
    if (r->scale < 0) {
        r->magnitude *= dec_power((int32_t)-r->scale);
        r->scale = 0;
    }
    while (r->scale > DEC_SCALE_MAX && r->magnitude % 10 == 0) {
        r->magnitude /= 10;
        r->scale--;
    }
    return r->scale <= DEC_SCALE_MAX;
}

static bool parse(text t, bool is_numeric, dec *ret)
{
    if (t.len == 0)
        return false;
    struct reading r = { .at = t.ptr, .end = t.ptr + t.len };
    bool is_negative = take(&r, '-');
    if (!is_negative && !is_numeric)
        (void)take(&r, '+');
    if (!read_digits(&r, 0))
        return false;
    if (take(&r, '.') && !read_digits(&r, 1))
        return false;
    if (!is_numeric && (take(&r, 'e') || take(&r, 'E')) && !read_exponent(&r))
        return false;
    if (r.at != r.end || !settle(&r))
        return false;
    *ret = dec_of_magnitude(r.magnitude, (int32_t)r.scale, is_negative);
    return true;
}

/* The common case: digits that fit 64 bits, perhaps a sign and a point. False for all others. */
static bool parse_short(text t, dec *ret)
{
    const char *point = NULL;
    int64_t number = 0;
    if (t.len == 0 || t.len > SHORT_MAX)
        return false;
    const char *at = t.ptr;
    const char *end = t.ptr + t.len;
    bool is_negative = *at == '-';
    const char *first = at += is_negative;
    for (; at < end; at++) {
        uint32_t digit = (uint32_t)(unsigned char)*at - '0';
        if (digit <= 9)
            number = number * 10 + digit;
        else if (*at == '.' && point == NULL && at > first)
            point = at;
        else
            return false;
    }
    if (at == first || point == end - 1)
        return false;
    *ret = (dec){ is_negative ? -number : number, point != NULL ? (int32_t)(end - point - 1) : 0 };
    return true;
}

bool dec_parse(text t, dec *ret)
{
    return parse_short(t, ret) || parse(t, false, ret);
}

bool dec_parse_numeric(text t, dec *ret)
{
    return parse(t, true, ret);
}

size_t dec_print(dec a, char ret[DEC_TEXT_MAX])
{
    char reversed[DEC_TEXT_MAX];
    size_t count = 0;
    size_t length = 0;
    dec_magnitude magnitude = dec_magnitude_of(a);
    int32_t digit = 0;
    /* Chunks of 19 digits, because a division of 64 bits is many times faster than one of 128. */
    while (magnitude != 0 || digit <= a.scale) {
        uint64_t chunk = (uint64_t)(magnitude % dec_power(19));
        magnitude /= dec_power(19);
        for (int32_t end = digit + 19; digit < end; digit++) {
            if (magnitude == 0 && chunk == 0 && digit > a.scale)
                break;
            if (digit == a.scale && digit > 0)
                reversed[count++] = '.';
            reversed[count++] = (char)('0' + chunk % 10);
            chunk /= 10;
        }
    }
    if (a.coefficient < 0)
        ret[length++] = '-';
    while (count > 0)
        ret[length++] = reversed[--count];
    CHECK(length < DEC_TEXT_MAX);
    ret[length] = '\0';
    return length;
}

text dec_text(struct arena *arena, dec a)
{
    char printed[DEC_TEXT_MAX];
    size_t length = dec_print(a, printed);
    return text_copy(arena, (text){ printed, length });
}
