#include "rollup/value.h"

/* A string that is a number, or one of the words that binary floating point has for what is not a
 * finite number. */
static enum value_state number_of_text(text t, dec *ret)
{
    if (dec_parse(t, ret))
        return VALUE_FOUND;
    text word = t;
    if (word.len > 0 && (word.ptr[0] == '+' || word.ptr[0] == '-'))
        word = text_slice(word, 1, word.len - 1);
    if (text_equal_nocase(t, TEXT("nan")))
        return VALUE_NAN;
    if (text_equal_nocase(word, TEXT("inf")) || text_equal_nocase(word, TEXT("infinity")))
        return VALUE_INFINITE;
    return VALUE_NOT_NUMBER;
}

enum value_state value_number(const struct json *at, dec *ret)
{
    CHECK(ret != NULL);
    if (at == NULL)
        return VALUE_MISSING;
    switch (at->kind) {
    case JSON_NULL:
        return VALUE_NULL;
    case JSON_NUMBER:
    case JSON_TEXT:
        return number_of_text(at->text, ret);
    case JSON_BOOL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        return VALUE_KIND;
    case JSON_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

text value_text(const struct json *at)
{
    if (at == NULL)
        return TEXT("");
    switch (at->kind) {
    case JSON_NULL:
        return TEXT("null");
    case JSON_BOOL:
        return at->boolean ? TEXT("true") : TEXT("false");
    case JSON_NUMBER:
        return at->text;
    case JSON_TEXT:
        /* A pointer also when empty: nothing at all is something else to a filter. */
        return at->text.ptr != NULL ? at->text : TEXT("");
    case JSON_ARRAY:
    case JSON_OBJECT:
        return TEXT("");
    case JSON_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

text value_dimension(const struct json *at)
{
    return at != NULL ? value_text(at) : TEXT_NONE;
}

bool value_item(enum tally_kind kind, const struct json *at, struct tally_item *ret)
{
    CHECK(kind >= 0 && kind < TALLY_KIND_COUNT && ret != NULL);
    if (kind == TALLY_COUNT)
        return true;
    if (kind != TALLY_UNIQUE)
        return value_number(at, &ret->number) == VALUE_FOUND;
    if (at != NULL && at->kind == JSON_NULL)
        return false;
    ret->word = value_text(at);
    return true;
}
