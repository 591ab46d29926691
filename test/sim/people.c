/* people.c: who is there, and what they use. */
#include "people.h"

#include <string.h>

#include "auditor.h"

#define DAY  NS_PER_DAY
#define HOUR NS_PER_HOUR

struct customer *people_any(struct world *world)
{
    struct customer *customer;
    if (world->customer_count == 0)
        return NULL;
    customer = &world->customers[world_pick(world, world->customer_count)];
    if (customer->is_gone)
        return NULL;
    if (customer->clock[0] != '\0') {
        customer_wait(world, customer, 1 + world_pick(world, 6 * DAY / NS_PER_SECOND));
        audit_news(world); /* as it was decided before what comes now */
    }
    return customer;
}

/* ---- coming --------------------------------------------------------------------------------- */

static struct subject *subject_add(struct world *world, const char *key, int customer)
{
    struct subject *subject = ADD_ONE(world->subjects, world->subject_count);
    memcpy(subject->key, key, strlen(key) + 1);
    *ADD_ONE(subject->tenures, subject->tenure_count) = (struct tenure){ customer, INT64_MIN };
    return subject;
}

static void pick_clock(struct world *world, struct customer *customer)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t now = world_now(world) + (world_pick(world, 500) - 100) * DAY +
                  world_pick(world, 86400) * NS_PER_SECOND;
    text body = text_format(arena, "{\"name\":\"%s\",\"now\":\"%.*s\"}", customer->key,
                            TEXT_ARG(instant_text(arena, (instant){ now })));
    struct answer answer = { 0 };

    if (!world_does(world, HABIT_CLOCKS) || world_pick(world, 3) > 0)
        return;
    while (answer.status == 0) /* one that nobody lives on does not matter */
        answer = ask(world, arena, HTTP_POST, TEXT(V3 "/test-clocks"), body);
    if (!is_good(world, &answer, body))
        return;
    world_keep_id(customer->clock, text_member(&answer.json, "id"));
    customer->clock_now = now;
}

/* How this one wants to be billed. */
static void pick_settings(struct world *world, struct customer *customer)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/customers/%s/billing", customer->id);
    bool is_daily = world_pick(world, 2) == 0;
    bool is_drafted = world_pick(world, 2) == 0;
    struct answer answer;
    text body;

    customer->is_progressive = true;
    customer->collection = HOUR;
    if (!world_does(world, HABIT_SETTINGS) || world_pick(world, 2) == 0)
        return;
    customer->is_by_hand = world_pick(world, 3) == 0;
    customer->collection = is_daily ? DAY : 0;
    customer->draft = is_drafted ? 2 * DAY : 0;
    /* Pieces of a period are issued in their order: nobody lets one draft go before another. */
    customer->is_progressive = !customer->is_by_hand && !is_drafted && world_pick(world, 2) == 0;
    body = text_format(arena,
                       "{\"workflow\":{\"collection\":{\"interval\":\"%s\"},\"invoicing\":{"
                       "\"progressive_billing\":%s,\"auto_advance\":%s,\"draft_period\":\"%s\"}}}",
                       is_daily ? "P1D" : "PT0S", customer->is_progressive ? "true" : "false",
                       customer->is_by_hand ? "false" : "true", is_drafted ? "P2D" : "P0D");
    answer = put_again(world, arena, target, body);
    (void)is_good(world, &answer, body);
}

static const char *const zones[] = { NULL, "Europe/Budapest", "America/New_York",
                                     "Australia/Lord_Howe", NULL };

static void pick_zone(struct world *world, struct customer *customer)
{
    customer->zone_name = zones[world_pick(world, COUNT_OF(zones))];
    customer->zone = customer->zone_name ? zone_find(text_of(customer->zone_name)) : zone_utc();
}

static text zone_member(struct arena *arena, const struct customer *customer)
{
    return customer->zone_name ? text_format(arena, ",\"time_zone\":\"%s\"", customer->zone_name)
                               : TEXT("");
}

