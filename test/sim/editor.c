/* editor.c: edits, add-ons, and changes withdrawn. */
#include "editor.h"

#include "subscriber.h"

#include <string.h>

/* When it is to be: now, or where the billing period ends. */
struct moment {
    const char *timing;
    int64_t at;
};

static struct moment pick_moment(struct world *world, const struct customer *customer,
                                 const struct stint *stint)
{
    int64_t now = customer_now(world, customer);
    if (!world_does(world, HABIT_PENDING) || world_pick(world, 2) == 0)
        return (struct moment){ "immediate", now };
    return (struct moment){ "next_billing_cycle", stint_cycle_end(stint, now) };
}

struct request {
    enum http_method method;
    text target, body;
};

/* Sends something until the subscription's version says that it was done. */
static bool step(struct world *world, struct arena *arena, const struct stint *stint,
                 struct request request)
{
    struct answer before = stint_look(world, arena, stint);
    struct answer answer;

    do {
        answer = ask(world, arena, request.method, request.target, request.body);
        if (!is_good(world, &answer, text_is_empty(request.body) ? request.target : request.body))
            return false;
        answer = stint_look(world, arena, stint);
    } while (
        text_equal(text_member(&answer.json, "version"), text_member(&before.json, "version")));
    return true;
}

/* ---- edits ---------------------------------------------------------------------------------- */

static bool has_key(const struct item *item, const char *key)
{
    return strcmp(item->card->key, key) == 0;
}

/* The version of a key in a phase that begins last; NULL. */
static struct item *item_latest(struct stint *stint, int phase, const char *key)
{
    struct item *latest = NULL;
    for (int i = 0; i < stint->base_count; i++) {
        struct item *item = &stint->base[i];
        if (item->phase == phase && item->from < item->to && has_key(item, key) &&
            (!latest || item->from >= latest->from))
            latest = item;
    }
    return latest;
}

/* An edit takes effect in the phase that runs when it is asked for, or not at all. */
static bool is_in_phase(const struct stint *stint, int64_t now, int64_t at)
{
    return at < stint->phases[stint_phase(stint, now) + 1];
}

/* A card more, or in place of the one with its key. */
static void add_item(struct world *world, struct customer *customer, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const struct card *card = &extras[world_pick(world, extra_count)];
    struct moment when = pick_moment(world, customer, stint);
    int phase = stint_phase(stint, customer_now(world, customer));
    struct item *old = item_latest(stint, phase, card->key);
    struct buffer body = { .arena = arena };
    struct card_writing writing = { world->feature_ids[card->meter], world->tax_codes[card->tax],
                                    currencies[customer->currency].digits };

    if (!is_in_phase(stint, customer_now(world, customer), when.at))
        return;
    if (old && (old->from > when.at || (old->to > when.at && old->to != stint->phases[phase + 1])))
        return; /* it is scheduled to change */
    buffer_format(&body,
                  "{\"timing\":\"%s\",\"customizations\":[{\"op\":\"add_item\","
                  "\"phase_key\":\"%s\",\"rate_card\":",
                  when.timing, stint->plan->phases[phase].key);
    card_write(card, &writing, &body);
    buffer_add_cstr(&body, "}]}");
    if (!step(world, arena, stint,
              (struct request){ HTTP_PATCH, text_format(arena, V3 "/subscriptions/%s", stint->id),
                                buffer_text(&body) }))
        return;
    if (old && old->to > when.at)
        old->to = when.at;
    *ADD_ONE(stint->base, stint->base_count) =
        (struct item){ card, phase, when.at, stint->phases[phase + 1] };
    stint_cut(stint);
    stint_changed(world, customer, stint);
}

/* Another item of the phase that lasts as long; without one it cannot go. */
static bool has_other(const struct stint *stint, int phase, const char *key)
{
    for (int i = 0; i < stint->base_count; i++) {
        const struct item *item = &stint->base[i];
        if (item->phase == phase && item->from < item->to && !has_key(item, key) &&
            item->to == stint->phases[phase + 1])
            return true;
    }
    return false;
}

static void remove_item(struct world *world, struct customer *customer, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct moment when = pick_moment(world, customer, stint);
    int64_t now = customer_now(world, customer);
    int phase = stint_phase(stint, now);
    const char *key = NULL;
    text body;

    for (int i = 0; i < stint->base_count; i++) {
        const struct item *item = &stint->base[i];
        if (item->phase == phase && item->from < item->to && item->to > when.at &&
            has_other(stint, phase, item->card->key) && (!key || world_pick(world, 2)))
            key = item->card->key;
    }
    if (!key || !is_in_phase(stint, now, when.at))
        return;
    body = text_format(arena,
                       "{\"timing\":\"%s\",\"customizations\":[{\"op\":\"remove_item\","
                       "\"phase_key\":\"%s\",\"item_key\":\"%s\"}]}",
                       when.timing, stint->plan->phases[phase].key, key);
    if (!step(world, arena, stint,
              (struct request){ HTTP_PATCH, text_format(arena, V3 "/subscriptions/%s", stint->id),
                                body }))
        return;
    for (int i = 0; i < stint->base_count; i++) {
        struct item *item = &stint->base[i];
        if (item->phase == phase && has_key(item, key) && item->to > when.at)
            item->to = item->from < when.at ? when.at : item->from;
    }
    stint_cut(stint);
    stint_changed(world, customer, stint);
}

