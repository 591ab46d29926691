/* record.h: one event as bytes, the same in the queue and in the log.
 *
 * Private to usage/. Numbers are little-endian; a record's length is a multiple of eight, so every
 * record of a file starts at one.
 *
 *      0  checksum   8   XXH3 of all behind the sequence, seeded with the log's salt, mixed with it
 *      8  sequence   8
 *     16  length     4   of the whole record, padding included
 *     20  flags      4   bit 0: the sender gave the time
 *     24  org       16
 *     40  time       8   nanoseconds
 *     48  ingested   8   nanoseconds
 *     56  lengths 6 x 4  of id, source, type, subject, data_schema, data
 *     80  the six texts in that order, then zeros up to the length
 *
 * An event is encoded and hashed once, by the thread that appends it; the commit thread adds the
 * sequence without reading it all again. What is compared (keys, conflicts) is compared in this
 * form. None of the functions reads outside a record for which record_is_formed holds.
 */
#ifndef USAGE_RECORD_H
#define USAGE_RECORD_H

#include "usage/usage.h"

#define RECORD_BYTES_MIN 80

/* Bytes of the record of `event`. Its texts must be shorter than 1 GiB together. */
size_t record_size(const struct usage_event *event);

/* Writes all but the sequence; `to` has record_size bytes. */
void record_write(const struct usage_event *event, uint64_t salt, unsigned char *to);

/* Puts the checksum of a record without a sequence in place; record_write has done so. */
void record_hash(unsigned char *record, uint64_t salt);

/* Adds the sequence to a record that has none. Returns the checksum that it has from then on. */
uint64_t record_seal(unsigned char *record, uint64_t sequence);

/* The checksum that stands in it. */
uint64_t record_checksum(const unsigned char *record);

/* Whether the lengths in it agree with each other and with the `room` bytes there are. */
bool record_is_formed(const unsigned char *record, uint64_t room);

/* The same, and that the checksum is right. */
bool record_is_whole(const unsigned char *record, uint64_t room, uint64_t salt);

/* Bytes of the whole record. */
uint32_t record_length(const unsigned char *record);

/* Its sequence; 0 before it is sealed. */
uint64_t record_sequence(const unsigned char *record);

/* The event; its texts point into the record. */
void record_read(const unsigned char *record, struct usage_event *ret);

/* Sixty-four bits for the key (org, source, id). Never a proof of sameness. */
uint64_t record_fingerprint(const unsigned char *record, uint64_t salt);

/* The same, from the event. */
uint64_t record_fingerprint_of(const struct usage_event *event, uint64_t salt);

/* The intern_hash of its subject. */
uint64_t record_subject_hash(const unsigned char *record, uint64_t salt);

/* Whether both have the same (org, source, id). */
bool record_is_same_key(const unsigned char *a, const unsigned char *b);

/* Whether two records of one key differ in what they say: type, subject, data, data_schema, or
 * the time where both senders gave one. */
bool record_is_conflict(const unsigned char *a, const unsigned char *b);

#endif
