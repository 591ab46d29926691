/* price_list_schema.c: the JSON schema of a price list, from its tables. */
#include "catalog/price_list.h"

/* Tables whose schemas are printed. */
#define TABLES_MAX 64

struct schemas {
    const struct fields *tables[TABLES_MAX];
    size_t count;
};

/* Every table below, each name once. */
static void schemas_add(struct schemas *s, const struct fields *table)
{
    for (size_t i = 0; i < s->count; i++)
        if (text_equal(text_of(s->tables[i]->name), text_of(table->name)))
            return;
    CHECK(s->count < TABLES_MAX);
    s->tables[s->count++] = table;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->rows[i];

        if (row->sub && !(row->flags & (FIELD_NOT_JSON | FIELD_NOT_V3 | FIELD_READ_ONLY)))
            schemas_add(s, row->sub);
    }
}

static void reference(struct json_writer *w, const struct fields *table)
{
    text name = fields_schema_name(table, true, w->out->arena);

    json_object_begin(w);
    json_member_text(w, "$ref", text_format(w->out->arena, "#/$defs/%.*s", TEXT_ARG(name)));
    json_object_end(w);
}

/* Schemas refer to each other as an OpenAPI document has them; here they stand elsewhere. */
static text moved(text schema, struct arena *arena)
{
    static const text from = TEXT_INIT("#/components/schemas/");
    struct buffer out = { .arena = arena };
    size_t start = 0;

    for (size_t i = 0; i + from.len <= schema.len; i++) {
        if (!text_equal(text_slice(schema, i, from.len), from))
            continue;
        buffer_add(&out, text_slice(schema, start, i - start));
        buffer_add_cstr(&out, "#/$defs/");
        start = i + from.len;
    }
    buffer_add(&out, text_slice(schema, start, schema.len));
    return buffer_text(&out);
}

static void definition(struct json_writer *w, const struct fields *table)
{
    struct buffer out = { .arena = w->out->arena };
    struct json_writer inner = json_writer_of(&out);

    fields_schema(table, DIALECT_V3, true, &inner);
    json_key(w, fields_schema_name(table, true, w->out->arena));
    json_raw(w, moved(buffer_text(&out), w->out->arena));
}

static void sections(struct json_writer *w, const struct price_list_tables *tables)
{
    json_key(w, TEXT("properties"));
    json_object_begin(w);
    for (int i = 0; i < SECTION_COUNT; i++) {
        json_key(w, text_of(price_list_section_words[i]));
        json_object_begin(w);
        json_member_text(w, "type", TEXT("array"));
        json_key(w, TEXT("items"));
        reference(w, tables->sections[i]);
        json_object_end(w);
    }
    json_key(w, TEXT("tax_defaults"));
    reference(w, tables->defaults);
    json_object_end(w);
}

void price_list_schema(struct json_writer *w)
{
    CHECK(w != NULL && w->out->arena != NULL);
    const struct price_list_tables tables = price_list_tables(false, w->out->arena);
    struct schemas schemas = { .count = 0 };

    for (int i = 0; i < SECTION_COUNT; i++)
        schemas_add(&schemas, tables.sections[i]);
    schemas_add(&schemas, tables.defaults);
    json_object_begin(w);
    json_member_text(w, "$schema", TEXT("https://json-schema.org/draft/2020-12/schema"));
    json_member_text(w, "title", TEXT("A Tollgate catalog"));
    json_member_text(w, "type", TEXT("object"));
    sections(w, &tables);
    json_key(w, TEXT("additionalProperties"));
    json_bool(w, false);
    json_key(w, TEXT("$defs"));
    json_object_begin(w);
    for (size_t i = 0; i < schemas.count; i++)
        definition(w, schemas.tables[i]);
    json_object_end(w);
    json_object_end(w);
}
