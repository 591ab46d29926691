/* key_read.c: runs of keys: reading through, and looking for flaws. */
#include "usage/key_run.h"

#include "usage/bytes.h"

#include <stdlib.h>
#include <xxhash.h>

static enum err reader_load(struct key_reader *reader, struct usage_damage *ret_damage)
{
    struct key_run *run = reader->run;
    uint64_t count = run->page_count - reader->next;
    uint64_t offset = key_run_page_at(run->filter_lines, reader->next);
    enum err err;
    if (count > KEY_READER_PAGES)
        count = KEY_READER_PAGES;
    err = key_run_read(run->io, run->fd, reader->bytes, (size_t)count * KEY_PAGE_BYTES, offset);
    if (err == ERR_CORRUPT)
        key_run_flaw(run->name, offset, ret_damage, "the file ends early");
    if (err == OK)
        reader->loaded = reader->next + count;
    return err;
}

enum err key_reader_next(struct key_reader *reader, struct usage_damage *ret_damage)
{
    struct key_run *run = reader->run;
    const unsigned char *bytes;
    uint64_t page = reader->next;
    const char *flaw = NULL;

    if (page == run->page_count)
        return ERR_ABSENT;
    if (page == reader->loaded) {
        enum err err = reader_load(reader, ret_damage);
        if (err != OK)
            return err;
    }
    CHECK(page < reader->loaded);
    /* Loads begin at multiples of KEY_READER_PAGES, so a page has one place in the buffer. */
    bytes = reader->bytes + page % KEY_READER_PAGES * KEY_PAGE_BYTES;
    reader->next++;
    if (!key_page_is_whole(bytes, key_page_seed(run->summary.first_sequence, page)))
        flaw = "checksum";
    else if (!key_page_read(bytes, run->place_bits, &reader->page))
        flaw = "not well formed";
    else if (key_prefix(reader->page.keys[0]) != run->directory[page])
        flaw = "does not begin as the directory says";
    if (!flaw)
        return OK;
    key_run_flaw(run->name, key_run_page_at(run->filter_lines, page), ret_damage, "page %llu: %s",
                 (unsigned long long)page, flaw);
    return ERR_CORRUPT;
}

static struct key_reader *reader_new(struct key_run *run)
{
    struct key_reader *reader = malloc(sizeof(*reader));
    MUST(reader != NULL);
    reader->run = run;
    reader->next = 0;
    reader->loaded = 0;
    return reader;
}

enum err key_run_each(struct key_run *run, key_run_visit *visit, void *state,
                      struct usage_damage *ret_damage)
{
    struct key_reader *reader = reader_new(run);
    enum err err;
    while ((err = key_reader_next(reader, ret_damage)) == OK)
        for (uint32_t i = 0; i < reader->page.count; i++) {
            struct key_entry entry = {
                .fingerprint = reader->page.keys[i] << (64 - KEY_RUN_BITS),
                .sequence = run->summary.first_sequence + reader->page.places[i],
            };
            visit(state, &entry);
        }
    free(reader);
    return err == ERR_ABSENT ? OK : err;
}

/* ---- checking ---- */

struct check {
    struct key_run *run;
    usage_damage_visit *visit;
    void *state;
    uint64_t count; /* of keys seen */
    uint64_t key;   /* the last one */
    uint32_t place;
};

/* What is wrong with the entries of a page; NULL when nothing. */
static const char *page_flaw(struct check *check, const struct key_page *page)
{
    const struct key_run *run = check->run;
    const struct key_run_summary *summary = &run->summary;
    const char *flaw = NULL;
    for (uint32_t i = 0; i < page->count; i++) {
        uint64_t key = page->keys[i];
        uint32_t place = page->places[i];
        uint64_t line = key_filter_line(key, run->filter_lines);
        if (check->count > 0 && (key < check->key || (key == check->key && place <= check->place)))
            flaw = "keys are not in order";
        if (place > summary->last_sequence - summary->first_sequence)
            flaw = "a sequence is beyond the last";
        if (!key_filter_has(&run->filter[line], key_filter_spread(key)))
            flaw = "a key is not in the filter";
        check->key = key;
        check->place = place;
        check->count++;
    }
    return flaw;
}

