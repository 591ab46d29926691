#include "identity/role.h"

const char *const role_words[] = { "admin", "viewer", "ingest", NULL };

/* Who may what. An ingest token sits in every service that reports usage, so it opens nothing else.
 */
static const bool is_allowed[ROLE_COUNT][RIGHT_COUNT] = {
    /*               none   read   write  ingest */
    [ROLE_ADMIN] = { true, true, true, true },
    [ROLE_VIEWER] = { true, true, false, false },
    [ROLE_INGEST] = { true, false, false, true },
};

bool role_allows(enum role role, enum right right)
{
    CHECK((unsigned)role < ROLE_COUNT);
    CHECK((unsigned)right < RIGHT_COUNT);
    return is_allowed[role][right];
}
