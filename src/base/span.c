/* Spans as text, and their addition. The periods they tile time with are in period.c. */
#include "base/span.h"

/* No addition goes further: the range of instants has 585 years. Reaching these, it stops there. */
#define MONTHS_FAR 12000
#define DAYS_FAR   400000

/* Lengths of time beyond 64 bits; unsigned, as multiplication then needs no run-time library. */
__extension__ typedef unsigned __int128 wide_ns;

/* ---- text --------------------------------------------------------------------------------- */

static char peek(text rest)
{
    if (rest.len == 0)
        return '\0';
    return rest.ptr[0];
}

static bool take(text *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = text_slice(*rest, 1, rest->len);
    return true;
}

static bool next_digit(text *rest, int32_t *ret)
{
    char c = peek(*rest);
    if (c < '0' || c > '9')
        return false;
    *rest = text_slice(*rest, 1, rest->len);
    *ret = c - '0';
    return true;
}

/* Reads digits, one at least. */
static bool read_number(text *rest, int32_t *ret)
{
    int64_t number = 0;
    int32_t digit;
    if (!next_digit(rest, &digit))
        return false;
    do {
        number = number * 10 + digit;
        if (number > INT32_MAX)
            return false;
    } while (next_digit(rest, &digit));
    *ret = (int32_t)number;
    return true;
}

/* Reads the digits after a point as nanoseconds; false without any, or when they do not fit. */
static bool read_fraction(text *rest, int32_t *ret)
{
    int32_t unit = NS_PER_SECOND / 10;
    int32_t nanoseconds = 0;
    int32_t digit;
    if (!next_digit(rest, &digit))
        return false;
    do {
        if (unit == 0 && digit != 0)
            return false;
        nanoseconds += digit * unit;
        unit /= 10;
    } while (next_digit(rest, &digit));
    *ret = nanoseconds;
    return true;
}

/* Reads the parts that `letters` name, in that order, each at most once, into `parts`. */
static bool read_parts(text *rest, const char *letters, int32_t *const *parts, int32_t *nanoseconds)
{
    while (peek(*rest) >= '0' && peek(*rest) <= '9') {
        int32_t number;
        bool has_fraction;
        if (!read_number(rest, &number))
            return false;
        has_fraction = take(rest, '.');
        if (has_fraction && !read_fraction(rest, nanoseconds))
            return false;
        const char *letter = peek(*rest) == '\0' ? NULL : strchr(letters, peek(*rest));
        if (letter == NULL || (has_fraction && *letter != 'S'))
            return false;
        *rest = text_slice(*rest, 1, rest->len);
        *parts[letter - letters] = number;
        parts += letter - letters + 1;
        letters = letter + 1;
    }
    return true;
}

bool span_parse(text t, span *ret)
{
    span s = SPAN_NONE;
    text rest = t;
    int32_t *const days[] = { &s.years, &s.months, &s.weeks, &s.days };
    int32_t *const times[] = { &s.hours, &s.minutes, &s.seconds };
    if (!take(&rest, 'P') || !read_parts(&rest, "YMWD", days, &s.nanoseconds))
        return false;
    if (take(&rest, 'T')) {
        size_t before = rest.len;
        if (!read_parts(&rest, "HMS", times, &s.nanoseconds) || rest.len == before)
            return false;
    }
    if (rest.len > 0 || t.len == 1)
        return false;
    *ret = s;
    return true;
}

size_t span_print(span s, char ret[SPAN_TEXT_MAX])
{
    const struct {
        char letter;
        int32_t number;
    } parts[] = { { 'Y', s.years }, { 'M', s.months }, { 'W', s.weeks },  { 'D', s.days },
                  { 'T', 0 },       { 'H', s.hours },  { 'M', s.minutes } };

    bool has_seconds = s.seconds != 0 || s.nanoseconds != 0 || span_is_zero(s);
    bool has_time = s.hours != 0 || s.minutes != 0 || has_seconds;
    int length = snprintf(ret, SPAN_TEXT_MAX, "P");
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t room = SPAN_TEXT_MAX - (size_t)length;
        if (parts[i].letter == 'T')
            length += snprintf(ret + length, room, "%s", has_time ? "T" : "");
        else if (parts[i].number != 0)
            length += snprintf(ret + length, room, "%d%c", parts[i].number, parts[i].letter);
    }
    if (has_seconds)
        length += snprintf(ret + length, SPAN_TEXT_MAX - (size_t)length, "%d", s.seconds);
    if (s.nanoseconds != 0) {
        length += snprintf(ret + length, SPAN_TEXT_MAX - (size_t)length, ".%09d", s.nanoseconds);
        while (ret[length - 1] == '0')
            length--;
    }
    if (has_seconds)
        ret[length++] = 'S';
    CHECK(length < SPAN_TEXT_MAX);
    ret[length] = '\0';
    return (size_t)length;
}

