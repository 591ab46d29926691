/* log.c: one line per event, in one write. */
#include "base/log.h"

#include <unistd.h>

#define LOG_LINE_BYTES_MAX (16 * 1024)

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

/* Escapes what would break a line or a JSON string. */
static void add_escaped(struct buffer *b, text t)
{
    for (size_t i = 0; i < t.len; i++) {
        char c = t.ptr[i];

        if (c == '"' || c == '\\')
            buffer_format(b, "\\%c", c);
        else if ((unsigned char)c < 0x20 || c == 0x7f)
            buffer_format(b, "\\u%04x", (unsigned)(unsigned char)c);
        else
            buffer_add_char(b, c);
    }
}

static bool needs_quotes(text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.ptr[i] <= ' ' || t.ptr[i] == '"' || t.ptr[i] == '=')
            return true;
    return t.len == 0;
}

static void add_field(struct buffer *b, const struct log_field *field)
{
    bool is_json = log_format == LOG_FORMAT_JSON;
    bool is_quoted = !field->is_number && (is_json || needs_quotes(field->text));

    buffer_format(b, is_json ? ",\"%s\":" : " %s=", field->key);
    if (field->is_number) {
        buffer_add_int(b, field->number);
        return;
    }
    if (is_quoted)
        buffer_add_char(b, '"');
    add_escaped(b, field->text);
    if (is_quoted)
        buffer_add_char(b, '"');
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    struct arena *arena CLEANUP(arena_cleanup) = NULL;
    struct buffer b = { .max = LOG_LINE_BYTES_MAX };
    char now[INSTANT_TEXT_MAX];

    CHECK(level < LOG_LEVEL_COUNT);
    if (level < log_lowest)
        return;
    arena = arena_new();
    b.arena = arena;
    instant_print(instant_floor(clock_now(clock_system()), 1000000), now);
    if (log_format == LOG_FORMAT_JSON)
        buffer_format(&b, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"", now,
                      level_words[level], event);
    else
        buffer_format(&b, "%s %s %s", now, level_tags[level], event);
    for (; fields->key; fields++)
        add_field(&b, fields);
    /* A line cut at the limit must still end as a line. */
    b.max = 0;
    b.is_over = false;
    buffer_add_cstr(&b, log_format == LOG_FORMAT_JSON ? "}\n" : "\n");
    if (write(log_fd, b.ptr, b.len) < 0)
        return; /* nowhere left to complain */
}
