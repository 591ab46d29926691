/* log.c: one line per event, in one write. */
#include "base/log.h"

#include <limits.h>
#include <unistd.h>

/* Up to PIPE_BUF a write to a pipe is one piece (POSIX), and never mixed with another. */
#define LOG_LINE_BYTES_MAX PIPE_BUF
/* Kept free for the end of a line that is cut: a quote, the word that says so, the line feed. */
#define LOG_END_BYTES 16

static int log_fd = 2;
static enum log_format log_format = LOG_FORMAT_TEXT;
static enum log_level log_lowest = LOG_INFO;

static const char *const level_words[LOG_LEVEL_COUNT] = { "debug", "info", "warn", "error" };
static const char *const level_tags[LOG_LEVEL_COUNT] = { "DEBUG", "INFO ", "WARN ", "ERROR" };

void log_open(int fd, enum log_format format, enum log_level level)
{
    CHECK(fd >= 0 && level < LOG_LEVEL_COUNT);
    log_fd = fd;
    log_format = format;
    log_lowest = level;
}

/* Adds what ends a text or a line, also when the line is full: LOG_END_BYTES are kept for it. */
static void add_end(struct buffer *b, const char *end)
{
    bool was_over = b->is_over;
    size_t max = b->max;

    b->is_over = false;
    b->max = 0;
    buffer_add_cstr(b, end);
    b->max = max;
    b->is_over = was_over || b->len > max;
}

/* The bytes of the character at the start of `t`; 0 when it is not well-formed. */
static size_t character_bytes(text t)
{
    for (size_t len = 1; len <= 4 && len <= t.len; len++)
        if (text_is_utf8(text_slice(t, 0, len)))
            return len;
    return 0;
}

/* Escapes what would break a line or a JSON string; bytes that are no UTF-8 become U+FFFD. Each
 * character goes in whole or, when the line is full, not at all. */
static void add_escaped(struct buffer *b, text t)
{
    while (t.len > 0 && !b->is_over) {
        size_t len = character_bytes(t);
        char c = t.ptr[0];

        if (len == 0)
            buffer_add_cstr(b, "\\ufffd");
        else if (c == '"' || c == '\\')
            buffer_format(b, "\\%c", c);
        else if ((unsigned char)c < 0x20 || c == 0x7f)
            buffer_format(b, "\\u%04x", (unsigned)(unsigned char)c);
        else
            buffer_add(b, text_slice(t, 0, len));
        t = text_slice(t, len ? len : 1, t.len);
    }
}

static bool needs_quotes(text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.ptr[i] <= ' ' || strchr("\"=\\\x7f", t.ptr[i]))
            return true;
    return t.len == 0 || !text_is_utf8(t);
}

/* A field that finds no room is left out, a text that finds too little is cut. */
static void add_field(struct buffer *b, const struct log_field *field)
{
    bool is_json = log_format == LOG_FORMAT_JSON;
    bool is_quoted = !field->is_number && (is_json || needs_quotes(field->text));
    size_t start = b->len;

    buffer_format(b, is_json ? ",\"%s\":" : " %s=", field->key);
    if (field->is_number)
        buffer_add_int(b, field->number);
    if (is_quoted)
        buffer_add_char(b, '"');
    if (b->is_over) {
        b->len = start;
        return;
    }
    if (!field->is_number)
        add_escaped(b, field->text);
    if (is_quoted)
        add_end(b, "\"");
}

/* The time of the machine to the millisecond, always of the same length. */
static void add_time(struct buffer *b)
{
    instant now = clock_now(clock_system());
    instant second = instant_floor(now, NS_PER_SECOND);
    char printed[INSTANT_TEXT_MAX];
    size_t len = instant_print(second, printed);

    CHECK(printed[len - 1] == 'Z');
    buffer_format(b, "%.*s.%03dZ", (int)len - 1, printed, (int)((now.ns - second.ns) / 1000000));
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    struct arena *arena CLEANUP(arena_cleanup) = NULL;
    struct buffer b = { .max = LOG_LINE_BYTES_MAX - LOG_END_BYTES };
    bool is_json = log_format == LOG_FORMAT_JSON;

    CHECK(level < LOG_LEVEL_COUNT);
    if (level < log_lowest)
        return;
    arena = arena_new();
    b.arena = arena;
    buffer_add_cstr(&b, is_json ? "{\"time\":\"" : "");
    add_time(&b);
    if (is_json)
        buffer_format(&b, "\",\"level\":\"%s\",\"event\":\"%s\"", level_words[level], event);
    else
        buffer_format(&b, " %s %s", level_tags[level], event);
    for (; fields->key && !b.is_over; fields++)
        add_field(&b, fields);
    if (b.is_over)
        add_end(&b, is_json ? ",\"cut\":true" : " cut=true");
    add_end(&b, is_json ? "}\n" : "\n");
    CHECK(b.len <= LOG_LINE_BYTES_MAX);
    if (write(log_fd, b.ptr, b.len) < 0)
        return; /* nowhere left to complain */
}
