/* subscriber.c: decisions, sent until it is known that they were taken. */
#include "subscriber.h"

#include "asking.h"

#include <stdlib.h>

/* The last subscription, when it is not over; it may not have begun. */
static struct stint *stint_last(struct world *world, struct customer *customer)
{
    struct stint *stint = customer->stints;
    if (customer->stint_count == 0)
        return NULL;
    stint += customer->stint_count - 1;
    return stint->to > world_now(world) ? stint : NULL;
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
    text target =
        text_format(arena, V3 "/subscriptions?filter[customer_id]=%s&page[size]=100", customer->id);
    struct answer answer = ask_again(world, arena, target);
    const struct json *data = json_member(&answer.json, TEXT("data"));
    for (size_t i = 0; data && i < data->count; i++)
        if (!is_known(customer, text_member(&data->items[i], "id")))
            return &data->items[i];
    (void)is_good(world, &answer, target);
    return NULL;
}

static struct answer look(struct world *world, struct arena *arena, const struct stint *stint)
{
    return ask_again(world, arena, text_format(arena, V3 "/subscriptions/%s", stint->id));
}

/* Either contract, by chance; for what both call alike. */
static text path_of(struct world *world, struct arena *arena, const struct stint *stint,
                    const char *action)
{
    return text_format(arena, "%s/subscriptions/%s%s", world_pick(world, 2) ? V1 : V3, stint->id,
                       action);
}

static void changed(struct world *world, struct stint *stint)
{
    stint->changed_at = world_now(world);
    world->counts.changes++;
}

/* ---- beginnings ----------------------------------------------------------------------------- */

static struct stint *stint_begin(struct world *world, struct customer *customer,
                                 const struct plan *plan, const struct json *json)
{
    struct stint *stint = ADD_ONE(customer->stints, customer->stint_count);
    world_keep_id(stint->id, text_member(json, "id"));
    stint->plan = plan;
    stint->from = instant_member(json, "active_from");
    stint->to = OPEN;
    stint->anchor = stint->from;
    for (int i = 0; i < plan->card_count; i++)
        *ADD_ONE(stint->items, stint->item_count) =
            (struct item){ &plan->cards[i], stint->from, OPEN };
    changed(world, stint);
    return stint;
}

/* The newest published version with a key. */
static const struct plan *plan_newest(struct world *world, const struct plan *plan)
{
    while (plan->version > 1)
        plan--;
    while (plan + 1 < plans + plan_count && plan[1].version > plan->version &&
           world->plan_ids[plan + 1 - plans].ptr)
        plan++;
    return plan;
}

static const struct plan *plan_any(struct world *world)
{
    return plan_newest(world, &plans[world_pick(world, plan_count)]);
}

/* When the customer was last without a subscription, at the earliest. */
static int64_t free_since(const struct customer *customer)
{
    return customer->stint_count > 0 ? customer->stints[customer->stint_count - 1].to : 0;
}

static void subscribe(struct world *world, struct customer *customer)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const struct plan *plan = plan_any(world);
    struct buffer body = { .arena = arena };
    int64_t from = world_now(world), anchor;
    const struct json *made = NULL;
    struct answer answer;

    buffer_format(&body, "{\"customer\":{\"id\":\"%s\"},\"plan\":{\"key\":\"%s\"}", customer->id,
                  plan->key);
    if (world_pick(world, 4) == 0) {
        from -= world_pick(world, 100 * 86400) * NS_PER_SECOND;
        from = from > free_since(customer) ? from : world_now(world);
        buffer_format(&body, ",\"timing\":\"%.*s\"",
                      TEXT_ARG(instant_text(arena, (instant){ from })));
    }
    anchor = from;
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
static void succeed(struct world *world, struct customer *customer, const struct plan *plan,
                    const struct json *next)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct stint *stint = stint_begin(world, customer, plan, next);
    struct stint *before = stint - 1;
    struct answer answer = look(world, arena, before);

    before->to = instant_member(&answer.json, "active_to");
    stint->anchor = before->anchor;
    changed(world, before);
    if (before->to != stint->from)
        world_fail(world, "%s does not begin where %s ends", stint->id, before->id);
}

/* To another plan, or to the newest version of this one. */
static void change(struct world *world, struct customer *customer, bool is_at_once)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct stint *stint = &customer->stints[customer->stint_count - 1];
    const struct plan *newest = plan_newest(world, stint->plan);
    const struct plan *plan = newest->version > stint->plan->version ? newest : plan_any(world);
    const char *timing = is_at_once ? "immediate" : "next_billing_cycle";
    bool is_migration = plan->version > stint->plan->version && plan == newest;
    text target = text_format(arena, V1 "/subscriptions/%s/%s", stint->id,
                              is_migration ? "migrate" : "change");
    text body = is_migration ? text_format(arena, "{\"timing\":\"%s\"}", timing)
                             : text_format(arena, "{\"timing\":\"%s\",\"plan\":{\"key\":\"%s\"}}",
                                           timing, plan->key);
    const struct json *next = NULL;

    while (!next) {
        struct answer answer = ask(world, arena, HTTP_POST, target, body);
        if (!is_good(world, &answer, target))
            return;
        next = find_new(world, arena, customer);
    }
    succeed(world, customer, plan, next);
    if (is_at_once && customer->stints[customer->stint_count - 1].from != world_now(world))
        world_fail(world, "%s was to change at once", customer->key);
}

