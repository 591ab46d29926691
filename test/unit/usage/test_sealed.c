/* test_sealed.c: single cases of sealed segments: odd events, several blocks, erased rows, damage
 * of every byte, file calls that fail. */
#include <pthread.h>

#include "lib/table.h"
#include "sealed_kit.h"

static char directory[KIT_PATH];
static char path[KIT_PATH * 2];

static struct sealed *open_sealed(struct sealed_cache *cache)
{
    struct usage_damage damage;
    struct sealed *sealed;
    MUST(sealed_open(usage_io_system(), path, cache, &sealed, &damage) == OK);
    return sealed;
}

static void write_rows(const struct kit_row *rows, size_t count)
{
    struct sealed_writer *writer = sealed_writer_new(SALT);
    MUST(kit_seal(writer, kit_io_quick(), path, rows, count) == OK);
    sealed_writer_free(writer);
}

/* ---- odd events ---- */

/* A cell of the table as text. */
static text cell_text(struct arena *arena, text cell)
{
    struct buffer out = { .arena = arena };
    int64_t count = 0;
    if (text_equal(cell, TEXT("~")))
        return TEXT("");
    if (text_starts_with(cell, TEXT("<")))
        return text_slice(cell, 1, cell.len - 2);
    if (!text_to_int(text_slice(cell, 1, cell.len), &count))
        return cell;
    if (cell.ptr[0] == '[')
        buffer_add_char(&out, '[');
    for (int64_t i = 0; i < count; i++)
        if (cell.ptr[0] == '[')
            buffer_format(&out, "%s%lld", i > 0 ? "," : "", (long long)i);
        else
            buffer_add_char(&out, (char)('a' + i % 7));
    if (cell.ptr[0] == '[')
        buffer_add_char(&out, ']');
    return buffer_text(&out);
}

static struct kit_row row_of(struct table *t, uint64_t sequence)
{
    struct arena *arena = t->arena;
    bool is_given = !text_starts_with(t->cells[7], TEXT("~"));
    struct kit_row row = { 0 };
    int64_t org;
    int64_t time;
    MUST(text_to_int(t->cells[1], &org));
    MUST(text_to_int(text_slice(t->cells[7], is_given ? 0 : 1, 64), &time));
    row.event = (struct usage_event){
        .org = kit_org((unsigned)org),
        .id = cell_text(arena, t->cells[2]),
        .source = cell_text(arena, t->cells[3]),
        .type = cell_text(arena, t->cells[4]),
        .subject = cell_text(arena, t->cells[5]),
        .data_schema = cell_text(arena, t->cells[6]),
        .data = cell_text(arena, t->cells[8]),
        .time = { time },
        .is_time_given = is_given,
        .ingested_at = { 1700000000000000000 + (int64_t)sequence },
        .sequence = sequence,
    };
    return row;
}

/* Each alone in a segment, then all of them in one. */
static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/usage/sealed.vec", 9);
    struct sealed_cache *cache = sealed_cache_new(1 << 20);
    struct kit_row rows[64];
    const char *names[64];
    struct usage_event event;
    struct sealed *sealed;
    size_t count = 0;
    while (table_next(&t)) {
        MUST(count < COUNT_OF(rows));
        names[count] = table_name(&t);
        rows[count] = row_of(&t, 100 + count);
        write_rows(&rows[count], 1);
        sealed = open_sealed(cache);
        OK(sealed_event(sealed, 100 + count, arena, &event) == OK &&
               kit_event_equal(&event, &rows[count].event),
           "%s: alone", names[count]);
        sealed_free(sealed);
        count++;
    }
    write_rows(rows, count);
    sealed = open_sealed(cache);
    for (size_t i = 0; i < count; i++)
        OK(sealed_event(sealed, 100 + i, arena, &event) == OK &&
               kit_event_equal(&event, &rows[i].event),
           "%s: among others", names[i]);
    sealed_free(sealed);
    sealed_cache_free(cache);
    table_close(&t);
}

