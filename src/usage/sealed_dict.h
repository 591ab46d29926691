/* sealed_dict.h: numbers for the texts of a segment while it is written.
 *
 * Private to usage/sealed*.c. Numbers count up from 0 in order of first appearance, so frequent
 * texts tend to get small ones. One thread.
 */
#ifndef USAGE_SEALED_DICT_H
#define USAGE_SEALED_DICT_H

#include "base/text.h"

struct sealed_dict;

/* `salt` keeps clients from making texts collide. */
struct sealed_dict *sealed_dict_new(uint64_t salt);
void sealed_dict_free(struct sealed_dict *dict);

/* The text's number, a new one when it has none. The text is copied. */
uint32_t sealed_dict_add(struct sealed_dict *dict, text t);

/* The same, refusing (UINT32_MAX) to go beyond `count_max` numbers. */
uint32_t sealed_dict_try(struct sealed_dict *dict, text t, uint32_t count_max);

/* Takes back all numbers from `count` on. */
void sealed_dict_cut(struct sealed_dict *dict, uint32_t count);

/* How many numbers there are. */
uint32_t sealed_dict_count(const struct sealed_dict *dict);

/* The texts by number; valid until the next is added. */
const text *sealed_dict_texts(const struct sealed_dict *dict);

/* Memory, about. */
size_t sealed_dict_bytes(const struct sealed_dict *dict);

#endif
