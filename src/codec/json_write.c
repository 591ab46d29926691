/* json_write.c: printing JSON. */
#include "codec/json.h"

/* One bit of has_items per level; level 0 is the document itself. */
enum { WRITER_DEPTH_MAX = 63 };

struct json_writer json_writer_of(struct buffer *out)
{
    CHECK(out && out->arena);
    return (struct json_writer){ .out = out };
}

/* Puts the comma that is due before a value or key of this level. */
static void item_begin(struct json_writer *w)
{
    uint64_t bit = 1ULL << w->depth;

    if (w->after_key) {
        w->after_key = false;
        return;
    }
    CHECK(w->depth > 0 || !(w->has_items & bit));
    if (w->has_items & bit)
        buffer_add_char(w->out, ',');
    w->has_items |= bit;
}

static void container_begin(struct json_writer *w, char bracket)
{
    item_begin(w);
    CHECK(w->depth < WRITER_DEPTH_MAX);
    buffer_add_char(w->out, bracket);
    w->depth++;
    w->has_items &= ~(1ULL << w->depth);
}

static void container_end(struct json_writer *w, char bracket)
{
    CHECK(w->depth > 0 && !w->after_key);
    buffer_add_char(w->out, bracket);
    w->depth--;
}

void json_object_begin(struct json_writer *w)
{
    container_begin(w, '{');
}

void json_object_end(struct json_writer *w)
{
    container_end(w, '}');
}

void json_array_begin(struct json_writer *w)
{
    container_begin(w, '[');
}

void json_array_end(struct json_writer *w)
{
    container_end(w, ']');
}

static void escape_byte(struct buffer *out, unsigned char c)
{
    static const char names[] = "\bb\tt\nn\ff\rr\"\"\\\\";
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i + 1 < sizeof names; i += 2)
        if ((unsigned char)names[i] == c) {
            buffer_add(out, (text){ (const char[]){ '\\', names[i + 1] }, 2 });
            return;
        }
    buffer_add(out,
               (text){ (const char[]){ '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] }, 6 });
}

static bool needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* How many bytes at the start stand for themselves whatever follows: printable ASCII without the
 * quote and the backslash. Nearly all that is printed is that. */
static size_t plain_length(text value)
{
    size_t i = 0;

    while (i < value.len && (unsigned char)value.ptr[i] < 0x80 && !needs_escape(value.ptr[i]))
        i++;
    return i;
}

/* Adds bytes that are not UTF-8: what is well formed as it is, each other byte as U+FFFD. */
static void add_repaired(struct buffer *out, text part)
{
    size_t at = 0;

    while (at < part.len) {
        unsigned char c = (unsigned char)part.ptr[at];
        size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        text one = text_slice(part, at, len);

        if (text_is_utf8(one)) {
            buffer_add(out, one);
            at += one.len;
        } else {
            buffer_add(out, TEXT("\xef\xbf\xbd"));
            at++;
        }
    }
}

/* Adds a string's bytes from the first that plain_length stops at. */
static void add_rest(struct buffer *out, text value)
{
    bool is_sound = text_is_utf8(value);
    size_t from = 0;

    for (size_t i = 0; i <= value.len; i++) {
        text part;

        if (i < value.len && !needs_escape(value.ptr[i]))
            continue;
        part = text_slice(value, from, i - from);
        if (is_sound)
            buffer_add(out, part);
        else
            add_repaired(out, part);
        if (i < value.len)
            escape_byte(out, (unsigned char)value.ptr[i]);
        from = i + 1;
    }
}

static void add_string(struct json_writer *w, text value)
{
    size_t plain = plain_length(value);

    if (plain == value.len) {
        char *room = buffer_add_room(w->out, value.len + 2);
        if (!room)
            return;
        room[0] = '"';
        if (value.len > 0)
            memcpy(room + 1, value.ptr, value.len);
        room[value.len + 1] = '"';
        return;
    }
    buffer_add_char(w->out, '"');
    buffer_add(w->out, text_slice(value, 0, plain));
    add_rest(w->out, text_slice(value, plain, value.len - plain));
    buffer_add_char(w->out, '"');
}

void json_key(struct json_writer *w, text key)
{
    CHECK(w->depth > 0 && !w->after_key);
    item_begin(w);
    add_string(w, key);
    buffer_add_char(w->out, ':');
    w->after_key = true;
}

void json_text(struct json_writer *w, text value)
{
    item_begin(w);
    add_string(w, value);
}

void json_raw(struct json_writer *w, text value)
{
    CHECK(!text_is_empty(value));
    item_begin(w);
    buffer_add(w->out, value);
}

void json_int(struct json_writer *w, int64_t value)
{
    item_begin(w);
    buffer_add_int(w->out, value);
}

void json_bool(struct json_writer *w, bool value)
{
    json_raw(w, value ? TEXT("true") : TEXT("false"));
}

void json_null(struct json_writer *w)
{
    json_raw(w, TEXT("null"));
}

void json_dec_text(struct json_writer *w, dec value)
{
    char digits[DEC_TEXT_MAX];

    json_text(w, (text){ digits, dec_print(value, digits) });
}

void json_dec_number(struct json_writer *w, dec value)
{
    char digits[DEC_TEXT_MAX];

    json_raw(w, (text){ digits, dec_print(value, digits) });
}

void json_instant(struct json_writer *w, instant value)
{
    char printed[INSTANT_TEXT_MAX];

    if (instant_is_none(value))
        json_null(w);
    else
        json_text(w, (text){ printed, instant_print(value, printed) });
}

void json_member_text(struct json_writer *w, const char *key, text value)
{
    json_key(w, text_of(key));
    json_text(w, value);
}
