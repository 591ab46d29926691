#include "base/turn.h"

#include "base/base.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS 100000U /* the shortest that Linux knows */

/* struct sched_attr of Linux in its first version, which libc does not declare. */
struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns; /* the length of a turn, for usual threads */
    uint64_t deadline_ns;
    uint64_t period_ns;
};

_Static_assert(sizeof(struct attributes) == 48, "as the system has it");

void turn_prompt(void)
{
    struct attributes attributes = { .size = sizeof(attributes) };
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0)
        return;
    attributes.runtime_ns = SLICE_NS;
    (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

void turn_behind(int nice)
{
    const struct sched_param none = { 0 };
    CHECK(nice >= 0 && nice <= 19);
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice);
}
