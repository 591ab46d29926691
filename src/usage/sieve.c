#include "usage/sieve.h"

/* Sets the bits of the subjects that are known; false when none is. */
static bool sieve_subjects(struct sieve *sieve, const struct event_index *index,
                           const struct usage_filter *filter, struct arena *arena)
{
    bool is_any = false;
    sieve->has_subjects = true;
    sieve->subject_count = intern_count(index->subjects);
    sieve->subjects = ARENA_ARRAY(arena, uint8_t, sieve->subject_count / 8 + 1);
    for (size_t i = 0; i < filter->subject_count; i++) {
        uint32_t number;
        if (!intern_find(index->subjects, filter->subjects[i], &number) ||
            number >= sieve->subject_count)
            continue;
        sieve->subjects[number / 8] |= (uint8_t)(1U << (number % 8));
        is_any = true;
    }
    return is_any;
}

bool sieve_make(struct sieve *sieve, const struct event_index *index,
                const struct usage_filter *filter, struct arena *arena)
{
    CHECK(filter->subject_count == 0 || filter->subjects != NULL);
    *sieve = (struct sieve){ .from = filter->from, .to = filter->to };
    if (!intern_find(index->orgs, event_index_org(&filter->org), &sieve->org))
        return false;
    sieve->has_type = filter->type.ptr != NULL;
    if (sieve->has_type && !intern_find(index->types, filter->type, &sieve->type))
        return false;
    return filter->subject_count == 0 || sieve_subjects(sieve, index, filter, arena);
}

bool sieve_may_pass(const struct sieve *sieve, const struct index_block *block)
{
    if ((block->orgs & UINT64_C(1) << (sieve->org % 64)) == 0)
        return false;
    return !instant_before(block->time_max, sieve->from) &&
           (instant_is_none(sieve->to) || instant_before(block->time_min, sieve->to));
}
