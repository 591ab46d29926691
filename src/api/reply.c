/* reply.c: successful answers in the shapes of both dialects. */
#include "api/call.h"

struct buffer call_buffer(struct api_call *call)
{
    return (struct buffer){ .arena = call->request->arena };
}

enum err reply_body(struct api_call *call, text content_type, text body)
{
    *call->reply = (struct http_reply){
        .status = call->route->status,
        .content_type = content_type,
        .body = body,
    };
    return OK;
}

enum err reply_empty(struct api_call *call)
{
    return reply_body(call, TEXT_NONE, TEXT_NONE);
}

enum err reply_one(struct api_call *call, const struct fields *table, const void *object)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    fields_write(table, call->dialect, &w, object);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

static void write_items(struct api_call *call, const struct fields *table, const struct list *list,
                        struct json_writer *w)
{
    const char *item = list->items;

    json_array_begin(w);
    for (size_t i = 0; i < list->count; i++, item += table->size)
        fields_write(table, call->dialect, w, item);
    json_array_end(w);
}

static void write_number(struct json_writer *w, const char *key, int64_t number)
{
    json_key(w, text_of(key));
    json_int(w, number);
}

enum err reply_page(struct api_call *call, const struct fields *table, const struct list *list,
                    struct page page, int64_t total)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    json_object_begin(&w);
    if (call->dialect == DIALECT_V1) {
        write_number(&w, "totalCount", total);
        write_number(&w, "page", page.number);
        write_number(&w, "pageSize", page.size);
        json_key(&w, TEXT("items"));
        write_items(call, table, list, &w);
    } else {
        json_key(&w, TEXT("data"));
        write_items(call, table, list, &w);
        json_key(&w, TEXT("meta"));
        json_object_begin(&w);
        json_key(&w, TEXT("page"));
        json_object_begin(&w);
        write_number(&w, "number", page.number);
        write_number(&w, "size", page.size);
        write_number(&w, "total", total);
        json_object_end(&w);
        json_object_end(&w);
    }
    json_object_end(&w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

enum err reply_data(struct api_call *call, const struct fields *table, const struct list *list)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    json_object_begin(&w);
    json_key(&w, TEXT("data"));
    write_items(call, table, list, &w);
    json_object_end(&w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

void reply_cursor_end(struct json_writer *w, int64_t size, text next)
{
    json_key(w, TEXT("meta"));
    json_object_begin(w);
    json_key(w, TEXT("page"));
    json_object_begin(w);
    write_number(w, "size", size);
    json_key(w, TEXT("next"));
    if (next.ptr)
        json_text(w, next);
    else
        json_null(w);
    json_key(w, TEXT("previous"));
    json_null(w);
    json_object_end(w);
    json_object_end(w);
    json_object_end(w);
}

enum err reply_cursor(struct api_call *call, const struct fields *table, const struct list *list,
                      int64_t size, text next)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    json_object_begin(&w);
    json_key(&w, TEXT("data"));
    write_items(call, table, list, &w);
    reply_cursor_end(&w, size, next);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

enum err reply_array(struct api_call *call, const struct fields *table, const struct list *list)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    write_items(call, table, list, &w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}
