/* column_uuid.h: UUIDs between their canonical text (lower case, 8-4-4-4-12) and 16 bytes.
 *
 * Private to usage/. No other text has these 16 bytes, so the text can be forgotten.
 */
#ifndef USAGE_COLUMN_UUID_H
#define USAGE_COLUMN_UUID_H

#include "base/id.h"

#define UUID_BYTES 16

/* False for anything but a UUID in canonical form; `ret` may be spoilt then. */
NODISCARD bool uuid_bytes(text t, unsigned char ret[UUID_BYTES]);

/* The text of 16 bytes; not NUL-terminated. */
void uuid_text(const unsigned char bytes[UUID_BYTES], char ret[UUID_TEXT_LENGTH]);

#endif
