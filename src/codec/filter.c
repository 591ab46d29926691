/* filter.c: whether a value passes a filter. */
#include "codec/filter.h"

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Bytes of the character at `at`; 1 for a byte that starts none. */
static size_t character_length(text t, size_t at)
{
    size_t end = at + 1;

    while (end < t.len && ((unsigned char)t.ptr[end] & 0xc0) == 0x80)
        end++;
    return end - at;
}

/* Whether the pattern's byte at `*at`, which is no '%', takes a piece of the value at `from`;
 * moves both on when it does. */
static bool like_step(text pattern, size_t *at, text value, size_t *from, bool folds)
{
    size_t here = *at;
    char want = pattern.ptr[here];
    char got = value.ptr[*from];

    if (want == '_') {
        *from += character_length(value, *from);
        (*at)++;
        return true;
    }
    if (want == '\\' && here + 1 < pattern.len)
        want = pattern.ptr[++here];
    if (folds ? fold(want) != fold(got) : want != got)
        return false;
    *at = here + 1;
    (*from)++;
    return true;
}

/* Goes back to the last '%' only, letting it take one byte more: time is bounded by the product of
 * the lengths. */
static bool like_match(text pattern, text value, bool folds)
{
    size_t at = 0;
    size_t from = 0;
    size_t after_star = 0; /* in the pattern, behind the last '%'; 0 when there was none */
    size_t star_from = 0;  /* where in the value that '%' stopped taking */

    while (from < value.len) {
        if (at < pattern.len && pattern.ptr[at] == '%') {
            after_star = ++at;
            star_from = from;
        } else if (at < pattern.len && like_step(pattern, &at, value, &from, folds)) {
            continue;
        } else if (after_star) {
            at = after_star;
            star_from += character_length(value, star_from);
            from = star_from;
        } else {
            return false;
        }
    }
    while (at < pattern.len && pattern.ptr[at] == '%')
        at++;
    return at == pattern.len;
}

static bool parts_match(const struct filter *filter, text value)
{
    bool is_and = filter->op == FILTER_AND;

    for (size_t i = 0; i < filter->part_count; i++)
        if (filter_match(&filter->parts[i], value) != is_and)
            return !is_and;
    return is_and;
}

bool filter_match(const struct filter *filter, text value)
{
    CHECK(filter);
    switch (filter->op) {
    case FILTER_EQ:
        return text_equal(value, filter->value);
    case FILTER_NE:
        return !text_equal(value, filter->value);
    case FILTER_IN:
        return text_list_holds(&filter->values, value);
    case FILTER_NOT_IN:
        return !text_list_holds(&filter->values, value);
    case FILTER_CONTAINS:
        return text_contains_nocase(value, filter->value);
    case FILTER_NOT_CONTAINS:
        return !text_contains_nocase(value, filter->value);
    case FILTER_LIKE:
        return like_match(filter->value, value, false);
    case FILTER_NOT_LIKE:
        return !like_match(filter->value, value, false);
    case FILTER_ILIKE:
        return like_match(filter->value, value, true);
    case FILTER_NOT_ILIKE:
        return !like_match(filter->value, value, true);
    case FILTER_GT:
        return text_compare(value, filter->value) > 0;
    case FILTER_GTE:
        return text_compare(value, filter->value) >= 0;
    case FILTER_LT:
        return text_compare(value, filter->value) < 0;
    case FILTER_LTE:
        return text_compare(value, filter->value) <= 0;
    case FILTER_EXISTS:
        return value.ptr != NULL;
    case FILTER_NOT_EXISTS:
        return value.ptr == NULL;
    case FILTER_AND:
    case FILTER_OR:
        return parts_match(filter, value);
    case FILTER_OP_COUNT:
        break;
    }
    UNREACHABLE();
}
