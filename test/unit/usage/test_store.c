/* test_store.c: test/vectors/usage/store.vec, and what a table cannot say. */
#include "unit/usage/kit.h"

struct script {
    char directory[KIT_PATH];
    struct usage *usage;
    struct arena *arena;
    struct usage_event batch[16];
    size_t count;
    int line;
};

static text word(text *rest)
{
    return text_cut(rest, ' ');
}

static int64_t number(text t)
{
    int64_t n;
    MUST(text_to_int(t, &n));
    return n;
}

static uint64_t script_open(struct script *script)
{
    /* Small files, so that the vectors cross from one to the next. */
    struct usage_config config = kit_config(script->directory, NULL, 600);
    struct usage_replay replay;
    if (script->usage)
        usage_close(script->usage);
    MUST(usage_open(&config, &script->usage, &replay) == OK);
    MUST(replay.cut_bytes == 0);
    return replay.events;
}

static void script_fresh(struct script *script)
{
    if (script->usage)
        usage_close(script->usage);
    script->usage = NULL;
    kit_empty_directory(script->directory);
    MUST(script_open(script) == 0);
}

static void script_event(struct script *script, text rest)
{
    struct usage_event *event = &script->batch[script->count++];
    text time;
    *event = (struct usage_event){ .org = kit_org((unsigned)number(word(&rest))) };
    event->source = word(&rest);
    event->id = word(&rest);
    event->type = word(&rest);
    event->subject = word(&rest);
    time = word(&rest);
    event->is_time_given = !text_starts_with(time, TEXT("~"));
    event->time.ns = number(text_slice(time, event->is_time_given ? 0 : 1, 99)) * NS_PER_SECOND;
    event->data = word(&rest);
    event->data_schema = rest;
}

static void script_append(struct script *script, text rest)
{
    struct usage_receipt receipt = { .err = ERR_IO };
    uint64_t want[4];
    for (int i = 0; i < 4; i++)
        want[i] = (uint64_t)number(word(&rest));
    MUST(usage_append_wait(script->usage, script->batch, script->count, &receipt) == OK);
    OK(receipt.accepted == want[0] && receipt.duplicates == want[1] &&
           receipt.conflicts == want[2] && receipt.sequence_last == want[3],
       "store.vec:%d: append %llu %llu %llu %llu", script->line,
       (unsigned long long)receipt.accepted, (unsigned long long)receipt.duplicates,
       (unsigned long long)receipt.conflicts, (unsigned long long)receipt.sequence_last);
    script->count = 0;
}

struct visits {
    struct buffer ids;
    int64_t stop;
    uint64_t sequence;
    bool is_newest_first;
    bool is_out_of_order;
};

static bool script_visit(void *state, const struct usage_event *event)
{
    struct visits *visits = state;
    if (visits->sequence != 0 && (event->sequence < visits->sequence) != visits->is_newest_first)
        visits->is_out_of_order = true;
    visits->sequence = event->sequence;
    buffer_add_char(&visits->ids, ' ');
    buffer_add(&visits->ids, event->id);
    return --visits->stop != 0;
}

static void filter_option(struct script *script, text option, struct usage_filter *filter,
                          struct visits *visits)
{
    text value = option;
    text name = text_cut(&value, '=');
    if (text_equal(name, TEXT("type"))) {
        filter->type = value;
    } else if (text_equal(name, TEXT("subject"))) {
        text *subjects = ARENA_ARRAY(script->arena, text, 8);
        while (value.len > 0)
            subjects[filter->subject_count++] = text_cut(&value, ',');
        filter->subjects = subjects;
    } else if (text_equal(name, TEXT("from"))) {
        filter->from.ns = number(value) * NS_PER_SECOND;
    } else if (text_equal(name, TEXT("to"))) {
        filter->to.ns = number(value) * NS_PER_SECOND;
    } else if (text_equal(name, TEXT("after"))) {
        filter->sequence_after = (uint64_t)number(value);
    } else if (text_equal(name, TEXT("max"))) {
        filter->sequence_max = (uint64_t)number(value);
    } else if (text_equal(name, TEXT("stop"))) {
        visits->stop = number(value);
    } else {
        MUST(text_equal(name, TEXT("newest")));
        filter->is_newest_first = true;
    }
}

