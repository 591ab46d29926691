/* The log: its two forms, what is escaped, what is cut, and one write a line. */
#include "base/log.h"

#include <limits.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/tap.h"

static int lines[2]; /* a socket that keeps the borders between writes */

static void open_log(enum log_format format, enum log_level level)
{
    log_open(lines[1], format, level);
}

/* What came with one write; empty when nothing did. */
static text next_write(struct arena *arena)
{
    static char bytes[64 * 1024];
    ssize_t got = recv(lines[0], bytes, sizeof bytes, MSG_DONTWAIT);
    return got > 0 ? text_copy(arena, (text){ bytes, (size_t)got }) : TEXT("");
}

/* Takes the time off the line, when it has the right form and is now. */
static text without_time(text line, const char *before)
{
    text prefix = text_of(before);
    instant t;
    int64_t age;
    if (!text_starts_with(line, prefix))
        return TEXT("(another beginning)");
    text time = text_slice(line, prefix.len, 24);
    if (!instant_parse(time, &t) || time.ptr[19] != '.' || time.ptr[23] != 'Z')
        return TEXT("(no time)");
    age = clock_now(clock_system()).ns - t.ns;
    if (age < 0 || age > 60 * NS_PER_SECOND)
        return TEXT("(another time)");
    return text_slice(line, prefix.len + 24, line.len);
}

static void is_line(struct arena *arena, const char *want, const char *name)
{
    IS_TEXT(without_time(next_write(arena), ""), want, name);
}

static void is_json(struct arena *arena, const char *want, const char *name)
{
    IS_TEXT(without_time(next_write(arena), "{\"time\":\""), want, name);
}

static void test_text(struct arena *arena)
{
    open_log(LOG_FORMAT_TEXT, LOG_INFO);
    log_info("server_started", LOG_TEXT("address", TEXT("127.0.0.1")), LOG_INT("port", 8888));
    is_line(arena, " INFO  server_started address=127.0.0.1 port=8888\n", "a line for people");
    log_warn("careful");
    is_line(arena, " WARN  careful\n", "fields are no must");
    log_error("lost", LOG_INT("least", INT64_MIN), LOG_CSTR("why", NULL));
    is_line(arena, " ERROR lost least=-9223372036854775808 why=\"\"\n",
            "an empty text is quoted, so that it can be seen");
    log_info("quoted", LOG_CSTR("a", "two words"), LOG_CSTR("b", "x=y"), LOG_CSTR("c", "\"\\"));
    is_line(arena, " INFO  quoted a=\"two words\" b=\"x=y\" c=\"\\\"\\\\\"\n",
            "what would be taken for a field is quoted");
    log_info("forged", LOG_CSTR("a", "x\n2026-01-01T00:00:00.000Z ERROR fake"));
    is_line(arena, " INFO  forged a=\"x\\u000a2026-01-01T00:00:00.000Z ERROR fake\"\n",
            "a line feed cannot begin another line");
    log_info("terminal", LOG_CSTR("a", "\033[2J\x7f"));
    is_line(arena, " INFO  terminal a=\"\\u001b[2J\\u007f\"\n", "no byte steers a terminal");
}

static void test_json(struct arena *arena)
{
    open_log(LOG_FORMAT_JSON, LOG_INFO);
    log_info("server_started", LOG_TEXT("address", TEXT("127.0.0.1")), LOG_INT("port", 8888));
    is_json(arena,
            "\",\"level\":\"info\",\"event\":\"server_started\",\"address\":\"127.0.0.1\","
            "\"port\":8888}\n",
            "a line for machines");
    log_error("e", LOG_CSTR("a", "\"\\\b\f\n\r\t\1\x7f/"), LOG_CSTR("b", ""), LOG_CSTR("c", NULL));
    is_json(arena,
            "\",\"level\":\"error\",\"event\":\"e\",\"a\":\"\\\"\\\\\\u0008\\u000c\\u000a\\u000d"
            "\\u0009\\u0001\\u007f/\",\"b\":\"\",\"c\":\"\"}\n",
            "all that JSON wants escaped is");
    log_info("nul", LOG_TEXT("a", TEXT("x\0y")));
    is_json(arena, "\",\"level\":\"info\",\"event\":\"nul\",\"a\":\"x\\u0000y\"}\n",
            "a NUL does not end the text");
    log_info("utf8", LOG_CSTR("a", "\xc3\xa9\xf0\x9f\x98\x80"));
    is_json(arena, "\",\"level\":\"info\",\"event\":\"utf8\",\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\"}\n",
            "UTF-8 stays");
    log_info("broken", LOG_CSTR("a", "x\xc3(\xff\xed\xa0\x80y"));
    is_json(arena,
            "\",\"level\":\"info\",\"event\":\"broken\",\"a\":\"x\\ufffd(\\ufffd\\ufffd\\ufffd"
            "\\ufffdy\"}\n",
            "bytes that are no UTF-8 do not spoil the line");
}

