#include "usage/record.h"

#include "usage/bytes.h"
#include "usage/intern.h"

#include <xxhash.h>

enum {
    AT_CHECKSUM = 0,
    AT_SEQUENCE = 8,
    AT_LENGTH = 16,
    AT_FLAGS = 20,
    AT_ORG = 24,
    AT_TIME = 40,
    AT_INGESTED = 48,
    AT_LENGTHS = 56,
    AT_TEXTS = RECORD_BYTES_MIN
};

enum { TEXT_ID, TEXT_SOURCE, TEXT_TYPE, TEXT_SUBJECT, TEXT_SCHEMA, TEXT_DATA, TEXT_KINDS };

#define FLAG_TIME_GIVEN 1U
#define ORG_BYTES       16
#define TEXTS_BYTES_MAX (1U << 30)

_Static_assert(sizeof(struct org_id) == ORG_BYTES, "an org is sixteen bytes in the log");

static uint64_t padded(uint64_t size)
{
    return (size + 7) & ~UINT64_C(7);
}

static void texts_of(const struct usage_event *event, text ret[TEXT_KINDS])
{
    ret[TEXT_ID] = event->id;
    ret[TEXT_SOURCE] = event->source;
    ret[TEXT_TYPE] = event->type;
    ret[TEXT_SUBJECT] = event->subject;
    ret[TEXT_SCHEMA] = event->data_schema;
    ret[TEXT_DATA] = event->data;
}

size_t record_size(const struct usage_event *event)
{
    text texts[TEXT_KINDS];
    uint64_t sum = 0;
    texts_of(event, texts);
    for (int i = 0; i < TEXT_KINDS; i++) {
        CHECK(texts[i].len < TEXTS_BYTES_MAX);
        sum += texts[i].len;
    }
    CHECK(sum < TEXTS_BYTES_MAX);
    return (size_t)padded(AT_TEXTS + sum);
}

void record_write(const struct usage_event *event, uint64_t salt, unsigned char *to)
{
    text texts[TEXT_KINDS];
    size_t size = record_size(event);
    size_t at = AT_TEXTS;

    memset(to, 0, AT_TEXTS);
    bytes_put32(to + AT_LENGTH, (uint32_t)size);
    bytes_put32(to + AT_FLAGS, event->is_time_given ? FLAG_TIME_GIVEN : 0);
    memcpy(to + AT_ORG, &event->org, ORG_BYTES);
    bytes_put64(to + AT_TIME, (uint64_t)event->time.ns);
    bytes_put64(to + AT_INGESTED, (uint64_t)event->ingested_at.ns);
    texts_of(event, texts);
    for (int i = 0; i < TEXT_KINDS; i++) {
        bytes_put32(to + AT_LENGTHS + 4 * i, (uint32_t)texts[i].len);
        if (texts[i].len > 0)
            memcpy(to + at, texts[i].ptr, texts[i].len);
        at += texts[i].len;
    }
    CHECK(at <= size);
    memset(to + at, 0, size - at);
    record_hash(to, salt);
}

static uint64_t content_hash(const unsigned char *record, uint64_t salt)
{
    return XXH3_64bits_withSeed(record + AT_LENGTH, record_length(record) - AT_LENGTH, salt);
}

/* What a sequence adds to the checksum: no two the same. */
static uint64_t spread(uint64_t sequence)
{
    return sequence * UINT64_C(0x9e3779b97f4a7c15);
}

void record_hash(unsigned char *record, uint64_t salt)
{
    CHECK(record_length(record) >= RECORD_BYTES_MIN);
    bytes_put64(record + AT_SEQUENCE, 0);
    bytes_put64(record + AT_CHECKSUM, content_hash(record, salt));
}

uint64_t record_seal(unsigned char *record, uint64_t sequence)
{
    uint64_t checksum = record_checksum(record) ^ spread(sequence);
    CHECK(sequence > 0 && record_sequence(record) == 0);
    bytes_put64(record + AT_SEQUENCE, sequence);
    bytes_put64(record + AT_CHECKSUM, checksum);
    return checksum;
}

uint64_t record_checksum(const unsigned char *record)
{
    return bytes_get64(record + AT_CHECKSUM);
}

