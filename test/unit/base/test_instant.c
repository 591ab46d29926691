/* Instants, the calendar and the rules of zones from tables: one row, one rule. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/zone_rules.h"

#include "lib/table.h"
#include "lib/tap.h"

static instant instant_cell(text cell)
{
    instant t;
    MUST(instant_parse(cell, &t));
    return t;
}

static void test_text(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/instant.vec", 3);
    while (table_next(&t)) {
        instant got = { 42 };
        bool is_read = instant_parse(t.cells[1], &got);
        text want = is_read ? instant_text(arena, got) : TEXT("none");
        IS_TEXT(want, text_cstr(arena, t.cells[2]), table_name(&t));
        if (!is_read)
            OK(got.ns == 42, "and leaves the result alone");
    }
    table_close(&t);
}

static void test_order(void)
{
    OK(instant_before(instant_cell(TEXT("2016-12-31T23:59:60Z")),
                      instant_cell(TEXT("2017-01-01T00:00:00Z"))),
       "15 a leap second is before the new year");
    OK(!instant_before(instant_cell(TEXT("2016-12-31T23:59:60Z")),
                       instant_cell(TEXT("2016-12-31T23:59:59.999999999Z"))),
       "15 and not before the old year's last second");
    OK(instant_is_none(INSTANT_NONE) && !instant_is_none(INSTANT_MAX), "none is not the end");
}

static void test_floor(void)
{
    instant t = instant_cell(TEXT("2026-03-04T05:06:07.8Z"));
    instant before = instant_cell(TEXT("1969-12-31T23:59:59.5Z"));
    instant first = instant_cell(TEXT("1677-09-21T00:12:43.145224193Z"));
    OK(instant_equal(instant_floor(t, NS_PER_SECOND), instant_cell(TEXT("2026-03-04T05:06:07Z"))),
       "the start of a second");
    OK(instant_equal(instant_floor(t, NS_PER_MINUTE), instant_cell(TEXT("2026-03-04T05:06:00Z"))),
       "the start of a minute");
    OK(instant_equal(instant_floor(before, NS_PER_HOUR),
                     instant_cell(TEXT("1969-12-31T23:00:00Z"))),
       "before 1970 the start is in the past too");
    OK(instant_equal(instant_floor(first, NS_PER_DAY), first),
       "at the start of the range it is the start");
}

/* "2026-01-31 12:34:56" with an optional fraction. */
static struct civil civil_cell(struct arena *arena, text cell)
{
    instant t;
    MUST(instant_parse(text_format(arena, "2000%.*sZ", TEXT_ARG(text_slice(cell, 4, cell.len))),
                       &t));
    struct civil c = civil_of(t, zone_utc());
    int64_t year;
    MUST(text_to_int(text_slice(cell, 0, 4), &year));
    c.year = (int32_t)year;
    return c;
}

static text civil_text(struct arena *arena, struct civil c)
{
    return text_format(arena, "%04d-%02d-%02d %02d:%02d:%02d.%09d", c.year, c.month, c.day, c.hour,
                       c.minute, c.second, c.nanosecond);
}

static text civil_result(struct arena *arena, const struct table *t)
{
    text what = t->cells[1];
    const struct zone *zone = zone_find(t->cells[2]);
    if (text_equal(what, TEXT("zone")))
        return zone == NULL ? TEXT("no") : TEXT("yes");
    MUST(zone != NULL);
    if (text_equal(what, TEXT("instant")))
        return instant_text(arena, instant_of(civil_cell(arena, t->cells[3]), zone));
    instant given = instant_cell(t->cells[3]);
    if (text_equal(what, TEXT("wall")))
        return civil_text(arena, civil_of(given, zone));
    if (text_equal(what, TEXT("day")))
        return instant_text(arena, instant_day_start(given, zone));
    if (text_equal(what, TEXT("month")))
        return instant_text(arena, instant_month_start(given, zone));
    MUST(text_equal(what, TEXT("offset")));
    return text_format(arena, "%d", zone_offset_seconds(zone, given));
}

static void test_civil(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/civil.vec", 5);
    while (table_next(&t))
        IS_TEXT(civil_result(arena, &t), text_cstr(arena, t.cells[4]), table_name(&t));
    table_close(&t);
    OK(instant_equal(instant_day_start(INSTANT_MAX, zone_utc()),
                     instant_cell(TEXT("2262-04-11T00:00:00Z"))),
       "the last day of the range begins at its midnight");
}

static void test_zone_cache(void)
{
    char name[] = "Europe/Berlin";
    const struct zone *zone = zone_find(text_of(name));
    name[0] = 'X';
    OK(zone != NULL && text_equal(zone_name(zone), TEXT("Europe/Berlin")),
       "a zone keeps a name of its own");
    OK(zone_find(TEXT("Europe/Berlin")) == zone, "a zone is read once");
    OK(zone_find(TEXT("UTC")) == zone_utc(), "UTC needs no tables");
    OK(text_equal(zone_name(zone_utc()), TEXT("UTC")), "UTC is called so");
}

static void test_posix(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/posix.vec", 4);
    while (table_next(&t)) {
        struct zone zone = { .name = t.cells[0] };
        text got = TEXT("none");
        zone_rules_init(&zone.rules, arena, 1000, 32400);
        if (zone_rules_add_posix(&zone.rules, t.cells[1], INT64_MIN))
            got = text_format(arena, "%d", zone_offset_seconds(&zone, instant_cell(t.cells[2])));
        IS_TEXT(got, text_cstr(arena, t.cells[3]), table_name(&t));
    }
    table_close(&t);
}

