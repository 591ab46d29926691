/* asking.h: requests to a house that may die over them. */
#ifndef TEST_SIM_ASKING_H
#define TEST_SIM_ASKING_H

#include "disk.h"
#include "world.h"

#define V1 "/api/v1"
#define V3 "/v3/openmeter"

/* Sometimes the disk is to fail at one of the next so many calls of a part. */
void maybe_arm(struct world *world, enum disk_part part, int64_t calls);

/* Whether the house died; it stands again. */
bool has_died(struct world *world);

/* Asks; status 0 when the house died over it, and nobody knows whether it was done. */
struct answer ask(struct world *world, struct arena *arena, enum http_method method, text target,
                  text body);

/* Gets, until there is an answer. */
struct answer ask_again(struct world *world, struct arena *arena, text target);

/* Puts, until there is an answer: it may be done twice. */
struct answer put_again(struct world *world, struct arena *arena, text target, text body);

/* Posts under one idempotency key until there is an answer. */
struct answer ask_once(struct world *world, struct arena *arena, text target, text body);

/* Lets so many seconds go by, with all that is due in them. Whole ones: subscriptions know no finer
 * times. */
void world_wait(struct world *world, int64_t seconds);

/* The same on the clock of a customer that has one of its own, and only there. */
void customer_wait(struct world *world, struct customer *customer, int64_t seconds);

/* Whether it is the refusal with this code. */
bool is_refusal(const struct answer *answer, const char *code);

/* Whether it is an answer that ought to be there; else the run fails. Death is one. */
bool is_good(struct world *world, const struct answer *answer, text target);

/* Members of an answer. */
text text_member(const struct json *json, const char *key);
int64_t instant_member(const struct json *json, const char *key); /* OPEN when it is not there */

/* A decimal of just so many digits, in units of the last one; NOTHING when it is none. */
int64_t cents_member(const struct json *json, const char *key, int digits);

/* The value at these keys, NULL ending them; NULL when there is none. */
const struct json *json_at(const struct json *json, const char *key, const char *next);
text text_at(const struct json *json, const char *key, const char *next);
int64_t instant_at(const struct json *json, const char *key, const char *next);
int64_t cents_at(const struct json *json, const char *key, const char *next, int digits);

#endif
