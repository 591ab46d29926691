/* json_simdjson.cc: simdjson behind three C functions. The only C++ file of the tree.
 *
 * Each thread keeps one indexer and uses it again, since making one means allocating four bytes
 * per byte of the body. No exception passes: everything called here is noexcept.
 */
#include "codec/json_simdjson.h"

#include <memory>

#include <simdjson.h>

static_assert(JSON_PADDING >= simdjson::SIMDJSON_PADDING, "simdjson reads further than we pad");

namespace
{

using indexer = simdjson::internal::dom_parser_implementation;

/* Capacities are rounded up to a power of two, from the first to beyond what is kept. */
constexpr size_t first_capacity = 16 * 1024;
constexpr size_t kept_capacity = 1024 * 1024;

/* simdjson keeps a stack for its second stage, which we do not run. */
constexpr size_t unused_depth = 1;

thread_local std::unique_ptr<indexer> thread_indexer;

bool make_room(size_t size) noexcept
{
    size_t capacity = first_capacity;

    while (capacity < size)
        capacity *= 2;
    if (thread_indexer && thread_indexer->capacity() >= capacity)
        return true;
    thread_indexer.reset();
    return simdjson::get_active_implementation()->create_dom_parser_implementation(
               capacity, unused_depth, thread_indexer) == simdjson::SUCCESS;
}

const uint8_t *bytes_of(const char *text) noexcept
{
    return reinterpret_cast<const uint8_t *>(text);
}

} // namespace

enum json_index_result json_index_make(const char *body, size_t size, struct json_index *ret)
{
    if (size > UINT32_MAX || !make_room(size))
        return JSON_INDEX_NO_MEMORY;
    auto code = thread_indexer->stage1(bytes_of(body), size, simdjson::stage1_mode::regular);

    if (code == simdjson::EMPTY)
        return JSON_INDEX_EMPTY;
    if (code == simdjson::UTF8_ERROR)
        return JSON_INDEX_UTF8;
    if (code == simdjson::UNESCAPED_CHARS)
        return JSON_INDEX_CONTROL;
    if (code == simdjson::UNCLOSED_STRING)
        return JSON_INDEX_UNCLOSED;
    if (code != simdjson::SUCCESS)
        return JSON_INDEX_NO_MEMORY;
    ret->starts = thread_indexer->structural_indexes.get();
    ret->count = thread_indexer->n_structural_indexes;
    return JSON_INDEX_MADE;
}

char *json_index_unescape(const char *from, char *to)
{
    uint8_t *target = reinterpret_cast<uint8_t *>(to);

    return reinterpret_cast<char *>(thread_indexer->parse_string(bytes_of(from), target));
}

void json_index_release(void)
{
    if (thread_indexer && thread_indexer->capacity() > kept_capacity)
        thread_indexer.reset();
}
