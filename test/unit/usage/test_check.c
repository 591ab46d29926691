/* test_check.c: a changed byte in any file of a store is found and named, and so are files that are
 * whole but not those that belong together. */
#include "unit/usage/kit_files.h"
#include "usage/key_index.h"
#include "usage/manifest.h"

#define SEALED 300U
#define YOUNG  60U

static char directory[KIT_PATH];

static struct usage *store_open(void)
{
    struct usage_config config = {
        .directory = directory,
        .io = kit_io_quick(),
        .seal_rows = 100,
        .seal_age_millisecond = UINT32_MAX,
    };
    struct usage *usage;
    MUST(usage_open(&config, &usage, NULL) == OK);
    return usage;
}

static void store_append(struct usage *usage, uint64_t first, uint64_t count)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_receipt receipt;
    for (uint64_t i = first; i < first + count; i++) {
        struct usage_event event = kit_event(arena, i);
        MUST(usage_append_wait(usage, &event, 1, &receipt) == OK);
    }
}

struct findings {
    const char *file; /* looked for */
    size_t count;
    size_t of_file;
    struct usage_damage last;
};

static void find(void *state, const struct usage_damage *damage)
{
    struct findings *findings = state;
    findings->count++;
    findings->of_file += findings->file &&
                         text_equal(text_of(damage->file), text_of(findings->file));
    findings->last = *damage;
}

struct flips {
    struct usage *usage;
    const char *complaint;
    size_t files;
    size_t bytes;
};

/* Changes bytes of a file, one at a time, while the store is open. */
static enum err flip_file(void *state, const struct usage_file *file)
{
    struct flips *flips = state;
    const char *name = file->name;
    size_t size;
    unsigned char *bytes = kit_read_file(kit_path(directory, name), &size);
    size_t step = (size_t)file->size / 150 + 1;
    flips->files++;
    MUST(size >= file->size);
    for (size_t at = 0; at < file->size && !flips->complaint; at += step) {
        struct findings findings = { .file = name };
        unsigned char flipped = bytes[at] ^ (unsigned char)(1U << at % 8);
        int fd = open(kit_path(directory, name), O_WRONLY);
        MUST(fd >= 0 && pwrite(fd, &flipped, 1, (off_t)at) == 1);
        if (usage_check(flips->usage, find, &findings) != OK)
            flips->complaint = "the check gives up";
        else if (findings.of_file == 0)
            flips->complaint = "a changed byte is not found";
        else if (findings.of_file != findings.count)
            flips->complaint = "another file is blamed";
        MUST(pwrite(fd, &bytes[at], 1, (off_t)at) == 1 && close(fd) == 0);
        flips->bytes++;
        if (flips->complaint)
            printf("# %s, byte %zu: %s: %s\n", name, at, findings.last.file, findings.last.what);
    }
    free(bytes);
    return OK;
}

static void test_flips(void)
{
    struct flips flips = { .complaint = NULL };
    struct findings findings = { .file = NULL };
    uint64_t sequence;
    kit_empty_directory(directory);
    flips.usage = store_open();
    store_append(flips.usage, 0, SEALED);
    MUST(usage_seal(flips.usage) == OK);
    store_append(flips.usage, SEALED, YOUNG);
    OK(usage_check(flips.usage, find, &findings) == OK && findings.count == 0,
       "a store that is well has no flaws");
    MUST(usage_copy(flips.usage, flip_file, &flips, &sequence) == OK);
    OK(!flips.complaint && flips.files >= 4,
       "a changed byte is found and named (%zu in %zu files)%s%s", flips.bytes, flips.files,
       flips.complaint ? ": " : "", flips.complaint ? flips.complaint : "");
    OK(usage_check(flips.usage, find, &findings) == OK && findings.count == 0,
       "the store is well again when the bytes are");
    usage_close(flips.usage);
}

/* The last file of a copy whose name begins like this. */
struct named {
    const char *prefix;
    char name[64];
};

static enum err name_visit(void *state, const struct usage_file *file)
{
    struct named *named = state;
    if (text_starts_with(text_of(file->name), text_of(named->prefix)))
        (void)snprintf(named->name, sizeof(named->name), "%s", file->name);
    return OK;
}

static void name_find(struct usage *usage, struct named *named)
{
    uint64_t sequence;
    MUST(usage_copy(usage, name_visit, named, &sequence) == OK);
    MUST(named->name[0] != '\0');
}

/* Puts a run of other keys of the same sequences in the place of one. */
static void run_exchange(const char *path)
{
    struct key_entry entries[SEALED];
    struct key_run_keys keys = { .entries = entries };
    struct usage_damage damage;
    struct key_run *run;
    MUST(key_run_open(usage_io_system(), path, &run, &damage) == OK);
    keys.first_sequence = key_run_summary(run)->first_sequence;
    keys.last_sequence = key_run_summary(run)->last_sequence;
    key_run_free(run);
    for (uint64_t i = keys.first_sequence; i <= keys.last_sequence; i++)
        entries[keys.count++] = (struct key_entry){ i * UINT64_C(0x9e3779b97f4a7c15), i };
    MUST(key_run_write(kit_io_quick(), path, &keys) == OK);
}

static void test_other_keys(void)
{
    struct named named = { .prefix = "keys-" };
    struct findings findings = { .file = named.name };
    struct usage *usage;
    kit_empty_directory(directory);
    usage = store_open();
    store_append(usage, 0, SEALED);
    MUST(usage_seal(usage) == OK);
    name_find(usage, &named);
    usage_close(usage);
    run_exchange(kit_path(directory, named.name));
    usage = store_open();
    OK(usage_check(usage, find, &findings) == OK && findings.count == 1 && findings.of_file == 1,
       "a run that is whole but of other keys is found: %s", findings.last.what);
    usage_close(usage);
}

static void test_missing(void)
{
    static const char *const prefixes[] = { MANIFEST_NAME, "sealed-", "keys-", "usage-" };
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        struct named named = { .prefix = prefixes[i] };
        struct findings findings = { .file = named.name };
        struct usage *usage;
        kit_empty_directory(directory);
        usage = store_open();
        store_append(usage, 0, SEALED);
        MUST(usage_seal(usage) == OK);
        name_find(usage, &named);
        MUST(unlink(kit_path(directory, named.name)) == 0);
        OK(usage_check(usage, find, &findings) == OK && findings.of_file == 1,
           "a missing file is found: %s: %s", findings.last.file, findings.last.what);
        usage_close(usage);
    }
}

/* Erased events have no keys to compare. */
static void test_erased(void)
{
    struct usage_erasure erasure = { .org = kit_org(1), .before = INSTANT_NONE };
    struct findings findings = { .file = NULL };
    struct usage_erased erased;
    struct usage *usage;
    kit_empty_directory(directory);
    usage = store_open();
    store_append(usage, 0, SEALED);
    MUST(usage_erase(usage, &erasure, &erased) == OK);
    OK(usage_check(usage, find, &findings) == OK && findings.count == 0,
       "a store with %llu erased events is well", (unsigned long long)erased.events);
    usage_close(usage);
}

int main(void)
{
    kit_make_directory(directory);
    test_flips();
    test_other_keys();
    test_missing();
    test_erased();
    kit_remove_directory(directory);
    return tap_end();
}
