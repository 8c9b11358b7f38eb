// What Swift's Glibc module lacks for threads that keep cores awake.
#ifndef PUMICE_CORES_H
#define PUMICE_CORES_H

// Cores this process may run on.
int pumice_allowed_core_count(void);

// Binds the calling thread to the index-th of those cores, where it runs only while nothing else
// wants to (SCHED_IDLE). Returns 0 or an errno.
int pumice_idle_on_core(int index);

// A microsecond or so of a loop that waits. It ends in the kernel: one that preempts lazily takes
// the core from a loop that never calls it only at the next tick, milliseconds later.
void pumice_idle_a_moment(void);

#endif