/* Compares the bytes of a region on disk, in pieces, with the checksum of what is in memory. */
static enum err region_check(struct check *check, uint64_t offset, uint64_t bytes,
                             uint64_t checksum, const char *what)
{
    static const size_t piece_bytes = (size_t)1 << 18;
    struct key_run *run = check->run;
    XXH3_state_t *state = XXH3_createState();
    unsigned char *piece = malloc(piece_bytes);
    enum err err = OK;

    MUST(state != NULL && piece != NULL);
    MUST(XXH3_64bits_reset(state) == XXH_OK);
    for (uint64_t done = 0; done < bytes && err == OK;) {
        size_t size = bytes - done < piece_bytes ? (size_t)(bytes - done) : piece_bytes;
        err = key_run_read(run->io, run->fd, piece, size, offset + done);
        if (err == OK)
            MUST(XXH3_64bits_update(state, piece, size) == XXH_OK);
        done += size;
    }
    if (err == ERR_CORRUPT || (err == OK && XXH3_64bits_digest(state) != checksum)) {
        struct usage_damage damage = { 0 };
        key_run_flaw(run->name, offset, &damage, "%s: checksum", what);
        check->visit(check->state, &damage);
        err = OK;
    }
    free(piece);
    MUST(XXH3_freeState(state) == XXH_OK);
    return err;
}

static enum err header_check(struct check *check)
{
    struct key_run *run = check->run;
    unsigned char header[KEY_PAGE_BYTES];
    struct usage_damage damage = { 0 };
    enum err err = key_run_read(run->io, run->fd, header, sizeof(header), 0);
    if (err == OK &&
        bytes_get64(header + KEY_RUN_AT_CHECKSUM) == XXH3_64bits(header, KEY_RUN_AT_CHECKSUM))
        return OK;
    if (err != OK && err != ERR_CORRUPT)
        return err;
    key_run_flaw(run->name, 0, &damage, "header: checksum");
    check->visit(check->state, &damage);
    return OK;
}

static enum err pages_check(struct check *check)
{
    struct key_run *run = check->run;
    struct key_reader *reader = reader_new(run);
    struct usage_damage damage = { 0 };
    bool is_whole = true;
    enum err err = OK;

    while (err == OK) {
        uint64_t page = reader->next;
        const char *flaw = NULL;
        err = key_reader_next(reader, &damage);
        if (err == ERR_CORRUPT && reader->next == page)
            break;
        if (err == OK)
            flaw = page_flaw(check, &reader->page);
        if (flaw)
            key_run_flaw(run->name, key_run_page_at(run->filter_lines, page), &damage,
                         "page %llu: %s", (unsigned long long)page, flaw);
        if (flaw || err == ERR_CORRUPT) {
            check->visit(check->state, &damage);
            is_whole = false;
            err = OK;
        }
    }
    free(reader);
    if (err == ERR_CORRUPT)
        check->visit(check->state, &damage);
    if (err == ERR_ABSENT && is_whole && check->count != run->summary.count) {
        key_run_flaw(run->name, 0, &damage, "header: another number of keys than there are");
        check->visit(check->state, &damage);
    }
    return err == ERR_ABSENT || err == ERR_CORRUPT ? OK : err;
}

enum err key_run_check(struct key_run *run, usage_damage_visit *visit, void *state)
{
    struct check check = { .run = run, .visit = visit, .state = state };
    enum err err = header_check(&check);
    if (err == OK)
        err = region_check(&check, KEY_PAGE_BYTES, key_run_filter_bytes(run->filter_lines),
                           run->filter_checksum, "filter");
    if (err == OK)
        err = pages_check(&check);
    if (err == OK)
        err = region_check(&check, key_run_page_at(run->filter_lines, run->page_count),
                           4 * run->page_count, run->directory_checksum, "directory");
    return err;
}