/* ---- zone files --------------------------------------------------------------------------- */

static void write_file(const char *path, const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    MUST(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
}

/* Reads the zone file of Budapest into `room`. */
static size_t read_whole(char *room, size_t size)
{
    int fd = open(ZONE_DIRECTORY "/Europe/Budapest", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, room, size);
    MUST(got > 0 && got < (ssize_t)size && close(fd) == 0);
    return (size_t)got;
}

/* Every file that ends too early is refused: no length of it is read beyond its end. */
static void test_torn_files(struct arena *arena)
{
    static char whole[16384];
    struct zone_rules rules;
    char directory[] = "/tmp/tollgate-zones-XXXXXX";
    size_t size = read_whole(whole, sizeof(whole));
    MUST(mkdtemp(directory) != NULL);
    const char *path = text_cstr(arena, text_format(arena, "%s/Torn", directory));
    size_t read_count = 0;
    for (size_t length = 0; length < size; length += length < 200 ? 1 : 7) {
        write_file(path, whole, length);
        read_count += zone_rules_of_files(directory, TEXT("Torn"), arena, &rules);
    }
    OK(read_count == 0, "a zone file cut short is refused, wherever it is cut");
    write_file(path, whole, size);
    OK(zone_rules_of_files(directory, TEXT("Torn"), arena, &rules), "the whole file is read");
    whole[4] = '1';
    write_file(path, whole, size);
    OK(!zone_rules_of_files(directory, TEXT("Torn"), arena, &rules),
       "a file of version 1, without 64-bit times, is refused");
    MUST(unlink(path) == 0 && rmdir(directory) == 0);
}

/* Whether the rules are fit to be searched: rising, and with offsets that a wall can have. */
static bool is_sound(const struct zone_rules *rules)
{
    bool ret = rules->offsets_seconds[0] >= -ZONE_OFFSET_SECONDS_MAX;
    for (size_t i = 0; i < rules->count; i++) {
        int32_t offset = rules->offsets_seconds[i + 1];
        ret = ret && offset >= -ZONE_OFFSET_SECONDS_MAX && offset <= ZONE_OFFSET_SECONDS_MAX &&
              (i == 0 || rules->transitions[i - 1] < rules->transitions[i]);
    }
    return ret;
}

/* Bytes in turn are replaced, all of the first header: the file is refused, or gives rules that can
 * be searched. */
static void test_wrong_files(struct arena *arena)
{
    static char whole[16384];
    char directory[] = "/tmp/tollgate-zones-XXXXXX";
    size_t size = read_whole(whole, sizeof(whole));
    size_t refused = 0;
    bool are_sound = true;
    MUST(mkdtemp(directory) != NULL);
    const char *path = text_cstr(arena, text_format(arena, "%s/Wrong", directory));
    for (size_t i = 0; i < size; i += i < 44 ? 1 : 5) {
        CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
        struct zone_rules rules;
        whole[i] = (char)~whole[i];
        write_file(path, whole, size);
        if (!zone_rules_of_files(directory, TEXT("Wrong"), scratch, &rules))
            refused++;
        else
            are_sound = are_sound && is_sound(&rules);
        whole[i] = (char)~whole[i];
    }
    OK(refused > 10 && are_sound, "a zone file with a wrong byte is refused, or does no harm");
    MUST(unlink(path) == 0 && rmdir(directory) == 0);
}

/* The two sources agree where the rules have not changed since ICU's tables were made. */
static void test_icu(struct arena *arena)
{
    static const char *const names[] = { "Europe/Budapest", "America/New_York", "Asia/Kolkata",
                                         "Australia/Lord_Howe", "Pacific/Apia" };
    int64_t from = instant_cell(TEXT("1970-01-01T00:00:00Z")).ns / NS_PER_SECOND;
    int64_t to = instant_cell(TEXT("2021-01-01T00:00:00Z")).ns / NS_PER_SECOND;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct zone zone = { .name = text_of(names[i]) };
        const struct zone *found = zone_find(zone.name);
        MUST(found != NULL);
        bool is_same = zone_rules_of_icu(zone.name, arena, &zone.rules);
        for (int64_t at = from; is_same && at < to; at += 6 * 3600) {
            instant t = { at * NS_PER_SECOND };
            is_same = zone_offset_seconds(found, t) == zone_offset_seconds(&zone, t);
        }
        OK(is_same, "ICU and the zone files agree on %s", names[i]);
    }
}

static void test_icu_names(struct arena *arena)
{
    static const char *const refused[] = { "GMT+3",       "PST",     "BST",
                                           "Etc/Unknown", "Factory", "",
                                           "utc",         "Nowhere", "Europe/Bud\xc3\xa9",
                                           "SystemV/PST8" };
    static const char *const taken[] = { "CET", "EST5EDT", "Etc/GMT+3", "US/Pacific", "Etc/UTC" };
    struct zone_rules rules;
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        OK(!zone_rules_of_icu(text_of(refused[i]), arena, &rules), "ICU: no zone '%s'", refused[i]);
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        OK(zone_rules_of_icu(text_of(taken[i]), arena, &rules), "ICU: a zone '%s'", taken[i]);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_text(arena);
    test_order();
    test_floor();
    test_civil(arena);
    test_zone_cache();
    test_posix(arena);
    test_torn_files(arena);
    test_wrong_files(arena);
    test_icu(arena);
    test_icu_names(arena);
    return tap_end();
}
