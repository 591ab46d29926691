/* json_simdjson.h: what is asked of simdjson, as plain C. Private to codec/.
 *
 * simdjson's first stage finds, sixteen to sixty-four bytes at a time, where the tokens of a body
 * start, and checks UTF-8 and the bounds of strings on the way. That list, and the decoding of
 * escaped strings, is all we take from it: the grammar, the limits and the tree are ours
 * (json_parse.c, json_walk.c), so every byte is checked before a body counts as read.
 *
 * No header of the tree is included here: the other side is C++.
 */
#ifndef CODEC_JSON_SIMDJSON_H
#define CODEC_JSON_SIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes behind a body, and behind a decoded string, that must be there to be read and written. */
#define JSON_PADDING 64

enum json_index_result {
    JSON_INDEX_MADE,
    JSON_INDEX_EMPTY,     /* nothing but white space */
    JSON_INDEX_UTF8,      /* not UTF-8 */
    JSON_INDEX_CONTROL,   /* a control character inside a string */
    JSON_INDEX_UNCLOSED,  /* a string that never ends */
    JSON_INDEX_NO_MEMORY, /* also for bodies of 4 GB and more */
};

/* Where tokens start: brackets, colons, commas, and the first byte of each string or other
 * scalar. `starts` has `count` offsets in rising order, then the size of the body; it belongs to
 * the thread and is valid until the next json_index_make or json_index_release on it. */
struct json_index {
    const uint32_t *starts;
    size_t count;
};

/* Indexes a body that has JSON_PADDING readable bytes behind it. */
enum json_index_result json_index_make(const char *body, size_t size, struct json_index *ret);

/* Decodes the string whose opening quote is just before `from` into `to`, which must have room
 * for the string as written and JSON_PADDING more. Returns the end of what was written; NULL for
 * an escape that does not exist. Call between json_index_make and json_index_release. */
char *json_index_unescape(const char *from, char *to);

/* Gives back the thread's buffers when they grew large; a small one stays for the next body. */
void json_index_release(void);

#ifdef __cplusplus
}
#endif

#endif
