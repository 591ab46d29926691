/* sealed_scan.c: events put together again from their columns. */
#include "usage/sealed_sieve.h"

/* Events being put together; the texts of one last until the next. */
struct assembly {
    struct sealed_reader *reader;
    struct column_bytes data;
    char id[UUID_TEXT_LENGTH];
};

static enum err read_dictionaries(struct sealed_reader *reader)
{
    for (size_t i = 0; i < SEALED_DICTIONARY_COUNT; i++) {
        bool is_there = reader->sealed->directory.dictionaries[i].length > 0;
        enum err err = is_there ? sealed_reader_dictionary(reader, (enum sealed_dictionary)i) : OK;
        if (err != OK)
            return err;
    }
    return OK;
}

/* Reads all of the block but leaves, which are read as they are met. */
static enum err read_block(struct sealed_reader *reader)
{
    enum err err = read_dictionaries(reader);
    for (size_t i = 0; err == OK && i < SEALED_COLUMN_COUNT; i++)
        err = sealed_reader_column(reader, (enum sealed_column)i);
    return err == OK ? sealed_reader_pages(reader) : err;
}

/* Pieces and leaves in turn. */
static enum err restore_shape(struct assembly *assembly, uint32_t number, uint32_t rank)
{
    struct sealed_reader *reader = assembly->reader;
    const struct shape *shape = &reader->dictionaries[SEALED_SHAPES]->shapes[number];
    for (uint32_t i = 0; i < shape->leaf_count; i++) {
        struct leaf_values leaf;
        uint32_t code = 0;
        text raw;
        enum err err = sealed_reader_leaf(reader, number, i, &leaf, &code);
        if (err != OK)
            return err;
        raw = leaf.values[leaf.codes ? leaf.codes[rank] : code].raw;
        column_add(&assembly->data, shape->pieces[i].ptr, shape->pieces[i].len);
        column_add(&assembly->data, raw.ptr, raw.len);
    }
    column_add(&assembly->data, shape->pieces[shape->leaf_count].ptr,
               shape->pieces[shape->leaf_count].len);
    return OK;
}

static enum err restore_data(struct assembly *assembly, uint32_t row, text *ret)
{
    struct sealed_reader *reader = assembly->reader;
    uint32_t code = sealed_reader_code(reader, SEALED_SHAPE, row);
    uint32_t rank = sealed_reader_rank(reader, row);
    enum err err;
    *ret = TEXT("");
    if (code == SEALED_SHAPE_NONE)
        return OK;
    if (code == SEALED_SHAPE_OPAQUE) {
        *ret = reader->columns[SEALED_OPAQUE]->texts[rank];
        return OK;
    }
    assembly->data.len = 0;
    err = restore_shape(assembly, code - SEALED_SHAPE_FIRST, rank);
    if (err == OK)
        *ret = (text){ (const char *)assembly->data.ptr, assembly->data.len };
    return err;
}

static text coded_text(const struct sealed_reader *reader, enum sealed_column column,
                       enum sealed_dictionary dictionary, uint32_t row)
{
    return reader->dictionaries[dictionary]->texts[sealed_reader_code(reader, column, row)];
}

static bool read_org(const struct sealed_reader *reader, uint32_t row, struct org_id *ret)
{
    text t = coded_text(reader, SEALED_ORG, SEALED_ORGS, row);
    if (t.len != sizeof(*ret))
        return false;
    memcpy(ret, t.ptr, sizeof(*ret));
    return true;
}

static bool is_erased(const struct sealed_reader *reader, uint32_t row)
{
    return (sealed_reader_code(reader, SEALED_FLAGS, row) & SEALED_FLAG_ERASED) != 0;
}

static uint64_t sequence_of(const struct sealed_reader *reader, uint32_t row)
{
    return reader->sealed->directory.first_sequence + reader->block->first_row + row;
}

/* The event of a row that is not erased, of a block that was read. */
static enum err assemble(struct assembly *assembly, uint32_t row, struct usage_event *ret)
{
    struct sealed_reader *reader = assembly->reader;
    const struct sealed_page *page = &reader->pages->pages[row / SEALED_PAGE_ROWS];
    uint32_t flags = sealed_reader_code(reader, SEALED_FLAGS, row);
    text id;
    *ret = (struct usage_event){
        .type = coded_text(reader, SEALED_TYPE, SEALED_TYPES, row),
        .source = coded_text(reader, SEALED_SOURCE, SEALED_SOURCES, row),
        .subject = coded_text(reader, SEALED_SUBJECT, SEALED_SUBJECTS, row),
        .data_schema = coded_text(reader, SEALED_SCHEMA, SEALED_SCHEMAS, row),
        .time = { reader->columns[SEALED_TIME]->numbers[row] },
        .ingested_at = { reader->columns[SEALED_INGESTED]->numbers[row] },
        .is_time_given = (flags & SEALED_FLAG_TIME_GIVEN) != 0,
        .sequence = sequence_of(reader, row),
    };
    if (!read_org(reader, row, &ret->org))
        return ERR_CORRUPT;
    if (sealed_page_id(page, row % SEALED_PAGE_ROWS, &id)) {
        uuid_text((const unsigned char *)id.ptr, assembly->id);
        id = (text){ assembly->id, UUID_TEXT_LENGTH };
    }
    ret->id = id;
    return restore_data(assembly, row, &ret->data);
}

