/* generate.c: makes the demo's usage file: a seeded month of agent runs, as CloudEvents.
 *
 *   generate > events.jsonl        the events, one on a line
 *   generate --expect              what must come out: sent, duplicates, unattributed, and what
 * each customer is billed for
 *
 * The same seed gives the same bytes. January 2026, four customers of unequal size, four agents,
 * three models; one event in a hundred is sent twice, two in a hundred arrive up to three days
 * late, a few are from before anybody subscribed, a few are of subjects that no customer has.
 */
#include "base/id.h"
#include "codec/json.h"

#define EVENTS           100000
#define SEED             20260101
#define MONTH_SECONDS    (31 * 86400)
#define MONTH_START_NS   (1767225600 * NS_PER_SECOND) /* 2026-01-01T00:00:00Z */
#define LATE_SECONDS_MAX (3 * 86400)

struct subject {
    const char *subject;
    int customer; /* index into customers; -1: nobody's */
    int weight;   /* of 1000 */
};

static const char *const customers[] = { "acme-inc", "globex", "initech", "umbrella" };

static const struct subject subjects[] = {
    { "acme-inc", 0, 420 },         { "globex", 1, 150 },  { "consumer:globex-web", 1, 120 },
    { "app:globex-mobile", 1, 50 }, { "initech", 2, 190 }, { "umbrella", 3, 63 },
    { "trial-7f3a", -1, 4 },        { "hooli", -1, 3 },
};

static const char *const agents[] = { "summarizer", "translator", "classifier", "researcher" };
static const char *const models[] = { "atlas-small", "atlas-large", "nova" };

struct event {
    char id[UUID_TEXT_LENGTH];
    size_t subject;
    size_t agent, model;
    uint64_t tokens;
    instant time;
};

struct tally {
    uint64_t sent, duplicates, unattributed, early;
    uint64_t billed[COUNT_OF(customers)];
};

static size_t pick_subject(struct random *random)
{
    uint64_t at = random_below(random, 1000);
    size_t i = 0;

    while (at >= (uint64_t)subjects[i].weight)
        at -= (uint64_t)subjects[i++].weight;
    return i;
}

/* The n-th event in the order of arrival; most happened when they arrived. */
static struct event make_event(struct random *random, uint64_t n)
{
    uint64_t chance;
    int64_t arrival_ns = (int64_t)(n * MONTH_SECONDS * 1000 / EVENTS) * 1000000;
    struct event event = { .time = { MONTH_START_NS + arrival_ns } };

    uuid_print_random(random, event.id);
    event.subject = pick_subject(random);
    event.agent = (size_t)random_below(random, COUNT_OF(agents));
    event.model = (size_t)random_below(random, COUNT_OF(models));
    event.tokens = 50 + random_below(random, 4000);
    chance = random_below(random, 1000);
    if (chance < 20) {
        event.time.ns -= (int64_t)random_below(random, LATE_SECONDS_MAX) * NS_PER_SECOND;
        if (event.time.ns < MONTH_START_NS)
            event.time.ns = MONTH_START_NS;
    } else if (chance < 25) {
        event.time.ns = MONTH_START_NS - (int64_t)(1 + random_below(random, 86400)) * NS_PER_SECOND;
    }
    return event;
}

static void print_event(struct arena *arena, const struct event *event)
{
    struct buffer line = { .arena = arena };
    struct json_writer w = json_writer_of(&line);

    json_object_begin(&w);
    json_member_text(&w, "specversion", TEXT("1.0"));
    json_member_text(&w, "id", (text){ event->id, UUID_TEXT_LENGTH });
    json_member_text(&w, "source", TEXT("acme-platform"));
    json_member_text(&w, "type", TEXT("agent_run"));
    json_member_text(&w, "subject", text_of(subjects[event->subject].subject));
    json_key(&w, TEXT("time"));
    json_instant(&w, event->time);
    json_key(&w, TEXT("data"));
    json_object_begin(&w);
    json_member_text(&w, "agent_name", text_of(agents[event->agent]));
    json_member_text(&w, "model", text_of(models[event->model]));
    json_key(&w, TEXT("tokens"));
    json_int(&w, (int64_t)event->tokens);
    json_object_end(&w);
    json_object_end(&w);
    printf("%.*s\n", TEXT_ARG(buffer_text(&line)));
}

static void count_event(struct tally *tally, const struct event *event)
{
    int customer = subjects[event->subject].customer;

    if (customer < 0)
        tally->unattributed++;
    else if (event->time.ns < MONTH_START_NS)
        tally->early++;
    else
        tally->billed[customer]++;
}

static void generate(struct arena *arena, bool is_printed, struct tally *tally)
{
    struct random random = random_seeded(SEED);
    struct event last = { .id = { 0 } };

    for (uint64_t n = 0; n < EVENTS; n++) {
        bool is_repeat = n > 0 && random_below(&random, 100) == 0;
        struct event event = is_repeat ? last : make_event(&random, n);

        arena_reset(arena);
        if (is_printed)
            print_event(arena, &event);
        tally->sent++;
        if (is_repeat)
            tally->duplicates++;
        else
            count_event(tally, &event);
        last = event;
    }
}

int main(int argc, char **argv)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    bool is_expecting = argc > 1 && strcmp(argv[1], "--expect") == 0;
    struct tally tally = { 0 };

    generate(arena, !is_expecting, &tally);
    if (!is_expecting)
        return 0;
    printf("sent %llu\naccepted %llu\nduplicates %llu\nunattributed %llu\nearly %llu\n",
           (unsigned long long)tally.sent, (unsigned long long)(tally.sent - tally.duplicates),
           (unsigned long long)tally.duplicates, (unsigned long long)tally.unattributed,
           (unsigned long long)tally.early);
    for (size_t i = 0; i < COUNT_OF(customers); i++)
        printf("%s %llu\n", customers[i], (unsigned long long)tally.billed[i]);
    return 0;
}