/* The next one has not begun: it goes, and the one before goes on. */
static void restore(struct world *world, struct customer *customer)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct stint *next = &customer->stints[customer->stint_count - 1];
    struct stint *stint = next - 1;
    text target = path_of(world, arena, stint, "/restore");
    struct answer answer = ask_once(world, arena, target, TEXT_NONE);

    if (!is_good(world, &answer, target))
        return;
    answer = look(world, arena, next);
    if (answer.status != 404)
        world_fail(world, "%s was to be gone", next->id);
    free(next->items);
    customer->stint_count--;
    stint->to = OPEN;
    changed(world, stint);
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void cancel(struct world *world, struct stint *stint, bool is_at_once)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = path_of(world, arena, stint, "/cancel");
    text body = is_at_once ? TEXT("{\"timing\":\"immediate\"}")
                           : TEXT("{\"timing\":\"next_billing_cycle\"}");
    struct answer answer;

    do {
        answer = ask(world, arena, HTTP_POST, target, body);
        if (!is_good(world, &answer, target))
            return;
        answer = look(world, arena, stint);
    } while (instant_member(&answer.json, "active_to") == OPEN);
    stint->to = instant_member(&answer.json, "active_to");
    changed(world, stint);
    if (is_at_once && stint->to != world_now(world))
        world_fail(world, "%s was to end at once", stint->id);
}

static void go_on(struct world *world, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = path_of(world, arena, stint, "/unschedule-cancelation");
    struct answer answer;

    do {
        answer = ask(world, arena, HTTP_POST, target, TEXT_NONE);
        if (!is_good(world, &answer, target))
            return;
        answer = look(world, arena, stint);
    } while (instant_member(&answer.json, "active_to") != OPEN);
    stint->to = OPEN;
    changed(world, stint);
}

/* ---- edits ---------------------------------------------------------------------------------- */

/* The item with this key that runs; NULL. */
static struct item *item_running(struct world *world, struct stint *stint, const char *key)
{
    for (int i = 0; i < stint->item_count; i++)
        if (stint->items[i].to > world_now(world) &&
            text_equal(text_of(stint->items[i].card->key), text_of(key)))
            return &stint->items[i];
    return NULL;
}

/* Sends an edit until the subscription's version says that it was done. */
static bool edit(struct world *world, struct arena *arena, const struct stint *stint, text body)
{
    text target = text_format(arena, V3 "/subscriptions/%s", stint->id);
    struct answer before = look(world, arena, stint);
    struct answer answer;

    do {
        answer = ask(world, arena, HTTP_PATCH, target, body);
        if (!is_good(world, &answer, body))
            return false;
        answer = look(world, arena, stint);
    } while (
        text_equal(text_member(&answer.json, "version"), text_member(&before.json, "version")));
    return true;
}

/* A card more, or in place of the one with its key. */
static void add_item(struct world *world, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const struct card *card = &extras[world_pick(world, extra_count)];
    struct item *old = item_running(world, stint, card->key);
    struct buffer body = { .arena = arena };

    buffer_add_cstr(&body, "{\"timing\":\"immediate\",\"customizations\":[{\"op\":\"add_item\","
                           "\"phase_key\":\"main\",\"rate_card\":");
    card_write(card, world->feature_ids[card->meter], &body);
    buffer_add_cstr(&body, "}]}");
    if (!edit(world, arena, stint, buffer_text(&body)))
        return;
    if (old)
        old->to = world_now(world);
    *ADD_ONE(stint->items, stint->item_count) = (struct item){ card, world_now(world), OPEN };
    changed(world, stint);
}

static void remove_item(struct world *world, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct item *item = NULL;
    int running = 0;

    for (int i = 0; i < stint->item_count; i++) {
        if (stint->items[i].to <= world_now(world))
            continue;
        running++;
        item = item == NULL || world_pick(world, 2) ? &stint->items[i] : item;
    }
    if (running < 2)
        return;
    if (!edit(world, arena, stint,
              text_format(arena,
                          "{\"timing\":\"immediate\",\"customizations\":[{\"op\":\"remove_item\","
                          "\"phase_key\":\"main\",\"item_key\":\"%s\"}]}",
                          item->card->key)))
        return;
    item->to = world_now(world);
    changed(world, stint);
}

/* ---- by chance ------------------------------------------------------------------------------ */

static void decide_running(struct world *world, struct customer *customer, struct stint *stint)
{
    int64_t what = world_pick(world, 10);

    if (what < 2)
        cancel(world, stint, world_pick(world, 2) == 0);
    else if (what < 6)
        change(world, customer, world_pick(world, 2) == 0);
    else if (what < 9)
        add_item(world, stint);
    else
        remove_item(world, stint);
}

void subscriber_decide(struct world *world, struct customer *customer)
{
    struct stint *stint = stint_last(world, customer);

    if (!stint)
        subscribe(world, customer);
    else if (stint->from > world_now(world))
        restore(world, customer);
    else if (stint->to != OPEN)
        go_on(world, stint);
    else
        decide_running(world, customer, stint);
}
