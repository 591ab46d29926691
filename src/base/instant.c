/* Instants as text, and the calendar. Zones are read in zone.c. */
#include "base/instant.h"

#include "base/zone_rules.h"

#define SECONDS_PER_DAY    86400
#define DAYS_PER_ERA       146097 /* 400 years, after which the calendar repeats */
#define DAYS_TO_1970       719468 /* from 0000-03-01 */
#define NS_INTO_SECOND_MAX (NS_PER_SECOND - 1)

static int64_t floor_divide(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    CHECK(b > 0);
    return a % b < 0 ? quotient - 1 : quotient;
}

static bool is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int32_t civil_month_days(int32_t year, int32_t month)
{
    static const int8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    CHECK(month >= 1 && month <= 12);
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Counts years from March on, so that the leap day is the last of its year. */
int64_t civil_days(int32_t year, int32_t month, int32_t day)
{
    CHECK(month >= 1 && month <= 12);
    int64_t march_year = month > 2 ? year : (int64_t)year - 1;
    int64_t era = floor_divide(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

void civil_set_days(struct civil *civil, int64_t days)
{
    int64_t era = floor_divide(days + DAYS_TO_1970, DAYS_PER_ERA);
    int64_t day_of_era = days + DAYS_TO_1970 - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    civil->day = (int32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    civil->month = (int32_t)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    civil->year = (int32_t)(year_of_era + era * 400 + (civil->month <= 2));
}

/* The civil time that is `seconds` after 1970-01-01T00:00:00 on the same wall. */
static struct civil civil_of_seconds(int64_t seconds, int32_t nanosecond)
{
    struct civil ret = { .nanosecond = nanosecond };
    int64_t days = floor_divide(seconds, SECONDS_PER_DAY);
    int32_t second_of_day = (int32_t)(seconds - days * SECONDS_PER_DAY);
    civil_set_days(&ret, days);
    ret.hour = second_of_day / 3600;
    ret.minute = second_of_day / 60 % 60;
    ret.second = second_of_day % 60;
    return ret;
}

/* The opposite of civil_of_seconds. */
static int64_t seconds_of_civil(const struct civil *c)
{
    CHECK(c->month >= 1 && c->month <= 12);
    CHECK(c->day >= 1 && c->day <= civil_month_days(c->year, c->month));
    CHECK(c->hour >= 0 && c->hour <= 23 && c->minute >= 0 && c->minute <= 59);
    CHECK(c->second >= 0 && c->second <= 59);
    CHECK(c->nanosecond >= 0 && c->nanosecond <= NS_INTO_SECOND_MAX);
    return civil_days(c->year, c->month, c->day) * SECONDS_PER_DAY + (int64_t)c->hour * 3600 +
           (int64_t)c->minute * 60 + c->second;
}

/* The instant that is so long after 1970; false when it is out of range. */
static bool instant_of_parts(int64_t seconds, int32_t nanosecond, instant *ret)
{
    int64_t ns;
    int64_t rest = nanosecond;
    if (seconds < 0) {
        /* Towards zero, or the product would leave the range before the sum comes back to it. */
        seconds++;
        rest -= NS_PER_SECOND;
    }
    if (__builtin_mul_overflow(seconds, NS_PER_SECOND, &ns) ||
        __builtin_add_overflow(ns, rest, &ns) || ns == INT64_MIN)
        return false;
    ret->ns = ns;
    return true;
}

/* ---- text --------------------------------------------------------------------------------- */

/* Reads `count` digits at `*at` and moves on. */
static bool read_number(text t, size_t *at, size_t count, int32_t *ret)
{
    int32_t number = 0;
    if (t.len - *at < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char c = t.ptr[*at + i];
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    *at += count;
    *ret = number;
    return true;
}

/* Reads one character of `choices` and moves on. */
static bool read_one(text t, size_t *at, const char *choices, char *ret)
{
    if (*at >= t.len || t.ptr[*at] == '\0' || strchr(choices, t.ptr[*at]) == NULL)
        return false;
    *ret = t.ptr[*at];
    (*at)++;
    return true;
}

static bool read_date(text t, size_t *at, struct civil *c)
{
    char mark;
    return read_number(t, at, 4, &c->year) && read_one(t, at, "-", &mark) &&
           read_number(t, at, 2, &c->month) && read_one(t, at, "-", &mark) &&
           read_number(t, at, 2, &c->day) && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= civil_month_days(c->year, c->month);
}

/* Reads the digits of a fraction; those after the ninth are passed over. */
static bool read_fraction(text t, size_t *at, int32_t *ret)
{
    int32_t digit;
    int32_t unit = NS_PER_SECOND / 10;
    *ret = 0;
    if (!read_number(t, at, 1, &digit))
        return false;
    do {
        *ret += digit * unit;
        unit /= 10;
    } while (read_number(t, at, 1, &digit));
    return true;
}

static bool read_time(text t, size_t *at, struct civil *c)
{
    char mark;
    if (!read_number(t, at, 2, &c->hour) || !read_one(t, at, ":", &mark) ||
        !read_number(t, at, 2, &c->minute) || !read_one(t, at, ":", &mark) ||
        !read_number(t, at, 2, &c->second))
        return false;
    if (read_one(t, at, ".", &mark) && !read_fraction(t, at, &c->nanosecond))
        return false;
    return c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

static bool read_offset(text t, size_t *at, int32_t *ret_seconds)
{
    char sign;
    char mark;
    int32_t hours = 0;
    int32_t minutes = 0;
    if (!read_one(t, at, "Zz+-", &sign))
        return false;
    if (sign == '+' || sign == '-') {
        if (!read_number(t, at, 2, &hours) || !read_one(t, at, ":", &mark) ||
            !read_number(t, at, 2, &minutes) || hours > 23 || minutes > 59)
            return false;
    }
    *ret_seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

/* Whether a second can be added after this one: at the end of a month in UTC. */
static bool takes_leap_second(int64_t seconds)
{
    struct civil next = civil_of_seconds(seconds + 1, 0);
    return next.day == 1 && next.hour == 0 && next.minute == 0 && next.second == 0;
}

/* Eight bytes at once: XORed with `form`, a digit leaves its value and a mark 0. `room` is what may
 * be added to each of them at most without reaching the top bit: 0x76 to a digit, 0x7f to a 0. */
static bool read_form(const char *from, const char *form, const char *room, uint8_t ret[8])
{
    uint64_t word, other;
    memcpy(&word, from, sizeof(word));
    memcpy(&other, form, sizeof(other));
    word ^= other;
    memcpy(ret, &word, sizeof(word));
    memcpy(&other, room, sizeof(other));
    return ((word | (word + other)) & UINT64_C(0x8080808080808080)) == 0;
}

/* The usual form, 2026-01-31T10:00:00Z with a fraction or without, and no leap second. False: it
 * is another, or none. */
static bool parse_usual(text t, instant *ret)
{
    uint8_t date[8], day[8], time[8];
    struct civil c = { 0 };
    size_t at = 19;
    if (t.len < 20 || t.ptr[t.len - 1] != 'Z' ||
        !read_form(t.ptr, "0000-00-", "vvvv\x7fvv\x7f", date) ||
        !read_form(t.ptr + 8, "00T00:00", "vv\x7fvv\x7fvv", day) ||
        !read_form(t.ptr + 11, "00:00:00", "vv\x7fvv\x7fvv", time))
        return false;
    c.year = date[0] * 1000 + date[1] * 100 + date[2] * 10 + date[3];
    c.month = date[5] * 10 + date[6];
    c.day = day[0] * 10 + day[1];
    c.hour = time[0] * 10 + time[1];
    c.minute = time[3] * 10 + time[4];
    c.second = time[6] * 10 + time[7];
    if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > civil_month_days(c.year, c.month) ||
        c.hour > 23 || c.minute > 59 || c.second > 59)
        return false;
    if (t.ptr[at] == '.') {
        at++;
        if (!read_fraction(t, &at, &c.nanosecond))
            return false;
    }
    return at == t.len - 1 && instant_of_parts(seconds_of_civil(&c), c.nanosecond, ret);
}

bool instant_parse(text t, instant *ret)
{
    struct civil c = { 0 };
    size_t at = 0;
    char mark;
    int32_t offset_seconds;
    if (parse_usual(t, ret))
        return true;
    if (!read_date(t, &at, &c) || !read_one(t, &at, "Tt ", &mark) || !read_time(t, &at, &c) ||
        !read_offset(t, &at, &offset_seconds) || at != t.len)
        return false;
    bool is_leap_second = c.second == 60;
    if (is_leap_second) {
        c.second = 59;
        c.nanosecond = NS_INTO_SECOND_MAX;
    }
    int64_t seconds = seconds_of_civil(&c) - offset_seconds;
    if (is_leap_second && !takes_leap_second(seconds))
        return false;
    return instant_of_parts(seconds, c.nanosecond, ret);
}

/* Puts so many digits, and `behind` after them; returns where that ends. */
static char *put_digits(char *to, int digits, int32_t n, char behind)
{
    CHECK(n >= 0);
    for (int i = digits - 1; i >= 0; i--, n /= 10)
        to[i] = (char)('0' + n % 10);
    CHECK(n == 0);
    to[digits] = behind;
    return to + digits + 1;
}

/* By hand: answers consist of instants for the most part. */
size_t instant_print(instant t, char ret[INSTANT_TEXT_MAX])
{
    struct civil c = civil_of(t, zone_utc());
    char *end = put_digits(ret, 4, c.year, '-');
    end = put_digits(end, 2, c.month, '-');
    end = put_digits(end, 2, c.day, 'T');
    end = put_digits(end, 2, c.hour, ':');
    end = put_digits(end, 2, c.minute, ':');
    end = put_digits(end, 2, c.second, '.');
    if (c.nanosecond != 0) {
        end = put_digits(end, 9, c.nanosecond, '0');
        while (end[-1] == '0')
            end--;
    } else {
        end--;
    }
    CHECK(end - ret + 1 < INSTANT_TEXT_MAX);
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - ret);
}

text instant_text(struct arena *arena, instant t)
{
    char printed[INSTANT_TEXT_MAX];
    size_t length = instant_print(t, printed);
    return text_copy(arena, (text){ printed, length });
}

instant instant_floor(instant t, int64_t unit_ns)
{
    int64_t ns;
    CHECK(!instant_is_none(t) && unit_ns > 0);
    /* The range ends within a unit: there the end itself is the floor. */
    if (__builtin_mul_overflow(floor_divide(t.ns, unit_ns), unit_ns, &ns) || ns == INT64_MIN)
        ns = INT64_MIN + 1;
    return (instant){ ns };
}

/* ---- zones -------------------------------------------------------------------------------- */

int32_t zone_offset_seconds(const struct zone *zone, instant t)
{
    CHECK(!instant_is_none(t));
    int64_t seconds = floor_divide(t.ns, NS_PER_SECOND);
    return zone->rules.offsets_seconds[zone_rules_index(&zone->rules, seconds)];
}

struct civil civil_of(instant t, const struct zone *zone)
{
    CHECK(!instant_is_none(t));
    int64_t seconds = floor_divide(t.ns, NS_PER_SECOND);
    int32_t nanosecond = (int32_t)(t.ns % NS_PER_SECOND);
    if (nanosecond < 0)
        nanosecond += (int32_t)NS_PER_SECOND;
    return civil_of_seconds(seconds + zone_offset_seconds(zone, t), nanosecond);
}

instant instant_of(struct civil civil, const struct zone *zone)
{
    const struct zone_rules *rules = &zone->rules;
    int64_t wall = seconds_of_civil(&civil);
    size_t i = zone_rules_index(rules, wall - ZONE_OFFSET_SECONDS_MAX);
    instant ret;
    /* The first stretch of one offset that the wall time does not lie behind. */
    while (i < rules->count && wall - rules->offsets_seconds[i] >= rules->transitions[i])
        i++;
    int64_t seconds = wall - rules->offsets_seconds[i];
    if (i > 0 && seconds < rules->transitions[i - 1]) {
        seconds = rules->transitions[i - 1]; /* skipped by the jump there */
        civil.nanosecond = 0;
    }
    if (!instant_of_parts(seconds, civil.nanosecond, &ret))
        ret.ns = seconds < 0 ? INT64_MIN + 1 : INT64_MAX;
    return ret;
}

/* Of two starts of calendar units, the one `t` belongs to. When a clock is set back across
 * midnight, the wall shows the old day again after the new one has begun; the new one goes on. */
static instant later_start(struct civil start, struct civil next, instant t,
                           const struct zone *zone)
{
    instant next_start = instant_of(next, zone);
    instant ret = instant_of(start, zone);
    /* Behind the end of the range there is no next one. */
    if (!instant_before(t, next_start) && next_start.ns != INT64_MAX)
        ret = next_start;
    CHECK(!instant_before(t, ret));
    return ret;
}

instant instant_day_start(instant t, const struct zone *zone)
{
    struct civil shown = civil_of(t, zone);
    struct civil start = { .year = shown.year, .month = shown.month, .day = shown.day };
    struct civil next = { 0 };
    civil_set_days(&next, civil_days(start.year, start.month, start.day) + 1);
    return later_start(start, next, t, zone);
}

instant instant_month_start(instant t, const struct zone *zone)
{
    struct civil shown = civil_of(t, zone);
    struct civil start = { .year = shown.year, .month = shown.month, .day = 1 };
    struct civil next = start;
    next.month = start.month % 12 + 1;
    next.year += start.month == 12;
    return later_start(start, next, t, zone);
}
