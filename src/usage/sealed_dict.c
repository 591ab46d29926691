#include "usage/sealed_dict.h"

#include "usage/column_same.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SLOTS_MIN 64U

struct sealed_dict {
    struct arena *arena; /* the texts */
    text *texts;         /* by number */
    uint64_t *slots;     /* high half: of the hash; low half: number + 1, 0 when free */
    uint32_t count;
    uint32_t slot_count; /* a power of two, twice the room for texts */
    uint64_t salt;
};

static uint64_t hash_of(const struct sealed_dict *dict, text t)
{
    return XXH3_64bits_withSeed(t.len > 0 ? t.ptr : "", t.len, dict->salt);
}

static void put_slot(struct sealed_dict *dict, uint64_t hash, uint32_t number)
{
    uint32_t mask = dict->slot_count - 1;
    uint32_t at = (uint32_t)hash & mask;
    while ((uint32_t)dict->slots[at] != 0)
        at = (at + 1) & mask;
    dict->slots[at] = (hash >> 32 << 32) | (number + 1);
}

static void fill_slots(struct sealed_dict *dict)
{
    memset(dict->slots, 0, dict->slot_count * sizeof(*dict->slots));
    for (uint32_t i = 0; i < dict->count; i++)
        put_slot(dict, hash_of(dict, dict->texts[i]), i);
}

static void make_room(struct sealed_dict *dict, uint32_t slot_count)
{
    dict->slots = reallocarray(dict->slots, slot_count, sizeof(*dict->slots));
    dict->texts = reallocarray(dict->texts, slot_count / 2, sizeof(*dict->texts));
    MUST(dict->slots != NULL && dict->texts != NULL);
    dict->slot_count = slot_count;
    fill_slots(dict);
}

struct sealed_dict *sealed_dict_new(uint64_t salt)
{
    struct sealed_dict *dict = calloc(1, sizeof(*dict));
    MUST(dict != NULL);
    dict->arena = arena_new();
    dict->salt = salt;
    make_room(dict, SLOTS_MIN);
    return dict;
}

void sealed_dict_free(struct sealed_dict *dict)
{
    if (!dict)
        return;
    arena_free(dict->arena);
    free(dict->texts);
    free(dict->slots);
    free(dict);
}

uint32_t sealed_dict_try(struct sealed_dict *dict, text t, uint32_t count_max)
{
    uint64_t hash = hash_of(dict, t);
    uint32_t mask = dict->slot_count - 1;
    uint32_t at = (uint32_t)hash & mask;
    for (; (uint32_t)dict->slots[at] != 0; at = (at + 1) & mask) {
        uint64_t slot = dict->slots[at];
        if (slot >> 32 == hash >> 32 && column_same_text(dict->texts[(uint32_t)slot - 1], t))
            return (uint32_t)slot - 1;
    }
    if (dict->count >= count_max)
        return UINT32_MAX;
    if (dict->count == dict->slot_count / 2) {
        MUST(dict->slot_count <= UINT32_MAX / 4);
        make_room(dict, dict->slot_count * 2);
    }
    dict->texts[dict->count] = text_copy(dict->arena, t);
    put_slot(dict, hash, dict->count);
    return dict->count++;
}

uint32_t sealed_dict_add(struct sealed_dict *dict, text t)
{
    return sealed_dict_try(dict, t, UINT32_MAX);
}

void sealed_dict_cut(struct sealed_dict *dict, uint32_t count)
{
    CHECK(count <= dict->count);
    if (count == dict->count)
        return;
    dict->count = count;
    fill_slots(dict);
}

uint32_t sealed_dict_count(const struct sealed_dict *dict)
{
    return dict->count;
}

const text *sealed_dict_texts(const struct sealed_dict *dict)
{
    return dict->texts;
}

size_t sealed_dict_bytes(const struct sealed_dict *dict)
{
    return arena_used(dict->arena) + dict->slot_count * (sizeof(uint64_t) + sizeof(text) / 2);
}
