/* test_window.c: calendar windows, by table and by law. */
#include "base/random.h"
#include "lib/table.h"
#include "lib/tap.h"
#include "meter/window.h"

static enum meter_window window_of(text word)
{
    for (int i = 0; meter_window_words[i] != NULL; i++) {
        if (text_equal(word, text_of(meter_window_words[i])))
            return (enum meter_window)i;
    }
    UNREACHABLE();
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/meter/window.vec", 5);
    while (table_next(&t)) {
        instant at;
        const struct zone *zone = zone_find(t.cells[1]);
        MUST(instant_parse(t.cells[2], &at) && zone != NULL);
        struct period got = window_at(at, window_of(t.cells[0]), zone);
        text from = instant_text(arena, got.from);
        text to = instant_text(arena, got.to);
        if (!OK(text_equal(from, t.cells[3]) && text_equal(to, t.cells[4]), "4.3: %s in %.*s",
                table_name(&t), TEXT_ARG(t.cells[1])))
            printf("# got %.*s .. %.*s\n", TEXT_ARG(from), TEXT_ARG(to));
    }
    table_close(&t);
}

static const char *const zones[] = {
    "UTC",          "Europe/Budapest",     "America/New_York", "Asia/Kolkata",
    "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu",   "America/St_Johns",
    "Pacific/Apia", "America/Sao_Paulo",   "Europe/London",    "Asia/Tehran",
};

/* A window's end is the next window's start, and both its ends find the same window. */
static bool tiles(instant at, enum meter_window window, const struct zone *zone)
{
    struct period p = window_at(at, window, zone);
    struct period next = window_at(p.to, window, zone);
    struct period first = window_at(p.from, window, zone);
    struct period last = window_at((instant){ p.to.ns - 1 }, window, zone);
    return next.from.ns == p.to.ns && first.from.ns == p.from.ns && first.to.ns == p.to.ns &&
           last.from.ns == p.from.ns && last.to.ns == p.to.ns;
}

static void test_tiling(void)
{
    const char *seed = getenv("SEED");
    struct random random = random_seeded(seed != NULL ? strtoull(seed, NULL, 10) : 20250306);
    printf("# SEED=%s\n", seed != NULL ? seed : "20250306");
    int failures = 0;
    for (int i = 0; i < 20000; i++) {
        const struct zone *zone = zone_find(text_of(zones[random_below(&random, COUNT_OF(zones))]));
        MUST(zone != NULL);
        /* 1970 to 2060, in half hours, so that jumps are hit. */
        instant at = { (int64_t)random_below(&random, 90 * 365 * 48) * (NS_PER_HOUR / 2) };
        enum meter_window window = (enum meter_window)random_below(&random, METER_WINDOW_NONE);
        if (!tiles(at, window, zone) && failures++ == 0)
            printf("# first: %.*s at %lld, window %d\n", TEXT_ARG(zone_name(zone)),
                   (long long)at.ns, (int)window);
    }
    OK(failures == 0, "5: windows tile time without gap or overlap, in 20000 places");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_vectors(arena);
    test_tiling();
    return tap_end();
}
