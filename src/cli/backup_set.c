/* backup_set.c: the manifest of a backup. */
#include "cli/backup_set.h"

static bool read_number(const struct json *object, const char *name, uint64_t *ret)
{
    const struct json *member = json_member(object, text_of(name));
    int64_t n;

    if (!member || member->kind != JSON_NUMBER || !text_to_int(member->text, &n) || n < 0)
        return false;
    *ret = (uint64_t)n;
    return true;
}

static text read_text(const struct json *object, const char *name)
{
    const struct json *member = json_member(object, text_of(name));

    return member && member->kind == JSON_TEXT ? member->text : TEXT("");
}

bool backup_name_is_valid(text name)
{
    text rest = name;

    if (text_starts_with(name, TEXT("usage/")))
        rest = text_slice(name, 6, name.len);
    else if (!text_starts_with(name, TEXT("state.db")))
        return false;
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_plain && c != '-' && c != '_' && !(c == '.' && i > 0))
            return false;
    }
    return rest.len > 0 && name.len <= 100;
}

static bool read_part(const struct json *object, struct backup_part *ret)
{
    const struct json *is_immutable = json_member(object, TEXT("is_immutable"));

    *ret = (struct backup_part){
        .name = read_text(object, "name"),
        .stored = read_text(object, "stored"),
        .mark = read_text(object, "mark"),
        .digest = read_text(object, "digest"),
        .is_immutable = is_immutable && is_immutable->kind == JSON_BOOL && is_immutable->boolean,
    };
    return read_number(object, "size", &ret->size) && backup_name_is_valid(ret->name) &&
           (text_is_empty(ret->stored) || backup_name_is_valid(ret->stored));
}

bool backup_set_read(struct arena *arena, text json, struct backup_set *ret)
{
    const struct json *files;
    struct json_fault fault;
    struct backup_set set;
    struct json object;

    if (!json_parse(arena, json, &object, &fault))
        return false;
    files = json_member(&object, TEXT("files"));
    if (!files || files->kind != JSON_ARRAY)
        return false;
    set = (struct backup_set){
        .id = read_text(&object, "id"),
        .origin = read_text(&object, "origin"),
        .created_at = read_text(&object, "created_at"),
        .parts = ARENA_ARRAY(arena, struct backup_part, files->count),
        .count = files->count,
    };
    for (size_t i = 0; i < files->count; i++)
        if (!read_part(&files->items[i], &set.parts[i]))
            return false;
    if (!read_number(&object, "sequence", &set.sequence) || set.id.len != 26)
        return false;
    *ret = set;
    return true;
}

static void print_part(struct json_writer *w, const struct backup_part *part)
{
    json_object_begin(w);
    json_member_text(w, "name", part->name);
    json_member_text(w, "stored", part->stored);
    json_key(w, TEXT("size"));
    json_int(w, (int64_t)part->size);
    json_member_text(w, "digest", part->digest);
    if (part->is_immutable) {
        json_key(w, TEXT("is_immutable"));
        json_bool(w, true);
        json_member_text(w, "mark", part->mark);
    }
    json_object_end(w);
}

text backup_set_print(struct arena *arena, const struct backup_set *set)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    json_object_begin(&w);
    json_member_text(&w, "id", set->id);
    json_member_text(&w, "origin", set->origin);
    json_member_text(&w, "created_at", set->created_at);
    json_key(&w, TEXT("sequence"));
    json_int(&w, (int64_t)set->sequence);
    json_member_text(&w, "digests", TEXT("BLAKE2b-256"));
    json_key(&w, TEXT("files"));
    json_array_begin(&w);
    for (size_t i = 0; i < set->count; i++)
        print_part(&w, &set->parts[i]);
    json_array_end(&w);
    json_object_end(&w);
    buffer_add_char(&out, '\n');
    return buffer_text(&out);
}

const struct backup_part *backup_set_find(const struct backup_set *set, text name)
{
    for (size_t i = 0; i < set->count; i++)
        if (text_equal(set->parts[i].name, name))
            return &set->parts[i];
    return NULL;
}

void backup_hash_begin(struct backup_hash *hash)
{
    MUST(crypto_generichash_init(&hash->state, NULL, 0, BACKUP_HASH_BYTES) == 0);
}

void backup_hash_add(struct backup_hash *hash, text piece)
{
    MUST(crypto_generichash_update(&hash->state, (const unsigned char *)piece.ptr, piece.len) == 0);
}

text backup_hash_end(struct backup_hash *hash, struct arena *arena)
{
    unsigned char digest[BACKUP_HASH_BYTES];
    char *printed = arena_alloc(arena, BACKUP_HASH_TEXT);

    MUST(crypto_generichash_final(&hash->state, digest, sizeof digest) == 0);
    sodium_bin2hex(printed, BACKUP_HASH_TEXT, digest, sizeof digest);
    return text_of(printed);
}
