/* json_walk.h: reading JSON once, front to back, without making a tree.
 *
 * For the few readers that see so much JSON that a tree costs too much. A walk checks what
 * json_parse checks (grammar, escapes, UTF-8, duplicate keys, depth) and accepts only what
 * json_parse accepts, with the same values; but it tells neither what is wrong nor where, and it
 * may give up on what json_parse still takes (an object with very many members). So a reader walks
 * first, and hands the body to json_parse when the walk did not succeed: that gives the tree, or
 * the fault.
 *
 * A walk stands before a token. Each function reads some and moves on, or returns false; then the
 * walk is over. The thread's token list is in use from json_walk_begin to json_walk_end: no
 * json_parse in between.
 */
#ifndef CODEC_JSON_WALK_H
#define CODEC_JSON_WALK_H

#include "base/text.h"

/* Bytes that must stand behind a body that is walked, the first of them zero. */
#define JSON_WALK_PADDING 64

/* Keys remembered at once, of all objects that are open. */
#define JSON_WALK_KEYS_MAX 128

struct json_walk_key {
    uint64_t signature; /* of the first bytes and the length: unequal for most unequal keys */
    text name;
};

struct json_walk {
    struct arena *arena; /* for decoded strings */
    const char *body;
    const uint32_t *next; /* where the next token starts; the size of the body behind the last */
    const uint32_t *end;
    bool has_escapes; /* a backslash stands somewhere in the body */
    uint32_t key_count;
    struct json_walk_key keys[JSON_WALK_KEYS_MAX];
};

/* Begins to walk a body that has JSON_WALK_PADDING bytes behind it. Whatever comes of it, also
 * false, ends with json_walk_end. */
NODISCARD bool json_walk_begin(struct json_walk *w, struct arena *arena, text body);

/* Gives the thread's token list back. True when all tokens were read. */
bool json_walk_end(struct json_walk *w);

/* Reads any value; `depth` arrays and objects are open around it. `ret_raw` is what it was read
 * from, a part of the body. */
NODISCARD bool json_walk_skip(struct json_walk *w, int depth, text *ret_raw);

/* Remembers a key of the object whose first key had the number `base` (key_count before it);
 * false when it stands there already. */
NODISCARD bool json_walk_remember(struct json_walk *w, uint32_t base, text key);

/* Decodes what stands between two quotes, at least one backslash included. Of json_walk_string. */
NODISCARD bool json_walk_decode(struct json_walk *w, text inside, text *ret);

/* The first byte of the next token; 0 at the end of the body. */
static inline char json_walk_peek(const struct json_walk *w)
{
    return w->body[*w->next];
}

/* Steps over the next token if it is this one: a bracket, a comma or a colon. */
static inline bool json_walk_take(struct json_walk *w, char token)
{
    bool is_it = json_walk_peek(w) == token;
    w->next += is_it;
    return is_it;
}

/* The end of the next token: the white space behind it is none of it. */
static inline const char *json_walk_token_end(const struct json_walk *w)
{
    const char *to = w->body + w->next[1];
    while (to[-1] == ' ' || to[-1] == '\n' || to[-1] == '\r' || to[-1] == '\t')
        to--;
    return to;
}

/* Reads a string, decoded: part of the body, or in the arena when it has escapes. */
NODISCARD static inline bool json_walk_string(struct json_walk *w, text *ret)
{
    const char *from = w->body + *w->next;
    if (*from != '"')
        return false;
    const char *to = json_walk_token_end(w);
    if (to - from < 2 || to[-1] != '"')
        return false;
    w->next++;
    *ret = (text){ from + 1, (size_t)(to - from) - 2 };
    if (w->has_escapes && memchr(ret->ptr, '\\', ret->len))
        return json_walk_decode(w, *ret, ret);
    return true;
}

#endif
