/* address.c: taking ADDRESS:PORT apart. */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

bool http_address_parse(text listen, text *ret_address, uint16_t *ret_port)
{
    const char *colon = listen.len > 0 ? memrchr(listen.ptr, ':', listen.len) : NULL;
    size_t at = colon ? (size_t)(colon - listen.ptr) : 0;
    text address = text_slice(listen, 0, at);
    int64_t port;

    if (!colon || !text_to_int(text_slice(listen, at + 1, listen.len), &port) || port < 0 ||
        port > UINT16_MAX)
        return false;
    if (text_starts_with(address, TEXT("[")) && text_ends_with(address, TEXT("]")))
        address = text_slice(address, 1, address.len - 2);
    if (text_equal(address, TEXT("localhost")))
        address = TEXT("127.0.0.1");
    if (text_is_empty(address))
        return false;
    *ret_address = address;
    *ret_port = (uint16_t)port;
    return true;
}

bool http_address_is_loopback(text address)
{
    char cstr[INET6_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;

    if (address.len >= sizeof cstr)
        return false;
    snprintf(cstr, sizeof cstr, "%.*s", TEXT_ARG(address));
    if (inet_pton(AF_INET, cstr, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, cstr, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}
