/* driver.c: customers come, subscribe, use, change and leave. A request that the house died over is
 * followed by a look at what became of it, as a client would. */
#include "driver.h"

#include "asking.h"
#include "payer.h"
#include "subscriber.h"

#include <stdlib.h>

#define ADVANCE_MAX 3000 /* of the disk while time goes by, about */

#define DAY  NS_PER_DAY
#define HOUR NS_PER_HOUR

/* ---- furniture ------------------------------------------------------------------------------ */

static text make(struct world *world, const char *path, text body)
{
    text target = text_format(world->keep, V3 "%s", path);
    struct answer answer = house_ask(&world->house, world->keep, HTTP_POST, target, body);
    return is_good(world, &answer, target) ? text_member(&answer.json, "id") : TEXT_NONE;
}

static void make_plan(struct world *world, int i)
{
    const struct plan *plan = &plans[i];
    struct buffer out = { .arena = world->keep };
    buffer_format(
        &out,
        "{\"key\":\"%s\",\"name\":\"%s\",\"currency\":\"USD\",\"billing_cadence\":\"P1M\","
        "\"phases\":[{\"key\":\"main\",\"name\":\"main\",\"rate_cards\":[",
        plan->key, plan->key);
    for (int k = 0; k < plan->card_count; k++) {
        buffer_add_cstr(&out, k > 0 ? "," : "");
        card_write(&plan->cards[k], world->feature_ids[plan->cards[k].meter], &out);
    }
    buffer_add_cstr(&out, "]}]}");
    world->plan_ids[i] = make(world, "/plans", buffer_text(&out));
    (void)make(world,
               text_cstr(world->keep, text_format(world->keep, "/plans/%.*s/publish",
                                                  TEXT_ARG(world->plan_ids[i]))),
               TEXT_NONE);
}

void driver_furnish(struct world *world)
{
    static const struct {
        const char *key, *more;
    } meters[METER_COUNT] = {
        { "calls", "\"aggregation\":\"count\"" },
        { "bytes", "\"aggregation\":\"sum\",\"value_property\":\"$.n\"" },
    };

    for (int i = 0; i < METER_COUNT; i++) {
        text id = make(world, "/meters",
                       text_format(world->keep,
                                   "{\"key\":\"%s\",\"name\":\"%s\",\"event_type\":\"%s\",%s}",
                                   meters[i].key, meters[i].key, meters[i].key, meters[i].more));
        world->feature_ids[i] = make(
            world, "/features",
            text_format(world->keep, "{\"key\":\"%s\",\"name\":\"%s\",\"meter\":{\"id\":\"%.*s\"}}",
                        meters[i].key, meters[i].key, TEXT_ARG(id)));
    }
    for (int i = 0; i < plan_count; i++)
        if (plans[i].version == 1)
            make_plan(world, i);
    (void)house_ask(&world->house, world->keep, HTTP_PUT, TEXT("/v3/subscription-settings"),
                    TEXT("{\"start_in_past\":true}"));
}

/* The next version of some plan: who is on the old one stays there until he migrates. */
static void publish(struct world *world)
{
    int i = (int)world_pick(world, plan_count);
    if (plans[i].version > 1 && !world->plan_ids[i].ptr)
        make_plan(world, i);
}

/* ---- time ----------------------------------------------------------------------------------- */

static void go_to(struct world *world, int64_t to)
{
    bool is_there = false;
    while (!is_there) {
        maybe_arm(world, DISK_STATE, ADVANCE_MAX);
        is_there = house_advance(&world->house, (instant){ to });
        is_there = !has_died(world) && is_there;
    }
}

/* Whole seconds: subscriptions know no finer times. */
static void wait(struct world *world, int64_t seconds)
{
    go_to(world, world_now(world) + seconds * NS_PER_SECOND);
}

void driver_settle(struct world *world)
{
    wait(world, 65 * DAY / NS_PER_SECOND);
}

/* ---- customers ------------------------------------------------------------------------------ */

static struct customer *customer_any(struct world *world)
{
    return &world->customers[world_pick(world, world->customer_count)];
}

