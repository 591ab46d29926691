/* subscriber.c: decisions, sent until it is known that they were taken. */
#include "subscriber.h"

#include "editor.h"

#include <stdlib.h>
#include <string.h>

/* The last subscription of a lane, when it is not over; it may not have begun. -1: none. */
static int stint_last(struct world *world, const struct customer *customer, int lane)
{
    for (int i = customer->stint_count - 1; i >= 0; i--)
        if (customer->stints[i].plan->lane == lane)
            return customer->stints[i].to > customer_now(world, customer) ? i : -1;
    return -1;
}

static bool is_known(const struct customer *customer, text id)
{
    for (int i = 0; i < customer->stint_count; i++)
        if (text_equal(text_of(customer->stints[i].id), id))
            return true;
    return false;
}

/* A subscription of the customer that the world does not know; NULL when there is none. */
static const struct json *find_new(struct world *world, struct arena *arena,
                                   const struct customer *customer)
{
    for (int page = 1;; page++) {
        text target = text_format(
            arena, V3 "/subscriptions?filter[customer_id]=%s&page[size]=100&page[number]=%d",
            customer->id, page);
        struct answer answer = ask_again(world, arena, target);
        const struct json *data = json_member(&answer.json, TEXT("data"));
        for (size_t i = 0; data && i < data->count; i++)
            if (!is_known(customer, text_member(&data->items[i], "id")))
                return &data->items[i];
        if (!is_good(world, &answer, target) || !data || data->count < 100)
            return NULL;
    }
}

struct answer stint_look(struct world *world, struct arena *arena, const struct stint *stint)
{
    return ask_again(world, arena, text_format(arena, V3 "/subscriptions/%s", stint->id));
}

text stint_path(struct world *world, struct arena *arena, const struct stint *stint,
                const char *action)
{
    return text_format(arena, "%s/subscriptions/%s%s", world_pick(world, 2) ? V1 : V3, stint->id,
                       action);
}

void stint_changed(struct world *world, const struct customer *customer, struct stint *stint)
{
    stint->changed_at = customer_now(world, customer);
    world->counts.changes++;
}

/* ---- beginnings ----------------------------------------------------------------------------- */

static struct stint *stint_begin(struct world *world, struct customer *customer,
                                 const struct plan *plan, const struct json *json)
{
    struct stint *stint = ADD_ONE(customer->stints, customer->stint_count);
    world_keep_id(stint->id, text_member(json, "id"));
    stint->plan = plan;
    stint->zone = customer->zone;
    stint->from = instant_member(json, "active_from");
    stint->to = OPEN;
    stint->anchor = stint->from;
    stint->follows = -1;
    stint_lay(stint);
    stint_changed(world, customer, stint);
    return stint;
}

/* The newest published version with a key. */
static const struct plan *plan_newest(struct world *world, int currency, const struct plan *plan)
{
    while (plan->version > 1)
        plan--;
    while (plan + 1 < plans + plan_count && plan[1].version > plan->version &&
           world->plan_ids[currency][plan + 1 - plans].ptr)
        plan++;
    return plan;
}

static const struct plan *plan_any(struct world *world, const struct customer *customer, int lane)
{
    const struct plan *plan = &plans[world_pick(world, plan_count)];
    while (plan->lane != lane)
        plan = &plans[world_pick(world, plan_count)];
    return plan_newest(world, customer->currency, plan);
}

static text plan_key(struct arena *arena, const struct customer *customer, const struct plan *plan)
{
    return text_format(arena, "%s_%s", plan->key, currencies[customer->currency].suffix);
}

/* When the customer was last without a subscription in the lane, at the earliest. */
static int64_t free_since(const struct customer *customer, int lane)
{
    for (int i = customer->stint_count - 1; i >= 0; i--)
        if (customer->stints[i].plan->lane == lane)
            return customer->stints[i].to;
    return 0;
}

/* When it is to begin: mostly now. */
static int64_t pick_start(struct world *world, const struct customer *customer, int lane)
{
    int64_t now = customer_now(world, customer), from;
    int64_t what = world_pick(world, 12);

    if (what < 3) {
        from = now - world_pick(world, 100 * 86400) * NS_PER_SECOND;
        return from > free_since(customer, lane) ? from : now;
    }
    if (what < 4 && world_does(world, HABIT_PENDING))
        return now + (1 + world_pick(world, 40 * 86400)) * NS_PER_SECOND;
    return now;
}

