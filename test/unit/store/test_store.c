/* test_store.c: calls and transactions. The statements are those of identity; the field tables are
 * the test's own, so that every kind of member goes through a column. */
#include <sqlite3.h>

#include "unit/store/store_case.h"

ID_TYPE(sample);

enum colour { COLOUR_NONE = FIELD_ENUM_NONE, COLOUR_RED, COLOUR_BLUE };

static const char *const colour_words[] = { "red", "blue", NULL };

struct part {
    text name;
    dec price;
};

/* Stands in the audit table: nine columns of text. */
struct sample {
    struct sample_id id;
    struct org_id org;
    instant at;
    dec amount;
    span cadence;
    enum colour colour;
    struct text_list tags;
    struct text_map labels;
    struct list parts;
    int64_t not_stored;
};

/* The same place again, for the kinds that found no column. */
struct sample_more {
    struct sample_id id;
    struct org_id org;
    instant at;
    text name;
    text empty;
    text missing;
    dec none;
    bool has_part;
    struct part part;
    text data;
};

/* Stands in the org table, for integers. */
struct numbers {
    struct sample_id id;
    text name;
    int64_t number;
    instant at;
    text retention; /* the table's own default */
    text outbox_retention;
};

struct flags {
    struct sample_id id;
    text name;
    bool is_on;
    instant at;
    text retention;
    text outbox_retention;
};

static const struct field part_rows[] = {
    FIELD(struct part, name, TEXT),
    FIELD(struct part, price, DEC),
};
static const struct fields part_fields = FIELDS("Part", struct part, part_rows);

static const struct field sample_rows[] = {
    FIELD_ID(struct sample, id),
    FIELD_ID_AS(struct sample, org, "org_id"),
    FIELD_AS(struct sample, at, "created_at", INSTANT),
    FIELD_AS(struct sample, amount, "actor", DEC),
    FIELD_AS(struct sample, cadence, "action", SPAN),
    FIELD_WORD_AS(struct sample, colour, "entity_type", colour_words),
    FIELD_AS(struct sample, tags, "entity_id", TEXT_LIST),
    FIELD_AS(struct sample, labels, "request_id", TEXT_MAP),
    FIELD_AS(struct sample, parts, "detail", LIST, .sub = &part_fields),
    FIELD(struct sample, not_stored, INT, .flags = FIELD_NOT_COLUMN),
};
static const struct fields sample_fields = FIELDS("Sample", struct sample, sample_rows);

/* In another order than the rows above: the same statement meets both tables. */
static const struct field more_rows[] = {
    FIELD_AS(struct sample_more, data, "detail", JSON),
    FIELD_ID(struct sample_more, id),
    FIELD_ID_AS(struct sample_more, org, "org_id"),
    FIELD_AS(struct sample_more, at, "created_at", INSTANT),
    FIELD_AS(struct sample_more, name, "actor", TEXT),
    FIELD_AS(struct sample_more, empty, "action", TEXT),
    FIELD_STRUCT_AS(struct sample_more, part, "entity_type", &part_fields,
                    .set_offset = offsetof(struct sample_more, has_part)),
    FIELD_AS(struct sample_more, missing, "entity_id", TEXT),
    FIELD_AS(struct sample_more, none, "request_id", DEC),
};
static const struct fields more_fields = FIELDS("More", struct sample_more, more_rows);

static const struct field number_rows[] = {
    FIELD_ID(struct numbers, id),
    FIELD(struct numbers, name, TEXT),
    FIELD_AS(struct numbers, number, "is_default", INT),
    FIELD_AS(struct numbers, at, "created_at", INSTANT),
    FIELD_AS(struct numbers, retention, "usage_retention", TEXT),
    FIELD(struct numbers, outbox_retention, TEXT),
};
static const struct fields number_fields = FIELDS("Numbers", struct numbers, number_rows);

static const struct field flag_rows[] = {
    FIELD_ID(struct flags, id),
    FIELD(struct flags, name, TEXT),
    FIELD_AS(struct flags, is_on, "is_default", BOOL),
    FIELD_AS(struct flags, at, "created_at", INSTANT),
    FIELD_AS(struct flags, retention, "usage_retention", TEXT),
    FIELD(struct flags, outbox_retention, TEXT),
};
static const struct fields flag_fields = FIELDS("Flags", struct flags, flag_rows);

static text as_json(const struct fields *fields, const void *object, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(fields, DIALECT_V3, &w, object);
    return buffer_text(&out);
}

/* The one audit row of a thing, through any table. */
static enum err audit_first(struct store_case *self, struct store_tx *tx,
                            const struct fields *fields, void *ret)
{
    struct list list = { 0 };
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", self->org, self->arena),
                                                  store_int("limit", 1), store_int("offset", 0)) };
    enum err err = store_all(tx, SQL_AUDIT_LIST, &call, STORE_AS(fields, self->arena), &list);
    if (err == OK && list.count == 1)
        memcpy(ret, list.items, fields->size);
    return err == OK && list.count != 1 ? ERR_ABSENT : err;
}

