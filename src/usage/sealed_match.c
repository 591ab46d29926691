/* sealed_match.c: whether one row has an event's key: a page read, nothing else decoded. */
#include "usage/sealed_reader.h"

/* A page of one block, read for one row. */
struct lookup {
    struct sealed *sealed;
    const struct sealed_block *block;
    struct sealed_page page;
    unsigned char *bytes; /* of the page */
    uint32_t row;         /* in the page */
};

static enum err page_read(struct lookup *lookup, uint32_t number, struct arena *arena)
{
    const struct sealed_directory *directory = &lookup->sealed->directory;
    const struct sealed_ref *ref = &lookup->block->pages[number];
    uint32_t rest = lookup->block->rows - number * SEALED_PAGE_ROWS;
    struct column_cursor from;
    enum err err = sealed_chunk(lookup->sealed, ref, &lookup->bytes);
    if (err != OK)
        return err;
    from = (struct column_cursor){ lookup->bytes, lookup->bytes + ref->length };
    return sealed_page_get(from, rest < SEALED_PAGE_ROWS ? rest : SEALED_PAGE_ROWS, directory,
                           arena, &lookup->page)
               ? OK
               : ERR_CORRUPT;
}

/* Whether the row's text in a dictionary, by the page's codes or the block's, is `t`. */
static enum err text_is(const struct lookup *lookup, enum sealed_dictionary which, text t,
                        bool *ret)
{
    const uint32_t *codes = which == SEALED_ORGS ? lookup->page.orgs : lookup->page.sources;
    enum sealed_column column = which == SEALED_ORGS ? SEALED_ORG : SEALED_SOURCE;
    uint32_t code = codes ? codes[lookup->row] : lookup->block->columns[column].value;
    struct sealed_item *dictionary;
    enum err err;
    if (!codes && lookup->block->columns[column].length > 0)
        return ERR_CORRUPT;
    err = sealed_dictionary(lookup->sealed, which, &dictionary);
    if (err != OK)
        return err;
    *ret = text_equal(dictionary->texts[code], t);
    sealed_cache_release(lookup->sealed->cache, dictionary);
    return OK;
}

/* Whether the row's id, or erased key, is the event's. */
static bool id_is(const struct lookup *lookup, const struct usage_event *event, bool is_erased)
{
    unsigned char uuid[UUID_BYTES];
    struct sealed_key key;
    text id;
    bool is_fixed = sealed_page_id(&lookup->page, lookup->row, &id);
    if (is_erased) {
        key = sealed_key_of(event, lookup->sealed->directory.salt);
        return is_fixed && memcmp(id.ptr, key.bytes, sizeof(key.bytes)) == 0;
    }
    if (!is_fixed)
        return text_equal(id, event->id);
    return uuid_bytes(event->id, uuid) && memcmp(id.ptr, uuid, sizeof(uuid)) == 0;
}

static enum err match(struct lookup *lookup, const struct usage_event *event,
                      enum sealed_match *ret, uint32_t *ret_digest)
{
    bool is_erased = sealed_page_is_erased(&lookup->page, lookup->row);
    text org = { (const char *)&event->org, sizeof(event->org) };
    bool is_same = false;
    enum err err;
    *ret = SEALED_OTHER;
    if (!id_is(lookup, event, is_erased))
        return OK;
    if (is_erased) {
        *ret = SEALED_SAME_ERASED; /* the key holds org and source, too */
        return OK;
    }
    err = text_is(lookup, SEALED_ORGS, org, &is_same);
    if (err == OK && is_same)
        err = text_is(lookup, SEALED_SOURCES, event->source, &is_same);
    if (err != OK || !is_same)
        return err;
    *ret = SEALED_SAME;
    *ret_digest = sealed_page_digest(&lookup->page, lookup->row);
    return OK;
}

enum err sealed_match(struct sealed *sealed, uint64_t sequence, const struct usage_event *event,
                      enum sealed_match *ret, uint32_t *ret_digest)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    const struct sealed_directory *directory = &sealed->directory;
    struct lookup lookup = { .sealed = sealed };
    uint32_t row;
    enum err err;
    CHECK(sequence >= directory->first_sequence);
    CHECK(sequence - directory->first_sequence < directory->rows);
    row = (uint32_t)(sequence - directory->first_sequence);
    lookup.block = sealed_block_of(directory, row);
    row -= lookup.block->first_row;
    lookup.row = row % SEALED_PAGE_ROWS;
    err = page_read(&lookup, row / SEALED_PAGE_ROWS, arena);
    if (err == OK)
        err = match(&lookup, event, ret, ret_digest);
    free(lookup.bytes);
    return err;
}