/* ---- digests ---- */

static void test_digests(void)
{
    struct usage_event event = { .type = TEXT("t"),
                                 .subject = TEXT("ab"),
                                 .data = TEXT("{}"),
                                 .is_time_given = true,
                                 .time = { 5 } };
    struct usage_event other = event;
    other.id = TEXT("another id");
    other.ingested_at.ns = 77;
    OK(sealed_digest_of(&event) == sealed_digest_of(&other), "a digest is of what the event says");
    other.time.ns = 6;
    OK(sealed_digest_of(&event) != sealed_digest_of(&other), "of its time, too");
    other.is_time_given = false;
    event.is_time_given = false;
    OK(sealed_digest_of(&event) == sealed_digest_of(&other), "unless the server made that up");
    other.type = TEXT("ta");
    other.subject = TEXT("b");
    OK(sealed_digest_of(&event) != sealed_digest_of(&other), "parts are not run together");
}

static void test_keys(void)
{
    struct usage_event event = { .org = kit_org(1), .source = TEXT("s"), .id = TEXT("aa") };
    struct usage_event other = { .org = kit_org(1), .source = TEXT("sa"), .id = TEXT("a") };
    struct sealed_key a = sealed_key_of(&event, SALT);
    struct sealed_key b = sealed_key_of(&other, SALT);
    struct sealed_key c = sealed_key_of(&event, SALT + 1);
    OK(memcmp(&a, &b, sizeof(a)) != 0, "source and id are not run together in a key");
    OK(memcmp(&a, &c, sizeof(a)) != 0, "a key cannot be made without the salt");
}

/* ---- several blocks ---- */

static bool count_rows(void *state, const struct usage_block *block)
{
    uint64_t *rows = state;
    rows[0] += block->row_count;
    rows[1]++;
    return true;
}

/* As many rows as there can be, over several blocks; bounds by sequence cut through them. */
static void test_blocks(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct sealed_writer *writer = sealed_writer_new(SALT);
    struct sealed_cache *cache = sealed_cache_new(1 << 16);
    struct usage_filter filter = {
        .org = kit_org(1), .type = TEXT("t"), .from = INSTANT_NONE, .to = INSTANT_NONE
    };
    struct usage_paths none = { 0 };
    struct sealed *sealed;
    uint64_t seen[2] = { 0 };
    struct usage_event event;
    struct sealed_block_visitor visitor = { count_rows, seen, false };
    for (uint64_t i = 1; i <= SEALED_ROWS_MAX; i++) {
        char id[32];
        event = (struct usage_event){ .org = kit_org(1), .type = TEXT("t"), .sequence = i };
        event.id = (text){ id, (size_t)snprintf(id, sizeof(id), "%llu", (unsigned long long)i) };
        event.time.ns = (int64_t)i * 1000;
        sealed_writer_add(writer, &event);
    }
    OK(sealed_writer_rows(writer) == SEALED_ROWS_MAX && sealed_writer_bytes(writer) > 0,
       "a writer says how much it holds");
    MUST(sealed_writer_finish(writer, kit_io_quick(), path) == OK);
    OK(sealed_writer_rows(writer) == 0, "and is empty when it has finished");
    sealed_writer_free(writer);
    sealed = open_sealed(cache);
    OK(sealed_scan_blocks(sealed, &filter, &none, &visitor) == OK && seen[0] == SEALED_ROWS_MAX &&
           seen[1] == SEALED_ROWS_MAX / SEALED_BLOCK_ROWS,
       "a full segment has full blocks");
    seen[0] = seen[1] = 0;
    filter.sequence_after = SEALED_BLOCK_ROWS - 1;
    filter.sequence_max = 2 * SEALED_BLOCK_ROWS + 1;
    OK(sealed_scan_blocks(sealed, &filter, &none, &visitor) == OK &&
           seen[0] == SEALED_BLOCK_ROWS + 2 && seen[1] == 3,
       "bounds by sequence cut through blocks");
    OK(sealed_event(sealed, SEALED_BLOCK_ROWS + 1, arena, &event) == OK &&
           text_equal(event.id, TEXT("32769")),
       "the first row of the second block is found");
    OK(sealed_cache_bytes(cache) <= 1 << 16, "the cache keeps to its bound");
    sealed_free(sealed);
    sealed_cache_free(cache);
}