static void script_scan(struct script *script, text rest)
{
    struct usage_filter filter = USAGE_FILTER_ALL;
    struct visits visits = { .ids = { .arena = script->arena } };
    text options = text_trim(text_cut(&rest, ':'));
    text want = text_trim(rest);
    text got;
    filter.org = kit_org((unsigned)number(word(&options)));
    while (options.len > 0)
        filter_option(script, word(&options), &filter, &visits);
    visits.is_newest_first = filter.is_newest_first;
    MUST(usage_scan(script->usage, &filter, script_visit, &visits) == OK);
    got = text_trim(buffer_text(&visits.ids));
    OK(text_equal(got, want) && !visits.is_out_of_order, "store.vec:%d: scan gives '%.*s'",
       script->line, TEXT_ARG(got));
}

static void script_line(struct script *script, text line)
{
    text rest = line;
    text command = word(&rest);
    rest = text_trim(rest);
    if (text_equal(command, TEXT("fresh"))) {
        script_fresh(script);
    } else if (text_equal(command, TEXT("event"))) {
        script_event(script, rest);
    } else if (text_equal(command, TEXT("append"))) {
        script_append(script, rest);
    } else if (text_equal(command, TEXT("reopen"))) {
        uint64_t events = script_open(script);
        OK(events == (uint64_t)number(rest), "store.vec:%d: reopen finds %llu events", script->line,
           (unsigned long long)events);
    } else {
        MUST(text_equal(command, TEXT("scan")));
        script_scan(script, rest);
    }
}

static void test_vectors(void)
{
    struct script script = { .arena = arena_new() };
    size_t size;
    unsigned char *bytes = kit_read_file("test/vectors/usage/store.vec", &size);
    text rest = { (const char *)bytes, size };
    kit_make_directory(script.directory);
    while (rest.len > 0) {
        text line = text_trim(text_cut(&rest, '\n'));
        script.line++;
        if (line.len > 0 && line.ptr[0] != '#')
            script_line(&script, line);
    }
    usage_close(script.usage);
    kit_remove_directory(script.directory);
    arena_free(script.arena);
    free(bytes);
}

static bool keep_event(void *state, const struct usage_event *event)
{
    struct usage_event *kept = state;
    *kept = *event;
    return true;
}

/* Every member of an event comes back as it went in, embedded zeros and all. */
static void test_round_trip(void)
{
    char directory[KIT_PATH];
    struct usage_config config = { .directory = directory };
    struct usage_event event = {
        .org = kit_org(9),
        .id = TEXT("i\0d"),
        .source = TEXT("so\0urce"),
        .type = TEXT(""),
        .subject = TEXT_NONE,
        .data_schema = TEXT("schema"),
        .data = TEXT("{\"a\":\"\xc3\xa9\"}"),
        .time = { -1 },
        .ingested_at = { INT64_MAX },
    };
    struct usage_event got = { 0 };
    struct usage_filter filter = USAGE_FILTER_ALL;
    text none = TEXT_NONE;
    struct usage_receipt receipt;
    struct usage *usage;

    kit_make_directory(directory);
    MUST(usage_open(&config, &usage, NULL) == OK);
    MUST(usage_append_wait(usage, &event, 1, &receipt) == OK);
    filter.org = kit_org(9);
    filter.type = TEXT("");
    filter.subjects = &none;
    filter.subject_count = 1;
    MUST(usage_scan(usage, &filter, keep_event, &got) == OK);
    OK(text_equal(got.id, event.id) && text_equal(got.source, event.source) &&
           text_equal(got.type, event.type) && text_equal(got.subject, event.subject) &&
           text_equal(got.data_schema, event.data_schema) && text_equal(got.data, event.data),
       "texts come back as they were, empty and with zeros inside");
    OK(instant_equal(got.time, event.time) && instant_equal(got.ingested_at, event.ingested_at) &&
           got.sequence == 1 && !got.is_time_given &&
           memcmp(&got.org, &event.org, sizeof(event.org)) == 0,
       "numbers come back as they were");
    usage_close(usage);
    kit_remove_directory(directory);
}

