/* fuzz_dec.c: whatever the decimal reader accepts, the printer gives back; and what two numbers,
 * on two lines, give when calculated with does not contradict itself. */
#include "base/dec.h"

static void check_print(dec a)
{
    char printed[DEC_TEXT_MAX];
    dec read = DEC_INVALID;
    size_t length = dec_print(a, printed);
    MUST(length < DEC_TEXT_MAX && dec_parse_numeric((text){ printed, length }, &read));
    MUST(read.coefficient == a.coefficient && read.scale == a.scale);
    MUST(dec_equal(dec_trim(a), a));
}

/* What is rounded down and up encloses the exact value, one unit apart or none. */
static void check_rounding(dec a, int32_t scale)
{
    dec low = dec_round(a, scale, ROUND_FLOOR);
    dec high = dec_round(a, scale, ROUND_CEILING);
    dec away = dec_round(a, scale, ROUND_HALF_AWAY);
    dec even = dec_round(a, scale, ROUND_HALF_EVEN);
    if (!dec_is_valid(low) || !dec_is_valid(high))
        return;
    MUST(dec_compare(low, a) <= 0 && dec_compare(a, high) <= 0);
    MUST(dec_equal(away, low) || dec_equal(away, high));
    MUST(dec_equal(even, low) || dec_equal(even, high));
    MUST(dec_compare(dec_sub(high, low), dec_of_parts(1, scale)) <= 0);
}

static void check_pair(dec a, dec b)
{
    dec sum = dec_add(a, b);
    dec product = dec_mul(a, b);
    dec difference = dec_sub(a, b);
    if (dec_is_valid(sum))
        MUST(dec_equal(dec_sub(sum, b), a));
    if (dec_is_valid(difference))
        MUST(dec_sign(difference) == dec_compare(a, b));
    if (dec_is_valid(product) && !dec_is_zero(b))
        MUST(dec_equal(dec_div(product, b, a.scale, ROUND_FLOOR), a));
    if (!dec_is_zero(b))
        MUST(dec_equal(dec_mul_div(a, b, b, a.scale, ROUND_CEILING), a));
    MUST(dec_compare(a, b) == -dec_compare(b, a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    text rest = { (const char *)data, size };
    text first = text_cut(&rest, '\n');
    dec a;
    dec b;
    if (dec_parse_numeric(first, &b))
        MUST(dec_parse(first, &a) && a.coefficient == b.coefficient && a.scale == b.scale);
    if (!dec_parse(first, &a))
        return 0;
    check_print(a);
    check_rounding(a, (int32_t)(size % (DEC_SCALE_MAX + 1)));
    if (dec_parse(rest, &b))
        check_pair(a, b);
    return 0;
}
