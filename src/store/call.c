/* call.c: one statement: bind, step, read. */
#include "store/connection.h"

_Noreturn static void statement_bug(enum sql statement, const char *what, const char *detail)
{
    char sentence[512];
    snprintf(sentence, sizeof(sentence), "statement %s: %s %s", sql_statement_of(statement)->name,
             what, detail);
    base_bug(sentence, __FILE__, __LINE__);
}

/* ---- arguments --------------------------------------------------------------------------- */

struct store_arg store_text(const char *name, text value)
{
    CHECK(name != NULL);
    return (struct store_arg){ .name = name,
                               .kind = value.ptr ? STORE_TEXT : STORE_NULL,
                               .text = value };
}

struct store_arg store_int(const char *name, int64_t value)
{
    CHECK(name != NULL);
    return (struct store_arg){ .name = name, .kind = STORE_INT, .number = value };
}

struct store_arg store_ulid(const char *name, ulid value, struct arena *arena)
{
    return store_text(name, ulid_is_zero(value) ? TEXT_NONE : ulid_text(arena, value));
}

static text instant_column(struct arena *arena, instant value)
{
    char printed[STORE_INSTANT_MAX];
    return text_copy(arena, store_instant_print(value, printed));
}

struct store_arg store_instant(const char *name, instant value, struct arena *arena)
{
    return store_text(name, instant_is_none(value) ? TEXT_NONE : instant_column(arena, value));
}

static const struct store_arg *explicit_find(const struct store_call *call, const char *name)
{
    if (!call || !call->args)
        return NULL;
    for (const struct store_arg *arg = call->args; arg->name; arg++)
        if (strcmp(arg->name, name) == 0)
            return arg;
    return NULL;
}

/* The table's row for a column; -1 when it has none. */
static int16_t row_find(const struct fields *fields, const char *name)
{
    CHECK(fields->count < INT16_MAX);
    for (size_t i = 0; i < fields->count; i++)
        if (!(fields->rows[i].flags & FIELD_NOT_COLUMN) && strcmp(fields->rows[i].name, name) == 0)
            return (int16_t)i;
    return -1;
}

static int text_bind(sqlite3_stmt *stmt, int slot, text value)
{
    if (!value.ptr)
        return sqlite3_bind_null(stmt, slot);
    return sqlite3_bind_text64(stmt, slot, value.ptr, value.len, SQLITE_STATIC, SQLITE_UTF8);
}

static int member_bind(sqlite3_stmt *stmt, int slot, const struct field *row, const void *record,
                       struct arena *scratch)
{
    const char *member = (const char *)record + row->offset;
    if (row->kind == FIELD_BOOL)
        return sqlite3_bind_int64(stmt, slot, *(const bool *)member);
    if (row->kind == FIELD_INT)
        return sqlite3_bind_int64(stmt, slot, *(const int64_t *)(const void *)member);
    if (field_is_absent(row, record))
        return sqlite3_bind_null(stmt, slot);
    if (row->kind == FIELD_INSTANT)
        return text_bind(stmt, slot,
                         instant_column(scratch, *(const instant *)(const void *)member));
    return text_bind(stmt, slot, field_to_text(row, record, scratch));
}

static int explicit_bind(sqlite3_stmt *stmt, int slot, const struct store_arg *arg)
{
    switch (arg->kind) {
    case STORE_NULL:
        return sqlite3_bind_null(stmt, slot);
    case STORE_TEXT:
        return text_bind(stmt, slot, arg->text);
    case STORE_INT:
        return sqlite3_bind_int64(stmt, slot, arg->number);
    }
    UNREACHABLE();
}

static void args_bind(struct store_tx *tx, enum sql statement, struct prepared *prepared,
                      const struct store_call *call)
{
    const struct sql_statement *named = sql_statement_of(statement);
    const struct fields *fields = call ? call->fields : NULL;
    CHECK((fields == NULL) == (!call || call->record == NULL));
    if (fields && prepared->args_of != fields) {
        for (int i = 0; i < named->arg_count; i++)
            prepared->arg_rows[i] = row_find(fields, named->args[i]);
        prepared->args_of = fields;
    }
    for (int i = 0; i < named->arg_count; i++) {
        const struct store_arg *arg = explicit_find(call, named->args[i]);
        int slot = prepared->arg_slots[i];
        int code;
        if (arg)
            code = explicit_bind(prepared->stmt, slot, arg);
        else if (fields && prepared->arg_rows[i] >= 0)
            code = member_bind(prepared->stmt, slot, &fields->rows[prepared->arg_rows[i]],
                               call->record, tx->connection->scratch);
        else
            statement_bug(statement, "no value for argument", named->args[i]);
        if (code != SQLITE_OK)
            statement_bug(statement, "cannot bind", named->args[i]);
    }
}

