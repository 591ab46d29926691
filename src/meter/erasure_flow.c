/* erasure_flow.c: retention and erasure. The store erases first and the book is written then: when
 * the second fails, the request fails, and its repetition erases nothing more and is entered. */
#include <sodium.h>

#include "identity/audit.h"
#include "identity/org.h"
#include "meter/erasure_rows.h"

/* ---- retention ---- */

instant retention_horizon(span retention, instant now)
{
    CHECK(!span_is_zero(retention) && !instant_is_none(now));
    return span_add(now, retention, -1, zone_utc());
}

enum fault retention_check(span retention)
{
    /* From any day: months have different lengths. */
    const instant day = { 0 };
    instant end = span_add(day, retention, 1, zone_utc());

    return end.ns < RETENTION_DAYS_MIN * NS_PER_DAY ? FAULT_RETENTION_TOO_SHORT : FAULT_NONE;
}

enum err retention_get(struct cx *cx, struct retention *ret)
{
    struct org org;
    enum err err = org_get(cx, &org);

    CHECK(ret != NULL);
    if (err == OK)
        *ret = (struct retention){ org.usage_retention,
                                   retention_horizon(org.usage_retention, cx->now) };
    return err;
}

enum err retention_set(struct cx *cx, const struct retention *wanted, struct retention *ret)
{
    enum fault fault = retention_check(wanted->usage_retention);
    enum err err;

    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "at least P%dD", RETENTION_DAYS_MIN);
    err = org_set_retention(cx, wanted->usage_retention);
    return err == OK ? retention_get(cx, ret) : err;
}

enum err retention_run(struct cx *cx, uint64_t *ret_events)
{
    struct retention retention;
    struct usage_erased erased;
    enum err err = retention_get(cx, &retention);

    CHECK(ret_events != NULL);
    if (err != OK)
        return err;
    const struct usage_erasure erasure = {
        .org = cx->org,
        .before = retention.keeps_from,
        .is_whole_segment = true,
    };
    err = usage_erase(cx->usage, &erasure, &erased);
    if (err == OK)
        *ret_events = erased.events;
    return err;
}

/* ---- erasure ---- */

text erasure_digest(struct org_id org, text subject, struct arena *arena)
{
    crypto_generichash_state state;
    unsigned char digest[crypto_generichash_BYTES];
    char *hex = arena_alloc(arena, 2 * sizeof digest + 1);

    CHECK(!ulid_is_zero(org.ulid) && !text_is_empty(subject));
    MUST(crypto_generichash_init(&state, NULL, 0, sizeof digest) == 0);
    MUST(crypto_generichash_update(&state, org.ulid.bytes, sizeof org.ulid.bytes) == 0);
    MUST(crypto_generichash_update(&state, (const unsigned char *)subject.ptr, subject.len) == 0);
    MUST(crypto_generichash_final(&state, digest, sizeof digest) == 0);
    (void)sodium_bin2hex(hex, 2 * sizeof digest + 1, digest, sizeof digest);
    return text_of(hex);
}

static bool count_event(void *state, const struct usage_event *event)
{
    int64_t *count = state;

    CHECK(event != NULL);
    (*count)++;
    return true;
}

/* How many events of the subjects there are. */
static enum err count_left(struct cx *cx, const struct erasure_request *request, int64_t *ret)
{
    struct usage_filter filter = USAGE_FILTER_ALL;

    filter.org = cx->org;
    filter.subjects = request->subjects.items;
    filter.subject_count = request->subjects.count;
    *ret = 0;
    return usage_scan(cx->usage, &filter, count_event, ret);
}

static enum err write_book(struct cx *cx, const struct erasure *erasure)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    text detail = text_format(cx->arena, "{\"events\":%lld}", (long long)erasure->events);
    enum err err = store_begin_write(cx->store, &tx);

    if (err == OK)
        err = erasure_insert(tx, erasure);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("erasure.create"), erasure->id.ulid, detail);
    return tx ? store_finish(&tx, err) : err;
}

enum err erasure_run(struct cx *cx, const struct erasure_request *request, struct erasure *ret)
{
    const struct usage_erasure wanted = {
        .org = cx->org,
        .subjects = request->subjects.items,
        .subject_count = request->subjects.count,
        .before = INSTANT_NONE,
    };
    struct erasure erasure = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .created_at = cx->now,
        .actor = cx->actor,
        .subject_digests = { ARENA_ARRAY(cx->arena, text, request->subjects.count),
                             request->subjects.count },
    };
    struct usage_erased erased;
    enum err err;

    CHECK(request->subjects.count > 0 && ret != NULL);
    for (size_t i = 0; i < request->subjects.count; i++)
        erasure.subject_digests.items[i] =
            erasure_digest(cx->org, request->subjects.items[i], cx->arena);
    err = usage_erase(cx->usage, &wanted, &erased);
    if (err == OK)
        err = count_left(cx, request, &erasure.events_left);
    if (err != OK)
        return err;
    erasure.events = (int64_t)erased.events;
    erasure.segments = (int64_t)erased.segments;
    err = write_book(cx, &erasure);
    if (err == OK)
        *ret = erasure;
    return err;
}

enum err erasure_list(struct cx *cx, text subject, struct page page, struct list *ret,
                      int64_t *ret_total)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct erasure_query query = { .page = page };
    enum err err = store_begin_read(cx->store, &tx);

    CHECK(ret != NULL && ret_total != NULL);
    if (!text_is_empty(subject))
        query.digest = erasure_digest(cx->org, subject, cx->arena);
    return err != OK ? err : erasure_load_page(cx, tx, &query, ret, ret_total);
}