/* One opener at a time; the directory is made when missing; stats count. */
static void test_lock_and_stats(void)
{
    char parent[KIT_PATH];
    char directory[KIT_PATH * 2];
    struct usage_config config = { .directory = directory };
    struct arena *arena = arena_new();
    struct usage_event events[2] = { kit_event(arena, 1), kit_event(arena, 2) };
    struct usage_receipt receipt;
    struct usage_stats stats;
    struct usage *usage;
    struct usage *second;

    kit_make_directory(parent);
    MUST(snprintf(directory, sizeof(directory), "%s/usage", parent) > 0);
    MUST(usage_open(&config, &usage, NULL) == OK);
    OK(usage_open(&config, &second, NULL) == ERR_BUSY, "a second opener gets ERR_BUSY");
    OK(usage_sequence(usage) == 0, "nothing is visible in an empty store");
    MUST(usage_append_wait(usage, events, 2, &receipt) == OK);
    events[0].data = TEXT("{}");
    MUST(usage_append_wait(usage, events, 2, &receipt) == OK);
    usage_stats(usage, &stats);
    OK(stats.events == 2 && stats.duplicates == 2 && stats.conflicts == 1 && stats.flushes == 1 &&
           stats.queue_bytes == 0 && !stats.is_failing && stats.bytes_on_disk > 100,
       "stats count events, duplicates, conflicts and flushes");
    usage_close(usage);
    MUST(usage_open(&config, &usage, NULL) == OK);
    OK(usage_sequence(usage) == 2, "the lock is free after close");
    usage_close(usage);
    kit_remove_directory(directory);
    kit_remove_directory(parent);
    arena_free(arena);
}

static void count_done(void *state, const struct usage_receipt *receipt)
{
    _Atomic uint64_t *done = state;
    MUST(receipt->err == OK);
    *done += 1 + receipt->accepted * 1000;
}

/* A full queue says ERR_BUSY and forgets nothing it took; close finishes what was accepted. */
static void test_queue(void)
{
    char directory[KIT_PATH];
    struct usage_config config = { .directory = directory, .queue_bytes = 2000 };
    struct arena *arena = arena_new();
    struct usage_event large = kit_event(arena, 0);
    _Atomic uint64_t done = 0;
    uint64_t taken = 0;
    uint64_t busy = 0;
    struct usage *usage;

    kit_make_directory(directory);
    MUST(usage_open(&config, &usage, NULL) == OK);
    for (uint64_t i = 1; busy < 10; i++) {
        struct usage_event event = kit_event(arena, i);
        enum err err = usage_append(usage, &event, 1, count_done, &done);
        MUST(err == OK || err == ERR_BUSY);
        taken += err == OK;
        busy += err == ERR_BUSY;
    }
    usage_close(usage);
    OK(done == taken * 1001, "close answers each of the %llu batches taken, once",
       (unsigned long long)taken);
    MUST(usage_open(&config, &usage, NULL) == OK);
    OK(usage_sequence(usage) == taken, "and each of them is durable");
    done = 0;
    large.data = (text){ arena_alloc(arena, 5000), 5000 };
    OK(usage_append(usage, &large, 1, count_done, &done) == OK,
       "a batch larger than the queue is taken when the queue is empty");
    usage_close(usage);
    OK(done == 1001, "and made durable");
    kit_remove_directory(directory);
    arena_free(arena);
}

int main(void)
{
    test_vectors();
    test_round_trip();
    test_lock_and_stats();
    test_queue();
    return tap_end();
}
