/* seal_rows.c: sealing what is issued.
 *
 * The digests are of the columns as the store has them, so that they do not depend on how the
 * program reads them.
 */
#include "bill/seal_rows.h"

#include <xxhash.h>

#define DIGEST_LENGTH 32

struct seal_content {
    int64_t place; /* 0: the invoice, then its lines */
    struct any_id id;
    text content;
};

static const struct field content_rows[] = {
    FIELD(struct seal_content, place, INT),
    FIELD_ID(struct seal_content, id),
    FIELD(struct seal_content, content, TEXT),
};
static const struct fields content_fields =
    FIELDS("SealContent", struct seal_content, content_rows);

struct seal {
    text seal; /* digests in the order of the contents */
};

static const struct field seal_fields_rows[] = {
    FIELD(struct seal, seal, TEXT),
};
static const struct fields seal_fields = FIELDS("Seal", struct seal, seal_fields_rows);

static text digest_of(struct arena *arena, text content)
{
    XXH128_hash_t hash = XXH3_128bits(content.ptr, content.len);
    return text_format(arena, "%016llx%016llx", (unsigned long long)hash.high64,
                       (unsigned long long)hash.low64);
}

/* struct seal_content of the invoice and its lines, with the digest in place of the content. */
static enum err digests_read(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                             struct list *ret)
{
    const struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("invoice_id", id.ulid, cx->arena)),
    };
    enum err err =
        store_all(tx, SQL_INVOICE_SEAL_CONTENT, &call, STORE_AS(&content_fields, cx->arena), ret);
    struct seal_content *items = ret->items;
    for (size_t i = 0; err == OK && i < ret->count; i++)
        items[i].content = digest_of(cx->arena, items[i].content);
    return err;
}

enum err seal_rows_write(struct cx *cx, struct store_tx *tx, struct invoice_id id)
{
    CHECK(cx != NULL && tx != NULL && !ulid_is_zero(id.ulid));
    struct list digests = { 0 };
    struct buffer seal = { .arena = cx->arena };
    enum err err = digests_read(cx, tx, id, &digests);
    if (err != OK)
        return err;
    const struct seal_content *items = digests.items;
    for (size_t i = 0; i < digests.count; i++)
        buffer_add(&seal, items[i].content);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("invoice_id", id.ulid, cx->arena),
                           store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_text("seal", buffer_text(&seal))),
    };
    return store_run(tx, SQL_INVOICE_SEAL_INSERT, &call, NULL);
}

/* The digest at a place of the seal; empty behind its end. */
static text sealed_at(text seal, size_t place)
{
    size_t from = place * DIGEST_LENGTH;
    return from + DIGEST_LENGTH <= seal.len ? (text){ seal.ptr + from, DIGEST_LENGTH } : TEXT_NONE;
}

static struct list breaks_of(struct arena *arena, text seal, const struct list *digests)
{
    const struct seal_content *items = digests->items;
    struct seal_break *breaks = ARENA_ARRAY(arena, struct seal_break, digests->count + 1);
    size_t count = 0;
    if (seal.len != digests->count * DIGEST_LENGTH) {
        breaks[count++] = (struct seal_break){
            .stored = text_format(arena, "%zu rows", digests->count),
            .sealed = text_format(arena, "%zu rows", seal.len / DIGEST_LENGTH),
        };
        return (struct list){ breaks, count };
    }
    for (size_t i = 0; i < digests->count; i++) {
        text sealed = sealed_at(seal, i);
        if (text_equal(items[i].content, sealed))
            continue;
        breaks[count] = (struct seal_break){ .stored = items[i].content, .sealed = sealed };
        if (items[i].place > 0)
            breaks[count].line_id = items[i].id;
        count++;
    }
    return (struct list){ breaks, count };
}

enum err seal_rows_check(struct cx *cx, struct store_tx *tx, struct invoice_id id, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct seal seal = { TEXT_NONE };
    struct list digests = { 0 };
    const struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("invoice_id", id.ulid, cx->arena)),
    };
    enum err err =
        store_one(tx, SQL_INVOICE_SEAL_GET, &call, STORE_AS(&seal_fields, cx->arena), &seal);
    if (err == ERR_ABSENT) {
        *ret = (struct list){ 0 };
        return OK;
    }
    if (err == OK)
        err = digests_read(cx, tx, id, &digests);
    if (err == OK)
        *ret = breaks_of(cx->arena, seal.seal, &digests);
    return err;
}
