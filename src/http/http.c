/* http.c: the small words of HTTP: methods, media types, parameters, reply headers. */
#include "http/http.h"

const char *http_method_name(enum http_method method)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET",         [HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",
        [HTTP_PATCH] = "PATCH",     [HTTP_DELETE] = "DELETE", [HTTP_HEAD] = "HEAD",
        [HTTP_OPTIONS] = "OPTIONS",
    };

    _Static_assert(COUNT_OF(names) == HTTP_METHOD_COUNT, "a name for each method");
    CHECK((unsigned)method < HTTP_METHOD_COUNT);
    return names[method];
}

const struct http_param *http_param_find(const struct http_request *request, text name)
{
    CHECK(request);
    for (size_t i = 0; i < request->param_count; i++)
        if (text_equal(request->params[i].name, name))
            return &request->params[i];
    return NULL;
}

bool http_media_type_is(text header, text media_type)
{
    CHECK(media_type.len > 0);
    while (header.len > 0) {
        text item = text_cut(&header, ',');
        text type = text_trim(text_cut(&item, ';'));

        if (text_equal_nocase(type, media_type))
            return true;
    }
    return false;
}

void http_reply_header(struct http_reply *reply, text name, text value)
{
    CHECK(reply && name.len > 0);
    MUST(reply->header_count < HTTP_HEADERS_MAX);
    reply->headers[reply->header_count++] = (struct http_header){ name, value };
}
