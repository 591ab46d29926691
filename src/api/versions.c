/* versions.c: v1's keyVersion[key]=version, which may be repeated; and what v1 has words for. */
#include "api/call.h"

bool param_holds_version(const struct api_call *call, text key, int64_t version)
{
    text name = text_format(call->cx.arena, "keyVersion[%.*s]", TEXT_ARG(key));
    struct text_list versions = param_list(call, text_cstr(call->cx.arena, name));
    int64_t one;

    for (size_t i = 0; i < versions.count; i++)
        if (text_to_int(versions.items[i], &one) && one == version)
            return true;
    return false;
}

struct filter_map param_versions(const struct api_call *call)
{
    static struct filter_entry entry = { .name = TEXT_INIT("key_version") };

    for (size_t i = 0; i < call->request->param_count; i++)
        if (text_starts_with(call->request->params[i].name, TEXT("keyVersion[")))
            return (struct filter_map){ &entry, 1 };
    return (struct filter_map){ NULL, 0 };
}

struct filter_map filters_of_v1(const struct api_call *call)
{
    struct filter_map versions = param_versions(call);
    struct filter_entry *items = ARENA_ARRAY(call->cx.arena, struct filter_entry, 2);

    items[0] = (struct filter_entry){ .name = FILTER_OF_V1 };
    if (versions.count > 0)
        items[1] = versions.items[0];
    return (struct filter_map){ items, 1 + versions.count };
}
