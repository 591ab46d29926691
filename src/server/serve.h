/* serve.h: the command `tollgate serve`: wires the parts, owns the process. */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include "base/command.h"

extern const struct command serve_command;

#endif