static struct sample sample_full(struct store_case *self)
{
    static text tags[] = { TEXT_INIT("a"), TEXT_INIT("b \"quoted\"") };
    static struct text_pair labels[] = { { TEXT_INIT("env"), TEXT_INIT("prod") } };
    static struct part parts[2];
    struct sample sample = {
        .id = { ids_next(self->ids, CASE_NOW) },
        .org = { self->org },
        .at = { CASE_NOW.ns + 1 },
        .cadence = { .months = 1 },
        .colour = COLOUR_BLUE,
        .tags = { tags, COUNT_OF(tags) },
        .labels = { labels, COUNT_OF(labels) },
        .parts = { parts, COUNT_OF(parts) },
        .not_stored = 42,
    };
    MUST(dec_parse(TEXT("-12345678901234567890.10"), &sample.amount));
    parts[0] = (struct part){ TEXT("first"), dec_of_int(3) };
    parts[1] = (struct part){ TEXT("second"), DEC_INVALID };
    return sample;
}

static void test_kinds(struct store_case *self)
{
    struct sample sample = sample_full(self);
    struct sample got;
    struct store_call call = { .fields = &sample_fields, .record = &sample };
    struct store_tx *tx = case_write(self);
    text want;
    OK(store_run(tx, SQL_AUDIT_INSERT, &call, NULL) == OK, "a full record binds by name");
    OK(audit_first(self, tx, &sample_fields, &got) == OK, "and is read in the same transaction");
    OK(got.not_stored == 0, "a member that is no column is absent after reading");
    sample.not_stored = 0;
    want = as_json(&sample_fields, &sample, self->arena);
    OK(text_equal(as_json(&sample_fields, &got, self->arena), want),
       "every kind comes back as it went");
    OK(dec_equal(got.amount, sample.amount) && got.amount.scale == 2, "a decimal keeps its scale");
    store_rollback(tx);
}

static void test_kinds_more(struct store_case *self)
{
    struct sample_more more = {
        .id = { ids_next(self->ids, CASE_NOW) },
        .org = { self->org },
        .at = CASE_NOW,
        .name = TEXT("another name"),
        .empty = TEXT(""),
        .none = DEC_INVALID,
        .has_part = true,
        .part = { TEXT("inner"), dec_of_int(1) },
        .data = TEXT("{\"a\": [1, 2.50]}"),
    };
    struct sample_more got;
    struct store_call call = { .args =
                                   STORE_ARGS(store_text("actor", TEXT("Zoë \xf0\x9f\x8c\x8d"))),
                               .fields = &more_fields,
                               .record = &more };
    struct store_call list = { .args = STORE_ARGS(store_ulid("org_id", self->org, self->arena),
                                                  store_text("entity_id", TEXT_NONE)) };
    struct store_tx *tx = case_write(self);
    int64_t count = -1;
    OK(store_run(tx, SQL_AUDIT_INSERT, &call, NULL) == OK, "a record with a value beside it");
    OK(audit_first(self, tx, &more_fields, &got) == OK, "is read through its table");
    IS_TEXT(got.name, "Zoë \xf0\x9f\x8c\x8d", "the explicit value goes first");
    OK(got.empty.ptr && got.empty.len == 0, "an empty text is no absent one");
    OK(!got.missing.ptr && !dec_is_valid(got.none), "absent members come back absent");
    OK(got.has_part && text_equal(got.part.name, TEXT("inner")), "an object comes back");
    IS_TEXT(got.data, "{\"a\": [1, 2.50]}", "raw JSON comes back byte by byte");
    OK(store_number(tx, SQL_AUDIT_COUNT_OF, &list, &count) == OK && count == 0,
       "NULL is stored as NULL: it equals nothing");
    OK(audit_first(self, tx, &sample_fields, &(struct sample){ 0 }) == ERR_CORRUPT,
       "a column that is no such value is corrupt: Zoë is no decimal");
    store_rollback(tx);
}

static void test_integers(struct store_case *self)
{
    const int64_t values[] = { 0, -1, INT64_MAX, INT64_MIN };
    struct store_tx *tx = case_write(self);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct numbers in = { .id = { ids_next(self->ids, CASE_NOW) },
                              .name = TEXT("n"),
                              .number = values[i],
                              .at = CASE_NOW };
        struct numbers out = { 0 };
        struct store_call insert = { .fields = &number_fields, .record = &in };
        struct store_call get = { .args = STORE_ARGS(store_ulid("id", in.id.ulid, self->arena)) };
        MUST(store_run(tx, SQL_ORG_INSERT, &insert, NULL) == OK);
        OK(store_one(tx, SQL_ORG_GET, &get, STORE_AS(&number_fields, self->arena), &out) == OK &&
               out.number == values[i],
           "the integer %lld comes back", (long long)values[i]);
    }
    store_rollback(tx);
}

