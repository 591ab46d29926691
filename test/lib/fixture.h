/* fixture.h: the world for tests of floor 3 and up: a store and a usage log in a fresh directory, a
 * clock that stands still, seeded chance, and a context to hand to a flow.
 *
 *   struct fixture f;
 *   fixture_open(&f, "2026-01-01T00:00:00Z");
 *   OK(feature_create(&f.cx, …) == OK, "…");
 *   fixture_at(&f, "2026-02-01T00:00:00Z");
 *   fixture_close(&f);
 *
 * `cx` is an admin of the default organization. A refusal stays in cx.problem until
 * fixture_forget or fixture_at. The arena lives until fixture_close.
 */
#ifndef TEST_LIB_FIXTURE_H
#define TEST_LIB_FIXTURE_H

#include "identity/org.h"
#include "identity/token.h"
#include "lib/directory.h"

struct fixture {
    struct cx cx;
    struct clock clock;
    struct random random;
    char directory[DIRECTORY_PATH_MAX];
    char store_path[DIRECTORY_PATH_MAX + 16];
    char usage_path[DIRECTORY_PATH_MAX + 16];
};

/* Reads an instant that the test wrote down; stops when it is none. */
static inline instant fixture_instant(const char *rfc3339)
{
    instant t;
    MUST(instant_parse(text_of(rfc3339), &t));
    return t;
}

/* Forgets the refusal of the last flow. */
static inline void fixture_forget(struct fixture *f)
{
    problem_init(&f->cx.problem, f->cx.arena);
}

/* Moves the clock (never back) and gives the context the new instant and no problem. */
static inline void fixture_at(struct fixture *f, const char *rfc3339)
{
    clock_set(&f->clock, fixture_instant(rfc3339));
    f->cx.now = clock_now(&f->clock);
    fixture_forget(f);
}

/* The fault of the last refusal; FAULT_NONE when there was none. */
static inline enum fault fixture_fault(const struct fixture *f)
{
    return f->cx.problem.fault;
}

/* Opens what is in the directory, as a start of the program does. */
static inline void fixture_start(struct fixture *f)
{
    struct store_config store = { .path = f->store_path, .readers = 2, .busy_ms = 5000 };
    struct usage_config usage = { .directory = f->usage_path };
    struct usage_replay replay;
    char *why = NULL;
    if (store_open(&store, &f->cx.store, &why) != OK)
        printf("# %s\n", why);
    MUST(why == NULL);
    MUST(usage_open(&usage, &f->cx.usage, &replay) == OK);
    MUST(org_ensure_default(f->cx.store, f->cx.ids, f->cx.now, &f->cx.org) == OK);
}

static inline void fixture_stop(struct fixture *f)
{
    usage_close(f->cx.usage);
    store_close(f->cx.store);
    f->cx.usage = NULL;
    f->cx.store = NULL;
}

/* Closes and opens again: what is still there was on the disk. */
static inline void fixture_restart(struct fixture *f)
{
    fixture_stop(f);
    fixture_start(f);
}

/* `f` must stay where it is: the context points into it. */
static inline void fixture_open(struct fixture *f, const char *rfc3339)
{
    memset(f, 0, sizeof(*f));
    directory_make(f->directory);
    snprintf(f->store_path, sizeof(f->store_path), "%s/state.db", f->directory);
    snprintf(f->usage_path, sizeof(f->usage_path), "%s/usage", f->directory);
    clock_init_manual(&f->clock, fixture_instant(rfc3339));
    f->random = random_seeded(1);
    f->cx.arena = arena_new();
    f->cx.random = &f->random;
    f->cx.ids = ids_new(&f->random);
    f->cx.role = ROLE_ADMIN;
    f->cx.actor = TEXT("test");
    f->cx.request_id = TEXT("test-request");
    f->cx.now = clock_now(&f->clock);
    fixture_forget(f);
    fixture_start(f);
}

static inline void fixture_close(struct fixture *f)
{
    fixture_stop(f);
    ids_free(f->cx.ids);
    arena_free(f->cx.arena);
    directory_remove(f->directory);
}

#endif
