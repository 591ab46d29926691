/* asking.c: requests, deaths, and asking again. */
#include "asking.h"

#define CALLS_MAX   160  /* of the disk within a request, about */
#define ADVANCE_MAX 3000 /* while time goes by */

void maybe_arm(struct world *world, enum disk_part part, int64_t calls)
{
    if (world->crash_every > 0 && world_pick(world, world->crash_every) == 0)
        disk_arm(part, world_pick(world, 1 + world_pick(world, calls)));
}

bool has_died(struct world *world)
{
    if (!disk_is_dead()) {
        disk_mend();
        return false;
    }
    house_restart(&world->house);
    world->counts.crashes++;
    return true;
}

static void tell(struct world *world, text target, text body, const struct answer *answer)
{
    char now[INSTANT_TEXT_MAX];
    if (!world->is_telling)
        return;
    instant_print(clock_now(&world->house.clock), now);
    printf("# %s %.*s %.*s => %d %.*s\n", now, TEXT_ARG(target), TEXT_ARG(body), answer->status,
           TEXT_ARG(answer->body));
}

struct answer ask(struct world *world, struct arena *arena, enum http_method method, text target,
                  text body)
{
    struct answer answer;
    bool is_dead;
    maybe_arm(world, DISK_STATE, CALLS_MAX);
    answer = house_ask(&world->house, arena, method, target, body);
    is_dead = has_died(world);
    CHECK(is_dead || answer.status > 0);
    if (method != HTTP_GET)
        tell(world, target, body, &answer);
    return answer;
}

struct answer ask_again(struct world *world, struct arena *arena, text target)
{
    struct answer answer = ask(world, arena, HTTP_GET, target, TEXT_NONE);
    while (answer.status == 0)
        answer = ask(world, arena, HTTP_GET, target, TEXT_NONE);
    return answer;
}

bool is_good(struct world *world, const struct answer *answer, text target)
{
    if (answer->status < 300)
        return true;
    world_fail(world, "%.*s: %d %.*s", TEXT_ARG(target), answer->status, TEXT_ARG(answer->body));
    return false;
}

text text_member(const struct json *json, const char *key)
{
    const struct json *value = json_member(json, text_of(key));
    return value ? value->text : TEXT_NONE;
}

int64_t instant_member(const struct json *json, const char *key)
{
    instant at;
    return instant_parse(text_member(json, key), &at) ? at.ns : OPEN;
}

int64_t cents_member(const struct json *json, const char *key, int digits)
{
    text t = text_member(json, key);
    int64_t sign = text_starts_with(t, TEXT("-")) ? -1 : 1;
    int64_t whole = 0, rest = 0;
    text digits_left = sign < 0 ? text_slice(t, 1, t.len) : t;
    text head = text_cut(&digits_left, '.');
    if (digits_left.len != (size_t)digits || !text_to_int(head, &whole) ||
        (digits > 0 && !text_to_int(digits_left, &rest)))
        return NOTHING;
    for (int i = 0; i < digits; i++)
        whole *= 10;
    return sign * (whole + rest);
}

const struct json *json_at(const struct json *json, const char *key, const char *next)
{
    const struct json *value = json ? json_member(json, text_of(key)) : NULL;
    return value && next ? json_member(value, text_of(next)) : value;
}

text text_at(const struct json *json, const char *key, const char *next)
{
    const struct json *value = json_at(json, key, next);
    return value ? value->text : TEXT_NONE;
}

int64_t instant_at(const struct json *json, const char *key, const char *next)
{
    instant t;
    return instant_parse(text_at(json, key, next), &t) ? t.ns : OPEN;
}

int64_t cents_at(const struct json *json, const char *key, const char *next, int digits)
{
    const struct json *value = next ? json_member(json, text_of(key)) : json;
    return value ? cents_member(value, next ? next : key, digits) : NOTHING;
}

bool is_refusal(const struct answer *answer, const char *code)
{
    return answer->status >= 400 && text_equal(text_member(&answer->json, "code"), text_of(code));
}

struct answer put_again(struct world *world, struct arena *arena, text target, text body)
{
    struct answer answer = { 0 };
    while (answer.status == 0)
        answer = ask(world, arena, HTTP_PUT, target, body);
    return answer;
}

struct answer ask_once(struct world *world, struct arena *arena, text target, text body)
{
    struct answer answer = { 0 };
    text key = text_format(arena, "key-%lld", (long long)++world->keys);
    while (answer.status == 0) {
        maybe_arm(world, DISK_STATE, CALLS_MAX);
        answer = house_ask_once(&world->house, arena, key, target, body);
        if (has_died(world) && answer.status >= 300)
            answer.status = 0;
        tell(world, target, body, &answer);
    }
    return answer;
}

/* ---- time ----------------------------------------------------------------------------------- */

void world_wait(struct world *world, int64_t seconds)
{
    instant to = { world_now(world) + seconds * NS_PER_SECOND };
    bool is_there = false;
    while (!is_there) {
        maybe_arm(world, DISK_STATE, ADVANCE_MAX);
        is_there = house_advance(&world->house, to);
        is_there = !has_died(world) && is_there;
    }
}

void customer_wait(struct world *world, struct customer *customer, int64_t seconds)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t to = customer->clock_now + seconds * NS_PER_SECOND;
    text target = text_format(arena, V3 "/test-clocks/%s/advance", customer->clock);
    text body =
        text_format(arena, "{\"to\":\"%.*s\"}", TEXT_ARG(instant_text(arena, (instant){ to })));
    struct answer answer = { 0 };

    CHECK(customer->clock[0] != '\0');
    while (answer.status == 0) {
        maybe_arm(world, DISK_STATE, ADVANCE_MAX);
        answer = house_ask(&world->house, arena, HTTP_POST, target, body);
        if (has_died(world))
            answer.status = 0;
        tell(world, target, body, &answer);
    }
    if (is_good(world, &answer, body))
        customer->clock_now = to;
}
