/* test_clock_fields.c: the field tables of test clocks. */
#include "customer/test_clock.h"

#include "base/limits.h"

static const char *const status_words[] = { "ready", "advancing", NULL };

_Static_assert(COUNT_OF(status_words) == TEST_CLOCK_STATUS_COUNT + 1, "one word per status");

#define ROW_NAME                                                                                   \
    FIELD(struct test_clock, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,               \
          .about = "What is tested on it.")

static const struct field test_clock_rows[] = {
    FIELD_ID(struct test_clock, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct test_clock, org_id, .flags = FIELD_NOT_JSON),
    ROW_NAME,
    FIELD(struct test_clock, now, INSTANT, .flags = FIELD_REQUIRED, .about = "The time on it."),
    FIELD_WORD(struct test_clock, status, status_words,
               .flags = FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN,
               .about = "Whether it stands, or is on its way."),
    FIELD(struct test_clock, advancing_to, INSTANT, .flags = FIELD_READ_ONLY,
          .about = "Where it is on its way to."),
    FIELD(struct test_clock, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct test_clock, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct test_clock, deleted_at, INSTANT, .flags = FIELD_NOT_JSON),
};
const struct fields test_clock_fields =
    FIELDS("CustomerTestClock", struct test_clock, test_clock_rows);

static const struct field create_rows[] = {
    ROW_NAME,
    FIELD(struct test_clock, now, INSTANT,
          .about = "Where it stands at first; the server's time when absent."),
};
const struct fields test_clock_create_fields =
    FIELDS("CreateCustomerTestClockRequest", struct test_clock, create_rows);

static const struct field advance_rows[] = {
    FIELD(struct test_clock_advance, to, INSTANT, .flags = FIELD_REQUIRED,
          .about = "Not before its present time, and at most twenty years after it."),
    FIELD_AS(struct test_clock_advance, waits, "wait", BOOL,
             .set_offset = offsetof(struct test_clock_advance, has_wait),
             .about = "Whether the answer comes when the clock is there; unless said, it does for "
                      "up to two years, and else at once."),
};
const struct fields test_clock_advance_fields =
    FIELDS("AdvanceCustomerTestClockRequest", struct test_clock_advance, advance_rows);