static void test_booleans(struct store_case *self)
{
    struct store_tx *tx = case_write(self);
    for (int i = 0; i < 2; i++) {
        struct flags in = { .id = { ids_next(self->ids, CASE_NOW) },
                            .name = TEXT("b"),
                            .is_on = i == 1,
                            .at = CASE_NOW };
        struct flags out = { .is_on = i == 0 };
        struct store_call insert = { .fields = &flag_fields, .record = &in };
        struct store_call get = { .args = STORE_ARGS(store_ulid("id", in.id.ulid, self->arena)) };
        MUST(store_run(tx, SQL_ORG_INSERT, &insert, NULL) == OK);
        OK(store_one(tx, SQL_ORG_GET, &get, STORE_AS(&flag_fields, self->arena), &out) == OK &&
               out.is_on == (i == 1),
           "the boolean %d comes back", i);
    }
    store_rollback(tx);
}

static void test_absent(struct store_case *self)
{
    struct store_call nobody = { .args = STORE_ARGS(store_ulid("id", ids_next(self->ids, CASE_NOW),
                                                               self->arena)) };
    struct flags out = { .is_on = true };
    struct store_tx *tx = case_write(self);
    int64_t number = 5;
    OK(store_one(tx, SQL_ORG_GET, &nobody, STORE_AS(&flag_fields, self->arena), &out) == ERR_ABSENT,
       "no row is ERR_ABSENT");
    OK(out.is_on, "and leaves the result alone");
    OK(store_number(tx, SQL_ORG_GET, &nobody, &number) == ERR_ABSENT && number == 5,
       "also for a number");
    OK(case_token_insert(self, tx, ids_next(self->ids, CASE_NOW)) == OK,
       "the transaction goes on after it");
    store_rollback(tx);
    OK(case_tokens(self) == 0, "a rollback leaves nothing");
}

static void test_conflict(struct store_case *self)
{
    ulid id = ids_next(self->ids, CASE_NOW);
    ulid stranger = ids_next(self->ids, CASE_NOW);
    ulid org = self->org;
    struct store_tx *tx = case_write(self);
    MUST(case_token_insert(self, tx, id) == OK);
    OK(case_token_insert(self, tx, id) == ERR_CONFLICT, "a key that exists is a conflict");
    OK(case_audit_insert(self, tx, id) == ERR_CONFLICT, "a failed transaction stays failed");
    OK(store_commit(tx) == ERR_CONFLICT, "and cannot be committed");
    OK(case_tokens(self) == 0, "nothing of it is there, the good statement neither");
    tx = case_write(self);
    self->org = stranger;
    OK(case_token_insert(self, tx, id) == ERR_CONFLICT, "a foreign key that leads nowhere, too");
    self->org = org;
    store_rollback(tx);
}

static void test_changed(struct store_case *self)
{
    ulid id = ids_next(self->ids, CASE_NOW);
    struct store_call revoke = { .args =
                                     STORE_ARGS(store_instant("revoked_at", CASE_NOW, self->arena),
                                                store_ulid("id", id, self->arena),
                                                store_ulid("org_id", self->org, self->arena)) };
    struct store_tx *tx = case_write(self);
    int64_t changed = -1;
    OK(store_run(tx, SQL_TOKEN_REVOKE, &revoke, &changed) == OK && changed == 0, "none changed");
    MUST(case_token_insert(self, tx, id) == OK);
    OK(store_run(tx, SQL_TOKEN_REVOKE, &revoke, &changed) == OK && changed == 1, "one changed");
    store_rollback(tx);
}

static void test_snapshot(struct store_case *self)
{
    struct store_tx *old = case_read(self);
    struct store_tx *tx = case_write(self);
    struct store_tx *during;
    struct store_tx *after;
    int64_t before = case_count(self, old, SQL_TOKEN_COUNT);
    MUST(case_token_insert(self, tx, ids_next(self->ids, CASE_NOW)) == OK);
    during = case_read(self);
    OK(case_count(self, during, SQL_TOKEN_COUNT) == before, "readers do not see what is open");
    store_rollback(during);
    OK(store_commit(tx) == OK, "a writer commits beside a reader");
    OK(case_count(self, old, SQL_TOKEN_COUNT) == before, "a reader keeps its snapshot");
    after = case_read(self);
    OK(case_count(self, after, SQL_TOKEN_COUNT) == before + 1, "a new one sees the commit");
    store_rollback(after);
    OK(store_commit(old) == OK, "a read transaction ends with a commit just as well");
}

