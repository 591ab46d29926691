/* test_key_damage.c: runs of keys on files that fail and in bytes that change: a failed write
 * leaves nothing behind, and no flaw is ever answered from. */
#include "unit/usage/kit.h"
#include "usage/key_index.h"

#define KEYS 700U

static char directory[KIT_PATH];

static const char *path_of(const char *name)
{
    static char paths[2][KIT_PATH * 2];
    static unsigned turn;
    char *path = paths[turn++ % 2];
    MUST(snprintf(path, sizeof(paths[0]), "%s/%s", directory, name) > 0);
    return path;
}

/* The fingerprint of sequence n. */
static uint64_t fingerprint_of(uint64_t n)
{
    return n * UINT64_C(0x9e3779b97f4a7c15);
}

static void entries_make(struct key_entry *entries, size_t count, uint64_t first)
{
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct key_entry){ fingerprint_of(first + i), first + i };
}

static enum err run_make(struct usage_io *io, const char *name, uint64_t first)
{
    struct key_entry entries[KEYS];
    entries_make(entries, KEYS, first);
    return key_run_write(io, path_of(name),
                         &(struct key_run_keys){ entries, KEYS, first, first + KEYS - 1 });
}

static struct key_run *run_open(const char *name)
{
    struct usage_damage damage;
    struct key_run *run;
    MUST(key_run_open(usage_io_system(), path_of(name), &run, &damage) == OK);
    return run;
}

/* Whether a run answers every one of these sequences, without an error. */
static bool holds_all(struct key_run *run, uint64_t first, uint64_t count)
{
    for (uint64_t n = first; n < first + count; n++) {
        uint64_t sequences[KEY_CANDIDATES_MAX];
        size_t found;
        if (!key_run_may_hold(run, fingerprint_of(n)) ||
            key_run_find(run, fingerprint_of(n), sequences, &found) != OK || found != 1 ||
            sequences[0] != n)
            return false;
    }
    return true;
}

/* ---- files that fail ---- */

static enum err merge_make(struct usage_io *io, const char *name)
{
    struct key_run *parts[2] = { run_open("a"), run_open("b") };
    enum err err = key_run_merge(io, path_of(name), parts, 2);
    key_run_free(parts[0]);
    key_run_free(parts[1]);
    return err;
}

static void test_writes(bool is_merge, enum kit_fault fault, int number)
{
    enum err want = number == ENOSPC ? ERR_NO_SPACE : ERR_IO;
    const char *name = is_merge ? "merge" : "write";
    bool is_named = true;
    bool is_clean = true;
    enum err err = ERR_IO;
    long n;
    for (n = 0; err != OK; n++) {
        struct kit_io io = kit_io_make();
        io.is_quick = true;
        io.fault = fault;
        io.number = number;
        io.fail_at = n;
        (void)unlink(path_of("new"));
        err = is_merge ? merge_make(&io.io, "new") : run_make(&io.io, "new", 1);
        is_named = is_named && (err == want || (err == OK && io.failed == 0));
        is_clean = is_clean && (access(path_of("new"), F_OK) == 0) == (err == OK);
    }
    OK(n > 4, "%s, fault %d: there were calls to fail (%ld)", name, fault, n);
    OK(is_named, "%s, fault %d: each failure is named", name, fault);
    OK(is_clean, "%s, fault %d: a failure leaves no file, success leaves one", name, fault);
}

static void test_short_writes(void)
{
    bool is_right = true;
    for (long n = 0; n < 8; n++) {
        struct kit_io io = kit_io_make();
        struct key_run *run;
        io.is_quick = true;
        io.fault = KIT_FAULT_SHORT;
        io.fail_at = n;
        if (run_make(&io.io, "new", 1) != OK)
            continue; /* it was not a write */
        run = run_open("new");
        is_right = is_right && holds_all(run, 1, KEYS);
        key_run_free(run);
    }
    OK(is_right, "a write that puts down half goes on with the rest");
}

/* What becomes of opening, asking, reading through and merging while the n-th call fails: an
 * error, or the right answer. */
static void test_reads(void)
{
    struct usage_damage damage;
    bool is_right = true;
    bool has_failed = false;
    bool goes_on = true;
    for (long n = 0; goes_on; n++) {
        struct kit_io io = kit_io_make();
        uint64_t sequences[KEY_CANDIDATES_MAX];
        struct key_run *run;
        size_t found;
        enum err err;
        io.fail_at = n;
        err = key_run_open(&io.io, path_of("a"), &run, &damage);
        is_right = is_right && (err == OK || err == ERR_IO);
        if (err == OK) {
            err = key_run_find(run, fingerprint_of(5), sequences, &found);
            is_right = is_right && (err == ERR_IO || (found == 1 && sequences[0] == 5));
            if (err == OK)
                err = key_run_merge(usage_io_system(), path_of("new"), &run, 1);
            is_right = is_right && (err == OK || err == ERR_IO);
            key_run_free(run);
        }
        has_failed = has_failed || err == ERR_IO;
        goes_on = io.failed > 0;
    }
    OK(is_right && has_failed, "a read that fails is an error, never an answer");
}

/* ---- bytes that change ---- */

struct census {
    size_t flaws;
    struct usage_damage last;
};

static void count_damage(void *state, const struct usage_damage *damage)
{
    struct census *census = state;
    census->flaws++;
    census->last = *damage;
}

static bool is_named(const struct usage_damage *damage, const char *file)
{
    return text_equal(text_of(damage->file), text_of(file)) && damage->what[0] != '\0';
}

/* Asks an opened run with a flawed file for everything: whether each answer is right or an error.
 */