bool record_is_formed(const unsigned char *record, uint64_t room)
{
    uint64_t sum = AT_TEXTS;
    uint64_t length;
    if (room < RECORD_BYTES_MIN)
        return false;
    length = record_length(record);
    if (length < RECORD_BYTES_MIN || length > room)
        return false;
    for (int i = 0; i < TEXT_KINDS; i++)
        sum += bytes_get32(record + AT_LENGTHS + 4 * i);
    return padded(sum) == length;
}

bool record_is_whole(const unsigned char *record, uint64_t room, uint64_t salt)
{
    return record_is_formed(record, room) &&
           record_checksum(record) ==
               (content_hash(record, salt) ^ spread(record_sequence(record)));
}

uint32_t record_length(const unsigned char *record)
{
    return bytes_get32(record + AT_LENGTH);
}

uint64_t record_sequence(const unsigned char *record)
{
    return bytes_get64(record + AT_SEQUENCE);
}

static void texts_in(const unsigned char *record, text ret[TEXT_KINDS])
{
    size_t at = AT_TEXTS;
    for (int i = 0; i < TEXT_KINDS; i++) {
        size_t length = bytes_get32(record + AT_LENGTHS + 4 * i);
        ret[i] = (text){ (const char *)record + at, length };
        at += length;
    }
    CHECK(at <= record_length(record));
}

static instant instant_at(const unsigned char *from)
{
    return (instant){ (int64_t)bytes_get64(from) };
}

static bool is_time_given(const unsigned char *record)
{
    return (bytes_get32(record + AT_FLAGS) & FLAG_TIME_GIVEN) != 0;
}

void record_read(const unsigned char *record, struct usage_event *ret)
{
    text texts[TEXT_KINDS];
    texts_in(record, texts);
    *ret = (struct usage_event){
        .id = texts[TEXT_ID],
        .source = texts[TEXT_SOURCE],
        .type = texts[TEXT_TYPE],
        .subject = texts[TEXT_SUBJECT],
        .data_schema = texts[TEXT_SCHEMA],
        .data = texts[TEXT_DATA],
        .time = instant_at(record + AT_TIME),
        .is_time_given = is_time_given(record),
        .ingested_at = instant_at(record + AT_INGESTED),
        .sequence = record_sequence(record),
    };
    memcpy(&ret->org, record + AT_ORG, ORG_BYTES);
}

/* Each part seeds the next, so ("ab", "c") and ("a", "bc") differ. */
static uint64_t fingerprint_of(const void *org, text source, text id, uint64_t salt)
{
    uint64_t hash = XXH3_64bits_withSeed(org, ORG_BYTES, salt);
    hash = XXH3_64bits_withSeed(source.ptr, source.len, hash);
    return XXH3_64bits_withSeed(id.ptr, id.len, hash);
}

uint64_t record_fingerprint(const unsigned char *record, uint64_t salt)
{
    text texts[TEXT_KINDS];
    texts_in(record, texts);
    return fingerprint_of(record + AT_ORG, texts[TEXT_SOURCE], texts[TEXT_ID], salt);
}

uint64_t record_fingerprint_of(const struct usage_event *event, uint64_t salt)
{
    return fingerprint_of(&event->org, event->source, event->id, salt);
}

uint64_t record_subject_hash(const unsigned char *record, uint64_t salt)
{
    text texts[TEXT_KINDS];
    texts_in(record, texts);
    return intern_hash(texts[TEXT_SUBJECT], salt);
}

bool record_is_same_key(const unsigned char *a, const unsigned char *b)
{
    text left[TEXT_KINDS];
    text right[TEXT_KINDS];
    texts_in(a, left);
    texts_in(b, right);
    return memcmp(a + AT_ORG, b + AT_ORG, ORG_BYTES) == 0 &&
           text_equal(left[TEXT_ID], right[TEXT_ID]) &&
           text_equal(left[TEXT_SOURCE], right[TEXT_SOURCE]);
}

bool record_is_conflict(const unsigned char *a, const unsigned char *b)
{
    text left[TEXT_KINDS];
    text right[TEXT_KINDS];
    texts_in(a, left);
    texts_in(b, right);
    CHECK(record_is_same_key(a, b));
    for (int i = TEXT_TYPE; i < TEXT_KINDS; i++)
        if (!text_equal(left[i], right[i]))
            return true;
    return is_time_given(a) && is_time_given(b) &&
           !instant_equal(instant_at(a + AT_TIME), instant_at(b + AT_TIME));
}
