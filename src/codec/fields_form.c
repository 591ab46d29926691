/* fields_form.c: the forms of texts and of maps of texts. */
#include "base/limits.h"
#include "base/money.h"
#include "codec/fields_inside.h"

#define LABEL_PATTERN "^[a-z0-9A-Z]{1}([a-z0-9A-Z-._]*[a-z0-9A-Z]+)?$"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c)
{
    return is_lower(c) || is_upper(c) || is_digit(c);
}

struct form_rule form_rule_of(enum field_form form)
{
    switch (form) {
    case FORM_ANY:
    case FORM_TIME_ZONE:
        return (struct form_rule){ 0 };
    case FORM_LABELS:
        return (struct form_rule){ 1, LIMIT_LABEL_MAX, LABEL_PATTERN };
    case FORM_KEY:
        return (struct form_rule){ 1, LIMIT_KEY_MAX, "^[a-z0-9]+(?:_[a-z0-9]+)*$" };
    case FORM_EXTERNAL_KEY:
        return (struct form_rule){ 1, LIMIT_EXTERNAL_KEY_MAX, NULL };
    case FORM_NAME:
        return (struct form_rule){ 1, LIMIT_NAME_MAX, NULL };
    case FORM_DESCRIPTION:
        return (struct form_rule){ 0, LIMIT_DESCRIPTION_MAX, NULL };
    case FORM_TAX_ID:
        return (struct form_rule){ 1, LIMIT_TAX_ID_MAX, NULL };
    case FORM_CURRENCY:
        return (struct form_rule){ 0, 0, "^[A-Z]{3}$" };
    case FORM_COUNTRY:
        return (struct form_rule){ 0, 0, "^[A-Z]{2}$" };
    case FORM_JSON_PATH:
    case FORM_DIMENSIONS:
        return (struct form_rule){ 0, 0, "^\\$" };
    case FORM_NON_EMPTY:
        return (struct form_rule){ 1, 0, NULL };
    case FORM_COUNT:
        break;
    }
    UNREACHABLE();
}

/* ^[a-z0-9]+(?:_[a-z0-9]+)*$ */
static bool key_is_valid(text t)
{
    bool may_break = false; /* whether an underscore may follow */

    for (size_t i = 0; i < t.len; i++) {
        char c = t.ptr[i];

        if (is_lower(c) || is_digit(c))
            may_break = true;
        else if (c == '_' && may_break)
            may_break = false;
        else
            return false;
    }
    return may_break;
}

static bool capitals_are(text t, size_t count)
{
    for (size_t i = 0; i < t.len; i++)
        if (!is_upper(t.ptr[i]))
            return false;
    return t.len == count;
}

static bool pattern_is_met(enum field_form form, text t)
{
    if (form == FORM_KEY)
        return key_is_valid(t);
    if (form == FORM_CURRENCY)
        return capitals_are(t, 3);
    if (form == FORM_COUNTRY)
        return capitals_are(t, 2);
    CHECK(form == FORM_JSON_PATH);
    return text_starts_with(t, TEXT("$"));
}

static bool fail(struct problem_field *ret, text rule, text reason)
{
    *ret = (struct problem_field){ .rule = rule, .reason = reason };
    return false;
}

static bool fail_bound(struct problem_field *ret, text rule, int64_t bound, text reason)
{
    *ret =
        (struct problem_field){ .rule = rule, .reason = reason, .bound = bound, .has_bound = true };
    return false;
}

/* What is asked beyond lengths and patterns; NULL when all is well, else the reason. */
static const char *meaning_fault(enum field_form form, struct arena *arena, text t)
{
    struct json_path path;

    if (form == FORM_CURRENCY && !currency_find(t))
        return "must be a currency code of ISO 4217";
    if (form == FORM_TIME_ZONE && !zone_find(t))
        return "must be the name of a time zone, such as Europe/Budapest";
    if (form == FORM_JSON_PATH && !json_path_parse(arena, t, &path))
        return "must be a JSON path such as $.data[0].name";
    return NULL;
}