/* ---- the call ---------------------------------------------------------------------------- */

/* Gets the statement ready to be stepped. */
static enum err call_start(struct store_tx *tx, enum sql statement, const struct store_call *call,
                           struct prepared **ret)
{
    enum err err;
    CHECK(tx != NULL && tx->is_taken);
    if (tx->failed != OK)
        return tx->failed;
    err = connection_statement(tx->connection, statement, ret);
    if (err != OK) {
        tx->failed = err;
        return err;
    }
    if (!tx->connection->is_writer && !sqlite3_stmt_readonly((*ret)->stmt))
        statement_bug(statement, "writes in a read transaction", "");
    args_bind(tx, statement, *ret, call);
    return OK;
}

/* A unique or foreign key rule meets what others wrote: a conflict. The other rules of the schema
 * say what our own code has to keep. */
static void constraint_check(struct store_tx *tx, enum sql statement, int code)
{
    if (code == SQLITE_CONSTRAINT_NOTNULL || code == SQLITE_CONSTRAINT_CHECK ||
        code == SQLITE_CONSTRAINT_DATATYPE)
        statement_bug(statement, "", sqlite3_errmsg(tx->connection->db));
}

/* Puts the statement back and remembers a failure. ERR_ABSENT is none. */
static enum err call_end(struct store_tx *tx, struct prepared *prepared, enum err err)
{
    sqlite3_reset(prepared->stmt);
    arena_reset(tx->connection->scratch);
    if (err != OK && err != ERR_ABSENT)
        tx->failed = err;
    return err;
}

enum err store_run(struct store_tx *tx, enum sql statement, const struct store_call *call,
                   int64_t *ret_changed)
{
    struct prepared *prepared;
    enum err err = call_start(tx, statement, call, &prepared);
    int code;
    int64_t changed;
    if (err != OK)
        return err;
    code = sqlite3_step(prepared->stmt);
    if (code == SQLITE_ROW)
        statement_bug(statement, "has results, but store_run reads none", "");
    constraint_check(tx, statement, code);
    changed = sqlite3_changes64(tx->connection->db);
    err = call_end(tx, prepared, sqlite_err(code));
    if (err == OK && ret_changed)
        *ret_changed = changed;
    return err;
}

/* ---- results ----------------------------------------------------------------------------- */

static void columns_find(enum sql statement, struct prepared *prepared, const struct fields *fields)
{
    int count = sqlite3_column_count(prepared->stmt);
    CHECK(fields != NULL && count > 0);
    if (prepared->columns_of == fields)
        return;
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(prepared->stmt, i);
        prepared->column_rows[i] = row_find(fields, name);
        if (prepared->column_rows[i] < 0)
            statement_bug(statement, fields->name, "has no row for a column of the result");
    }
    prepared->blank = realloc(prepared->blank, fields->size);
    MUST(prepared->blank != NULL);
    memset(prepared->blank, 0, fields->size);
    fields_set_absent(fields, prepared->blank);
    prepared->columns_of = fields;
}

/* The column's text, in place until the next step; ptr is never NULL. */
static text column_text(sqlite3_stmt *stmt, int column)
{
    const unsigned char *bytes = sqlite3_column_text(stmt, column);
    size_t size = (size_t)sqlite3_column_bytes(stmt, column);
    return (text){ bytes ? (const char *)bytes : "", size };
}

/* What is read from a member's text keeps none of it: texts are copied then and there, but the
 * texts in JSON stay where they were parsed. */
static bool is_text_kept(const struct field *row)
{
    return row->kind == FIELD_JSON || row->kind == FIELD_TEXT_MAP || row->kind == FIELD_TEXT_LIST ||
           row->kind == FIELD_OBJECT || row->kind == FIELD_LIST;
}

