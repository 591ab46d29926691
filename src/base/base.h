/* base.h: the words used in every other file.
 *
 * What it is: attributes, sizes, and the two assertions of the house. Every header of the tree
 * includes this one first, directly or through another.
 *
 * What it is not: a place for helpers. A helper has a noun, and the noun has a header.
 *
 * Three kinds of failure exist and are never mixed (see err.h):
 *   a bug      CHECK or MUST stops the process, in every build but coverage for CHECK;
 *   a refusal  the request breaks a rule: an `enum fault`, one per rule (fault.h);
 *   a trouble  the world misbehaves: an `enum err` (err.h).
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODISCARD [[nodiscard]]

/* Number of elements of an array (not of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Tells the compiler that a printf-like function's format is argument f, its values from v on. */
#define PRINTF_LIKE(f, v) __attribute__((format(printf, f, v)))

/* Runs `function` on the variable's address when the block ends. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Prints what failed and where, with a backtrace, to standard error and aborts. */
_Noreturn void base_bug(const char *what, const char *file, int line);

/* CHECK states an invariant. It must have no side effects: under -DCOVERAGE it is not evaluated,
 * so that assertions add no branches to the coverage figures. */
#ifdef COVERAGE
#define CHECK(cond) ((void)0)
#else
#define CHECK(cond) ((cond) ? (void)0 : base_bug("CHECK(" #cond ")", __FILE__, __LINE__))
#endif

/* MUST is for calls that cannot fail here. It is always evaluated, in every build. */
#define MUST(cond) ((cond) ? (void)0 : base_bug("MUST(" #cond ")", __FILE__, __LINE__))

/* For the end of a switch over an enum, after the last case has returned. */
#define UNREACHABLE() base_bug("unreachable", __FILE__, __LINE__)

#ifndef __cplusplus
#include "base/banned.h"
#endif

#endif
