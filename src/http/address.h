/* address.h: where a server listens, as written on a command line. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include "base/text.h"

/* Splits "127.0.0.1:8888", "[::1]:8888" and "localhost:8888" (which is 127.0.0.1); false when it is
 * no such. The text is part of `listen`, or static. */
NODISCARD bool http_address_parse(text listen, text *ret_address, uint16_t *ret_port);

/* Whether only this machine can reach the address: 127.0.0.0/8 and ::1 (RFC 6890). */
bool http_address_is_loopback(text address);

#endif
