/* test_erase.c: erased events leave nothing in the files, stay known, and leave the others as they
 * are; retention goes by whole segments; what is interrupted can be done again. */
#include "base/random.h"
#include "unit/usage/kit_files.h"

#define EVENTS       1000U
#define SEGMENT_ROWS 100U
#define SUBJECTS     10U
#define ERASED       3U /* the subject; its events are those with a 3 at the end, all of org 2 */

static char directory[KIT_PATH];

/* A word that comes only once. */
static text word(struct arena *arena, const char *kind, uint64_t number)
{
    uint64_t low = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t high = (low ^ low >> 29) * UINT64_C(0xbf58476d1ce4e5b9) + (unsigned char)kind[0];
    return text_format(arena, "%s-%016llx", kind, (unsigned long long)(high ^ high >> 31));
}

/* Sixteen bytes, and as the text of a UUID. */
static text uuid_of(struct arena *arena, uint64_t number, unsigned char ret[16])
{
    struct random random = random_seeded(number);
    random_fill(&random, ret, 16);
    return text_format(arena,
                       "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                       ret[0], ret[1], ret[2], ret[3], ret[4], ret[5], ret[6], ret[7], ret[8],
                       ret[9], ret[10], ret[11], ret[12], ret[13], ret[14], ret[15]);
}

static bool has_uuid(uint64_t number)
{
    return number / 10 % 2 == 0;
}

/* Event n; two orgs, one event a second; what it says comes with its subject only. */
static struct usage_event event_of(struct arena *arena, uint64_t number)
{
    unsigned char bytes[16];
    uint64_t subject = number % SUBJECTS;
    return (struct usage_event){
        .org = kit_org(1 + (unsigned)(number % 2)),
        .id = has_uuid(number) ? uuid_of(arena, number, bytes) : word(arena, "id", number),
        .source = word(arena, "source", subject),
        .type = word(arena, "type", subject),
        .subject = word(arena, "subject", subject),
        .data = text_format(arena, "{\"%.*s\":\"%.*s\"}", TEXT_ARG(word(arena, "key", subject)),
                            TEXT_ARG(word(arena, "value", number))),
        .time = { (int64_t)(number + 1) * NS_PER_SECOND },
        .is_time_given = true,
        .ingested_at = { (int64_t)(number + 1) * NS_PER_SECOND },
    };
}

static struct usage *store_open(const char *path, struct usage_io *io)
{
    struct usage_config config = {
        .directory = path,
        .io = io,
        .seal_rows = SEGMENT_ROWS,
        .seal_age_millisecond = UINT32_MAX,
    };
    struct usage *usage;
    return usage_open(&config, &usage, NULL) == OK ? usage : NULL;
}

/* Appends events from `first` on; the receipts added up. */
static struct usage_receipt store_append(struct usage *usage, uint64_t first, uint64_t count)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_receipt sum = { .err = OK };
    for (uint64_t done = 0; done < count; done += 50) {
        struct usage_event events[50];
        struct usage_receipt receipt = { .err = OK };
        for (uint64_t i = 0; i < 50; i++)
            events[i] = event_of(arena, first + done + i);
        MUST(usage_append_wait(usage, events, 50, &receipt) == OK);
        sum.accepted += receipt.accepted;
        sum.duplicates += receipt.duplicates;
        sum.conflicts += receipt.conflicts;
    }
    return sum;
}

/* What a store has of the events 0 to EVENTS - 1. */
struct census {
    bool has[EVENTS];
    bool is_wrong;
    uint64_t total;
};

static bool census_visit(void *state, const struct usage_event *event)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct census *census = state;
    uint64_t number = (uint64_t)(event->time.ns / NS_PER_SECOND) - 1;
    struct usage_event want = event_of(arena, number);
    census->is_wrong = census->is_wrong || number >= EVENTS || census->has[number] ||
                       event->sequence != number + 1 || !text_equal(event->id, want.id) ||
                       !text_equal(event->source, want.source) ||
                       !text_equal(event->type, want.type) ||
                       !text_equal(event->subject, want.subject) ||
                       !text_equal(event->data, want.data);
    if (number < EVENTS)
        census->has[number] = true;
    census->total++;
    return true;
}

static enum err census_take(struct usage *usage, struct census *ret)
{
    enum err err = OK;
    *ret = (struct census){ .total = 0 };
    for (unsigned org = 1; org <= 2 && err == OK; org++) {
        struct usage_filter filter = USAGE_FILTER_ALL;
        filter.org = kit_org(org);
        err = usage_scan(usage, &filter, census_visit, ret);
    }
    return err;
}

/* ---- one subject ---- */

static enum err subject_erase(struct usage *usage, struct usage_erased *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    text subject = word(arena, "subject", ERASED);
    struct usage_erasure erasure = {
        .org = kit_org(2), .subjects = &subject, .subject_count = 1, .before = INSTANT_NONE
    };
    return usage_erase(usage, &erasure, ret);
}