static void test_snapshot_at_begin(struct store_case *self)
{
    struct store_tx *old = case_read(self);
    struct store_tx *tx = case_write(self);
    struct store_tx *after;
    int64_t seen;
    MUST(case_token_insert(self, tx, ids_next(self->ids, CASE_NOW)) == OK);
    MUST(store_commit(tx) == OK);
    seen = case_count(self, old, SQL_TOKEN_COUNT);
    store_rollback(old);
    after = case_read(self);
    OK(case_count(self, after, SQL_TOKEN_COUNT) == seen + 1,
       "the snapshot is of the begin, not of the first statement");
    store_rollback(after);
}

static void test_busy(struct store_case *self)
{
    struct store_tx *tx = case_write(self);
    struct store_tx *none = NULL;
    struct store_tx *readers[2];
    int64_t start = clock_monotonic_ns();
    OK(store_begin_write(self->store, &none) == ERR_BUSY, "a second writer is told to wait");
    OK(clock_monotonic_ns() - start >= 200 * 1000000LL, "after the time allowed, not before");
    readers[0] = case_read(self);
    readers[1] = case_read(self);
    OK(store_begin_read(self->store, &none) == ERR_BUSY, "no reader left is busy as well");
    OK(none == NULL, "and gives no transaction");
    store_rollback(readers[0]);
    store_rollback(readers[1]);
    store_rollback(tx);
    tx = case_write(self);
    OK(tx != NULL, "one that was given back is there again");
    store_rollback(tx);
}

static void test_cleanup(struct store_case *self)
{
    int64_t before = case_tokens(self);
    {
        struct store_tx *tx CLEANUP(store_tx_cleanup) = case_write(self);
        MUST(case_token_insert(self, tx, ids_next(self->ids, CASE_NOW)) == OK);
    }
    OK(case_tokens(self) == before, "leaving the block rolls back");
    store_rollback(case_write(self));
}

/* Texts in a column sort as the instants do. */
static void test_time_order(struct store_case *self)
{
    const int64_t offsets[] = { 0, 1, 500000000, 999999999, NS_PER_SECOND };
    struct store_arg last = { 0 };
    for (size_t i = 0; i < COUNT_OF(offsets); i++) {
        struct store_arg arg =
            store_instant("at", (instant){ CASE_NOW.ns + offsets[i] }, self->arena);
        instant back = INSTANT_NONE;
        OK(arg.text.len == 30 && instant_parse(arg.text, &back) &&
               back.ns == CASE_NOW.ns + offsets[i],
           "%.*s is nine digits and parses", TEXT_ARG(arg.text));
        OK(i == 0 || text_compare(last.text, arg.text) < 0, "and sorts behind the one before");
        last = arg;
    }
    OK(store_instant("at", INSTANT_NONE, self->arena).kind == STORE_NULL, "no instant is NULL");
    OK(store_ulid("id", (ulid){ { 0 } }, self->arena).kind == STORE_NULL, "no id is NULL");
    OK(store_text("name", TEXT("")).kind == STORE_TEXT, "an empty text is a text");
}

static void write_while_reading(void *state)
{
    struct store_case *self = state;
    struct store_tx *tx = case_read(self);
    (void)case_token_insert(self, tx, self->org);
}

static void argument_missing(void *state)
{
    struct store_case *self = state;
    int64_t count;
    (void)store_number(case_read(self), SQL_TOKEN_COUNT, NULL, &count);
}

static void column_unknown(void *state)
{
    struct store_case *self = state;
    struct list list;
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", self->org, self->arena),
                                                  store_int("limit", 1), store_int("offset", 0)) };
    (void)store_all(case_read(self), SQL_AUDIT_LIST, &call, STORE_AS(&flag_fields, self->arena),
                    &list);
}

static void null_refused(void *state)
{
    struct store_case *self = state;
    struct flags in = { .id = { self->org }, .at = CASE_NOW };
    struct store_call call = { .fields = &flag_fields, .record = &in };
    (void)store_run(case_write(self), SQL_ORG_INSERT, &call, NULL);
}

static void test_bugs(struct store_case *self)
{
    OK(case_stops(write_while_reading, self), "writing in a read transaction is a bug");
    OK(case_stops(argument_missing, self), "an argument without a value is a bug");
    OK(case_stops(column_unknown, self), "a column without a member is a bug");
    OK(case_stops(null_refused, self), "NULL where the schema has NOT NULL is a bug");
}

int main(void)
{
    struct store_case self;
    case_open(&self);
    test_kinds(&self);
    test_kinds_more(&self);
    test_integers(&self);
    test_booleans(&self);
    test_absent(&self);
    test_conflict(&self);
    test_changed(&self);
    test_snapshot(&self);
    test_snapshot_at_begin(&self);
    test_busy(&self);
    test_cleanup(&self);
    test_time_order(&self);
    test_bugs(&self);
    case_close(&self);
    return tap_end();
}
