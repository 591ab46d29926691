#include "usage/frame.h"

#include "usage/bytes.h"
#include "usage/record.h"

#include <xxhash.h>

#define FRAME_MAGIC 0x4d524654U /* "TFRM" */

enum {
    AT_MAGIC = 0,
    AT_COUNT = 4,
    AT_BODY_BYTES = 8,
    AT_FIRST_SEQUENCE = 16,
    AT_OFFSET = 24,
    AT_BODY_CHECKSUM = 32,
    AT_HEADER_CHECKSUM = 40
};

static uint64_t header_checksum(const unsigned char *header, uint64_t salt)
{
    return XXH3_64bits_withSeed(header, AT_HEADER_CHECKSUM, salt);
}

void frame_write_header(const struct frame *frame, uint64_t salt, unsigned char *to)
{
    CHECK(frame->body_bytes % 8 == 0);
    CHECK(frame->first_sequence > 0);
    bytes_put32(to + AT_MAGIC, FRAME_MAGIC);
    bytes_put32(to + AT_COUNT, frame->count);
    bytes_put64(to + AT_BODY_BYTES, frame->body_bytes);
    bytes_put64(to + AT_FIRST_SEQUENCE, frame->first_sequence);
    bytes_put64(to + AT_OFFSET, frame->offset);
    bytes_put64(to + AT_BODY_CHECKSUM, frame->body_checksum);
    bytes_put64(to + AT_HEADER_CHECKSUM, header_checksum(to, salt));
}

bool frame_read_header(const unsigned char *from, uint64_t room, uint64_t offset, uint64_t salt,
                       struct frame *ret)
{
    if (room < FRAME_HEADER_BYTES || bytes_get32(from + AT_MAGIC) != FRAME_MAGIC)
        return false;
    if (bytes_get64(from + AT_OFFSET) != offset ||
        bytes_get64(from + AT_HEADER_CHECKSUM) != header_checksum(from, salt))
        return false;
    *ret = (struct frame){
        .count = bytes_get32(from + AT_COUNT),
        .body_bytes = bytes_get64(from + AT_BODY_BYTES),
        .first_sequence = bytes_get64(from + AT_FIRST_SEQUENCE),
        .offset = offset,
        .body_checksum = bytes_get64(from + AT_BODY_CHECKSUM),
    };
    return true;
}

bool frame_is_whole(const struct frame *frame, const unsigned char *body, uint64_t room,
                    uint64_t salt)
{
    uint64_t folded = salt;
    uint64_t at = 0;
    if (frame->body_bytes > room)
        return false;
    for (uint32_t i = 0; i < frame->count; i++) {
        const unsigned char *record = body + at;
        if (!record_is_whole(record, frame->body_bytes - at, salt) ||
            record_sequence(record) != frame->first_sequence + i)
            return false;
        folded = frame_fold(folded, record_checksum(record));
        at += record_length(record);
    }
    return at == frame->body_bytes && folded == frame->body_checksum;
}