/* Whether an edit of the current phase is to come. */
static bool has_edit(const struct stint *stint, int64_t now)
{
    int phase = stint_phase(stint, now);
    for (int i = 0; i < stint->base_count; i++) {
        const struct item *item = &stint->base[i];
        if (item->phase == phase && item->from < item->to &&
            (item->from > now || (item->to > now && item->to < stint->phases[phase + 1])))
            return true;
    }
    return false;
}

static void withdraw_edit(struct world *world, struct customer *customer, struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t now = customer_now(world, customer);
    int phase = stint_phase(stint, now);
    bool is_edit = world_pick(world, 2) == 0;

    if (is_edit ? !step(world, arena, stint,
                        (struct request){
                            HTTP_PATCH, text_format(arena, V3 "/subscriptions/%s", stint->id),
                            TEXT("{\"customizations\":[{\"op\":\"unschedule_edit\"}]}") })
                : !step(world, arena, stint,
                        (struct request){
                            HTTP_DELETE,
                            text_format(arena, V3 "/subscriptions/%s/changes/edit", stint->id),
                            TEXT_NONE }))
        return;
    for (int i = 0; i < stint->base_count; i++) {
        struct item *item = &stint->base[i];
        if (item->phase != phase || item->from == item->to)
            continue;
        if (item->from > now)
            item->to = item->from;
        else if (item->to > now)
            item->to = stint->phases[phase + 1];
    }
    stint_cut(stint);
    stint_changed(world, customer, stint);
}

/* ---- add-ons -------------------------------------------------------------------------------- */

/* Another quantity from `at` on; what was to come is gone. */
static void share_set(struct bought *bought, int64_t at, int64_t quantity)
{
    while (bought->share_count > 0 && bought->shares[bought->share_count - 1].from >= at)
        bought->share_count--;
    if (bought->share_count == 0 || bought->shares[bought->share_count - 1].quantity != quantity)
        *ADD_ONE(bought->shares, bought->share_count) = (struct share){ at, quantity };
}

static struct bought *bought_of(struct stint *stint, const struct addon *addon)
{
    for (int i = 0; i < stint->bought_count; i++)
        if (stint->bought[i].addon == addon)
            return &stint->bought[i];
    return NULL;
}

static void buy(struct world *world, struct customer *customer, struct stint *stint,
                const struct addon *addon)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct moment when = pick_moment(world, customer, stint);
    int64_t quantity = 1 + world_pick(world, addon->max);
    text target = text_format(arena, V3 "/subscriptions/%s/addons", stint->id);
    struct bought *bought;
    struct answer answer;
    bool is_taken = world_does(world, HABIT_LANES) && card_is_metered(&addon->cards[0]);

    if (stint_phase(stint, when.at) < addon->first_phase || is_taken)
        return; /* too early, or the second lane has that key */
    answer = ask_once(
        world, arena, target,
        text_format(arena, "{\"addon\":{\"id\":\"%.*s\"},\"quantity\":%lld,\"timing\":\"%s\"}",
                    TEXT_ARG(world->addon_ids[customer->currency][addon - addons]),
                    (long long)quantity, when.timing));
    if (!is_good(world, &answer, target))
        return;
    bought = &stint->bought[stint->bought_count++];
    *bought = (struct bought){ .addon = addon };
    world_keep_id(bought->id, text_member(&answer.json, "id"));
    share_set(bought, when.at, quantity);
    stint_cut(stint);
    stint_changed(world, customer, stint);
}

static void set_quantity(struct world *world, struct customer *customer, struct stint *stint,
                         struct bought *bought)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct moment when = pick_moment(world, customer, stint);
    int64_t quantity = world_pick(world, bought->addon->max + 1);

    if (quantity == bought_quantity(bought, when.at))
        return;
    if (!step(world, arena, stint,
              (struct request){
                  HTTP_PATCH,
                  text_format(arena, V3 "/subscriptions/%s/addons/%s", stint->id, bought->id),
                  text_format(arena, "{\"quantity\":%lld,\"timing\":\"%s\"}", (long long)quantity,
                              when.timing) }))
        return;
    share_set(bought, when.at, quantity);
    stint_cut(stint);
    stint_changed(world, customer, stint);
}

static void withdraw_quantity(struct world *world, struct customer *customer, struct stint *stint,
                              struct bought *bought)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t now = customer_now(world, customer);
    text target = text_format(arena, V3 "/subscriptions/%s/changes/%s", stint->id, bought->id);

    if (!step(world, arena, stint, (struct request){ HTTP_DELETE, target, TEXT_NONE }))
        return;
    share_set(bought, now, bought_quantity(bought, now));
    stint_cut(stint);
    stint_changed(world, customer, stint);
}

