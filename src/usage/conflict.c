/* conflict.c: the ring of conflicts in memory. */
#include "usage/conflict_inside.h"

#include "usage/record.h"

#include <xxhash.h>

struct conflicts *conflicts_new(void)
{
    struct conflicts *conflicts = calloc(1, sizeof(*conflicts));
    MUST(conflicts != NULL);
    MUST(pthread_mutex_init(&conflicts->saving, NULL) == 0);
    MUST(pthread_mutex_init(&conflicts->lock, NULL) == 0);
    return conflicts;
}

void conflicts_free(struct conflicts *conflicts)
{
    if (!conflicts)
        return;
    for (size_t i = 0; i < LIMIT_CONFLICTS_KEPT; i++)
        free(conflicts->ring[i].bytes);
    MUST(pthread_mutex_destroy(&conflicts->lock) == 0);
    MUST(pthread_mutex_destroy(&conflicts->saving) == 0);
    free(conflicts);
}

/* Lengths go in as well, so that no two sets of texts run together alike. */
static struct usage_version version_of(const struct usage_event *event)
{
    const text texts[] = { event->type, event->subject, event->data_schema, event->data };
    struct usage_version version = { event->time, event->ingested_at, 0, { 0 } };
    XXH3_state_t *state = XXH3_createState();
    XXH128_canonical_t digest;
    MUST(state != NULL && XXH3_128bits_reset(state) == XXH_OK);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        uint64_t len = texts[i].len;
        MUST(XXH3_128bits_update(state, &len, sizeof(len)) == XXH_OK);
        MUST(XXH3_128bits_update(state, texts[i].ptr, texts[i].len) == XXH_OK);
    }
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(state));
    (void)XXH3_freeState(state);
    for (size_t i = 0; i < sizeof(digest.digest); i++) {
        version.digest[2 * i] = "0123456789abcdef"[digest.digest[i] >> 4];
        version.digest[2 * i + 1] = "0123456789abcdef"[digest.digest[i] & 15];
    }
    version.sequence = event->sequence;
    return version;
}

static text text_move(char **to, text t)
{
    text moved = { *to, t.len };
    if (t.len > 0)
        memcpy(*to, t.ptr, t.len);
    *to += t.len;
    return moved;
}

void conflicts_keep(struct conflicts *conflicts, const struct usage_conflict *conflict)
{
    struct kept kept = { *conflict, malloc(conflict->source.len + conflict->id.len + 1) };
    char *to = kept.bytes;
    char *old;
    MUST(kept.bytes != NULL);
    kept.conflict.source = text_move(&to, conflict->source);
    kept.conflict.id = text_move(&to, conflict->id);
    MUST(pthread_mutex_lock(&conflicts->lock) == 0);
    old = conflicts->ring[conflicts->count % LIMIT_CONFLICTS_KEPT].bytes;
    conflicts->ring[conflicts->count % LIMIT_CONFLICTS_KEPT] = kept;
    conflicts->count++;
    conflicts->is_changed = true;
    MUST(pthread_mutex_unlock(&conflicts->lock) == 0);
    free(old);
}

void conflicts_add(struct conflicts *conflicts, const struct usage_event *first,
                   const struct usage_event *second)
{
    const struct usage_conflict conflict = {
        .org = second->org,
        .source = second->source,
        .id = second->id,
        .first = version_of(first),
        .second = version_of(second),
    };
    CHECK(text_equal(first->id, second->id) && text_equal(first->source, second->source));
    conflicts_keep(conflicts, &conflict);
}

bool conflicts_find(struct conflicts *conflicts, const unsigned char *first,
                    const unsigned char *second)
{
    struct usage_event events[2];
    if (!record_is_conflict(first, second))
        return false;
    record_read(first, &events[0]);
    record_read(second, &events[1]);
    conflicts_add(conflicts, &events[0], &events[1]);
    return true;
}

size_t conflicts_list(struct conflicts *conflicts, struct org_id org, struct arena *arena,
                      struct usage_conflict **ret)
{
    struct usage_conflict *found = ARENA_ARRAY(arena, struct usage_conflict, LIMIT_CONFLICTS_KEPT);
    size_t count = 0;
    MUST(pthread_mutex_lock(&conflicts->lock) == 0);
    for (size_t i = 1; i <= LIMIT_CONFLICTS_KEPT && i <= conflicts->count; i++) {
        const struct kept *kept = &conflicts->ring[(conflicts->count - i) % LIMIT_CONFLICTS_KEPT];
        if (!kept->bytes || !ulid_equal(kept->conflict.org.ulid, org.ulid))
            continue;
        found[count] = kept->conflict;
        found[count].source = text_copy(arena, kept->conflict.source);
        found[count].id = text_copy(arena, kept->conflict.id);
        count++;
    }
    MUST(pthread_mutex_unlock(&conflicts->lock) == 0);
    *ret = found;
    return count;
}

static bool is_among(uint64_t sequence, const uint64_t *sequences, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sequences[i] == sequence)
            return true;
    return sequence == 0;
}

void conflicts_forget(struct conflicts *conflicts, struct org_id org, const uint64_t *sequences,
                      size_t count)
{
    MUST(pthread_mutex_lock(&conflicts->lock) == 0);
    for (size_t i = 0; i < LIMIT_CONFLICTS_KEPT; i++) {
        struct kept *kept = &conflicts->ring[i];
        if (!kept->bytes || !ulid_equal(kept->conflict.org.ulid, org.ulid) ||
            !is_among(kept->conflict.first.sequence, sequences, count))
            continue;
        free(kept->bytes);
        *kept = (struct kept){ .bytes = NULL };
        conflicts->is_changed = true;
    }
    MUST(pthread_mutex_unlock(&conflicts->lock) == 0);
}