static bool never_wrong(struct key_run *run)
{
    for (uint64_t n = 1; n < 2 * KEYS; n++) {
        uint64_t sequences[KEY_CANDIDATES_MAX];
        size_t found;
        enum err err = key_run_find(run, fingerprint_of(n), sequences, &found);
        if (err == ERR_CORRUPT)
            continue;
        if (err != OK || found != (n <= KEYS) || (found == 1 && sequences[0] != n))
            return false;
    }
    return true;
}

static void ignore_entry(void *state, const struct key_entry *entry)
{
    (void)state;
    (void)entry;
}

/* The flaw at a byte of a run's file: found on opening or by the check, and never answered from. */
static const char *flaw_try(size_t at, bool *ret_is_found_on_opening)
{
    struct census census = { 0 };
    struct usage_damage damage = { 0 };
    struct key_run *run;
    enum err err = key_run_open(usage_io_system(), path_of("flawed"), &run, &damage);
    const char *complaint = NULL;
    *ret_is_found_on_opening = err != OK;
    if (err != OK)
        return err == ERR_CORRUPT && is_named(&damage, "flawed") ? NULL : "opening names no flaw";
    if (key_run_check(run, count_damage, &census) != OK || census.flaws == 0)
        complaint = "the check finds nothing";
    else if (!is_named(&census.last, "flawed") || census.last.offset > at)
        complaint = "the check names another place";
    else if (at % 61 == 0 && !never_wrong(run))
        complaint = "a wrong answer";
    else if (key_run_each(run, ignore_entry, NULL, &damage) != ERR_CORRUPT)
        complaint = "it can be read through";
    else if (key_run_merge(kit_io_quick(), path_of("new"), &run, 1) != ERR_CORRUPT)
        complaint = "it can be merged";
    key_run_free(run);
    return complaint;
}

static void test_flips(void)
{
    size_t size;
    unsigned char *bytes;
    const char *complaint = NULL;
    size_t found_on_opening = 0;
    size_t at;
    MUST(run_make(kit_io_quick(), "flawed", 1) == OK);
    bytes = kit_read_file(path_of("flawed"), &size);
    for (at = 0; at < size && !complaint; at++) {
        bool is_found_on_opening;
        bytes[at] ^= (unsigned char)(1U << at % 8);
        kit_write_file(path_of("flawed"), bytes, size);
        complaint = flaw_try(at, &is_found_on_opening);
        found_on_opening += is_found_on_opening;
        bytes[at] ^= (unsigned char)(1U << at % 8);
    }
    OK(!complaint, "every changed byte is found and named (%zu of %zu)%s%s", at, size,
       complaint ? ": " : "", complaint ? complaint : "");
    OK(found_on_opening > 0 && found_on_opening < size,
       "header, filter and directory on opening, the rest when it is read (%zu)", found_on_opening);
    free(bytes);
}

static void test_lengths(void)
{
    size_t size;
    unsigned char *bytes;
    bool is_found = true;
    MUST(run_make(kit_io_quick(), "flawed", 1) == OK);
    bytes = kit_read_file(path_of("flawed"), &size);
    bytes = realloc(bytes, size + 1);
    MUST(bytes != NULL);
    bytes[size] = 0;
    for (size_t length = 0; length <= size + 1; length++) {
        struct usage_damage damage = { 0 };
        struct key_run *run;
        if (length == size)
            continue;
        kit_write_file(path_of("flawed"), bytes, length);
        is_found = is_found &&
                   key_run_open(usage_io_system(), path_of("flawed"), &run, &damage) ==
                       ERR_CORRUPT &&
                   is_named(&damage, "flawed");
    }
    OK(is_found, "a file that is too short or too long does not open");
    free(bytes);
}

/* Pages that are whole, in a place that is not theirs. */
static void test_misplaced(void)
{
    struct census census = { 0 };
    size_t size;
    size_t other_size;
    unsigned char *bytes;
    unsigned char *other;
    struct key_run *run;
    size_t at;
    MUST(run_make(kit_io_quick(), "flawed", 1) == OK);
    MUST(run_make(kit_io_quick(), "other", KEYS + 1) == OK);
    bytes = kit_read_file(path_of("flawed"), &size);
    other = kit_read_file(path_of("other"), &other_size);
    at = size - size % 1024 - 1024; /* the last page */
    memcpy(bytes + at, other + at, 1024);
    kit_write_file(path_of("flawed"), bytes, size);
    run = run_open("flawed");
    MUST(key_run_check(run, count_damage, &census) == OK);
    OK(census.flaws == 1 && census.last.offset == at, "a page of another file is found: %s",
       census.last.what);
    key_run_free(run);
    free(bytes);
    free(other);
}

static void test_absent(void)
{
    struct usage_damage damage;
    struct key_run *run;
    OK(key_run_open(usage_io_system(), path_of("none"), &run, &damage) == ERR_ABSENT,
       "a file that is not there is ERR_ABSENT");
}

int main(void)
{
    kit_make_directory(directory);
    MUST(run_make(kit_io_quick(), "a", 1) == OK);
    MUST(run_make(kit_io_quick(), "b", KEYS + 1) == OK);
    for (int is_merge = 0; is_merge < 2; is_merge++) {
        test_writes(is_merge, KIT_FAULT_ERROR, EIO);
        test_writes(is_merge, KIT_FAULT_TORN, ENOSPC);
    }
    test_short_writes();
    test_reads();
    test_flips();
    test_lengths();
    test_misplaced();
    test_absent();
    kit_remove_directory(directory);
    return tap_end();
}