void people_come(struct world *world)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int index = world->customer_count;
    struct customer *customer = ADD_ONE(world->customers, world->customer_count);
    text target = text_format(arena, V1 "/customers/c%d", world->customer_count);
    struct buffer body = { .arena = arena };
    struct answer answer = { 0 };

    world_keep_id(customer->key, text_format(arena, "c%d", world->customer_count));
    if (world_does(world, HABIT_CURRENCIES))
        customer->currency = (int)world_pick(world, CURRENCY_COUNT);
    pick_zone(world, customer);
    pick_clock(world, customer);
    subject_add(world, customer->key, index);
    buffer_format(&body, "{\"key\":\"%s\",\"name\":\"%s\"%.*s", customer->key, customer->key,
                  TEXT_ARG(zone_member(arena, customer)));
    if (customer->clock[0] != '\0')
        buffer_format(&body, ",\"test_clock_id\":\"%s\"", customer->clock);
    if (world_does(world, HABIT_SUBJECTS)) {
        const struct subject *subject = subject_add(
            world, text_cstr(arena, text_format(arena, "s%d", world->customer_count)), index);
        buffer_format(&body, ",\"usage_attribution\":{\"subject_keys\":[\"%s\"]}", subject->key);
    }
    buffer_add_cstr(&body, "}");
    while (answer.status == 0) {
        answer = ask(world, arena, HTTP_POST, TEXT(V3 "/customers"), buffer_text(&body));
        if (answer.status == 0)
            answer = ask_again(world, arena, target);
        if (answer.status == 404)
            answer.status = 0;
    }
    if (!is_good(world, &answer, buffer_text(&body)))
        return;
    world_keep_id(customer->id, text_member(&answer.json, "id"));
    pick_settings(world, customer);
}

/* ---- moving and leaving --------------------------------------------------------------------- */

/* Subjects beside the key that are the customer's now, as a request names them. */
static text subject_keys(struct world *world, struct arena *arena, int customer)
{
    struct buffer out = { .arena = arena };
    for (int i = 0; i < world->subject_count; i++) {
        const struct subject *subject = &world->subjects[i];
        if (subject->tenures[subject->tenure_count - 1].customer != customer ||
            strcmp(subject->key, world->customers[customer].key) == 0)
            continue;
        buffer_format(&out, "%s\"%s\"", out.len > 0 ? "," : "", subject->key);
    }
    return buffer_text(&out);
}

void people_move(struct world *world, struct customer *customer)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/customers/%s", customer->id);
    struct answer answer;
    text body;

    pick_zone(world, customer);
    body = text_format(arena,
                       "{\"name\":\"%s %lld\",\"usage_attribution\":{\"subject_keys\":[%.*s]}%.*s}",
                       customer->key, (long long)world_pick(world, 100),
                       TEXT_ARG(subject_keys(world, arena, (int)(customer - world->customers))),
                       TEXT_ARG(zone_member(arena, customer)));
    answer = put_again(world, arena, target, body);
    (void)is_good(world, &answer, body);
}

static bool is_subscribed(struct world *world, const struct customer *customer)
{
    for (int i = 0; i < customer->stint_count; i++)
        if (customer->stints[i].to > customer_now(world, customer))
            return true;
    return false;
}

void people_leave(struct world *world, struct customer *customer)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/customers/%s", customer->id);
    struct answer answer = { 0 };

    if (customer->stint_count == 0)
        return;
    while (answer.status == 0) {
        answer = ask(world, arena, HTTP_DELETE, target, TEXT_NONE);
        if (answer.status == 0) {
            struct answer after = ask_again(world, arena, target);
            if (json_member(&after.json, TEXT("deleted_at")))
                answer.status = 204;
        }
    }
    if (is_refusal(&answer, "customer_in_use") || is_refusal(&answer, "customer_unsettled"))
        return;
    if (!is_good(world, &answer, target))
        return;
    customer->is_gone = true;
    if (is_subscribed(world, customer))
        world_fail(world, "%s is gone with a subscription", customer->key);
}

/* ---- handing on ----------------------------------------------------------------------------- */

/* Whose it is as the house says, after a request that the house died over. */
static struct answer owner_look(struct world *world, struct arena *arena,
                                const struct subject *subject)
{
    return ask_again(world, arena,
                     text_format(arena, "/v3/usage/assignments?subject=%s", subject->key));
}

static void hand_on(struct world *world, struct subject *subject, int to)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const char *id = world->customers[to].id;
    struct buffer body = { .arena = arena };
    struct answer answer = { 0 };
    int64_t from;

    buffer_format(&body, "{\"subject\":\"%s\",\"customer_id\":\"%s\"", subject->key, id);
    if (world_pick(world, 2) == 0)
        buffer_format(&body, ",\"from\":\"%.*s\"",
                      TEXT_ARG(instant_text(
                          arena, (instant){ world_now(world) -
                                            world_pick(world, 20 * 86400) * NS_PER_SECOND })));
    buffer_add_cstr(&body, "}");
    while (answer.status == 0) {
        answer = ask(world, arena, HTTP_POST, TEXT("/v3/usage/assignments"), buffer_text(&body));
        if (answer.status == 0) {
            struct answer owner = owner_look(world, arena, subject);
            const struct json *data = json_member(&owner.json, TEXT("data"));
            const struct json *last = &data->items[data->count - 1];
            if (text_equal(text_member(last, "customer_id"), text_of(id)))
                answer = (struct answer){ 201, last->raw, *last };
        }
    }
    if (answer.status >= 400 && answer.status < 500 &&
        text_starts_with(text_member(&answer.json, "code"), TEXT("subject_")))
        return; /* that time was given or billed before */
    if (!is_good(world, &answer, buffer_text(&body)))
        return;
    from = instant_member(&answer.json, "valid_from");
    if (from > world_now(world) || from <= subject->tenures[subject->tenure_count - 1].from)
        world_fail(world, "%s changed hands at another time: %.*s", subject->key,
                   TEXT_ARG(answer.body));
    *ADD_ONE(subject->tenures, subject->tenure_count) = (struct tenure){ to, from };
}

