/* json_inside.h: what the two readers of JSON, json_parse.c and json_walk.c, share. Private to
 * codec/. */
#ifndef CODEC_JSON_INSIDE_H
#define CODEC_JSON_INSIDE_H

#include "base/text.h"

/* RFC 8259: -? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)? */
bool json_number_is_valid(text t);

#endif
