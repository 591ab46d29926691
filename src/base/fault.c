/* fault.c: the table behind faults.def. */
#include "base/fault.h"

static const struct fault_info fault_rows[FAULT_COUNT] = {
    [FAULT_NONE] = { "NONE", FAULT_KIND_COUNT, "", "", "" },
#define FAULT(name, kind, slug, sentence, hint)                                                    \
    [FAULT_##name] = { #name, FAULT_KIND_##kind, slug, sentence, hint },
#include "base/faults.def"
#undef FAULT
};

const struct fault_info *fault_info(enum fault fault)
{
    CHECK(fault > FAULT_NONE && fault < FAULT_COUNT);
    return &fault_rows[fault];
}
