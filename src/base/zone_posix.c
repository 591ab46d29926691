/* The POSIX TZ text at the end of a zone file: "EST5EDT,M3.2.0,M11.1.0".
 *
 * Its offsets count to the west; the times of change are on the wall before the change, and may
 * lie outside of the day (RFC 9636, 3.3.1). The text is laid out as transitions up to the end of
 * the range of instants, so that whoever looks up an offset knows of one form only.
 */
#include "base/zone_rules.h"

#define YEAR_LAST        2262
#define SECONDS_PER_DAY  86400
#define OFFSET_HOURS_MAX 24
#define TIME_HOURS_MAX   167 /* of a change, which may be days from the date that is named */

enum date_form { DATE_WEEKDAY, DATE_DAY_NO_LEAP, DATE_DAY_LEAP };

/* When the clock is changed in each year. */
struct change {
    enum date_form form;
    int32_t month, week, weekday; /* DATE_WEEKDAY; week 5 is the last, weekday 0 is Sunday */
    int32_t day;                  /* of the year: from 1 (NO_LEAP) or 0 (LEAP) */
    int32_t time_seconds;         /* after midnight */
};

struct posix_rules {
    int32_t standard_seconds;
    int32_t summer_seconds;
    bool has_summer;
    struct change to_summer, to_standard;
};

/* The next character, NUL at the end. */
static char peek(const text *rest)
{
    if (rest->len == 0)
        return '\0';
    return rest->ptr[0];
}

static bool take(text *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = text_slice(*rest, 1, rest->len);
    return true;
}

static bool read_number(text *rest, int32_t low, int32_t high, int32_t *ret)
{
    int32_t number = 0;
    if (peek(rest) < '0' || peek(rest) > '9')
        return false;
    while (peek(rest) >= '0' && peek(rest) <= '9') {
        number = number * 10 + (peek(rest) - '0');
        if (number > high)
            return false;
        *rest = text_slice(*rest, 1, rest->len);
    }
    *ret = number;
    return number >= low;
}

/* Letters, or anything in angle brackets. */
static bool skip_name(text *rest)
{
    size_t before = rest->len;
    if (take(rest, '<')) {
        while (rest->len > 0 && peek(rest) != '>')
            *rest = text_slice(*rest, 1, rest->len);
        return take(rest, '>');
    }
    while ((peek(rest) >= 'A' && peek(rest) <= 'Z') || (peek(rest) >= 'a' && peek(rest) <= 'z'))
        *rest = text_slice(*rest, 1, rest->len);
    return rest->len + 3 <= before;
}

/* [+-]hh[:mm[:ss]] */
static bool read_seconds(text *rest, int32_t hours_max, int32_t *ret)
{
    int32_t hours;
    int32_t minutes = 0;
    int32_t seconds = 0;
    bool is_negative = take(rest, '-');
    if (!is_negative)
        (void)take(rest, '+');
    if (!read_number(rest, 0, hours_max, &hours))
        return false;
    if (take(rest, ':')) {
        if (!read_number(rest, 0, 59, &minutes))
            return false;
        if (take(rest, ':') && !read_number(rest, 0, 59, &seconds))
            return false;
    }
    seconds += hours * 3600 + minutes * 60;
    *ret = is_negative ? -seconds : seconds;
    return true;
}

/* ,date[/time] */
static bool read_change(text *rest, struct change *ret)
{
    *ret = (struct change){ .form = DATE_DAY_LEAP, .time_seconds = 7200 };
    if (!take(rest, ','))
        return false;
    if (take(rest, 'M')) {
        ret->form = DATE_WEEKDAY;
        if (!read_number(rest, 1, 12, &ret->month) || !take(rest, '.') ||
            !read_number(rest, 1, 5, &ret->week) || !take(rest, '.') ||
            !read_number(rest, 0, 6, &ret->weekday))
            return false;
    } else if (take(rest, 'J')) {
        ret->form = DATE_DAY_NO_LEAP;
        if (!read_number(rest, 1, 365, &ret->day))
            return false;
    } else if (!read_number(rest, 0, 365, &ret->day)) {
        return false;
    }
    return !take(rest, '/') || read_seconds(rest, TIME_HOURS_MAX, &ret->time_seconds);
}