text span_text(struct arena *arena, span s)
{
    char printed[SPAN_TEXT_MAX];
    size_t length = span_print(s, printed);
    return text_copy(arena, (text){ printed, length });
}

bool span_equal(span a, span b)
{
    return a.years == b.years && a.months == b.months && a.weeks == b.weeks && a.days == b.days &&
           a.hours == b.hours && a.minutes == b.minutes && a.seconds == b.seconds &&
           a.nanoseconds == b.nanoseconds;
}

bool span_is_zero(span s)
{
    return span_equal(s, SPAN_NONE);
}

/* ---- addition ----------------------------------------------------------------------------- */

/* The end of the range that counting in this direction comes to. */
static instant range_end(bool is_back)
{
    return (instant){ is_back ? INT64_MIN + 1 : INT64_MAX };
}

/* `t` moved by so many elapsed nanoseconds. */
static instant move(instant t, wide_ns ns, bool is_back)
{
    instant end = range_end(is_back);
    uint64_t room = is_back ? (uint64_t)t.ns - (uint64_t)end.ns : (uint64_t)end.ns - (uint64_t)t.ns;
    if (ns >= room)
        return end;
    uint64_t to = is_back ? (uint64_t)t.ns - (uint64_t)ns : (uint64_t)t.ns + (uint64_t)ns;
    return (instant){ (int64_t)to };
}

static wide_ns product(int32_t count, int64_t unit_ns)
{
    uint32_t factor = (uint32_t)count;
    return (wide_ns)factor * (uint64_t)unit_ns;
}

/* The part of the span that is elapsed time: hours, minutes and seconds. */
static wide_ns elapsed_ns(span s)
{
    return product(s.hours, NS_PER_HOUR) + product(s.minutes, NS_PER_MINUTE) +
           product(s.seconds, NS_PER_SECOND) + product(s.nanoseconds, 1);
}

/* The date so many months and then days later. */
static void move_date(struct civil *c, int64_t months, int64_t days)
{
    int64_t month = (int64_t)c->year * 12 + c->month - 1 + months;
    CHECK(month >= 0);
    c->year = (int32_t)(month / 12);
    c->month = (int32_t)(month % 12) + 1;
    int32_t last = civil_month_days(c->year, c->month);
    c->day = c->day < last ? c->day : last;
    if (days != 0)
        civil_set_days(c, civil_days(c->year, c->month, c->day) + days);
}

instant span_add(instant anchor, span s, int64_t count, const struct zone *zone)
{
    bool is_back = count < 0;
    uint64_t times = is_back ? -(uint64_t)count : (uint64_t)count;
    uint64_t months;
    uint64_t days;
    wide_ns ns;
    instant ret = anchor;
    CHECK(!instant_is_none(anchor));
    CHECK(s.years >= 0 && s.months >= 0 && s.weeks >= 0 && s.days >= 0);
    CHECK(s.hours >= 0 && s.minutes >= 0 && s.seconds >= 0 && s.nanoseconds >= 0);
    if (__builtin_mul_overflow((uint64_t)s.years * 12 + (uint64_t)s.months, times, &months) ||
        __builtin_mul_overflow((uint64_t)s.weeks * 7 + (uint64_t)s.days, times, &days) ||
        __builtin_mul_overflow(elapsed_ns(s), (wide_ns)times, &ns) || months > MONTHS_FAR ||
        days > DAYS_FAR)
        return range_end(is_back);
    if (months != 0 || days != 0) {
        struct civil c = civil_of(anchor, zone);
        move_date(&c, is_back ? -(int64_t)months : (int64_t)months,
                  is_back ? -(int64_t)days : (int64_t)days);
        ret = instant_of(c, zone);
    }
    return move(ret, ns, is_back);
}

instant span_add_overflowing(instant anchor, span s, const struct zone *zone)
{
    span rest = s;
    CHECK(!instant_is_none(anchor) && s.years >= 0 && s.months >= 0);
    int64_t months = (int64_t)s.years * 12 + s.months;
    rest.years = 0;
    rest.months = 0;
    if (months > MONTHS_FAR)
        return range_end(false);
    if (months == 0)
        return span_add(anchor, rest, 1, zone);
    struct civil c = civil_of(anchor, zone);
    int64_t days = c.day - 1;
    c.day = 1;
    move_date(&c, months, days);
    return span_add(instant_of(c, zone), rest, 1, zone);
}