/* Blocks end early when their data are large. */
static void test_large_data(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct sealed_cache *cache = sealed_cache_new(1 << 16);
    struct kit_row rows[60];
    struct usage_filter filter = {
        .org = kit_org(1), .type = TEXT("t"), .from = INSTANT_NONE, .to = INSTANT_NONE
    };
    struct usage_paths none = { 0 };
    struct usage_event event;
    struct sealed *sealed;
    uint64_t seen[2] = { 0 };
    struct sealed_block_visitor visitor = { count_rows, seen, false };
    bool is_right = true;
    char *data = arena_alloc(arena, 400000);
    random_fill(&law_random, data, 400000);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        rows[i] = (struct kit_row){ .event = { .org = kit_org(1),
                                               .type = TEXT("t"),
                                               .data = { data, 400000 - i },
                                               .sequence = 1 + i } };
    write_rows(rows, COUNT_OF(rows));
    sealed = open_sealed(cache);
    OK(sealed_scan_blocks(sealed, &filter, &none, &visitor) == OK && seen[0] == COUNT_OF(rows) &&
           seen[1] == 3,
       "a block with large data has fewer rows");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        is_right = is_right && sealed_event(sealed, 1 + i, arena, &event) == OK &&
                   kit_event_equal(&event, &rows[i].event);
    OK(is_right, "and every one of them");
    sealed_free(sealed);
    sealed_cache_free(cache);
}

/* ---- erased rows ---- */

static void test_erased(void)
{
    struct kit_row row = { .event = { .org = kit_org(1),
                                      .id = TEXT("secret-id"),
                                      .source = TEXT("secret-source"),
                                      .type = TEXT("secret-type"),
                                      .subject = TEXT("secret-subject"),
                                      .data = TEXT("{\"secret\":\"secret\"}"),
                                      .time = { 1234567890 },
                                      .sequence = 1 },
                           .is_erased = true };
    size_t size;
    unsigned char *bytes;
    write_rows(&row, 1);
    bytes = kit_read_file(path, &size);
    OK(memmem(bytes, size, "secret", 6) == NULL, "nothing of an erased event is in the file");
    free(bytes);
}

/* ---- damage ---- */

struct damage_seen {
    unsigned count;
    struct usage_damage last;
};

static void note_damage(void *state, const struct usage_damage *damage)
{
    struct damage_seen *seen = state;
    seen->count++;
    seen->last = *damage;
}

struct compare {
    const struct kit_row *rows;
    size_t count;
    size_t at;
    bool is_wrong;
};

static bool compare_row(void *state, const struct usage_event *event,
                        const struct sealed_key *erased)
{
    struct compare *compare = state;
    const struct kit_row *row = &compare->rows[compare->at++];
    compare->is_wrong |= row->is_erased != (erased != NULL) ||
                         (!erased && !kit_event_equal(event, &row->event));
    return true;
}

/* Opens a spoilt file: whether its flaw is named, and nothing wrong answered. */
static bool is_noticed(const struct kit_row *rows, size_t count)
{
    struct sealed_cache *cache = sealed_cache_new(1 << 20);
    struct compare compare = { .rows = rows, .count = count };
    struct usage_damage damage = { 0 };
    struct damage_seen seen = { 0 };
    struct sealed *sealed;
    enum err err = sealed_open(usage_io_system(), path, cache, &sealed, &damage);
    bool is_kept = err == ERR_CORRUPT && strcmp(damage.file, "sealed") == 0 && damage.what[0];
    if (err == OK) {
        err = sealed_rows(sealed, compare_row, &compare);
        is_kept = sealed_check(sealed, note_damage, &seen) == OK && seen.count == 1 &&
                  seen.last.what[0] && !compare.is_wrong && (err == OK || err == ERR_CORRUPT);
        sealed_free(sealed);
    }
    sealed_cache_free(cache);
    return is_kept;
}

