/* stream.c: see stream.h. Made for speed: a hundred million events are made while they are sent. */
#include "lib/stream.h"

#include "lib/scale.h"

#define MS_PER_DAY 86400000
#define LAST_MS    3600000U /* events beyond the year happen in its last hour */

const char *const stream_models[STREAM_MODELS] = {
    "atlas-nano",  "atlas-small", "atlas-medium", "atlas-large", "nova-small", "nova-large",
    "orion-small", "orion-large", "lyra-vision",  "lyra-speech", "vega-embed", "vega-rerank",
};
const char *const stream_regions[STREAM_REGIONS] = {
    "eu-central-1", "eu-west-1",      "eu-north-1",     "us-east-1",
    "us-west-2",    "ap-southeast-1", "ap-northeast-1", "sa-east-1",
};
const char *const stream_operations[STREAM_OPERATIONS] = {
    "completion", "embedding", "moderation", "transcript", "translation",
};

/* splitmix64: the n-th number of a sequence without the ones before it. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static uint64_t number_at(const struct stream *stream, uint64_t n, uint64_t which)
{
    return mix(stream->seed + (n * 8 + which) * 0x9e3779b97f4a7c15U);
}

/* From 32 random bits to a number below `bound`. */
static uint32_t below(uint64_t bits, uint32_t bound)
{
    return (uint32_t)((bits & UINT32_MAX) * bound >> 32);
}

static void dates_init(struct stream *stream, int year)
{
    static const int month_days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int64_t before = year - 1;
    char text[32];

    CHECK(year >= 1970 && year <= 9999);
    stream->days = 0;
    for (int month = 0; month < 12; month++) {
        int days = month_days[month] + (month == 1 && is_leap ? 1 : 0);
        for (int day = 1; day <= days; day++) {
            snprintf(text, sizeof text, "%04d-%02d-%02d", year, month + 1, day);
            memcpy(stream->dates[stream->days++], text, 10);
        }
    }
    /* Days from year 1 to this one, less those to 1970. */
    stream->start_ms = (before * 365 + before / 4 - before / 100 + before / 400 - 719162) *
                       MS_PER_DAY;
}

void stream_init(struct stream *stream, uint64_t seed, uint64_t year_events, int year)
{
    uint64_t total = 0;

    CHECK(stream && year_events > 0);
    *stream = (struct stream){ .seed = mix(seed), .year_events = year_events };
    for (uint32_t i = 0; i < STREAM_SUBJECTS; i++) {
        total += (1ULL << 32) / (i + 1);
        stream->shares[i] = total;
    }
    for (uint32_t g = 0, i = 0; g < COUNT_OF(stream->guide); g++) {
        while (stream->shares[i] <= total / COUNT_OF(stream->guide) * g)
            i++;
        stream->guide[g] = (uint16_t)i;
    }
    dates_init(stream, year);
}

