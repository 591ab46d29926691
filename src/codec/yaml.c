/* yaml.c: the events of libfyaml become a tree. */
#include "codec/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* A sequence or mapping that is open. */
struct level {
    struct yaml_node node; /* its items so far */
    size_t room;
    bool is_keyed; /* the key of the next item was read */
    text key;
    struct yaml_mark key_mark;
};

struct reader {
    struct arena *arena;
    struct yaml_faults faults;
    struct level levels[LIMIT_JSON_DEPTH + 1];
    int depth;
    size_t values;
    struct yaml_node root;
    bool has_root;
    bool is_over; /* a fault after which nothing is worth reading */
};

static void fault_add(struct reader *r, struct yaml_mark mark, text reason)
{
    struct yaml_faults *faults = &r->faults;

    ARENA_GROW(r->arena, faults);
    faults->items[faults->count++] = (struct yaml_fault){ mark, reason };
}

static void fault_last(struct reader *r, struct yaml_mark mark, text reason)
{
    fault_add(r, mark, reason);
    r->is_over = true;
}

static struct yaml_mark mark_of(const struct fy_mark *mark)
{
    if (!mark)
        return (struct yaml_mark){ 1, 1 };
    return (struct yaml_mark){ mark->line + 1, mark->column + 1 };
}

/* ---- scalars ------------------------------------------------------------------------------- */

static bool is_one_of(text t, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (text_equal(t, text_of(words[i])))
            return true;
    return false;
}

static size_t digits_at(text t, size_t from)
{
    size_t i = from;

    while (i < t.len && t.ptr[i] >= '0' && t.ptr[i] <= '9')
        i++;
    return i - from;
}

/* Whether it is a number as JSON writes them; what only YAML takes for one (+1, .5, 0x10) stays a
 * text, and is refused where a number is wanted. */
static bool is_number(text t)
{
    size_t at = t.len > 0 && t.ptr[0] == '-';
    size_t digits = digits_at(t, at);

    if (digits == 0 || (digits > 1 && t.ptr[at] == '0'))
        return false;
    at += digits;
    if (at < t.len && t.ptr[at] == '.') {
        digits = digits_at(t, at + 1);
        if (digits == 0)
            return false;
        at += digits + 1;
    }
    if (at < t.len && (t.ptr[at] == 'e' || t.ptr[at] == 'E')) {
        at++;
        if (at < t.len && (t.ptr[at] == '+' || t.ptr[at] == '-'))
            at++;
        digits = digits_at(t, at);
        if (digits == 0)
            return false;
        at += digits;
    }
    return at == t.len;
}

static struct yaml_node scalar_of(text t, bool is_plain)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const trues[] = { "true", "True", "TRUE", NULL };
    static const char *const falses[] = { "false", "False", "FALSE", NULL };

    if (!is_plain)
        return (struct yaml_node){ .kind = JSON_TEXT, .text = t };
    if (is_one_of(t, nulls))
        return (struct yaml_node){ .kind = JSON_NULL };
    if (is_one_of(t, trues) || is_one_of(t, falses))
        return (struct yaml_node){ .kind = JSON_BOOL, .boolean = is_one_of(t, trues) };
    return (struct yaml_node){ .kind = is_number(t) ? JSON_NUMBER : JSON_TEXT, .text = t };
}

/* ---- the tree ------------------------------------------------------------------------------ */

/* Takes a whole value into what is open, or as the root. */
static void value_add(struct reader *r, struct yaml_node node)
{
    struct level *level;

    if (r->depth == 0) {
        r->root = node;
        r->has_root = true;
        return;
    }
    level = &r->levels[r->depth - 1];
    if (level->node.kind == JSON_OBJECT) {
        node.key = level->key;
        node.key_mark = level->key_mark;
        if (node.kind == JSON_NULL)
            node.mark = level->key_mark;
        level->is_keyed = false;
    }
    level->node.items = arena_grow(r->arena, level->node.items, level->node.count, &level->room,
                                   sizeof *level->node.items);
    level->node.items[level->node.count++] = node;
}

static bool is_key_next(const struct reader *r)
{
    const struct level *level = r->depth > 0 ? &r->levels[r->depth - 1] : NULL;

    return level && level->node.kind == JSON_OBJECT && !level->is_keyed;
}

static bool value_count(struct reader *r, struct yaml_mark mark)
{
    if (++r->values <= LIMIT_JSON_VALUES)
        return true;
    fault_last(r, mark,
               text_format(r->arena, "more than %d values in one file", LIMIT_JSON_VALUES));
    return false;
}

static void level_open(struct reader *r, enum json_kind kind, struct yaml_mark mark)
{
    if (is_key_next(r)) {
        fault_last(r, mark, TEXT("a key has to be a text"));
        return;
    }
    if (r->depth == LIMIT_JSON_DEPTH) {
        fault_last(r, mark,
                   text_format(r->arena, "nested more than %d levels deep", LIMIT_JSON_DEPTH));
        return;
    }
    if (value_count(r, mark))
        r->levels[r->depth++] = (struct level){ .node = { .kind = kind, .mark = mark } };
}

