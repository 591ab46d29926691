/* fuzz_span.c: lines of a span, an anchor, an instant and a zone: the span that is read is the one
 * printed, and its periods hold the instant and tile the time around it. */
#include "base/span.h"

static void check_periods(span s, instant anchor, instant t, const struct zone *zone)
{
    int64_t k = span_index_at(anchor, s, zone, t);
    struct period p = period_nth(anchor, s, zone, k);
    struct period at = period_at(anchor, s, zone, t);
    MUST(instant_equal(p.from, at.from) && instant_equal(p.to, at.to));
    MUST(period_holds(p, t) || t.ns == INT64_MAX || k == INT64_MAX || k == INT64_MIN);
    if (k < INT64_MAX)
        MUST(instant_equal(period_nth(anchor, s, zone, k + 1).from, p.to));
    if (k > INT64_MIN)
        MUST(instant_equal(period_nth(anchor, s, zone, k - 1).to, p.from));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char printed[SPAN_TEXT_MAX];
    span s;
    span again = SPAN_NONE;
    instant anchor;
    instant t;
    text rest = { (const char *)data, size };
    if (!span_parse(text_cut(&rest, '\n'), &s))
        return 0;
    size_t length = span_print(s, printed);
    MUST(length < SPAN_TEXT_MAX && span_parse((text){ printed, length }, &again));
    MUST(span_equal(again, s));
    text anchor_line = text_cut(&rest, '\n');
    text instant_line = text_cut(&rest, '\n');
    const struct zone *zone = zone_find(rest);
    if (span_is_zero(s) || !instant_parse(anchor_line, &anchor) || !instant_parse(instant_line, &t))
        return 0;
    check_periods(s, anchor, t, zone == NULL ? zone_utc() : zone);
    return 0;
}
