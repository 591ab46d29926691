/* scan.c: filters that a list's SQL does not look up: the items are read page by page and tried one
 * by one. What SQL looks up comes first, so that the common filters stay cheap. */
#include "api/call.h"

#include "base/limits.h"

/* What has been found of the page that was asked for. */
struct found {
    char *items;
    size_t count;
    int64_t total;
};

/* Whether a member of the item passes; a name that is no column is the list's own to judge. */
static enum err item_passes(struct api_call *call, const struct list_scan *scan, const void *item,
                            const struct filter_entry *entry, bool *ret)
{
    const struct field *row = fields_find(scan->table, entry->name);

    if (!row)
        return scan->judge(call, item, entry, ret);
    *ret = filter_match(&entry->filter, field_to_text(row, item, call->cx.arena));
    return OK;
}

static enum err item_is_wanted(struct api_call *call, const struct list_scan *scan,
                               const void *item, bool *ret)
{
    enum err err = OK;
    bool passes = true;

    for (size_t i = 0; err == OK && passes && i < scan->rest.count; i++)
        err = item_passes(call, scan, item, &scan->rest.items[i], &passes);
    *ret = passes;
    return err;
}

static enum err take_items(struct api_call *call, const struct list_scan *scan,
                           const struct list *list, struct page page, struct found *found)
{
    const size_t size = scan->table->size;
    const char *item = list->items;
    enum err err = OK;

    for (size_t i = 0; err == OK && i < list->count; i++, item += size) {
        bool is_wanted = false;

        err = item_is_wanted(call, scan, item, &is_wanted);
        if (err != OK || !is_wanted)
            continue;
        if (found->total++ >= page_offset(page) && (int64_t)found->count < page.size)
            memcpy(found->items + size * found->count++, item, size);
    }
    return err;
}

enum err list_scan_run(struct api_call *call, const struct list_scan *scan, struct page page,
                       struct list *ret, int64_t *ret_total)
{
    const size_t size = scan->table->size;
    struct found found = { .items = arena_alloc(call->cx.arena, size * (size_t)page.size) };
    struct page next = { 1, LIMIT_PAGE_SIZE_MAX };
    int64_t total;
    struct list list;
    enum err err;

    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    if (scan->rest.count == 0)
        return scan->fetch(call, scan->query, page, ret, ret_total);
    do {
        err = scan->fetch(call, scan->query, next, &list, &total);
        if (err == OK)
            err = take_items(call, scan, &list, page, &found);
        next.number++;
    } while (err == OK && (int64_t)list.count == next.size);
    if (err != OK)
        return err;
    *ret = (struct list){ found.items, found.count };
    *ret_total = found.total;
    return OK;
}