static void subscribe(struct world *world, struct customer *customer, int lane)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const struct plan *plan = plan_any(world, customer, lane);
    struct buffer body = { .arena = arena };
    int64_t from = pick_start(world, customer, lane), anchor = from;
    const struct json *made = NULL;
    struct answer answer;

    buffer_format(&body, "{\"customer\":{\"id\":\"%s\"},\"plan\":{\"key\":\"%.*s\"}", customer->id,
                  TEXT_ARG(plan_key(arena, customer, plan)));
    if (from != customer_now(world, customer))
        buffer_format(&body, ",\"timing\":\"%.*s\"",
                      TEXT_ARG(instant_text(arena, (instant){ from })));
    if (world_pick(world, 3) == 0) {
        anchor -= world_pick(world, 60 * 86400) * NS_PER_SECOND;
        buffer_format(&body, ",\"billing_anchor\":\"%.*s\"",
                      TEXT_ARG(instant_text(arena, (instant){ anchor })));
    }
    buffer_add_cstr(&body, "}");
    while (!made) {
        answer = ask(world, arena, HTTP_POST, TEXT(V3 "/subscriptions"), buffer_text(&body));
        if (!is_good(world, &answer, buffer_text(&body)))
            return;
        made = answer.status > 0 ? &answer.json : find_new(world, arena, customer);
    }
    stint_begin(world, customer, plan, made)->anchor = anchor;
    if (instant_member(made, "active_from") != from)
        world_fail(world, "%s was to begin at another time", customer->key);
}

/* ---- from one to the next ------------------------------------------------------------------- */

/* One ends where the other begins, whatever the house died over. */
static void succeed(struct world *world, struct customer *customer, int index,
                    const struct plan *plan, const struct json *next)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct stint *stint = stint_begin(world, customer, plan, next);
    struct stint *before = &customer->stints[index];
    struct answer answer = stint_look(world, arena, before);

    before->to = instant_member(&answer.json, "active_to");
    stint->anchor = before->anchor;
    stint->follows = index;
    stint_changed(world, customer, before);
    if (before->to != stint->from)
        world_fail(world, "%s does not begin where %s ends", stint->id, before->id);
}

/* When a change is to be: what is sent, and when that is. */
struct when {
    text timing;
    int64_t at;
};

static struct when pick_when(struct world *world, struct arena *arena,
                             const struct customer *customer, const struct stint *stint)
{
    int64_t now = customer_now(world, customer);
    int64_t what = world_pick(world, 5);
    struct when when = { TEXT("immediate"), now };

    if (what < 2) {
        when = (struct when){ TEXT("next_billing_cycle"), stint_cycle_end(stint, now) };
    } else if (what < 3 && world_does(world, HABIT_PENDING)) {
        when.at = now + (1 + world_pick(world, 45 * 86400)) * NS_PER_SECOND;
        when.timing = instant_text(arena, (instant){ when.at });
    }
    return when;
}

/* To another plan, or to the newest version of this one. */
static void change(struct world *world, struct customer *customer, int index)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const struct stint *stint = &customer->stints[index];
    const struct plan *newest = plan_newest(world, customer->currency, stint->plan);
    const struct plan *plan = newest->version > stint->plan->version
                                  ? newest
                                  : plan_any(world, customer, stint->plan->lane);
    struct when when = pick_when(world, arena, customer, stint);
    bool is_migration = plan->version > stint->plan->version && plan == newest;
    text target = text_format(arena, V1 "/subscriptions/%s/%s", stint->id,
                              is_migration ? "migrate" : "change");
    text body = is_migration
                    ? text_format(arena, "{\"timing\":\"%.*s\"}", TEXT_ARG(when.timing))
                    : text_format(arena, "{\"timing\":\"%.*s\",\"plan\":{\"key\":\"%.*s\"}}",
                                  TEXT_ARG(when.timing), TEXT_ARG(plan_key(arena, customer, plan)));
    const struct json *next = NULL;

    while (!next) {
        struct answer answer = ask(world, arena, HTTP_POST, target, body);
        if (!is_good(world, &answer, target))
            return;
        next = find_new(world, arena, customer);
    }
    succeed(world, customer, index, plan, next);
    if (customer->stints[customer->stint_count - 1].from != when.at)
        world_fail(world, "%s was to change at another time", customer->key);
}