/* How many of the words of event n the files hold. */
static unsigned words_in_files(uint64_t number)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event event = event_of(arena, number);
    unsigned char uuid[16];
    unsigned found = kit_files_hold(directory, event.source);
    found += kit_files_hold(directory, event.type);
    found += kit_files_hold(directory, event.subject);
    found += kit_files_hold(directory, word(arena, "key", number % SUBJECTS));
    found += kit_files_hold(directory, word(arena, "value", number));
    if (!has_uuid(number))
        return found + kit_files_hold(directory, event.id);
    (void)uuid_of(arena, number, uuid);
    return found + (kit_files_hold(directory, event.id) ||
                    kit_files_hold(directory, (text){ (const char *)uuid, sizeof(uuid) }));
}

static bool others_are_there(struct usage *usage)
{
    struct census census;
    if (census_take(usage, &census) != OK || census.is_wrong)
        return false;
    for (uint64_t i = 0; i < EVENTS; i++)
        if (census.has[i] != (i % SUBJECTS != ERASED))
            return false;
    return true;
}

static void test_known(struct usage *usage, const char *when)
{
    struct usage_receipt receipt = store_append(usage, 0, EVENTS);
    OK(receipt.duplicates == EVENTS && receipt.accepted == 0 && receipt.conflicts == 0,
       "%s every event is a duplicate still, the erased ones too", when);
    OK(others_are_there(usage), "%s a scan gives the others as they were, and no erased one", when);
}

/* Repeats event n, which then says something else. */
static void contradict(struct usage *usage, uint64_t number)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event event = event_of(arena, number);
    struct usage_receipt receipt = { .err = OK };
    event.data = TEXT("{}");
    MUST(usage_append_wait(usage, &event, 1, &receipt) == OK && receipt.conflicts == 1);
}

/* The sequence of the first event of the one conflict there is; 0 when there are others. */
static uint64_t conflict_left(struct usage *usage)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_conflict *conflicts;
    size_t count = usage_conflicts(usage, kit_org(2), arena, &conflicts);
    return count == 1 ? conflicts[0].first.sequence : 0;
}

static void test_subject(void)
{
    struct usage_erased erased = { 0 };
    struct usage_stats stats;
    struct usage *usage = store_open(directory, kit_io_quick());
    uint64_t epoch;
    unsigned words = 0;

    (void)store_append(usage, 0, EVENTS);
    OK(words_in_files(ERASED) == 6, "the log holds every word of an event");
    MUST(usage_seal(usage) == OK);
    OK(words_in_files(ERASED) == 6 && words_in_files(10 + ERASED) == 6,
       "so do sealed segments, for who looks into what is compressed");
    epoch = usage_epoch(usage, 1, EVENTS);
    contradict(usage, ERASED);
    contradict(usage, ERASED + 2);
    MUST(subject_erase(usage, &erased) == OK);
    OK(erased.events == EVENTS / SUBJECTS && erased.segments == EVENTS / SEGMENT_ROWS,
       "all events of a subject are erased (%llu in %llu segments)",
       (unsigned long long)erased.events, (unsigned long long)erased.segments);
    for (uint64_t i = ERASED; i < EVENTS; i += SUBJECTS * 7)
        words += words_in_files(i);
    OK(words == 0, "no file holds a byte of their ids, sources, subjects, types and data (%u)",
       words);
    OK(conflict_left(usage) == ERASED + 3, "no conflict is listed of them");
    OK(words_in_files(ERASED + 1) == 6, "those of another event are there");
    OK(usage_epoch(usage, 1, EVENTS) != epoch, "the epoch has changed");
    epoch = usage_epoch(usage, 1, EVENTS);
    test_known(usage, "after an erasure");
    OK(subject_erase(usage, &erased) == OK && erased.events == 0 && erased.segments == 0,
       "a second time there is nothing to do");
    OK(usage_epoch(usage, 1, EVENTS) == epoch, "then the epoch stays");
    usage_close(usage);

    usage = store_open(directory, kit_io_quick());
    test_known(usage, "after a restart");
    OK(usage_epoch(usage, 1, EVENTS) == epoch, "the epoch survives a restart");
    usage_stats(usage, &stats);
    OK(stats.events == EVENTS && stats.erased_events == EVENTS / SUBJECTS,
       "they count as events, and as erased (%llu)", (unsigned long long)stats.erased_events);
    usage_close(usage);
}