static void come(struct world *world)
{
    static const char *const zones[] = { NULL, "Europe/Budapest", "America/New_York",
                                         "Australia/Lord_Howe", NULL };
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const char *zone = zones[world_pick(world, COUNT_OF(zones))];
    struct customer *customer = ADD_ONE(world->customers, world->customer_count);
    text body, target = text_format(arena, V1 "/customers/c%d", world->customer_count);
    struct answer answer = { 0 };

    world_keep_id(customer->key, text_format(arena, "c%d", world->customer_count));
    customer->zone = zone ? zone_find(text_of(zone)) : zone_utc();
    body = text_format(arena, "{\"key\":\"%s\",\"name\":\"%s\"%s%s%s}", customer->key,
                       customer->key, zone ? ",\"time_zone\":\"" : "", zone ? zone : "",
                       zone ? "\"" : "");
    while (answer.status == 0) {
        answer = ask(world, arena, HTTP_POST, TEXT(V3 "/customers"), body);
        if (answer.status == 0)
            answer = ask_again(world, arena, target);
        if (answer.status == 404)
            answer.status = 0;
    }
    if (is_good(world, &answer, TEXT("customer")))
        world_keep_id(customer->id, text_member(&answer.json, "id"));
}

/* ---- usage ---------------------------------------------------------------------------------- */

static const char *const meter_words[METER_COUNT] = { "calls", "bytes" };

static void write_event(struct arena *arena, const struct customer *customer, int number,
                        struct buffer *out)
{
    const struct fact *fact = &customer->facts[number];
    buffer_format(out,
                  "%s{\"specversion\":\"1.0\",\"id\":\"%s-%d\",\"source\":\"sim\","
                  "\"type\":\"%s\",\"subject\":\"%s\",\"time\":\"%.*s\"",
                  out->len > 1 ? "," : "", customer->key, number, meter_words[fact->meter],
                  customer->key, TEXT_ARG(instant_text(arena, (instant){ fact->time })));
    if (fact->meter == METER_BYTES)
        buffer_format(out, ",\"data\":{\"n\":%lld.%03lld}", (long long)(fact->quantity / 1000),
                      (long long)(fact->quantity % 1000));
    buffer_add_cstr(out, "}");
}

/* Something used lately; sometimes long ago. */
static void use(struct world *world, struct customer *customer)
{
    struct fact *fact = ADD_ONE(customer->facts, customer->fact_count);
    int64_t back = world_pick(world, 20) == 0 ? 70 * DAY : 2 * DAY;
    fact->time = world_now(world) - world_pick(world, back);
    fact->acked_at = world_now(world);
    fact->meter = (int)world_pick(world, METER_COUNT);
    fact->quantity = 1000;
    if (fact->meter == METER_BYTES)
        fact->quantity = world_pick(world, 100) == 0 ? 0 : world_pick(world, 250000);
    world->counts.events++;
}

/* A batch: new events, and some that were sent before. */
static void send_events(struct world *world)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct buffer out = { .arena = arena };
    int64_t count = 1 + world_pick(world, 8);
    struct answer answer = { 0 };

    buffer_add_cstr(&out, "[");
    for (int64_t i = 0; i < count; i++) {
        struct customer *customer = customer_any(world);
        if (customer->fact_count > 0 && world_pick(world, 6) == 0) {
            write_event(arena, customer, (int)world_pick(world, customer->fact_count), &out);
            continue;
        }
        use(world, customer);
        write_event(arena, customer, customer->fact_count - 1, &out);
    }
    buffer_add_cstr(&out, "]");
    while (answer.status == 0) {
        maybe_arm(world, DISK_EVENTS, 6);
        answer = house_ingest(&world->house, arena, buffer_text(&out));
        if (has_died(world))
            answer.status = 0;
    }
    (void)is_good(world, &answer, TEXT("events"));
}

static void seal(struct world *world)
{
    bool is_sealed = false;
    while (!is_sealed) {
        maybe_arm(world, DISK_SEALING, 100);
        is_sealed = house_seal(&world->house);
        is_sealed = !has_died(world) && is_sealed;
    }
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* Between any two things some time goes by, so that what came first can be told. */
void driver_step(struct world *world, int customers)
{
    int64_t what = world_pick(world, 100);

    world->counts.steps++;
    wait(world, 1 + world_pick(world, (world_pick(world, 200) == 0 ? 40 * DAY : 14 * HOUR) /
                                          NS_PER_SECOND));
    if (world->customer_count < customers && (what < 10 || world->customer_count == 0))
        come(world);
    else if (what < 35)
        subscriber_decide(world, customer_any(world));
    else if (what < 43)
        payer_act(world);
    else if (what < 97)
        send_events(world);
    else if (what < 99)
        seal(world);
    else
        publish(world);
}