static bool member_read(sqlite3_stmt *stmt, int column, const struct field *row,
                        struct arena *arena, void *record)
{
    char *member = (char *)record + row->offset;
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL) {
        field_set_absent(row, record);
        return true;
    }
    if (row->kind == FIELD_BOOL)
        *(bool *)member = sqlite3_column_int64(stmt, column) != 0;
    else if (row->kind == FIELD_INT)
        *(int64_t *)(void *)member = sqlite3_column_int64(stmt, column);
    else {
        text value = column_text(stmt, column);
        return field_from_text(row, is_text_kept(row) ? text_copy(arena, value) : value, arena,
                               record);
    }
    return true;
}

/* Reads the row that the statement stands on. */
static enum err record_read(struct prepared *prepared, const struct fields *fields,
                            struct arena *arena, void *record)
{
    int count = sqlite3_column_count(prepared->stmt);
    memcpy(record, prepared->blank, fields->size);
    for (int i = 0; i < count; i++)
        if (!member_read(prepared->stmt, i, &fields->rows[prepared->column_rows[i]], arena, record))
            return ERR_CORRUPT;
    return OK;
}

enum err store_one(struct store_tx *tx, enum sql statement, const struct store_call *call,
                   struct store_as as, void *ret)
{
    struct prepared *prepared;
    void *record;
    enum err err = call_start(tx, statement, call, &prepared);
    int code;
    CHECK(as.fields != NULL && as.arena != NULL && ret != NULL);
    if (err != OK)
        return err;
    columns_find(statement, prepared, as.fields);
    code = sqlite3_step(prepared->stmt);
    constraint_check(tx, statement, code);
    if (code != SQLITE_ROW)
        return call_end(tx, prepared, code == SQLITE_DONE ? ERR_ABSENT : sqlite_err(code));
    record = arena_alloc(as.arena, as.fields->size);
    err = call_end(tx, prepared, record_read(prepared, as.fields, as.arena, record));
    if (err == OK)
        memcpy(ret, record, as.fields->size);
    return err;
}

/* Room for one more at the end of a list that has `*room`; the new place is zeroed. */
static void *list_grow(struct list *list, size_t *room, size_t size, struct arena *arena)
{
    list->items = arena_grow(arena, list->items, list->count, room, size);
    return (char *)list->items + list->count++ * size;
}

enum err store_all(struct store_tx *tx, enum sql statement, const struct store_call *call,
                   struct store_as as, struct list *ret)
{
    struct prepared *prepared;
    struct list list = { 0 };
    size_t room = 0;
    enum err err = call_start(tx, statement, call, &prepared);
    int code = SQLITE_DONE;
    CHECK(as.fields != NULL && as.arena != NULL && ret != NULL);
    if (err != OK)
        return err;
    columns_find(statement, prepared, as.fields);
    while (err == OK && (code = sqlite3_step(prepared->stmt)) == SQLITE_ROW)
        err = record_read(prepared, as.fields, as.arena,
                          list_grow(&list, &room, as.fields->size, as.arena));
    constraint_check(tx, statement, code);
    err = call_end(tx, prepared, err != OK ? err : sqlite_err(code));
    if (err == OK)
        *ret = list;
    return err;
}

enum err store_number(struct store_tx *tx, enum sql statement, const struct store_call *call,
                      int64_t *ret)
{
    struct prepared *prepared;
    enum err err = call_start(tx, statement, call, &prepared);
    int code;
    int64_t number = 0;
    CHECK(ret != NULL);
    if (err != OK)
        return err;
    CHECK(sqlite3_column_count(prepared->stmt) >= 1);
    code = sqlite3_step(prepared->stmt);
    constraint_check(tx, statement, code);
    err = sqlite_err(code);
    if (code == SQLITE_DONE ||
        (code == SQLITE_ROW && sqlite3_column_type(prepared->stmt, 0) == SQLITE_NULL))
        err = ERR_ABSENT;
    else if (code == SQLITE_ROW)
        number = sqlite3_column_int64(prepared->stmt, 0);
    err = call_end(tx, prepared, err);
    if (err == OK)
        *ret = number;
    return err;
}