static bool parse(text rest, struct posix_rules *ret)
{
    *ret = (struct posix_rules){ .has_summer = false };
    if (!skip_name(&rest) || !read_seconds(&rest, OFFSET_HOURS_MAX, &ret->standard_seconds))
        return false;
    ret->standard_seconds = -ret->standard_seconds;
    if (rest.len == 0)
        return true;
    ret->has_summer = true;
    ret->summer_seconds = ret->standard_seconds + 3600;
    if (!skip_name(&rest))
        return false;
    if (peek(&rest) != ',') {
        if (!read_seconds(&rest, OFFSET_HOURS_MAX, &ret->summer_seconds))
            return false;
        ret->summer_seconds = -ret->summer_seconds;
    }
    return read_change(&rest, &ret->to_summer) && read_change(&rest, &ret->to_standard) &&
           rest.len == 0;
}

/* Days from 1970 to the day of the change. */
static int64_t change_day(const struct change *c, int32_t year)
{
    int64_t new_year = civil_days(year, 1, 1);
    switch (c->form) {
    case DATE_DAY_LEAP:
        return new_year + c->day;
    case DATE_DAY_NO_LEAP:
        return new_year + c->day - 1 + (c->day >= 60 && civil_month_days(year, 2) == 29);
    case DATE_WEEKDAY:
        break;
    }
    int64_t first = civil_days(year, c->month, 1);
    int64_t first_weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    int64_t day = (c->weekday - first_weekday + 7) % 7 + (int64_t)(c->week - 1) * 7;
    return first + (day < civil_month_days(year, c->month) ? day : day - 7);
}

/* Adds one change, unless the transitions of the file tell of that time already. */
static void add_change(struct zone_rules *rules, int64_t after_seconds, int64_t at_seconds,
                       int32_t offset_seconds)
{
    size_t count = rules->count;
    if (at_seconds > after_seconds && (count == 0 || at_seconds >= rules->transitions[count - 1]))
        zone_rules_add(rules, at_seconds, offset_seconds);
}

static void add_year(struct zone_rules *rules, const struct posix_rules *p, int32_t year,
                     int64_t after_seconds)
{
    int64_t to_summer = change_day(&p->to_summer, year) * SECONDS_PER_DAY +
                        p->to_summer.time_seconds - p->standard_seconds;
    int64_t to_standard = change_day(&p->to_standard, year) * SECONDS_PER_DAY +
                          p->to_standard.time_seconds - p->summer_seconds;
    if (to_summer < to_standard) {
        add_change(rules, after_seconds, to_summer, p->summer_seconds);
        add_change(rules, after_seconds, to_standard, p->standard_seconds);
    } else {
        add_change(rules, after_seconds, to_standard, p->standard_seconds);
        add_change(rules, after_seconds, to_summer, p->summer_seconds);
    }
}

bool zone_rules_add_posix(struct zone_rules *rules, text posix, int64_t after_seconds)
{
    struct posix_rules p;
    int32_t year = 1970;
    if (posix.len == 0)
        return true; /* the last transition holds for ever */
    if (!parse(posix, &p))
        return false;
    if (!p.has_summer)
        return true; /* and the text says the same */
    while (year < YEAR_LAST && civil_days(year + 1, 1, 1) * SECONDS_PER_DAY < after_seconds)
        year++;
    if (rules->count + 2 * (size_t)(YEAR_LAST + 1 - year) > rules->room)
        return false;
    for (; year <= YEAR_LAST; year++)
        add_year(rules, &p, year, after_seconds);
    return true;
}