static bool is_to_change(const struct bought *bought, int64_t now)
{
    return bought->share_count > 0 && bought->shares[bought->share_count - 1].from > now;
}

/* Something about an add-on, when the plan has any. */
static void act_addon(struct world *world, struct customer *customer, struct stint *stint)
{
    const struct addon *addon = &addons[world_pick(world, addon_count)];
    struct bought *bought = bought_of(stint, addon);
    int64_t now = customer_now(world, customer);

    for (int i = 0; i < addon_count && strcmp(addon->plan, stint->plan->key) != 0; i++) {
        addon = &addons[i];
        bought = bought_of(stint, addon);
    }
    if (strcmp(addon->plan, stint->plan->key) != 0)
        return;
    if (!bought)
        buy(world, customer, stint, addon);
    else if (is_to_change(bought, now) && world_pick(world, 2) == 0)
        withdraw_quantity(world, customer, stint, bought);
    else
        set_quantity(world, customer, stint, bought);
}

/* ---- by chance ------------------------------------------------------------------------------ */

void editor_act(struct world *world, struct customer *customer, struct stint *stint)
{
    int64_t now = customer_now(world, customer);
    bool has_addons = stint_has_addons(stint, now);
    int64_t what = world_pick(world, 10);

    if (world_does(world, HABIT_ADDONS) && (has_addons || what < 4))
        act_addon(world, customer, stint);
    else if (stint->plan->lane > 0)
        return; /* what could be added belongs to the first lane */
    else if (has_edit(stint, now) && what < 7)
        withdraw_edit(world, customer, stint);
    else if (what < 9)
        add_item(world, customer, stint);
    else
        remove_item(world, customer, stint);
}

/* ---- audit ---------------------------------------------------------------------------------- */

/* The listed change with this id at this time; NULL. */
static const struct json *change_at(const struct json *data, text id, int64_t at)
{
    for (size_t i = 0; data && i < data->count; i++)
        if (text_equal(text_member(&data->items[i], "id"), id) &&
            instant_member(&data->items[i], "at") == at)
            return &data->items[i];
    return NULL;
}

struct listing {
    struct world *world;
    const struct stint *stint;
    const struct answer *answer;
    size_t expected;
};

static void expect(struct listing *listing, text id, int64_t at)
{
    listing->expected++;
    if (!change_at(json_member(&listing->answer->json, TEXT("data")), id, at))
        world_fail(listing->world, "%s: a change at %.*s is not listed: %.*s", listing->stint->id,
                   TEXT_ARG(instant_text(listing->world->keep, (instant){ at })),
                   TEXT_ARG(listing->answer->body));
}

/* Each instant at which an edit takes effect, once. */
static void expect_edits(struct listing *listing, int64_t now)
{
    const struct stint *stint = listing->stint;
    int phase = stint_phase(stint, now);
    int64_t times[2 * 64];
    int count = 0;

    for (int i = 0; i < stint->base_count; i++) {
        const struct item *item = &stint->base[i];
        int64_t ends[] = { item->from, item->to };
        if (item->phase != phase || item->from == item->to)
            continue;
        for (int k = 0; k < 2; k++) {
            bool is_new = ends[k] > now && ends[k] < stint->phases[phase + 1];
            for (int j = 0; j < count; j++)
                is_new = is_new && times[j] != ends[k];
            if (!is_new)
                continue;
            MUST(count < (int)COUNT_OF(times));
            times[count++] = ends[k];
            expect(listing, TEXT("edit"), ends[k]);
        }
    }
}

void editor_audit(struct world *world, const struct customer *customer, const struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t now = customer_now(world, customer);
    text target = text_format(arena, V3 "/subscriptions/%s/changes", stint->id);
    struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
    struct listing listing = { world, stint, &answer, 0 };
    const struct json *data = json_member(&answer.json, TEXT("data"));

    if (!is_good(world, &answer, target) || stint->from > now || stint->to <= now)
        return;
    if (stint->to != OPEN) {
        bool is_followed = false;
        for (int i = 0; i < customer->stint_count; i++)
            is_followed |= customer->stints[i].follows >= 0 &&
                           &customer->stints[customer->stints[i].follows] == stint;
        expect(&listing, is_followed ? TEXT("plan") : TEXT("cancelation"), stint->to);
    }
    expect_edits(&listing, now);
    for (int i = 0; i < stint->bought_count; i++)
        for (int k = 0; k < stint->bought[i].share_count; k++)
            if (stint->bought[i].shares[k].from > now)
                expect(&listing, text_of(stint->bought[i].id), stint->bought[i].shares[k].from);
    if (!data || data->count != listing.expected)
        world_fail(world, "%s: %lld changes are pending: %.*s", stint->id,
                   (long long)listing.expected, TEXT_ARG(answer.body));
}
