/* sealed_check.c: every byte of a segment compared with its checksum. */
#include "usage/sealed_reader.h"

#include <sys/stat.h>

#define NAME_ROOM 64

struct check {
    struct sealed *sealed;
    usage_damage_visit *visit;
    void *state;
    uint32_t flaws;
};

static void report(struct check *check, const char *what, uint64_t offset)
{
    struct usage_damage damage = { .offset = offset };
    memcpy(damage.file, check->sealed->file, sizeof(damage.file));
    MUST(snprintf(damage.what, sizeof(damage.what), "%s", what) > 0);
    check->flaws++;
    check->visit(check->state, &damage);
}

static enum err check_chunk(struct check *check, const struct sealed_ref *ref, const char *name)
{
    char what[NAME_ROOM * 2];
    unsigned char *bytes = NULL;
    enum err err;
    if (ref->length == 0)
        return OK;
    err = sealed_chunk(check->sealed, ref, &bytes);
    free(bytes);
    if (err != ERR_CORRUPT)
        return err;
    MUST(snprintf(what, sizeof(what), "%s: checksum", name) > 0);
    report(check, what, ref->offset);
    return OK;
}

/* Header, footer and length, read anew: they were right when the file was opened. */
static enum err check_directory(struct check *check)
{
    const struct sealed_directory *directory = &check->sealed->directory;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    unsigned char header[SEALED_HEADER_BYTES];
    struct sealed_directory read = { 0 };
    unsigned char *footer;
    struct stat status;
    enum err err;
    if (fstat(check->sealed->fd, &status) != 0)
        return ERR_IO;
    if ((uint64_t)status.st_size != check->sealed->summary.bytes) {
        report(check, "the file has another length", (uint64_t)status.st_size);
        return OK;
    }
    err = sealed_read(check->sealed, 0, sizeof(header), header);
    if (err != OK)
        return err;
    if (!sealed_header_read(header, &read) || read.salt != directory->salt ||
        read.footer_offset != directory->footer_offset ||
        read.footer_length != directory->footer_length) {
        report(check, "header: checksum or form", 0);
        return OK;
    }
    footer = arena_alloc(arena, (size_t)read.footer_length);
    err = sealed_read(check->sealed, read.footer_offset, (size_t)read.footer_length, footer);
    if (err == OK && !sealed_footer_read(footer, arena, &read))
        report(check, "footer: checksum or form", directory->footer_offset);
    return err;
}

static enum err check_part(struct check *check, uint32_t number, const struct sealed_part *part)
{
    enum err err = OK;
    for (uint32_t i = 0; err == OK && i < part->leaf_count; i++) {
        char name[NAME_ROOM];
        MUST(snprintf(name, sizeof(name), "block %u, shape %u, column leaf %u", number, part->shape,
                      i) > 0);
        err = check_chunk(check, &part->leaves[i], name);
    }
    return err;
}

static enum err check_block(struct check *check, uint32_t number)
{
    const struct sealed_block *block = &check->sealed->directory.blocks[number];
    char name[NAME_ROOM];
    enum err err = OK;
    for (size_t i = 0; err == OK && i < SEALED_COLUMN_COUNT; i++) {
        MUST(snprintf(name, sizeof(name), "block %u, %s", number,
                      sealed_column_name((enum sealed_column)i)) > 0);
        err = check_chunk(check, &block->columns[i], name);
    }
    for (uint32_t i = 0; err == OK && i < block->page_count; i++) {
        MUST(snprintf(name, sizeof(name), "block %u, column id, page %u", number, i) > 0);
        err = check_chunk(check, &block->pages[i], name);
    }
    for (uint32_t i = 0; err == OK && i < block->part_count; i++)
        err = check_part(check, number, &block->parts[i]);
    return err;
}

static enum err check_dictionaries(struct check *check)
{
    const struct sealed_directory *directory = &check->sealed->directory;
    enum err err = OK;
    for (size_t i = 0; err == OK && i < SEALED_DICTIONARY_COUNT; i++)
        err = check_chunk(check, &directory->dictionaries[i],
                          sealed_dictionary_name((enum sealed_dictionary)i));
    for (uint32_t i = 0; err == OK && i < directory->shape_count; i++)
        for (uint32_t k = 0; err == OK && k < directory->shapes[i].count; k++) {
            char name[NAME_ROOM];
            MUST(snprintf(name, sizeof(name), "dictionary of shape %u, leaf %u", i, k) > 0);
            err = check_chunk(check, &directory->shapes[i].dictionaries[k], name);
        }
    return err;
}

static bool pass_over(void *state, const struct usage_event *event, const struct sealed_key *erased)
{
    (void)state;
    (void)event;
    (void)erased;
    return true;
}

enum err sealed_check(struct sealed *sealed, usage_damage_visit *visit, void *state)
{
    struct check check = { .sealed = sealed, .visit = visit, .state = state };
    enum err err;
    CHECK(visit != NULL);
    err = check_directory(&check);
    for (uint32_t i = 0; err == OK && i < sealed->directory.block_count; i++)
        err = check_block(&check, i);
    if (err == OK)
        err = check_dictionaries(&check);
    if (err != OK || check.flaws > 0)
        return err;
    /* Right checksums over bytes that mean nothing would be a fault of the writer. */
    err = sealed_rows(sealed, pass_over, NULL);
    if (err == ERR_CORRUPT) {
        report(&check, "an event cannot be put together", SEALED_HEADER_BYTES);
        err = OK;
    }
    return err;
}