bool form_check(enum field_form form, struct arena *arena, text t, struct problem_field *ret)
{
    struct form_rule rule = form_rule_of(form);
    bool has_length = rule.length_min || rule.length_max;
    int64_t length = has_length ? (int64_t)text_code_points(t) : 0;
    const char *why;

    if (length < rule.length_min)
        return fail_bound(ret, TEXT("min_length"), rule.length_min, TEXT("must not be empty"));
    if (rule.length_max && length > rule.length_max)
        return fail_bound(ret, TEXT("max_length"), rule.length_max,
                          text_format(arena, "must not have more than %lld characters",
                                      (long long)rule.length_max));
    if (rule.pattern && !pattern_is_met(form, t))
        return fail(ret, TEXT("matches_regex"),
                    text_format(arena, "must match the pattern %s", rule.pattern));
    why = meaning_fault(form, arena, t);
    if (why)
        return fail(ret, TEXT("invalid"), text_of(why));
    return true;
}

/* Starts and ends with a letter or digit; between them also - . _ */
static bool label_is_formed(text t)
{
    if (t.len == 0 || t.len > LIMIT_LABEL_MAX)
        return false;
    if (!is_alphanumeric(t.ptr[0]) || !is_alphanumeric(t.ptr[t.len - 1]))
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!is_alphanumeric(t.ptr[i]) && !memchr("-._", t.ptr[i], 3))
            return false;
    return true;
}

bool label_is_printable(struct text_pair pair)
{
    return label_is_formed(pair.key) && label_is_formed(pair.value);
}

static bool label_is_reserved(text key)
{
    static const char *const prefixes[] = { "_",    "kong", "konnect", "insomnia",
                                            "mesh", "kic",  "kuma",    "openmeter" };

    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (text_starts_with(key, text_of(prefixes[i])))
            return true;
    return false;
}

static bool fail_label(struct problem_field *ret, text code, text reason)
{
    *ret = (struct problem_field){ .rule = TEXT("is_label"), .reason = reason, .code = code };
    return false;
}

static bool check_label(struct arena *arena, struct text_pair pair, struct problem_field *ret)
{
    text key = text_slice(pair.key, 0, 2 * LIMIT_LABEL_MAX);
    const char *form = "must have 1 to 63 letters, digits, '-', '.' or '_', a letter or digit "
                       "first and last";

    /* Cutting may have gone through a character; what is left is only shown. */
    while (!text_is_utf8(key))
        key.len--;
    if (label_is_reserved(pair.key))
        return fail_label(
            ret, TEXT("invalid_label_key_prefix"),
            text_format(arena, "the label key \"%.*s\" has a reserved prefix", TEXT_ARG(key)));
    if (!label_is_formed(pair.key))
        return fail_label(ret, TEXT("invalid_label_key_format"),
                          text_format(arena, "the label key \"%.*s\" %s", TEXT_ARG(key), form));
    if (!label_is_formed(pair.value))
        return fail_label(
            ret, TEXT("invalid_label_value_format"),
            text_format(arena, "the value of the label \"%.*s\" %s", TEXT_ARG(key), form));
    return true;
}

/* ^[a-zA-Z_][0-9a-zA-Z_]*$ */
static bool dimension_is_named(text name)
{
    if (name.len == 0 || is_digit(name.ptr[0]))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!is_alphanumeric(name.ptr[i]) && name.ptr[i] != '_')
            return false;
    return true;
}

bool form_check_pair(enum field_form form, struct arena *arena, struct text_pair pair,
                     struct problem_field *ret)
{
    CHECK(arena && ret);
    if (form == FORM_LABELS)
        return check_label(arena, pair, ret);
    if (form != FORM_DIMENSIONS)
        return form_check(form, arena, pair.value, ret);
    if (!dimension_is_named(pair.key))
        return fail(ret, TEXT("matches_regex"),
                    TEXT("must have a name of letters, digits and '_', no digit first"));
    return form_check(FORM_JSON_PATH, arena, pair.value, ret);
}
