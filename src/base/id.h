/* id.h: identifiers. ULIDs for everything that lives in the store, UUIDs for event ids.
 *
 * A ULID (github.com/ulid/spec) is 48 bits of Unix milliseconds and 80 random bits, printed as
 * 26 characters of Crockford's base 32; within one millisecond the generator counts up, so ids
 * sort in the order of their making. Each entity wraps the ULID in a struct of its own, so the
 * compiler refuses a plan's id where a customer's is wanted: declare one with ID_TYPE(plan).
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"

#define ULID_TEXT_LENGTH 26
#define UUID_TEXT_LENGTH 36

typedef struct ulid {
    uint8_t bytes[16]; /* big-endian, so memcmp orders by time */
} ulid;

/* Declares `struct NAME_id`, whose one member is a ulid at offset 0. */
#define ID_TYPE(name)                                                                              \
    struct name##_id {                                                                             \
        ulid ulid;                                                                                 \
    }

ID_TYPE(org); /* the tenant of every row and every event */

/* Reads 26 characters, either case; false when it is no ULID (first character above 7 included). */
NODISCARD bool ulid_parse(text t, ulid *ret);

/* Writes 26 upper-case characters; not NUL-terminated. */
void ulid_print(ulid id, char ret[ULID_TEXT_LENGTH]);

/* The printed form, in the arena. */
text ulid_text(struct arena *arena, ulid id);

/* Whether all 128 bits are 0: no id was given. */
bool ulid_is_zero(ulid id);

/* Whether both are the same id. */
bool ulid_equal(ulid a, ulid b);

/* Makes ids. One per process, shared by all threads (it locks). */
struct ids;

/* A generator over a clock-free source: the caller hands in the instant with each id. `random` is
 * borrowed and must outlive the generator. Freed with ids_free. */
struct ids *ids_new(struct random *random);
void ids_free(struct ids *ids);

/* The next id: strictly greater than every id this generator gave for the same or an earlier
 * millisecond, also when `now` goes back. */
ulid ids_next(struct ids *ids, instant now);

/* A random UUID (RFC 9562, version 4), printed in lower case; not NUL-terminated. */
void uuid_print_random(struct random *random, char ret[UUID_TEXT_LENGTH]);

/* Whether `t` has the form 8-4-4-4-12 of hexadecimal digits. */
bool uuid_is_valid(text t);

#endif