/* Events that nobody has sealed yet. */
static void test_unsealed(void)
{
    struct usage_erased erased = { 0 };
    struct usage *usage;
    kit_empty_directory(directory);
    usage = store_open(directory, kit_io_quick());
    (void)store_append(usage, 0, EVENTS);
    OK(subject_erase(usage, &erased) == OK && erased.events == EVENTS / SUBJECTS,
       "events in the log are sealed to be erased");
    OK(words_in_files(ERASED) == 0, "the log does not hold them any more");
    test_known(usage, "then");
    usage_close(usage);
}

/* ---- retention ---- */

static uint64_t events_before(struct usage *usage, uint64_t number)
{
    struct usage_erasure erasure = {
        .org = kit_org(2),
        .before = { (int64_t)(number + 1) * NS_PER_SECOND },
        .is_whole_segment = true,
    };
    struct usage_erased erased = { 0 };
    MUST(usage_erase(usage, &erasure, &erased) == OK);
    return erased.events;
}

static void test_retention(void)
{
    struct census census;
    struct usage *usage;
    uint64_t kept = 0;
    kit_empty_directory(directory);
    usage = store_open(directory, kit_io_quick());
    (void)store_append(usage, 0, EVENTS);
    MUST(usage_seal(usage) == OK);
    OK(events_before(usage, 1) == 0, "a segment with younger events of the org stays");
    OK(events_before(usage, 550) == 250, "whole segments of one org go, older than a moment");
    OK(events_before(usage, 550) == 0, "once");
    OK(events_before(usage, 600) == 50, "a segment goes when its last event of the org is old");
    MUST(census_take(usage, &census) == OK);
    for (uint64_t i = 0; i < EVENTS; i++)
        kept += census.has[i] == (i % 2 == 0 || i >= 600);
    OK(kept == EVENTS && !census.is_wrong, "other orgs and younger events are as they were");
    OK(store_append(usage, 0, EVENTS).duplicates == EVENTS, "all stay known");
    usage_close(usage);
}

/* ---- interrupted ---- */

/* What is wrong with a store in which the erasure was begun; NULL when nothing. */
static const char *half_flaw(struct usage *usage)
{
    struct census census;
    if (census_take(usage, &census) != OK || census.is_wrong)
        return "does not read";
    for (uint64_t i = 0; i < EVENTS; i++)
        if (!census.has[i] && i % SUBJECTS != ERASED)
            return "lost another event";
    for (uint64_t first = 0; first < EVENTS; first += SEGMENT_ROWS)
        for (uint64_t i = first; i < first + SEGMENT_ROWS; i++)
            if (i % SUBJECTS == ERASED && census.has[i] != census.has[first + ERASED])
                return "has half a segment erased";
    return NULL;
}

/* The n-th file call of the erasure fails, and when `is_for_good` all after it, until a restart. */
static const char *interrupt(const char *base, char *path, long n, bool is_for_good, bool *ret_goes)
{
    struct kit_io io = kit_io_make();
    struct usage_erased erased = { 0 };
    const char *flaw = NULL;
    struct usage *usage;
    enum err err;

    kit_copy_directory(base, path);
    io.is_quick = true;
    io.is_for_good = is_for_good;
    usage = store_open(path, &io.io);
    MUST(usage != NULL);
    io.fail_at = io.calls + n;
    err = subject_erase(usage, &erased);
    *ret_goes = io.failed > 0;
    if (is_for_good) {
        usage_close(usage);
        usage = store_open(path, kit_io_quick());
        if (!usage)
            return "does not open";
    }
    io.fail_at = -1;
    if (err == OK && io.failed > 0 && is_for_good)
        flaw = "does not tell of a failure";
    if (!flaw)
        flaw = half_flaw(usage);
    if (!flaw && (subject_erase(usage, &erased) != OK || !others_are_there(usage)))
        flaw = "cannot be done again";
    if (!flaw && store_append(usage, 0, EVENTS).duplicates != EVENTS)
        flaw = "forgets events";
    usage_close(usage);
    return flaw;
}

static void test_interrupted(bool is_for_good)
{
    char scratch[KIT_PATH];
    const char *flaw = NULL;
    bool goes = true;
    struct usage *usage;
    long n;
    kit_empty_directory(directory);
    usage = store_open(directory, kit_io_quick());
    (void)store_append(usage, 0, EVENTS);
    MUST(usage_seal(usage) == OK);
    usage_close(usage);
    kit_make_directory(scratch);
    for (n = 0; goes && !flaw; n += 1 + n / 8)
        flaw = interrupt(directory, scratch, n, is_for_good, &goes);
    OK(!flaw && n > 40, "interrupted at a file call, %s: the n-th, up to %ld%s%s",
       is_for_good ? "then restarted" : "once", n, flaw ? ": " : "", flaw ? flaw : "");
    kit_remove_directory(scratch);
}

int main(void)
{
    kit_make_directory(directory);
    test_subject();
    test_unsealed();
    test_retention();
    test_interrupted(false);
    test_interrupted(true);
    kit_remove_directory(directory);
    return tap_end();
}
