/* problem.h: what a refused request is told, gathered on the way.
 *
 * One problem travels with a request (in its context). A rule that refuses names its fault and,
 * where there is one, the field: all faults of a body are listed at once. The first fault named
 * gives the problem its kind. The two wire dialects print it (api/problem.c).
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include "base/err.h"
#include "base/fault.h"

/* Where in the request the offending value stood. */
enum problem_source { SOURCE_BODY, SOURCE_QUERY, SOURCE_PATH, SOURCE_HEADER, SOURCE_COUNT };

/* One offending field. */
struct problem_field {
    text field;  /* path as the client wrote it: "phases[0].rate_cards[1].key" */
    text rule;   /* Kong's word for the rule: "required", "enum", "max_length", …; see fields.h */
    text reason; /* a sentence for people */
    text code;   /* the contract's error code, or empty */
    enum problem_source source;
    const char *const *choices; /* for rule "enum": the allowed words, NULL-terminated; else NULL */
    int64_t bound;              /* for rules "min…" and "max…": the bound; else 0 */
    bool has_bound;
    bool is_warning; /* stored with a draft, does not refuse it */
};

struct problem {
    struct arena *arena; /* where the texts live */
    enum fault fault;    /* FAULT_NONE while all is well */
    text detail;         /* more than the fault's sentence, or empty */
    text conflicting_id; /* the id of what it collides with, or empty */
    struct problem_field *fields;
    size_t field_count;
    size_t field_room;
};

/* Ready to use; texts and fields will live in the arena. */
void problem_init(struct problem *problem, struct arena *arena);

/* Names the fault (the first one stays) with a printf-like detail, which may be "" for none. */
void problem_set(struct problem *problem, enum fault fault, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same as a value, so that a flow can `return problem_refuse(…)`. A macro, because who reads
 * one file at a time, as the analyzer does, must see that a refusal is never OK. */
#define problem_refuse(...) (problem_set(__VA_ARGS__), (enum err)ERR_REFUSED)

/* The same about one field of the body, whose printf-like path is given; the reason is the fault's
 * own sentence. */
void problem_set_at(struct problem *problem, enum fault fault, const char *format, ...)
    PRINTF_LIKE(3, 4);
#define problem_refuse_at(...) (problem_set_at(__VA_ARGS__), (enum err)ERR_REFUSED)

/* Adds one offending field and, unless it is a warning, names FAULT_FIELDS_INVALID when no fault
 * was named before. The texts in `field` are copied. */
void problem_add_field(struct problem *problem, const struct problem_field *field);

/* The same for the common case: a member of the body that breaks a rule. */
void problem_add_member(struct problem *problem, text field, const char *rule, text reason);

/* The same with a rule that is a fault: its sentence is the reason, its slug the code. The
 * problem's own fault stays what it is. */
void problem_add_fault(struct problem *problem, text field, enum fault fault);

/* What was refused, in one sentence: the fault's own, and behind it the detail. Something was. In
 * the problem's arena, or static. */
text problem_sentence(const struct problem *problem);

/* Whether anything was refused. */
bool problem_is_set(const struct problem *problem);

/* ERR_REFUSED when anything was refused, else OK. */
enum err problem_err(const struct problem *problem);

#endif