static bool is_here(const struct customer *customer)
{
    return !customer->is_gone && customer->clock[0] == '\0';
}

void people_hand_on(struct world *world)
{
    struct subject *subject;
    int owner, to;

    if (world->subject_count == 0)
        return;
    subject = &world->subjects[world_pick(world, world->subject_count)];
    owner = subject->tenures[subject->tenure_count - 1].customer;
    to = (int)world_pick(world, world->customer_count);
    if (subject->key[0] == 's' && to != owner && is_here(&world->customers[owner]) &&
        is_here(&world->customers[to]))
        hand_on(world, subject, to);
}

/* ---- usage ---------------------------------------------------------------------------------- */

static const char *const meter_words[METER_COUNT] = { "calls", "bytes", "seconds" };

static void write_event(struct arena *arena, const struct subject *subject, int number,
                        struct buffer *out)
{
    const struct fact *fact = &subject->facts[number];
    buffer_format(out,
                  "%s{\"specversion\":\"1.0\",\"id\":\"%s-%d\",\"source\":\"sim\","
                  "\"type\":\"%s\",\"subject\":\"%s\",\"time\":\"%.*s\"",
                  out->len > 1 ? "," : "", subject->key, number, meter_words[fact->meter],
                  subject->key, TEXT_ARG(instant_text(arena, (instant){ fact->time })));
    if (fact->meter != METER_CALLS) {
        buffer_add_cstr(out, ",\"data\":{\"n\":");
        amount_write(out, fact->quantity, 3);
        buffer_add_cstr(out, "}");
    }
    buffer_add_cstr(out, "}");
}

/* Something used lately; sometimes long ago. */
static void use(struct world *world, struct subject *subject, const struct customer *customer)
{
    struct fact *fact = ADD_ONE(subject->facts, subject->fact_count);
    int64_t back = world_pick(world, 20) == 0 ? 70 * DAY : 2 * DAY;
    fact->time = customer_now(world, customer) - world_pick(world, back);
    fact->acked_at = customer_now(world, customer);
    fact->meter = (int)world_pick(world, METER_COUNT);
    fact->quantity = 1000;
    if (fact->meter != METER_CALLS)
        fact->quantity = world_pick(world, 100) == 0 ? 0 : world_pick(world, 250000);
    world->counts.events++;
}

/* A subject that is the customer's. */
static struct subject *subject_any(struct world *world, const struct customer *customer)
{
    int index = (int)(customer - world->customers);
    struct subject *found = NULL;
    for (int i = 0; i < world->subject_count; i++) {
        struct subject *subject = &world->subjects[i];
        if (subject->tenures[subject->tenure_count - 1].customer == index &&
            (!found || world_pick(world, 2) == 0))
            found = subject;
    }
    return found;
}

void people_use(struct world *world)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct buffer out = { .arena = arena };
    const struct customer *customers[8]; /* first all of them live on to when it is sent */
    int64_t count = 1 + world_pick(world, COUNT_OF(customers));
    struct answer answer = { 0 };

    buffer_add_cstr(&out, "[");
    for (int64_t i = 0; i < count; i++)
        customers[i] = people_any(world);
    for (int64_t i = 0; i < count; i++) {
        struct subject *subject = customers[i] ? subject_any(world, customers[i]) : NULL;
        if (!subject)
            continue;
        if (subject->fact_count > 0 && world_pick(world, 6) == 0) {
            write_event(arena, subject, (int)world_pick(world, subject->fact_count), &out);
            continue;
        }
        use(world, subject, customers[i]);
        write_event(arena, subject, subject->fact_count - 1, &out);
    }
    if (out.len == 1)
        return;
    buffer_add_cstr(&out, "]");
    while (answer.status == 0) {
        maybe_arm(world, DISK_EVENTS, 6);
        answer = house_ingest(&world->house, arena, buffer_text(&out));
        if (has_died(world))
            answer.status = 0;
    }
    (void)is_good(world, &answer, buffer_text(&out));
}
