/* json_parse.c: from the list of tokens to the tree.
 *
 * A plain recursive descent over the tokens that simdjson found (json_simdjson.h). Finished values
 * wait on a stack until their array or object ends; then they are copied in a row into the arena.
 */
#include "base/limits.h"
#include "codec/json.h"
#include "codec/json_inside.h"
#include "codec/json_simdjson.h"

/* Below this many members, comparing each with each beats sorting. */
#define PAIRWISE_MAX 12

/* Values the stack has room for at first. */
#define STACK_ROOM_FIRST 64

struct parse {
    struct arena *arena;
    text body; /* our copy */
    const uint32_t *starts;
    size_t token_count;
    size_t next;        /* the token to be read */
    struct json *stack; /* finished values whose container is still open */
    size_t stack_count;
    size_t stack_room;
    size_t value_count; /* in the whole document */
    struct json_fault fault;
};

static bool parse_value(struct parse *p, text key, int depth);

static bool refuse(struct parse *p, enum fault fault, size_t offset, const char *message)
{
    CHECK(fault != FAULT_NONE && offset <= p->body.len);
    p->fault = (struct json_fault){ fault, offset, text_of(message) };
    return false;
}

static bool refuse_syntax(struct parse *p, size_t offset, const char *message)
{
    return refuse(p, FAULT_JSON_SYNTAX, offset, message);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The byte at which the next token starts; the end of the body when there is none. */
static size_t next_offset(const struct parse *p)
{
    return p->next < p->token_count ? p->starts[p->next] : p->body.len;
}

/* The first byte of the next token; 0, which starts none, at the end of the body. */
static char next_byte(const struct parse *p)
{
    return p->next < p->token_count ? p->body.ptr[p->starts[p->next]] : '\0';
}

/* The next token with the white space behind it cut off. Anything that touches a scalar without
 * being one of ,:[]{} or white space is part of it, and is caught by the check of its form. */
static text token_take(struct parse *p)
{
    size_t from = next_offset(p);
    size_t to;

    CHECK(p->next < p->token_count);
    p->next++;
    to = next_offset(p);
    while (to > from && is_space(p->body.ptr[to - 1]))
        to--;
    return text_slice(p->body, from, to - from);
}

static void stack_grow(struct parse *p)
{
    p->stack_room = p->stack_room ? 2 * p->stack_room : STACK_ROOM_FIRST;
    p->stack = reallocarray(p->stack, p->stack_room, sizeof *p->stack);
    MUST(p->stack);
}

static void push(struct parse *p, const struct json *value)
{
    if (p->stack_count == p->stack_room)
        stack_grow(p);
    p->stack[p->stack_count++] = *value;
}

/* Decodes a string token, quotes included. Without escapes the result is a part of the body. */
static bool string_read(struct parse *p, text token, text *ret)
{
    size_t offset = (size_t)(token.ptr - p->body.ptr);
    const char *inside = token.ptr + 1;
    char *decoded;
    char *end;

    CHECK(token.len > 0 && token.ptr[0] == '"');
    if (token.len < 2 || token.ptr[token.len - 1] != '"')
        return refuse_syntax(p, offset, "something follows a string without a comma or colon");
    if (!memchr(inside, '\\', token.len - 2)) {
        *ret = (text){ inside, token.len - 2 };
        return true;
    }
    decoded = arena_alloc(p->arena, token.len + JSON_PADDING);
    end = json_index_unescape(inside, decoded);
    if (!end)
        return refuse_syntax(p, offset, "a string has an escape that JSON does not know");
    CHECK((size_t)(end - decoded) <= token.len);
    *ret = (text){ decoded, (size_t)(end - decoded) };
    /* Half of a surrogate pair can be written with \u, but stands for no character; not all
     * versions of simdjson refuse it. */
    if (!text_is_utf8(*ret))
        return refuse_syntax(p, offset, "a string has half of a surrogate pair");
    return true;
}

static bool parse_string(struct parse *p, text key)
{
    struct json value = { .kind = JSON_TEXT, .key = key, .raw = token_take(p) };

    if (!string_read(p, value.raw, &value.text))
        return false;
    push(p, &value);
    return true;
}

static bool parse_literal(struct parse *p, text key)
{
    text token = token_take(p);
    struct json value = { .key = key, .raw = token };

    if (text_equal(token, TEXT("null")))
        value.kind = JSON_NULL;
    else if (text_equal(token, TEXT("true")) || text_equal(token, TEXT("false")))
        value.kind = JSON_BOOL;
    else if (json_number_is_valid(token))
        value.kind = JSON_NUMBER;
    else
        return refuse_syntax(p, (size_t)(token.ptr - p->body.ptr),
                             "neither a string, a number, true, false nor null");
    value.boolean = value.kind == JSON_BOOL && token.ptr[0] == 't';
    if (value.kind == JSON_NUMBER)
        value.text = token;
    push(p, &value);
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct json *const *left = a;
    const struct json *const *right = b;

    return text_compare((*left)->key, (*right)->key);
}

/* A member whose key also stands elsewhere in the object; NULL when there is none. Sorting bounds
 * the time for large objects whatever their keys are. */
static const struct json *duplicate_find(const struct json *items, size_t count)
{
    const struct json *found = NULL;
    const struct json **sorted;

    if (count <= PAIRWISE_MAX) {
        for (size_t i = 1; i < count; i++)
            for (size_t j = 0; j < i; j++)
                if (text_equal(items[i].key, items[j].key))
                    return &items[i];
        return NULL;
    }
    CHECK(count <= LIMIT_JSON_MEMBERS);
    sorted = reallocarray(NULL, count, sizeof(const struct json *));
    MUST(sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &items[i];
    qsort(sorted, count, sizeof(const struct json *), compare_keys);
    for (size_t i = 1; i < count && !found; i++)
        if (text_equal(sorted[i - 1]->key, sorted[i]->key))
            found = sorted[i - 1] > sorted[i] ? sorted[i - 1] : sorted[i];
    free(sorted);
    return found;
}

static bool refuse_duplicate(struct parse *p, const struct json *member)
{
    text shown = member->key;
    const size_t shown_max = 64;

    refuse(p, FAULT_JSON_DUPLICATE_KEY, (size_t)(member->raw.ptr - p->body.ptr), "");
    if (shown.len > shown_max) {
        shown.len = shown_max;
        while (shown.len > 0 && ((unsigned char)shown.ptr[shown.len] & 0xc0) == 0x80)
            shown.len--;
    }
    p->fault.message =
        text_format(p->arena, "the key \"%.*s\" stands twice in one object", TEXT_ARG(shown));
    return false;
}

/* Closes the array or object that began at byte `from`: what was pushed since the stack had
 * `base` values becomes its items. */
static bool close_container(struct parse *p, struct json *value, size_t from, size_t base)
{
    const struct json *duplicate;

    CHECK(base <= p->stack_count && p->next > 0);
    value->count = p->stack_count - base;
    value->items = arena_copy(p->arena, p->stack + base, value->count * sizeof *p->stack);
    value->raw = text_slice(p->body, from, p->starts[p->next - 1] + 1 - from);
    p->stack_count = base;
    if (value->kind == JSON_OBJECT) {
        duplicate = duplicate_find(value->items, value->count);
        if (duplicate)
            return refuse_duplicate(p, duplicate);
    }
    push(p, value);
    return true;
}

static bool parse_array(struct parse *p, text key, int depth)
{
    struct json value = { .kind = JSON_ARRAY, .key = key };
    size_t from = next_offset(p);
    size_t base = p->stack_count;

    if (depth >= LIMIT_JSON_DEPTH)
        return refuse(p, FAULT_JSON_TOO_DEEP, from, "arrays and objects are nested too deeply");
    p->next++;
    if (next_byte(p) == ']') {
        p->next++;
        return close_container(p, &value, from, base);
    }
    for (;;) {
        char c;

        if (!parse_value(p, (text){ 0 }, depth + 1))
            return false;
        c = next_byte(p);
        if (c != ',' && c != ']')
            return refuse_syntax(p, next_offset(p), "a comma or ] is expected here");
        p->next++;
        if (c == ']')
            return close_container(p, &value, from, base);
    }
}

/* A key, its colon and its value. */
static bool parse_member(struct parse *p, int depth)
{
    text key;

    if (next_byte(p) != '"')
        return refuse_syntax(p, next_offset(p), "a key in double quotes is expected here");
    if (!string_read(p, token_take(p), &key))
        return false;
    if (next_byte(p) != ':')
        return refuse_syntax(p, next_offset(p), "a colon is expected here");
    p->next++;
    return parse_value(p, key, depth + 1);
}

static bool parse_object(struct parse *p, text key, int depth)
{
    struct json value = { .kind = JSON_OBJECT, .key = key };
    size_t from = next_offset(p);
    size_t base = p->stack_count;

    if (depth >= LIMIT_JSON_DEPTH)
        return refuse(p, FAULT_JSON_TOO_DEEP, from, "arrays and objects are nested too deeply");
    p->next++;
    if (next_byte(p) == '}') {
        p->next++;
        return close_container(p, &value, from, base);
    }
    for (;;) {
        char c;

        if (p->stack_count - base >= LIMIT_JSON_MEMBERS)
            return refuse(p, FAULT_JSON_TOO_LARGE, from, "an object has too many members");
        if (!parse_member(p, depth))
            return false;
        c = next_byte(p);
        if (c != ',' && c != '}')
            return refuse_syntax(p, next_offset(p), "a comma or } is expected here");
        p->next++;
        if (c == '}')
            return close_container(p, &value, from, base);
    }
}

/* Reads one value and pushes it; `depth` containers are open around it. */
static bool parse_value(struct parse *p, text key, int depth)
{
    char c = next_byte(p);

    CHECK(depth <= LIMIT_JSON_DEPTH);
    if (p->value_count >= LIMIT_JSON_VALUES)
        return refuse(p, FAULT_JSON_TOO_LARGE, next_offset(p), "the body holds too many values");
    p->value_count++;
    if (c == '{')
        return parse_object(p, key, depth);
    if (c == '[')
        return parse_array(p, key, depth);
    if (c == '"')
        return parse_string(p, key);
    if (p->next >= p->token_count)
        return refuse_syntax(p, p->body.len, "the body ends where a value is expected");
    if (c == ',' || c == ':' || c == ']' || c == '}')
        return refuse_syntax(p, next_offset(p), "a value is expected here");
    return parse_literal(p, key);
}

/* The first byte that is not part of well-formed UTF-8. */
static size_t utf8_fault_offset(text t)
{
    size_t at = 0;

    while (at < t.len) {
        unsigned char c = (unsigned char)t.ptr[at];
        size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

        if (!text_is_utf8(text_slice(t, at, len)))
            return at;
        at += len;
    }
    return t.len;
}

static bool index_body(struct parse *p)
{
    struct json_index index = { 0 };

    switch (json_index_make(p->body.ptr, p->body.len, &index)) {
    case JSON_INDEX_MADE:
        p->starts = index.starts;
        p->token_count = index.count;
        CHECK(index.count > 0 && index.starts[index.count - 1] < p->body.len);
        return true;
    case JSON_INDEX_EMPTY:
        return refuse_syntax(p, 0, "the body is empty");
    case JSON_INDEX_UTF8:
        return refuse_syntax(p, utf8_fault_offset(p->body), "the body is not UTF-8");
    case JSON_INDEX_CONTROL:
        return refuse_syntax(p, 0, "a string has a control character that is not escaped");
    case JSON_INDEX_UNCLOSED:
        return refuse_syntax(p, p->body.len, "a string does not end");
    case JSON_INDEX_NO_MEMORY:
        break;
    }
    UNREACHABLE();
}

static bool parse_document(struct parse *p)
{
    if (!index_body(p) || !parse_value(p, (text){ 0 }, 0))
        return false;
    if (p->next != p->token_count)
        return refuse_syntax(p, next_offset(p), "something follows the end of the JSON document");
    CHECK(p->stack_count == 1);
    return true;
}

bool json_parse(struct arena *arena, text body, struct json *ret, struct json_fault *ret_fault)
{
    struct parse p = { .arena = arena };
    char *copy;
    bool is_valid;

    CHECK(arena && ret && ret_fault);
    if (body.len > LIMIT_BODY_BYTES) {
        *ret_fault = (struct json_fault){ FAULT_JSON_TOO_LARGE, 0, TEXT("the body is too large") };
        return false;
    }
    copy = arena_alloc(arena, body.len + JSON_PADDING);
    if (body.len)
        memcpy(copy, body.ptr, body.len);
    p.body = (text){ copy, body.len };
    stack_grow(&p);
    is_valid = parse_document(&p);
    if (is_valid)
        *ret = p.stack[0];
    else
        *ret_fault = p.fault;
    free(p.stack);
    json_index_release();
    return is_valid;
}