/* A key and where it stands, to find those that stand twice. */
struct key_place {
    text key;
    size_t index;
};

static int key_order(const void *left, const void *right)
{
    const struct key_place *a = left;
    const struct key_place *b = right;
    int order = text_compare(a->key, b->key);

    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static void keys_check(struct reader *r, const struct yaml_node *node)
{
    struct key_place *keys = ARENA_ARRAY(r->arena, struct key_place, node->count);

    if (node->kind != JSON_OBJECT || node->count < 2)
        return;
    for (size_t i = 0; i < node->count; i++)
        keys[i] = (struct key_place){ node->items[i].key, i };
    qsort(keys, node->count, sizeof *keys, key_order);
    for (size_t i = 1; i < node->count; i++) {
        if (text_equal(keys[i].key, keys[i - 1].key))
            fault_add(r, node->items[keys[i].index].key_mark,
                      text_format(r->arena, "the key \"%.*s\" stands twice in one mapping",
                                  TEXT_ARG(keys[i].key)));
    }
}

static void level_close(struct reader *r)
{
    struct yaml_node node;

    CHECK(r->depth > 0);
    node = r->levels[--r->depth].node;
    keys_check(r, &node);
    value_add(r, node);
}

static void scalar_read(struct reader *r, struct fy_token *token, struct yaml_mark mark)
{
    size_t length = 0;
    const char *bytes = token ? fy_token_get_text(token, &length) : NULL;
    text t = text_copy(r->arena, (text){ bytes ? bytes : "", bytes ? length : 0 });
    bool is_plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    struct yaml_node node;

    if (is_key_next(r)) {
        struct level *level = &r->levels[r->depth - 1];

        level->key = t;
        level->key_mark = mark;
        level->is_keyed = true;
        return;
    }
    if (!value_count(r, mark))
        return;
    node = scalar_of(t, is_plain);
    node.mark = mark;
    value_add(r, node);
}

/* ---- events -------------------------------------------------------------------------------- */

/* Where the & or * of a name stands: a token has the name only. */
static struct yaml_mark name_mark(struct fy_token *token)
{
    struct yaml_mark mark = mark_of(fy_token_start_mark(token));

    mark.column -= mark.column > 1;
    return mark;
}

/* What stands before a value and is refused. */
static void marks_refuse(struct reader *r, struct fy_token *anchor, struct fy_token *tag)
{
    if (anchor)
        fault_add(r, name_mark(anchor), TEXT("anchors are not taken"));
    if (tag)
        fault_add(r, mark_of(fy_token_start_mark(tag)), TEXT("tags are not taken"));
}

/* A value that is left out has no token: it stands where its key does. */
static struct yaml_mark scalar_mark(const struct reader *r, struct fy_token *token)
{
    if (!token && r->depth > 0 && r->levels[r->depth - 1].is_keyed)
        return r->levels[r->depth - 1].key_mark;
    return mark_of(token ? fy_token_start_mark(token) : NULL);
}

static void event_read(struct reader *r, struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (r->has_root)
            fault_last(r,
                       mark_of(event->document_start.document_start
                                   ? fy_token_start_mark(event->document_start.document_start)
                                   : NULL),
                       TEXT("a second document in one file"));
        return;
    case FYET_ALIAS:
        fault_add(r, name_mark(event->alias.anchor), TEXT("aliases are not taken"));
        scalar_read(r, NULL, name_mark(event->alias.anchor));
        return;
    case FYET_SCALAR:
        marks_refuse(r, event->scalar.anchor, event->scalar.tag);
        scalar_read(r, event->scalar.value, scalar_mark(r, event->scalar.value));
        return;
    case FYET_SEQUENCE_START:
        marks_refuse(r, event->sequence_start.anchor, event->sequence_start.tag);
        level_open(r, JSON_ARRAY,
                   mark_of(fy_token_start_mark(event->sequence_start.sequence_start)));
        return;
    case FYET_MAPPING_START:
        marks_refuse(r, event->mapping_start.anchor, event->mapping_start.tag);
        level_open(r, JSON_OBJECT,
                   mark_of(fy_token_start_mark(event->mapping_start.mapping_start)));
        return;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        level_close(r);
        return;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        return;
    }
    UNREACHABLE();
}

/* libfyaml says what is wrong by itself; it is to say it to us only. */
static void diag_ignore(struct fy_diag *diag, void *user, const char *buf, size_t len)
{
    (void)diag;
    (void)user;
    (void)buf;
    (void)len;
}

static struct fy_diag *diag_new(void)
{
    struct fy_diag_cfg config;
    struct fy_diag *diag;

    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.output_fn = diag_ignore;
    config.colorize = false;
    diag = fy_diag_create(&config);
    MUST(diag != NULL);
    fy_diag_set_collect_errors(diag, true);
    return diag;
}

