/* What a stranger can send to http/: the first byte chooses between a body that is said to be gzip
 * or zstd, a plain body, a percent-encoded text, a target and a media type; the rest is it. */
#include "http/body.h"
#include "http/target.h"

#define BODY_MAX (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The pieces' size is taken from the input, so that their ends fall everywhere. */
static void fuzz_body(text sent, enum http_coding coding)
{
    size_t step = sent.len > 0 ? (unsigned char)sent.ptr[sent.len - 1] + 1 : 1;
    struct http_body body = { 0 };
    text whole;

    http_body_begin(&body, coding, BODY_MAX, step % 2 ? sent.len : 0);
    for (size_t at = 0; at < sent.len; at += step) {
        text piece = text_slice(sent, at, step);

        http_body_add(&body, piece.ptr, piece.len);
    }
    if (http_body_end(&body, &whole) != FAULT_NONE) {
        MUST(body.fault == FAULT_BODY_TOO_LARGE || body.fault == FAULT_BODY_COMPRESSION);
        http_body_free(&body);
        return;
    }
    MUST(whole.len <= BODY_MAX);
    if (coding == HTTP_CODING_IDENTITY)
        MUST(text_equal(whole, sent));
    for (size_t i = 0; i < HTTP_BODY_SPARE; i++)
        MUST(whole.ptr[whole.len + i] == 0);
    http_body_free(&body);
}

/* What decodes is clean UTF-8, and comes back the same after encoding. */
static void fuzz_percent(struct arena *arena, text sent, bool is_query)
{
    text decoded, again;

    if (!http_percent_decode(arena, sent, is_query, &decoded))
        return;
    MUST(decoded.len <= sent.len);
    MUST(text_is_utf8(decoded));
    MUST(decoded.len == 0 || !memchr(decoded.ptr, '\0', decoded.len));
    MUST(http_percent_decode(arena, http_percent_encode(arena, decoded), is_query, &again));
    MUST(text_equal(decoded, again));
}

static void fuzz_target(struct arena *arena, text sent)
{
    struct http_target target;

    if (!http_target_parse(arena, sent, &target))
        return;
    MUST(target.path.len > 0 && (target.path.ptr[0] == '/' || target.path.ptr[0] == '*'));
    for (size_t i = 0; i < target.param_count; i++)
        MUST(text_is_utf8(target.params[i].name) && text_is_utf8(target.params[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = NULL;
    text rest;

    if (size == 0)
        return 0;
    arena = arena_new();
    /* A copy of its own, so that AddressSanitizer sees a read past its end. */
    rest = (text){ arena_copy(arena, data + 1, size - 1), size - 1 };
    switch (data[0]) {
    case 'g':
        fuzz_body(rest, HTTP_CODING_GZIP);
        break;
    case 'z':
        fuzz_body(rest, HTTP_CODING_ZSTD);
        break;
    case 'b':
        fuzz_body(rest, HTTP_CODING_IDENTITY);
        break;
    case 'p':
        fuzz_percent(arena, rest, false);
        break;
    case 'q':
        fuzz_percent(arena, rest, true);
        break;
    case 't':
        fuzz_target(arena, rest);
        break;
    case 'm':
        (void)http_media_type_is(rest, TEXT("application/json"));
        break;
    default:
        break;
    }
    return 0;
}
