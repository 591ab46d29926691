/* usage_append.c: how fast the event store is: appending, replaying, scanning.
 *
 * Build and run:
 *
 *   make V=release build/release/bench/usage_append
 *   build/release/bench/usage_append DIRECTORY
 *
 * DIRECTORY is made, filled with about 1 GB on the disk to be measured, and emptied at the end.
 * Every event is durable (fdatasync) before it counts.
 */
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "usage/usage.h"

#define THREADS_MAX 64U
#define DATA_BYTES  190U /* with its attributes an event comes to about 300 bytes */

struct work {
    struct usage *usage;
    _Atomic uint64_t next;
    uint64_t end;
    uint64_t events;
};

static struct org_id org_of(uint64_t number)
{
    struct org_id org;
    number = number % 4 + 1;
    memset(&org, 0, sizeof(org));
    memcpy(&org, &number, sizeof(number));
    return org;
}

/* The texts that differ from event to event. */
struct texts {
    char id[40];
    char subject[24];
    char data[DATA_BYTES + 1];
};

static struct usage_event event_of(uint64_t number, struct texts *texts)
{
    int id = snprintf(texts->id, sizeof(texts->id), "018f3a5c-7b1e-7000-8000-%012llx",
                      (unsigned long long)number);
    int subject = snprintf(texts->subject, sizeof(texts->subject), "customer-%llu",
                           (unsigned long long)(number % 10000));
    int data = snprintf(texts->data, sizeof(texts->data),
                        "{\"tokens\":%llu,\"model\":\"large\",\"region\":\"eu-central-1\","
                        "\"path\":\"/v1/%0100llu\"}",
                        (unsigned long long)(number % 997), (unsigned long long)number);
    return (struct usage_event){
        .org = org_of(number),
        .id = { texts->id, (size_t)id },
        .source = TEXT("gateway-1"),
        .type = TEXT("request"),
        .subject = { texts->subject, (size_t)subject },
        .data = { texts->data, (size_t)data },
        .time = { (int64_t)number * 1000000 },
        .ingested_at = { (int64_t)number * 1000000 },
        .is_time_given = true,
    };
}

static void *append_run(void *state)
{
    struct work *work = state;
    struct usage_event *events = calloc(work->events, sizeof(*events));
    struct texts *texts = calloc(work->events, sizeof(*texts));
    struct usage_receipt receipt;
    MUST(events != NULL && texts != NULL);
    for (;;) {
        uint64_t first = atomic_fetch_add(&work->next, work->events);
        if (first >= work->end)
            break;
        for (uint64_t i = 0; i < work->events; i++)
            events[i] = event_of(first + i, &texts[i]);
        MUST(usage_append_wait(work->usage, events, work->events, &receipt) == OK);
        MUST(receipt.accepted == work->events);
    }
    free(events);
    free(texts);
    return NULL;
}

/* One way of appending. */
struct load {
    const char *name;
    uint64_t from; /* number of the first event */
    uint64_t count;
    uint64_t batch;
    size_t threads;
};

static void measure_append(struct usage *usage, const struct load *load)
{
    struct work work = { .usage = usage, .end = load->from + load->count, .events = load->batch };
    struct usage_stats before;
    struct usage_stats after;
    pthread_t ids[THREADS_MAX];
    int64_t start_ns;
    int64_t ns;
    uint64_t flushes;

    work.next = load->from;
    usage_stats(usage, &before);
    start_ns = clock_monotonic_ns();
    for (size_t i = 0; i < load->threads; i++)
        MUST(pthread_create(&ids[i], NULL, append_run, &work) == 0);
    for (size_t i = 0; i < load->threads; i++)
        MUST(pthread_join(ids[i], NULL) == 0);
    ns = clock_monotonic_ns() - start_ns;
    usage_stats(usage, &after);
    flushes = after.flushes - before.flushes;
    printf("%-34s %9lld events/s, %llu flushes, %lld us each, %llu bytes/event on disk\n",
           load->name, (long long)(load->count * NS_PER_SECOND) / ns, (unsigned long long)flushes,
           (long long)(ns / 1000) / (long long)flushes,
           (unsigned long long)((after.bytes_on_disk - before.bytes_on_disk) / load->count));
}

static bool count_visit(void *state, const struct usage_event *event)
{
    uint64_t *count = state;
    (*count)++;
    return event->sequence > 0;
}

static void measure_scan(struct usage *usage, const char *name, const struct usage_filter *filter)
{
    uint64_t count = 0;
    int64_t start_ns = clock_monotonic_ns();
    MUST(usage_scan(usage, filter, count_visit, &count) == OK);
    printf("%-34s %9lld us for %llu events of %llu\n", name,
           (long long)(clock_monotonic_ns() - start_ns) / 1000, (unsigned long long)count,
           (unsigned long long)usage_sequence(usage));
}

static void directory_empty(const char *directory)
{
    char path[600];
    struct dirent *entry;
    DIR *listing = opendir(directory);
    if (!listing)
        return;
    while ((entry = readdir(listing)) != NULL) {
        text name = text_of(entry->d_name);
        MUST(snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) > 0);
        if (text_starts_with(name, TEXT("usage-0")) || text_equal(name, TEXT("lock")))
            MUST(unlink(path) == 0);
    }
    MUST(closedir(listing) == 0);
}

/* Opens again, telling how long the replay takes and what the index holds in memory. */
static struct usage *measure_replay(const struct usage_config *config)
{
    struct usage_replay replay;
    struct usage *usage;
    uint64_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    uint64_t after;
    MUST(usage_open(config, &usage, &replay) == OK);
    after = mallinfo2().uordblks + mallinfo2().hblkhd;
    printf("%-34s %9lld us for %llu events\n", "replay at start",
           (long long)replay.elapsed_ns / 1000, (unsigned long long)replay.events);
    printf("%-34s %9llu bytes/event\n", "memory",
           (unsigned long long)((after - before) / replay.events));
    return usage;
}

static const struct load loads[] = {
    { "4 threads, batches of 1,000", 0, 1000 * 1000, 1000, 4 },
    { "64 threads, single events", 1U << 30, 64 * 200, 1, 64 },
    { "1 thread, single events", 1U << 31, 200, 1, 1 },
};

int main(int count, char **values)
{
    struct usage_config config = { .directory = count == 2 ? values[1] : NULL };
    text subject = TEXT("customer-77");
    struct usage_filter all = USAGE_FILTER_ALL;
    struct usage_filter one = USAGE_FILTER_ALL;
    struct usage *usage;

    all.org = org_of(1);
    one.org = org_of(1);
    one.subjects = &subject;
    one.subject_count = 1;
    if (!config.directory) {
        fprintf(stderr, "usage: usage_append DIRECTORY\n");
        return 2;
    }
    MUST(usage_open(&config, &usage, NULL) == OK);
    MUST(usage_sequence(usage) == 0); /* the directory must be empty */
    for (size_t i = 0; i < COUNT_OF(loads); i++)
        measure_append(usage, &loads[i]);
    usage_close(usage);
    usage = measure_replay(&config);
    measure_scan(usage, "scan of one org", &all);
    measure_scan(usage, "scan of one subject", &one);
    usage_close(usage);
    directory_empty(config.directory);
    (void)rmdir(config.directory);
    return 0;
}