/* What libfyaml found wrong: the first of it, the others come of that one. */
static void syntax_fault(struct reader *r, struct fy_diag *diag)
{
    void *state = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &state);
    text reason = error && error->msg ? text_copy(r->arena, text_of(error->msg)) : TEXT_NONE;

    if (text_is_empty(reason) || !text_is_utf8(reason))
        reason = TEXT("this is not YAML");
    fault_last(r,
               error && error->line > 0 ? (struct yaml_mark){ error->line, error->column }
                                        : (struct yaml_mark){ 1, 1 },
               reason);
}

static void events_read(struct reader *r, text body)
{
    struct fy_diag *diag = diag_new();
    const struct fy_parse_cfg config = {
        .search_path = "",
        .flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE |
                 FYPCF_SLOPPY_FLOW_INDENTATION | FYPCF_ALLOW_DUPLICATE_KEYS,
        .diag = diag,
    };
    struct fy_parser *parser = fy_parser_create(&config);
    struct fy_event *event;

    MUST(parser != NULL);
    MUST(fy_parser_set_string(parser, body.ptr, body.len) == 0);
    while (!r->is_over && (event = fy_parser_parse(parser)) != NULL) {
        event_read(r, event);
        fy_parser_event_free(parser, event);
    }
    if (!r->is_over && fy_parser_get_stream_error(parser))
        syntax_fault(r, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
}

/* Where the byte at this offset stands; what is before it in its line is UTF-8. */
static struct yaml_mark mark_at(text body, size_t offset)
{
    struct yaml_mark mark = { 1, 1 };
    size_t from = 0;

    for (size_t i = 0; i < offset; i++) {
        if (body.ptr[i] != '\n')
            continue;
        mark.line++;
        from = i + 1;
    }
    mark.column = (int64_t)text_code_points((text){ body.ptr + from, offset - from }) + 1;
    return mark;
}

/* The first byte that belongs to no UTF-8; the length when there is none. */
static size_t utf8_end(text body)
{
    size_t i = 0;

    while (i < body.len) {
        unsigned char lead = (unsigned char)body.ptr[i];
        size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

        if (!text_is_utf8(text_slice(body, i, length)))
            return i;
        i += length;
    }
    return body.len;
}

/* The first control character that YAML does not have; the length when there is none. */
static size_t control_find(text body)
{
    size_t i = 0;

    while (i < body.len &&
           ((unsigned char)body.ptr[i] >= ' ' || memchr("\t\n\r", body.ptr[i], 3)) &&
           body.ptr[i] != 0x7f)
        i++;
    return i;
}

static bool body_check(struct reader *r, text body)
{
    const struct yaml_mark start = { 1, 1 };

    if (body.len > LIMIT_BODY_BYTES)
        fault_last(r, start,
                   text_format(r->arena, "the file is larger than %d bytes", LIMIT_BODY_BYTES));
    else if (!text_is_utf8(body))
        fault_last(r, mark_at(body, utf8_end(body)), TEXT("this is not UTF-8"));
    else if (control_find(body) < body.len)
        fault_last(r, mark_at(body, control_find(body)), TEXT("a control character"));
    else if (text_is_empty(text_trim(body)))
        fault_last(r, start, TEXT("the file is empty"));
    return !r->is_over;
}

static int fault_order(const void *left, const void *right)
{
    const struct yaml_mark *a = &((const struct yaml_fault *)left)->mark;
    const struct yaml_mark *b = &((const struct yaml_fault *)right)->mark;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

bool yaml_parse(struct arena *arena, text body, struct yaml_node *ret,
                struct yaml_faults *ret_faults)
{
    struct reader r = { .arena = arena };

    CHECK(arena && ret && ret_faults);
    if (body_check(&r, body))
        events_read(&r, body);
    if (r.faults.count == 0 && !r.has_root)
        fault_last(&r, (struct yaml_mark){ 1, 1 }, TEXT("the file holds no value"));
    if (r.faults.count > 0) {
        qsort(r.faults.items, r.faults.count, sizeof *r.faults.items, fault_order);
        *ret_faults = r.faults;
        return false;
    }
    *ret = r.root;
    return true;
}

void yaml_write_json(const struct yaml_node *node, struct json_writer *w)
{
    CHECK(node && w);
    switch (node->kind) {
    case JSON_NULL:
        json_null(w);
        return;
    case JSON_BOOL:
        json_bool(w, node->boolean);
        return;
    case JSON_NUMBER:
        json_raw(w, node->text);
        return;
    case JSON_TEXT:
        json_text(w, node->text);
        return;
    case JSON_ARRAY:
        json_array_begin(w);
        for (size_t i = 0; i < node->count; i++)
            yaml_write_json(&node->items[i], w);
        json_array_end(w);
        return;
    case JSON_OBJECT:
        json_object_begin(w);
        for (size_t i = 0; i < node->count; i++) {
            json_key(w, node->items[i].key);
            yaml_write_json(&node->items[i], w);
        }
        json_object_end(w);
        return;
    case JSON_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}
