/* asking.c: requests, deaths, and asking again. */
#include "asking.h"

#define CALLS_MAX 160 /* of the disk within a request, about */

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

int64_t cents_member(const struct json *json, const char *key)
{
    text t = text_member(json, key);
    int64_t sign = text_starts_with(t, TEXT("-")) ? -1 : 1;
    int64_t whole = 0, rest = 0;
    text digits = sign < 0 ? text_slice(t, 1, t.len) : t;
    text head = text_cut(&digits, '.');
    if (digits.len != 2 || !text_to_int(head, &whole) || !text_to_int(digits, &rest))
        return NOTHING;
    return sign * (whole * 100 + rest);
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
