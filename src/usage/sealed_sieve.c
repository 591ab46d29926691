#include "usage/sealed_sieve.h"

/* Rows of the segment within the bounds by sequence; false when there are none. */
static bool bound_rows(const struct usage_filter *filter, const struct sealed_directory *directory,
                       struct sealed_sieve *sieve)
{
    uint64_t first = directory->first_sequence;
    uint64_t last = first + directory->rows - 1;
    uint64_t from = filter->sequence_after < first ? first : filter->sequence_after + 1;
    uint64_t to = filter->sequence_max != 0 && filter->sequence_max < last ? filter->sequence_max
                                                                           : last;
    if (filter->sequence_after >= last || from > to)
        return false;
    sieve->row_from = (uint32_t)(from - first);
    sieve->row_to = (uint32_t)(to - first) + 1;
    return true;
}

/* The number of a text of the filter; false in `ret_is_known` when the segment does not have it. */
static enum err code_find(struct sealed_reader *reader, enum sealed_dictionary dictionary, text t,
                          uint32_t *ret, bool *ret_is_known)
{
    enum err err = sealed_reader_dictionary(reader, dictionary);
    if (err != OK)
        return err;
    *ret_is_known = sealed_dictionary_find(reader->dictionaries[dictionary], t,
                                           reader->sealed->directory.salt, ret);
    return OK;
}

static enum err find_subjects(struct sealed_reader *reader, const struct usage_filter *filter,
                              struct sealed_sieve *sieve)
{
    uint8_t *passes = NULL;
    enum err err = sealed_reader_dictionary(reader, SEALED_SUBJECTS);
    if (err != OK)
        return err;
    struct sealed_item *known = reader->dictionaries[SEALED_SUBJECTS];
    for (size_t i = 0; i < filter->subject_count; i++) {
        uint32_t number;
        if (!sealed_dictionary_find(known, filter->subjects[i], reader->sealed->directory.salt,
                                    &number))
            continue;
        if (!sieve->has_subject) {
            sieve->has_subject = true;
            sieve->subject = number;
            continue;
        }
        if (!passes)
            passes = ARENA_ARRAY(reader->arena, uint8_t, known->count);
        passes[number] = 1;
    }
    if (passes)
        passes[sieve->subject] = 1;
    sieve->subjects = passes;
    return OK;
}

/* Whether a subject passes, by its number. */
static bool subject_passes(const struct sealed_sieve *sieve, uint64_t number)
{
    if (sieve->subjects)
        return sieve->subjects[number] != 0;
    return !sieve->has_subject || sieve->subject == number;
}

static bool time_may_pass(const struct sealed_sieve *sieve, instant min, instant max)
{
    return !instant_before(max, sieve->from) &&
           (instant_is_none(sieve->to) || instant_before(min, sieve->to));
}

enum err sealed_sieve_make(struct sealed_reader *reader, const struct usage_filter *filter,
                           struct sealed_sieve *ret, bool *ret_may_pass)
{
    const struct sealed_summary *summary = &reader->sealed->summary;
    text org = { (const char *)&filter->org, sizeof(filter->org) };
    enum err err;
    CHECK(filter->subject_count == 0 || filter->subjects != NULL);
    *ret = (struct sealed_sieve){ .from = filter->from,
                                  .to = filter->to,
                                  .has_type = filter->type.ptr != NULL };
    *ret_may_pass = false;
    if (summary->erased == summary->rows || !bound_rows(filter, &reader->sealed->directory, ret) ||
        !time_may_pass(ret, summary->time_min, summary->time_max))
        return OK;
    err = code_find(reader, SEALED_ORGS, org, &ret->org, ret_may_pass);
    if (err == OK && *ret_may_pass && ret->has_type)
        err = code_find(reader, SEALED_TYPES, filter->type, &ret->type, ret_may_pass);
    if (err == OK && *ret_may_pass && filter->subject_count > 0) {
        err = find_subjects(reader, filter, ret);
        *ret_may_pass = ret->has_subject;
    }
    return err;
}

bool sealed_sieve_may_pass(const struct sealed_sieve *sieve, const struct sealed_block *block)
{
    const struct sealed_ref *columns = block->columns;
    if (block->first_row >= sieve->row_to || block->first_row + block->rows <= sieve->row_from ||
        block->erased == block->rows || !time_may_pass(sieve, block->time_min, block->time_max))
        return false;
    if (columns[SEALED_ORG].length == 0 && columns[SEALED_ORG].value != sieve->org)
        return false;
    if (sieve->has_type && columns[SEALED_TYPE].length == 0 &&
        columns[SEALED_TYPE].value != sieve->type)
        return false;
    return columns[SEALED_SUBJECT].length > 0 ||
           subject_passes(sieve, columns[SEALED_SUBJECT].value);
}

