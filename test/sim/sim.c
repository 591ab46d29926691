/* sim.c: the simulator: years of customers on a virtual clock, in a house that dies now and then,
 * and an auditor behind every step.
 *
 *   sim [--seed N] [--seconds N] [--years N] [--customers N] [--crash-every N] [--habits N]
 * [--tell]
 *
 * Without --years it goes on for as long as --seconds says (SIM_SECONDS in the environment, 20).
 * The seed is printed, and --seed (SEED in the environment) repeats the run step by step. SIM_SEED
 * is the seed of who names none: the tests' run is one that is known, `make sim` draws one.
 */
#include <getopt.h>
#include <stdlib.h>

#include "auditor.h"
#include "base/log.h"
#include "driver.h"
#include "lib/tap.h"
#include "shop.h"

#define CUSTOMERS   24
#define CRASH_EVERY 25
#define START_NS    (1767225600 * NS_PER_SECOND) /* 2026-01-01 */

struct options {
    uint64_t seed;
    int64_t seconds, years, customers, crash_every, habits;
    bool is_telling;
};

static int64_t number_or(const char *given, int64_t fallback)
{
    return given ? strtoll(given, NULL, 10) : fallback;
}

static struct options read_options(int argc, char **argv)
{
    static const struct option names[] = {
        { "seed", required_argument, NULL, 's' },
        { "seconds", required_argument, NULL, 't' },
        { "years", required_argument, NULL, 'y' },
        { "customers", required_argument, NULL, 'c' },
        { "crash-every", required_argument, NULL, 'x' },
        { "habits", required_argument, NULL, 'h' },
        { "tell", no_argument, NULL, 'v' },
        { 0 },
    };
    struct random system = random_system();
    struct options options = { 0, 20, 0, CUSTOMERS, CRASH_EVERY, -1, false };
    int option;

    random_fill(&system, &options.seed, sizeof options.seed);
    options.seed = (uint64_t)number_or(getenv("SIM_SEED"), (int64_t)(options.seed >> 32));
    options.seed = (uint64_t)number_or(getenv("SEED"), (int64_t)options.seed);
    options.seconds = number_or(getenv("SIM_SECONDS"), options.seconds);
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 's')
            options.seed = (uint64_t)number_or(optarg, 0);
        else if (option == 't')
            options.seconds = number_or(optarg, 0);
        else if (option == 'y')
            options.years = number_or(optarg, 0);
        else if (option == 'c')
            options.customers = number_or(optarg, 0);
        else if (option == 'x')
            options.crash_every = number_or(optarg, 0);
        else if (option == 'h')
            options.habits = strtoll(optarg, NULL, 0);
        else if (option == 'v')
            options.is_telling = true;
        else
            exit(2);
    }
    return options;
}

static bool is_over(const struct options *options, struct world *world, int64_t started_ns)
{
    if (world->failure)
        return true;
    if (options->years > 0)
        return world_now(world) >= START_NS + options->years * 366 * NS_PER_DAY;
    return clock_monotonic_ns() - started_ns > options->seconds * NS_PER_SECOND;
}

/* Days that customers lived in, in years. */
static int64_t customer_years(struct world *world)
{
    int64_t days = 0;
    for (int i = 0; i < world->customer_count; i++)
        for (int k = 0; k < world->customers[i].stint_count; k++) {
            const struct stint *stint = &world->customers[i].stints[k];
            int64_t now = customer_now(world, &world->customers[i]);
            int64_t to = stint->to < now ? stint->to : now;
            days += to > stint->from ? (to - stint->from) / NS_PER_DAY : 0;
        }
    return days / 365;
}

static void report(struct world *world, uint64_t seed)
{
    OK(world->failure == NULL,
       "SEED=%llu, habits 0x%x: %lld customer-years, %lld steps, %lld changes, %lld events, %lld "
       "invoices, "
       "%lld lines, %lld deaths",
       (unsigned long long)seed, world->habits, (long long)customer_years(world),
       (long long)world->counts.steps, (long long)world->counts.changes,
       (long long)world->counts.events, (long long)world->counts.invoices,
       (long long)world->counts.lines, (long long)world->counts.crashes);
    if (world->failure)
        printf("# %s\n# step %lld, repeat with SEED=%llu\n", world->failure,
               (long long)world->counts.steps, (unsigned long long)seed);
}

int main(int argc, char **argv)
{
    struct options options = read_options(argc, argv);
    static struct world world; /* for the process, with all it holds */
    int64_t started_ns = clock_monotonic_ns();

    printf("# SEED=%llu\n", (unsigned long long)options.seed);
    fflush(stdout);
    world.keep = arena_new();
    world.random = random_seeded(options.seed);
    world.seen = calloc(SEEN_ROOM, sizeof *world.seen);
    MUST(world.seen);
    house_build(&world.house, options.seed + 1, (instant){ START_NS });
    world.habits = (unsigned)world_pick(&world, HABIT_ALL + 1) |
                   (unsigned)world_pick(&world, HABIT_ALL + 1);
    if (options.habits >= 0)
        world.habits = (unsigned)options.habits;
    shop_furnish(&world);
    world.is_telling = options.is_telling;
    world.crash_every = (int)options.crash_every;
    while (!is_over(&options, &world, started_ns)) {
        driver_step(&world, (int)options.customers);
        audit_step(&world);
    }
    if (!world.failure) {
        driver_settle(&world);
        audit_all(&world);
    }
    report(&world, options.seed);
    if (world.failure && world.is_telling)
        printf("# what is left: %s\n", world.house.directory);
    else
        house_remove(&world.house);
    return tap_end();
}