static void test_damage(struct arena *arena)
{
    struct kit_kind kind = { 2, 2, 2, 10, true, 10 };
    struct law flips = { .name = "a flipped bit is noticed and named, and not answered from" };
    struct law lengths = { .name = "so is a file cut short, or with bytes behind it" };
    struct kit_row rows[60];
    unsigned char *bytes;
    size_t size;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        rows[i] = kit_row(arena, &kind, 1 + i);
    write_rows(rows, COUNT_OF(rows));
    bytes = kit_read_file(path, &size);
    for (size_t i = 0; i < size; i++) {
        unsigned char flip = (unsigned char)(1U << below(8));
        bytes[i] ^= flip;
        kit_write_file(path, bytes, size);
        law_case(&flips, is_noticed(rows, COUNT_OF(rows)), "byte %zu of %zu", i, size);
        bytes[i] ^= flip;
    }
    for (size_t i = 0; i < 50; i++) {
        size_t other = i == 0 ? size + 1 : below(size);
        kit_write_file(path, bytes, other);
        law_case(&lengths, is_noticed(rows, COUNT_OF(rows)), "%zu bytes of %zu", other, size);
    }
    law_end(&flips);
    law_end(&lengths);
    free(bytes);
}

/* Whole chunks put where others of the same length belong are noticed, too. */
static void test_names(struct arena *arena)
{
    struct sealed_cache *cache = sealed_cache_new(1 << 20);
    struct kit_kind kind = { 1, 1, 1, 50, false, 0 };
    struct kit_row rows[2000];
    struct damage_seen seen = { 0 };
    struct usage_damage damage;
    struct sealed *sealed;
    unsigned char *bytes;
    size_t size;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        rows[i] = kit_row(arena, &kind, 1 + i);
    write_rows(rows, COUNT_OF(rows));
    bytes = kit_read_file(path, &size);
    bytes[64] ^= 1;
    kit_write_file(path, bytes, size);
    sealed = open_sealed(cache);
    OK(sealed_check(sealed, note_damage, &seen) == OK && seen.count == 1 && seen.last.offset == 64,
       "a flaw has a place");
    IS_TEXT(text_of(seen.last.what), "block 0, column time: checksum", "and a name");
    IS_TEXT(text_of(seen.last.file), "sealed", "in a file");
    sealed_free(sealed);
    OK(sealed_open(usage_io_system(), "/nowhere/at/all", cache, &sealed, &damage) == ERR_ABSENT,
       "a file that is not there is absent");
    sealed_cache_free(cache);
    free(bytes);
}

/* ---- file calls that fail ---- */

static void test_failed_writes(struct arena *arena)
{
    struct sealed_writer *writer = sealed_writer_new(SALT);
    struct kit_kind kind = { 1, 1, 1, 10, true, 10 };
    struct law law = { .name = "a write that fails leaves no file, and the writer usable" };
    struct kit_row rows[100];
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        rows[i] = kit_row(arena, &kind, 1 + i);
    for (int fault = 0; fault < KIT_FAULT_KINDS; fault++) {
        for (long call = 0;; call++) {
            struct kit_io io = kit_io_make();
            enum err err;
            io.fault = (enum kit_fault)fault;
            io.fail_at = call;
            io.number = call % 2 ? ENOSPC : EIO;
            (void)unlink(path);
            err = kit_seal(writer, &io.io, path, rows, COUNT_OF(rows));
            if (io.failed == 0)
                break;
            if (err == OK)
                law_case(&law, fault == KIT_FAULT_SHORT && access(path, F_OK) == 0,
                         "fault %d at call %ld", fault, call);
            else
                law_case(&law, err == (call % 2 ? ERR_NO_SPACE : ERR_IO) && access(path, F_OK) != 0,
                         "fault %d at call %ld: %s", fault, call, err_name(err));
        }
    }
    law_end(&law);
    OK(is_noticed(rows, COUNT_OF(rows)) == false, "and then it succeeds"); /* no flaw to notice */
    sealed_writer_free(writer);
}

