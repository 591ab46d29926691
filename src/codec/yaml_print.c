/* yaml_print.c: a JSON value as YAML that people read and change. */
#include "codec/yaml.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Words that some reader of YAML, if not ours, takes for something else than a text. */
static bool is_reserved(text t)
{
    static const char *const words[] = { "null", "true", "false", "yes", "no",
                                         "on",   "off",  "y",     "n",   NULL };

    for (size_t i = 0; words[i]; i++)
        if (text_equal_nocase(t, text_of(words[i])))
            return true;
    return false;
}

/* Whether it can stand without quotes: a letter first, then letters, digits and what means nothing
 * to YAML. */
static bool is_plain(text t)
{
    if (t.len == 0 || !is_letter(t.ptr[0]) || t.ptr[t.len - 1] == ' ' || is_reserved(t))
        return false;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.ptr[i];

        if (!is_letter(c) && !(c >= '0' && c <= '9') && !memchr("_-./+() ", c, 8))
            return false;
    }
    return true;
}

static void print_text(struct buffer *out, text t)
{
    struct json_writer w = json_writer_of(out);

    if (is_plain(t))
        buffer_add(out, t);
    else
        json_text(&w, t);
}

static void indent(struct buffer *out, int depth)
{
    for (int i = 0; i < depth; i++)
        buffer_add_cstr(out, "  ");
}

static bool is_scalar(const struct json *value)
{
    return (value->kind != JSON_ARRAY && value->kind != JSON_OBJECT) || value->count == 0;
}

static void print_scalar(struct buffer *out, const struct json *value)
{
    if (value->kind == JSON_TEXT)
        print_text(out, value->text);
    else if (value->kind == JSON_ARRAY)
        buffer_add_cstr(out, "[]");
    else if (value->kind == JSON_OBJECT)
        buffer_add_cstr(out, "{}");
    else
        buffer_add(out, value->raw);
}

static void print_members(struct buffer *out, const struct json *value, int depth, bool is_inline);

/* A list of scalars stands in one line. */
static bool is_flat(const struct json *value)
{
    for (size_t i = 0; i < value->count; i++)
        if (!is_scalar(&value->items[i]))
            return false;
    return value->kind == JSON_ARRAY;
}

static void print_flat(struct buffer *out, const struct json *value)
{
    struct json_writer w = json_writer_of(out);

    json_array_begin(&w);
    for (size_t i = 0; i < value->count; i++) {
        buffer_add_cstr(out, i > 0 ? ", " : "");
        print_scalar(out, &value->items[i]);
    }
    json_array_end(&w);
}

static void print_items(struct buffer *out, const struct json *value, int depth)
{
    for (size_t i = 0; i < value->count; i++) {
        const struct json *item = &value->items[i];

        indent(out, depth);
        buffer_add_cstr(out, "- ");
        if (is_scalar(item))
            print_scalar(out, item);
        else if (is_flat(item))
            print_flat(out, item);
        else if (item->kind == JSON_OBJECT) {
            print_members(out, item, depth + 1, true);
            continue;
        } else {
            buffer_add_cstr(out, "\n");
            print_items(out, item, depth + 1);
            continue;
        }
        buffer_add_cstr(out, "\n");
    }
}

/* `is_inline`: the first stands where the line is already. */
static void print_members(struct buffer *out, const struct json *value, int depth, bool is_inline)
{
    for (size_t i = 0; i < value->count; i++) {
        const struct json *item = &value->items[i];

        indent(out, i == 0 && is_inline ? 0 : depth);
        print_text(out, item->key);
        buffer_add_cstr(out, ":");
        if (is_scalar(item) || is_flat(item)) {
            buffer_add_cstr(out, " ");
            if (is_scalar(item))
                print_scalar(out, item);
            else
                print_flat(out, item);
            buffer_add_cstr(out, "\n");
            continue;
        }
        buffer_add_cstr(out, "\n");
        if (item->kind == JSON_OBJECT)
            print_members(out, item, depth + 1, false);
        else
            print_items(out, item, depth + 1);
    }
}

void yaml_print(const struct json *value, struct buffer *out)
{
    CHECK(value && out);
    if (is_scalar(value) || is_flat(value)) {
        if (is_scalar(value))
            print_scalar(out, value);
        else
            print_flat(out, value);
        buffer_add_cstr(out, "\n");
    } else if (value->kind == JSON_OBJECT) {
        print_members(out, value, 0, false);
    } else {
        print_items(out, value, 0);
    }
}
