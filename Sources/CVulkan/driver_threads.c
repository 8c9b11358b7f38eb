#define _GNU_SOURCE
#include "driver_threads.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

int pumice_allowed_core_count(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
    return CPU_COUNT(&allowed);
}

int pumice_bind_thread(int thread, int index) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return errno;
    int core = 0;
    while (core < CPU_SETSIZE && !(CPU_ISSET(core, &allowed) && index-- == 0)) ++core;
    if (core == CPU_SETSIZE) return EINVAL;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    return sched_setaffinity(thread, sizeof one, &one) == 0 ? 0 : errno;
}

void pumice_get_thread_name(char name[16]) {
    if (pthread_getname_np(pthread_self(), name, 16) != 0) name[0] = 0;
}

void pumice_set_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }
