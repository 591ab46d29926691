/* test_sealed_laws.c: what comes out of a sealed segment is what went in: event by event, by every
 * filter, by blocks, by key. Against the rows themselves as the model. SEED repeats a run. */
#include "sealed_kit.h"

#define ROWS_MAX 3000
#define ROUNDS   30

static char directory[KIT_PATH];
static char path[KIT_PATH * 2];
static struct kit_row rows[ROWS_MAX];
static size_t row_count;

/* ---- one by one ---- */

static bool law_events(struct sealed *sealed)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    for (size_t i = 0; i < row_count; i += 1 + below(20)) {
        struct usage_event event;
        struct org_id org;
        struct sealed_key key;
        struct sealed_key want = sealed_key_of(&rows[i].event, SALT);
        uint64_t sequence = rows[i].event.sequence;
        enum err err = sealed_event(sealed, sequence, arena, &event);
        enum err key_err = sealed_erased_key(sealed, sequence, &org, &key);
        if (rows[i].is_erased) {
            if (err != ERR_ABSENT || key_err != OK || memcmp(&key, &want, sizeof(key)) != 0 ||
                memcmp(&org, &rows[i].event.org, sizeof(org)) != 0)
                return false;
        } else if (err != OK || key_err != ERR_ABSENT || !kit_event_equal(&event, &rows[i].event)) {
            return false;
        }
        arena_reset(arena);
    }
    return true;
}

static bool match_is(struct sealed *sealed, uint64_t sequence, const struct usage_event *event,
                     enum sealed_match want)
{
    enum sealed_match match;
    uint32_t digest = 0;
    if (sealed_match(sealed, sequence, event, &match, &digest) != OK || match != want)
        return false;
    return want != SEALED_SAME ||
           digest == sealed_digest_of(&rows[sequence - rows[0].event.sequence].event);
}

static bool same_key(const struct usage_event *a, const struct usage_event *b)
{
    return memcmp(&a->org, &b->org, sizeof(a->org)) == 0 && text_equal(a->id, b->id) &&
           text_equal(a->source, b->source);
}

static bool law_match(struct sealed *sealed)
{
    for (size_t i = 0; i < row_count; i += 1 + below(20)) {
        const struct kit_row *other = &rows[below(row_count)];
        struct usage_event changed = rows[i].event;
        enum sealed_match same = rows[i].is_erased ? SEALED_SAME_ERASED : SEALED_SAME;
        uint64_t sequence = rows[i].event.sequence;
        if (!match_is(sealed, sequence, &rows[i].event, same) ||
            !match_is(sealed, sequence, &other->event,
                      same_key(&other->event, &rows[i].event) ? same : SEALED_OTHER))
            return false;
        if (below(2))
            changed.source = TEXT("another");
        else
            changed.org = kit_org(77);
        if (!match_is(sealed, sequence, &changed, SEALED_OTHER))
            return false;
    }
    return true;
}

/* ---- rows and scans ---- */

struct walk {
    const struct usage_filter *filter;
    size_t at; /* the next row that may come; from the other end when newest first */
    size_t seen;
    size_t stop_after;
    bool is_wrong;
};

static bool visit_row(void *state, const struct usage_event *event, const struct sealed_key *erased)
{
    struct walk *walk = state;
    const struct kit_row *row = &rows[walk->at++];
    struct sealed_key key = sealed_key_of(&row->event, SALT);
    if (row->is_erased)
        walk->is_wrong |= !erased || memcmp(erased, &key, sizeof(key)) != 0 ||
                          event->sequence != row->event.sequence ||
                          memcmp(&event->org, &row->event.org, sizeof(event->org)) != 0;
    else
        walk->is_wrong |= erased || !kit_event_equal(event, &row->event);
    return !walk->is_wrong;
}

static bool law_rows(struct sealed *sealed)
{
    struct walk walk = { 0 };
    return sealed_rows(sealed, visit_row, &walk) == OK && !walk.is_wrong && walk.at == row_count;
}

static const struct kit_row *walk_next(struct walk *walk)
{
    while (walk->at < row_count) {
        size_t at = walk->filter->is_newest_first ? row_count - 1 - walk->at : walk->at;
        walk->at++;
        if (kit_passes(&rows[at], walk->filter))
            return &rows[at];
    }
    return NULL;
}

static bool visit_event(void *state, const struct usage_event *event)
{
    struct walk *walk = state;
    const struct kit_row *want = walk_next(walk);
    walk->is_wrong |= !want || !kit_event_equal(event, &want->event);
    return !walk->is_wrong && ++walk->seen != walk->stop_after;
}

static struct usage_filter some_filter(struct arena *arena, const struct kit_kind *kind)
{
    struct usage_filter filter = USAGE_FILTER_ALL;
    const struct usage_event *event = &rows[below(row_count)].event;
    filter.org = below(10) ? event->org : kit_org(99);
    if (below(2))
        filter.type = event->type;
    if (below(3) == 0) {
        text *subjects = ARENA_ARRAY(arena, text, 3);
        filter.subject_count = 1 + below(3);
        subjects[0] = event->subject;
        subjects[1] = kit_name(arena, "subject", kind->subjects * 2);
        subjects[2] = TEXT("nobody");
        filter.subjects = subjects;
    }
    if (below(3) == 0)
        filter.from = rows[below(row_count)].event.time;
    if (below(3) == 0)
        filter.to = rows[below(row_count)].event.time;
    if (below(3) == 0)
        filter.sequence_after = rows[0].event.sequence + below(row_count + 10) - 5;
    if (below(3) == 0)
        filter.sequence_max = rows[0].event.sequence + below(row_count + 10) - 5;
    filter.is_newest_first = below(2) == 0;
    return filter;
}

static bool law_scan(struct sealed *sealed, const struct usage_filter *filter)
{
    struct walk walk = { .filter = filter, .stop_after = below(3) ? 0 : 1 + below(50) };
    bool is_over = false;
    if (sealed_scan(sealed, filter, visit_event, &walk, &is_over) != OK || walk.is_wrong)
        return false;
    if (is_over)
        return walk.seen == walk.stop_after;
    return walk_next(&walk) == NULL;
}

static bool law_count(struct sealed *sealed, const struct usage_filter *filter)
{
    uint32_t count = 0;
    uint32_t org_count = 0;
    uint32_t got;
    uint32_t got_org;
    for (size_t i = 0; i < row_count; i++) {
        count += kit_passes(&rows[i], filter);
        org_count += !rows[i].is_erased &&
                     memcmp(&rows[i].event.org, &filter->org, sizeof(filter->org)) == 0;
    }
    return sealed_count(sealed, filter, &got, &got_org) == OK && got == count &&
           got_org == org_count;
}

/* ---- blocks ---- */

#define PATHS 9

struct block_walk {
    struct walk walk;
    struct json_path paths[PATHS];
};

/* Whether what a column has for a row is what the tree of its data has. */
static bool value_is(const struct usage_column *column, uint32_t row, const struct json *want)
{
    const struct json *got;
    if (column->codes[row] == USAGE_NOTHING)
        return want == NULL;
    if (!want || column->codes[row] >= column->value_count)
        return false;
    got = &column->values[column->codes[row]];
    return got->kind == want->kind && got->boolean == want->boolean &&
           text_equal(got->text, want->text) &&
           (want->kind == JSON_ARRAY || want->kind == JSON_OBJECT ||
            text_equal(got->raw, want->raw));
}

static bool row_is(const struct block_walk *walk, const struct usage_block *block, uint32_t row,
                   const struct kit_row *want, struct arena *arena)
{
    struct json root;
    struct json_fault fault;
    bool is_json = want->event.data.len > 0 && json_parse(arena, want->event.data, &root, &fault);
    if (block->sequence + row != want->event.sequence || row >= block->count ||
        !instant_equal(block->times[row], want->event.time) ||
        block->subjects[row] >= block->subject_count ||
        !text_equal(block->subject_names[block->subjects[row]], want->event.subject))
        return false;
    for (size_t i = 0; i < PATHS; i++)
        if (!value_is(&block->columns[i], row,
                      is_json ? json_path_get(&root, &walk->paths[i]) : NULL))
            return false;
    return true;
}

static bool visit_block(void *state, const struct usage_block *block)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct block_walk *walk = state;
    walk->walk.is_wrong |= block->row_count == 0;
    for (uint32_t i = 0; i < block->row_count && !walk->walk.is_wrong; i++) {
        const struct kit_row *want = walk_next(&walk->walk);
        walk->walk.is_wrong |= !want || !row_is(walk, block, block->rows[i], want, arena);
        arena_reset(arena);
    }
    return !walk->walk.is_wrong;
}

static bool law_blocks(struct sealed *sealed, struct usage_filter filter)
{
    static const char *const paths[PATHS] = { "$",      "$.a",      "$.tokens", "$.b",
                                              "$.b[1]", "$.deep.a", "$[0]",     "$[\"with.dot\"]",
                                              "$.model" };
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct block_walk walk = { .walk.filter = &filter };
    struct usage_paths asked = { walk.paths, PATHS };
    struct sealed_block_visitor visitor = { visit_block, &walk, false };
    filter.is_newest_first = false;
    if (!filter.type.ptr)
        filter.type = TEXT("type-0");
    for (size_t i = 0; i < PATHS; i++)
        MUST(json_path_parse(arena, text_of(paths[i]), &walk.paths[i]));
    return sealed_scan_blocks(sealed, &filter, &asked, &visitor) == OK && !visitor.is_over &&
           !walk.walk.is_wrong && walk_next(&walk.walk) == NULL;
}

/* ---- rounds ---- */

static void note_damage(void *state, const struct usage_damage *damage)
{
    (void)state;
    printf("# %s: %s at %llu\n", damage->file, damage->what, (unsigned long long)damage->offset);
    ++*(unsigned *)state;
}

static bool law_summary(struct sealed *sealed)
{
    const struct sealed_summary *summary = sealed_summary(sealed);
    uint32_t erased = 0;
    instant min = INSTANT_MAX;
    instant max = INSTANT_NONE;
    for (size_t i = 0; i < row_count; i++) {
        erased += rows[i].is_erased;
        if (rows[i].is_erased)
            continue;
        min = instant_before(rows[i].event.time, min) ? rows[i].event.time : min;
        max = instant_before(max, rows[i].event.time) ? rows[i].event.time : max;
    }
    if (erased == row_count)
        min = max = INSTANT_NONE;
    return summary->first_sequence == rows[0].event.sequence && summary->rows == row_count &&
           summary->erased == erased && instant_equal(summary->time_min, min) &&
           instant_equal(summary->time_max, max);
}

static struct kit_kind some_kind(void)
{
    return (struct kit_kind){
        .orgs = below(2) ? 1 : 3,
        .types = below(2) ? 1 : 4,
        .sources = below(2) ? 1 : 20,
        .subjects = below(2) ? 1 : 500,
        .has_odd_ids = below(2) == 0,
        .erased_of = below(2)   ? 0
                     : below(6) ? 10
                                : 1,
    };
}

static void round_run(struct sealed_writer *writer, unsigned round)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct kit_kind kind = some_kind();
    struct sealed_cache *cache = sealed_cache_new(below(2) ? 1 << 24 : 1 << 12);
    uint64_t first = 1 + below(1000000);
    struct usage_damage damage;
    struct sealed *sealed;
    unsigned flaws = 0;
    bool scans = true;
    bool counts = true;
    bool blocks = true;
    row_count = 1 + below(below(3) ? ROWS_MAX : 20);
    for (size_t i = 0; i < row_count; i++)
        rows[i] = kit_row(arena, &kind, first + i);
    OK(kit_seal(writer, kit_io_quick(), path, rows, row_count) == OK, "round %u: written", round);
    MUST(sealed_open(usage_io_system(), path, cache, &sealed, &damage) == OK);
    OK(law_summary(sealed), "round %u: its summary is that of %zu rows", round, row_count);
    OK(law_rows(sealed), "round %u: every row comes back", round);
    OK(law_events(sealed), "round %u: so do single ones", round);
    OK(law_match(sealed), "round %u: keys match their own rows only", round);
    for (unsigned i = 0; i < 40; i++) {
        struct usage_filter filter = some_filter(arena, &kind);
        scans = scans && law_scan(sealed, &filter);
        counts = counts && law_count(sealed, &filter);
        blocks = blocks && law_blocks(sealed, filter);
    }
    OK(scans, "round %u: a scan gives what passes, in order", round);
    OK(counts, "round %u: counts are right", round);
    OK(blocks, "round %u: blocks say of each path what the tree says", round);
    OK(sealed_check(sealed, note_damage, &flaws) == OK && flaws == 0, "round %u: no flaw", round);
    sealed_free(sealed);
    OK(sealed_cache_bytes(cache) == 0, "round %u: nothing stays in the cache", round);
    sealed_cache_free(cache);
}

int main(void)
{
    struct sealed_writer *writer = sealed_writer_new(SALT);
    law_seed();
    kit_make_directory(directory);
    MUST(snprintf(path, sizeof(path), "%s/sealed", directory) > 0);
    for (unsigned round = 0; round < ROUNDS; round++)
        round_run(writer, round);
    sealed_writer_free(writer);
    kit_remove_directory(directory);
    return tap_end();
}