/* Rows on their way through the sieve. */
struct flow {
    const uint32_t *rows;
    uint32_t *to; /* where those that are kept go; may be what `rows` is */
    uint32_t count;
};

static void keep_code(struct flow *flow, const uint32_t *codes, uint32_t code)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < flow->count; i++) {
        uint32_t row = flow->rows[i];
        flow->to[kept] = row;
        kept += codes[row] == code;
    }
    flow->rows = flow->to;
    flow->count = kept;
}

static void keep_whole(struct flow *flow, const uint32_t *flags)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < flow->count; i++) {
        uint32_t row = flow->rows[i];
        flow->to[kept] = row;
        kept += (flags[row] & SEALED_FLAG_ERASED) == 0;
    }
    flow->rows = flow->to;
    flow->count = kept;
}

static void keep_marked(struct flow *flow, const uint32_t *codes, const uint8_t *marks)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < flow->count; i++) {
        uint32_t row = flow->rows[i];
        flow->to[kept] = row;
        kept += marks[codes[row]];
    }
    flow->rows = flow->to;
    flow->count = kept;
}

static void keep_between(struct flow *flow, const int64_t *times, int64_t from, int64_t to)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < flow->count; i++) {
        uint32_t row = flow->rows[i];
        flow->to[kept] = row;
        kept += (times[row] >= from) & (times[row] < to);
    }
    flow->rows = flow->to;
    flow->count = kept;
}

/* The times of all rows of the block pass. */
static bool time_passes(const struct sealed_sieve *sieve, const struct sealed_block *block)
{
    return !instant_before(block->time_min, sieve->from) &&
           (instant_is_none(sieve->to) || instant_before(block->time_max, sieve->to));
}

/* Reads a column of codes; NULL in `ret` when all rows have the same. */
static enum err codes_of(struct sealed_reader *reader, enum sealed_column column,
                         const uint32_t **ret)
{
    enum err err = sealed_reader_column(reader, column);
    if (err == OK)
        *ret = reader->columns[column] ? reader->columns[column]->codes : NULL;
    return err;
}

/* By org, type, and whether they are there at all. */
static enum err keep_kind(const struct sealed_sieve *sieve, struct sealed_reader *reader,
                          struct flow *flow)
{
    const uint32_t *codes = NULL;
    enum err err = codes_of(reader, SEALED_ORG, &codes);
    if (err == OK && codes)
        keep_code(flow, codes, sieve->org);
    if (err == OK && sieve->has_type) {
        err = codes_of(reader, SEALED_TYPE, &codes);
        if (err == OK && codes)
            keep_code(flow, codes, sieve->type);
    }
    if (err == OK && reader->block->erased > 0) {
        err = codes_of(reader, SEALED_FLAGS, &codes);
        if (err == OK && codes)
            keep_whole(flow, codes);
    }
    return err;
}

static enum err keep_subjects(const struct sealed_sieve *sieve, struct sealed_reader *reader,
                              struct flow *flow)
{
    const uint32_t *codes = NULL;
    enum err err = OK;
    if (!sieve->has_subject)
        return OK;
    err = codes_of(reader, SEALED_SUBJECT, &codes);
    if (err != OK || !codes)
        return err;
    if (sieve->subjects)
        keep_marked(flow, codes, sieve->subjects);
    else
        keep_code(flow, codes, sieve->subject);
    return OK;
}

enum err sealed_sieve_rows(struct sealed_sieve *sieve, struct sealed_reader *reader,
                           const uint32_t **ret_rows, uint32_t *ret_count)
{
    const struct sealed_block *block = reader->block;
    if (sieve->scratch_rows < block->rows) {
        sieve->scratch = ARENA_ARRAY(reader->arena, uint32_t, block->rows);
        sieve->scratch_rows = block->rows;
    }
    uint32_t end = block->first_row + block->rows;
    uint32_t from = sieve->row_from > block->first_row ? sieve->row_from - block->first_row : 0;
    uint32_t to = (sieve->row_to < end ? sieve->row_to : end) - block->first_row;
    struct flow flow = { sealed_identity() + from, sieve->scratch, to - from };
    enum err err;
    CHECK(from < to && to <= block->rows);
    err = keep_kind(sieve, reader, &flow);
    if (err == OK && !time_passes(sieve, block)) {
        err = sealed_reader_column(reader, SEALED_TIME);
        if (err == OK)
            keep_between(&flow, reader->columns[SEALED_TIME]->numbers, sieve->from.ns,
                         instant_is_none(sieve->to) ? INT64_MAX : sieve->to.ns);
    }
    if (err == OK)
        err = keep_subjects(sieve, reader, &flow);
    if (err != OK)
        return err;
    *ret_rows = flow.rows;
    *ret_count = flow.count;
    return OK;
}