/* The one that was to follow is no more. */
static void forget(struct world *world, struct customer *customer, int index)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct answer answer = stint_look(world, arena, &customer->stints[index]);
    if (answer.status != 404)
        world_fail(world, "%s was to be gone", customer->stints[index].id);
    stint_free(&customer->stints[index]);
    customer->stint_count--;
    for (int i = index; i < customer->stint_count; i++) {
        customer->stints[i] = customer->stints[i + 1];
        if (customer->stints[i].follows > index)
            customer->stints[i].follows--;
    }
}

/* Withdraws a change to a subscription's end until it has none. */
static bool withdraw_end(struct world *world, struct arena *arena, const struct stint *stint,
                         const char *change_id)
{
    text target = text_format(arena, V3 "/subscriptions/%s/changes/%s", stint->id, change_id);
    struct answer answer;
    do {
        answer = ask(world, arena, HTTP_DELETE, target, TEXT_NONE);
        if (!is_good(world, &answer, target))
            return false;
        answer = stint_look(world, arena, stint);
    } while (instant_member(&answer.json, "active_to") != OPEN);
    return true;
}

/* The next one has not begun: it goes, and the one before goes on. */
static void take_back_change(struct world *world, struct customer *customer, int next)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int index = customer->stints[next].follows;
    struct stint *stint = &customer->stints[index];
    text target = stint_path(world, arena, stint, "/restore");

    if (world_does(world, HABIT_LANES) || world_pick(world, 2) == 0) {
        if (!withdraw_end(world, arena, stint, "plan"))
            return;
    } else {
        struct answer answer = ask_once(world, arena, target, TEXT_NONE);
        if (!is_good(world, &answer, target))
            return;
    }
    forget(world, customer, next);
    stint = &customer->stints[index];
    stint->to = OPEN;
    stint_changed(world, customer, stint);
}

/* A scheduled one goes before it begins. */
static void take_back_start(struct world *world, struct customer *customer, int index)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const struct stint *stint = &customer->stints[index];
    text target = stint_path(world, arena, stint, "");
    struct answer answer;

    do {
        answer = ask(world, arena, HTTP_DELETE, target, TEXT_NONE);
        if (!is_good(world, &answer, target))
            return;
        answer = stint_look(world, arena, stint);
    } while (answer.status == 200);
    forget(world, customer, index);
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void cancel(struct world *world, struct customer *customer, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = stint_path(world, arena, stint, "/cancel");
    int64_t now = customer_now(world, customer), end = now;
    text body = TEXT("{\"timing\":\"immediate\"}");
    int64_t what = world_pick(world, 3);
    struct answer answer;

    if (what > 0) {
        end = stint_cycle_end(stint, now);
        body = TEXT("{\"timing\":\"next_billing_cycle\"}");
    }
    if (what > 1) {
        end = stint_cycle_end(stint, end);
        body = text_format(arena, "{\"timing\":\"%.*s\"}",
                           TEXT_ARG(instant_text(arena, (instant){ end })));
    }
    do {
        answer = ask(world, arena, HTTP_POST, target, body);
        if (!is_good(world, &answer, target))
            return;
        answer = stint_look(world, arena, stint);
    } while (instant_member(&answer.json, "active_to") == OPEN);
    stint->to = instant_member(&answer.json, "active_to");
    stint_changed(world, customer, stint);
    if (stint->to != end)
        world_fail(world, "%s was to end at another time", stint->id);
}

static void go_on(struct world *world, struct customer *customer, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    bool is_restored = !world_does(world, HABIT_LANES) && world_pick(world, 3) == 0;
    text target =
        stint_path(world, arena, stint, is_restored ? "/restore" : "/unschedule-cancelation");
    struct answer answer;

    if (world_does(world, HABIT_PENDING) && world_pick(world, 3) == 0) {
        if (!withdraw_end(world, arena, stint, "cancelation"))
            return;
    } else {
        answer = ask_once(world, arena, target, TEXT_NONE);
        if (!is_good(world, &answer, target))
            return;
    }
    stint->to = OPEN;
    stint_changed(world, customer, stint);
}

/* ---- all of a plan -------------------------------------------------------------------------- */

