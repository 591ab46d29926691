/* Files of usage: plain and compressed, every end of line, and what is not whole. */
#include "cli/source.h"

#include <errno.h>
#include <fcntl.h>
#include <zlib.h>

#include "lib/directory.h"
#include "lib/tap.h"

static char directory[DIRECTORY_PATH_MAX];
static struct arena *arena;

static const char *path_of(const char *name)
{
    return text_cstr(arena, text_format(arena, "%s/%s", directory, name));
}

static const char *plain(const char *name, text content)
{
    FILE *file = fopen(path_of(name), "w");
    MUST(file && fwrite(content.ptr, 1, content.len, file) == content.len && fclose(file) == 0);
    return path_of(name);
}

/* Adds a gzip member; `mode` is "w" or "a". */
static const char *gzip(const char *name, const char *mode, text content)
{
    gzFile file = gzopen(path_of(name), mode);
    MUST(file && gzwrite(file, content.ptr, (unsigned)content.len) == (int)content.len);
    MUST(gzclose(file) == Z_OK);
    return path_of(name);
}

static text file_bytes(const char *path)
{
    struct buffer all = { .arena = arena };
    FILE *file = fopen(path, "r");
    int c;
    MUST(file);
    while ((c = fgetc(file)) != EOF)
        buffer_add_char(&all, (char)c);
    MUST(fclose(file) == 0);
    return buffer_text(&all);
}

/* "1:first 2:second": every line or record with its number, then what went wrong. */
static text read_all(const char *path, bool (*next)(struct source *, text *))
{
    struct buffer all = { .arena = arena };
    struct source *source = source_open(path);
    text line;
    MUST(source);
    while (next(source, &line))
        buffer_format(&all, "%llu:%.*s ", (unsigned long long)source_line_number(source),
                      TEXT_ARG(line));
    if (source_trouble(source))
        buffer_format(&all, "(%s)", source_trouble(source));
    source_close(source);
    return buffer_text(&all);
}

static void test_lines(void)
{
    static const struct {
        const char *name, *content, *want;
    } rows[] = {
        { "lines end with LF", "a\nb\n", "1:a 2:b " },
        { "the last line needs none", "a\nb", "1:a 2:b " },
        { "or with CR LF", "a\r\nb\r\n", "1:a 2:b " },
        { "mixed", "a\r\nb\nc\r", "1:a 2:b 3:c " },
        { "a CR inside stays", "a\rb\n", "1:a\rb " },
        { "empty lines count", "\n\na\n\n", "1: 2: 3:a 4: " },
        { "an empty file has none", "", "" },
        { "a line feed is one empty line", "\n", "1: " },
        { "quotes mean nothing", "\"a\nb\"\n", "1:\"a 2:b\" " },
        { "a byte order mark is skipped", "\xef\xbb\xbf{}\n", "1:{} " },
        { "but only at the start", "a\n\xef\xbb\xbf{}\n", "1:a 2:\xef\xbb\xbf{} " },
        { "half a mark is none", "\xef\xbb", "1:\xef\xbb " },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text content = text_of(rows[i].content);
        IS_TEXT(read_all(plain("lines", content), source_line), rows[i].want, rows[i].name);
        IS_TEXT(read_all(gzip("lines.gz", "w", content), source_line), rows[i].want,
                "the same when compressed");
    }
}