static uint32_t subject_of(const struct stream *stream, uint64_t bits)
{
    uint64_t total = stream->shares[STREAM_SUBJECTS - 1];
    uint64_t at = (uint64_t)((scale_wide)bits * total >> 64);
    uint64_t step = total / COUNT_OF(stream->guide);
    uint64_t g = at / step < COUNT_OF(stream->guide) ? at / step : COUNT_OF(stream->guide) - 1;
    uint32_t low = stream->guide[g];
    uint32_t high = g + 1 < COUNT_OF(stream->guide) ? stream->guide[g + 1] : STREAM_SUBJECTS - 1;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (stream->shares[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low + 1;
}

static void id_of(uint64_t high, uint64_t low, char ret[STREAM_ID_LENGTH])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    high = (high & ~0xf000ULL) | 0x4000;
    low = (low >> 2) | 1ULL << 63;
    for (unsigned i = 0; i < 32; i++) {
        uint64_t half = i < 16 ? high : low;
        if (i == 8 || i == 12 || i == 16 || i == 20)
            ret[at++] = '-';
        ret[at++] = digits[half >> (60 - 4 * (i % 16)) & 15];
    }
    CHECK(at == STREAM_ID_LENGTH);
}

static int64_t time_of(const struct stream *stream, uint64_t n, uint64_t bits)
{
    uint64_t year_ms = (uint64_t)stream->days * MS_PER_DAY;
    uint64_t from = scale(n, year_ms, stream->year_events);
    uint64_t step = year_ms / stream->year_events + 1;
    int64_t time = (int64_t)(from + (bits >> 32) % step);

    if (n >= stream->year_events)
        time = (int64_t)(year_ms - LAST_MS + bits % LAST_MS);
    if (bits % 50 == 0)
        time -= (int64_t)(mix(bits) % MS_PER_DAY);
    if (time >= (int64_t)year_ms)
        time = (int64_t)year_ms - 1;
    return time < 0 ? 0 : time;
}

void stream_make(const struct stream *stream, uint64_t n, struct stream_event *ret)
{
    uint64_t a, b;
    bool is_duplicate = false;

    /* A repeated event may repeat another: the first of them counts. */
    while (n > 0 && (a = number_at(stream, n, 0)) % 100 == 0) {
        n = (a >> 7) % n;
        is_duplicate = true;
    }
    a = number_at(stream, n, 1);
    b = number_at(stream, n, 2);
    *ret = (struct stream_event){
        .is_duplicate = is_duplicate,
        .subject = subject_of(stream, number_at(stream, n, 3)),
        .source = (uint32_t)(a >> 62),
        .model = below(a, STREAM_MODELS) * below(a >> 8, STREAM_MODELS) / STREAM_MODELS,
        .region = below(a >> 16, STREAM_REGIONS),
        .operation = below(a >> 24, STREAM_OPERATIONS),
        .tokens = 50 + below(b, 4000),
        .duration_ms = 20 + below(b >> 16, 3000),
        .is_cached = (b >> 56 & 3) == 0,
        .time_ms = time_of(stream, n, number_at(stream, n, 4)),
    };
    id_of(number_at(stream, n, 5), number_at(stream, n, 6), ret->id);
}

/* ---- printing ------------------------------------------------------------------------------ */

#define PUT(at, literal)                                                                           \
    do {                                                                                           \
        memcpy((at), (literal), sizeof(literal) - 1);                                              \
        (at) += sizeof(literal) - 1;                                                               \
    } while (0)

static char *put_text(char *at, const char *text)
{
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

/* With leading zeros up to `width`. */
static char *put_padded(char *at, uint64_t number, unsigned width)
{
    for (unsigned i = width; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + width;
}

static char *put_number(char *at, uint64_t number)
{
    unsigned width = 1;
    for (uint64_t n = number; n >= 10; n /= 10)
        width++;
    return put_padded(at, number, width);
}

static char *put_time(const struct stream *stream, char *at, int64_t time_ms)
{
    uint32_t day = (uint32_t)(time_ms / MS_PER_DAY);
    uint32_t ms = (uint32_t)(time_ms % MS_PER_DAY);

    memcpy(at, stream->dates[day], 10);
    at[10] = 'T';
    at = put_padded(at + 11, ms / 3600000, 2);
    *at++ = ':';
    at = put_padded(at, ms / 60000 % 60, 2);
    *at++ = ':';
    at = put_padded(at, ms / 1000 % 60, 2);
    *at++ = '.';
    at = put_padded(at, ms % 1000, 3);
    *at++ = 'Z';
    return at;
}

static char *put_id(char *at, const struct stream_event *event)
{
    memcpy(at, event->id, STREAM_ID_LENGTH);
    return at + STREAM_ID_LENGTH;
}

/* The members that are data in every form of JSON. */
static char *put_data(char *at, const struct stream_event *event)
{
    PUT(at, "\"tokens\":");
    at = put_number(at, event->tokens);
    PUT(at, ",\"model\":\"");
    at = put_text(at, stream_models[event->model]);
    PUT(at, "\",\"region\":\"");
    at = put_text(at, stream_regions[event->region]);
    PUT(at, "\",\"operation\":\"");
    at = put_text(at, stream_operations[event->operation]);
    PUT(at, "\",\"duration_ms\":");
    return put_number(at, event->duration_ms);
}

static char *print_cloudevent(const struct stream *stream, const struct stream_event *event,
                              char *at)
{
    PUT(at, "{\"specversion\":\"1.0\",\"type\":\"request\",\"id\":\"");
    at = put_id(at, event);
    PUT(at, "\",\"source\":\"gateway-");
    at = put_number(at, event->source);
    PUT(at, "\",\"subject\":\"customer-");
    at = put_padded(at, event->subject, 5);
    PUT(at, "\",\"time\":\"");
    at = put_time(stream, at, event->time_ms);
    PUT(at, "\",\"data\":{");
    at = put_data(at, event);
    PUT(at, ",\"cached\":");
    at = put_text(at, event->is_cached ? "true}}" : "false}}");
    return at;
}

static char *print_flat(const struct stream *stream, const struct stream_event *event, char *at)
{
    PUT(at, "{\"type\":\"request\",\"id\":\"");
    at = put_id(at, event);
    PUT(at, "\",\"source\":\"gateway-");
    at = put_number(at, event->source);
    PUT(at, "\",\"subject\":\"customer-");
    at = put_padded(at, event->subject, 5);
    PUT(at, "\",\"time\":");
    at = put_number(at, (uint64_t)(stream->start_ms + event->time_ms));
    PUT(at, ",");
    at = put_data(at, event);
    PUT(at, ",\"cached\":");
    at = put_text(at, event->is_cached ? "1}" : "0}");
    return at;
}

static char *print_copy(const struct stream *stream, const struct stream_event *event, char *at)
{
    PUT(at, "request\t");
    at = put_id(at, event);
    PUT(at, "\tgateway-");
    at = put_number(at, event->source);
    PUT(at, "\tcustomer-");
    at = put_padded(at, event->subject, 5);
    *at++ = '\t';
    at = put_time(stream, at, event->time_ms);
    *at++ = '\t';
    at = put_number(at, event->tokens);
    *at++ = '\t';
    at = put_text(at, stream_models[event->model]);
    *at++ = '\t';
    at = put_text(at, stream_regions[event->region]);
    *at++ = '\t';
    at = put_text(at, stream_operations[event->operation]);
    *at++ = '\t';
    at = put_number(at, event->duration_ms);
    PUT(at, "\t");
    at = put_text(at, event->is_cached ? "t" : "f");
    return at;
}

size_t stream_print(const struct stream *stream, const struct stream_event *event,
                    enum stream_form form, char *to)
{
    char *end = to;

    switch (form) {
    case STREAM_CLOUDEVENT:
        end = print_cloudevent(stream, event, to);
        break;
    case STREAM_FLAT:
        end = print_flat(stream, event, to);
        break;
    case STREAM_COPY:
        end = print_copy(stream, event, to);
        break;
    case STREAM_FORM_COUNT:
        UNREACHABLE();
    }
    CHECK((size_t)(end - to) <= STREAM_PRINT_MAX);
    return (size_t)(end - to);
}
