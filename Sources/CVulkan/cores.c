#define _GNU_SOURCE
#include "cores.h"

#include <errno.h>
#include <sched.h>

int pumice_allowed_core_count(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
    return CPU_COUNT(&allowed);
}

int pumice_idle_on_core(int index) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return errno;
    int core = 0;
    while (core < CPU_SETSIZE && !(CPU_ISSET(core, &allowed) && index-- == 0)) ++core;
    if (core == CPU_SETSIZE) return EINVAL;
    // The priority first: a thread that spins at another would be in everybody's way.
    struct sched_param none = {0};
    if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) return errno;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 ? 0 : errno;
}

void pumice_idle_a_moment(void) {
    for (int i = 0; i < 16; ++i) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb");
#endif
    }
    sched_yield();
}
