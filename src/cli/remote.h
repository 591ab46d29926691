/* remote.h: talking to a server from a command: the shared options, calls, and what a bad answer
 * means for the exit code. */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "base/command.h"
#include "codec/json.h"
#include "http/client.h"

/* The options every such command has; put them first into its list. */
#define REMOTE_OPTIONS                                                                             \
    { .name = "server",                                                                            \
      .value = "URL",                                                                              \
      .about = "where the server is",                                                              \
      .fallback = "http://127.0.0.1:8888" },                                                       \
    {                                                                                              \
        .name = "token", .value = "SECRET", .about = "API token"                                   \
    }

struct remote {
    const struct invocation *invocation;
    struct http_client *client;
    struct arena *arena;
    struct http_answer answer; /* of the last call */
};

/* Reads the options; closed with remote_close. */
void remote_open(struct remote *remote, const struct invocation *invocation);
void remote_close(struct remote *remote);

/* Makes a call and returns EXIT_OK for a 2xx. Else prints what the server said (problem+json's
 * detail and fields) and returns the exit code that stands for it. */
int remote_call(struct remote *remote, const struct http_call *call);

/* What a problem+json says, in either dialect. */
struct remote_problem {
    bool is_problem; /* else the answer is no JSON */
    text detail;     /* or a word that there is none */

    struct remote_field {
        text field, reason;
    } * fields; /* those at fault */

    size_t count;
};

/* Reads it out of an answer; texts live in the arena. */
struct remote_problem remote_problem_read(const struct http_answer *answer, struct arena *arena);

/* The exit code that stands for a status which is no success. */
int remote_exit(int status);

/* GET, with the answer parsed as JSON. */
int remote_get_json(struct remote *remote, text path, struct json *ret);

/* Prints the problem in the last answer to standard error; returns the exit code. */
int remote_fail(struct remote *remote);

/* One GET over a connection of its own: the array at `data` in the answer. */
int remote_get_data(const struct invocation *invocation, text path, struct json *ret);

#endif