static void test_records(void)
{
    static const struct {
        const char *name, *content, *want;
    } rows[] = {
        { "a record is a line", "a,b\r\nc,d\n", "1:a,b 2:c,d " },
        { "a line feed in quotes does not end it", "\"a\nb\",c\nd\n", "1:\"a\nb\",c 3:d " },
        { "nor does CR LF", "\"a\r\n\r\nb\"\r\nc", "1:\"a\r\n\r\nb\" 4:c " },
        { "two quotes in quotes are one that is meant", "\"a\"\"\nb\"\nc\n",
          "1:\"a\"\"\nb\" 3:c " },
        { "an empty quoted cell", "\"\",\"\"\nb\n", "1:\"\",\"\" 2:b " },
        { "a quote inside a plain cell opens nothing", "5\" pipe,1\n6\" pipe,2\n",
          "1:5\" pipe,1 2:6\" pipe,2 " },
        { "nor do two", "a\"\"b,1\nc\n", "1:a\"\"b,1 2:c " },
        { "a quoted cell behind a plain one", "a,\"b\nc\"\nd\n", "1:a,\"b\nc\" 3:d " },
        { "a quote left open takes the rest", "a,\"b\nc\nd", "1:a,\"b\nc\nd " },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        IS_TEXT(read_all(plain("records", text_of(rows[i].content)), source_record), rows[i].want,
                rows[i].name);
}

/* `len` bytes without a line feed. */
static text long_text(size_t len)
{
    char *bytes = arena_alloc(arena, len + 1);
    memset(bytes, 'x', len);
    return (text){ bytes, len };
}

static void test_long_lines(void)
{
    struct source *source;
    text line;
    text longest = long_text(SOURCE_LINE_BYTES_MAX);
    text content = text_format(arena, "short\n%.*s\nlast\n", TEXT_ARG(longest));
    source = source_open(gzip("long.gz", "w", content));
    OK(source_line(source, &line) && source_line(source, &line) && text_equal(line, longest),
       "a line may be as long as the limit");
    OK(source_line(source, &line) && text_equal(line, TEXT("last")), "the next is read as ever");
    OK(!source_line(source, &line) && !source_trouble(source), "up to the end");
    source_close(source);
    content = text_format(arena, "short\n%.*sx\nlast\n", TEXT_ARG(longest));
    source = source_open(plain("longer", content));
    OK(source_line(source, &line) && !source_line(source, &line), "one byte more is too long");
    IS_TEXT(text_of(source_trouble(source)), "has a line that is too long", "which is told");
    OK(!source_line(source, &line), "and ends the reading");
    source_close(source);
    source = source_open(plain("open", text_format(arena, "\"%.*s\n\n", TEXT_ARG(longest))));
    OK(!source_record(source, &line) && source_trouble(source),
       "a quote left open does not fill the memory");
    source_close(source);
    /* Lines that lie across the borders of what is read at once. */
    struct buffer many = { .arena = arena };
    bool is_right = true;
    for (int i = 0; i < 100000; i++)
        buffer_format(&many, "line %d\n", i);
    source = source_open(gzip("many.gz", "w", buffer_text(&many)));
    for (int i = 0; i < 100000; i++) {
        char want[32];
        snprintf(want, sizeof want, "line %d", i);
        is_right &= source_line(source, &line) && text_equal(line, text_of(want));
    }
    OK(is_right && source_line_number(source) == 100000, "many lines, each whole");
    OK(source_position(source) == source_size(source) && source_size(source) > 0,
       "at the end all bytes of the file were read");
    source_close(source);
}

static void test_damage(void)
{
    struct buffer content = { .arena = arena };
    uint32_t chance = 1;
    for (int i = 0; i < 50000; i++)
        buffer_format(&content, "%u\n", chance = chance * 1664525 + 1013904223);
    text whole = file_bytes(gzip("whole.gz", "w", buffer_text(&content)));
    static const size_t cuts[] = { 1, 4, 8, 9, 1000 };
    for (size_t i = 0; i < COUNT_OF(cuts); i++) {
        text cut = text_slice(whole, 0, whole.len - cuts[i]);
        OK(text_ends_with(read_all(plain("cut.gz", cut), source_line),
                          TEXT("(cannot be read, or is not whole)")),
           "a compressed file that lacks %zu bytes is told", cuts[i]);
    }
    char *bytes = arena_alloc(arena, whole.len);
    memcpy(bytes, whole.ptr, whole.len);
    bytes[whole.len - 6] = (char)~bytes[whole.len - 6];
    OK(text_ends_with(read_all(plain("bad.gz", (text){ bytes, whole.len }), source_line),
                      TEXT("(cannot be read, or is not whole)")),
       "so is one whose checksum is another");
    (void)gzip("two.gz", "w", TEXT("a\nb"));
    IS_TEXT(read_all(gzip("two.gz", "a", TEXT("c\nd\n")), source_line), "1:a 2:bc 3:d ",
            "compressed files that were joined are one");
}

static void test_open(void)
{
    struct source *source;
    text line;
    OK(source_open(path_of("absent")) == NULL && errno == ENOENT, "a file that is not there");
    OK(source_open(directory) == NULL && errno == EISDIR, "a directory is no file");
    int saved = dup(STDIN_FILENO);
    int file = open(plain("input", TEXT("from stdin\n")), O_RDONLY);
    MUST(saved >= 0 && file >= 0 && dup2(file, STDIN_FILENO) == STDIN_FILENO && close(file) == 0);
    source = source_open("-");
    OK(source && source_line(source, &line) && text_equal(line, TEXT("from stdin")),
       "a dash is standard input");
    source_close(source);
    OK(fcntl(STDIN_FILENO, F_GETFD) >= 0, "which stays open");
    int ends[2];
    MUST(pipe(ends) == 0 && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO && close(ends[0]) == 0);
    MUST(write(ends[1], "{}\n", 3) == 3 && close(ends[1]) == 0);
    source = source_open("-");
    OK(source_size(source) == 0 && source_position(source) == 0, "a pipe has no size");
    OK(source_peek(source) == '{' && source_line(source, &line) && text_equal(line, TEXT("{}")),
       "but can be looked into");
    source_close(source);
    source_close(NULL);
    MUST(dup2(saved, STDIN_FILENO) == STDIN_FILENO && close(saved) == 0);
}

static void test_peek(void)
{
    struct source *source = source_open(plain("peek", TEXT(" \t\r\n  [1,\n2]\n")));
    text line;
    OK(source_peek(source) == '[' && source_peek(source) == '[', "peeking consumes nothing");
    OK(source_line(source, &line) && text_equal(line, TEXT(" \t")), "all of it is still there");
    source_close(source);
    source = source_open(plain("empty", TEXT("")));
    OK(source_peek(source) == -1, "an empty file has nothing to look at");
    source_close(source);
    source = source_open(plain("zero", TEXT("\0[")));
    OK(source_peek(source) == 0, "NUL is no white space");
    source_close(source);
    source = source_open(plain("mark", TEXT("\xef\xbb\xbf [1]")));
    OK(source_peek(source) == '[' && source_line(source, &line) && text_equal(line, TEXT(" [1]")),
       "the byte order mark is not looked at");
    source_close(source);
}

/* "1:first 2:second" of a JSON array, then "4!what is wrong" when something is. */
static text read_items(const char *path)
{
    struct buffer all = { .arena = arena };
    struct source *source = source_open(path);
    const char *why = NULL;
    text item;
    MUST(source);
    while (source_item(source, &item, &why))
        buffer_format(&all, "%llu:%.*s ", (unsigned long long)source_line_number(source),
                      TEXT_ARG(item));
    if (why)
        buffer_format(&all, "%llu!%s", (unsigned long long)source_line_number(source), why);
    if (source_trouble(source))
        buffer_format(&all, "(%s)", source_trouble(source));
    OK(!source_item(source, &item, &why), "after the end there is nothing");
    source_close(source);
    return buffer_text(&all);
}

static void test_items(void)
{
    static const struct {
        const char *name, *content, *want;
    } rows[] = {
        { "an empty array", " [ ]\n", "" },
        { "items of every kind", "[1, \"a\",{},[],null,-1.5e3]",
          "1:1 1:\"a\" 1:{} 1:[] 1:null 1:-1.5e3 " },
        { "an item's line is where it begins", "[\n{\n\"a\":\n1},\n\n2\n]",
          "2:{\n\"a\":\n1} 6:2 " },
        { "brackets in strings are no brackets", "[{\"]\":\"}[\"},\"[\"]",
          "1:{\"]\":\"}[\"} 1:\"[\" " },
        { "nor does an escaped quote end one", "[\"a\\\"]\",\"\\\\\"]",
          "1:\"a\\\"]\" 1:\"\\\\\" " },
        { "values in values", "[[[1,2],{\"a\":[{}]}],3]", "1:[[1,2],{\"a\":[{}]}] 1:3 " },
        { "a byte order mark", "\xef\xbb\xbf[1]", "1:1 " },
        { "no end", "[1,\n2", "1:1 2!the array is not whole, or an item is too long" },
        { "no end after a comma", "[1,", "1:1 1!the array is not whole, or an item is too long" },
        { "no end after an item", "[1 ", "1:1 1!the array is not whole" },
        { "no end in a string", "[\"a]", "1!the array is not whole, or an item is too long" },
        { "a bracket that closes another is the item's matter", "[{\"a\":1]",
          "1:{\"a\":1] 1!the array is not whole" },
        { "no comma", "[1\n2]", "1:1 2!a comma or the array's end is expected" },
        { "two commas", "[1,,2]", "1:1 1!the array is not whole, or an item is too long" },
        { "a bracket that closes nothing", "[}]",
          "1!the array is not whole, or an item is too long" },
        { "something behind it", "[1]\n[2]", "1:1 2!something stands behind the array" },
        { "no array", "{}", "1!a comma or the array's end is expected" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text content = text_of(rows[i].content);
        IS_TEXT(read_items(plain("items", content)), rows[i].want, rows[i].name);
        IS_TEXT(read_items(gzip("items.gz", "w", content)), rows[i].want,
                "the same when compressed");
    }
}

int main(void)
{
    arena = arena_new();
    directory_make(directory);
    test_lines();
    test_records();
    test_long_lines();
    test_damage();
    test_open();
    test_peek();
    test_items();
    directory_remove(directory);
    arena_free(arena);
    return tap_end();
}