static void test_level(struct arena *arena)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    for (int lowest = LOG_DEBUG; lowest <= LOG_ERROR; lowest++) {
        open_log(LOG_FORMAT_TEXT, (enum log_level)lowest);
        log_debug("event");
        log_info("event");
        log_warn("event");
        log_error("event");
        int printed = 0;
        while (next_write(arena).len > 0)
            printed++;
        OK(printed == 4 - lowest, "from %s on lines are printed", names[lowest]);
    }
}

/* A line with a text of `len` times `piece` and a number behind it. */
static text long_line(struct arena *arena, const char *piece, int count)
{
    struct buffer b = { .arena = arena };
    for (int i = 0; i < count; i++)
        buffer_add_cstr(&b, piece);
    log_info("long", LOG_TEXT("a", buffer_text(&b)), LOG_INT("n", 7));
    return next_write(arena);
}

static void test_cut(struct arena *arena)
{
    static const char *const pieces[] = { "x", "\"", "\n", "\xe2\x82\xac", "\xff" };
    bool is_short = true, is_whole = true, is_utf8 = true;
    open_log(LOG_FORMAT_JSON, LOG_INFO);
    for (size_t p = 0; p < COUNT_OF(pieces); p++) {
        for (int count = 3990 / (int)strlen(pieces[p]) / 6; count < 4100; count++) {
            text line = long_line(arena, pieces[p], count);
            text tail = TEXT("\",\"cut\":true}\n");
            bool is_cut = text_ends_with(line, tail);
            /* An escape cut in half would hide the quote that ends the text. */
            size_t slashes = 0;
            for (size_t i = line.len - tail.len; is_cut && i-- > 0 && line.ptr[i] == '\\';)
                slashes++;
            is_whole &= is_cut ? slashes % 2 == 0 : text_ends_with(line, TEXT("\",\"n\":7}\n"));
            is_short &= line.len > 0 && line.len <= PIPE_BUF;
            is_utf8 &= text_is_utf8(line);
            arena_reset(arena);
        }
    }
    OK(is_short, "no line is longer than what a pipe takes in one piece");
    OK(is_whole, "a line that is cut says so and ends as one that is not");
    OK(is_utf8, "no character is cut in half");
    IS_TEXT(without_time(text_slice(long_line(arena, "x", 9000), 0, 65), "{\"time\":\""),
            "\",\"level\":\"info\",\"event\":\"long\",", "it begins as every line");
    open_log(LOG_FORMAT_TEXT, LOG_INFO);
    text line = long_line(arena, "x ", 5000);
    OK(text_ends_with(line, TEXT("x \" cut=true\n")) ||
           text_ends_with(line, TEXT("x\" cut=true\n")),
       "so it is for people");
}

enum { WRITERS = 4, LINES_EACH = 500 };

static void *write_lines(void *state)
{
    (void)state;
    for (int i = 0; i < LINES_EACH; i++)
        log_info("line", LOG_CSTR("a", "some text"), LOG_INT("b", i));
    return NULL;
}

static void test_threads(struct arena *arena)
{
    pthread_t writers[WRITERS];
    int whole = 0;
    open_log(LOG_FORMAT_TEXT, LOG_INFO);
    for (int i = 0; i < WRITERS; i++)
        MUST(pthread_create(&writers[i], NULL, write_lines, NULL) == 0);
    for (int i = 0; i < WRITERS * LINES_EACH; i++) {
        static char bytes[1024];
        ssize_t got = recv(lines[0], bytes, sizeof bytes, 0);
        text line = { bytes, got > 0 ? (size_t)got : 0 };
        whole += text_ends_with(line, TEXT("\n")) &&
                 text_starts_with(without_time(line, ""), TEXT(" INFO  line a=\"some text\" b="));
    }
    for (int i = 0; i < WRITERS; i++)
        MUST(pthread_join(writers[i], NULL) == 0);
    OK(whole == WRITERS * LINES_EACH, "each line of four threads is one write");
    OK(next_write(arena).len == 0, "and there are no more");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, lines) == 0);
    test_text(arena);
    test_json(arena);
    test_level(arena);
    test_cut(arena);
    test_threads(arena);
    return tap_end();
}