static void test_failed_reads(struct arena *arena)
{
    struct kit_kind kind = { 2, 2, 2, 10, true, 10 };
    struct law law = { .name = "a read that fails is an error; a short one is gone on with" };
    struct kit_row rows[100];
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        rows[i] = kit_row(arena, &kind, 1 + i);
    write_rows(rows, COUNT_OF(rows));
    for (int fault = 0; fault < KIT_FAULT_KINDS; fault++) {
        for (long call = 0;; call++) {
            struct sealed_cache *cache = sealed_cache_new(0);
            struct compare compare = { .rows = rows, .count = COUNT_OF(rows) };
            struct kit_io io = kit_io_make();
            struct usage_damage damage;
            struct sealed *sealed;
            enum err err;
            io.fault = (enum kit_fault)fault;
            io.fail_at = call;
            err = sealed_open(&io.io, path, cache, &sealed, &damage);
            if (err == OK) {
                err = sealed_rows(sealed, compare_row, &compare);
                sealed_free(sealed);
            }
            sealed_cache_free(cache);
            if (io.failed == 0)
                break;
            law_case(&law,
                     !compare.is_wrong &&
                         err == (fault == KIT_FAULT_SHORT && call > 0 ? OK : ERR_IO),
                     "fault %d at call %ld: %s", fault, call, err_name(err));
        }
    }
    law_end(&law);
}

/* ---- threads ---- */

#define THREADS 4

struct reader {
    struct sealed *sealed;
    const struct kit_row *rows;
    size_t count;
    bool is_wrong;
};

static void *read_again_and_again(void *state)
{
    struct reader *reader = state;
    for (int i = 0; i < 20 && !reader->is_wrong; i++) {
        struct compare compare = { .rows = reader->rows, .count = reader->count };
        reader->is_wrong = sealed_rows(reader->sealed, compare_row, &compare) != OK ||
                           compare.is_wrong || compare.at != compare.count;
    }
    return NULL;
}

/* A cache far too small, so that chunks come and go under the readers. */
static void test_threads(struct arena *arena)
{
    struct sealed_cache *cache = sealed_cache_new(20000);
    struct kit_kind kind = { 2, 3, 2, 50, true, 10 };
    struct kit_row rows[1500];
    struct reader readers[THREADS];
    pthread_t threads[THREADS];
    struct sealed *sealed;
    bool is_wrong = false;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        rows[i] = kit_row(arena, &kind, 1 + i);
    write_rows(rows, COUNT_OF(rows));
    sealed = open_sealed(cache);
    for (size_t i = 0; i < THREADS; i++) {
        readers[i] = (struct reader){ sealed, rows, COUNT_OF(rows), false };
        MUST(pthread_create(&threads[i], NULL, read_again_and_again, &readers[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        MUST(pthread_join(threads[i], NULL) == 0);
        is_wrong = is_wrong || readers[i].is_wrong;
    }
    OK(!is_wrong, "threads read the same segment through a small cache");
    OK(sealed_cache_bytes(cache) <= 20000, "which keeps to its bound");
    sealed_free(sealed);
    sealed_cache_free(cache);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    law_seed();
    kit_make_directory(directory);
    MUST(snprintf(path, sizeof(path), "%s/sealed", directory) > 0);
    test_vectors(arena);
    test_digests();
    test_keys();
    test_blocks();
    test_large_data();
    test_erased();
    test_damage(arena);
    test_names(arena);
    test_failed_writes(arena);
    test_failed_reads(arena);
    test_threads(arena);
    kit_remove_directory(directory);
    return tap_end();
}
