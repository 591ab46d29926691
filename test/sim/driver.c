/* driver.c: customers come, subscribe, use, pay, change and leave. A request that the house died
 * over is followed by a look at what became of it, as a client would. */
#include "driver.h"

#include "auditor.h"
#include "clerk.h"
#include "payer.h"
#include "people.h"
#include "shop.h"
#include "subscriber.h"

#define DAY_SECONDS  86400
#define HOUR_SECONDS 3600

static void seal(struct world *world)
{
    bool is_sealed = false;
    while (!is_sealed) {
        maybe_arm(world, DISK_SEALING, 100);
        is_sealed = house_seal(&world->house);
        is_sealed = !has_died(world) && is_sealed;
    }
}

/* On all clocks; drafts that wait for somebody are approved. */
static void live_on(struct world *world, int64_t seconds)
{
    world_wait(world, seconds);
    for (int i = 0; i < world->customer_count && !world->failure; i++)
        if (world->customers[i].clock[0] != '\0' && !world->customers[i].is_gone)
            customer_wait(world, &world->customers[i], seconds);
    audit_news(world);
    if (!world->failure)
        clerk_approve_all(world);
    audit_news(world);
}

void driver_settle(struct world *world)
{
    live_on(world, (int64_t)65 * DAY_SECONDS);
    for (int i = 0; i < 4; i++)
        live_on(world, (int64_t)4 * DAY_SECONDS);
    world->is_settling = true;
}

/* What one of them does. */
static void act(struct world *world, int64_t what)
{
    struct customer *customer = people_any(world);

    if (!customer || world->failure)
        return;
    if (what < 26)
        subscriber_decide(world, customer);
    else if (what < 34)
        payer_act(world, customer);
    else if (what < 40)
        clerk_act(world, customer);
    else if (what < 41 && world_does(world, HABIT_MOVES))
        people_move(world, customer);
    else if (what < 42 && world_does(world, HABIT_MOVES))
        people_leave(world, customer);
}

/* Between any two things some time goes by, so that what came first can be told. */
void driver_step(struct world *world, int customers)
{
    int64_t what = world_pick(world, 100);

    world->counts.steps++;
    world_wait(world, 1 + world_pick(world, world_pick(world, 200) == 0 ? 40 * DAY_SECONDS
                                                                        : 14 * HOUR_SECONDS));
    audit_news(world);
    if (world->failure)
        return;
    if (world->customer_count < customers && (what < 10 || world->customer_count == 0))
        people_come(world);
    else if (what < 42)
        act(world, what);
    else if (what < 44 && world_does(world, HABIT_SUBJECTS))
        people_hand_on(world);
    else if (what < 97)
        people_use(world);
    else if (what < 98)
        seal(world);
    else if (what < 99)
        shop_publish(world);
    else if (world_does(world, HABIT_MIGRATIONS))
        subscriber_migrate_all(world);
}