/* Whether a migration to `plan` moves it. */
static bool is_candidate(struct world *world, const struct customer *customer, int currency,
                         const struct stint *stint, const struct plan *plan)
{
    return customer->currency == currency && stint->to == OPEN &&
           stint->from <= customer_now(world, customer) && stint->plan->version < plan->version &&
           strcmp(stint->plan->key, plan->key) == 0;
}

/* How many migrations of the plan there are; the newest's id. */
static int64_t migrations_of(struct world *world, struct arena *arena, text plan, text *ret_id)
{
    text target = text_format(arena, V3 "/plans/%.*s/migrations", TEXT_ARG(plan));
    struct answer answer = ask_again(world, arena, target);
    const struct json *data = json_member(&answer.json, TEXT("data"));
    *ret_id = data && data->count > 0 ? text_member(&data->items[0], "id") : TEXT_NONE;
    return data ? (int64_t)data->count : 0;
}

static text migration_start(struct world *world, struct arena *arena, text plan)
{
    text target = text_format(arena, V3 "/plans/%.*s/migrations", TEXT_ARG(plan));
    text body = world_pick(world, 2) ? TEXT("{\"timing\":\"immediate\"}")
                                     : TEXT("{\"timing\":\"next_billing_cycle\"}");
    text id = TEXT_NONE;
    int64_t before = migrations_of(world, arena, plan, &id);
    do {
        struct answer answer = ask(world, arena, HTTP_POST, target, body);
        if (!is_good(world, &answer, target))
            return TEXT_NONE;
    } while (migrations_of(world, arena, plan, &id) == before);
    return id;
}

/* Each candidate has another subscription now, and nobody else has. */
static void migration_follow(struct world *world, int currency, const struct plan *plan,
                             int64_t expected)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t moved = 0;
    for (int i = 0; i < world->customer_count; i++) {
        struct customer *customer = &world->customers[i];
        int count = customer->stint_count;
        for (int k = 0; k < count && !world->failure; k++) {
            if (!is_candidate(world, customer, currency, &customer->stints[k], plan))
                continue;
            const struct json *next = find_new(world, arena, customer);
            if (next)
                succeed(world, customer, k, plan, next);
            else
                world_fail(world, "%s was not moved", customer->stints[k].id);
            moved++;
        }
    }
    if (moved != expected)
        world_fail(world, "a migration of %lld moved %lld", (long long)expected, (long long)moved);
}

void subscriber_migrate_all(struct world *world)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int currency = (int)world_pick(world, CURRENCY_COUNT);
    const struct plan *plan = plan_newest(world, currency, &plans[world_pick(world, plan_count)]);
    text of = world->plan_ids[currency][plan - plans], id, target;
    struct answer answer;
    int64_t total = 0;

    if (plan->version == 1)
        return;
    id = migration_start(world, arena, of);
    target = text_format(arena, V3 "/plans/%.*s/migrations/%.*s", TEXT_ARG(of), TEXT_ARG(id));
    do {
        world_wait(world, 1);
        answer = ask_again(world, arena, target);
        if (!is_good(world, &answer, target))
            return;
    } while (!text_equal(text_member(&answer.json, "status"), TEXT("done")));
    (void)text_to_int(text_member(&answer.json, "total"), &total);
    if (json_member(&answer.json, TEXT("failures"))->count > 0)
        world_fail(world, "a migration failed: %.*s", TEXT_ARG(answer.body));
    migration_follow(world, currency, plan, total);
}

/* ---- by chance ------------------------------------------------------------------------------ */

static void decide_running(struct world *world, struct customer *customer, int index)
{
    int64_t what = world_pick(world, 10);

    if (what < 2)
        cancel(world, customer, &customer->stints[index]);
    else if (what < 5)
        change(world, customer, index);
    else
        editor_act(world, customer, &customer->stints[index]);
}

void subscriber_decide(struct world *world, struct customer *customer)
{
    int lane = world_does(world, HABIT_LANES) ? (int)world_pick(world, LANES) : 0;
    int index = stint_last(world, customer, lane);
    const struct stint *stint = index >= 0 ? &customer->stints[index] : NULL;

    if (!stint)
        subscribe(world, customer, lane);
    else if (stint->from > customer_now(world, customer) && stint->follows >= 0)
        take_back_change(world, customer, index);
    else if (stint->from > customer_now(world, customer))
        take_back_start(world, customer, index);
    else if (stint->to != OPEN)
        go_on(world, customer, &customer->stints[index]);
    else
        decide_running(world, customer, index);
}