/* ---- one row ---- */

/* Reads what one row needs; the block and the row in it. */
static enum err row_open(struct sealed_reader *reader, uint64_t sequence, uint32_t *ret_row)
{
    const struct sealed_directory *directory = &reader->sealed->directory;
    const struct sealed_block *block;
    CHECK(sequence >= directory->first_sequence);
    CHECK(sequence - directory->first_sequence < directory->rows);
    block = sealed_block_of(directory, (uint32_t)(sequence - directory->first_sequence));
    *ret_row = (uint32_t)(sequence - directory->first_sequence) - block->first_row;
    sealed_reader_block(reader, block);
    return read_block(reader);
}

static void event_copy(struct usage_event *event, struct arena *arena)
{
    event->id = text_copy(arena, event->id);
    event->source = text_copy(arena, event->source);
    event->type = text_copy(arena, event->type);
    event->subject = text_copy(arena, event->subject);
    event->data_schema = text_copy(arena, event->data_schema);
    event->data = text_copy(arena, event->data);
}

enum err sealed_event(struct sealed *sealed, uint64_t sequence, struct arena *arena,
                      struct usage_event *ret)
{
    struct sealed_reader reader;
    struct assembly assembly = { .reader = &reader };
    struct usage_event event;
    uint32_t row;
    enum err err;
    sealed_reader_begin(&reader, sealed);
    err = row_open(&reader, sequence, &row);
    if (err == OK && is_erased(&reader, row))
        err = ERR_ABSENT;
    if (err == OK)
        err = assemble(&assembly, row, &event);
    if (err == OK) {
        event_copy(&event, arena);
        *ret = event;
    }
    sealed_reader_end(&reader);
    column_bytes_free(&assembly.data);
    return err;
}

/* The key in a page, of an erased row. */
static bool read_key(const struct sealed_reader *reader, uint32_t row, struct sealed_key *ret)
{
    const struct sealed_page *page = &reader->pages->pages[row / SEALED_PAGE_ROWS];
    text id;
    if (!sealed_page_id(page, row % SEALED_PAGE_ROWS, &id))
        return false;
    memcpy(ret->bytes, id.ptr, sizeof(ret->bytes));
    return true;
}

enum err sealed_erased_key(struct sealed *sealed, uint64_t sequence, struct org_id *ret_org,
                           struct sealed_key *ret)
{
    struct sealed_reader reader;
    struct org_id org;
    uint32_t row;
    enum err err;
    sealed_reader_begin(&reader, sealed);
    err = row_open(&reader, sequence, &row);
    if (err == OK && !is_erased(&reader, row))
        err = ERR_ABSENT;
    if (err == OK && (!read_org(&reader, row, &org) || !read_key(&reader, row, ret)))
        err = ERR_CORRUPT;
    if (err == OK)
        *ret_org = org;
    sealed_reader_end(&reader);
    return err;
}

/* ---- many rows ---- */

struct scan {
    struct sealed_reader reader;
    struct assembly assembly;
    struct sealed_sieve sieve;
    bool is_newest_first;
    usage_visit *visit;
    void *state;
    bool is_over;
};

static enum err scan_block(struct scan *scan, const struct sealed_block *block)
{
    const uint32_t *rows;
    uint32_t count;
    enum err err;
    sealed_reader_block(&scan->reader, block);
    err = sealed_sieve_rows(&scan->sieve, &scan->reader, &rows, &count);
    if (err != OK || count == 0)
        return err;
    err = read_block(&scan->reader);
    for (uint32_t i = 0; err == OK && i < count && !scan->is_over; i++) {
        struct usage_event event;
        err = assemble(&scan->assembly, rows[scan->is_newest_first ? count - 1 - i : i], &event);
        if (err == OK)
            scan->is_over = !scan->visit(scan->state, &event);
    }
    return err;
}

static enum err scan_segment(struct scan *scan, const struct usage_filter *filter)
{
    const struct sealed_directory *directory = &scan->reader.sealed->directory;
    bool may_pass;
    enum err err = sealed_sieve_make(&scan->reader, filter, &scan->sieve, &may_pass);
    if (err != OK || !may_pass)
        return err;
    for (uint32_t i = 0; err == OK && i < directory->block_count && !scan->is_over; i++) {
        uint32_t at = scan->is_newest_first ? directory->block_count - 1 - i : i;
        if (sealed_sieve_may_pass(&scan->sieve, &directory->blocks[at]))
            err = scan_block(scan, &directory->blocks[at]);
    }
    return err;
}

enum err sealed_scan(struct sealed *sealed, const struct usage_filter *filter, usage_visit *visit,
                     void *state, bool *ret_is_over)
{
    struct scan scan = { .is_newest_first = filter->is_newest_first,
                         .visit = visit,
                         .state = state };
    enum err err;
    CHECK(visit != NULL && ret_is_over != NULL);
    scan.assembly.reader = &scan.reader;
    sealed_reader_begin(&scan.reader, sealed);
    err = scan_segment(&scan, filter);
    sealed_reader_end(&scan.reader);
    column_bytes_free(&scan.assembly.data);
    if (err == OK)
        *ret_is_over = scan.is_over;
    return err;
}

/* One row of sealed_rows; `ret_goes_on` is what the visitor says. */
static enum err row_visit(struct assembly *assembly, uint32_t row, sealed_row_visit *visit,
                          void *state, bool *ret_goes_on)
{
    struct sealed_reader *reader = assembly->reader;
    struct usage_event event;
    struct sealed_key key;
    enum err err;
    if (!is_erased(reader, row)) {
        err = assemble(assembly, row, &event);
        if (err == OK)
            *ret_goes_on = visit(state, &event, NULL);
        return err;
    }
    event = (struct usage_event){ .sequence = sequence_of(reader, row) };
    if (!read_org(reader, row, &event.org) || !read_key(reader, row, &key))
        return ERR_CORRUPT;
    *ret_goes_on = visit(state, &event, &key);
    return OK;
}

enum err sealed_rows(struct sealed *sealed, sealed_row_visit *visit, void *state)
{
    struct sealed_reader reader;
    struct assembly assembly = { .reader = &reader };
    bool goes_on = true;
    enum err err = OK;
    sealed_reader_begin(&reader, sealed);
    for (uint32_t i = 0; err == OK && goes_on && i < sealed->directory.block_count; i++) {
        const struct sealed_block *block = &sealed->directory.blocks[i];
        sealed_reader_block(&reader, block);
        err = read_block(&reader);
        for (uint32_t row = 0; err == OK && goes_on && row < block->rows; row++)
            err = row_visit(&assembly, row, visit, state, &goes_on);
    }
    sealed_reader_end(&reader);
    column_bytes_free(&assembly.data);
    return err;
}

/* ---- counting ---- */

/* Rows of the org in a block that are not erased. */
static enum err count_org(struct sealed_reader *reader, uint32_t org, uint32_t *count)
{
    const struct sealed_block *block = reader->block;
    enum err err = sealed_reader_column(reader, SEALED_ORG);
    if (err == OK && block->erased > 0)
        err = sealed_reader_column(reader, SEALED_FLAGS);
    if (err != OK)
        return err;
    if (!reader->columns[SEALED_ORG] && block->columns[SEALED_ORG].value != org)
        return OK;
    if (!reader->columns[SEALED_ORG]) {
        *count += block->rows - block->erased;
        return OK;
    }
    for (uint32_t row = 0; row < block->rows; row++)
        *count += reader->columns[SEALED_ORG]->codes[row] == org &&
                  (block->erased == 0 || !is_erased(reader, row));
    return OK;
}

static enum err count_segment(struct sealed_reader *reader, const struct usage_filter *filter,
                              uint32_t *count, uint32_t *org_count)
{
    const struct sealed_directory *directory = &reader->sealed->directory;
    text org = { (const char *)&filter->org, sizeof(filter->org) };
    struct sealed_sieve sieve;
    uint32_t org_code;
    bool may_pass;
    enum err err = sealed_reader_dictionary(reader, SEALED_ORGS);
    if (err != OK ||
        !sealed_dictionary_find(reader->dictionaries[SEALED_ORGS], org, directory->salt, &org_code))
        return err;
    err = sealed_sieve_make(reader, filter, &sieve, &may_pass);
    for (uint32_t i = 0; err == OK && i < directory->block_count; i++) {
        const uint32_t *rows;
        uint32_t passed = 0;
        sealed_reader_block(reader, &directory->blocks[i]);
        err = count_org(reader, org_code, org_count);
        if (err == OK && may_pass && sealed_sieve_may_pass(&sieve, reader->block))
            err = sealed_sieve_rows(&sieve, reader, &rows, &passed);
        *count += passed;
    }
    return err;
}

enum err sealed_count(struct sealed *sealed, const struct usage_filter *filter, uint32_t *ret_count,
                      uint32_t *ret_org_count)
{
    struct sealed_reader reader;
    uint32_t count = 0;
    uint32_t org_count = 0;
    enum err err;
    sealed_reader_begin(&reader, sealed);
    err = count_segment(&reader, filter, &count, &org_count);
    sealed_reader_end(&reader);
    if (err != OK)
        return err;
    *ret_count = count;
    *ret_org_count = org_count;
    return OK;
}
